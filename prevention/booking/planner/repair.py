"""One repair: some requests are taken out of a plan, and OR-Tools CP-SAT puts together again what fits best.

Each freed request brings series that it could have (`candidates`), its present one among them; the model chooses at
most one for each. A series is one Boolean, so the model stays small (some thousands instead of the hundred thousand
of a model with a Boolean for each facilitator and hour) and is solved in parts of a second.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from random import Random

from prevention.booking.planner.candidates import Prices, candidates
from prevention.booking.planner.compiled import NO_ROOM, Compiled, Series
from prevention.booking.planner.sat import Model, Term
from prevention.booking.planner.state import State, changes
from prevention.booking.planner.weights import (
    CHANGED,
    FAIR_PER_MILLE,
    NEVER_REACHED,
    NOT_THE_PREFERRED,
    PER_MILLE,
    PLACED,
)

Node = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Effort:
    """How hard a repair tries. `work` is CP-SAT's deterministic time: the same on a slow and on a fast machine."""

    series_each: int = 24
    draws: int = 1
    facilitators_each: int = 8
    work: float = 1.5


@dataclass(slots=True)
class _Choice:
    """A series of a request, and the variable that says whether it is taken."""

    r: int
    series: Series
    taken: int


@dataclass(slots=True)
class _Model:
    """The model of one repair while it is built."""

    cp: Model
    choices: list[_Choice] = field(default_factory=list)
    by_request: dict[int, list[_Choice]] = field(default_factory=lambda: defaultdict(list))
    worth: list[Term] = field(default_factory=list)


def repair(state: State, freed: Sequence[int], leaders: Sequence[int], *, rng: Random, effort: Effort) -> None:
    """Take the series of `freed` requests out of a plan and put the best choice found back in.

    The plan never loses points: what was there can be chosen again.

    Args:
        freed: requests, placed or not.
        leaders: facilitators among whom new series are looked for first.
    """
    compiled = state.compiled
    worth_before = state.score().total
    present = {r: state.take(r) for r in freed if state.series[r] is not None}
    offers = _offers(state, freed, present, leaders, rng=rng, effort=effort)
    model = _Model(Model())
    for r, found in offers.items():
        for series in found:
            choice = _Choice(r, series, model.cp.boolean())
            model.choices.append(choice)
            model.by_request[r].append(choice)
            model.worth.append((choice.taken, _worth(compiled, r, series)))
            model.cp.hint(choice.taken, value=series is present.get(r))
        model.cp.at_most_one(choice.taken for choice in model.by_request[r])
    _forbid_clashes(model, state)
    _limit_weeks(model, state)
    _limit_quotas(model, state)
    _count_trips(model, state)
    _lift_the_least(model, state)
    model.cp.maximise(model.worth)
    chosen = _solve(model, rng=rng, effort=effort)
    _put_all(state, present if chosen is None else chosen)
    if state.score().total < worth_before:
        # The solver was stopped before it came back to what was there.
        for r in freed:
            if state.series[r] is not None:
                state.take(r)
        _put_all(state, present)


def _put_all(state: State, chosen: dict[int, Series]) -> None:
    for r, series in chosen.items():
        state.put(r, series)


def _solve(model: _Model, *, rng: Random, effort: Effort) -> dict[int, Series] | None:
    values = model.cp.solve(seed=rng.getrandbits(30), work=effort.work)
    if values is None:
        return None
    return {choice.r: choice.series for choice in model.choices if values[choice.taken]}


def _offers(
    state: State,
    freed: Sequence[int],
    present: dict[int, Series],
    leaders: Sequence[int],
    *,
    rng: Random,
    effort: Effort,
) -> dict[int, list[Series]]:
    """Look for series of each freed request, while all of them are out."""
    compiled = state.compiled
    offers: dict[int, dict[Series, None]] = {r: {} for r in freed}
    for _draw in range(effort.draws):
        prices = Prices(state, rng)
        for r in freed:
            for f in _asked(compiled, r, leaders, rng=rng, effort=effort):
                for _cost, series in candidates(state, r, f, prices=prices, rng=rng, most=effort.series_each):
                    offers[r][series] = None
    for r, series in present.items():
        # The very object, for the hint.
        offers[r].pop(series, None)
        offers[r][series] = None
    return {r: list(found) for r, found in offers.items()}


def _asked(compiled: Compiled, r: int, leaders: Sequence[int], *, rng: Random, effort: Effort) -> Iterable[int]:
    able = compiled.able[r]
    near = [f for f in leaders if f in able]
    others = [f for f in able if f not in near]
    rng.shuffle(others)
    return (near + others)[: max(effort.facilitators_each, 1)]


def _worth(compiled: Compiled, r: int, series: Series) -> int:
    request = compiled.requests[r]
    wanted = request.wishes.facilitator
    led_otherwise = wanted is not None and any(
        compiled.facilitators[visit.facilitator].id != wanted for visit in series
    )
    return (
        PLACED
        + NEVER_REACHED * request.is_never_reached
        - NOT_THE_PREFERRED * led_otherwise
        - CHANGED * changes(compiled, r, series)
    )


def _forbid_clashes(model: _Model, state: State) -> None:
    """Keep each facilitator, class and room in one place, with the time to travel."""
    compiled = state.compiled
    people: dict[tuple[int, int], dict[Node, list[_Choice]]] = defaultdict(lambda: defaultdict(list))
    classes: dict[tuple[int, int], dict[Node, list[_Choice]]] = defaultdict(lambda: defaultdict(list))
    rooms: dict[tuple[int, int], dict[Node, list[_Choice]]] = defaultdict(lambda: defaultdict(list))
    shared = _classes_with_several(compiled, model.by_request)
    for choice in model.choices:
        site, locked = compiled.site[choice.r], compiled.locked[choice.r]
        for visit in choice.series:
            if visit.number in locked:
                continue
            people[visit.facilitator, visit.day][visit.starts, visit.ends, site].append(choice)
            if visit.room != NO_ROOM:
                rooms[visit.room, visit.day][visit.starts, visit.ends, 0].append(choice)
            if compiled.school_class[choice.r] in shared:
                classes[compiled.school_class[choice.r], visit.day][visit.starts, visit.ends, 0].append(choice)
    for group in (people, classes, rooms):
        for nodes in group.values():
            _keep_apart(model, nodes, compiled.travel)


def _classes_with_several(compiled: Compiled, freed: Iterable[int]) -> set[int]:
    seen: set[int] = set()
    return {one for one in (compiled.school_class[r] for r in freed) if one in seen or seen.add(one)}  # type: ignore[func-returns-value]  # the set is filled on the way


def _keep_apart(model: _Model, nodes: dict[Node, list[_Choice]], travel: list[list[int]]) -> None:
    """Let at most one series use a time, and none of two times that clash."""
    used = {}
    for node in sorted(nodes):
        choices = nodes[node]
        if len({choice.r for choice in choices}) == 1:
            # One request's series exclude each other already.
            used[node] = choices[0].taken if len(choices) == 1 else None
        else:
            model.cp.at_most_one(choice.taken for choice in choices)
            used[node] = None
    if len(used) == 1:
        return
    variables = {}
    for node, lone in used.items():
        variable = lone
        if variable is None:
            # At most one of them is taken; as a sum, because that is tighter than one implication each.
            variable = model.cp.boolean()
            model.cp.at_most([*((choice.taken, 1) for choice in nodes[node]), (variable, -1)], 0)
        variables[node] = variable
    for one, other in combinations(variables, 2):
        need = travel[one[2]][other[2]]
        if other[0] < one[1] + need and one[0] < other[1] + need:
            model.cp.at_least_one((~variables[one], ~variables[other]))


def _limit_weeks(model: _Model, state: State) -> None:
    compiled = state.compiled
    weeks: dict[tuple[int, int], list[Term]] = defaultdict(list)
    for choice in model.choices:
        counts: dict[tuple[int, int], int] = defaultdict(int)
        for visit in choice.series:
            if visit.number not in compiled.locked[choice.r]:
                counts[visit.facilitator, compiled.week[visit.day]] += 1
        for key, count in counts.items():
            weeks[key].append((choice.taken, count))
    for (f, week), uses in weeks.items():
        left = compiled.facilitators[f].weekly_cap - state.weeks.get((f, week), 0)
        if sum(count for _taken, count in uses) > left:
            model.cp.at_most(uses, max(0, left))


def _limit_quotas(model: _Model, state: State) -> None:
    compiled = state.compiled
    for (school, edition), limit in compiled.quota.items():
        of_pair = [r for r in compiled.requests_of_school[school] if compiled.requests[r].edition == edition]
        here = [choice.taken for r in of_pair for choice in model.by_request.get(r, ())]
        if here:
            elsewhere = sum(state.series[r] is not None for r in of_pair)
            model.cp.at_most([(taken, 1) for taken in here], max(0, limit - elsewhere))


def _count_trips(model: _Model, state: State) -> None:
    """Let each new visit of a facilitator to a municipality on a day cost its way, once."""
    compiled = state.compiled
    trips: dict[tuple[int, int, int], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for choice in model.choices:
        town = compiled.municipality[compiled.site[choice.r]]
        for visit in choice.series:
            key = (visit.facilitator, visit.day, town)
            if not state.trips.get(key):
                trips[key][choice.r].append(choice.taken)
    for (f, _day, town), by_request in trips.items():
        trip = compiled.trip[f][town]
        if len(by_request) == 1:
            model.worth += [(taken, -trip) for users in by_request.values() for taken in users]
            continue
        goes = model.cp.boolean()
        for users in by_request.values():
            # At most one series of a request is taken, so a sum is true, and tighter than one implication each.
            model.cp.at_most([*((taken, 1) for taken in users), (goes, -1)], 0)
        model.worth.append((goes, -trip))


def _lift_the_least(model: _Model, state: State) -> None:
    """Let the smallest share of its requests that a school gets count for the whole plan."""
    compiled = state.compiled
    highest = PER_MILLE
    rows = []
    for requests in compiled.requests_of_school:
        if not requests:
            continue
        fixed = sum(state.series[r] is not None for r in requests)
        here = [choice.taken for r in requests for choice in model.by_request.get(r, ())]
        if here:
            rows.append((here, fixed, len(requests)))
        else:
            highest = min(highest, PER_MILLE * fixed // len(requests))
    least = model.cp.whole_number(0, highest)
    for here, fixed, count in rows:
        model.cp.at_least([*((taken, PER_MILLE) for taken in here), (least, -count)], -PER_MILLE * fixed)
    model.worth.append((least, FAIR_PER_MILLE))
