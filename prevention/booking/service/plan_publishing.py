"""Publishing a plan: all of it at once, or nothing.

One transaction: the plan is checked against the database as it is at that moment, by `plan_check`, with the rows locked
that a booking would need. Either every request of the plan becomes a booking, or, with everything named that changed
since, none does. The letters follow from the jobs process, one request at a time: rows first, so that the pages of
others do not wait for a thousand calendar entries.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import joinedload

from prevention.accounts.models import User
from prevention.booking import letters
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.plan_check import OFFICE_MAY, Finding, PlanFault, check
from prevention.booking.plan_models import PlannedMeeting, PlanningRun
from prevention.booking.plan_rules import (
    NothingToPublish,
    PlanningStatus,
    PlanNotReady,
    PlanOutdated,
)
from prevention.booking.plan_values import Meeting, Plan, Problem
from prevention.booking.rules import BookingStatus
from prevention.booking.service.agenda import booking_with_all
from prevention.booking.service.plan_problem import plan_of, problem_for
from prevention.booking.service.plan_times import moment_of
from prevention.core import audit, clock
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.programmes.models import Edition, Programme
from prevention.schools import service as schools
from prevention.schools.models import SchoolClass
from prevention.schools.time_models import Room

# A wish that was written anew or a fuller week do not keep a plan from being published; somebody who is away does.
_MAY_HAVE_CHANGED = OFFICE_MAY - {PlanFault.FACILITATOR_AWAY}


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
    findings = [
        finding for finding in check(replace(problem, before=()), plan) if finding.fault not in _MAY_HAVE_CHANGED
    ]
    if findings:
        raise PlanOutdated(findings)
    if not whole:
        raise NothingToPublish
    _confirm(actor, whole, run, now=now)
    audit.record(actor, "planning.published", run.id, bookings=len(whole))
    return len(whole)


def _lock_rows(plan: Plan) -> None:
    """Wait for bookings under way of the same classes, facilitators and rooms; those after us wait for us.

    Always in the order of `class_facts`, so that two who publish or book do not wait for each other. The requests come
    last, as the update of theirs would: whoever writes one anew does so before it is checked, or hears that it has
    dates.
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
    db.session.execute(select(Booking.id).where(Booking.id.in_(bookings)).order_by(Booking.id).with_for_update())


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
