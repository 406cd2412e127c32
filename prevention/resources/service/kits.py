"""Kits: ordered collections of resources for a meeting."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.programmes.models import ProgrammeMeeting
from prevention.resources.models import Resource, ResourceKit, ResourceKitItem
from prevention.resources.rules import Moment, Status
from prevention.roles import Role


def kits(actor: Actor | None) -> Sequence[ResourceKit]:
    """List the kits by programme and meeting; those not published yet are for the office."""
    query = (
        select(ResourceKit)
        .options(joinedload(ResourceKit.programme), joinedload(ResourceKit.meeting), selectinload(ResourceKit.items))
        .order_by(ResourceKit.title, ResourceKit.id)
    )
    if not _is_office(actor):
        query = query.where(ResourceKit.is_published)
    found = db.session.scalars(query).unique().all()
    return sorted(found, key=lambda kit: (str(kit.programme_id or ""), kit.meeting.number if kit.meeting else 0))


def kit_for(actor: Actor | None, kit_id: uuid.UUID) -> ResourceKit:
    """Load a kit with all that its page and its pack show.

    Raises:
        NotYours: there is none, or it is not published and this person is not of the office.
    """
    found = db.session.scalar(
        select(ResourceKit)
        .where(ResourceKit.id == kit_id)
        .options(
            joinedload(ResourceKit.programme),
            joinedload(ResourceKit.meeting),
            *items_shown(),
        )
    )
    if found is None or not (found.is_published or _is_office(actor)):
        raise NotYours
    return found


def items_shown() -> tuple[ExecutableOption, ...]:
    """Load with a kit what its items show."""
    resource = selectinload(ResourceKit.items).joinedload(ResourceKitItem.resource)
    return (
        resource.joinedload(Resource.care),
        resource.selectinload(Resource.files),
        resource.selectinload(Resource.grades),
    )


def readable(kit: ResourceKit) -> list[ResourceKitItem]:
    """Give the items of a kit that readers may have: published ones, outdated or not."""
    return [item for item in kit.items if item.resource.care.status is Status.PUBLISHED]


def write_kit(
    actor: Actor,
    kit: ResourceKit | None,
    *,
    title: str,
    intro: str,
    meeting_id: uuid.UUID | None,
    is_published: bool,
    now: datetime,
) -> ResourceKit:
    """Add a kit, or say something else about it. Flushes."""
    if kit is None:
        kit = ResourceKit(id=uuid.uuid4(), items=[])
        db.session.add(kit)
    kit.title, kit.intro, kit.meeting_id, kit.is_published, kit.changed_at = title, intro, meeting_id, is_published, now
    kit.programme_id = (
        db.session.scalar(select(ProgrammeMeeting.programme_id).where(ProgrammeMeeting.id == meeting_id))
        if meeting_id
        else None
    )
    audit.record(actor, "resources.kit_written", kit.id)
    db.session.flush()
    return kit


def add_item(actor: Actor, kit: ResourceKit, resource: Resource, moment: Moment, *, now: datetime) -> None:
    """Put a resource at the end of a kit, once. Flushes."""
    _lock(kit)
    if any(item.resource_id == resource.id for item in kit.items):
        return
    position = max((item.position for item in kit.items), default=0) + 1
    kit.items.append(ResourceKitItem(resource_id=resource.id, moment=moment, position=position))
    kit.changed_at = now
    audit.record(actor, "resources.kit_item_added", kit.id, resource=str(resource.id))
    db.session.flush()


def move_item(kit: ResourceKit, item_id: uuid.UUID, *, by: int, now: datetime) -> None:
    """Move an item up (-1) or down (1), or take it out (0). Flushes.

    Raises:
        NotYours: the kit has no such item.
    """
    _lock(kit)
    items = list(kit.items)
    place = next((place for place, item in enumerate(items) if item.id == item_id), None)
    if place is None:
        raise NotYours
    item = items.pop(place)
    if by:
        items.insert(max(0, min(len(items), place + by)), item)
    else:
        kit.items.remove(item)
    # Places are unique: all of them are freed before they are taken anew.
    for position, one in enumerate(items, start=1):
        one.position = -position
    db.session.flush()
    for one in items:
        one.position = -one.position
    kit.changed_at = now
    db.session.flush()
    db.session.refresh(kit, ["items"])


def _lock(kit: ResourceKit) -> None:
    # Two who change one kit at the same moment do so one after the other.
    db.session.execute(select(ResourceKit.id).where(ResourceKit.id == kit.id).with_for_update())
    db.session.refresh(kit, ["items"])


def _is_office(actor: Actor | None) -> bool:
    return actor is not None and actor.has(Role.OFFICE)
