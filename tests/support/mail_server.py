"""A real SMTP server on this machine, with a memory and moods."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from prevention.core.mail import MailServer
from tests.support.ports import free_port


class Letterbox:
    """What the server took.

    `refusals` maps an address to the answer it gets instead; `on_taken` runs before a mail is confirmed.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.refusals: dict[str, str] = {}
        self.on_taken: Callable[[], None] | None = None
        self._mails: list[bytes] = []

    async def handle_RCPT(  # noqa: N802  # the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take or refuse one recipient."""
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(  # noqa: N802  # the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take one mail."""
        assert isinstance(envelope.content, bytes)
        self._mails.append(envelope.content)
        if self.on_taken is not None:
            self.on_taken()
        return "250 taken"

    @property
    def mails(self) -> list[EmailMessage]:
        """What arrived, in order, read as a mail program reads it."""
        return [message_from_bytes(mail, policy=policy.default) for mail in self._mails]


@contextmanager
def mail_server() -> Iterator[Letterbox]:
    """Run a server."""
    box = Letterbox(free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def point_at(app: Flask, port: int) -> None:
    """Make the application hand its mail in at a port of this machine."""
    server = MailServer(host="127.0.0.1", port=port, user=None, password=None, encryption="none")
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_server=server)
