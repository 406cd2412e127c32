"""What waits in the demo: it is there, it keeps the rules, and in summer nothing waits."""

from datetime import UTC, datetime
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.booking import audit
from prevention.booking.models import Booking, Slot, WaitingClass
from prevention.booking.plan_models import PlannedMeeting, PlanningRun, UnplacedRequest
from prevention.booking.plan_rules import PlanningStatus
from prevention.booking.rules import BookingStatus, CountedBy
from prevention.core import clock
from prevention.core.db import db
from prevention.demo import activity, coming, district, school_days
from prevention.demo.district import COORDINATOR_EMAIL, District
from prevention.programmes import service as programmes

YEAR = 2026


def build(rng: Random) -> District:
    """A district with a year's dates, bookings and registers up to now."""
    programmes.load_known()
    made = district.build_district(None, years=(YEAR,), rng=rng)
    school_days.keep_school_time(made, years=(YEAR, YEAR + 1))
    activity.run_year(made, school_year=YEAR, today=clock.today(), busyness=0.8, rng=rng)
    return made


def test_requests_a_plan_a_line_a_choice_and_a_hall_wait_for_who_walks_in(app: Flask) -> None:
    del app
    rng = Random(20260912)

    coming.leave_to_come(build(rng), school_year=YEAR, today=clock.today(), rng=rng)

    run = db.session.scalars(select(PlanningRun)).one()
    assert (PlanningStatus.DONE, coming.REQUESTS) == (run.status, run.asked)
    assert 0 < run.placed < run.asked
    assert 3 * run.placed == db.session.scalar(select(func.count(PlannedMeeting.id)))
    assert all(row.reasons for row in db.session.scalars(select(UnplacedRequest)))
    requests = db.session.scalars(select(Booking).where(Booking.status == BookingStatus.REQUESTED)).all()
    assert coming.REQUESTS == len([each for each in requests if each.slot_id is None and each.wish is not None])
    halls = {each.slot for each in requests if each.slot is not None}
    assert [(CountedBy.HEADS, True)] == [(each.counted_by, each.room_id is not None) for each in halls]
    choice = db.session.scalars(select(Slot).where(Slot.dates_to_take.is_not(None))).one()
    (taken,) = db.session.scalars(select(Booking).where(Booking.slot_id == choice.id))
    assert choice.dates_to_take == len(taken.meetings) < len(choice.meetings)
    waiting = db.session.scalars(select(WaitingClass)).one()
    bruno = db.session.scalars(select(User).where(User.email == COORDINATOR_EMAIL)).one()
    assert 0 == waiting.slot.places_left
    assert waiting.school_class.site.institute_id in {role.institute_id for role in bruno.roles}
    assert () == audit.violations()


@pytest.mark.parametrize("moment", [datetime(2027, 7, 20, 9, tzinfo=UTC)])
def test_in_summer_nothing_waits(app: Flask, moment: datetime) -> None:
    del app
    rng = Random(1)
    with clock.frozen(moment):
        coming.leave_to_come(build(rng), school_year=YEAR, today=clock.today(), rng=rng)

    assert 0 == db.session.scalar(select(func.count(PlanningRun.id)))
    assert None is db.session.scalar(select(Booking.id).where(Booking.status == BookingStatus.REQUESTED))
