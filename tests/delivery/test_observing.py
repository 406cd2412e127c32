"""What a teacher saw: filled in by the school, never by who led the meeting, and never about a pupil."""

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from prevention.accounts.models import User
from prevention.booking.models import BookingMeeting
from prevention.core import clock
from prevention.core.db import db
from prevention.delivery.models import LessonObservation, SessionRegister
from prevention.delivery.observing import ITEMS, observations_of_year
from prevention.delivery.rules import Scale
from prevention.messages.models import OutboxMessage
from tests.factories.delivery import WEEK, make_booked_meeting, make_observation, make_register
from tests.factories.network import make_municipality
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import make_school_class, make_site
from tests.support.http import Client, soup

SignIn = Callable[[User], Client]
ALL_QUITE = dict.fromkeys(ITEMS, "quite")


@pytest.fixture
def meeting(bruno: User, dario: User) -> BookingMeeting:
    """A meeting of Bruno's class with Dario, an hour ago."""
    site = make_site(institute_id=bruno.roles[0].institute_id, municipality=make_municipality())
    return make_booked_meeting(school_class=make_school_class(site=site), facilitator_id=dario.id)


def address(meeting: BookingMeeting) -> str:
    return f"/registers/{meeting.id}/observation"


def rows() -> list[LessonObservation]:
    return list(db.session.scalars(select(LessonObservation)))


def test_the_school_writes_down_what_the_teacher_saw_and_corrects_it(
    bruno: User, meeting: BookingMeeting, sign_in: SignIn
) -> None:
    browser = sign_in(bruno)

    first = browser.post(address(meeting), data={**ALL_QUITE, "worked": "Il gioco di ruolo"})
    second = browser.post(address(meeting), data={**ALL_QUITE, "climate": "very"})

    assert [303, 303] == [first.status_code, second.status_code]
    (row,) = rows()
    assert (Scale.VERY, Scale.QUITE, "", bruno.id) == (row.climate, row.interest, row.worked, row.observed_by)
    assert browser.page(address(meeting)).select_one("input[name=climate][value=very][checked]")


@pytest.mark.parametrize(
    "changes", [{"climate": ""}, {"climate": "enormous"}, {"worked": "x" * 501}, {"to_change": "Marco disturbava"}]
)
def test_what_is_missing_or_names_somebody_changes_nothing(
    bruno: User, meeting: BookingMeeting, sign_in: SignIn, changes: dict[str, str]
) -> None:
    answer = sign_in(bruno).post(address(meeting), data={**ALL_QUITE, **changes})

    assert 422 == answer.status_code
    assert soup(answer).select_one(".field-error")
    assert [] == rows()


def test_who_led_the_meeting_does_not_observe_it(dario: User, meeting: BookingMeeting, sign_in: SignIn) -> None:
    assert 403 == sign_in(dario).get(address(meeting)).status_code
    assert 403 == sign_in(dario).post(address(meeting), data=ALL_QUITE).status_code
    assert [] == rows()


def test_another_school_finds_nothing(carla: User, meeting: BookingMeeting, sign_in: SignIn) -> None:
    assert 404 == sign_in(carla).post(address(meeting), data=ALL_QUITE).status_code
    assert [] == rows()


def test_nobody_observes_without_signing_in(client: Client, meeting: BookingMeeting) -> None:
    assert 401 == client.post(address(meeting), data=ALL_QUITE).status_code


@pytest.mark.parametrize("wrong", ["/registers/x/observation", f"/registers/{uuid.UUID(int=1)}/observation"])
def test_a_meeting_that_is_none_is_not_found(anna: User, sign_in: SignIn, wrong: str) -> None:
    assert 404 == sign_in(anna).post(wrong, data=ALL_QUITE).status_code


def test_a_meeting_ahead_cannot_be_observed(anna: User, sign_in: SignIn, frozen_clock: datetime) -> None:
    ahead = make_booked_meeting(starts_at=frozen_clock + WEEK)

    answer = sign_in(anna).post(address(ahead), data=ALL_QUITE)

    assert 422 == answer.status_code
    assert "cannot be observed yet" in answer.get_data(as_text=True)


def test_observations_are_added_up_by_programme(anna: User, bruno: User, sign_in: SignIn) -> None:
    edition = make_edition(programme=make_programme(name={"it": "Percorso", "en": "Skills"}))
    make_observation(make_booked_meeting(edition=edition), climate=Scale.NOT)
    make_observation(make_booked_meeting(edition=edition))

    (found,) = observations_of_year(2026)

    assert (2, 1, 2) == (found.count, found.good["climate"], found.good["interest"])
    assert "Skills" in sign_in(anna).page("/observations").get_text()
    assert sign_in(anna).page("/observations?year=2024").select_one(".empty")
    assert 403 == sign_in(bruno).get("/observations").status_code


@pytest.mark.parametrize("text", ["Con Marco Rossi abbiamo saltato il gioco", "chiamare 333 1234567"])
def test_a_register_that_names_somebody_is_not_taken(dario: User, sign_in: SignIn, text: str) -> None:
    meeting = make_booked_meeting(facilitator_id=dario.id)

    answer = sign_in(dario).post(
        f"/registers/{meeting.id}", data={"outcome": "not_held", "reason": "other", "reason_note": text}
    )

    assert 422 == answer.status_code
    assert not db.session.scalars(select(SessionRegister)).all()


def test_the_class_may_be_named_in_its_own_register(dario: User, sign_in: SignIn) -> None:
    meeting = make_booked_meeting(facilitator_id=dario.id)
    make_register(make_booked_meeting())

    answer = sign_in(dario).post(
        f"/registers/{meeting.id}",
        data={"outcome": "not_held", "reason": "other", "reason_note": "la 3B era in gita"},
    )

    assert 303 == answer.status_code


# ---- By a link, without an account ------------------------------------------------------------------------


def link_sent(browser: Client, meeting: BookingMeeting, to: str = "docente@scuola.example.org") -> str:
    """Have a link sent; give its path, as the mail has it."""
    answer = browser.post(f"{address(meeting)}/link", data={"email": to})
    assert 303 == answer.status_code
    mail = db.session.scalars(select(OutboxMessage).where(OutboxMessage.recipient == to)).one()
    found = re.search(r"https?://[^/]+(/observe/\S+)", mail.body)
    assert found is not None
    return found[1]


def test_a_teacher_fills_the_form_in_by_a_link_once(
    bruno: User, meeting: BookingMeeting, sign_in: SignIn, client: Client
) -> None:
    link = link_sent(sign_in(bruno), meeting)
    assert client.page(link).select_one("input[name=climate]")

    wrong = client.post(link, data={**ALL_QUITE, "to_change": "Marco disturbava"})
    first = client.post(link, data={**ALL_QUITE, "worked": "Il gioco di ruolo"})
    again = client.post(link, data={**ALL_QUITE, "worked": "Altro"})

    assert [422, 200, 200] == [answer.status_code for answer in (wrong, first, again)]
    (row,) = rows()
    assert ("Il gioco di ruolo", bruno.id) == (row.worked, row.observed_by)
    assert not soup(again).select("input[name=climate]")
    assert not client.page(link).select("input[name=climate]")
    asked = sign_in(bruno).post(f"{address(meeting)}/link", data={"email": "altra@scuola.example.org"})
    assert 422 == asked.status_code


def test_the_same_address_gets_the_link_once_a_day(bruno: User, meeting: BookingMeeting, sign_in: SignIn) -> None:
    for _time in range(2):
        link_sent(sign_in(bruno), meeting)


def test_a_link_ends_with_its_time_and_with_what_its_sender_may(
    bruno: User, meeting: BookingMeeting, sign_in: SignIn, client: Client, frozen_clock: datetime
) -> None:
    link = link_sent(sign_in(bruno), meeting)

    assert 404 == client.get(f"{link}x").status_code
    assert 404 == client.get("/observe/nonsense").status_code
    with clock.frozen(frozen_clock + timedelta(days=31)):
        assert 404 == client.post(link, data=ALL_QUITE).status_code
    bruno.active = False
    db.session.flush()
    assert 404 == client.post(link, data=ALL_QUITE).status_code
    assert [] == rows()


def test_a_link_sent_ahead_of_the_meeting_waits_for_it(
    anna: User, sign_in: SignIn, client: Client, frozen_clock: datetime
) -> None:
    ahead = make_booked_meeting(starts_at=frozen_clock + WEEK)
    link = link_sent(sign_in(anna), ahead)

    early = client.post(link, data=ALL_QUITE)
    with clock.frozen(frozen_clock + 2 * WEEK):
        assert 200 == client.post(link, data=ALL_QUITE).status_code

    assert 422 == early.status_code
    assert 1 == len(rows())


def test_links_are_sent_by_the_school_and_to_an_address(
    bruno: User, carla: User, dario: User, meeting: BookingMeeting, sign_in: SignIn, client: Client
) -> None:
    data = {"email": "docente@scuola.example.org"}

    assert 404 == sign_in(carla).post(f"{address(meeting)}/link", data=data).status_code
    assert 403 == sign_in(dario).post(f"{address(meeting)}/link", data=data).status_code
    assert 401 == client.post(f"{address(meeting)}/link", data=data).status_code
    assert 405 == sign_in(bruno).get(f"{address(meeting)}/link").status_code
    assert 422 == sign_in(bruno).post(f"{address(meeting)}/link", data={"email": "nessuno"}).status_code
    assert [] == db.session.scalars(select(OutboxMessage)).all()
