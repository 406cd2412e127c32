"""Fifty at once for a hold, for seats, for an offer; two who decide: one succeeds, the others hear why."""

from collections import Counter
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from prevention.booking import audit, service
from prevention.booking.models import Booking, BookingMeeting, Slot, SlotHold, SlotMeeting, WaitingClass
from prevention.booking.plan_models import PlannedMeeting, PlanningRun
from prevention.booking.plan_rules import PlanningStatus
from prevention.booking.rules import BookingStatus, CountedBy, WaitingStatus
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.programmes.rules import BookingMode
from prevention.roles import Role
from prevention.schools.rules import school_year_of
from tests.booking.test_at_once import (
    A_FEW,
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
from tests.factories.booking import make_booking, make_request, make_waiting_class
from tests.factories.planning import make_leader, make_run_row
from tests.factories.programmes import make_edition, make_programme
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


def test_a_class_asked_for_many_times_at_once_asks_once(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        bruno = make_user("Bruno", Role.COORDINATOR, institute_id=make_institute().id)
        email, institute_id = bruno.email, bruno.roles[0].institute_id
        assert institute_id is not None
        school_class = class_of(institute_id)
        edition = make_edition(school_year=school_class.school_year, booking_mode=BookingMode.REQUESTS)
        door, class_id = f"/booking/editions/{edition.id}/request", str(school_class.id)
    clients = [signed_in(live_app, email) for _ in range(A_FEW)]
    written = {"chosen": "y", "class_id": class_id, "pupils": "20", "adults": "1"}
    fields = {f"classes-0-{name}": value for name, value in written.items()}

    answers = all_at_once(clients, lambda client, _number: post(client, door, **fields))

    assert {303: 1, 422: A_FEW - 1} == Counter(status for status, _page in answers)
    with live_app.app_context():
        assert 1 == db.session.scalar(select(func.count()).select_from(Booking))
    assert_sound(live_app)


def test_an_offer_taken_and_given_up_at_once_ends_one_way(live_app: Flask) -> None:
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
    clients = [signed_in(live_app, email) for _ in range(A_FEW)]

    answers = all_at_once(
        clients,
        lambda client, number: post(client, f"/booking/waiting/{waiting_id}/{'accept' if number % 2 else 'leave'}"),
    )

    assert {303: 1, 422: A_FEW - 1} == Counter(status for status, _page in answers)
    with live_app.app_context():
        status = db.session.get_one(WaitingClass, waiting_id).status
        taken = db.session.scalar(select(Slot.places_taken).where(Slot.id == slot_id))
        assert (status, taken) in {(WaitingStatus.BOOKED, 1), (WaitingStatus.WITHDRAWN, 0)}
    assert_sound(live_app)


def test_a_plan_published_and_made_again_at_once_is_one_of_the_two(live_app: Flask) -> None:
    start = next_lesson()
    day = clock.day_of(start)
    with live_app.app_context(), unit_of_work():
        office = make_user("Anna", Role.OFFICE)
        email, year = office.email, school_year_of(day)
        edition = make_edition(programme=make_programme(meetings=1), school_year=year)
        leader = make_leader(edition, weekdays=range(6))
        run = make_run_row(school_year=year, first_day=day, last_day=day, status=PlanningStatus.DONE)
        asked = make_request(office, edition=edition, school_class=class_of(make_institute().id))
        planned = PlannedMeeting(
            run_id=run.id, booking=asked, number=1, facilitator_id=leader.id, is_told=True,
            starts_at=start, ends_at=start + timedelta(hours=1),
        )  # fmt: skip
        db.session.add(planned)
        db.session.flush()
        run_id, booking_id, meeting_id = run.id, asked.id, planned.id
    clients = [signed_in(live_app, email) for _ in range(A_FEW)]
    doors = ("publish", "again", f"meetings/{meeting_id}/lock")

    answers = all_at_once(
        clients,
        lambda client, number: post(
            client, f"/booking/planning/{run_id}/{doors[number % 3]}", seconds="60", locked="1"
        ),
    )

    assert {303, 422} >= {status for status, _page in answers}
    published = sum(status == 303 and number % 3 == 0 for number, (status, _page) in enumerate(answers))
    with live_app.app_context():
        ends = (db.session.get_one(PlanningRun, run_id).status, db.session.get_one(Booking, booking_id).status)
        # To ask for a new plan twice is to ask once; a published one is not made again.
        assert (published, *ends) in {
            (1, PlanningStatus.PUBLISHED, BookingStatus.CONFIRMED),
            (0, PlanningStatus.QUEUED, BookingStatus.REQUESTED),
        }
    assert_sound(live_app)
