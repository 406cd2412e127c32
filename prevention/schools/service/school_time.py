"""What is read of school time: the `SchoolTime` of sites, in a fixed number of statements however many they are."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from prevention.core import clock
from prevention.core.db import db
from prevention.network.models import Municipality
from prevention.network.provinces import find_province
from prevention.schools.models import Site
from prevention.schools.regional_calendar import PresetYear, preset_year
from prevention.schools.school_time import Closure, Period, SchoolTime, assumed_periods, widest
from prevention.schools.time_models import BellPeriod, SchoolCalendar, SchoolClosure


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    site_id: uuid.UUID
    institute_id: uuid.UUID
    municipality_id: uuid.UUID
    municipality: str
    province: str


def school_times(site_ids: Collection[uuid.UUID], *, school_year: int) -> dict[uuid.UUID, SchoolTime]:
    """Give the time of each site in a school year. Five statements, for any number of sites.

    Where the office has not loaded the year's calendar, the one worked out from law and region stands in
    (`regional_calendar`); where a site entered no bell times, the usual ones do (`assumed_periods`).
    """
    if not site_ids:
        return {}
    places = _places(site_ids)
    calendar = calendar_of(school_year)
    rows = _closures(school_year, institutes={place.institute_id for place in places})
    # Each row becomes one value that all the sites share: a district's closures hold at hundreds of them.
    closures = [(row, closure_of(row)) for row in rows]
    # Most sites have those of the whole district and no other: they share one tuple.
    general = tuple(closure for row, closure in closures if not _scope_of(row))
    special = frozenset[uuid.UUID]().union(*(_scope_of(row) for row in rows))
    bells = _bells(Site.id.in_(list(site_ids)))
    found = {}
    for place in places:
        own = general
        if not special.isdisjoint((place.municipality_id, place.institute_id, place.site_id)):
            own = tuple(closure for row, closure in closures if _holds_at(row, place))
        found[place.site_id] = _time_of(place, school_year, calendar, own, bells.get(place.site_id))
    return found


def school_time_of(site: Site, *, school_year: int) -> SchoolTime:
    """Give the time of one site in a school year; see `school_times`."""
    return school_times([site.id], school_year=school_year)[site.id]


def district_time(school_year: int) -> SchoolTime:
    """Give the time in which any school of the district may teach: for dates whose school is not known yet.

    Its closures are those of the whole district; on each weekday its one period lasts from the earliest bell to the
    latest that some site rings, or that is assumed of those that say nothing. Four statements.
    """
    calendar = calendar_of(school_year)
    rows = [row for row in _closures(school_year, institutes=()) if row.municipality_id is None]
    preset = preset_year(school_year, provinces=()) if calendar is None else None
    closures = tuple(closure_of(row) for row in rows)
    if preset is not None:
        closures = (*_preset_closures(preset, municipality=None), *closures)
    weeks = [assumed_periods(), *_bells(BellPeriod.id.is_not(None)).values()]
    return _school_time(school_year, calendar, preset, closures, widest(weeks), is_assumed=False)


def calendar_of(school_year: int) -> SchoolCalendar | None:
    """Give the calendar of a school year as the office loaded it, or None."""
    return db.session.scalar(select(SchoolCalendar).where(SchoolCalendar.school_year == school_year))


def closure_of(row: SchoolClosure) -> Closure:
    """Give a row of closed days as a value; reads its classes."""
    return Closure(
        id=row.id,
        first_day=row.first_day,
        last_day=row.last_day,
        kind=row.kind,
        reason=row.reason,
        grades=frozenset(row.grades),
        class_ids=frozenset(each.school_class_id for each in row.classes),
    )


def _places(site_ids: Collection[uuid.UUID]) -> list[_Place]:
    rows = db.session.execute(
        select(Site.id, Site.institute_id, Site.municipality_id, Municipality.name, Municipality.province)
        .join(Municipality, Site.municipality_id == Municipality.id)
        .where(Site.id.in_(list(site_ids)))
    )
    return [
        _Place(
            site_id=row[0], institute_id=row[1], municipality_id=row[2], municipality=row.name, province=row.province
        )
        for row in rows
    ]


def _closures(school_year: int, *, institutes: Iterable[uuid.UUID]) -> list[SchoolClosure]:
    return list(
        db.session.scalars(
            select(SchoolClosure)
            .where(
                SchoolClosure.school_year == school_year,
                or_(SchoolClosure.institute_id.is_(None), SchoolClosure.institute_id.in_(list(institutes))),
            )
            .options(selectinload(SchoolClosure.classes))
            .order_by(SchoolClosure.first_day, SchoolClosure.id)
        )
    )


def _bells(condition: object) -> dict[uuid.UUID, dict[int, tuple[Period, ...]]]:
    rows = db.session.execute(
        select(BellPeriod.site_id, BellPeriod.weekday, BellPeriod.number, BellPeriod.starts, BellPeriod.ends)
        .join(Site, BellPeriod.site_id == Site.id)
        .where(condition)  # type: ignore[arg-type]  # a condition of ours
        .order_by(BellPeriod.site_id, BellPeriod.weekday, BellPeriod.number)
    )
    found: dict[uuid.UUID, dict[int, list[Period]]] = defaultdict(lambda: defaultdict(list))
    for site_id, weekday, number, starts, ends in rows:
        found[site_id][weekday].append(Period(number=number, starts=starts, ends=ends))
    return {site_id: {weekday: tuple(periods) for weekday, periods in week.items()} for site_id, week in found.items()}


def _time_of(
    place: _Place,
    school_year: int,
    calendar: SchoolCalendar | None,
    own: tuple[Closure, ...],
    bells: Mapping[int, tuple[Period, ...]] | None,
) -> SchoolTime:
    preset = preset_year(school_year, provinces=(place.province,)) if calendar is None else None
    if preset is not None:
        own = (*_preset_closures(preset, municipality=place.municipality), *own)
    return _school_time(
        school_year, calendar, preset, own, assumed_periods() if bells is None else bells, is_assumed=bells is None
    )


def _school_time(
    school_year: int,
    calendar: SchoolCalendar | None,
    preset: PresetYear | None,
    closures: tuple[Closure, ...],
    periods: Mapping[int, tuple[Period, ...]],
    *,
    is_assumed: bool,
) -> SchoolTime:
    year = calendar or preset
    if year is None:
        raise ValueError("a year has a calendar or a preset")
    return SchoolTime(
        school_year=school_year,
        first_day=year.first_day,
        last_day=year.last_day,
        closures=closures,
        periods=periods,
        zone=clock.ROME,
        is_assumed=is_assumed,
    )


def _scope_of(row: SchoolClosure) -> set[uuid.UUID]:
    return {each for each in (row.municipality_id, row.institute_id, row.site_id) if each is not None}


def _holds_at(row: SchoolClosure, place: _Place) -> bool:
    return (
        row.municipality_id in (None, place.municipality_id)
        and row.institute_id in (None, place.institute_id)
        and row.site_id in (None, place.site_id)
    )


def _preset_closures(preset: PresetYear, *, municipality: str | None) -> tuple[Closure, ...]:
    return tuple(
        Closure(first_day=each.first_day, last_day=each.last_day, kind=each.kind, reason=each.reason)
        for each in preset.closures
        if each.province is None or _is_capital(municipality, each.province)
    )


def _is_capital(municipality: str | None, province: str) -> bool:
    found = find_province(province)
    return municipality is not None and found is not None and municipality.casefold() == found.name.casefold()
