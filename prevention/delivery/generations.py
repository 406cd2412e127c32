"""The memory of generations: what the classes of today got since they began, year by year, without following pupils.

A class is followed back through `ClassLineage`: what 3A got in its second year is what 2A got, or what 2A and 2B got
when they became one. Where only some of the classes that a class comes from had a programme, it says so: part of the
pupils had it. Nobody knows which, and nobody needs to.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from prevention.booking.models import Booking, BookingMeeting
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.delivery.models import SessionRegister
from prevention.delivery.rules import Outcome
from prevention.programmes.models import Edition, Programme
from prevention.schools.history_models import ClassLineage
from prevention.schools.models import Institute, SchoolClass, Site
from prevention.schools.rules import display_name

# From the first to the fifth year.
YEARS_MOST = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A programme that a generation had in a year: meetings and minutes held, for all of its classes or a part."""

    programme: Localised
    meetings: int
    minutes: int
    is_partial: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class YearOfGeneration:
    """One school year of a generation: which classes it was then, and what they got."""

    school_year: int
    labels: tuple[str, ...]
    received: tuple[Received, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Generation:
    """A class of today with its years, the newest first; the first is the present one."""

    class_id: uuid.UUID
    label: str
    grade: int
    site: str
    site_code: str
    years: tuple[YearOfGeneration, ...]

    @property
    def minutes(self) -> int:
        """Minutes held in all its years; what only a part had counts whole."""
        return sum(each.minutes for year in self.years for each in year.received)


def generations_of(actor: Actor, institute: Institute, school_year: int) -> list[Generation]:
    """Tell what each class of an institute in a school year got since it began. At most seven statements.

    Raises:
        NotYours: the institute is another's.
    """
    if not actor.may_act_for(institute.id):
        raise NotYours(institute.id)
    today = list(
        db.session.execute(
            select(
                SchoolClass.id,
                SchoolClass.label,
                SchoolClass.grade,
                SchoolClass.school_year,
                Site.name.label("site"),
                Site.code,
            )
            .join(SchoolClass.site)
            .where(Site.institute_id == institute.id, SchoolClass.school_year == school_year)
            .order_by(Site.name, Site.code, SchoolClass.grade, SchoolClass.section)
        )
    )
    parents, classes = _ancestors({row.id for row in today})
    classes |= {row.id: (row.school_year, row.label) for row in today}
    received = _received(classes)
    return [
        Generation(
            class_id=row.id,
            label=row.label,
            grade=row.grade,
            site=display_name(row.site),
            site_code=row.code,
            years=trace(row.id, parents=parents, classes=classes, received=received),
        )
        for row in today
    ]


_Parents = Mapping[uuid.UUID, Collection[uuid.UUID]]
_Classes = dict[uuid.UUID, tuple[int, str]]
_Held = Mapping[uuid.UUID, Mapping[uuid.UUID, tuple[Localised, int, int]]]


def trace(
    class_id: uuid.UUID, *, parents: _Parents, classes: _Classes, received: _Held
) -> tuple[YearOfGeneration, ...]:
    """Follow one class back, a year at a time.

    Args:
        parents: class to the classes it comes from.
        classes: class to its school year and name.
        received: class to programme to its name, meetings and minutes held.
    """
    years = []
    level: set[uuid.UUID] = {class_id}
    for _year in range(YEARS_MOST):
        if not level:
            break
        years.append(
            YearOfGeneration(
                school_year=classes[min(level)][0],
                labels=tuple(sorted(classes[each][1] for each in level)),
                received=_together([received.get(each, {}) for each in sorted(level)]),
            )
        )
        level = {parent for each in level for parent in parents.get(each, ())}
    return tuple(years)


def _together(held: Sequence[Mapping[uuid.UUID, tuple[Localised, int, int]]]) -> tuple[Received, ...]:
    by_programme: dict[uuid.UUID, list[tuple[Localised, int, int]]] = defaultdict(list)
    for of_class in held:
        for programme_id, entry in of_class.items():
            by_programme[programme_id].append(entry)
    found = [
        Received(
            programme=entries[0][0],
            # Of classes that became one, what most of the pupils had: the most, never the sum.
            meetings=max(meetings for _name, meetings, _minutes in entries),
            minutes=max(minutes for _name, _meetings, minutes in entries),
            is_partial=len(entries) < len(held),
        )
        for entries in by_programme.values()
    ]
    return tuple(sorted(found, key=lambda each: each.programme.text()))


def _ancestors(class_ids: set[uuid.UUID]) -> tuple[dict[uuid.UUID, list[uuid.UUID]], _Classes]:
    parents: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    classes: _Classes = {}
    before = aliased(SchoolClass)
    level = class_ids
    for _year in range(YEARS_MOST - 1):
        if not level:
            break
        rows = db.session.execute(
            select(ClassLineage.to_class_id, before.id, before.school_year, before.label)
            .join(before, before.id == ClassLineage.from_class_id)
            .where(ClassLineage.to_class_id.in_(level))
        )
        level = set()
        for row in rows:
            parents[row.to_class_id].append(row.id)
            classes[row.id] = (row.school_year, row.label)
            level.add(row.id)
    return parents, classes


def _received(classes: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[uuid.UUID, tuple[Localised, int, int]]]:
    found: dict[uuid.UUID, dict[uuid.UUID, tuple[Localised, int, int]]] = defaultdict(dict)
    rows: Any = db.session.execute(
        select(
            Booking.school_class_id,
            Programme.id,
            Programme.name,
            func.count().label("meetings"),
            func.sum(SessionRegister.minutes).label("minutes"),
        )
        .select_from(SessionRegister)
        .join(BookingMeeting, BookingMeeting.id == SessionRegister.booking_meeting_id)
        .join(BookingMeeting.booking)
        .join(Booking.edition)
        .join(Edition.programme)
        .where(SessionRegister.outcome == Outcome.HELD, Booking.school_class_id.in_(list(classes)))
        .group_by(Booking.school_class_id, Programme.id)
    )
    for row in rows:
        found[row.school_class_id][row.id] = (row.name, row.meetings, int(row.minutes or 0))
    return found
