"""Sending one mail over SMTP; what to send and when is the business of the outbox above."""

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import parse_qs, unquote, urlsplit

from prevention.core import clock

TIMEOUT_S = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file that rides with a mail. `media_type` may carry parameters, e.g. ``text/calendar; method=REQUEST``.

    One that `is_alternative` says the same as the text in another form, and stands beside it instead of below it.
    """

    file_name: str
    media_type: str
    content: bytes
    is_alternative: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class MailServer:
    """Where mail is handed in."""

    host: str
    port: int
    user: str | None
    password: str | None
    encryption: str  # "none", "starttls" or "tls"

    @classmethod
    def from_url(cls, url: str) -> "MailServer":
        """Read ``smtp://user:password@host:port?encryption=starttls`` (or ``smtps://`` for TLS from the start).

        Raises:
            ValueError: the address is of another kind or names no host.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("a mail server is written smtp://user:password@host:port or smtps://…")
        encryption = "tls" if parts.scheme == "smtps" else parse_qs(parts.query).get("encryption", ["none"])[0]
        if encryption not in {"none", "starttls", "tls"}:
            raise ValueError("encryption is none, starttls or tls")
        return cls(
            host=parts.hostname,
            port=parts.port or {"none": 25, "starttls": 587, "tls": 465}[encryption],
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            encryption=encryption,
        )


def compose(
    *,
    sender: str,
    to: str,
    subject: str,
    body: str,
    message_id: str | None = None,
    attachments: Sequence[Attachment] = (),
) -> EmailMessage:
    """Compose a plain-text mail with attachments; the same `message_id` marks a repeat as the same mail.

    Alternatives stand beside the text (multipart/alternative), in the order given.
    """
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = message_id or make_msgid()
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    # Alternatives first: what is attached afterwards wraps text and alternatives together.
    for attachment in sorted(attachments, key=lambda each: not each.is_alternative):
        _add(message, attachment)
    return message


def _add(message: EmailMessage, attachment: Attachment) -> None:
    media_type, _, parameters = attachment.media_type.partition(";")
    main, _, sub = media_type.strip().partition("/")
    # As bytes, so that base64 keeps the line ends that iCalendar asks for (RFC 5545, section 3.1).
    if attachment.is_alternative:
        message.add_alternative(attachment.content, maintype=main, subtype=sub)
        part = list(message.iter_parts())[-1]
    else:
        message.add_attachment(attachment.content, maintype=main, subtype=sub, filename=attachment.file_name)
        part = list(message.iter_attachments())[-1]
    for parameter in filter(None, (text.strip() for text in parameters.split(";"))):
        name, _, value = parameter.partition("=")
        part.set_param(name, value)


def send(server: MailServer, message: EmailMessage) -> None:
    """Hand one mail to the server.

    Raises:
        smtplib.SMTPException, OSError: the server refused it or could not be reached; nothing was handed in.
    """
    context = ssl.create_default_context()
    if server.encryption == "tls":
        session: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=context)
    else:
        session = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
    with session:
        if server.encryption == "starttls":
            session.starttls(context=context)
        if server.user:
            session.login(server.user, server.password or "")
        session.send_message(message)
