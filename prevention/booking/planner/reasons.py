"""Why a request waits: found by lifting one rule at a time and looking whether a place appears.

Each rule is lifted for the requests that wait, everybody else staying where the plan has them. What makes room alone is
a reason; where nothing alone does, the reason says so. A reason is true of the plan at hand: another plan may leave
another class out.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from prevention.booking.plan_rules import WaitReason
from prevention.booking.plan_values import Facilitator, Plan, Problem, Request, Spacing, Window, Wishes
from prevention.booking.planner import greedy
from prevention.booking.planner.compiled import Compiled, compile_problem, meeting_times
from prevention.booking.planner.state import State
from prevention.network.travel import TravelTimes

_ALWAYS = tuple(Window(weekday=weekday, starts=0, ends=24 * 60) for weekday in range(7))
_NO_CAP = 10_000


def reasons(problem: Problem, plan: Plan) -> dict[int, tuple[WaitReason, ...]]:
    """Say for each request that has not all its meetings what stands in the way; keys are places in `requests`."""
    placed = _placed(problem, plan)
    waiting = [r for r, request in enumerate(problem.requests) if request.id not in placed]
    found: dict[int, list[WaitReason]] = {r: [] for r in waiting}
    for reason, lift in _LIFTS.items():
        state = _with_plan(lift(problem, frozenset(waiting)), plan, placed)
        _AFTER.get(reason, _nothing)(state)
        for r in waiting:
            if greedy.cheapest(state, r) is not None:
                found[r].append(reason)
    compiled = compile_problem(problem)
    return {r: _sharpened(compiled, r, names) or (_why_nothing_helps(compiled, r),) for r, names in found.items()}


def _sharpened(compiled: Compiled, r: int, names: list[WaitReason]) -> tuple[WaitReason, ...]:
    """Leave out that facilitators are taken where it is only their full weeks or their ways; say what rooms lack."""
    sharper = {WaitReason.FULL_WEEKS, WaitReason.TRAVEL} & set(names)
    return tuple(
        WaitReason.NO_SUITABLE_ROOM if name is WaitReason.ROOM and not compiled.rooms[r] else name
        for name in names
        if name is not WaitReason.FACILITATORS_TAKEN or not sharper
    )


def _placed(problem: Problem, plan: Plan) -> set[object]:
    counts: dict[object, int] = {}
    for meeting in plan.meetings:
        counts[meeting.request] = counts.get(meeting.request, 0) + 1
    return {request.id for request in problem.requests if counts.get(request.id) == len(request.minutes)}


def _with_plan(problem: Problem, plan: Plan, placed: set[object]) -> State:
    compiled = compile_problem(replace(problem, before=plan.meetings))
    state = State(compiled)
    for r, before in enumerate(compiled.before):
        if compiled.requests[r].id in placed:
            state.put(r, tuple(before[number] for number in sorted(before)))
    return state


def _why_nothing_helps(compiled: Compiled, r: int) -> WaitReason:
    request = compiled.requests[r]
    people = [compiled.facilitators[f] for f in compiled.able[r]]
    if not people:
        return WaitReason.NO_FACILITATOR
    if not any(person.windows or person.exceptions for person in people):
        return WaitReason.NO_HOURS_ENTERED
    if not compiled.rooms[r]:
        return WaitReason.NO_SUITABLE_ROOM
    periods = compiled.problem.places[compiled.site[r]].periods.values()
    if not all(any(meeting_times(day, minutes) for day in periods) for minutes in request.minutes):
        return WaitReason.NO_LESSON_LONG_ENOUGH
    return WaitReason.SEVERAL_THINGS


Lift = Callable[[Problem, frozenset[int]], Problem]


def _for_requests(change: Callable[[Request], Request]) -> Lift:
    def lift(problem: Problem, waiting: frozenset[int]) -> Problem:
        changed = tuple(change(request) if r in waiting else request for r, request in enumerate(problem.requests))
        return replace(problem, requests=changed)

    return lift


def _for_people(change: Callable[[Facilitator], Facilitator]) -> Lift:
    def lift(problem: Problem, _waiting: frozenset[int]) -> Problem:
        return replace(problem, facilitators=tuple(change(person) for person in problem.facilitators))

    return lift


def _any_day(wishes: Wishes) -> Wishes:
    return replace(wishes, weekdays=frozenset())


def _any_hour(wishes: Wishes) -> Wishes:
    return replace(wishes, earliest=0, latest=24 * 60)


def _any_week(wishes: Wishes) -> Wishes:
    return replace(wishes, avoid_weeks=frozenset[date]())


def _unchanged(problem: Problem, _waiting: frozenset[int]) -> Problem:
    return problem


_LIFTS: dict[WaitReason, Lift] = {
    WaitReason.WISHED_WEEKDAYS: _for_requests(lambda one: replace(one, wishes=_any_day(one.wishes))),
    WaitReason.WISHED_HOURS: _for_requests(lambda one: replace(one, wishes=_any_hour(one.wishes))),
    WaitReason.WEEKS_TO_AVOID: _for_requests(lambda one: replace(one, wishes=_any_week(one.wishes))),
    WaitReason.CLOSURES: _for_requests(lambda one: replace(one, closed_days=frozenset[date]())),
    WaitReason.CLASS_BUSY: _unchanged,
    WaitReason.HOURS_OF_FACILITATORS: _for_people(lambda one: replace(one, windows=_ALWAYS, exceptions=())),
    WaitReason.FACILITATORS_TAKEN: _for_people(lambda one: replace(one, weekly_cap=_NO_CAP)),
    WaitReason.FULL_WEEKS: _for_people(lambda one: replace(one, weekly_cap=_NO_CAP)),
    WaitReason.TRAVEL: lambda problem, _waiting: replace(problem, travel=TravelTimes()),
    WaitReason.ROOM: _for_requests(lambda one: replace(one, needs_room=False, needs_projector=False)),
    WaitReason.SPACING: _for_requests(lambda one: replace(one, spacing=Spacing(days=31, slack=30))),
    WaitReason.QUOTA: lambda problem, _waiting: replace(problem, quotas={}),
}


def _nothing(_state: State) -> None:
    """Lift nothing more."""


def _free_classes(state: State) -> None:
    state.classes.clear()


def _free_people(state: State) -> None:
    state.people.clear()


def _shorten_ways(state: State) -> None:
    count = len(state.compiled.travel)
    state.compiled.travel[:] = [[0] * count for _ in range(count)]


# What is lifted in the state rather than in the problem.
_AFTER: dict[WaitReason, Callable[[State], None]] = {
    WaitReason.CLASS_BUSY: _free_classes,
    WaitReason.FACILITATORS_TAKEN: _free_people,
    WaitReason.TRAVEL: _shorten_ways,
}
