"""The short way answers as the application does, and hands on whatever is not the plain case."""

import gzip
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import bindparam, event, func, insert, literal, select, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from werkzeug.test import Client as PlainClient
from werkzeug.test import TestResponse

from prevention.core.db import db
from prevention.core.models import InstallationFact
from prevention.core.prepared import Prepared, one_statement, short_transaction
from prevention.surveys.models import AccessCode, Ballot
from tests.factories.surveys import ClassWithCodes, make_class_with_codes
from tests.support.http import Client


@pytest.fixture
def room(app: Flask) -> ClassWithCodes:
    """A class with six codes in an open wave."""
    return make_class_with_codes(number=6)


def send(client: Client, code: str, **more: str) -> TestResponse:
    """Hand answers in."""
    return client.post(
        "/s/answers",
        data={"code": code, "submission": "mark", "language": "en", "T0": "yes", "A1": "female", **more},
    )


@pytest.fixture
def long_way(app: Flask) -> Client:
    """A browser of the application without the short way."""
    client = app.test_client()
    assert isinstance(client, Client)
    client.application = _Behind(app)  # type: ignore[assignment]  # called as an application is
    return client


class _Behind:
    """An application without the layer before it."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def __getattr__(self, name: str) -> object:
        return getattr(self.app, name)

    def __call__(self, *arguments: object) -> object:
        return self.app.wsgi_app.inner(*arguments)  # type: ignore[attr-defined]  # what stands behind the layer


def test_both_ways_give_the_same_page_and_headers(client: Client, long_way: Client, room: ClassWithCodes) -> None:
    body = {"code": room.codes[0], "language": "en"}
    slow = long_way.post("/s/", data=body)

    fast = client.post("/s/", data=body)

    assert sorted(slow.headers) == sorted(fast.headers)
    assert len(slow.data) == len(fast.data)
    assert slow.data.replace(_mark(slow), b"") == fast.data.replace(_mark(fast), b"")


@pytest.mark.parametrize("way", ["fast", "slow"])
def test_both_ways_pack_for_a_browser_that_takes_it(
    client: Client, long_way: Client, room: ClassWithCodes, way: str
) -> None:
    body = {"code": room.codes[0], "language": "en"}
    plain = long_way.post("/s/", data=body)
    asked = client if way == "fast" else long_way

    packed = PlainClient(asked.application).post("/s/", data=body, headers={"Accept-Encoding": "gzip, br"})

    assert ("gzip", "Accept-Encoding") == (packed.headers["Content-Encoding"], packed.headers["Vary"])
    assert len(packed.data) < len(plain.data) / 6
    page = gzip.decompress(packed.data)
    assert page.replace(_mark_in(page), b"") == plain.data.replace(_mark(plain), b"")


def test_the_first_page_and_the_thanks_take_the_short_way_packed_too(
    client: Client, long_way: Client, room: ClassWithCodes
) -> None:
    slow = long_way.get("/s/")
    browser = PlainClient(client.application)
    accepts = {"Accept-Encoding": "gzip"}

    first = browser.get("/s/", headers=accepts)
    plain = client.get("/s/")

    assert slow.data == plain.data == gzip.decompress(first.data)
    assert sorted(slow.headers) == sorted(plain.headers)
    browser.post("/s/", data={"code": room.codes[0]}, headers=accepts)
    thanks = [
        browser.post("/s/answers", data={"code": code, "submission": "mark", "T0": "yes"}, headers=accepts)
        for code in (room.codes[0], room.codes[1], room.codes[1])
    ]
    assert ["gzip"] * 3 == [one.headers["Content-Encoding"] for one in thanks]
    assert 1 == len({gzip.decompress(one.data) for one in thanks})
    assert 2 == db.session.scalar(select(func.count()).select_from(Ballot))


def test_the_first_page_in_another_language_goes_the_long_way(client: Client, room: ClassWithCodes) -> None:
    client.get("/s/")

    assert b'lang="en"' in client.get("/s/?language=en").data


@pytest.mark.parametrize("slip", ["spent", "unknown"])
def test_a_slip_that_is_no_good_is_handed_on_and_refused(client: Client, room: ClassWithCodes, slip: str) -> None:
    client.post("/s/", data={"code": room.codes[0]})
    send(client, room.codes[0])
    used = room.codes[0] if slip == "spent" else f"{room.codes[0][:-1]}{'3' if room.codes[0][-1] != '3' else '4'}"

    refused = send(client, used, submission="another mark")

    assert 422 == refused.status_code
    assert 1 == db.session.scalar(select(func.count()).select_from(Ballot))


def _mark_in(page: bytes) -> bytes:
    return page.split(b'name="submission" value="')[1].split(b'"')[0]


def _mark(response: TestResponse) -> bytes:
    return _mark_in(response.data)


def test_both_ways_store_and_thank_alike(client: Client, long_way: Client, room: ClassWithCodes) -> None:
    slow = send(long_way, room.codes[0], B1="0", B2="1-5")
    client.post("/s/", data={"code": room.codes[1]})

    fast = send(client, room.codes[1], B1="0", B2="1-5")

    assert (slow.status_code, slow.data, sorted(slow.headers)) == (fast.status_code, fast.data, sorted(fast.headers))
    first, second = db.session.scalars(select(Ballot.answers))
    assert first == second


def test_the_plain_case_asks_nothing_of_the_session(client: Client, room: ClassWithCodes) -> None:
    """The driver's own cursor is not counted by the engine: what is counted here is what went the long way."""
    client.post("/s/", data={"code": room.codes[0]})
    send(client, room.codes[0], language="it")
    long: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")):
            long.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert 200 == client.post("/s/", data={"code": room.codes[1]}).status_code
        assert 200 == send(client, room.codes[1], language="it").status_code
    finally:
        event.remove(Engine, "before_cursor_execute", note)

    assert [] == long


@pytest.mark.parametrize("content_type", ["multipart/form-data", "text/plain", "application/json"])
def test_another_kind_of_body_goes_the_long_way(client: Client, room: ClassWithCodes, content_type: str) -> None:
    response = client.post("/s/", data={"code": room.codes[0]}, content_type=content_type)

    assert response.status_code in (200, 422)


@pytest.mark.parametrize("length", ["", "x", "-1", "99999999"])
def test_a_body_whose_length_is_not_said_properly_is_not_read(app: Flask, room: ClassWithCodes, length: str) -> None:
    plain = PlainClient(app)

    response = plain.post(
        "/s/",
        input_stream=None,
        data=b"code=" + room.codes[0].encode(),
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"CONTENT_LENGTH": length},
    )

    assert response.status_code in (400, 413, 422)


def test_a_body_that_is_no_form_goes_the_long_way(client: Client, room: ClassWithCodes) -> None:
    client.post("/s/", data={"code": room.codes[0]})

    response = client.post("/s/", data="code=è".encode(), content_type="application/x-www-form-urlencoded")

    assert 422 == response.status_code


def test_when_the_database_fails_the_application_answers_and_nothing_is_stored(
    client: Client, room: ClassWithCodes
) -> None:
    """The disk takes nothing more as the ballot drops: the pupil is told, the code stays good, sending again works."""
    if db.engine.dialect.name != "sqlite":
        return
    client.post("/s/", data={"code": room.codes[0]})

    db.session.execute(text("PRAGMA query_only = ON"))
    failed = send(client, room.codes[0])
    db.session.execute(text("PRAGMA query_only = OFF"))

    assert 503 == failed.status_code
    assert b"Nothing was stored" in failed.data
    assert [False] == list(db.session.scalars(select(AccessCode.is_spent).distinct()))
    assert 200 == send(client, room.codes[0]).status_code


# ---- Prepared statements ------------------------------------------------------------------------------------------


def test_a_prepared_statement_converts_values_and_rows_as_the_session_does(app: Flask) -> None:
    add = Prepared(insert(InstallationFact), columns=("key", "value"))
    change = Prepared(
        update(InstallationFact)
        .where(InstallationFact.key == bindparam("named"), InstallationFact.value == literal("one"))
        .values(value=bindparam("new"))
        .returning(InstallationFact.value)
    )
    with short_transaction() as connection:
        assert add.first(connection, key="a", value="one") is None
        assert ("two",) == change.first(connection, named="a", new="two")
        assert change.first(connection, named="a", new="three") is None

    assert "two" == db.session.scalar(select(InstallationFact.value).where(InstallationFact.key == "a"))


def test_a_prepared_statement_fails_as_the_session_does_and_tells_no_values(app: Flask) -> None:
    add = Prepared(insert(InstallationFact), columns=("key", "value"))

    def add_twice() -> None:
        with short_transaction() as connection:
            for _ in range(2):
                add.first(connection, key="twice", value="a secret")

    with pytest.raises(IntegrityError) as failed:
        add_twice()

    assert "a secret" not in str(failed.value)
    assert db.session.get(InstallationFact, "twice") is None


def test_a_short_transaction_is_kept_or_not_as_a_whole(live_app: Flask) -> None:
    add = Prepared(insert(InstallationFact), columns=("key", "value"))
    with live_app.app_context():
        with short_transaction() as connection:
            add.first(connection, key="kept", value="yes")
        with suppress(ZeroDivisionError), short_transaction() as connection:
            add.first(connection, key="lost", value="yes")
            raise ZeroDivisionError
        with suppress(ZeroDivisionError), one_statement() as connection:
            add.first(connection, key="kept at once", value="yes")
            raise ZeroDivisionError

        assert {"kept", "kept at once"} == set(db.session.scalars(select(InstallationFact.key)))
