"""Asking for plans: a run is started, taken up again, stopped, found."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from prevention.booking.models import Booking
from prevention.booking.plan_models import PlanningRun
from prevention.booking.plan_rules import (
    NoDays,
    NothingToPlan,
    PlanningStatus,
    PlanNotReady,
)
from prevention.booking.rules import BookingStatus
from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.programmes.models import Edition
from prevention.roles import Role
from prevention.schools import service as schools

# Schools want to know a week ahead.
LEAD = timedelta(days=7)


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
