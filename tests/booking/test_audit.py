"""The audit finds each fault by itself, and nothing where nothing is wrong."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time

import pytest
from flask import Flask
from sqlalchemy import delete, text, update

from prevention.accounts.models import User
from prevention.booking import audit
from prevention.booking.audit import Fault
from prevention.booking.models import BookingMeeting, BookingWish, Slot
from prevention.booking.rules import BookingStatus, MeetingStatus, SlotStatus, WaitingStatus
from prevention.core import clock
from prevention.core.db import db
from prevention.schools.school_time import BellPlan
from tests.factories.booking import (
    FIRST_START,
    HOUR,
    make_booking,
    make_hold,
    make_request,
    make_slot,
    make_waiting_class,
)
from tests.factories.programmes import make_edition
from tests.factories.school_time import make_bells, make_closure, make_room
from tests.factories.schools import make_school_class, make_site

DAMAGES: dict[Fault, Callable[[User], object]] = {}


def damage(fault: Fault) -> Callable[[Callable[[User], object]], Callable[[User], object]]:
    """Remember how to bring a fault about behind the back of the code that prevents it."""

    def remember(make: Callable[[User], object]) -> Callable[[User], object]:
        DAMAGES[fault] = make
        return make

    return remember


@damage(Fault.NO_LESSONS)
def _closed_later(person: User) -> object:
    booking = make_booking(person)
    make_closure(institute_id=booking.school_class.site.institute_id)
    return booking.meetings[0].id


@damage(Fault.OUTSIDE_BELLS)
def _shorter_days_later(person: User) -> object:
    booking = make_booking(person)
    make_bells(booking.school_class.site, BellPlan(starts=time(11), hours=2, minutes=60, weekdays=(1,)))
    return booking.meetings[0].id


@damage(Fault.WRONG_COUNT)
def _count(person: User) -> object:
    slot = make_slot(places=2)
    make_booking(person, slot=slot)
    slot.meetings[0].places_taken = 2
    return slot.meetings[0].id


@damage(Fault.OVERBOOKED)
def _overbook(person: User) -> object:
    slot = make_slot()
    make_booking(person, slot=slot)
    other = make_booking(person, slot=make_slot(edition=slot.edition, starts=[FIRST_START + 2 * HOUR]))
    other.slot.places_taken = other.slot.meetings[0].places_taken = 0
    other.slot_id = slot.id
    other.meetings[0].slot_meeting_id = slot.meetings[0].id
    return slot.meetings[0].id


@damage(Fault.CLASS_IN_TWO_PLACES)
def _same_time(person: User) -> object:
    school_class = make_school_class()
    make_booking(person, school_class=school_class)
    make_booking(person, school_class=school_class, slot=make_slot(starts=[FIRST_START + HOUR / 2]))
    return None


@damage(Fault.FACILITATOR_IN_TWO_PLACES)
def _two_classes(person: User) -> object:
    for start in (FIRST_START, FIRST_START + HOUR / 2):
        make_booking(person, slot=make_slot(facilitator_id=person.id, starts=[start]))
    return None


@damage(Fault.FACILITATOR_IN_TWO_SLOTS)
def _two_slots(person: User) -> object:
    for start in (FIRST_START, FIRST_START + HOUR / 2):
        make_slot(facilitator_id=person.id, starts=[start])
    return None


@damage(Fault.BOOKED_ON_CANCELLED_SLOT)
def _called_off(person: User) -> object:
    booking = make_booking(person)
    booking.slot.status = SlotStatus.CANCELLED
    return booking.id


@damage(Fault.NO_DATES)
def _dateless(person: User) -> object:
    booking = make_booking(person)
    db.session.execute(delete(BookingMeeting).where(BookingMeeting.booking_id == booking.id))
    return booking.id


@damage(Fault.STRAY_DATE)
def _stray(person: User) -> object:
    booking = make_booking(person, status=BookingStatus.CANCELLED)
    return booking.meetings[0].id


@damage(Fault.OTHER_EDITION)
def _other_edition(person: User) -> object:
    booking = make_booking(person)
    booking.edition = make_edition()
    return booking.id


@damage(Fault.KEPT_TOO_MUCH)
def _held_twice(person: User) -> object:
    slot = make_slot()
    make_booking(person, slot=slot)
    make_hold(person, slot)
    return slot.meetings[0].id


@damage(Fault.NO_WISH)
def _no_wish(person: User) -> object:
    booking = make_request(person)
    db.session.execute(delete(BookingWish).where(BookingWish.booking_id == booking.id))
    return booking.id


@damage(Fault.OTHER_YEAR)
def _other_year(person: User) -> object:
    return make_booking(person, school_class=make_school_class(school_year=2025)).id


@damage(Fault.SLOT_COUNT)
def _slot_counts_otherwise(person: User) -> object:
    booking = make_booking(person, slot=make_slot(places=3))
    db.session.execute(text("UPDATE slot SET places_taken = 2"))
    return booking.slot_id


@damage(Fault.OFFERED_TOO_MUCH)
def _offered_what_is_gone(person: User) -> object:
    slot = make_slot(places=3)
    make_booking(person, slot=slot)
    make_hold(person, slot)
    for _class in range(2):
        make_waiting_class(person, slot)
    db.session.flush()
    db.session.execute(text("UPDATE waiting_class SET status = 'offered', offer_expires_at = '2027-01-01 00:00:00+00'"))
    return slot.meetings[0].id


@damage(Fault.ROOM_IN_TWO_PLACES)
def _two_dates_in_a_room(person: User) -> object:
    room = make_room()
    for start in (FIRST_START, FIRST_START + HOUR / 2):
        make_booking(person, slot=make_slot(site=room.site, starts=[start]))
    db.session.execute(update(BookingMeeting).values(room_id=room.id))
    return None


@damage(Fault.ROOM_ELSEWHERE)
def _room_of_another_site(person: User) -> object:
    slot = make_slot(site=make_site())
    db.session.execute(update(Slot).values(room_id=make_room().id))
    return slot.id


@damage(Fault.TRAVEL_TOO_SHORT)
def _no_time_for_the_way(person: User) -> object:
    # Between places without a known centre the way is taken to last 45 minutes.
    _first, second = (
        make_booking(person, slot=make_slot(facilitator_id=person.id, starts=[FIRST_START + hours * HOUR]))
        for hours in (0, 3)
    )
    assert () == audit.violations()
    db.session.execute(
        update(BookingMeeting)
        .where(BookingMeeting.id == second.meetings[0].id)
        .values(starts_at=FIRST_START + 1.5 * HOUR, ends_at=FIRST_START + 2 * HOUR)
    )
    return second.meetings[0].id


@pytest.mark.parametrize("fault", sorted(DAMAGES))
def test_each_fault_is_found(app: Flask, anna: User, fault: Fault) -> None:
    row_id = DAMAGES[fault](anna)
    db.session.flush()

    found = audit.violations()

    assert fault in {violation.fault for violation in found}
    if row_id is not None:
        assert row_id in {violation.row_id for violation in found if violation.fault is fault}


def test_two_slots_in_a_room_and_a_booking_beside_a_slot_are_found_too(app: Flask, anna: User) -> None:
    room = make_room()
    one, other = (make_slot(site=room.site, starts=[FIRST_START + hours * HOUR]) for hours in (0, 0.5))
    db.session.execute(update(Slot).values(room_id=room.id))
    assert {Fault.ROOM_IN_TWO_PLACES} == {each.fault for each in audit.violations()}

    db.session.execute(update(Slot).where(Slot.id == one.id).values(room_id=None))
    assert () == audit.violations()

    booking = make_booking(anna, slot=one)
    db.session.execute(update(BookingMeeting).values(room_id=other.room_id or room.id))
    assert {(Fault.ROOM_IN_TWO_PLACES, booking.meetings[0].id)} == {(e.fault, e.row_id) for e in audit.violations()}


def test_offers_that_ran_out_keep_nothing(app: Flask, anna: User) -> None:
    slot = make_slot()
    make_booking(anna, slot=slot)
    make_waiting_class(anna, slot, status=WaitingStatus.OFFERED, offer_expires_at=clock.now() - HOUR)

    assert () == audit.violations()


def test_a_way_within_one_school_takes_no_time(app: Flask, anna: User) -> None:
    site = make_site()
    for hours in (0, 1):
        make_booking(
            anna,
            slot=make_slot(facilitator_id=anna.id, starts=[FIRST_START + hours * HOUR]),
            school_class=make_school_class(site=site),
        )

    assert () == audit.violations()


def test_every_fault_but_the_impossible_one_has_its_test() -> None:
    """The index does not let a class be booked twice for an edition; see the test below."""
    assert {Fault.CLASS_TWICE_IN_EDITION} == set(Fault) - set(DAMAGES)


def test_a_class_booked_twice_is_found_when_the_index_is_gone(app: Flask, anna: User) -> None:
    db.session.execute(text("DROP INDEX uq_booking_standing_edition_class"))
    school_class = make_school_class()
    slot = make_slot()
    make_booking(anna, slot=slot, school_class=school_class)
    later = make_slot(edition=slot.edition, starts=[FIRST_START + 3 * HOUR])
    make_booking(anna, slot=later, school_class=school_class)

    assert {Fault.CLASS_TWICE_IN_EDITION} == {violation.fault for violation in audit.violations()}


def test_what_is_in_order_is_left_in_peace(app: Flask, anna: User) -> None:
    """Classes that share one slot, a class with two dates that touch, a cancelled booking: no fault."""
    school_class = make_school_class()
    shared = make_slot(places=3, facilitator_id=anna.id)
    make_booking(anna, slot=shared, school_class=school_class)
    make_booking(anna, slot=shared)
    make_booking(anna, slot=make_slot(starts=[FIRST_START + HOUR]), school_class=school_class)
    cancelled = make_booking(anna, status=BookingStatus.CANCELLED, school_class=school_class)
    cancelled.meetings[0].status = MeetingStatus.CANCELLED
    db.session.flush()

    assert () == audit.violations()


def test_the_command_lists_what_is_wrong_and_fails(app: Flask, anna: User) -> None:
    slot = make_slot(places=2)
    slot.meetings[0].places_taken = 1
    db.session.flush()

    result = app.test_cli_runner().invoke(args=["booking", "audit"])

    assert 1 == result.exit_code
    assert f"{Fault.WRONG_COUNT.value}: {slot.meetings[0].id}" in result.output


def test_the_command_is_content_with_an_empty_database(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["booking", "audit"])

    assert (0, "0 found\n") == (result.exit_code, result.output)


def test_the_audit_finds_open_dates_outside_the_year(bruno: User) -> None:
    slot = make_slot(starts=[datetime(2027, 7, 13, 9, 0, tzinfo=UTC)])

    assert {slot.meetings[0].id} == {each.row_id for each in audit.violations()}


def test_the_audit_leaves_alone_whom_a_closure_is_not_for(bruno: User) -> None:
    booking = make_booking(bruno)
    make_closure(institute_id=booking.school_class.site.institute_id, grades=[booking.school_class.grade + 1])
    make_closure(institute_id=make_school_class().site.institute_id)

    assert () == audit.violations()


def test_what_lies_behind_is_history_and_no_fault(bruno: User) -> None:
    booking = make_booking(bruno, slot=make_slot(starts=[datetime(2026, 10, 13, 9, 0, tzinfo=UTC)]))
    make_closure(institute_id=booking.school_class.site.institute_id, first_day=date(2026, 10, 13))

    assert () == audit.violations()
