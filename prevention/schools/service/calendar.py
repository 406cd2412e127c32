"""The calendar of a school year and the closures in it: loading, listing, adding, changing, taking away."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Select, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import constraint_of, db
from prevention.core.i18n import Localised
from prevention.network import service as network
from prevention.network.models import Municipality
from prevention.network.provinces import find_province
from prevention.schools.calendar_rules import check_closure, check_year
from prevention.schools.models import SchoolClass, Site
from prevention.schools.regional_calendar import PresetClosure, PresetYear, preset_year
from prevention.schools.school_time import ClosureKind
from prevention.schools.service.school_time import calendar_of
from prevention.schools.time_models import ONE_CALENDAR_PER_YEAR, ClosureClass, SchoolCalendar, SchoolClosure


@dataclass(frozen=True, kw_only=True, slots=True)
class ClosureEntry:
    """What somebody writes about closed days. Ids are those of rows; empty collections mean everybody."""

    first_day: date
    last_day: date
    kind: ClosureKind
    reason: Localised = field(hash=False)
    municipality_id: uuid.UUID | None = None
    institute_id: uuid.UUID | None = None
    site_id: uuid.UUID | None = None
    grades: tuple[int, ...] = ()
    class_ids: tuple[uuid.UUID, ...] = ()


def load_year(actor: Actor | None, school_year: int) -> int | None:
    """Load the calendar of a school year as law and region make it; None when it is loaded already. Flushes.

    A year that is loaded belongs to the office: what it took out must not come back, so a second call does nothing.

    Returns:
        How many closures were added.
    """
    if calendar_of(school_year) is not None:
        return None
    provinces = tuple(province.code for province in network.loaded_provinces())
    preset = preset_year(school_year, provinces=provinces)
    calendar = SchoolCalendar(
        school_year=school_year, first_day=preset.first_day, last_day=preset.last_day, source=preset.source
    )
    try:
        with db.session.begin_nested():
            db.session.add(calendar)
            db.session.flush()
    except IntegrityError as error:
        if constraint_of(error) not in ONE_CALENDAR_PER_YEAR:
            raise
        return None
    capitals = _capitals(provinces)
    rows = [_preset_row(each, school_year, capitals) for each in preset.closures]
    db.session.add_all(rows)
    db.session.flush()
    audit.record(actor, "schools.calendar_loaded", calendar.id, school_year=school_year, closures=len(rows))
    return len(rows)


def change_year(
    actor: Actor, calendar: SchoolCalendar, *, first_day: date, last_day: date, source: str
) -> SchoolCalendar:
    """Set the first and last day of lessons. Flushes.

    Raises:
        DaysReversed, OutsideItsYear: the days cannot be those of this school year.
    """
    check_year(calendar.school_year, first_day=first_day, last_day=last_day)
    calendar.first_day, calendar.last_day, calendar.source = first_day, last_day, source
    db.session.flush()
    audit.record(actor, "schools.calendar_changed", calendar.id, first_day=str(first_day), last_day=str(last_day))
    return calendar


def closures_for(actor: Actor, school_year: int) -> Select[SchoolClosure]:
    """Select the closures that concern a person: the district's and those of their schools, in order of days.

    The office sees those of every school.
    """
    query = (
        select(SchoolClosure)
        .where(SchoolClosure.school_year == school_year)
        .options(
            joinedload(SchoolClosure.municipality),
            joinedload(SchoolClosure.institute),
            joinedload(SchoolClosure.site),
            selectinload(SchoolClosure.classes).joinedload(ClosureClass.school_class),
        )
        .order_by(SchoolClosure.first_day, SchoolClosure.last_day, SchoolClosure.id)
    )
    if not actor.sees_all:
        query = query.where(or_(SchoolClosure.institute_id.is_(None), SchoolClosure.institute_id.in_(actor.scope)))
    return query


def closure_for(actor: Actor, closure_id: uuid.UUID) -> SchoolClosure:
    """Load a closure that a person may change: the office any, others those of their own schools.

    Raises:
        NotYours: there is none, or it is not theirs.
    """
    row = db.session.scalar(
        select(SchoolClosure)
        .where(SchoolClosure.id == closure_id)
        .options(
            joinedload(SchoolClosure.institute),
            joinedload(SchoolClosure.site),
            joinedload(SchoolClosure.municipality),
            selectinload(SchoolClosure.classes).joinedload(ClosureClass.school_class),
        )
    )
    if row is None or not may_change(actor, row.institute_id):
        raise NotYours(closure_id)
    return row


def may_change(actor: Actor, institute_id: uuid.UUID | None) -> bool:
    """Say whether a person may write closures of an institute (None: of the district)."""
    return actor.sees_all or (institute_id is not None and actor.may_act_for(institute_id))


def add_closure(actor: Actor, entry: ClosureEntry, *, school_year: int, source: str = "") -> SchoolClosure:
    """Add closed days. Flushes. Meetings that are already planned on them stay: see `signals.meetings_asked`.

    Raises:
        NotYours: the institute, site or a class is not this person's.
        DaysReversed, OutsideItsYear, WrongKind: the rules say no.
    """
    _check(actor, entry, school_year)
    row = SchoolClosure(school_year=school_year, source=source, classes=[])
    _write(row, entry)
    db.session.add(row)
    db.session.flush()
    audit.record(actor, "schools.closure_added", row.id, first_day=str(entry.first_day), kind=entry.kind.value)
    return row


def change_closure(actor: Actor, row: SchoolClosure, entry: ClosureEntry) -> SchoolClosure:
    """Correct closed days. Flushes.

    Raises:
        NotYours: the institute, site or a class is not this person's.
        DaysReversed, OutsideItsYear, WrongKind: the rules say no.
    """
    _check(actor, entry, row.school_year)
    _write(row, entry)
    db.session.flush()
    audit.record(actor, "schools.closure_changed", row.id, first_day=str(entry.first_day), kind=entry.kind.value)
    return row


def remove_closure(actor: Actor, row: SchoolClosure) -> None:
    """Take closed days away. Flushes."""
    audit.record(actor, "schools.closure_removed", row.id, first_day=str(row.first_day), kind=row.kind.value)
    db.session.delete(row)
    db.session.flush()


def closure_entry_of(row: SchoolClosure) -> ClosureEntry:
    """Give closed days as they were written, to be changed and written again; reads their classes."""
    return ClosureEntry(
        first_day=row.first_day,
        last_day=row.last_day,
        kind=row.kind,
        reason=row.reason,
        municipality_id=row.municipality_id,
        institute_id=row.institute_id,
        site_id=row.site_id,
        grades=tuple(row.grades),
        class_ids=tuple(each.school_class_id for each in row.classes),
    )


def preset_of(school_year: int) -> PresetYear:
    """Give the year as law and region make it for this district: what holds while nothing is loaded."""
    return preset_year(school_year, provinces=tuple(province.code for province in network.loaded_provinces()))


def loaded_years() -> list[int]:
    """List the school years whose calendar is loaded, newest first."""
    return list(db.session.scalars(select(SchoolCalendar.school_year).order_by(SchoolCalendar.school_year.desc())))


def _check(actor: Actor, entry: ClosureEntry, school_year: int) -> None:
    if not may_change(actor, entry.institute_id):
        raise NotYours(entry.institute_id)
    check_closure(
        school_year,
        first_day=entry.first_day,
        last_day=entry.last_day,
        kind=entry.kind,
        is_of_district=entry.institute_id is None,
    )
    if entry.site_id is not None and _institute_of(entry.site_id) != entry.institute_id:
        raise NotYours(entry.site_id)
    if entry.class_ids and not _are_of(entry.class_ids, entry, school_year):
        raise NotYours(entry.class_ids)


def _institute_of(site_id: uuid.UUID) -> uuid.UUID | None:
    return db.session.scalar(select(Site.institute_id).where(Site.id == site_id))


def _are_of(class_ids: Sequence[uuid.UUID], entry: ClosureEntry, school_year: int) -> bool:
    query = (
        select(func.count(SchoolClass.id))
        .join(Site)
        .where(
            SchoolClass.id.in_(class_ids),
            SchoolClass.school_year == school_year,
            Site.institute_id == entry.institute_id,
        )
    )
    if entry.site_id is not None:
        query = query.where(Site.id == entry.site_id)
    return db.session.scalar(query) == len(set(class_ids))


def _write(row: SchoolClosure, entry: ClosureEntry) -> None:
    row.first_day, row.last_day = entry.first_day, entry.last_day
    row.kind, row.reason = entry.kind, entry.reason
    row.municipality_id, row.institute_id, row.site_id = entry.municipality_id, entry.institute_id, entry.site_id
    row.grades = sorted(set(entry.grades))
    kept = {each.school_class_id: each for each in row.classes}
    row.classes = [
        kept.get(class_id) or ClosureClass(school_class_id=class_id) for class_id in dict.fromkeys(entry.class_ids)
    ]


def _preset_row(preset: PresetClosure, school_year: int, capitals: dict[str, Municipality]) -> SchoolClosure:
    capital = capitals.get(preset.province or "")
    return SchoolClosure(
        school_year=school_year,
        first_day=preset.first_day,
        last_day=preset.last_day,
        kind=preset.kind,
        reason=preset.reason,
        municipality_id=capital.id if capital else None,
        grades=[],
        source=preset.source,
    )


def _capitals(provinces: Sequence[str]) -> dict[str, Municipality]:
    """Find the municipality whose name a province has; where there is none, its patron day closes all the district."""
    names = {province.name.casefold(): code for code in provinces if (province := find_province(code)) is not None}
    return {
        names[each.name.casefold()]: each
        for each in network.municipalities()
        if each.name.casefold() in names and names[each.name.casefold()] == each.province
    }
