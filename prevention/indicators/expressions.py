"""Declared indicators as SQL. Pure: values in, text out.

The SQL is plain enough for any engine: CASE, AND, OR, IN, LIKE. Its logic of NULL is the catalogue's logic of
missing answers, which is why a condition is written as a boolean and turned into 1, 0 or NULL only at the
end.

A column per question holds the answer's code, a marker (`NOT_ASKED`, `DECLINED`) or NULL; the codes of a
multiple answer stand between bars, ``|family|school|``. Items and codes were checked when the catalogue was
read, so they can be written into the text.
"""

from collections.abc import Mapping

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


def value_of(indicator: Indicator, zero_if: ZeroIf) -> str:
    """Write an indicator's value for one record.

    A number, or NULL when missing or not for this record's level.
    """
    return f"CASE WHEN {for_levels(indicator.levels)} THEN {_number(indicator.formula, zero_if)} END"


def for_levels(levels: tuple[str, ...]) -> str:
    """Write the condition that a record is of one of these school levels."""
    return f"level IN ({_texts(levels)})"


def _number(formula: Formula, zero_if: ZeroIf) -> str:
    match formula:
        case Mean():
            return _mean(formula)
        case Difference(item=item, out_of=out_of, less=less):
            return f"TRY_CAST({column(item)} AS DOUBLE) / {out_of} - {_number(less, zero_if)}"
        case _:
            return f"CAST(CAST({_truth(formula, zero_if)} AS INTEGER) AS DOUBLE)"


def _truth(condition: Condition, zero_if: ZeroIf) -> str:
    match condition:
        case Is(item=item, codes=codes, negated=negated):
            comparison = f"{column(item)} {'NOT IN' if negated else 'IN'} ({_texts(codes)})"
            return f"(CASE WHEN {_answered(item)} THEN {comparison}{_else_zero((item,), zero_if)} END)"
        case HasAny(item=item, codes=codes):
            found = " OR ".join(f"{column(item)} LIKE '%{BAR}{_like(code)}{BAR}%' ESCAPE '!'" for code in codes)
            return f"(CASE WHEN {_answered(item)} THEN {found} END)"
        case AnyOf(parts=parts, answered=answered):
            return _any_of([_truth(part, zero_if) for part in parts], answered)
        case AtLeast(count=count, parts=parts):
            return _at_least(count, [_truth(part, zero_if) for part in parts])
        case SumWithin(items=items, scores=scores, lowest=lowest, highest=highest):
            total = " + ".join(_score(item, scores) for item in items)
            test = f"{total} >= {lowest}" if lowest is not None else f"{total} <= {highest}"
            settled = _settled(items, zero_if)
            return f"(CASE WHEN {settled} THEN FALSE ELSE {test} END)" if settled else f"({test})"
    raise TypeError(condition)


def _any_of(parts: list[str], answered: int) -> str:
    known = " + ".join(f"CASE WHEN {part} IS NULL THEN 0 ELSE 1 END" for part in parts)
    return f"(CASE WHEN {' OR '.join(parts)} THEN TRUE WHEN {known} >= {answered} THEN FALSE END)"


def _at_least(count: int, parts: list[str]) -> str:
    if count == len(parts):
        return f"({' AND '.join(parts)})"
    sure = " + ".join(f"CASE WHEN {part} THEN 1 ELSE 0 END" for part in parts)
    possible = " + ".join(f"CASE WHEN NOT {part} THEN 0 ELSE 1 END" for part in parts)
    return f"(CASE WHEN {sure} >= {count} THEN TRUE WHEN {possible} < {count} THEN FALSE END)"


def _mean(mean: Mean) -> str:
    scores = [_score(item, mean.scores) for item in mean.items]
    total = " + ".join(f"COALESCE({score}, 0)" for score in scores)
    answered = " + ".join(f"CASE WHEN {score} IS NULL THEN 0 ELSE 1 END" for score in scores)
    return f"CASE WHEN {answered} >= {mean.least} THEN ({total}) / CAST({answered} AS DOUBLE) END"


def _score(item: str, scores: Mapping[str, int]) -> str:
    whens = " ".join(f"WHEN '{code}' THEN {score}" for code, score in scores.items())
    return f"(CASE {column(item)} {whens} END)"


def _answered(item: str) -> str:
    return f"{column(item)} NOT IN ('{NOT_ASKED}', '{DECLINED}')"


def _else_zero(items: tuple[str, ...], zero_if: ZeroIf) -> str:
    settled = _settled(items, zero_if)
    return f" WHEN {settled} THEN FALSE" if settled else ""


def _settled(items: tuple[str, ...], zero_if: ZeroIf) -> str:
    """Write the condition that earlier answers settle one of the items as "no"; empty when none can."""
    alternatives = dict.fromkeys(
        " AND ".join(f"{column(parent)} IN ({_texts(codes)})" for parent, codes in condition.items())
        for item in items
        for condition in zero_if.get(item, ())
    )
    return " OR ".join(f"({alternative})" for alternative in alternatives)


def column(item: str) -> str:
    """Write the column of a question."""
    return f'"{item}"'


def _texts(codes: tuple[str, ...]) -> str:
    return ", ".join(f"'{code}'" for code in codes)


def _like(code: str) -> str:
    # "_" and "%" are wild cards of LIKE, and codes have underscores.
    return code.replace("!", "!!").replace("_", "!_").replace("%", "!%")
