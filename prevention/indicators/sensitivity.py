"""What a cleaning rule does to the results: with it, and without. Pure but for reading the sealed file.

The sealed file says which rules each record breaks, so one GROUP BY by that pattern gives the totals of any setting of
the switches. What is written down is coarse on purpose, because two exact results that differ by a few records tell
those records' answers: how many percentages over all pupils change when rounded to whole percent, and the largest
change in whole points. It is written down only for rules that move at least as many records as a cell needs answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw
import numpy as np

from prevention.indicators.catalogue import Indicator, ZeroIf
from prevention.indicators.cleaning import MEASURED, Rule, discarded_by
from prevention.indicators.engine import floats, frame_of, sums_of
from prevention.indicators.engines import DUCKDB, Columns, open_engine
from prevention.indicators.estimates import Floats
from prevention.indicators.expressions import BAR
from prevention.indicators.policy import Policy
from prevention.indicators.published import Measure


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """What turning one rule's switch would do to the percentages over all pupils.

    Attributes:
        records: kept or discarded otherwise.
        figures: percentages that were compared; `changed` of them are another whole percent.
        points: largest change, in whole percentage points.
    """

    records: int
    figures: int
    changed: int
    points: int


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Patterns:
    """Totals of a sealed file by which rules a record breaks; rows = patterns, columns = indicators."""

    broken: tuple[tuple[Rule, ...], ...]
    records: Floats
    n: Floats
    value: Floats


def pattern_totals(path: Path, indicators: Sequence[Indicator], *, zero_if: ZeroIf, address: str = DUCKDB) -> Patterns:
    """Add up percentages by pattern of broken rules, in one pass over a sealed file."""
    percents = [one for one in indicators if one.measure is Measure.PERCENT]
    values, sums = sums_of(percents, zero_if)
    with open_engine(address) as engine:
        frame = (
            frame_of(engine, path, percents)
            .with_columns(pattern=nw.when(~nw.col("broken").is_null()).then(nw.col("broken")).otherwise(nw.lit("")))
            .select("pattern", **values)
            .group_by("pattern")
            .agg(nw.len().alias("records"), **sums)
            .sort("pattern")
        )
        found = engine.fetch(frame)
    count = len(percents)
    return Patterns(
        broken=tuple(
            tuple(Rule(one) for one in str(pattern).strip(BAR).split(BAR) if one) for pattern in found["pattern"]
        ),
        records=floats(found["records"]),
        n=_table(found, "n", count),
        value=_table(found, "s", count),
    )


def _table(found: Columns, letter: str, count: int) -> Floats:
    columns = [floats(found[f"{letter}{index}"]) for index in range(count)]
    return np.column_stack(columns) if columns else np.zeros((len(found["pattern"]), 0))


def effects(patterns: Patterns, *, switches: Mapping[Rule, bool], policy: Policy) -> dict[Rule, Effect]:
    """Say what turning each switch would do; rules that move too few records, or none, are left out."""
    found = {}
    for rule in MEASURED:
        turned = {**switches, rule: not switches[rule]}
        now, then = (_kept(patterns, setting) for setting in (switches, turned))
        records = int(patterns.records[now != then].sum())
        if records >= policy.answers:
            found[rule] = _effect(patterns, now, then, records=records, policy=policy)
    return found


def _kept(patterns: Patterns, switches: Mapping[Rule, bool]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array([discarded_by(broken, switches) is None for broken in patterns.broken], dtype=bool)


def _effect(
    patterns: Patterns,
    now: np.ndarray[tuple[int], np.dtype[np.bool_]],
    then: np.ndarray[tuple[int], np.dtype[np.bool_]],
    *,
    records: int,
    policy: Policy,
) -> Effect:
    n = [patterns.n[kept].sum(axis=0) for kept in (now, then)]
    enough = (n[0] >= policy.answers_school) & (n[1] >= policy.answers_school)
    shares = [
        patterns.value[kept].sum(axis=0)[enough] / many[enough] for kept, many in zip((now, then), n, strict=True)
    ]
    whole = [np.floor(100 * share + 0.5) for share in shares]
    return Effect(
        records=records,
        figures=int(enough.sum()),
        changed=int((whole[0] != whole[1]).sum()),
        points=round(100 * float(np.abs(shares[0] - shares[1]).max(initial=0.0))),
    )
