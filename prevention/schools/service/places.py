"""Bell times and rooms of a site: what a school writes about its own place."""

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import constraint_of, db
from prevention.core.web import Refusal
from prevention.schools.models import Site
from prevention.schools.rules import RoomKind
from prevention.schools.school_time import Period, check_bells
from prevention.schools.time_models import ONE_ROOM_PER_NAME, BellPeriod, Room


class RoomExists(Refusal):
    """The site already has a room of this name."""

    def __init__(self, *, name: str) -> None:
        super().__init__(name)
        self.name = name


def bells_of(site: Site) -> dict[int, tuple[Period, ...]]:
    """Give the bell times that a site entered, by weekday; empty when it entered none."""
    found: dict[int, tuple[Period, ...]] = {}
    rows = db.session.scalars(
        select(BellPeriod).where(BellPeriod.site_id == site.id).order_by(BellPeriod.weekday, BellPeriod.number)
    )
    for row in rows:
        period = Period(number=row.number, starts=row.starts, ends=row.ends)
        found[row.weekday] = (*found.get(row.weekday, ()), period)
    return found


def set_bells(actor: Actor, site: Site, periods: Mapping[int, Sequence[Period]]) -> None:
    """Write the bell times of a site, in place of those before. Flushes.

    Raises:
        NotYours: the site is not this person's.
        BellsRefused: they cannot be.
    """
    if not actor.may_act_for(site.institute_id):
        raise NotYours(site.id)
    check_bells(periods)
    # The site's row first: two who write at once would otherwise both find it empty.
    db.session.execute(select(Site.id).where(Site.id == site.id).with_for_update(key_share=True))
    db.session.execute(delete(BellPeriod).where(BellPeriod.site_id == site.id))
    db.session.add_all(
        BellPeriod(site_id=site.id, weekday=weekday, number=number, starts=period.starts, ends=period.ends)
        for weekday, of_day in sorted(periods.items())
        for number, period in enumerate(of_day, start=1)
    )
    db.session.flush()
    audit.record(actor, "schools.bells_set", site.id, periods=sum(map(len, periods.values())))


def forget_bells(actor: Actor, site: Site) -> None:
    """Take the bell times of a site away: the usual ones hold again. Flushes."""
    if not actor.may_act_for(site.institute_id):
        raise NotYours(site.id)
    db.session.execute(delete(BellPeriod).where(BellPeriod.site_id == site.id))
    audit.record(actor, "schools.bells_forgotten", site.id)


def rooms_of(site_ids: Sequence[uuid.UUID]) -> list[Room]:
    """List the rooms in use of some sites, by name; one statement."""
    return list(
        db.session.scalars(
            select(Room).where(Room.site_id.in_(site_ids), Room.is_in_use).order_by(Room.site_id, Room.name)
        )
    )


def add_room(actor: Actor, site: Site, *, name: str, kind: RoomKind, capacity: int | None, has_projector: bool) -> Room:
    """Add a room, or take one of this name into use again. Flushes.

    Raises:
        NotYours: the site is not this person's.
        RoomExists: the site has a room of this name.
    """
    if not actor.may_act_for(site.institute_id):
        raise NotYours(site.id)
    room = db.session.scalar(select(Room).where(Room.site_id == site.id, Room.name == name, ~Room.is_in_use))
    if room is None:
        room = Room(site_id=site.id, name=name)
    room.kind, room.capacity, room.has_projector, room.is_in_use = kind, capacity, has_projector, True
    try:
        with db.session.begin_nested():
            db.session.add(room)
            db.session.flush()
    except IntegrityError as error:
        if constraint_of(error) not in ONE_ROOM_PER_NAME:
            raise
        raise RoomExists(name=name) from error
    audit.record(actor, "schools.room_added", room.id, site=str(site.id))
    return room


def retire_room(actor: Actor, room_id: uuid.UUID) -> Room:
    """Take a room out of use; meetings that are planned there keep it. Flushes.

    Raises:
        NotYours: there is none, or it is another school's.
    """
    room = db.session.get(Room, room_id)
    if room is None or not room.is_in_use or not actor.may_act_for(room.site.institute_id):
        raise NotYours(room_id)
    room.is_in_use = False
    db.session.flush()
    audit.record(actor, "schools.room_retired", room.id)
    return room
