"""Numbers that are too well known only because one question lies within another."""

import numpy as np
import pytest

from prevention.indicators.linked import Bound, Linked, Target, Within, search
from prevention.indicators.linked.nearby import without_nearby

OUTER, INNER = 0, 1
# One pupil of the first group said yes to both questions; how many did to the inner one must stay open by four.
TARGET = Target(quantity=INNER, atoms=np.array([0]), width=4.0, open_width=4.0)


def district() -> Linked:
    """Three groups of thirty pupils, and two questions of which one lies within the other."""
    return Linked(
        capacity=np.full((2, 3), 30.0),
        truth=np.array([[1.0, 10.0, 10.0], [1.0, 5.0, 5.0]]),
        within=[Within(inner=INNER, outer=OUTER, slack=np.zeros(3))],
    )


def published(*outer: int) -> list[Bound]:
    """The inner question of all groups together, and the outer one of some, to the pupil."""
    total = 1.0 + 10.0 * (len(outer) - 1)
    return [
        Bound(figure=0, quantity=OUTER, atoms=np.array(outer), low=total, high=total),
        Bound(figure=1, quantity=INNER, atoms=np.array([0, 1, 2]), low=11.0, high=11.0),
    ]


@pytest.fixture(params=[0, search.FEW_COLUMNS], ids=["part by part", "at once"])
def _any_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "FEW_COLUMNS", request.param)


@pytest.mark.usefixtures("_any_size")
def test_a_number_that_only_the_other_question_tells_is_found() -> None:
    [leak] = district().leaks([TARGET], published(0))

    assert (pytest.approx(0.0, abs=1e-5), pytest.approx(1.0, abs=1e-5)) == (leak.low, leak.high)
    assert 0 in leak.figures


@pytest.mark.usefixtures("_any_size")
def test_a_number_is_open_where_pupils_of_other_groups_can_take_its_place() -> None:
    assert [] == district().leaks([TARGET], published(0, 1))


def test_moving_a_few_groups_settles_what_is_open_and_nothing_else() -> None:
    assert [] == without_nearby(district(), [TARGET], published(0, 1))
    assert [TARGET] == without_nearby(district(), [TARGET], published(0))
