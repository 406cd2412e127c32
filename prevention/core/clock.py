"""The only place that reads the clock.

Everything else takes `now` or `today` as a value, or asks here. Moments are aware and in UTC; days are days in
Italy, because a day there starts at midnight in Rome.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """Give the present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """Give the present day in Europe/Rome."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """Give the day in Europe/Rome on which an aware moment falls."""
    return moment.astimezone(ROME).date()


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Hold the clock still at an aware `moment`; for tests and for data made up for a past day."""
    if moment.tzinfo is None:
        raise ValueError("the clock is frozen at an aware moment only")
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
