"""The lists of schools and of school time: what their columns are, what they sort by, what their files hold."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, Select, literal_column, or_, select, type_coerce

from prevention.core.i18n import current_language
from prevention.core.lists import AnySelect, Cell, Column, Filter, FilterKind, Listing
from prevention.network.models import Municipality
from prevention.schools import service
from prevention.schools.models import Institute, SchoolClass, Site
from prevention.schools.rules import Level, school_year_label
from prevention.schools.school_time import ClosureKind
from prevention.schools.service.register_pages import OFFICE_FIRST
from prevention.schools.time_models import SchoolClosure
from prevention.schools.time_wording import KIND_WORDS, closure_scope
from prevention.schools.wording import LEVEL_WORDS, TRACK_WORDS, site_in_words

WIDE = 32


def closures() -> Listing[SchoolClosure]:
    """Declare the list of closures of a school year."""
    return Listing(
        name="chiusure",
        columns=(
            Column(key="days", words=_l("Days"), value=lambda row: row.first_day, sort=(SchoolClosure.first_day,)),
            Column(key="last", words=_l("Last day"), value=lambda row: row.last_day, in_table=False),
            Column(
                key="reason",
                words=_l("Reason"),
                value=lambda row: row.reason.text(),
                sort=(type_coerce(SchoolClosure.reason, JSON)[current_language()].as_string(),),
                width=WIDE,
            ),
            Column(key="kind", words=_l("Kind"), value=lambda row: KIND_WORDS[row.kind], sort=(SchoolClosure.kind,)),
            Column(key="scope", words=_l("For whom"), value=_scope, width=WIDE),
            Column(key="source", words=_l("Source"), value=lambda row: row.source, in_table=False, width=WIDE),
            Column(key="change", words="", in_files=False),
        ),
        tie=SchoolClosure.id,
        sort="days",
        filters=(
            Filter(
                name="kind",
                words=_l("Kind"),
                options=[(kind.value, words) for kind, words in KIND_WORDS.items()],
                any_words=_l("All"),
                apply=_of_kind,
            ),
            Filter(name="text", words=_l("Reason or school"), kind=FilterKind.TEXT, apply=_with_words),
        ),
    )


def register(municipalities: Sequence[tuple[uuid.UUID, str]]) -> Listing[Any]:
    """Declare the list of the register's sites; see `service.register_rows`.

    Args:
        municipalities: (id, name) of those to choose from.
    """
    by_place = (Municipality.name, Institute.name, Institute.code, *OFFICE_FIRST)
    return Listing(
        name="scuole",
        columns=(
            Column(
                key="site",
                words=_l("Site"),
                value=lambda row: row.Site.display_name,
                sort=(Site.name, Site.code),
                width=WIDE,
            ),
            Column(key="code", words=_l("Code"), value=lambda row: row.Site.code, in_table=False),
            Column(
                key="institute",
                words=_l("Institute"),
                value=lambda row: row.Site.institute.display_name,
                sort=(Institute.name, Institute.code, *OFFICE_FIRST),
                width=WIDE,
            ),
            Column(
                key="institute_code",
                words=_l("Institute's code"),
                value=lambda row: row.Site.institute.code,
                in_table=False,
            ),
            Column(
                key="municipality",
                words=_l("Municipality"),
                value=lambda row: row.Site.municipality.name,
                sort=by_place,
            ),
            Column(key="address", words=_l("Address"), value=lambda row: row.Site.address, in_table=False, width=WIDE),
            Column(
                key="level",
                words=_l("Level"),
                value=lambda row: LEVEL_WORDS[row.Site.level],
                sort=(Site.level, *by_place),
            ),
            Column(
                key="track",
                words=_l("Track"),
                value=lambda row: TRACK_WORDS[row.Site.track] if row.Site.track else None,
                in_table=False,
            ),
            Column(
                key="pupils",
                words=_l("Pupils"),
                value=lambda row: "<=3" if row.pupils is None and row.is_low else row.pupils,
                sort=(literal_column("pupils"),),
                is_number=True,
            ),
            Column(key="state", words=_l("State school"), value=lambda row: row.Site.is_state, in_table=False),
            Column(key="gone", words=_l("No longer listed"), value=lambda row: bool(row.has_gone), in_table=False),
        ),
        tie=Site.id,
        sort="municipality",
        filters=(
            Filter(name="words", words=_l("Name, code or address"), kind=FilterKind.TEXT, apply=_site_has_words),
            Filter(
                name="municipality",
                words=_l("Municipality"),
                options=[(str(key), name) for key, name in municipalities],
                any_words=_l("Any"),
                apply=lambda query, value: query.where(Site.municipality_id == uuid.UUID(value)),
            ),
            Filter(
                name="level",
                words=_l("Level"),
                options=[(level.value, words) for level, words in LEVEL_WORDS.items()],
                any_words=_l("Any"),
                apply=lambda query, value: query.where(Site.level == Level(value)),
            ),
            Filter(
                name="kind",
                words=_l("State or non-state"),
                options=[("state", _l("State school")), ("non_state", _l("Non-state school"))],
                any_words=_l("Any"),
                apply=lambda query, value: query.where(Site.is_state.is_(value == "state")),
            ),
            Filter(
                name="gone",
                words=_l("In the register"),
                options=[("no", _l("Still listed")), ("yes", _l("No longer listed"))],
                any_words=_l("Any"),
                apply=lambda query, value: query.where(service.has_gone() if value == "yes" else ~service.has_gone()),
            ),
        ),
    )


def classes(sites: Sequence[Site]) -> Listing[SchoolClass]:
    """Declare the list of classes of a school's sites in one school year."""
    return Listing(
        name="classi",
        columns=(
            Column(
                key="class",
                words=_l("Class"),
                value=lambda row: row.label,
                sort=(SchoolClass.grade, SchoolClass.section),
            ),
            Column(
                key="site",
                words=_l("Site"),
                value=lambda row: row.site.display_name,
                sort=(Site.name, Site.code, SchoolClass.grade, SchoolClass.section),
                in_table=len(sites) > 1,
                width=WIDE,
            ),
            Column(key="code", words=_l("Code"), value=lambda row: row.site.code, in_table=False),
            Column(
                key="year",
                words=_l("School year"),
                value=lambda row: school_year_label(row.school_year),
                in_table=False,
            ),
            Column(
                key="grade", words=_l("Grade"), value=lambda row: row.grade, in_table=False, is_number=True, width=10
            ),
            Column(
                key="pupils",
                words=_l("Pupils"),
                value=lambda row: row.pupils,
                sort=(SchoolClass.pupils,),
                is_number=True,
                width=10,
            ),
            Column(key="change", words="", in_files=False),
        ),
        tie=SchoolClass.id,
        sort="site" if len(sites) > 1 else "class",
        filters=(
            *(
                (
                    Filter(
                        name="site",
                        words=_l("Site"),
                        options=[(site.code, site_in_words(site)) for site in sites],
                        any_words=_l("All"),
                        apply=lambda query, value: query.where(Site.code == value),
                    ),
                )
                if len(sites) > 1
                else ()
            ),
            Filter(
                name="grade",
                words=_l("Grade"),
                options=[
                    (str(grade), str(grade)) for grade in sorted({g for site in sites for g in site.level.grades})
                ],
                any_words=_l("All"),
                apply=lambda query, value: query.where(SchoolClass.grade == int(value)),
            ),
            Filter(name="text", words=_l("Class"), kind=FilterKind.TEXT, apply=_class_has_words),
        ),
    )


def _site_has_words(query: AnySelect, text: str) -> AnySelect:
    names = (Site.name, Site.code, Site.address, Institute.name, Institute.code)
    for word in text.split():
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in names)))
    return query


def _class_has_words(query: AnySelect, text: str) -> AnySelect:
    for word in text.split():
        query = query.where(SchoolClass.label.icontains(word, autoescape=True))
    return query


def _scope(row: SchoolClosure) -> Cell:
    return closure_scope(row)


def _of_kind(query: Select[Any], value: str) -> Select[Any]:
    return query.where(SchoolClosure.kind == ClosureKind(value))


def _with_words(query: Select[Any], text: str) -> Select[Any]:
    reasons = type_coerce(SchoolClosure.reason, JSON)
    named = select(Institute.id).where(Institute.name.icontains(text, autoescape=True))
    return query.where(
        or_(
            reasons["it"].as_string().icontains(text, autoescape=True),
            reasons["en"].as_string().icontains(text, autoescape=True),
            SchoolClosure.institute_id.in_(named),
        )
    )
