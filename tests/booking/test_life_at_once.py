"""Fifty at once for a hold, for seats, for an offer; two who decide: one succeeds, the others hear why."""

from collections import Counter
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from prevention.booking import audit
from prevention.booking.models import Booking, Slot, SlotHold
from prevention.booking.rules import BookingStatus, CountedBy, WaitingStatus
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.roles import Role
from tests.booking.test_at_once import (
    AT_ONCE,
    all_at_once,
    book,
    class_of,
    make_coordinators,
    make_slots,
    post,
    signed_in,
)
from tests.factories.accounts import make_user
from tests.factories.booking import make_booking, make_waiting_class
from tests.factories.schools import make_institute


def assert_sound(app: Flask) -> None:
    """The audit, run as the command, finds nothing."""
    with app.app_context():
        assert () == audit.violations()
        db.session.remove()
    assert 0 == app.test_cli_runner().invoke(args=["booking", "audit"]).exit_code


def test_of_fifty_who_open_the_form_for_the_last_place_one_holds_it(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        people = make_coordinators(AT_ONCE)
        (slot_id,) = make_slots(1)
    clients = [signed_in(live_app, person.email) for person in people]

    answers = all_at_once(clients, lambda client, _number: post(client, f"/booking/slots/{slot_id}/hold"))

    assert {303: 1, 422: AT_ONCE - 1} == Counter(status for status, _page in answers)
    assert all("kept for somebody else" in page for status, page in answers if status == 422)
    with live_app.app_context():
        assert 1 == db.session.scalar(select(func.count()).select_from(SlotHold))
    assert_sound(live_app)


def test_of_fifty_classes_that_want_the_last_seats_one_gets_them(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        people = make_coordinators(AT_ONCE)
        (slot_id,) = make_slots(1, places=25)
        db.session.get_one(Slot, slot_id).counted_by = CountedBy.HEADS
    clients = [signed_in(live_app, person.email) for person in people]

    answers = all_at_once(clients, lambda client, number: book(client, slot_id, people[number].class_id))

    assert {303: 1, 422: AT_ONCE - 1} == Counter(status for status, _page in answers)
    assert all("21 people do not fit: 4 places are left" in page for status, page in answers if status == 422)
    assert_sound(live_app)


def test_an_offer_taken_fifty_times_at_once_books_once(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        institute = make_institute()
        bruno = make_user("Bruno", Role.COORDINATOR, institute_id=institute.id)
        email = bruno.email
        (slot_id,) = make_slots(1)
        waiting_id = make_waiting_class(
            bruno,
            db.session.get_one(Slot, slot_id),
            school_class=class_of(institute.id),
            status=WaitingStatus.OFFERED,
            offer_expires_at=clock.now() + timedelta(hours=1),
        ).id
    clients = [signed_in(live_app, email) for _ in range(AT_ONCE)]

    answers = all_at_once(clients, lambda client, _number: post(client, f"/booking/waiting/{waiting_id}/accept"))

    assert {303: 1, 422: AT_ONCE - 1} == Counter(status for status, _page in answers)
    with live_app.app_context():
        assert 1 == db.session.scalar(select(func.count()).select_from(Booking))
    assert_sound(live_app)


def test_a_request_approved_and_declined_at_once_is_decided_once(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        institute = make_institute()
        bruno = make_user("Bruno", Role.COORDINATOR, institute_id=institute.id)
        office = make_user("Anna", Role.OFFICE).email
        (slot_id,) = make_slots(1)
        booking_id = make_booking(
            bruno,
            slot=db.session.get_one(Slot, slot_id),
            school_class=class_of(institute.id),
            status=BookingStatus.REQUESTED,
        ).id
    clients = [signed_in(live_app, office) for _ in range(8)]

    answers = all_at_once(
        clients,
        lambda client, number: post(
            client,
            "/booking/requests/decide",
            request=str(booking_id),
            message="Bene",
            decision="approve" if number % 2 else "decline",
        ),
    )

    assert {303: 1, 422: 7} == Counter(status for status, _page in answers)
    assert_sound(live_app)
