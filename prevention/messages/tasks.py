"""What the clock does with the outbox: send the next message."""

import smtplib

import structlog
from flask import current_app

from prevention.config import Settings
from prevention.core import clock, mail
from prevention.core.db import unit_of_work
from prevention.messages import service

log = structlog.get_logger()


def send_next_message() -> bool:
    """Send one message that is due; say whether there was one.

    Without a mail server nothing is taken: messages wait. The message is claimed in one transaction and its end is
    noted in another, so a process killed in between sends it again after the lease, under the same Message-ID.
    """
    settings: Settings = current_app.config["SETTINGS"]
    if settings.mail_server is None:
        return False
    with unit_of_work():
        message = service.claim_next(clock.now())
        if message is None:
            return False
        message_id = message.id
        composed = mail.compose(
            sender=settings.mail_from,
            to=message.recipient,
            subject=message.subject,
            body=message.body,
            message_id=f"<{message.id}@prevention>",
            attachments=service.attachments_of(message),
        )
    try:
        mail.send(settings.mail_server, composed)
    except (smtplib.SMTPException, OSError) as error:
        refused = isinstance(error, smtplib.SMTPRecipientsRefused) and all(
            code >= 500 for code, _text in error.recipients.values()
        )
        log.warning("message_not_sent", message=str(message_id), reason=type(error).__name__)
        with unit_of_work():
            service.mark_failed(message_id, clock.now(), reason=_reason(error), is_final=refused)
        return True
    with unit_of_work():
        service.mark_sent(message_id, clock.now())
    return True


def _reason(error: smtplib.SMTPException | OSError) -> str:
    """Say what failed, with the server's answer where it gave one; the office reads it."""
    answer = ""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answer = " ".join(_answer(code, text) for code, text in error.recipients.values())
    elif isinstance(error, smtplib.SMTPResponseException):
        answer = _answer(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {answer}" if answer else type(error).__name__


def _answer(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(words.split())}"
