"""Rows of early signals and of the alerts that follow."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.core.db import Model, UtcDateTime, UUIDPk, enum_column
from prevention.early_signals.rules import AlertOrigin, SignalKind, SignalStatus
from prevention.network.models import Municipality
from prevention.schools.models import Institute

ONE_ALERT = ("uq_early_alert_series_week", "early_alert.series, early_alert.week")


class EarlySignal(Model):
    """What one school noticed in one week (`week` is its Monday) in one municipality.

    `words` name nobody; they are erased (empty) when the signal is refused or old. `message` is what the moderator
    wrote back to the school.
    """

    __tablename__ = "early_signal"
    __table_args__ = (
        # Counting by kind and week; the list of what waits.
        Index("ix_early_signal_week", "status", "kind", "week"),
        # A school's own signals.
        Index("ix_early_signal_institute_id", "institute_id"),
        CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name="decided"),
    )

    id: Mapped[UUIDPk]
    institute_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("institute.id"))
    municipality_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("municipality.id"))
    kind: Mapped[SignalKind] = mapped_column(enum_column(SignalKind, name="kind"))
    week: Mapped[date]
    words: Mapped[str] = mapped_column(Text)
    status: Mapped[SignalStatus] = mapped_column(enum_column(SignalStatus, name="status"), default=SignalStatus.WAITING)
    message: Mapped[str] = mapped_column(String(500), default="")
    sent_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    institute: Mapped[Institute] = relationship()
    municipality: Mapped[Municipality] = relationship()


class EarlyAlert(Model):
    """One alert to the network.

    `series` names what moved: ``kind|area`` of signals (an empty area is the whole district), or
    ``indicator|domain`` of a survey. `week` is the Monday of its last week, or of the week in which the later survey
    was sealed. `figures` are what the page says of it: for signals ``schools``, ``expected``, ``weeks``, ``p``; for
    a survey ``before``, ``now`` (shares), ``low``, ``high`` (of the difference), ``before_year``, ``now_year`` and the
    indicator's and the group's names by language. `note` is what the district writes to everybody.
    """

    __tablename__ = "early_alert"
    __table_args__ = (UniqueConstraint("series", "week", name=ONE_ALERT[0]),)

    id: Mapped[UUIDPk]
    origin: Mapped[AlertOrigin] = mapped_column(enum_column(AlertOrigin, name="origin"))
    series: Mapped[str] = mapped_column(String(160))
    kind: Mapped[SignalKind | None] = mapped_column(enum_column(SignalKind, name="kind"))
    planning_area: Mapped[str | None] = mapped_column(String(80))
    week: Mapped[date]
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(Text, default="")
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
