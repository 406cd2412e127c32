"""A jobs process killed after the mail server took a mail, before that was noted: sent again, as the same mail."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.messages import service
from prevention.messages.models import MessageStatus, OutboxMessage
from prevention.messages.rules import LEASE
from prevention.messages.tasks import send_next_message
from tests.support.mail_server import Letterbox, mail_server, point_at

CHILD = """
from prevention import create_app
from prevention.messages.tasks import send_next_message

with create_app().app_context():
    send_next_message()
"""


@pytest.fixture
def box() -> Iterator[Letterbox]:
    with mail_server() as box:
        yield box


def test_a_process_killed_after_the_server_took_a_mail_leads_to_the_same_mail_again(
    live_app: Flask, box: Letterbox
) -> None:
    """At least once: the mail is not lost, and mail programs know the second one by its Message-ID."""
    settings = live_app.config["SETTINGS"]
    with live_app.app_context(), unit_of_work():
        service.enqueue(key="k", to="bruno@example.org", subject="Ciao", body="Ciao", language="it")
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "INSTANCE": str(settings.instance),
        "SECRET_KEY": settings.secret_key,
        "MAIL_URL": f"smtp://127.0.0.1:{box.port}",
    }
    child = subprocess.Popen([sys.executable, "-c", CHILD], env=environment)
    box.on_taken = lambda: os.kill(child.pid, signal.SIGKILL)

    assert -signal.SIGKILL == child.wait(timeout=600)

    box.on_taken = None
    point_at(live_app, box.port)
    with live_app.app_context():
        assert not send_next_message(), "the lease of the dead process still runs"
        with clock.frozen(clock.now() + LEASE):
            assert send_next_message()
            assert not send_next_message()
        message = db.session.scalars(select(OutboxMessage)).one()
        assert (MessageStatus.SENT, 2) == (message.status, message.attempts)
    assert 2 == len(box.mails)
    assert 1 == len({mail["Message-ID"] for mail in box.mails})
