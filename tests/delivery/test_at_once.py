"""Two who register the same meeting at the same moment, each in a transaction of their own."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking.models import BookingMeeting
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.delivery import rules, service
from prevention.delivery.rules import LedBy, Outcome, RegisterEntry
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.delivery import make_booked_meeting

AT_ONCE = 4


def register_at_once(app: Flask, meeting_id: uuid.UUID, user_id: uuid.UUID, sent: list[uuid.UUID]) -> list[str]:
    """Send registers under the given ids, all together, and give what became of each."""
    start = Barrier(len(sent))

    def send(submission_id: uuid.UUID, present: int) -> str:
        with app.app_context():
            user = db.session.get_one(User, user_id)
            actor = actor_of(user)
            db.session.rollback()
            start.wait()
            try:
                with unit_of_work():
                    meeting = service.meeting_for(actor, meeting_id)
                    extents = {
                        activity.id: rules.Extent.FULL
                        for activity in (meeting.programme_meeting.activities if meeting.programme_meeting else [])
                    }
                    entry = RegisterEntry(
                        outcome=Outcome.HELD,
                        minutes=60,
                        present=present,
                        expected=25,
                        led_by=LedBy.TEACHER,
                        extents=extents,
                    )
                    service.record(actor, meeting, entry, now=clock.now(), submission_id=submission_id)
            except rules.AlreadyRegistered:
                return "told"
            return "kept"

    with ThreadPoolExecutor(len(sent)) as pool:
        return sorted(pool.map(send, sent, range(10, 10 + len(sent))))


def booked(app: Flask) -> tuple[uuid.UUID, uuid.UUID]:
    """Commit a meeting and somebody of the office; give both ids."""
    with app.app_context(), unit_of_work():
        return make_booked_meeting().id, make_user("Anna", Role.OFFICE).id


def revision_of(app: Flask, meeting_id: uuid.UUID) -> int:
    """Give the revision of a meeting's register."""
    with app.app_context():
        register = service.register_of(db.session.get_one(BookingMeeting, meeting_id))
        assert register is not None
        return register.revision


def test_of_registers_sent_at_once_one_stands_and_the_others_are_told(live_app: Flask) -> None:
    meeting_id, user_id = booked(live_app)

    outcomes = register_at_once(live_app, meeting_id, user_id, [uuid.uuid4() for _ in range(AT_ONCE)])

    assert ["kept", *["told"] * (AT_ONCE - 1)] == outcomes
    assert 1 == revision_of(live_app, meeting_id)


def test_one_register_sent_many_times_at_once_arrives_once(live_app: Flask) -> None:
    """A phone that finds its connection again may send from two tabs."""
    meeting_id, user_id = booked(live_app)

    outcomes = register_at_once(live_app, meeting_id, user_id, [uuid.uuid4()] * AT_ONCE)

    assert ["kept"] * AT_ONCE == outcomes
    assert 1 == revision_of(live_app, meeting_id)
