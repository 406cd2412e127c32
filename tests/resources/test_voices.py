"""What readers say and look for: counted, read by the office first, and never more than the office can read."""

import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.core.db import db
from prevention.resources import rules, service
from prevention.resources.models import ResourceFeedback, ResourceWish
from prevention.resources.rules import Moderation, Outcome, Status
from tests.factories.resources import make_resource
from tests.support.http import Client

pytestmark = pytest.mark.usefixtures("app")
SignIn = Callable[[User], Client]
WORKED = {"outcome": "worked", "grade": "secondo_grado-1", "comment": "Ha fatto discutere."}


def lines() -> list[ResourceFeedback]:
    """Give what readers said."""
    return list(db.session.scalars(select(ResourceFeedback)))


def test_a_readers_word_counts_once_the_office_has_read_it(client: Client, anna: User, sign_in: SignIn) -> None:
    resource = make_resource()
    address = f"/resources/{resource.id}"

    assert 303 == client.post(f"{address}/feedback", data=WORKED).status_code
    assert "Nobody has said anything yet." in client.page(address).get_text()
    assert "Ha fatto discutere." in sign_in(anna).page("/resources/desk").get_text()
    assert 303 == sign_in(anna).post(f"/resources/feedback/{lines()[0].id}/show").status_code

    text = client.page(address).get_text()
    assert "1 person used it" in text
    assert "Ha fatto discutere." in text
    assert "Upper secondary 1" in text
    assert lines()[0].user_id is None


def test_words_that_are_kept_back_are_neither_shown_nor_counted(client: Client, anna: User, sign_in: SignIn) -> None:
    resource = make_resource()
    client.post(f"/resources/{resource.id}/feedback", data=WORKED)

    sign_in(anna).post(f"/resources/feedback/{lines()[0].id}/hide")

    assert "Nobody has said anything yet." in client.page(f"/resources/{resource.id}").get_text()


def test_a_person_says_one_thing_and_may_change_it(bruno: User, client: Client, sign_in: SignIn) -> None:
    resource = make_resource()
    browser = sign_in(bruno)

    browser.post(f"/resources/{resource.id}/feedback", data={"outcome": "worked"})
    browser.post(f"/resources/{resource.id}/feedback", data={"outcome": "did_not"})

    assert [Outcome.DID_NOT] == [line.outcome for line in lines()]
    assert "1 person used it" in client.page(f"/resources/{resource.id}").get_text()


@pytest.mark.parametrize("data", [{}, {"outcome": "x"}, {"outcome": "worked", "grade": "x"}])
def test_a_bad_form_changes_nothing(client: Client, data: dict[str, str]) -> None:
    assert 422 == client.post(f"/resources/{make_resource().id}/feedback", data=data).status_code
    assert [] == lines()


def test_a_program_that_fills_in_every_field_is_thanked_and_not_heard(client: Client) -> None:
    resource = make_resource()

    assert 303 == client.post(f"/resources/{resource.id}/feedback", data=WORKED | {"website": "http://x"}).status_code
    assert 303 == client.post("/resources/wishes/new", data={"words": "x", "website": "http://x"}).status_code

    assert [] == lines()
    assert 0 == db.session.scalar(select(func.count()).select_from(ResourceWish))


def test_more_than_the_office_can_read_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "ANONYMOUS_WAITING_MOST", 1)
    resource = make_resource()

    assert 303 == client.post(f"/resources/{resource.id}/feedback", data=WORKED).status_code
    answer = client.post(f"/resources/{resource.id}/feedback", data=WORKED)

    assert 422 == answer.status_code
    assert "So many messages wait already" in answer.get_data(as_text=True)
    assert 1 == len(lines())


def test_a_draft_takes_no_word_from_strangers(client: Client) -> None:
    draft = make_resource(status=Status.DRAFT)

    assert 404 == client.get(f"/resources/{draft.id}/feedback").status_code
    assert 404 == client.post(f"/resources/{draft.id}/feedback", data=WORKED).status_code


def test_a_wish_reaches_the_editors_and_leaves_the_desk(client: Client, anna: User, sign_in: SignIn) -> None:
    page = client.page("/resources/?text=gioco+sul+sonno")
    link = page.find("a", string="Tell us what you are looking for")
    form = client.page(str(link["href"]))
    assert "gioco sul sonno" == form.select_one("#words")["value"]

    assert 303 == client.post("/resources/wishes/new", data={"words": "gioco sul sonno"}).status_code

    desk = sign_in(anna).page("/resources/desk").get_text()
    assert "Looked for in vain (1)" in desk
    assert "gioco sul sonno" in desk
    wish = db.session.scalars(select(ResourceWish)).one()
    assert 303 == sign_in(anna).post(f"/resources/wishes/{wish.id}/done").status_code
    assert [] == list(service.open_wishes())


def test_a_wish_needs_words(client: Client) -> None:
    assert 422 == client.post("/resources/wishes/new", data={"words": " "}).status_code


def test_moderating_is_for_the_office(client: Client, dario: User, bruno: User, anna: User, sign_in: SignIn) -> None:
    resource = make_resource()
    client.post(f"/resources/{resource.id}/feedback", data=WORKED)
    line = lines()[0]
    unknown = uuid.UUID(int=1)

    assert 403 == sign_in(dario).post(f"/resources/feedback/{line.id}/show").status_code
    assert 403 == sign_in(bruno).post(f"/resources/wishes/{unknown}/done").status_code
    assert 401 == client.post(f"/resources/feedback/{line.id}/show").status_code
    assert 404 == sign_in(anna).post(f"/resources/feedback/{unknown}/show").status_code
    assert 404 == sign_in(anna).post(f"/resources/wishes/{unknown}/done").status_code
    assert 405 == sign_in(anna).get(f"/resources/feedback/{line.id}/show").status_code
    assert Moderation.WAITING is lines()[0].state
