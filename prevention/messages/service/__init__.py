"""The verbs of the outbox, and of the texts that letters are written from."""

from prevention.messages.service.outbox import (
    attachments_of,
    claim_next,
    enqueue,
    mark_failed,
    mark_sent,
    messages,
)
from prevention.messages.service.texts import (
    WrittenText,
    fill,
    kind_of,
    kinds,
    register,
    reset_text,
    sample_of,
    text_of,
    texts_of,
    write_text,
    written_texts,
)

__all__ = [
    "WrittenText",
    "attachments_of",
    "claim_next",
    "enqueue",
    "fill",
    "kind_of",
    "kinds",
    "mark_failed",
    "mark_sent",
    "messages",
    "register",
    "reset_text",
    "sample_of",
    "text_of",
    "texts_of",
    "write_text",
    "written_texts",
]
