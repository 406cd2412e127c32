"""The life of a planning run: asked for, claimed by one process, told of, stopped, ended; and what its page shows.

A run is a row (`core.claims`): whoever holds its claim writes to it; a process that dies leaves it to another one after
the lease.
"""

from prevention.booking.service.planning.asking import (
    days_to_plan,
    plan_again,
    planning_run_for,
    runs,
    start_planning,
    stop_planning,
    waiting_requests,
)
from prevention.booking.service.planning.reading import planned_meetings, unplaced_requests
from prevention.booking.service.planning.running import (
    RunClaim,
    advance_run,
    claim_next_run,
    fail_run,
    finish_run,
    replace_plan,
)

__all__ = [
    "RunClaim",
    "advance_run",
    "claim_next_run",
    "days_to_plan",
    "fail_run",
    "finish_run",
    "plan_again",
    "planned_meetings",
    "planning_run_for",
    "replace_plan",
    "runs",
    "start_planning",
    "stop_planning",
    "unplaced_requests",
    "waiting_requests",
]
