"""The verbs of reports: ask for a run, take the next one, say how far it is, end it; and build a report at once."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

from sqlalchemy import Select, select
from sqlalchemy.dialects import postgresql, sqlite

from prevention.core import audit, files
from prevention.core.access import Actor, NotYours
from prevention.core.claims import Taken, WorkQueue
from prevention.core.db import db
from prevention.reports import closing, papers
from prevention.reports.figures import YearFigures, collect
from prevention.reports.models import ReportRun
from prevention.reports.rules import (
    LARGEST_REPORT_BYTES,
    LEASE,
    MOST_ATTEMPTS,
    STEP_BEGINS,
    Problem,
    RunLost,
    RunStatus,
    Step,
    check_year,
)
from prevention.roles import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What a process that took a run needs to build it."""

    taken: Taken
    school_year: int
    language: str

    @property
    def run_id(self) -> uuid.UUID:
        """The run."""
        return self.taken.id

    @property
    def token(self) -> uuid.UUID:
        """Proves that the run is still this process's."""
        return self.taken.token


_QUEUE = WorkQueue(
    model=ReportRun,
    state=ReportRun.status,
    waiting=RunStatus.QUEUED,
    running=RunStatus.RUNNING,
    since=ReportRun.requested_at,
    lease=LEASE,
    most_attempts=MOST_ATTEMPTS,
    give_up={"status": RunStatus.FAILED, "problem": Problem.INTERRUPTED},
)


def request_report(
    actor: Actor, *, school_year: int, language: str, now: datetime, today: date, accepted: int = 0
) -> ReportRun:
    """Ask for the report of a school year in a language; a run already under way is given instead of a second one.

    Two requests at the same moment make one run: the database holds it to that.

    Args:
        accepted: so many missing registers were seen and are accepted; the report says how many they are.

    Raises:
        YearNotOffered, YearNotClosed: see `closing.check_closed`.
    """
    closing.check_closed(school_year, today=today, accepted=accepted)
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made: ReportRun | None = db.session.scalar(
        insert(ReportRun)
        .values(
            id=uuid.uuid4(),
            school_year=school_year,
            language=language,
            status=RunStatus.QUEUED,
            progress=0,
            step=Step.WAITING,
            attempts=0,
            requested_by=actor.id,
            requested_at=now,
        )
        .on_conflict_do_nothing()
        .returning(ReportRun)
    )
    if made is not None:
        audit.record(actor, "report.requested", made.id, school_year=school_year, language=language)
        return made
    # The newest, whatever its state: the one that was in the way may have ended a moment ago.
    return db.session.scalars(
        runs().where(ReportRun.school_year == school_year, ReportRun.language == language).limit(1)
    ).one()


def runs() -> Select[ReportRun]:
    """Select all runs, newest first."""
    return select(ReportRun).order_by(ReportRun.requested_at.desc(), ReportRun.id)


def run_for(actor: Actor, run_id: uuid.UUID) -> ReportRun:
    """Give a run that this person may see: the office sees all.

    Raises:
        NotYours: it is not there or not theirs.
    """
    run = db.session.get(ReportRun, run_id)
    if run is None or not actor.has(Role.OFFICE):
        raise NotYours(run_id)
    return run


def file_of(run: ReportRun) -> Path:
    """Give the place of the PDF of a run that is done.

    Raises:
        NotYours: the run has no file yet.
    """
    if run.file_sha256 is None:
        raise NotYours(run.id)
    return files.stored_path(files.relative_path_of(run.file_sha256))


def claim_next(now: datetime) -> Claim | None:
    """Take the oldest run that waits, or whose process died, for this process alone; None when there is none.

    A run that was tried `MOST_ATTEMPTS` times is given up on the way.
    """
    taken = _QUEUE.take(
        now,
        began={"started_at": now, "step": Step.COLLECTING, "progress": STEP_BEGINS[Step.COLLECTING]},
        given_up={"finished_at": now},
    )
    if taken is None:
        return None
    run = db.session.get_one(ReportRun, taken.id, populate_existing=True)
    return Claim(taken=taken, school_year=run.school_year, language=run.language)


def advance(claim: Claim, *, step: Step, progress: int, now: datetime) -> None:
    """Say how far a run is, 0 to 100, and hold it for another `LEASE`.

    Raises:
        RunLost: another process has it now.
    """
    _write(claim, step=step, progress=progress, leased_until=now + LEASE)


def keep_figures(claim: Claim, figures: YearFigures, *, now: datetime) -> None:
    """Keep the figures that the run's paper is made from.

    Raises:
        RunLost: another process has the run now.
    """
    _write(claim, figures=figures.to_json(), leased_until=now + LEASE)


def finish(claim: Claim, pdf: bytes, *, file_name: str, now: datetime) -> None:
    """Store the paper and end the run.

    Raises:
        RunLost: another process has the run now; nothing speaks of the stored file.
        files.NoSpaceLeft: the disk is full.
    """
    stored = files.store(BytesIO(pdf), max_bytes=LARGEST_REPORT_BYTES)
    _write(
        claim,
        status=RunStatus.DONE,
        progress=100,
        file_sha256=stored.sha256,
        file_size=stored.size,
        file_name=file_name,
        finished_at=now,
        claim=None,
        leased_until=None,
    )


def fail(claim: Claim, problem: Problem, *, now: datetime) -> None:
    """End a run that cannot be built; nothing happens when another process has it now."""
    try:
        _write(claim, status=RunStatus.FAILED, problem=problem, finished_at=now, claim=None, leased_until=None)
    except RunLost:
        return


def _write(claim: Claim, /, **values: object) -> None:
    if not _QUEUE.write(claim.taken, values):
        raise RunLost(claim.run_id)


def figures_of(school_year: int, *, today: date) -> YearFigures:
    """Collect the figures of a school year as they stand today.

    Raises:
        YearNotOffered: the year has not begun, or lies too far back.
    """
    check_year(school_year, today=today)
    return collect(school_year, today=today)


def build_report(school_year: int, *, language: str, today: date) -> tuple[str, bytes]:
    """Build the report of a school year at once, without a run; give its file name and the PDF.

    Raises:
        YearNotOffered, YearNotClosed: see `closing.check_closed`.
    """
    closing.check_closed(school_year, today=today)
    figures = figures_of(school_year, today=today)
    page = papers.page(figures, papers.Paper(kind=papers.Kind.IMPACT, language=language))
    return page.file_name, papers.document(figures, page)
