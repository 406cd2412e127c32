"""A report is made of a closed year: what it lacks is named, and registers that cannot come any more are accepted."""

from datetime import UTC, date, datetime

import pytest

from prevention.reports import closing
from prevention.reports.edition_rules import Missing, YearNotClosed
from prevention.reports.rules import report_year_of
from tests.factories.delivery import make_booked_meetings
from tests.factories.programmes import make_edition, make_programme

pytestmark = pytest.mark.usefixtures("app")

YEAR, IN_JUNE, IN_NOVEMBER = 2025, date(2026, 6, 20), date(2026, 11, 23)


@pytest.fixture
def _without_registers(app: object) -> None:
    edition = make_edition(programme=make_programme(meetings=3), school_year=YEAR)
    make_booked_meetings(edition=edition, starts_at=datetime(2026, 5, 4, 8, tzinfo=UTC))


@pytest.mark.usefixtures("_without_registers")
def test_registers_stand_in_the_way_until_so_many_are_accepted() -> None:
    for accepted in (0, 2):
        with pytest.raises(YearNotClosed) as refused:
            closing.check_closed(YEAR, today=IN_JUNE, accepted=accepted)
        assert Missing(registers=3) == refused.value.missing

    assert Missing(registers=3) == closing.check_closed(YEAR, today=IN_JUNE, accepted=3)


@pytest.mark.usefixtures("_without_registers")
def test_registers_that_nobody_asks_for_any_more_are_only_told() -> None:
    assert Missing(registers=3) == closing.check_closed(YEAR, today=IN_NOVEMBER)


def test_the_newest_year_that_is_over_is_last_years_until_summer() -> None:
    assert [2025, 2026] == [closing.newest_over(day) for day in (IN_NOVEMBER, date(2027, 6, 20))]


@pytest.mark.parametrize(
    ("today", "day", "due"),
    [
        (date(2026, 7, 1), (7, 1), (2025, date(2026, 7, 1))),
        (date(2026, 6, 30), (7, 1), (2024, date(2025, 7, 1))),
        (date(2027, 1, 9), (9, 15), (2025, date(2026, 9, 15))),
        (date(2027, 2, 10), (2, 1), (2025, date(2027, 2, 1))),
        (date(2027, 1, 31), (2, 1), (2024, date(2026, 2, 1))),
    ],
)
def test_the_report_that_is_due_is_that_of_the_year_whose_lessons_ended_before_its_day(
    today: date, day: tuple[int, int], due: tuple[int, date]
) -> None:
    assert due == report_year_of(today, day=day)
