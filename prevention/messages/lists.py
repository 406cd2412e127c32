"""The list of the outbox: its columns, what they sort by, and what its files hold."""

from flask_babel import lazy_gettext as _l

from prevention.core.lists import Cell, Column, Listing
from prevention.messages import wording
from prevention.messages.models import OutboxMessage

WIDE = 40


def outbox() -> Listing[OutboxMessage]:
    """Declare the list of messages, newest first; the words of a message are in no file."""
    return Listing(
        name="posta",
        columns=(
            Column(key="subject", words=_l("Subject"), value=lambda row: row.subject, width=WIDE),
            Column(
                key="to",
                words=_l("To"),
                value=lambda row: row.recipient,
                sort=(OutboxMessage.recipient,),
                width=WIDE,
            ),
            Column(
                key="status",
                words=_l("Status"),
                value=lambda row: wording.STATUS[row.status],
                sort=(OutboxMessage.status,),
            ),
            Column(key="trouble", words=_l("What happened"), value=_trouble, in_table=False, width=WIDE),
            Column(
                key="promised",
                words=_l("Promised"),
                value=lambda row: row.queued_at,
                sort=(OutboxMessage.queued_at,),
            ),
            Column(key="sent", words=_l("Sent"), value=lambda row: row.sent_at, in_table=False),
            Column(
                key="tries",
                words=_l("Tries"),
                value=lambda row: row.attempts,
                in_table=False,
                is_number=True,
            ),
            Column(key="open", words="", in_files=False),
        ),
        tie=OutboxMessage.id,
        sort="promised",
        is_descending=True,
    )


def _trouble(row: OutboxMessage) -> Cell:
    return wording.trouble(row.last_error) if row.last_error else ""
