"""The models for CP-SAT that are written without its comfortable layer: each kind of constraint, and what it spares."""

import subprocess
import sys
from itertools import product

import pytest

from prevention.booking.planner.sat import Model
from prevention.config import ROOT


def best(values: list[int], weights: list[int], room: int) -> int:
    """Try all ways to pack."""
    ways = product((0, 1), repeat=len(values))
    fitting = [way for way in ways if sum(w * take for w, take in zip(weights, way, strict=True)) <= room]
    return max(sum(v * take for v, take in zip(values, way, strict=True)) for way in fitting)


def test_a_knapsack_is_packed_as_well_as_by_trying_everything() -> None:
    values, weights = [9, 11, 13, 15, 8, 6], [3, 4, 5, 6, 2, 3]
    model = Model()
    taken = [model.boolean() for _ in values]
    model.at_most(list(zip(taken, weights, strict=True)), 11)
    # The same variable twice in the sum counts twice.
    model.maximise(
        [(each, value - 1) for each, value in zip(taken, values, strict=True)] + [(each, 1) for each in taken]
    )

    found = model.solve(seed=1, work=1.0)

    assert found is not None
    assert best(values, weights, 11) == sum(v * found[each] for each, v in zip(taken, values, strict=True))


def test_each_kind_of_constraint_binds() -> None:
    model = Model()
    a, b, c = (model.boolean() for _ in range(3))
    number = model.whole_number(2, 9)
    model.at_most_one([a, b])
    model.at_least_one([~a, c])
    model.at_least([(c, -10), (number, 1)], -3)
    model.hint(a, value=True)
    model.maximise([(a, 5), (b, 4), (c, -1), (number, -1)])

    # With a there must be c, and with c a number of at least 7: b alone is worth more.
    assert [0, 1, 0, 2] == model.solve(seed=1, work=1.0)


def test_what_cannot_be_gives_nothing() -> None:
    model = Model()
    only = model.boolean()
    model.at_least_one([only])
    model.at_most([(only, 1)], 0)

    assert model.solve(seed=1, work=1.0) is None


@pytest.mark.parametrize("unused", ["pandas"])
def test_a_process_that_plans_does_not_load_what_it_does_not_use(unused: str) -> None:
    program = (
        "import sys; from prevention.booking.planner import Budget, solve;"
        "from prevention.booking.sample_year import Size, sample_year;"
        "problem = sample_year(Size(requests=4, facilitators=2, sites=2, municipalities=1)).problem;"
        "made = solve(problem, seed=1, budget=Budget(repairs=1));"
        "print(made.progress.repairs, 'ortools' in sys.modules, sys.argv[1] in sys.modules)"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program, unused], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "1 True False" == ended.stdout.strip()
