"""The room of its own school in which a class has dates on offer, where the programme needs one.

A provider who publishes dates for "your school" knows no rooms: each class gets one of its own that is free, large
enough and of the kind asked for, the same on all dates where there is one, and its school may choose another. Where one
facilitator meets several classes of a school on one date, they meet in one room, which must hold them all. A school
that has entered no such room is booked without one. Is not: the room of a place to which classes travel (the slot's
own), nor what the year planner chooses.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from prevention.booking import letters, rules
from prevention.booking.models import Booking, BookingMeeting, Slot, SlotMeeting
from prevention.booking.rules import STANDING, MeetingStatus, Span
from prevention.booking.service import class_facts, rooms
from prevention.core import audit
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.programmes.models import Edition
from prevention.programmes.rules import RoomNeed
from prevention.schools.models import SchoolClass
from prevention.schools.time_models import Room


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A room that an earlier class of the same act takes on a slot's date."""

    date_id: uuid.UUID
    room_id: uuid.UUID
    site_id: uuid.UUID
    people: int


def are_needed(edition: Edition, slot: Slot | None) -> bool:
    """Say whether dates need a room of the class's own school."""
    return edition.room_need is not RoomNeed.NONE and (slot is None or slot.site_id is None)


def lock(slot: Slot, classes: Sequence[SchoolClass]) -> None:
    """Wait until no other transaction puts a date into a room that one of these classes could get."""
    if are_needed(slot.edition, slot):
        fitting = {
            room.id
            for site_id in sorted({each.site_id for each in classes})
            for room in rooms.fitting_rooms(site_id, slot.edition, people=0)
        }
        rooms.lock_rooms(fitting)


def choose(
    slot: Slot, school_class: SchoolClass, dates: Sequence[SlotMeeting], *, people: int, before: Sequence[Taken] = ()
) -> list[uuid.UUID | None]:
    """Give the room of each date: the slot's own, or one of the class's school. The rooms are locked.

    Args:
        people: pupils and adults.
        before: what earlier classes of the same act take.

    Raises:
        RoomBusy: every room that fits holds something else, or the one where the facilitator is has no seats left.
    """
    if not are_needed(slot.edition, slot):
        return [slot.room_id] * len(dates)
    fitting = rooms.fitting_rooms(school_class.site_id, slot.edition, people=people)
    if not fitting:
        return [None] * len(dates)
    free = [_free_rooms(slot, school_class, date, fitting, people=people, before=before) for date in dates]
    always = [room for room in free[0] if all(room in of_date for of_date in free)] if free else []
    return [(always or of_date)[0].id for of_date in free]


def room_there(booking: Booking, meeting: BookingMeeting, span: Span, date: SlotMeeting | None) -> uuid.UUID | None:
    """Give the room of a date that moves to a time at its own school: the one it has, or another; it is locked.

    Raises:
        RoomBusy: see `choose`.
    """
    if meeting.room_id is None and not are_needed(booking.edition, booking.slot):
        return None
    people = booking.pupils + booking.adults
    fitting = rooms.fitting_rooms(booking.school_class.site_id, booking.edition, people=people, first=meeting.room_id)
    if not fitting:
        return None
    rooms.lock_rooms([room.id for room in fitting])
    if date is not None:
        free = _free_rooms(
            date.slot, booking.school_class, date, fitting, people=people, before=(), but_meeting=meeting.id
        )
        return free[0].id
    is_free = rooms.free_at(fitting, span, but_meeting=meeting.id)
    found = next((room.id for room in fitting if is_free(room, span)), None)
    if found is None:
        raise rules.RoomBusy(span=span)
    return found


def can_choose_room(booking: Booking, meeting: BookingMeeting, *, now: datetime) -> bool:
    """Say whether the school can say in which of its rooms a date is."""
    is_at_school = booking.slot is None or booking.slot.site_id is None
    is_ahead = meeting.status is MeetingStatus.PLANNED and meeting.starts_at > now
    return is_at_school and is_ahead and booking.status in STANDING


def set_room(
    actor: Actor, booking: Booking, meeting: BookingMeeting, room_id: uuid.UUID | None, *, now: datetime
) -> None:
    """Put a date at the class's own school into another of its rooms, or into its classroom; calendars follow. Flushes.

    Raises:
        NotATarget: it takes place elsewhere.
        DateIsOff, DateIsOver: as `rules.check_call_date_off` says.
        WrongRoom: it is no room of the school.
        RoomBusy: something else is in it then.
    """
    class_facts.lock_classes([booking.school_class], booking.edition)
    rooms.lock_room(room_id)
    db.session.refresh(meeting, class_facts.MAY_HAVE_CHANGED, with_for_update=True)
    db.session.refresh(booking, ["status"])
    rules.check_call_date_off(
        is_standing=booking.status in STANDING, status=meeting.status, starts_at=meeting.starts_at, now=now
    )
    if not can_choose_room(booking, meeting, now=now):
        raise rules.NotATarget
    if room_id is not None and not rooms.is_of_site(room_id, booking.school_class.site_id):
        raise rules.WrongRoom
    if room_id == meeting.room_id:
        return
    span = Span(starts_at=meeting.starts_at, ends_at=meeting.ends_at)
    shared = [meeting.slot_meeting_id] if meeting.slot_meeting_id else []
    rooms.check_free(room_id, [span], together_with=shared, but_meeting=meeting.id)
    before = letters.Move(
        meeting=meeting,
        starts_at_before=meeting.starts_at,
        ends_at_before=meeting.ends_at,
        facilitator_before=meeting.facilitator,
        room_before=meeting.room,
    )
    meeting.room_id = room_id
    meeting.sequence += 1
    db.session.flush()
    db.session.expire(meeting, ["room"])
    audit.record(actor, "booking.room_chosen", booking.id, number=meeting.number)
    letters.moved(booking, [before], reason="", now=now)


def _free_rooms(
    slot: Slot,
    school_class: SchoolClass,
    date: SlotMeeting,
    fitting: Sequence[Room],
    *,
    people: int,
    before: Sequence[Taken],
    but_meeting: uuid.UUID | None = None,
) -> list[Room]:
    span = Span(starts_at=date.starts_at, ends_at=date.ends_at)
    is_free = rooms.free_at(fitting, span, together_with=[date.id], but_meeting=but_meeting)
    there = _people_by_room(school_class, date, but_meeting=but_meeting)
    for each in before:
        if each.date_id == date.id and each.site_id == school_class.site_id:
            there[each.room_id] = there.get(each.room_id, 0) + each.people
    if slot.facilitator_id is not None and there:
        found = [
            room
            for room in fitting
            if room.id in there and (room.capacity is None or room.capacity >= there[room.id] + people)
        ]
    else:
        found = [room for room in fitting if room.id not in there and is_free(room, span)]
    if not found:
        raise rules.RoomBusy(span=span)
    return found


def _people_by_room(
    school_class: SchoolClass, date: SlotMeeting, *, but_meeting: uuid.UUID | None
) -> dict[uuid.UUID, int]:
    query = (
        select(BookingMeeting.room_id, func.sum(Booking.pupils + Booking.adults))
        .join(Booking)
        .join(SchoolClass, Booking.school_class_id == SchoolClass.id)
        .where(
            BookingMeeting.slot_meeting_id == date.id,
            BookingMeeting.status == MeetingStatus.PLANNED,
            BookingMeeting.room_id.is_not(None),
            Booking.status.in_(STANDING),
            SchoolClass.site_id == school_class.site_id,
        )
        .group_by(BookingMeeting.room_id)
    )
    if but_meeting is not None:
        query = query.where(BookingMeeting.id != but_meeting)
    return {room_id: int(people) for room_id, people in db.session.execute(query) if room_id is not None}
