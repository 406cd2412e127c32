"""Linear and integer programmes of the gate, beside another program's answers."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from prevention.indicators.solver import Programme, Rows, cheapest_choice


def margins(parts: int, each: int, rng: np.random.Generator) -> tuple[Rows, np.ndarray, np.ndarray]:
    """Make columns in blocks whose sums are known, and a solution of them."""
    truth = rng.integers(0, 9, size=parts * each).astype(np.float64)
    rows = Rows.of([(np.arange(part * each, (part + 1) * each), np.ones(each)) for part in range(parts)])
    rows += Rows.of([(np.arange(place, parts * each, each), np.ones(parts)) for place in range(each)])
    dense = np.zeros((rows.count, parts * each))
    for row in range(rows.count):
        dense[row, rows.columns[rows.starts[row] : rows.starts[row + 1]]] = 1
    return rows, dense, truth


@pytest.mark.parametrize(("parts", "each"), [(3, 4), (30, 75)])
def test_small_and_large_programmes_find_the_lowest_cost_again_and_again(parts: int, each: int) -> None:
    rng = np.random.default_rng(1)
    rows, dense, truth = margins(parts, each, rng)
    sums = dense @ truth
    width = len(truth)
    programme = Programme(rows, (sums - 2, sums + 2), (np.zeros(width), np.full(width, 9.0)))

    for slack in (2.0, 5.0):
        programme.limit(sums - slack, sums + slack)
        for _ in range(2):
            cost = (rng.random(width) < 0.1).astype(np.float64)
            value, point, weights = programme.lowest(cost)
            expected = linprog(
                cost, A_ub=np.vstack([dense, -dense]), b_ub=np.concatenate([sums + slack, slack - sums]), bounds=(0, 9)
            )
            assert value == pytest.approx(expected.fun, abs=1e-6)
            assert np.all(np.abs(dense @ point - sums) <= slack + 1e-6)
            assert len(weights) == rows.count


def test_numbers_that_contradict_each_other_have_no_solution() -> None:
    rows = Rows.of([((0, 1), (1.0, 1.0))])

    with pytest.raises(ArithmeticError):
        Programme(rows, (np.array([5.0]), np.array([6.0])), (np.zeros(2), np.ones(2))).lowest(np.ones(2))


def test_the_choice_is_near_the_cheapest_of_all() -> None:
    rng = np.random.default_rng(2)
    costs = rng.uniform(1, 5, size=10)
    cover = [rng.choice(10, size=3, replace=False) for _ in range(6)]
    taken = np.zeros(10, dtype=bool)
    taken[0] = True

    chosen = cheapest_choice(
        costs, Rows.of([(some, np.ones(3)) for some in cover]), np.ones(6), taken=taken, gap=0.0, most_branches=1_000
    )

    assert chosen is not None
    choices = (np.array(one, dtype=bool) for one in product((False, True), repeat=10) if one[0])
    best = min(costs[one].sum() for one in choices if all(one[some].any() for some in cover))
    assert chosen[0]
    assert costs[chosen].sum() == pytest.approx(best)
