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

from prevention.booking.models import BookingMeeting
from prevention.core.db import LocalisedText, Model, UUIDPk, enum_column
from prevention.core.i18n import Localised
from prevention.schools.models import SchoolClass
from prevention.surveys.stored_answers import StoredAnswers
from prevention.surveys.wave_rules import SessionPurpose, Stage, WaveMode, WaveStatus


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


class QuestionnaireDraft(Model):
    """A questionnaire that the office is still writing; `definition` may have faults. `revision` counts changes."""

    __tablename__ = "questionnaire_draft"
    __table_args__ = (
        UniqueConstraint("code", name="uq_questionnaire_draft_code"),
        CheckConstraint("revision >= 1", name="revision"),
    )

    id: Mapped[UUIDPk]
    code: Mapped[str] = mapped_column(String(40))
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    revision: Mapped[int] = mapped_column(default=1)
    changed_on: Mapped[date]


class BankItem(Model):
    """One version of one item, whole in itself; see `bank.py`. A changed wording is a row with the next version."""

    __tablename__ = "bank_item"
    __table_args__ = (
        UniqueConstraint("code", "version", name="uq_bank_item_code_version"),
        CheckConstraint("version >= 1", name="version"),
    )

    id: Mapped[UUIDPk]
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)


class QuestionnaireTranslation(Model):
    """The texts of a published questionnaire in one more language: unit (see `units.py`) to text.

    Pupils see the language when it is complete and a person has approved it; another import takes that back.
    """

    __tablename__ = "questionnaire_translation"

    questionnaire_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("questionnaire.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    texts: Mapped[dict[str, str]] = mapped_column(JSON)
    is_approved: Mapped[bool] = mapped_column(default=False)


class InstrumentText(Model):
    """The licensed wording of a validated instrument, as the office loaded it; units as in `instruments.py`."""

    __tablename__ = "instrument_text"

    instrument: Mapped[str] = mapped_column(String(40), primary_key=True)
    texts: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON)
    licence: Mapped[str] = mapped_column(String(300))
    loaded_on: Mapped[date]


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


class WaveAct(Model):
    """One version of an act of data protection under which a wave was opened; a later version does not change it."""

    __tablename__ = "wave_act"

    wave_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave.id", ondelete="CASCADE"), primary_key=True)
    act_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("protection_act.id"), primary_key=True)


class WavePair(Model):
    """A programme's before and after. A linked one asks for a personal code, by which the two are joined once.

    `report` is what the joining gave (see `linking.py`), `key_destroyed_on` the day on which the key of the codes was
    deleted; neither before the second wave is closed.
    """

    __tablename__ = "wave_pair"

    id: Mapped[UUIDPk]
    name: Mapped[str] = mapped_column(String(120))
    is_linked: Mapped[bool]
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    key_destroyed_on: Mapped[date | None]

    waves: Mapped[list["PairedWave"]] = relationship(back_populates="pair")


class WavePairSecret(Model):
    """The key under which the elements of personal codes are hashed. Held apart; deleted once the pair is joined."""

    __tablename__ = "wave_pair_secret"

    pair_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave_pair.id", ondelete="CASCADE"), primary_key=True)
    element_key: Mapped[bytes] = mapped_column(LargeBinary)


class PairedWave(Model):
    """Which wave is the before and which the after of a pair."""

    __tablename__ = "paired_wave"
    __table_args__ = (UniqueConstraint("pair_id", "stage", name="uq_paired_wave_pair_stage"),)

    wave_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave.id", ondelete="CASCADE"), primary_key=True)
    pair_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave_pair.id"))
    stage: Mapped[Stage] = mapped_column(enum_column(Stage, name="stage"))

    wave: Mapped[Wave] = relationship()
    pair: Mapped[WavePair] = relationship(back_populates="waves")


class SessionWave(Model):
    """The wave that a delivered session opened for its class; one per session and purpose."""

    __tablename__ = "session_wave"
    __table_args__ = (UniqueConstraint("meeting_id", "purpose", name="uq_session_wave_meeting_purpose"),)

    wave_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave.id", ondelete="CASCADE"), primary_key=True)
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking_meeting.id"))
    purpose: Mapped[SessionPurpose] = mapped_column(enum_column(SessionPurpose, name="purpose"))

    wave: Mapped[Wave] = relationship()
    meeting: Mapped[BookingMeeting] = relationship()


class FamilyOptOut(Model):
    """How many families of a class said no, counted by the school. A number, never a name; kept beside the survey."""

    __tablename__ = "family_opt_out"
    __table_args__ = (CheckConstraint("families >= 0", name="families"),)

    wave_class_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave_class.id", ondelete="CASCADE"), primary_key=True)
    families: Mapped[int]


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
    """A keyed hash of a code, and whether it was spent.

    `receipt_hash` knows a page sent twice; while the code is not spent it holds something drawn. Erased on close.
    """

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


class CredentialKey(Model):
    """The key by which the right to hand in a ballot is signed blindly, one per class; see `blind.py`.

    A ballot that comes with a signature of this key says of which class it is, which the cluster mark says anyway, and
    nothing finer. Drawn when the first pupil of the class needs it, deleted when the wave is closed.
    """

    __tablename__ = "credential_key"
    __table_args__ = (UniqueConstraint("key_mark", name="uq_credential_key_key_mark"),)

    wave_class_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave_class.id", ondelete="CASCADE"), primary_key=True)
    key_mark: Mapped[bytes] = mapped_column(LargeBinary)
    private_key: Mapped[bytes] = mapped_column(LargeBinary)


class SpentCredential(Model):
    """A keyed hash of a credential that came with a ballot, so that it serves once. Erased when the wave is closed.

    No code is behind it: who signed it did not see it.
    """

    __tablename__ = "spent_credential"
    __table_args__ = ({"sqlite_with_rowid": False},)

    credential_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    wave_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave.id", ondelete="CASCADE"))


class Ballot(Model):
    """One person's answers in the box, until they are mixed."""

    __tablename__ = "ballot"
    __table_args__ = ({"sqlite_with_rowid": False},)

    ballot_key: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    wave_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave.id"))
    cluster_mark: Mapped[bytes] = mapped_column(LargeBinary)
    answers: Mapped[dict[str, Any]] = mapped_column(StoredAnswers)


class MixedAnswer(Model):
    """One person's answers after mixing, under a new random key."""

    __tablename__ = "answer"
    __table_args__ = ({"sqlite_with_rowid": False},)

    answer_key: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    wave_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("wave.id"))
    cluster_mark: Mapped[bytes] = mapped_column(LargeBinary)
    answers: Mapped[dict[str, Any]] = mapped_column(StoredAnswers)


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
