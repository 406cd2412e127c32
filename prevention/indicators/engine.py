"""The engine: DuckDB over a sealed file. One GROUP BY turns records into totals per class and sex.

Everything a published table needs follows from these totals, because a class has one school, level, grade and
track. Memory does not grow with the number of records.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from prevention.indicators import expressions
from prevention.indicators.catalogue import Indicator, ZeroIf
from prevention.indicators.estimates import Floats, Indices

# The question that tells the sexes apart. Who answered "in another way", preferred not to say or said nothing
# is in the third group: together they are few, and a group of their own for each would point at persons.
SEX_ITEM = "A1"
SEXES = ("female", "male", "other")

# Columns of a sealed file that are not questions.
FACTS = ("cluster", "site_code", "institute_code", "municipality", "level", "track", "grade")
MARKS = ("broken", "kept", "record_key")


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassFacts:
    """What is known of a class in a sealed file."""

    site_code: str
    level: str
    grade: int
    track: str | None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Sums:
    """Sums of one indicator; rows as in `ClassTotals`: valid answers, their values, their squared values."""

    n: Floats
    value: Floats
    square: Floats


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ClassTotals:
    """Totals of a wave; rows = pairs of a class and a sex that hold at least one record.

    Attributes:
        classes: the classes; a row's `class_index` points here.
        class_index, sex, records: per row; `sex` is an index into `SEXES`.
        sums: per indicator id.
    """

    classes: tuple[ClassFacts, ...]
    class_index: Indices
    sex: Indices
    records: Floats
    sums: dict[str, Sums]


def connect() -> duckdb.DuckDBPyConnection:
    """Open an engine of its own, in memory, that fetches nothing from anywhere."""
    return duckdb.connect(
        ":memory:", config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )


def columns_of(path: Path) -> frozenset[str]:
    """Give the names of a sealed file's columns."""
    with connect() as engine:
        found = engine.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    return frozenset(str(row[0]) for row in found)


def with_absent(path: Path, indicators: Sequence[Indicator]) -> str:
    """Write what to select from: a sealed file (one parameter) with an empty column for each question it lacks."""
    absent = {SEX_ITEM, *(item for one in indicators for item in one.items)} - columns_of(path)
    nothing = "".join(f", CAST(NULL AS VARCHAR) AS {expressions.column(item)}" for item in sorted(absent))
    return f"(SELECT *{nothing} FROM read_parquet(?))"  # noqa: S608


def class_totals(path: Path, indicators: Sequence[Indicator], *, zero_if: ZeroIf) -> ClassTotals:
    """Add up every indicator by class and sex, in one pass over the file.

    Args:
        path: a sealed file.
        indicators: those whose own questions are columns of the file; other questions they read may be
        absent. zero_if: which earlier answer settles a question.
    """
    values = "".join(f", {expressions.value_of(one, zero_if)} AS v{index}" for index, one in enumerate(indicators))
    sums = "".join(
        f", COUNT(v{index}) AS n{index}, COALESCE(SUM(v{index}), 0) AS s{index}, "
        f"COALESCE(SUM(v{index} * v{index}), 0) AS q{index}"
        for index in range(len(indicators))
    )
    # Nothing in this text comes from outside: columns and codes were checked when the catalogue was read.
    statement = f"""
        WITH records AS (SELECT * FROM {with_absent(path, indicators)} WHERE kept), valued AS (
            SELECT cluster, site_code, level, grade, track,
                   CASE {expressions.column(SEX_ITEM)} WHEN 'female' THEN 0 WHEN 'male' THEN 1 ELSE 2 END AS
            sex{values} FROM records ) SELECT cluster, site_code, level, grade, track, sex, COUNT(*) AS
            records{sums} FROM valued GROUP BY cluster, site_code, level, grade, track, sex
    """  # noqa: S608
    with connect() as engine:
        found = engine.execute(statement, [str(path)]).fetchnumpy()
    facts, class_index = _facts(found)
    return ClassTotals(
        classes=facts,
        class_index=class_index,
        sex=np.asarray(found["sex"], dtype=np.int64),
        records=np.asarray(found["records"], dtype=np.float64),
        sums={
            one.id: Sums(
                n=np.asarray(found[f"n{index}"], dtype=np.float64),
                value=np.asarray(found[f"s{index}"], dtype=np.float64),
                square=np.asarray(found[f"q{index}"], dtype=np.float64),
            )
            for index, one in enumerate(indicators)
        },
    )


def _facts(found: Mapping[str, NDArray[Any]]) -> tuple[tuple[ClassFacts, ...], Indices]:
    """Number the classes; one cluster is one class, whatever sexes its rows are split into."""
    seen: dict[int, int] = {}
    facts: list[ClassFacts] = []
    index: list[int] = []
    for cluster, site_code, level, grade, track in zip(
        *(found[name] for name in ("cluster", "site_code", "level", "grade", "track")), strict=True
    ):
        if int(cluster) not in seen:
            seen[int(cluster)] = len(facts)
            facts.append(ClassFacts(site_code=str(site_code), level=str(level), grade=int(grade), track=_text(track)))
        index.append(seen[int(cluster)])
    return tuple(facts), np.array(index, dtype=np.int64)


def _text(value: object) -> str | None:
    return None if value is None or value is np.ma.masked else str(value)
