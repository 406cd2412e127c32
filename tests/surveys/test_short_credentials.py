"""The short way of a credential gives, spends and stores what the application does, and never more."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from prevention.core.db import db
from prevention.core.prepared import short_transaction
from prevention.surveys import service
from prevention.surveys.models import AccessCode, Ballot, SpentCredential, Wave
from prevention.surveys.service import short_credentials
from prevention.surveys.wave_rules import WaveStatus
from tests.conftest import NOW
from tests.factories.surveys import ClassWithCodes, make_class_with_codes
from tests.support.http import Client
from tests.surveys.pupil import as_bytes, as_text, buy, draw

ANSWERS = {"language": "it", "T0": "yes", "B1": "0", "B2": "1-5"}


@pytest.fixture
def room(client: Client, app: Flask) -> ClassWithCodes:
    """A class with six codes, whose key and pages this process has seen."""
    app.extensions.pop(short_credentials._KEYS, None)
    made = make_class_with_codes(number=6)
    client.post("/s/", data={"code": made.codes[0]})
    client.post("/s/ballot", data={**buy(client, made.codes[0]), **ANSWERS})
    client.post("/s/key", data={"code": made.codes[1]})
    return made


@pytest.fixture
def long_asked() -> Callable[[Callable[[], object]], list[str]]:
    """Give what the session was asked meanwhile; the short way asks it nothing."""

    def run(work: Callable[[], object]) -> list[str]:
        asked: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")):
                asked.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            work()
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return asked

    return run


def count(table: type[Ballot | SpentCredential]) -> int:
    """Count the rows of a table."""
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_whole_visit_takes_the_short_way(
    client: Client, room: ClassWithCodes, long_asked: Callable[[Callable[[], object]], list[str]]
) -> None:
    sent = []

    def visit() -> None:
        sent.append(client.post("/s/ballot", data={**buy(client, room.codes[1]), **ANSWERS}).status_code)

    assert [] == long_asked(visit)
    assert ([200], 2, 2) == (sent, count(Ballot), count(SpentCredential))
    first, second = db.session.execute(select(Ballot.answers, Ballot.cluster_mark))
    assert tuple(first) == tuple(second)


def test_both_ways_say_the_same(client: Client, app: Flask, room: ClassWithCodes) -> None:
    """The application answers first, with nothing remembered, and then the layer before it."""

    def say(address: str, **data: str) -> tuple[int, bytes, list[tuple[str, str]]]:
        response = client.post(address, data=data)
        return response.status_code, response.data, sorted(response.headers)

    code, other = room.codes[1], room.codes[2]
    drawn, again = draw(client, code), draw(client, other)
    app.extensions.pop(short_credentials._KEYS, None)
    slow = [say("/s/key", code=code)]
    app.extensions.pop(short_credentials._KEYS, None)
    slow.append(say("/s/credential", code=code, blinded=as_text(drawn.blinded)))
    fast = [say("/s/key", code=other), say("/s/credential", code=other, blinded=as_text(again.blinded))]

    assert slow[0] == fast[0]
    assert (slow[1][0], slow[1][2]) == (fast[1][0], fast[1][2])
    # Asked again for the same, the application gives what the short way gave.
    assert fast[1] == say("/s/credential", code=other, blinded=as_text(again.blinded))
    assert 422 == say("/s/credential", code=other, blinded=as_text(drawn.blinded))[0]


def test_the_same_ballot_sent_twice_is_thanked_twice_and_stored_once(client: Client, room: ClassWithCodes) -> None:
    carrier = buy(client, room.codes[1])

    first, second = (client.post("/s/ballot", data={**carrier, **ANSWERS}) for _ in range(2))

    assert (200, first.data) == (second.status_code, second.data)
    assert 2 == count(Ballot)


@pytest.mark.parametrize("refused", [{"T0": "yes", "A1": "no such answer"}, {"A1": "female"}])
def test_answers_that_cannot_be_taken_leave_the_credential_good(
    client: Client, room: ClassWithCodes, refused: dict[str, str]
) -> None:
    carrier = buy(client, room.codes[1])

    assert 422 == client.post("/s/ballot", data={**carrier, **refused}).status_code

    assert (1, 1) == (count(Ballot), count(SpentCredential))
    assert 200 == client.post("/s/ballot", data={**carrier, **ANSWERS}).status_code


def _end(wave: Wave) -> None:
    db.session.execute(update(Wave).where(Wave.id == wave.id).values(status=WaveStatus.CLOSED))


def _let_it_be_too_late(wave: Wave) -> None:
    day = NOW.date() - timedelta(days=1)
    db.session.execute(update(Wave).where(Wave.id == wave.id).values(opens_on=day, closes_on=day))


@pytest.mark.parametrize("over", [_end, _let_it_be_too_late])
def test_what_is_remembered_does_not_outlive_the_wave(
    client: Client, room: ClassWithCodes, over: Callable[[Wave], None]
) -> None:
    carrier, drawn = buy(client, room.codes[1]), draw(client, room.codes[2])
    key = service.known_key(as_bytes(carrier["key"]))
    assert key is not None
    over(room.wave)

    with short_transaction() as connection:
        is_cast = service.cast_with_credential(key, b"another", {}, now=NOW, connection=connection)
    answers = [
        client.post("/s/key", data={"code": room.codes[3]}),
        client.post("/s/credential", data={"code": room.codes[2], "blinded": as_text(drawn.blinded)}),
        client.post("/s/ballot", data={**carrier, **ANSWERS}),
    ]

    assert not is_cast
    assert [422] * 3 == [answer.status_code for answer in answers]
    assert (1, 1) == (count(Ballot), count(SpentCredential))
    assert 2 == db.session.scalar(select(func.count()).where(AccessCode.is_spent.is_(True)))


def test_a_credential_of_another_class_is_none_of_this_one_here_too(client: Client, room: ClassWithCodes) -> None:
    other = make_class_with_codes()
    theirs = buy(client, other.codes[0])
    client.post("/s/key", data={"code": other.codes[1]})
    mine = buy(client, room.codes[1])

    assert 422 == client.post("/s/ballot", data={**mine, "key": theirs["key"], **ANSWERS}).status_code
    assert 1 == count(Ballot)


def test_a_ballot_that_cannot_drop_leaves_its_credential_unspent(
    client: Client, room: ClassWithCodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = service.known_key(as_bytes(buy(client, room.codes[1])["key"]))
    assert key is not None
    taken = db.session.scalar(select(Ballot.ballot_key))
    monkeypatch.setattr(short_credentials, "ballot_of", lambda of, answers: {
        "ballot_key": taken, "wave_id": of.wave_id, "cluster_mark": of.cluster_mark, "answers": answers,
    })  # fmt: skip

    with pytest.raises(IntegrityError), short_transaction() as connection:
        service.cast_with_credential(key, b"a credential", {}, now=NOW, connection=connection)

    assert (1, 1) == (count(Ballot), count(SpentCredential))
