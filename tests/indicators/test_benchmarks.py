"""Others' figures beside ours: the same age band and the same definition, or nothing."""

import tomllib
from datetime import date
from typing import Any

import pytest

from prevention.indicators.benchmarks import (
    BENCHMARKS_FILE,
    BadBenchmarks,
    Beside,
    benchmarks,
    beside,
    grade_turning,
    parse,
)
from prevention.indicators.published import Dimension, Measure, PublishedTable
from tests.factories.published import hidden_cell, make_table, shown_cell


def by_grade(*grades: int, indicator_id: str = "I11", **values: Any) -> PublishedTable:
    cells = [shown_cell(f"secondo_grado-{grade}") for grade in grades]
    return make_table(*cells, dimension=Dimension.GRADE, indicator_id=indicator_id, **values)


def found(*tables: PublishedTable, year: int = 2026) -> dict[str, list[str]]:
    """Give the surveys that stand beside each group."""
    return {
        one.cell.domain: [f"{other.survey} {other.place['en']}" for other in one.benchmarks]
        for one in beside(tables, year_of_survey=year)
    }


@pytest.mark.parametrize(("year", "grade"), [(2026, 3), (2027, 2), (2030, None)])
def test_who_turns_sixteen_is_in_the_third_year_in_autumn_and_in_the_second_in_spring(
    year: int, grade: int | None
) -> None:
    expected = None if grade is None else f"secondo_grado-{grade}"

    assert expected == grade_turning(16, school_year=2026, year_of_survey=year)


def test_espad_stands_beside_the_grade_that_turns_sixteen_and_no_other() -> None:
    tables = (make_table(indicator_id="I11"), by_grade(1, 2, 3, 4, 5))

    assert {"secondo_grado-3": ["ESPAD 2024 Europe", "ESPAD 2024 Italy", "ESPAD 2019 Europe"]} == found(*tables)
    assert {"secondo_grado-2"} == set(found(*tables, year=2027))


def test_a_survey_of_fifteen_to_nineteen_stands_beside_nobody_of_fourteen() -> None:
    tables = (make_table(indicator_id="I10"), by_grade(1, 2, 3, 4, 5, indicator_id="I10"))

    assert {} == found(*tables)


def test_another_definition_stands_beside_nothing() -> None:
    assert any(one.indicator_id == "I46" for one in benchmarks())
    assert {} == found(by_grade(1, 2, 3, 4, 5, indicator_id="I46"))


def test_figures_of_one_sex_stand_beside_that_sex_of_the_grade() -> None:
    table = make_table(
        shown_cell("female:secondo_grado-2"), shown_cell("male:secondo_grado-2"), shown_cell("female:secondo_grado-3"),
        dimension=Dimension.SEX_GRADE, indicator_id="I02",
    )  # fmt: skip

    [girls, boys] = beside([table], year_of_survey=2026)

    assert (0.319, 0.248) == (girls.benchmarks[0].share, boys.benchmarks[0].share)
    assert not girls.benchmarks[0].is_second_hand


def test_all_grades_of_upper_secondary_school_are_compared_when_all_five_took_part() -> None:
    whole = make_table(indicator_id="I14")

    assert {"all": ["EDIT 2025 Tuscany"]} == found(whole, by_grade(1, 2, 3, 4, 5, indicator_id="I14"))
    assert {} == found(whole, by_grade(1, 2, 3, indicator_id="I14"))


def test_a_level_is_compared_where_two_took_part() -> None:
    level = make_table(
        shown_cell("primo_grado"), shown_cell("secondo_grado"), dimension=Dimension.LEVEL, indicator_id="I14"
    )

    assert {"secondo_grado": ["EDIT 2025 Tuscany"]} == found(make_table(indicator_id="I14"), level)


def test_nothing_stands_beside_a_hidden_figure_or_a_mean() -> None:
    hidden = make_table(hidden_cell("secondo_grado-3"), dimension=Dimension.GRADE, indicator_id="I11")

    assert {} == found(hidden)
    assert {} == found(by_grade(3, measure=Measure.SCALE))
    assert () == beside([], year_of_survey=2026)


def test_every_benchmark_has_a_source_and_a_day_and_second_hand_ones_say_so() -> None:
    assert all(one.source and one.address and one.read_on <= date(2026, 11, 27) for one in benchmarks())
    assert {False, True} == {one.is_second_hand for one in benchmarks()}
    assert isinstance(beside([by_grade(3)], year_of_survey=2026)[0], Beside)


@pytest.mark.parametrize(
    "figure",
    [
        ["I99", "espad_2024", "europe", 32, "same", "ars"],
        ["I45", "espad_2024", "europe", 32, "same", "ars"],
        ["I01", "espad_1066", "europe", 32, "same", "ars"],
        ["I01", "espad_2024", "moon", 32, "same", "ars"],
        ["I01", "espad_2024", "europe", 132, "same", "ars"],
        ["I01", "espad_2024", "europe", 32, "nearly", "ars"],
        ["I01", "espad_2024", "europe", 32, "same", "somebody"],
        ["I01", "espad_2024", "italy", 38, "same", "ars"],
    ],
)
def test_a_figure_that_cannot_be_one_is_refused(figure: list[Any]) -> None:
    given = tomllib.loads(BENCHMARKS_FILE.read_text())
    given["figures"].append(figure)

    with pytest.raises(BadBenchmarks):
        parse(given)
