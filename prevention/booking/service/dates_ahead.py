"""The planned dates that lie ahead, all of a district at once, and which of them cannot stay as they are.

A province-year is 5,000 of them. They are read as bare columns with the keys that the driver gives (`core.db.as_key`);
days on which lessons surely go on are told apart by sets made once for each school, and only what is left is asked of
the rules. As whole objects the same took 250 ms, as converted values 60 ms; so it takes some 25.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import select

from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.rules import BookingStatus, MeetingStatus, Span
from prevention.core import clock
from prevention.core.db import as_key, db, moment_of_key, uuid_of_key
from prevention.schools import service as schools
from prevention.schools.models import SchoolClass, Site
from prevention.schools.school_time import Closure, SchoolTime, days_of, stretches


class DateAhead(NamedTuple):
    """One date, all of it keys; `slot_meeting` is shared by classes that have it together."""

    id: Any
    starts_at: Any
    ends_at: Any
    school_class: Any
    facilitator: Any
    room: Any
    slot_meeting: Any


class ClassAhead(NamedTuple):
    """The class of some date."""

    id: Any
    site_id: Any
    grade: int
    school_year: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Suspect:
    """A date on which its school may have no lessons, with what the rules want to know; `id` is a key."""

    id: Any
    span: Span
    school_time: SchoolTime
    grade: int
    class_id: uuid.UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Ahead:
    """Dates in order of their beginning, and their classes by key."""

    dates: Sequence[DateAhead]
    classes: Mapping[Any, ClassAhead]


def dates_ahead(
    statuses: Iterable[BookingStatus],
    *,
    now: datetime,
    school_year: int | None = None,
    institute_ids: frozenset[uuid.UUID] | None = None,
) -> Ahead:
    """Read the planned dates after `now` of bookings in these states. Two statements.

    Args:
        school_year: only those of this year.
        institute_ids: only those of classes of these institutes.
    """
    query = (
        select(
            as_key(BookingMeeting.id),
            as_key(BookingMeeting.starts_at),
            as_key(BookingMeeting.ends_at),
            as_key(Booking.school_class_id),
            as_key(BookingMeeting.facilitator_id),
            as_key(BookingMeeting.room_id),
            as_key(BookingMeeting.slot_meeting_id),
        )
        .join(Booking, BookingMeeting.booking_id == Booking.id)
        .where(
            Booking.status.in_(list(statuses)),
            BookingMeeting.status == MeetingStatus.PLANNED,
            BookingMeeting.starts_at > now,
        )
        .order_by(BookingMeeting.starts_at, BookingMeeting.id)
    )
    classes = select(as_key(SchoolClass.id), as_key(SchoolClass.site_id), SchoolClass.grade, SchoolClass.school_year)
    if school_year is not None:
        classes = classes.where(SchoolClass.school_year == school_year)
    if institute_ids is not None:
        classes = classes.join(Site, SchoolClass.site_id == Site.id).where(Site.institute_id.in_(institute_ids))
    if school_year is not None or institute_ids is not None:
        query = query.where(Booking.school_class_id.in_(classes.with_only_columns(SchoolClass.id)))
    booked = select(Booking.school_class_id).where(Booking.status.in_(list(statuses)))
    found = [ClassAhead(*row) for row in db.session.execute(classes.where(SchoolClass.id.in_(booked)))]
    return Ahead(
        dates=[DateAhead(*row) for row in db.session.execute(query)], classes={each.id: each for each in found}
    )


def suspects(ahead: Ahead) -> Iterator[Suspect]:
    """Give the dates that may lie on days without lessons or outside bell times, in order. Five statements a year."""
    lessons = _lessons_of(ahead)
    hours: dict[tuple[Any, Any], _Hour] = {}
    for each in ahead.dates:
        key = (each.starts_at, each.ends_at)
        hour = hours.get(key)
        if hour is None:
            hour = hours[key] = _hour(*key)
        school_class = ahead.classes[each.school_class]
        of_site = lessons[school_class.school_year, school_class.site_id]
        if not of_site.surely_hold(hour):
            yield Suspect(
                id=each.id,
                span=Span(starts_at=moment_of_key(each.starts_at), ends_at=moment_of_key(each.ends_at)),
                school_time=of_site.school_time,
                grade=school_class.grade,
                class_id=uuid_of_key(school_class.id),
            )


def overlapping(dates: Iterable[DateAhead], who: Callable[[DateAhead], Any]) -> Iterator[DateAhead]:
    """Give each date that meets an earlier one of the same somebody or something; those of one slot's date may.

    Args:
        dates: in order of their beginning.
        who: gives the key of whom or what must be in one place only, or None.
    """
    running: dict[Any, list[DateAhead]] = {}
    for each in dates:
        key = who(each)
        if key is None:
            continue
        before = running.get(key)
        if before is None:
            running[key] = [each]
            continue
        # Dates come in order, so only those that have not ended when this one begins can meet it.
        still = [other for other in before if other.ends_at > each.starts_at]
        if any(other.slot_meeting is None or other.slot_meeting != each.slot_meeting for other in still):
            yield each
        still.append(each)
        running[key] = still


class _Hour(NamedTuple):
    day: date
    weekday: int
    starts: time
    ends: time


def _hour(starts_key: Any, ends_key: Any) -> _Hour:
    starts = moment_of_key(starts_key).astimezone(clock.ROME)
    ends = moment_of_key(ends_key).astimezone(clock.ROME)
    day = starts.date()
    # One that runs past midnight ends later than any bell.
    return _Hour(day, day.weekday(), starts.time(), ends.time() if ends.date() == day else time.max)


class _Lessons:
    """The days and hours of a school at which lessons go on for every class; of the rest it does not know."""

    __slots__ = ("_closed", "_hours", "school_time")

    def __init__(
        self, school_time: SchoolTime, closed: frozenset[date], hours: dict[int, list[tuple[time, time]]]
    ) -> None:
        """`hours` are filled as weekdays are asked for; sites with the same bell times share them."""
        self.school_time = school_time
        self._closed = closed
        self._hours = hours

    def surely_hold(self, hour: _Hour) -> bool:
        if hour.day in self._closed or not self.school_time.first_day <= hour.day <= self.school_time.last_day:
            return False
        open_hours = self._hours.get(hour.weekday)
        if open_hours is None:
            open_hours = stretches(self.school_time.periods_on(hour.day))
            self._hours[hour.weekday] = open_hours
        return any(first <= hour.starts and hour.ends <= last for first, last in open_hours)


def _days_of_all(closures: Iterable[Closure]) -> frozenset[date]:
    return frozenset[date]().union(*(_days(each.first_day, each.last_day) for each in closures))


@lru_cache(maxsize=4096)
def _days(first: date, last: date) -> frozenset[date]:
    return frozenset(days_of(first, last))


def _lessons_of(ahead: Ahead) -> dict[tuple[int, Any], _Lessons]:
    wanted: dict[int, set[Any]] = {}
    for each in ahead.classes.values():
        wanted.setdefault(each.school_year, set()).add(each.site_id)
    found = {}
    hours: dict[int, dict[int, list[tuple[time, time]]]] = {}
    closed: dict[int, frozenset[date]] = {}
    for year, keys in wanted.items():
        ids = {uuid_of_key(key): key for key in keys}
        for site_id, school_time in schools.school_times(ids, school_year=year).items():
            # Sites share what their bell times and closures have in common, as `school_times` gives it to them.
            of_bells = hours.setdefault(id(school_time.periods), {})
            days = closed.get(id(school_time.closures))
            if days is None:
                days = _days_of_all(school_time.closures)
                closed[id(school_time.closures)] = days
            found[year, ids[site_id]] = _Lessons(school_time, days, of_bells)
    return found
