"""What is said of those not found again: bounds on the change of all who answered before, as they may be shown. Pure.

The reckoning is `attrition`. What is shown here is made of figures that are shown anyway (both shares of those found
again, the share of all before, how many there are to the nearest ten), each taken at the far end of its rounding, so
the bounds hold the true ones and tell nothing more. Only the margins of error are the real ones, to the next step.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prevention.indicators.attrition import AttritionBounds

# Floats that stand for whole numbers of steps are a hair off.
_HAIR = 1e-9
# Shares of people who were found are told to the nearest so many in 100.
_FOUND_STEP = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownBounds:
    """The change of all who answered before, on the indicator's scale, whatever those not found would have said.

    Attributes:
        found: of 100 with an answer before, so many have one after too, to the nearest five.
        low, high: the change had those not found gone to one end of the scale, and to the other.
        low_end, high_end: the same with their margins of error.
        steady: the change had those not found stayed as they were.
        tipping: by how much those not found would have had to change for `steady` to vanish; None where hardly
            anybody is missing, or nothing changed.
        can_tip: whether their scale allows that.
    """

    found: int
    low: float
    high: float
    low_end: float
    high_end: float
    steady: float
    tipping: float | None
    can_tip: bool

    @classmethod
    def from_json(cls, given: Mapping[str, Any] | None) -> "ShownBounds | None":
        """Read what a released result holds; None where it holds none."""
        return None if given is None else cls(**given)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownFigures:
    """What is shown anyway, normalised.

    Attributes:
        all_before: the figure of all before. found_before, found_after: of those found again.
        n_all, n_found: how many they are, to the nearest ten.
        step_all, step_found: what the figures are rounded to. count_step: what the counts are.
    """

    all_before: float
    found_before: float
    found_after: float
    n_all: int
    n_found: int
    step_all: float
    step_found: float
    count_step: int


def shown_bounds(exact: AttritionBounds, shown: ShownFigures, *, span: float) -> ShownBounds | None:
    """Make bounds of what is shown; `span` is the width of the scale. None where no margin can be had."""
    if exact.margins is None or shown.n_all <= 0:
        return None
    half = shown.count_step / 2
    share = min(shown.n_found / shown.n_all, 1.0)
    fewest = max(min((shown.n_found - half) / (shown.n_all + half), 1.0), 0.0)
    grain = max(shown.step_all, shown.step_found)
    slack = (shown.step_all + shown.step_found) / 2
    # Fewer found again is wider at both ends, so the fewest that the rounded counts allow are taken.
    low = _down(fewest * shown.found_after - shown.all_before - slack, grain)
    high = _up(fewest * shown.found_after + 1 - fewest - shown.all_before + slack, grain)
    low_margin, high_margin = (_up(margin, grain) for margin in exact.margins)
    steady = share * (shown.found_after - shown.found_before)
    tipping, can_tip = _tipping(shown, share, steady)
    return ShownBounds(
        found=round(share * 100 / _FOUND_STEP) * _FOUND_STEP,
        low=_on(max(low, -1.0), span),
        high=_on(min(high, 1.0), span),
        low_end=_on(max(low - low_margin, -1.0), span),
        high_end=_on(min(high + high_margin, 1.0), span),
        steady=_on(_nearest(steady, grain), span),
        tipping=None if tipping is None else _on(_nearest(tipping, grain), span),
        can_tip=can_tip,
    )


def _tipping(shown: ShownFigures, share: float, steady: float) -> tuple[float | None, bool]:
    if shown.n_all - shown.n_found < shown.count_step or abs(steady) <= _HAIR:
        return None, False
    tipping = -steady / (1 - share)
    start = (shown.all_before - share * shown.found_before) / (1 - share)
    return (tipping, True) if 0 <= start + tipping <= 1 else (max(min(tipping, 1.0), -1.0), False)


def _down(value: float, grain: float) -> float:
    return math.floor(value / grain + _HAIR) * grain


def _up(value: float, grain: float) -> float:
    return math.ceil(value / grain - _HAIR) * grain


def _nearest(value: float, grain: float) -> float:
    return math.floor(value / grain + 0.5 + _HAIR) * grain


def _on(value: float, span: float) -> float:
    return round(value * span, 4)
