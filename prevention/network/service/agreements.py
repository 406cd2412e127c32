"""Agreements and acts of data protection: written by the office, read by those whom they bind."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import constraint_of, db
from prevention.network import governance_rules as rules
from prevention.network.governance_models import (
    ONE_ACT_PER_VERSION,
    Agreement,
    AgreementParty,
    Document,
    ProtectionAct,
)
from prevention.network.governance_rules import ActKind, AgreementKind
from prevention.network.models import Organisation
from prevention.roles import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreementPlan:
    """An agreement as the office writes it."""

    title: str
    kind: AgreementKind
    party_ids: frozenset[uuid.UUID]
    starts_on: date
    signed_on: date | None = None
    ends_on: date | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ActPlan:
    """One version of an act of data protection as the office writes it."""

    kind: ActKind
    title: str
    version: int
    starts_on: date
    controller_id: uuid.UUID
    partner_id: uuid.UUID | None = None
    ends_on: date | None = None


def agreements_for(actor: Actor) -> Select[Agreement]:
    """Select the agreements that concern a person: the office all, others those of their organisations."""
    query = select(Agreement).options(selectinload(Agreement.parties), selectinload(Agreement.documents))
    if actor.has(Role.OFFICE):
        return query
    theirs = select(AgreementParty.agreement_id).where(AgreementParty.organisation_id.in_(actor.scope))
    return query.where(Agreement.id.in_(theirs))


def agreement_for(actor: Actor, agreement_id: uuid.UUID) -> Agreement:
    """Give an agreement that concerns a person.

    Raises:
        NotYours: it is not there or not theirs.
    """
    found = db.session.scalar(agreements_for(actor).where(Agreement.id == agreement_id))
    if found is None:
        raise NotYours(agreement_id)
    return found


def save_agreement(actor: Actor, found: Agreement | None, plan: AgreementPlan) -> Agreement:
    """Add an agreement or write one anew. Flushes.

    Raises:
        DaysReversed: it would end before it begins.
    """
    rules.check_days(plan.starts_on, plan.ends_on)
    row = found or Agreement(id=uuid.uuid4())
    row.title, row.kind, row.note = plan.title, plan.kind, plan.note
    row.signed_on, row.starts_on, row.ends_on = plan.signed_on, plan.starts_on, plan.ends_on
    row.parties = list(db.session.scalars(select(Organisation).where(Organisation.id.in_(plan.party_ids))))
    db.session.add(row)
    db.session.flush()
    audit.record(actor, "network.agreement_saved", row.id, parties=len(row.parties))
    return row


def attach(actor: Actor, agreement: Agreement, document: Document) -> None:
    """Tie a document to an agreement. Flushes."""
    agreement.documents.append(document)
    db.session.flush()
    audit.record(actor, "network.agreement_document", agreement.id, document=str(document.id))


def acts_for(actor: Actor) -> Select[ProtectionAct]:
    """Select the acts that bind a person's organisations; for the office all."""
    query = select(ProtectionAct).options(
        joinedload(ProtectionAct.controller), joinedload(ProtectionAct.partner), joinedload(ProtectionAct.document)
    )
    if actor.has(Role.OFFICE):
        return query
    return query.where(or_(ProtectionAct.controller_id.in_(actor.scope), ProtectionAct.partner_id.in_(actor.scope)))


def add_act(actor: Actor, plan: ActPlan, document: Document | None) -> ProtectionAct:
    """Add a version of an act; the version before ends on the day before it begins. Flushes.

    Raises:
        DaysReversed, PartnerMissing: the plan cannot be saved.
        VersionExists: there is one with this number.
        NotAfterTheLast: it begins before, or is numbered below, the newest version.
    """
    rules.check_days(plan.starts_on, plan.ends_on)
    is_between_two = plan.kind in (ActKind.JOINT_CONTROLLERS, ActKind.PROCESSOR)
    if is_between_two and plan.partner_id in (None, plan.controller_id):
        raise rules.PartnerMissing
    newest = db.session.scalar(
        select(ProtectionAct)
        .where(ProtectionAct.kind == plan.kind, ProtectionAct.title == plan.title)
        .order_by(ProtectionAct.version.desc())
        .limit(1)
    )
    if newest is not None and newest.version == plan.version:
        raise rules.VersionExists(version=plan.version)
    if newest is not None and (plan.version < newest.version or plan.starts_on <= newest.starts_on):
        raise rules.NotAfterTheLast(version=newest.version, starts_on=newest.starts_on)
    row = ProtectionAct(
        id=uuid.uuid4(),
        kind=plan.kind,
        title=plan.title,
        version=plan.version,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        controller_id=plan.controller_id,
        partner_id=plan.partner_id if is_between_two else None,
        document_id=document.id if document is not None else None,
    )
    try:
        with db.session.begin_nested():
            if newest is not None and (newest.ends_on is None or newest.ends_on >= plan.starts_on):
                newest.ends_on = plan.starts_on - timedelta(days=1)
            db.session.add(row)
            db.session.flush()
    except IntegrityError as error:
        if constraint_of(error) in ONE_ACT_PER_VERSION:
            raise rules.VersionExists(version=plan.version) from error
        raise
    audit.record(actor, "network.act_added", row.id, kind=plan.kind.value, version=plan.version)
    return row


def acts_in_force(first: date, last: date) -> list[ProtectionAct]:
    """List the versions in force on at least one of the days from `first` to `last`, by kind and title. One query."""
    is_in_force = ProtectionAct.starts_on <= last, or_(ProtectionAct.ends_on.is_(None), ProtectionAct.ends_on >= first)
    return list(db.session.scalars(_versions().where(*is_in_force)))


def acts_named(ids: Select[uuid.UUID]) -> list[ProtectionAct]:
    """List the versions whose ids a query gives, by kind and title. One query."""
    return list(db.session.scalars(_versions().where(ProtectionAct.id.in_(ids))))


def _versions() -> Select[ProtectionAct]:
    return (
        select(ProtectionAct)
        .options(joinedload(ProtectionAct.controller), joinedload(ProtectionAct.partner))
        .order_by(ProtectionAct.kind, ProtectionAct.title, ProtectionAct.version)
    )
