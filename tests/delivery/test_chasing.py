"""Missing registers are asked for by mail: the right people, once for each meeting and stage."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from prevention.accounts.models import User
from prevention.booking.rules import BookingStatus
from prevention.core.db import db
from prevention.delivery import rules
from prevention.delivery.rules import Outcome, Reason
from prevention.delivery.service.chasing import chase_missing
from prevention.messages.models import OutboxMessage
from tests.factories.delivery import HOUR, make_booked_meeting, make_register
from tests.support.queries import counted_queries

# A Monday, eight o'clock in Rome.
MORNING = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def mails(key: str = "register-missing") -> list[OutboxMessage]:
    query = select(OutboxMessage).where(OutboxMessage.key.startswith(f"{key}:")).order_by(OutboxMessage.key)
    return list(db.session.scalars(query))


@pytest.mark.parametrize(("days", "stage"), [(0, 0), (1, 1), (6, 1), (7, 2), (20, 2), (21, 3), (400, 3)])
def test_a_register_is_asked_for_after_a_day_a_week_and_three_weeks(days: int, stage: int) -> None:
    ended = date(2026, 11, 2)

    assert stage == rules.chase_stage(ended_on=ended, today=ended + days * DAY)


def test_who_led_the_meeting_is_asked_the_day_after(app: Flask, dario: User) -> None:
    meeting = make_booked_meeting(facilitator_id=dario.id, starts_at=MORNING - DAY)

    assert 1 == chase_missing(MORNING)

    (mail,) = mails()
    assert dario.email == mail.recipient
    assert meeting.booking.school_class.label in mail.body
    assert "Registers to fill in: 1" == mail.subject


def test_nobody_is_asked_twice_on_a_day_or_at_a_stage(app: Flask, dario: User) -> None:
    make_booked_meeting(facilitator_id=dario.id, starts_at=MORNING - DAY)

    assert [1, None, 0, 0] == [
        chase_missing(MORNING),
        chase_missing(MORNING + HOUR),
        chase_missing(MORNING + DAY),
        chase_missing(MORNING + 2 * DAY),
    ]
    assert 1 == len(mails())


def test_a_week_later_who_booked_is_asked_too_and_three_weeks_later_the_office_told(
    app: Flask, anna: User, dario: User
) -> None:
    meeting = make_booked_meeting(facilitator_id=dario.id, starts_at=MORNING - DAY)

    for days in (0, 6, 20):
        assert 1 == chase_missing(MORNING + days * DAY)

    booker = meeting.booking.booker
    assert 3 == sum(mail.recipient == dario.email for mail in mails())
    assert 2 == sum(mail.recipient == booker.email for mail in mails())
    assert {anna.email} <= {mail.recipient for mail in mails("register-given-up")}


def test_a_meeting_without_facilitator_is_asked_of_who_booked_it(app: Flask) -> None:
    meeting = make_booked_meeting(starts_at=MORNING - DAY)

    chase_missing(MORNING)

    assert [meeting.booking.booker.email] == [mail.recipient for mail in mails()]


def test_who_owes_many_gets_one_mail(app: Flask, dario: User) -> None:
    for hours in range(3):
        make_booked_meeting(facilitator_id=dario.id, starts_at=MORNING - DAY - hours * HOUR)

    assert 3 == chase_missing(MORNING)
    (mail,) = mails()
    assert 3 == mail.body.count("\n- ")


def test_what_has_a_register_or_is_not_booked_or_is_old_news_is_not_asked_for(app: Flask, dario: User) -> None:
    make_register(make_booked_meeting(facilitator_id=dario.id, starts_at=MORNING - DAY))
    make_booked_meeting(facilitator_id=dario.id, starts_at=MORNING - HOUR)
    make_booked_meeting(facilitator_id=dario.id, starts_at=MORNING - 61 * DAY)
    cancelled = make_booked_meeting(facilitator_id=dario.id, starts_at=MORNING - DAY)
    cancelled.booking.status = BookingStatus.CANCELLED

    assert 0 == chase_missing(MORNING)
    assert [] == mails()


def test_a_meeting_that_was_moved_is_asked_about_anew(app: Flask, dario: User) -> None:
    meeting = make_booked_meeting(facilitator_id=dario.id, starts_at=MORNING - DAY)
    chase_missing(MORNING)
    make_register(meeting, outcome=Outcome.MOVED, reason=Reason.ROOM)
    meeting.starts_at, meeting.ends_at = MORNING + DAY, MORNING + DAY + HOUR

    assert [0, 1] == [chase_missing(MORNING + DAY), chase_missing(MORNING + 3 * DAY)]


def test_before_half_past_seven_nobody_is_asked(app: Flask, dario: User) -> None:
    make_booked_meeting(facilitator_id=dario.id, starts_at=MORNING - DAY)

    assert chase_missing(MORNING - HOUR) is None


def test_statements_do_not_grow_with_the_meetings(app: Flask, dario: User) -> None:
    for hours in range(2):
        make_booked_meeting(facilitator_id=dario.id, starts_at=MORNING - DAY - hours * HOUR)
    with counted_queries() as few:
        chase_missing(MORNING)
    for hours in range(10):
        make_booked_meeting(facilitator_id=dario.id, starts_at=MORNING - hours * HOUR / 2)
    with counted_queries() as many:
        assert 10 == chase_missing(MORNING + DAY)

    assert few.count == many.count
