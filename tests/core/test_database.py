"""Column types and small helpers of the ground, on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from prevention.core import audit, facts
from prevention.core.db import constraint_of, db
from prevention.core.i18n import Localised
from prevention.core.models import AuditEntry, InstallationFact
from tests.factories.accounts import make_user


def test_a_moment_comes_back_aware_and_in_utc(app: Flask) -> None:
    there = datetime(2026, 11, 23, 10, 30, tzinfo=timezone(timedelta(hours=1)))
    entry = AuditEntry(at=there, action="thing.done", facts={})
    db.session.add(entry)
    db.session.flush()
    db.session.expire_all()

    back = db.session.scalars(select(AuditEntry)).one().at

    assert (there, UTC) == (back, back.tzinfo)


def test_a_moment_without_a_zone_never_reaches_the_database(app: Flask) -> None:
    db.session.add(AuditEntry(at=datetime(2026, 1, 1), action="x", facts={}))  # noqa: DTZ001  # on purpose

    with pytest.raises(StatementError, match="aware"):
        db.session.flush()


def test_a_violated_unique_constraint_is_told_apart(app: Flask) -> None:
    first = make_user("Anna")
    second = make_user("Eva")
    second.email = first.email

    with pytest.raises(IntegrityError) as caught:
        db.session.flush()

    assert constraint_of(caught.value) in {"uq_user_email", "user.email"}


def test_foreign_keys_are_enforced(app: Flask) -> None:
    with pytest.raises(IntegrityError):
        db.session.execute(
            text("INSERT INTO user_role (id, user_id, role) VALUES (:id, :id, 'office')"), {"id": "0" * 32}
        )


def test_a_localised_text_falls_back_to_what_there_is() -> None:
    assert "Ciao" == Localised(it="Ciao", en="Hello").text("it")
    assert "Ciao" == Localised(it="Ciao").text("en")
    assert "Hallo" == Localised(de="Hallo").text("en")
    assert "" == Localised().text("it")


def test_the_trail_says_who_did_what_to_which_row(app: Flask) -> None:
    user = make_user("Anna")

    audit.record(None, "thing.done", user.id, places=3)
    db.session.flush()

    entry = db.session.scalars(select(AuditEntry)).one()
    assert ("thing.done", user.id, {"places": 3}, None) == (
        entry.action,
        entry.subject_id,
        entry.facts,
        entry.actor_id,
    )


def test_a_fact_is_remembered_and_changes_when_it_is_stated_anew(app: Flask) -> None:
    assert not facts.is_demo()

    facts.state_fact(facts.IS_DEMO, "yes")
    db.session.flush()

    assert facts.is_demo()
    assert "yes" == db.session.get_one(InstallationFact, facts.IS_DEMO).value
