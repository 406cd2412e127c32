"""When a school is open: its year, the days on which it is closed, and its bell times. Pure values and decisions.

Owns what booking and planning ask ("can this class meet then, and if not, why?"). Is not the rows behind the answer
(`time_models`), nor how a region's year is worked out (`regional_calendar`).

Times of day are those on the wall clock in the school's zone; days include both ends. A weekday is 0 for Monday to 6
for Sunday, as `date.weekday` counts.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Protocol

from prevention.core.i18n import Localised
from prevention.core.web import Refusal

# Lessons go on after a break, not after a meal: a meeting may run over a gap of so many minutes between two periods.
LONGEST_BREAK_MINUTES = 30

MONDAY_TO_FRIDAY = tuple(range(5))
MONDAY_TO_SATURDAY = tuple(range(6))
MOST_PERIODS = 12

# No school of the district teaches outside these hours; a time outside them is a slip of the keyboard.
EARLIEST, LATEST = time(7), time(20)


class ClosureKind(StrEnum):
    """Why there are no lessons, or none for some classes."""

    NATIONAL = "national"
    PATRON = "patron"
    REGIONAL = "regional"
    TRIP = "trip"
    EXAM = "exam"
    INVALSI = "invalsi"
    SCRUTINI = "scrutini"
    OTHER = "other"


# What a school may say of itself; the rest is the office's.
SCHOOL_KINDS = (ClosureKind.TRIP, ClosureKind.EXAM, ClosureKind.INVALSI, ClosureKind.SCRUTINI, ClosureKind.OTHER)


class Outside(StrEnum):
    """Why a time is no lesson time, closures aside."""

    YEAR = "year"
    BELLS = "bells"


class Stretch(Protocol):
    """A stretch of time between two aware moments; the end is not part of it."""

    @property
    def starts_at(self) -> datetime: ...  # noqa: D102  # as said above

    @property
    def ends_at(self) -> datetime: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True, slots=True)
class Closure:
    """Days without lessons, both ends included: for everybody, or for some grades or classes of the school only."""

    first_day: date
    last_day: date
    kind: ClosureKind
    reason: Localised = field(hash=False)
    grades: frozenset[int] = frozenset()
    class_ids: frozenset[uuid.UUID] = frozenset()
    id: uuid.UUID | None = None

    def covers(self, day: date) -> bool:
        """Say whether `day` is one of the days."""
        return self.first_day <= day <= self.last_day

    def concerns(self, *, grade: int | None, class_id: uuid.UUID | None) -> bool:
        """Say whether a class is meant; without a class, whether the whole school is."""
        if not self.grades and not self.class_ids:
            return True
        return (grade is not None and grade in self.grades) or (class_id is not None and class_id in self.class_ids)


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """One hour of lessons, as the bell rings it; `number` counts from 1 within the day."""

    number: int
    starts: time
    ends: time


@dataclass(frozen=True, kw_only=True, slots=True)
class SchoolTime:
    """All that is known of the time of one site in one school year.

    `periods` are those of each weekday (0 to 6), in order; a weekday that is missing has no lessons. `is_assumed` says
    that the site never entered its bell times, and those that most schools have stand in (`assumed_periods`).
    """

    school_year: int
    first_day: date
    last_day: date
    closures: tuple[Closure, ...]
    periods: Mapping[int, tuple[Period, ...]] = field(hash=False)
    zone: tzinfo
    is_assumed: bool = False

    def why_closed(self, day: date, *, grade: int | None = None, class_id: uuid.UUID | None = None) -> Closure | None:
        """Give the closure that keeps a class (without one: the whole school) from lessons on `day`, or None."""
        for closure in self.closures:
            if closure.covers(day) and closure.concerns(grade=grade, class_id=class_id):
                return closure
        return None

    def periods_on(self, day: date) -> tuple[Period, ...]:
        """Give the periods of a day's weekday, none outside the year; whether the day is closed is another question."""
        return self.periods.get(day.weekday(), ()) if self.first_day <= day <= self.last_day else ()

    def is_open(self, day: date, *, grade: int | None = None, class_id: uuid.UUID | None = None) -> bool:
        """Say whether a class has lessons on `day`."""
        return bool(self.periods_on(day)) and self.why_closed(day, grade=grade, class_id=class_id) is None

    def why_outside(self, span: Stretch) -> Outside | None:
        """Say why a time lies outside the year or the bell times; None when it lies inside.

        Inside means: on one day, from the first bell or later to the last bell or earlier, without a pause of more
        than `LONGEST_BREAK_MINUTES` (a meal) in between. It need not begin with a bell: a meeting of sixty minutes
        must fit into schools whose hours have fifty or fifty-five.
        """
        starts, ends = span.starts_at.astimezone(self.zone), span.ends_at.astimezone(self.zone)
        day = starts.date()
        if not self.first_day <= day <= self.last_day:
            return Outside.YEAR
        if ends.date() != day:
            return Outside.BELLS
        inside = any(first <= starts.time() and ends.time() <= last for first, last in stretches(self.periods_on(day)))
        return None if inside else Outside.BELLS


def stretches(periods: Iterable[Period]) -> list[tuple[time, time]]:
    """Give the stretches of a day that lessons fill, breaks included: first bell and last bell of each."""
    found: list[tuple[time, time]] = []
    for period in periods:
        if found and _minutes(period.starts) - _minutes(found[-1][1]) <= LONGEST_BREAK_MINUTES:
            found[-1] = (found[-1][0], max(found[-1][1], period.ends))
        else:
            found.append((period.starts, period.ends))
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class BellPlan:
    """A regular week in a few words: when it starts, how many hours of how many minutes, and the breaks.

    `breaks` are (after which period, minutes) pairs.
    """

    starts: time
    hours: int
    minutes: int
    weekdays: tuple[int, ...]
    breaks: tuple[tuple[int, int], ...] = ()


class BellsRefused(Refusal):
    """Bell times that cannot be: which weekday and which period, and what is wrong there."""

    def __init__(self, fault: "BellFault", *, weekday: int, number: int) -> None:
        super().__init__(f"{fault} (weekday {weekday}, period {number})")
        self.fault = fault
        self.weekday = weekday
        self.number = number


class BellFault(StrEnum):
    """What can be wrong with a period."""

    REVERSED = "reversed"
    OVERLAPS = "overlaps"
    HALF_WRITTEN = "half_written"
    TOO_EARLY_OR_LATE = "too_early_or_late"
    NONE_AT_ALL = "none_at_all"


def periods_of(plan: BellPlan) -> dict[int, tuple[Period, ...]]:
    """Work a regular week out, period by period.

    Raises:
        BellsRefused: it would run past the last possible hour.
    """
    pauses = dict(plan.breaks)
    periods = []
    minute = _minutes(plan.starts)
    for number in range(1, plan.hours + 1):
        end = minute + plan.minutes
        if end > _minutes(LATEST):
            raise BellsRefused(BellFault.TOO_EARLY_OR_LATE, weekday=min(plan.weekdays, default=0), number=number)
        periods.append(Period(number=number, starts=_clock(minute), ends=_clock(end)))
        minute = end + pauses.get(number, 0)
    return {weekday: tuple(periods) for weekday in plan.weekdays}


def check_bells(periods: Mapping[int, Sequence[Period]]) -> None:
    """Refuse bell times that cannot be.

    Raises:
        BellsRefused: no period at all, or one that ends before it starts, lies outside the possible hours, or begins
            before the one before it has ended.
    """
    if not any(periods.values()):
        raise BellsRefused(BellFault.NONE_AT_ALL, weekday=0, number=1)
    for weekday, of_day in periods.items():
        before = EARLIEST
        for period in of_day:
            if period.ends <= period.starts:
                raise BellsRefused(BellFault.REVERSED, weekday=weekday, number=period.number)
            if period.starts < EARLIEST or period.ends > LATEST:
                raise BellsRefused(BellFault.TOO_EARLY_OR_LATE, weekday=weekday, number=period.number)
            if period.starts < before:
                raise BellsRefused(BellFault.OVERLAPS, weekday=weekday, number=period.number)
            before = period.ends


@cache
def assumed_periods() -> Mapping[int, tuple[Period, ...]]:
    """Give the week that stands in where a site entered none: Monday to Saturday, six hours of sixty from 8:00.

    It is the widest of the usual ones (hours of 50 or 55 minutes and weeks of five days lie inside it), so that
    nothing is refused only because nobody has written the times down yet.
    """
    return MappingProxyType(periods_of(BellPlan(starts=time(8), hours=6, minutes=60, weekdays=MONDAY_TO_SATURDAY)))


def widest(weeks: Iterable[Mapping[int, Sequence[Period]]]) -> dict[int, tuple[Period, ...]]:
    """Give one period per weekday from the earliest to the latest bell of all weeks: where any school may teach."""
    found: dict[int, tuple[time, time]] = {}
    for week in weeks:
        for weekday, periods in week.items():
            for period in periods:
                first, last = found.get(weekday, (period.starts, period.ends))
                found[weekday] = (min(first, period.starts), max(last, period.ends))
    return {weekday: (Period(number=1, starts=first, ends=last),) for weekday, (first, last) in sorted(found.items())}


def days_of(first: date, last: date) -> Iterable[date]:
    """Walk through the days from `first` to `last`, both included."""
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
