"""How far a change can be trusted when not everybody was found again: bounds, and what it would take. Pure.

Pupils found again are compared with themselves; of those not found the answer before is known, the one after is not.
Users are more often among them (domain dossier, section 2.3), so what was found is not what all would have said. For
all who answered before, whatever the others would have said:

* *Bounds*. The change had all those not found said no afterwards, and had all of them said yes (of a mean: the lowest
  and the highest score). The truth lies between, without any assumption (Manski, American Economic Review 80 (1990)
  319-323); each end keeps its own margin of error (Horowitz and Manski, JASA 95 (2000) 77-84).
* *No change*. The change had those not found stayed as they were: that of the others, times their share.
* *Tipping*. By how much those not found would have had to change for all of the change to vanish. Where that is more
  than their scale allows, nothing they could have said undoes it (Yan, Lee and Li, Journal of Biopharmaceutical
  Statistics 19 (2009) 1085-1098).

No trimming of Lee's (Review of Economic Studies 76 (2009) 1071-1102) stands beside these: it bounds the difference of
two groups that lost unequal shares, chosen by lot. A before and after has one group, and a school that waits was not
chosen by lot.

Values are normalised: 0 the lowest of the scale, 1 the highest; a change lies within -1 and 1.
"""

from dataclasses import dataclass

import numpy as np

from prevention.indicators.effects import Group
from prevention.indicators.estimates import (
    CONFIDENCE,
    ClusterTotals,
    Floats,
    LonelyStratum,
    estimate_mean,
    t_interval,
    with_few_clusters,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AttritionBounds:
    """What all who answered before can have changed by, those found again and those not.

    Attributes:
        found: share of those with an answer before who have one after too, 0 to 1.
        low, high: the change had those not found gone to one end of the scale, and to the other.
        margins: half widths of the intervals of `low` and of `high`; None where they cannot be had.
        steady: the change had those not found stayed as they were.
        tipping: the change of those not found by which `steady` would become none; None where nobody is missing.
        can_tip: whether their scale allows `tipping`.
    """

    found: float
    low: float
    high: float
    margins: tuple[float, float] | None
    steady: float
    tipping: float | None
    can_tip: bool


def attrition_bounds(
    *,
    before: Group,
    found_before: Group,
    found_after: Group,
    scale: tuple[float, float],
    confidence: float = CONFIDENCE,
) -> AttritionBounds | None:
    """Bound the change of all who answered before; None when nobody did.

    Args:
        before: all who answered before, by class.
        found_before, found_after: those of them with an answer after too, before and after; numbered like `before`.
        scale: lowest and highest value.
        confidence: of each margin, 0 to 1.
    """
    clusters = np.unique(before.cluster)
    n, total = _spread(before, clusters, scale)
    kept, kept_before = _spread(found_before, clusters, scale)
    _same, kept_after = _spread(found_after, clusters, scale)
    if n.sum() <= 0:
        return None
    lowest = kept_after - total
    ends = [_change(n, lowest + end * (n - kept), confidence) for end in (0.0, 1.0)]
    steady = float((kept_after - kept_before).sum() / n.sum())
    missing = float(n.sum() - kept.sum())
    tipping = None if missing <= 0 else -steady * float(n.sum()) / missing
    return AttritionBounds(
        found=float(kept.sum() / n.sum()),
        low=ends[0][0],
        high=ends[1][0],
        margins=None if ends[0][1] is None or ends[1][1] is None else (ends[0][1], ends[1][1]),
        steady=steady,
        tipping=tipping,
        can_tip=tipping is not None and _is_possible(tipping, float((total - kept_before).sum()) / missing),
    )


def _is_possible(change: float, start: float) -> bool:
    return -1e-9 <= start + change <= 1 + 1e-9


def _spread(
    group: Group, clusters: np.ndarray[tuple[int], np.dtype[np.int64]], scale: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Give a group's answers and normalised totals, in the order of `clusters`."""
    n, total = np.zeros(len(clusters)), np.zeros(len(clusters))
    at = np.searchsorted(clusters, group.cluster)
    np.add.at(n, at, group.totals.n)
    np.add.at(total, at, (group.totals.value - scale[0] * group.totals.n) / (scale[1] - scale[0]))
    return n, total


def _change(n: Floats, change: Floats, confidence: float) -> tuple[float, float | None]:
    """Give a mean change and the half width of its interval, from totals per class."""
    holds = n > 0
    totals = ClusterTotals(
        stratum=np.zeros(int(holds.sum()), dtype=np.int64),
        n=n[holds],
        weight=n[holds],
        value=change[holds],
        square=n[holds],
    )
    mean = float(change.sum() / n.sum())
    estimate = estimate_mean(totals, lonely=LonelyStratum.ADJUST)
    interval = None if estimate is None else t_interval(with_few_clusters(estimate, totals), confidence=confidence)
    return mean, None if interval is None else (interval[1] - interval[0]) / 2
