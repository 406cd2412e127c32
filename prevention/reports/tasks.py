"""What the clock does with reports: build the next one."""

import structlog

from prevention.core import clock
from prevention.core.db import unit_of_work
from prevention.core.files import NoSpaceLeft
from prevention.reports import papers, service
from prevention.reports.figures import collect
from prevention.reports.rules import STEP_BEGINS, Problem, RunLost, Step, laid_out
from prevention.reports.service import Claim

log = structlog.get_logger()

# How much further a run must be before it is worth a write, in hundredths.
WORTH_TELLING = 2


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
