"""What the office does with a plan before it is published: lock single meetings and move them."""

import uuid
from dataclasses import replace
from datetime import date

from sqlalchemy import update

from prevention.booking.plan_check import OFFICE_MAY, Finding, PlanFault, check, rooms_for
from prevention.booking.plan_models import PlannedMeeting, PlanningRun
from prevention.booking.plan_rules import (
    MoveRefused,
    NoLessonThen,
    PlanningStatus,
    PlanNotReady,
    PlanOutdated,
)
from prevention.booking.plan_values import Meeting, Plan, Problem, Stretch
from prevention.booking.planner.compiled import meeting_times
from prevention.booking.service.plan_problem import meeting_of, problem_for
from prevention.booking.service.plan_times import moment_of
from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db


def planned_meeting_for(run: PlanningRun, meeting_id: uuid.UUID) -> PlannedMeeting:
    """Give a date of a run.

    Raises:
        NotYours: it is not there.
    """
    row = db.session.get(PlannedMeeting, meeting_id)
    if row is None or row.run_id != run.id:
        raise NotYours(meeting_id)
    return row


def set_lock(actor: Actor, run: PlanningRun, row: PlannedMeeting, *, is_locked: bool) -> None:
    """Keep a date where it is when the plan is made again, or let it go. Flushes.

    Raises:
        PlanNotReady: the run is under way or published.
    """
    _hold(run)
    row.is_locked = is_locked
    db.session.flush()
    audit.record(actor, "planning.locked" if is_locked else "planning.unlocked", run.id, meeting=str(row.id))


def move(
    actor: Actor,
    run: PlanningRun,
    row: PlannedMeeting,
    *,
    day: date,
    starts: int,
    facilitator_id: uuid.UUID,
    room_id: uuid.UUID | None = None,
) -> tuple[PlanFault, ...]:
    """Put a date somewhere else and lock it there; the rest of the plan stays until it is made again. Flushes.

    Args:
        starts: minutes after midnight in Rome at which a lesson of the class's school begins.
        room_id: None for the room that it has, or another one that is free, where the programme needs one.

    Returns:
        The rules that the office bends by it, each once; see `OFFICE_MAY`.

    Raises:
        PlanNotReady: the run is under way or published.
        NoLessonThen: no lesson begins then, or not long enough.
        MoveRefused: the date cannot be there.
    """
    _hold(run)
    problem = problem_for(run)
    stretch = _stretch(problem, row, day=day, starts=starts)
    plan = Plan(meetings=problem.before)
    here = meeting_of(row)
    there = replace(here, stretch=stretch, facilitator=facilitator_id, is_locked=True)
    there = replace(there, room=room_id or _room_of(problem, plan, there))
    moved = Plan(meetings=tuple(there if meeting == here else meeting for meeting in plan.meetings))
    # The lock that is checked is the new one.
    before = replace(problem, before=())
    fresh = set(check(before, moved)) - set(check(before, plan))
    hard = [finding.fault for finding in fresh if finding.fault not in OFFICE_MAY]
    if hard:
        raise MoveRefused(sorted(hard))
    unlocked = tuple(replace(meeting, is_locked=False) for meeting in moved.meetings)
    bent = {
        finding.fault
        for finding in check(before, Plan(meetings=unlocked))
        if finding.fault in OFFICE_MAY and finding.request == here.request
    }
    row.starts_at, row.ends_at = moment_of(day, stretch.starts), moment_of(day, stretch.ends)
    row.facilitator_id, row.room_id, row.is_locked = facilitator_id, there.room, True
    db.session.flush()
    audit.record(actor, "planning.moved", run.id, meeting=str(row.id))
    return tuple(sorted(bent))


def _room_of(problem: Problem, plan: Plan, meeting: Meeting) -> uuid.UUID | None:
    """Choose a room where one is needed; that it is taken, if all are, is for the check to say."""
    request = next(one for one in problem.requests if one.id == meeting.request)
    if not (request.needs_room or request.needs_projector):
        return None
    return next((room.id for room in rooms_for(problem, plan, meeting)), None)


def lesson_times(run: PlanningRun, row: PlannedMeeting) -> dict[int, tuple[tuple[int, int], ...]]:
    """Give the times at which a date could begin and end at its school, by weekday, in minutes after midnight."""
    problem = problem_for(run)
    request = next((one for one in problem.requests if one.id == row.booking_id), None)
    if request is None:
        return {}
    place = next(place for place in problem.places if place.id == request.site)
    return {
        weekday: tuple(meeting_times(periods, request.minutes[row.number - 1]))
        for weekday, periods in sorted(place.periods.items())
    }


def _stretch(problem: Problem, row: PlannedMeeting, *, day: date, starts: int) -> Stretch:
    request = next((one for one in problem.requests if one.id == row.booking_id), None)
    if request is None or row.number > len(request.minutes):
        raise PlanOutdated([Finding(fault=PlanFault.UNKNOWN, request=row.booking_id)])
    place = next(place for place in problem.places if place.id == request.site)
    times = meeting_times(place.periods.get(day.weekday(), ()), request.minutes[row.number - 1])
    for begins, ends in times:
        if begins == starts:
            return Stretch(day=day, starts=begins, ends=ends)
    raise NoLessonThen(day=day)


def _hold(run: PlanningRun) -> None:
    """Hold a run that is done until the end of the transaction, so that nobody plans or publishes it meanwhile."""
    held = db.session.scalar(
        update(PlanningRun)
        .where(PlanningRun.id == run.id, PlanningRun.status == PlanningStatus.DONE)
        .values(status=PlanningStatus.DONE)
        .returning(PlanningRun.id)
        .execution_options(synchronize_session=False)
    )
    if held is None:
        raise PlanNotReady
