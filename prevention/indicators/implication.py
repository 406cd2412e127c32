"""Which indicators lie within which: whoever counts for the one counts for the other. Pure; read off declarations.

Who smoked in the past 30 days has smoked in life. The tables of the two are linked by that, whoever publishes them, so
disclosure control has to know. It is read off the formulas (`implies`), with what `zero_if` settles; where a relation
follows from the meaning alone (a first cigarette at 13 or younger is a cigarette in life), the declaration says
``within``.

Answers may contradict each other, and the outer answer may be missing. Both are counted as slack where the relation is
used: it is what somebody believes who knows the questions, not what every record obeys.
"""

from collections.abc import Sequence

from prevention.indicators.catalogue import (
    AnyOf,
    AtLeast,
    Condition,
    Difference,
    Indicator,
    Is,
    Mean,
    ZeroIf,
)


def nested_pairs(indicators: Sequence[Indicator], *, zero_if: ZeroIf) -> list[tuple[int, int]]:
    """List (inner, outer) by their places, without those that follow from others."""
    pairs = {
        (inner, outer)
        for inner, one in enumerate(indicators)
        for outer, other in enumerate(indicators)
        if inner != outer and lies_within(one, other, zero_if=zero_if)
    }
    middle = range(len(indicators))
    return sorted(
        (inner, outer)
        for inner, outer in pairs
        if not any(
            (inner, one) in pairs and (one, outer) in pairs and (one, inner) not in pairs and (outer, one) not in pairs
            for one in middle
        )
    )


def lies_within(inner: Indicator, outer: Indicator, *, zero_if: ZeroIf) -> bool:
    """Say whether whoever counts for `inner` counts for `outer`, as far as both were answered."""
    if outer.id in inner.within:
        return True
    if isinstance(inner.formula, Mean | Difference) or isinstance(outer.formula, Mean | Difference):
        return False
    return implies(inner.formula, outer.formula, zero_if=zero_if)


def implies(one: Condition, other: Condition, *, zero_if: ZeroIf) -> bool:
    """Say whether a yes to `one` makes a yes to `other`. No is also said of what is not recognised."""
    if isinstance(one, AnyOf):
        return all(implies(part, other, zero_if=zero_if) for part in one.parts)
    if isinstance(other, AnyOf) and any(implies(one, part, zero_if=zero_if) for part in other.parts):
        return True
    if isinstance(other, AtLeast) and other.count == len(other.parts):
        return all(implies(one, part, zero_if=zero_if) for part in other.parts)
    if isinstance(one, AtLeast):
        # Of so many parts at least `count` are yes: if all but fewer than that many lead there, one of them does.
        leading = sum(implies(part, other, zero_if=zero_if) for part in one.parts)
        return len(one.parts) - leading < one.count
    return isinstance(one, Is) and isinstance(other, Is) and _same_or_settled(one, other, zero_if)


def _same_or_settled(one: Is, other: Is, zero_if: ZeroIf) -> bool:
    if one.item == other.item:
        return _codes_within(one, other)
    # A yes to an item is impossible where an earlier answer settles it as "no".
    for condition in zero_if.get(one.item, ()):
        if set(condition) == {other.item} and other.negated and set(other.codes) <= set(condition[other.item]):
            return True
    return False


def _codes_within(one: Is, other: Is) -> bool:
    mine, theirs = set(one.codes), set(other.codes)
    if one.negated:
        return other.negated and theirs <= mine
    return not mine & theirs if other.negated else mine <= theirs


def components(count: int, pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Group places that are linked by pairs, each group and the list of groups in rising order."""
    group = list(range(count))
    for one, other in pairs:
        low, high = sorted((group[one], group[other]))
        group = [low if label == high else label for label in group]
    found: dict[int, list[int]] = {}
    for place, label in enumerate(group):
        found.setdefault(label, []).append(place)
    return list(found.values())
