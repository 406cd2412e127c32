"""Organisations of the network: who they are, and which of them a person works for."""

import uuid
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import constraint_of, db
from prevention.network import governance_rules as rules
from prevention.network.models import Municipality, Organisation
from prevention.network.rules import OrganisationKind

_ONE_NAME = ("uq_organisation_name", "organisation.name")
_ONE_MUNICIPALITY = ("uq_organisation_municipality_id", "organisation.municipality_id")


@dataclass(frozen=True, kw_only=True, slots=True)
class OrganisationPlan:
    """An organisation as the office writes it; a municipality is kept only for one of that kind."""

    name: str
    kind: OrganisationKind
    municipality_id: uuid.UUID | None = None
    email: str = ""
    website: str = ""


def find_organisation(name: str) -> Organisation | None:
    """Find an organisation by its name."""
    return db.session.scalar(select(Organisation).where(Organisation.name == name.strip()))


def add_organisation(name: str, *, kind: OrganisationKind) -> Organisation:
    """Add an organisation, or give the one that has this name already. Flushes."""
    found = find_organisation(name)
    if found is None:
        found = Organisation(name=name.strip(), kind=kind)
        db.session.add(found)
        db.session.flush()
    return found


def organisations() -> Select[Organisation]:
    """Select all organisations with their municipality, by name."""
    return select(Organisation).options(joinedload(Organisation.municipality)).order_by(Organisation.name)


def organisation_choices() -> dict[str, str]:
    """Give id to name of all organisations, by name."""
    rows = db.session.execute(select(Organisation.id, Organisation.name).order_by(Organisation.name))
    return {str(key): name for key, name in rows}


def organisation_of(organisation_id: uuid.UUID) -> Organisation:
    """Give an organisation: who is in the network is known to everybody in it.

    Raises:
        NotYours: it is not there.
    """
    found = db.session.scalar(organisations().where(Organisation.id == organisation_id))
    if found is None:
        raise NotYours(organisation_id)
    return found


def own_organisations(actor: Actor) -> list[Organisation]:
    """List the organisations that a person works for, by name."""
    return list(db.session.scalars(organisations().where(Organisation.id.in_(actor.scope))))


def save_organisation(actor: Actor, found: Organisation | None, plan: OrganisationPlan) -> Organisation:
    """Add an organisation or write one anew. Flushes.

    Raises:
        NameTaken: another one has the name, or stands for the municipality.
        NotYours: there is no such municipality.
    """
    row = found or Organisation()
    municipality_id = plan.municipality_id if plan.kind is OrganisationKind.MUNICIPALITY else None
    if municipality_id is not None and db.session.get(Municipality, municipality_id) is None:
        raise NotYours(municipality_id)
    try:
        with db.session.begin_nested():
            row.name, row.kind, row.municipality_id = plan.name, plan.kind, municipality_id
            row.email, row.website = plan.email.lower(), plan.website
            db.session.add(row)
            db.session.flush()
    except IntegrityError as error:
        if constraint_of(error) in (*_ONE_NAME, *_ONE_MUNICIPALITY):
            raise rules.NameTaken from error
        raise
    audit.record(actor, "network.organisation_saved", row.id, kind=plan.kind.value)
    return row
