"""Coordinators of a dissolved institute follow its schools to the one that goes on: answers to the schools' signals."""

import uuid
from collections.abc import Collection

from sqlalchemy import delete, select

from prevention.accounts.models import User, UserRole
from prevention.core import audit
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.roles import Role


def coordinators_of(_sender: object, *, institute_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Name the active coordinators of institutes. One statement."""
    rows = db.session.execute(
        select(UserRole.institute_id, User.name)
        .join(User, User.id == UserRole.user_id)
        .where(UserRole.role == Role.COORDINATOR, UserRole.institute_id.in_(institute_ids), User.active)
        .order_by(User.name)
    )
    found: dict[uuid.UUID, list[str]] = {}
    for institute_id, name in rows:
        assert institute_id is not None  # noqa: S101  # the query asks for it
        found.setdefault(institute_id, []).append(name)
    return found


def let_coordinators_follow(_sender: object, *, actor: Actor, old: uuid.UUID, new: uuid.UUID) -> list[uuid.UUID]:
    """Give each active coordinator of the old institute the same role for the new one. Flushes.

    What they held they keep: bookings and registers of the past belong to the old institute.

    Returns:
        The ids of the roles that were given; none for who held it already.
    """
    held = select(UserRole.user_id).where(UserRole.role == Role.COORDINATOR, UserRole.institute_id == new)
    people = db.session.scalars(
        select(User)
        .join(UserRole)
        .where(UserRole.role == Role.COORDINATOR, UserRole.institute_id == old, User.active, User.id.not_in(held))
    ).unique()
    given = []
    for person in people:
        grant = UserRole(id=uuid.uuid4(), role=Role.COORDINATOR, institute_id=new)
        person.roles.append(grant)
        given.append(grant.id)
        audit.record(actor, "accounts.followed_institute", person.id, old=str(old), new=str(new))
    db.session.flush()
    return given


def take_access_back(_sender: object, *, actor: Actor, given: Collection[uuid.UUID]) -> None:
    """Take back the roles that following gave. Flushes."""
    gone = db.session.execute(
        delete(UserRole)
        .where(UserRole.id.in_(given))
        .returning(UserRole.user_id, UserRole.institute_id)
        .execution_options(synchronize_session=False)
    ).all()
    db.session.expire_all()
    for user_id, institute_id in gone:
        audit.record(actor, "accounts.following_taken_back", user_id, institute=str(institute_id))
    db.session.flush()
