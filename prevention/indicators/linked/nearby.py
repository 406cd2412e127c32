"""A part of the programme of all quantities: a few atoms may move, the rest is held at the truth. Pure.

What is open there is open. The atoms are those of the targets and, round by round, those that would let the targets
move further, by the multipliers of the published numbers that stop them (column generation: Dantzig & Wolfe, Oper. Res.
8 (1960) 101-111). Of a province, a twentieth of the atoms is enough: ten quantities of 25,000 pupils are looked at in
a sixth of the time that the whole programme takes.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prevention.indicators.estimates import Floats, Indices
from prevention.indicators.linked.quantities import Bound, Quantities, Target
from prevention.indicators.solver import DUST, INFINITE, Programme, Rows

_ROUNDS = 5
_MORE_ATOMS = 60


def without_nearby(linked: Quantities, targets: Sequence[Target], bounds: Sequence[Bound]) -> list[Target]:
    """Leave out the targets that are seen to be open by moving pupils of a few atoms, all others being held."""
    if not targets:
        return []
    left = [(one, [linked.total_of(one)]) for one in targets]
    published = _Published(linked, bounds)
    is_free = np.zeros(linked.capacity.shape[1], dtype=bool)
    for one in targets:
        is_free[one.atoms] = True
    for _round in range(_ROUNDS):
        cost = np.zeros(linked.capacity.shape)
        for one, _seen in left:
            cost[one.quantity, one.atoms] += 1 / max(linked.n_of(one), 1.0)
        gain = np.zeros(len(is_free))
        programme, used = published.part(is_free)
        for sign in (-1.0, 1.0):
            _value, point, weights = programme.lowest(sign * cost[:, is_free].ravel())
            moved = linked.truth.copy()
            moved[:, is_free] = point.reshape(len(moved), -1)
            for one, seen in left:
                seen.append(float(moved[one.quantity, one.atoms].sum()))
            gain += published.gain(used, weights[: len(used)])
        left = [(one, seen) for one, seen in left if not linked.is_open(one, min(seen), max(seen))]
        gain[is_free] = 0.0
        more = np.argsort(-gain, kind="stable")[:_MORE_ATOMS]
        more = more[gain[more] > DUST]
        if not left or not len(more):
            break
        is_free[more] = True
    return [one for one, _seen in left]


class _Published:
    """Published numbers in one list: which places of which number, a place being an atom of a quantity."""

    def __init__(self, linked: Quantities, bounds: Sequence[Bound]) -> None:
        self.linked = linked
        atoms = linked.capacity.shape[1]
        self.places = np.concatenate(
            [np.zeros(0, dtype=np.int64), *(bound.quantity * atoms + bound.atoms for bound in bounds)]
        )
        self.number = np.repeat(np.arange(len(bounds)), [len(bound.atoms) for bound in bounds])
        self.low = np.array([bound.low for bound in bounds]) - DUST
        self.high = np.array([bound.high for bound in bounds]) + DUST

    def part(self, is_free: NDArray[np.bool_]) -> tuple[Programme, Indices]:
        """Build the programme in which some atoms move; its columns are quantity by quantity, atom by atom.

        Returns:
            The programme, and which published numbers its first rows are.
        """
        linked = self.linked
        columns = np.flatnonzero(np.broadcast_to(is_free, linked.capacity.shape))
        column_of = np.full(linked.capacity.size, -1)
        column_of[columns] = np.arange(len(columns))
        moves = column_of[self.places] >= 0
        count = len(self.low)
        lengths = np.bincount(self.number[moves], minlength=count)
        used = np.flatnonzero(lengths)
        held = np.bincount(
            self.number[~moves], weights=linked.truth.ravel()[self.places[~moves]], minlength=count
        ).astype(np.float64)
        rows = Rows(
            starts=np.concatenate([[0], np.cumsum(lengths[used])]).astype(np.int64),
            columns=column_of[self.places[moves]],
            values=np.ones(int(moves.sum())),
        )
        nested, slack = self._nested(is_free, column_of)
        limits = (
            np.concatenate([(self.low - held)[used], np.full(len(slack), -INFINITE)]),
            np.concatenate([(self.high - held)[used], slack]),
        )
        capacity = linked.capacity.ravel()[columns]
        return Programme(rows + nested, limits, (np.zeros(len(columns)), capacity)), used

    def _nested(self, is_free: NDArray[np.bool_], column_of: Indices) -> tuple[Rows, Floats]:
        """Give the rows "inner less outer is at most slack" of the atoms that move."""
        linked, atoms = self.linked, len(is_free)
        pairs = [np.zeros((0, 2), dtype=np.int64)]
        slack = [np.zeros(0)]
        for one in linked.within:
            some = np.flatnonzero(is_free & (linked.capacity[one.inner] > one.slack))
            pairs.append(np.stack([column_of[one.inner * atoms + some], column_of[one.outer * atoms + some]], axis=1))
            slack.append(one.slack[some])
        found = np.concatenate(pairs)
        return (
            Rows(
                starts=np.arange(0, 2 * len(found) + 1, 2),
                columns=found.ravel(),
                values=np.tile([1.0, -1.0], len(found)),
            ),
            np.concatenate(slack),
        )

    def gain(self, used: Indices, weights: Floats) -> Floats:
        """Say of each atom how much the targets would gain at most, if it moved: each quantity by itself."""
        linked = self.linked
        of_number = np.zeros(len(self.low))
        of_number[used] = np.where(np.abs(weights) > DUST, weights, 0.0)
        price = -np.bincount(self.places, weights=of_number[self.number], minlength=linked.capacity.size).reshape(
            linked.capacity.shape
        )
        found: Floats = np.where(price < 0, -price * (linked.capacity - linked.truth), price * linked.truth).sum(axis=0)
        return found
