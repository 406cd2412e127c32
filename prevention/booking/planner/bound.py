"""What no plan can be worth more than, and how far a plan is from it.

The bound is plain and safe, not tight: every request counts as placed that would find a place if it were alone; and of
the ways and of the facilitators that schools did not ask for only what cannot be saved is counted. A visit of a
facilitator to a municipality costs its way once, however many meetings it holds. So each meeting carries at least the
way divided by the most meetings that this facilitator can hold there on that weekday (`_most_meetings`), and each
request at least the sum of its meetings with whoever is cheapest for it; added up over all requests, no plan has less
way than that. Leaving a request out saves less way than it loses points (see `weights`), so the sum bounds plans with
fewer classes too. The true optimum lies between plan and bound; the gap therefore overstates what is missing.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping

from prevention.booking.planner.candidates import Prices, candidates
from prevention.booking.planner.compiled import Compiled, Time
from prevention.booking.planner.state import State
from prevention.booking.planner.weights import FAIR_PER_MILLE, NEVER_REACHED, NOT_THE_PREFERRED, PER_MILLE, PLACED

# Sums of shares are not exact to the last digit; a bound may be too high, never too low.
_GRAIN = 1e-6


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


# Facilitator, weekday and municipality of a visit.
_Visit = tuple[int, int, int]
# The times at which each request could have a meeting in visits of one kind.
_Times = dict[int, set[Time]]


def _least_ways(compiled: Compiled, possible: list[int]) -> int:
    """Give points that no plan with all of these requests can save: of ways, and of facilitators not asked for.

    Visits that commitments or locked meetings make anyway cost nothing more. A request with a locked meeting counts
    nothing: the office may have bent a rule for it.
    """
    free = [r for r in possible if not compiled.locked[r]]
    made = {(f, compiled.weekday[day], town) for (f, day, town), count in State(compiled).trips.items() if count}
    shares: dict[int, dict[int, float]] = defaultdict(dict)
    for visit, times in _possible_visits(compiled, free).items():
        f, _weekday, town = visit
        share = 0.0 if visit in made else compiled.trip[f][town] / _most_meetings(times)
        for r in times:
            shares[r][f] = min(share, shares[r].get(f, share))
    return math.ceil(sum(_least_of(compiled, r, shares[r]) for r in free) - _GRAIN)


def _possible_visits(compiled: Compiled, requests: list[int]) -> dict[_Visit, _Times]:
    found: dict[_Visit, _Times] = defaultdict(lambda: defaultdict(set))
    for r in requests:
        town = compiled.municipality[compiled.site[r]]
        # Meetings of one length have the same times.
        numbers = {length: number for number, length in enumerate(compiled.requests[r].minutes)}.values()
        for f in compiled.able[r]:
            for number in numbers:
                for day, times in compiled.options(r, number, f):
                    found[f, compiled.weekday[day], town][r].update(times)
    return found


def _most_meetings(times: _Times) -> int:
    """Give a number of meetings, one for a request, that nobody can exceed on one day at these times.

    The least of three: one for each request; as many as follow each other without regard to whose they are; and the
    same for the requests that can spare the same part of the day, group by group.
    """
    groups: dict[Time, list[set[Time]]] = defaultdict(list)
    for own in times.values():
        groups[min(own)[0], max(ends for _starts, ends in own)].append(own)
    by_group = sum(min(len(group), _one_after_the_other(group)) for group in groups.values())
    return min(len(times), _one_after_the_other(times.values()), by_group)


def _one_after_the_other(times: Iterable[set[Time]]) -> int:
    """Count the most stretches that do not overlap: always the one that ends first."""
    count = until = 0
    for ends, starts in sorted({(ends, starts) for own in times for starts, ends in own}):
        if starts >= until:
            count, until = count + 1, ends
    return count


def _least_of(compiled: Compiled, r: int, shares: Mapping[int, float]) -> float:
    """Give the points that a request costs at least, with the facilitator who is cheapest for it.

    Args:
        shares: by facilitator, the least that one of its meetings carries of a way.
    """
    request = compiled.requests[r]
    wanted = request.wishes.facilitator
    costs = [
        share * len(request.minutes)
        + NOT_THE_PREFERRED * (wanted is not None and compiled.facilitators[f].id != wanted)
        for f, share in shares.items()
    ]
    return min(costs, default=0.0)
