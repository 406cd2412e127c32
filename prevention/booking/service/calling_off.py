"""Calling off: a booking, one of its dates, a slot, one of its dates; each once, and everybody concerned is told.

What becomes free goes to the classes that wait, before anybody else sees it.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from prevention.booking import letters, rules
from prevention.booking.models import Booking, BookingMeeting, Slot, SlotMeeting
from prevention.booking.rules import STANDING, BookingStatus, MeetingStatus, SlotStatus
from prevention.booking.service import class_facts, places, slots, waiting
from prevention.booking.service.agenda import with_all
from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db


def cancel(actor: Actor, booking: Booking, *, reason: str, now: datetime) -> Booking:
    """Call a booking off: its places are free again, its dates are off, everybody concerned is told. Flushes.

    Raises:
        AlreadyCancelled: it was off before; nothing happens a second time.
        AlreadyStarted: its first date has begun.
    """
    rules.check_cancel(status=booking.status, first_start=_first_start(booking.meetings), now=now)
    if not _call_off(booking, actor=actor, reason=reason, now=now):
        raise rules.AlreadyCancelled
    letters.called_off(booking, now=now)
    if booking.slot is not None:
        waiting.pass_on(booking.slot, now=now)
    return booking


def cancel_meeting(actor: Actor, booking: Booking, meeting: BookingMeeting, *, reason: str, now: datetime) -> None:
    """Call one date of a booking off; with its last date the whole booking is off. Flushes.

    Raises:
        DateIsOff: it, or the booking, was off before.
        DateIsOver: it has begun.
    """
    # Who moves it holds the class: what they wrote is read anew.
    class_facts.lock_classes([booking.school_class], booking.edition)
    db.session.refresh(meeting, ["status", "starts_at", "slot_meeting_id"])
    rules.check_call_date_off(
        is_standing=booking.status in STANDING, status=meeting.status, starts_at=meeting.starts_at, now=now
    )
    slots_of_it = _slots_of(meeting)
    places.lock(*slots_of_it)
    if not _set_off(booking, meeting):
        raise rules.DateIsOff
    for slot in slots_of_it:
        left = [date for date in slot.meetings if date.id == meeting.slot_meeting_id]
        places.release(slot, left, places=booking.places)
    audit.record(actor, "booking.date_cancelled", booking.id, number=meeting.number)
    if all(each.status is MeetingStatus.CANCELLED for each in booking.meetings):
        _call_off(booking, actor=actor, reason=reason, now=now)
        letters.called_off(booking, now=now)
    else:
        letters.date_cancelled(booking, [meeting], reason=reason, now=now)
    for slot in slots_of_it:
        waiting.pass_on(slot, now=now)


def cancel_slot(actor: Actor, slot: Slot, *, reason: str, now: datetime) -> int:
    """Call dated places off with all their bookings, and tell every class, also those that wait. Flushes.

    Returns:
        How many bookings were called off.

    Raises:
        AlreadyCancelled: they were off before.
        AlreadyStarted: the first date has begun.
    """
    _check_cancel_slot(slot, now=now)
    # The slot first: a claim that is under way is then either in the list below or refused.
    places.lock(slot)
    if not slots.close_slot(slot):
        raise rules.AlreadyCancelled
    called_off = 0
    for booking in _standing_bookings(slot):
        if _call_off(booking, actor=actor, reason=reason, now=now):
            letters.slot_called_off(booking, now=now)
            called_off += 1
    waiting.close(slot, reason=reason)
    audit.record(actor, "booking.slot_cancelled", slot.id, bookings=called_off)
    return called_off


def cancel_slot_meeting(actor: Actor, slot: Slot, date_id: uuid.UUID, *, reason: str, now: datetime) -> int:
    """Call one date of a slot off; every class that had it loses that date and is told. Flushes.

    Returns:
        How many bookings lost a date.

    Raises:
        NotYours: the slot has no such date.
        DateIsOff: it was off before.
        DateIsOver: it has begun.
    """
    places.lock(slot)
    date = next((each for each in slot.meetings if each.id == date_id), None)
    if date is None:
        raise NotYours(date_id)
    rules.check_call_date_off(
        is_standing=slot.status is SlotStatus.OPEN, status=date.status, starts_at=date.starts_at, now=now
    )
    concerned = [
        (booking, meeting)
        for booking in _bookings_on(date)
        for meeting in booking.meetings
        if meeting.slot_meeting_id == date.id and meeting.status is MeetingStatus.PLANNED
    ]
    for booking, meeting in concerned:
        _set_off(booking, meeting)
    date.status, date.places_taken = MeetingStatus.CANCELLED, 0
    db.session.flush()
    places.recount(slot)
    audit.record(actor, "booking.slot_date_cancelled", slot.id, number=date.number, bookings=len(concerned))
    for booking, meeting in concerned:
        if all(each.status is MeetingStatus.CANCELLED for each in booking.meetings):
            _call_off(booking, actor=actor, reason=reason, now=now)
            letters.slot_called_off(booking, now=now)
        else:
            letters.date_cancelled(booking, [meeting], reason=reason, now=now)
    waiting.pass_on(slot, now=now)
    return len(concerned)


def can_cancel(booking: Booking, *, now: datetime) -> bool:
    """Say whether a booking can be called off now."""
    try:
        rules.check_cancel(status=booking.status, first_start=_first_start(booking.meetings), now=now)
    except rules.BookingRefusal:
        return False
    return True


def can_cancel_slot(slot: Slot, *, now: datetime) -> bool:
    """Say whether dated places can be called off now."""
    try:
        _check_cancel_slot(slot, now=now)
    except rules.BookingRefusal:
        return False
    return True


def release_booking(booking: Booking, *, to: BookingStatus, values: dict[str, object]) -> bool:
    """Take a standing booking's places and dates away and give it another state; say whether this call did it.

    The state is claimed by one conditional UPDATE: of two who call off, decline or approve at once, one succeeds.
    """
    # Slots before the booking, as `cancel_slot` takes them: two who lock in opposite orders would wait for each other.
    held_slots = _lock_slots_with_places(booking)
    held = places.dates_held_by(booking)
    before = STANDING if to is BookingStatus.CANCELLED else (BookingStatus.REQUESTED,)
    changed = db.session.scalar(
        update(Booking)
        .where(
            Booking.id == booking.id,
            Booking.status.in_(before),
        )
        .values(status=to, **values)
        .returning(Booking.id)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(booking, ["status", *values])
    if changed is None:
        return False
    for slot in held_slots:
        places.release(slot, [date for date in held if date.slot_id == slot.id], places=booking.places)
    db.session.execute(
        update(BookingMeeting)
        .where(BookingMeeting.booking_id == booking.id, BookingMeeting.status == MeetingStatus.PLANNED)
        .values(status=MeetingStatus.CANCELLED, sequence=BookingMeeting.sequence + 1)
        .execution_options(synchronize_session=False)
    )
    for meeting in booking.meetings:
        db.session.expire(meeting, ["status", "sequence"])
    return True


def _call_off(booking: Booking, *, actor: Actor, reason: str, now: datetime) -> bool:
    values: dict[str, object] = {"cancelled_by": actor.id, "cancelled_at": now, "cancel_reason": reason}
    if not release_booking(booking, to=BookingStatus.CANCELLED, values=values):
        return False
    audit.record(actor, "booking.cancelled", booking.id, slot=str(booking.slot_id))
    return True


def _set_off(booking: Booking, meeting: BookingMeeting) -> bool:
    changed = db.session.scalar(
        update(BookingMeeting)
        .where(BookingMeeting.id == meeting.id, BookingMeeting.status == MeetingStatus.PLANNED)
        .values(status=MeetingStatus.CANCELLED, sequence=BookingMeeting.sequence + 1)
        .returning(BookingMeeting.id)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(meeting, ["status", "sequence"])
    return changed is not None


def _slots_of(meeting: BookingMeeting) -> list[Slot]:
    if meeting.slot_meeting_id is None:
        return []
    return [db.session.get_one(SlotMeeting, meeting.slot_meeting_id).slot]


def _lock_slots_with_places(booking: Booking) -> list[Slot]:
    """Lock the slots on which a booking takes places; a date that is moved meanwhile is followed to its new slot."""
    locked: dict[uuid.UUID, Slot] = {}
    while found := {key: slot for key, slot in _slots_with_places(booking).items() if key not in locked}:
        places.lock(*found.values())
        locked |= found
        for meeting in booking.meetings:
            db.session.expire(meeting, ["status", "slot_meeting_id", "sequence"])
    return list(locked.values())


def _slots_with_places(booking: Booking) -> dict[uuid.UUID, Slot]:
    found = {date.slot_id: date.slot for date in places.dates_held_by(booking)}
    if booking.slot is not None:
        found[booking.slot.id] = booking.slot
    return found


def _standing_bookings(slot: Slot) -> Sequence[Booking]:
    return db.session.scalars(
        with_all(select(Booking)).where(Booking.slot_id == slot.id, Booking.status.in_(STANDING))
    ).all()


def _bookings_on(date: SlotMeeting) -> Sequence[Booking]:
    on_it = select(BookingMeeting.booking_id).where(BookingMeeting.slot_meeting_id == date.id)
    return (
        db.session.scalars(with_all(select(Booking)).where(Booking.id.in_(on_it), Booking.status.in_(STANDING)))
        .unique()
        .all()
    )


def _check_cancel_slot(slot: Slot, *, now: datetime) -> None:
    status = BookingStatus.CANCELLED if slot.status is SlotStatus.CANCELLED else BookingStatus.CONFIRMED
    first = min((date.starts_at for date in slot.meetings), default=None)
    rules.check_cancel(status=status, first_start=first, now=now)


def _first_start(meetings: Sequence[BookingMeeting]) -> datetime | None:
    return min((meeting.starts_at for meeting in meetings), default=None)
