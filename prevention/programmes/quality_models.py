"""Rows of who takes part in a programme, who pays for it, and how far its quality is worked out."""

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.core.db import Model, UUIDPk, enum_column
from prevention.network.governance_models import Document
from prevention.network.models import Organisation
from prevention.programmes.models import Programme
from prevention.programmes.quality_rules import Part, Stage, StageState

ONE_PART = (
    "uq_programme_partner_part",
    "programme_partner.programme_id, programme_partner.organisation_id, programme_partner.part",
)


class ProgrammePartner(Model):
    """One part that an organisation takes in a programme, besides providing its editions."""

    __tablename__ = "programme_partner"
    __table_args__ = (UniqueConstraint("programme_id", "organisation_id", "part", name=ONE_PART[0]),)

    id: Mapped[UUIDPk]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id", ondelete="CASCADE"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    part: Mapped[Part] = mapped_column(enum_column(Part, name="part"))

    programme: Mapped[Programme] = relationship()
    organisation: Mapped[Organisation] = relationship()


class FundingLine(Model):
    """What one organisation pays in a school year, in cents; for one programme, or (None) for all of them."""

    __tablename__ = "funding_line"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        # The lines of a year.
        Index("ix_funding_line_school_year", "school_year"),
    )

    id: Mapped[UUIDPk]
    school_year: Mapped[int]
    payer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    programme_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("programme.id"))
    amount_cents: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(200), default="")

    payer: Mapped[Organisation] = relationship()
    programme: Mapped[Programme | None] = relationship()


class ProgrammeStage(Model):
    """Where a programme stands at one stage of the EDPQS: what there is, what is missing, who sees to it."""

    __tablename__ = "programme_stage"
    __table_args__ = (UniqueConstraint("programme_id", "stage", name="uq_programme_stage"),)

    id: Mapped[UUIDPk]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id", ondelete="CASCADE"))
    stage: Mapped[Stage] = mapped_column(enum_column(Stage, name="stage"))
    state: Mapped[StageState] = mapped_column(enum_column(StageState, name="state"))
    done: Mapped[str] = mapped_column(Text, default="")
    gap: Mapped[str] = mapped_column(Text, default="")
    owner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    reviewed_on: Mapped[date]

    owner: Mapped[Organisation | None] = relationship()
    documents: Mapped[list[Document]] = relationship(secondary="stage_document", order_by=Document.kept_at)


class StageDocument(Model):
    """One piece of evidence of a stage."""

    __tablename__ = "stage_document"

    stage_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme_stage.id", ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)
