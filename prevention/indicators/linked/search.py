"""The search for leaks: targets that published numbers make too well known. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from prevention.indicators.estimates import Indices
from prevention.indicators.linked.nearby import without_nearby
from prevention.indicators.linked.programme import Kept
from prevention.indicators.linked.quantities import Bound, Leak, Name, Quantities, Settled, Target
from prevention.indicators.linked.steps import without_steps
from prevention.indicators.solver import DUST

# So many leaks are looked for at once: what stops some of them stops others too.
MOST_LEAKS = 16
# Up to so many columns the whole programme, which is kept from round to round, is as soon solved as its parts.
FEW_COLUMNS = 1_000


@dataclass(slots=True, eq=False)
class Linked(Quantities):
    """Quantities with the programmes that were built of them."""

    _kept: dict[tuple[int | None, bool], Kept] = field(default_factory=dict, init=False)

    def leaks(
        self, targets: Sequence[Target], bounds: Sequence[Bound], *, settled: Settled | None = None
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
        left = [one for one in targets if min(one.width, self.n_of(one)) > DUST and one.name not in settled.open]
        stepped = without_steps(self, left, bounds)
        settled.open |= {one.name for one in left} - {one.name for one in stepped}
        if not self.within:
            return list(islice(self._leaks_of_each(stepped, bounds, settled.open, is_boxed=False), MOST_LEAKS))
        left = [leak.target for leak in self._leaks_of_each(stepped, bounds, settled.open, is_boxed=True)]
        unsure = [one for one in left if one.name not in settled.alone]
        sure = list(islice(self._leaks_of_each(unsure, bounds, settled.alone, is_boxed=False), MOST_LEAKS))
        if sure:
            return sure
        if self.capacity.size > FEW_COLUMNS:
            apart, left = left, without_nearby(self, left, bounds)
            settled.open |= {one.name for one in apart} - {one.name for one in left}
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

    def _leaks_in(self, targets: Sequence[Target], programme: Kept, settled: set[Name]) -> Iterator[Leak]:
        left = self._without_witnessed(targets, programme)
        settled |= {one.name for one in targets} - {one.name for one in left}
        for target in left:
            leak = self._leak_of(target, programme)
            if leak is None:
                settled.add(target.name)
            else:
                yield leak

    def _programme(self, bounds: Sequence[Bound], *, alone: int | None = None, is_boxed: bool = False) -> Kept:
        """Give the programme of some bounds: the one of the last time, if those are among the ones it knows."""
        mine = bounds if alone is None else [bound for bound in bounds if bound.quantity == alone]
        kept = self._kept.get((alone, is_boxed))
        if kept is None or not kept.take(mine):
            kept = self._kept[alone, is_boxed] = Kept(self, mine, alone=alone, is_boxed=is_boxed)
        return kept

    def interval(self, quantity: int, atoms: Indices, bounds: Sequence[Bound]) -> tuple[float, float]:
        """Give the smallest and largest sum that the bounds allow."""
        programme = self._programme(bounds)
        cost = programme.cost(quantity, atoms)
        return programme.lowest(cost)[0], -programme.lowest(-cost)[0]

    def _without_witnessed(self, targets: Sequence[Target], programme: Kept) -> list[Target]:
        """Leave out the targets that solutions of common programmes show to be open."""
        left = [(one, [self.total_of(one)]) for one in targets]
        while len(left) > 1:
            costs = [programme.cost(one.quantity, one.atoms) for one, _seen in left]
            together = np.sum(
                [cost / max(self.n_of(one), 1.0) for cost, (one, _seen) in zip(costs, left, strict=True)], axis=0
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

    def _leak_of(self, target: Target, programme: Kept) -> Leak | None:
        cost = programme.cost(target.quantity, target.atoms)
        low, _point, below = programme.lowest(cost)
        high, _point, above = programme.lowest(-cost)
        if self.is_open(target, low, -high):
            return None
        return Leak(target=target, low=low, high=-high, figures=below | above)
