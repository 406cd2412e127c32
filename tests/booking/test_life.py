"""Single dates called off, moved and brought back; the provider's dates; requests decided, one or many."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking import audit, rules, service
from prevention.booking.models import Booking, Slot
from prevention.booking.rules import BookingStatus, MeetingStatus, Span, WaitingStatus
from prevention.core.access import NotYours
from prevention.core.db import db
from tests.booking.people import NOW, book, letters, own_class, party, provider_of
from tests.factories.booking import FIRST_START, HOUR, make_booking, make_request, make_slot
from tests.factories.programmes import make_edition, make_programme

WEEK = timedelta(days=7)
TWO_WEEKS = [FIRST_START, FIRST_START + WEEK]


def two_dates(bruno: User, **values: Any) -> tuple[Slot, Booking]:
    """A slot of two dates, and a booking of it."""
    slot = make_slot(starts=TWO_WEEKS, **values)
    return slot, book(bruno, slot)


def states(booking: Booking) -> list[MeetingStatus]:
    """The states of its dates, in order."""
    return [meeting.status for meeting in booking.meetings]


def test_one_date_is_called_off_and_the_others_stay(app: Flask, bruno: User) -> None:
    slot, booking = two_dates(bruno)

    service.cancel_meeting(actor_of(bruno), booking, booking.meetings[0], reason="Gita", now=NOW)

    assert [MeetingStatus.CANCELLED, MeetingStatus.PLANNED] == states(booking)
    assert [0, 1] == [date.places_taken for date in slot.meetings]
    assert (BookingStatus.CONFIRMED, 1, 1) == (booking.status, booking.meetings[0].sequence, slot.places_taken)
    assert 1 == len(letters("booking-date-cancelled"))
    with pytest.raises(rules.DateIsOff):
        service.cancel_meeting(actor_of(bruno), booking, booking.meetings[0], reason="Gita", now=NOW)
    assert () == audit.violations()


def test_with_its_last_date_a_booking_is_off(app: Flask, bruno: User) -> None:
    slot, booking = two_dates(bruno)

    for meeting in booking.meetings:
        service.cancel_meeting(actor_of(bruno), booking, meeting, reason="Gita", now=NOW)

    assert (BookingStatus.CANCELLED, "Gita", 0) == (booking.status, booking.cancel_reason, slot.places_taken)
    assert () == audit.violations()


def test_what_has_begun_is_neither_called_off_nor_moved(app: Flask, bruno: User) -> None:
    _slot, booking = two_dates(bruno)
    meeting = booking.meetings[0]

    with pytest.raises(rules.DateIsOver):
        service.cancel_meeting(actor_of(bruno), booking, meeting, reason="Tardi", now=FIRST_START)
    with pytest.raises(rules.DateIsOver):
        service.move_to_time(
            actor_of(bruno), booking, meeting, Span(starts_at=FIRST_START + HOUR, ends_at=FIRST_START + 2 * HOUR),
            now=FIRST_START,
        )  # fmt: skip

    assert [MeetingStatus.PLANNED] * 2 == states(booking)


def test_a_date_moves_to_another_date_on_offer_and_keeps_its_id(app: Flask, bruno: User) -> None:
    edition = make_edition(programme=make_programme(meetings=2))
    slot = make_slot(edition=edition, starts=TWO_WEEKS)
    other = make_slot(edition=edition, starts=[FIRST_START + timedelta(days=1), FIRST_START + timedelta(days=8)])
    booking = book(bruno, slot)
    meeting = booking.meetings[0]
    before = meeting.id

    assert [other.meetings[0]] == service.dates_to_go_to(booking, meeting, now=NOW)
    service.move_to_date(actor_of(bruno), booking, meeting, other.meetings[0].id, now=NOW)

    assert (before, 1, other.meetings[0].starts_at) == (meeting.id, meeting.sequence, meeting.starts_at)
    assert ([0, 1], [1, 0]) == (
        [date.places_taken for date in slot.meetings],
        [date.places_taken for date in other.meetings],
    )
    assert 1 == len(letters("booking-moved"))
    assert () == audit.violations()
    service.cancel(actor_of(bruno), booking, reason="Gita", now=NOW)
    assert [0, 0, 0, 0] == [date.places_taken for each in (slot, other) for date in each.meetings]
    assert () == audit.violations()


def test_a_date_does_not_move_to_a_place_that_is_taken_held_or_waited_for(
    app: Flask, anna: User, bruno: User, carla: User
) -> None:
    edition = make_edition()
    booking = book(bruno, make_slot(edition=edition))
    taken, held, waited = (
        make_slot(edition=edition, starts=[FIRST_START + timedelta(days=days)]) for days in (1, 2, 3)
    )
    make_booking(anna, slot=taken)
    service.hold(actor_of(carla), held, now=NOW)
    fills = make_booking(anna, slot=waited)
    service.join(actor_of(carla), waited, party(carla), now=NOW)
    service.cancel(actor_of(anna), fills, reason="Gita", now=NOW)

    assert [] == service.dates_to_go_to(booking, booking.meetings[0], now=NOW)
    for slot, refusal in ((taken, rules.SlotFull), (held, rules.PlacesHeld), (waited, rules.NotATarget)):
        with pytest.raises(refusal):
            service.move_to_date(actor_of(bruno), booking, booking.meetings[0], slot.meetings[0].id, now=NOW)
    assert FIRST_START == booking.meetings[0].starts_at
    assert () == audit.violations()


def test_a_date_moves_to_a_time_of_the_classs_own_with_the_same_facilitator(app: Flask, bruno: User) -> None:
    edition = make_edition()
    dario = provider_of(edition)
    slot = make_slot(edition=edition, facilitator_id=dario.id)
    make_slot(edition=edition, facilitator_id=dario.id, starts=[FIRST_START + WEEK])
    booking = book(bruno, slot)
    meeting = booking.meetings[0]

    span = Span(starts_at=FIRST_START + WEEK, ends_at=FIRST_START + WEEK + HOUR)
    with pytest.raises(rules.FacilitatorBusy):
        service.move_to_time(actor_of(bruno), booking, meeting, span, now=NOW)
    new = Span(starts_at=FIRST_START + HOUR / 2, ends_at=FIRST_START + HOUR * 1.5)
    service.move_to_time(actor_of(bruno), booking, meeting, new, now=NOW)

    assert (new.starts_at, dario.id, None) == (meeting.starts_at, meeting.facilitator_id, meeting.slot_meeting_id)
    assert 0 == slot.places_taken
    assert () == audit.violations()


def test_meetings_keep_their_order_and_their_class_is_not_in_two_places(app: Flask, bruno: User) -> None:
    school_class = own_class(bruno)
    booking = book(bruno, make_slot(starts=TWO_WEEKS), school_class)
    book(bruno, make_slot(starts=[FIRST_START + 3 * HOUR]), school_class)
    first = booking.meetings[0]

    for start, refusal in (
        (FIRST_START + 2 * WEEK, rules.OutOfOrder),
        (FIRST_START + 3 * HOUR, rules.ClassBusy),
        (FIRST_START, rules.SameTime),
        (NOW, rules.DateIsOver),
    ):
        with pytest.raises(refusal):
            service.move_to_time(actor_of(bruno), booking, first, Span(starts_at=start, ends_at=start + HOUR), now=NOW)

    assert (FIRST_START, 0) == (first.starts_at, first.sequence)


def test_a_date_called_off_comes_back(app: Flask, bruno: User) -> None:
    slot, booking = two_dates(bruno)
    meeting = booking.meetings[0]
    service.cancel_meeting(actor_of(bruno), booking, meeting, reason="Gita", now=NOW)

    assert slot.meetings[0] in service.dates_to_go_to(booking, meeting, now=NOW)
    service.move_to_date(actor_of(bruno), booking, meeting, slot.meetings[0].id, now=NOW)

    assert ([MeetingStatus.PLANNED] * 2, 2) == (states(booking), meeting.sequence)
    assert [1, 1] == [date.places_taken for date in slot.meetings]
    assert 1 == len(letters("booking-date-added"))
    assert () == audit.violations()


def test_a_place_left_by_a_move_goes_to_the_class_that_waits(app: Flask, bruno: User, carla: User) -> None:
    edition = make_edition()
    slot, other = make_slot(edition=edition), make_slot(edition=edition, starts=[FIRST_START + WEEK])
    booking = book(bruno, slot)
    waiting = service.join(actor_of(carla), slot, party(carla), now=NOW)

    service.move_to_date(actor_of(bruno), booking, booking.meetings[0], other.meetings[0].id, now=NOW)

    assert WaitingStatus.OFFERED is waiting.status
    assert () == audit.violations()


def test_a_provider_calls_one_date_off_and_every_class_is_told(
    app: Flask, anna: User, bruno: User, carla: User
) -> None:
    slot = make_slot(starts=TWO_WEEKS, places=2)
    bookings = [book(bruno, slot), book(carla, slot)]

    told = service.cancel_slot_meeting(actor_of(anna), slot, slot.meetings[1].id, reason="Malattia", now=NOW)

    assert 2 == told
    assert [[MeetingStatus.PLANNED, MeetingStatus.CANCELLED]] * 2 == [states(booking) for booking in bookings]
    assert {bruno.email, carla.email} == {message.recipient for message in letters("booking-date-cancelled")}
    with pytest.raises(rules.DateIsOff):
        service.cancel_slot_meeting(actor_of(anna), slot, slot.meetings[1].id, reason="Malattia", now=NOW)
    assert () == audit.violations()


def asked(bruno: User) -> Booking:
    """A booking that waits for the provider's yes."""
    return book(bruno, make_slot(edition=make_edition(auto_accept=False, acceptance_text="A presto!")))


def test_a_request_is_approved_once_with_the_editions_words(app: Flask, anna: User, bruno: User) -> None:
    booking = asked(bruno)

    service.approve(actor_of(anna), booking, now=NOW)

    assert (BookingStatus.CONFIRMED, anna.id, "A presto!") == (
        booking.status,
        booking.decided_by,
        booking.decision_message,
    )
    (letter,) = letters("booking-confirmed")
    assert "A presto!" in letter.body
    with pytest.raises(rules.AlreadyDecided):
        service.approve(actor_of(anna), booking, now=NOW)
    with pytest.raises(rules.AlreadyDecided):
        service.decline(actor_of(anna), booking, message="No", now=NOW)


def test_a_request_declined_gives_its_place_to_the_class_that_waits(
    app: Flask, anna: User, bruno: User, carla: User
) -> None:
    booking = asked(bruno)
    assert booking.slot is not None
    waiting = service.join(actor_of(carla), booking.slot, party(carla), now=NOW)

    service.decline(actor_of(anna), booking, message="Non questa volta", now=NOW)

    assert (BookingStatus.DECLINED, WaitingStatus.OFFERED) == (booking.status, waiting.status)
    (letter,) = letters("booking-declined")
    assert "Non questa volta" in letter.body
    assert () == audit.violations()


def test_many_are_decided_at_once_and_what_cannot_be_says_why(app: Flask, anna: User, bruno: User) -> None:
    first, second, dateless = asked(bruno), asked(bruno), make_request(bruno)
    service.approve(actor_of(anna), second, now=NOW)

    decided = service.decide_all(
        actor_of(anna), [first, second, dateless], is_approval=True, message="Benvenuti", now=NOW
    )

    assert (first,) == decided.done
    assert {second.id: rules.AlreadyDecided, dateless.id: rules.NoDatesYet} == {
        booking.id: type(no) for booking, no in decided.refused
    }
    assert "Benvenuti" == first.decision_message


def test_those_decide_whom_it_concerns(app: Flask, bruno: User, dario: User) -> None:
    booking = asked(bruno)

    for person in (bruno, dario):
        with pytest.raises(NotYours):
            service.approve(actor_of(person), booking, now=NOW)
        with pytest.raises(NotYours):
            service.decide_all(actor_of(person), [booking], is_approval=False, message="No", now=NOW)
    service.approve(actor_of(provider_of(booking.edition)), booking, now=NOW)

    db.session.flush()
    assert BookingStatus.CONFIRMED is booking.status
