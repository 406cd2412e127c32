"""The linear programme of some published numbers, kept from one search for leaks to the next. Pure."""

from collections.abc import Iterable, Sequence

import numpy as np

from prevention.indicators.estimates import Floats, Indices
from prevention.indicators.linked.quantities import Bound, Quantities
from prevention.indicators.solver import DUST, INFINITE, Programme, Rows


class Kept:
    """The linear programme of some bounds, kept from one search for leaks to the next.

    With `alone`, of one quantity only; boxed, what the others say of it at the truth becomes its own limits.
    """

    def __init__(self, linked: Quantities, bounds: Sequence[Bound], *, alone: int | None, is_boxed: bool) -> None:
        self.alone = alone
        self.atoms = linked.capacity.shape[1]
        # A number that nobody can make say less has no name of its own.
        self.names: list[int | Bound] = [_name_of(bound) for bound in bounds]
        self._places = {name: place for place, name in enumerate(self.names)}
        shift = 0 if alone is not None else self.atoms
        rows = Rows.of([(bound.quantity * shift + bound.atoms, np.ones(len(bound.atoms))) for bound in bounds])
        columns = np.zeros(linked.capacity.size), linked.capacity.ravel()
        if alone is not None:
            columns = linked.limits_of(alone) if is_boxed else (np.zeros(self.atoms), linked.capacity[alone])
        self._slack = np.zeros(0)
        if alone is None:
            nested, self._slack = linked.nested_rows()
            rows += nested
        self._programme = Programme(rows, self._limits(bounds), columns)

    def take(self, bounds: Sequence[Bound]) -> bool:
        """Take these bounds and no others from now on; false where one of them is unknown."""
        if any(_name_of(bound) not in self._places for bound in bounds):
            return False
        self._programme.limit(*self._limits(bounds))
        return True

    def _limits(self, bounds: Iterable[Bound]) -> tuple[Floats, Floats]:
        count = len(self.names)
        low, high = np.full(count + len(self._slack), -INFINITE), np.full(count + len(self._slack), INFINITE)
        high[count:] = self._slack
        for bound in bounds:
            place = self._places[_name_of(bound)]
            low[place], high[place] = bound.low - DUST, bound.high + DUST
        return low, high

    def cost(self, quantity: int, atoms: Indices) -> Floats:
        """Give the cost that is the sum of a quantity over some atoms."""
        cost = np.zeros(self._programme.width)
        cost[atoms + (0 if self.alone is not None else quantity * self.atoms)] = 1.0
        return cost

    def lowest(self, cost: Floats) -> tuple[float, Floats, frozenset[int]]:
        """Give the lowest cost, where it is reached, and the figures whose bounds hold it up."""
        value, point, weights = self._programme.lowest(cost)
        holding = np.flatnonzero(np.abs(weights[: len(self.names)]) > DUST)
        names = [self.names[int(place)] for place in holding]
        return value, point, frozenset(name for name in names if isinstance(name, int))


def _name_of(bound: Bound) -> "int | Bound":
    return bound.figure if bound.figure >= 0 else bound
