"""Whether what lies between two groups stays open, beside what is shown of both. Pure."""

from collections.abc import Sequence

from prevention.indicators.catalogue import Indicator
from prevention.indicators.effects import Group
from prevention.indicators.panel_gate.scale import interval_of, n_of, normalised
from prevention.indicators.panels import Outcome
from prevention.indicators.policy import Policy, revealed
from prevention.indicators.published import Measure

# Floats that stand for whole numbers are a hair off.
_HAIR = 1e-9


def known_total(one: Indicator, group: Group, interval: tuple[float, float] | None, step: float) -> tuple[float, float]:
    """Give the lowest and highest total, normalised, that a rounded figure and its rounded interval allow."""
    n = n_of(group)
    if n <= 0:
        return 0.0, 0.0
    total = normalised(float(group.totals.value.sum()) / n, one) * n
    return revealed(n=round(n), total=total, interval=interval, step=step, is_logit=one.measure is Measure.PERCENT)


def is_open(left: int, ranges: Sequence[tuple[float, float]], policy: Policy) -> bool:
    """Say whether a number of yes that lies within all of some ranges stays open enough."""
    low = max(0.0, *(one[0] for one in ranges))
    high = min(float(left), *(one[1] for one in ranges))
    return left <= 0 or high - low >= min(policy.recovery_values - 1, left) - _HAIR


def rest_is_open(part: Outcome, whole: Outcome, wave: int, step: float, policy: Policy) -> bool:
    """Say whether the number of yes among those who are in the whole and not in the part stays open enough."""
    one = part.indicator
    of_part, of_whole = (_group_of(outcome, wave) for outcome in (part, whole))
    steps = policy.step(one.measure, one.scale)
    whole_step = steps.coarse if n_of(of_whole) < policy.small_group else steps.fine
    within = known_total(one, of_part, interval_in(part, wave), step)
    without = known_total(one, of_whole, interval_in(whole, wave), whole_step)
    left = round(n_of(of_whole) - n_of(of_part))
    yes = float(of_whole.totals.value.sum() - of_part.totals.value.sum())
    rest = part.came if wave else part.lost_groups[0] if part.lost_groups else None
    if left >= policy.answers and _might_be_shown(one, rest, (yes, left - yes), policy):
        return True
    return is_open(left, [(without[0] - within[1], without[1] - within[0])], policy)


def _might_be_shown(one: Indicator, rest: Group | None, split: tuple[float, float], policy: Policy) -> bool:
    """Say whether those who are in the whole and not in the part are a group that might be shown by itself."""
    if one.measure is not Measure.PERCENT or rest is None:
        return False
    return int((rest.totals.n > 0).sum()) >= policy.classes and min(split) >= policy.small_number


def _group_of(outcome: Outcome, wave: int) -> Group:
    return outcome.second if wave else outcome.first


def interval_in(outcome: Outcome, wave: int) -> tuple[float, float] | None:
    """Give the interval of an outcome in one of its two waves, normalised."""
    found = outcome.comparison
    return None if found is None else interval_of(outcome.indicator, found.second if wave else found.first)
