"""What the clock does with reports: build the next one, and the papers of a signed edition."""

import errno
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import structlog

from prevention.core import clock, scratch
from prevention.core.db import db, unit_of_work
from prevention.core.files import SHELF, NoSpaceLeft, sweep_incoming
from prevention.reports import building, edition_drawings, edition_papers, edition_reading, papers, schedule, service
from prevention.reports.building import Built
from prevention.reports.comparing import add_what_is_no_paper
from prevention.reports.consistency import Papers
from prevention.reports.edition_papers import EditionClaim
from prevention.reports.edition_rules import ResultsChanged
from prevention.reports.figures import YearFigures, collect
from prevention.reports.models import ReportEdition
from prevention.reports.rules import STEP_BEGINS, Problem, RunLost, Step, laid_out
from prevention.reports.service import Claim

log = structlog.get_logger()

# How much further a run must be before it is worth a write, in hundredths.
WORTH_TELLING = 2
# No paper takes a day to be kept; pieces of one that are older were left behind.
LEFT_BEHIND = timedelta(days=1)


def build_next_report() -> bool:
    """Build one report that was asked for; say whether there was one.

    Each step says where it is in a short transaction of its own; the slow work in between holds none. A process that
    dies leaves the run to whoever asks after the lease; one that lost its run in the meantime stops and writes
    nothing.
    """
    with unit_of_work():
        claim = service.claim_next(clock.now())
    if claim is None:
        return False
    log.info("report_started", run=str(claim.run_id), school_year=claim.school_year)
    try:
        _build(claim)
    except RunLost:
        log.warning("report_lost", run=str(claim.run_id))
    except NoSpaceLeft:
        log.exception("report_not_stored", run=str(claim.run_id))
        _fail(claim, Problem.NO_SPACE)
    except Exception:
        # The run must end in words before the loop of jobs logs the bug: the office is looking at a progress bar.
        _fail(claim, Problem.BUG)
        raise
    return True


def _build(claim: Claim) -> None:
    figures = collect(claim.school_year, today=clock.today())
    with unit_of_work():
        service.keep_figures(claim, figures, now=clock.now())
        _tell(claim, Step.DRAWING, STEP_BEGINS[Step.DRAWING])
    page = papers.page(figures, papers.Paper(kind=papers.Kind.IMPACT, language=claim.language))
    progress = _LayoutProgress(claim, expected=papers.expected_pages(figures))
    progress.begin()
    pdf = papers.document(figures, page, on_page=progress.page_laid_out)
    with unit_of_work():
        _tell(claim, Step.KEEPING, STEP_BEGINS[Step.KEEPING])
    with unit_of_work():
        service.finish(claim, pdf, file_name=page.file_name, now=clock.now())
    log.info("report_done", run=str(claim.run_id), size=len(pdf))


def build_next_edition() -> bool:
    """Make the papers of one signed edition that are not there yet; say whether there was one.

    Each paper is kept in a short transaction of its own, so that a build that is stopped, or whose process dies, goes
    on after the last one. When all are there they are compared: an edition whose papers disagree is not offered.
    """
    with unit_of_work():
        claim = edition_papers.claim_next(clock.now())
    if claim is None:
        return False
    log.info("edition_started", edition=str(claim.id))
    try:
        _build_edition(claim)
    except RunLost:
        log.warning("edition_stopped", edition=str(claim.id))
    except ResultsChanged:
        log.warning("edition_outdated", edition=str(claim.id))
        _fail_edition(claim, Problem.RESULTS_CHANGED)
    except BrokenProcessPool:
        # One of the processes was killed, as happens when memory runs out. What is made stays.
        log.exception("edition_interrupted", edition=str(claim.id))
        with unit_of_work():
            edition_papers.let_go(claim)
    except OSError as error:
        if not isinstance(error, NoSpaceLeft) and error.errno != errno.ENOSPC:
            _fail_edition(claim, Problem.BUG)
            raise
        log.exception("edition_not_stored", edition=str(claim.id))
        _fail_edition(claim, Problem.NO_SPACE)
    except Exception:
        _fail_edition(claim, Problem.BUG)
        raise
    return True


def _build_edition(claim: EditionClaim) -> None:
    with unit_of_work():
        edition = db.session.get_one(ReportEdition, claim.id)
        figures = edition_reading.figures_of(edition)
        edition_papers.note_what_is_there(claim)
        there = {(paper.kind, paper.language, paper.scope) for paper in edition_papers.papers(edition.id)}
    _check_results(figures)
    wanted = [one for one in papers.papers_of(figures) if (one.kind, one.language, one.scope) not in there]
    with (
        scratch.folder("papers") as folder,
        closing(building.build(figures, wanted, folder)) as made,
    ):
        for built in made:
            _keep_paper(claim, built, folder / built.file_name)
    # Asked again: a correction that came while papers were made is no disagreement of theirs.
    _check_results(figures)
    _compare(claim, figures)
    log.info("edition_done", edition=str(claim.id), papers=len(wanted))


def _check_results(figures: YearFigures) -> None:
    """Refuse papers of results that were corrected since they were signed.

    Raises:
        ResultsChanged: they were.
    """
    with unit_of_work():
        if edition_reading.are_results_changed(figures):
            raise ResultsChanged


def _keep_paper(claim: EditionClaim, built: Built, path: Path) -> None:
    with unit_of_work():
        edition_papers.hold(claim, now=clock.now())
        edition_papers.add_paper(
            claim.id,
            kind=built.paper.kind,
            language=built.paper.language,
            scope=built.paper.scope,
            file_name=built.file_name,
            content=path.read_bytes(),
            printed=built.figures,
        )
    path.unlink()


def _compare(claim: EditionClaim, figures: YearFigures) -> None:
    compared = Papers()
    for language, file_name, printed in edition_papers.printed_in(claim.id):
        compared.add(language, file_name, printed)
    add_what_is_no_paper(compared, figures)
    found = compared.disagreements()
    if found:
        raise RuntimeError("the papers do not say the same: " + "; ".join(map(str, found[:5])))
    with unit_of_work():
        edition_papers.finish_building(claim)


def _fail_edition(claim: EditionClaim, problem: Problem) -> None:
    with unit_of_work():
        edition_papers.fail_building(claim, problem)


def _tell(claim: Claim, step: Step, progress: int) -> None:
    service.advance(claim, step=step, progress=progress, now=clock.now())


def _fail(claim: Claim, problem: Problem) -> None:
    with unit_of_work():
        service.fail(claim, problem, now=clock.now())


class _LayoutProgress:
    """Turns pages laid out into progress, and writes it only when it has moved."""

    def __init__(self, claim: Claim, *, expected: int) -> None:
        self._claim = claim
        self._expected = expected
        self._pages = 0
        self._told = 0

    def begin(self) -> None:
        """Say that the layout begins."""
        self._tell(laid_out(0, expected=self._expected))

    def page_laid_out(self, _page: int) -> None:
        """Count a page; pages come more than once."""
        self._pages += 1
        progress = laid_out(self._pages, expected=self._expected)
        if progress >= self._told + WORTH_TELLING:
            self._tell(progress)

    def _tell(self, progress: int) -> None:
        self._told = progress
        with unit_of_work():
            _tell(self._claim, Step.LAYING_OUT, progress)


def sweep_scratch() -> bool:
    """Take away what processes that died left behind; never says that there is more."""
    scratch.sweep()
    sweep_incoming(SHELF, before=clock.now() - LEFT_BEHIND)
    return False


def draw_next_edition() -> bool:
    """Draw the charts of one edition's web page; say whether there was one to look at."""
    return edition_drawings.draw_next()


def begin_due_edition() -> bool:
    """Begin the draft of the year's report when it is due, or say what is missing; never says that there is more."""
    now = clock.now()
    due = schedule.prepare(now)
    if due is not None:
        with unit_of_work():
            schedule.carry_out(due, now=now)
    return False
