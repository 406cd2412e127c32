"""The calendar: month, week and list of what each person may see, with filters, closures and few queries."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prevention.accounts.models import User
from prevention.booking.models import Booking
from prevention.booking.rules import BookingStatus, CalendarView, MeetingStatus, stretch_of
from prevention.core.db import db
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.booking import FIRST_START, make_booking, make_slot
from tests.factories.network import make_organisation
from tests.factories.schools import make_school_class, make_site
from tests.support.http import Client
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]
JANUARY = "/calendar/?day=2027-01-12"
VIEWS = ("month", "week", "list")


def own_booking(person: User, **values: object) -> Booking:
    (grant,) = person.roles
    school_class = make_school_class(site=make_site(institute_id=grant.institute_id))
    return make_booking(person, school_class=school_class, **values)


def shown(client: Client, address: str) -> str:
    return client.page(address).select_one("main").get_text(" ")


@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)))
@settings(deadline=None)
def test_pages_of_the_calendar_follow_each_other_without_a_gap(day: date) -> None:
    for view in CalendarView:
        page = stretch_of(view, day)

        assert page.first <= day <= page.last
        assert page.last + timedelta(days=1) == page.after == stretch_of(view, page.after).first
        assert stretch_of(view, page.before).last + timedelta(days=1) == page.first
        assert all(week[0].weekday() == 0 and len(week) == 7 for week in page.weeks)


@pytest.mark.parametrize("view", VIEWS)
def test_everybody_sees_their_own_dates(anna: User, bruno: User, carla: User, sign_in: SignIn, view: str) -> None:
    dario = make_user("Dario", Role.FACILITATOR, organisation_id=make_organisation().id)
    led = own_booking(bruno, slot=make_slot(facilitator_id=dario.id))
    other = own_booking(carla)
    address = f"{JANUARY}&view={view}"

    seen = {
        person.name: [booking.school_class.label in shown(sign_in(person), address) for booking in (led, other)]
        for person in (anna, bruno, carla, dario)
    }

    assert {"Anna": [True, True], "Bruno": [True, False], "Carla": [False, True], "Dario": [True, False]} == seen


def test_the_month_is_a_table_of_days_with_links_that_need_no_script(bruno: User, sign_in: SignIn) -> None:
    booking = own_booking(bruno)

    page = sign_in(bruno).page(JANUARY)

    day = page.select_one('td [data-day="2027-01-12"]')
    assert day is not None
    assert "Tuesday 12 January: 1 date" in day.get_text()
    assert page.select_one(f'td a[href="/booking/{booking.id}"]')
    assert "day=2026-12-01" in str(page.select_one("[data-calendar-before]")["href"])
    assert "day=2027-02-01" in str(page.select_one("[data-calendar-after]")["href"])
    assert booking.school_class.label in page.select_one("section table").get_text(), "the same dates as a table"


def test_a_late_evening_in_utc_is_the_next_day_in_rome(bruno: User, sign_in: SignIn) -> None:
    own_booking(bruno, slot=make_slot(starts=(FIRST_START.replace(hour=23, minute=30),)))

    page = sign_in(bruno).page(JANUARY)

    assert "13 January: 1 date" in page.select_one('[data-day="2027-01-13"]').get_text()


def test_filters_narrow_what_is_shown_and_stay_on_the_next_page(anna: User, bruno: User, sign_in: SignIn) -> None:
    dario = make_user("Dario", Role.FACILITATOR, organisation_id=make_organisation().id)
    first, second = own_booking(bruno, slot=make_slot(facilitator_id=dario.id)), own_booking(bruno)
    office = sign_in(anna)

    for query in (
        f"programme={first.edition.programme.slug}",
        f"facilitator={dario.id}",
        f"text={first.school_class.label}",
    ):
        page = office.page(f"{JANUARY}&{query}")
        text = page.select_one(".calendar-month").get_text()
        assert first.school_class.label in text
        assert second.school_class.label not in text
        assert query.split("=")[0] in str(page.select_one("[data-calendar-after]")["href"])


def test_what_is_off_is_shown_only_when_asked_and_what_is_asked_for_says_so(bruno: User, sign_in: SignIn) -> None:
    off, asked = own_booking(bruno), own_booking(bruno, status=BookingStatus.REQUESTED)
    off.meetings[0].status = MeetingStatus.CANCELLED
    db.session.flush()
    own = sign_in(bruno)

    assert off.school_class.label not in shown(own, JANUARY)
    assert "Called off" in own.page(f"{JANUARY}&off=yes").select_one(".calendar-date.is-off").get_text()
    assert asked.school_class.label in own.page(JANUARY).select_one(".calendar-date.is-asked").get_text()


@pytest.mark.parametrize("view", ["month", "week"])
def test_closed_days_say_why(bruno: User, sign_in: SignIn, view: str) -> None:
    page = sign_in(bruno).page(f"/calendar/?view={view}&day=2026-12-25")

    assert page.select(".is-closed .calendar-closed")


@pytest.mark.parametrize(
    "query", ["day=never", "day=0001-01-01", "day=9999-12-31", "view=year", "facilitator=x", "day=&view="]
)
def test_a_query_that_makes_no_sense_shows_this_month(bruno: User, sign_in: SignIn, query: str) -> None:
    assert "November 2026" in shown(sign_in(bruno), f"/calendar/?{query}")


def test_a_full_day_shows_the_first_dates_and_a_way_to_the_others(bruno: User, sign_in: SignIn) -> None:
    for _number in range(6):
        own_booking(bruno)

    cell = sign_in(bruno).page(JANUARY).select_one('td:has([data-day="2027-01-12"])')

    assert 4 == len(cell.select(".calendar-date"))
    assert "2 more" in cell.get_text()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("who", ["office", "coordinator"])
def test_the_number_of_queries_does_not_grow_with_the_dates(
    anna: User, bruno: User, sign_in: SignIn, view: str, who: str
) -> None:
    client = sign_in(anna if who == "office" else bruno)
    own_booking(bruno)
    address = f"{JANUARY}&view={view}"
    client.get(address)
    with counted_queries() as few:
        client.get(address)
    for _number in range(30):
        own_booking(bruno)
    with counted_queries() as many:
        client.get(address)

    assert few.count == many.count


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_the_table_is_taken_away_as_a_file_with_its_filters(bruno: User, sign_in: SignIn, file_format: str) -> None:
    first, second = own_booking(bruno), own_booking(bruno)

    answer = sign_in(bruno).get(f"{JANUARY}&text={first.school_class.label}&format={file_format}")

    assert answer.headers["Content-Disposition"].endswith(f".{file_format}")
    if file_format == "csv":
        text = answer.get_data(as_text=True)
        assert first.school_class.label in text
        assert second.school_class.label not in text


def test_the_table_sorts_by_class_and_by_facilitator(bruno: User, sign_in: SignIn) -> None:
    for _number in range(3):
        own_booking(bruno)
    client = sign_in(bruno)

    for sort in ("class", "facilitator", "when"):
        for order in ("asc", "desc"):
            assert client.page(f"{JANUARY}&sort={sort}&order={order}").select_one("th[aria-sort]")


def test_the_calendar_is_for_people_who_signed_in(client: Client) -> None:
    assert 303 == client.get("/calendar/").status_code


def test_an_empty_month_leads_to_the_next_date(sign_in: SignIn, anna: User) -> None:
    make_booking(anna, slot=make_slot(starts=[FIRST_START]))
    browser = sign_in(anna)

    link = browser.page("/calendar/?day=2026-12-01").select_one(".empty a")
    after = browser.page("/calendar/?day=2027-03-01").select_one(".empty a")

    assert "/calendar/?" in str(link["href"])
    assert "day=2027-01-12" in str(link["href"])
    assert after is None
    assert browser.page(str(link["href"])).select(".calendar-dates li")
