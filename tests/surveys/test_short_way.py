"""The short way takes exactly the slips that open a form, and spends and drops both or neither."""

import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from prevention.core.db import db
from prevention.core.prepared import one_statement, short_transaction
from prevention.surveys import service
from prevention.surveys.codes import GUESS_BUDGET, guess_window
from prevention.surveys.models import Ballot, CodeGuard, Wave
from prevention.surveys.service import short_way
from prevention.surveys.wave_rules import CodeUnusable, WaveStatus
from tests.conftest import NOW
from tests.factories.surveys import ClassWithCodes, make_class_with_codes


@pytest.fixture
def room(app: Flask) -> ClassWithCodes:
    """A class with three codes, which this process has just seen."""
    app.extensions.pop(short_way._CLASSES, None)
    made = make_class_with_codes(number=3)
    service.published_questionnaire(made.wave.questionnaire_id)
    service.enter(made.codes[2], NOW)
    return made


def is_good(typed: str) -> bool:
    """Ask the short way."""
    slip = service.slip_of(typed)
    with one_statement() as connection:
        return slip is not None and service.is_good(slip, NOW, connection)


def cast(typed: str) -> bool:
    """Hand in by the short way."""
    slip = service.slip_of(typed)
    assert slip is not None
    with (one_statement if service.casts_in_one_statement() else short_transaction)() as connection:
        return service.cast_slip(slip, {"T0": "yes"}, submission="mark", now=NOW, connection=connection)


def ballots() -> int:
    """Count what is in the box."""
    return db.session.scalar(select(func.count()).select_from(Ballot)) or 0


def _spend(room: ClassWithCodes) -> None:
    service.cast_ballot(service.enter(room.codes[0], NOW), {"T0": "yes"}, submission="another")


def _let_the_class_rest(_room: ClassWithCodes) -> None:
    window = guess_window(NOW.timestamp())
    db.session.execute(update(CodeGuard).values(guess_window=window, failures=GUESS_BUDGET))


def _move(days: int) -> Callable[[ClassWithCodes], None]:
    def move(_room: ClassWithCodes) -> None:
        day = NOW.date() + timedelta(days=days)
        db.session.execute(update(Wave).values(opens_on=day, closes_on=day))

    return move


def _close(room: ClassWithCodes) -> None:
    service.close_wave(None, room.wave, NOW)


def _end_without_deleting_codes(_room: ClassWithCodes) -> None:
    db.session.execute(update(Wave).values(status=WaveStatus.CLOSED))


NO_GOOD = {
    "spent": _spend,
    "resting": _let_the_class_rest,
    "early": _move(1),
    "late": _move(-1),
    "closed": _close,
    "closed, its codes still there": _end_without_deleting_codes,
}


@pytest.mark.parametrize("wrong", NO_GOOD)
def test_what_entering_refuses_the_short_way_does_not_take(room: ClassWithCodes, wrong: str) -> None:
    """Its condition is one of the database and that of entering one of ours: they must say the same."""
    assert is_good(room.codes[0])
    assert is_good(room.codes[1])
    NO_GOOD[wrong](room)
    before = ballots()

    taken = cast(room.codes[0])

    assert not is_good(room.codes[0])
    assert not taken
    assert before == ballots()
    if wrong == "spent":
        assert service.enter(room.codes[0], NOW).is_spent
        return
    with pytest.raises(CodeUnusable):
        service.enter(room.codes[0], NOW)


@pytest.mark.parametrize("typed", ["what is this", "3333-333-3333", ""])
def test_what_is_no_code_of_a_known_class_takes_the_same_steps_and_opens_nothing(
    room: ClassWithCodes, typed: str
) -> None:
    slip = service.slip_of(typed)

    assert slip is not None
    assert (False, False) == (is_good(typed), cast(typed))
    assert 0 == ballots()


def test_a_good_slip_is_taken_once_with_its_ballot(room: ClassWithCodes) -> None:
    assert [True, False] == [cast(room.codes[0]), cast(room.codes[0])]

    spent = service.enter(room.codes[0], NOW)
    assert spent.is_spent
    assert not service.is_spent_for_another_page(spent, "mark")
    (mark,) = db.session.scalars(select(Ballot.cluster_mark))
    assert spent.cluster_mark == bytes(mark)


def test_a_class_is_remembered_for_a_minute(room: ClassWithCodes, monkeypatch: pytest.MonkeyPatch) -> None:
    since = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: since + short_way.REMEMBERED_S + 1)
    assert not is_good(room.codes[0])

    other = make_class_with_codes()
    service.published_questionnaire(other.wave.questionnaire_id)
    service.enter(other.codes[0], NOW)

    assert 1 == len(short_way._classes())


def test_a_ballot_that_cannot_drop_leaves_its_code_unspent(
    room: ClassWithCodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two ballots under one key, which the database refuses after the second code is spent."""
    drawn = uuid.uuid4()
    monkeypatch.setattr(uuid, "uuid4", lambda: drawn)
    assert cast(room.codes[0])

    with pytest.raises(IntegrityError):
        cast(room.codes[1])

    assert is_good(room.codes[1])
    assert 1 == ballots()
