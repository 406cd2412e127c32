"""The outbox promises a mail once, sends it once, and never loses it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy import select

from prevention.accounts.models import User
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.core.mail import Attachment, MailServer
from prevention.messages import service
from prevention.messages.models import MessageStatus, OutboxMessage
from prevention.messages.rules import FIRST_WAIT, LEASE, LONGEST_WAIT, MOST_ATTEMPTS, wait_after
from prevention.messages.tasks import send_next_message
from tests.support.http import Client
from tests.support.ports import free_port


class Letterbox:
    """A real SMTP server's memory; `refusal` is what it answers instead of taking a mail."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.refusal: str | None = None

    async def handle_DATA(  # noqa: N802  # the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.refusal:
            return self.refusal
        assert isinstance(envelope.content, bytes)
        self.mails.append(envelope.content)
        return "250 taken"


@pytest.fixture
def letterbox() -> Iterator[tuple[Letterbox, int]]:
    box = Letterbox()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


def point_at(app: Flask, port: int) -> None:
    server = MailServer(host="127.0.0.1", port=port, user=None, password=None, encryption="none")
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_server=server)


def promise(key: str = "greeting:1", **values: Any) -> None:
    service.enqueue(
        **{"key": key, "to": "bruno@example.org", "subject": "Ciao", "body": "Buongiorno", "language": "it", **values}
    )


def only_message() -> OutboxMessage:
    db.session.expire_all()
    return db.session.scalars(select(OutboxMessage)).one()


def parsed(mail: bytes) -> Message:
    return message_from_bytes(mail)


def test_a_promised_mail_is_sent_with_its_attachment(app: Flask, letterbox: tuple[Letterbox, int]) -> None:
    box, port = letterbox
    point_at(app, port)
    promise(
        subject="Laboratorio confermato: 3ª A",
        attachments=[
            Attachment(file_name="invito.ics", media_type="text/calendar; method=REQUEST", content=b"BEGIN:VCALENDAR")
        ],
    )

    assert send_next_message()

    mail = parsed(box.mails[0])
    calendar = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert "REQUEST" == calendar.get_param("method")
    assert b"BEGIN:VCALENDAR" == calendar.get_payload(decode=True)
    assert MessageStatus.SENT is only_message().status


def test_the_same_key_twice_is_one_mail(app: Flask, letterbox: tuple[Letterbox, int]) -> None:
    box, port = letterbox
    point_at(app, port)
    promise()
    promise(subject="Another wording")

    while send_next_message():
        pass

    assert ["Ciao"] == [parsed(mail)["Subject"] for mail in box.mails]


def test_a_mail_promised_in_a_change_that_is_rolled_back_is_never_sent(app: Flask) -> None:
    with db.session.begin_nested() as change:
        promise()
        change.rollback()

    assert db.session.scalars(select(OutboxMessage)).all() == []


def test_a_server_that_is_away_delays_the_mail(app: Flask) -> None:
    point_at(app, 1)  # nothing listens there
    promise()

    assert send_next_message()

    message = only_message()
    assert (MessageStatus.WAITING, 1) == (message.status, message.attempts)
    assert clock.now() + FIRST_WAIT == message.due_at
    assert not send_next_message(), "it is not due yet"


def test_a_dead_address_is_given_up_at_once(app: Flask, letterbox: tuple[Letterbox, int]) -> None:
    box, port = letterbox
    point_at(app, port)

    async def refuse(*_args: Any) -> str:
        return "550 no such person"

    box.handle_RCPT = refuse  # type: ignore[attr-defined]
    promise()

    assert send_next_message()

    assert MessageStatus.DEAD is only_message().status


def test_a_message_taken_by_a_process_that_died_comes_back_after_the_lease(app: Flask) -> None:
    promise()
    assert service.claim_next(clock.now()) is not None

    assert service.claim_next(clock.now() + LEASE - timedelta(seconds=1)) is None
    assert service.claim_next(clock.now() + LEASE) is not None


def test_waits_double_up_to_a_limit_and_end() -> None:
    waits = [wait_after(tries) for tries in range(1, MOST_ATTEMPTS + 1)]

    assert [FIRST_WAIT, FIRST_WAIT * 2, FIRST_WAIT * 4] == waits[:3]
    assert waits[-1] is None
    assert LONGEST_WAIT == waits[-2]


def test_without_a_mail_server_messages_wait(app: Flask) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_server=None)
    promise()

    assert not send_next_message()
    assert MessageStatus.WAITING is only_message().status


def test_four_jobs_processes_at_once_send_each_mail_once(live_app: Flask, letterbox: tuple[Letterbox, int]) -> None:
    box, port = letterbox
    point_at(live_app, port)
    with live_app.app_context(), unit_of_work():
        for number in range(12):
            promise(f"greeting:{number}", subject=f"Mail {number}")

    def work() -> None:
        with live_app.app_context():
            while send_next_message():
                pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=600)

    assert sorted(f"Mail {number}" for number in range(12)) == sorted(
        str(parsed(mail)["Subject"]) for mail in box.mails
    )


def test_a_dead_address_is_tried_once_by_three_runs_of_four_processes(
    live_app: Flask, letterbox: tuple[Letterbox, int]
) -> None:
    box, port = letterbox
    point_at(live_app, port)
    asked: list[str] = []

    async def refuse(_server: SMTP, _session: Session, _envelope: Envelope, address: str, _options: list[str]) -> str:
        asked.append(address)
        return "550 no such person"

    box.handle_RCPT = refuse  # type: ignore[attr-defined]
    with live_app.app_context(), unit_of_work():
        for number in range(3):
            promise(f"greeting:{number}", to=f"nobody{number}@example.org")

    def work() -> None:
        with live_app.app_context():
            for _run in range(3):
                while send_next_message():
                    pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=600)

    assert [f"nobody{number}@example.org" for number in range(3)] == sorted(asked)
    with live_app.app_context():
        assert [MessageStatus.DEAD] * 3 == list(db.session.scalars(select(OutboxMessage.status)))


def test_the_office_sees_the_outbox(anna: User, sign_in: Callable[[User], Client]) -> None:
    promise()

    page = sign_in(anna).page("/messages/")

    assert "bruno@example.org" in page.get_text()


def test_a_coordinator_does_not_see_the_outbox(bruno: User, sign_in: Callable[[User], Client]) -> None:
    sign_in(bruno).page("/messages/", status=403)
