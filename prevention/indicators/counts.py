"""Which groups must not show how many they are, because it would tell how few others are. Pure.

How many pupils a school, a grade or the district has is known anyway. How many of them told which sex is not, and where
few told none, exact counts of girls and boys would give those few away by subtraction. Tables that tell sexes apart
therefore show counts to the nearest ten (`policy.count_step`); a group too small for that is not shown, and where even
rounded counts leave a small group too well known, the smallest count beside it is not shown either.
"""

from collections.abc import Sequence

import numpy as np

from prevention.indicators.domains import Key
from prevention.indicators.estimates import Floats
from prevention.indicators.linked import Bound, Linked, Target
from prevention.indicators.policy import Policy, nearest_count
from prevention.indicators.published import Dimension
from prevention.indicators.thresholds import Group

_SEXED = (Dimension.SEX, Dimension.SEX_GRADE)


def counts_to_hide(groups: Sequence[Group], records: Floats, *, policy: Policy) -> frozenset[Key]:
    """Give the groups of tables that tell sexes apart whose count must not be shown.

    Args:
        groups: all groups of one indicator.
        records: per atom, how many pupils answered.
        policy: the rules in force.
    """
    sexed = [group for group in groups if group.key[0] in _SEXED]
    size = {group.key: int(records[list(group.atoms)].sum()) for group in groups}
    private = [group for group in sexed if size[group.key] < policy.answers]
    hidden = {group.key for group in sexed if size[group.key] < policy.count_step_from and private}
    if not private:
        return frozenset()
    known = [group for group in groups if group.key[0] not in _SEXED]
    # Any number of pupils could have answered in an atom; what bounds it are the counts alone.
    linked = Linked(capacity=np.full((1, len(records)), records.sum()), truth=records[None, :].astype(np.float64))
    width = float(policy.recovery_values - 1)
    targets = [Target(quantity=0, atoms=_atoms(group), width=width, open_width=width) for group in private]
    fixed = [_bound(-1, group, size[group.key], size[group.key]) for group in known]
    fixed += [_bound(-1, group, 0, policy.answers - 1) for group in private]
    rounded = [_rounded(place, group, size[group.key], policy) for place, group in enumerate(sexed)]
    while True:
        shown = [bound for bound, group in zip(rounded, sexed, strict=True) if group.key not in hidden]
        leaks = linked.leaks(targets, [*fixed, *shown])
        telling = {place for leak in leaks for place in leak.figures}
        if not telling:
            return frozenset(hidden)
        hidden.add(min((sexed[place] for place in telling), key=lambda group: (size[group.key], group.key)).key)


def _rounded(place: int, group: Group, size: int, policy: Policy) -> Bound:
    shown = nearest_count(size, policy.count_step)
    return _bound(place, group, max(shown - policy.count_step // 2, 0), shown + policy.count_step // 2 - 1)


def _bound(place: int, group: Group, low: float, high: float) -> Bound:
    return Bound(figure=place, quantity=0, atoms=_atoms(group), low=float(low), high=float(high))


def _atoms(group: Group) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(group.atoms, dtype=np.int64)
