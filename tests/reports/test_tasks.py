"""The job that builds reports: every step is told, a crash is survived, a bug ends in words."""

from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock, files
from prevention.core.db import db
from prevention.core.files import NoSpaceLeft
from prevention.reports import papers, service, tasks
from prevention.reports.figures import YearFigures
from prevention.reports.models import ReportRun
from prevention.reports.rules import LEASE, STEP_BEGINS, Problem, RunStatus, Step
from tests.factories.reports import make_run


def only_run() -> ReportRun:
    """Give the one run as the database has it now."""
    db.session.expire_all()
    return db.session.scalars(select(ReportRun)).one()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Step, int]]:
    """What the run said of itself, in order."""
    said: list[tuple[Step, int]] = []
    advance = service.advance

    def note(claim: service.Claim, *, step: Step, progress: int, now: datetime) -> None:
        said.append((step, progress))
        advance(claim, step=step, progress=progress, now=now)

    monkeypatch.setattr(service, "advance", note)
    return said


def test_without_a_request_there_is_nothing_to_do(app: Flask) -> None:
    assert tasks.build_next_report() is False


def test_a_report_asked_for_is_built_and_can_be_opened(anna: User) -> None:
    run_id = make_run(requested_by=anna.id, language="en").id

    assert tasks.build_next_report() is True

    run = only_run()
    assert (RunStatus.DONE, 100, None) == (run.status, run.progress, run.problem)
    assert "yearly-report-cremona-2026-27.pdf" == run.file_name
    assert run.figures is not None
    kept = YearFigures.from_json(run.figures)
    pdf = service.file_of(service.run_for(actor_of(anna), run_id)).read_bytes()
    assert len(pdf) == run.file_size
    assert kept.identifier in PdfReader(BytesIO(pdf)).pages[-1].extract_text().replace("\n", "")
    assert tasks.build_next_report() is False


def test_the_bar_only_moves_forward_through_all_steps(app: Flask, told: list[tuple[Step, int]]) -> None:
    make_run()

    tasks.build_next_report()

    steps = list(dict.fromkeys(step for step, _progress in told))
    assert [Step.DRAWING, Step.LAYING_OUT, Step.KEEPING] == steps
    progress = [progress for _step, progress in told]
    assert progress == sorted(progress)
    assert 2 < len([step for step, _progress in told if step is Step.LAYING_OUT])


def test_a_run_left_by_a_dead_process_is_built_after_the_lease(app: Flask, frozen_clock: datetime) -> None:
    make_run()
    service.claim_next(frozen_clock)

    assert tasks.build_next_report() is False
    with clock.frozen(frozen_clock + LEASE):
        assert tasks.build_next_report() is True

    assert (RunStatus.DONE, 2) == (only_run().status, only_run().attempts)


def test_a_bug_ends_the_run_in_words_and_is_not_swallowed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    make_run()
    monkeypatch.setattr(papers, "page", _raise(ZeroDivisionError()))

    with pytest.raises(ZeroDivisionError):
        tasks.build_next_report()

    run = only_run()
    assert (RunStatus.FAILED, Problem.BUG) == (run.status, run.problem)
    assert run.finished_at is not None
    assert tasks.build_next_report() is False


def test_a_full_disk_ends_the_run_in_words(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    make_run()
    monkeypatch.setattr(files, "store", _raise(NoSpaceLeft(28, "No space left on device")))

    assert tasks.build_next_report() is True

    assert (RunStatus.FAILED, Problem.NO_SPACE) == (only_run().status, only_run().problem)


def test_a_run_taken_over_while_it_is_laid_out_is_left_to_its_new_holder(
    app: Flask, frozen_clock: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that slept too long finds that another one has its run, and writes nothing more."""
    make_run()
    holder: list[service.Claim | None] = []
    written = papers.page

    def slow(figures: YearFigures, paper: papers.Paper) -> papers.Page:
        holder.append(service.claim_next(frozen_clock + LEASE))
        db.session.commit()
        return written(figures, paper)

    monkeypatch.setattr(papers, "page", slow)

    assert tasks.build_next_report() is True

    run = only_run()
    assert holder[0] is not None
    assert (RunStatus.RUNNING, holder[0].token) == (run.status, run.claim)


def _raise(error: BaseException) -> Callable[..., Iterator[None]]:
    def raising(*_given: object, **_named: object) -> Iterator[None]:
        raise error

    return raising


def test_many_pages_write_little(app: Flask, frozen_clock: datetime, told: list[tuple[Step, int]]) -> None:
    """Each write is a transaction that others wait for."""
    make_run()
    claim = service.claim_next(frozen_clock)
    assert claim is not None
    progress = tasks._LayoutProgress(claim, expected=200)

    progress.begin()
    for page in range(1000):
        progress.page_laid_out(page)

    assert len(told) <= (STEP_BEGINS[Step.KEEPING] - STEP_BEGINS[Step.LAYING_OUT]) / tasks.WORTH_TELLING + 1
