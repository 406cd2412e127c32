"""The office keeps the school calendar, schools add their own days, bell times and rooms; nobody another school's."""

import uuid
from collections.abc import Callable
from datetime import date, time

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from prevention.accounts.models import User
from prevention.schools import service
from prevention.schools.models import Site
from prevention.schools.school_time import ClosureKind
from prevention.schools.time_models import BellPeriod, Room, SchoolCalendar, SchoolClosure
from tests.factories.booking import make_booking
from tests.factories.network import make_municipality
from tests.factories.school_time import make_bells, make_closure, make_room
from tests.factories.schools import make_school_class, make_site
from tests.support.http import Client, soup
from tests.support.queries import counted_queries

CALENDAR = "/schools/calendar"
NEW = "/schools/calendar/2026/closures/new"


def site_of(user: User) -> Site:
    return make_site(institute_id=user.roles[0].institute_id, municipality=make_municipality())


@pytest.fixture
def school_a(bruno: User) -> Site:
    return site_of(bruno)


@pytest.fixture
def school_b(carla: User) -> Site:
    return site_of(carla)


@pytest.fixture
def browser(bruno: User, school_a: Site, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(bruno)


@pytest.fixture
def office(anna: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(anna)


def closure(**values: object) -> dict[str, object]:
    return {"first_day": "2027-03-08", "last_day": "", "kind": "trip", "reason_it": "Gita", "reason_en": "", **values}


def closures(session: scoped_session[Session]) -> list[SchoolClosure]:
    return list(session.scalars(select(SchoolClosure)))


def test_the_office_loads_a_year_and_sees_its_closures(office: Client) -> None:
    before = office.page(f"{CALENDAR}?year=2026")
    response = office.post(f"{CALENDAR}/2026/load")
    after = office.page(f"{CALENDAR}?year=2026&sort=kind&order=desc")

    assert 303 == response.status_code
    assert "not loaded yet" in before.text
    assert "Christmas holidays" in before.text
    assert "not loaded yet" not in after.text
    assert "Christmas holidays" in after.text


def test_loading_again_changes_nothing_and_says_so(office: Client, session: scoped_session[Session]) -> None:
    office.post(f"{CALENDAR}/2026/load")
    before = len(closures(session))

    office.post(f"{CALENDAR}/2026/load")

    assert before == len(closures(session))
    assert "loaded before" in office.page(CALENDAR).text


def test_the_office_moves_the_first_day(office: Client, session: scoped_session[Session]) -> None:
    service.load_year(None, 2026)
    days = {"first_day": "2026-09-14", "last_day": "2027-06-08", "source": "DGR 2026"}

    assert 200 == office.get(f"{CALENDAR}/2026/days").status_code
    assert 303 == office.post(f"{CALENDAR}/2026/days", data=days).status_code

    assert date(2026, 9, 14) == session.scalars(select(SchoolCalendar.first_day)).one()


@pytest.mark.parametrize(
    "wrong", [{"last_day": "2026-09-01"}, {"last_day": "2027-10-01"}, {"first_day": "soon"}, {"source": ""}]
)
def test_days_that_cannot_be_change_nothing(
    office: Client, session: scoped_session[Session], wrong: dict[str, str]
) -> None:
    service.load_year(None, 2026)
    days = {"first_day": "2026-09-14", "last_day": "2027-06-08", "source": "DGR 2026", **wrong}

    assert 422 == office.post(f"{CALENDAR}/2026/days", data=days).status_code
    assert date(2026, 9, 12) == session.scalars(select(SchoolCalendar.first_day)).one()


def test_a_year_that_is_not_loaded_has_no_days_to_change(office: Client) -> None:
    assert 404 == office.get(f"{CALENDAR}/2026/days").status_code
    assert 404 == office.post(f"{CALENDAR}/1999/load").status_code


def test_a_coordinator_closes_some_grades_and_classes(
    browser: Client, school_a: Site, session: scoped_session[Session]
) -> None:
    school_class = make_school_class(site=school_a, grade=2)
    data = closure(last_day="2027-03-09", grades=["4"], classes=[str(school_class.id)], site=str(school_a.id))

    response = browser.post(NEW, data=data)

    assert 303 == response.status_code
    (row,) = closures(session)
    assert (date(2027, 3, 8), date(2027, 3, 9), [4]) == (row.first_day, row.last_day, row.grades)
    assert [school_class.id] == [each.school_class_id for each in row.classes]
    assert (school_a.institute_id, school_a.id) == (row.institute_id, row.site_id)
    assert "Gita" in browser.page(CALENDAR).text


def test_the_office_closes_a_municipality(office: Client, session: scoped_session[Session]) -> None:
    town = make_municipality(name="Crema")

    office.post(NEW, data=closure(kind="patron", reason_it="San Pantaleone", municipality=str(town.id)))

    (row,) = closures(session)
    assert (ClosureKind.PATRON, town.id, None) == (row.kind, row.municipality_id, row.institute_id)


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_day": ""},
        {"last_day": "2027-03-01"},
        {"first_day": "2028-03-01"},
        {"kind": "national"},
        {"reason_it": ""},
        {"grades": ["9"]},
        {"classes": [str(uuid.uuid4())]},
        {"site": str(uuid.uuid4())},
    ],
)
def test_closed_days_that_cannot_be_change_nothing(
    browser: Client, session: scoped_session[Session], wrong: dict[str, object]
) -> None:
    assert 422 == browser.post(NEW, data=closure(**wrong)).status_code
    assert [] == closures(session)


def test_a_coordinator_changes_and_removes_own_closed_days(
    browser: Client, school_a: Site, session: scoped_session[Session]
) -> None:
    row = make_closure(institute_id=school_a.institute_id, kind=ClosureKind.TRIP)
    address = f"{CALENDAR}/closures/{row.id}"

    assert "2027-01-12" == browser.page(address).select_one("#first_day")["value"]
    assert 422 == browser.post(address, data=closure(kind="regional")).status_code
    assert 303 == browser.post(address, data=closure(first_day="2027-04-01")).status_code
    assert [date(2027, 4, 1)] == [each.first_day for each in closures(session)]
    assert 405 == browser.get(f"{address}/remove").status_code
    assert 303 == browser.post(f"{address}/remove").status_code
    assert [] == closures(session)


def test_the_district_s_days_and_another_school_s_are_not_a_coordinator_s(
    browser: Client, school_b: Site, session: scoped_session[Session]
) -> None:
    rows = [make_closure(), make_closure(institute_id=school_b.institute_id)]

    answers = [
        answer
        for row in rows
        for answer in (
            browser.get(f"{CALENDAR}/closures/{row.id}"),
            browser.post(f"{CALENDAR}/closures/{row.id}", data=closure()),
            browser.post(f"{CALENDAR}/closures/{row.id}/remove"),
        )
    ]
    answers += [
        browser.get(f"{NEW}?institute={school_b.institute.code}"),
        browser.post(f"{NEW}?institute={school_b.institute.code}", data=closure()),
        browser.get(f"{CALENDAR}/closures/{uuid.uuid4()}"),
        browser.post(f"{CALENDAR}/closures/{uuid.uuid4()}/remove"),
        browser.get(f"{CALENDAR}/closures/nonsense"),
    ]

    assert [404] * 11 == [answer.status_code for answer in answers]
    assert 2 == len(closures(session))
    assert {date(2027, 1, 12)} == {row.first_day for row in closures(session)}


def test_only_schools_and_the_office_see_and_write(
    app: Flask, dario: User, client: Client, browser: Client, school_a: Site, sign_in: Callable[[User], Client]
) -> None:
    facilitator = sign_in(dario)
    row, room = make_closure(institute_id=school_a.institute_id), make_room(site=school_a)
    pages = [
        CALENDAR,
        NEW,
        f"{CALENDAR}/closures/{row.id}",
        f"/schools/sites/{school_a.code}/bells",
        f"/schools/sites/{school_a.code}/rooms",
    ]
    actions = [
        f"{CALENDAR}/2026/load",
        f"{CALENDAR}/closures/{row.id}/remove",
        f"/schools/sites/{school_a.code}/bells/forget",
        f"/schools/rooms/{room.id}/retire",
    ]

    assert {403} == {facilitator.get(page).status_code for page in pages}
    assert {403} == {facilitator.post(page).status_code for page in [*pages[1:], *actions]}
    assert {401} == {client.post(page).status_code for page in [*pages[1:], *actions]}
    assert {403} == {browser.post(f"{CALENDAR}/2026/{page}").status_code for page in ("load", "days")}
    assert {405} == {browser.get(action).status_code for action in actions}


def week(**values: str) -> dict[str, str]:
    days = {f"days-{day}-periods-0-starts": "08:00" for day in range(5)}
    days |= {f"days-{day}-periods-0-ends": "08:55" for day in range(5)}
    return {"week": "6", **days, **values}


def test_a_coordinator_writes_bell_times(browser: Client, school_a: Site, session: scoped_session[Session]) -> None:
    response = browser.post(f"/schools/sites/{school_a.code}/bells", data=week())

    assert 303 == response.status_code
    rows = list(session.scalars(select(BellPeriod).order_by(BellPeriod.weekday)))
    assert [(day, 1, time(8), time(8, 55)) for day in range(5)] == [
        (row.weekday, row.number, row.starts, row.ends) for row in rows
    ]


def test_the_week_is_filled_from_a_few_words_and_saved_by_another_button(
    browser: Client, school_a: Site, session: scoped_session[Session]
) -> None:
    plan = {"starts": "08:00", "hours": "6", "minutes": "55", "break_after": "3", "break_minutes": "10", "week": "5"}

    response = browser.post(f"/schools/sites/{school_a.code}/bells", data={**plan, "fill": "1"})

    page = soup(response)
    assert 200 == response.status_code
    assert "10:55" == page.select_one("#days-0-periods-3-starts")["value"]
    assert "13:40" == page.select_one("#days-4-periods-5-ends")["value"]
    assert not page.select_one("#days-5-periods-0-starts").get("value")
    assert [] == list(session.scalars(select(BellPeriod)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"days-0-periods-0-ends": ""},
        {"days-0-periods-0-ends": "07:00"},
        {"days-0-periods-1-starts": "08:30", "days-0-periods-1-ends": "09:30"},
        {"days-0-periods-0-starts": "soon"},
        {"fill": "1"},
        {"fill": "1", "starts": "15:00", "hours": "8", "minutes": "60"},
    ],
)
def test_bell_times_that_cannot_be_change_nothing(
    browser: Client, school_a: Site, session: scoped_session[Session], wrong: dict[str, str]
) -> None:
    make_bells(school_a)
    before = len(list(session.scalars(select(BellPeriod))))

    response = browser.post(f"/schools/sites/{school_a.code}/bells", data=week(**wrong))

    assert 422 == response.status_code
    assert before == len(list(session.scalars(select(BellPeriod))))


def test_bell_times_can_be_taken_away(browser: Client, school_a: Site, session: scoped_session[Session]) -> None:
    make_bells(school_a)

    browser.post(f"/schools/sites/{school_a.code}/bells/forget")

    assert [] == list(session.scalars(select(BellPeriod)))


def test_another_school_s_bells_and_rooms_are_not_there(
    browser: Client, school_b: Site, session: scoped_session[Session]
) -> None:
    room = make_room(site=school_b)
    pages = [f"/schools/sites/{code}/{page}" for code in (school_b.code, "CRXX000000") for page in ("bells", "rooms")]

    assert {404} == {browser.get(page).status_code for page in pages}
    assert {404} == {browser.post(page, data=week()).status_code for page in pages}
    assert 404 == browser.post(f"/schools/sites/{school_b.code}/bells/forget").status_code
    assert {404} == {
        browser.post(f"/schools/rooms/{room_id}/retire").status_code for room_id in (room.id, uuid.uuid4())
    }
    assert [] == list(session.scalars(select(BellPeriod)))
    assert session.scalars(select(Room)).one().is_in_use


def test_rooms_come_and_go_and_come_back(browser: Client, school_a: Site, session: scoped_session[Session]) -> None:
    address = f"/schools/sites/{school_a.code}/rooms"
    data = {"name": "Aula magna", "kind": "hall", "capacity": "120", "has_projector": "y"}

    assert 303 == browser.post(address, data=data).status_code
    assert 422 == browser.post(address, data=data).status_code
    assert 422 == browser.post(address, data={**data, "capacity": "0"}).status_code
    assert 422 == browser.post(address, data={**data, "name": "Cantina", "kind": "cellar"}).status_code
    room = session.scalars(select(Room)).one()
    assert "Assembly hall" in browser.page(address).select_one("tbody").text
    assert 303 == browser.post(f"/schools/rooms/{room.id}/retire").status_code
    assert "Aula magna" not in browser.page(address).text
    assert 404 == browser.post(f"/schools/rooms/{room.id}/retire").status_code
    assert 303 == browser.post(address, data={**data, "capacity": "90"}).status_code
    assert [(90, True)] == [(each.capacity, each.is_in_use) for each in session.scalars(select(Room))]


def test_closed_days_over_planned_meetings_are_said_and_listed(
    browser: Client, bruno: User, school_a: Site, office: Client
) -> None:
    service.load_year(None, 2026)
    make_booking(bruno, school_class=make_school_class(site=school_a, grade=3, label="3X"))
    make_booking(bruno, school_class=make_school_class(site=school_a, grade=4, label="4X"))

    browser.post(NEW, data=closure(first_day="2027-01-12", grades=["4"]))
    page = browser.page(CALENDAR)

    assert "1 planned meeting falls on these days" in page.text
    hits = page.select("#hits ~ .table-frame tbody tr, section[aria-labelledby=hits] tbody tr")
    assert ["4X"] == [row.select("td")[0].div.contents[0].strip() for row in hits]
    assert "Gita" in hits[0].text
    assert "4X" in office.page(CALENDAR).text


def test_the_page_takes_as_many_statements_with_many_closures_as_with_few(browser: Client, school_a: Site) -> None:
    service.load_year(None, 2026)
    browser.get(CALENDAR)
    counts = []
    for more in (1, 9):
        for number in range(more):
            school_class = make_school_class(site=school_a)
            make_closure(
                institute_id=school_a.institute_id, first_day=date(2026, 9, 14 + number), classes=[school_class]
            )
        with counted_queries() as statements:
            browser.get(f"{CALENDAR}?text=dis")
        counts.append(statements.count)

    assert counts[0] == counts[1]
