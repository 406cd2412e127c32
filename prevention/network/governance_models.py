"""Rows of how the network is run: documents, agreements, data-protection acts, the steering table and its decisions."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.core.db import Model, UtcDateTime, UUIDPk, enum_column
from prevention.network.governance_rules import ActKind, AgreementKind
from prevention.network.models import Organisation

# The shelf of the content store on which documents lie.
DOCUMENT_SHELF = "documents"
ONE_ACT_PER_VERSION = (
    "uq_protection_act_kind_title_version",
    "protection_act.kind, protection_act.title, protection_act.version",
)


class Document(Model):
    """A file that was handed in: its name, and where its content lies. Which row it belongs to, that row says."""

    __tablename__ = "document"
    # The sweep asks which contents are still spoken of.
    __table_args__ = (Index("ix_document_sha256", "sha256"),)

    id: Mapped[UUIDPk]
    file_name: Mapped[str] = mapped_column(String(160))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Agreement(Model):
    """What organisations agreed on, from when to when (None: open-ended), and its documents."""

    __tablename__ = "agreement"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="days"),)

    id: Mapped[UUIDPk]
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[AgreementKind] = mapped_column(enum_column(AgreementKind, name="kind"))
    signed_on: Mapped[date | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")

    parties: Mapped[list[Organisation]] = relationship(secondary="agreement_party", order_by=Organisation.name)
    documents: Mapped[list[Document]] = relationship(secondary="agreement_document", order_by=Document.kept_at)


class AgreementParty(Model):
    """One organisation that is a party to an agreement."""

    __tablename__ = "agreement_party"

    agreement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agreement.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)


class AgreementDocument(Model):
    """One document of an agreement."""

    __tablename__ = "agreement_document"

    agreement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agreement.id", ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)


class ProtectionAct(Model):
    """One version of an act of data protection. A newer version ends the one before on the day before it begins.

    `partner_id` is the processor (art. 28) or the other controller (art. 26).
    """

    __tablename__ = "protection_act"
    __table_args__ = (
        UniqueConstraint("kind", "title", "version", name=ONE_ACT_PER_VERSION[0]),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("starts_on <= ends_on", name="days"),
        CheckConstraint("kind NOT IN ('joint_controllers', 'processor') OR partner_id IS NOT NULL", name="has_partner"),
        CheckConstraint("partner_id <> controller_id", name="two"),
    )

    id: Mapped[UUIDPk]
    kind: Mapped[ActKind] = mapped_column(enum_column(ActKind, name="kind"))
    title: Mapped[str] = mapped_column(String(200))
    version: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    controller_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    partner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    document_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("document.id"))

    controller: Mapped[Organisation] = relationship(foreign_keys=[controller_id])
    partner: Mapped[Organisation | None] = relationship(foreign_keys=[partner_id])
    document: Mapped[Document | None] = relationship()


class TableMeeting(Model):
    """One meeting of the steering table: its day, what it is about, who sits at it, its minutes."""

    __tablename__ = "table_meeting"

    id: Mapped[UUIDPk]
    held_on: Mapped[date]
    place: Mapped[str] = mapped_column(String(160), default="")
    agenda: Mapped[str] = mapped_column(Text)
    minutes_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("document.id"))

    minutes: Mapped[Document | None] = relationship()
    seats: Mapped[list[Organisation]] = relationship(secondary="table_seat", order_by=Organisation.name)
    decisions: Mapped[list["Decision"]] = relationship(
        back_populates="meeting", order_by="Decision.position", cascade="all, delete-orphan"
    )


class TableSeat(Model):
    """One organisation that sits at a meeting of the table."""

    __tablename__ = "table_seat"

    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("table_meeting.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)


class Decision(Model):
    """What the table decided, who sees to it by when, and when it was done; `position` counts from 1."""

    __tablename__ = "table_decision"
    __table_args__ = (
        UniqueConstraint("meeting_id", "position", name="uq_table_decision_position"),
        # What is still to be done, the oldest first.
        Index("ix_table_decision_due", "done_on", "due_on"),
    )

    id: Mapped[UUIDPk]
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("table_meeting.id", ondelete="CASCADE"))
    position: Mapped[int]
    words: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    due_on: Mapped[date | None]
    done_on: Mapped[date | None]

    meeting: Mapped[TableMeeting] = relationship(back_populates="decisions")
    owner: Mapped[Organisation] = relationship()
