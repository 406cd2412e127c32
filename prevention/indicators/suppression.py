"""Which published numbers must say less, so that nothing hidden can be worked out: the least loss. Pure.

Every published number can say less step by step (a whole percent, a multiple of five, nothing), and each step has a
cost. A leak (`linked`) names the numbers that make it; unless one of those says less than now, the leak stays, whatever
the others do. That is a covering constraint, and the cheapest choice that satisfies all that were found is a small
integer programme (HiGHS). Choose, look for leaks, choose what stops those too, until none leaks. (Fischetti & Salazar,
JASA 95 (2000) 916-928, solve suppression by such cuts; the scheme of probing and covering is the implicit hitting set:
Moreno-Centeno & Karp, Oper. Res. 61 (2013) 453-468.)

A step that was taken stays taken. To choose all of them anew from all cuts in every round would come a little closer to
the least loss, but what was found open would have to be looked at again in every round. The promise is kept either way:
the search for leaks alone gives it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from prevention.indicators.solver import Rows, cheapest_choice

# No release needs so many; a loop that does has a bug, and must not hang.
_MOST_ROUNDS = 2_000
# How far from the cheapest choice the integer programme may stop, and after how many branches it does.
_GAP = 0.02
_BRANCHES = 50

# Figure -> how many steps less it says.
Levels = Mapping[int, int]
# Steps of which at least one must be taken: figure, and the step.
Cut = frozenset[tuple[int, int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Steps:
    """The cost of each step of a figure, from saying a little less to saying nothing; each is on top of the former."""

    costs: tuple[float, ...]

    @property
    def last(self) -> int:
        """The step at which nothing is said."""
        return len(self.costs)


def least_loss(
    steps: Mapping[int, Steps],
    *,
    follows: Sequence[tuple[int, int]],
    find_cuts: Callable[[Levels], Sequence[Cut]],
) -> dict[int, int]:
    """Choose how much less each figure says.

    Args:
        steps: the figures that can say less.
        follows: (figure, other): when the figure says nothing, the other says nothing either.
        find_cuts: looks for leaks at some levels; gives for each the steps of which one must be taken.

    Raises:
        ArithmeticError: the cuts never end, or cannot be satisfied.
    """
    master = _Master(steps, follows)
    levels = dict.fromkeys(steps, 0)
    for _round in range(_MOST_ROUNDS):
        new = [cut for cut in dict.fromkeys(find_cuts(levels)) if cut]
        if not new:
            return levels
        levels = master.solve(new, levels)
    raise ArithmeticError("suppression does not come to an end")


class _Master:
    def __init__(self, steps: Mapping[int, Steps], follows: Sequence[tuple[int, int]]) -> None:
        self.steps = steps
        self.index = {
            (figure, step): number
            for number, (figure, step) in enumerate(
                (figure, step) for figure, one in steps.items() for step in range(1, one.last + 1)
            )
        }
        self.costs = np.array([steps[figure].costs[step - 1] for figure, step in self.index])
        self.followers: dict[int, list[int]] = {}
        for figure, other in follows:
            if figure in steps and other in steps:
                self.followers.setdefault(figure, []).append(other)
        # A step is taken after the one before it; who follows says nothing when the other does.
        pairs = [(self.index[figure, step - 1], self.index[figure, step]) for figure, step in self.index if step > 1]
        pairs += [
            (self.index[other, steps[other].last], self.index[figure, steps[figure].last])
            for figure, others in self.followers.items()
            for other in others
        ]
        self.order = Rows.of([(pair, (1.0, -1.0)) for pair in pairs])

    def solve(self, cuts: Sequence[Cut], levels: Levels) -> dict[int, int]:
        """Choose the steps that satisfy some cuts besides those taken, near the least cost."""
        if len(cuts) == 1:
            # One leak: the cheapest of its steps, with all that this brings along.
            choices = [self._with(figure, step, levels) for figure, step in sorted(cuts[0])]
            return min(choices, key=lambda choice: self._cost(choice, levels))
        cover = Rows.of([([self.index[step] for step in sorted(cut)], np.ones(len(cut))) for cut in cuts])
        taken = cheapest_choice(
            self.costs,
            cover + self.order,
            np.concatenate([np.ones(cover.count), np.zeros(self.order.count)]),
            taken=np.array([levels[figure] >= step for figure, step in self.index]),
            gap=_GAP,
            most_branches=_BRANCHES,
        )
        if taken is None:
            # Nothing found within the bounds: to say nothing at all keeps every promise.
            return {figure: one.last for figure, one in self.steps.items()}
        return {
            figure: sum(bool(taken[self.index[figure, step]]) for step in range(1, one.last + 1))
            for figure, one in self.steps.items()
        }

    def _with(self, figure: int, step: int, levels: Levels) -> dict[int, int]:
        """Take one more step; where it is the last, those that follow say nothing either."""
        found = dict(levels)
        found[figure] = max(found[figure], step)
        waiting = [figure] if found[figure] == self.steps[figure].last else []
        while waiting:
            for other in self.followers.get(waiting.pop(), ()):
                if found[other] < self.steps[other].last:
                    found[other] = self.steps[other].last
                    waiting.append(other)
        return found

    def _cost(self, choice: Levels, levels: Levels) -> float:
        return sum(sum(self.steps[figure].costs[levels[figure] : level]) for figure, level in choice.items())
