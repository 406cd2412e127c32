"""Rows of planning: facilitators with hours, requests that wait, and runs. Every factory flushes; nothing commits."""

from datetime import date, time, timedelta
from typing import Any

from prevention.accounts.models import User
from prevention.booking.models import Booking
from prevention.booking.plan_models import (
    FacilitatorDays,
    FacilitatorHours,
    FacilitatorTerms,
    PlannedMeeting,
    PlanningRun,
    UnplacedRequest,
)
from prevention.booking.plan_rules import PlanningStatus, WaitReason
from prevention.core import clock
from prevention.core.db import db
from prevention.programmes.models import Edition
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.booking import FIRST_START, make_request
from tests.factories.network import make_organisation

FIRST_DAY, LAST_DAY = date(2027, 1, 11), date(2027, 3, 5)


def make_hours(person: User, *, weekdays: range = range(5), cap: int = 10) -> None:
    """Let a facilitator be there from Monday to Friday, 8 to 14."""
    db.session.add_all(
        FacilitatorHours(user_id=person.id, weekday=weekday, starts=time(8), ends=time(14)) for weekday in weekdays
    )
    db.session.add(FacilitatorTerms(user_id=person.id, weekly_cap=cap))
    db.session.flush()


def make_leader(edition: Edition, *, name: str = "Dario", **hours: Any) -> User:
    """Make a facilitator of an edition's provider, with hours."""
    person = make_user(name, Role.FACILITATOR, organisation_id=edition.organisation_id)
    make_hours(person, **hours)
    return person


def make_run_row(**values: Any) -> PlanningRun:
    """Make a run of the tests' school year that waits for its turn."""
    row = PlanningRun(
        **{
            "school_year": 2026,
            "first_day": FIRST_DAY,
            "last_day": LAST_DAY,
            "seed": 1,
            "seconds": 2,
            "status": PlanningStatus.QUEUED,
            "requested_at": clock.now(),
            **values,
        }
    )
    db.session.add(row)
    db.session.flush()
    return row


def make_planned_run(booker: User, *, request: Booking | None = None, person: User | None = None) -> PlanningRun:
    """Make a run that is done: one request with one date, another one without."""
    run = make_run_row(status=PlanningStatus.DONE)
    leader = person
    if leader is None:
        leader = make_user("Dario", Role.FACILITATOR, organisation_id=make_organisation().id)
        make_hours(leader)
    db.session.add_all(
        [
            FacilitatorDays(user_id=leader.id, first_day=FIRST_DAY, last_day=FIRST_DAY),
            PlannedMeeting(
                run_id=run.id,
                booking=request or make_request(booker),
                number=1,
                facilitator_id=leader.id,
                starts_at=FIRST_START,
                ends_at=FIRST_START + timedelta(hours=1),
                is_told=True,
            ),
            UnplacedRequest(run_id=run.id, booking=make_request(booker), reasons=[WaitReason.QUOTA.value]),
        ]
    )
    db.session.flush()
    return run
