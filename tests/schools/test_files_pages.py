"""The office hands files in, sees what they would change, and says yes once."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, scoped_session
from werkzeug.test import TestResponse

from prevention.accounts.models import User
from prevention.core import clock
from prevention.core.models import AuditEntry
from prevention.network.models import Municipality
from prevention.roles import Role
from prevention.schools import service
from prevention.schools.models import RegisterUpload, Site
from tests.conftest import NOW
from tests.factories.accounts import make_user
from tests.schools.ministry import (
    EVENING,
    LICEO,
    district_rows,
    enrolment_file,
    enrolment_row,
    institute_row,
    make_cremona,
    non_state_file,
    state_file,
    state_row,
)
from tests.support.http import Client, soup

UPLOAD = "/schools/import"


@pytest.fixture
def office(app: Flask, anna: User, sign_in: Callable[[User], Client]) -> Client:
    """Anna's browser, in a district that knows Cremona."""
    make_cremona()
    return sign_in(anna)


def hand_in(client: Client, *streams: io.BytesIO, provinces: tuple[str, ...] = ("CR",)) -> TestResponse:
    files = [(stream, f"file-{number}.csv") for number, stream in enumerate(streams)]
    return client.post(UPLOAD, data={"files": files, "provinces": list(provinces)}, content_type="multipart/form-data")


def handed_in(client: Client, *streams: io.BytesIO) -> str:
    response = hand_in(client, *streams)
    assert 303 == response.status_code
    return str(response.location)


def sites(session: scoped_session[Session]) -> int:
    return session.scalar(select(func.count(Site.id))) or 0


def uploads(session: scoped_session[Session]) -> int:
    return session.scalar(select(func.count(RegisterUpload.id))) or 0


def test_files_are_looked_at_first_and_taken_in_on_a_yes(office: Client, session: scoped_session[Session]) -> None:
    place = handed_in(office, state_file())
    page = office.page(place)
    before = sites(session)

    response = office.post(place)

    assert 0 == before
    assert LICEO in page.text
    assert EVENING in page.text
    assert (303, "/schools/") == (response.status_code, response.location)
    assert (3, 0) == (sites(session), uploads(session))
    assert "file-0.csv" in office.page("/schools/").text


def test_the_form_offers_the_provinces_that_are_loaded(office: Client) -> None:
    page = office.page(UPLOAD)

    assert ["CR"] == [box["value"] for box in page.select('input[name="provinces"]')]
    assert page.select_one('input[name="provinces"]').has_attr("checked")


def test_without_municipalities_the_page_says_what_to_load_first(
    app: Flask, anna: User, sign_in: Callable[[User], Client]
) -> None:
    page = sign_in(anna).page(UPLOAD)

    assert "import-municipalities" in page.text
    assert page.select_one("input[type=file]") is None


def test_registers_and_pupils_may_come_together(office: Client, session: scoped_session[Session]) -> None:
    rows = [enrolment_row(), enrolment_row(code="CRMM81001A")]
    place = handed_in(office, enrolment_file(rows), state_file(), non_state_file())

    page = office.page(place)
    office.post(place)

    assert 3 == len(page.select("main section"))
    assert "CRMM81001A" in page.text
    assert 4 == sites(session)


def test_changes_are_shown_with_before_and_after(office: Client) -> None:
    office.post(handed_in(office, state_file()))
    rows = [institute_row(), state_row(INDIRIZZOSCUOLA="VIA NUOVA 2"), *district_rows()[2:]]

    page = office.page(handed_in(office, state_file(rows)))

    assert "VIA PROVA 1" in page.select_one("del").text
    assert "VIA NUOVA 2" in page.select_one("ins").text


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        (io.BytesIO(b""), ["file-0.csv"]),
        (io.BytesIO(b"<html>"), ["file-0.csv", "1"]),
        (state_file([institute_row(), state_row("CR-1")]), ["file-0.csv", "3", "CODICESCUOLA", "CR-1"]),
        (state_file([state_row(CODICECOMUNESCUOLA="Z999")]), ["file-0.csv", "2", "Z999"]),
    ],
)
def test_a_refused_file_is_told_on_the_form_and_nothing_is_kept(
    office: Client, session: scoped_session[Session], stream: io.BytesIO, words: list[str]
) -> None:
    stream.seek(0)

    response = hand_in(office, io.BytesIO(stream.read()))

    assert 422 == response.status_code
    error = soup(response).select_one(".field-error").text
    assert all(word in error for word in words)
    assert 0 == uploads(session)


@pytest.mark.parametrize(
    "data",
    [{}, {"provinces": ["CR"]}, {"provinces": ["XX"]}],
    ids=["nothing", "no file", "a province that is not offered"],
)
def test_an_incomplete_form_changes_nothing(
    office: Client, session: scoped_session[Session], data: dict[str, list[str]]
) -> None:
    response = office.post(UPLOAD, data=data)

    assert 422 == response.status_code
    assert 0 == uploads(session)


def test_a_file_without_a_province_is_asked_for_one(office: Client) -> None:
    assert 422 == hand_in(office, state_file(), provinces=()).status_code


def test_too_many_files_are_refused(office: Client) -> None:
    assert 422 == hand_in(office, *(state_file() for _number in range(9))).status_code


def test_files_are_taken_in_once(office: Client) -> None:
    place = handed_in(office, state_file())

    assert [303, 404] == [office.post(place).status_code for _time in range(2)]


def test_files_wait_for_a_day(office: Client, session: scoped_session[Session]) -> None:
    place = handed_in(office, state_file())

    with clock.frozen(NOW + timedelta(hours=23)):
        assert 200 == office.get(place).status_code
    with clock.frozen(NOW + timedelta(hours=25)):
        assert [404, 404] == [office.get(place).status_code, office.post(place).status_code]
    assert 0 == sites(session)


def test_files_nobody_confirmed_are_forgotten(office: Client, session: scoped_session[Session]) -> None:
    handed_in(office, state_file())

    assert 0 == service.forget_old_uploads(now=NOW + timedelta(hours=23))
    assert 1 == service.forget_old_uploads(now=NOW + timedelta(hours=25))
    assert 0 == uploads(session)


def test_files_can_be_left_out(office: Client, session: scoped_session[Session]) -> None:
    place = handed_in(office, state_file())

    response = office.post(f"{place}/discard")

    assert (303, UPLOAD) == (response.status_code, response.location)
    assert (0, 0) == (sites(session), uploads(session))
    assert 404 == office.get(place).status_code


def test_a_file_that_became_impossible_is_refused_on_the_page_and_changes_nothing(
    office: Client, session: scoped_session[Session]
) -> None:
    place = handed_in(office, state_file())
    session.execute(delete(Municipality))

    seen, said_yes = office.get(place), office.post(place)

    assert [422, 422] == [seen.status_code, said_yes.status_code]
    assert "D150" in soup(said_yes).select_one(".notice-danger").text
    assert (0, 1) == (sites(session), uploads(session))


def test_what_was_taken_in_is_on_the_trail(office: Client, session: scoped_session[Session], anna: User) -> None:
    office.post(handed_in(office, state_file()))

    entry = session.scalar(select(AuditEntry).where(AuditEntry.action == "schools.register_imported"))

    assert entry is not None
    assert anna.id == entry.actor_id


@pytest.mark.parametrize("person", ["bruno", "dario"])
def test_only_the_office_may_hand_files_in(
    office: Client, request: pytest.FixtureRequest, sign_in: Callable[[User], Client], person: str
) -> None:
    place = handed_in(office, state_file())
    client = sign_in(request.getfixturevalue(person))

    answers = [
        client.get(UPLOAD),
        hand_in(client, state_file()),
        client.get(place),
        client.post(place),
        client.post(f"{place}/discard"),
    ]

    assert [403] * 5 == [answer.status_code for answer in answers]


def test_somebody_elses_files_are_not_there(
    office: Client, session: scoped_session[Session], sign_in: Callable[[User], Client]
) -> None:
    place = handed_in(office, state_file())
    colleague = sign_in(make_user("Alice", Role.OFFICE))

    assert [404, 404] == [colleague.get(place).status_code, colleague.post(place).status_code]
    assert 1 == uploads(session)


def test_a_visitor_cannot_hand_files_in(office: Client, client: Client) -> None:
    assert [303, 401] == [client.get(UPLOAD).status_code, hand_in(client, state_file()).status_code]


def test_a_made_up_upload_is_not_there(office: Client) -> None:
    unknown = f"{UPLOAD}/00000000-0000-0000-0000-000000000000"

    assert [404, 404, 404] == [
        office.get(unknown).status_code,
        office.get(f"{UPLOAD}/nonsense").status_code,
        office.post(f"{unknown}/discard").status_code,
    ]


def test_leaving_out_has_no_page(office: Client) -> None:
    place = handed_in(office, state_file())

    assert 405 == office.get(f"{place}/discard").status_code


def test_the_forms_are_protected_by_a_token(office: Client, app: Flask) -> None:
    place = handed_in(office, state_file())
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        answers = [hand_in(office, state_file()), office.post(place), office.post(f"{place}/discard")]
    finally:
        app.config["WTF_CSRF_ENABLED"] = False

    assert [400] * 3 == [answer.status_code for answer in answers]
