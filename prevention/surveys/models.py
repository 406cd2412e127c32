"""Rows of surveys: questionnaires, waves, codes, the box of ballots, the mixed answers.

What the tables that touch a person's answer must never have: a date, a time, a serial number, an address, a
person. Their keys are random; on SQLite they are WITHOUT ROWID, so that not even the file keeps the order of
arrival. No row joins a code to a ballot. A test reads both real databases and fails when a column of such a
kind appears.
"""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.core.db import LocalisedText, Model, UUIDPk, enum_column
from prevention.core.i18n import Localised
from prevention.schools.models import SchoolClass
from prevention.surveys.wave_rules import WaveMode, WaveStatus


class PublishedQuestionnaire(Model):
    """A published version of a questionnaire, frozen; `definition` is explained in `questionnaire.py`."""

    __tablename__ = "questionnaire"
    __table_args__ = (UniqueConstraint("code", "version", name="uq_questionnaire_code_version"),)

    id: Mapped[UUIDPk]
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(20))
    title: Mapped[Localised] = mapped_column(LocalisedText)
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_on: Mapped[date]


class Wave(Model):
    """One questionnaire in some classes of one school year, within a window of days (both included)."""

    __tablename__ = "wave"
    __table_args__ = (
        CheckConstraint("opens_on <= closes_on", name="window"),
        # The list of waves, newest school year first.
        Index("ix_wave_school_year", "school_year"),
    )

    id: Mapped[UUIDPk]
    name: Mapped[str] = mapped_column(String(120))
    school_year: Mapped[int]
    questionnaire_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("questionnaire.id"))
    mode: Mapped[WaveMode] = mapped_column(enum_column(WaveMode, name="mode"))
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    status: Mapped[WaveStatus] = mapped_column(enum_column(WaveStatus, name="status"), default=WaveStatus.DRAFT)

    questionnaire: Mapped[PublishedQuestionnaire] = relationship()
    classes: Mapped[list["WaveClass"]] = relationship(back_populates="wave", cascade="all, delete-orphan")


class WaveSecret(Model):
    """The two random keys of a wave: one hashes its codes, one marks its classes. Deleted when it is sealed."""

    __tablename__ = "wave_secret"

    wave_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave.id", ondelete="CASCADE"), primary_key=True)
    code_key: Mapped[bytes] = mapped_column(LargeBinary)
    cluster_key: Mapped[bytes] = mapped_column(LargeBinary)


class WaveClass(Model):
    """A class in a wave. `class_part_hash` finds it from the first part of a code; None before codes are made."""

    __tablename__ = "wave_class"
    __table_args__ = (
        UniqueConstraint("wave_id", "school_class_id", name="uq_wave_class_wave_class"),
        UniqueConstraint("class_part_hash", name="uq_wave_class_class_part_hash"),
        CheckConstraint("codes_made >= 0", name="codes_made"),
        # The waves of a coordinator's classes.
        Index("ix_wave_class_school_class_id", "school_class_id"),
    )

    id: Mapped[UUIDPk]
    wave_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave.id", ondelete="CASCADE"))
    school_class_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("school_class.id"))
    codes_made: Mapped[int] = mapped_column(default=0)
    class_part_hash: Mapped[bytes | None] = mapped_column(LargeBinary)

    wave: Mapped[Wave] = relationship(back_populates="classes")
    school_class: Mapped[SchoolClass] = relationship()
    report: Mapped["ClassReport | None"] = relationship(back_populates="wave_class")


class AccessCode(Model):
    """A keyed hash of a code, and whether it was spent. `receipt_hash` knows a page sent twice; erased on close."""

    __tablename__ = "access_code"
    __table_args__ = (
        # Codes of a class: made again, counted against the threshold, erased.
        Index("ix_access_code_wave_class_id", "wave_class_id"),
        {"sqlite_with_rowid": False},
    )

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    wave_class_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave_class.id", ondelete="CASCADE"))
    is_spent: Mapped[bool] = mapped_column(default=False)
    receipt_hash: Mapped[bytes | None] = mapped_column(LargeBinary)


class CodeGuard(Model):
    """How many wrong slip parts were tried for a class in one coarse window; see `codes.py`. Holds no person."""

    __tablename__ = "code_guard"
    __table_args__ = (CheckConstraint("failures >= 0", name="failures"),)

    class_part_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    guess_window: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)


class Ballot(Model):
    """One person's answers in the box, until they are mixed."""

    __tablename__ = "ballot"
    __table_args__ = ({"sqlite_with_rowid": False},)

    ballot_key: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    wave_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave.id"))
    cluster_mark: Mapped[bytes] = mapped_column(LargeBinary)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)


class MixedAnswer(Model):
    """One person's answers after mixing, under a new random key."""

    __tablename__ = "answer"
    __table_args__ = ({"sqlite_with_rowid": False},)

    answer_key: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    wave_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave.id"))
    cluster_mark: Mapped[bytes] = mapped_column(LargeBinary)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)


class ClassReport(Model):
    """What the adult in the room says of a class: numbers only, no names, no notes, no time."""

    __tablename__ = "class_report"
    __table_args__ = (
        CheckConstraint("enrolled >= 0 AND present >= 0 AND absent >= 0 AND refused >= 0", name="not_negative"),
        CheckConstraint("present + absent <= enrolled", name="pupils_add_up"),
        CheckConstraint("refused <= present", name="refused_were_present"),
    )

    wave_class_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave_class.id", ondelete="CASCADE"), primary_key=True)
    enrolled: Mapped[int]
    present: Mapped[int]
    absent: Mapped[int]
    refused: Mapped[int]
    disturbed: Mapped[bool]

    wave_class: Mapped[WaveClass] = relationship(back_populates="report")
