"""Runs: asked for once, built by one process, picked up when that one dies."""

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.access import NotYours
from prevention.core.db import db, unit_of_work
from prevention.core.models import AuditEntry
from prevention.reports import service
from prevention.reports.edition_rules import YearNotClosed
from prevention.reports.figures import YearFigures
from prevention.reports.models import ReportRun
from prevention.reports.rules import LEASE, MOST_ATTEMPTS, Problem, RunLost, RunStatus, Step, YearNotOffered
from prevention.reports.service import Claim
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.reports import make_figures, make_run
from tests.factories.surveys import make_wave

SOON = timedelta(seconds=1)


def ask(user: User, **changes: object) -> ReportRun:
    """Ask for the last closed year's report in Italian."""
    values: dict[str, object] = {"school_year": 2025, "language": "it", "now": clock.now(), "today": clock.today()}
    return service.request_report(actor_of(user), **(values | changes))  # type: ignore[arg-type]


def claim(now: datetime) -> Claim:
    """Take the next run, which is there."""
    taken = service.claim_next(now)
    assert taken is not None
    db.session.expire_all()
    return taken


def test_a_report_that_is_asked_for_waits_and_is_noted(anna: User, frozen_clock: datetime) -> None:
    run = ask(anna)

    assert (RunStatus.QUEUED, 0, Step.WAITING, anna.id) == (run.status, run.progress, run.step, run.requested_by)
    (entry,) = db.session.scalars(select(AuditEntry))
    assert ("report.requested", run.id, anna.id) == (entry.action, entry.subject_id, entry.actor_id)


def test_asking_twice_gives_the_run_that_is_under_way(anna: User) -> None:
    first = ask(anna)

    assert first.id == ask(anna).id
    assert 1 == db.session.scalar(select(func.count()).select_from(ReportRun))


def test_another_language_and_another_year_are_other_reports(anna: User) -> None:
    runs = {ask(anna).id, ask(anna, language="en").id, ask(anna, school_year=2024).id}

    assert 3 == len(runs)


def test_when_a_report_is_done_it_may_be_asked_for_again(anna: User, frozen_clock: datetime) -> None:
    first = ask(anna)
    service.finish(claim(frozen_clock), b"%PDF", file_name="a.pdf", now=frozen_clock)

    assert first.id != ask(anna).id


def test_a_year_that_is_not_closed_is_refused_with_what_it_lacks(anna: User) -> None:
    wave = make_wave(school_year=2026)

    with pytest.raises(YearNotClosed) as refused:
        ask(anna, school_year=2026)

    missing = refused.value.missing
    assert missing.lessons_end is not None
    assert (True, (wave.name,)) == (missing.lessons_end > date(2027, 6, 1), missing.surveys)
    assert 0 == db.session.scalar(select(func.count()).select_from(ReportRun))


@pytest.mark.parametrize("school_year", [2027, 1999])
def test_a_year_without_a_report_is_refused_and_nothing_is_written(anna: User, school_year: int) -> None:
    with pytest.raises(YearNotOffered):
        ask(anna, school_year=school_year)

    assert 0 == db.session.scalar(select(func.count()).select_from(ReportRun))


def test_the_database_itself_allows_one_run_under_way(app: Flask) -> None:
    make_run(status=RunStatus.QUEUED)

    with pytest.raises(IntegrityError):
        make_run(status=RunStatus.QUEUED)


def test_the_database_itself_wants_a_file_for_a_report_that_is_done(app: Flask) -> None:
    with pytest.raises(IntegrityError):
        make_run(status=RunStatus.DONE)


def test_runs_are_taken_oldest_first_and_each_once(app: Flask, frozen_clock: datetime) -> None:
    late = make_run(language="en", requested_at=frozen_clock)
    early = make_run(requested_at=frozen_clock - SOON)

    assert [early.id, late.id] == [claim(frozen_clock).run_id, claim(frozen_clock).run_id]
    assert service.claim_next(frozen_clock) is None


def test_a_run_is_left_alone_until_its_lease_ends_then_taken_again(app: Flask, frozen_clock: datetime) -> None:
    make_run()
    first = claim(frozen_clock)

    assert service.claim_next(frozen_clock + LEASE - SOON) is None
    second = claim(frozen_clock + LEASE)
    assert first.run_id == second.run_id
    assert first.token != second.token


def test_each_step_holds_the_run_for_another_lease(app: Flask, frozen_clock: datetime) -> None:
    make_run()
    taken = claim(frozen_clock)

    service.advance(taken, step=Step.LAYING_OUT, progress=40, now=frozen_clock + LEASE - SOON)

    assert service.claim_next(frozen_clock + LEASE) is None
    run = db.session.get_one(ReportRun, taken.run_id, populate_existing=True)
    assert (Step.LAYING_OUT, 40) == (run.step, run.progress)


@pytest.mark.parametrize(
    "write",
    [
        lambda lost, now: service.advance(lost, step=Step.KEEPING, progress=95, now=now),
        lambda lost, now: service.keep_figures(lost, make_figures(), now=now),
        lambda lost, now: service.finish(lost, b"%PDF", file_name="late.pdf", now=now),
    ],
    ids=["advance", "keep figures", "finish"],
)
def test_who_lost_a_run_writes_nothing_any_more(
    app: Flask, frozen_clock: datetime, write: Callable[[Claim, datetime], None]
) -> None:
    make_run()
    lost = claim(frozen_clock)
    now = frozen_clock + LEASE
    holder = claim(now)

    with pytest.raises(RunLost):
        write(lost, now)

    run = db.session.get_one(ReportRun, holder.run_id, populate_existing=True)
    assert (RunStatus.RUNNING, Step.COLLECTING, holder.token) == (run.status, run.step, run.claim)
    assert run.figures is None
    assert run.file_name is None


def test_who_lost_a_run_cannot_fail_it(app: Flask, frozen_clock: datetime) -> None:
    make_run()
    lost = claim(frozen_clock)
    claim(frozen_clock + LEASE)

    service.fail(lost, Problem.BUG, now=frozen_clock + LEASE)

    assert RunStatus.RUNNING == db.session.scalars(select(ReportRun)).one().status


def test_a_run_whose_process_dies_every_time_is_given_up_in_words(app: Flask, frozen_clock: datetime) -> None:
    make_run()
    now = frozen_clock
    for _attempt in range(MOST_ATTEMPTS):
        claim(now)
        now += LEASE

    assert service.claim_next(now) is None

    run = db.session.scalars(select(ReportRun).execution_options(populate_existing=True)).one()
    assert (RunStatus.FAILED, Problem.INTERRUPTED, now) == (run.status, run.problem, run.finished_at)


def test_a_finished_run_has_its_file_and_figures(anna: User, frozen_clock: datetime) -> None:
    run = ask(anna)
    taken = claim(frozen_clock)
    figures = make_figures()

    service.keep_figures(taken, figures, now=frozen_clock)
    service.finish(taken, b"%PDF-1.7 ...", file_name="relazione.pdf", now=frozen_clock)

    db.session.expire_all()
    run = service.run_for(actor_of(anna), taken.run_id)
    assert (RunStatus.DONE, 100, 12, "relazione.pdf") == (run.status, run.progress, run.file_size, run.file_name)
    assert figures == YearFigures.from_json(run.figures or {})
    assert b"%PDF-1.7 ..." == service.file_of(run).read_bytes()


def test_only_the_office_sees_runs(anna: User, bruno: User, dario: User) -> None:
    run = ask(anna)

    assert run.id == service.run_for(actor_of(anna), run.id).id
    for other in (bruno, dario):
        with pytest.raises(NotYours):
            service.run_for(actor_of(other), run.id)


def test_a_run_without_a_file_has_nothing_to_open(anna: User) -> None:
    with pytest.raises(NotYours):
        service.file_of(ask(anna))


def test_many_processes_at_once_take_a_run_only_once(live_app: Flask) -> None:
    with live_app.app_context():
        with unit_of_work():
            make_run()
        now = clock.now()
    taken: list[Claim | None] = []
    together = threading.Barrier(8)

    def take() -> None:
        with live_app.app_context():
            together.wait()
            with unit_of_work():
                found = service.claim_next(now)
            taken.append(found)
            db.session.remove()

    _all_at_once(take)

    assert 8 == len(taken)
    assert 1 == len([one for one in taken if one is not None])


def test_many_requests_at_once_make_one_run(live_app: Flask) -> None:
    with live_app.app_context():
        with unit_of_work():
            anna = actor_of(make_user("Anna", Role.OFFICE))
        now, today = clock.now(), clock.today()
    given: list[object] = []
    together = threading.Barrier(8)

    def request() -> None:
        with live_app.app_context():
            together.wait()
            with unit_of_work():
                given.append(
                    service.request_report(anna, school_year=today.year - 1, language="it", now=now, today=today).id
                )
            db.session.remove()

    _all_at_once(request)

    assert 8 == len(given)
    assert 1 == len(set(given))


def _all_at_once(work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
