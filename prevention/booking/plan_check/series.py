"""Rules that concern one request alone: its hours, days, people, room, and the order of its meetings."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from prevention.booking.plan_check.faults import OFFICE_MAY, Finding, PlanFault
from prevention.booking.plan_values import (
    LONGEST_BREAK,
    SHORT_BY,
    Facilitator,
    Meeting,
    Period,
    Place,
    Problem,
    Request,
    Stretch,
)


def of_request(request: Request, meetings: Sequence[Meeting], problem: Problem) -> Iterator[Finding]:
    """Find what is wrong with the meetings of one request, in order, whatever else is planned."""
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
    if meeting.room is not None and not holds_class(meeting.room, request, place):
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


def holds_class(room_id: uuid.UUID, request: Request, place: Place) -> bool:
    """Say whether a room is one of the place, large enough, and with a projector or of the kind that is needed."""
    room = next((room for room in place.rooms if room.id == room_id), None)
    return (
        room is not None
        and (room.seats is None or room.seats >= request.people)
        and (room.has_projector or not request.needs_projector)
        and (request.room_kind is None or room.kind == request.room_kind)
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
