"""The row of a report run."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from prevention.core.db import Model, UtcDateTime, UUIDPk, enum_column
from prevention.reports.rules import Problem, RunStatus, Step

_UNDER_WAY = text("status IN ('queued', 'running')")


class ReportRun(Model):
    """One yearly report, asked for, under way or done. `progress` runs from 0 to 100.

    `claim` names the process that holds the run until `leased_until`; `figures` are the numbers that the paper was made
    from, as `YearFigures.to_json` writes them.
    """

    __tablename__ = "report_run"
    __table_args__ = (
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        CheckConstraint(
            "status <> 'done' OR (file_sha256 IS NOT NULL AND file_name IS NOT NULL AND finished_at IS NOT NULL)",
            name="done_has_file",
        ),
        CheckConstraint("status <> 'running' OR (claim IS NOT NULL AND leased_until IS NOT NULL)", name="claimed"),
        # Nobody needs the same report twice at once; also finds the run to show instead.
        Index(
            "uq_report_run_under_way",
            "school_year",
            "language",
            unique=True,
            sqlite_where=_UNDER_WAY,
            postgresql_where=_UNDER_WAY,
        ),
        # The oldest run that waits or whose lease has ended: asked every two seconds.
        Index("ix_report_run_waiting", "requested_at", sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
    )

    id: Mapped[UUIDPk]
    school_year: Mapped[int]
    language: Mapped[str] = mapped_column(String(2))
    status: Mapped[RunStatus] = mapped_column(enum_column(RunStatus, name="status"))
    progress: Mapped[int]
    step: Mapped[Step] = mapped_column(enum_column(Step, name="step"))
    attempts: Mapped[int]
    claim: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    figures: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    file_size: Mapped[int | None] = mapped_column(BigInteger)
    file_name: Mapped[str | None] = mapped_column(String(120))
    problem: Mapped[Problem | None] = mapped_column(enum_column(Problem, name="problem"))
    requested_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
