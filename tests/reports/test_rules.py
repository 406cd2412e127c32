"""Which years can be asked for, and what a progress bar may promise."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevention.reports.rules import (
    STEP_BEGINS,
    YEARS_BACK,
    Step,
    YearNotOffered,
    check_year,
    laid_out,
    time_left,
    years_offered,
)

TODAY = date(2026, 11, 23)
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_the_current_school_year_comes_first_and_five_before_it_follow() -> None:
    assert (2026, 2025, 2024, 2023, 2022, 2021) == years_offered(TODAY)
    assert YEARS_BACK + 1 == len(years_offered(TODAY))


@pytest.mark.parametrize("school_year", [2027, 2020, 0, -1])
def test_a_year_that_has_not_begun_or_is_long_past_is_refused(school_year: int) -> None:
    with pytest.raises(YearNotOffered) as refusal:
        check_year(school_year, today=TODAY)

    assert school_year == refusal.value.school_year


def test_the_current_year_may_be_asked_for_on_its_first_day() -> None:
    check_year(2026, today=date(2026, 9, 1))


@given(pages=st.integers(0, 10_000), expected=st.integers(0, 500))
def test_laying_out_never_reaches_the_next_step_by_itself(pages: int, expected: int) -> None:
    assert STEP_BEGINS[Step.LAYING_OUT] <= laid_out(pages, expected=expected) < STEP_BEGINS[Step.KEEPING]


@given(pages=st.integers(0, 1000), expected=st.integers(1, 200))
def test_a_page_more_never_moves_the_bar_back(pages: int, expected: int) -> None:
    assert laid_out(pages, expected=expected) <= laid_out(pages + 1, expected=expected)


@pytest.mark.parametrize(
    ("progress", "taken", "left"),
    [
        (50, timedelta(seconds=30), timedelta(seconds=30)),
        (25, timedelta(seconds=30), timedelta(seconds=90)),
        (100, timedelta(seconds=30), timedelta(0)),
        (2, timedelta(seconds=30), None),
        (50, timedelta(0), None),
        (50, timedelta(seconds=-5), None),
    ],
)
def test_the_time_left_follows_from_the_time_taken(progress: int, taken: timedelta, left: timedelta | None) -> None:
    """Too early, or with a clock that was put back, nothing is promised."""
    assert left == time_left(progress, started_at=START, now=START + taken)
