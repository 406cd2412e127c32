"""Checks a plan against the problem it is meant to answer, rule by rule, in the plainest way.

Written from the rules in `plan_values` alone; it shares no line with the planner and knows nothing of how plans are
found, so that a mistake there is not repeated here. It is asked by tests, by the benchmark, when the office moves a
meeting, and before a plan is published. Cost: pairs of meetings of one class, facilitator or room and day.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from prevention.booking.plan_check.clashes import clashes
from prevention.booking.plan_check.faults import OFFICE_MAY, Finding, PlanFault
from prevention.booking.plan_check.series import holds_class, of_request
from prevention.booking.plan_values import Meeting, Plan, Problem, Request, Room

__all__ = ["OFFICE_MAY", "Finding", "PlanFault", "check", "decided_by_office", "rooms_for"]


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
        found += of_request(known[request_id], meetings, problem)
    found += clashes(problem, plan, known)
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

    fitting = [room for room in place.rooms if holds_class(room.id, request, place)]
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
