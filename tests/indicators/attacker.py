"""An attacker: somebody who holds every published number and knows how many pupils of each small group answered.

Written apart from the code it attacks: it reads rounded numbers its own way, writes an equation for each, and hands it
all to a linear programme. Unknown are the totals of the smallest groups that anything published tells apart
(*atoms*), one per thing asked; known are their sizes, because enrolments are public.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from prevention.indicators.disclosure import Group, Show, Verdict
from prevention.indicators.domains import Key
from prevention.indicators.published import Dimension, PublishedCell

# Fewer than five, says the mask.
FEW = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A published number: of the thing asked, so many pupils of these atoms at least and at most."""

    asked: int
    atoms: frozenset[int]
    low: float
    high: float


@dataclass(kw_only=True, slots=True)
class Attack:
    """What is known: per thing asked, the size of each atom; what was published; and which thing implies which.

    `implies`: (one, other, so many may contradict per atom): whoever says yes to the one says yes to the other.
    """

    sizes: Sequence[Sequence[float]]
    implies: Sequence[tuple[int, int, Sequence[float]]] = ()
    claims: list[Claim] = field(default_factory=list)
    _known: tuple[int, NDArray[np.float64], NDArray[np.float64]] | None = field(default=None, init=False)
    # Answers that agree with all that is known, found on the way: each is one more that might be the truth.
    _possible: list[NDArray[np.float64]] = field(default_factory=list, init=False)

    def read_verdicts(
        self, asked: int, groups: Mapping[Key, Group], verdicts: Mapping[Key, Verdict], *, is_public: bool
    ) -> None:
        """Take in what the gate lets out of one thing asked."""
        for key, verdict in verdicts.items():
            if verdict.show is Show.NOTHING or (is_public and key[0] is Dimension.SCHOOL):
                continue
            group = groups[key]
            n = sum(self.sizes[asked][atom] for atom in group.atoms)
            if verdict.show is Show.BOTTOM:
                low, high = 0.0, min(FEW, n)
            elif verdict.show is Show.TOP:
                low, high = max(0.0, n - FEW), n
            else:
                rounded = np.floor(group.total / group.n / verdict.step + 0.5 + 1e-9) * verdict.step
                low, high = max(0.0, (rounded - verdict.step / 2) * n), min(n, (rounded + verdict.step / 2) * n)
            self.claims.append(Claim(asked=asked, atoms=frozenset(group.atoms), low=low, high=high))

    def read_cell(self, asked: int, cell: PublishedCell, atoms: Iterable[int]) -> None:
        """Take in one cell of a published table about a share."""
        if not cell.shown:
            return
        atoms = frozenset(atoms)
        n = sum(self.sizes[asked][atom] for atom in atoms)
        if cell.text is not None:
            low, high = (0.0, min(FEW, n)) if cell.text.startswith("<") else (max(0.0, n - FEW), n)
        else:
            assert cell.share is not None
            assert cell.step is not None
            low = max(0.0, (cell.share - cell.step / 2) * n)
            high = min(n, (cell.share + cell.step / 2) * n)
        self.claims.append(Claim(asked=asked, atoms=atoms, low=low, high=high))

    def claim(self, atoms: Iterable[int], low: float, high: float, *, asked: int = 0) -> None:
        """Take in a number that was published somewhere."""
        self.claims.append(Claim(asked=asked, atoms=frozenset(atoms), low=low, high=high))

    def feasible(self, asked: int, atoms: Iterable[int]) -> tuple[float, float]:
        """Give the fewest and most pupils of these atoms who can have said yes, by all that is known."""
        atoms = list(atoms)
        if not atoms:
            return 0.0, 0.0
        matrix, limits = self._inequalities()
        count = len(self.sizes[0])
        cost = np.zeros(len(self.sizes) * count)
        cost[[asked * count + atom for atom in atoms]] = 1
        box = [(0.0, float(size)) for sizes in self.sizes for size in sizes]
        ends = []
        for sign in (1, -1):
            solved = linprog(sign * cost, A_ub=matrix, b_ub=limits, bounds=box)
            assert solved.fun is not None, solved.message
            ends.append(sign * float(solved.fun))
            self._possible.append(np.asarray(solved.x))
        return ends[0], ends[1]

    def cannot_narrow(self, asked: int, atoms: Iterable[int], is_wide: Callable[[float, float], bool]) -> bool:
        """Say whether what is feasible of these atoms is wide: by answers found possible before, or else by all."""
        self._inequalities()
        atoms = list(atoms)
        count = len(self.sizes[0])
        sums = [float(point[[asked * count + atom for atom in atoms]].sum()) for point in self._possible]
        if sums and is_wide(min(sums), max(sums)):
            return True
        return is_wide(*self.feasible(asked, atoms))

    def _inequalities(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Write all that is known as inequalities; the same ones until something new is claimed."""
        if self._known is None or self._known[0] != len(self.claims):
            count = len(self.sizes[0])
            entries: list[tuple[int, int, float]] = []
            limits: list[float] = []
            for claim in self.claims:
                for sign, limit in ((1.0, claim.high), (-1.0, -claim.low)):
                    entries += [(len(limits), claim.asked * count + atom, sign) for atom in claim.atoms]
                    limits.append(limit + 1e-7)
            for one, other, excuse in self.implies:
                for atom in range(count):
                    entries += [(len(limits), one * count + atom, 1.0), (len(limits), other * count + atom, -1.0)]
                    limits.append(excuse[atom])
            matrix = np.zeros((len(limits), len(self.sizes) * count))
            for row, column, value in entries:
                matrix[row, column] = value
            self._known = len(self.claims), matrix, np.array(limits)
            self._possible.clear()
        return self._known[1:]


def as_wide_as(width: float, low: float, high: float) -> bool:
    """Say whether an interval is so wide, up to dust."""
    return high - low >= width - 1e-4


def splits_of(groups: Iterable[Group]) -> Sequence[tuple[Key, list[Key]]]:
    """List (group, its parts) for each way in which a group is split."""
    found: dict[tuple[Key, Dimension], list[Key]] = {}
    for group in groups:
        if group.parent is not None:
            found.setdefault((group.parent, group.key[0]), []).append(group.key)
    return [(whole, parts) for (whole, _dimension), parts in found.items()]
