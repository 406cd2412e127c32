"""Rules about who and what is in two places, and about the way in between."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from prevention.booking.plan_check.faults import Finding, PlanFault
from prevention.booking.plan_values import (
    Commitment,
    Meeting,
    Plan,
    Problem,
    Request,
    Stretch,
)


def clashes(problem: Problem, plan: Plan, known: Mapping[uuid.UUID, Request]) -> Iterator[Finding]:
    """Find who and what is in two places at once, or has no time for the way."""
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


@dataclass(frozen=True, slots=True)
class _Held:
    """A meeting or a commitment, with what it binds."""

    stretch: Stretch
    facilitator: uuid.UUID | None
    school_class: uuid.UUID | None
    room: uuid.UUID | None
    site: uuid.UUID | None
    meeting: Meeting | None


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
