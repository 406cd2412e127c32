"""Rows of what really happened: registers, their activities, and the ids under which they were sent."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.accounts.models import User
from prevention.booking.models import BookingMeeting
from prevention.core.db import Model, UtcDateTime, UUIDPk, enum_column
from prevention.delivery.rules import (
    LAST_STAGE,
    MINUTES_LEAST,
    MINUTES_MOST,
    PUPILS_MOST,
    Extent,
    LedBy,
    Outcome,
    Reason,
    Scale,
)


class SessionRegister(Model):
    """What became of one booked meeting.

    A held meeting has counts and no reason, any other a reason and no counts. `meeting_starts_at` is when the meeting
    was to begin as the register was written: a moved meeting that has got a new date waits for a new register.
    `revision` counts from 1; each correction adds one.
    """

    __tablename__ = "session_register"
    __table_args__ = (
        UniqueConstraint("booking_meeting_id", name="uq_session_register_booking_meeting_id"),
        CheckConstraint(
            "(outcome = 'held' AND reason IS NULL AND minutes IS NOT NULL AND present IS NOT NULL"
            " AND expected IS NOT NULL AND led_by IS NOT NULL) OR "
            "(outcome <> 'held' AND reason IS NOT NULL AND minutes IS NULL AND present IS NULL"
            " AND expected IS NULL AND led_by IS NULL)",
            name="counts_when_held",
        ),
        CheckConstraint(f"minutes BETWEEN {MINUTES_LEAST} AND {MINUTES_MOST}", name="minutes"),
        CheckConstraint(
            f"1 <= present AND present <= expected AND expected <= {PUPILS_MOST}", name="present_and_expected"
        ),
        CheckConstraint("revision >= 1", name="revision"),
    )

    id: Mapped[UUIDPk]
    booking_meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking_meeting.id"))
    meeting_starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revision: Mapped[int] = mapped_column(default=1)
    outcome: Mapped[Outcome] = mapped_column(enum_column(Outcome, name="outcome"))
    reason: Mapped[Reason | None] = mapped_column(enum_column(Reason, name="reason"))
    reason_note: Mapped[str] = mapped_column(String(300), default="")
    minutes: Mapped[int | None]
    present: Mapped[int | None]
    expected: Mapped[int | None]
    led_by: Mapped[LedBy | None] = mapped_column(enum_column(LedBy, name="led_by"))
    adaptations: Mapped[str] = mapped_column(Text, default="")
    recorded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    meeting: Mapped[BookingMeeting] = relationship(lazy="raise_on_sql")
    recorder: Mapped[User] = relationship(lazy="raise_on_sql")
    activities: Mapped[list["ActivityRecord"]] = relationship(
        cascade="all, delete-orphan", lazy="raise_on_sql", back_populates="register"
    )


class ActivityRecord(Model):
    """How much of one activity was done at a held meeting."""

    __tablename__ = "activity_record"

    register_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("session_register.id", ondelete="CASCADE"), primary_key=True
    )
    activity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme_activity.id"), primary_key=True)
    extent: Mapped[Extent] = mapped_column(enum_column(Extent, name="extent"))

    register: Mapped[SessionRegister] = relationship(back_populates="activities", lazy="raise_on_sql")


class RegisterSubmission(Model):
    """The id that a phone made for a register it sent. What arrives under an id that is here changes nothing."""

    __tablename__ = "register_submission"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    register_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("session_register.id", ondelete="CASCADE"), index=True)


class RegisterChase(Model):
    """That a meeting's missing register was asked for at a stage; a meeting that was moved is asked about anew."""

    __tablename__ = "register_chase"
    __table_args__ = (CheckConstraint(f"stage BETWEEN 1 AND {LAST_STAGE}", name="stage"),)

    booking_meeting_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("booking_meeting.id", ondelete="CASCADE"), primary_key=True
    )
    meeting_starts_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    stage: Mapped[int] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LessonObservation(Model):
    """What a teacher saw of one meeting, item by item; the texts name nobody."""

    __tablename__ = "lesson_observation"
    __table_args__ = (UniqueConstraint("booking_meeting_id", name="uq_lesson_observation_booking_meeting_id"),)

    id: Mapped[UUIDPk]
    booking_meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking_meeting.id"))
    interest: Mapped[Scale] = mapped_column(enum_column(Scale, name="interest"))
    participation: Mapped[Scale] = mapped_column(enum_column(Scale, name="participation"))
    climate: Mapped[Scale] = mapped_column(enum_column(Scale, name="climate"))
    clarity: Mapped[Scale] = mapped_column(enum_column(Scale, name="clarity"))
    preparation: Mapped[Scale] = mapped_column(enum_column(Scale, name="preparation"))
    usefulness: Mapped[Scale] = mapped_column(enum_column(Scale, name="usefulness"))
    worked: Mapped[str] = mapped_column(String(500), default="")
    to_change: Mapped[str] = mapped_column(String(500), default="")
    observed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    observed_at: Mapped[datetime] = mapped_column(UtcDateTime)
