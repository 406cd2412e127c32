"""Figures over the waves, and how far two published figures lie apart: nothing but what is published."""

from typing import Any

import pytest

from prevention.indicators.catalogue import Better
from prevention.indicators.effects import Verdict
from prevention.indicators.published import Dimension, Measure, Movement, PublishedCell, PublishedTable
from prevention.indicators.trends import Series, change, recovered, series_of
from tests.factories.published import hidden_cell, make_table, masked_cell, shown_cell


def table(year: int, cell: PublishedCell | None = None, **values: Any) -> PublishedTable:
    return make_table(cell or shown_cell(), school_year=year, **values)


def around(share: float, half: float = 0.04) -> PublishedCell:
    return shown_cell(share=share, low=share - half, high=share + half)


def series(*tables: PublishedTable, better: Better | None = Better.LOWER) -> Series:
    return series_of(tables, "all", better=better)


def test_the_interval_of_a_difference_is_recovered_from_two_intervals() -> None:
    """Newcombe's example (Statistics in Medicine 17 (1998) 873, method 10): 56/70 less 48/80 is 0.0524 to 0.3339."""
    found = recovered((0.4905, 0.6, 0.7004), (0.6918, 0.8, 0.8770))

    assert (pytest.approx(0.2), pytest.approx(0.0524, abs=2e-4), pytest.approx(0.3339, abs=3e-4)) == (
        found.value, found.low, found.high
    )  # fmt: skip


def test_waves_stand_in_order_and_each_is_compared_with_the_one_before() -> None:
    found = series(table(2026, around(0.2)), table(2024, around(0.4)), table(2025, around(0.3)))

    assert [2024, 2025, 2026] == [point.school_year for point in found.points]
    assert [None, -0.1, -0.1] == [
        point.change and pytest.approx(point.change.difference.value) for point in found.points
    ]
    assert found.overall is not None
    assert pytest.approx(-0.2) == found.overall.difference.value


def test_another_wording_breaks_the_line_and_nothing_is_compared_across_it() -> None:
    found = series(
        table(2023, around(0.5), wording="b" * 16),
        table(2024, around(0.4), wording="b" * 16),
        table(2025, around(0.3)),
        table(2026, around(0.2)),
    )

    assert [False, False, True, False] == [point.is_break for point in found.points]
    assert [False, True, False, True] == [point.change is not None for point in found.points]
    assert found.overall is None
    assert found.is_broken


def test_a_hidden_figure_is_a_gap_and_no_break() -> None:
    found = series(table(2024, around(0.4)), table(2025, hidden_cell()), table(2026, around(0.2)))

    assert not found.is_broken
    assert [None, None] == [found.points[0].change, found.points[1].change]
    assert pytest.approx(-0.2) == getattr(getattr(found.points[2].change, "difference", None), "value", None)


def test_a_gap_does_not_hide_the_break_behind_it() -> None:
    found = series(
        table(2023, around(0.4), wording="b" * 16), table(2024, hidden_cell()), table(2025, hidden_cell()),
        table(2026, around(0.2)),
    )  # fmt: skip

    assert found.points[3].change is None


@pytest.mark.parametrize("cell", [None, hidden_cell(), masked_cell(), shown_cell("female")])
def test_what_is_no_number_is_not_compared(cell: PublishedCell | None) -> None:
    assert change(cell, hidden_cell(), measure=Measure.PERCENT) is None
    assert change(around(0.2), None, measure=Measure.PERCENT) is None


@pytest.mark.parametrize(
    ("now", "movement", "is_possible", "said"),
    [
        (0.30, Movement.UP, False, Verdict.WORSE),
        (0.10, Movement.DOWN, False, Verdict.BETTER),
        # The two overlap, and yet the difference holds no nought.
        (0.27, Movement.UNCLEAR, True, Verdict.WORSE),
        (0.13, Movement.UNCLEAR, True, Verdict.BETTER),
        # No clear change, but one for the worse that would matter is possible.
        (0.22, Movement.UNCLEAR, False, Verdict.MAYBE_WORSE),
        (0.18, Movement.UNCLEAR, False, Verdict.UNCLEAR),
    ],
)
def test_a_change_is_named_as_strictly_for_the_better_as_for_the_worse(
    now: float, movement: Movement, is_possible: bool, said: Verdict
) -> None:
    found = change(around(0.2), around(now), measure=Measure.PERCENT, better=Better.LOWER)
    mirrored = change(around(0.8), around(1 - now), measure=Measure.PERCENT, better=Better.HIGHER)

    assert found is not None
    assert mirrored is not None
    assert (movement, is_possible, said) == (found.movement, found.is_possible, found.verdict)
    assert said is mirrored.verdict


def test_apples_and_pears_are_no_series() -> None:
    with pytest.raises(ValueError, match="one indicator"):
        series(table(2025), table(2026, indicator_id="I03"))
    with pytest.raises(ValueError, match="one indicator"):
        series(table(2025), table(2026, dimension=Dimension.SEX))
