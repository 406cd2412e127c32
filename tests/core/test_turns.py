"""Who will write into SQLite stands in a queue in front of it, in good time and never for ever."""

import multiprocessing
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from prevention.core import audit
from prevention.core.db import begin_writing, db, end_writing, listen_to_sqlite, unit_of_work
from prevention.core.turns import Turn

# Against hanging only.
PATIENCE_S = 300.0


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A place for a queue."""
    return str(tmp_path / "queue")


def test_one_after_the_other(path: str) -> None:
    first, second = Turn(path), Turn(path)
    assert first.take()
    came: list[bool] = []
    waiting = Thread(target=lambda: came.append(second.take(patience_s=PATIENCE_S)))
    waiting.start()

    assert [] == came
    first.give_back()
    waiting.join(PATIENCE_S)

    assert [True] == came


def test_who_waits_too_long_goes_on_and_nothing_of_the_wait_is_left(path: str) -> None:
    first, second, third = Turn(path), Turn(path), Turn(path)
    first.take()

    assert not second.take(patience_s=0.05)

    # The abandoned wait ends by itself when its turn comes, and holds nobody up.
    first.give_back()
    assert third.take(patience_s=PATIENCE_S)
    third.give_back()
    assert second.take(patience_s=PATIENCE_S)


def test_giving_back_what_one_does_not_have_changes_nothing(path: str) -> None:
    first, second = Turn(path), Turn(path)
    first.take()

    second.give_back()

    assert not second.take(patience_s=0.01)


def _hold(path: str, told: Connection) -> None:
    Turn(path).take()
    told.send("held")
    time.sleep(PATIENCE_S)


def test_a_process_that_is_killed_in_its_turn_holds_nobody_up(path: str) -> None:
    hear, tell = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_hold, args=(path, tell))
    process.start()
    assert "held" == hear.recv()
    mine = Turn(path)
    assert not mine.take(patience_s=0.01)

    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()

    assert mine.take(patience_s=PATIENCE_S)


def test_where_there_can_be_no_queue_one_goes_on(path: str) -> None:
    turn = Turn(path)
    turn.close()

    assert not turn.take()
    turn.close()


def test_a_transaction_that_writes_has_its_turn_until_it_has_ended(live_app: Flask) -> None:
    with live_app.app_context():
        if db.engine.dialect.name != "sqlite":
            return
        beside = Turn(f"{db.engine.url.database}-turn")
        with unit_of_work():
            audit.record(None, "thing.written", None)
            db.session.flush()
            assert not beside.take(patience_s=0.01)

        assert beside.take(patience_s=PATIENCE_S)
        # Who only reads needs no turn.
        db.session.execute(text("SELECT 1"))
        db.session.rollback()


def test_a_transaction_that_fails_gives_its_turn_back(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite"
    engine = create_engine(f"sqlite:///{file}")
    listen_to_sqlite(engine)
    beside = Turn(f"{file}-turn")
    begin_writing()
    try:
        with pytest.raises(OperationalError), engine.begin() as connection:
            connection.execute(text("SELECT nothing FROM nowhere"))
    finally:
        end_writing()

    assert beside.take(patience_s=PATIENCE_S)
    engine.dispose()
