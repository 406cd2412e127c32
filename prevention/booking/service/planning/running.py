"""What the process that holds a run writes to it, in short transactions."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select

from prevention.booking.plan_models import PlannedMeeting, PlanningRun, UnplacedRequest
from prevention.booking.plan_rules import (
    LEASE,
    MOST_ATTEMPTS,
    PlanningProblem,
    PlanningStatus,
    RunLost,
    WaitReason,
)
from prevention.booking.plan_values import Plan, Problem
from prevention.booking.planner import Outcome, Progress
from prevention.booking.service.plan_problem import problem_for
from prevention.booking.service.plan_times import moment_of
from prevention.core.claims import Taken, WorkQueue
from prevention.core.db import db


@dataclass(frozen=True, kw_only=True, slots=True)
class RunClaim:
    """What a process that took a run needs."""

    taken: Taken
    seed: int
    seconds: int
    problem: Problem

    @property
    def run_id(self) -> uuid.UUID:
        """The run."""
        return self.taken.id


_QUEUE = WorkQueue(
    model=PlanningRun,
    state=PlanningRun.status,
    waiting=PlanningStatus.QUEUED,
    running=PlanningStatus.RUNNING,
    since=PlanningRun.requested_at,
    lease=LEASE,
    most_attempts=MOST_ATTEMPTS,
    give_up={"status": PlanningStatus.FAILED, "problem": PlanningProblem.INTERRUPTED},
)


def claim_next_run(now: datetime) -> RunClaim | None:
    """Take the oldest run that waits, or whose process died, for this process alone; None when there is none.

    A run that was tried `MOST_ATTEMPTS` times is given up on the way.
    """
    taken = _QUEUE.take(
        now, began={"started_at": now, "finished_at": None, "progress": 0}, given_up={"finished_at": now}
    )
    if taken is None:
        return None
    run = db.session.get_one(PlanningRun, taken.id, populate_existing=True)
    return RunClaim(taken=taken, seed=run.seed, seconds=run.seconds, problem=problem_for(run))


def advance_run(claim: RunClaim, progress: Progress, *, now: datetime) -> bool:
    """Say how far a run is, hold it for another `LEASE`, and give whether it shall go on.

    Raises:
        RunLost: another process has it now.
    """
    share = min(99, int(100 * progress.seconds / max(1, claim.seconds)))
    _write(claim, progress=share, leased_until=now + LEASE, **_figures(progress))
    return not db.session.scalar(select(PlanningRun.wants_stop).where(PlanningRun.id == claim.run_id))


def finish_run(claim: RunClaim, outcome: Outcome, reasons: dict[int, tuple[WaitReason, ...]], *, now: datetime) -> None:
    """Put a plan in place of the one that the run held, and end the run.

    Raises:
        RunLost: another process has the run now; nothing was written.
    """
    _write(
        claim,
        status=PlanningStatus.DONE,
        progress=100,
        finished_at=now,
        claim=None,
        leased_until=None,
        asked=outcome.progress.requests,
        **_figures(outcome.progress),
    )
    replace_plan(claim.run_id, outcome.plan)
    waiting = [
        {
            "id": uuid.uuid4(),
            "run_id": claim.run_id,
            "booking_id": claim.problem.requests[r].id,
            "reasons": [name.value for name in names],
        }
        for r, names in sorted(reasons.items())
    ]
    db.session.execute(delete(UnplacedRequest).where(UnplacedRequest.run_id == claim.run_id))
    if waiting:
        db.session.execute(insert(UnplacedRequest), waiting)


def fail_run(claim: RunClaim, problem: PlanningProblem, *, now: datetime) -> None:
    """End a run that could not be planned; nothing happens when another process has it now."""
    try:
        _write(claim, status=PlanningStatus.FAILED, problem=problem, finished_at=now, claim=None, leased_until=None)
    except RunLost:
        return


def replace_plan(run_id: uuid.UUID, plan: Plan) -> None:
    """Write a plan over the one that a run holds."""
    db.session.execute(delete(PlannedMeeting).where(PlannedMeeting.run_id == run_id))
    rows = [
        {
            "id": uuid.uuid4(),
            "run_id": run_id,
            "booking_id": meeting.request,
            "number": meeting.number,
            "facilitator_id": meeting.facilitator,
            "room_id": meeting.room,
            "starts_at": moment_of(meeting.stretch.day, meeting.stretch.starts),
            "ends_at": moment_of(meeting.stretch.day, meeting.stretch.ends),
            "is_locked": meeting.is_locked,
            "is_told": True,
        }
        for meeting in plan.meetings
    ]
    if rows:
        db.session.execute(insert(PlannedMeeting), rows)


def _figures(progress: Progress) -> dict[str, Any]:
    score = progress.score
    return {
        "repairs": progress.repairs,
        "placed": score.placed,
        "changed": score.changed,
        "trip_minutes": score.trip_minutes,
        "smallest_share": score.smallest_share_per_mille,
        "gap": progress.gap,
    }


def _write(claim: RunClaim, /, **values: Any) -> None:
    if not _QUEUE.write(claim.taken, values):
        raise RunLost(claim.run_id)
