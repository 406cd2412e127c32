"""One group's figure between 0 and 1: how many, its interval, its total. Pure."""

from prevention.indicators.catalogue import Indicator
from prevention.indicators.effects import Group
from prevention.indicators.estimates import Estimate, logit_interval, t_interval
from prevention.indicators.published import Measure


def n_of(group: Group) -> float:
    """Count the answers of a group."""
    return float(group.totals.n.sum())


def interval_of(one: Indicator, estimate: Estimate) -> tuple[float, float] | None:
    """Give the interval of one figure, normalised."""
    if one.measure is Measure.PERCENT:
        return logit_interval(estimate)
    found = t_interval(estimate)
    if found is None:
        return None
    low, high = (min(max(normalised(end, one), 0.0), 1.0) for end in found)
    return low, high


def normalised_total(one: Indicator, group: Group) -> float:
    """Give the sum of a group's answers, each between 0 and 1."""
    return (float(group.totals.value.sum()) - one.scale[0] * n_of(group)) / (one.scale[1] - one.scale[0])


def normalised(value: float, one: Indicator) -> float:
    """Bring a value from an indicator's scale to 0 to 1."""
    low, high = one.scale
    return (value - low) / (high - low)


def on_scale(value: float, one: Indicator) -> float:
    """Bring a value from 0 to 1 to an indicator's scale."""
    low, high = one.scale
    return round(low + value * (high - low), 4)
