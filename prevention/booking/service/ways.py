"""Ways between municipalities as the office sees them: the estimate, or the minutes that it knows better."""

import uuid

from sqlalchemy import Select, func, select

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.network import service as network
from prevention.network.models import Municipality
from prevention.schools.models import Site


def start_towns() -> list[Municipality]:
    """List the municipalities to look from: those with schools, the one with most first."""
    return list(
        db.session.scalars(
            select(Municipality)
            .join(Site, Site.municipality_id == Municipality.id)
            .group_by(Municipality.id)
            .order_by(func.count(Site.id).desc(), Municipality.name, Municipality.id)
        )
    )


def others(here: Municipality) -> Select[Municipality]:
    """Select all municipalities but one."""
    return select(Municipality).where(Municipality.id != here.id)


def town_for(town_id: uuid.UUID) -> Municipality:
    """Give a municipality.

    Raises:
        NotYours: it is not there.
    """
    found = db.session.get(Municipality, town_id)
    if found is None:
        raise NotYours(town_id)
    return found


def pair_for(one: uuid.UUID, other: uuid.UUID) -> tuple[Municipality, Municipality]:
    """Give two different municipalities.

    Raises:
        NotYours: one is not there, or they are the same.
    """
    if one == other:
        raise NotYours(one)
    return town_for(one), town_for(other)


def set_way(actor: Actor, one: Municipality, other: Municipality, *, minutes: int | None) -> None:
    """Write down the minutes between two municipalities, or (None) go back to the estimate. Flushes."""
    network.set_travel_time(one.id, other.id, minutes=minutes)
    audit.record(actor, "planning.way_set", one.id, other=str(other.id), minutes=minutes)
