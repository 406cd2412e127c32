"""The timetable of the jobs process: what the clock starts, how often, and who leads.

ONE process runs it. Several may be started (one per machine, or an old and a new one during an update): the one
that holds the lock leads, the others wait. The lock is an advisory lock of PostgreSQL, or a lock on a file beside
the SQLite database; both are let go by the operating system when the process dies, however it dies. APScheduler's
own stores are not safe to share between processes, hence the timetable lives in memory and the work in rows that are
claimed one by one.
"""

import fcntl
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from prevention.booking.plan_tasks import plan_next_run, tell_next_planned
from prevention.booking.tasks import pass_next_offer_on, send_digests, send_reminders
from prevention.core.clock import ROME
from prevention.core.db import db
from prevention.delivery.tasks import ask_for_registers, tell_what_breaks_off
from prevention.early_signals.tasks import watch_signals
from prevention.indicators.tasks import (
    correct_next_seal,
    release_next_cube,
    release_next_pair,
    seal_next_closed_wave,
)
from prevention.messages.tasks import send_next_message
from prevention.network.tasks import sweep_documents, write_letters
from prevention.reports.tasks import (
    begin_due_edition,
    build_next_edition,
    build_next_report,
    draw_next_edition,
    sweep_scratch,
)
from prevention.resources import tasks as resources
from prevention.schools.tasks import forget_old_uploads
from prevention.surveys.tasks import join_closed_pair, mix_ballots, tidy_after_waves

log = structlog.get_logger()

# Any number that no other application on the same database server uses for the same purpose.
LEADER_LOCK = 0x70726576
RETRY_S = 2.0
HEARTBEAT_S = 10.0
# A task is asked again and again while it finds work; this bounds one turn, so that no task starves the others.
MOST_PER_TURN = 200

Task = Callable[[], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One line of the timetable. `task` handles one piece of work and says whether there was one."""

    name: str
    every_s: int
    task: Task


TIMETABLE = (
    Job(name="send mail", every_s=5, task=send_next_message),
    Job(name="pass offers of places on", every_s=60, task=pass_next_offer_on),
    Job(name="plan years", every_s=2, task=plan_next_run),
    Job(name="tell what was planned", every_s=5, task=tell_next_planned),
    Job(name="send digests", every_s=60, task=send_digests),
    Job(name="send reminders", every_s=60, task=send_reminders),
    Job(name="ask for registers", every_s=60, task=ask_for_registers),
    Job(name="tell what breaks off", every_s=600, task=tell_what_breaks_off),
    Job(name="mix ballots", every_s=30, task=mix_ballots),
    Job(name="join pairs", every_s=5, task=join_closed_pair),
    Job(name="tidy after waves", every_s=30, task=tidy_after_waves),
    Job(name="seal closed waves", every_s=2, task=seal_next_closed_wave),
    Job(name="correct seals", every_s=5, task=correct_next_seal),
    Job(name="compare pairs", every_s=5, task=release_next_pair),
    Job(name="release cubes", every_s=30, task=release_next_cube),
    Job(name="build reports", every_s=2, task=build_next_report),
    Job(name="make the papers of editions", every_s=2, task=build_next_edition),
    Job(name="draw the charts of editions", every_s=5, task=draw_next_edition),
    Job(name="begin the yearly report", every_s=600, task=begin_due_edition),
    Job(name="sweep scratch", every_s=3600, task=sweep_scratch),
    Job(name="forget old uploads", every_s=3600, task=forget_old_uploads),
    Job(name="forget old imports of materials", every_s=3600, task=resources.forget_old_imports),
    Job(name="forget materials on their way", every_s=3600, task=resources.forget_old_uploads),
    Job(name="sweep files", every_s=6 * 3600, task=resources.sweep_files),
    Job(name="remind owners of materials", every_s=3600, task=resources.remind_owners),
    Job(name="write letters of the network", every_s=600, task=write_letters),
    Job(name="sweep documents", every_s=6 * 3600, task=sweep_documents),
    Job(name="watch early signals", every_s=600, task=watch_signals),
    Job(name="check links of materials", every_s=600, task=resources.check_next_link),
)


def run(app: Flask, *, timetable: tuple[Job, ...] = TIMETABLE) -> None:
    """Wait to lead, then run the timetable until a signal to stop; what is under way is finished first."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    with app.app_context(), leadership(stop) as still_leads:
        if stop.is_set():
            return
        log.info("jobs_started", jobs=[job.name for job in timetable])
        scheduler = BackgroundScheduler(timezone=ROME)
        for job in timetable:
            scheduler.add_job(
                turn, IntervalTrigger(seconds=job.every_s), args=(app, job), id=job.name, max_instances=1,
                coalesce=True, misfire_grace_time=None, next_run_time=datetime.now(ROME),
            )  # fmt: skip
        scheduler.start()
        while not stop.wait(HEARTBEAT_S):
            if not still_leads():
                log.error("leadership_lost")
                break
        scheduler.shutdown(wait=True)
        log.info("jobs_stopped")
        if not stop.is_set():
            raise SystemExit(1)


def turn(app: Flask, job: Job) -> int:
    """Let one job work until it finds nothing more; give how many pieces it handled."""
    handled = 0
    with app.app_context():
        try:
            while handled < MOST_PER_TURN and job.task():
                handled += 1
        except Exception:
            # The loop of jobs is the one place that survives any bug: the others must go on.
            log.exception("job_failed", job=job.name)
    return handled


@contextmanager
def leadership(stop: threading.Event) -> Iterator[Callable[[], bool]]:
    """Wait until this process leads (or `stop` is set); give a question "do I still lead?"."""
    wait = _postgresql_lock if db.engine.dialect.name == "postgresql" else _file_lock
    with wait(stop) as still_leads:
        yield still_leads


@contextmanager
def _postgresql_lock(stop: threading.Event) -> Iterator[Callable[[], bool]]:
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        ask = text("SELECT pg_try_advisory_lock(:lock)")
        while not connection.scalar(ask, {"lock": LEADER_LOCK}) and not stop.wait(RETRY_S):
            pass

        def still_leads() -> bool:
            try:
                connection.execute(text("SELECT 1"))
            except SQLAlchemyError:
                return False
            return True

        yield still_leads
        if still_leads():
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LEADER_LOCK})


@contextmanager
def _file_lock(stop: threading.Event) -> Iterator[Callable[[], bool]]:
    path = Path(f"{db.engine.url.database}.jobs-lock")
    with path.open("a") as file:
        while not stop.is_set():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                stop.wait(RETRY_S)
        yield lambda: True
