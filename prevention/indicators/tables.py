"""Builds the tables of a sealed wave: estimate, judge, round, name. What it returns may be printed.

Owns the last step only; the estimates, the gate and the rounding are other files' matter.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from prevention.core.i18n import Localised
from prevention.indicators.catalogue import Catalogue, Indicator
from prevention.indicators.disclosure import Group, Show, Verdict, decide
from prevention.indicators.domains import Domain, Key, domain_tree, estimate, schools_with_answers
from prevention.indicators.engine import ClassTotals, class_totals
from prevention.indicators.engines import DUCKDB
from prevention.indicators.estimates import Estimate, logit_interval, t_interval
from prevention.indicators.manifest import wording_of
from prevention.indicators.policy import Policy, bottom_code, nearest, nearest_count, outwards
from prevention.indicators.published import (
    Audience,
    Dimension,
    Measure,
    PublishedCell,
    PublishedTable,
)
from prevention.indicators.wording import label_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The sealed wave that tables are built from.

    `wordings` as in the manifest; `places`: code of a school or municipality to its name.
    """

    wave_id: uuid.UUID
    wave_name: str
    school_year: int
    sealed_on: date
    wordings: Mapping[str, str]
    places: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Figure:
    """A group with its estimate and what may be shown of it."""

    domain: Domain
    group: Group
    records: int
    verdict: Verdict


def build_tables(
    path: Path, source: Source, *, catalogue: Catalogue, policy: Policy, address: str = DUCKDB
) -> tuple[PublishedTable, ...]:
    """Build all tables of a sealed file, in catalogue order, for both audiences.

    A dimension along which nobody differs (one grade, one track) has no table.
    """
    indicators = catalogue.answerable(frozenset(source.wordings))
    totals = class_totals(path, indicators, zero_if=catalogue.zero_if, address=address)
    trees = {levels: domain_tree(totals, levels=levels) for levels in {one.levels for one in indicators}}
    return tuple(
        table
        for one in indicators
        if trees[one.levels]
        for table in _tables_of(one, trees[one.levels], totals, source=source, policy=policy)
    )


def _tables_of(
    indicator: Indicator, tree: tuple[Domain, ...], totals: ClassTotals, *, source: Source, policy: Policy
) -> list[PublishedTable]:
    figures = _figures(indicator, tree, totals, policy=policy)
    levels = tuple(sorted({totals.classes[index].level for index in tree[0].classes}))
    whole = figures[0]
    is_hidden = whole.verdict.show is Show.NOTHING
    dimensions = dict.fromkeys(figure.domain.key[0] for figure in figures)
    return [
        PublishedTable(
            id=uuid.uuid4(),
            wave_id=source.wave_id,
            indicator_id=indicator.id,
            name=indicator.name,
            definition=indicator.definition,
            group=indicator.group,
            measure=indicator.measure,
            scale=indicator.scale,
            school_year=source.school_year,
            wave_name=source.wave_name,
            dimension=dimension,
            audience=Audience.SCHOOL if dimension is Dimension.SCHOOL else Audience.DISTRICT,
            cells=tuple(
                _cell(figure, indicator, label_of(figure.domain.key, levels=levels, places=source.places), policy)
                for figure in figures
                if figure.domain.key[0] is dimension
            ),
            classes=len(tree[0].classes),
            schools=len({totals.classes[index].site_code for index in tree[0].classes}),
            missing=None if is_hidden else nearest(1 - whole.group.n / whole.records, 0.01),
            wording=wording_of(indicator, source.wordings),
            policy=policy.version,
            sealed_on=source.sealed_on,
        )
        for dimension in dimensions
    ]


def _figures(indicator: Indicator, tree: tuple[Domain, ...], totals: ClassTotals, *, policy: Policy) -> list[_Figure]:
    sums = totals.sums[indicator.id]
    groups: dict[Key, Group] = {}
    for domain in tree:
        found = estimate(domain, sums, totals)
        n = int(sums.n[domain.rows].sum())
        groups[domain.key] = Group(
            key=domain.key,
            parent=domain.parent,
            n=n,
            total=_normalised(found.mean, indicator) * n if found else 0.0,
            classes=found.clusters if found else 0,
            schools=schools_with_answers(domain, sums, totals),
            interval=_interval(found, indicator),
        )
    verdicts = decide(
        tuple(groups.values()),
        step=policy.step(indicator.measure, indicator.scale),
        is_percent=indicator.measure is Measure.PERCENT,
        policy=policy,
    )
    return [
        _Figure(
            domain=domain,
            group=groups[domain.key],
            records=int(totals.records[domain.rows].sum()),
            verdict=verdicts[domain.key],
        )
        for domain in tree
    ]


def _interval(found: Estimate | None, indicator: Indicator) -> tuple[float, float] | None:
    if found is None:
        return None
    if indicator.measure is Measure.PERCENT:
        return logit_interval(found)
    interval = t_interval(found)
    if interval is None:
        return None
    low, high = (_normalised(end, indicator) for end in interval)
    return max(low, 0.0), min(high, 1.0)


def _cell(figure: _Figure, indicator: Indicator, label: Localised, policy: Policy) -> PublishedCell:
    group, verdict = figure.group, figure.verdict
    shown = verdict.show is not Show.NOTHING
    is_number = verdict.show is Show.NUMBER
    interval = outwards(*group.interval, verdict.step) if is_number and group.interval is not None else None
    # A count to the nearest ten is that of the records, the same for every indicator: many tables of valid answers,
    # each rounded for itself, would average out to the exact one.
    n = nearest_count(figure.records, policy.count_step) if verdict.rounds_count else group.n
    return PublishedCell(
        domain=group.key[1],
        label=label,
        n_valid=n if shown else None,
        share=_on_scale(nearest(group.total / group.n, verdict.step), indicator) if is_number else None,
        low=_on_scale(interval[0], indicator) if interval else None,
        high=_on_scale(interval[1], indicator) if interval else None,
        shown=shown,
        reason=verdict.reason,
        text=_masked(group, verdict, policy) if shown and not is_number else None,
        n_is_rounded=shown and verdict.rounds_count,
    )


def _masked(group: Group, verdict: Verdict, policy: Policy) -> str:
    """Write what is true of every number that the mask stands for: "<20" of zero to four in thirty."""
    bound = round(100 * bottom_code(group.n, verdict.step, policy))
    return f"<{bound}" if verdict.show is Show.BOTTOM else f">{100 - bound}"


def _on_scale(value: float, indicator: Indicator) -> float:
    low, high = indicator.scale
    # Steps are hundredths at their finest; the rest is dust of floating point.
    return round(low + value * (high - low), 4)


def _normalised(value: float, indicator: Indicator) -> float:
    low, high = indicator.scale
    return (value - low) / (high - low)
