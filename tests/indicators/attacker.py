"""An attacker: somebody who holds every published number and knows how many pupils of each group answered.

Written apart from the code it attacks: it reads rounded numbers its own way and hands all of it to a linear programme.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from prevention.indicators.disclosure import Group, Show, Verdict
from prevention.indicators.domains import Key
from prevention.indicators.published import Dimension


@dataclass(frozen=True, kw_only=True, slots=True)
class Attack:
    """All equations and published numbers of one indicator, as seen by the public or by staff."""

    groups: Mapping[Key, Group]
    verdicts: Mapping[Key, Verdict]
    is_public: bool
    is_percent: bool = True

    def feasible_total(self, keys: Iterable[Key]) -> tuple[float, float]:
        """Give the smallest and largest sum of totals of some groups that nothing published contradicts."""
        return self._solve(set(keys), {key: self._read_total(key) for key in self.groups})

    def feasible_count(self, key: Key) -> tuple[float, float]:
        """Give the fewest and most valid answers that a group can have."""
        return self._solve({key}, {other: self._read_count(other) for other in self.groups})

    def _is_shown(self, key: Key) -> bool:
        if self.is_public and key[0] is Dimension.SCHOOL:
            return False
        return self.verdicts[key].show is not Show.NOTHING

    def _read_total(self, key: Key) -> tuple[float, float]:
        n, verdict = self.groups[key].n, self.verdicts[key]
        if not self._is_shown(key):
            return 0, n
        if verdict.show is Show.BOTTOM:
            return 0, min(4, n)
        if verdict.show is Show.TOP:
            return max(0, n - 4), n
        step = verdict.step
        percent = np.floor(self.groups[key].total / n / step + 0.5 + 1e-9) * step
        return max(0.0, (percent - step / 2) * n), min(n, (percent + step / 2) * n)

    def _read_count(self, key: Key) -> tuple[float, float]:
        n = self.groups[key].n
        if self._is_shown(key):
            return (max(0, n - 5), n + 4) if self.verdicts[key].rounds_count else (n, n)
        return 0, 9 if n < 10 else 1e6

    def _solve(self, target: set[Key], read: Mapping[Key, tuple[float, float]]) -> tuple[float, float]:
        keys = list(self.groups)
        index = {key: number for number, key in enumerate(keys)}
        rows = []
        for whole, parts in splits_of(self.groups.values()):
            row = np.zeros(len(keys))
            row[index[whole]] = -1
            row[[index[part] for part in parts]] = 1
            rows.append(row)
        cost = np.array([1.0 if key in target else 0.0 for key in keys])
        bounds = [read[key] for key in keys]
        equations = np.array(rows).reshape(-1, len(keys))
        ends = []
        for sign in (1, -1):
            solved = linprog(sign * cost, A_eq=equations, b_eq=np.zeros(len(rows)), bounds=bounds)
            assert solved.fun is not None, solved.message
            ends.append(sign * float(solved.fun))
        return ends[0], ends[1]


def splits_of(groups: Iterable[Group]) -> Sequence[tuple[Key, list[Key]]]:
    """List (group, its parts) for each way in which a group is split."""
    found: dict[tuple[Key, Dimension], list[Key]] = {}
    for group in groups:
        if group.parent is not None:
            found.setdefault((group.parent, group.key[0]), []).append(group.key)
    return [(whole, parts) for (whole, _dimension), parts in found.items()]
