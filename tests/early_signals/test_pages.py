"""The pages of early signals: who may open what, what a wrong form keeps, and nothing saved that names somebody."""

import uuid
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from prevention.accounts.models import User
from prevention.core import clock
from prevention.early_signals.models import EarlySignal
from prevention.early_signals.rules import SignalStatus, monday_of
from prevention.messages.models import OutboxMessage
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.early_signals import make_alert, make_signal
from tests.factories.network import make_municipality, make_organisation
from tests.support.http import Client, soup
from tests.support.queries import counted_queries

Rows = scoped_session[Session]
SignIn = Callable[[User], Client]

WORDS = "Bustine alla nicotina vendute vicino alla stazione."


def school_of(person: User) -> uuid.UUID:
    found = person.roles[0].institute_id
    assert found is not None
    return found


def entry(person: User, **values: str) -> dict[str, str]:
    return {
        "key": str(uuid.uuid4()),
        "institute_id": str(school_of(person)),
        "municipality_id": str(make_municipality().id),
        "kind": "smoking",
        "week": monday_of(clock.today()).isoformat(),
        "words": WORDS,
        **values,
    }


@pytest.fixture
def elena(app: Flask) -> User:
    """Elena, who works for a municipality."""
    return make_user("Elena", Role.PARTNER, organisation_id=make_organisation().id)


def test_a_coordinator_signals_and_the_office_is_told_without_the_words(
    bruno: User, anna: User, sign_in: SignIn, session: Rows
) -> None:
    response = sign_in(bruno).post("/early-signals/new", data=entry(bruno))

    row = session.scalars(select(EarlySignal)).one()
    mail = session.scalars(select(OutboxMessage).where(OutboxMessage.recipient == anna.email)).one()
    assert (303, f"/early-signals/{row.id}") == (response.status_code, response.location)
    assert (SignalStatus.WAITING, WORDS, school_of(bruno)) == (row.status, row.words, row.institute_id)
    assert "nicotin" not in mail.body.replace("e-cigarettes, nicotine", "")


def test_a_text_that_names_somebody_is_not_saved_and_stays_in_the_form(
    bruno: User, sign_in: SignIn, session: Rows
) -> None:
    data = entry(bruno, words="Bustine vendute da Andrea\nin bagno alla 3B.")
    response = sign_in(bruno).post("/early-signals/new", data=data)

    page = soup(response)
    box = page.select_one("#words")
    assert 422 == response.status_code
    assert box is not None
    assert "Andrea" in box.text
    error = page.select_one("#words-error")
    assert error is not None
    assert "line 1: “Andrea”" in error.text
    assert "line 2: “3B”" in error.text
    assert 0 == session.scalar(select(func.count()).select_from(EarlySignal))
    # The key stays, so that sending the mended text is still one signal.
    key = page.select_one('input[name="key"]')
    assert key is not None
    assert key["value"] == data["key"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "nonsense"},
        {"kind": ""},
        {"week": "2026-01-01"},
        {"week": "2031-01-06"},
        {"municipality_id": str(uuid.UUID(int=1))},
        {"municipality_id": "x"},
        {"words": ""},
        {"words": "x" * 1001},
    ],
    ids=str,
)
def test_an_invalid_form_changes_nothing(bruno: User, sign_in: SignIn, session: Rows, wrong: dict[str, str]) -> None:
    response = sign_in(bruno).post("/early-signals/new", data=entry(bruno, **wrong))

    assert 422 == response.status_code
    assert 0 == session.scalar(select(func.count()).select_from(EarlySignal))


def test_nobody_signals_for_another_school(bruno: User, carla: User, sign_in: SignIn, session: Rows) -> None:
    response = sign_in(bruno).post("/early-signals/new", data=entry(bruno, institute_id=str(school_of(carla))))

    assert 422 == response.status_code
    assert 0 == session.scalar(select(func.count()).select_from(EarlySignal))


def test_only_coordinators_signal(anna: User, dario: User, elena: User, client: Client, sign_in: SignIn) -> None:
    assert [403, 403, 403] == [sign_in(each).get("/early-signals/new").status_code for each in (anna, dario, elena)]
    assert 303 == client.get("/early-signals/new").status_code


def test_words_are_read_by_the_office_and_the_school_alone(
    anna: User, bruno: User, carla: User, dario: User, elena: User, sign_in: SignIn
) -> None:
    row = make_signal(institute_id=school_of(bruno), words=WORDS)
    address = f"/early-signals/{row.id}"

    assert WORDS in sign_in(anna).page(address).text
    assert WORDS in sign_in(bruno).page(address).text
    assert [404, 403, 403] == [sign_in(each).get(address).status_code for each in (carla, dario, elena)]
    assert 404 == sign_in(anna).get(f"/early-signals/{uuid.uuid4()}").status_code
    assert str(row.id) not in sign_in(carla).page("/early-signals/").decode()
    assert [403, 403] == [sign_in(each).get("/early-signals/").status_code for each in (dario, elena)]


def test_the_office_accepts_with_shortened_words_and_the_school_is_told(
    anna: User, bruno: User, sign_in: SignIn, session: Rows
) -> None:
    row = make_signal(institute_id=school_of(bruno), words=WORDS, sent_by=bruno.id)

    response = sign_in(anna).post(
        f"/early-signals/{row.id}/accept", data={"accept-words": "Bustine.", "accept-message": "Grazie."}
    )

    mail = session.scalars(select(OutboxMessage).where(OutboxMessage.recipient == bruno.email)).one()
    assert (303, SignalStatus.ACCEPTED, "Bustine.") == (response.status_code, row.status, row.words)
    assert "Grazie." in mail.body


def test_the_office_refuses_with_a_reason_and_the_words_are_gone(anna: User, sign_in: SignIn) -> None:
    row = make_signal(words=WORDS)

    response = sign_in(anna).post(f"/early-signals/{row.id}/refuse", data={"refuse-message": "Non è un segnale."})

    assert (303, SignalStatus.REFUSED, "") == (response.status_code, row.status, row.words)


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("accept", {"accept-words": "Lo vende Andrea."}),
        ("accept", {"accept-words": ""}),
        ("accept", {"accept-words": "Va bene.", "accept-message": "Andrea è noto."}),
        ("refuse", {"refuse-message": ""}),
        ("refuse", {"refuse-message": "Andrea è noto."}),
    ],
    ids=str,
)
def test_a_wrong_decision_changes_nothing(anna: User, sign_in: SignIn, verb: str, data: dict[str, str]) -> None:
    row = make_signal(words=WORDS)

    response = sign_in(anna).post(f"/early-signals/{row.id}/{verb}", data=data)

    assert (422, SignalStatus.WAITING, WORDS) == (response.status_code, row.status, row.words)


def test_what_was_decided_is_not_decided_again(anna: User, sign_in: SignIn) -> None:
    row = make_signal(status=SignalStatus.ACCEPTED)
    browser = sign_in(anna)

    answers = [
        browser.post(f"/early-signals/{row.id}/accept", data={"accept-words": "Altro."}),
        browser.post(f"/early-signals/{row.id}/refuse", data={"refuse-message": "Altro."}),
    ]

    assert [422, 422] == [answer.status_code for answer in answers]
    assert (SignalStatus.ACCEPTED, "Qualcosa di nuovo.") == (row.status, row.words)


def test_only_the_office_decides(bruno: User, dario: User, elena: User, sign_in: SignIn) -> None:
    row = make_signal(institute_id=school_of(bruno))
    data = {"accept-words": "Va bene.", "refuse-message": "No."}

    for person in (bruno, dario, elena):
        for verb in ("accept", "refuse"):
            assert 403 == sign_in(person).post(f"/early-signals/{row.id}/{verb}", data=data).status_code
            assert 405 == sign_in(person).get(f"/early-signals/{row.id}/{verb}").status_code
    assert SignalStatus.WAITING is row.status


def test_a_school_withdraws_what_waits_and_only_its_own(
    anna: User, bruno: User, carla: User, sign_in: SignIn, session: Rows
) -> None:
    row, decided = (
        make_signal(institute_id=school_of(bruno), status=status)
        for status in (SignalStatus.WAITING, SignalStatus.ACCEPTED)
    )
    kept = decided.id
    assert 404 == sign_in(carla).post(f"/early-signals/{row.id}/withdraw").status_code
    assert 403 == sign_in(anna).post(f"/early-signals/{row.id}/withdraw").status_code
    assert 405 == sign_in(bruno).get(f"/early-signals/{row.id}/withdraw").status_code

    answers = [sign_in(bruno).post(f"/early-signals/{each}/withdraw").status_code for each in (row.id, kept)]

    assert [303, 303] == answers
    assert [kept] == session.scalars(select(EarlySignal.id)).all()


def test_everybody_in_the_network_reads_alerts_and_groups(
    anna: User, bruno: User, dario: User, elena: User, client: Client, sign_in: SignIn
) -> None:
    alert = make_alert(note="Parlatene in consiglio.")
    pages = ("/early-signals/alerts", f"/early-signals/alerts/{alert.id}", "/early-signals/groups")

    for person in (anna, bruno, dario, elena):
        browser = sign_in(person)
        assert [200, 200, 200] == [browser.get(page).status_code for page in pages]
        assert "Parlatene" in browser.page(pages[1]).text
    assert [303, 303, 303] == [client.get(page).status_code for page in pages]


def test_the_office_writes_a_note_that_names_nobody_and_closes_the_alert_once(
    anna: User, elena: User, sign_in: SignIn
) -> None:
    alert = make_alert()
    address = f"/early-signals/alerts/{alert.id}"
    browser = sign_in(anna)

    refused = browser.post(f"{address}/note", data={"note": "Andrea lo sa."})
    assert (422, "") == (refused.status_code, alert.note)
    browser.post(f"{address}/note", data={"note": "Parlatene in classe."})
    browser.post(f"{address}/close")
    closed_at = alert.closed_at
    browser.post(f"{address}/close")

    assert ("Parlatene in classe.", closed_at) == (alert.note, alert.closed_at)
    assert closed_at is not None
    others = [sign_in(elena).post(f"{address}/{verb}", data={"note": "x"}).status_code for verb in ("note", "close")]
    assert [403, 403] == others
    assert [405, 405] == [browser.get(f"{address}/{verb}").status_code for verb in ("note", "close")]
    assert 404 == browser.post(f"/early-signals/alerts/{uuid.uuid4()}/close").status_code


@pytest.mark.parametrize("page", ["/early-signals/", "/early-signals/alerts"])
def test_the_lists_can_be_taken_away_without_words(anna: User, sign_in: SignIn, page: str) -> None:
    make_signal(words=WORDS)
    make_alert(week=date(2026, 11, 9))

    taken = sign_in(anna).get(page, query_string={"format": "csv"})

    assert 200 == taken.status_code
    assert "2026" in taken.get_data(as_text=True)
    assert WORDS not in taken.get_data(as_text=True)


def test_the_lists_need_as_many_queries_for_many_rows_as_for_one(anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    make_signal()
    browser.get("/early-signals/")
    with counted_queries() as few:
        browser.get("/early-signals/")
    for number in range(8):
        make_signal(weeks_ago=number)
    with counted_queries() as many:
        browser.get("/early-signals/")

    assert few.count == many.count
