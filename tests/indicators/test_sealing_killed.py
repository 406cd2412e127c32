"""Sealing while the world goes wrong: killed at every step that changes something, and two processes at once."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
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
from tests.factories.indicators import few_questions, make_closed_wave
from tests.support.databases import TEST_SECRET

ANSWERS = 2 * 2 * 12

# Prepares a process once, and for each order forks one that does the work and kills itself when it comes to a function:
# before it runs, or after. What every one of them would have to load first is loaded before they part.
SEALERS = """
import json, os, signal, sys
import duckdb, highspy, scipy.special
from prevention import create_app
from prevention.core import db as core_db
from prevention.indicators import corrections, ledger, seal, service, tasks
from prevention.surveys import service as surveys

def die(*_arguments, **_values):
    os.kill(os.getpid(), signal.SIGKILL)

def carry_out(where, when, work, environment):
    os.environ.update(environment)
    owner, _, name = where.rpartition(".")
    owners = {"corrections": corrections, "ledger": ledger, "seal": seal, "service": service, "surveys": surveys}
    real = getattr(owners[owner], name)

    def step(*arguments, **values):
        if when == "before":
            die()
        real(*arguments, **values)
        die()

    with create_app().app_context():
        setattr(owners[owner], name, step)
        getattr(tasks, work)()

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        try:
            carry_out(**json.loads(line))
        finally:
            # Not killed: the step was never reached, or something else failed.
            sys.stderr.flush()
            os._exit(1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def sealers() -> Iterator[subprocess.Popen[str]]:
    """A prepared process that forks one for each order."""
    with subprocess.Popen(
        [sys.executable, "-c", SEALERS],
        cwd=ROOT,
        env={**os.environ, "SECRET_KEY": TEST_SECRET, "LOG_LEVEL": "ERROR"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=60) == 0


@pytest.fixture
def live_wave(live_app: Flask) -> Flask:
    """An application with a committed, closed wave."""
    with live_app.app_context(), unit_of_work():
        make_closed_wave(schools=2, classes=2, pupils=12, questionnaire_id=few_questions())
    return live_app


def work_and_die(
    sealers: subprocess.Popen[str], app: Flask, where: str, when: str, *, work: str = "seal_next_closed_wave"
) -> None:
    settings = app.config["SETTINGS"]
    environment = {"DATABASE_URL": settings.database_url, "INSTANCE": str(settings.instance)}
    assert sealers.stdin is not None
    assert sealers.stdout is not None
    sealers.stdin.write(json.dumps({"where": where, "when": when, "work": work, "environment": environment}) + "\n")
    sealers.stdin.flush()
    assert f"{-signal.SIGKILL}\n" == sealers.stdout.readline()


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


# In the order of the work; before all but the last of them nothing is in the ledger.
SEALING = (
    ("surveys.records_for_sealing", "after"),
    ("seal.write_parquet", "after"),
    ("seal.write", "after"),
    ("surveys.erase_raw", "after"),
    ("ledger.enter", "after"),
    ("service.sweep", "before"),
)
CORRECTING = (
    ("seal.rewrite_parquet", "after"),
    ("seal.rewrite", "after"),
    ("ledger.claim_release", "after"),
    ("ledger.enter", "after"),
    ("service.sweep", "before"),
)


def test_killed_anywhere_it_leaves_the_answers_or_the_sealed_file_and_the_next_try_goes_on(
    live_wave: Flask, sealers: subprocess.Popen[str]
) -> None:
    """Each try is killed one step later, in what all those before it left; the last one after its transaction."""
    for where, when in SEALING:
        work_and_die(sealers, live_wave, where, when)

        is_entered = (where, when) == SEALING[-1]
        assert (not is_entered, is_entered) == answers_somewhere(live_wave), where
    with live_wave.app_context():
        assert seal_next_closed_wave() is False
        service.sweep()
        files = [path.name for path in seal.folder().glob("*")]
        assert [db.session.scalars(select(SealedWave)).one().file_name] == files
    assert (False, True) == answers_somewhere(live_wave)


def test_after_a_kill_the_next_try_ends_it(live_wave: Flask, sealers: subprocess.Popen[str]) -> None:
    work_and_die(sealers, live_wave, "ledger.enter", "after")

    with live_wave.app_context():
        assert seal_next_closed_wave() is True
        assert 1 == len(list(seal.folder().glob("*")))
    assert (False, True) == answers_somewhere(live_wave)


def test_a_correction_killed_anywhere_is_not_there_or_whole_and_the_next_try_goes_on(
    live_wave: Flask, sealers: subprocess.Popen[str]
) -> None:
    with live_wave.app_context():
        seal_next_closed_wave()
        with unit_of_work():
            [first] = db.session.scalars(select(SealedWave))
            office = actor_of(make_user("Anna", Role.OFFICE))
            wanted = Wanted(rules_off=("R4", "R8"), withdrawn=(), reason="R4 was asked in other words")
            corrections.ask_correction(office, first, wanted, today=date(2026, 11, 23))
        published = count(PublishedTableRow)

    for where, when in CORRECTING:
        work_and_die(sealers, live_wave, where, when, work="correct_next_seal")

        with live_wave.app_context():
            is_entered = (where, when) == CORRECTING[-1]
            assert (2 if is_entered else 1) == count(SealedWave), where
            assert (count(PublishedTableRow) > published) is is_entered, where
    with live_wave.app_context():
        assert correct_next_seal() is False
        service.sweep()
        seals = db.session.scalars(select(SealedWave)).all()
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
