"""What the server says to a device that kept registers: saved once, in conflict, or refused with the reason."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking.models import BookingMeeting
from prevention.booking.rules import BookingStatus, MeetingStatus
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.delivery import service
from prevention.delivery.models import SessionRegister
from prevention.delivery.rules import Outcome
from prevention.roles import Role
from tests.conftest import NOW
from tests.factories.accounts import make_user
from tests.factories.delivery import HOUR, WEEK, make_booked_meeting, make_register
from tests.factories.network import make_organisation
from tests.support.http import Client
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]
JSON = {"Accept": "application/json"}


@pytest.fixture
def meeting(dario: User) -> BookingMeeting:
    """Dario's meeting of one activity, an hour ago."""
    return make_booked_meeting(facilitator_id=dario.id)


def filled_in(meeting: BookingMeeting, **changes: str) -> dict[str, str]:
    """Give what a device sends for a meeting that was held."""
    assert meeting.programme_meeting is not None
    held = {
        "submission_id": str(uuid.uuid4()),
        "revision": "",
        "outcome": "held",
        "minutes": "60",
        "present": "20",
        "expected": "25",
        "led_by": "facilitator",
        **{f"activity_{activity.id.hex}": "full" for activity in meeting.programme_meeting.activities},
    }
    return {**held, **changes}


def send(browser: Client, meeting_id: uuid.UUID, data: dict[str, str]) -> tuple[int, dict[str, Any]]:
    answer: TestResponse = browser.post(f"/registers/{meeting_id}", data=data, headers=JSON)
    said: dict[str, Any] = answer.get_json()
    return answer.status_code, said


def test_a_kept_register_arrives_once_however_often_it_is_sent(
    dario: User, meeting: BookingMeeting, sign_in: SignIn
) -> None:
    browser, data = sign_in(dario), filled_in(meeting)

    answers = [send(browser, meeting.id, data) for _ in range(3)]

    assert [(200, {"outcome": "saved", "words": []})] * 3 == answers
    register = service.register_of(meeting)
    assert register is not None
    assert (1, 20) == (register.revision, register.present)


def test_what_somebody_else_wrote_meanwhile_is_shown_and_stands(
    anna: User, dario: User, meeting: BookingMeeting, sign_in: SignIn
) -> None:
    make_register(meeting, recorded_by=anna.id, present=18)

    status, said = send(sign_in(dario), meeting.id, filled_in(meeting))

    assert (409, "conflict", ["Anna wrote: Held, 60 minutes, 18 pupils of 25."]) == (
        status,
        said["outcome"],
        said["words"],
    )
    register = service.register_of(meeting)
    assert register is not None
    assert (1, 18) == (register.revision, register.present)


@pytest.mark.parametrize("status", [BookingStatus.REQUESTED, BookingStatus.DECLINED, BookingStatus.CANCELLED])
def test_a_class_that_is_not_booked_is_refused_with_the_reason(
    dario: User, meeting: BookingMeeting, sign_in: SignIn, status: BookingStatus
) -> None:
    meeting.booking.status = status

    code, said = send(sign_in(dario), meeting.id, filled_in(meeting))

    assert (422, "refused") == (code, said["outcome"])
    assert "is not booked, so there is nothing to register" in said["words"][0]
    assert service.register_of(meeting) is None


def test_a_meeting_that_was_called_off_is_refused_with_the_reason(
    dario: User, meeting: BookingMeeting, sign_in: SignIn
) -> None:
    meeting.status = MeetingStatus.CANCELLED

    code, said = send(sign_in(dario), meeting.id, filled_in(meeting))

    assert (422, True) == (code, "was cancelled" in said["words"][0])


def test_a_meeting_that_is_none_or_anothers_is_refused_with_the_same_words(
    carla: User, meeting: BookingMeeting, sign_in: SignIn
) -> None:
    browser = sign_in(carla)

    answers = [send(browser, meeting_id, filled_in(meeting)) for meeting_id in (meeting.id, uuid.UUID(int=1))]

    assert [(404, "refused")] * 2 == [(code, said["outcome"]) for code, said in answers]
    assert 1 == len({said["words"][0] for _code, said in answers})
    assert "This meeting is not booked, or not with you." in answers[0][1]["words"][0]


def test_what_does_not_add_up_is_refused_field_by_field(dario: User, meeting: BookingMeeting, sign_in: SignIn) -> None:
    code, said = send(sign_in(dario), meeting.id, filled_in(meeting, present="26", minutes="4"))

    assert 422 == code
    assert ["Minutes: Give between 5 and 480 minutes."] == said["words"]
    assert service.register_of(meeting) is None


def test_the_token_comes_with_who_is_signed_in(dario: User, client: Client, sign_in: SignIn) -> None:
    said = sign_in(dario).get("/registers/token").get_json()

    assert str(dario.id) == said["person"]
    assert said["token"]
    assert 303 == client.get("/registers/token").status_code
    assert 401 == client.post(f"/registers/{uuid.UUID(int=1)}", headers=JSON).status_code


def test_the_worker_is_allowed_to_look_after_the_registers_alone(client: Client) -> None:
    answer = client.get("/registers/worker.js")

    assert ("/registers", "no-cache") == (answer.headers["Service-Worker-Allowed"], answer.headers["Cache-Control"])
    assert "javascript" in (answer.mimetype or "")
    answer.close()


def test_the_page_without_connection_opens(dario: User, sign_in: SignIn) -> None:
    assert sign_in(dario).page("/registers/offline").select_one(".empty")


def test_a_device_keeps_what_is_due_and_the_week_ahead(anna: User, dario: User, meeting: BookingMeeting) -> None:
    soon = make_booked_meeting(facilitator_id=dario.id, starts_at=NOW + HOUR)
    make_booked_meeting(facilitator_id=dario.id, starts_at=NOW + WEEK + HOUR)
    make_register(make_booked_meeting(facilitator_id=dario.id))
    with counted_queries() as statements:
        kept = service.near_meetings(actor_of(dario), now=NOW)

    assert {meeting.id, soon.id} == set(kept)
    assert 1 == statements.count
    assert [] == service.near_meetings(actor_of(anna), now=NOW)


def test_one_kept_register_sent_from_many_tabs_at_once_arrives_once(live_app: Flask) -> None:
    with live_app.app_context(), clock.frozen(NOW), unit_of_work():
        dario = make_user("Dario", Role.FACILITATOR, organisation_id=make_organisation().id)
        meeting = make_booked_meeting(facilitator_id=dario.id)
        meeting_id, data, mark = meeting.id, filled_in(meeting), dario.fs_uniquifier
    start = Barrier(4)

    def send_it(_number: int) -> str:
        client = live_app.test_client()
        with client.session_transaction() as session:
            session.update({"_user_id": mark, "_fresh": True, "fs_cc": "set", "fs_paa": 0.0, "identity": None})
        start.wait()
        with clock.frozen(NOW):
            return str(client.post(f"/registers/{meeting_id}", data=data, headers=JSON).get_json()["outcome"])

    with ThreadPoolExecutor(4) as pool:
        assert ["saved"] * 4 == list(pool.map(send_it, range(4)))
    with live_app.app_context():
        (register,) = db.session.query(SessionRegister).all()
        assert (1, Outcome.HELD) == (register.revision, register.outcome)
