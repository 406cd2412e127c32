"""Rows of kits and what is in them."""

import uuid
from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.core.db import Model, UtcDateTime, UUIDPk, enum_column
from prevention.programmes.models import Programme, ProgrammeMeeting
from prevention.resources.models.library import Resource
from prevention.resources.rules import (
    TITLE_LENGTH_MAX,
    Moment,
)


class ResourceKit(Model):
    """An ordered collection of resources for a meeting of a programme, or for a programme as a whole."""

    __tablename__ = "resource_kit"

    id: Mapped[UUIDPk]
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH_MAX))
    intro: Mapped[str] = mapped_column(Text, default="")
    programme_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("programme.id"), index=True)
    meeting_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("programme_meeting.id", ondelete="SET NULL"))
    is_published: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    programme: Mapped[Programme | None] = relationship(lazy="raise_on_sql")
    meeting: Mapped[ProgrammeMeeting | None] = relationship(lazy="raise_on_sql")
    items: Mapped[list["ResourceKitItem"]] = relationship(
        cascade="all, delete-orphan", lazy="raise_on_sql", order_by="ResourceKitItem.position"
    )


class ResourceKitItem(Model):
    """One resource of a kit; `position` counts from 1 in the order of use, `note` says what it is for here."""

    __tablename__ = "resource_kit_item"
    __table_args__ = (UniqueConstraint("kit_id", "position", name="uq_resource_kit_item_position"),)

    id: Mapped[UUIDPk]
    kit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("resource_kit.id", ondelete="CASCADE"))
    resource_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    moment: Mapped[Moment] = mapped_column(enum_column(Moment, name="moment"), default=Moment.DURING)
    note: Mapped[str] = mapped_column(String(300), default="")

    resource: Mapped[Resource] = relationship(lazy="raise_on_sql")
