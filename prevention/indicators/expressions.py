"""Declared indicators as expressions that any columnar engine runs. Pure: values in, narwhals expressions out.

narwhals writes the same expression as SQL for DuckDB and as columns of Spark, so that a declaration has one meaning on
one machine and on many. Its logic of null is the catalogue's logic of missing answers, which is why a condition stays a
boolean and is turned into 1, 0 or null only at the end.

A column per question holds the answer's code, a marker (`NOT_ASKED`, `DECLINED`) or null; the codes of a multiple
answer stand between bars, ``|family|school|``. Items and codes were checked when the catalogue was read.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import add, and_, or_

import narwhals as nw

from prevention.indicators.catalogue import (
    AnyOf,
    AtLeast,
    Condition,
    Difference,
    Formula,
    HasAny,
    Indicator,
    Is,
    Mean,
    SumWithin,
    ZeroIf,
)
from prevention.surveys.rules import DECLINED, NOT_ASKED

BAR = "|"


def value_of(indicator: Indicator, zero_if: ZeroIf) -> nw.Expr:
    """Give an indicator's value for one record.

    A number, or null when missing or not for this record's level.
    """
    value = _number(indicator.formula, zero_if)
    return nw.when(nw.col("level").is_in(list(indicator.levels))).then(value)


def column(item: str) -> str:
    """Write the column of a question in SQL."""
    return f'"{item}"'


def _number(formula: Formula, zero_if: ZeroIf) -> nw.Expr:
    match formula:
        case Mean():
            return _mean(formula)
        case Difference(item=item, out_of=out_of, less=less):
            # A number is answered by a code of its digits; a marker is none of them.
            codes = {str(number): number for number in range(out_of + 1)}
            return _score(item, codes) / out_of - _number(less, zero_if)
        case _:
            return _truth(formula, zero_if).cast(nw.Int8).cast(nw.Float64)


def _truth(condition: Condition, zero_if: ZeroIf) -> nw.Expr:
    match condition:
        case Is(item=item, codes=codes, negated=negated):
            found = nw.col(item).is_in(list(codes))
            settled = _settled((item,), zero_if)
            return _first_of((_answered(item), ~found if negated else found), *_false_where(settled))
        case HasAny(item=item, codes=codes):
            found = reduce(or_, (nw.col(item).str.contains(f"{BAR}{code}{BAR}", literal=True) for code in codes))
            return _first_of((_answered(item), found))
        case AnyOf(parts=parts, answered=answered):
            truths = [_truth(part, zero_if) for part in parts]
            known = _count(~truth.is_null() for truth in truths)
            return _first_of((reduce(or_, truths), nw.lit(value=True)), (known >= answered, nw.lit(value=False)))
        case AtLeast(count=count, parts=parts):
            return _at_least(count, [_truth(part, zero_if) for part in parts])
        case SumWithin(items=items, scores=scores, lowest=lowest, highest=highest):
            total = reduce(add, (_score(item, scores) for item in items))
            test = total >= lowest if lowest is not None else total <= highest
            settled = _settled(items, zero_if)
            return test if settled is None else _first_of((settled, nw.lit(value=False)), (nw.lit(value=True), test))
    raise TypeError(condition)


def _at_least(count: int, parts: list[nw.Expr]) -> nw.Expr:
    if count == len(parts):
        return reduce(and_, parts)
    possible = len(parts) - _count(~part for part in parts)
    return _first_of((_count(parts) >= count, nw.lit(value=True)), (possible < count, nw.lit(value=False)))


def _mean(mean: Mean) -> nw.Expr:
    scores = [_score(item, mean.scores) for item in mean.items]
    total = reduce(add, (nw.when(~score.is_null()).then(score).otherwise(nw.lit(0.0)) for score in scores))
    answered = _count(~score.is_null() for score in scores)
    return nw.when(answered >= mean.least).then(total / answered)


def _score(item: str, scores: Mapping[str, int]) -> nw.Expr:
    return _first_of(*((nw.col(item) == code, nw.lit(float(score))) for code, score in scores.items()))


def _answered(item: str) -> nw.Expr:
    return ~nw.col(item).is_in([NOT_ASKED, DECLINED])


def _false_where(settled: nw.Expr | None) -> tuple[tuple[nw.Expr, nw.Expr], ...]:
    return () if settled is None else ((settled, nw.lit(value=False)),)


def _settled(items: tuple[str, ...], zero_if: ZeroIf) -> nw.Expr | None:
    """Give the condition that earlier answers settle one of the items as "no"; None when none can."""
    alternatives = {
        tuple((parent, tuple(codes)) for parent, codes in condition.items())
        for item in items
        for condition in zero_if.get(item, ())
    }
    if not alternatives:
        return None
    return reduce(
        or_,
        (
            reduce(and_, (nw.col(parent).is_in(list(codes)) for parent, codes in alternative))
            for alternative in sorted(alternatives)
        ),
    )


def _count(truths: Iterable[nw.Expr]) -> nw.Expr:
    """Count the conditions that are true; an unknown one is not."""
    return reduce(add, (truth.fill_null(value=False).cast(nw.Int8) for truth in truths))


def _first_of(*cases: tuple[nw.Expr, nw.Expr]) -> nw.Expr:
    """Give the value of the first case whose condition is true; null when none is."""
    (condition, value), *others = cases
    chosen = nw.when(condition).then(value)
    return chosen.otherwise(_first_of(*others)) if others else chosen
