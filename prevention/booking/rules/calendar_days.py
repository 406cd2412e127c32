"""Which days a page of the calendar shows, and where its neighbours begin. Weeks begin on Monday."""

from calendar import Calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_DAY = timedelta(days=1)


class CalendarView(StrEnum):
    """How much the calendar shows."""

    MONTH = "month"
    WEEK = "week"
    LIST = "list"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """Days of one page: `weeks` of seven days each, of which those from `first` to `last` are meant."""

    first: date
    last: date
    weeks: tuple[tuple[date, ...], ...]
    before: date
    after: date


def stretch_of(view: CalendarView, day: date) -> Stretch:
    """Give the page that holds a day; a list begins on it and shows four weeks."""
    match view:
        case CalendarView.MONTH:
            first = day.replace(day=1)
            after = (first + 31 * _DAY).replace(day=1)
            weeks = tuple(tuple(week) for week in Calendar().monthdatescalendar(day.year, day.month))
            before = (first - _DAY).replace(day=1)
            return Stretch(first=first, last=after - _DAY, weeks=weeks, before=before, after=after)
        case CalendarView.WEEK:
            first = day - day.weekday() * _DAY
            week = tuple(first + number * _DAY for number in range(7))
            return Stretch(first=first, last=week[-1], weeks=(week,), before=first - 7 * _DAY, after=first + 7 * _DAY)
        case CalendarView.LIST:
            last = day + 27 * _DAY
            return Stretch(first=day, last=last, weeks=(), before=day - 28 * _DAY, after=last + _DAY)
