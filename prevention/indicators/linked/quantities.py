"""Quantities over atoms, what is published of them and what must stay open. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from prevention.indicators.estimates import Floats, Indices
from prevention.indicators.solver import DUST, Rows

Name = tuple[int, bytes, float, float]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Within:
    """Quantity `inner` lies within `outer`, but for `slack` pupils per atom (whose outer answer is missing)."""

    inner: int
    outer: int
    slack: Floats


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Target:
    """A sum that must stay open.

    Attributes:
        quantity, atoms: which sum.
        width: so wide must the interval of its possible values be.
        open_width: so wide where neither end of it is an end of the scale; at least `width`.
    """

    quantity: int
    atoms: Indices
    width: float
    open_width: float

    @property
    def name(self) -> Name:
        """What tells it from other targets."""
        return self.quantity, self.atoms.tobytes(), self.width, self.open_width


@dataclass(kw_only=True, slots=True)
class Settled:
    """Targets that were found open, and those found so as if their quantity stood alone. Saying less opens no less."""

    open: set[Name] = field(default_factory=set)
    alone: set[Name] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Bound:
    """A published number: the sum over `atoms` lies between `low` and `high`.

    `figure` names it to the caller, always by the same atoms; what nobody can make say less is below nought.
    """

    figure: int
    quantity: int
    atoms: Indices
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Leak:
    """A target that is too well known, the interval of its possible values, and the numbers that make it so."""

    target: Target
    low: float
    high: float
    figures: frozenset[int]


@dataclass(slots=True, eq=False)
class Quantities:
    """Linked quantities over atoms: rows = quantities, columns = atoms.

    Attributes:
        capacity: valid answers. truth: their totals. within: which quantities lie in which.
    """

    capacity: Floats
    truth: Floats
    within: Sequence[Within] = ()
    _nested: tuple[Rows, Floats] | None = field(default=None, init=False)

    def n_of(self, target: Target) -> float:
        """Give the valid answers of a target."""
        return float(self.capacity[target.quantity, target.atoms].sum())

    def total_of(self, target: Target) -> float:
        """Give the sum that a target is about, as it is."""
        return float(self.truth[target.quantity, target.atoms].sum())

    def is_open(self, target: Target, low: float, high: float) -> bool:
        """Say whether an interval is as wide as the target asks for."""
        n = self.n_of(target)
        if high - low < min(target.width, n) - DUST:
            return False
        return low <= DUST or high >= n - DUST or high - low >= target.open_width - DUST

    def limits_of(self, quantity: int) -> tuple[Floats, Floats]:
        """Give the limits of a quantity per atom while the others stay at the truth."""
        low, high = np.zeros(self.capacity.shape[1]), self.capacity[quantity].copy()
        for one in self.within:
            if one.inner == quantity:
                high = np.minimum(high, self.truth[one.outer] + one.slack)
            if one.outer == quantity:
                low = np.maximum(low, self.truth[one.inner] - one.slack)
        return low, np.maximum(high, low)

    def nested_rows(self) -> tuple[Rows, Floats]:
        """Give "inner less outer is at most slack" as rows over all variables; built once."""
        if self._nested is None:
            atoms = self.capacity.shape[1]
            # Where the inner quantity cannot pass the outer one's slack the row says nothing.
            kept = [np.flatnonzero(self.capacity[one.inner] > one.slack) for one in self.within]
            rows = [
                ((one.inner * atoms + atom, one.outer * atoms + atom), (1.0, -1.0))
                for one, some in zip(self.within, kept, strict=True)
                for atom in some
            ]
            slack = [one.slack[some] for one, some in zip(self.within, kept, strict=True)]
            self._nested = Rows.of(rows), np.concatenate([np.zeros(0), *slack])
        return self._nested
