"""Builds the tables of a sealed wave: estimate, judge, round, name. What it returns may be printed.

Owns the last step only; the estimates, the gate and the rounding are other files' matter.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from prevention.core.i18n import Localised
from prevention.indicators.catalogue import Catalogue, Indicator
from prevention.indicators.cube import cube_of
from prevention.indicators.disclosure import Group, Sheet, Show, Verdict, decide
from prevention.indicators.domains import ROOT, Domain, Key, estimate, schools_with_answers
from prevention.indicators.engine import SEXES, ClassTotals, class_totals
from prevention.indicators.engines import DUCKDB
from prevention.indicators.estimates import Estimate, logit_interval, t_interval
from prevention.indicators.implication import components, nested_pairs
from prevention.indicators.linked import Within
from prevention.indicators.manifest import wording_of
from prevention.indicators.memory import Memory, Release
from prevention.indicators.policy import Policy, bottom_code, nearest, nearest_count, outwards
from prevention.indicators.populations import Population
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


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Counted:
    """One indicator in every group, before anything is decided."""

    indicator: Indicator
    tree: tuple[Domain, ...]
    groups: dict[Key, Group]
    sheet: Sheet


def build_tables(
    path: Path,
    source: Source,
    *,
    catalogue: Catalogue,
    policy: Policy,
    new: Population | None = None,
    releases: Sequence[Release] = (),
    address: str = DUCKDB,
) -> tuple[PublishedTable, ...]:
    """Build all tables of a sealed file, in catalogue order, for both audiences.

    A dimension along which nobody differs (one grade, one track) has no table.

    Args:
        path: the first sealed file of a wave.
        source: what stands in the tables besides figures.
        catalogue: the indicators.
        policy: the rules in force.
        new: whose answers count; None for the records that the file keeps.
        releases: what was published of the wave before.
    """
    indicators = catalogue.answerable(frozenset(source.wordings))
    totals = class_totals(path, indicators, zero_if=catalogue.zero_if, address=address, with_discarded=new is not None)
    memory = Memory(totals, new=new or Population(), releases=releases, policy=policy)
    return tables_beside(memory, indicators, catalogue, source=source)


def cube_tables(
    memory: Memory,
    indicators: Sequence[Indicator],
    catalogue: Catalogue,
    tables: Sequence[PublishedTable],
    *,
    source: Source,
) -> Iterator[PublishedTable]:
    """Write the crossings for open data, one table for each indicator that has any. Pure.

    Args:
        memory: all that is out, the usual tables of the same wave included.
        indicators: those that were answered.
        catalogue: which indicator lies within which.
        tables: the usual ones, from which the cube takes what is not about its cells.
        source: what stands in the tables besides figures.
    """
    like = {table.indicator_id: table for table in tables}
    for indicator_id, cells in cube_of(memory, indicators, catalogue).items():
        if not cells:
            continue
        levels = tuple(sorted({memory.totals.classes[index].level for index in memory.totals.class_index}))
        yield replace(
            like[indicator_id],
            id=uuid.uuid4(),
            dimension=Dimension.CUBE,
            audience=Audience.DISTRICT,
            cells=tuple(
                PublishedCell(
                    domain=cell.group.key[1],
                    label=label_of(cell.group.key, levels=levels, places=source.places),
                    # How many told which sex stays out: so many crossings would give few others away (`counts`).
                    n_valid=None if cell.key[0] else nearest_count(cell.records, memory.policy.count_step),
                    share=round(cell.share, 4),
                    low=None,
                    high=None,
                    shown=True,
                    n_is_rounded=not cell.key[0],
                    step=memory.policy.step(Measure.PERCENT, (0.0, 1.0)).fine,
                )
                for cell in cells
            ),
        )


def tables_beside(
    memory: Memory, indicators: Sequence[Indicator], catalogue: Catalogue, *, source: Source
) -> tuple[PublishedTable, ...]:
    """Build the tables of some indicators beside all that is out already. Pure."""
    counted = [one for indicator in indicators if (one := count(indicator, memory)) is not None]
    verdicts = judge(counted, memory, catalogue)
    return tuple(
        table
        for one, verdict in zip(counted, verdicts, strict=True)
        for table in tables_of(one, verdict, memory.totals, source=source, policy=memory.policy)
    )


def judge(counted: Sequence[Counted], memory: Memory, catalogue: Catalogue) -> list[dict[Key, Verdict]]:
    """Pass indicators through the gate, those that lie within each other together, with all that is out already."""
    indicators = [one.indicator for one in counted]
    pairs = nested_pairs(indicators, zero_if=catalogue.zero_if)
    verdicts: list[dict[Key, Verdict]] = [{} for _one in counted]
    for places in components(len(indicators), pairs):
        sheets = [counted[place].sheet for place in places]
        within = [
            within_of(sheets, places.index(inner), places.index(outer)) for inner, outer in pairs if inner in places
        ]
        past = memory.past_of([indicators[place] for place in places], [sheet.groups for sheet in sheets])
        found = decide(sheets, policy=memory.policy, within=within, past=past)
        for place, one in zip(places, found, strict=True):
            verdicts[place] = one
    return verdicts


def within_of(sheets: Sequence[Sheet], inner: int, outer: int) -> Within:
    """Say that one sheet lies within another, as far as the outer one was answered and nobody contradicts himself."""
    one, other = sheets[inner], sheets[outer]
    records = other.n if other.records is None else other.records
    return Within(inner=inner, outer=outer, slack=np.maximum(np.maximum(records - other.n, one.total - other.total), 0))


def tables_of(
    counted: Counted, verdicts: Mapping[Key, Verdict], totals: ClassTotals, *, source: Source, policy: Policy
) -> list[PublishedTable]:
    """Write the tables of one indicator, as decided."""
    indicator, tree = counted.indicator, counted.tree
    figures = [
        _Figure(
            domain=domain,
            group=counted.groups[domain.key],
            records=int(totals.records[domain.rows].sum()),
            verdict=verdicts[domain.key],
        )
        for domain in tree
        # Who told no sex is no column of the table by sex and grade: so few would be there that all of it is empty.
        if not (domain.key[0] is Dimension.SEX_GRADE and domain.key[1].startswith(SEXES[-1]))
    ]
    present = [totals.classes[index] for index in {int(index) for domain in tree for index in domain.classes}]
    levels = tuple(sorted({facts.level for facts in present}))
    whole = next((figure for figure in figures if figure.domain.key == ROOT), None)
    is_hidden = whole is None or whole.verdict.show is Show.NOTHING
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
            classes=len(present),
            schools=len({facts.site_code for facts in present}),
            missing=None if is_hidden or whole is None else nearest(1 - whole.group.n / whole.records, 0.01),
            wording=wording_of(indicator, source.wordings),
            policy=policy.version,
            sealed_on=source.sealed_on,
        )
        for dimension in dimensions
    ]


def count(indicator: Indicator, memory: Memory) -> Counted | None:
    """Estimate one indicator in every group of the new population; None when none of its levels took part."""
    tree, totals = memory.tree(indicator.levels), memory.totals
    if not tree:
        return None
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
            atoms=domain.atoms,
            interval=_interval(found, indicator),
        )
    return Counted(
        indicator=indicator, tree=tree, groups=groups, sheet=sheet_of(indicator, tuple(groups.values()), memory)
    )


def sheet_of(indicator: Indicator, groups: tuple[Group, ...], memory: Memory) -> Sheet:
    """Add an indicator up by atom, for the gate; without groups where nothing new of it comes out."""
    totals, atoms, policy = memory.totals, memory.atoms, memory.policy
    sums = totals.sums[indicator.id]
    n, value, records = (
        np.bincount(atoms, weights=some).astype(np.float64) for some in (sums.n, sums.value, totals.records)
    )
    low, high = indicator.scale
    return Sheet(
        groups=groups,
        n=n,
        # A sum of so many floats may pass its end by a hair.
        total=np.clip((value - low * n) / (high - low), 0.0, n),
        records=records,
        step=policy.step(indicator.measure, indicator.scale),
        is_percent=indicator.measure is Measure.PERCENT,
    )


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
        step=_step_on_scale(verdict.step, indicator) if is_number else None,
    )


def _masked(group: Group, verdict: Verdict, policy: Policy) -> str:
    """Write what is true of every number that the mask stands for: "<20" of zero to four in thirty."""
    bound = round(100 * bottom_code(group.n, verdict.step, policy))
    return f"<{bound}" if verdict.show is Show.BOTTOM else f">{100 - bound}"


def _on_scale(value: float, indicator: Indicator) -> float:
    low, high = indicator.scale
    # Steps are hundredths at their finest; the rest is dust of floating point.
    return round(low + value * (high - low), 4)


def _step_on_scale(step: float, indicator: Indicator) -> float:
    low, high = indicator.scale
    return round(step * (high - low), 4)


def _normalised(value: float, indicator: Indicator) -> float:
    low, high = indicator.scale
    return (value - low) / (high - low)
