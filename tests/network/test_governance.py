"""Agreements, acts, documents and the steering table: the office writes, each organisation sees what concerns it."""

import io
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session
from werkzeug.test import TestResponse

from prevention.accounts.models import User
from prevention.core import clock
from prevention.messages.models import OutboxMessage
from prevention.network import service
from prevention.network.governance_models import Agreement, Decision, Document, ProtectionAct, TableMeeting
from prevention.network.governance_rules import Standing, standing_on
from prevention.network.models import Organisation
from prevention.network.rules import OrganisationKind
from prevention.network.tasks import write_letters
from prevention.roles import Role
from prevention.surveys import service as surveys
from prevention.surveys.family_sheet import family_sheet
from prevention.surveys.slips import code_sheet
from prevention.surveys.wave_rules import WaveStatus
from tests.factories.accounts import make_user
from tests.factories.governance import (
    PDF,
    make_act,
    make_agreement,
    make_decision,
    make_document,
    make_meeting,
)
from tests.factories.network import make_municipality, make_organisation
from tests.factories.schools import make_school_class
from tests.factories.surveys import make_wave
from tests.resources import odd_files, samples
from tests.support.http import Client

Rows = scoped_session[Session]
SignIn = Callable[[User], Client]

WRITING = (
    "/network/organisations/new",
    "/network/agreements/new",
    "/network/acts/new",
    "/network/table/new",
    "/help/manage/new",
)
READING = ("/network/agreements", "/network/acts", "/network/table", "/network/decisions")


@pytest.fixture
def town(app: Flask) -> Organisation:
    return make_organisation(kind=OrganisationKind.MUNICIPALITY, municipality_id=make_municipality().id)


@pytest.fixture
def elena(town: Organisation) -> User:
    """Elena, who works for a municipality."""
    return make_user("Elena", Role.PARTNER, organisation_id=town.id)


def status_of(browser: Client, address: str) -> int:
    """Get a file and let go of it."""
    with browser.get(address) as response:
        return response.status_code


def pdf() -> tuple[io.BytesIO, str]:
    return io.BytesIO(PDF), "verbale.pdf"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 8, 31), Standing.AHEAD),
        (date(2026, 9, 1), Standing.IN_FORCE),
        (date(2027, 5, 4), Standing.ENDING),
        (date(2027, 8, 31), Standing.ENDING),
        (date(2027, 9, 1), Standing.ENDED),
    ],
)
def test_where_an_agreement_stands_both_ends_included(day: date, expected: Standing) -> None:
    assert expected is standing_on(day, starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 31))
    assert standing_on(day, starts_on=date(2026, 9, 1), ends_on=None) in (Standing.AHEAD, Standing.IN_FORCE)


def test_only_the_office_writes(
    anna: User, bruno: User, dario: User, elena: User, client: Client, sign_in: SignIn
) -> None:
    for address in WRITING:
        assert 200 == sign_in(anna).get(address).status_code, address
        assert [403, 403, 403] == [sign_in(each).post(address).status_code for each in (bruno, dario, elena)], address
        assert 401 == client.post(address).status_code


def test_everybody_reads_who_is_in_the_network_and_coordinators_no_more(
    bruno: User, elena: User, sign_in: SignIn
) -> None:
    for person in (bruno, elena):
        assert [200, 200] == [
            sign_in(person).get(address).status_code for address in ("/network/", "/network/municipalities")
        ]
    assert [403, 403, 403, 403] == [sign_in(bruno).get(address).status_code for address in READING]
    assert 403 == sign_in(bruno).get("/network/mine").status_code


def test_an_organisation_sees_its_agreements_acts_and_meetings_and_no_others(
    anna: User, elena: User, town: Organisation, sign_in: SignIn
) -> None:
    other = make_organisation()
    papers = [make_document(), make_document(PDF + b"2"), make_document(PDF + b"3")]
    hidden = [make_document(PDF + b"4"), make_document(PDF + b"5"), make_document(PDF + b"6")]
    mine = make_agreement(town, other, title="Ours", documents=(papers[0],))
    theirs = make_agreement(other, title="Theirs", documents=(hidden[0],))
    make_act(controller_id=other.id, kind="processor", partner_id=town.id, title="Oursact", document_id=papers[1].id)
    make_act(controller_id=other.id, title="Theirsact", document_id=hidden[1].id)
    met = make_meeting(town, decisions=(make_decision(other, words="Ourdecision"),), minutes_id=papers[2].id)
    unmet = make_meeting(other, decisions=(make_decision(other, words="Theirdecision"),), minutes_id=hidden[2].id)
    browser = sign_in(elena)

    agreements, acts, _table, decisions = (browser.page(address).text for address in READING)
    assert ("Ours" in agreements, "Theirs" in agreements) == (True, False)
    assert ("Oursact" in acts, "Theirsact" in acts) == (True, False)
    assert ("Ourdecision" in decisions, "Theirdecision" in decisions) == (True, False)
    pages = [f"/network/agreements/{each.id}" for each in (mine, theirs)] + [
        f"/network/table/{each.id}" for each in (met, unmet)
    ]
    assert [200, 404, 200, 404] == [browser.get(page).status_code for page in pages]
    files = [f"/network/documents/{each.id}" for each in (*papers, *hidden)]
    assert [200, 200, 200, 404, 404, 404] == [status_of(browser, file) for file in files]
    assert [200] * 6 == [status_of(sign_in(anna), file) for file in files]
    assert 404 == browser.get(f"/network/documents/{uuid.uuid4()}").status_code


def test_a_document_is_saved_by_the_browser_and_never_shown(anna: User, sign_in: SignIn) -> None:
    document = make_document(file_name='../pro"tocollo.pdf')

    with sign_in(anna).get(f"/network/documents/{document.id}") as response:
        content = response.data

    assert PDF == content
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert ".." not in response.headers["Content-Disposition"]


def test_the_office_adds_an_agreement_and_its_document(
    anna: User, town: Organisation, sign_in: SignIn, session: Rows
) -> None:
    browser = sign_in(anna)
    entry = {"title": "Protocollo", "kind": "protocol", "party_ids": str(town.id), "starts_on": "2026-09-01"}

    browser.post("/network/agreements/new", data=entry)
    row = session.scalars(select(Agreement)).one()
    browser.post(f"/network/agreements/{row.id}/documents", data={"file": pdf()})

    assert ["verbale.pdf"] == [each.file_name for each in row.documents]
    assert [town.id] == [each.id for each in row.parties]
    browser.post(f"/network/agreements/{row.id}/edit", data={**entry, "title": "Altro", "ends_on": "2027-08-31"})
    assert ("Altro", date(2027, 8, 31)) == (row.title, row.ends_on)


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"party_ids": str(uuid.UUID(int=1))}, {"starts_on": "x"}, {"ends_on": "2026-01-01"}, {"kind": "x"}],
    ids=str,
)
def test_a_wrong_agreement_changes_nothing(
    anna: User, town: Organisation, sign_in: SignIn, session: Rows, wrong: dict[str, str]
) -> None:
    entry = {"title": "A", "kind": "protocol", "party_ids": str(town.id), "starts_on": "2026-09-01", **wrong}

    assert 422 == sign_in(anna).post("/network/agreements/new", data=entry).status_code
    assert 0 == session.scalar(select(func.count()).select_from(Agreement))


def test_a_file_that_is_no_document_is_refused(anna: User, town: Organisation, sign_in: SignIn, session: Rows) -> None:
    row = make_agreement(town)
    browser = sign_in(anna)

    answers = [
        browser.post(f"/network/agreements/{row.id}/documents", data={"file": (io.BytesIO(content), "atto.pdf")})
        for content in (b"<script>alert(1)</script>", b"MZ\x90\x00", b"")
    ]

    assert [422, 422, 422] == [answer.status_code for answer in answers]
    assert 422 == browser.post(f"/network/agreements/{row.id}/documents").status_code
    assert 0 == session.scalar(select(func.count()).select_from(Document))
    assert 404 == browser.post(f"/network/agreements/{uuid.uuid4()}/documents", data={"file": pdf()}).status_code


def test_a_document_goes_through_the_same_checks_as_a_material(
    anna: User, town: Organisation, sign_in: SignIn, session: Rows, app: Flask
) -> None:
    """Macros are refused, a script is taken out, and a scanner that does not answer refuses: each says so."""
    row = make_agreement(town)
    address = f"/network/agreements/{row.id}/documents"
    browser = sign_in(anna)

    def answer(content: bytes, name: str) -> TestResponse:
        data = {"file": (io.BytesIO(content), name)}
        return browser.post(address, data=data, headers={"Accept-Language": "en"})

    macros, picture = answer(samples.DOCX_WITH_MACROS, "a.docx"), answer(samples.PNG, "a.png")
    app.config["CLAMAV_URL"] = "unix:///nowhere/clamd.sock"
    try:
        silent = answer(PDF, "a.pdf")
    finally:
        app.config["CLAMAV_URL"] = ""

    assert [422, 422, 422] == [answer.status_code for answer in (macros, picture, silent)]
    assert "This document contains macros" in macros.text
    assert "Hand in a PDF, or a text or sheet" in picture.text
    assert "The virus scanner does not answer" in silent.text
    assert [] == row.documents
    answer(odd_files.pdf_with_script(), "con script.pdf")
    with browser.get(f"/network/documents/{row.documents[0].id}") as response:
        assert b"/JavaScript" not in response.data


def test_a_newer_version_of_an_act_ends_the_one_before(
    anna: User, town: Organisation, sign_in: SignIn, session: Rows
) -> None:
    first = make_act(title="DPIA", controller_id=town.id)
    entry = {"kind": "impact_assessment", "title": "DPIA", "controller_id": str(town.id)}

    answers = [
        sign_in(anna).post("/network/acts/new", data={**entry, **values}).status_code
        for values in (
            {"version": "1", "starts_on": "2027-01-01"},
            {"version": "2", "starts_on": "2026-08-01"},
            {"version": "2", "starts_on": "2027-01-01", "file": pdf()},
        )
    ]

    assert [422, 422, 303] == answers
    assert date(2026, 12, 31) == first.ends_on
    second = session.scalars(select(ProtectionAct).where(ProtectionAct.version == 2)).one()
    assert second.document is not None
    in_force = [
        [act.version for act in service.acts_in_force(day, day)] for day in (date(2026, 12, 31), date(2027, 1, 1))
    ]
    assert [[1], [2]] == in_force
    assert [1, 2] == [act.version for act in service.acts_in_force(date(2026, 12, 1), date(2027, 2, 1))]


@pytest.mark.parametrize("partner", ["none", "same"])
def test_an_act_between_two_names_both(
    anna: User, town: Organisation, sign_in: SignIn, session: Rows, partner: str
) -> None:
    entry = {
        "kind": "processor",
        "title": "Art. 28",
        "version": "1",
        "starts_on": "2026-09-01",
        "controller_id": str(town.id),
        "partner_id": "" if partner == "none" else str(town.id),
    }

    assert 422 == sign_in(anna).post("/network/acts/new", data=entry).status_code
    assert 0 == session.scalar(select(func.count()).select_from(ProtectionAct))


def test_the_table_meets_decides_and_the_owner_says_when_it_is_done(
    anna: User, dario: User, elena: User, town: Organisation, sign_in: SignIn, session: Rows
) -> None:
    browser = sign_in(anna)
    browser.post("/network/table/new", data={"held_on": "2026-10-12", "agenda": "Il piano.", "seat_ids": str(town.id)})
    meeting = session.scalars(select(TableMeeting)).one()
    browser.post(f"/network/table/{meeting.id}/minutes", data={"file": pdf()})
    for words in ("Prima.", "Seconda."):
        browser.post(
            f"/network/table/{meeting.id}/decisions",
            data={"words": words, "owner_id": str(town.id), "due_on": "2026-10-31"},
        )
    decisions = session.scalars(select(Decision).order_by(Decision.position)).all()
    address = f"/network/decisions/{decisions[0].id}/done"

    assert [("Prima.", 1), ("Seconda.", 2)] == [(each.words, each.position) for each in decisions]
    assert meeting.minutes is not None
    assert 404 == sign_in(dario).post(address).status_code
    assert 405 == sign_in(elena).get(address).status_code
    assert [303, 303] == [sign_in(elena).post(address).status_code for _ in range(2)]
    assert (clock.today(), None) == (decisions[0].done_on, decisions[1].done_on)
    assert 404 == sign_in(elena).post(f"/network/decisions/{uuid.uuid4()}/done").status_code
    assert 403 == sign_in(elena).post(f"/network/table/{meeting.id}/decisions").status_code
    assert 403 == sign_in(elena).post(f"/network/table/{meeting.id}/minutes").status_code
    wrong = browser.post(f"/network/table/{meeting.id}/decisions", data={"words": "", "owner_id": str(town.id)})
    assert 422 == wrong.status_code


def test_who_sees_to_a_decision_is_reminded_once_when_it_is_due(app: Flask, session: Rows) -> None:
    owner = make_organisation(email="protocollo@example.org")
    silent = make_organisation()
    decisions = (
        make_decision(owner, due_on=date(2026, 11, 23)),
        make_decision(owner, position=2, due_on=date(2026, 12, 24)),
        make_decision(owner, position=3, done_on=date(2026, 11, 1)),
        make_decision(silent, position=4),
    )
    make_meeting(owner, silent, decisions=decisions)

    for day in (23, 23, 24, 25):
        with clock.frozen(datetime(2026, 11, day, 9, tzinfo=UTC)):
            write_letters()

    mails = session.scalars(select(OutboxMessage).where(OutboxMessage.key.startswith("decision-due:"))).all()
    assert ["protocollo@example.org"] == [mail.recipient for mail in mails]
    assert "Open a desk." in mails[0].body


def test_the_office_keeps_organisations_with_one_for_each_municipality(
    anna: User, town: Organisation, sign_in: SignIn, session: Rows
) -> None:
    browser = sign_in(anna)
    place = str(town.municipality_id)

    answers = [
        browser.post("/network/organisations/new", data=entry).status_code
        for entry in (
            {"name": "ATS", "kind": "health_authority", "email": "ATS@example.org", "municipality_id": place},
            {"name": "ATS", "kind": "other", "municipality_id": ""},
            {"name": "Secondo comune", "kind": "municipality", "municipality_id": place},
            {"name": "", "kind": "other", "municipality_id": ""},
            {"name": "X", "kind": "other", "municipality_id": "", "email": "x"},
        )
    ]

    assert [303, 422, 422, 422, 422] == answers
    added = session.scalars(select(Organisation).where(Organisation.name == "ATS")).one()
    assert ("ats@example.org", None) == (added.email, added.municipality_id)
    browser.post(
        f"/network/organisations/{added.id}/edit",
        data={"name": "ATS Val Padana", "kind": "health_authority", "municipality_id": ""},
    )
    assert "ATS Val Padana" == added.name
    assert 404 == browser.get(f"/network/organisations/{uuid.uuid4()}/edit").status_code


@pytest.mark.parametrize("address", ["/network/", "/network/municipalities", *READING, "/help/manage"])
def test_every_list_can_be_taken_away_as_a_file(anna: User, town: Organisation, sign_in: SignIn, address: str) -> None:
    make_agreement(town)
    make_act()
    make_meeting(town, decisions=(make_decision(town),))
    service.load_help_services()

    for file_format in ("csv", "xlsx"):
        taken = sign_in(anna).get(address, query_string={"format": file_format})
        assert 200 == taken.status_code
        assert len(taken.data) > 60
    assert 200 == sign_in(anna).get(address).status_code


def test_a_survey_names_the_versions_in_force_on_its_days(anna: User, sign_in: SignIn) -> None:
    wave = make_wave(opens_on=date(2026, 11, 2), closes_on=date(2026, 11, 20), status=WaveStatus.DRAFT)
    make_act(title="Old", starts_on=date(2025, 9, 1), ends_on=date(2026, 8, 31))
    make_act(title="Current", version=3, starts_on=date(2026, 9, 1))
    make_act(title="Next", starts_on=date(2027, 1, 1))

    page = sign_in(anna).page(f"/surveys/{wave.id}").text

    assert "Current, version 3" in page
    assert "Old, version" not in page
    assert "Next, version" not in page


def test_what_is_in_force_later_does_not_change_the_acts_of_a_wave_that_was_opened(app: Flask) -> None:
    wave = make_wave(opens_on=date(2026, 11, 2), closes_on=date(2026, 11, 20), status=WaveStatus.DRAFT)
    first = make_act(title="DPIA", starts_on=date(2026, 9, 1))
    surveys.open_wave(None, wave)

    first.ends_on = date(2026, 11, 1)
    make_act(title="DPIA", version=2, starts_on=date(2026, 11, 2))

    assert [1] == [act.version for act in surveys.acts_of(wave)]
    assert [2] == [act.version for act in service.acts_in_force(wave.opens_on, wave.closes_on)]


def test_the_papers_of_a_survey_name_the_acts_in_force_on_its_days(app: Flask) -> None:
    wave = make_wave(make_school_class(), status=WaveStatus.DRAFT)
    make_act(title="Before", starts_on=date(2020, 1, 1), ends_on=wave.opens_on - timedelta(days=1))
    make_act(title="DPIA", starts_on=date(2020, 1, 1), version=2)
    make_act(title="Leaflet", kind="information", starts_on=wave.closes_on, version=3)

    with app.test_request_context(headers={"Accept-Language": "en"}):
        papers = (
            family_sheet(wave, language="en", today=clock.today()),
            code_sheet(wave.classes[0], ["ABCD-EFGH"], address="https://example.org/s/", today=clock.today()),
        )

    for paper in papers:
        (page,) = PdfReader(io.BytesIO(paper)).pages
        words = " ".join(page.extract_text().split())
        assert ("DPIA, version 2" in words, "Leaflet, version 3" in words, "Before" in words) == (True, True, False)
