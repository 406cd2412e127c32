"""Pages of the year planner and of facilitators' hours: who may do what, what is shown, and what bad input meets."""

import uuid
from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.plan_models import FacilitatorDays, FacilitatorHours, PlannedMeeting, PlanningRun
from prevention.booking.plan_rules import PlanningProblem, PlanningStatus
from prevention.booking.planner import Budget, solve
from prevention.booking.planner.reasons import reasons
from prevention.booking.rules import BookingStatus
from prevention.booking.service import facilitator_hours, planning
from prevention.core import clock
from prevention.core.db import db
from prevention.programmes.models import Edition
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.booking import make_request
from tests.factories.network import make_municipality
from tests.factories.planning import make_leader, make_run_row
from tests.factories.programmes import make_edition, make_programme
from tests.factories.school_time import make_closure
from tests.support.http import Client, soup
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]


@pytest.fixture
def edition(app: Flask) -> Edition:
    return make_edition(programme=make_programme(meetings=2), school_year=2026)


@pytest.fixture
def run(app: Flask, bruno: User, edition: Edition) -> PlanningRun:
    """A plan of two requests that have their dates and one that has none."""
    make_leader(edition)
    for _ in range(2):
        make_request(bruno, edition=edition)
    make_request(bruno, edition=make_edition(school_year=2026))
    found = make_run_row()
    claim = planning.claim_next_run(clock.now())
    assert claim is not None
    outcome = solve(claim.problem, seed=1, budget=Budget(repairs=1))
    planning.finish_run(claim, outcome, reasons(claim.problem, outcome.plan), now=clock.now())
    db.session.expire_all()
    return found


def first_meeting(run: PlanningRun) -> PlannedMeeting:
    return planning.planned_meetings(run)[0]


def address(run: PlanningRun, rest: str = "") -> str:
    return f"/booking/planning/{run.id}/{rest}"


def test_the_office_starts_a_search_and_follows_it(sign_in: SignIn, anna: User, bruno: User, edition: Edition) -> None:
    make_request(bruno, edition=edition)
    client = sign_in(anna)

    answer = client.post("/booking/planning/", data={"seconds": "30"})

    assert 303 == answer.status_code
    page = client.page(answer.location)
    assert page.select_one("[data-progress] progress") is not None
    progress = client.get(answer.location + "progress").get_json()
    assert progress["is_over"] is False
    [made] = db.session.scalars(select(PlanningRun))
    assert (PlanningStatus.QUEUED, 30, anna.id) == (made.status, made.seconds, made.requested_by)


def test_a_search_without_requests_or_time_is_refused_in_words(sign_in: SignIn, anna: User) -> None:
    client = sign_in(anna)

    assert "No request waits" in soup(client.post("/booking/planning/", data={"seconds": "30"})).text
    assert 422 == client.post("/booking/planning/", data={"seconds": "7"}).status_code
    assert 0 == db.session.scalar(select(func.count(PlanningRun.id)))


def test_the_plan_shows_its_week_its_people_and_why_a_request_waits(
    sign_in: SignIn, anna: User, run: PlanningRun
) -> None:
    page = sign_in(anna).page(address(run))

    assert 6 == len(page.select(".plan-day"))
    assert page.select(".plan-card")
    assert "Nobody leads this programme" in page.text
    assert "2 of 3" in page.text


def test_all_dates_of_a_school_or_a_facilitator_are_shown_together(
    sign_in: SignIn, anna: User, run: PlanningRun
) -> None:
    client, meeting = sign_in(anna), first_meeting(run)
    institute = meeting.booking.school_class.site.institute_id

    by_person = client.page(address(run, f"?facilitator={meeting.facilitator_id}"))
    by_school = client.page(address(run, f"?school={institute}"))

    assert 4 == len(by_person.select(".plan-card"))
    assert 2 == len(by_school.select(".plan-card"))


def test_the_page_needs_as_many_statements_for_ten_requests_as_for_three(
    sign_in: SignIn, anna: User, bruno: User, edition: Edition, run: PlanningRun
) -> None:
    client = sign_in(anna)

    def statements() -> int:
        with counted_queries() as queries:
            client.page(address(run))
        return queries.count

    statements()
    few = statements()
    template = first_meeting(run)
    for _ in range(8):
        db.session.add(
            PlannedMeeting(
                run_id=run.id,
                booking=make_request(bruno, edition=make_edition(school_year=2026)),
                number=1,
                facilitator_id=template.facilitator_id,
                starts_at=template.starts_at,
                ends_at=template.ends_at,
                is_told=True,
            )
        )
    db.session.flush()

    assert statements() <= few


def test_the_office_publishes_the_plan(sign_in: SignIn, anna: User, run: PlanningRun) -> None:
    client = sign_in(anna)

    answer = client.post(address(run, "publish"))

    assert 303 == answer.status_code
    assert 4 == db.session.scalar(select(func.count(BookingMeeting.id)))
    assert PlanningStatus.PUBLISHED is run.status
    assert "2 classes have their dates" in client.page(answer.location).text
    assert 422 == client.post(address(run, "publish")).status_code


def test_what_changed_since_is_named_and_nothing_is_published(sign_in: SignIn, anna: User, run: PlanningRun) -> None:
    meeting = first_meeting(run)
    day = clock.day_of(meeting.starts_at)
    school_class = meeting.booking.school_class
    make_closure(institute_id=school_class.site.institute_id, first_day=day, last_day=day, school_year=2026)

    answer = sign_in(anna).post(address(run, "publish"))

    assert 422 == answer.status_code
    words = soup(answer).text
    assert school_class.label in words
    assert "the school is closed or the class is away that day" in words
    assert 0 == db.session.scalar(select(func.count(BookingMeeting.id)))
    assert PlanningStatus.DONE is db.session.get_one(PlanningRun, run.id).status


def test_a_date_is_locked_and_let_go(sign_in: SignIn, anna: User, run: PlanningRun) -> None:
    client, meeting = sign_in(anna), first_meeting(run)
    door = address(run, f"meetings/{meeting.id}/lock")

    for value, expected in (("1", True), ("0", False)):
        answer = client.post(door, data={"locked": value})
        assert (303, expected) == (answer.status_code, db.session.get_one(PlannedMeeting, meeting.id).is_locked)


def test_a_date_is_moved_by_the_form_that_dragging_opens_too(sign_in: SignIn, anna: User, run: PlanningRun) -> None:
    client, meeting = sign_in(anna), first_meeting(run)
    there = clock.day_of(meeting.starts_at) + timedelta(days=1)
    door = address(run, f"meetings/{meeting.id}/move")
    page = client.page(f"{door}?day={there.isoformat()}")
    assert there.isoformat() == page.select_one("[name=day]")["value"]
    fields = {
        "day": there.isoformat(),
        "starts": page.select_one("[name=starts] option[selected]")["value"],
        "facilitator_id": str(meeting.facilitator_id),
    }

    answer = client.post(door, data=fields)

    assert 303 == answer.status_code
    moved = db.session.get_one(PlannedMeeting, meeting.id)
    assert (there, True) == (clock.day_of(moved.starts_at), moved.is_locked)


@pytest.mark.parametrize(
    "changed",
    [
        {"day": ""},
        {"day": "2027-13-01"},
        {"day": "2027-08-01"},
        {"starts": "61"},
        {"facilitator_id": str(uuid.uuid4())},
        {"facilitator_id": "nobody"},
    ],
)
def test_a_wrong_move_is_refused_and_changes_nothing(
    sign_in: SignIn, anna: User, run: PlanningRun, changed: dict[str, str]
) -> None:
    meeting = first_meeting(run)
    before = meeting.starts_at
    local = before.astimezone(clock.ROME)
    fields = {
        "day": local.date().isoformat(),
        "starts": str(local.hour * 60 + local.minute),
        "facilitator_id": str(meeting.facilitator_id),
        **changed,
    }

    answer = sign_in(anna).post(address(run, f"meetings/{meeting.id}/move"), data=fields)

    assert 422 == answer.status_code
    kept = db.session.get_one(PlannedMeeting, meeting.id)
    assert (before, False) == (kept.starts_at, kept.is_locked)


def test_a_search_is_stopped_and_started_again(sign_in: SignIn, anna: User, run: PlanningRun) -> None:
    client = sign_in(anna)

    assert 303 == client.post(address(run, "again"), data={"seconds": "60"}).status_code
    assert PlanningStatus.QUEUED is run.status
    assert 303 == client.post(address(run, "stop")).status_code
    assert db.session.get_one(PlanningRun, run.id).wants_stop
    assert 422 == client.post(address(run, "again"), data={"seconds": "1"}).status_code
    assert 422 == client.post(address(run, "publish")).status_code


def test_a_run_that_failed_says_so_and_can_be_planned_again(sign_in: SignIn, anna: User, run: PlanningRun) -> None:
    run.status, run.problem = PlanningStatus.FAILED, PlanningProblem.INTERRUPTED
    client = sign_in(anna)

    assert "interrupted" in client.page(address(run)).text
    assert 303 == client.post(address(run, "again"), data={"seconds": "60"}).status_code


DOORS = ("stop", "again", "publish", "meetings/{meeting}/lock", "meetings/{meeting}/move")


@pytest.mark.parametrize("door", DOORS)
def test_only_the_office_opens_the_doors_of_a_plan(
    client: Client, sign_in: SignIn, bruno: User, dario: User, run: PlanningRun, door: str
) -> None:
    path = address(run, door.format(meeting=first_meeting(run).id))

    assert {403} == {sign_in(person).post(path).status_code for person in (bruno, dario)}
    assert 401 == client.post(path).status_code
    assert {BookingStatus.REQUESTED} == set(db.session.scalars(select(Booking.status)))


@pytest.mark.parametrize("door", DOORS)
def test_unknown_plans_and_dates_are_not_found_and_actions_have_no_page(
    sign_in: SignIn, anna: User, run: PlanningRun, door: str
) -> None:
    client = sign_in(anna)
    nowhere = f"/booking/planning/{uuid.uuid4()}/" + door.format(meeting=uuid.uuid4())

    assert 404 == client.post(nowhere).status_code
    assert 404 == client.post("/booking/planning/x/" + door.format(meeting="y")).status_code
    if "{meeting}" in door:
        assert 404 == client.post(address(run, door.format(meeting=uuid.uuid4()))).status_code
    if "move" not in door:
        assert 405 == client.get(address(run, door.format(meeting=uuid.uuid4()))).status_code


def week(**hours: str) -> dict[str, str]:
    """A week as a browser sends it, empty but for the hours that are given."""
    names = ("starts", "ends", "again_starts", "again_ends")
    empty = {f"days-{weekday}-{name}": "" for weekday in range(6) for name in names}
    return {**empty, "weekly_cap": "8", "base_id": "", **hours}


def test_a_facilitator_writes_their_own_hours(sign_in: SignIn, dario: User) -> None:
    town = make_municipality(name="Cremona")
    client = sign_in(dario)
    door = client.get("/booking/hours/").location
    fields = week(
        **{
            "days-0-starts": "08:00",
            "days-0-ends": "10:00",
            "days-0-again_starts": "11:00",
            "days-0-again_ends": "13:00",
        }
    )

    answer = client.post(door, data={**fields, "base_id": str(town.id)})

    assert 303 == answer.status_code
    assert [(0, time(8), time(10)), (0, time(11), time(13))] == facilitator_hours.hours_of(dario)
    assert (8, town.id) == facilitator_hours.terms_of(dario)
    page = client.page(door)
    assert "08:00" == page.select_one("[name=days-0-starts]")["value"]
    assert 303 == client.post(door, data=week()).status_code
    assert [] == facilitator_hours.hours_of(dario)


@pytest.mark.parametrize(
    "wrong",
    [
        {"days-0-starts": "10:00", "days-0-ends": "09:00"},
        {"days-0-starts": "10:00"},
        {"days-0-starts": "8", "days-0-ends": "09:00"},
        {
            "days-0-starts": "08:00",
            "days-0-ends": "10:00",
            "days-0-again_starts": "09:00",
            "days-0-again_ends": "11:00",
        },
        {"weekly_cap": "0"},
        {"weekly_cap": ""},
        {"base_id": str(uuid.uuid4())},
    ],
)
def test_wrong_hours_are_refused_and_change_nothing(sign_in: SignIn, dario: User, wrong: dict[str, str]) -> None:
    client = sign_in(dario)
    client.post(f"/booking/hours/{dario.id}", data=week(**{"days-1-starts": "08:00", "days-1-ends": "10:00"}))

    answer = client.post(f"/booking/hours/{dario.id}", data={**week(), **wrong})

    assert 422 == answer.status_code
    assert [(1, time(8), time(10))] == facilitator_hours.hours_of(dario)


def test_days_away_are_added_shown_and_taken_out(sign_in: SignIn, dario: User) -> None:
    client = sign_in(dario)
    fields = {"first_day": "2027-02-01", "last_day": "2027-02-03", "kind": "away", "note": "Corso"}

    assert 303 == client.post(f"/booking/hours/{dario.id}/days", data=fields).status_code

    assert "Corso" in client.page(f"/booking/hours/{dario.id}").text
    [row] = db.session.scalars(select(FacilitatorDays))
    assert (date(2027, 2, 3), False, None) == (row.last_day, row.is_available, row.starts)
    door = f"/booking/hours/{dario.id}/days/{row.id}/remove"
    assert 303 == client.post(door).status_code
    assert 0 == db.session.scalar(select(func.count(FacilitatorDays.id)))
    assert 404 == client.post(door).status_code


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_day": ""},
        {"last_day": "2027-01-01"},
        {"kind": "perhaps"},
        {"starts": "10:00"},
        {"starts": "10:00", "ends": "09:00"},
        {"note": "x" * 300},
    ],
)
def test_wrong_days_are_refused_and_change_nothing(sign_in: SignIn, dario: User, wrong: dict[str, str]) -> None:
    fields = {"first_day": "2027-02-01", "kind": "away", **wrong}

    answer = sign_in(dario).post(f"/booking/hours/{dario.id}/days", data=fields)

    assert 422 == answer.status_code
    assert 0 == db.session.scalar(select(func.count(FacilitatorDays.id)))


def test_hours_are_ones_own_or_the_offices_to_write(
    client: Client, sign_in: SignIn, anna: User, bruno: User, dario: User
) -> None:
    other = make_user("Elena", Role.FACILITATOR, organisation_id=dario.roles[0].organisation_id)
    make_hours_of_other = week(**{"days-0-starts": "08:00", "days-0-ends": "10:00"})
    path = f"/booking/hours/{other.id}"

    assert 404 == sign_in(dario).post(path, data=make_hours_of_other).status_code
    assert 404 == sign_in(dario).post(path + "/days", data={}).status_code
    assert 404 == sign_in(dario).post(f"{path}/days/{uuid.uuid4()}/remove").status_code
    assert 403 == sign_in(bruno).post(path, data=make_hours_of_other).status_code
    assert 401 == client.post(path, data=make_hours_of_other).status_code
    assert 404 == sign_in(anna).post(f"/booking/hours/{bruno.id}", data=make_hours_of_other).status_code
    assert 0 == db.session.scalar(select(func.count(FacilitatorHours.id)))
    assert 303 == sign_in(anna).post(path, data=make_hours_of_other).status_code
    assert "Elena" in sign_in(anna).page("/booking/hours/").text
    assert 405 == sign_in(anna).get(path + "/days").status_code


def test_the_list_of_facilitators_filters_sorts_and_is_taken_away(
    sign_in: SignIn, anna: User, edition: Edition
) -> None:
    client = sign_in(anna)
    make_leader(edition, name="Elena", cap=3)
    make_leader(edition, name="Fabio", cap=12)
    make_user("Gaia", Role.FACILITATOR, organisation_id=edition.organisation_id)

    def names(query: str) -> list[str]:
        return [cell.text for cell in client.page(f"/booking/hours/?{query}").select("tbody th")]

    assert ["Elena", "Fabio", "Gaia"] == names("")
    assert ["Gaia"] == names("which=none")
    assert ["Elena", "Fabio"] == names("which=some")
    assert ["Fabio"] == names("text=FAB")
    assert ["Fabio", "Gaia", "Elena"] == names("sort=cap&order=desc")
    rows = client.get("/booking/hours/?format=csv").get_data(as_text=True).splitlines()
    assert ["Elena,30.0,3", "Fabio,30.0,12", "Gaia,0.0,10"] == rows[1:]


def test_the_list_of_facilitators_needs_a_fixed_number_of_statements(
    sign_in: SignIn, anna: User, edition: Edition
) -> None:
    client = sign_in(anna)
    make_leader(edition)

    def statements() -> int:
        with counted_queries() as queries:
            client.page("/booking/hours/")
        return queries.count

    statements()
    few = statements()
    for _ in range(6):
        make_leader(edition)

    assert few == statements()
