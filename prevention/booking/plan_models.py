"""Rows of planning: when facilitators are there, a run of the year planner, and what it proposes."""

import uuid
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.accounts.models import User
from prevention.booking.models import Booking
from prevention.booking.plan_rules import WEEKLY_CAP_DEFAULT, WEEKLY_CAP_MAX, PlanningProblem, PlanningStatus
from prevention.core.db import Model, UtcDateTime, UUIDPk, enum_column
from prevention.network.models import Municipality
from prevention.schools.time_models import Room

_UNDER_WAY = text("status IN ('queued', 'running')")


class FacilitatorHours(Model):
    """A part of every week (0 Monday to 6 Sunday) in which a facilitator can lead meetings, on the wall clock."""

    __tablename__ = "facilitator_availability"
    __table_args__ = (
        UniqueConstraint("user_id", "weekday", "starts", name="uq_facilitator_availability_start"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("starts < ends", name="times"),
    )

    id: Mapped[UUIDPk]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    starts: Mapped[time]
    ends: Mapped[time]


class FacilitatorDays(Model):
    """Days, both included, on which a facilitator is away, or there besides the weekly hours.

    Without hours it is the whole day. Being away goes before being there.
    """

    __tablename__ = "availability_exception"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("(starts IS NULL) = (ends IS NULL)", name="both_hours"),
        CheckConstraint("starts < ends", name="times"),
        # The exceptions of one person, by day.
        Index("ix_availability_exception_user", "user_id", "first_day"),
    )

    id: Mapped[UUIDPk]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    is_available: Mapped[bool] = mapped_column(default=False)
    starts: Mapped[time | None]
    ends: Mapped[time | None]
    note: Mapped[str] = mapped_column(String(200), default="")


class FacilitatorTerms(Model):
    """How many meetings a week a facilitator leads at most, and from which municipality they start."""

    __tablename__ = "facilitator_terms"
    __table_args__ = (CheckConstraint(f"weekly_cap BETWEEN 1 AND {WEEKLY_CAP_MAX}", name="weekly_cap"),)

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    weekly_cap: Mapped[int] = mapped_column(default=WEEKLY_CAP_DEFAULT)
    base_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("municipality.id"))

    base: Mapped[Municipality | None] = relationship()


class PlanningRun(Model):
    """One search for the dates of all open requests of a school year, between two days (both included).

    `progress` runs from 0 to 100; `placed` of `asked` requests have all their dates; `gap` is how far the plan may be
    from the best one, as a share of the bound. `claim` names the process that holds the run until `leased_until`.
    """

    __tablename__ = "planning_run"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        CheckConstraint("seconds BETWEEN 1 AND 3600", name="seconds"),
        CheckConstraint("status <> 'running' OR (claim IS NOT NULL AND leased_until IS NOT NULL)", name="claimed"),
        CheckConstraint("(status = 'published') = (published_at IS NOT NULL)", name="published"),
        # Two searches for one year would plan the same requests twice.
        Index(
            "uq_planning_run_under_way",
            "school_year",
            unique=True,
            sqlite_where=_UNDER_WAY,
            postgresql_where=_UNDER_WAY,
        ),
        # The oldest run that waits or whose lease has ended: asked every two seconds.
        Index("ix_planning_run_waiting", "requested_at", sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
    )

    id: Mapped[UUIDPk]
    school_year: Mapped[int]
    first_day: Mapped[date]
    last_day: Mapped[date]
    seed: Mapped[int]
    seconds: Mapped[int]
    status: Mapped[PlanningStatus] = mapped_column(enum_column(PlanningStatus, name="status"))
    wants_stop: Mapped[bool] = mapped_column(default=False)
    progress: Mapped[int] = mapped_column(default=0)
    repairs: Mapped[int] = mapped_column(default=0)
    asked: Mapped[int] = mapped_column(default=0)
    placed: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    trip_minutes: Mapped[int] = mapped_column(default=0)
    smallest_share: Mapped[int] = mapped_column(default=0)
    gap: Mapped[float | None]
    attempts: Mapped[int] = mapped_column(default=0)
    claim: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[PlanningProblem | None] = mapped_column(enum_column(PlanningProblem, name="problem"))
    requested_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PlannedMeeting(Model):
    """A date that a run proposes. `is_locked` keeps it where it is; `is_told`: its mails are in the outbox."""

    __tablename__ = "planned_meeting"
    __table_args__ = (
        UniqueConstraint("run_id", "booking_id", "number", name="uq_planned_meeting_run_booking_number"),
        CheckConstraint("starts_at < ends_at", name="times"),
        # The week of a run's plan.
        Index("ix_planned_meeting_run_starts", "run_id", "starts_at"),
        # What is published and not told yet, asked every few seconds.
        Index(
            "ix_planned_meeting_untold",
            "booking_id",
            sqlite_where=text("is_told = 0"),
            postgresql_where=text("NOT is_told"),
        ),
    )

    id: Mapped[UUIDPk]
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("planning_run.id", ondelete="CASCADE"))
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"))
    number: Mapped[int]
    facilitator_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    room_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("room.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_locked: Mapped[bool] = mapped_column(default=False)
    is_told: Mapped[bool] = mapped_column(default=False)

    booking: Mapped[Booking] = relationship()
    facilitator: Mapped[User] = relationship()
    room: Mapped[Room | None] = relationship()


class UnplacedRequest(Model):
    """A request that a run found no dates for; `reasons` are names of `WaitReason`."""

    __tablename__ = "unplaced_request"
    __table_args__ = (UniqueConstraint("run_id", "booking_id", name="uq_unplaced_request_run_booking"),)

    id: Mapped[UUIDPk]
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("planning_run.id", ondelete="CASCADE"))
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"))
    reasons: Mapped[list[Any]] = mapped_column(JSON)

    booking: Mapped[Booking] = relationship()
