"""A code that does not work is answered alike, and with the same work, whatever is wrong with it.

Time is not measured here: it depends on the machine. What takes time is the database, and what is asked of it is the
same to the letter.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.core.db import db
from prevention.surveys import service
from prevention.surveys.models import AccessCode, CodeGuard
from prevention.surveys.wave_rules import WaveStatus
from tests.conftest import NOW
from tests.factories.surveys import make_class_with_codes
from tests.support.http import Client

ADDRESSES = {
    "/s/": {},
    "/s/answers": {"submission": "other"},
    "/s/key": {},
    "/s/credential": {"blinded": "AAAA"},
}
# Values differ from code to code; what is done with them must not.
VALUES = re.compile(r"'(?:[^']|'')*'|x'[0-9a-f]*'|-?\b\d+\b", re.IGNORECASE)


@pytest.fixture
def unusable(app: Flask) -> dict[str, str]:
    """Codes that do not work, by what is wrong with them."""
    good, early = (
        make_class_with_codes(),
        make_class_with_codes(opens_on=date(2026, 11, 24), closes_on=date(2026, 11, 27)),
    )
    late = make_class_with_codes(opens_on=date(2026, 11, 2), closes_on=date(2026, 11, 22))
    draft, closed = make_class_with_codes(status=WaveStatus.DRAFT), make_class_with_codes()
    service.close_wave(None, closed.wave, NOW)
    service.cast_ballot(service.enter(good.codes[0], NOW), {"T0": "yes"}, submission="mark")
    return {
        "wrong slip": good.codes[1][:-1] + ("3" if good.codes[1][-1] != "3" else "4"),
        "spent": good.codes[0],
        "early": early.codes[0],
        "late": late.codes[0],
        "draft": draft.codes[0],
        "closed": closed.codes[0],
        "no such class": "3333-333-3333",
        "no code": "what is this",
    }


@contextmanager
def asked_of_sqlite() -> Iterator[list[str]]:
    """Note every statement that reaches SQLite, whoever sends it, without its values."""
    asked: list[str] = []
    driver = db.session.connection().connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_trace_callback(lambda statement: asked.append(VALUES.sub("?", statement)))
    try:
        yield asked
    finally:
        driver.set_trace_callback(None)


@pytest.mark.parametrize("answers", [{"T0": "yes"}, {}, {"T0": "yes", "A1": "no such answer"}])
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_refusal_asks_the_same_of_the_database(
    client: Client, unusable: dict[str, str], address: str, answers: dict[str, str]
) -> None:
    """Tried on the short way, looked up twice and written once, for a guess that counts as for no code at all."""
    if db.engine.dialect.name != "sqlite":
        return  # the driver of PostgreSQL tells nobody what it is asked; the statements are the same
    _warm_up(client)
    work = {}
    for wrong, code in unusable.items():
        with asked_of_sqlite() as asked:
            assert 422 == client.post(address, data={"code": code, **ADDRESSES[address], **answers}).status_code
        work[wrong] = [one for one in asked if not re.match("SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT", one)]

    # The sequence of everybody else is that of the wrong slip, but for the values.
    expected = work.pop("wrong slip")
    assert 1 == sum(one.startswith("UPDATE code_guard") for one in expected)
    assert dict.fromkeys(work, expected) == work


def _warm_up(client: Client) -> None:
    """Have the pages built and kept, so that the short way is open, and the row made to which refusals write."""
    other = make_class_with_codes()
    client.post("/s/", data={"code": other.codes[0]})
    client.post("/s/answers", data={"code": other.codes[0], "submission": "mark", "T0": "yes"})
    client.post("/s/", data={"code": "what is this"})


def test_a_refusal_that_is_no_guess_counts_nothing(client: Client, unusable: dict[str, str]) -> None:
    before = db.session.scalar(select(func.count()).where(AccessCode.is_spent.is_(True)))
    for wrong in ("spent", "early", "late", "no such class", "no code"):
        client.post("/s/", data={"code": unusable[wrong]})

    assert {0} == set(db.session.scalars(select(CodeGuard.failures)))
    # In no window that could be one, and changed each time: a write of what is there costs SQLite nothing.
    windows = set()
    for _try in range(2):
        client.post("/s/", data={"code": "what is this"})
        windows.add(db.session.scalar(select(func.min(CodeGuard.guess_window))) or 0)
    assert 2 == len(windows)
    assert max(windows) < 0
    assert before == db.session.scalar(select(func.count()).where(AccessCode.is_spent.is_(True)))
    client.post("/s/", data={"code": unusable["wrong slip"]})
    assert 1 == db.session.scalar(select(func.sum(CodeGuard.failures)))
