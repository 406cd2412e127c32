"""Rows of indicators: which waves are sealed, and what was published.

Neither is ever changed. A published table stands as the very text that was let out, with its hash; a correction is a
new wave's business, never an edit.
"""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from prevention.core.db import Model, UUIDPk, enum_column
from prevention.indicators.published import Audience, Dimension


class SealedWave(Model):
    """A wave whose answers exist only as one sealed file. `manifest` is explained in `manifest.py`."""

    __tablename__ = "sealed_wave"
    __table_args__ = (
        UniqueConstraint("wave_id", name="uq_sealed_wave_wave_id"),
        UniqueConstraint("file_name", name="uq_sealed_wave_file_name"),
        # The sealed waves of a school year, for reports.
        Index("ix_sealed_wave_school_year", "school_year"),
    )

    id: Mapped[UUIDPk]
    wave_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave.id"))
    school_year: Mapped[int]
    wave_name: Mapped[str] = mapped_column(String(120))
    file_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    manifest: Mapped[dict[str, Any]] = mapped_column(JSON)
    sealed_on: Mapped[date]


class PublishedTableRow(Model):
    """A line of the release ledger: `payload` is the table as JSON, letter by letter, and `sha256` its hash."""

    __tablename__ = "published_table"
    __table_args__ = (
        UniqueConstraint("wave_id", "indicator_id", "dimension", "audience", name="uq_published_table_what"),
        # The tables of a school year for one audience: explore, reports, open data.
        Index("ix_published_table_school_year_audience", "school_year", "audience"),
    )

    id: Mapped[UUIDPk]
    wave_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sealed_wave.wave_id"))
    school_year: Mapped[int]
    indicator_id: Mapped[str] = mapped_column(String(16))
    dimension: Mapped[Dimension] = mapped_column(enum_column(Dimension, name="dimension"))
    audience: Mapped[Audience] = mapped_column(enum_column(Audience, name="audience"))
    position: Mapped[int]
    payload: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    published_on: Mapped[date]
