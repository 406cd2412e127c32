"""What can be worked out about a number that is not shown, from all linked tables together. Pure.

The pupils of a wave fall into *atoms*: the finest groups that published tables tell apart (a school's girls of the
second year). Several *quantities* count the same pupils (smoked in life, smoked in 30 days); a quantity's total in an
atom lies between nought and its valid answers there. Every published number bounds a sum of atoms, and where one
quantity lies within another (30 days within life), it bounds it atom by atom. That is a linear programme, and the
smallest and largest sum of any group that it allows are what an attacker can know who holds every table and knows how
many pupils of each atom answered. (Fischetti & Salazar, Management Science 47 (2001) 1008-1027; Hundepool et al.,
Statistical Disclosure Control (2012), §4.4. Enrolments are public, so answers per atom are taken as known.)

Four ways to be sure that a number is open enough, the cheap ones first:

1. a step from the truth: moving a few pupils of one atom contradicts no published number, so the target is open;
2. the programme of one quantity, as if no other were known: what is too narrow there is so all the more with them;
3. the programme of one quantity, all others held at the truth: what is open there is open;
4. the programme of all quantities, for what is left.

Where an interval is too narrow, the multipliers of its programme say which published numbers make it so: unless one of
those says less, it stays so. Where several targets are left, one programme first pushes all of them at once, up and
then down: each solution is a witness for all.

A programme is kept and goes on from where it stood: from round to round the published numbers only say less.

Left out of account: that totals are whole numbers. An attacker who uses it gains less than one pupil at each end.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from prevention.indicators.estimates import Floats, Indices
from prevention.indicators.solver import DUST, INFINITE, Programme, Rows

# So many leaks are looked for at once: what stops some of them stops others too.
MOST_LEAKS = 16

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
class Linked:
    """Linked quantities over atoms: rows = quantities, columns = atoms.

    Attributes:
        capacity: valid answers. truth: their totals. within: which quantities lie in which.
    """

    capacity: Floats
    truth: Floats
    within: Sequence[Within] = ()
    _nested: tuple[Rows, Floats] | None = field(default=None, init=False)
    _kept: dict[tuple[int | None, bool], "_Kept"] = field(default_factory=dict, init=False)

    def leaks(
        self, targets: Sequence[Target], bounds: Sequence[Bound], *, settled: "Settled | None" = None
    ) -> list[Leak]:
        """Find targets that are too well known, some at a time; none when there is none.

        Every bound must hold of the truth.

        Args:
            targets: what must stay open.
            bounds: what is published.
            settled: what was found open before, when more was published; it is still open. What is found open now is
                added.
        """
        settled = settled or Settled()
        left = [one for one in targets if self._need(one) > DUST and one.name not in settled.open]
        stepped = self._without_steps(left, bounds)
        settled.open |= {one.name for one in left} - {one.name for one in stepped}
        if not self.within:
            return list(islice(self._leaks_of_each(stepped, bounds, settled.open, is_boxed=False), MOST_LEAKS))
        unsure = [one for one in stepped if one.name not in settled.alone]
        sure = list(islice(self._leaks_of_each(unsure, bounds, settled.alone, is_boxed=False), MOST_LEAKS))
        if sure:
            return sure
        left = [leak.target for leak in self._leaks_of_each(stepped, bounds, settled.open, is_boxed=True)]
        if not left:
            return []
        return list(islice(self._leaks_in(left, self._programme(bounds), settled.open), MOST_LEAKS))

    def _leaks_of_each(
        self, targets: Sequence[Target], bounds: Sequence[Bound], settled: set[Name], *, is_boxed: bool
    ) -> Iterator[Leak]:
        """Look at each quantity alone: as if no other were known or, boxed, with the others at the truth."""
        for quantity in sorted({one.quantity for one in targets}):
            mine = [one for one in targets if one.quantity == quantity]
            yield from self._leaks_in(mine, self._programme(bounds, alone=quantity, is_boxed=is_boxed), settled)

    def _leaks_in(self, targets: Sequence[Target], programme: "_Kept", settled: set[Name]) -> Iterator[Leak]:
        left = self._without_witnessed(targets, programme)
        settled |= {one.name for one in targets} - {one.name for one in left}
        for target in left:
            leak = self._leak_of(target, programme)
            if leak is None:
                settled.add(target.name)
            else:
                yield leak

    def _programme(self, bounds: Sequence[Bound], *, alone: int | None = None, is_boxed: bool = False) -> "_Kept":
        """Give the programme of some bounds: the one of the last time, if those are among the ones it knows."""
        mine = bounds if alone is None else [bound for bound in bounds if bound.quantity == alone]
        kept = self._kept.get((alone, is_boxed))
        if kept is None or not kept.take(mine):
            kept = self._kept[alone, is_boxed] = _Kept(self, mine, alone=alone, is_boxed=is_boxed)
        return kept

    def interval(self, quantity: int, atoms: Indices, bounds: Sequence[Bound]) -> tuple[float, float]:
        """Give the smallest and largest sum that the bounds allow."""
        programme = self._programme(bounds)
        cost = programme.cost(quantity, atoms)
        return programme.lowest(cost)[0], -programme.lowest(-cost)[0]

    def _n(self, target: Target) -> float:
        return float(self.capacity[target.quantity, target.atoms].sum())

    def _need(self, target: Target) -> float:
        return min(target.width, self._n(target))

    def is_open(self, target: Target, low: float, high: float) -> bool:
        """Say whether an interval is as wide as the target asks for."""
        n = self._n(target)
        if high - low < min(target.width, n) - DUST:
            return False
        return low <= DUST or high >= n - DUST or high - low >= target.open_width - DUST

    # ------------------------------------------------------------------------------------- a step from the truth

    def _without_steps(self, targets: Sequence[Target], bounds: Sequence[Bound]) -> list[Target]:
        """Leave out the targets whose width is seen by moving pupils of one atom, and of quantities around it."""
        up, down = self._room(bounds)
        return [one for one in targets if not self._steps_suffice(one, up, down)]

    def _room(self, bounds: Sequence[Bound]) -> tuple[Floats, Floats]:
        """Say how far each quantity of each atom can move alone, up and down; nested ones move along."""
        up, down = self.capacity - self.truth, self.truth.copy()
        if bounds:
            places = np.concatenate([bound.quantity * up.shape[1] + bound.atoms for bound in bounds])
            lengths = np.array([len(bound.atoms) for bound in bounds])
            filled = lengths > 0
            starts = (np.cumsum(lengths) - lengths)[filled]
            totals = np.zeros(len(bounds))
            totals[filled] = np.add.reduceat(self.truth.ravel()[places], starts)
            room = np.array([bound.high for bound in bounds]) - totals
            np.minimum.at(up.ravel(), places, np.repeat(room, lengths))
            room = totals - np.array([bound.low for bound in bounds])
            np.minimum.at(down.ravel(), places, np.repeat(room, lengths))
        alone_up, alone_down = up.copy(), down.copy()
        for one in self.within:
            gap = self.truth[one.outer] + one.slack - self.truth[one.inner]
            # Beyond the gap the other quantity must move along, for which it needs room of its own.
            up[one.inner] = np.minimum(up[one.inner], gap + alone_up[one.outer])
            down[one.outer] = np.minimum(down[one.outer], gap + alone_down[one.inner])
        if self._is_deep:
            # A chain of three or more: what moves along would have to be moved along itself. Only the gap counts.
            for one in self.within:
                gap = self.truth[one.outer] + one.slack - self.truth[one.inner]
                up[one.inner] = np.minimum(up[one.inner], gap)
                down[one.outer] = np.minimum(down[one.outer], gap)
        return np.maximum(up, 0.0), np.maximum(down, 0.0)

    @property
    def _is_deep(self) -> bool:
        return bool({one.inner for one in self.within} & {one.outer for one in self.within})

    def _steps_suffice(self, target: Target, up: Floats, down: Floats) -> bool:
        total = float(self.truth[target.quantity, target.atoms].sum())
        high = total + float(up[target.quantity, target.atoms].max(initial=0.0))
        low = total - float(down[target.quantity, target.atoms].max(initial=0.0))
        return self.is_open(target, low, high)

    # --------------------------------------------------------------------------------------- linear programmes

    def _without_witnessed(self, targets: Sequence[Target], programme: "_Kept") -> list[Target]:
        """Leave out the targets that solutions of common programmes show to be open."""
        left = [(one, [float(self.truth[one.quantity, one.atoms].sum())]) for one in targets]
        while len(left) > 1:
            costs = [programme.cost(one.quantity, one.atoms) for one, _seen in left]
            together = np.sum(
                [cost / max(self._n(one), 1.0) for cost, (one, _seen) in zip(costs, left, strict=True)], axis=0
            )
            for sign in (-1.0, 1.0):
                _value, point, _figures = programme.lowest(sign * together)
                for cost, (_one, seen) in zip(costs, left, strict=True):
                    seen.append(float(cost @ point))
            still = [(one, seen) for one, seen in left if not self.is_open(one, min(seen), max(seen))]
            # As long as each turn settles more than it costs, another one is worth it.
            if len(left) - len(still) < 2:
                return [one for one, _seen in still]
            left = still
        return [one for one, _seen in left]

    def _leak_of(self, target: Target, programme: "_Kept") -> Leak | None:
        cost = programme.cost(target.quantity, target.atoms)
        low, _point, below = programme.lowest(cost)
        high, _point, above = programme.lowest(-cost)
        if self.is_open(target, low, -high):
            return None
        return Leak(target=target, low=low, high=-high, figures=below | above)

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


class _Kept:
    """The linear programme of some bounds, kept from one search for leaks to the next.

    With `alone`, of one quantity only; boxed, what the others say of it at the truth becomes its own limits.
    """

    def __init__(self, linked: Linked, bounds: Sequence[Bound], *, alone: int | None, is_boxed: bool) -> None:
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
