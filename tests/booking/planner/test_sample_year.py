"""The made-up district as rows: what the planner reads back is what was made up, and nothing of it breaks a rule."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts import service as accounts
from prevention.accounts.models import User
from prevention.booking import audit
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.plan_values import Facilitator, Place, Problem, Request
from prevention.booking.planner import Budget, solve
from prevention.booking.planner.reasons import reasons
from prevention.booking.rules import BookingStatus
from prevention.booking.sample_year import FIRST_DAY, LAST_DAY, SampleYear, Size, sample_year
from prevention.booking.service import plan_publishing, planning, sample
from prevention.booking.service.plan_problem import problem_for
from prevention.core import clock
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.network.models import Municipality
from prevention.programmes.models import Edition
from prevention.programmes.rules import RoomNeed
from prevention.schools.models import SchoolClass
from tests.factories.accounts import make_user
from tests.factories.planning import make_run_row

SMALL = Size(requests=14, facilitators=3, sites=5, municipalities=3, meetings=3)


@pytest.fixture
def made(app: Flask) -> SampleYear:
    found = sample_year(SMALL, seed=4)
    sample.write_sample(found, now=clock.now())
    db.session.expire_all()
    return found


@pytest.fixture
def read(made: SampleYear) -> Problem:
    return problem_for(make_run_row(first_day=FIRST_DAY, last_day=LAST_DAY))


def test_the_requests_read_back_are_those_made_up(made: SampleYear, read: Problem) -> None:
    back = {request.id: request for request in read.requests}
    assert SMALL.requests == len(back)

    for request in made.problem.requests:
        found = back[request.id]
        assert _plain(request) == _plain(found)
        # The calendar of the region adds its own; Sundays are no lesson days anyway.
        assert {day for day in request.closed_days if day.weekday() < 6} <= found.closed_days


def _plain(request: Request) -> Request:
    return replace(request, closed_days=frozenset())


def test_the_facilitators_read_back_are_those_made_up(made: SampleYear, read: Problem) -> None:
    back = {person.id: person for person in read.facilitators}

    for person in made.problem.facilitators:
        found = back[person.id]
        assert found.base is not None
        assert person.base is not None
        base = db.session.get_one(Municipality, found.base)
        assert made.istat_codes[person.base] == base.istat_code
        assert _hours(person) == _hours(found)


def _hours(person: Facilitator) -> tuple[object, ...]:
    return person.weekly_cap, set(person.windows), set(person.exceptions)


def test_the_places_read_back_have_the_bells_and_rooms_made_up(made: SampleYear, read: Problem) -> None:
    back = {place.id: place for place in read.places}
    used = {request.site for request in made.problem.requests}

    for place in made.problem.places:
        if place.id in used:
            assert _shape(place) == _shape(back[place.id])
    assert used <= back.keys()


def _shape(place: Place) -> tuple[object, ...]:
    periods = {weekday: list(found) for weekday, found in place.periods.items() if found}
    return place.institute, periods, set(place.rooms)


def test_editions_ask_for_rooms_as_made_up(made: SampleYear, read: Problem) -> None:
    needs = {edition.id: edition.needs_room for edition in made.editions}

    assert {True, False} == set(needs.values())
    for edition_id, needs_room in needs.items():
        need = db.session.get_one(Edition, edition_id).room_need
        assert (RoomNeed.PROJECTOR if needs_room else RoomNeed.NONE) is need


def test_the_district_can_be_planned_and_published(made: SampleYear) -> None:
    run = make_run_row(first_day=FIRST_DAY, last_day=LAST_DAY)
    claim = planning.claim_next_run(clock.now())
    assert claim is not None
    outcome = solve(claim.problem, seed=1, budget=Budget(repairs=2))
    planning.finish_run(claim, outcome, reasons(claim.problem, outcome.plan), now=clock.now())
    db.session.expire_all()
    office: Actor = accounts.actor_of(make_user("Anna"))

    count = plan_publishing.publish_plan(office, run, now=clock.now())

    assert run.placed == count
    assert count >= SMALL.requests - 2
    assert () == audit.violations()
    in_rooms = select(func.count(BookingMeeting.id)).where(BookingMeeting.room_id.is_not(None))
    assert db.session.scalar(in_rooms)


def test_who_was_reached_before_is_read_from_the_year_before(made: SampleYear, read: Problem) -> None:
    reached = {request.id for request in made.problem.requests if not request.is_never_reached}

    before = set(
        db.session.scalars(
            select(Booking.id)
            .join(SchoolClass, Booking.school_class_id == SchoolClass.id)
            .where(Booking.status == BookingStatus.CONFIRMED, SchoolClass.school_year == sample.SCHOOL_YEAR - 1)
        )
    )
    assert len(reached) == len(before)
    assert reached == {request.id for request in read.requests if not request.is_never_reached}


def test_a_database_with_somebody_in_it_is_left_alone(app: Flask, anna: User) -> None:
    with pytest.raises(sample.NotEmpty):
        sample.write_sample(sample_year(SMALL, seed=4), now=clock.now() + timedelta(days=1))

    assert 0 == db.session.scalar(select(func.count(Booking.id)))


def test_the_command_fills_an_empty_database_once(live_app: Flask) -> None:
    words = ["booking", "sample-year", "--requests", "3", "--facilitators", "1", "--sites", "2", "--seed", "9"]
    runner = live_app.test_cli_runner()

    first, second = runner.invoke(args=words), runner.invoke(args=words)

    assert (0, 1) == (first.exit_code, second.exit_code)
    assert "3 requests, 1 facilitators, 2 sites" in first.output
    assert "not empty" in second.output
    with live_app.app_context():
        assert 3 == db.session.scalar(select(func.count(Booking.id)).where(Booking.status == BookingStatus.REQUESTED))
