"""What a session opens for its class, what families said, and a before and after: who may, and what is refused."""

import uuid
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.booking.models import BookingMeeting
from prevention.core import clock
from prevention.core.db import db
from prevention.delivery.rules import Outcome, Reason
from prevention.schools.models import SchoolClass
from prevention.surveys import service
from prevention.surveys.models import ClassReport, FamilyOptOut, SessionWave, Wave, WaveClass, WavePair, WavePairSecret
from prevention.surveys.wave_rules import Stage, WaveMode, WaveStatus
from tests.factories.delivery import make_booked_meeting, make_register
from tests.factories.schools import make_school_class, make_site
from tests.factories.surveys import make_wave
from tests.support.http import Client, soup
from tests.support.verapdf import VeraResult
from tests.surveys.test_pairs import CODE, answer, close, make_pair, wave

SignIn = Callable[[User], Client]


@pytest.fixture
def school_class(bruno: User) -> SchoolClass:
    """A class of Bruno's school."""
    return make_school_class(site=make_site(institute_id=bruno.roles[0].institute_id), pupils=25)


@pytest.fixture
def meeting(school_class: SchoolClass, dario: User) -> BookingMeeting:
    """A meeting of that class, led by Dario and registered as held."""
    found = make_booked_meeting(school_class=school_class, facilitator_id=dario.id)
    make_register(found)
    return found


def waves() -> int:
    return db.session.scalar(select(func.count()).select_from(Wave)) or 0


# ---- Sessions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["anna", "bruno", "dario"])
def test_a_held_session_opens_feedback_for_its_own_class_once(
    sign_in: SignIn, request: pytest.FixtureRequest, meeting: BookingMeeting, who: str
) -> None:
    browser = sign_in(request.getfixturevalue(who))
    address = f"/surveys/sessions/{meeting.id}"
    assert "Open it for this class" in browser.page(address).get_text()

    opened = browser.post(address, data={"purpose": "feedback"})
    again = browser.post(address, data={"purpose": "feedback"})

    assert (303, 422) == (opened.status_code, again.status_code)
    found = db.session.scalars(select(Wave)).one()
    assert (WaveMode.FEEDBACK, WaveStatus.OPEN) == (found.mode, found.status)
    assert [meeting.booking.school_class_id] == [one.school_class_id for one in found.classes]
    assert "feedback" == found.questionnaire.code
    slips = browser.post(opened.headers["Location"], data={"number": "3"})
    assert "application/pdf" == slips.mimetype
    report = {"enrolled": "25", "present": "22", "absent": "3", "refused": "1"}
    handed_in = browser.post(f"/surveys/classes/{found.classes[0].id}/report", data=report)
    assert 303 == handed_in.status_code
    assert 200 == browser.get(handed_in.headers["Location"]).status_code
    assert 1 == db.session.scalar(select(func.count()).select_from(ClassReport))
    assert "Print slips" in browser.page(address).get_text()


def test_a_session_that_was_not_held_opens_nothing(sign_in: SignIn, bruno: User, school_class: SchoolClass) -> None:
    unregistered = make_booked_meeting(school_class=school_class)
    failed = make_booked_meeting(school_class=school_class)
    make_register(failed, outcome=Outcome.NOT_HELD, reason=next(iter(Reason)))

    for found in (unregistered, failed):
        assert 200 == sign_in(bruno).get(f"/surveys/sessions/{found.id}").status_code
        answered = sign_in(bruno).post(f"/surveys/sessions/{found.id}", data={"purpose": "feedback"})
        assert 422 == answered.status_code
    assert 0 == waves()


def test_a_session_of_others_or_none_is_not_found(
    client: Client, sign_in: SignIn, carla: User, anna: User, meeting: BookingMeeting
) -> None:
    address = f"/surveys/sessions/{meeting.id}"

    assert 303 == client.get(address).status_code
    assert 401 == client.post(address).status_code
    assert 404 == sign_in(carla).get(address).status_code
    assert 404 == sign_in(carla).post(address, data={"purpose": "feedback"}).status_code
    assert 404 == sign_in(anna).get(f"/surveys/sessions/{uuid.UUID(int=1)}").status_code
    for purpose in ("", "sideways", "post"):
        assert 422 == sign_in(anna).post(address, data={"purpose": purpose}).status_code
    assert 0 == waves()


def test_a_session_opens_the_after_that_was_prepared_for_its_class(app: Flask, sign_in: SignIn, anna: User) -> None:
    pair = make_pair(is_linked=False)
    after = wave(pair, Stage.POST)
    meeting = make_booked_meeting(school_class=after.classes[0].school_class)
    make_register(meeting)

    opened = sign_in(anna).post(f"/surveys/sessions/{meeting.id}", data={"purpose": "post"})

    assert 303 == opened.status_code
    db.session.expire_all()
    assert WaveStatus.OPEN is after.status
    assert after.opens_on <= clock.today()
    assert after.id == db.session.scalars(select(SessionWave.wave_id)).one()


def test_the_register_leads_to_the_question(sign_in: SignIn, dario: User, meeting: BookingMeeting) -> None:
    page = sign_in(dario).page(f"/registers/{meeting.id}")

    assert page.find("a", href=f"/surveys/sessions/{meeting.id}")


# ---- Families -----------------------------------------------------------------------------------------------------


def test_the_school_counts_families_beside_the_survey(sign_in: SignIn, bruno: User, school_class: SchoolClass) -> None:
    place = make_wave(school_class).classes[0]
    browser = sign_in(bruno)
    address = f"/surveys/classes/{place.id}/families"

    assert 303 == browser.post(address, data={"families": "2"}).status_code
    assert 303 == browser.post(address, data={"families": "3"}).status_code
    assert 3 == db.session.get_one(FamilyOptOut, place.id).families
    for wrong in ("", "-1", "26", "x"):
        assert 422 == browser.post(address, data={"families": wrong}).status_code
    assert 3 == db.session.get_one(FamilyOptOut, place.id).families


def test_families_of_others_are_not_found_and_a_closed_wave_takes_no_number(
    client: Client, sign_in: SignIn, carla: User, dario: User, bruno: User, school_class: SchoolClass
) -> None:
    found = make_wave(school_class)
    address = f"/surveys/classes/{found.classes[0].id}/families"

    assert 303 == client.get(address).status_code
    assert 404 == sign_in(carla).post(address, data={"families": "1"}).status_code
    assert 403 == sign_in(dario).post(address, data={"families": "1"}).status_code
    assert 404 == sign_in(bruno).get(f"/surveys/classes/{uuid.UUID(int=1)}/families").status_code
    assert 404 == sign_in(carla).get(f"/surveys/{found.id}/family-sheet").status_code
    assert 404 == sign_in(bruno).get(f"/surveys/{found.id}/family-sheet?language=xx").status_code
    found.status = WaveStatus.SEALED
    assert 422 == sign_in(bruno).post(address, data={"families": "1"}).status_code
    assert 0 == db.session.scalar(select(func.count()).select_from(FamilyOptOut))


@pytest.mark.parametrize(("language", "words"), [("it", "Alle famiglie"), ("en", "To the families")])
def test_the_sheet_for_families_is_accessible_and_in_their_language(
    sign_in: SignIn,
    bruno: User,
    school_class: SchoolClass,
    verapdf: Callable[[bytes], list[VeraResult]],
    language: str,
    words: str,
) -> None:
    found = make_wave(school_class)

    pdf = sign_in(bruno).get(f"/surveys/{found.id}/family-sheet?language={language}").data

    reader = PdfReader(BytesIO(pdf))
    assert 1 == len(reader.pages)
    assert words in reader.pages[0].extract_text()
    assert [] == [finding for result in verapdf(pdf) for finding in result.failures]


# ---- Before and after ---------------------------------------------------------------------------------------------


def new_pair(*classes: SchoolClass, **values: Any) -> dict[str, Any]:
    return {
        "name": "Unplugged",
        "questionnaire_before": "workshop-before",
        "questionnaire_after": "workshop-after",
        "before_opens_on": "2026-11-23",
        "before_closes_on": "2026-11-27",
        "after_opens_on": "2027-03-01",
        "after_closes_on": "2027-03-05",
        "classes": [str(one.id) for one in classes],
        **values,
    }


@pytest.mark.parametrize("linked", [{}, {"is_linked": "y"}])
def test_the_office_prepares_a_before_and_after_unlinked_unless_asked_for(
    sign_in: SignIn, anna: User, school_class: SchoolClass, linked: dict[str, str]
) -> None:
    made = sign_in(anna).post("/surveys/pairs/new", data=new_pair(school_class, **linked))

    assert 303 == made.status_code
    assert 200 == sign_in(anna).get(made.headers["Location"]).status_code
    assert bool(linked) is db.session.scalars(select(WavePair)).one().is_linked
    assert len(linked) == db.session.scalar(select(func.count()).select_from(WavePairSecret))
    first = db.session.scalars(select(Wave).order_by(Wave.opens_on)).first()
    assert first is not None
    assert "Unplugged" in sign_in(anna).page(f"/surveys/{first.id}").get_text()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"classes": []},
        {"classes": [str(uuid.UUID(int=4))]},
        {"after_opens_on": "2026-11-26"},
        {"before_opens_on": "2026-12-26"},
        {"questionnaire_after": "nothing"},
        {"after_closes_on": "soon"},
    ],
)
def test_a_wrong_pair_changes_nothing(
    sign_in: SignIn, anna: User, school_class: SchoolClass, wrong: dict[str, Any]
) -> None:
    assert 422 == sign_in(anna).post("/surveys/pairs/new", data={**new_pair(school_class), **wrong}).status_code
    db.session.rollback()
    assert 0 == waves()


def test_pairs_are_for_the_office(client: Client, sign_in: SignIn, bruno: User, dario: User, anna: User) -> None:
    pair = make_pair()
    for address in ("/surveys/pairs/new", f"/surveys/pairs/{pair.id}"):
        assert 303 == client.get(address).status_code
        assert 403 == sign_in(bruno).get(address).status_code
    for address in ("/surveys/pairs/new", f"/surveys/pairs/{pair.id}/give-up"):
        assert 401 == client.post(address).status_code
        assert 403 == sign_in(dario).post(address).status_code
    assert 404 == sign_in(anna).get(f"/surveys/pairs/{uuid.UUID(int=1)}").status_code
    assert 404 == sign_in(anna).post(f"/surveys/pairs/{uuid.UUID(int=1)}/give-up").status_code
    assert 405 == sign_in(anna).get(f"/surveys/pairs/{pair.id}/give-up").status_code
    assert 1 == db.session.scalar(select(func.count()).select_from(WavePairSecret))


def test_a_pair_shows_what_joining_gave_and_that_the_key_is_gone(app: Flask, sign_in: SignIn, anna: User) -> None:
    pair = make_pair()
    pre, post = wave(pair, Stage.PRE), wave(pair, Stage.POST)
    answer(pre, **CODE)
    answer(post, **CODE)
    close(pre, post)
    service.join_pair(pair.id)

    page = sign_in(anna).page(f"/surveys/pairs/{pair.id}").get_text()

    assert "The key of the personal codes was destroyed on 23 November 2026" in page
    assert 422 == sign_in(anna).post(f"/surveys/pairs/{pair.id}/give-up").status_code


def test_giving_up_destroys_the_key(app: Flask, sign_in: SignIn, anna: User) -> None:
    pair = make_pair()

    assert 303 == sign_in(anna).post(f"/surveys/pairs/{pair.id}/give-up").status_code
    assert 0 == db.session.scalar(select(func.count()).select_from(WavePairSecret))
    assert "given up" in soup(sign_in(anna).get(f"/surveys/pairs/{pair.id}")).get_text()
    assert 2 == db.session.scalar(select(func.count()).select_from(WaveClass))
