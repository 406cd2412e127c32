"""How fast the year planner finds a plan for made-up districts, how good it is, and what memory it takes.

Run ``.venv/bin/python -m bench.planner``; ``--quick`` measures the reference district only. Each district is planned in
a process of its own, so that its peak of memory is its own (Linux). Printed: seconds to the first plan that keeps all
rules, to all classes placed, the gap to the bound of `planner.bound` after the time limit, peak memory (of which the
part that importing the application and the solver takes by itself), and what the independent check finds in the plan
(nothing, or the exit code is 1). Times are on the clock and, behind the stroke, of the processor: on a shared machine
the second one travels better.
"""

import argparse
import multiprocessing
import resource
import time
from dataclasses import dataclass

from prevention.booking.plan_check import check
from prevention.booking.plan_values import Problem
from prevention.booking.planner import Budget, Progress, solve
from prevention.booking.planner.bound import gap
from prevention.booking.planner.weights import FAIR_PER_MILLE, NEVER_REACHED, PER_MILLE, PLACED
from prevention.booking.sample_year import REFERENCE, Size, sample_year

LIMIT_S = 60.0
SEARCH_SEED = 7
# The district that the figures are about, the same with other seeds, and some that are larger or ask too much.
DISTRICTS = (
    ("reference", REFERENCE, 1),
    ("seed 2", REFERENCE, 2),
    ("seed 3", REFERENCE, 3),
    ("30 municipalities", Size(requests=300, facilitators=12, sites=40, municipalities=30), 4),
    ("9 facilitators", Size(requests=300, facilitators=9, sites=40, municipalities=15), 1),
    ("600 classes", Size(requests=600, facilitators=24, sites=80, municipalities=30), 1),
)


@dataclass(slots=True)
class Figures:
    """What one search showed; times are (on the clock, of the processor) in seconds."""

    imports_mib: float = 0.0
    first: tuple[float, float] | None = None
    all_placed: tuple[float, float] | None = None
    last: Progress | None = None
    wall_s: float = 0.0
    peak_mib: float = 0.0
    faults: int = 0
    plain_gap: float = 0.0


def measure(size: Size, seed: int, limit_s: float) -> Figures:
    """Plan one district."""
    figures = Figures(imports_mib=_peak_mib())
    problem = sample_year(size, seed=seed).problem
    began, began_cpu = time.perf_counter(), time.process_time()

    def note(progress: Progress) -> bool:
        now = (time.perf_counter() - began, time.process_time() - began_cpu)
        figures.first = figures.first or now
        if progress.score.placed == progress.requests:
            figures.all_placed = figures.all_placed or now
        return True

    outcome = solve(problem, seed=SEARCH_SEED, budget=Budget(seconds=limit_s), listener=note)
    figures.last, figures.wall_s = outcome.progress, time.perf_counter() - began
    figures.peak_mib = _peak_mib()
    figures.faults = len(check(problem, outcome.plan))
    figures.plain_gap = gap(outcome.progress.score.total, _everything(problem))
    return figures


def _everything(problem: Problem) -> int:
    """Give the plainest bound: all placed, no way at all."""
    requests = problem.requests
    return (
        PLACED * len(requests)
        + NEVER_REACHED * sum(request.is_never_reached for request in requests)
        + FAIR_PER_MILLE * PER_MILLE
    )


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Measure and print; 1 when a plan breaks a rule, or the reference district has no plan within a minute."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the reference district only")
    parser.add_argument("--seconds", type=float, default=LIMIT_S)
    given = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    is_wrong = False
    for name, size, seed in DISTRICTS[: 1 if given.quick else None]:
        with context.Pool(1) as pool:
            figures = pool.apply(measure, (size, seed, given.seconds))
        print(_line(name, figures), flush=True)
        is_late = name == "reference" and (figures.first is None or figures.first[0] > LIMIT_S)
        is_wrong = is_wrong or figures.faults > 0 or is_late
    return int(is_wrong)


def _line(name: str, figures: Figures) -> str:
    last = figures.last
    assert last is not None
    return (
        f"{name:<18} first plan {_times(figures.first)}; all placed {_times(figures.all_placed)}; "
        f"placed {last.score.placed}/{last.requests}, smallest share {last.score.smallest_share_per_mille / 10:.0f} %; "
        f"gap {100 * last.gap:.2f} % (to all placed without any way {100 * figures.plain_gap:.2f} %) after "
        f"{figures.wall_s:.0f} s and {last.repairs} repairs; peak {figures.peak_mib:.0f} MiB "
        f"(imports alone {figures.imports_mib:.0f}); the check finds {figures.faults}"
    )


def _times(pair: tuple[float, float] | None) -> str:
    return "never" if pair is None else f"{pair[0]:.1f} s/{pair[1]:.1f} s"


if __name__ == "__main__":
    raise SystemExit(main())
