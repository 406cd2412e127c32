"""The indicators, read from `catalogue.toml` into values. Pure.

Owns the shape of that file. Each ``[[indicators]]`` has exactly one of

- ``yes``: a condition; its share among valid answers is the figure. A condition is one of
  ``{item, is}`` / ``{item, is_not}``   a single answer is (not) one of these codes;
  ``{item, has_any}``                   a multiple answer holds at least one of these codes;
  ``{any, answered}`` / ``{all}``       of a list of conditions;
  ``{at_least, of}``                    so many of a list of conditions;
  ``{sum_of, scores, at_least | at_most}``   the sum of scored answers lies on this side of a cut-off;
- ``mean``: ``{of, scores, at_least_answered}``, the mean of scored answers;
- ``difference``: ``{item, out_of, less}``, a number as a share of `out_of`, less another indicator, record by
  record.

Conditions are three-valued: yes, no, missing. "Any" is yes as soon as one part is, no only when all parts are
no, and else missing; "all" likewise. ``[zero_if]`` says which earlier answer settles a question as "no".

``within`` lists indicators that it lies in by its meaning alone; what follows from the formulas is not written
(`implication`).

How a declaration is computed is not here: `expressions` turns it into SQL.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from prevention.core.i18n import Localised
from prevention.indicators.published import Measure

CATALOGUE_FILE = Path(__file__).with_name("catalogue.toml")

_ITEM = re.compile(r"[A-Z][0-9]{1,2}[a-z]?")
_CODE = re.compile(r"[A-Za-z0-9_<>=+.-]{1,24}")


class BadCatalogue(ValueError):
    """The file says something that cannot be an indicator."""


class Age(StrEnum):
    """Age groups.

    J and S are school levels; E and S15_PLUS only say which benchmarks may stand beside a figure.
    """

    J = "J"
    S = "S"
    E = "E"
    S15_PLUS = "S15+"


# The level that a class's school has, for the two age groups that figures are published for.
LEVELS = {Age.J: "primo_grado", Age.S: "secondo_grado"}


class Better(StrEnum):
    """The wished direction of a figure."""

    LOWER = "lower"
    HIGHER = "higher"


@dataclass(frozen=True, kw_only=True, slots=True)
class Is:
    """A single answer is one of `codes` (or is none of them, when `negated`)."""

    item: str
    codes: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class HasAny:
    """A multiple answer holds at least one of `codes`."""

    item: str
    codes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnyOf:
    """At least one of `parts` is yes; for a no, at least `answered` of them must not be missing."""

    parts: tuple["Condition", ...]
    answered: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AtLeast:
    """At least `count` of `parts` are yes; where missing parts would decide, nothing is known."""

    count: int
    parts: tuple["Condition", ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SumWithin:
    """The sum of the scores of `items`, all answered, is at least `lowest` or at most `highest` (one is given)."""

    items: tuple[str, ...]
    scores: Mapping[str, int]
    lowest: int | None
    highest: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mean:
    """The mean of the scores of those `items` that are answered, when at least `least` are."""

    items: tuple[str, ...]
    scores: Mapping[str, int]
    least: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """The number answered to `item` as a share of `out_of`, less 1 or 0 by `less`, where both are valid."""

    item: str
    out_of: int
    less: "Condition"


Condition = Is | HasAny | AnyOf | AtLeast | SumWithin
Formula = Condition | Mean | Difference
ZeroIf = Mapping[str, tuple[Mapping[str, tuple[str, ...]], ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Indicator:
    """One declared indicator.

    Attributes:
        formula: what is counted or averaged.
        items: the questions it reads, those that settle one of them included, in catalogue order.
        ages: the age groups it makes sense for.
        instrument: a validated instrument whose text must be loaded for anybody to have been asked.
        within: ids of indicators that it lies in by its meaning.
    """

    id: str
    group: str
    name: Localised
    definition: Localised
    formula: Formula
    measure: Measure
    scale: tuple[float, float]
    items: tuple[str, ...]
    ages: frozenset[Age]
    better: Better
    source: str
    instrument: str | None
    within: tuple[str, ...] = ()

    @property
    def levels(self) -> tuple[str, ...]:
        """The school levels whose pupils the indicator is published for."""
        return tuple(level for age, level in LEVELS.items() if age in self.ages)


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """All declared indicators, in order; `groups` are the sections of a report, in order."""

    version: str
    groups: Mapping[str, Localised]
    indicators: tuple[Indicator, ...]
    zero_if: ZeroIf

    def get(self, indicator_id: str) -> Indicator:
        """Give an indicator by its id.

        Raises:
            KeyError: there is none.
        """
        for indicator in self.indicators:
            if indicator.id == indicator_id:
                return indicator
        raise KeyError(indicator_id)

    def answerable(self, items: frozenset[str]) -> tuple[Indicator, ...]:
        """Give the indicators whose own questions were all asked of somebody."""
        return tuple(one for one in self.indicators if frozenset(asked_items(one.formula)) <= items)


@cache
def catalogue() -> Catalogue:
    """Read the catalogue that comes with the application."""
    with CATALOGUE_FILE.open("rb") as file:
        return parse(tomllib.load(file))


def parse(given: Mapping[str, Any]) -> Catalogue:
    """Build a catalogue from the file's content.

    Raises:
        BadCatalogue: a declaration is not one, an id is there twice, or a reference leads nowhere.
    """
    zero_if: ZeroIf = {
        _item(item): tuple(
            {_item(parent): _codes(codes) for parent, codes in condition.items()} for condition in alternatives
        )
        for item, alternatives in given["zero_if"].items()
    }
    groups = {group["id"]: Localised(group["name"]) for group in given["groups"]}
    found: dict[str, Indicator] = {}
    for one in given["indicators"]:
        if one["id"] in found or one["group"] not in groups:
            raise BadCatalogue(f"{one['id']}: declared twice, or in no known group")
        if not set(one.get("within", ())) <= set(found):
            raise BadCatalogue(f"{one['id']}: lies within what is not declared before it")
        found[one["id"]] = _indicator(one, given["scores"], zero_if, found)
    return Catalogue(version=given["version"], groups=groups, indicators=tuple(found.values()), zero_if=zero_if)


def _indicator(
    one: Mapping[str, Any], scores: Mapping[str, Any], zero_if: ZeroIf, found: Mapping[str, Indicator]
) -> Indicator:
    formula, measure, scale = _formula(one, scores, found)
    own = asked_items(formula)
    parents = [parent for item in own for condition in zero_if.get(item, ()) for parent in condition]
    return Indicator(
        id=one["id"],
        group=one["group"],
        name=Localised(one["name"]),
        definition=Localised(one["definition"]),
        formula=formula,
        measure=measure,
        scale=scale,
        items=tuple(dict.fromkeys([*own, *parents])),
        ages=frozenset(Age(age) for age in one["ages"]),
        better=Better(one["better"]),
        source=one["source"],
        instrument=one.get("instrument"),
        within=tuple(one.get("within", ())),
    )


def _formula(
    one: Mapping[str, Any], scores: Mapping[str, Any], found: Mapping[str, Indicator]
) -> tuple[Formula, Measure, tuple[float, float]]:
    kinds = [kind for kind in ("yes", "mean", "difference") if kind in one]
    if len(kinds) != 1:
        raise BadCatalogue(f"{one['id']}: wants exactly one of yes, mean, difference")
    given = one[kinds[0]]
    if kinds == ["yes"]:
        return _condition(given, scores), Measure.PERCENT, (0.0, 1.0)
    if kinds == ["mean"]:
        table = _scores(given["scores"], scores)
        mean = Mean(items=_items(given["of"]), scores=table, least=int(given["at_least_answered"]))
        return mean, Measure.SCALE, (float(min(table.values())), float(max(table.values())))
    less = found[given["less"]].formula if given["less"] in found else None
    if less is None or isinstance(less, Mean | Difference):
        raise BadCatalogue(f"{one['id']}: subtracts no share that is declared before it")
    difference = Difference(item=_item(given["item"]), out_of=int(given["out_of"]), less=less)
    return difference, Measure.POINTS, (-1.0, 1.0)


def _condition(given: Mapping[str, Any], scores: Mapping[str, Any]) -> Condition:
    match given:
        case {"item": item, "is": codes}:
            return Is(item=_item(item), codes=_codes(codes))
        case {"item": item, "is_not": codes}:
            return Is(item=_item(item), codes=_codes(codes), negated=True)
        case {"item": item, "has_any": codes}:
            return HasAny(item=_item(item), codes=_codes(codes))
        case {"any": parts}:
            answered = int(given.get("answered", len(parts)))
            return AnyOf(parts=tuple(_condition(part, scores) for part in parts), answered=answered)
        case {"all": parts}:
            return AtLeast(count=len(parts), parts=tuple(_condition(part, scores) for part in parts))
        case {"at_least": count, "of": parts}:
            return AtLeast(count=int(count), parts=tuple(_condition(part, scores) for part in parts))
        case {"sum_of": items, "scores": table} if ("at_least" in given) != ("at_most" in given):
            return SumWithin(
                items=_items(items),
                scores=_scores(table, scores),
                lowest=given.get("at_least"),
                highest=given.get("at_most"),
            )
    raise BadCatalogue(f"no condition: {dict(given)}")


def asked_items(formula: Formula) -> tuple[str, ...]:
    """Give the questions that a formula reads itself, in order, each once."""
    return tuple(dict.fromkeys(_walk(formula)))


def _walk(formula: Formula) -> Iterator[str]:
    match formula:
        case Is(item=item) | HasAny(item=item):
            yield item
        case AnyOf(parts=parts) | AtLeast(parts=parts):
            for part in parts:
                yield from _walk(part)
        case SumWithin(items=items) | Mean(items=items):
            yield from items
        case Difference(item=item, less=less):
            yield item
            yield from _walk(less)


def _item(text: str) -> str:
    # Items and codes end up in SQL: what is not plainly one never gets that far.
    if not _ITEM.fullmatch(text):
        raise BadCatalogue(f"no item: {text!r}")
    return text


def _items(texts: list[str]) -> tuple[str, ...]:
    return tuple(_item(text) for text in texts)


def _codes(texts: list[str]) -> tuple[str, ...]:
    for text in texts:
        if not _CODE.fullmatch(text):
            raise BadCatalogue(f"no answer code: {text!r}")
    return tuple(texts)


def _scores(name: str, scores: Mapping[str, Any]) -> dict[str, int]:
    return dict(zip(_codes(list(scores[name])), (int(score) for score in scores[name].values()), strict=True))
