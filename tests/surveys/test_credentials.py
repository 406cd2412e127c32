"""A code buys a credential, a credential carries one ballot, and nothing joins the two."""

from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import cast

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.schools.rules import Level
from prevention.surveys import service
from prevention.surveys.models import AccessCode, Ballot, CodeGuard, CredentialKey, SpentCredential
from prevention.surveys.rules import NOT_ASKED
from tests.conftest import NOW
from tests.factories.schools import make_school_class, make_site
from tests.factories.surveys import ClassWithCodes, make_class_with_codes
from tests.support.http import Client, soup
from tests.surveys.pupil import as_text, buy, draw


@pytest.fixture
def room(app: Flask) -> ClassWithCodes:
    """A class with four codes in an open wave."""
    return make_class_with_codes(number=4)


def ballots() -> list[dict[str, object]]:
    """Give the answers in the box."""
    return list(db.session.scalars(select(Ballot.answers)))


def test_a_credential_carries_a_ballot_as_a_code_does(client: Client, room: ClassWithCodes) -> None:
    carrier = buy(client, room.codes[0])

    sent = client.post("/s/ballot", data={**carrier, "language": "en", "T0": "yes", "B1": "0", "B2": "1-5"})

    assert 200 == sent.status_code
    assert "Thank you" in soup(sent).h1.text
    (answers,) = ballots()
    assert ("0", NOT_ASKED) == (answers["B1"], answers["B2"])


def test_a_ballot_with_a_credential_lies_with_the_others_of_its_class(client: Client, room: ClassWithCodes) -> None:
    client.post("/s/ballot", data={**buy(client, room.codes[0]), "T0": "yes"})
    client.post("/s/answers", data={"code": room.codes[1], "submission": "m", "T0": "yes"})

    assert 1 == len(set(db.session.scalars(select(Ballot.cluster_mark))))


def test_a_junior_class_is_checked_against_the_junior_form(client: Client, app: Flask) -> None:
    junior = make_class_with_codes(make_school_class(site=make_site(level=Level.PRIMO_GRADO)))

    client.post("/s/ballot", data={**buy(client, junior.codes[0]), "T0": "yes", "L1a": "3"})

    assert 51 >= len(ballots()[0])


def test_a_code_that_bought_a_credential_opens_and_buys_nothing_more(client: Client, room: ClassWithCodes) -> None:
    buy(client, room.codes[0])
    another = draw(client, room.codes[1])
    data = {"code": room.codes[0], "submission": "m", "T0": "yes", "blinded": as_text(another.blinded)}

    answers = [client.post(address, data=data) for address in ("/s/key", "/s/credential", "/s/answers")]

    assert [422] * 3 == [answer.status_code for answer in answers]
    assert 422 == client.post("/s/", data={"code": room.codes[0]}).status_code
    assert [] == ballots()


def test_a_code_that_sent_answers_buys_no_credential(client: Client, room: ClassWithCodes) -> None:
    drawn = draw(client, room.codes[0])
    client.post("/s/answers", data={"code": room.codes[0], "submission": "m", "T0": "yes"})

    sold = client.post("/s/credential", data={"code": room.codes[0], "blinded": as_text(drawn.blinded)})

    assert (422, {"signature": None}) == (sold.status_code, sold.json)


def test_asking_again_for_the_same_gives_the_same_signature(client: Client, room: ClassWithCodes) -> None:
    """The connection broke after the code was spent."""
    drawn = draw(client, room.codes[0])
    data = {"code": room.codes[0], "blinded": as_text(drawn.blinded)}

    first, second = (client.post("/s/credential", data=data) for _ in range(2))

    assert 200 == second.status_code
    assert first.json == second.json


def test_one_credential_carries_one_ballot(client: Client, room: ClassWithCodes) -> None:
    carrier = buy(client, room.codes[0])

    first = client.post("/s/ballot", data={**carrier, "language": "en", "T0": "yes", "A1": "female"})
    again = client.post("/s/ballot", data={**carrier, "language": "en", "T0": "yes", "A1": "male"})

    assert (200, first.data) == (again.status_code, again.data)
    assert ["female"] == [answers["A1"] for answers in ballots()]


@pytest.mark.parametrize("field", ["key", "credential", "signature"])
@pytest.mark.parametrize("value", ["", "!", "AAAA", "\0", "x" * 5000])
def test_a_credential_that_is_not_good_is_refused_like_a_code(
    client: Client, room: ClassWithCodes, field: str, value: str
) -> None:
    carrier = {**buy(client, room.codes[0]), field: value}
    unknown = client.post("/s/", data={"code": "3333-333-3333", "language": "en"})

    refused = client.post("/s/ballot", data={**carrier, "language": "en", "T0": "yes"})

    assert (422, unknown.data) == (refused.status_code, refused.data)
    assert [] == ballots()


def test_a_credential_of_another_class_is_none_of_this_one(client: Client, room: ClassWithCodes) -> None:
    other = make_class_with_codes()
    mine, theirs = buy(client, room.codes[0]), buy(client, other.codes[0])

    refused = client.post("/s/ballot", data={**mine, "key": theirs["key"], "T0": "yes"})

    assert 422 == refused.status_code


@pytest.mark.parametrize("blinded", ["", "AA", "!", "A" * 342, "_" * 342])
def test_a_number_that_cannot_be_signed_spends_no_code(client: Client, room: ClassWithCodes, blinded: str) -> None:
    client.post("/s/key", data={"code": room.codes[0]})

    refused = client.post("/s/credential", data={"code": room.codes[0], "blinded": blinded})

    assert (422, {"signature": None}) == (refused.status_code, refused.json)
    assert 200 == client.post("/s/", data={"code": room.codes[0]}).status_code


def test_a_wrong_slip_counts_as_a_guess_here_too(client: Client, room: ClassWithCodes) -> None:
    wrong = f"{room.codes[0][:5]}333-3333"

    client.post("/s/key", data={"code": wrong})
    client.post("/s/credential", data={"code": wrong, "blinded": "AAAA"})

    assert 2 == db.session.scalar(select(CodeGuard.failures))


def test_all_of_a_class_see_the_same_key_and_another_class_another(client: Client, room: ClassWithCodes) -> None:
    """A key of one's own would be a name."""
    other = make_class_with_codes()

    marks = [client.post("/s/key", data={"code": code}).json["mark"] for code in (*room.codes, other.codes[0])]

    assert 1 == len(set(marks[:4]))
    assert marks[0] != marks[4]


def test_an_answer_that_cannot_be_taken_spends_no_credential(client: Client, room: ClassWithCodes) -> None:
    carrier = buy(client, room.codes[0])

    refused = client.post("/s/ballot", data={**carrier, "T0": "yes", "A1": "female", "B1": "a thousand"})

    assert 422 == refused.status_code
    assert soup(refused).select_one("[name=A1][value=female][checked]")
    assert 200 == client.post("/s/ballot", data={**carrier, "T0": "yes", "A1": "female"}).status_code


def test_a_ballot_comes_too_late_after_the_last_day_and_after_closing(client: Client, room: ClassWithCodes) -> None:
    carriers = [buy(client, code) for code in room.codes[:2]]

    with clock.frozen(NOW + timedelta(days=10)):
        assert 422 == client.post("/s/ballot", data={**carriers[0], "T0": "yes"}).status_code
    service.close_wave(None, room.wave, NOW)

    assert 422 == client.post("/s/ballot", data={**carriers[1], "T0": "yes"}).status_code
    assert [] == ballots()


def test_closing_destroys_the_keys_and_forgets_what_was_spent(client: Client, room: ClassWithCodes) -> None:
    other = make_class_with_codes(opens_on=date(2026, 11, 1))
    for code in (room.codes[0], other.codes[0]):
        client.post("/s/ballot", data={**buy(client, code), "T0": "yes"})

    service.close_wave(None, room.wave, NOW)

    assert [other.wave_class.id] == list(db.session.scalars(select(CredentialKey.wave_class_id)))
    assert [other.wave.id] == list(db.session.scalars(select(SpentCredential.wave_id)))
    assert [None] == list(
        db.session.scalars(select(AccessCode.receipt_hash).where(AccessCode.wave_class_id == room.wave_class.id))
    )


def test_staff_see_who_handed_in_not_who_began(client: Client, sign_in: Callable[[User], Client], anna: User) -> None:
    many = make_class_with_codes(number=12)
    staff = sign_in(anna)
    carriers = [buy(client, code) for code in many.codes]

    before = staff.get(f"/surveys/{many.wave.id}?language=en").get_data(as_text=True)
    for carrier in carriers[:10]:
        client.post("/s/ballot", data={**carrier, "T0": "yes"})
    after = staff.get(f"/surveys/{many.wave.id}?language=en").get_data(as_text=True)

    assert _state(before) != _state(after)


def _state(page: str) -> str:
    table = BeautifulSoup(page, "html5lib").find("table")
    return table.get_text(" ", strip=True) if table else ""


@pytest.mark.parametrize("address", ["key", "credential", "ballot"])
def test_what_has_no_page_is_not_read(client: Client, app: Flask, address: str) -> None:
    assert 405 == client.get(f"/s/{address}").status_code


def test_the_questions_are_the_same_for_everybody_and_hold_no_code(client: Client, room: ClassWithCodes) -> None:
    page = client.page(f"/s/questions/{room.wave.questionnaire_id}/senior?language=en")

    assert 89 == len(page.select("fieldset"))
    assert "" == page.find("input", {"name": "code"})["value"]


@pytest.mark.parametrize("place", ["senior", "nobody"])
def test_questions_that_are_not_there_are_a_page_of_this_side(client: Client, app: Flask, place: str) -> None:
    page = client.page(f"/s/questions/00000000-0000-4000-8000-000000000000/{place}", status=404)

    assert page.select_one("[data-quick-exit]")


def test_of_two_who_come_with_one_credential_at_once_one_is_stored(live_app: Flask) -> None:
    with live_app.app_context(), clock.frozen(NOW), unit_of_work():
        codes = make_class_with_codes(number=6).codes
    statuses: list[int] = []

    def send(barrier: Barrier, carrier: dict[str, str]) -> None:
        with clock.frozen(NOW):
            barrier.wait()
            statuses.append(live_app.test_client().post("/s/ballot", data={**carrier, "T0": "yes"}).status_code)

    for code in codes:
        with clock.frozen(NOW):
            carrier = buy(cast(Client, live_app.test_client()), code)
        barrier = Barrier(2)
        threads = [Thread(target=send, args=(barrier, carrier)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    with live_app.app_context():
        assert [200] * 12 == statuses
        assert 6 == db.session.scalar(select(func.count()).select_from(Ballot))


def test_of_two_pupils_who_need_the_first_key_at_once_both_get_the_same(live_app: Flask) -> None:
    with live_app.app_context(), clock.frozen(NOW), unit_of_work():
        codes = make_class_with_codes(number=2).codes
    marks: list[str] = []
    barrier = Barrier(2)

    def ask(code: str) -> None:
        with clock.frozen(NOW):
            barrier.wait()
            marks.append(live_app.test_client().post("/s/key", data={"code": code}).json["mark"])

    threads = [Thread(target=ask, args=(code,)) for code in codes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 2 == len(marks)
    assert 1 == len(set(marks))
