"""Whatever is sent, the anonymous side answers in words, and stores no answer that routing forbids."""

from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from prevention.core.db import db
from prevention.surveys.models import AccessCode, Ballot
from prevention.surveys.questionnaire import parse, shipped
from prevention.surveys.rules import DECLINED, NOT_ASKED, Form, check_answers, is_asked
from tests.factories.surveys import ClassWithCodes, make_class_with_codes
from tests.support.http import Client

CORE = parse(shipped("core"))
ITEMS = CORE.items_for(Form.SENIOR)
VALUES = sorted({value for item in ITEMS for value in item.values} | {DECLINED, NOT_ASKED, "", "x", "\0", "٣"})
FIELDS = st.sampled_from([*(item.code for item in ITEMS), "at", "switch", "language", "submission", "x"])
LIKELY = st.fixed_dictionaries(
    {}, optional={item.code: st.sampled_from([*sorted(item.values), DECLINED]).map(lambda one: [one]) for item in ITEMS}
)
ANYTHING = st.dictionaries(FIELDS, st.lists(st.one_of(st.sampled_from(VALUES), st.text(max_size=8)), max_size=3))
OFTEN = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def room(app: Flask) -> ClassWithCodes:
    """A class with one code, used again and again."""
    return make_class_with_codes(number=1)


def forget() -> list[dict[str, Any]]:
    """Take the box's ballots out and make the code good again."""
    found = list(db.session.scalars(select(Ballot.answers)))
    db.session.execute(delete(Ballot))
    db.session.execute(update(AccessCode).values(is_spent=False, receipt_hash=None))
    db.session.expire_all()
    return found


@OFTEN
@given(sent=st.one_of(LIKELY, ANYTHING))
def test_any_answers_are_taken_refused_in_words_or_asked_again(
    client: Client, room: ClassWithCodes, sent: dict[str, list[str]]
) -> None:
    body = {"T0": ["yes"], "submission": ["m"], **sent, "code": room.codes}

    response = client.post("/s/answers", data=body)

    assert response.status_code in (200, 422)
    for answers in forget():
        assert set(answers) <= {item.code for item in ITEMS}
        assert answers == check_answers(CORE, Form.SENIOR, {k: v for k, v in answers.items() if v != NOT_ASKED})
        for item in ITEMS:
            given_before = {code: answer for code, answer in answers.items() if answer != NOT_ASKED}
            if not is_asked(CORE, item, given_before):
                assert NOT_ASKED == answers[item.code]


@OFTEN
@given(body=st.binary(max_size=200), address=st.sampled_from(["", "answers", "key", "credential", "ballot"]))
def test_any_bytes_are_answered_in_words(client: Client, room: ClassWithCodes, body: bytes, address: str) -> None:
    response = client.post(f"/s/{address}", data=body, content_type="application/x-www-form-urlencoded")

    assert response.status_code in (400, 413, 422)


@OFTEN
@given(fields=st.dictionaries(st.sampled_from(["code", "blinded", "key", "credential", "signature", "T0"]), st.text()))
def test_any_credential_is_answered_in_words(client: Client, room: ClassWithCodes, fields: dict[str, str]) -> None:
    for address in ("key", "credential", "ballot"):
        body = urlencode(fields, errors="surrogatepass").encode()
        response = client.post(f"/s/{address}", data=body, content_type="application/x-www-form-urlencoded")

        assert response.status_code == 422
    assert [] == forget()
