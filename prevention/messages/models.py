"""The rows of the outbox."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, Text
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
    # [{"file_name": …, "media_type": …, "content": base64 text}]
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    status: Mapped[MessageStatus] = mapped_column(enum_column(MessageStatus, name="status"))
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(String(400))
