"""Figures of other surveys beside ours: the same age band, the same definition, or nothing. Pure.

The figures are data with their sources (`benchmarks.toml`). Which of our groups is of the same age:

* ``turning_16`` (ESPAD): the grade whose pupils turn 16 in the calendar year of our survey. Who goes to school as usual
  is in the second year of upper secondary school in spring, and in the third in autumn. Repeaters are a year older, so
  the band is the same but for some pupils; the page says so.
* ``turning_13`` and ``turning_15`` (HBSC Italia): the grades in which HBSC draws its classes, third year of lower and
  second year of upper secondary school, by sex.
* ``upper_secondary`` (EDIT): all grades of upper secondary school.
* ``from_15_to_19`` (ESPAD Italia): no group of our tables; whoever is fourteen must not stand beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from prevention.core.i18n import Localised
from prevention.indicators.catalogue import catalogue
from prevention.indicators.published import Dimension, Measure, PublishedCell, PublishedTable

BENCHMARKS_FILE = Path(__file__).with_name("benchmarks.toml")

SAME, LIKE = "same", "like"
_UPPER = "secondo_grado"
# Who is in the first year of upper secondary school was born so many years before the school year began.
_BORN_BEFORE_FIRST_YEAR = 14
_GRADES = 5


class BadBenchmarks(ValueError):
    """The file says something that cannot be a benchmark."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Benchmark:
    """One figure of another survey.

    Attributes:
        share: 0 to 1. sex: "female" or "male" where it is of one sex only.
        is_same: of the same definition as our indicator; never shown otherwise.
        band: key of the age band, `band_name` in words.
        source: who says so, `address` where; `is_second_hand` unless that is the survey's own report.
        read_on: when somebody read it there.
    """

    indicator_id: str
    survey: str
    year: int
    place: Localised
    share: float
    sex: str | None
    is_same: bool
    band: str
    band_name: Localised
    source: str
    address: str
    is_second_hand: bool
    read_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """One of our groups, and the figures of others that may stand beside it."""

    cell: PublishedCell
    band_name: Localised
    benchmarks: tuple[Benchmark, ...]


@cache
def benchmarks() -> tuple[Benchmark, ...]:
    """Read the benchmarks that come with the application."""
    import tomllib

    with BENCHMARKS_FILE.open("rb") as file:
        return parse(tomllib.load(file))


def parse(given: Mapping[str, Any]) -> tuple[Benchmark, ...]:
    """Build the benchmarks from the file's content.

    Raises:
        BadBenchmarks: a figure names what is not there, is no share, or stands there twice.
    """
    known = {one.id for one in catalogue().indicators if one.measure is Measure.PERCENT}
    found: dict[tuple[str, ...], Benchmark] = {}
    for figure in given["figures"]:
        indicator_id, survey, place, share, definition, source, *sexes = figure
        key = (indicator_id, survey, place, *sexes)
        if indicator_id not in known or key in found or not 0 < share < 100 or definition not in (SAME, LIKE):
            raise BadBenchmarks(f"no figure, or one too many: {figure}")
        try:
            about, of = given["surveys"][survey], given["sources"][source]
            found[key] = Benchmark(
                indicator_id=indicator_id,
                survey=about["name"],
                year=about["year"],
                place=Localised(given["places"][place]),
                share=share / 100,
                sex=sexes[0] if sexes else None,
                is_same=definition == SAME,
                band=about["band"],
                band_name=Localised(given["bands"][about["band"]]),
                source=of["name"],
                address=of["address"],
                is_second_hand=of["second_hand"],
                read_on=given["read_on"],
            )
        except KeyError as missing:
            raise BadBenchmarks(f"{figure}: no {missing}") from missing
    return tuple(found.values())


def beside(tables: Sequence[PublishedTable], *, year_of_survey: int) -> tuple[Beside, ...]:
    """Give our groups that others' figures may stand beside, newest survey first; only groups that show something.

    Args:
        tables: of one indicator of one survey.
        year_of_survey: calendar year in which its pupils answered.
    """
    if not tables or tables[0].measure is not Measure.PERCENT:
        return ()
    one = tables[0]
    found: dict[tuple[Dimension, str], tuple[PublishedCell, list[Benchmark]]] = {}
    for benchmark in benchmarks():
        if benchmark.indicator_id != one.indicator_id or not benchmark.is_same:
            continue
        for key in _groups_of(benchmark, one.school_year, year_of_survey, tables):
            cell = _cell(tables, key)
            if cell is not None and cell.shown:
                found.setdefault(key, (cell, []))[1].append(benchmark)
    return tuple(
        Beside(
            cell=cell,
            band_name=some[0].band_name,
            benchmarks=tuple(sorted(some, key=lambda other: (-other.year, other.place.text()))),
        )
        for cell, some in found.values()
    )


def grade_turning(age: int, *, school_year: int, year_of_survey: int) -> str | None:
    """Give the grade of upper secondary school whose pupils turn `age` in a calendar year; None when there is none."""
    grade = school_year - _BORN_BEFORE_FIRST_YEAR + 1 - (year_of_survey - age)
    return f"{_UPPER}-{grade}" if 1 <= grade <= _GRADES else None


def _groups_of(
    benchmark: Benchmark, school_year: int, year_of_survey: int, tables: Sequence[PublishedTable]
) -> list[tuple[Dimension, str]]:
    grade = {
        "turning_16": grade_turning(16, school_year=school_year, year_of_survey=year_of_survey),
        "turning_13": "primo_grado-3",
        "turning_15": f"{_UPPER}-2",
    }.get(benchmark.band)
    if grade is not None:
        if benchmark.sex is not None:
            return [(Dimension.SEX_GRADE, f"{benchmark.sex}:{grade}")]
        return [(Dimension.GRADE, grade)]
    if benchmark.band == "upper_secondary" and benchmark.sex is None:
        return [(Dimension.LEVEL, _UPPER)] if _has(tables, Dimension.LEVEL) else _all_of_upper(tables)
    return []


def _all_of_upper(tables: Sequence[PublishedTable]) -> list[tuple[Dimension, str]]:
    """Take all pupils where a table by grade says that all five grades of upper secondary school are in it, alone."""
    grades = {cell.domain for table in tables if table.dimension is Dimension.GRADE for cell in table.cells}
    is_whole = grades == {f"{_UPPER}-{number}" for number in range(1, _GRADES + 1)}
    return [(Dimension.ALL, "all")] if is_whole else []


def _has(tables: Sequence[PublishedTable], dimension: Dimension) -> bool:
    return any(table.dimension is dimension for table in tables)


def _cell(tables: Sequence[PublishedTable], key: tuple[Dimension, str]) -> PublishedCell | None:
    return next(
        (cell for table in tables if table.dimension is key[0] for cell in table.cells if cell.domain == key[1]), None
    )
