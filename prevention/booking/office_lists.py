"""The office's own lists: dates that cannot stay as they are, schools and classes that nothing reached, plans."""

from collections.abc import Collection, Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, SQLColumnExpression, or_

from prevention.booking import plan_wording, wording
from prevention.booking.list_columns import (
    WIDE,
    buttons,
    by_names_of_booking,
    by_names_of_class,
    class_columns,
    key_of_programme,
    keys_of_class,
    name_filter,
    number_column,
    programme_column,
    provider_column,
)
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.plan_models import PlanningRun
from prevention.booking.service import ConflictKind
from prevention.booking.service.conflicts import Conflict, Conflicts
from prevention.booking.service.unreached import last_reached_class, last_reached_school
from prevention.core.lists import Cell, Column, Filter, FilterKind, Listing
from prevention.network.models import Municipality
from prevention.schools.models import Institute, SchoolClass, Site
from prevention.schools.rules import TARGET_LEVELS, school_year_label
from prevention.schools.wording import LEVEL_WORDS

KINDS = {
    ConflictKind.NO_LESSONS: _l("No lessons then"),
    ConflictKind.AWAY: _l("Facilitator away"),
    ConflictKind.FACILITATOR: _l("Facilitator in two places"),
    ConflictKind.CLASS: _l("Class in two places"),
    ConflictKind.ROOM: _l("Room taken twice"),
}


def conflict_words(meeting: BookingMeeting, conflicts: Iterable[Conflict]) -> str:
    """Say what is the matter with a date, one sentence for each thing."""
    return " ".join(_conflict(meeting, each) for each in conflicts)


def _conflict(meeting: BookingMeeting, conflict: Conflict) -> str:
    if conflict.no is not None:
        return wording.refusal(conflict.no)
    if conflict.kind is ConflictKind.FACILITATOR and meeting.facilitator is not None:
        return _("%(person)s has another class at that time.", person=meeting.facilitator.name)
    if conflict.kind is ConflictKind.ROOM and meeting.room is not None:
        return _("Something else is in the room %(room)s at that time.", room=meeting.room.name)
    return _("The class has another date at that time.")


def conflicts(found: Conflicts) -> Listing[BookingMeeting]:
    """Declare the list of dates that cannot stay as they are."""

    def of_kind(query: Select[Any], value: str) -> Select[Any]:
        ids = [key for key, each in found.items() if any(one.kind == value for one in each)]
        return query.where(BookingMeeting.id.in_(ids))

    return Listing(
        name="conflitti",
        columns=(
            Column(key="when", words=_l("When"), value=lambda row: row.starts_at, sort=(BookingMeeting.starts_at,)),
            *class_columns(lambda row: row.booking.school_class, sort=keys_of_class()),
            programme_column(lambda row: row.booking.edition, sort=(key_of_programme(Booking.edition_id),)),
            provider_column(lambda row: row.booking.edition),
            Column(
                key="matter",
                words=_l("What is the matter"),
                value=lambda row: conflict_words(row, found[row.id]),
                width=2 * WIDE,
            ),
            buttons(),
        ),
        filters=(
            Filter(
                name="kind",
                words=_l("What is the matter"),
                options=[(kind.value, words) for kind, words in KINDS.items()],
                any_words=_l("All"),
                apply=of_kind,
            ),
            name_filter(by_names_of_booking),
        ),
        tie=BookingMeeting.id,
        sort="when",
    )


def unreached_schools() -> Listing[Any]:
    """Declare the list of schools that nothing reached this year; see `service.unreached_schools`."""
    reached = last_reached_school()
    return Listing(
        name="scuole-non-raggiunte",
        columns=(
            Column(
                key="school",
                words=_l("School"),
                value=lambda row: row.Institute.display_name,
                sort=(Institute.name,),
                width=WIDE,
            ),
            Column(key="code", words=_l("Code"), value=lambda row: row.Institute.code, in_table=False),
            Column(
                key="municipality",
                words=_l("Municipality"),
                value=lambda row: row.Institute.municipality.name if row.Institute.municipality else None,
                sort=(Municipality.name, Institute.name),
            ),
            number_column("classes", _l("Classes entered"), lambda row: row.classes),
            _last_reached(reached),
            Column(key="coordinators", words=_l("Coordinators"), value=lambda row: row.coordinators, width=WIDE),
            buttons(),
        ),
        filters=(
            _before_filter(reached),
            Filter(name="text", words=_l("School or municipality"), apply=_school_has_words, kind=FilterKind.TEXT),
        ),
        tie=Institute.id,
        sort="municipality",
    )


def unreached_classes() -> Listing[Any]:
    """Declare the list of classes that nothing reached this year; see `service.unreached_classes`."""
    reached = last_reached_class()
    return Listing(
        name="classi-non-raggiunte",
        columns=(
            # Without the municipality, which the table has by its own.
            *class_columns(lambda row: row.SchoolClass, sort=(Site.name, SchoolClass.grade, SchoolClass.section))[:-1],
            Column(
                key="level",
                words=_l("Level"),
                value=lambda row: LEVEL_WORDS[row.SchoolClass.site.level],
                sort=(Site.level, Site.name),
            ),
            Column(
                key="place",
                words=_l("Municipality"),
                value=lambda row: row.SchoolClass.site.municipality.name,
                sort=(Municipality.name, Site.name),
            ),
            number_column("pupils", _l("Pupils"), lambda row: row.SchoolClass.pupils, sort=(SchoolClass.pupils,)),
            _last_reached(reached),
        ),
        filters=(
            _before_filter(reached),
            Filter(
                name="level",
                words=_l("Level"),
                options=[(level.value, LEVEL_WORDS[level]) for level in _in_order(TARGET_LEVELS)],
                any_words=_l("All"),
                apply=lambda query, value: query.where(Site.level == value),
            ),
            Filter(
                name="grade",
                words=_l("Grade"),
                options=[(str(grade), str(grade)) for grade in range(1, 6)],
                any_words=_l("All"),
                apply=lambda query, value: query.where(SchoolClass.grade == int(value)),
            ),
            name_filter(by_names_of_class),
        ),
        tie=SchoolClass.id,
        sort="class",
    )


def plans() -> Listing[PlanningRun]:
    """Declare the list of plans of a school year."""
    return Listing(
        name="piani",
        columns=(
            Column(
                key="asked",
                words=_l("Asked for"),
                value=lambda row: row.requested_at,
                sort=(PlanningRun.requested_at,),
            ),
            Column(
                key="state",
                words=_l("State"),
                value=lambda row: plan_wording.RUN_STATUS[row.status],
                sort=(PlanningRun.status,),
            ),
            number_column("requests", _l("Requests"), lambda row: row.asked, in_table=False),
            number_column("placed", _l("Requests with dates"), lambda row: row.placed, sort=(PlanningRun.placed,)),
            Column(key="finished", words=_l("Finished"), value=lambda row: row.finished_at, in_table=False),
            Column(key="published", words=_l("Published"), value=lambda row: row.published_at, in_table=False),
            buttons(),
        ),
        filters=(
            Filter(
                name="state",
                words=_l("State"),
                options=list(plan_wording.RUN_STATUS.items()),
                any_words=_l("All"),
                apply=lambda query, value: query.where(PlanningRun.status == value),
            ),
        ),
        tie=PlanningRun.id,
        sort="asked",
        is_descending=True,
    )


def _last_reached(key: SQLColumnExpression[Any]) -> Column[Any]:
    return Column(key="reached", words=_l("Last reached"), value=_year_or_never, sort=(key,))


def _year_or_never(row: Any) -> Cell:
    return _l("never") if row.last_reached is None else school_year_label(row.last_reached)


def _before_filter(key: SQLColumnExpression[Any]) -> Filter:
    def apply(query: Select[Any], value: str) -> Select[Any]:
        return query.where(key.is_(None) if value == "never" else key.is_not(None))

    return Filter(
        name="before",
        words=_l("Reached before"),
        options=[("never", _l("Never")), ("once", _l("In an earlier year"))],
        any_words=_l("All"),
        apply=apply,
    )


def _school_has_words(query: Select[Any], text: str) -> Select[Any]:
    for word in text.split():
        names = (Institute.name, Institute.code, Municipality.name)
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in names)))
    return query


def _in_order(levels: Collection[Any]) -> list[Any]:
    return [level for level in LEVEL_WORDS if level in levels]
