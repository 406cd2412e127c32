"""The outbox: put a message in, take the next one out, say what became of it."""

import base64
import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from prevention.core import audit, clock
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.mail import Attachment
from prevention.messages import signals
from prevention.messages.models import MessageStatus, OutboxMessage
from prevention.messages.rules import LEASE, NotGivenUp, wait_after


def enqueue(
    *, key: str, to: str, subject: str, body: str, language: str, attachments: Sequence[Attachment] = ()
) -> None:
    """Put a mail into the outbox, in the caller's transaction.

    Args:
        key: names the occasion, e.g. ``"booking-confirmed:<id>"``; the same key twice is one message.
        to: one address.
        subject: one line, in the recipient's language.
        body: plain text.
        language: ``"it"`` or ``"en"``.
        attachments: files that ride along.
    """
    now = clock.now()
    values = {
        "id": uuid.uuid4(),
        "key": key,
        "recipient": to,
        "subject": " ".join(subject.split()),
        "body": body,
        "language": language,
        "attachments": [
            {
                "file_name": attachment.file_name,
                "media_type": attachment.media_type,
                "content": base64.b64encode(attachment.content).decode(),
                "is_alternative": attachment.is_alternative,
            }
            for attachment in attachments
        ],
        "status": MessageStatus.WAITING,
        "attempts": 0,
        "queued_at": now,
        "due_at": now,
    }
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    db.session.execute(insert(OutboxMessage).values(**values).on_conflict_do_nothing(index_elements=["key"]))


def claim_next(now: datetime) -> OutboxMessage | None:
    """Take the next message that is due, for one process alone, or give None.

    A message is leased for `LEASE`: one whose process died comes back by itself.
    """
    due = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.status.in_([MessageStatus.WAITING, MessageStatus.SENDING]),
            OutboxMessage.due_at <= now,
        )
        .order_by(OutboxMessage.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    return db.session.scalar(
        update(OutboxMessage)
        .where(OutboxMessage.id == due, OutboxMessage.due_at <= now)
        .values(status=MessageStatus.SENDING, due_at=now + LEASE, attempts=OutboxMessage.attempts + 1)
        .returning(OutboxMessage)
        .execution_options(populate_existing=True)
    )


def mark_sent(message_id: uuid.UUID, now: datetime) -> None:
    """Note that the mail server took the message."""
    message = db.session.get_one(OutboxMessage, message_id)
    message.status, message.sent_at, message.last_error = MessageStatus.SENT, now, None
    signals.address_accepted.send(None, address=message.recipient)


def mark_failed(message_id: uuid.UUID, now: datetime, *, reason: str, is_final: bool = False) -> None:
    """Note a failed try; the message waits longer each time and is given up at last.

    It is given up at once if `is_final`: the server refused the address for good (RFC 5321, section 4.2.1).
    """
    message = db.session.get_one(OutboxMessage, message_id)
    message.last_error = reason[:400]
    wait = None if is_final else wait_after(message.attempts)
    message.status = MessageStatus.DEAD if wait is None else MessageStatus.WAITING
    message.due_at = now if wait is None else now + wait
    if is_final:
        signals.address_refused.send(None, address=message.recipient)


def message_of(message_id: uuid.UUID) -> OutboxMessage:
    """Give a message.

    Raises:
        NotYours: there is none with this id.
    """
    message = db.session.get(OutboxMessage, message_id)
    if message is None:
        raise NotYours(message_id)
    return message


def try_again(actor: Actor, message: OutboxMessage) -> None:
    """Send a message that was given up once more, with as many tries as a new one. Flushes.

    Raises:
        NotGivenUp: it is on its way or was sent.
    """
    if not _revive(OutboxMessage.id == message.id):
        raise NotGivenUp
    audit.record(actor, "messages.tried_again", message.id)


def try_all_again(actor: Actor) -> int:
    """Send all messages that were given up once more, e.g. after an outage; give how many. Flushes."""
    revived = _revive(OutboxMessage.id.is_not(None))
    if revived:
        audit.record(actor, "messages.all_tried_again", None, messages=revived)
    return revived


def correct_address(actor: Actor, message: OutboxMessage, address: str) -> int:
    """Send what was given up for one address to another one, and change it where the person is known. Flushes.

    Returns:
        How many messages go out again.

    Raises:
        NotGivenUp: the message is on its way or was sent.
        AddressTaken: the new address is another person's.
    """
    if message.status is not MessageStatus.DEAD:
        raise NotGivenUp
    before = message.recipient
    signals.address_corrected.send(None, before=before, after=address)
    revived = _revive(OutboxMessage.recipient == before, recipient=address)
    audit.record(actor, "messages.address_corrected", message.id, messages=revived)
    return revived


def count_given_up() -> int:
    """Count the messages that were given up."""
    query = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.status == MessageStatus.DEAD)
    return db.session.scalar(query) or 0


def _revive(which: ColumnElement[bool], **changes: str) -> int:
    # Conditional, so that of two people who press the button at once one is told that it is under way.
    revived = db.session.scalars(
        update(OutboxMessage)
        .where(which, OutboxMessage.status == MessageStatus.DEAD)
        .values(status=MessageStatus.WAITING, attempts=0, due_at=clock.now(), last_error=None, **changes)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    ).all()
    db.session.expire_all()
    return len(revived)


def messages(status: MessageStatus | None = None) -> Select[OutboxMessage]:
    """Select messages, newest first; of one status when given."""
    query = select(OutboxMessage).order_by(OutboxMessage.queued_at.desc(), OutboxMessage.key)
    return query if status is None else query.where(OutboxMessage.status == status)


def attachments_of(message: OutboxMessage) -> tuple[Attachment, ...]:
    """Give the files that ride along."""
    return tuple(
        Attachment(
            file_name=stored["file_name"],
            media_type=stored["media_type"],
            content=base64.b64decode(stored["content"]),
            is_alternative=stored.get("is_alternative", False),
        )
        for stored in message.attachments
    )
