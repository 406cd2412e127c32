"""Published tables as values: written, read, compared."""

import uuid
from dataclasses import replace
from typing import Any

import pytest

from prevention.core.i18n import Localised
from prevention.indicators.published import Dimension, Measure, Movement, PublishedCell, PublishedTable, trend
from tests.factories.published import hidden_cell, make_table, masked_cell, shown_cell


def cell(**values: Any) -> PublishedCell:
    return replace(shown_cell(), **values)


def test_a_table_is_the_same_after_writing_and_reading_it() -> None:
    cells = (cell(n_is_rounded=True), hidden_cell("other"), masked_cell("male", text=">80"))
    table = make_table(*cells, measure=Measure.POINTS, scale=(-1.0, 1.0))

    assert table == PublishedTable.from_json(table.to_json())


def test_the_same_table_is_written_in_the_same_bytes() -> None:
    values = {"id": uuid.UUID(int=1), "wave_id": uuid.UUID(int=2)}
    one = make_table(**values, name=Localised(it="Uno", en="One"))
    other = make_table(**values, name=Localised(en="One", it="Uno"))

    assert one.to_json() == other.to_json()


def test_a_cell_is_found_by_its_group() -> None:
    table = make_table(shown_cell("female"), shown_cell("male", share=0.3))

    assert 0.3 == getattr(table.cell("male"), "share", None)
    assert table.cell("other") is None


@pytest.mark.parametrize(
    ("now", "before", "movement"),
    [
        ((0.30, 0.40), (0.18, 0.26), Movement.UP),
        ((0.10, 0.17), (0.18, 0.26), Movement.DOWN),
        ((0.20, 0.30), (0.18, 0.26), Movement.UNCLEAR),
        ((0.26, 0.30), (0.18, 0.26), Movement.UNCLEAR),
        ((None, None), (0.18, 0.26), Movement.UNCLEAR),
        ((0.18, 0.26), (None, None), Movement.UNCLEAR),
    ],
)
def test_a_movement_is_named_only_when_the_intervals_are_apart(
    now: tuple[float | None, float | None], before: tuple[float | None, float | None], movement: Movement
) -> None:
    this = make_table(cells=(cell(low=now[0], high=now[1]),))
    last = make_table(cells=(cell(low=before[0], high=before[1]),), school_year=2025)

    assert [movement] == [point.movement for point in trend(this, last).points]


def test_another_wording_breaks_the_trend() -> None:
    this = make_table(cells=(cell(low=0.5, high=0.6, share=0.55),))
    last = make_table(wording="b" * 16)

    found = trend(this, last)

    assert found.is_broken
    assert [Movement.UNCLEAR] == [point.movement for point in found.points]


def test_a_group_that_was_not_there_last_year_is_compared_with_nothing() -> None:
    found = trend(make_table(cells=(cell(domain="liceo"),)), make_table())

    assert [(None, Movement.UNCLEAR)] == [(point.before, point.movement) for point in found.points]


@pytest.mark.parametrize("other", [{"indicator_id": "I03"}, {"dimension": Dimension.SEX}])
def test_apples_are_not_compared_with_pears(other: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="one indicator"):
        trend(make_table(), make_table(**other))
