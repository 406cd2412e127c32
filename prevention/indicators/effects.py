"""Change and effect: two groups of clusters compared, honestly. Pure.

Owns the comparison of two shares or means that were estimated from clusters (classes): difference, ratio, Cohen's h or
d, each with its interval; what a study could detect at all; who was lost between two measurements; and the watch for
harm. Estimates of one group are `estimates`. Which waves may be compared is decided elsewhere.

Method.

* *Difference* of two shares or means: the variance is that of the sum over all clusters of both groups of each
  cluster's linearised contribution, u = (y - R w) / W in the one group and its negative in the other. A class that
  stands in both groups (before and after) contributes once, with the difference of its two parts: what the two have
  in common cancels, and nobody needs to know which pupil is which (Taylor linearisation as in `estimates`). Degrees
  of freedom: Satterthwaite's (`estimates`).
* *Ratio*: the same on the logarithm of each share, u / R.
* *Cohen's h*: 2 asin(sqrt(p1)) - 2 asin(sqrt(p0)), with u / sqrt(p (1 - p)). *Cohen's d*: the difference over the
  standard deviation of answers, taken as known (Cohen, Statistical Power Analysis, 2nd ed. (1988), §2.2 and §6.2).
* *Detectable difference*: (t of the level + t of the power) * standard error, with the design effect
  1 + (m - 1) * ICC for classes of m (Donner and Klar, Design and Analysis of Cluster Randomization Trials (2000), §5).
* *Compared with those who wait*: the difference of two differences, over all four groups at once.
* *Harm*: the same interval is read from the other side. A change for the worse is flagged by the very rule that would
  announce a change for the better, and so is one that only may be one (`Verdict`).

Two choices. There is no p-value and no word "significant": an interval says more. And one comparison never carries its
own wording: what may be said of a cause follows from the design (`Design`), not from the number.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from prevention.indicators.estimates import (
    CONFIDENCE,
    ClusterTotals,
    Estimate,
    Floats,
    Indices,
    LonelyStratum,
    estimate_mean,
    t_quantile,
    variance_of_total,
    with_few_clusters,
)

POWER = 0.8


class Design(StrEnum):
    """How two measurements were made; it decides what may be said of a cause.

    UNCONTROLLED: before and after, nobody to compare with: a change may be age, season, or the programme. WAITING:
    compared with classes that had not had it yet. RANDOMISED: who waited was drawn by lot. REPEATED: other pupils of
    the same grade in another year.
    """

    UNCONTROLLED = "uncontrolled"
    WAITING = "waiting"
    RANDOMISED = "randomised"
    REPEATED = "repeated"

    @property
    def allows_cause(self) -> bool:
        """Say whether a difference may be put down to the programme."""
        return self is Design.RANDOMISED


class Verdict(StrEnum):
    """What an interval says of the wished direction.

    BETTER, WORSE: the whole of it lies on one side. MAYBE_WORSE: it holds no change, but reaches further than the
    harm that one would have to act on. UNCLEAR: anything else.
    """

    BETTER = "better"
    WORSE = "worse"
    MAYBE_WORSE = "maybe_worse"
    UNCLEAR = "unclear"


@dataclass(frozen=True, kw_only=True, slots=True)
class Contrast:
    """A comparison with its precision: `value` and its interval; None where none can be had."""

    value: float
    se: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Two groups compared, the second less the first.

    Attributes:
        first, second: their estimates.
        clusters: how many clusters there are in all; one that stands in both counts once.
        df: degrees of freedom of the intervals.
        difference: of the shares or means.
        ratio: of two shares; None for means, and where one share is 0.
        size: Cohen's h for shares, d for means; None where there is no spread.
    """

    first: Estimate
    second: Estimate
    clusters: int
    df: float
    difference: Contrast
    ratio: Contrast | None
    size: Contrast | None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Group:
    """A group of clusters: who they are, and their totals (rows in the same order, no cluster twice).

    `cluster` tells the same class in both groups; `totals.stratum` numbers the same strata in both.
    """

    cluster: Indices
    totals: ClusterTotals


def compare(
    first: Group,
    second: Group,
    *,
    is_share: bool = True,
    confidence: float = CONFIDENCE,
    lonely: LonelyStratum = LonelyStratum.ADJUST,
) -> Comparison | None:
    """Compare two groups, which may share clusters; None when one of them has no valid answer.

    Args:
        first: before, or those who wait.
        second: after, or those who took part.
        is_share: the values are 0 or 1.
        confidence: of the intervals, 0 to 1.
        lonely: what to do with a stratum of one cluster (see `estimates`).
    """
    pair = [estimate_mean(group.totals, lonely=lonely) for group in (first, second)]
    one, other = pair
    if one is None or other is None:
        return None
    parts = [_linearised(group.totals, estimate.mean) for group, estimate in ((first, one), (second, other))]
    joint = _Joint(first, second, lonely)
    df = joint.degrees_of_freedom()

    def contrast(value: float, first_scale: float, second_scale: float) -> Contrast:
        return _contrast(value, joint.se(parts[0] * first_scale, parts[1] * second_scale), df, confidence)

    ratio = size = None
    if is_share and one.mean > 0 and other.mean > 0:
        ratio = _exponential(contrast(math.log(other.mean / one.mean), 1 / one.mean, 1 / other.mean))
    scales = [_spread(estimate, group.totals, is_share=is_share) for estimate, group in ((one, first), (other, second))]
    if is_share and min(scales) > 0:
        size = contrast(cohens_h(one.mean, other.mean), 1 / scales[0], 1 / scales[1])
    pooled = math.sqrt((scales[0] ** 2 + scales[1] ** 2) / 2)
    if not is_share and pooled > 0:
        size = contrast((other.mean - one.mean) / pooled, 1 / pooled, 1 / pooled)
    return Comparison(
        first=one,
        second=other,
        clusters=joint.clusters,
        df=df,
        difference=contrast(other.mean - one.mean, 1.0, 1.0),
        ratio=ratio,
        size=size,
    )


def compare_with_waiting(
    waiting: tuple[Group, Group],
    taking_part: tuple[Group, Group],
    *,
    confidence: float = CONFIDENCE,
    lonely: LonelyStratum = LonelyStratum.ADJUST,
) -> Contrast | None:
    """Give the change of those who took part, less the change of those who waited (both: before, after).

    A class belongs to one of the two; None when one of the four groups has no valid answer.
    """
    changes = [compare(*groups, confidence=confidence, lonely=lonely) for groups in (waiting, taking_part)]
    first, second = changes
    if first is None or second is None:
        return None
    value = second.difference.value - first.difference.value
    errors = [change.difference.se for change in (first, second)]
    if errors[0] is None or errors[1] is None:
        return _contrast(value, None, 0.0, confidence)
    variances = [error**2 for error in errors if error is not None]
    # Welch and Satterthwaite, for a sum of two independent variances.
    spread = sum(v**2 / df for v, df in zip(variances, (first.df, second.df), strict=True) if df > 0)
    df = sum(variances) ** 2 / spread if spread > 0 else 0.0
    return _contrast(value, math.sqrt(sum(variances)), df, confidence)


def cohens_h(first: float, second: float) -> float:
    """Give Cohen's h of two shares: 0.2 is small, 0.5 medium, 0.8 large, by his own reckoning."""
    return 2 * math.asin(math.sqrt(second)) - 2 * math.asin(math.sqrt(first))


def detectable_difference(
    *,
    share: float,
    classes: int,
    pupils_per_class: float,
    icc: float,
    power: float = POWER,
    confidence: float = CONFIDENCE,
) -> float | None:
    """Give the smallest difference of two shares that a study would find, as a share (0.16 is 16 points).

    Args:
        share: what is expected in both groups, 0 to 1.
        classes: in each of the two groups.
        pupils_per_class: who answer, on average.
        icc: correlation of answers within a class, 0 to 1.
        power: chance to find it.
        confidence: of the interval that must not hold zero.

    Returns:
        None with fewer than two classes in each group, when nothing can be found.
    """
    return _detectable(share * (1 - share), classes, pupils_per_class, icc, power, confidence)


def detectable_size(
    *,
    classes: int,
    pupils_per_class: float,
    icc: float,
    power: float = POWER,
    confidence: float = CONFIDENCE,
) -> float | None:
    """Give the smallest Cohen's d of two means that a study would find; see `detectable_difference`."""
    return _detectable(1.0, classes, pupils_per_class, icc, power, confidence)


def verdict(difference: Contrast, *, lower_is_better: bool, harm: float) -> Verdict:
    """Say what a difference's interval tells of the wished direction.

    Args:
        difference: the second less the first.
        lower_is_better: the wished direction.
        harm: the change for the worse that one would have to act on, above 0, in the unit of the difference.
    """
    if difference.low is None or difference.high is None:
        return Verdict.UNCLEAR
    low, high = (difference.low, difference.high) if lower_is_better else (-difference.high, -difference.low)
    if high < 0:
        return Verdict.BETTER
    if low > 0:
        return Verdict.WORSE
    return Verdict.MAYBE_WORSE if high >= harm else Verdict.UNCLEAR


class _Joint:
    """The clusters of two groups together."""

    def __init__(self, first: Group, second: Group, lonely: LonelyStratum) -> None:
        ids, place = np.unique(np.concatenate([first.cluster, second.cluster]), return_inverse=True)
        self.clusters = len(ids)
        self._at = (place[: len(first.cluster)], place[len(first.cluster) :])
        self._stratum = np.zeros(len(ids), dtype=np.int64)
        for at, group in zip(self._at, (first, second), strict=True):
            self._stratum[at] = group.totals.stratum
        self._groups = (first, second)
        self._lonely = lonely

    def se(self, first: Floats, second: Floats) -> float | None:
        if self.clusters < 2:
            return None
        contributions = np.zeros(self.clusters)
        np.subtract.at(contributions, self._at[0], first)
        np.add.at(contributions, self._at[1], second)
        return math.sqrt(variance_of_total(contributions, self._stratum, lonely=self._lonely))

    def degrees_of_freedom(self) -> float:
        """Take Satterthwaite's for the group that has fewer; where no class is in both, those of the two together."""
        found = []
        for group in self._groups:
            estimate = estimate_mean(group.totals, lonely=self._lonely)
            found.append(0.0 if estimate is None else float(with_few_clusters(estimate, group.totals).df))
        is_paired = bool(np.isin(self._groups[0].cluster, self._groups[1].cluster).any())
        return min(found) if is_paired else sum(found)


def _linearised(totals: ClusterTotals, mean: float) -> Floats:
    return np.asarray((totals.value - mean * totals.weight) / totals.weight.sum())


def _spread(estimate: Estimate, totals: ClusterTotals, *, is_share: bool) -> float:
    if is_share:
        return math.sqrt(estimate.mean * (1 - estimate.mean))
    return math.sqrt(max(float(totals.square.sum() / totals.weight.sum()) - estimate.mean**2, 0.0))


def _contrast(value: float, se: float | None, df: float, confidence: float) -> Contrast:
    if se is None or df <= 0:
        return Contrast(value=value, se=se, low=None, high=None)
    half = t_quantile(df, 0.5 + confidence / 2) * se
    return Contrast(value=value, se=se, low=value - half, high=value + half)


def _exponential(contrast: Contrast) -> Contrast:
    ends: Sequence[float | None] = [
        None if end is None else math.exp(min(end, 700.0)) for end in (contrast.low, contrast.high)
    ]
    return Contrast(value=math.exp(contrast.value), se=contrast.se, low=ends[0], high=ends[1])


def _detectable(
    variance: float, classes: int, pupils: float, icc: float, power: float, confidence: float
) -> float | None:
    if classes < 2:
        return None
    df = 2 * (classes - 1)
    se = math.sqrt(2 * variance * (1 + (pupils - 1) * icc) / (classes * pupils))
    return (t_quantile(df, 0.5 + confidence / 2) + t_quantile(df, power)) * se
