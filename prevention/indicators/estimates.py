"""Estimates from a clustered sample: Taylor linearisation on totals per cluster. Pure.

Owns the kernel: from totals per cluster (class) to a mean or share, its standard error, design effect and
interval. Knows nothing of indicators, engines or disclosure.

Method. A share in a domain is a ratio of two estimated totals, R = Y / W, with Y = sum of w*y and W = sum of
w over the domain. With u_c = (Y_c - R * W_c) / W for cluster c, the variance is

    sum over strata h of  n_h / (n_h - 1) * sum over clusters c of h of (u_c - mean of u in h)^2

where n_h counts all clusters of the stratum *of the design*, also those without anybody of the domain: the
domain is taken after the design is declared. (Woodruff, JASA 66 (1971) 411-414; Särndal, Swensson, Wretman,
Model Assisted Survey Sampling (1992), §5.7 and §5.8; Lumley, J. Stat. Softw. 9(8) (2004). Clusters as if
drawn with replacement, which is on the safe side.) Only totals per cluster enter, so any engine that can
GROUP BY can feed it.

The tests compare 910 estimates of a public national survey with R's `survey` package 4.1-1.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

CONFIDENCE = 0.95

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


class Degrees(StrEnum):
    """Which clusters and strata the degrees of freedom count.

    DESIGN: all of the design (as the CDC does for its surveys). DOMAIN: those that hold somebody of the
    domain, which is wider where a group sits in few classes.
    """

    DESIGN = "design"
    DOMAIN = "domain"


class LonelyStratum(StrEnum):
    """What to do with a stratum of a single cluster, whose variance cannot be estimated from itself.

    REFUSE: raise. ADJUST: count the cluster's distance from the mean of all clusters (R: lonely.psu =
    "adjust").
    """

    REFUSE = "refuse"
    ADJUST = "adjust"


class SingleClusterStratum(ValueError):
    """A stratum has one cluster only. `strata` are their indices in the totals."""

    def __init__(self, strata: tuple[int, ...]) -> None:
        super().__init__(f"{len(strata)} strata have a single cluster")
        self.strata = strata


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ClusterTotals:
    """Totals of one domain, one row per cluster of the design; zeros where a cluster has nobody of it.

    Attributes:
        stratum: index of the cluster's stratum, from 0.
        n: valid answers, unweighted.
        weight: sum of the weights w of valid answers.
        value: sum of w*y over them.
        square: sum of w*y*y over them.
    """

    stratum: Indices
    n: Floats
    weight: Floats
    value: Floats
    square: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A mean (a share, when y is 0 or 1) with its precision.

    Attributes:
        n: valid answers, unweighted.
        clusters: clusters that hold at least one of them.
        mean: the estimate.
        se: standard error; None with fewer than two clusters in the design, when nothing can be said about
        it. se_simple: what the standard error would be, had the same answers been drawn one by one. df:
        degrees of freedom.
    """

    n: int
    clusters: int
    mean: float
    se: float | None
    se_simple: float
    df: int

    @property
    def design_effect(self) -> float | None:
        """Variance as a multiple of that of a simple random sample with replacement.

        None where either is unknown.
        """
        if self.se is None or self.se_simple == 0:
            return None
        return (self.se / self.se_simple) ** 2


def estimate_mean(
    totals: ClusterTotals,
    *,
    degrees: Degrees = Degrees.DESIGN,
    lonely: LonelyStratum = LonelyStratum.REFUSE,
) -> Estimate | None:
    """Estimate the mean of a domain; None when it has no valid answer.

    Raises:
        SingleClusterStratum: a stratum has one cluster and `lonely` is REFUSE, unless the design has one in
        all.
    """
    weight = float(totals.weight.sum())
    if weight <= 0:
        return None
    mean = float(totals.value.sum()) / weight
    n = float(totals.n.sum())
    spread = max(float(totals.square.sum()) / weight - mean * mean, 0.0)
    variance = None
    if len(totals.stratum) >= 2:
        variance = _variance((totals.value - mean * totals.weight) / weight, totals.stratum, lonely=lonely)
    return Estimate(
        n=round(n),
        clusters=int((totals.n > 0).sum()),
        mean=mean,
        se=None if variance is None else math.sqrt(variance),
        se_simple=math.sqrt(spread / n),
        df=_degrees_of_freedom(totals, degrees),
    )


def _variance(residuals: Floats, stratum: Indices, *, lonely: LonelyStratum) -> float:
    clusters = np.bincount(stratum)
    alone = np.flatnonzero(clusters == 1)
    if alone.size and lonely is LonelyStratum.REFUSE:
        raise SingleClusterStratum(tuple(int(index) for index in alone))
    sums = np.bincount(stratum, weights=residuals)
    squares = np.bincount(stratum, weights=residuals**2)
    some = np.maximum(clusters, 1)
    # Two passes would be no better: the residuals sum to zero, so nothing cancels here that matters.
    within = np.maximum(squares - sums**2 / some, 0.0)
    factor = np.where(clusters > 1, some / np.maximum(some - 1, 1), 0.0)
    adjusted = np.where(clusters == 1, squares, 0.0)
    return float((factor * within).sum() + adjusted.sum())


def _degrees_of_freedom(totals: ClusterTotals, degrees: Degrees) -> int:
    stratum = totals.stratum if degrees is Degrees.DESIGN else totals.stratum[totals.n > 0]
    return len(stratum) - len(np.unique(stratum))


def no_narrower_than_simple(estimate: Estimate) -> Estimate:
    """Raise the standard error to that of a simple random sample where it lies below.

    A few classes that happen to agree would else give an interval of almost no width. The rule is the usual
    one for publication (NCHS, Data Presentation Standards for Proportions, Vital Health Stat 2(175), 2017: a
    design effect below 1 is taken as 1).
    """
    if estimate.se is None or estimate.se >= estimate.se_simple:
        return estimate
    return replace(estimate, se=estimate.se_simple)


def logit_interval(estimate: Estimate, *, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """Give the interval of a share on the logit scale, with Student's t: it stays inside 0 and 1.

    Returns:
        None where none can be had: fewer than two clusters, no degree of freedom, or a share of exactly 0 or
        1.
    """
    if estimate.se is None or estimate.df < 1 or not 0 < estimate.mean < 1:
        return None
    centre = math.log(estimate.mean / (1 - estimate.mean))
    half = _t(estimate.df, confidence) * estimate.se / (estimate.mean * (1 - estimate.mean))
    return _expit(centre - half), _expit(centre + half)


def t_interval(estimate: Estimate, *, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """Give the symmetric interval of a mean, with Student's t; None where none can be had."""
    if estimate.se is None or estimate.df < 1:
        return None
    half = _t(estimate.df, confidence) * estimate.se
    return estimate.mean - half, estimate.mean + half


def _t(df: int, confidence: float) -> float:
    return float(stdtrit(df, 0.5 + confidence / 2))


def _expit(value: float) -> float:
    # With one degree of freedom the half width can pass the range of exp().
    if value >= 0:
        return 1.0 / (1.0 + math.exp(-value)) if value < 700 else 1.0
    return math.exp(value) / (1.0 + math.exp(value)) if value > -700 else 0.0
