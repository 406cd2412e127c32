"""The verbs of registers: list the meetings that want one, load one meeting for somebody, record what happened."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from prevention.accounts.models import User
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.rules import BookingStatus, MeetingStatus
from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.delivery import rules
from prevention.delivery.models import ActivityRecord, RegisterSubmission, SessionRegister
from prevention.delivery.rules import MeetingFacts, Outcome, RegisterEntry
from prevention.network.models import Municipality
from prevention.programmes.models import Edition, Programme, ProgrammeMeeting
from prevention.schools.models import SchoolClass, Site
from prevention.schools.rules import display_name

AnySelect = Select[*tuple[Any, ...]]


class Shelf(StrEnum):
    """Where a meeting stands: begun and without a register, lying ahead, or registered."""

    DUE = "due"
    AHEAD = "ahead"
    DONE = "done"


@dataclass(frozen=True, kw_only=True, slots=True)
class MeetingLine:
    """One meeting as lists show it; `outcome` and the like are those of its standing register."""

    id: uuid.UUID
    number: int
    starts_at: datetime
    ends_at: datetime
    programme: Localised
    meeting_title: Localised | None
    class_label: str
    site: str
    municipality: str
    facilitator: str | None
    is_late: bool
    outcome: Outcome | None
    minutes: int | None
    present: int | None
    expected: int | None


def meeting_for(actor: Actor, meeting_id: uuid.UUID) -> BookingMeeting:
    """Load a meeting with everything that its register's page shows.

    Its facilitator, the organisation that provides the edition, the coordinator of the class's institute and the
    office may see it, and register it.

    Raises:
        NotYours: there is no such meeting, or it is none of theirs.
    """
    meeting = db.session.scalar(
        select(BookingMeeting)
        .where(BookingMeeting.id == meeting_id)
        .join(BookingMeeting.booking)
        .join(Booking.edition)
        .join(Booking.school_class)
        .join(SchoolClass.site)
        .where(_is_theirs(actor))
        .options(
            joinedload(BookingMeeting.booking).options(
                joinedload(Booking.edition).joinedload(Edition.programme),
                joinedload(Booking.edition).joinedload(Edition.organisation),
                joinedload(Booking.school_class)
                .joinedload(SchoolClass.site)
                .options(joinedload(Site.institute), joinedload(Site.municipality)),
            ),
            joinedload(BookingMeeting.facilitator),
            joinedload(BookingMeeting.programme_meeting).selectinload(ProgrammeMeeting.activities),
        )
    )
    if meeting is None:
        raise NotYours
    return meeting


def register_of(meeting: BookingMeeting) -> SessionRegister | None:
    """Give the register of a meeting with its activities and who wrote it, or None."""
    return db.session.scalar(
        select(SessionRegister)
        .where(SessionRegister.booking_meeting_id == meeting.id)
        .options(joinedload(SessionRegister.recorder), selectinload(SessionRegister.activities))
        .execution_options(populate_existing=True)
    )


def is_waiting(meeting: BookingMeeting, register: SessionRegister | None) -> bool:
    """Say whether the meeting has no register, or was moved and has got its new date since."""
    return register is None or (register.outcome is Outcome.MOVED and register.meeting_starts_at != meeting.starts_at)


def record(
    actor: Actor,
    meeting: BookingMeeting,
    entry: RegisterEntry,
    *,
    now: datetime,
    submission_id: uuid.UUID | None = None,
    revision: int | None = None,
) -> SessionRegister:
    """Write down what became of a meeting, or correct what was written. Flushes.

    Args:
        submission_id: made by whoever fills the register in; the same one arriving again changes nothing.
        revision: of the standing register, when this corrects it.

    Raises:
        DeliveryRefusal: as `rules.check_register` and `rules.check_revision` say.
        SubmissionOfAnotherMeeting: the submission arrived before, with another meeting.
    """
    # Two people may register one meeting at the same moment; the second waits here and then sees the first's.
    db.session.execute(select(BookingMeeting.id).where(BookingMeeting.id == meeting.id).with_for_update())
    register = register_of(meeting)
    if submission_id is not None:
        arrived = db.session.get(RegisterSubmission, submission_id)
        if arrived is not None:
            if register is None or arrived.register_id != register.id:
                raise rules.SubmissionOfAnotherMeeting
            return register
    checked = rules.check_register(entry, meeting=_facts(meeting), now=now)
    rules.check_revision(
        revision,
        standing=register.revision if register else None,
        recorded_at=register.recorded_at if register else None,
    )
    before = _summary(register) if register else None
    if register is None:
        register = SessionRegister(booking_meeting_id=meeting.id, revision=0, activities=[])
        db.session.add(register)
    _write(register, checked, meeting=meeting, actor=actor, now=now)
    db.session.flush()
    if submission_id is not None:
        db.session.add(RegisterSubmission(id=submission_id, register_id=register.id))
    action = "delivery.registered" if before is None else "delivery.corrected"
    audit.record(actor, action, register.id, meeting=str(meeting.id), before=before, after=_summary(register))
    db.session.flush()
    return register


def _facts(meeting: BookingMeeting) -> MeetingFacts:
    planned = meeting.programme_meeting
    return MeetingFacts(
        starts_at=meeting.starts_at,
        is_cancelled=(meeting.status is MeetingStatus.CANCELLED or meeting.booking.status is BookingStatus.CANCELLED),
        activities=frozenset(activity.id for activity in planned.activities) if planned else frozenset(),
    )


def _write(
    register: SessionRegister, entry: RegisterEntry, *, meeting: BookingMeeting, actor: Actor, now: datetime
) -> None:
    for name in ("outcome", "reason", "reason_note", "minutes", "present", "expected", "led_by", "adaptations"):
        setattr(register, name, getattr(entry, name))
    register.meeting_starts_at = meeting.starts_at
    register.revision += 1
    register.recorded_by = actor.id
    register.recorded_at = now
    standing = {record.activity_id: record for record in register.activities}
    for activity_id, record in standing.items():
        if activity_id not in entry.extents:
            register.activities.remove(record)
    for activity_id, extent in entry.extents.items():
        if activity_id in standing:
            standing[activity_id].extent = extent
        else:
            register.activities.append(ActivityRecord(activity_id=activity_id, extent=extent))


def _summary(register: SessionRegister) -> Mapping[str, Any]:
    """Describe a register for the audit trail: counts only, no free text."""
    return {
        "revision": register.revision,
        "outcome": register.outcome.value,
        "minutes": register.minutes,
        "present": register.present,
        "expected": register.expected,
        "extents": {str(record.activity_id): record.extent.value for record in register.activities},
    }


def missing_registers(actor: Actor, now: datetime) -> list[MeetingLine]:
    """List every meeting of theirs that has ended and has no register, the longest ended first."""
    query = _theirs(_columns(), actor).where(_on_shelf(Shelf.DUE, now=now), BookingMeeting.ends_at <= now)
    rows = db.session.execute(_described(query).order_by(BookingMeeting.ends_at, BookingMeeting.id))
    return [_line(row, now=now) for row in rows]


def shelf_for(actor: Actor, shelf: Shelf, *, now: datetime) -> Select[uuid.UUID]:
    """Build the query for the ids of one shelf of a person's meetings, to be paged through; see `lines_of`.

    What is due or done comes newest first (one registers what has just ended), what lies ahead soonest first.
    """
    order = BookingMeeting.starts_at if shelf is Shelf.AHEAD else BookingMeeting.starts_at.desc()
    query = _theirs(select(BookingMeeting.id), actor).where(_on_shelf(shelf, now=now))
    return query.order_by(order, BookingMeeting.id)


def lines_of(meeting_ids: Sequence[uuid.UUID], *, now: datetime) -> list[MeetingLine]:
    """Describe meetings that somebody may see, in the order given; one query."""
    query = _described(_chained(_columns())).where(BookingMeeting.id.in_(meeting_ids))
    found = {row.id: _line(row, now=now) for row in db.session.execute(query)}
    return [found[meeting_id] for meeting_id in meeting_ids if meeting_id in found]


def count_for(actor: Actor, *, now: datetime) -> dict[Shelf, int]:
    """Count a person's meetings on each shelf; one query."""
    counts = [func.count().filter(_on_shelf(shelf, now=now)).label(shelf.value) for shelf in Shelf]
    row = db.session.execute(_theirs(select(*counts), actor)).one()
    return {shelf: getattr(row, shelf.value) for shelf in Shelf}


def _line(row: Any, *, now: datetime) -> MeetingLine:
    is_waiting = row.outcome is None or row.is_stale
    return MeetingLine(
        id=row.id,
        number=row.number,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        programme=row.programme,
        meeting_title=row.meeting_title,
        class_label=row.class_label,
        site=display_name(row.site),
        municipality=row.municipality,
        facilitator=row.facilitator,
        is_late=is_waiting and row.ends_at + rules.LATE_AFTER <= now,
        outcome=None if is_waiting else row.outcome,
        minutes=row.minutes,
        present=row.present,
        expected=row.expected,
    )


def _columns() -> AnySelect:
    return select(
        BookingMeeting.id,
        BookingMeeting.number,
        BookingMeeting.starts_at,
        BookingMeeting.ends_at,
        Programme.name.label("programme"),
        ProgrammeMeeting.title.label("meeting_title"),
        SchoolClass.label.label("class_label"),
        Site.name.label("site"),
        Municipality.name.label("municipality"),
        User.name.label("facilitator"),
        SessionRegister.outcome,
        SessionRegister.minutes,
        SessionRegister.present,
        SessionRegister.expected,
        _is_stale().label("is_stale"),
    )


def _described(query: AnySelect) -> AnySelect:
    """Join what only the description of a meeting needs."""
    return (
        query.join(Edition.programme)
        .join(Site.municipality)
        .outerjoin(BookingMeeting.programme_meeting)
        .outerjoin(BookingMeeting.facilitator)
    )


def _chained(query: AnySelect) -> AnySelect:
    """Join a meeting to its class and site, its edition, and its register if there is one."""
    return (
        query.select_from(BookingMeeting)
        .join(BookingMeeting.booking)
        .join(Booking.edition)
        .join(Booking.school_class)
        .join(SchoolClass.site)
        .outerjoin(SessionRegister, SessionRegister.booking_meeting_id == BookingMeeting.id)
    )


def _theirs(query: AnySelect, actor: Actor) -> AnySelect:
    return _chained(query).where(
        BookingMeeting.status == MeetingStatus.PLANNED,
        Booking.status == BookingStatus.CONFIRMED,
        _is_theirs(actor),
    )


def _is_stale() -> ColumnElement[bool]:
    return and_(
        SessionRegister.outcome == Outcome.MOVED,
        SessionRegister.meeting_starts_at != BookingMeeting.starts_at,
    )


def _on_shelf(shelf: Shelf, *, now: datetime) -> ColumnElement[bool]:
    is_waiting = or_(SessionRegister.id.is_(None), _is_stale())
    if shelf is Shelf.DUE:
        return and_(is_waiting, BookingMeeting.starts_at <= now)
    if shelf is Shelf.AHEAD:
        return and_(is_waiting, BookingMeeting.starts_at > now)
    return and_(SessionRegister.id.is_not(None), ~_is_stale())


def _is_theirs(actor: Actor) -> ColumnElement[bool]:
    if actor.sees_all:
        return true()
    return or_(
        BookingMeeting.facilitator_id == actor.id,
        Edition.organisation_id.in_(actor.scope) if actor.scope else false(),
        Site.institute_id.in_(actor.scope) if actor.scope else false(),
    )
