"""Which requests to free together, so that a repair can gain something. Kinds that pay off are chosen more often."""

from collections.abc import Callable, Sequence
from random import Random

from prevention.booking.planner.state import State

# Requests and facilitators of one repair.
Choice = tuple[list[int], list[int]]
Kind = Callable[[State, int, Random], Choice]

# How fast the memory of what paid off fades, and the least chance that a kind keeps.
FADE = 0.9
LEAST = 0.15


def around_facilitators(state: State, size: int, rng: Random) -> Choice:
    """Free classes of a few facilitators, and let them share the classes anew."""
    compiled = state.compiled
    leaders = rng.sample(range(len(compiled.facilitators)), min(4, len(compiled.facilitators)))
    theirs = [r for r, series in enumerate(state.series) if series is not None and series[0].facilitator in leaders]
    return _some(theirs, size, rng), leaders


def around_towns(state: State, size: int, rng: Random) -> Choice:
    """Free classes of a municipality and of those nearest to it, so that their days fall together."""
    compiled = state.compiled
    placed = [r for r, series in enumerate(state.series) if series is not None]
    if not placed:
        return [], []
    centre = compiled.site[rng.choice(placed)]
    near = sorted(placed, key=lambda r: (compiled.travel[centre][compiled.site[r]], rng.random()))[:size]
    return near, _leaders_of(state, near, rng)


def around_weeks(state: State, size: int, rng: Random) -> Choice:
    """Free classes whose meetings begin about the same time."""
    placed = [(series[0].day, r) for r, series in enumerate(state.series) if series is not None]
    if not placed:
        return [], []
    day = rng.choice(placed)[0]
    near = [r for _far, _tie, r in sorted((abs(other - day), rng.random(), r) for other, r in placed)[:size]]
    return near, _leaders_of(state, near, rng)


def around_waiting(state: State, size: int, rng: Random) -> Choice:
    """Free what stands in the way of requests that wait: classes whose facilitators could lead them, near in place."""
    compiled = state.compiled
    waiting = state.unplaced()
    if not waiting:
        return around_towns(state, size, rng)
    chosen = _some(waiting, max(1, size // 3), rng)
    able = sorted({f for r in chosen for f in compiled.able[r]})
    leaders = rng.sample(able, min(4, len(able)))
    theirs = [r for r, series in enumerate(state.series) if series is not None and series[0].facilitator in leaders]
    return chosen + _some(theirs, size - len(chosen), rng), leaders


KINDS: tuple[Kind, ...] = (around_facilitators, around_towns, around_weeks, around_waiting)


class Chooser:
    """Draws a kind of neighbourhood by how much the kinds have gained of late, and says what to free."""

    def __init__(self, kinds: Sequence[Kind] = KINDS) -> None:
        self._kinds = kinds
        self._gains = [1.0] * len(kinds)
        self._last = 0

    def draw(self, state: State, size: int, rng: Random) -> Choice:
        """Choose; some of what waits is always among the freed."""
        most = max(self._gains)
        chances = [max(gain / most, LEAST) if most else 1.0 for gain in self._gains]
        self._last = rng.choices(range(len(self._kinds)), chances)[0]
        freed, leaders = self._kinds[self._last](state, size, rng)
        waiting = [r for r in state.unplaced() if r not in freed]
        return freed + _some(waiting, size // 4, rng), leaders

    def learn(self, gain: float) -> None:
        """Note what the last repair gained."""
        self._gains[self._last] = FADE * self._gains[self._last] + (1 - FADE) * gain


def _leaders_of(state: State, requests: Sequence[int], rng: Random) -> list[int]:
    found = sorted({series[0].facilitator for r in requests if (series := state.series[r]) is not None})
    rng.shuffle(found)
    return found


def _some(requests: Sequence[int], size: int, rng: Random) -> list[int]:
    return rng.sample(list(requests), min(max(0, size), len(requests)))
