"""A step from the truth: which targets are seen to be open by moving pupils of one atom. Pure."""

from collections.abc import Sequence

import numpy as np

from prevention.indicators.estimates import Floats
from prevention.indicators.linked.quantities import Bound, Quantities, Target


def without_steps(linked: Quantities, targets: Sequence[Target], bounds: Sequence[Bound]) -> list[Target]:
    """Leave out the targets whose width is seen by moving pupils of one atom, and of quantities around it."""
    up, down = _room(linked, bounds)
    return [one for one in targets if not _steps_suffice(linked, one, up, down)]


def _room(linked: Quantities, bounds: Sequence[Bound]) -> tuple[Floats, Floats]:
    """Say how far each quantity of each atom can move alone, up and down; nested ones move along."""
    up, down = linked.capacity - linked.truth, linked.truth.copy()
    if bounds:
        places = np.concatenate([bound.quantity * up.shape[1] + bound.atoms for bound in bounds])
        lengths = np.array([len(bound.atoms) for bound in bounds])
        filled = lengths > 0
        starts = (np.cumsum(lengths) - lengths)[filled]
        totals = np.zeros(len(bounds))
        totals[filled] = np.add.reduceat(linked.truth.ravel()[places], starts)
        room = np.array([bound.high for bound in bounds]) - totals
        np.minimum.at(up.ravel(), places, np.repeat(room, lengths))
        room = totals - np.array([bound.low for bound in bounds])
        np.minimum.at(down.ravel(), places, np.repeat(room, lengths))
    alone_up, alone_down = up.copy(), down.copy()
    for one in linked.within:
        gap = linked.truth[one.outer] + one.slack - linked.truth[one.inner]
        # Beyond the gap the other quantity must move along, for which it needs room of its own.
        up[one.inner] = np.minimum(up[one.inner], gap + alone_up[one.outer])
        down[one.outer] = np.minimum(down[one.outer], gap + alone_down[one.inner])
    if _is_deep(linked):
        # A chain of three or more: what moves along would have to be moved along itself. Only the gap counts.
        for one in linked.within:
            gap = linked.truth[one.outer] + one.slack - linked.truth[one.inner]
            up[one.inner] = np.minimum(up[one.inner], gap)
            down[one.outer] = np.minimum(down[one.outer], gap)
    return np.maximum(up, 0.0), np.maximum(down, 0.0)


def _is_deep(linked: Quantities) -> bool:
    return bool({one.inner for one in linked.within} & {one.outer for one in linked.within})


def _steps_suffice(linked: Quantities, target: Target, up: Floats, down: Floats) -> bool:
    total = linked.total_of(target)
    high = total + float(up[target.quantity, target.atoms].max(initial=0.0))
    low = total - float(down[target.quantity, target.atoms].max(initial=0.0))
    return linked.is_open(target, low, high)
