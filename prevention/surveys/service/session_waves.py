"""Waves that a delivered session opens for its own class: feedback on it, or the after of the class's pair."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from prevention.booking.models import BookingMeeting
from prevention.core import audit
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.delivery import service as delivery
from prevention.delivery.models import SessionRegister
from prevention.delivery.rules import Outcome
from prevention.surveys.models import PairedWave, SessionWave, Wave, WaveClass
from prevention.surveys.service.questionnaires import chosen_questionnaire
from prevention.surveys.service.waves import create_wave, open_wave
from prevention.surveys.wave_rules import NewWave, SessionPurpose, Stage, WaveMode, WaveRefused, WaveStatus

# A class answers in the lesson itself or in one of the next; after that the session is too far away.
DAYS_OPEN = 7

FEEDBACK = "feedback"


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionState:
    """What a session may open and has opened: purpose to the class's place in the wave, None while it is not open."""

    meeting: BookingMeeting
    is_held: bool
    opened: Mapping[SessionPurpose, WaveClass | None]


def session_state(actor: Actor, meeting_id: uuid.UUID) -> SessionState:
    """Load a session for a person who may register it, with the waves it can open. Four queries.

    The after is among them when the class answered the before of a pair whose after is prepared for it.

    Raises:
        NotYours: there is no such session, or it is none of theirs.
    """
    meeting = delivery.meeting_for(actor, meeting_id)
    opened: dict[SessionPurpose, WaveClass | None] = {SessionPurpose.FEEDBACK: None}
    after = _after_of(meeting.booking.school_class_id)
    if after is not None:
        opened[SessionPurpose.POST] = after if after.wave.status is not WaveStatus.DRAFT else None
    for row in db.session.scalars(
        select(SessionWave)
        .where(SessionWave.meeting_id == meeting.id)
        .options(joinedload(SessionWave.wave).selectinload(Wave.classes))
    ):
        opened[row.purpose] = row.wave.classes[0] if row.purpose is SessionPurpose.FEEDBACK else after
    outcome = db.session.scalar(select(SessionRegister.outcome).where(SessionRegister.booking_meeting_id == meeting.id))
    return SessionState(meeting=meeting, is_held=outcome is Outcome.HELD, opened=opened)


def open_for_session(actor: Actor, state: SessionState, purpose: SessionPurpose, *, today: date) -> WaveClass:
    """Open the wave of a session for its class, once; give the class's place in it. Flushes.

    Feedback makes a wave of its own, open for `DAYS_OPEN` days. The after opens the prepared wave of the pair.

    Raises:
        WaveRefused: the session was not registered as held, opened one before, or has no after to open.
    """
    if not state.is_held:
        raise WaveRefused(WaveRefused.NOT_HELD)
    if purpose not in state.opened or state.opened[purpose] is not None:
        raise WaveRefused(WaveRefused.WRONG_STATUS)
    meeting = state.meeting
    school_class = meeting.booking.school_class
    if purpose is SessionPurpose.FEEDBACK:
        meeting.booking.edition.programme.name.text("it")
        wave = create_wave(
            actor,
            NewWave(
                name=f"{meeting.booking.edition.programme.name.text('it')}, {school_class.label}, {meeting.number}"[
                    :120
                ],
                school_year=school_class.school_year,
                questionnaire_id=chosen_questionnaire(FEEDBACK),
                opens_on=today,
                closes_on=today + timedelta(days=DAYS_OPEN),
                mode=WaveMode.FEEDBACK,
            ),
            class_ids=[school_class.id],
        )
        found = wave.classes[0]
    else:
        after = _after_of(school_class.id)
        if after is None:
            raise WaveRefused(WaveRefused.WRONG_STATUS)
        found, wave = after, after.wave
        if wave.closes_on < today:
            raise WaveRefused(WaveRefused.WRONG_STATUS)
        wave.opens_on = min(wave.opens_on, today)
    try:
        with db.session.begin_nested():
            db.session.add(SessionWave(wave_id=wave.id, meeting_id=meeting.id, purpose=purpose))
    except IntegrityError as error:
        # Two at once: the other one has opened it.
        raise WaveRefused(WaveRefused.WRONG_STATUS) from error
    if wave.status is WaveStatus.DRAFT:
        open_wave(actor, wave)
    audit.record(actor, "surveys.session_wave_opened", wave.id, meeting=str(meeting.id), purpose=purpose.value)
    db.session.flush()
    return found


def session_of(wave_id: uuid.UUID) -> uuid.UUID | None:
    """Give the session that opened a wave, or None."""
    return db.session.scalar(select(SessionWave.meeting_id).where(SessionWave.wave_id == wave_id))


def _after_of(school_class_id: uuid.UUID) -> WaveClass | None:
    """Give the class's place in the after of a pair whose before is over, if that after is not closed yet."""
    return db.session.scalar(
        select(WaveClass)
        .join(Wave, Wave.id == WaveClass.wave_id)
        .join(PairedWave, PairedWave.wave_id == Wave.id)
        .where(
            WaveClass.school_class_id == school_class_id,
            PairedWave.stage == Stage.POST,
            Wave.status.in_((WaveStatus.DRAFT, WaveStatus.OPEN)),
        )
        .options(joinedload(WaveClass.wave))
        .order_by(Wave.opens_on.desc())
        .limit(1)
    )
