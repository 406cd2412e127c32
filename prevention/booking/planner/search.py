"""The whole search: the plan before, a greedy start, ejection chains for what waits, then repair after repair.

It ends when the budget is used up. A round of chains counts as one repair.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from prevention.booking.plan_values import Plan, Problem
from prevention.booking.planner import greedy
from prevention.booking.planner.bound import gap, upper_bound
from prevention.booking.planner.chains import Chains
from prevention.booking.planner.compiled import compile_problem
from prevention.booking.planner.neighbourhoods import Chooser
from prevention.booking.planner.repair import Effort, repair
from prevention.booking.planner.state import State
from prevention.booking.planner.weights import Score

# Requests freed by one repair; fewer once all are placed and only ways are left to save: such repairs are solved in a
# third of the time, and more of them save more.
REPAIR_SIZE = 35
SIZE_WHEN_PLACED = 25


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """When to stop: after so many seconds, or repairs, or both; whatever comes first."""

    seconds: float | None = None
    repairs: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """Where the search is: seconds since it began, repairs done, what the plan is worth, and the bound."""

    seconds: float
    repairs: int
    score: Score
    bound: int
    requests: int

    @property
    def gap(self) -> float:
        """How far the plan may be from the best one, as a share of the bound."""
        return gap(self.score.total, self.bound)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """A plan that keeps all rules, and where the search ended."""

    plan: Plan
    progress: Progress


# Told after each step; says whether to go on.
Listener = Callable[[Progress], bool]


def solve(
    problem: Problem,
    *,
    seed: int,
    budget: Budget,
    effort: Effort | None = None,
    size: int = REPAIR_SIZE,
    listener: Listener = lambda _progress: True,
) -> Outcome:
    """Plan a year.

    The same problem, seed and number of repairs give the same plan on any machine. A limit in seconds does not: a
    faster machine gets further along the same way.
    """
    began = time.monotonic()
    rng = Random(seed)  # noqa: S311  # to be the same again, not to be secret
    compiled = compile_problem(problem)
    bound = upper_bound(compiled)
    state = State(compiled)
    greedy.keep_before(state)
    greedy.fill(state)
    chooser, chains = Chooser(), Chains(state)
    effort = effort or Effort()
    repairs, score = 0, state.score()
    while True:
        progress = Progress(
            seconds=time.monotonic() - began,
            repairs=repairs,
            score=score,
            bound=bound,
            requests=len(problem.requests),
        )
        if not listener(progress) or _is_used_up(budget, progress):
            return Outcome(plan=state.plan(), progress=progress)
        is_placed = progress.score.placed == len(problem.requests)
        if not is_placed and chains.is_worthwhile:
            chains.go_on(state, rng)
            repairs, score = repairs + 1, state.score()
            continue
        freed, leaders = chooser.draw(state, min(size, SIZE_WHEN_PLACED) if is_placed else size, rng)
        repair(state, freed, leaders, rng=rng, effort=effort)
        repairs, before, score = repairs + 1, score, state.score()
        chooser.learn(score.total - before.total)


def _is_used_up(budget: Budget, progress: Progress) -> bool:
    return (
        (budget.seconds is not None and progress.seconds >= budget.seconds)
        or (budget.repairs is not None and progress.repairs >= budget.repairs)
        or progress.score.total >= progress.bound
        or not progress.requests
    )
