"""Rows of reports: runs, editions, and the papers of an edition."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from prevention.core.db import Model, UtcDateTime, UUIDPk, enum_column
from prevention.reports.edition_rules import BuildState, EditionState
from prevention.reports.papers.kinds import Kind
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


_NOT_OUT = text("state <> 'published'")
_TO_BUILD = text("build IN ('waiting', 'building')")


class ReportEdition(Model):
    """One edition of a school year's report: its figures, the office's texts, who signed, its papers.

    `texts` hold, by language, what `YearFigures.texts` will: "conclusions", "plan"; `texts_version` rises with every
    saving. `identifier` is that of the figures with the texts, set by the signature. `claim` names the process that
    builds the papers until `leased_until`; `papers_before` were there when it began. `drawings` are the charts of the
    web page by the SHA-256 of their specification. Figures and drawings are long, and read only where they are used.
    """

    __tablename__ = "report_edition"
    __table_args__ = (
        UniqueConstraint("school_year", "number", name="uq_report_edition_number"),
        # One edition of a year at a time is in the making.
        Index(
            "uq_report_edition_under_way",
            "school_year",
            unique=True,
            sqlite_where=_NOT_OUT,
            postgresql_where=_NOT_OUT,
        ),
        # The edition whose papers are to be built: asked every two seconds.
        Index("ix_report_edition_to_build", "signed_at", sqlite_where=_TO_BUILD, postgresql_where=_TO_BUILD),
        CheckConstraint(
            "state IN ('draft', 'in_review') OR (identifier IS NOT NULL AND signed_at IS NOT NULL)", name="signed"
        ),
        CheckConstraint("state <> 'published' OR (published_at IS NOT NULL AND build = 'done')", name="published"),
        CheckConstraint("build <> 'building' OR (claim IS NOT NULL AND leased_until IS NOT NULL)", name="claimed"),
    )

    id: Mapped[UUIDPk]
    school_year: Mapped[int]
    number: Mapped[int]
    state: Mapped[EditionState] = mapped_column(enum_column(EditionState, name="state"))
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    drawings: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    collected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    texts: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON)
    texts_version: Mapped[int]
    changes: Mapped[dict[str, str]] = mapped_column(JSON)
    identifier: Mapped[str | None] = mapped_column(String(64))
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text)
    signed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    signed_name: Mapped[str] = mapped_column(String(120))
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    build: Mapped[BuildState] = mapped_column(enum_column(BuildState, name="build"))
    papers_wanted: Mapped[int]
    papers_before: Mapped[int] = mapped_column(default=0, server_default="0")
    claim: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int]
    build_began_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[Problem | None] = mapped_column(enum_column(Problem, name="problem"))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReportPaper(Model):
    """One finished paper of an edition.

    `printed` holds name and text of its figures, for the comparison of all; it is long, and read for that alone.
    """

    __tablename__ = "report_paper"

    edition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("report_edition.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[Kind] = mapped_column(enum_column(Kind, name="kind"), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    scope: Mapped[str] = mapped_column(String(20), primary_key=True)
    file_name: Mapped[str] = mapped_column(String(120))
    file_sha256: Mapped[str] = mapped_column(String(64))
    file_size: Mapped[int] = mapped_column(BigInteger)
    printed: Mapped[list[list[str]]] = mapped_column(JSON, deferred=True)
