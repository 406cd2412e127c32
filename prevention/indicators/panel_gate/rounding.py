"""How the figures of a pair are rounded: the shares, and what is made of the rounded shares. Pure."""

import math
from collections.abc import Sequence

from prevention.indicators.catalogue import Better, Indicator
from prevention.indicators.effects import Comparison, Contrast, Verdict, cohens_h, verdict
from prevention.indicators.estimates import Estimate
from prevention.indicators.panel_gate.scale import interval_of, normalised, on_scale
from prevention.indicators.panel_gate.values import PanelFigure, Side
from prevention.indicators.policy import Policy, nearest, nearest_count, outwards
from prevention.indicators.published import Measure
from prevention.indicators.trends import harm_of

# A change of a mean is a harm from here on, in Cohen's d: what he called small.
HARM_SIZE = 0.2
# What ratios and sizes are rounded to beside fine and coarse shares: never so that they say more than the difference.
_RATIO_STEPS = (0.1, 0.5)
_SIZE_STEPS = (0.1, 0.25)
# Floats that stand for whole numbers are a hair off.
_HAIR = 1e-9


def side_of(one: Indicator, estimate: Estimate, step: float, policy: Policy) -> Side:
    """Round one group's figure and its interval."""
    interval = interval_of(one, estimate)
    ends: tuple[float | None, float | None] = (None, None)
    if interval is not None:
        rounded = outwards(*interval, step)
        ends = (on_scale(rounded[0], one), on_scale(rounded[1], one))
    return Side(
        n=nearest_count(estimate.n, policy.count_step),
        value=on_scale(nearest(normalised(estimate.mean, one), step), one),
        low=ends[0],
        high=ends[1],
    )


def difference_of(one: Indicator, exact: Contrast, sides: Sequence[Side], step: float) -> Contrast:
    """Give the difference of the rounded figures, with the interval of the exact one."""
    grain = step * (one.scale[1] - one.scale[0])
    return _rounded(exact, round(sides[1].value - sides[0].value, 4), grain)


def ratio_of(found: Comparison, sides: Sequence[Side], *, is_coarse: bool) -> Contrast | None:
    """Give the ratio of the rounded figures; None where one of them is nought."""
    if found.ratio is None or sides[0].value <= 0 or sides[1].value <= 0:
        return None
    return _rounded(found.ratio, round(sides[1].value / sides[0].value, 2), _RATIO_STEPS[is_coarse])


def ratio_step(figure: PanelFigure, step: float, policy: Policy) -> float:
    """Say what a figure's ratio is rounded to, its shares being rounded to `step`, normalised."""
    return _RATIO_STEPS[step >= policy.step(figure.measure, figure.scale).coarse]


def size_of(one: Indicator, found: Comparison, sides: Sequence[Side], *, is_coarse: bool) -> Contrast | None:
    """Give the size of a difference: of shares, that of the rounded ones."""
    step = _SIZE_STEPS[is_coarse]
    if found.size is None:
        return None
    if one.measure is Measure.PERCENT:
        shares = [min(max(side.value, 0.0), 1.0) for side in sides]
        return _rounded(found.size, round(cohens_h(shares[0], shares[1]), 2), step)
    return _rounded(found.size, round(nearest(found.size.value, step), 2), step)


def _rounded(exact: Contrast, value: float, grain: float) -> Contrast:
    """Round an interval outwards, so that it holds the value that is shown, too."""
    if exact.low is None or exact.high is None:
        return Contrast(value=value, se=None, low=None, high=None)
    low = min(math.floor(exact.low / grain + _HAIR) * grain, value)
    high = max(math.ceil(exact.high / grain - _HAIR) * grain, value)
    return Contrast(value=value, se=None, low=round(low, 4), high=round(high, 4))


def verdict_of(one: Indicator, found: Comparison) -> Verdict:
    """Say what a change means for the wished direction."""
    lower = one.better is Better.LOWER
    if one.measure is Measure.SCALE and found.size is not None:
        return verdict(found.size, lower_is_better=lower, harm=HARM_SIZE)
    return verdict(found.difference, lower_is_better=lower, harm=harm_of(one.measure, one.scale))
