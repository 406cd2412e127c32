"""Rooms in which dates take place: what is in them already, read with the room locked.

Two dates of one room meet in no other row: whoever comes second waits there for the first. Rooms are locked after
people and before slots (see `class_facts`). A date on offer has its room whether or not a class has booked it. Is not:
the rooms that a site has (`schools`).
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select

from prevention.booking import rules
from prevention.booking.models import Booking, BookingMeeting, Slot, SlotMeeting
from prevention.booking.rules import STANDING, Engagement, MeetingStatus, SlotStatus, Span
from prevention.core.db import db
from prevention.schools.time_models import Room


def lock_room(room_id: uuid.UUID | None) -> None:
    """Wait until no other transaction puts a date into this room; nothing happens without one."""
    if room_id is not None:
        db.session.execute(select(Room.id).where(Room.id == room_id).with_for_update(key_share=True))


def is_of_site(room_id: uuid.UUID, site_id: uuid.UUID | None) -> bool:
    """Say whether a room is one in use of a site."""
    room = db.session.get(Room, room_id)
    return room is not None and room.is_in_use and room.site_id == site_id


def engagements_of(
    room_id: uuid.UUID,
    *,
    since: datetime,
    together_with: Collection[uuid.UUID] = (),
    but_meeting: uuid.UUID | None = None,
) -> tuple[Engagement, ...]:
    """List what a room holds from a moment on. Two statements.

    Args:
        together_with: dates of slots that are left out, with the classes on them: classes of one date share the room.
        but_meeting: a date that is about to move.
    """
    published = (
        select(SlotMeeting.starts_at, SlotMeeting.ends_at, Slot.id)
        .join(Slot)
        .where(
            Slot.room_id == room_id,
            Slot.status == SlotStatus.OPEN,
            SlotMeeting.status == MeetingStatus.PLANNED,
            SlotMeeting.ends_at > since,
            SlotMeeting.id.not_in(together_with),
        )
    )
    booked = (
        select(BookingMeeting.starts_at, BookingMeeting.ends_at, Booking.id)
        .join(Booking)
        .where(
            BookingMeeting.room_id == room_id,
            BookingMeeting.status == MeetingStatus.PLANNED,
            Booking.status.in_(STANDING),
            BookingMeeting.ends_at > since,
            or_(BookingMeeting.slot_meeting_id.is_(None), BookingMeeting.slot_meeting_id.not_in(together_with)),
        )
    )
    if but_meeting is not None:
        booked = booked.where(BookingMeeting.id != but_meeting)
    return tuple(
        Engagement(span=Span(starts_at=starts_at, ends_at=ends_at), source_id=source)
        for query in (published, booked)
        for starts_at, ends_at, source in db.session.execute(query)
    )


def check_free(
    room_id: uuid.UUID | None,
    spans: Sequence[Span],
    *,
    together_with: Collection[uuid.UUID],
    but_meeting: uuid.UUID | None = None,
) -> None:
    """Refuse dates at which something else is in the room; see `engagements_of`.

    Raises:
        RoomBusy: there is.
    """
    if room_id is None or not spans:
        return
    first = min(span.starts_at for span in spans)
    others = engagements_of(room_id, since=first, together_with=together_with, but_meeting=but_meeting)
    clash = rules.first_clash(spans, others)
    if clash is not None:
        raise rules.RoomBusy(span=clash.span)
