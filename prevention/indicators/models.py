"""Rows of indicators: which waves are sealed, and what was published.

Neither is ever changed. A published table stands as the very text that was let out, with its hash. A correction is a
new seal that names the one whose place it takes; the old one, its file and its tables stay, because what was once
published stays known.
"""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from prevention.core.db import Model, UUIDPk, enum_column
from prevention.indicators.published import Audience, Dimension


class SealedWave(Model):
    """A wave whose answers exist only as one sealed file. `manifest` is explained in `manifest.py`.

    `corrects_id` is the seal whose place this one takes: None for the first of a wave. In force is the one that no
    other names. `releases`, of the first seal, counts what came out of the wave since: whoever publishes something more
    claims the count that it was tested at.
    """

    __tablename__ = "sealed_wave"
    __table_args__ = (
        # A wave is sealed once, and each seal is corrected once at most.
        Index(
            "uq_sealed_wave_first",
            "wave_id",
            unique=True,
            sqlite_where=text("corrects_id IS NULL"),
            postgresql_where=text("corrects_id IS NULL"),
        ),
        UniqueConstraint("corrects_id", name="uq_sealed_wave_corrects_id"),
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
    corrects_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("sealed_wave.id"))
    releases: Mapped[int] = mapped_column(default=0, server_default="0")


class SealCorrection(Model):
    """A correction that the office asked for; carried out once a seal names `seal_id`. `recipe`: see `corrections`."""

    __tablename__ = "seal_correction"
    __table_args__ = (UniqueConstraint("seal_id", name="uq_seal_correction_seal_id"),)

    id: Mapped[UUIDPk]
    seal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sealed_wave.id"))
    recipe: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(500))
    asked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    asked_on: Mapped[date]


class PublishedTableRow(Model):
    """A line of the release ledger: `payload` is the table as JSON, letter by letter, and `sha256` its hash.

    `selection` is empty for a table about all pupils of the wave, else the filter, as `selections` writes it.
    """

    __tablename__ = "published_table"
    __table_args__ = (
        UniqueConstraint(
            "seal_id", "indicator_id", "dimension", "audience", "selection", name="uq_published_table_what"
        ),
        # The tables of a school year for one audience: explore, reports, open data.
        Index("ix_published_table_school_year_audience", "school_year", "audience"),
    )

    id: Mapped[UUIDPk]
    seal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sealed_wave.id"))
    wave_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave.id"))
    school_year: Mapped[int]
    selection: Mapped[str] = mapped_column(String(1000), default="")
    indicator_id: Mapped[str] = mapped_column(String(16))
    dimension: Mapped[Dimension] = mapped_column(enum_column(Dimension, name="dimension"))
    audience: Mapped[Audience] = mapped_column(enum_column(Audience, name="audience"))
    position: Mapped[int]
    payload: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    published_on: Mapped[date]


class PanelRow(Model):
    """The released result of a before and after: `payload` is a `panel_gate.Panel` as JSON, `sha256` its hash.

    Written once, when both waves are sealed, and never changed: one row a pair.
    """

    __tablename__ = "panel"
    __table_args__ = (
        UniqueConstraint("pair_id", name="uq_panel_pair_id"),
        # The results of a school year, to choose from.
        Index("ix_panel_school_year", "school_year"),
    )

    id: Mapped[UUIDPk]
    pair_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave_pair.id"))
    school_year: Mapped[int]
    payload: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    published_on: Mapped[date]
