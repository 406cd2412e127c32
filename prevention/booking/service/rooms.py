"""Rooms in which dates take place: what is in them already, read with the room locked.

Two dates of one room meet in no other row: whoever comes second waits there for the first. Rooms are locked after
people and before slots (see `class_facts`). A date on offer has its room whether or not a class has booked it. Is not:
the rooms that a site has (`schools`).
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import or_, select

from prevention.booking import rules
from prevention.booking.models import Booking, BookingMeeting, Slot, SlotMeeting
from prevention.booking.rules import STANDING, Engagement, MeetingStatus, SlotStatus, Span
from prevention.core.db import db
from prevention.programmes.models import Edition
from prevention.programmes.rules import RoomNeed
from prevention.schools import service as schools
from prevention.schools.models import SchoolClass, Site
from prevention.schools.time_models import Room


def lock_room(room_id: uuid.UUID | None) -> None:
    """Wait until no other transaction puts a date into this room; nothing happens without one."""
    if room_id is not None:
        db.session.execute(select(Room.id).where(Room.id == room_id).with_for_update(key_share=True))


def suits(room: Room, edition: Edition) -> bool:
    """Say whether a room has what an edition needs, however many come."""
    has_projector = room.has_projector or edition.room_need is not RoomNeed.PROJECTOR
    return has_projector and edition.room_kind in (None, room.kind)


def fitting_rooms(site_id: uuid.UUID, edition: Edition, *, people: int, first: uuid.UUID | None = None) -> list[Room]:
    """List the rooms of a site that hold everybody and have what the edition needs: `first`, then by size."""
    fitting = [
        room
        for room in schools.rooms_of([site_id])
        if (room.capacity is None or room.capacity >= people) and suits(room, edition)
    ]
    return sorted(fitting, key=lambda room: (room.id != first, room.capacity is None, room.capacity or 0, room.name))


def sites_without(edition: Edition, classes: Iterable[SchoolClass]) -> list[Site]:
    """List the sites of classes that have entered no room such as an edition needs, by name. One statement."""
    if edition.room_need is RoomNeed.NONE:
        return []
    sites = {each.site_id: each.site for each in classes}
    for room in schools.rooms_of(list(sites)):
        if suits(room, edition):
            sites.pop(room.site_id, None)
    return sorted(sites.values(), key=lambda site: (site.display_name, site.code))


def lock_rooms(room_ids: Collection[uuid.UUID]) -> None:
    """Wait until no other transaction puts a date into one of these rooms."""
    if room_ids:
        db.session.execute(
            select(Room.id).where(Room.id.in_(room_ids)).order_by(Room.id).with_for_update(key_share=True)
        )


def free_at(
    fitting: Sequence[Room],
    whole: Span,
    *,
    together_with: Collection[uuid.UUID] = (),
    but_meeting: uuid.UUID | None = None,
) -> Callable[[Room, Span], bool]:
    """Give the question whether a room is free in a span inside `whole`. Two statements for any number of rooms.

    Args:
        together_with: dates of slots whose classes may share a room.
        but_meeting: a date that is about to move.
    """
    held = _held(
        [room.id for room in fitting],
        since=whole.starts_at,
        until=whole.ends_at,
        together_with=together_with,
        but_meeting=but_meeting,
    )

    def is_free(room: Room, span: Span) -> bool:
        return rules.first_clash([span], held[room.id]) is None

    return is_free


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
    return tuple(_held([room_id], since=since, together_with=together_with, but_meeting=but_meeting)[room_id])


def _held(
    room_ids: Collection[uuid.UUID],
    *,
    since: datetime,
    until: datetime | None = None,
    together_with: Collection[uuid.UUID] = (),
    but_meeting: uuid.UUID | None = None,
) -> defaultdict[uuid.UUID, list[Engagement]]:
    published = (
        select(Slot.room_id, SlotMeeting.starts_at, SlotMeeting.ends_at, Slot.id)
        .join(Slot)
        .where(
            Slot.room_id.in_(room_ids),
            Slot.status == SlotStatus.OPEN,
            SlotMeeting.status == MeetingStatus.PLANNED,
            SlotMeeting.ends_at > since,
            SlotMeeting.id.not_in(together_with),
        )
    )
    booked = (
        select(BookingMeeting.room_id, BookingMeeting.starts_at, BookingMeeting.ends_at, Booking.id)
        .join(Booking)
        .where(
            BookingMeeting.room_id.in_(room_ids),
            BookingMeeting.status == MeetingStatus.PLANNED,
            Booking.status.in_(STANDING),
            BookingMeeting.ends_at > since,
            or_(BookingMeeting.slot_meeting_id.is_(None), BookingMeeting.slot_meeting_id.not_in(together_with)),
        )
    )
    if until is not None:
        published, booked = (
            published.where(SlotMeeting.starts_at < until),
            booked.where(BookingMeeting.starts_at < until),
        )
    if but_meeting is not None:
        booked = booked.where(BookingMeeting.id != but_meeting)
    found: defaultdict[uuid.UUID, list[Engagement]] = defaultdict(list)
    for query in (published, booked):
        for room_id, starts_at, ends_at, source in db.session.execute(query):
            if room_id is not None:
                found[room_id].append(Engagement(span=Span(starts_at=starts_at, ends_at=ends_at), source_id=source))
    return found


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
