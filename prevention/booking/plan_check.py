"""Checks a plan against the problem it is meant to answer, rule by rule, in the plainest way.

Written from the rules in `plan_values` alone; it shares no line with the planner and knows nothing of how plans are
found, so that a mistake there is not repeated here. It is asked by tests, by the benchmark, when the office moves a
meeting, and before a plan is published. Cost: pairs of meetings of one class, facilitator or room and day.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations, pairwise

from prevention.booking.plan_values import (
    LONGEST_BREAK,
    SHORT_BY,
    Commitment,
    Facilitator,
    Meeting,
    Period,
    Place,
    Plan,
    Problem,
    Request,
    Room,
    Stretch,
)


class PlanFault(StrEnum):
    """What can be wrong with a meeting of a plan."""

    UNKNOWN = "unknown"
    INCOMPLETE = "incomplete"
    OUTSIDE_BELL_TIMES = "outside_bell_times"
    OUTSIDE_DAYS = "outside_days"
    CLOSED = "closed"
    SPACING = "spacing"
    WRONG_ORDER = "wrong_order"
    SEVERAL_FACILITATORS = "several_facilitators"
    WRONG_FACILITATOR = "wrong_facilitator"
    FACILITATOR_AWAY = "facilitator_away"
    WEEK_FULL = "week_full"
    CLASS_BUSY = "class_busy"
    FACILITATOR_BUSY = "facilitator_busy"
    ROOM_BUSY = "room_busy"
    TRAVEL_TOO_SHORT = "travel_too_short"
    NO_ROOM = "no_room"
    WRONG_ROOM = "wrong_room"
    AGAINST_WISHES = "against_wishes"
    OVER_QUOTA = "over_quota"
    LOCKED_MOVED = "locked_moved"


# What the office may decide for a meeting that it puts somewhere itself.
OFFICE_MAY = frozenset(
    {
        PlanFault.SPACING,
        PlanFault.SEVERAL_FACILITATORS,
        PlanFault.FACILITATOR_AWAY,
        PlanFault.WEEK_FULL,
        PlanFault.AGAINST_WISHES,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is wrong: the request and the number of the meeting (0: all of it), and what it meets, if any."""

    fault: PlanFault
    request: uuid.UUID
    number: int = 0
    other: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class _Held:
    """A meeting or a commitment, with what it binds."""

    stretch: Stretch
    facilitator: uuid.UUID | None
    school_class: uuid.UUID | None
    room: uuid.UUID | None
    site: uuid.UUID | None
    meeting: Meeting | None


def check(problem: Problem, plan: Plan) -> tuple[Finding, ...]:
    """Find everything in which a plan breaks the rules; an empty tuple is a plan that can be carried out.

    What the office may decide (`OFFICE_MAY`) is no finding where a locked meeting is concerned.
    """
    known = {request.id: request for request in problem.requests}
    found = [
        Finding(fault=PlanFault.UNKNOWN, request=meeting.request, number=meeting.number)
        for meeting in plan.meetings
        if not _is_known(meeting, known, problem)
    ]
    if found:
        return tuple(found)
    by_request: dict[uuid.UUID, list[Meeting]] = defaultdict(list)
    for meeting in plan.meetings:
        by_request[meeting.request].append(meeting)
    for request_id, meetings in by_request.items():
        meetings.sort(key=lambda meeting: meeting.number)
        found += _of_request(known[request_id], meetings, problem)
    found += _clashes(problem, plan, known)
    found += _full_weeks(problem, plan)
    found += _over_quota(problem, by_request, known)
    found += _moved_locks(problem, plan)
    return tuple(dict.fromkeys(found))


def rooms_for(problem: Problem, plan: Plan, meeting: Meeting) -> tuple[Room, ...]:
    """List the rooms that hold a meeting's class: those free at its time first, its own before others, then by size.

    The meeting itself, wherever the plan has it, takes no room from itself.
    """
    request = next(request for request in problem.requests if request.id == meeting.request)
    place = next(place for place in problem.places if place.id == request.site)
    here = meeting.stretch
    others = [
        (each.room, each.stretch)
        for each in plan.meetings
        if (each.request, each.number) != (meeting.request, meeting.number)
    ]
    taken = {
        room
        for room, stretch in (*others, *((fixed.room, fixed.stretch) for fixed in problem.commitments))
        if stretch.day == here.day and stretch.starts < here.ends and here.starts < stretch.ends
    }

    def rank(room: Room) -> tuple[bool, bool, bool, int, uuid.UUID]:
        return room.id in taken, room.id != meeting.room, room.seats is None, room.seats or 0, room.id

    fitting = [room for room in place.rooms if _holds_class(room.id, request, place)]
    return tuple(sorted(fitting, key=rank))


def decided_by_office(problem: Problem, plan: Plan) -> tuple[Finding, ...]:
    """Find the rules that locked meetings of a plan break because the office wants them so."""
    unlocked = Plan(meetings=tuple(_without_lock(meeting) for meeting in plan.meetings))
    bent = check(_without_before(problem), unlocked)
    return tuple(finding for finding in bent if finding.fault in OFFICE_MAY)


def _without_lock(meeting: Meeting) -> Meeting:
    return Meeting(
        request=meeting.request,
        number=meeting.number,
        facilitator=meeting.facilitator,
        stretch=meeting.stretch,
        room=meeting.room,
    )


def _without_before(problem: Problem) -> Problem:
    return Problem(
        first_day=problem.first_day,
        last_day=problem.last_day,
        facilitators=problem.facilitators,
        places=problem.places,
        requests=problem.requests,
        commitments=problem.commitments,
        quotas=problem.quotas,
        travel=problem.travel,
    )


def _is_known(meeting: Meeting, known: Mapping[uuid.UUID, Request], problem: Problem) -> bool:
    request = known.get(meeting.request)
    return (
        request is not None
        and 1 <= meeting.number <= len(request.minutes)
        and any(person.id == meeting.facilitator for person in problem.facilitators)
    )


def _of_request(request: Request, meetings: Sequence[Meeting], problem: Problem) -> Iterator[Finding]:
    place = next(place for place in problem.places if place.id == request.site)
    numbers = [meeting.number for meeting in meetings]
    is_whole = numbers == list(range(1, len(request.minutes) + 1))
    if len(set(numbers)) < len(numbers) or not (is_whole or all(meeting.is_locked for meeting in meetings)):
        yield Finding(fault=PlanFault.INCOMPLETE, request=request.id)
    if len({meeting.facilitator for meeting in meetings if not meeting.is_locked}) > 1:
        yield Finding(fault=PlanFault.SEVERAL_FACILITATORS, request=request.id)
    for meeting in meetings:
        person = next(person for person in problem.facilitators if person.id == meeting.facilitator)
        for fault in _of_meeting(meeting, request, place, person, problem):
            if not (meeting.is_locked and fault in OFFICE_MAY):
                yield Finding(fault=fault, request=request.id, number=meeting.number)
    for one, next_one in pairwise(meetings):
        if next_one.number == one.number + 1:
            yield from _of_neighbours(one, next_one, request)


def _of_meeting(
    meeting: Meeting, request: Request, place: Place, person: Facilitator, problem: Problem
) -> Iterator[PlanFault]:
    stretch = meeting.stretch
    if not problem.first_day <= stretch.day <= problem.last_day:
        yield PlanFault.OUTSIDE_DAYS
    if stretch.day in request.closed_days:
        yield PlanFault.CLOSED
    if not _fills_periods(stretch, place.periods.get(stretch.day.weekday(), ()), request.minutes[meeting.number - 1]):
        yield PlanFault.OUTSIDE_BELL_TIMES
    if request.edition not in person.editions:
        yield PlanFault.WRONG_FACILITATOR
    if not _is_there(person, stretch):
        yield PlanFault.FACILITATOR_AWAY
    if not _suits(stretch, request):
        yield PlanFault.AGAINST_WISHES
    if meeting.room is None and (request.needs_room or request.needs_projector):
        yield PlanFault.NO_ROOM
    if meeting.room is not None and not _holds_class(meeting.room, request, place):
        yield PlanFault.WRONG_ROOM


def _fills_periods(stretch: Stretch, periods: Sequence[Period], minutes: int) -> bool:
    """Say whether a stretch is a row of whole periods, and of no more than the minutes need."""
    inside = [period for period in periods if stretch.starts <= period.starts and period.ends <= stretch.ends]
    if not inside or inside[0].starts != stretch.starts or inside[-1].ends != stretch.ends:
        return False
    if any(later.starts - earlier.ends > LONGEST_BREAK for earlier, later in pairwise(inside)):
        return False

    def holds(some: Sequence[Period]) -> bool:
        return sum(period.ends - period.starts + SHORT_BY for period in some) >= minutes

    return holds(inside) and not holds(inside[:-1])


def _is_there(person: Facilitator, stretch: Stretch) -> bool:
    """Ask for every minute: is there, by the week or on that day, and is not away."""
    special = [each for each in person.exceptions if each.first_day <= stretch.day <= each.last_day]
    there = [(window.starts, window.ends) for window in person.windows if window.weekday == stretch.day.weekday()] + [
        (each.starts, each.ends) for each in special if each.is_available
    ]
    away = [(each.starts, each.ends) for each in special if not each.is_available]
    return all(
        any(starts <= minute < ends for starts, ends in there)
        and not any(starts <= minute < ends for starts, ends in away)
        for minute in range(stretch.starts, stretch.ends)
    )


def _suits(stretch: Stretch, request: Request) -> bool:
    wishes = request.wishes
    monday = stretch.day - timedelta(days=stretch.day.weekday())
    return (
        (not wishes.weekdays or stretch.day.weekday() in wishes.weekdays)
        and wishes.earliest <= stretch.starts
        and stretch.ends <= wishes.latest
        and monday not in wishes.avoid_weeks
    )


def _holds_class(room_id: uuid.UUID, request: Request, place: Place) -> bool:
    room = next((room for room in place.rooms if room.id == room_id), None)
    return (
        room is not None
        and (room.seats is None or room.seats >= request.people)
        and (room.has_projector or not request.needs_projector)
    )


def _of_neighbours(one: Meeting, next_one: Meeting, request: Request) -> Iterator[Finding]:
    if next_one.stretch.day <= one.stretch.day:
        yield Finding(fault=PlanFault.WRONG_ORDER, request=request.id, number=next_one.number)
        return
    days = [one.stretch.day + timedelta(days=n) for n in range(1, (next_one.stretch.day - one.stretch.day).days + 1)]
    counted = sum(1 for day in days if day not in request.closed_days)
    fits = abs(counted - request.spacing.days) <= request.spacing.slack
    if not fits and not (one.is_locked or next_one.is_locked):
        yield Finding(fault=PlanFault.SPACING, request=request.id, number=next_one.number)


def _clashes(problem: Problem, plan: Plan, known: Mapping[uuid.UUID, Request]) -> Iterator[Finding]:
    held = [_held(meeting, known[meeting.request]) for meeting in plan.meetings]
    held += [_as_held(commitment) for commitment in problem.commitments]
    municipality = {place.id: place.municipality for place in problem.places}
    for fault, name in (
        (PlanFault.CLASS_BUSY, "school_class"),
        (PlanFault.FACILITATOR_BUSY, "facilitator"),
        (PlanFault.ROOM_BUSY, "room"),
    ):
        for one, other in _together(held, name):
            early, late = sorted((one, other), key=lambda each: (each.stretch.starts, each.stretch.ends))
            if late.stretch.starts < early.stretch.ends:
                yield from _named(fault, one, other)
            elif name == "facilitator" and early.site is not None and late.site is not None:
                need = 0
                if early.site != late.site:
                    need = problem.travel.minutes(municipality[early.site], municipality[late.site])
                if late.stretch.starts - early.stretch.ends < need:
                    yield from _named(PlanFault.TRAVEL_TOO_SHORT, one, other)


def _held(meeting: Meeting, request: Request) -> _Held:
    return _Held(meeting.stretch, meeting.facilitator, request.school_class, meeting.room, request.site, meeting)


def _as_held(fixed: Commitment) -> _Held:
    return _Held(fixed.stretch, fixed.facilitator, fixed.school_class, fixed.room, fixed.site, None)


def _together(held: Iterable[_Held], name: str) -> Iterator[tuple[_Held, _Held]]:
    """Give the pairs that share a class, facilitator or room on one day; two commitments are not our business."""
    groups: dict[tuple[uuid.UUID, date], list[_Held]] = defaultdict(list)
    for each in held:
        key = getattr(each, name)
        if key is not None:
            groups[key, each.stretch.day].append(each)
    for group in groups.values():
        for one, other in combinations(group, 2):
            if one.meeting is not None or other.meeting is not None:
                yield one, other


def _named(fault: PlanFault, one: _Held, other: _Held) -> Iterator[Finding]:
    for each, against in ((one, other), (other, one)):
        if each.meeting is not None:
            yield Finding(
                fault=fault,
                request=each.meeting.request,
                number=each.meeting.number,
                other=against.meeting.request if against.meeting else None,
            )


def _full_weeks(problem: Problem, plan: Plan) -> Iterator[Finding]:
    def week(day: date) -> date:
        return day - timedelta(days=day.weekday())

    count = Counter((meeting.facilitator, week(meeting.stretch.day)) for meeting in plan.meetings)
    count.update(
        (fixed.facilitator, week(fixed.stretch.day)) for fixed in problem.commitments if fixed.facilitator is not None
    )
    caps = {person.id: person.weekly_cap for person in problem.facilitators}
    for meeting in plan.meetings:
        if not meeting.is_locked and count[meeting.facilitator, week(meeting.stretch.day)] > caps[meeting.facilitator]:
            yield Finding(fault=PlanFault.WEEK_FULL, request=meeting.request, number=meeting.number)


def _over_quota(
    problem: Problem, by_request: Mapping[uuid.UUID, Sequence[Meeting]], known: Mapping[uuid.UUID, Request]
) -> Iterator[Finding]:
    school = {place.id: place.institute for place in problem.places}
    given = Counter(
        (school[known[key].site], known[key].edition)
        for key, meetings in by_request.items()
        if len(meetings) == len(known[key].minutes)
    )
    for key in by_request:
        pair = (school[known[key].site], known[key].edition)
        if pair in problem.quotas and given[pair] > problem.quotas[pair]:
            yield Finding(fault=PlanFault.OVER_QUOTA, request=key)


def _moved_locks(problem: Problem, plan: Plan) -> Iterator[Finding]:
    """Find locked meetings of the earlier plan that are not where they were."""
    now = {(meeting.request, meeting.number): meeting for meeting in plan.meetings}
    for meeting in problem.before:
        if meeting.is_locked and now.get((meeting.request, meeting.number)) != meeting:
            yield Finding(fault=PlanFault.LOCKED_MOVED, request=meeting.request, number=meeting.number)
