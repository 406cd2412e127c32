"""From a sealed file to totals per class and sex: one GROUP BY, on the engine that a setting chooses.

Everything a published table needs follows from these totals, because a class has one school, level, grade and
track. Memory does not grow with the number of records. How an engine is opened is `engines`; what is computed of a
record, `expressions`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from prevention.indicators import expressions
from prevention.indicators.catalogue import Indicator, ZeroIf
from prevention.indicators.engines import DUCKDB, Columns, Engine, open_engine
from prevention.indicators.estimates import Floats, Indices
from prevention.indicators.published import Measure

# The question that tells the sexes apart. Who answered "in another way", preferred not to say or said nothing
# is in the third group: together they are few, and a group of their own for each would point at persons.
SEX_ITEM = "A1"
SEXES = ("female", "male", "other")

# Columns of a sealed file that are not questions.
FACTS = ("cluster", "site_code", "institute_code", "municipality", "level", "track", "grade")
# Those that a class has one value of.
CLASS = ("cluster", "site_code", "level", "grade", "track", "municipality")
MARKS = ("broken", "kept", "record_key")


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassFacts:
    """What is known of a class in a sealed file."""

    site_code: str
    level: str
    grade: int
    track: str | None
    municipality: str = ""


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
        keys: per indicator id of a share and row, the sum of the record keys of those who count (`cellkeys`).
        broken: per row, the cleaning rules that its records break, between bars; empty when rows are kept ones only.
    """

    classes: tuple[ClassFacts, ...]
    class_index: Indices
    sex: Indices
    records: Floats
    sums: dict[str, Sums]
    broken: tuple[str, ...] = ()
    keys: dict[str, Floats] = field(default_factory=dict)


def frame_of(engine: Engine, path: Path, indicators: Sequence[Indicator]) -> "nw.LazyFrame[Any]":
    """Scan a sealed file, with an empty column for each question that indicators read and the file lacks."""
    frame = engine.scan(path)
    absent = {SEX_ITEM, *(item for one in indicators for item in one.items)} - set(frame.collect_schema().names())
    return frame.with_columns(**{item: nw.lit(None, dtype=nw.String) for item in sorted(absent)}) if absent else frame


def sums_of(indicators: Sequence[Indicator], zero_if: ZeroIf) -> tuple[dict[str, nw.Expr], dict[str, nw.Expr]]:
    """Write every indicator's value as a column v0, v1 …, and their counts, sums and squares as n0, s0, q0 …."""
    values = {f"v{index}": expressions.value_of(one, zero_if) for index, one in enumerate(indicators)}
    sums: dict[str, nw.Expr] = {}
    for index in range(len(indicators)):
        value = nw.col(f"v{index}")
        sums |= {f"n{index}": value.count(), f"s{index}": value.sum(), f"q{index}": (value * value).sum()}
    return values, sums


def totals_by(
    groups: Sequence[str],
    path: Path,
    indicators: Sequence[Indicator],
    *,
    zero_if: ZeroIf,
    address: str = DUCKDB,
    with_discarded: bool = False,
    with_keys: bool = False,
) -> Columns:
    """Add up every indicator by any columns of a sealed file and `sex`, in one pass.

    Only records that the file keeps count, unless `with_discarded`.

    Returns:
        A column for each of `groups`, `records`, and for the indicator of index i: `n<i>` valid answers, `s<i>` the sum
        of their values, `q<i>` of their squares and, `with_keys`, `k<i>` of value times record key. Rows in no order.
    """
    values, sums = sums_of(indicators, zero_if)
    answer = nw.col(SEX_ITEM)
    sex = nw.when(answer == SEXES[0]).then(0).otherwise(nw.when(answer == SEXES[1]).then(1).otherwise(2))
    with open_engine(address) as engine:
        frame = frame_of(engine, path, indicators)
        frame = frame if with_discarded else frame.filter(nw.col("kept"))
        if with_keys:
            # A share's value is 1 or 0: what is added up is the keys of those who count.
            sums |= {f"k{index}": (nw.col(f"v{index}") * nw.col("record_key")).sum() for index in range(len(values))}
        # At once, so that the engine looks at the many columns of the file only once.
        columns = [name for name in (*groups, *(("record_key",) if with_keys else ())) if name != "sex"]
        grouped = frame.select(*columns, sex=sex, **values).group_by(*groups)
        return engine.fetch(grouped.agg(nw.len().alias("records"), **sums))


def class_totals(
    path: Path,
    indicators: Sequence[Indicator],
    *,
    zero_if: ZeroIf,
    address: str = DUCKDB,
    with_discarded: bool = False,
) -> ClassTotals:
    """Add up every indicator by class and sex, in one pass over the file.

    Args:
        path: a sealed file.
        indicators: those whose own questions are columns of the file; other questions they read may be absent.
        zero_if: which earlier answer settles a question.
        address: of the engine (`engines`).
        with_discarded: take all records, and tell them apart by the rules that they break.
    """
    groups = (*CLASS, "sex", "broken") if with_discarded else (*CLASS, "sex")
    found = totals_by(
        groups, path, indicators, zero_if=zero_if, address=address, with_discarded=with_discarded, with_keys=True
    )
    facts, class_index = _facts(found)
    return ClassTotals(
        classes=facts,
        class_index=class_index,
        sex=np.asarray(found["sex"], dtype=np.int64),
        records=np.asarray(found["records"], dtype=np.float64),
        sums={
            one.id: Sums(
                n=floats(found[f"n{index}"]), value=floats(found[f"s{index}"]), square=floats(found[f"q{index}"])
            )
            for index, one in enumerate(indicators)
        },
        keys={
            one.id: floats(found[f"k{index}"]) for index, one in enumerate(indicators) if one.measure is Measure.PERCENT
        },
        broken=tuple(_text(rules) or "" for rules in found["broken"]) if with_discarded else (),
    )


def floats(values: NDArray[Any]) -> Floats:
    """Give numbers; the sum of nothing, which some engines call missing, is 0."""
    return np.nan_to_num(np.asarray(values, dtype=np.float64))


def _facts(found: Mapping[str, NDArray[Any]]) -> tuple[tuple[ClassFacts, ...], Indices]:
    """Number the classes; one cluster is one class, whatever sexes its rows are split into."""
    seen: dict[int, int] = {}
    facts: list[ClassFacts] = []
    index: list[int] = []
    for cluster, site_code, level, grade, track, town in zip(*(found[name] for name in CLASS), strict=True):
        if int(cluster) not in seen:
            seen[int(cluster)] = len(facts)
            facts.append(
                ClassFacts(
                    site_code=str(site_code),
                    level=str(level),
                    grade=int(grade),
                    track=_text(track),
                    municipality=_text(town) or "",
                )
            )
        index.append(seen[int(cluster)])
    return tuple(facts), np.array(index, dtype=np.int64)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
