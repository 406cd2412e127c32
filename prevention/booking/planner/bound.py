"""What no plan can be worth more than, and how far a plan is from it.

The bound is plain and safe, not tight: every request counts as placed that would find a place if it were alone; and of
the ways only what cannot be saved is counted. In each municipality the meetings of those requests need at least as
many visits as there are meetings, divided by the most that one facilitator can lead there on one day, and each visit
costs at least the way of the facilitator who is based nearest. Leaving a request out saves less way than it loses
points (see `weights`), so the sum bounds plans with fewer classes too. The true optimum lies between plan and bound;
the gap therefore overstates what is missing.
"""

from collections import defaultdict

from prevention.booking.planner.candidates import Prices, candidates
from prevention.booking.planner.compiled import Compiled
from prevention.booking.planner.state import State
from prevention.booking.planner.weights import FAIR_PER_MILLE, NEVER_REACHED, PER_MILLE, PLACED


def upper_bound(compiled: Compiled) -> int:
    """Give a number of points that no plan of the problem exceeds."""
    possible = [r for r in range(len(compiled.requests)) if is_possible_alone(compiled, r)]
    possible_set = set(possible)
    share = min(
        (
            PER_MILLE * sum(r in possible_set for r in requests) // len(requests)
            for requests in compiled.requests_of_school
            if requests
        ),
        default=PER_MILLE,
    )
    never = sum(compiled.requests[r].is_never_reached for r in possible)
    return PLACED * len(possible) + NEVER_REACHED * never + FAIR_PER_MILLE * share - _least_ways(compiled, possible)


def gap(score: int, bound: int) -> float:
    """Give how far a plan may be from the best one, as a share of the bound, 0 to 1."""
    return max(0.0, (bound - score) / bound) if bound > 0 else 0.0


def is_possible_alone(compiled: Compiled, r: int) -> bool:
    """Say whether a request would find a place if nothing but what stands already were planned."""
    empty = State(compiled)
    prices = Prices(empty, None)
    return any(candidates(empty, r, f, prices=prices, rng=None, most=1) for f in compiled.able[r])


def _least_ways(compiled: Compiled, possible: list[int]) -> int:
    """Give minutes of way that no plan with all of these requests can save.

    Visits that commitments make anyway cost nothing more: where there is one, nothing is counted.
    """
    if not compiled.facilitators:
        return 0
    visited = {town for (_f, _day, town), count in State(compiled).trips.items() if count}
    meetings: dict[int, int] = defaultdict(int)
    shortest: dict[int, int] = {}
    hours: dict[int, tuple[int, int]] = {}
    for r in possible:
        town = compiled.municipality[compiled.site[r]]
        for number in range(len(compiled.requests[r].minutes)):
            meetings[town] += 1
            for _d, times in compiled.times(r, number):
                for starts, ends in times:
                    shortest[town] = min(shortest.get(town, ends - starts), ends - starts)
                    early, late = hours.get(town, (starts, ends))
                    hours[town] = (min(early, starts), max(late, ends))
    least = 0
    for town, count in meetings.items():
        if town not in visited and town in hours:
            a_day = max(1, (hours[town][1] - hours[town][0]) // shortest[town])
            least += -(-count // a_day) * min(row[town] for row in compiled.trip)
    return least
