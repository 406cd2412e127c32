"""Moving one date of a booking by oneself, or bringing one back: to another date on offer, or to a time of one's own.

The date keeps its id, which is the UID of its calendar entry; its SEQUENCE rises.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, lazyload

from prevention.accounts.models import User
from prevention.booking import letters, rules
from prevention.booking.models import Booking, BookingMeeting, Slot, SlotMeeting, WaitingClass
from prevention.booking.rules import ON_THE_LIST, STANDING, Host, MeetingStatus, SlotStatus, Span
from prevention.booking.service import class_facts, own_rooms, places, rooms, slots, waiting
from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.programmes.models import Edition


@dataclass(frozen=True, kw_only=True, slots=True)
class _Aim:
    """Where a date is to go: its time, who leads it, in which room, and the slot's date it takes places on, if any."""

    span: Span
    date: SlotMeeting | None
    facilitator_id: uuid.UUID | None = None
    room_id: uuid.UUID | None = None


def meeting_of(booking: Booking, meeting_id: uuid.UUID) -> BookingMeeting:
    """Give a date of a booking.

    Raises:
        NotYours: the booking has no such date.
    """
    for meeting in booking.meetings:
        if meeting.id == meeting_id:
            return meeting
    raise NotYours(meeting_id)


def move_to_date(
    actor: Actor, booking: Booking, meeting: BookingMeeting, date_id: uuid.UUID, *, reason: str = "", now: datetime
) -> None:
    """Move a date of a booking to a date on offer, or bring it back there. Flushes.

    Raises:
        NotATarget: the date is none to which this one can go.
        DateIsOff, DateIsOver, SameTime, OutOfOrder: as `rules.check_move` says.
        SlotFull, OthersWaiting, PlacesHeld, SlotCancelled: there is no place on it.
        OutsideSchoolYear, SchoolClosed, OutsideBellTimes: the class has no lessons then.
        HostClosed: the school where it takes place has none.
        ClassBusy, FacilitatorAway, FacilitatorBusy, TravelTooShort, RoomBusy: somebody cannot be there, or the room is
            taken.
    """
    date = next((each for each in candidates(booking, now=now) if each.id == date_id), None)
    if date is None:
        raise rules.NotATarget
    span = Span(starts_at=date.starts_at, ends_at=date.ends_at)
    _move(
        actor,
        booking,
        meeting,
        _Aim(span=span, date=date, facilitator_id=date.slot.facilitator_id, room_id=date.slot.room_id),
        reason=reason,
        now=now,
    )


def move_to_time(
    actor: Actor, booking: Booking, meeting: BookingMeeting, span: Span, *, reason: str = "", now: datetime
) -> None:
    """Move a date of a booking to a time of the class's own, with the same facilitator, or bring it back. Flushes.

    Only where it takes place at the class's own school: another place has its own hours. A date that planning gave a
    room keeps it, or gets another one that is free.

    Raises:
        NotATarget: it takes place elsewhere.
        DateIsOff, DateIsOver, SameTime, OutOfOrder: as `rules.check_move` says.
        OutsideSchoolYear, SchoolClosed, OutsideBellTimes: the class has no lessons then.
        ClassBusy, FacilitatorAway, FacilitatorBusy, TravelTooShort, RoomBusy: somebody cannot be there, or no room is
            free.
    """
    if not can_choose_time(booking):
        raise rules.NotATarget
    _move(
        actor,
        booking,
        meeting,
        _Aim(span=span, date=None),
        reason=reason,
        now=now,
    )


def can_choose_time(booking: Booking) -> bool:
    """Say whether the dates of a booking can go to a time of the class's own: they are at its own school."""
    return booking.slot is None or booking.slot.site_id is None


def can_move(booking: Booking, meeting: BookingMeeting, *, now: datetime) -> bool:
    """Say whether a date can still be moved or brought back."""
    is_ahead = meeting.starts_at > now or meeting.status is MeetingStatus.CANCELLED
    return booking.status in STANDING and is_ahead


def _move(actor: Actor, booking: Booking, meeting: BookingMeeting, aim: _Aim, *, reason: str, now: datetime) -> None:
    class_facts.lock_classes([booking.school_class], booking.edition)
    # Somebody else may have moved it while we waited: from here on it is where they put it.
    db.session.refresh(meeting, class_facts.MAY_HAVE_CHANGED)
    if aim.date is None:
        aim = replace(aim, facilitator_id=meeting.facilitator_id)
    class_facts.lock_people([aim.facilitator_id] if aim.facilitator_id else [])
    rooms.lock_room(aim.room_id)
    if can_choose_time(booking):
        aim = replace(aim, room_id=own_rooms.room_there(booking, meeting, aim.span, aim.date))
    left = _date_left(meeting)
    touched = {date.slot_id: date.slot for date in (left, aim.date) if date is not None}
    if touched:
        places.lock(*touched.values())
    # And somebody may be calling it off.
    db.session.refresh(meeting, class_facts.MAY_HAVE_CHANGED, with_for_update=True)
    db.session.refresh(booking, ["status"])
    was_off = meeting.status is MeetingStatus.CANCELLED
    check_order(booking, meeting, aim.span, now=now)
    _check_free(booking, meeting, aim)
    before = letters.Move(
        meeting=meeting,
        starts_at_before=meeting.starts_at,
        ends_at_before=meeting.ends_at,
        facilitator_before=meeting.facilitator,
        room_before=meeting.room,
    )
    _take(booking, meeting, aim, left=None if was_off else left, now=now)
    audit.record(actor, "booking.date_moved", booking.id, number=meeting.number, was_off=was_off)
    if was_off:
        letters.date_added(booking, [meeting], now=now)
    else:
        letters.moved(booking, [before], reason=reason, now=now)
    if left is not None and not was_off:
        waiting.pass_on(left.slot, now=now)


def _take(booking: Booking, meeting: BookingMeeting, aim: _Aim, *, left: SlotMeeting | None, now: datetime) -> None:
    if aim.date is not None:
        _check_places(booking, aim.date, now=now)
        places.claim(aim.date.slot, [aim.date], places=booking.places)
    if left is not None:
        places.release(left.slot, [left], places=booking.places)
    meeting.starts_at, meeting.ends_at = aim.span.starts_at, aim.span.ends_at
    meeting.slot_meeting_id = aim.date.id if aim.date is not None else None
    meeting.facilitator_id, meeting.room_id = aim.facilitator_id, aim.room_id
    meeting.status = MeetingStatus.PLANNED
    meeting.sequence += 1
    db.session.flush()
    db.session.expire(meeting, ["facilitator", "room"])


def check_order(booking: Booking, meeting: BookingMeeting, span: Span, *, now: datetime) -> None:
    """Refuse a new time as `rules.check_move` says."""
    is_on = meeting.status is MeetingStatus.PLANNED
    rules.check_move(
        span,
        number=meeting.number,
        others=[
            (other.number, Span(starts_at=other.starts_at, ends_at=other.ends_at))
            for other in booking.meetings
            if other.id != meeting.id and other.status is MeetingStatus.PLANNED
        ],
        is_standing=booking.status in STANDING,
        old=Span(starts_at=meeting.starts_at, ends_at=meeting.ends_at) if is_on else None,
        now=now,
    )


def _check_free(booking: Booking, meeting: BookingMeeting, aim: _Aim) -> None:
    known = class_facts.facts_of_classes([booking.school_class], booking.edition, but_meeting=meeting.id)
    school_class = known[booking.school_class_id]
    rules.check_days([aim.span], school_class, host=host_of(booking))
    clash = rules.first_clash([aim.span], school_class.engagements)
    if clash is not None:
        raise rules.ClassBusy(span=clash.span, booking_id=clash.source_id)
    together_with = [aim.date.id] if aim.date is not None else []
    rooms.check_free(aim.room_id, [aim.span], together_with=together_with, but_meeting=meeting.id)
    if aim.facilitator_id is None:
        return
    site = booking.slot.site if booking.slot is not None and booking.slot.site else booking.school_class.site
    class_facts.check_facilitator(
        aim.facilitator_id,
        [aim.span],
        site,
        together_with=together_with,
        but_meeting=meeting.id,
        is_published=aim.date is not None,
    )
    if aim.date is None:
        slots.check_published(aim.facilitator_id, aim.span, but_date=meeting.slot_meeting_id)


def _check_places(booking: Booking, date: SlotMeeting, *, now: datetime) -> None:
    load = places.loads(date.slot, now=now)[date.number]
    if load.taken + booking.places > load.places:
        raise rules.SlotFull(places=load.places)
    if places.is_waited_for(date.slot):
        raise rules.OthersWaiting
    if load.free < booking.places:
        raise rules.PlacesHeld(until=load.kept_until)


def host_of(booking: Booking) -> Host | None:
    """Give the school to which the class travels, wherever one of its dates moves: only to dates at the same place."""
    return None if booking.slot is None else slots.host_of(booking.slot)


def _date_left(meeting: BookingMeeting) -> SlotMeeting | None:
    if meeting.slot_meeting_id is None:
        return None
    return db.session.get_one(SlotMeeting, meeting.slot_meeting_id)


def candidates(booking: Booking, *, now: datetime) -> Sequence[SlotMeeting]:
    """List the dates ahead of the same edition and place, counted the same way, for which nobody else waits."""
    if booking.slot is None:
        return []
    waited = select(WaitingClass.slot_id).where(WaitingClass.status.in_(ON_THE_LIST))
    return db.session.scalars(
        select(SlotMeeting)
        .join(SlotMeeting.slot)
        .join(Slot.edition)
        .where(
            Slot.edition_id == booking.edition_id,
            Slot.status == SlotStatus.OPEN,
            Slot.counted_by == booking.slot.counted_by,
            Slot.site_id.is_(None) if booking.slot.site_id is None else Slot.site_id == booking.slot.site_id,
            SlotMeeting.status == MeetingStatus.PLANNED,
            SlotMeeting.starts_at > now,
            (Slot.id == booking.slot_id) | Slot.id.not_in(waited),
        )
        .options(
            contains_eager(SlotMeeting.slot).options(
                contains_eager(Slot.edition).joinedload(Edition.programme),
                joinedload(Slot.facilitator).options(lazyload(User.roles)),
            )
        )
        .order_by(SlotMeeting.starts_at, SlotMeeting.id)
    ).all()
