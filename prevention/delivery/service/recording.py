"""Writing down what became of a meeting: once, by those who may, and with a trail of corrections."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from prevention.booking.models import BookingMeeting
from prevention.booking.rules import BookingStatus, MeetingStatus
from prevention.core import audit
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.delivery import rules
from prevention.delivery.models import ActivityRecord, RegisterSubmission, SessionRegister
from prevention.delivery.rules import MeetingFacts, Outcome, RegisterEntry


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
    arrived = db.session.get(RegisterSubmission, submission_id) if submission_id is not None else None
    if arrived is not None:
        return _same_meeting(arrived, register)
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


def _same_meeting(arrived: RegisterSubmission, register: SessionRegister | None) -> SessionRegister:
    if register is None or arrived.register_id != register.id:
        raise rules.SubmissionOfAnotherMeeting
    return register


def _facts(meeting: BookingMeeting) -> MeetingFacts:
    planned = meeting.programme_meeting
    return MeetingFacts(
        starts_at=meeting.starts_at,
        is_booked=meeting.status is MeetingStatus.PLANNED and meeting.booking.status is BookingStatus.CONFIRMED,
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
