"""Fifty at once for a hold, for seats, for an offer; two who decide: one succeeds, the others hear why."""

from collections import Counter
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from prevention.booking import audit, service
from prevention.booking.models import Booking, BookingMeeting, Slot, SlotHold, SlotMeeting
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
from tests.factories.school_time import next_lesson
from tests.factories.schools import make_institute
from tests.support.http import Client


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


def put(slot: Slot, *, days_ahead: int) -> None:
    """Put the date of a slot so far ahead."""
    (date,) = slot.meetings
    date.starts_at = next_lesson(days_ahead=days_ahead)
    date.ends_at = date.starts_at + timedelta(hours=1)


def test_one_date_moved_to_several_others_at_once_ends_on_one_and_every_move_counts(live_app: Flask) -> None:
    """Each who comes later moves it from where the one before has put it: places follow, none is given back twice."""
    with live_app.app_context(), unit_of_work():
        bruno = make_user("Bruno", Role.COORDINATOR, institute_id=make_institute().id)
        email, institute_id = bruno.email, bruno.roles[0].institute_id
        assert institute_id is not None
        first, *others = (db.session.get_one(Slot, slot_id) for slot_id in make_slots(4))
        for number, slot in enumerate(others, start=1):
            put(slot, days_ahead=65 + 5 * number)
        booking = make_booking(bruno, slot=first, school_class=class_of(institute_id))
        door = f"/booking/{booking.id}/dates/{booking.meetings[0].id}/move"
        meeting_id = booking.meetings[0].id
        targets = [str(slot.meetings[0].id) for slot in others]
    clients = [signed_in(live_app, email) for _ in range(9)]

    answers = all_at_once(clients, lambda client, number: post(client, door, target=targets[number % 3], reason="Gita"))

    statuses = Counter(status for status, _page in answers)
    assert {303, 422} >= statuses.keys()
    assert statuses[303] >= 1
    with live_app.app_context():
        meeting = db.session.get_one(BookingMeeting, meeting_id)
        assert statuses[303] == meeting.sequence
        taken = db.session.scalars(select(SlotMeeting.id).where(SlotMeeting.places_taken == 1)).all()
        assert [meeting.slot_meeting_id] == taken
    assert_sound(live_app)


def test_one_date_moved_to_the_same_time_by_many_at_once_moves_once(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        bruno = make_user("Bruno", Role.COORDINATOR, institute_id=make_institute().id)
        email, institute_id = bruno.email, bruno.roles[0].institute_id
        assert institute_id is not None
        (slot_id,) = make_slots(1)
        booking = make_booking(bruno, slot=db.session.get_one(Slot, slot_id), school_class=class_of(institute_id))
        meeting = booking.meetings[0]
        span = service.times_to_go_to(booking, meeting, now=clock.now())[-1]
        door, meeting_id = f"/booking/{booking.id}/dates/{meeting.id}/move", meeting.id
        target = f"{span.starts_at.isoformat()}/{span.ends_at.isoformat()}"
    clients = [signed_in(live_app, email) for _ in range(8)]

    answers = all_at_once(clients, lambda client, _number: post(client, door, target=target, reason="Gita"))

    assert {303: 1, 422: 7} == Counter(status for status, _page in answers)
    with live_app.app_context():
        assert 1 == db.session.get_one(BookingMeeting, meeting_id).sequence
        assert 0 == db.session.scalar(select(Slot.places_taken).where(Slot.id == slot_id))
    assert_sound(live_app)


def test_a_date_moved_and_a_booking_called_off_at_once_leave_no_place_taken(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        bruno = make_user("Bruno", Role.COORDINATOR, institute_id=make_institute().id)
        email, institute_id = bruno.email, bruno.roles[0].institute_id
        assert institute_id is not None
        first, other = (db.session.get_one(Slot, slot_id) for slot_id in make_slots(2))
        put(other, days_ahead=70)
        booking = make_booking(bruno, slot=first, school_class=class_of(institute_id))
        booking_id, date_id = booking.id, booking.meetings[0].id
        target = str(other.meetings[0].id)
    clients = [signed_in(live_app, email) for _ in range(8)]

    def act(client: Client, number: int) -> tuple[int, str]:
        if number % 4 == 0:
            return post(client, f"/booking/{booking_id}/cancel", reason="Gita")
        if number % 4 == 1:
            return post(client, f"/booking/{booking_id}/dates/{date_id}/cancel", reason="Gita")
        return post(client, f"/booking/{booking_id}/dates/{date_id}/move", target=target, reason="Gita")

    answers = all_at_once(clients, act)

    assert {303, 422} >= {status for status, _page in answers}
    with live_app.app_context():
        assert BookingStatus.CANCELLED is db.session.get_one(Booking, booking_id).status
        assert 0 == db.session.scalar(select(func.sum(SlotMeeting.places_taken)))
    assert_sound(live_app)
