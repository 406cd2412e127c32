"""What the clock does with planning: search for the next plan, and write the letters of what was published."""

import structlog

from prevention.booking.plan_rules import TELL_S, PlanningProblem, RunLost
from prevention.booking.planner import Budget, Progress, solve
from prevention.booking.planner.reasons import reasons
from prevention.booking.service import plan_publishing, planning
from prevention.booking.service.planning import RunClaim
from prevention.core import clock
from prevention.core.db import unit_of_work

log = structlog.get_logger()


def plan_next_run() -> bool:
    """Search for the plan of one run that was asked for; say whether there was one.

    The search holds no transaction. Every second it says in a short one where it is and asks whether to stop. A
    process that dies leaves the run to whoever asks after the lease; one that lost its run in the meantime stops and
    writes nothing.
    """
    with unit_of_work():
        claim = planning.claim_next_run(clock.now())
    if claim is None:
        return False
    log.info("planning_started", run=str(claim.run_id), requests=len(claim.problem.requests))
    try:
        _search(claim)
    except RunLost:
        log.warning("planning_lost", run=str(claim.run_id))
    except Exception:
        # The run must end in words before the loop of jobs logs the bug: the office is looking at a progress bar.
        with unit_of_work():
            planning.fail_run(claim, PlanningProblem.BUG, now=clock.now())
        raise
    return True


def tell_next_planned() -> bool:
    """Put the letters of one published request into the outbox; say whether there was one."""
    with unit_of_work():
        return plan_publishing.tell_next(now=clock.now())


def _search(claim: RunClaim) -> None:
    outcome = solve(
        claim.problem, seed=claim.seed, budget=Budget(seconds=claim.seconds), listener=_Teller(claim).listen
    )
    why = reasons(claim.problem, outcome.plan)
    with unit_of_work():
        planning.finish_run(claim, outcome, why, now=clock.now())
    log.info("planning_done", run=str(claim.run_id), placed=outcome.progress.score.placed)


class _Teller:
    """Writes the progress of a search, when it is worth a write."""

    def __init__(self, claim: RunClaim) -> None:
        self._claim = claim
        self._told_s = -TELL_S

    def listen(self, progress: Progress) -> bool:
        """Tell where the search is, at most once a second, and say whether to go on."""
        if progress.seconds - self._told_s < TELL_S:
            return True
        self._told_s = progress.seconds
        with unit_of_work():
            return planning.advance_run(self._claim, progress, now=clock.now())
