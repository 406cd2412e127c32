"""What is deleted when a wave ends leaves the database's files too, and nobody has to remember it."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.surveys import service
from prevention.surveys.models import AccessCode, Ballot, MixedAnswer, Wave
from prevention.surveys.tasks import tidy_after_waves
from tests.conftest import NOW
from tests.factories.surveys import make_class_with_codes
from tests.support.http import Client

PUPILS = 12


@pytest.fixture
def ended(live_app: Flask) -> dict[str, list[bytes]]:
    """A class has answered, the wave is closed; gives what must go, by what it is."""
    with live_app.app_context(), clock.frozen(NOW):
        with unit_of_work():
            room = make_class_with_codes(number=PUPILS + 3)
            codes, wave_id = list(room.codes), room.wave.id
            if db.engine.dialect.name == "postgresql":
                live_app.extensions["log began"] = db.session.scalar(text("SELECT pg_current_wal_lsn()::text"))
        browser = live_app.test_client()
        assert isinstance(browser, Client)
        for code in codes[:PUPILS]:
            sent = browser.post(
                "/s/answers", data={"code": code, "submission": f"mark {code}", "T0": "yes", "B1": "40+"}
            )
            assert 200 == sent.status_code
        if db.engine.dialect.name == "postgresql":
            # What its own housekeeping does whenever it likes, and would keep samples of values in the catalogue.
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("ANALYZE"))
        with unit_of_work():
            found = {
                "codes as printed": [spelt.encode() for code in codes for spelt in (code, code.replace("-", ""))],
                "hashes of codes": list(map(bytes, db.session.scalars(select(AccessCode.code_hash)))),
                "receipts": list(map(bytes, filter(None, db.session.scalars(select(AccessCode.receipt_hash))))),
                "keys of ballots": [
                    key
                    for one in db.session.scalars(select(Ballot.ballot_key))
                    for key in (one.bytes, one.hex.encode())
                ],
                "answers": [_as_stored(one) for one in db.session.scalars(text("SELECT answers FROM ballot"))],
            }
        db.session.remove()
        # Else nothing that is not found later would mean anything.
        assert {*found} - {"codes as printed"} == {*_left(live_app, found)}
        with unit_of_work():
            service.close_wave(None, db.session.get_one(Wave, wave_id), NOW)
        live_app.extensions["ended wave"] = wave_id
        db.session.remove()
    return found


def _as_stored(answers: object) -> bytes:
    """Give what stands of answers in a file: packed on SQLite, one of them as written on PostgreSQL."""
    return answers if isinstance(answers, bytes) else b'"B1": "40+"'


def _files(live_app: Flask) -> dict[str, bytes]:
    """Read what stands in the files of the database's tables, indexes and catalogue."""
    with live_app.app_context():
        if db.engine.dialect.name == "sqlite":
            path = Path(db.engine.url.database or "")
            return {one.name: one.read_bytes() for one in path.parent.glob(f"{path.name}*")}
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CHECKPOINT"))
            folder = Path(connection.scalar(text("SHOW data_directory")) or "")
            number = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        return {one.name: one.read_bytes() for one in (folder / "base" / str(number)).iterdir() if one.is_file()}


def _left(live_app: Flask, wanted: dict[str, list[bytes]]) -> dict[str, list[str]]:
    files = _files(live_app)
    assert files
    places = {
        what: [name for name, held in files.items() if any(one in held for one in ones)]
        for what, ones in wanted.items()
    }
    return {what: names for what, names in places.items() if names}


def _write_ahead_log(live_app: Flask) -> bytes:
    """Read what PostgreSQL has written ahead since the class began; SQLite's log is among its files."""
    with live_app.app_context(), db.engine.connect() as connection:
        folder = Path(connection.scalar(text("SHOW data_directory")) or "") / "pg_wal"
        names = connection.scalars(
            text(
                "SELECT name FROM pg_ls_waldir() WHERE name BETWEEN pg_walfile_name(CAST(:began AS pg_lsn))"
                " AND pg_walfile_name(pg_current_wal_insert_lsn()) ORDER BY name"
            ),
            {"began": live_app.extensions["log began"]},
        ).all()
    assert names
    return b"".join((folder / name).read_bytes() for name in names)


def test_no_code_was_written_anywhere_not_even_into_the_log_that_keeps_the_answers(
    live_app: Flask, ended: dict[str, list[bytes]]
) -> None:
    """On PostgreSQL that log keeps ballots as they came until it is recycled: docs/operations.md says so."""
    if "log began" in live_app.extensions:
        log = _write_ahead_log(live_app)
        assert [] == [one for one in ended["codes as printed"] if one in log]
        assert [] == [one for one in (*ended["answers"], *ended["hashes of codes"]) if one not in log]
    assert "codes as printed" not in _left(live_app, ended)


def test_closing_leaves_no_receipt_and_no_unused_code_in_the_files(
    live_app: Flask, ended: dict[str, list[bytes]]
) -> None:
    """Before sealing, which a wave of a linked pair may wait for weeks."""
    before = _left(live_app, ended)
    assert "codes as printed" not in before
    with live_app.app_context():
        assert tidy_after_waves()
        spent = set(map(bytes, db.session.scalars(select(AccessCode.code_hash))))
        db.session.remove()

    unused = [one for one in ended["hashes of codes"] if one not in spent]
    assert 3 == len(unused)
    assert {} == _left(live_app, {"receipts": ended["receipts"], "unused codes": unused})


def test_sealing_leaves_nothing_in_the_files(live_app: Flask, ended: dict[str, list[bytes]]) -> None:
    """On PostgreSQL that is tables, indexes and catalogue; its write-ahead log is another matter, and documented."""
    with live_app.app_context():
        with unit_of_work():
            service.mix(live_app.extensions["ended wave"])
            ended["keys of answers"] = [
                key
                for one in db.session.scalars(select(MixedAnswer.answer_key))
                for key in (one.bytes, one.hex.encode())
            ]
        with unit_of_work():
            service.erase_raw(live_app.extensions["ended wave"])
        assert tidy_after_waves()
        db.session.remove()

    assert {} == _left(live_app, ended)


def test_what_is_owed_is_done_once_and_what_comes_meanwhile_stays_owed(
    live_app: Flask, ended: dict[str, list[bytes]]
) -> None:
    with live_app.app_context():
        first = service.owed_tidying()
        assert first is not None
        with unit_of_work():
            service.erase_raw(live_app.extensions["ended wave"])
            service.settle_tidying(first)

        assert service.owed_tidying() not in (None, first)
        db.session.rollback()
        assert tidy_after_waves()
        assert not tidy_after_waves()
        assert service.owed_tidying() is None
        db.session.remove()


def test_where_nothing_ended_nothing_is_owed(live_app: Flask) -> None:
    with live_app.app_context():
        assert not tidy_after_waves()
        db.session.remove()
