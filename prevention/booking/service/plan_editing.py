"""What the office does with a plan: lock and move single meetings, and publish all of it at once.

Publishing is one transaction: the plan is checked against the database as it is at that moment, by `plan_check`, with
the rows locked that a booking would need. Either every request of the plan becomes a booking, or, with everything
named that changed since, none does. The letters follow from the jobs process, one request at a time: rows first, so
that the pages of others do not wait for a thousand calendar entries.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import joinedload

from prevention.accounts.models import User
from prevention.booking import letters
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.plan_check import OFFICE_MAY, Finding, PlanFault, check, rooms_for
from prevention.booking.plan_models import PlannedMeeting, PlanningRun
from prevention.booking.plan_rules import (
    MoveRefused,
    NoLessonThen,
    NothingToPublish,
    PlanningStatus,
    PlanNotReady,
    PlanOutdated,
)
from prevention.booking.plan_values import Meeting, Plan, Problem, Stretch
from prevention.booking.planner.compiled import meeting_times
from prevention.booking.rules import BookingStatus
from prevention.booking.service.agenda import booking_with_all
from prevention.booking.service.plan_problem import meeting_of, moment_of, plan_of, problem_for
from prevention.core import audit, clock
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.programmes.models import Edition, Programme
from prevention.schools import service as schools
from prevention.schools.models import SchoolClass
from prevention.schools.time_models import Room


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


def publish_plan(actor: Actor, run: PlanningRun, *, now: datetime) -> int:
    """Turn every request of a plan that has all its dates into a confirmed booking, all at once. Flushes.

    A refusal leaves nothing behind, not even in the transaction of the caller.

    Returns:
        How many requests were planned. Those that wait go on waiting.

    Raises:
        PlanNotReady: the run is under way, or was published: by whoever came first.
        NothingToPublish: no request has all its dates.
        PlanOutdated: something changed since the plan was made; nothing was written.
    """
    with db.session.begin_nested():
        return _publish(actor, run, now=now)


def _publish(actor: Actor, run: PlanningRun, *, now: datetime) -> int:
    published = db.session.scalar(
        update(PlanningRun)
        .where(PlanningRun.id == run.id, PlanningRun.status == PlanningStatus.DONE)
        .values(status=PlanningStatus.PUBLISHED, published_at=now)
        .returning(PlanningRun.id)
        .execution_options(synchronize_session=False)
    )
    if published is None:
        raise PlanNotReady
    db.session.expire(run)
    plan = plan_of(run.id)
    _lock_rows(plan)
    year = schools.district_time(run.school_year)
    problem = replace(
        problem_for(run),
        # What would begin today or has begun is too late to announce.
        first_day=max(run.first_day, year.first_day, clock.day_of(now) + timedelta(days=1)),
        # The calendar of the year may have changed.
        last_day=min(run.last_day, year.last_day),
    )
    whole = _whole_series(plan, problem)
    findings = [finding for finding in check(replace(problem, before=()), plan) if finding.fault not in OFFICE_MAY]
    if findings:
        raise PlanOutdated(findings)
    if not whole:
        raise NothingToPublish
    _confirm(actor, whole, run, now=now)
    audit.record(actor, "planning.published", run.id, bookings=len(whole))
    return len(whole)


def _lock_rows(plan: Plan) -> None:
    """Wait for bookings under way of the same classes, facilitators and rooms; those after us wait for us.

    Always in the order of `class_facts`, so that two who publish or book do not wait for each other.
    """
    bookings = sorted({meeting.request for meeting in plan.meetings})
    people = sorted({meeting.facilitator for meeting in plan.meetings})
    in_rooms = sorted({meeting.room for meeting in plan.meetings if meeting.room is not None})
    classes = select(Booking.school_class_id).where(Booking.id.in_(bookings))
    for query in (
        select(SchoolClass.id).where(SchoolClass.id.in_(classes)).order_by(SchoolClass.id),
        select(User.id).where(User.id.in_(people)).order_by(User.id),
        select(Room.id).where(Room.id.in_(in_rooms)).order_by(Room.id),
    ):
        db.session.execute(query.with_for_update(key_share=True))


def _whole_series(plan: Plan, problem: Problem) -> dict[uuid.UUID, list[Meeting]]:
    lengths = {request.id: len(request.minutes) for request in problem.requests}
    series: dict[uuid.UUID, list[Meeting]] = defaultdict(list)
    for meeting in plan.meetings:
        series[meeting.request].append(meeting)
    return {key: meetings for key, meetings in series.items() if len(meetings) == lengths.get(key)}


def _confirm(actor: Actor, series: dict[uuid.UUID, list[Meeting]], run: PlanningRun, *, now: datetime) -> None:
    confirmed = set(
        db.session.scalars(
            update(Booking)
            .where(Booking.id.in_(sorted(series)), Booking.status == BookingStatus.REQUESTED)
            .values(status=BookingStatus.CONFIRMED, decided_by=actor.id, decided_at=now)
            .returning(Booking.id)
            .execution_options(synchronize_session=False)
        )
    )
    gone = series.keys() - confirmed
    if gone:
        raise PlanOutdated([Finding(fault=PlanFault.UNKNOWN, request=key) for key in sorted(gone)])
    db.session.execute(insert(BookingMeeting), _dates(series))
    db.session.execute(
        update(PlannedMeeting)
        .where(PlannedMeeting.run_id == run.id, PlannedMeeting.booking_id.in_(sorted(series)))
        .values(is_told=False)
        .execution_options(synchronize_session=False)
    )
    for key in sorted(series):
        audit.record(actor, "booking.planned", key, run=str(run.id))
    db.session.flush()
    db.session.expire_all()


def _dates(series: dict[uuid.UUID, list[Meeting]]) -> Sequence[dict[str, object]]:
    bookings = db.session.scalars(
        select(Booking)
        .where(Booking.id.in_(sorted(series)))
        .options(joinedload(Booking.edition).joinedload(Edition.programme).selectinload(Programme.meetings))
    ).all()
    of_programme = {
        booking.id: {meeting.number: meeting.id for meeting in booking.edition.programme.meetings}
        for booking in bookings
    }
    return [
        {
            "id": uuid.uuid4(),
            "booking_id": key,
            "number": meeting.number,
            "programme_meeting_id": of_programme[key].get(meeting.number),
            "facilitator_id": meeting.facilitator,
            "room_id": meeting.room,
            "starts_at": moment_of(meeting.stretch.day, meeting.stretch.starts),
            "ends_at": moment_of(meeting.stretch.day, meeting.stretch.ends),
        }
        for key, meetings in sorted(series.items())
        for meeting in meetings
    ]


def tell_next(*, now: datetime) -> bool:
    """Write the letters of one request that was published and not told yet; say whether there was one. Flushes.

    The keys of the letters name the booking: told twice is one mail.
    """
    booking_id = db.session.scalar(
        select(PlannedMeeting.booking_id).where(~PlannedMeeting.is_told).order_by(PlannedMeeting.booking_id).limit(1)
    )
    if booking_id is None:
        return False
    db.session.execute(
        update(PlannedMeeting)
        .where(PlannedMeeting.booking_id == booking_id, ~PlannedMeeting.is_told)
        .values(is_told=True)
        .execution_options(synchronize_session=False)
    )
    stands = db.session.scalar(
        select(exists().where(Booking.id == booking_id, Booking.status == BookingStatus.CONFIRMED))
    )
    if stands:
        letters.planned(booking_with_all(booking_id), now=now)
    return True
