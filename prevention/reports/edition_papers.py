"""The papers of an edition: which are there, and the claim of the process that makes them.

An edition whose papers are to be made is a row of work (`core.claims`): one process takes it, holds it while it makes
one paper after the other, and loses it when it falls silent. What is made stays; whoever goes on makes the rest.
"""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO

from sqlalchemy import func, select, update

from prevention.core import audit, files
from prevention.core.access import Actor, NotYours
from prevention.core.claims import Taken, WorkQueue
from prevention.core.db import db
from prevention.reports.edition_rules import BuildState, EditionState, NotNow
from prevention.reports.models import ReportEdition, ReportPaper
from prevention.reports.papers.kinds import Kind
from prevention.reports.rules import LARGEST_REPORT_BYTES, LEASE, MOST_ATTEMPTS, Problem, RunLost

# What a process that took an edition needs.
EditionClaim = Taken

_QUEUE = WorkQueue(
    model=ReportEdition,
    state=ReportEdition.build,
    waiting=BuildState.WAITING,
    running=BuildState.BUILDING,
    since=ReportEdition.signed_at,
    lease=LEASE,
    most_attempts=MOST_ATTEMPTS,
    give_up={"build": BuildState.FAILED, "problem": Problem.INTERRUPTED},
)

# Papers that anybody may have once an edition is published; a school's sheet is for that school and the office.
PUBLIC = frozenset(Kind) - {Kind.SCHOOL}


def papers(edition_id: uuid.UUID) -> Sequence[ReportPaper]:
    """Give the papers of an edition that are made."""
    return db.session.scalars(
        select(ReportPaper)
        .where(ReportPaper.edition_id == edition_id)
        .order_by(ReportPaper.kind, ReportPaper.scope, ReportPaper.language)
    ).all()


def sheets(edition: ReportEdition, *, codes: Sequence[str]) -> Sequence[ReportPaper]:
    """Give the sheets of some schools, by code."""
    return db.session.scalars(
        select(ReportPaper)
        .where(ReportPaper.edition_id == edition.id, ReportPaper.kind == Kind.SCHOOL, ReportPaper.scope.in_(codes))
        .order_by(ReportPaper.scope, ReportPaper.language)
    ).all()


def printed_in(edition_id: uuid.UUID) -> Iterator[tuple[str, str, Sequence[tuple[str, str]]]]:
    """Give language, file name and printed figures of each paper of an edition, one after the other. One statement."""
    columns = (ReportPaper.language, ReportPaper.file_name, ReportPaper.printed)
    for language, file_name, printed in db.session.execute(
        select(*columns).where(ReportPaper.edition_id == edition_id).execution_options(yield_per=20)
    ):
        yield language, file_name, [(name, text) for name, text in printed]


def count_papers(edition_id: uuid.UUID) -> int:
    """Count the papers of an edition that are made."""
    return db.session.scalar(select(func.count()).where(ReportPaper.edition_id == edition_id)) or 0


def paper_of(edition: ReportEdition, *, kind: Kind, language: str, scope: str = "") -> ReportPaper:
    """Give one paper of an edition.

    Raises:
        NotYours: it is not there.
    """
    paper = db.session.get(ReportPaper, (edition.id, kind, language, scope))
    if paper is None:
        raise NotYours(edition.id)
    return paper


def add_paper(edition_id: uuid.UUID, *, kind: Kind, language: str, scope: str, file_name: str, content: bytes,
              printed: Sequence[tuple[str, str]]) -> None:  # fmt: skip
    """Keep a finished paper.

    Raises:
        files.NoSpaceLeft: the disk is full.
    """
    stored = files.store(BytesIO(content), max_bytes=LARGEST_REPORT_BYTES)
    db.session.add(
        ReportPaper(
            edition_id=edition_id,
            kind=kind,
            language=language,
            scope=scope,
            file_name=file_name,
            file_sha256=stored.sha256,
            file_size=stored.size,
            printed=[list(pair) for pair in printed],
        )
    )
    db.session.flush()


def claim_next(now: datetime) -> EditionClaim | None:
    """Take the edition that waits longest for its papers, or whose process died, for this process alone.

    One that was tried `MOST_ATTEMPTS` times is given up on the way.
    """
    return _QUEUE.take(now, began={"build_began_at": now}, given_up={})


def hold(claim: EditionClaim, *, now: datetime) -> None:
    """Hold an edition for another `LEASE`.

    Raises:
        RunLost: it was stopped, or another process has it now.
    """
    _write(claim, leased_until=now + LEASE)


def note_what_is_there(claim: EditionClaim) -> None:
    """Remember how many papers were there when this process began: the time left is guessed from the others.

    Raises:
        RunLost: it was stopped, or another process has it now.
    """
    _write(claim, papers_before=count_papers(claim.id))


def let_go(claim: EditionClaim) -> None:
    """Leave the rest to whoever asks next; an edition that was tried `MOST_ATTEMPTS` times is given up."""
    attempts = db.session.scalar(select(ReportEdition.attempts).where(ReportEdition.id == claim.id)) or 0
    if attempts >= MOST_ATTEMPTS:
        fail_building(claim, Problem.INTERRUPTED)
    else:
        _QUEUE.write(claim, {"build": BuildState.WAITING, "claim": None, "leased_until": None})


def finish_building(claim: EditionClaim) -> None:
    """Say that all papers are there.

    Raises:
        RunLost: it was stopped, or another process has it now.
    """
    _write(claim, build=BuildState.DONE, claim=None, leased_until=None, problem=None)


def fail_building(claim: EditionClaim, problem: Problem) -> None:
    """End a build that cannot go on; nothing happens when another process has it now."""
    try:
        _write(claim, build=BuildState.FAILED, problem=problem, claim=None, leased_until=None)
    except RunLost:
        return


def stop_building(actor: Actor, edition: ReportEdition) -> None:
    """Stop making the papers after those under way; what is made stays.

    Raises:
        NotNow: nothing is being made.
    """
    _build_state(edition, (BuildState.WAITING, BuildState.BUILDING), BuildState.STOPPED)
    audit.record(actor, "report.build_stopped", edition.id)


def go_on_building(actor: Actor, edition: ReportEdition) -> None:
    """Make the papers that are not there yet.

    Raises:
        NotNow: they are being made, or all are there.
    """
    _build_state(edition, (BuildState.STOPPED, BuildState.FAILED), BuildState.WAITING)
    audit.record(actor, "report.build_resumed", edition.id)


def _write(taken: EditionClaim, /, **values: object) -> None:
    if not _QUEUE.write(taken, values):
        raise RunLost(taken.id)


def _build_state(edition: ReportEdition, since: tuple[BuildState, ...], to: BuildState) -> None:
    moved = db.session.scalar(
        update(ReportEdition)
        .where(
            ReportEdition.id == edition.id,
            ReportEdition.state == EditionState.SIGNED,
            ReportEdition.build.in_(since),
        )
        .values(build=to, claim=None, leased_until=None, attempts=0, problem=None)
        .returning(ReportEdition.id)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(edition)
    if moved is None:
        raise NotNow
