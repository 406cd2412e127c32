"""Re-checks that no room holds two different dates at one time. Part of `audit`, which says how it reads."""

import uuid

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import aliased

from prevention.booking.models import Booking, BookingMeeting, Slot, SlotMeeting
from prevention.booking.rules import STANDING, MeetingStatus, SlotStatus
from prevention.schools.models import SchoolClass
from prevention.schools.time_models import Room


def in_two_places() -> tuple[Select[uuid.UUID], ...]:
    """Select dates whose room has another date then: of two bookings, of two slots, of a booking and a slot."""
    return _two_bookings(), _two_slots(), _booking_and_slot()


def elsewhere() -> tuple[Select[uuid.UUID], ...]:
    """Select slots whose room is not at their site, and dates at a class's own school in a room of another."""
    return (
        select(Slot.id).join(Room, Slot.room_id == Room.id).where(Slot.site_id.is_distinct_from(Room.site_id)),
        select(BookingMeeting.id)
        .join(Booking, BookingMeeting.booking_id == Booking.id)
        .join(SchoolClass, Booking.school_class_id == SchoolClass.id)
        .join(Room, BookingMeeting.room_id == Room.id)
        .outerjoin(Slot, Booking.slot_id == Slot.id)
        .where(Slot.site_id.is_(None), Room.site_id != SchoolClass.site_id),
    )


def _two_bookings() -> Select[uuid.UUID]:
    # Classes on one date of a slot share the room: that is no fault.
    first, second = aliased(Booking), aliased(Booking)
    one, other = aliased(BookingMeeting), aliased(BookingMeeting)
    return (
        select(one.id)
        .join(other, and_(other.room_id == one.room_id, one.id < other.id))
        .join(first, one.booking_id == first.id)
        .join(second, other.booking_id == second.id)
        .where(
            or_(one.slot_meeting_id.is_(None), one.slot_meeting_id.is_distinct_from(other.slot_meeting_id)),
            one.starts_at < other.ends_at,
            other.starts_at < one.ends_at,
            one.status == MeetingStatus.PLANNED,
            other.status == MeetingStatus.PLANNED,
            first.status.in_(STANDING),
            second.status.in_(STANDING),
        )
    )


def _two_slots() -> Select[uuid.UUID]:
    first, second = aliased(Slot), aliased(Slot)
    one, other = aliased(SlotMeeting), aliased(SlotMeeting)
    return (
        select(one.id)
        .join(first, one.slot_id == first.id)
        .join(second, and_(second.room_id == first.room_id, first.id < second.id))
        .join(other, other.slot_id == second.id)
        .where(
            one.starts_at < other.ends_at,
            other.starts_at < one.ends_at,
            one.status == MeetingStatus.PLANNED,
            other.status == MeetingStatus.PLANNED,
            first.status == SlotStatus.OPEN,
            second.status == SlotStatus.OPEN,
        )
    )


def _booking_and_slot() -> Select[uuid.UUID]:
    return (
        select(BookingMeeting.id)
        .join(Booking, BookingMeeting.booking_id == Booking.id)
        .join(Slot, Slot.room_id == BookingMeeting.room_id)
        .join(SlotMeeting, SlotMeeting.slot_id == Slot.id)
        .where(
            BookingMeeting.slot_meeting_id.is_distinct_from(SlotMeeting.id),
            BookingMeeting.starts_at < SlotMeeting.ends_at,
            SlotMeeting.starts_at < BookingMeeting.ends_at,
            BookingMeeting.status == MeetingStatus.PLANNED,
            SlotMeeting.status == MeetingStatus.PLANNED,
            Booking.status.in_(STANDING),
            Slot.status == SlotStatus.OPEN,
        )
    )
