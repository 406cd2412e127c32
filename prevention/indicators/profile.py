"""Risk and protection of a school or an area: factors ranked, beside the district, with what to do. Pure.

Published tables in, a `Profile` out: nothing new is computed of anybody, so nothing new gets out. Which indicators are
factors, and what is suggested, is data with its sources (`profile.toml`).

*Ranked*: risks by the share at risk, protection by the share without it, the largest first; masked figures after all
numbers, hidden ones last.

*Enough data* is said by the interval, as the NCHS presents proportions (Vital Health Stat 2(175), 2017): enough when it
is no wider than 5 points; not enough when it is 30 points or wider, or wider than 1.3 times the smaller of the share
and the rest; enough otherwise.

*Suggested* are three things at most, for the factors that stand out: those clearly worse than in the district first,
then in the order of the ranks; only of factors with enough data, each thing once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from prevention.core.i18n import Localised
from prevention.indicators.catalogue import Better, catalogue
from prevention.indicators.effects import Verdict
from prevention.indicators.published import Dimension, Measure, PublishedCell, PublishedTable
from prevention.indicators.trends import Change, change

PROFILE_FILE = Path(__file__).with_name("profile.toml")

SUGGESTED = 3
_WIDE, _NARROW, _RELATIVE = 0.30, 0.05, 1.3
# Ends of an interval are multiples of a hundredth, a hair off.
_HAIR = 1e-9


class BadProfile(ValueError):
    """The file says something that cannot be a factor or an action."""


class FactorKind(StrEnum):
    """What the share of a factor counts."""

    RISK = "risk"
    PROTECTION = "protection"


class Field(StrEnum):
    """Where a factor lies, after Communities That Care."""

    COMMUNITY = "community"
    FAMILY = "family"
    SCHOOL = "school"
    PEER_INDIVIDUAL = "peer_individual"


class DataMark(StrEnum):
    """How much a figure rests on."""

    ENOUGH = "enough"
    TOO_WIDE = "too_wide"
    MASKED = "masked"
    HIDDEN = "hidden"


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """Something to do: in words, the topic of programmes that do it, and what to search in the library."""

    key: str
    text: Localised
    topic: str
    search: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Factor:
    """An indicator read as a factor; its cut-off is the indicator's definition, `source` says whose it is."""

    indicator_id: str
    kind: FactorKind
    field: Field
    action: Action
    source: Localised


@dataclass(frozen=True, kw_only=True, slots=True)
class FactorRow:
    """A factor in one place.

    Attributes:
        rank: from 1 within its kind; None when hidden.
        cell: the place's figure. whole: that of all pupils of the survey.
        against_whole: the place's figure against it; None where one of them is no number.
    """

    factor: Factor
    name: Localised
    cutoff: Localised
    rank: int | None
    cell: PublishedCell
    whole: PublishedCell | None
    against_whole: Change | None
    mark: DataMark


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """Risk and protection of one place in one survey; `place` is None for the whole district."""

    place: Localised | None
    school_year: int
    wave_name: str
    risks: tuple[FactorRow, ...]
    protections: tuple[FactorRow, ...]
    actions: tuple[Action, ...]
    policy: str


@cache
def factors() -> tuple[Factor, ...]:
    """Read the factors that come with the application."""
    import tomllib

    with PROFILE_FILE.open("rb") as file:
        return parse(tomllib.load(file))


def parse(given: Mapping[str, Any]) -> tuple[Factor, ...]:
    """Build the factors from the file's content.

    Raises:
        BadProfile: a factor names no percentage of the catalogue, points the wrong way, or has no such action.
    """
    actions = {
        key: Action(key=key, text=Localised(one["text"]), topic=one["topic"], search=one["search"])
        for key, one in given["actions"].items()
    }
    wished = {one.id: one.better for one in catalogue().indicators if one.measure is Measure.PERCENT}
    found = []
    for one in given["factors"]:
        kind = FactorKind(one["kind"])
        expected = Better.LOWER if kind is FactorKind.RISK else Better.HIGHER
        if wished.get(one["indicator"]) is not expected or one["action"] not in actions:
            raise BadProfile(f"no factor: {one}")
        found.append(
            Factor(
                indicator_id=one["indicator"],
                kind=kind,
                field=Field(one["field"]),
                action=actions[one["action"]],
                source=Localised(one["source"]),
            )
        )
    return tuple(found)


def profile_of(
    tables: Sequence[PublishedTable], *, dimension: Dimension = Dimension.ALL, domain: str = "all"
) -> Profile | None:
    """Give the profile of a place; None when no factor was asked of anybody there.

    Args:
        tables: of one survey, those of all pupils and those along `dimension` among them.
        dimension, domain: the place: a school (by its code), a municipality (by its code), or all.
    """
    rows = [row for factor in factors() if (row := _row(factor, tables, dimension, domain)) is not None]
    if not rows:
        return None
    risks, protections = (_ranked([row for row in rows if row.factor.kind is kind]) for kind in FactorKind)
    about = tables[0]
    return Profile(
        place=None if dimension is Dimension.ALL else rows[0].cell.label,
        school_year=about.school_year,
        wave_name=about.wave_name,
        risks=risks,
        protections=protections,
        actions=_actions((*risks, *protections)),
        policy=about.policy,
    )


def mark_of(cell: PublishedCell) -> DataMark:
    """Say how much a figure rests on; see the module."""
    if not cell.shown:
        return DataMark.HIDDEN
    if cell.share is None:
        return DataMark.MASKED
    if cell.low is None or cell.high is None:
        return DataMark.TOO_WIDE
    width, smaller = cell.high - cell.low, min(cell.share, 1 - cell.share)
    if width <= _NARROW + _HAIR:
        return DataMark.ENOUGH
    is_wide = width >= _WIDE - _HAIR or width > _RELATIVE * smaller + _HAIR
    return DataMark.TOO_WIDE if is_wide else DataMark.ENOUGH


def _row(factor: Factor, tables: Sequence[PublishedTable], dimension: Dimension, domain: str) -> FactorRow | None:
    own = [table for table in tables if table.indicator_id == factor.indicator_id]
    cells = [table.cell(domain) for table in own if table.dimension is dimension]
    cell = cells[0] if cells else None
    if cell is None:
        return None
    whole = next((table.cells[0] for table in own if table.dimension is Dimension.ALL and table.cells), None)
    better = Better.LOWER if factor.kind is FactorKind.RISK else Better.HIGHER
    is_place = dimension is not Dimension.ALL
    return FactorRow(
        factor=factor,
        name=own[0].name,
        cutoff=own[0].definition,
        rank=None,
        cell=cell,
        whole=whole if is_place else None,
        against_whole=change(whole, cell, measure=Measure.PERCENT, better=better) if is_place else None,
        mark=mark_of(cell),
    )


def _ranked(rows: Sequence[FactorRow]) -> tuple[FactorRow, ...]:
    order = sorted(rows, key=lambda row: (not row.cell.shown, row.cell.share is None, -_concern(row)))
    return tuple(replace(row, rank=place if row.cell.shown else None) for place, row in enumerate(order, start=1))


def _concern(row: FactorRow) -> float:
    """Give the share that one would worry about: at risk, or without protection."""
    share = row.cell.share or 0.0
    return share if row.factor.kind is FactorKind.RISK else 1 - share


def _actions(rows: Sequence[FactorRow]) -> tuple[Action, ...]:
    able = [row for row in rows if row.mark is DataMark.ENOUGH]
    order = sorted(able, key=lambda row: (not _is_worse(row), row.rank or 0, -_concern(row)))
    return tuple({row.factor.action.key: row.factor.action for row in order}.values())[:SUGGESTED]


def _is_worse(row: FactorRow) -> bool:
    return row.against_whole is not None and row.against_whole.verdict is Verdict.WORSE
