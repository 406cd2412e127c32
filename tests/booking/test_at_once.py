"""Many at once, through the front door: sign-in, form, commit; on a database of their own, with real commits.

After each run the audit goes through the whole database.
"""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from prevention.booking import audit
from prevention.booking.models import Booking, Slot
from prevention.booking.rules import BookingStatus
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.messages.models import OutboxMessage
from prevention.roles import Role
from prevention.schools.models import SchoolClass
from prevention.schools.rules import school_year_of
from tests.factories.accounts import make_user
from tests.factories.booking import make_booking, make_slot
from tests.factories.programmes import make_edition
from tests.factories.school_time import next_lesson
from tests.factories.schools import make_institute, make_school_class, make_site
from tests.support.http import Client

AT_ONCE = 50
A_FEW = 8
PATIENCE_S = 900


@dataclass(frozen=True, kw_only=True)
class Coordinator:
    """Who signs in, and the class they want to book."""

    email: str
    class_id: uuid.UUID


def make_coordinators(count: int) -> list[Coordinator]:
    """People of as many schools, each with a class of this school year."""
    made = []
    for _ in range(count):
        institute = make_institute()
        user = make_user("Bruno", Role.COORDINATOR, institute_id=institute.id)
        school_class = class_of(institute.id)
        made.append(Coordinator(email=user.email, class_id=school_class.id))
    return made


def class_of(institute_id: uuid.UUID) -> SchoolClass:
    """A class of this school year."""
    site = make_site(institute_id=institute_id)
    return make_school_class(site=site, school_year=school_year_of(clock.day_of(next_lesson())))


def make_slots(count: int, *, places: int = 1, same_edition: bool = True) -> list[uuid.UUID]:
    """Slots on one and the same date some weeks ahead."""
    start = next_lesson()
    year = school_year_of(clock.day_of(start))
    editions = [make_edition(school_year=year) for _ in range(1 if same_edition else count)]
    return [
        make_slot(
            edition=editions[number % len(editions)],
            starts=[start],
            places=places,
            books_until=clock.today() + timedelta(days=30),
        ).id
        for number in range(count)
    ]


def signed_in(app: Flask, email: str) -> Client:
    """A browser whose owner went through the sign-in form."""
    client = app.test_client()
    assert isinstance(client, Client)
    response = client.post("/sign-in", data={"email": email, "password": "password"})
    assert 302 <= response.status_code <= 303, response.get_data(as_text=True)[:2000]
    return client


def all_at_once(clients: list[Client], act: Callable[[Client, int], tuple[int, str]]) -> list[tuple[int, str]]:
    """Let each client act in a thread of its own, all released together; give status and page of each."""
    ready = threading.Barrier(len(clients))

    def run(number: int) -> tuple[int, str]:
        ready.wait(PATIENCE_S)
        return act(clients[number], number)

    with ThreadPoolExecutor(len(clients)) as threads:
        return list(threads.map(run, range(len(clients)), timeout=PATIENCE_S))


def post(client: Client, address: str, **data: str) -> tuple[int, str]:
    """Send a form; give the status and the page."""
    response = client.post(address, data=data)
    return response.status_code, response.get_data(as_text=True)


def book(client: Client, slot_id: uuid.UUID, class_id: uuid.UUID) -> tuple[int, str]:
    """Book a class."""
    fields = {"class_id": str(class_id), "chosen": "y", "pupils": "20", "adults": "1"}
    return post(
        client, f"/booking/slots/{slot_id}/book", **{f"classes-0-{name}": value for name, value in fields.items()}
    )


def assert_in_order(app: Flask, *, slot_id: uuid.UUID, taken: int) -> None:
    """The slot has that many places taken, and the audit, run as the command, finds nothing."""
    with app.app_context():
        assert taken == db.session.scalar(select(Slot.places_taken).where(Slot.id == slot_id))
        assert () == audit.violations()
        db.session.remove()
    assert 0 == app.test_cli_runner().invoke(args=["booking", "audit"]).exit_code


def test_of_fifty_who_want_the_last_place_one_gets_it_and_the_others_are_told(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        people = make_coordinators(AT_ONCE)
        (slot_id,) = make_slots(1)
    clients = [signed_in(live_app, person.email) for person in people]

    answers = all_at_once(clients, lambda client, number: book(client, slot_id, people[number].class_id))

    assert {303: 1, 422: AT_ONCE - 1} == Counter(status for status, _page in answers)
    assert all("The place is taken" in page for status, page in answers if status == 422)
    assert_in_order(live_app, slot_id=slot_id, taken=1)
    with live_app.app_context():
        assert 1 == db.session.scalar(select(func.count()).select_from(OutboxMessage))


def test_a_button_pressed_many_times_at_once_books_once(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        (person,) = make_coordinators(1)
        (slot_id,) = make_slots(1, places=A_FEW)
    clients = [signed_in(live_app, person.email) for _ in range(A_FEW)]

    answers = all_at_once(clients, lambda client, _number: book(client, slot_id, person.class_id))

    assert {303: 1, 422: A_FEW - 1} == Counter(status for status, _page in answers)
    assert all("already booked" in page for status, page in answers if status == 422)
    assert_in_order(live_app, slot_id=slot_id, taken=1)


def test_a_class_booked_at_once_for_several_programmes_at_one_time_goes_to_one(live_app: Flask) -> None:
    """The slots are different rows: only the lock on the class keeps it from being in two places."""
    with live_app.app_context(), unit_of_work():
        (person,) = make_coordinators(1)
        slot_ids = make_slots(A_FEW, same_edition=False)
    clients = [signed_in(live_app, person.email) for _ in range(A_FEW)]

    answers = all_at_once(clients, lambda client, number: book(client, slot_ids[number], person.class_id))

    assert {303: 1, 422: A_FEW - 1} == Counter(status for status, _page in answers)
    assert all("already has something else" in page for status, page in answers if status == 422)
    with live_app.app_context():
        assert 1 == db.session.scalar(select(func.count()).select_from(Booking))
        assert () == audit.violations()


def test_a_booking_called_off_many_times_at_once_frees_one_place(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        institute = make_institute()
        bruno = make_user("Bruno", Role.COORDINATOR, institute_id=institute.id)
        email = bruno.email
        (slot_id,) = make_slots(1, places=2)
        slot = db.session.get_one(Slot, slot_id)
        booking_id = make_booking(bruno, slot=slot, school_class=class_of(institute.id)).id
        make_booking(bruno, slot=slot, school_class=class_of(institute.id))
    clients = [signed_in(live_app, email) for _ in range(A_FEW)]

    answers = all_at_once(clients, lambda client, _number: post(client, f"/booking/{booking_id}/cancel", reason="Gita"))

    assert {303: 1, 422: A_FEW - 1} == Counter(status for status, _page in answers)
    assert_in_order(live_app, slot_id=slot_id, taken=1)


def test_classes_that_book_while_the_dates_are_called_off_are_told_or_refused(live_app: Flask) -> None:
    """Whatever the order was, no confirmed booking is left on dates that do not take place."""
    with live_app.app_context(), unit_of_work():
        people = make_coordinators(A_FEW)
        office = make_user("Anna", Role.OFFICE).email
        (slot_id,) = make_slots(1, places=A_FEW)
    clients = [signed_in(live_app, person.email) for person in people]
    clients.append(signed_in(live_app, office))

    def act(client: Client, number: int) -> tuple[int, str]:
        if number == A_FEW:
            return post(client, f"/booking/slots/{slot_id}/cancel", reason="Malattia")
        return book(client, slot_id, people[number].class_id)

    answers = all_at_once(clients, act)

    assert 303 == answers[A_FEW][0]
    assert {status for status, _page in answers} <= {303, 404, 422}
    assert_in_order(live_app, slot_id=slot_id, taken=0)
    with live_app.app_context():
        confirmed = select(func.count()).where(Booking.status == BookingStatus.CONFIRMED)
        assert 0 == db.session.scalar(confirmed)


def test_a_class_and_its_provider_may_call_off_at_once(live_app: Flask) -> None:
    """One takes the booking and then the slot, the other the slot and then the bookings: nobody waits for ever."""
    with live_app.app_context(), unit_of_work():
        people = [make_user("Bruno", Role.COORDINATOR, institute_id=make_institute().id) for _ in range(A_FEW)]
        office = make_user("Anna", Role.OFFICE).email
        (slot_id,) = make_slots(1, places=A_FEW)
        slot = db.session.get_one(Slot, slot_id)
        bookings = [
            make_booking(person, slot=slot, school_class=class_of(person.roles[0].institute_id or uuid.uuid4())).id
            for person in people
        ]
        emails = [person.email for person in people]
    clients = [signed_in(live_app, email) for email in [*emails, office]]

    def act(client: Client, number: int) -> tuple[int, str]:
        address = f"/booking/slots/{slot_id}" if number == A_FEW else f"/booking/{bookings[number]}"
        return post(client, f"{address}/cancel", reason="Malattia")

    answers = all_at_once(clients, act)

    assert 303 == answers[A_FEW][0]
    assert {status for status, _page in answers} <= {303, 422}
    assert_in_order(live_app, slot_id=slot_id, taken=0)
