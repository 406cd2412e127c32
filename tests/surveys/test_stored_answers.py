"""Answers come out of a row as they went in, small enough that SQLite keeps them in one place."""

import json

from flask import Flask
from sqlalchemy import select, text

from prevention.core.db import db
from prevention.surveys.models import Ballot
from prevention.surveys.stored_answers import pack_answers, unpack_answers
from tests.factories.surveys import make_wave

# What a row of a table WITHOUT ROWID holds before SQLite takes another page for it ("Database File Format" 1.6).
ROOM = (4096 - 12) * 64 // 255 - 23
# Two ids as text, the mark of the class, the record's header.
BESIDE_ANSWERS = 2 * 32 + 16 + 10

ANSWERS = {"T0": "yes", "M2": ["family", "school"], "B2": "not_asked", "free": "è"}


def test_answers_come_back_as_they_were_stored(app: Flask) -> None:
    db.session.add(Ballot(wave_id=make_wave().id, cluster_mark=bytes(16), answers=ANSWERS))
    db.session.flush()
    db.session.expire_all()

    (found,) = db.session.scalars(select(Ballot.answers))

    assert (ANSWERS, list(ANSWERS)) == (found, list(found))


def test_answers_stored_before_they_were_packed_are_read(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    db.session.add(Ballot(wave_id=make_wave().id, cluster_mark=bytes(16), answers={}))
    db.session.flush()
    db.session.execute(text("UPDATE ballot SET answers = :old"), {"old": json.dumps(ANSWERS)})
    db.session.expire_all()

    assert [ANSWERS] == list(db.session.scalars(select(Ballot.answers)))


def test_a_whole_senior_form_stays_in_its_row() -> None:
    answers = {f"Q{number}": ("0", "1-2", "not_asked", "almost_never")[number % 4] for number in range(89)}

    assert answers == unpack_answers(pack_answers(answers))
    assert len(json.dumps(answers)) > ROOM > len(pack_answers(answers)) + BESIDE_ANSWERS
