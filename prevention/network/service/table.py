"""The steering table: its meetings, what it decided, who sees to it, and the reminder when a decision is due."""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import joinedload, selectinload

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.network import governance_rules as rules
from prevention.network import letters
from prevention.network.governance_models import Decision, Document, TableMeeting, TableSeat
from prevention.network.models import Organisation
from prevention.roles import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class MeetingPlan:
    """A meeting of the table as the office writes it."""

    held_on: date
    place: str
    agenda: str
    seat_ids: frozenset[uuid.UUID]


def meetings_for(actor: Actor) -> Select[TableMeeting]:
    """Select the meetings at which a person's organisations sit; for the office all."""
    query = select(TableMeeting).options(selectinload(TableMeeting.seats), joinedload(TableMeeting.minutes))
    if actor.has(Role.OFFICE):
        return query
    theirs = select(TableSeat.meeting_id).where(TableSeat.organisation_id.in_(actor.scope))
    return query.where(TableMeeting.id.in_(theirs))


def meeting_for(actor: Actor, meeting_id: uuid.UUID) -> TableMeeting:
    """Give a meeting with its decisions.

    Raises:
        NotYours: it is not there, or none of their organisations sits at it.
    """
    query = meetings_for(actor).options(selectinload(TableMeeting.decisions).joinedload(Decision.owner))
    found = db.session.scalar(query.where(TableMeeting.id == meeting_id))
    if found is None:
        raise NotYours(meeting_id)
    return found


def save_meeting(actor: Actor, found: TableMeeting | None, plan: MeetingPlan) -> TableMeeting:
    """Add a meeting or write one anew. Flushes."""
    row = found or TableMeeting(id=uuid.uuid4())
    row.held_on, row.place, row.agenda = plan.held_on, plan.place, plan.agenda
    row.seats = list(db.session.scalars(select(Organisation).where(Organisation.id.in_(plan.seat_ids))))
    db.session.add(row)
    db.session.flush()
    audit.record(actor, "network.meeting_saved", row.id, seats=len(row.seats))
    return row


def set_minutes(actor: Actor, meeting: TableMeeting, document: Document) -> None:
    """Tie the minutes to a meeting, over earlier ones. Flushes."""
    meeting.minutes_id = document.id
    db.session.flush()
    audit.record(actor, "network.minutes_set", meeting.id, document=str(document.id))


def decide(actor: Actor, meeting: TableMeeting, *, words: str, owner_id: uuid.UUID, due_on: date | None) -> Decision:
    """Write down what the table decided. Flushes.

    Raises:
        NotYours: there is no such organisation.
    """
    if db.session.get(Organisation, owner_id) is None:
        raise NotYours(owner_id)
    # Two who decide at once number one after the other.
    db.session.scalar(select(TableMeeting.id).where(TableMeeting.id == meeting.id).with_for_update())
    last = db.session.scalar(select(func.max(Decision.position)).where(Decision.meeting_id == meeting.id)) or 0
    row = Decision(
        id=uuid.uuid4(), meeting_id=meeting.id, position=last + 1, words=words, owner_id=owner_id, due_on=due_on
    )
    db.session.add(row)
    db.session.flush()
    audit.record(actor, "network.decided", row.id)
    return row


def decisions_for(actor: Actor) -> Select[Decision]:
    """Select the decisions that concern a person: their organisations own them, or sat at the meeting."""
    query = select(Decision).options(joinedload(Decision.owner), joinedload(Decision.meeting))
    if actor.has(Role.OFFICE):
        return query
    theirs = select(TableSeat.meeting_id).where(TableSeat.organisation_id.in_(actor.scope))
    return query.where(or_(Decision.owner_id.in_(actor.scope), Decision.meeting_id.in_(theirs)))


def mark_done(actor: Actor, decision_id: uuid.UUID, *, today: date) -> Decision:
    """Say that a decision was carried out: the office, or somebody of the organisation that sees to it. Flushes.

    Raises:
        NotYours: it is not there, or another organisation's.
        AlreadyDone: somebody said so before.
    """
    found = db.session.scalar(decisions_for(actor).where(Decision.id == decision_id))
    if found is None or not actor.may_act_for(found.owner_id):
        raise NotYours(decision_id)
    done = db.session.scalar(
        update(Decision)
        .where(Decision.id == decision_id, Decision.done_on.is_(None))
        .values(done_on=today)
        .returning(Decision.id)
    )
    if done is None:
        raise rules.AlreadyDone
    audit.record(actor, "network.decision_done", decision_id)
    return found


def remind_of_decisions(*, today: date) -> None:
    """Write to the organisations whose decisions are due today or before and not done; once for each due day."""
    query = (
        select(Decision)
        .options(joinedload(Decision.owner), joinedload(Decision.meeting))
        .join(Organisation, Decision.owner_id == Organisation.id)
        .where(Decision.done_on.is_(None), Decision.due_on <= today, Organisation.email != "")
        .order_by(Decision.due_on, Decision.id)
    )
    for decision in db.session.scalars(query):
        letters.remind_of_decision(decision)
