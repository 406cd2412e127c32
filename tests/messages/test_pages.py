"""The office's pages of mail: what was given up and what to do about it, and the texts of letters."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from prevention.accounts.models import User
from prevention.core import clock
from prevention.core.db import db
from prevention.messages import service
from prevention.messages.models import LetterText, MessageStatus, OutboxMessage
from prevention.messages.tasks import send_next_message
from tests.factories.accounts import make_user
from tests.factories.booking import make_booking
from tests.support.http import Client, soup
from tests.support.mail_server import Letterbox, mail_server, point_at

SignIn = Callable[[User], Client]
EDIT = "/messages/texts/booked/it"
WORDS = {"subject": "Ecco {classe}", "body": "Ciao {nome}", "revision": "0"}


@pytest.fixture
def box(app: Flask) -> Iterator[Letterbox]:
    with mail_server() as box:
        point_at(app, box.port)
        yield box


def promise(to: str, key: str = "greeting:1") -> None:
    service.enqueue(key=key, to=to, subject="Ciao", body="Buongiorno", language="it")


def give_up(person: User, box: Letterbox) -> OutboxMessage:
    """A mail to a person whose address the server does not know."""
    box.refusals[person.email] = "550 no such person"
    promise(person.email)
    assert send_next_message()
    db.session.expire_all()
    return db.session.scalars(select(OutboxMessage)).one()


def text_rows() -> list[LetterText]:
    return list(db.session.scalars(select(LetterText)))


# ---- What was given up ----


def test_a_refused_address_is_shown_with_its_owner_and_what_to_do(
    anna: User, bruno: User, box: Letterbox, sign_in: SignIn
) -> None:
    message = give_up(bruno, box)

    page = sign_in(anna).page("/messages/?status=dead")

    assert "550 no such person" in page.get_text()
    assert "Bruno" in page.select_one("td").get_text()
    assert page.select_one(f'a[href="/messages/{message.id}/address"]')
    assert bruno.mail_refused_at == clock.now()


def test_the_mark_goes_when_the_address_takes_mail_again(bruno: User, box: Letterbox) -> None:
    give_up(bruno, box)
    box.refusals.clear()
    promise(bruno.email, "greeting:2")

    send_next_message()
    db.session.expire_all()

    assert bruno.mail_refused_at is None


def test_a_corrected_address_gets_what_was_given_up_and_the_person_has_it(
    anna: User, bruno: User, box: Letterbox, sign_in: SignIn
) -> None:
    message = give_up(bruno, box)

    answer = sign_in(anna).post(f"/messages/{message.id}/address", data={"address": "Nuovo@example.org"})
    send_next_message()

    assert 303 == answer.status_code
    assert ["nuovo@example.org"] == [mail["To"] for mail in box.mails]
    assert ("nuovo@example.org", None) == (bruno.email, bruno.mail_refused_at)


def test_an_address_of_somebody_else_is_refused(anna: User, bruno: User, box: Letterbox, sign_in: SignIn) -> None:
    message, before = give_up(bruno, box), bruno.email

    answer = sign_in(anna).post(f"/messages/{message.id}/address", data={"address": anna.email})

    assert 422 == answer.status_code
    assert (before, MessageStatus.DEAD) == (bruno.email, message.status)


def test_what_was_given_up_goes_out_again_once(anna: User, bruno: User, box: Letterbox, sign_in: SignIn) -> None:
    message, office = give_up(bruno, box), sign_in(anna)
    box.refusals.clear()

    assert 303 == office.post(f"/messages/{message.id}/retry").status_code
    send_next_message()
    office.post(f"/messages/{message.id}/retry")

    assert not send_next_message()
    assert 1 == len(box.mails)


def test_everything_given_up_goes_out_again_after_an_outage(
    anna: User, bruno: User, box: Letterbox, sign_in: SignIn
) -> None:
    give_up(bruno, box)
    box.refusals.clear()

    sign_in(anna).post("/messages/retry-all")
    send_next_message()

    assert 1 == len(box.mails)


@pytest.mark.parametrize("address", ["", "no address", "a" * 260 + "@example.org"])
def test_a_wrong_address_changes_nothing(
    anna: User, bruno: User, box: Letterbox, sign_in: SignIn, address: str
) -> None:
    message, before = give_up(bruno, box), bruno.email

    answer = sign_in(anna).post(f"/messages/{message.id}/address", data={"address": address})

    assert 422 == answer.status_code
    assert (before, MessageStatus.DEAD, before) == (message.recipient, message.status, bruno.email)


@pytest.mark.parametrize("path", ["retry", "address"])
def test_messages_that_are_not_there_are_not_found(anna: User, sign_in: SignIn, path: str) -> None:
    office = sign_in(anna)

    for address in (f"/messages/{uuid.uuid4()}/{path}", f"/messages/nothing/{path}", f"/messages//{path}"):
        assert 404 == office.post(address, data={"address": "a@example.org"}).status_code


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_the_list_is_taken_away_as_a_file(
    anna: User, bruno: User, box: Letterbox, sign_in: SignIn, file_format: str
) -> None:
    give_up(bruno, box)

    answer = sign_in(anna).get(f"/messages/?status=dead&format={file_format}")

    assert answer.headers["Content-Disposition"].endswith(f".{file_format}")
    if file_format == "csv":
        text = answer.get_data(as_text=True)
        assert bruno.email in text
        assert "Buongiorno" not in text, "the words of a mail stay here"


# ---- The texts ----


def test_the_office_writes_a_text_and_sees_it_filled(anna: User, bruno: User, sign_in: SignIn) -> None:
    booking, office = make_booking(bruno), sign_in(anna)

    answer = office.post(EDIT, data=WORDS)
    page = office.page(EDIT)

    assert 303 == answer.status_code
    assert f"Ecco {booking.school_class.label}" in page.select_one(".letter-subject").get_text()
    assert ["Ecco {classe}"] == [row.subject for row in text_rows()]


def test_a_preview_saves_nothing(anna: User, sign_in: SignIn) -> None:
    answer = sign_in(anna).post(EDIT, data={**WORDS, "preview": "1"})

    assert 200 == answer.status_code
    assert "Ecco 2A" in soup(answer).select_one(".letter").get_text()
    assert [] == text_rows()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"body": "Ciao\nla {clase}"}, "Line 2, column 4: there is no place {clase}. Did you mean {classe}?"),
        ({"body": "la {class"}, "Line 1, column 4: a brace"),
        ({"subject": "{zzzz}"}, "Line 1, column 1: {zzzz} is not one of the places"),
        ({"subject": ""}, "required"),
        ({"body": "x" * 9000}, "8000"),
    ],
)
def test_a_wrong_text_is_refused_with_its_place_and_changes_nothing(
    anna: User, sign_in: SignIn, words: dict[str, str], sentence: str
) -> None:
    answer = sign_in(anna).post(EDIT, data={**WORDS, **words})

    assert 422 == answer.status_code
    assert sentence in soup(answer).get_text()
    assert [] == text_rows()


def test_a_text_that_somebody_changed_meanwhile_is_not_overwritten(anna: User, sign_in: SignIn) -> None:
    office = sign_in(anna)
    office.post(EDIT, data=WORDS)

    answer = office.post(EDIT, data={**WORDS, "subject": "Altro"})

    assert 422 == answer.status_code
    assert "Altro" in answer.get_data(as_text=True), "what was typed is still there"
    assert ["Ecco {classe}"] == [row.subject for row in text_rows()]


def test_going_back_to_ours_is_one_button(anna: User, sign_in: SignIn) -> None:
    office = sign_in(anna)
    office.post(EDIT, data=WORDS)

    assert 303 == office.post(f"{EDIT}/reset").status_code
    assert 303 == office.post(f"{EDIT}/reset").status_code

    assert [] == text_rows()


def test_every_letter_can_be_opened_in_every_language(anna: User, sign_in: SignIn) -> None:
    office = sign_in(anna)
    page = office.page("/messages/texts")

    for link in page.select("main .language-list a"):
        office.page(str(link["href"]))


@pytest.mark.parametrize("address", ["/messages/texts/nothing/it", "/messages/texts/booked/zz"])
def test_a_text_that_there_is_not_is_not_found(anna: User, sign_in: SignIn, address: str) -> None:
    office = sign_in(anna)

    assert 404 == office.get(address).status_code
    assert 404 == office.post(address, data=WORDS).status_code
    assert 404 == office.post(f"{address}/reset").status_code


@pytest.mark.parametrize(
    "address", [EDIT, f"{EDIT}/reset", f"/messages/{uuid.UUID(int=1)}/retry", f"/messages/{uuid.UUID(int=1)}/address",
                "/messages/retry-all"],
)  # fmt: skip
def test_these_doors_are_the_offices(bruno: User, dario: User, client: Client, sign_in: SignIn, address: str) -> None:
    assert [403, 403, 401] == [
        each.post(address, data=WORDS).status_code for each in (sign_in(bruno), sign_in(dario), client)
    ]


@pytest.mark.parametrize("address", [f"{EDIT}/reset", f"/messages/{uuid.UUID(int=1)}/retry", "/messages/retry-all"])
def test_actions_without_a_page_are_not_read(anna: User, sign_in: SignIn, address: str) -> None:
    assert 405 == sign_in(anna).get(address).status_code


def test_a_person_whose_name_is_unknown_can_be_corrected_too(anna: User, box: Letterbox, sign_in: SignIn) -> None:
    ghost = make_user("Ghost")
    message = give_up(ghost, box)
    db.session.delete(ghost)

    assert 303 == sign_in(anna).post(f"/messages/{message.id}/address", data={"address": "x@example.org"}).status_code
    assert "x@example.org" == message.recipient


def test_a_person_whose_address_is_refused_reads_it_on_their_own_desk(
    bruno: User, carla: User, anna: User, sign_in: Callable[[User], Client]
) -> None:
    bruno.mail_refused_at = anna.mail_refused_at = clock.now()

    own, other, office = (sign_in(person).page("/desk") for person in (bruno, carla, anna))

    assert "Our mail does not reach you" in own.get_text()
    assert bruno.email in own.select_one(".notice-warning").get_text()
    assert not own.select('a[href^="/messages/"]')
    assert "Our mail does not reach you" not in other.get_text()
    assert office.select('.notice-warning a[href="/messages/?status=dead"]')


def test_the_desk_leads_to_the_shelf_that_it_counts(bruno: User, sign_in: Callable[[User], Client]) -> None:
    page = sign_in(bruno).page("/desk")

    assert all(page.select(f'main a[href="/registers?show={shelf}"]') for shelf in ("ahead", "done"))
