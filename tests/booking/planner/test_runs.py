"""A planning run from the request to the bookings: real rows, the real search, and what may go wrong on the way."""

import os
import signal
import subprocess
import sys
import textwrap
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from prevention.accounts import service as accounts
from prevention.accounts.models import User
from prevention.booking import audit
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.plan_check import PlanFault, check
from prevention.booking.plan_models import PlannedMeeting, PlanningRun, UnplacedRequest
from prevention.booking.plan_rules import (
    LEASE,
    MOST_ATTEMPTS,
    MoveRefused,
    NoDays,
    NoLessonThen,
    NothingToPlan,
    NothingToPublish,
    PlanningProblem,
    PlanningStatus,
    PlanNotReady,
    PlanOutdated,
    RunLost,
    WaitReason,
)
from prevention.booking.plan_tasks import plan_next_run, tell_next_planned
from prevention.booking.planner import Budget, solve
from prevention.booking.planner.reasons import reasons
from prevention.booking.rules import BookingStatus
from prevention.booking.service import plan_editing, plan_publishing, planning
from prevention.booking.service.plan_problem import plan_of, problem_for
from prevention.config import ROOT
from prevention.core import clock
from prevention.core.access import Actor
from prevention.core.db import db, unit_of_work
from prevention.messages.models import OutboxMessage
from prevention.programmes.models import Edition
from prevention.roles import Role
from prevention.schools.school_time import MONDAY_TO_SATURDAY, BellPlan
from prevention.schools.time_models import SchoolCalendar
from tests.factories.accounts import make_user
from tests.factories.booking import make_request
from tests.factories.planning import FIRST_DAY, make_leader, make_run_row
from tests.factories.programmes import make_edition, make_programme
from tests.factories.school_time import make_bells, make_closure
from tests.factories.schools import make_school_class, make_site
from tests.support.queries import counted_queries

TODAY = date(2026, 11, 23)


@pytest.fixture
def edition(app: Flask) -> Edition:
    return make_edition(programme=make_programme(meetings=3), school_year=2026)


@pytest.fixture
def office(anna: User) -> Actor:
    return accounts.actor_of(anna)


def planned(run: PlanningRun) -> PlanningRun:
    """Let the search have its turn, with few repairs."""
    claim = planning.claim_next_run(clock.now())
    assert claim is not None
    outcome = solve(claim.problem, seed=claim.seed, budget=Budget(repairs=2))
    planning.finish_run(claim, outcome, reasons(claim.problem, outcome.plan), now=clock.now())
    db.session.expire_all()
    return run


def three_requests(booker: User, edition: Edition) -> list[Booking]:
    site = make_site()
    return [make_request(booker, edition=edition, school_class=make_school_class(site=site)) for _ in range(3)]


def test_a_run_gives_every_request_its_dates(app: Flask, bruno: User, office: Actor, edition: Edition) -> None:
    dario = make_leader(edition)
    requests = three_requests(bruno, edition)
    run = planning.start_planning(office, school_year=2026, seconds=30, seed=5, now=clock.now(), today=TODAY)

    planned(run)

    assert (PlanningStatus.DONE, 3, 3, 100) == (run.status, run.placed, run.asked, run.progress)
    rows = planning.planned_meetings(run)
    assert 9 == len(rows)
    assert {dario.id} == {row.facilitator_id for row in rows}
    assert {request.id for request in requests} == {row.booking_id for row in rows}
    assert () == check(problem_for(run), plan_of(run.id))
    assert run.first_day == TODAY + timedelta(days=7)


def test_the_problem_is_read_in_as_many_statements_for_ten_requests_as_for_two(
    app: Flask, bruno: User, edition: Edition
) -> None:
    make_leader(edition)
    run = make_run_row()

    def statements() -> int:
        db.session.expire_all()
        with counted_queries() as queries:
            problem_for(run)
        return queries.count

    for _ in range(2):
        make_request(bruno, edition=edition)
    few = statements()
    for _ in range(8):
        make_request(bruno, edition=edition)
        make_leader(edition)

    assert few == statements()


def test_no_request_no_run_and_a_second_run_is_the_first(
    app: Flask, bruno: User, office: Actor, edition: Edition
) -> None:
    with pytest.raises(NothingToPlan):
        planning.start_planning(office, school_year=2026, seconds=30, seed=1, now=clock.now(), today=TODAY)
    make_request(bruno, edition=edition)
    first = planning.start_planning(office, school_year=2026, seconds=30, seed=1, now=clock.now(), today=TODAY)

    second = planning.start_planning(office, school_year=2026, seconds=60, seed=2, now=clock.now(), today=TODAY)

    assert first.id == second.id
    with pytest.raises(NoDays):
        planning.start_planning(office, school_year=2026, seconds=30, seed=1, now=clock.now(), today=date(2027, 6, 5))


def test_why_a_request_waits_is_kept_with_the_run(app: Flask, bruno: User, office: Actor) -> None:
    alone = make_edition(school_year=2026)
    silent = make_edition(school_year=2026)
    closed = make_edition(school_year=2026)
    weekend = make_edition(school_year=2026)
    make_user("Silvia", role=Role.FACILITATOR, organisation_id=silent.organisation_id)
    make_leader(closed)
    make_leader(weekend)
    shut = make_site()
    make_closure(
        institute_id=shut.institute_id, first_day=date(2026, 9, 1), last_day=date(2027, 8, 31), school_year=2026
    )
    requests = {
        make_request(bruno, edition=alone).id: WaitReason.NO_FACILITATOR,
        make_request(bruno, edition=silent).id: WaitReason.HOURS_OF_FACILITATORS,
        make_request(bruno, edition=closed, school_class=make_school_class(site=shut)).id: WaitReason.CLOSURES,
        make_request(bruno, edition=weekend, wish={"weekdays": [6]}).id: WaitReason.WISHED_WEEKDAYS,
    }
    run = planned(make_run_row())

    found = {row.booking_id: row.reasons for row in planning.unplaced_requests(run)}

    assert {key: [reason.value] for key, reason in requests.items()} == found


def test_publishing_confirms_everything_at_once_and_tells_everybody_once(
    app: Flask, bruno: User, office: Actor, edition: Edition
) -> None:
    make_leader(edition)
    requests = three_requests(bruno, edition)
    run = planned(make_run_row())

    count = plan_publishing.publish_plan(office, run, now=clock.now())

    assert 3 == count
    assert {BookingStatus.CONFIRMED} == {request.status for request in requests}
    assert [3, 3, 3] == [len(request.meetings) for request in requests]
    assert all(meeting.programme_meeting_id for request in requests for meeting in request.meetings)
    assert () == audit.violations()
    assert PlanningStatus.PUBLISHED is run.status
    while plan_publishing.tell_next(now=clock.now()):
        pass
    # Each request: one mail to who asked, one to the facilitator.
    assert 6 == db.session.scalar(select(func.count(OutboxMessage.id)))
    with pytest.raises(PlanNotReady):
        plan_publishing.publish_plan(office, run, now=clock.now())


def test_a_plan_that_no_longer_fits_is_refused_with_names_and_nothing_is_written(
    app: Flask, bruno: User, office: Actor, edition: Edition
) -> None:
    make_leader(edition)
    withdrawn, closed, _fine = (make_request(bruno, edition=edition) for _ in range(3))
    run = planned(make_run_row())
    day = clock.day_of(next(row for row in planning.planned_meetings(run) if row.booking_id == closed.id).starts_at)
    make_closure(institute_id=closed.school_class.site.institute_id, first_day=day, last_day=day, school_year=2026)

    with pytest.raises(PlanOutdated) as refused, db.session.begin_nested():
        plan_publishing.publish_plan(office, run, now=clock.now())

    assert (closed.id,) == refused.value.requests
    assert {PlanFault.CLOSED} <= {finding.fault for finding in refused.value.findings}
    withdrawn.status = BookingStatus.CANCELLED
    db.session.flush()
    with pytest.raises(PlanOutdated) as refused, db.session.begin_nested():
        plan_publishing.publish_plan(office, run, now=clock.now())
    assert (withdrawn.id,) == refused.value.requests
    db.session.expire_all()
    assert PlanningStatus.DONE is run.status
    assert 0 == db.session.scalar(select(func.count(BookingMeeting.id)))


def test_other_bells_or_an_earlier_end_of_the_year_stop_the_publishing(
    app: Flask, bruno: User, office: Actor, edition: Edition
) -> None:
    make_leader(edition)
    wanted = make_request(bruno, edition=edition)
    run = planned(make_run_row())
    bells = make_bells(
        wanted.school_class.site, BellPlan(starts=time(14), hours=4, minutes=50, weekdays=MONDAY_TO_SATURDAY)
    )

    with pytest.raises(PlanOutdated) as refused:
        plan_publishing.publish_plan(office, run, now=clock.now())
    assert {PlanFault.OUTSIDE_BELL_TIMES} == {finding.fault for finding in refused.value.findings}

    for row in bells:
        db.session.delete(row)
    last = clock.day_of(planning.planned_meetings(run)[-1].starts_at)
    db.session.add(
        SchoolCalendar(
            school_year=2026, first_day=date(2026, 9, 14), last_day=last - timedelta(days=1), source="Ordinanza"
        )
    )
    db.session.flush()
    with pytest.raises(PlanOutdated) as refused:
        plan_publishing.publish_plan(office, run, now=clock.now())
    assert {PlanFault.OUTSIDE_DAYS} == {finding.fault for finding in refused.value.findings}
    assert BookingStatus.REQUESTED is wanted.status


def test_a_plan_whose_days_have_come_is_refused(app: Flask, bruno: User, office: Actor, edition: Edition) -> None:
    make_leader(edition)
    make_request(bruno, edition=edition)
    run = planned(make_run_row())

    with pytest.raises(PlanOutdated), db.session.begin_nested():
        plan_publishing.publish_plan(office, run, now=clock.now() + timedelta(days=90))


def test_a_plan_without_a_whole_series_is_not_published(app: Flask, bruno: User, office: Actor) -> None:
    make_request(bruno, edition=make_edition(school_year=2026))
    run = planned(make_run_row())

    with pytest.raises(NothingToPublish), db.session.begin_nested():
        plan_publishing.publish_plan(office, run, now=clock.now())


def test_a_moved_date_is_locked_and_stays_when_the_plan_is_made_again(
    app: Flask, bruno: User, office: Actor, edition: Edition
) -> None:
    dario = make_leader(edition)
    requests = three_requests(bruno, edition)
    run = planned(make_run_row())
    before = plan_of(run.id)
    row = next(row for row in planning.planned_meetings(run) if row.booking_id == requests[0].id and row.number == 2)
    there = _free_day(run, row)

    plan_editing.move(office, run, row, day=there, starts=_first_lesson(run, row, there), facilitator_id=dario.id)
    planning.plan_again(office, run, seconds=30, now=clock.now(), today=TODAY)
    planned(run)

    again = plan_of(run.id)
    [moved] = [each for each in again.meetings if each.request == requests[0].id and each.number == 2]
    assert (there, True) == (moved.stretch.day, moved.is_locked)
    untouched = {each for each in before.meetings if each.request != requests[0].id}
    assert untouched <= set(again.meetings)
    assert () == check(problem_for(run), again)


def _free_day(run: PlanningRun, row: PlannedMeeting) -> date:
    """Give the next weekday on which nothing is planned."""
    taken = {clock.day_of(each.starts_at) for each in planning.planned_meetings(run)}
    day = clock.day_of(row.starts_at) + timedelta(days=1)
    while day in taken or day.weekday() > 4:
        day += timedelta(days=1)
    return day


def _first_lesson(run: PlanningRun, row: PlannedMeeting, day: date) -> int:
    return plan_editing.lesson_times(run, row)[day.weekday()][0][0]


def test_a_date_cannot_be_moved_onto_another_one_nor_outside_lessons(
    app: Flask, bruno: User, office: Actor, edition: Edition
) -> None:
    dario = make_leader(edition)
    three_requests(bruno, edition)
    run = planned(make_run_row())
    rows = planning.planned_meetings(run)
    row, other = rows[0], next(each for each in rows if each.booking_id != rows[0].booking_id)
    local = other.starts_at.astimezone(clock.ROME)

    with pytest.raises(MoveRefused) as refused:
        plan_editing.move(
            office,
            run,
            row,
            day=local.date(),
            starts=local.hour * 60 + local.minute,
            facilitator_id=dario.id,
        )

    assert PlanFault.FACILITATOR_BUSY in refused.value.faults
    with pytest.raises(NoLessonThen):
        plan_editing.move(office, run, row, day=local.date(), starts=60, facilitator_id=dario.id)
    with pytest.raises(MoveRefused):
        plan_editing.move(
            office, run, row, day=local.date(), starts=local.hour * 60 + local.minute, facilitator_id=bruno.id
        )
    assert not row.is_locked


def test_bending_a_wish_is_the_offices_right_and_is_named(
    app: Flask, bruno: User, office: Actor, edition: Edition
) -> None:
    dario = make_leader(edition)
    make_request(bruno, edition=edition, wish={"weekdays": [0, 1, 2]})
    run = planned(make_run_row())
    row = planning.planned_meetings(run)[0]
    monday = clock.day_of(row.starts_at) - timedelta(days=clock.day_of(row.starts_at).weekday())
    friday = monday + timedelta(days=4)

    bent = plan_editing.move(
        office, run, row, day=friday, starts=_first_lesson(run, row, friday), facilitator_id=dario.id
    )

    assert PlanFault.AGAINST_WISHES in bent
    assert 1 == plan_publishing.publish_plan(office, run, now=clock.now())


def test_a_run_under_way_or_published_is_not_changed(app: Flask, bruno: User, office: Actor, edition: Edition) -> None:
    make_leader(edition)
    make_request(bruno, edition=edition)
    run = planned(make_run_row())
    row = planning.planned_meetings(run)[0]
    planning.plan_again(office, run, seconds=30, now=clock.now(), today=TODAY)

    with pytest.raises(PlanNotReady):
        plan_editing.set_lock(office, run, row, is_locked=True)
    with pytest.raises(PlanNotReady):
        planning.plan_again(office, run, seconds=30, now=clock.now(), today=TODAY)
    with pytest.raises(PlanNotReady):
        plan_publishing.publish_plan(office, run, now=clock.now())


def test_a_stop_ends_the_search_with_the_plan_so_far(app: Flask, bruno: User, office: Actor, edition: Edition) -> None:
    make_leader(edition)
    make_request(bruno, edition=edition)
    run = make_run_row(seconds=300)
    claim = planning.claim_next_run(clock.now())
    assert claim is not None
    planning.stop_planning(office, run)

    outcome = solve(
        claim.problem,
        seed=1,
        budget=Budget(),
        listener=lambda progress: planning.advance_run(claim, progress, now=clock.now()),
    )

    assert 0 == outcome.progress.repairs
    assert outcome.plan.meetings


def test_a_run_whose_process_died_is_taken_up_again_and_given_up_in_the_end(
    app: Flask, bruno: User, edition: Edition
) -> None:
    make_request(bruno, edition=edition)
    run = make_run_row()
    first = planning.claim_next_run(clock.now())
    assert first is not None
    assert planning.claim_next_run(clock.now()) is None

    now = clock.now()
    for _attempt in range(MOST_ATTEMPTS - 1):
        now += LEASE
        again = planning.claim_next_run(now)
        assert again is not None
    outcome = solve(first.problem, seed=1, budget=Budget(repairs=0))
    with pytest.raises(RunLost):
        planning.finish_run(first, outcome, {}, now=now)
    assert planning.claim_next_run(now + LEASE) is None

    db.session.expire_all()
    assert (PlanningStatus.FAILED, PlanningProblem.INTERRUPTED) == (run.status, run.problem)


def test_the_jobs_plan_and_tell_with_real_commits(live_app: Flask) -> None:
    with live_app.app_context(), clock.frozen(datetime(2026, 11, 23, 9, tzinfo=clock.ROME)):
        run_id, office = _committed_run()
        assert plan_next_run()
        assert not plan_next_run()
        with unit_of_work():
            run = db.session.get_one(PlanningRun, run_id)
            assert PlanningStatus.DONE is run.status
            plan_publishing.publish_plan(office, run, now=clock.now())
        assert tell_next_planned()
        while tell_next_planned():
            pass

        assert () == audit.violations()
        assert 4 == db.session.scalar(select(func.count(OutboxMessage.id)))


def _committed_run(*, seconds: int = 1) -> tuple[uuid.UUID, Actor]:
    with unit_of_work():
        anna = make_user("Anna")
        edition = make_edition(programme=make_programme(meetings=2), school_year=2026)
        make_leader(edition)
        for _ in range(2):
            make_request(anna, edition=edition)
        run_id = make_run_row(seconds=seconds).id
        office = accounts.actor_of(anna)
    return run_id, office


def test_two_who_publish_at_once_publish_once(live_app: Flask) -> None:
    with live_app.app_context(), clock.frozen(datetime(2026, 11, 23, 9, tzinfo=clock.ROME)):
        run_id, office = _committed_run()
        plan_next_run()
        db.session.remove()

    def publish(_number: int) -> str:
        with live_app.app_context(), clock.frozen(datetime(2026, 11, 23, 9, tzinfo=clock.ROME)):
            try:
                with unit_of_work():
                    plan_publishing.publish_plan(office, db.session.get_one(PlanningRun, run_id), now=clock.now())
            except PlanNotReady:
                return "refused"
            finally:
                db.session.remove()
            return "published"

    with ThreadPoolExecutor(max_workers=6) as pool:
        answers = sorted(pool.map(publish, range(6)))

    assert ["published", *["refused"] * 5] == answers
    with live_app.app_context():
        assert 4 == db.session.scalar(select(func.count(BookingMeeting.id)))
        assert () == audit.violations()


# Publishes the plan once for each step, in a process that is forked off this one and kills itself at that step; prints
# how each ended. The application is loaded once.
KILLED = """
    import os, signal, sys, uuid
    from datetime import datetime
    from prevention import create_app
    from prevention.accounts.models import User
    from prevention.accounts import service as accounts
    from prevention.booking.plan_models import PlanningRun
    from prevention.booking.service import plan_publishing
    from prevention.core import clock
    from prevention.core.db import db, unit_of_work
    from sqlalchemy import event, select

    run_id, *steps = sys.argv[1:]
    app = create_app()

    def publish(step):
        def die(_connection, _cursor, statement, *_rest):
            if statement.startswith(step):
                os.kill(os.getpid(), signal.SIGKILL)
        event.listen(db.engine, "after_cursor_execute", die)
        office = accounts.actor_of(db.session.scalars(select(User).where(User.name == "Anna")).first())
        with unit_of_work():
            plan_publishing.publish_plan(office, db.session.get_one(PlanningRun, uuid.UUID(run_id)), now=clock.now())

    for step in steps:
        child = os.fork()
        if not child:
            with app.app_context(), clock.frozen(datetime(2026, 11, 23, 9, tzinfo=clock.ROME)):
                publish(step)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
STEPS = (
    "UPDATE planning_run",
    "UPDATE booking SET",
    "INSERT INTO booking_meeting",
    "UPDATE planned_meeting",
    "INSERT INTO audit_entry",
)


def test_a_process_killed_between_two_steps_of_publishing_leaves_nothing_behind(live_app: Flask) -> None:
    with live_app.app_context(), clock.frozen(datetime(2026, 11, 23, 9, tzinfo=clock.ROME)):
        run_id, office = _committed_run()
        plan_next_run()
        db.session.remove()
    settings = live_app.config["SETTINGS"]

    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(run_id), *STEPS],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": settings.database_url, "INSTANCE": str(settings.instance)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for step in STEPS:
            assert f"{-signal.SIGKILL}\n" == process.stdout.readline(), step
            with live_app.app_context():
                assert 0 == db.session.scalar(select(func.count(BookingMeeting.id))), step
                assert {BookingStatus.REQUESTED} == set(db.session.scalars(select(Booking.status))), step
                db.session.remove()
        process.communicate()

    with live_app.app_context(), clock.frozen(datetime(2026, 11, 23, 9, tzinfo=clock.ROME)):
        with unit_of_work():
            run = db.session.get_one(PlanningRun, run_id)
            assert 2 == plan_publishing.publish_plan(office, run, now=clock.now())
        assert () == audit.violations()


def test_a_killed_search_is_taken_up_by_the_next_process(live_app: Flask) -> None:
    with live_app.app_context(), clock.frozen(datetime(2026, 11, 23, 9, tzinfo=clock.ROME)):
        run_id, _office = _committed_run()
        with unit_of_work():
            assert planning.claim_next_run(clock.now()) is not None
        # The process that claimed it is gone; its lease runs out.
        with unit_of_work():
            db.session.execute(update(PlanningRun).values(leased_until=clock.now()))

        assert plan_next_run()

        run = db.session.get_one(PlanningRun, run_id)
        assert (PlanningStatus.DONE, 2) == (run.status, run.attempts)
        assert 0 == db.session.scalar(select(func.count(UnplacedRequest.id)))


def test_a_new_plan_of_the_same_run_replaces_the_old_one_whole(
    app: Flask, bruno: User, office: Actor, edition: Edition
) -> None:
    make_leader(edition)
    make_request(bruno, edition=edition)
    run = planned(make_run_row())
    planning.plan_again(office, run, seconds=30, now=clock.now(), today=TODAY)

    planned(run)

    assert 3 == len(plan_of(run.id).meetings)
    assert run.first_day == TODAY + timedelta(days=7)
    assert replace(problem_for(run), before=()).first_day < FIRST_DAY
