"""Rows of the ground: the audit trail, facts about this installation, and days on which the clock's tasks ran."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from prevention.core.db import Model, UtcDateTime, UUIDPk


class AuditEntry(Model):
    """One thing that one person did to one row. Written, never changed."""

    __tablename__ = "audit_entry"
    # The trail of one row, newest first.
    __table_args__ = (Index("ix_audit_entry_subject", "subject_id", "at"),)

    id: Mapped[UUIDPk]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    action: Mapped[str] = mapped_column(String(80))
    subject_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)


class InstallationFact(Model):
    """One fact about this installation, e.g. that its rows are made up for a demonstration."""

    __tablename__ = "installation_fact"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(400))


class DailyRun(Model):
    """One day on which a task of the clock ran; see `daily`."""

    __tablename__ = "daily_run"
    __table_args__ = (UniqueConstraint("task", "day", name="uq_daily_run_task_day"),)

    id: Mapped[UUIDPk]
    task: Mapped[str] = mapped_column(String(40))
    day: Mapped[date]
    ran_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WordTranslation(Model):
    """The words of some pages or papers in one more language: unit (see `wordsets`) to text.

    Readers see the language when it is complete and a person has approved it; another import takes that back.
    """

    __tablename__ = "word_translation"

    word_set: Mapped[str] = mapped_column(String(20), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    texts: Mapped[dict[str, str]] = mapped_column(JSON)
    is_approved: Mapped[bool] = mapped_column(default=False)
