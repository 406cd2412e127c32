"""A first plan, request by request: never-reached classes first, then turn by turn through the schools."""

from collections.abc import Callable

from prevention.booking.planner.candidates import Prices, candidates
from prevention.booking.planner.compiled import Compiled, Series
from prevention.booking.planner.state import State
from prevention.booking.planner.weights import NOT_THE_PREFERRED

# Points that a facilitator's full week costs more than an empty one, so that the load is spread.
LOAD = 30.0


def keep_before(state: State) -> None:
    """Put in what the plan before had and what still fits, whole series only."""
    compiled = state.compiled
    for r, before in enumerate(compiled.before):
        series = tuple(before[number] for number in sorted(before))
        is_whole = len(series) == len(compiled.requests[r].minutes)
        if is_whole and is_right(compiled, r, series) and state.fits(r, series):
            state.put(r, series)


def is_right(compiled: Compiled, r: int, series: Series) -> bool:
    """Say whether a series keeps the rules that concern nobody else: hours, closures, wishes, spacing, facilitator."""
    locked = compiled.locked[r]
    led_by = {visit.facilitator for visit in series if visit.number not in locked}
    if len(led_by) > 1 or not led_by <= set(compiled.able[r]):
        return False
    for visit in series:
        if visit.number in locked:
            continue
        times = dict(compiled.options(r, visit.number, visit.facilitator)).get(visit.day, ())
        if (visit.starts, visit.ends) not in times or visit.room not in compiled.rooms[r]:
            return False
    return all(_spaced(compiled, r, series, at) for at in range(len(series) - 1))


def _spaced(compiled: Compiled, r: int, series: Series, at: int) -> bool:
    one, other = series[at], series[at + 1]
    spacing, open_days = compiled.requests[r].spacing, compiled.open_days[r]
    if one.number in compiled.locked[r] and other.number in compiled.locked[r]:
        return one.day < other.day
    gap = open_days[other.day] - open_days[one.day]
    return one.day < other.day and abs(gap - spacing.days) <= spacing.slack


def fill(state: State, *, goes_on: Callable[[], bool] = lambda: True) -> None:
    """Place what waits, each request at its cheapest series of the moment, for as long as it `goes_on`."""
    for r in order_of_asking(state):
        if not goes_on():
            return
        series = cheapest(state, r)
        if series is not None:
            state.put(r, series)


def cheapest(state: State, r: int) -> Series | None:
    """Give the cheapest series over all facilitators who may lead the request; None if nothing fits."""
    compiled = state.compiled
    if not state.quota_left(r):
        return None
    wanted = compiled.requests[r].wishes.facilitator
    prices = Prices(state, None)
    best: tuple[float, Series] | None = None
    for f in compiled.able[r]:
        person = compiled.facilitators[f]
        extra = NOT_THE_PREFERRED if wanted is not None and person.id != wanted else 0
        for cost, series in candidates(state, r, f, prices=prices, rng=None, most=8):
            load = sum(state.weeks[f, compiled.week[visit.day]] for visit in series) / max(1, person.weekly_cap)
            total = cost + extra + LOAD * load
            if (best is None or total < best[0]) and state.fits(r, series):
                best = (total, series)
    return None if best is None else best[1]


def order_of_asking(state: State) -> list[int]:
    """Order the requests that wait: never reached, then the turn of their school, then who has the fewest days."""
    compiled = state.compiled
    turn = {}
    for requests in compiled.requests_of_school:
        served = sum(state.series[r] is not None for r in requests)
        waiting = [r for r in requests if state.series[r] is None]
        waiting.sort(key=lambda r: (not compiled.requests[r].is_never_reached, _days(compiled, r), r))
        turn.update({r: (served + place) / len(requests) for place, r in enumerate(waiting)})
    return sorted(
        state.unplaced(), key=lambda r: (not compiled.requests[r].is_never_reached, turn[r], _days(compiled, r), r)
    )


def _days(compiled: Compiled, r: int) -> int:
    return len(compiled.times(r, 0))
