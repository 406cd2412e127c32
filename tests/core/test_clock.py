"""Moments are aware and in UTC; days are days in Rome."""

from datetime import UTC, date, datetime, timedelta

import pytest

from prevention.core import clock


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 1, 31, 22, 59, tzinfo=UTC), date(2026, 1, 31)),
        (datetime(2026, 1, 31, 23, 0, tzinfo=UTC), date(2026, 2, 1)),  # winter: one hour ahead
        (datetime(2026, 6, 30, 21, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), date(2026, 7, 1)),  # summer: two hours ahead
    ],
)
def test_a_day_begins_at_midnight_in_rome(moment: datetime, day: date) -> None:
    assert day == clock.day_of(moment)


def test_the_clock_stands_still_while_it_is_held_and_goes_on_afterwards() -> None:
    held = datetime(2020, 5, 1, tzinfo=UTC)

    with clock.frozen(held):
        assert held == clock.now()

    assert clock.now() - held > timedelta(days=365)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"), clock.frozen(datetime(2020, 5, 1)):  # noqa: DTZ001  # on purpose
        pass
