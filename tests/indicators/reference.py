"""The meaning of a declared indicator, written a second time: one record in, yes, no, a number or nothing out."""

from collections.abc import Sequence

from prevention.indicators.catalogue import (
    AnyOf,
    AtLeast,
    Condition,
    Difference,
    HasAny,
    Indicator,
    Is,
    Mean,
    SumWithin,
    ZeroIf,
)
from prevention.surveys.rules import Answers

MARKERS = ("not_asked", "declined")


def value(indicator: Indicator, answers: Answers, *, level: str, zero_if: ZeroIf) -> float | None:
    """Give the value of an indicator for one record; None when missing or not for its level."""
    if level not in indicator.levels:
        return None
    formula = indicator.formula
    if isinstance(formula, Mean):
        scores = [formula.scores[code] for code in _codes(answers, formula.items) if code in formula.scores]
        return sum(scores) / len(scores) if len(scores) >= formula.least else None
    if isinstance(formula, Difference):
        thought = answers.get(formula.item)
        did = truth(formula.less, answers, zero_if)
        if thought is None or thought in MARKERS or did is None:
            return None
        return float(str(thought)) / formula.out_of - did
    found = truth(formula, answers, zero_if)
    return None if found is None else float(found)


def truth(condition: Condition, answers: Answers, zero_if: ZeroIf) -> bool | None:
    if isinstance(condition, Is):
        answer = answers.get(condition.item)
        if answer is not None and answer not in MARKERS:
            return (answer in condition.codes) != condition.negated
        return False if _is_settled((condition.item,), answers, zero_if) else None
    if isinstance(condition, HasAny):
        answer = answers.get(condition.item)
        return bool(set(answer) & set(condition.codes)) if isinstance(answer, list) and answer else None
    if isinstance(condition, AnyOf):
        parts = [truth(part, answers, zero_if) for part in condition.parts]
        if True in parts:
            return True
        return False if parts.count(False) >= condition.answered else None
    if isinstance(condition, AtLeast):
        parts = [truth(part, answers, zero_if) for part in condition.parts]
        if parts.count(True) >= condition.count:
            return True
        return False if parts.count(True) + parts.count(None) < condition.count else None
    return _sum_within(condition, answers, zero_if)


def _sum_within(condition: SumWithin, answers: Answers, zero_if: ZeroIf) -> bool | None:
    if _is_settled(condition.items, answers, zero_if):
        return False
    scores = [condition.scores.get(code) for code in _codes(answers, condition.items)]
    if len(scores) < len(condition.items) or None in scores:
        return None
    total = sum(score for score in scores if score is not None)
    return total >= condition.lowest if condition.lowest is not None else total <= (condition.highest or 0)


def _codes(answers: Answers, items: Sequence[str]) -> list[str]:
    return [str(answers[item]) for item in items if item in answers]


def _is_settled(items: Sequence[str], answers: Answers, zero_if: ZeroIf) -> bool:
    return any(
        all(answers.get(parent) in codes for parent, codes in condition.items())
        for item in items
        for condition in zero_if.get(item, ())
    )
