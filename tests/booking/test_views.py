"""Pages of booking: who may see and do what, what a coordinator reads, and the path from sign-in to a booking."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.booking import audit
from prevention.booking.models import Booking, Slot
from prevention.booking.rules import BookingStatus, SlotStatus
from prevention.core.db import db
from prevention.programmes.rules import EditionStatus, EvidenceClass, Method
from prevention.roles import Role
from prevention.schools.models import SchoolClass, Site
from tests.factories.accounts import make_user
from tests.factories.booking import FIRST_START, make_booking, make_slot
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import make_school_class, make_site
from tests.support.http import Client, soup
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]
WEEK = timedelta(days=7)


def own_site(person: User) -> Site:
    """A site of the coordinator's own school."""
    return make_site(institute_id=person.roles[0].institute_id)


def own_class(person: User, **values: object) -> SchoolClass:
    """A class of the coordinator's own school."""
    return make_school_class(site=own_site(person), **values)


def provider_of(slot: Slot, name: str = "Dario") -> User:
    """A facilitator of the slot's provider."""
    return make_user(name, Role.FACILITATOR, organisation_id=slot.edition.organisation_id)


def fields(school_class: SchoolClass, **values: str) -> dict[str, str]:
    """The smallest booking that the form accepts."""
    row = {"class_id": str(school_class.id), "chosen": "y", "adults": "1"}
    of_form = {name: values.pop(name) for name in ("note",) if name in values}
    return {f"classes-0-{name}": value for name, value in {**row, **values}.items()} | of_form


def count(model: type) -> int:
    """How many rows there are."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_coordinator_books_a_class_in_four_screens(sign_in: SignIn, bruno: User) -> None:
    """Open dates, the form, the confirmation: three after the page one lands on."""
    slot = make_slot()
    school_class = own_class(bruno)
    client = sign_in(bruno)

    open_dates = client.page("/booking/slots")
    held = client.post(str(open_dates.select("td.buttons form")[0]["action"]))
    assert 303 == held.status_code
    address = str(held.location)
    assert client.page(address).select(f"input[value='{school_class.id}'] + .choice input[checked]")
    response = client.post(address, data=fields(school_class))

    assert 303 == response.status_code
    confirmation = client.page(response.location)
    assert school_class.label in confirmation.find("h1").get_text()
    assert 1 == slot.places_taken


def test_pupils_left_empty_are_those_of_the_class(sign_in: SignIn, bruno: User) -> None:
    slot, school_class = make_slot(), own_class(bruno, pupils=23)

    sign_in(bruno).post(f"/booking/slots/{slot.id}/book", data=fields(school_class))

    assert [23] == list(db.session.scalars(select(Booking.pupils)))


def test_a_class_without_a_number_asks_for_it(sign_in: SignIn, bruno: User) -> None:
    slot, school_class = make_slot(), own_class(bruno, pupils=None)

    response = sign_in(bruno).post(f"/booking/slots/{slot.id}/book", data=fields(school_class))

    assert 422 == response.status_code
    assert "the class has no number yet" in soup(response).select_one(".field-error").get_text()
    assert 0 == count(Booking)


def test_the_form_offers_the_classes_that_fit_and_no_others(sign_in: SignIn, bruno: User, carla: User) -> None:
    slot = make_slot(edition=make_edition(programme=make_programme(grade_max=2)))
    fits = own_class(bruno, grade=2)
    own_class(bruno, grade=3)
    own_class(bruno, school_year=2025)
    own_class(carla)

    page = sign_in(bruno).page(f"/booking/slots/{slot.id}/book")

    assert [str(fits.id)] == [choice["value"] for choice in page.select("[name$=class_id]")]
    assert page.select("[name=classes-0-chosen][checked]")


def test_a_coordinator_without_a_class_that_fits_is_told_where_to_go(sign_in: SignIn, bruno: User) -> None:
    page = sign_in(bruno).page(f"/booking/slots/{make_slot().id}/book")

    assert not page.select("form.form")
    assert page.select_one(".empty a") is not None


def test_booking_the_same_class_twice_points_to_the_booking(sign_in: SignIn, bruno: User) -> None:
    slot, school_class = make_slot(places=2), own_class(bruno)
    client = sign_in(bruno)
    first = client.post(f"/booking/slots/{slot.id}/book", data=fields(school_class))

    again = client.post(f"/booking/slots/{slot.id}/book", data=fields(school_class))

    assert 422 == again.status_code
    assert "already booked" in again.get_data(as_text=True)
    assert soup(again).select_one(f'a[href="{first.location}"]') is not None
    assert (1, 1) == (count(Booking), slot.places_taken)


@pytest.mark.parametrize(
    ("slot_values", "edition_values", "class_values", "form_values", "words"),
    [
        ({"places_taken": 1}, {}, {}, {}, "The place is taken"),
        ({"books_until": date(2026, 11, 22)}, {}, {}, {}, "ended on 22 November 2026"),
        ({"books_from": date(2026, 12, 1)}, {}, {}, {}, "begin on 1 December 2026"),
        ({}, {"status": EditionStatus.CLOSED}, {}, {}, "takes no bookings"),
        ({}, {"group_min": 15}, {}, {"pupils": "14"}, "at least 15 pupils; you wrote 14"),
        ({}, {"group_max": 20}, {}, {"pupils": "21"}, "at most 20 pupils; you wrote 21"),
        ({}, {}, {"school_year": 2025}, {}, "belongs to 2025/26, the dates to 2026/27"),
        ({}, {}, {"grade": 5}, {}, "grades 1 to 2; the class is in grade 5"),
    ],
)
def test_each_refusal_is_a_sentence_and_changes_nothing(
    sign_in: SignIn,
    bruno: User,
    slot_values: dict[str, Any],
    edition_values: dict[str, Any],
    class_values: dict[str, Any],
    form_values: dict[str, str],
    words: str,
) -> None:
    edition = make_edition(programme=make_programme(grade_max=2), **edition_values)
    slot = make_slot(edition=edition, **slot_values)
    taken = slot.places_taken
    school_class = own_class(bruno, **class_values)

    response = sign_in(bruno).post(f"/booking/slots/{slot.id}/book", data=fields(school_class, **form_values))

    assert 422 == response.status_code
    assert words in soup(response).select_one(".error-summary").get_text()
    assert (0, taken) == (count(Booking), slot.places_taken)


def test_a_class_that_is_busy_is_told_when(sign_in: SignIn, bruno: User) -> None:
    school_class = own_class(bruno)
    make_booking(bruno, school_class=school_class)

    response = sign_in(bruno).post(f"/booking/slots/{make_slot().id}/book", data=fields(school_class))

    assert 422 == response.status_code
    assert "12 January 2027 from 10:00 to 11:00" in response.get_data(as_text=True)


@pytest.mark.parametrize(
    "form_values",
    [
        {"chosen": ""},
        {"class_id": ""},
        {"class_id": "nonsense"},
        {"pupils": "0"},
        {"pupils": "61"},
        {"pupils": "many"},
        {"adults": "-1"},
        {"note": "x" * 2001},
    ],
)
def test_a_form_that_is_not_right_changes_nothing(sign_in: SignIn, bruno: User, form_values: dict[str, str]) -> None:
    slot, school_class = make_slot(), own_class(bruno)

    response = sign_in(bruno).post(f"/booking/slots/{slot.id}/book", data=fields(school_class, **form_values))

    assert 422 == response.status_code
    assert (0, 0) == (count(Booking), slot.places_taken)


def test_another_schools_class_is_not_there(sign_in: SignIn, bruno: User, carla: User) -> None:
    slot = make_slot()

    response = sign_in(bruno).post(f"/booking/slots/{slot.id}/book", data=fields(own_class(carla)))

    assert 404 == response.status_code
    assert (0, 0) == (count(Booking), slot.places_taken)


def test_a_single_talk_shows_its_evidence_and_something_better_but_can_be_booked(sign_in: SignIn, bruno: User) -> None:
    talk = make_programme(method=Method.TALK, evidence_class=EvidenceClass.UNLIKELY_OR_HARMFUL)
    better = make_edition(programme=make_programme(slug="better-course"))
    make_slot(edition=better)
    slot, school_class = make_slot(edition=make_edition(programme=talk)), own_class(bruno)
    client = sign_in(bruno)

    page = client.page(f"/booking/slots/{slot.id}/book")
    response = client.post(f"/booking/slots/{slot.id}/book", data=fields(school_class))

    notice = page.select_one(".notice-warning")
    assert "Unlikely to help, or harmful" in notice.get_text()
    assert notice.select_one('a[href="/programmes/better-course"]') is not None
    assert notice.select_one('a[href="/booking/slots?programme=better-course"]') is not None
    assert 303 == response.status_code
    assert [True] == list(db.session.scalars(select(Booking.chosen_despite_evidence)))


def test_a_skills_course_shows_no_such_notice(sign_in: SignIn, bruno: User) -> None:
    own_class(bruno)

    assert not sign_in(bruno).page(f"/booking/slots/{make_slot().id}/book").select(".notice-warning")


def test_the_list_of_open_dates_begins_with_the_level_of_ones_own_school(sign_in: SignIn, bruno: User) -> None:
    own_site(bruno)
    make_slot(edition=make_edition(programme=make_programme(name={"it": "Per noi"})))
    make_slot(edition=make_edition(programme=make_programme(name={"it": "Per le medie"}, levels=["primo_grado"])))
    client = sign_in(bruno)

    assert ["Per noi"] == [link.get_text() for link in client.page("/booking/slots").select("tbody th a")]


@pytest.mark.parametrize(
    ("query", "rows"), [("", 1), ("full=yes", 2), ("programme=other", 0), ("grade=9&from=nonsense&level=x", 1)]
)
def test_open_dates_are_filtered(sign_in: SignIn, anna: User, query: str, rows: int) -> None:
    make_slot()
    make_slot(places_taken=1)

    assert rows == len(sign_in(anna).page(f"/booking/slots?{query}").select("tbody tr"))


def test_the_office_looks_at_open_dates_but_does_not_book(sign_in: SignIn, anna: User) -> None:
    slot = make_slot()
    client = sign_in(anna)

    assert f"/booking/slots/{slot.id}" == client.page("/booking/slots").select_one("td.buttons a")["href"]
    assert 403 == client.post(f"/booking/slots/{slot.id}/book", data=fields(make_school_class())).status_code


def test_a_coordinator_sees_the_bookings_of_their_own_schools_alone(sign_in: SignIn, bruno: User, carla: User) -> None:
    mine = make_booking(bruno, school_class=own_class(bruno, label="1A NOSTRA"))
    other = make_booking(carla, school_class=own_class(carla, label="1B ALTRUI"))

    page = sign_in(bruno).page("/booking/mine")

    assert [f"/booking/{mine.id}"] == [link["href"] for link in page.select("td.buttons a")]
    assert "1B ALTRUI" not in page.get_text()
    assert 404 == sign_in(bruno).get(f"/booking/{other.id}").status_code


def test_the_office_sees_filters_and_pages_all_bookings(sign_in: SignIn, anna: User) -> None:
    for _ in range(26):
        make_booking(anna)
    client = sign_in(anna)

    first, second = client.page("/booking/"), client.page("/booking/?page=2")

    assert (25, 1) == (len(first.select("tbody tr")), len(second.select("tbody tr")))
    assert not client.page("/booking/?status=cancelled").select("tbody tr")
    assert not client.page("/booking/?year=2025").select("tbody tr")
    assert 404 == client.get("/booking/?page=3").status_code


def test_a_facilitator_sees_their_own_agenda(sign_in: SignIn, bruno: User, dario: User) -> None:
    slot = make_slot()
    booking = make_booking(bruno, slot=slot, school_class=own_class(bruno))
    leader = provider_of(slot, "Ezio")

    page = sign_in(leader).page("/booking/agenda")

    assert [f"/booking/{booking.id}"] == [link["href"] for link in page.select("td.buttons a")]
    assert not sign_in(dario).page("/booking/agenda").select("tbody tr")
    assert 404 == sign_in(dario).get(f"/booking/{booking.id}").status_code


def test_a_booking_page_shows_needs_to_those_it_concerns(sign_in: SignIn, bruno: User) -> None:
    slot = make_slot()
    booking = make_booking(bruno, slot=slot, school_class=own_class(bruno), special_needs="Serve una rampa")

    for person in (bruno, provider_of(slot)):
        assert "Serve una rampa" in sign_in(person).page(f"/booking/{booking.id}").get_text()


@pytest.mark.parametrize("role", ["office", "coordinator", "facilitator"])
def test_a_booking_is_called_off_with_a_reason_by_each_it_concerns(
    sign_in: SignIn, anna: User, bruno: User, role: str
) -> None:
    slot = make_slot()
    booking = make_booking(bruno, slot=slot, school_class=own_class(bruno))
    person = {"office": anna, "coordinator": bruno, "facilitator": provider_of(slot)}[role]

    response = sign_in(person).post(f"/booking/{booking.id}/cancel", data={"reason": "Gita"})

    assert 303 == response.status_code
    assert (BookingStatus.CANCELLED, "Gita", 0) == (booking.status, booking.cancel_reason, slot.places_taken)
    assert "Gita" in sign_in(person).page(f"/booking/{booking.id}").get_text()


def test_calling_off_twice_is_refused_in_words_and_frees_nothing_more(sign_in: SignIn, bruno: User) -> None:
    booking = make_booking(bruno, school_class=own_class(bruno))
    client = sign_in(bruno)
    client.post(f"/booking/{booking.id}/cancel", data={"reason": "Gita"})

    again = client.post(f"/booking/{booking.id}/cancel", data={"reason": "Gita"})

    assert 422 == again.status_code
    assert "called off before" in again.get_data(as_text=True)
    assert 0 == booking.slot.places_taken


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_calling_off_without_a_reason_changes_nothing(sign_in: SignIn, bruno: User, reason: str) -> None:
    booking = make_booking(bruno, school_class=own_class(bruno))

    response = sign_in(bruno).post(f"/booking/{booking.id}/cancel", data={"reason": reason})

    assert 422 == response.status_code
    assert BookingStatus.CONFIRMED is booking.status


def test_another_school_or_provider_does_not_call_off(sign_in: SignIn, bruno: User, carla: User, dario: User) -> None:
    booking = make_booking(bruno, school_class=own_class(bruno))

    for person in (carla, dario):
        response = sign_in(person).post(f"/booking/{booking.id}/cancel", data={"reason": "Gita"})
        assert 404 == response.status_code
    assert BookingStatus.CONFIRMED is booking.status


def publish_fields(**values: str) -> dict[str, str]:
    """The smallest dated place that the form accepts, for a programme of two meetings."""
    return {
        "facilitator_id": "",
        "places": "2",
        "books_until": "2027-01-05",
        "dates-0-day": "2027-01-12",
        "dates-0-starts": "10:00",
        "dates-1-day": "2027-01-19",
        "dates-1-starts": "10:00",
        **values,
    }


def two_meetings() -> tuple[str, User]:
    """The address to publish for an edition of two meetings, and a facilitator of its provider."""
    edition = make_edition(programme=make_programme(meetings=2))
    facilitator = make_user("Dario", Role.FACILITATOR, organisation_id=edition.organisation_id)
    return f"/booking/editions/{edition.id}/publish", facilitator


def test_a_provider_publishes_dates(sign_in: SignIn, app: Flask) -> None:
    address, facilitator = two_meetings()

    response = sign_in(facilitator).post(address, data=publish_fields(facilitator_id=str(facilitator.id)))

    assert 303 == response.status_code
    slot = db.session.scalars(select(Slot)).one()
    assert (2, facilitator.id, None) == (slot.places, slot.facilitator_id, slot.site_id)
    assert [FIRST_START, FIRST_START + WEEK] == [meeting.starts_at for meeting in slot.meetings]
    assert 200 == sign_in(facilitator).get(response.location).status_code


def test_dates_somewhere_else_name_the_school(sign_in: SignIn, anna: User) -> None:
    address, _facilitator = two_meetings()
    site = make_site()

    response = sign_in(anna).post(address, data=publish_fields(site_code=site.code.lower()))

    assert 303 == response.status_code
    assert site.id == db.session.scalars(select(Slot.site_id)).one()


def test_the_other_dates_are_filled_in_a_week_apart(sign_in: SignIn, app: Flask) -> None:
    address, facilitator = two_meetings()
    data = {"facilitator_id": "", "dates-0-day": "2027-03-23", "dates-0-starts": "09:55", "weekly": "1"}

    response = sign_in(facilitator).post(address, data=data)

    page = soup(response)
    assert 200 == response.status_code
    assert ["2027-03-30", "09:55"] == [page.select_one(f"#dates-1-{part}")["value"] for part in ("day", "starts")]
    assert 0 == count(Slot)


def test_filling_in_needs_the_first_date(sign_in: SignIn, app: Flask) -> None:
    address, facilitator = two_meetings()

    response = sign_in(facilitator).post(address, data={"facilitator_id": "", "weekly": "1"})

    assert 422 == response.status_code
    assert "first meeting first" in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"places": "0"}, "Places"),
        ({"books_until": ""}, "Bookings until"),
        ({"dates-1-day": ""}, "Dates"),
        ({"dates-1-day": "2027-01-05"}, "Date 2 must end after it begins"),
        ({"dates-1-day": "2028-01-05"}, "Date 2 lies in the past or outside the school year"),
        ({"dates-0-day": "2026-01-05"}, "Date 1 lies in the past"),
        ({"books_until": "2027-01-13"}, "at the latest"),
        ({"facilitator_id": str(uuid.UUID(int=1))}, "Facilitator"),
        ({"site_code": "CRXX000000"}, "no school with this code"),
        ({"site_code": "short"}, "Code of the school"),
    ],
)
def test_dates_that_are_not_right_are_not_published(
    sign_in: SignIn, app: Flask, changes: dict[str, str], words: str
) -> None:
    address, facilitator = two_meetings()

    response = sign_in(facilitator).post(address, data=publish_fields(**changes))

    assert 422 == response.status_code
    assert words in soup(response).select_one(".error-summary").get_text()
    assert 0 == count(Slot)


def test_a_facilitator_who_is_busy_is_told_when(sign_in: SignIn, app: Flask) -> None:
    address, facilitator = two_meetings()
    make_slot(facilitator_id=facilitator.id)

    response = sign_in(facilitator).post(address, data=publish_fields(facilitator_id=str(facilitator.id)))

    assert 422 == response.status_code
    assert "12 January 2027 from 10:00 to 11:00" in response.get_data(as_text=True)


def test_a_provider_calls_dates_off_and_sees_who_had_booked(sign_in: SignIn, bruno: User) -> None:
    slot = make_slot(places=2)
    booking = make_booking(bruno, slot=slot, school_class=own_class(bruno))
    client = sign_in(provider_of(slot))

    assert "1 class has booked" in client.page(f"/booking/slots/{slot.id}/cancel").get_text()
    response = client.post(f"/booking/slots/{slot.id}/cancel", data={"reason": "Malattia"})

    assert 303 == response.status_code
    assert (SlotStatus.CANCELLED, BookingStatus.CANCELLED) == (slot.status, booking.status)
    assert booking.school_class.label in client.page(response.location).get_text()
    assert 422 == client.post(f"/booking/slots/{slot.id}/cancel", data={"reason": "Malattia"}).status_code
    assert 422 == client.post(f"/booking/slots/{slot.id}/cancel", data={"reason": ""}).status_code
    assert () == audit.violations()


def test_each_provider_sees_their_own_dates_and_the_office_all(sign_in: SignIn, anna: User, dario: User) -> None:
    slot = make_slot()

    for person, rows in ((anna, 1), (provider_of(slot, "Ezio"), 1), (dario, 0)):
        assert rows == len(sign_in(person).page("/booking/provided").select("tbody tr"))


def writing_addresses(slot: Slot, booking: Booking) -> dict[str, str]:
    """Every writing door of the room."""
    return {
        "book": f"/booking/slots/{slot.id}/book",
        "cancel": f"/booking/{booking.id}/cancel",
        "publish": f"/booking/editions/{slot.edition_id}/publish",
        "cancel_slot": f"/booking/slots/{slot.id}/cancel",
    }


@pytest.mark.parametrize(
    ("person", "door", "status"),
    [
        ("anna", "book", 403),
        ("dario", "book", 403),
        ("bruno", "publish", 403),
        ("dario", "publish", 404),
        ("bruno", "cancel_slot", 403),
        ("dario", "cancel_slot", 404),
    ],
)
def test_other_roles_and_other_providers_write_nothing(
    sign_in: SignIn, request: pytest.FixtureRequest, app: Flask, person: str, door: str, status: int
) -> None:
    someone = request.getfixturevalue(person)
    slot = make_slot(places=2)
    booking = make_booking(someone, slot=slot)

    response = sign_in(someone).post(writing_addresses(slot, booking)[door], data={"reason": "Gita"})

    assert status == response.status_code
    assert (1, SlotStatus.OPEN, BookingStatus.CONFIRMED) == (count(Slot), slot.status, booking.status)


def test_a_stranger_writes_nothing(client: Client, anna: User) -> None:
    slot = make_slot(places=2)
    booking = make_booking(anna, slot=slot)

    for address in writing_addresses(slot, booking).values():
        assert 401 == client.post(address, data={"reason": "Gita"}).status_code
        assert 303 == client.get(address).status_code
    assert (SlotStatus.OPEN, BookingStatus.CONFIRMED) == (slot.status, booking.status)


def test_what_is_not_there_is_a_404(sign_in: SignIn, anna: User, bruno: User) -> None:
    missing = uuid.uuid4()

    for address in (
        f"/booking/slots/{missing}/book",
        "/booking/slots/not-an-id/book",
        f"/booking/{missing}/cancel",
        "/booking/not-an-id/cancel",
    ):
        assert 404 == sign_in(bruno).post(address).status_code, address
    for address in (f"/booking/editions/{missing}/publish", f"/booking/slots/{missing}/cancel", f"/booking/{missing}"):
        assert 404 == sign_in(anna).get(address).status_code, address


@pytest.mark.parametrize("address", ["/booking/slots", "/booking/mine", "/booking/"])
def test_pages_take_the_same_number_of_queries_for_two_rows_and_for_a_full_page(
    sign_in: SignIn, anna: User, bruno: User, address: str
) -> None:
    site = own_site(bruno)
    client = sign_in(anna if address == "/booking/" else bruno)
    edition = make_edition()

    def fill(rows: int) -> None:
        for _ in range(rows):
            slot = make_slot(edition=edition, places=2)
            make_booking(bruno, slot=slot, school_class=make_school_class(site=site))

    def read() -> int:
        with counted_queries() as sent:
            assert client.get(address).status_code == 200
        return sent.count

    fill(2)
    read()
    few = read()
    fill(23)

    assert few == read()


def test_dates_that_have_begun_offer_no_button_to_call_them_off(sign_in: SignIn, anna: User) -> None:
    ahead, begun = make_slot(), make_slot(starts=[FIRST_START - timedelta(days=90)])
    client = sign_in(anna)

    assert client.page(f"/booking/slots/{ahead.id}").select(f'a[href="/booking/slots/{ahead.id}/cancel"]')
    assert not client.page(f"/booking/slots/{begun.id}").select(f'a[href="/booking/slots/{begun.id}/cancel"]')
    response = client.post(f"/booking/slots/{begun.id}/cancel", data={"reason": "Malattia"})
    assert 422 == response.status_code
    assert SlotStatus.OPEN is begun.status
