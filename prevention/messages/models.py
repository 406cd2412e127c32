"""The rows of the outbox, and of letter texts that the office wrote."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from prevention.core.db import Model, UtcDateTime, UUIDPk, enum_column


class MessageStatus(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


class OutboxMessage(Model):
    """One mail, from the moment it is promised to the moment it is sent or given up."""

    __tablename__ = "outbox_message"
    # The job asks for the next message that is due.
    __table_args__ = (Index("ix_outbox_message_due", "status", "due_at"),)

    id: Mapped[UUIDPk]
    key: Mapped[str] = mapped_column(String(200), unique=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    # [{"file_name": …, "media_type": …, "content": base64 text, "is_alternative": bool}]
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    status: Mapped[MessageStatus] = mapped_column(enum_column(MessageStatus, name="status"))
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(400))


class LetterText(Model):
    """The words of one kind of letter in one language, as the office wrote them; without a row, ours hold.

    `revision` counts from 1 and rises with every change.
    """

    __tablename__ = "letter_text"
    __table_args__ = (
        UniqueConstraint("kind", "language", name="uq_letter_text_kind_language"),
        CheckConstraint("revision >= 1", name="revision"),
    )

    id: Mapped[UUIDPk]
    kind: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    written_by: Mapped[uuid.UUID]
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
