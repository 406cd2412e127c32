"""The papers of an edition while the world goes wrong: each is made once, nothing is left, nothing half is offered."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from prevention.config import ROOT
from prevention.core import clock, scratch
from prevention.core.db import db, unit_of_work
from prevention.core.files import relative_path_of, stored_path
from prevention.reports import edition_papers, tasks
from prevention.reports.edition_rules import BuildState, EditionState, NotBuilt
from prevention.reports.editions import publish
from prevention.reports.models import ReportEdition, ReportPaper
from prevention.reports.papers import papers_of
from prevention.reports.rules import LEASE
from tests.conftest import NOW
from tests.factories.reports import make_figures, make_report_edition
from tests.support.databases import TEST_SECRET, SqliteDatabases, build_app

# Makes papers until it has stored the file of the second one, whose row is still to come, and kills itself there.
KILLED = f"""
import os, signal
from datetime import datetime
from prevention import create_app
from prevention.core import clock, files
from prevention.reports import edition_papers, tasks

store, stored = files.store, []

def die(*arguments, **values):
    stored.append(store(*arguments, **values))
    if len(stored) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return stored[-1]

if __name__ == "__main__":
    files.store = die
    with create_app().app_context(), clock.frozen(datetime.fromisoformat({NOW.isoformat()!r})):
        tasks.build_next_edition()
"""


@pytest.fixture
def live_sqlite_app(_sqlite: SqliteDatabases, tmp_path: Path) -> Iterator[Flask]:
    """An application with real commits; what is tested is processes and files, not SQL."""
    with _sqlite.fresh() as url:
        app = build_app(tmp_path / "instance", url)
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def make_signed() -> ReportEdition:
    """Give a signed edition without schools, so that its papers are few, and all are still to be made.

    Without results too, as the database has none: an edition whose results changed is not built.
    """
    figures = make_figures(school_year=2025, surveys=(), tables=(), school_tables=())
    figures = figures.__class__.from_json(figures.to_json() | {"activity": _without_places(figures.to_json())})
    edition = make_report_edition(
        state=EditionState.SIGNED, figures=figures.to_json(), identifier=figures.identifier, signed_at=clock.now(),
        build=BuildState.WAITING, papers_wanted=len(papers_of(figures)),
    )  # fmt: skip
    for paper in edition_papers.papers(edition.id):
        db.session.delete(paper)
    return edition


def _without_places(plain: dict[str, dict[str, object]]) -> dict[str, object]:
    return {**plain["activity"], "schools": [], "municipalities": [], "never_reached": [], "equity": []}


def left_in(folder: Path) -> list[str]:
    """List what is left of work under way."""
    return [path.name for path in (folder / scratch.FOLDER).iterdir() if path.is_dir()]


@pytest.mark.usefixtures("quick_processes")
def test_killed_processes_are_made_up_for_and_each_paper_is_made_once(
    tmp_path: Path, live_sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = live_sqlite_app
    instance = Path(app.instance_path)
    with app.app_context(), clock.frozen(NOW):
        with unit_of_work():
            edition_id = make_signed().id

        # First the whole process dies, between the file of a paper and its row.
        environment = {
            **os.environ, "SECRET_KEY": TEST_SECRET, "LOG_LEVEL": "ERROR", "INSTANCE": str(instance),
            "DATABASE_URL": app.config["SETTINGS"].database_url, "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        script = tmp_path / "killed.py"
        script.write_text(KILLED)
        killed = subprocess.run([sys.executable, str(script)], env=environment, cwd=tmp_path, check=False)
        assert -signal.SIGKILL == killed.returncode
        assert (BuildState.BUILDING, 1) == state_of(edition_id)
        assert 1 == len(left_in(instance))
        with pytest.raises(NotBuilt):
            publish(None, db.session.get_one(ReportEdition, edition_id), now=NOW)  # type: ignore[arg-type]
        assert tasks.build_next_edition() is False

    # Then, when its lease is over, one of the processes that make papers for another.
    with app.app_context(), clock.frozen(NOW + LEASE):
        with monkeypatch.context() as patch:
            patch.setattr(edition_papers, "hold", _killing_the_others(edition_papers.hold))
            assert tasks.build_next_edition() is True
        waiting, made = state_of(edition_id)
        assert BuildState.WAITING is waiting
        assert [] == left_in(instance)

        assert tasks.build_next_edition() is True

        wanted = db.session.get_one(ReportEdition, edition_id).papers_wanted
        assert (BuildState.DONE, wanted) == state_of(edition_id)
        assert [] == left_in(instance)
        kept = db.session.scalars(select(ReportPaper)).all()
        assert made < len({(paper.kind, paper.language, paper.scope) for paper in kept}) == wanted
        for paper in kept:
            content = stored_path(relative_path_of(paper.file_sha256)).read_bytes()
            assert (paper.file_size, b"%PDF") == (len(content), content[:4])


def state_of(edition_id: object) -> tuple[BuildState, int]:
    """Say how far the papers are, as the database has it."""
    db.session.expire_all()
    edition = db.session.get_one(ReportEdition, edition_id)
    return edition.build, edition_papers.count_papers(edition.id)


def _killing_the_others(hold: object) -> object:
    def held(claim: edition_papers.EditionClaim, *, now: datetime) -> None:
        for process in multiprocessing.active_children():
            process.kill()
        hold(claim, now=now)  # type: ignore[operator]  # the real one

    return held
