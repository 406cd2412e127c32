"""What can be worked out about a number that is not shown, from all numbers that are. Pure.

The groups of a wave form a tree of complete splits (`domains`), so every published number is a bound on a
group, and every split an equation. Bounds are passed along the equations until nothing moves. Because two
equations never share more than one group, the bounds that remain are exact: no cleverer attacker, linear
programming included, gets narrower ones. (A constraint network without cycles is globally consistent once it
is arc consistent: Freuder, J. ACM 29 (1982) 24-32.) The tests put a linear programme beside it.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

# Sums of scores are not whole; a bound that moves by less than this has not moved.
_STILL = 1e-9


class Contradiction(ValueError):
    """The published numbers cannot all be true of this group. Never happens to numbers rounded from the truth."""

    def __init__(self, key: Hashable) -> None:
        super().__init__(f"contradicting bounds on {key}")


class Bounds(Generic[K]):
    """Lowest and highest value that each group can have, given what is published.

    Args:
        known: per group, what its own published number says.
        splits: (group, its parts); the parts add up to the group.
    """

    def __init__(self, known: Mapping[K, tuple[float, float]], splits: Sequence[tuple[K, Sequence[K]]]) -> None:
        self.low = {key: low for key, (low, _high) in known.items()}
        self.high = {key: high for key, (_low, high) in known.items()}
        self._splits = splits
        while sum(self._pass_along(whole, parts) for whole, parts in splits):
            pass

    def of(self, key: K) -> tuple[float, float]:
        """Give what can be known of a group."""
        return self.low[key], self.high[key]

    def of_some(self, whole: K, parts: Sequence[K], some: Iterable[K]) -> tuple[float, float]:
        """Give what can be known of several parts of one split taken together."""
        inside = set(some)
        low = sum(self.low[part] for part in parts if part in inside)
        high = sum(self.high[part] for part in parts if part in inside)
        rest_low = sum(self.low[part] for part in parts if part not in inside)
        rest_high = sum(self.high[part] for part in parts if part not in inside)
        return max(low, self.low[whole] - rest_high), min(high, self.high[whole] - rest_low)

    def _pass_along(self, whole: K, parts: Sequence[K]) -> bool:
        low = sum(self.low[part] for part in parts)
        high = sum(self.high[part] for part in parts)
        moved = self._narrow(whole, low, high)
        for part in parts:
            rest_low, rest_high = low - self.low[part], high - self.high[part]
            if self._narrow(part, self.low[whole] - rest_high, self.high[whole] - rest_low):
                moved = True
                low, high = rest_low + self.low[part], rest_high + self.high[part]
        return moved

    def _narrow(self, key: K, low: float, high: float) -> bool:
        moved = False
        if low > self.high[key] + _STILL or high < self.low[key] - _STILL:
            raise Contradiction(key)
        if low > self.low[key] + _STILL:
            self.low[key] = low
            moved = True
        if high < self.high[key] - _STILL:
            self.high[key] = high
            moved = True
        return moved
