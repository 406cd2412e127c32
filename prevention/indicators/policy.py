"""The disclosure policy, read from `policy.toml` into values; and how a number is rounded under it. Pure.

Numbers here are on the scale 0 to 1 of their measure ("normalised"): a percentage is one already, a
difference of shares d is (d + 1) / 2, a mean score is its place between lowest and highest score. A group's
`total` is the sum over its valid answers, so for a percentage it is how many said yes.
"""

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from prevention.indicators.published import Measure

POLICY_FILE = Path(__file__).with_name("policy.toml")

# Floats that stand for whole numbers of steps are a hair off.
_HAIR = 1e-9


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """The grain of published numbers, normalised: ordinary, and for small groups."""

    fine: float
    coarse: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ResearchPolicy:
    """What a record-level file may tell apart; the file explains each figure."""

    records: int
    classes: int
    schools: int
    unit_classes: int
    unit_records: int
    known: tuple[str, ...]
    alike: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CubePolicy:
    """How much counts of the open-data cube are perturbed (`cellkeys`)."""

    most: int
    variance: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What may be shown; the file explains each figure and names its source."""

    version: str
    rules_off: tuple[str, ...]
    answers: int
    answers_school: int
    crossing: int
    classes: int
    small_number: int
    small_group: int
    steps: dict[Measure, tuple[float, float]]
    bottom: float
    count_step: int
    count_step_from: int
    recovery_values: int
    recovery_share: float
    research: ResearchPolicy
    cube: CubePolicy

    def step(self, measure: Measure, scale: tuple[float, float]) -> Step:
        """Give the grain of a measure on its scale, normalised."""
        span = scale[1] - scale[0]
        fine, coarse = self.steps[measure]
        return Step(fine=fine / span, coarse=coarse / span)


@cache
def policy() -> Policy:
    """Read the policy in force."""
    with POLICY_FILE.open("rb") as file:
        return parse(tomllib.load(file))


def parse(given: dict[str, Any]) -> Policy:
    """Build a policy from the file's content."""
    thresholds, rounding, recovery = given["thresholds"], given["rounding"], given["recovery"]
    return Policy(
        version=given["version"],
        rules_off=tuple(given["cleaning"]["off"]),
        answers=thresholds["answers"],
        answers_school=thresholds["answers_school"],
        crossing=thresholds["crossing"],
        classes=thresholds["classes"],
        small_number=thresholds["small_number"],
        small_group=rounding["small_group"],
        steps={measure: (rounding[measure]["step"], rounding[measure]["step_small"]) for measure in Measure},
        bottom=rounding["bottom"],
        count_step=rounding["count_step"],
        count_step_from=rounding["count_step_from"],
        recovery_values=recovery["values"],
        recovery_share=recovery["share"],
        cube=CubePolicy(**given["cube"]),
        research=ResearchPolicy(**{**given["research"], "known": tuple(given["research"]["known"])}),
    )


def nearest(value: float, step: float) -> float:
    """Round to the nearest multiple of a step, halves up."""
    return math.floor(value / step + 0.5 + _HAIR) * step


def outwards(low: float, high: float, step: float) -> tuple[float, float]:
    """Round an interval to multiples of a step so that it never gets narrower; stays within 0 and 1."""
    return (
        max(math.floor(low / step + _HAIR) * step, 0.0),
        min(math.ceil(high / step - _HAIR) * step, 1.0),
    )


def nearest_count(count: int, step: int) -> int:
    """Round a count to the nearest multiple of a step, halves up."""
    return (2 * count + step) // (2 * step) * step


def bottom_code(n: int, step: float, policy: Policy) -> float:
    """Give the share that "fewer than five of n" stays under, as a multiple of the step."""
    return max(policy.bottom, math.ceil(policy.small_number / n / step - _HAIR) * step)


def revealed(
    *, n: int, total: float, interval: tuple[float, float] | None, step: float, is_logit: bool
) -> tuple[float, float]:
    """Give the lowest and highest total that the published numbers of a group allow, its n being known.

    Two things are read off: the rounded number, and the centre of the rounded interval, which is symmetric
    around the estimate (on the logit scale for a percentage) and can be the sharper of the two.
    """
    shown = None if interval is None else outwards(*interval, step)
    low, high = read_off(n=n, share=nearest(total / n, step), interval=shown, step=step, is_logit=is_logit)
    # Rounding errors of floats must never make the truth look impossible.
    return min(low, total), max(high, total)


def read_off(
    *, n: int, share: float, interval: tuple[float, float] | None, step: float, is_logit: bool
) -> tuple[float, float]:
    """Give the lowest and highest total that a rounded share and its rounded interval allow; see `revealed`."""
    low, high = share - step / 2, share + step / 2
    if interval is not None:
        centre_low, centre_high = _centre(*interval, step=step, is_logit=is_logit)
        low, high = max(low, centre_low), min(high, centre_high)
    low, high = max(low, 0.0) * n, min(high, 1.0) * n
    if is_logit:
        low, high = math.ceil(low - _HAIR), math.floor(high + _HAIR)
    return low, high


def _centre(low: float, high: float, *, step: float, is_logit: bool) -> tuple[float, float]:
    if low <= _HAIR or high >= 1 - _HAIR:
        # Cut off at the end of the scale: no longer symmetric.
        return 0.0, 1.0
    ends = ((low, high - step), (low + step, high))
    if not is_logit:
        return sum(ends[0]) / 2, sum(ends[1]) / 2
    centre_low, centre_high = ((_logit(one) + _logit(other)) / 2 for one, other in ends)
    return 1 / (1 + math.exp(-centre_low)), 1 / (1 + math.exp(-centre_high))


def _logit(share: float) -> float:
    share = min(max(share, _HAIR), 1 - _HAIR)
    return math.log(share / (1 - share))
