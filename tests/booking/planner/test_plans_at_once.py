"""A plan under two pairs of hands: a request that changes while the plan is published, a date moved by several."""

import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from prevention.accounts import service as accounts
from prevention.accounts.models import User
from prevention.booking import audit, service
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.plan_models import PlannedMeeting, PlanningRun
from prevention.booking.plan_rules import MoveRefused, PlanningStatus, PlanOutdated
from prevention.booking.rules import BookingStatus
from prevention.booking.service import plan_editing, plan_publishing, planning
from prevention.booking.service.making import Party
from prevention.booking.service.requests import Wish
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.programmes.rules import RoomNeed
from tests.booking.test_at_once import PATIENCE_S
from tests.factories.accounts import make_user
from tests.factories.booking import make_request
from tests.factories.planning import make_leader, make_run_row
from tests.factories.programmes import make_edition, make_programme
from tests.factories.school_time import make_room
from tests.factories.schools import make_school_class, make_site

NOW = datetime(2026, 11, 23, 9, tzinfo=clock.ROME)
# A Monday with lessons, see `factories.planning`.
FIRST = datetime(2027, 1, 11, 10, tzinfo=clock.ROME)
AT_ONCE = 4


def make_plan(requests: int) -> tuple[uuid.UUID, uuid.UUID]:
    """Commit a plan with one date for each request, week after week, in a room for 25; give its id and the leader's."""
    with unit_of_work():
        anna = make_user("Anna")
        edition = make_edition(programme=make_programme(meetings=1), school_year=2026, room_need=RoomNeed.PROJECTOR)
        leader, site = make_leader(edition), make_site()
        run, room = make_run_row(status=PlanningStatus.DONE), make_room(site=site, capacity=25)
        for number in range(requests):
            asked = make_request(anna, edition=edition, school_class=make_school_class(site=site, pupils=20))
            starts = FIRST + timedelta(days=7 * number)
            db.session.add(
                PlannedMeeting(
                    run_id=run.id, booking=asked, number=1, facilitator_id=leader.id, room_id=room.id, is_told=True,
                    starts_at=starts, ends_at=starts + timedelta(hours=1),
                )
            )  # fmt: skip
        db.session.flush()
        return run.id, leader.id


def publish(run_id: uuid.UUID) -> str:
    """Publish a plan in a transaction of its own."""
    with unit_of_work():
        office = accounts.actor_of(db.session.scalars(select(User).where(User.name == "Anna")).one())
        try:
            plan_publishing.publish_plan(office, db.session.get_one(PlanningRun, run_id), now=clock.now())
        except PlanOutdated:
            return "outdated"
    return "published"


@pytest.mark.parametrize("what", ["changed", "withdrawn"])
def test_a_request_that_changes_while_the_plan_is_published_is_not_planned_as_it_was(
    live_app: Flask, what: str
) -> None:
    begun = threading.Event()

    def second() -> str:
        with live_app.app_context(), clock.frozen(NOW):
            is_sqlite = db.engine.dialect.name == "sqlite"

            def notice(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
                # From here on it waits for the one before. On SQLite it waits before its first statement.
                if "UPDATE booking SET" in statement or ("FROM booking" in statement and "FOR UPDATE" in statement):
                    begun.set()

            if is_sqlite:
                begun.set()
            event.listen(db.engine, "before_cursor_execute", notice)
            try:
                return publish(run_id)
            finally:
                event.remove(db.engine, "before_cursor_execute", notice)
                db.session.remove()

    with live_app.app_context(), clock.frozen(NOW), ThreadPoolExecutor(1) as threads:
        run_id, _leader = make_plan(1)
        with unit_of_work():
            booking = db.session.scalars(select(Booking)).one()
            office = accounts.actor_of(db.session.scalars(select(User).where(User.name == "Anna")).one())
            if what == "changed":
                service.change_request(office, booking, Party(school_class=booking.school_class, pupils=28), Wish())
            else:
                service.cancel(office, booking, reason="Trip", now=clock.now())
            answer = threads.submit(second)
            assert begun.wait(PATIENCE_S)

        assert "outdated" == answer.result(PATIENCE_S)
        db.session.expire_all()
        assert (BookingStatus.REQUESTED if what == "changed" else BookingStatus.CANCELLED) is booking.status
        assert 0 == db.session.scalar(select(func.count(BookingMeeting.id)))
        assert () == audit.violations()


def test_of_several_who_move_dates_to_one_hour_of_a_facilitator_one_does(live_app: Flask) -> None:
    with live_app.app_context(), clock.frozen(NOW):
        run_id, leader_id = make_plan(AT_ONCE)
        office = accounts.actor_of(db.session.scalars(select(User).where(User.name == "Anna")).one())
        is_sqlite = db.engine.dialect.name == "sqlite"
        db.session.remove()
    # All look at the plan before anybody moves; SQLite lets one in at a time anyway.
    have_looked = threading.Barrier(AT_ONCE)

    def move(number: int) -> str:
        with live_app.app_context(), clock.frozen(NOW):
            try:
                with unit_of_work():
                    run = db.session.get_one(PlanningRun, run_id)
                    row = planning.planned_meetings(run)[number]
                    if not is_sqlite:
                        have_looked.wait(PATIENCE_S)
                    day = FIRST.date() + timedelta(days=2)
                    plan_editing.move(office, run, row, day=day, starts=600, facilitator_id=leader_id)
            except MoveRefused:
                return "refused"
            finally:
                db.session.remove()
        return "moved"

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = Counter(threads.map(move, range(AT_ONCE), timeout=PATIENCE_S))

    assert {"moved": 1, "refused": AT_ONCE - 1} == answers
    with live_app.app_context(), clock.frozen(NOW):
        assert "published" == publish(run_id)
        assert () == audit.violations()
