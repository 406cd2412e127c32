"""The adversary links nothing, and would find a link if there was one."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from prevention.core.db import db, unit_of_work
from prevention.surveys import adversary, commands, service
from prevention.surveys.models import AccessCode, Ballot, MixedAnswer

CLASSES, PUPILS = 6, 22


@pytest.fixture
def played(live_app: Flask) -> Iterator[adversary.Played]:
    """Six classes that answered, in a wave that was mixed and closed."""
    return adversary.play(live_app, classes=CLASSES, pupils=PUPILS)  # type: ignore[return-value]  # nothing to undo


def test_nobody_is_linked_better_than_chance(live_app: Flask, played: adversary.Played) -> None:
    """The bound: by chance passed once in ten thousand runs. On PostgreSQL all rows carry one transaction's mark."""
    verdict = adversary.attack(live_app, played)

    assert ((), ()) == (verdict.links, verdict.traces)
    assert verdict.holds
    assert 3 <= len(verdict.attacks)
    assert {CLASSES} == {attack.classes for attack in verdict.attacks}
    with live_app.app_context():
        assert CLASSES * PUPILS == len(list(db.session.scalars(select(MixedAnswer.answer_key))))
        if db.engine.dialect.name == "postgresql":
            for table in ("answer", "access_code"):
                assert 1 == len(set(db.session.scalars(text(f"SELECT xmin::text FROM {table}")))), table


@pytest.mark.parametrize("is_backwards", [False, True])
def test_keys_that_follow_the_order_are_caught(live_app: Flask, played: adversary.Played, is_backwards: bool) -> None:
    """The control: the same answers under keys that a counter would give, forwards or backwards."""
    _put_leaky_keys(live_app, lambda number: PUPILS - number if is_backwards else number)

    assert "key" in adversary.attack(live_app, played).links


def test_a_slight_leaning_of_the_order_is_caught_too(live_app: Flask, played: adversary.Played) -> None:
    """The first half of a class before the second, shuffled within: hardly a right pair, and yet a leak."""
    _put_leaky_keys(live_app, lambda number: 100 * (number >= PUPILS // 2) + uuid.uuid4().int % 97)

    assert "key" in adversary.attack(live_app, played).links


def _put_leaky_keys(app: Flask, place: object) -> None:
    with app.app_context(), unit_of_work():
        rows = db.session.execute(select(MixedAnswer.answer_key, MixedAnswer.answers)).all()
        for count, (key, answers) in enumerate(rows):
            number = adversary._number(answers)
            leaky = uuid.UUID(int=(place(number) << 64) + count)  # type: ignore[operator]
            row = db.session.get_one(MixedAnswer, key)
            db.session.add(
                MixedAnswer(answer_key=leaky, wave_id=row.wave_id, cluster_mark=row.cluster_mark, answers=dict(answers))
            )
            db.session.delete(row)


def test_a_code_that_stayed_somewhere_is_found(live_app: Flask, played: adversary.Played) -> None:
    code = next(iter(played.codes.values()))[3]
    with live_app.app_context(), unit_of_work():
        db.session.execute(text("UPDATE wave SET name = :name"), {"name": f"seen {code}"})

    assert "the table wave" in adversary.attack(live_app, played).traces


def test_tidying_up_leaves_nothing_of_what_was_erased_in_the_files(live_app: Flask, played: adversary.Played) -> None:
    """Of a sealed wave neither a key nor an answer is left in the database file or beside it."""
    with live_app.app_context():
        keys = [key.hex.encode() for key in db.session.scalars(select(MixedAnswer.answer_key))]
        hashes = list(db.session.scalars(select(AccessCode.code_hash)))
        db.session.rollback()
        with unit_of_work():
            service.erase_raw(played.wave_id)

        assert service.tidy_up()

        assert [] == list(db.session.scalars(select(Ballot.ballot_key)))
        if db.engine.dialect.name == "postgresql":
            dead = "SELECT count(*) FROM pg_stat_user_tables WHERE relname = 'answer' AND n_dead_tup > 0"
            assert 0 == db.session.scalar(text("SELECT pg_relation_size('answer')"))
            assert db.session.scalar(text(dead)) is not None
            return
        db.session.rollback()
        path = db.engine.url.database or ""
        for name in (path, f"{path}-wal"):
            content = Path(name).read_bytes()
            assert [] == [one for one in (*keys, *hashes) if one in content]


def test_the_command_says_what_was_tried_and_that_it_holds(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    result = app.test_cli_runner().invoke(args=["surveys", "prove-anonymity", "--classes", "3", "--pupils", "12"])

    assert 0 == result.exit_code, result.output
    assert "place in the file" in result.output
    assert "Codes of slips found in: nothing" in result.output
    assert "HOLDS: no answer is linked" in result.output


def test_the_command_names_what_was_found() -> None:
    attacks = (
        adversary.Attack(order="key", classes=3, right=30, correlation=0.9, chance=1e-9),
        adversary.Attack(order="place in the file", classes=3, right=3, correlation=0.0, chance=1.0),
    )

    words = list(commands._in_words(adversary.Verdict(attacks=attacks, traces=("the log",)), classes=3, pupils=12))

    assert "DOES NOT HOLD: guessing by key, a code in the log." in words
