"""Re-checks that nothing ahead stands on a day without lessons or outside bell times.

Part of `audit`: reads the rows of school time plainly and compares days and hours by itself, knowing nothing of
`SchoolTime`, which the writing side asks. What lies behind is history: a school that goes over to a week of five days
has not made its past Saturdays wrong.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select

from prevention.booking.models import Booking, BookingMeeting, Slot, SlotMeeting
from prevention.booking.rules import BookingStatus, MeetingStatus, SlotStatus
from prevention.core import clock
from prevention.core.db import db
from prevention.programmes.models import Edition
from prevention.schools.models import SchoolClass, Site
from prevention.schools.regional_calendar import preset_year
from prevention.schools.time_models import BellPeriod, ClosureClass, SchoolCalendar, SchoolClosure

# Where a school wrote no bells: Monday to Saturday, from 8:00 to 14:00 (see `school_time.assumed_periods`).
_USUAL = {weekday: [(time(8), time(14))] for weekday in range(6)}
_LONGEST_BREAK_MINUTES = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class _Date:
    row_id: uuid.UUID
    school_year: int
    starts_at: datetime
    ends_at: datetime
    site: Site | None
    grade: int | None = None
    class_id: uuid.UUID | None = None


def on_days_without_lessons(*, now: datetime) -> list[uuid.UUID]:
    """Give the dates from `now` on, of bookings and of open slots, on which there are no lessons."""
    years, closures = _years(), _closures()
    found = []
    for each in _dates(now):
        day = clock.day_of(each.starts_at)
        first, last, preset = years.get(each.school_year) or _unloaded(each.school_year)
        is_inside = first <= day <= last
        is_closed = any(start <= day <= end for start, end in preset) or any(
            _meets(closure, each, day) for closure in closures[each.school_year]
        )
        if not is_inside or is_closed:
            found.append(each.row_id)
    return found


def outside_bell_times(*, now: datetime) -> list[uuid.UUID]:
    """Give the dates from `now` on, of bookings and of slots at a school, that lie outside its hours."""
    bells: dict[uuid.UUID, dict[int, list[tuple[time, time]]]] = defaultdict(lambda: defaultdict(list))
    rows = db.session.execute(
        select(BellPeriod.site_id, BellPeriod.weekday, BellPeriod.starts, BellPeriod.ends).order_by(BellPeriod.starts)
    )
    for site_id, weekday, starts, ends in rows:
        hours = bells[site_id][weekday]
        if hours and _minutes(starts) - _minutes(hours[-1][1]) <= _LONGEST_BREAK_MINUTES:
            hours[-1] = (hours[-1][0], ends)
        else:
            hours.append((starts, ends))
    found = []
    for each in _dates(now):
        if each.site is None:
            continue
        begins, finishes = each.starts_at.astimezone(clock.ROME), each.ends_at.astimezone(clock.ROME)
        hours = bells.get(each.site.id, _USUAL).get(begins.weekday(), [])
        if not any(first <= begins.time() and finishes.time() <= last for first, last in hours):
            found.append(each.row_id)
    return found


def _dates(now: datetime) -> Iterator[_Date]:
    booked = db.session.execute(
        select(BookingMeeting, SchoolClass, Site)
        .join(Booking, BookingMeeting.booking_id == Booking.id)
        .join(SchoolClass, Booking.school_class_id == SchoolClass.id)
        .join(Site, SchoolClass.site_id == Site.id)
        .where(
            Booking.status == BookingStatus.CONFIRMED,
            BookingMeeting.status == MeetingStatus.PLANNED,
            BookingMeeting.starts_at > now,
        )
    )
    for meeting, school_class, site in booked:
        yield _Date(
            row_id=meeting.id,
            school_year=school_class.school_year,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            site=site,
            grade=school_class.grade,
            class_id=school_class.id,
        )
    offered = db.session.execute(
        select(SlotMeeting, Site, Edition.school_year)
        .join(Slot, SlotMeeting.slot_id == Slot.id)
        .join(Edition, Slot.edition_id == Edition.id)
        .outerjoin(Site, Slot.site_id == Site.id)
        .where(Slot.status == SlotStatus.OPEN, SlotMeeting.starts_at > now)
    )
    for date_, site, school_year in offered:
        yield _Date(
            row_id=date_.id, school_year=school_year, starts_at=date_.starts_at, ends_at=date_.ends_at, site=site
        )


def _meets(closure: tuple[SchoolClosure, set[uuid.UUID]], each: _Date, day: date) -> bool:
    row, classes = closure
    if not row.first_day <= day <= row.last_day:
        return False
    if (row.grades or classes) and each.grade not in row.grades and each.class_id not in classes:
        return False
    if each.site is None:
        return row.municipality_id is None and row.institute_id is None
    return (
        row.municipality_id in (None, each.site.municipality_id)
        and row.institute_id in (None, each.site.institute_id)
        and row.site_id in (None, each.site.id)
    )


def _years() -> dict[int, tuple[date, date, list[tuple[date, date]]]]:
    rows = db.session.execute(select(SchoolCalendar.school_year, SchoolCalendar.first_day, SchoolCalendar.last_day))
    return {year: (first, last, []) for year, first, last in rows}


def _unloaded(school_year: int) -> tuple[date, date, list[tuple[date, date]]]:
    preset = preset_year(school_year, provinces=())
    return preset.first_day, preset.last_day, [(each.first_day, each.last_day) for each in preset.closures]


def _closures() -> dict[int, list[tuple[SchoolClosure, set[uuid.UUID]]]]:
    classes: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for closure_id, class_id in db.session.execute(select(ClosureClass.closure_id, ClosureClass.school_class_id)):
        classes[closure_id].add(class_id)
    found: dict[int, list[tuple[SchoolClosure, set[uuid.UUID]]]] = defaultdict(list)
    for row in db.session.scalars(select(SchoolClosure)):
        found[row.school_year].append((row, classes[row.id]))
    return found


def _minutes(value: time) -> int:
    return value.hour * 60 + value.minute
