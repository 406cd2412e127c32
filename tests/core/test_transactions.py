"""One transaction per request, committed in one place."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Blueprint, Flask, request
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from prevention.core import access, audit
from prevention.core.db import db, unit_of_work
from prevention.core.models import AuditEntry
from prevention.core.web import keep_writes
from tests.support.databases import Databases, build_app


@pytest.fixture
def writing_app(databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    """An application with one more view, which writes and then answers what it is asked to."""
    with databases.fresh() as url:
        app = build_app(tmp_path, url)
        bp = Blueprint("writer", __name__)

        @bp.route("/write", methods=["GET", "POST"])
        @access.public
        def write() -> tuple[str, int]:
            audit.record(None, "thing.written", None)
            db.session.flush()
            if request.args.get("error") == "bug":
                raise ZeroDivisionError
            if request.args.get("error") == "disk":
                raise OperationalError("INSERT", {}, Exception("database or disk is full"))
            if request.args.get("keep"):
                keep_writes()
            return "", int(request.args.get("status", 200))

        app.register_blueprint(bp)
        app.config["PROPAGATE_EXCEPTIONS"] = False
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def kept(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0


@pytest.mark.parametrize("status", [200, 303])
def test_what_a_view_wrote_is_kept_when_it_succeeds(writing_app: Flask, status: int) -> None:
    writing_app.test_client().post(f"/write?status={status}")

    assert 1 == kept(writing_app)


@pytest.mark.parametrize("query", ["status=422", "status=404", "error=bug", "error=disk"])
def test_what_a_view_wrote_is_gone_when_it_refuses_or_breaks(writing_app: Flask, query: str) -> None:
    writing_app.test_client().post(f"/write?{query}")

    assert 0 == kept(writing_app)


def test_a_refusal_may_ask_to_keep_what_it_wrote(writing_app: Flask) -> None:
    writing_app.test_client().post("/write?status=422&keep=1")

    assert 1 == kept(writing_app)


def test_a_page_that_is_only_looked_at_writes_nothing(writing_app: Flask) -> None:
    writing_app.test_client().get("/write")

    assert 0 == kept(writing_app)


def test_trouble_with_the_database_is_said_in_a_sentence(writing_app: Flask) -> None:
    response = writing_app.test_client().post("/write?error=disk")

    assert 503 == response.status_code
    assert "database or disk" not in response.text


def test_forty_writers_at_once_are_all_kept(writing_app: Flask) -> None:
    statuses: list[int] = []

    def write() -> None:
        statuses.append(writing_app.test_client().post("/write").status_code)

    threads = [threading.Thread(target=write) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=600)

    assert [200] * 40 == statuses
    assert 40 == kept(writing_app)


def test_a_unit_of_work_keeps_all_or_nothing(live_app: Flask) -> None:
    with live_app.app_context():
        with pytest.raises(ZeroDivisionError):
            _write_and_break()
        with unit_of_work():
            audit.record(None, "thing.written", None)

    assert 1 == kept(live_app)


def _write_and_break() -> None:
    with unit_of_work():
        audit.record(None, "thing.written", None)
        db.session.flush()
        raise ZeroDivisionError


def test_a_unit_of_work_inside_unsaved_work_is_refused(live_app: Flask) -> None:
    with live_app.app_context():
        audit.record(None, "thing.written", None)

        with pytest.raises(RuntimeError), unit_of_work():
            pass
