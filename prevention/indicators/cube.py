"""The open-data cube: crossings that the usual tables do not show, each count perturbed by its cell key. Pure.

Who wants more than one thing at a time (girls of a kind of school, a grade of a kind of school) finds it here, for the
whole district. A cell comes out when it would be shown by itself, has as many answers as a crossing needs
(`policy.crossing`) and comes from two schools. Its share is that of the perturbed count (`cellkeys`), to the whole
percent; its answers are those of the records to the nearest ten, the same for every indicator.

The cube comes out after the tables and is weighed against all that is out: each perturbed share is a bound of its own,
`most` wider at each end, and where all bounds together leave a hidden number too narrow, the smallest cells that make
it so are left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from prevention.indicators.catalogue import Catalogue, Indicator
from prevention.indicators.cellkeys import noise_of
from prevention.indicators.crossings import CubeKey, key_text, limits_of
from prevention.indicators.implication import components, nested_pairs
from prevention.indicators.linked import Bound, Linked, Settled, Target
from prevention.indicators.memory import Memory, Sums
from prevention.indicators.policy import Policy, nearest
from prevention.indicators.published import Dimension, Measure
from prevention.indicators.thresholds import Group, Show, by_itself


@dataclass(frozen=True, kw_only=True, slots=True)
class CubeCell:
    """A cell that may come out: its key, records, and the perturbed share of one indicator."""

    key: CubeKey
    group: Group
    records: int
    share: float


def cube_of(memory: Memory, indicators: Sequence[Indicator], catalogue: Catalogue) -> dict[str, list[CubeCell]]:
    """Make the cube beside all that is out already, the usual tables of the same wave included; by indicator id."""
    percents = [one for one in indicators if one.measure is Measure.PERCENT and memory.tree(one.levels)]
    pairs = nested_pairs(percents, zero_if=catalogue.zero_if)
    cube: dict[str, list[CubeCell]] = {}
    for places in components(len(percents), pairs):
        linked = [percents[place] for place in places]
        within = [(places.index(inner), places.index(outer)) for inner, outer in pairs if inner in places]
        cube |= _component(memory, linked, within)
    return cube


def _component(
    memory: Memory, linked: Sequence[Indicator], within: Sequence[tuple[int, int]]
) -> dict[str, list[CubeCell]]:
    sums = [Sums.of(memory, one) for one in linked]
    cells: list[tuple[int, CubeCell]] = []
    targets: tuple[list[Target], list[Target]] = ([], [])
    for place, indicator in enumerate(linked):
        for cell, group in _cells(memory, indicator, sums[place]):
            if cell is not None:
                cells.append((place, cell))
            for is_staff in (False, True):
                targets[is_staff].extend(sums[place].targets(place, group, schools=2, is_staff=is_staff))
    past = memory.past_of(linked, [()] * len(linked))
    bounds = [_bound(number, place, cell, memory.policy) for number, (place, cell) in enumerate(cells)]
    left = dict(enumerate(cells))
    for is_staff in (False, True):
        programme = Linked(
            capacity=np.array([one.n for one in sums]),
            truth=np.array([one.total for one in sums]),
            within=memory.within(sums, within),
        )
        wanted = [*past.targets[is_staff], *targets[is_staff]]
        settled = Settled()
        while True:
            shown = [*past.bounds[is_staff], *(bounds[number] for number in left)]
            leaks = programme.leaks(wanted, shown, settled=settled)
            telling = {figure for leak in leaks for figure in leak.figures if figure in left}
            if not telling:
                break
            del left[min(telling, key=lambda number: (left[number][1].group.n, number))]
    found: dict[str, list[CubeCell]] = {one.id: [] for one in linked}
    for place, cell in left.values():
        found[linked[place].id].append(cell)
    return found


def _cells(memory: Memory, indicator: Indicator, sums: Sums) -> Iterator[tuple[CubeCell | None, Group]]:
    """Give each crossing as a group and, where it may come out by itself, as a cell."""
    totals, policy = memory.totals, memory.policy
    keys = totals.keys[indicator.id]
    for key, rows in memory.cells(indicator.levels).items():
        atoms = tuple(int(atom) for atom in np.unique(memory.atoms[rows]))
        group = sums.group((Dimension.CUBE, key_text(key)), atoms)
        show, _reason = by_itself(group, is_percent=True, schools=2, policy=policy)
        if show is not Show.NUMBER or group.n < policy.crossing or group.schools < 2:
            yield None, group
            continue
        count = round(group.total) + noise_of(int(keys[rows].sum()), policy.cube)
        count = min(max(count, policy.small_number), group.n - policy.small_number)
        yield (
            CubeCell(
                key=key,
                group=group,
                records=int(totals.records[rows].sum()),
                share=nearest(count / group.n, _step(policy)),
            ),
            group,
        )


def _step(policy: Policy) -> float:
    return policy.step(Measure.PERCENT, (0.0, 1.0)).fine


def _bound(number: int, place: int, cell: CubeCell, policy: Policy) -> Bound:
    low, high = limits_of(cell.share, cell.group.n, step=_step(policy), most=policy.cube.most)
    return Bound(
        figure=number,
        quantity=place,
        atoms=np.array(cell.group.atoms, dtype=np.int64),
        low=min(low, cell.group.total),
        high=max(high, cell.group.total),
    )
