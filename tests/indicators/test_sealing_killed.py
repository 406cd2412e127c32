"""Sealing while the world goes wrong: killed at every step that changes something, and two processes at once."""

import os
import signal
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.service import actor_of
from prevention.config import ROOT
from prevention.core.db import db, unit_of_work
from prevention.indicators import corrections, ledger, seal, service
from prevention.indicators.corrections import Wanted
from prevention.indicators.models import PublishedTableRow, SealedWave
from prevention.indicators.tasks import correct_next_seal, seal_next_closed_wave
from prevention.roles import Role
from prevention.surveys.models import AccessCode, Ballot, MixedAnswer, Wave, WaveSecret
from prevention.surveys.service import SurveyRecords
from prevention.surveys.wave_rules import WaveStatus
from tests.factories.accounts import make_user
from tests.factories.indicators import make_closed_wave
from tests.support.databases import TEST_SECRET

ANSWERS = 2 * 2 * 12

# A process of its own that seals, and kills itself when it comes to a function: before it runs, or after.
SEALER = """
import os, signal, sys
from prevention import create_app
from prevention.core import db as core_db
from prevention.indicators import ledger, seal, service, tasks
from prevention.surveys import service as surveys

def die(*_arguments, **_values):
    os.kill(os.getpid(), signal.SIGKILL)

where, when = sys.argv[1:]
owner, _, name = where.rpartition(".")
owner = {"seal": seal, "ledger": ledger, "service": service, "surveys": surveys, "session": core_db.db.session}[owner]
real = getattr(owner, name)

def step(*arguments, **values):
    if when == "before":
        die()
    result = real(*arguments, **values)
    die()
    return result

with create_app().app_context():
    setattr(owner, name, step)
    tasks.seal_next_closed_wave()
"""


@pytest.fixture
def live_wave(live_app: Flask) -> Flask:
    """An application with a committed, closed wave."""
    with live_app.app_context(), unit_of_work():
        make_closed_wave(schools=2, classes=2, pupils=12)
    return live_app


def seal_and_die(app: Flask, where: str, when: str, *, script: str = SEALER) -> None:
    settings = app.config["SETTINGS"]
    finished = subprocess.run(
        [sys.executable, "-c", script, where, when],
        cwd=ROOT,
        env={
            **os.environ,
            "SECRET_KEY": TEST_SECRET,
            "DATABASE_URL": settings.database_url,
            "INSTANCE": str(settings.instance),
            "LOG_LEVEL": "ERROR",
        },
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert -signal.SIGKILL == finished.returncode, finished.stderr.decode()


def count(model: type[MixedAnswer | Ballot | AccessCode | WaveSecret | SealedWave | PublishedTableRow]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def answers_somewhere(app: Flask) -> tuple[bool, bool]:
    """Say whether all raw answers are there, and whether the ledger names a whole sealed file of them."""
    with app.app_context():
        raw = count(MixedAnswer) + count(Ballot)
        row = db.session.scalars(select(SealedWave)).one_or_none()
        if row is not None:
            seal.checked(row.file_name, sha256=row.sha256)
            assert ANSWERS == ledger.sealed_manifests(row.school_year)[0].answers
            assert WaveStatus.SEALED is db.session.scalars(select(Wave)).one().status
        else:
            assert 0 == count(PublishedTableRow)
        assert raw in (0, ANSWERS), "half of the answers are gone"
        return raw == ANSWERS, row is not None


@pytest.mark.parametrize(
    ("where", "when"),
    [
        ("surveys.records_for_sealing", "after"),
        ("seal.write_parquet", "after"),
        ("seal.write", "after"),
        ("surveys.erase_raw", "after"),
        ("ledger.enter", "after"),
        ("service.sweep", "before"),
    ],
)
def test_killed_anywhere_it_leaves_the_answers_or_the_sealed_file_and_the_next_try_ends_it(
    live_wave: Flask, where: str, when: str
) -> None:
    seal_and_die(live_wave, where, when)

    has_raw, is_sealed = answers_somewhere(live_wave)
    assert has_raw != is_sealed
    with live_wave.app_context():
        assert seal_next_closed_wave() is not is_sealed
        if is_sealed:
            service.sweep()
        files = [path.name for path in seal.folder().glob("*")]
        assert [db.session.scalars(select(SealedWave)).one().file_name] == files
    assert (False, True) == answers_somewhere(live_wave)


CORRECTOR = (
    SEALER.replace("tasks.seal_next_closed_wave()", "tasks.correct_next_seal()")
    .replace("service, tasks", "corrections, service, tasks")
    .replace('"service": service', '"service": service, "corrections": corrections')
)


@pytest.mark.parametrize(
    ("where", "when"),
    [
        ("seal.rewrite_parquet", "after"),
        ("seal.rewrite", "after"),
        ("ledger.claim_release", "after"),
        ("ledger.enter", "after"),
        ("service.sweep", "before"),
    ],
)
def test_a_correction_killed_anywhere_is_not_there_or_whole_and_the_next_try_ends_it(
    live_wave: Flask, where: str, when: str
) -> None:
    with live_wave.app_context():
        seal_next_closed_wave()
        with unit_of_work():
            [first] = db.session.scalars(select(SealedWave))
            office = actor_of(make_user("Anna", Role.OFFICE))
            wanted = Wanted(rules_off=("R4", "R8"), withdrawn=(), reason="R4 was asked in other words")
            corrections.ask_correction(office, first, wanted, today=date(2026, 11, 23))
        published = count(PublishedTableRow)

    seal_and_die(live_wave, where, when, script=CORRECTOR)

    with live_wave.app_context():
        is_there = count(SealedWave) == 2
        assert (count(PublishedTableRow) > published) is is_there
        assert correct_next_seal() is not is_there
        service.sweep()
        seals = db.session.scalars(select(SealedWave)).all()
        assert 2 == len(seals)
        assert {one.file_name for one in seals} == {path.name for path in seal.folder().glob("*")}
        for one in seals:
            seal.checked(one.file_name, sha256=one.sha256)


def test_of_two_processes_that_seal_at_once_one_does(live_wave: Flask) -> None:
    """Both have read the answers and written a file before either enters: one is in the ledger, and it is whole."""
    together = threading.Barrier(2)
    failures: list[BaseException] = []

    def prepared_together(records: SurveyRecords, *, today: date) -> service.PreparedSeal:
        result = prepare(records, today=today)
        together.wait(timeout=60)
        return result

    def seal_once() -> None:
        try:
            with live_wave.app_context():
                seal_next_closed_wave()
        except BaseException as error:  # noqa: BLE001  # a thread's failure must reach the test
            failures.append(error)

    prepare = service.prepare_seal
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "prepare_seal", prepared_together)
        threads = [threading.Thread(target=seal_once) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert [] == failures
    assert (False, True) == answers_somewhere(live_wave)
    with live_wave.app_context():
        assert 1 == count(SealedWave)
        assert 1 == len(list(Path(seal.folder()).glob("*")))
