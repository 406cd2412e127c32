"""Times of day as the planner counts them: a day in Rome and minutes after midnight there, and the way back."""

from datetime import date, datetime, time

from prevention.booking.plan_values import (
    DAY_MIN,
    Stretch,
)
from prevention.core import clock


def stretch_of(starts_at: datetime, ends_at: datetime) -> Stretch:
    """Give the part of the day in Rome between two moments of one day."""
    local, end = starts_at.astimezone(clock.ROME), ends_at.astimezone(clock.ROME)
    ends = minutes_of(end.time()) if end.date() == local.date() else DAY_MIN
    return Stretch(day=local.date(), starts=minutes_of(local.time()), ends=ends)


def moment_of(day: date, minutes: int) -> datetime:
    """Give the moment at which it is so many minutes after midnight on the wall clock of a day in Rome."""
    return datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=clock.ROME)


def minutes_of(value: time) -> int:
    """Give the minutes after midnight of a time on the wall clock."""
    return value.hour * 60 + value.minute
