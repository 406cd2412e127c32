"""Nobody can tell who said what: not from the tables, their order, the logs, the cookies or the addresses."""

import logging
from collections.abc import Iterator
from threading import Barrier, Thread

import pytest
from flask import Flask
from scipy.stats import spearmanr
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import Date, DateTime, Time
from werkzeug.test import TestResponse

from prevention.accounts.models import User
from prevention.core import clock, log
from prevention.core.db import db, unit_of_work
from prevention.surveys import service
from prevention.surveys.models import AccessCode, Ballot, MixedAnswer
from prevention.surveys.tasks import mix_ballots
from tests.conftest import NOW
from tests.factories.surveys import ClassWithCodes, make_class_with_codes
from tests.support.http import Client

# Every table that a pupil's answer or code touches.
ANSWER_TABLES = ("access_code", "ballot", "answer", "wave_secret", "class_report", "credential_key", "spent_credential")
ADDRESS = "203.0.113.77"
AGENT = "Old phone 4.2"


@pytest.fixture
def room(app: Flask) -> ClassWithCodes:
    """A class with 30 codes in an open wave."""
    return make_class_with_codes(number=30)


def sending(code: str, **answers: str) -> dict[str, str]:
    """Give the body of a submission."""
    return {"code": code, "submission": f"mark-{code}", "language": "en", "T0": "yes", **answers}


# ---- What is kept -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ANSWER_TABLES)
def test_no_table_of_answers_has_a_date_a_time_or_a_serial_column(app: Flask, table: str) -> None:
    """Read from the real database, not from the models."""
    columns = inspect(db.session.connection()).get_columns(table)
    personal = ("user", "actor", "address", "agent", "language", "_at")

    assert columns
    for column in columns:
        assert not isinstance(column["type"], Date | DateTime | Time), column
        assert not any(word in str(column["type"]).upper() for word in ("DATE", "TIME", "SERIAL")), column
        assert column.get("autoincrement") is not True, column
        assert "nextval" not in str(column.get("default") or ""), column
        assert not any(word in column["name"] for word in personal), column


def test_the_tables_of_answers_have_exactly_the_columns_they_need(app: Flask) -> None:
    """A column more is a decision about anonymity: it must be taken here, on purpose."""
    found = {
        table: {column["name"] for column in inspect(db.session.connection()).get_columns(table)}
        for table in ("access_code", "ballot", "answer", "credential_key", "spent_credential")
    }

    assert {
        "access_code": {"code_hash", "wave_class_id", "is_spent", "receipt_hash"},
        "ballot": {"ballot_key", "wave_id", "cluster_mark", "answers"},
        "answer": {"answer_key", "wave_id", "cluster_mark", "answers"},
        "credential_key": {"wave_class_id", "key_mark", "private_key"},
        "spent_credential": {"credential_hash", "wave_id"},
    } == found


def test_sqlite_keeps_no_hidden_row_numbers_of_answers(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        assert "postgresql" == db.engine.dialect.name
        return
    for table in ("access_code", "ballot", "answer", "spent_credential"):
        sql = db.session.scalar(text("SELECT sql FROM sqlite_master WHERE name = :table"), {"table": table})
        assert sql.rstrip().endswith("WITHOUT ROWID"), table


def test_no_trigger_watches_the_tables_of_answers(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        found = db.session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
    else:
        found = db.session.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")).all()

    assert [] == list(found)


# ---- What is sent and written down --------------------------------------------------------------------------------


def walk(client: Client, codes: list[str]) -> Iterator[TestResponse]:
    """Open every kind of page of the anonymous side."""
    headers = {"User-Agent": AGENT, "X-Forwarded-For": ADDRESS}
    options = {"environ_base": {"REMOTE_ADDR": ADDRESS}, "headers": headers}
    yield client.get("/s/", **options)
    yield client.get("/s", **options)
    yield client.get("/s/privacy?language=en", **options)
    yield client.post("/s/", data={"code": codes[0], "switch": "en"}, **options)
    yield client.post("/s/", data={"code": codes[0]}, **options)
    yield client.post("/s/", data={"code": codes[0], "submission": "m", "switch": "en", "T0": "yes"}, **options)
    yield client.post("/s/answers", data=sending(codes[0], T0=""), **options)
    yield client.post("/s/answers", data=sending(codes[0], B1="nonsense"), **options)
    yield client.post("/s/answers", data=sending(codes[0], B1="3-5"), **options)
    yield client.post("/s/answers", data=sending(codes[0], B1="3-5"), **options)
    yield client.post("/s/answers", data={**sending(codes[0]), "submission": "other"}, **options)
    yield client.post("/s/", data={"code": codes[0][:-1] + "Y"}, **options)
    yield client.post("/s/answers", data={**sending(codes[1]), "x": "x" * 100_000}, **options)
    yield client.get("/s/answers", **options)
    yield client.get("/s/nothing-here", **options)


def test_no_answer_of_the_anonymous_side_sets_a_cookie(client: Client, room: ClassWithCodes) -> None:
    for response in walk(client, room.codes):
        assert "Set-Cookie" not in response.headers, response.request.path


def test_not_even_the_browser_of_a_signed_in_person_gets_a_cookie(
    client: Client, room: ClassWithCodes, anna: User
) -> None:
    client.sign_in(anna)

    for response in walk(client, room.codes):
        if response.status_code in (200, 413, 422):
            assert "Set-Cookie" not in response.headers, response.request.path


def test_pages_of_the_anonymous_side_are_neither_kept_nor_referred_to(client: Client, room: ClassWithCodes) -> None:
    pages = [response for response in walk(client, room.codes) if response.status_code in (200, 422, 413)]

    assert {"no-store"} == {page.headers["Cache-Control"] for page in pages}
    assert {"no-referrer"} == {page.headers["Referrer-Policy"] for page in pages}
    assert {None} == {page.headers.get("ETag") for page in pages}
    assert not [page for page in pages if "unsafe" in page.headers["Content-Security-Policy"]]


def test_no_line_of_any_log_has_a_code_an_address_an_answer_or_a_mark(
    client: Client, room: ClassWithCodes, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """At the most talkative level, of the application, the framework and the libraries, structured or not."""
    log.set_up(level="DEBUG")
    with caplog.at_level(logging.DEBUG):
        for _response in walk(client, room.codes):
            pass
    log.set_up(level="WARNING")

    written = caplog.text + "".join(capfd.readouterr())
    secrets = {ADDRESS, AGENT, "3-5", "nonsense", f"mark-{room.codes[0]}"}
    secrets |= {spelling for code in room.codes for spelling in (code, code.replace("-", ""), code.split("-", 1)[1])}
    assert [] == [secret for secret in secrets if secret in written]


def test_no_table_has_a_code_an_address_or_a_mark(client: Client, room: ClassWithCodes) -> None:
    """Every text and every blob of every table, before and after the code is redeemed."""
    for _response in walk(client, room.codes):
        pass

    kept = _everything()
    secrets = {ADDRESS, AGENT, f"mark-{room.codes[0]}"}
    secrets |= {spelling for code in room.codes for spelling in (code, code.replace("-", ""), code.split("-", 1)[1])}
    assert b"3-5" in kept
    assert [] == [secret for secret in secrets if secret.encode() in kept]


def _everything() -> bytes:
    connection = db.session.connection()
    rows = [
        repr(value).encode() + (bytes(value) if isinstance(value, bytes | memoryview) else b"")
        for table in inspect(connection).get_table_names()
        for row in connection.execute(text(f'SELECT * FROM "{table}"'))
        for value in row
    ]
    return b"\n".join(rows)


def test_a_database_error_is_told_without_the_answers(app: Flask) -> None:
    """What is said of a failed statement quotes its parameters by default: codes, receipts, answers."""
    with pytest.raises(SQLAlchemyError) as failed:
        db.session.execute(text("SELECT * FROM nowhere WHERE answers = :answers"), {"answers": "a secret answer"})
    db.session.rollback()

    assert "a secret answer" not in str(failed.value)


# ---- The order ----------------------------------------------------------------------------------------------------


def _answer_all(client: Client, codes: list[str]) -> None:
    for number, code in enumerate(codes):
        # L1a carries who it was: the true order, folded into the eleven values it can take, twice.
        assert (
            200
            == client.post(
                "/s/answers", data=sending(code, L1a=str(number % 11), A2=str(2003 + number // 11))
            ).status_code
        )


def _true_order(answers: list[dict[str, str]]) -> list[int]:
    return [(int(one["A2"]) - 2003) * 11 + int(one["L1a"]) for one in answers]


def test_after_mixing_no_order_that_a_database_can_give_is_the_true_one(client: Client, room: ClassWithCodes) -> None:
    """Key order and physical order of 30 answers given in a known order; the bound is passed by chance in one run of
    some 20,000 (rank correlation of 30 shuffled values beyond 0.68).
    """
    _answer_all(client, room.codes)
    service.mix(room.wave.id)

    by_key = _true_order(list(db.session.scalars(select(MixedAnswer.answers).order_by(MixedAnswer.answer_key))))
    as_stored = _true_order(list(db.session.scalars(select(MixedAnswer.answers))))
    assert sorted(by_key) == list(range(30))
    assert abs(spearmanr(range(30), by_key).statistic) < 0.68
    assert abs(spearmanr(range(30), as_stored).statistic) < 0.68
    if db.engine.dialect.name == "postgresql":
        by_place = _true_order(
            [dict(row) for row in db.session.scalars(text("SELECT answers FROM answer ORDER BY ctid"))]
        )
        assert abs(spearmanr(range(30), by_place).statistic) < 0.68
        assert 1 == len(set(db.session.scalars(text("SELECT xmin::text FROM answer"))))


def test_neither_the_keys_of_ballots_nor_the_hashes_of_codes_follow_the_order(
    client: Client, room: ClassWithCodes
) -> None:
    _answer_all(client, room.codes)

    in_box = _true_order(list(db.session.scalars(select(Ballot.answers).order_by(Ballot.ballot_key))))
    assert abs(spearmanr(range(30), in_box).statistic) < 0.68


def test_mixing_gives_new_keys_and_loses_nothing(client: Client, room: ClassWithCodes) -> None:
    _answer_all(client, room.codes)
    before = set(db.session.scalars(select(Ballot.ballot_key)))

    moved = service.mix(room.wave.id)

    assert 30 == moved
    assert 30 == len(set(db.session.scalars(select(MixedAnswer.answer_key))) - before)
    assert [] == list(db.session.scalars(select(Ballot.ballot_key)))


def test_a_box_with_fewer_than_ten_ballots_waits_until_the_wave_is_closed(client: Client, room: ClassWithCodes) -> None:
    _answer_all(client, room.codes[:9])
    assert service.next_wave_to_mix() is None
    with pytest.raises(ValueError, match="below the threshold"):
        service.mix(room.wave.id)


def test_a_closed_waves_box_is_mixed_whatever_it_holds(client: Client, room: ClassWithCodes) -> None:
    _answer_all(client, room.codes[:3])
    service.close_wave(None, room.wave, NOW)

    assert room.wave.id == service.next_wave_to_mix()
    assert 3 == service.mix(room.wave.id)


def test_after_closing_all_codes_and_answers_carry_one_transaction_mark(live_app: Flask) -> None:
    """On PostgreSQL `xmin` tells which rows were written together: a spent code and its ballot, at first."""
    with live_app.app_context(), clock.frozen(NOW):
        with unit_of_work():
            room = make_class_with_codes(number=20)
            wave_id, codes = room.wave.id, room.codes
        client = live_app.test_client()
        _answer_all(client, codes[:12])  # type: ignore[arg-type]  # the strict client
        assert mix_ballots()
        _answer_all(client, codes[12:])  # type: ignore[arg-type]
        if db.engine.dialect.name == "sqlite":
            return

        with unit_of_work():
            service.close_wave(None, db.session.get_one(type(room.wave), wave_id), NOW)
            service.mix(wave_id)

        for table in ("answer", "access_code"):
            assert 1 == len(set(db.session.scalars(text(f"SELECT xmin::text FROM {table}")))), table


# ---- Two at once --------------------------------------------------------------------------------------------------


def test_of_two_who_send_the_same_code_at_once_one_is_stored(live_app: Flask) -> None:
    """Ten codes, each sent by two phones at the same moment with different answers."""
    with live_app.app_context(), clock.frozen(NOW), unit_of_work():
        room = make_class_with_codes(number=10)
        codes, wave = room.codes, room.wave
        wave.opens_on, wave.closes_on = clock.today(), clock.today()
    statuses: dict[str, list[int]] = {code: [] for code in codes}

    for code in codes:
        barrier = Barrier(2)
        phones = [Thread(target=_send_at_once, args=(live_app, barrier, code, phone, statuses)) for phone in "ab"]
        for phone in phones:
            phone.start()
        for phone in phones:
            phone.join()

    with live_app.app_context():
        assert {(200, 422)} == {tuple(sorted(found)) for found in statuses.values()}
        assert 10 == len(list(db.session.scalars(select(Ballot.ballot_key))))
        assert {True} == set(db.session.scalars(select(AccessCode.is_spent)))


def _send_at_once(app: Flask, barrier: Barrier, code: str, phone: str, statuses: dict[str, list[int]]) -> None:
    with clock.frozen(NOW):
        client = app.test_client()
        barrier.wait()
        answer = client.post("/s/answers", data={**sending(code), "submission": f"phone {phone}"})
        statuses[code].append(answer.status_code)


def test_the_same_page_sent_by_two_threads_at_once_is_thanked_twice_and_stored_once(live_app: Flask) -> None:
    with live_app.app_context(), clock.frozen(NOW), unit_of_work():
        codes = make_class_with_codes(number=1).codes
    statuses: dict[str, list[int]] = {codes[0]: []}
    barrier = Barrier(2)

    threads = [Thread(target=_send_at_once, args=(live_app, barrier, codes[0], "a", statuses)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with live_app.app_context():
        assert [200, 200] == statuses[codes[0]]
        assert 1 == len(list(db.session.scalars(select(Ballot.ballot_key))))
