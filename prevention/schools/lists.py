"""The lists of school time: what their columns are, what they sort by, what their files hold."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, Select, or_, select, type_coerce

from prevention.core.i18n import current_language
from prevention.core.lists import Cell, Column, Filter, FilterKind, Listing
from prevention.schools.models import Institute
from prevention.schools.school_time import ClosureKind
from prevention.schools.time_models import SchoolClosure
from prevention.schools.time_wording import KIND_WORDS, closure_scope

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
