"""Work that is rows: taken by one process, held, lost after silence, given up after too many tries."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from prevention.booking.plan_models import PlanningRun
from prevention.booking.plan_rules import PlanningStatus
from prevention.core import clock
from prevention.core.claims import Taken, WorkQueue
from prevention.core.db import db, unit_of_work
from tests.factories.planning import make_run_row

LEASE = timedelta(minutes=1)
QUEUE = WorkQueue(
    model=PlanningRun,
    state=PlanningRun.status,
    waiting=PlanningStatus.QUEUED,
    running=PlanningStatus.RUNNING,
    since=PlanningRun.requested_at,
    lease=LEASE,
    most_attempts=2,
    give_up={"status": PlanningStatus.FAILED},
)


def take(*, later: timedelta = timedelta()) -> Taken | None:
    return QUEUE.take(clock.now() + later, began={}, given_up={})


def test_the_row_that_waits_longest_is_taken_first_and_once(app: Flask) -> None:
    young = make_run_row(school_year=2025)
    old = make_run_row(requested_at=clock.now() - timedelta(hours=1))

    first, second, third = take(), take(), take()

    assert first is not None
    assert second is not None
    assert [old.id, young.id] == [first.id, second.id]
    assert third is None


def test_who_falls_silent_loses_the_row_and_writes_nothing_more(app: Flask) -> None:
    row = make_run_row()
    first = take()
    assert first is not None
    assert QUEUE.write(first, {"progress": 10})

    second = take(later=LEASE)

    assert second is not None
    assert not QUEUE.write(first, {"progress": 99})
    assert QUEUE.write(second, {"progress": 20})
    db.session.expire_all()
    assert (20, 2) == (row.progress, row.attempts)
    assert take(later=2 * LEASE) is None
    db.session.expire_all()
    assert (PlanningStatus.FAILED, None) == (row.status, row.claim)


def test_of_many_who_ask_at_once_each_row_goes_to_one(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        rows = {make_run_row(school_year=2020 + number).id for number in range(3)}

    def ask(_number: int) -> Taken | None:
        with live_app.app_context():
            try:
                with unit_of_work():
                    return take()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(max_workers=8) as pool:
        taken = [found for found in pool.map(ask, range(16)) if found is not None]

    assert sorted(rows) == sorted(found.id for found in taken)
    with live_app.app_context():
        assert {found.token for found in taken} == set(db.session.scalars(select(PlanningRun.claim)))
