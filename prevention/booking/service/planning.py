"""The life of a planning run: asked for, claimed by one process, told of, stopped, ended; and what its page shows.

As with reports (`reports.service`), a run is a row: whoever holds its claim writes to it, in short transactions; a
process that dies leaves it to another one after the lease.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload, lazyload

from prevention.accounts.models import User
from prevention.booking.models import Booking
from prevention.booking.plan_models import PlannedMeeting, PlanningRun, UnplacedRequest
from prevention.booking.plan_rules import (
    LEASE,
    MOST_ATTEMPTS,
    NoDays,
    NothingToPlan,
    PlanningProblem,
    PlanningStatus,
    PlanNotReady,
    RunLost,
    WaitReason,
)
from prevention.booking.plan_values import Plan, Problem
from prevention.booking.planner import Outcome, Progress
from prevention.booking.rules import BookingStatus
from prevention.booking.service.plan_problem import moment_of, problem_for
from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.programmes.models import Edition
from prevention.roles import Role
from prevention.schools import service as schools
from prevention.schools.models import SchoolClass, Site

# Schools want to know a week ahead.
LEAD = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunClaim:
    """What a process that took a run needs; `token` proves that the run is still its own."""

    run_id: uuid.UUID
    token: uuid.UUID
    seed: int
    seconds: int
    problem: Problem


def days_to_plan(school_year: int, *, today: date) -> tuple[date, date]:
    """Give the days that a new run plans, both included: from a week ahead to the last day of lessons.

    Raises:
        NoDays: none is left.
    """
    year = schools.district_time(school_year)
    first = max(year.first_day, today + LEAD)
    if first > year.last_day:
        raise NoDays(first_day=first, last_day=year.last_day)
    return first, year.last_day


def start_planning(
    actor: Actor, *, school_year: int, seconds: int, seed: int, now: datetime, today: date
) -> PlanningRun:
    """Ask for a plan of all open requests; a run of the year that is under way is given instead of a second one.

    Two requests at the same moment make one run: the database holds it to that.

    Raises:
        NothingToPlan: no request waits.
        NoDays: no day of the school year is left.
    """
    asked = waiting_requests(school_year)
    if not asked:
        raise NothingToPlan
    first_day, last_day = days_to_plan(school_year, today=today)
    make = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made: PlanningRun | None = db.session.scalar(
        make(PlanningRun)
        .values(
            id=uuid.uuid4(),
            school_year=school_year,
            first_day=first_day,
            last_day=last_day,
            seed=seed,
            seconds=seconds,
            status=PlanningStatus.QUEUED,
            asked=asked,
            requested_by=actor.id,
            requested_at=now,
        )
        .on_conflict_do_nothing()
        .returning(PlanningRun)
    )
    if made is not None:
        audit.record(actor, "planning.started", made.id, school_year=school_year, seed=seed, requests=asked)
        return made
    return db.session.scalars(runs(school_year).limit(1)).one()


def waiting_requests(school_year: int) -> int:
    """Count the requests of a school year that wait for their dates."""
    return (
        db.session.scalar(
            select(func.count(Booking.id))
            .join(Edition, Booking.edition_id == Edition.id)
            .where(
                Booking.status == BookingStatus.REQUESTED, Booking.slot_id.is_(None), Edition.school_year == school_year
            )
        )
        or 0
    )


def runs(school_year: int) -> Select[PlanningRun]:
    """Select the runs of a school year, newest first."""
    return (
        select(PlanningRun)
        .where(PlanningRun.school_year == school_year)
        .order_by(PlanningRun.requested_at.desc(), PlanningRun.id)
    )


def planning_run_for(actor: Actor, run_id: uuid.UUID) -> PlanningRun:
    """Give a run that this person may see: the office sees all.

    Raises:
        NotYours: it is not there or not theirs.
    """
    run = db.session.get(PlanningRun, run_id)
    if run is None or not actor.has(Role.OFFICE):
        raise NotYours(run_id)
    return run


def plan_again(actor: Actor, run: PlanningRun, *, seconds: int, now: datetime, today: date) -> None:
    """Search once more from the plan that a run holds: locked meetings stay, the rest stays where it can. Flushes.

    Raises:
        PlanNotReady: the run is under way or published, or another run of the year is under way.
        NoDays: no day of the school year is left.
    """
    first_day, last_day = days_to_plan(run.school_year, today=today)
    other = select(PlanningRun.id).where(
        PlanningRun.school_year == run.school_year,
        PlanningRun.status.in_((PlanningStatus.QUEUED, PlanningStatus.RUNNING)),
    )
    _change(
        run,
        PlanningRun.status.in_((PlanningStatus.DONE, PlanningStatus.FAILED)) & ~other.exists(),
        status=PlanningStatus.QUEUED,
        seconds=seconds,
        first_day=first_day,
        last_day=last_day,
        wants_stop=False,
        progress=0,
        attempts=0,
        problem=None,
        requested_at=now,
    )
    audit.record(actor, "planning.again", run.id)


def stop_planning(actor: Actor, run: PlanningRun) -> None:
    """Ask a run to stop: the best plan so far is kept. Nothing happens where it ended by itself. Flushes."""
    try:
        _change(run, PlanningRun.status.in_((PlanningStatus.QUEUED, PlanningStatus.RUNNING)), wants_stop=True)
    except PlanNotReady:
        return
    audit.record(actor, "planning.stopped", run.id)


def _change(run: PlanningRun, condition: Any, **values: Any) -> None:
    done = db.session.scalar(
        update(PlanningRun)
        .where(PlanningRun.id == run.id, condition)
        .values(**values)
        .returning(PlanningRun.id)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(run)
    if done is None:
        raise PlanNotReady


def claim_next_run(now: datetime) -> RunClaim | None:
    """Take the oldest run that waits, or whose process died, for this process alone; None when there is none.

    A run that was tried `MOST_ATTEMPTS` times is given up on the way.
    """
    abandoned = (PlanningRun.status == PlanningStatus.RUNNING) & (PlanningRun.leased_until <= now)
    db.session.execute(
        update(PlanningRun)
        .where(abandoned, PlanningRun.attempts >= MOST_ATTEMPTS)
        .values(
            status=PlanningStatus.FAILED,
            problem=PlanningProblem.INTERRUPTED,
            finished_at=now,
            claim=None,
            leased_until=None,
        )
        .execution_options(synchronize_session=False)
    )
    is_free = or_(PlanningRun.status == PlanningStatus.QUEUED, abandoned)
    oldest = (
        select(PlanningRun.id)
        .where(is_free)
        .order_by(PlanningRun.requested_at, PlanningRun.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    token = uuid.uuid4()
    taken = db.session.scalar(
        update(PlanningRun)
        .where(PlanningRun.id == oldest, is_free)
        .values(
            status=PlanningStatus.RUNNING,
            claim=token,
            leased_until=now + LEASE,
            attempts=PlanningRun.attempts + 1,
            started_at=now,
            finished_at=None,
            progress=0,
        )
        .returning(PlanningRun.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        return None
    run = db.session.get_one(PlanningRun, taken, populate_existing=True)
    return RunClaim(run_id=taken, token=token, seed=run.seed, seconds=run.seconds, problem=problem_for(run))


def advance_run(claim: RunClaim, progress: Progress, *, now: datetime) -> bool:
    """Say how far a run is, hold it for another `LEASE`, and give whether it shall go on.

    Raises:
        RunLost: another process has it now.
    """
    share = min(99, int(100 * progress.seconds / max(1, claim.seconds)))
    wants_stop = _write(claim, progress=share, leased_until=now + LEASE, **_figures(progress))
    return not wants_stop


def finish_run(claim: RunClaim, outcome: Outcome, reasons: dict[int, tuple[WaitReason, ...]], *, now: datetime) -> None:
    """Put a plan in place of the one that the run held, and end the run.

    Raises:
        RunLost: another process has the run now; nothing was written.
    """
    _write(
        claim,
        status=PlanningStatus.DONE,
        progress=100,
        finished_at=now,
        claim=None,
        leased_until=None,
        asked=outcome.progress.requests,
        **_figures(outcome.progress),
    )
    replace_plan(claim.run_id, outcome.plan)
    waiting = [
        {
            "id": uuid.uuid4(),
            "run_id": claim.run_id,
            "booking_id": claim.problem.requests[r].id,
            "reasons": [name.value for name in names],
        }
        for r, names in sorted(reasons.items())
    ]
    db.session.execute(delete(UnplacedRequest).where(UnplacedRequest.run_id == claim.run_id))
    if waiting:
        db.session.execute(insert(UnplacedRequest), waiting)


def fail_run(claim: RunClaim, problem: PlanningProblem, *, now: datetime) -> None:
    """End a run that could not be planned; nothing happens when another process has it now."""
    try:
        _write(claim, status=PlanningStatus.FAILED, problem=problem, finished_at=now, claim=None, leased_until=None)
    except RunLost:
        return


def replace_plan(run_id: uuid.UUID, plan: Plan) -> None:
    """Write a plan over the one that a run holds."""
    db.session.execute(delete(PlannedMeeting).where(PlannedMeeting.run_id == run_id))
    rows = [
        {
            "id": uuid.uuid4(),
            "run_id": run_id,
            "booking_id": meeting.request,
            "number": meeting.number,
            "facilitator_id": meeting.facilitator,
            "room_id": meeting.room,
            "starts_at": moment_of(meeting.stretch.day, meeting.stretch.starts),
            "ends_at": moment_of(meeting.stretch.day, meeting.stretch.ends),
            "is_locked": meeting.is_locked,
            "is_told": True,
        }
        for meeting in plan.meetings
    ]
    if rows:
        db.session.execute(insert(PlannedMeeting), rows)


def _figures(progress: Progress) -> dict[str, Any]:
    score = progress.score
    return {
        "repairs": progress.repairs,
        "placed": score.placed,
        "changed": score.changed,
        "trip_minutes": score.trip_minutes,
        "smallest_share": score.smallest_share_per_mille,
        "gap": progress.gap,
    }


def _write(claim: RunClaim, /, **values: Any) -> bool:
    """Write to a run that is held, and give whether somebody wants it to stop."""
    held: bool | None = db.session.scalar(
        update(PlanningRun)
        .where(
            PlanningRun.id == claim.run_id,
            PlanningRun.claim == claim.token,
            PlanningRun.status == PlanningStatus.RUNNING,
        )
        .values(**values)
        .returning(PlanningRun.wants_stop)
        .execution_options(synchronize_session=False)
    )
    if held is None:
        raise RunLost(claim.run_id)
    return held


def planned_meetings(
    run: PlanningRun,
    *,
    since: date | None = None,
    until: date | None = None,
    facilitator_id: uuid.UUID | None = None,
    institute_id: uuid.UUID | None = None,
) -> Sequence[PlannedMeeting]:
    """List the dates that a run proposes, in order, with what its pages show; `until` is the first day after."""
    query = (
        select(PlannedMeeting)
        .where(PlannedMeeting.run_id == run.id)
        .options(
            joinedload(PlannedMeeting.facilitator).options(lazyload(User.roles)),
            joinedload(PlannedMeeting.room),
            _with_class(),
        )
        .order_by(PlannedMeeting.starts_at, PlannedMeeting.id)
    )
    if since is not None:
        query = query.where(PlannedMeeting.starts_at >= moment_of(since, 0))
    if until is not None:
        query = query.where(PlannedMeeting.starts_at < moment_of(until, 0))
    if facilitator_id is not None:
        query = query.where(PlannedMeeting.facilitator_id == facilitator_id)
    if institute_id is not None:
        of_school = (
            select(Booking.id)
            .join(SchoolClass, Booking.school_class_id == SchoolClass.id)
            .join(Site, SchoolClass.site_id == Site.id)
            .where(Site.institute_id == institute_id)
        )
        query = query.where(PlannedMeeting.booking_id.in_(of_school))
    return db.session.scalars(query).all()


def unplaced_requests(run: PlanningRun) -> Sequence[UnplacedRequest]:
    """List the requests that a run found no dates for, by school and class."""
    rows = db.session.scalars(
        select(UnplacedRequest).where(UnplacedRequest.run_id == run.id).options(_with_class(UnplacedRequest.booking))
    ).all()
    return sorted(
        rows, key=lambda row: (row.booking.school_class.site.name, row.booking.school_class.label, str(row.id))
    )


def _with_class(booking: Any = PlannedMeeting.booking) -> Any:
    return joinedload(booking).options(
        joinedload(Booking.edition).joinedload(Edition.programme),
        joinedload(Booking.school_class)
        .joinedload(SchoolClass.site)
        .options(joinedload(Site.institute), joinedload(Site.municipality)),
    )
