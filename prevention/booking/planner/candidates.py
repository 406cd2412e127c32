"""Series of meetings that one request could have with one facilitator, beside everything that is planned.

A day is worth a price: what the way there costs, or nothing where the facilitator is in that municipality anyway. By
dynamic programming over the days, from the last meeting back, each first day gets its cheapest series. With prices
that are shaken, and shaken alike for all classes of a municipality, the series of different classes tend to meet on
the same days, which is what saves ways.
"""

from random import Random
from typing import NamedTuple

from prevention.booking.planner.compiled import Compiled, DayTimes, Series, Visit
from prevention.booking.planner.state import NOWHERE, State
from prevention.booking.planner.weights import CHANGED

_FAR = float("inf")
# How much of a trip's price is left to chance.
SHAKEN = 0.7
# Breaks ties between days of one price.
_GRAIN = 1.0


class Prices:
    """What a day costs a facilitator in a municipality; one draw per repair, the same for all requests."""

    def __init__(self, state: State, rng: Random | None) -> None:
        self._state = state
        self._rng = rng
        self._drawn: dict[tuple[int, int], list[float]] = {}

    def of(self, f: int, town: int) -> list[float]:
        """Give the prices of all days."""
        found = self._drawn.get((f, town))
        if found is None:
            compiled, trips, rng = self._state.compiled, self._state.trips, self._rng
            trip = compiled.trip[f][town]
            days = range(len(compiled.weekday))
            if rng is None:
                found = [0.0 if trips.get((f, d, town)) else float(trip) for d in days]
            else:
                draw = rng.random
                found = [
                    _GRAIN * draw() if trips.get((f, d, town)) else trip * (1 - SHAKEN + SHAKEN * draw()) for d in days
                ]
            self._drawn[f, town] = found
        return found


class Step(NamedTuple):
    """One possible day for one meeting of a series."""

    open_day: int
    price: float
    visit: Visit


def candidates(
    state: State, r: int, f: int, *, prices: Prices, rng: Random | None, most: int
) -> list[tuple[float, Series]]:
    """Give up to `most` series of `r` with `f`, the cheapest first, each with another first day.

    Each fits beside what is planned; a week may be overfull only by the series' own meetings. Without `rng` the
    earliest hour of a day is taken, else any.
    """
    return cheapest_series(state.compiled, r, _layers(state, r, f, prices=prices, rng=rng), most=most)


def cheapest_series(compiled: Compiled, r: int, layers: list[list[Step]], *, most: int) -> list[tuple[float, Series]]:
    """Join possible days into series, one step of each layer, as far apart as `r` wants; the cheapest first."""
    if not all(layers):
        return []
    spacing = compiled.requests[r].spacing
    locked = compiled.locked[r]
    least, largest = spacing.days - spacing.slack, spacing.days + spacing.slack
    costs: list[list[float]] = [[step.price for step in layers[-1]]]
    after: list[list[int]] = []
    for number in range(len(layers) - 2, -1, -1):
        is_free = number in locked and number + 1 in locked
        row, chosen = _join(layers[number], layers[number + 1], costs[-1], (least, largest), is_free=is_free)
        costs.append(row)
        after.append(chosen)
    after.reverse()
    first = costs[-1]
    order = sorted((cost, at) for at, cost in enumerate(first) if cost < _FAR)
    return [(cost, _walk(layers, after, at)) for cost, at in order[:most]]


def _walk(layers: list[list[Step]], after: list[list[int]], at: int) -> Series:
    visits = [layers[0][at].visit]
    for number, chosen in enumerate(after):
        at = chosen[at]
        visits.append(layers[number + 1][at].visit)
    return tuple(visits)


def _join(
    steps: list[Step], later: list[Step], cost_later: list[float], spacing: tuple[int, int], *, is_free: bool
) -> tuple[list[float], list[int]]:
    """Give each step its cheapest continuation: cost of both, and which one; infinite where there is none."""
    least, largest = spacing
    row, chosen = [], []
    begin, count = 0, len(later)
    for open_day, price, visit in steps:
        while begin < count and later[begin].visit.day <= visit.day:
            begin += 1
        best, best_at = _FAR, -1
        for at in range(begin, count):
            gap = later[at].open_day - open_day
            if gap > largest and not is_free:
                break
            if (gap >= least or is_free) and cost_later[at] < best:
                best, best_at = cost_later[at], at
        row.append(price + best)
        chosen.append(best_at)
    return row, chosen


def _layers(state: State, r: int, f: int, *, prices: Prices, rng: Random | None) -> list[list[Step]]:
    """Give the possible days of each meeting, with one hour each."""
    compiled = state.compiled
    locked, before = compiled.locked[r], compiled.before[r]
    minutes = compiled.requests[r].minutes
    kept: dict[int, list[Step]] = {}
    layers = []
    for number, length in enumerate(minutes):
        if number in locked:
            visit = locked[number]
            layers.append([Step(compiled.open_days[r][visit.day], 0.0, visit)])
        elif number in before:
            layers.append(_steps(state, r, f, number, prices=prices, rng=rng))
        else:
            if length not in kept:
                kept[length] = _steps(state, r, f, number, prices=prices, rng=rng)
            layers.append([numbered(step, number) for step in kept[length]])
        if not layers[-1]:
            break
    return layers + [[]] * (len(minutes) - len(layers))


def numbered(step: Step, number: int) -> Step:
    """Give a step for another meeting of the series at the same time."""
    visit = step.visit
    if visit.number == number:
        return step
    return Step(
        step.open_day,
        step.price,
        Visit(number, visit.facilitator, visit.day, visit.starts, visit.ends, visit.room),
    )


def _steps(state: State, r: int, f: int, number: int, *, prices: Prices, rng: Random | None) -> list[Step]:
    compiled = state.compiled
    site, week, cap = compiled.site[r], compiled.week, compiled.facilitators[f].weekly_cap
    price = prices.of(f, compiled.municipality[site])
    open_days, before = compiled.open_days[r], compiled.before[r].get(number)
    weeks = state.weeks
    found = []
    for d, times in compiled.options(r, number, f):
        if weeks.get((f, week[d]), 0) >= cap:
            continue
        free = _free_times(state, r, f, (d, times))
        if not free:
            continue
        starts, ends, room = free[0] if rng is None else free[int(rng.random() * len(free))]
        cost = price[d]
        if before is not None:
            cost += CHANGED
            if before.facilitator == f and before.day == d and (before.starts, before.ends, before.room) in free:
                starts, ends, room, cost = before.starts, before.ends, before.room, price[d]
        found.append(Step(open_days[d], cost, Visit(number, f, d, starts, ends, room)))
    return found


def _free_times(state: State, r: int, f: int, day: DayTimes) -> list[tuple[int, int, int]]:
    """Give the times of a day at which facilitator, class and a room are free, once for each such room.

    Series of two classes that could meet at one time in one school thus differ in their rooms, and the choice between
    rooms needs no variables of its own in a repair.
    """
    compiled = state.compiled
    d, times = day
    site, rooms = compiled.site[r], compiled.rooms[r]
    # From when until when nobody may begin or still be busy, with the way there and on.
    taken = list(state.classes.get((compiled.school_class[r], d), ()))
    for busy_from, busy_until, where in state.people.get((f, d), ()):
        need = compiled.travel[where][site] if where != NOWHERE else 0
        taken.append((busy_from - need, busy_until + need))
    return [
        (starts, ends, room)
        for starts, ends in times
        if not any(starts < until and since < ends for since, until in taken)
        for room in rooms
        if state.is_room_free(room, d, starts, ends)
    ]
