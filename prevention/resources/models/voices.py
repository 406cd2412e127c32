"""Rows of what readers say: of a resource, and of what they looked for in vain."""

import uuid
from datetime import date

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.core.db import Model, UUIDPk, enum_column
from prevention.resources.models.library import Resource
from prevention.resources.rules import (
    COMMENT_LENGTH_MAX,
    Moderation,
    Outcome,
)
from prevention.schools.rules import Level


class ResourceFeedback(Model):
    """What somebody who used a resource says of it: whether it worked, in which grade, and in words.

    `user_id` is None for a reader who is not signed in: such a line counts only once the office has let it through.
    Nothing else is kept of who wrote it.
    """

    __tablename__ = "resource_feedback"
    __table_args__ = (
        CheckConstraint("grade BETWEEN 1 AND 5", name="grade"),
        # One person says one thing of one resource; several nobodies may.
        UniqueConstraint("resource_id", "user_id", name="uq_resource_feedback_person"),
        # The editors' desk asks for what waits.
        Index("ix_resource_feedback_state", "state", "given_on"),
    )

    id: Mapped[UUIDPk]
    resource_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    outcome: Mapped[Outcome] = mapped_column(enum_column(Outcome, name="outcome"))
    level: Mapped[Level | None] = mapped_column(enum_column(Level, name="level"))
    grade: Mapped[int | None]
    comment: Mapped[str] = mapped_column(String(COMMENT_LENGTH_MAX), default="")
    state: Mapped[Moderation] = mapped_column(enum_column(Moderation, name="state"), default=Moderation.WAITING)
    given_on: Mapped[date]

    resource: Mapped[Resource] = relationship(lazy="raise_on_sql")


class ResourceWish(Model):
    """What a reader looked for and did not find. `answer` is for the editors' own notes; nobody is written to."""

    __tablename__ = "resource_wish"
    __table_args__ = (Index("ix_resource_wish_open", "is_done", "wished_on"),)

    id: Mapped[UUIDPk]
    words: Mapped[str] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(String(COMMENT_LENGTH_MAX), default="")
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    is_done: Mapped[bool] = mapped_column(default=False)
    wished_on: Mapped[date]
