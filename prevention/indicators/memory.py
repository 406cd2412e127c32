"""What earlier releases of a wave say, for the gate to reckon with. Pure.

Whoever reads a new table also holds those before it: of other filters, of a corrected seal, for others. All of
them are sums over the same pupils, so each earlier number becomes a bound over the atoms that it is about; what was
hidden then must stay hidden now; and where an earlier group and a new one lie one within the other, what lies between
them is a group like any other, which subtraction lays bare, and is judged like any other. (Other waves are other
answers: nothing can be subtracted from them.)

How strict this is depends on why something new comes out. A correction cannot but differ by those it is about: there
the interval of possible values decides (`linked`). A table that somebody merely wishes for is refused as soon as it
differs from an earlier one by a group that may not be shown, however coarsely both are rounded: many such tables would
add up to the number itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prevention.indicators.catalogue import Indicator
from prevention.indicators.crossings import CubeKey, key_text, limits_of, rows_of_cells
from prevention.indicators.disclosure import Past
from prevention.indicators.domains import Domain, Key, atoms_of, domain_tree
from prevention.indicators.engine import ClassTotals
from prevention.indicators.estimates import Floats, Indices
from prevention.indicators.linked import Bound, Target, Within
from prevention.indicators.policy import Policy, read_off
from prevention.indicators.populations import Population
from prevention.indicators.published import Dimension, Measure, PublishedCell, PublishedTable, Reason
from prevention.indicators.thresholds import Group, Show, by_itself

# What lies between two groups has no name of its own.
_BETWEEN: Key = (Dimension.GRADE, "between")


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """Tables that came out together, and whose answers they are about."""

    population: Population
    tables: tuple[PublishedTable, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Between:
    """A new group and an earlier one between which too few pupils lie."""

    key: Key
    table: PublishedTable
    cell: PublishedCell


class Memory:
    """All earlier releases of a wave beside a new population, over common atoms.

    Args:
        totals: of the wave's first sealed file, with what was discarded.
        new: whose answers the new tables are about.
        releases: what is out already.
        is_strict: refuse what differs too little, instead of weighing it.
    """

    def __init__(
        self,
        totals: ClassTotals,
        *,
        new: Population,
        releases: Sequence[Release] = (),
        policy: Policy,
        is_strict: bool = False,
    ) -> None:
        self.totals = totals
        self.releases = releases
        self.policy = policy
        self.is_strict = is_strict
        populations = dict.fromkeys([new, *(one.population for one in releases)])
        self._rows = {population: self._rows_of(population) for population in populations}
        marks = list(zip(*(rows.tolist() for rows in self._rows.values()), strict=True))
        self.atoms = atoms_of(totals, marks)
        self.new = new
        self._trees: dict[tuple[Population, tuple[str, ...]], tuple[Domain, ...]] = {}
        self._cells: dict[tuple[Population, tuple[str, ...]], dict[CubeKey, Indices]] = {}
        self.between: list[Between] = []

    def tree(self, levels: tuple[str, ...], population: Population | None = None) -> tuple[Domain, ...]:
        """Give the tree of the new population, or of an earlier one; built once."""
        population = population or self.new
        key = (population, levels)
        if key not in self._trees:
            rows = self._rows[population]
            self._trees[key] = domain_tree(self.totals, levels=levels, inside=rows, atoms=self.atoms)
        return self._trees[key]

    def cells(self, levels: tuple[str, ...], population: Population | None = None) -> dict[CubeKey, Indices]:
        """Give the rows of the totals of each crossing of the new population, or of an earlier one; sought once."""
        population = population or self.new
        key = (population, levels)
        if key not in self._cells:
            self._cells[key] = rows_of_cells(self.totals, self._rows[population], levels)
        return self._cells[key]

    def within(self, sums: Sequence["Sums"], pairs: Sequence[tuple[int, int]]) -> tuple[Within, ...]:
        """Say which indicators lie within which, by atom; `pairs` are places in `sums`."""
        records = np.bincount(self.atoms, weights=self.totals.records)
        return tuple(
            Within(
                inner=inner,
                outer=outer,
                slack=np.maximum(np.maximum(records - sums[outer].n, sums[inner].total - sums[outer].total), 0),
            )
            for inner, outer in pairs
        )

    def _groups_of(self, release: "Release", indicator: Indicator) -> dict[Key, tuple[int, ...]]:
        """Give the atoms of every group that the tables of a release may have a cell for."""
        found = {one.key: one.atoms for one in self.tree(indicator.levels, release.population)}
        if any(one.dimension is Dimension.CUBE and one.indicator_id == indicator.id for one in release.tables):
            for key, rows in self.cells(indicator.levels, release.population).items():
                found[Dimension.CUBE, key_text(key)] = tuple(int(atom) for atom in np.unique(self.atoms[rows]))
        return found

    def past_of(self, indicators: Sequence[Indicator], groups: Sequence[Sequence[Group]]) -> Past:
        """Say what the gate must know of some linked indicators; `groups` are the new ones of each."""
        bounds: tuple[list[Bound], list[Bound]] = ([], [])
        targets: tuple[list[Target], list[Target]] = ([], [])
        refused: set[tuple[int, Key]] = set()
        for place, indicator in enumerate(indicators):
            sums = Sums.of(self, indicator)
            for release in self.releases:
                tree = self.tree(indicator.levels, release.population)
                # The total of all comes first.
                schools = len({self.totals.classes[index].site_code for index in tree[0].classes}) if tree else 0
                for table, cell, group in _cells_of(release, indicator, sums, self._groups_of(release, indicator)):
                    for is_staff in (False, True):
                        if table.dimension is Dimension.SCHOOL and not is_staff:
                            continue
                        if cell.shown:
                            bounds[is_staff].append(self._bound(place, indicator, table, cell, group))
                        targets[is_staff].extend(sums.targets(place, group, schools=schools, is_staff=is_staff))
                    if cell.shown:
                        refused |= self._weigh(place, sums, groups[place], group, targets, table=table, cell=cell)
        return Past(
            bounds=(tuple(bounds[0]), tuple(bounds[1])),
            # Many pairs of groups have the same between them.
            targets=(_distinct(targets[0]), _distinct(targets[1])),
            refused=frozenset(refused),
        )

    def _weigh(
        self,
        place: int,
        sums: "Sums",
        new: Sequence[Group],
        earlier: Group,
        targets: tuple[list[Target], list[Target]],
        *,
        table: PublishedTable,
        cell: PublishedCell,
    ) -> set[tuple[int, Key]]:
        """Look at what lies between an earlier group and each new one; give those that must not be shown."""
        refused = set()
        old = frozenset(earlier.atoms)
        for group in new:
            mine = frozenset(group.atoms)
            if not (mine < old or old < mine):
                continue
            between = sums.group(_BETWEEN, tuple(sorted(mine ^ old)))
            show, reason = by_itself(between, is_percent=True, schools=1, policy=self.policy)
            if between.n == 0 or show is Show.NUMBER:
                continue
            if self.is_strict and reason in (Reason.FEW_ANSWERS, Reason.ONE_CLASS):
                refused.add((place, group.key))
                self.between.append(Between(key=group.key, table=table, cell=cell))
            for is_staff in (False, True):
                if Dimension.SCHOOL in (group.key[0], table.dimension) and not is_staff:
                    continue
                targets[is_staff].extend(sums.targets(place, between, schools=1, is_staff=is_staff))
        return refused

    def _bound(
        self, place: int, indicator: Indicator, table: PublishedTable, cell: PublishedCell, group: Group
    ) -> Bound:
        few = self.policy.small_number - 1
        if table.dimension is Dimension.CUBE and cell.share is not None:
            step = self.policy.step(indicator.measure, indicator.scale).fine
            low, high = limits_of(cell.share, group.n, step=step, most=self.policy.cube.most)
        elif cell.text is not None:
            is_bottom = cell.text.startswith("<")
            low, high = (0.0, float(few)) if is_bottom else (float(max(group.n - few, 0)), float(group.n))
        else:
            low, high = self._read(indicator, table, cell, group.n)
        # What was published is true, up to dust; a catalogue that counts otherwise now must not make it impossible.
        return Bound(
            figure=-1,
            quantity=place,
            atoms=np.array(group.atoms, dtype=np.int64),
            low=min(low, group.total),
            high=max(min(high, group.n), group.total),
        )

    def _read(self, indicator: Indicator, table: PublishedTable, cell: PublishedCell, n: int) -> tuple[float, float]:
        scale_low, scale_high = table.scale
        span = scale_high - scale_low
        step = self.policy.step(indicator.measure, indicator.scale)
        grain = cell.step / span if cell.step else (step.coarse if n < self.policy.small_group else step.fine)
        if cell.share is None:
            return 0.0, float(n)
        interval = None
        if cell.low is not None and cell.high is not None:
            interval = (cell.low - scale_low) / span, (cell.high - scale_low) / span
        return read_off(
            n=n,
            share=(cell.share - scale_low) / span,
            interval=interval,
            step=grain,
            is_logit=table.measure is Measure.PERCENT,
        )

    def _rows_of(self, population: Population) -> NDArray[np.bool_]:
        return np.array(
            [
                population.holds(self.totals.classes[index], broken)
                for index, broken in zip(
                    self.totals.class_index, self.totals.broken or [""] * len(self.totals.sex), strict=True
                )
            ],
            dtype=bool,
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Sums:
    """One indicator by atom; beside that, per row of the totals with a valid answer, its atom and its class."""

    memory: Memory
    is_percent: bool
    n: Floats
    total: Floats
    row_atoms: Indices
    row_classes: Indices

    @classmethod
    def of(cls, memory: Memory, indicator: Indicator) -> "Sums":
        """Add an indicator up by the atoms of a memory."""
        totals, atoms = memory.totals, memory.atoms
        sums = totals.sums[indicator.id]
        low, high = indicator.scale
        n, value = (np.bincount(atoms, weights=some).astype(np.float64) for some in (sums.n, sums.value))
        answered = sums.n > 0
        return cls(
            memory=memory,
            is_percent=indicator.measure is Measure.PERCENT,
            n=n,
            total=np.clip((value - low * n) / (high - low), 0.0, n),
            row_atoms=atoms[answered],
            row_classes=totals.class_index[answered],
        )

    def group(self, key: Key, atoms: tuple[int, ...]) -> Group:
        """Give some atoms as a group."""
        places: Indices = np.array(atoms, dtype=np.int64)
        is_mine = np.zeros(len(self.n), dtype=bool)
        is_mine[places] = True
        classes = np.unique(self.row_classes[is_mine[self.row_atoms]])
        return Group(
            key=key,
            parent=None,
            n=int(self.n[places].sum()),
            total=float(self.total[places].sum()),
            classes=len(classes),
            schools=len({self.memory.totals.classes[index].site_code for index in classes}),
            atoms=atoms,
        )

    def targets(self, place: int, group: Group, *, schools: int, is_staff: bool) -> list[Target]:
        """Say what of a group must stay open for a reader: one target, or none where its number may be shown."""
        policy = self.memory.policy
        show, reason = by_itself(group, is_percent=self.is_percent, schools=schools, policy=policy)
        # As in the gate: staff see all that the public sees, but what is kept from the public alone.
        if show is Show.NUMBER or (reason is Reason.ONE_SCHOOL) == is_staff:
            return []
        width = float(policy.recovery_values - 1)
        return [
            Target(
                quantity=place,
                atoms=np.array(group.atoms, dtype=np.int64),
                width=width,
                open_width=policy.recovery_share * group.n if show is Show.NOTHING else width,
            )
        ]


def _distinct(targets: Sequence[Target]) -> tuple[Target, ...]:
    return tuple({one.name: one for one in targets}.values())


def _cells_of(
    release: Release, indicator: Indicator, sums: Sums, groups: Mapping[Key, tuple[int, ...]]
) -> Iterator[tuple[PublishedTable, PublishedCell, Group]]:
    for table in release.tables:
        if table.indicator_id != indicator.id:
            continue
        for cell in table.cells:
            key = (table.dimension, cell.domain)
            if key in groups:
                yield table, cell, sums.group(key, groups[key])
