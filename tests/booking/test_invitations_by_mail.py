"""An invitation on its whole way: booked, promised, handed to a real mail server, read as a mail program reads it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from icalendar import Calendar, Component

from prevention.accounts import service as accounts
from prevention.accounts.models import User
from prevention.booking import service
from prevention.booking.models import Booking
from prevention.messages.tasks import send_next_message
from tests.factories.booking import make_booking
from tests.support.mail_server import Letterbox, mail_server, point_at

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def box(app: Flask) -> Iterator[Letterbox]:
    with mail_server() as box:
        point_at(app, box.port)
        yield box


def send_all() -> None:
    while send_next_message():
        pass


def invitation_in(box: Letterbox) -> Component:
    """The calendar that stands beside the text of the last mail."""
    beside = next(part for part in box.mails[-1].walk() if part.get_content_type() == "text/calendar")
    content = beside.get_payload(decode=True)
    assert isinstance(content, bytes)
    read = Calendar.from_ical(content)
    assert read["METHOD"] == beside.get_param("method")
    return read


def call_off(bruno: User, booking: Booking) -> None:
    service.cancel(accounts.actor_of(bruno), booking, reason="Gita", now=NOW)


def test_a_cancellation_reaches_the_mailbox_as_a_cancellation(app: Flask, bruno: User, box: Letterbox) -> None:
    del app
    booking = make_booking(bruno)
    uid = str(booking.meetings[0].id)

    call_off(bruno, booking)
    send_all()

    calendar = invitation_in(box)
    (event,) = calendar.walk("VEVENT")
    assert ("CANCEL", uid, 1) == (calendar["METHOD"], event["UID"], event["SEQUENCE"])
    assert [bruno.email] == [mail["To"] for mail in box.mails]
    assert "Gita" in box.mails[0].get_body(("plain",)).get_content()


def test_three_turns_of_the_job_send_it_once(app: Flask, bruno: User, box: Letterbox) -> None:
    del app
    call_off(bruno, make_booking(bruno))

    for _turn in range(3):
        send_all()

    assert 1 == len(box.mails)
