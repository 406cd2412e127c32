"""Estimates from a clustered sample: Taylor linearisation on totals per cluster. Pure.

Owns the kernel: from totals per cluster (class) to a mean or share, its standard error, design effect and
interval. Knows nothing of indicators, engines or disclosure; comparisons of two groups are in `effects`.

Method. A share in a domain is a ratio of two estimated totals, R = Y / W, with Y = sum of w*y and W = sum of
w over the domain. With u_c = (Y_c - R * W_c) / W for cluster c, the variance is

    sum over strata h of  n_h / (n_h - 1) * sum over clusters c of h of (u_c - mean of u in h)^2

where n_h counts all clusters of the stratum *of the design*, also those without anybody of the domain: the
domain is taken after the design is declared. (Woodruff, JASA 66 (1971) 411-414; Särndal, Swensson, Wretman,
Model Assisted Survey Sampling (1992), §5.7 and §5.8; Lumley, J. Stat. Softw. 9(8) (2004). Clusters as if
drawn with replacement, which is on the safe side.) Only totals per cluster enter, so any engine that can
GROUP BY can feed it.

*Finite population.* Where the number of clusters that there are is known, the part of stratum h is multiplied by
1 - f_h, f_h being the share of them that took part (Cochran, Sampling Techniques, 3rd ed. (1977), §9A). With all of
them it is nothing: a census has no sampling error. What is published keeps at least the error of a simple random
sample (`no_narrower_than_simple`), because those who were absent are no random choice.

*Few clusters.* Below `FEW_CLUSTERS` the number of clusters overstates what is known about the variance when some are
much larger than others. The degrees of freedom are then Satterthwaite's, tr(AV)^2 / tr(AVAV), for the quadratic form
A of the variance above under a working covariance V of equal correlation within a cluster (Bell and McCaffrey, Survey
Methodology 28 (2002) 169-181; Imbens and Kolesár, Rev. Econ. Stat. 98 (2016) 701-712), and never more than the plain
ones. In the simulations of the tests (12 classes of 5 to 60 pupils, correlation 0.1) the 95 % interval holds the truth
in 95 of 100 districts with them, in 90 without.

The tests compare 910 estimates of a public national survey with R's `survey` package 4.1-1.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95

# Below so many clusters, see "Few clusters" above (domain knowledge: trials with fewer than 40 are "few").
FEW_CLUSTERS = 40
# Between the correlations published for mediators and for use in school classes: 0.01 to 0.2.
WORKING_ICC = 0.05

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

    The names in brackets are R's (`options(survey.lonely.psu = ...)`).

    REFUSE: raise ("fail"). ADJUST: count the cluster's distance from the mean of all clusters ("adjust").
    AVERAGE: the stratum varies like the mean of the others ("average"). CERTAINTY: it adds nothing, as if it was
    sure to be drawn ("certainty", "remove").
    """

    REFUSE = "refuse"
    ADJUST = "adjust"
    AVERAGE = "average"
    CERTAINTY = "certainty"


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
            it.
        se_simple: what the standard error would be, had the same answers been drawn one by one.
        df: degrees of freedom; not a whole number when they are Satterthwaite's.
    """

    n: int
    clusters: int
    mean: float
    se: float | None
    se_simple: float
    df: float

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
    fraction: Floats | None = None,
) -> Estimate | None:
    """Estimate the mean of a domain; None when it has no valid answer.

    Args:
        totals: of the domain.
        degrees: which clusters count for the degrees of freedom.
        lonely: what to do with a stratum of a single cluster. One whose only cluster there is took part
            (`fraction` 1) is never in the way: it adds nothing.
        fraction: share of each stratum's clusters that took part, 0 (so few that it does not matter) to 1 (a
            census), by index of the stratum; None: 0 for all.

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
        residuals = (totals.value - mean * totals.weight) / weight
        variance = variance_of_total(residuals, totals.stratum, lonely=lonely, fraction=fraction)
    return Estimate(
        n=round(n),
        clusters=int((totals.n > 0).sum()),
        mean=mean,
        se=None if variance is None else math.sqrt(variance),
        se_simple=math.sqrt(spread / n),
        df=_degrees_of_freedom(totals, degrees),
    )


def variance_of_total(
    residuals: Floats,
    stratum: Indices,
    *,
    lonely: LonelyStratum = LonelyStratum.REFUSE,
    fraction: Floats | None = None,
) -> float:
    """Estimate the variance of the sum of one value per cluster of a stratified sample of clusters.

    Raises:
        SingleClusterStratum: see `estimate_mean`.
    """
    clusters = np.bincount(stratum)
    left = np.ones(len(clusters)) if fraction is None else 1 - fraction
    is_alone = (clusters == 1) & (left > 0)
    if is_alone.any() and lonely is LonelyStratum.REFUSE:
        raise SingleClusterStratum(tuple(int(index) for index in np.flatnonzero(is_alone)))
    sums = np.bincount(stratum, weights=residuals)
    squares = np.bincount(stratum, weights=residuals**2)
    some = np.maximum(clusters, 1)
    # Two passes would be no better: the residuals sum to zero, so nothing cancels here that matters.
    within = np.maximum(squares - sums**2 / some, 0.0)
    factor = np.where(clusters > 1, some / np.maximum(some - 1, 1), 0.0)
    of_strata = left * factor * within
    if lonely is LonelyStratum.ADJUST:
        of_strata += np.where(is_alone, left * squares, 0.0)
    total = float(of_strata.sum())
    if lonely is LonelyStratum.AVERAGE and is_alone.any():
        others = int((clusters > 0).sum() - is_alone.sum())
        if not others:
            raise SingleClusterStratum(tuple(int(index) for index in np.flatnonzero(is_alone)))
        total *= 1 + int(is_alone.sum()) / others
    return total


def _degrees_of_freedom(totals: ClusterTotals, degrees: Degrees) -> int:
    stratum = totals.stratum if degrees is Degrees.DESIGN else totals.stratum[totals.n > 0]
    return len(stratum) - len(np.unique(stratum))


def with_few_clusters(estimate: Estimate, totals: ClusterTotals, *, correlation: float = WORKING_ICC) -> Estimate:
    """Lower the degrees of freedom to Satterthwaite's where an estimate rests on few clusters.

    Args:
        estimate: of these totals.
        totals: those the estimate was made from.
        correlation: the working correlation within a cluster, 0 to 1; see the module.
    """
    if estimate.se is None or estimate.clusters >= FEW_CLUSTERS:
        return estimate
    holds = totals.n > 0
    n, weight, stratum = totals.n[holds], totals.weight[holds], totals.stratum[holds]
    working = weight**2 * (correlation + (1 - correlation) / n)
    clusters = np.bincount(stratum)
    some = np.maximum(clusters, 2)
    factor = np.where(clusters > 1, some / (some - 1), 0.0)
    sums = np.bincount(stratum, weights=working)
    squares = np.bincount(stratum, weights=working**2)
    expected = float((factor * sums * (1 - 1 / some)).sum())
    spread = float((factor**2 * ((1 - 2 / some) * squares + (sums / some) ** 2)).sum())
    if spread <= 0:
        return estimate
    return replace(estimate, df=min(float(estimate.df), expected**2 / spread))


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
    if estimate.se is None or estimate.df <= 0 or not 0 < estimate.mean < 1:
        return None
    centre = math.log(estimate.mean / (1 - estimate.mean))
    half = t_quantile(estimate.df, 0.5 + confidence / 2) * estimate.se / (estimate.mean * (1 - estimate.mean))
    return _expit(centre - half), _expit(centre + half)


def t_interval(estimate: Estimate, *, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """Give the symmetric interval of a mean, with Student's t; None where none can be had."""
    if estimate.se is None or estimate.df <= 0:
        return None
    half = t_quantile(estimate.df, 0.5 + confidence / 2) * estimate.se
    return estimate.mean - half, estimate.mean + half


def t_quantile(df: float, share: float) -> float:
    """Give the value below which a share of Student's t distribution lies."""
    from scipy.special import stdtrit

    return float(stdtrit(df, share))


def _expit(value: float) -> float:
    # With one degree of freedom the half width can pass the range of exp().
    if value >= 0:
        return 1.0 / (1.0 + math.exp(-value)) if value < 700 else 1.0
    return math.exp(value) / (1.0 + math.exp(value)) if value > -700 else 0.0
