"""Re-checks the whole database for what must never be: overbooking, double booking, orphans.

Reads with plain queries of its own and knows nothing of the code that writes bookings, so that a mistake there is
not repeated here. Is not the trail of who did what (`core.audit`). Reads all bookings; meant for a command.
"""

import uuid
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from prevention.booking import audit_days, audit_rooms, audit_sums
from prevention.booking.models import Booking, BookingMeeting, BookingWish, Slot, SlotHold, SlotMeeting
from prevention.booking.rules import STANDING, BookingStatus, MeetingStatus, SlotStatus
from prevention.core import clock
from prevention.core.db import db
from prevention.programmes.models import Edition
from prevention.schools.models import SchoolClass


class Fault(StrEnum):
    """What can be wrong."""

    OVERBOOKED = "more bookings than places"
    WRONG_COUNT = "places taken differ from confirmed bookings"
    CLASS_TWICE_IN_EDITION = "a class is booked twice for one edition"
    CLASS_IN_TWO_PLACES = "a class has two dates at one time"
    FACILITATOR_IN_TWO_PLACES = "a facilitator has classes of two slots at one time"
    FACILITATOR_IN_TWO_SLOTS = "a facilitator has published two slots at one time"
    BOOKED_ON_CANCELLED_SLOT = "a confirmed booking of dates that were called off"
    NO_DATES = "a confirmed booking without a date"
    STRAY_DATE = "a date does not share the state of its booking"
    OTHER_EDITION = "a booking belongs to another edition than its slot"
    KEPT_TOO_MUCH = "more places booked and held than there are"
    NO_WISH = "a request without dates has no wish"
    OTHER_YEAR = "a class of another school year than the edition"
    NO_LESSONS = "a date ahead on a day without lessons"
    SLOT_COUNT = "places taken of a slot differ from those of its dates"
    OFFERED_TOO_MUCH = "more places booked, held and offered to waiting classes than there are"
    ROOM_IN_TWO_PLACES = "a room has two dates at one time"
    ROOM_ELSEWHERE = "a room of another site than the dates"
    TRAVEL_TOO_SHORT = "a date ahead that its facilitator cannot reach in time"
    OUTSIDE_BELLS = "a date ahead outside the school's bell times"


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """One thing that is wrong: what, and the id of the row to look at first."""

    fault: Fault
    row_id: uuid.UUID


def violations() -> tuple[Violation, ...]:
    """Find everything that is wrong; an empty tuple is what one wants to see."""
    found = [
        Violation(fault=fault, row_id=row_id) for fault, query in _checks() for row_id in db.session.scalars(query)
    ]
    now = clock.now()
    found += [Violation(fault=Fault.NO_LESSONS, row_id=each) for each in audit_days.on_days_without_lessons(now=now)]
    found += [Violation(fault=Fault.OUTSIDE_BELLS, row_id=each) for each in audit_days.outside_bell_times(now=now)]
    found += [Violation(fault=Fault.OFFERED_TOO_MUCH, row_id=each) for each in audit_sums.offered_too_much(now=now)]
    found += [Violation(fault=Fault.TRAVEL_TOO_SHORT, row_id=each) for each in audit_sums.ways_too_short(now=now)]
    found += [
        Violation(fault=Fault.SLOT_COUNT, row_id=each) for each in audit_sums.slots_that_differ_from_their_dates()
    ]
    return tuple(sorted(set(found), key=lambda violation: (violation.fault, violation.row_id)))


def _checks() -> tuple[tuple[Fault, Select[uuid.UUID]], ...]:
    return (
        (Fault.OVERBOOKED, select(SlotMeeting.id).where(_taken_on_date() > SlotMeeting.places)),
        (Fault.WRONG_COUNT, select(SlotMeeting.id).where(_taken_on_date() != SlotMeeting.places_taken)),
        *((Fault.ROOM_IN_TWO_PLACES, query) for query in audit_rooms.in_two_places()),
        *((Fault.ROOM_ELSEWHERE, query) for query in audit_rooms.elsewhere()),
        (Fault.CLASS_TWICE_IN_EDITION, _class_twice()),
        (Fault.CLASS_IN_TWO_PLACES, _class_in_two_places()),
        (Fault.FACILITATOR_IN_TWO_PLACES, _facilitator_in_two_places()),
        (Fault.FACILITATOR_IN_TWO_SLOTS, _facilitator_in_two_slots()),
        (
            Fault.BOOKED_ON_CANCELLED_SLOT,
            select(Booking.id).join(Slot).where(_is_confirmed(), Slot.status == SlotStatus.CANCELLED),
        ),
        (
            Fault.NO_DATES,
            select(Booking.id).where(
                _is_confirmed(), ~select(BookingMeeting.id).where(BookingMeeting.booking_id == Booking.id).exists()
            ),
        ),
        (
            Fault.STRAY_DATE,
            select(BookingMeeting.id)
            .join(Booking)
            .where(BookingMeeting.status == MeetingStatus.PLANNED, Booking.status.not_in(STANDING)),
        ),
        (Fault.OTHER_EDITION, select(Booking.id).join(Slot).where(Booking.edition_id != Slot.edition_id)),
        (
            Fault.KEPT_TOO_MUCH,
            select(SlotMeeting.id).where(SlotMeeting.places_taken + _held_on_date() > SlotMeeting.places),
        ),
        (
            Fault.NO_WISH,
            select(Booking.id).where(
                Booking.status == BookingStatus.REQUESTED,
                Booking.slot_id.is_(None),
                Booking.id.not_in(select(BookingWish.booking_id)),
            ),
        ),
        (
            Fault.OTHER_YEAR,
            select(Booking.id)
            .join(Edition, Booking.edition_id == Edition.id)
            .join(SchoolClass, Booking.school_class_id == SchoolClass.id)
            .where(SchoolClass.school_year != Edition.school_year),
        ),
    )


def _is_confirmed() -> ColumnElement[bool]:
    return Booking.status == BookingStatus.CONFIRMED


def _taken_on_date() -> ScalarSelect[int]:
    return (
        select(func.coalesce(func.sum(Booking.places), 0))
        .join(BookingMeeting, BookingMeeting.booking_id == Booking.id)
        .where(BookingMeeting.slot_meeting_id == SlotMeeting.id, *_are_planned(BookingMeeting), *_hold(Booking))
        .correlate(SlotMeeting)
        .scalar_subquery()
    )


def _held_on_date() -> ScalarSelect[int]:
    return (
        select(func.coalesce(func.sum(SlotHold.places), 0))
        .where(SlotHold.slot_meeting_id == SlotMeeting.id, SlotHold.expires_at > clock.now())
        .correlate(SlotMeeting)
        .scalar_subquery()
    )


def _class_twice() -> Select[uuid.UUID]:
    first, second = aliased(Booking), aliased(Booking)
    return select(first.id).join(
        second,
        and_(
            first.id < second.id,
            first.edition_id == second.edition_id,
            first.school_class_id == second.school_class_id,
            *_hold(first, second),
        ),
    )


def _class_in_two_places() -> Select[uuid.UUID]:
    # Joined through the class first: comparing the times of all dates with each other would take minutes.
    first, second = aliased(Booking), aliased(Booking)
    one, other = aliased(BookingMeeting), aliased(BookingMeeting)
    return (
        select(one.id)
        .join(first, one.booking_id == first.id)
        .join(second, and_(second.school_class_id == first.school_class_id, first.id <= second.id))
        .join(other, and_(other.booking_id == second.id, one.id != other.id))
        .where(*_overlap(one, other), *_hold(first, second), *_are_planned(one, other))
    )


def _facilitator_in_two_places() -> Select[uuid.UUID]:
    # Classes that share the dates of one slot meet the facilitator together: that is no fault.
    first, second = aliased(Booking), aliased(Booking)
    one, other = aliased(BookingMeeting), aliased(BookingMeeting)
    return (
        select(one.id)
        .join(other, and_(other.facilitator_id == one.facilitator_id, one.id < other.id))
        .join(first, one.booking_id == first.id)
        .join(second, other.booking_id == second.id)
        .where(
            or_(one.slot_meeting_id.is_(None), one.slot_meeting_id.is_distinct_from(other.slot_meeting_id)),
            *_overlap(one, other),
            *_hold(first, second),
            *_are_planned(one, other),
        )
    )


def _facilitator_in_two_slots() -> Select[uuid.UUID]:
    first, second = aliased(Slot), aliased(Slot)
    one, other = aliased(SlotMeeting), aliased(SlotMeeting)
    return (
        select(one.id)
        .join(first, one.slot_id == first.id)
        .join(second, and_(second.facilitator_id == first.facilitator_id, first.id < second.id))
        .join(other, other.slot_id == second.id)
        .where(*_overlap(one, other), first.status == SlotStatus.OPEN, second.status == SlotStatus.OPEN)
    )


def _overlap(
    one: type[BookingMeeting] | type[SlotMeeting], other: type[BookingMeeting] | type[SlotMeeting]
) -> tuple[ColumnElement[bool], ...]:
    return one.starts_at < other.ends_at, other.starts_at < one.ends_at


def _hold(*bookings: type[Booking]) -> tuple[ColumnElement[bool], ...]:
    return tuple(booking.status.in_(STANDING) for booking in bookings)


def _are_planned(*dates: type[BookingMeeting]) -> tuple[ColumnElement[bool], ...]:
    return tuple(date.status == MeetingStatus.PLANNED for date in dates)
