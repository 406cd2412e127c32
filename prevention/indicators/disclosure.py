"""Disclosure control: what of each group of linked indicators may be shown. Pure. The one gate.

First each group is judged by itself (`thresholds`): too few answers, one class only, one school only, a small number.
Then all groups of all linked indicators are looked at together, as somebody would who holds every table, those
published before included, and knows how many pupils of each school, grade and sex answered: what can be worked out
about a hidden or masked number must stay wide (`linked`). Where it does not, the numbers that give it away say less, at
the least loss (`suppression`).

Two readers are thought of. The public holds the tables of the district; staff may also hold those of the schools. A
school that is the only one of its track is kept from the public, not from staff.

How many told which sex is private where few told none. So tables that tell sexes apart show counts to the nearest ten,
and a count that even so gives the private one away is not shown (`counts`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from prevention.indicators.counts import counts_to_hide
from prevention.indicators.domains import ROOT, Key
from prevention.indicators.estimates import Floats
from prevention.indicators.linked import Bound, Leak, Linked, Settled, Target, Within
from prevention.indicators.policy import Policy, Step, revealed
from prevention.indicators.published import Dimension, Reason
from prevention.indicators.suppression import Cut, Levels, Steps, least_loss
from prevention.indicators.thresholds import Group, Show, by_itself, joined

__all__ = ["Group", "Sheet", "Show", "Verdict", "decide"]

# What it costs to hide a cell of a dimension: the total of all is the last to go. Within a dimension the cell with the
# fewest answers goes first.
_WORTH = {
    Dimension.ALL: 1000.0,
    Dimension.LEVEL: 300.0,
    Dimension.SEX: 100.0,
    Dimension.GRADE: 40.0,
    Dimension.TRACK: 40.0,
    Dimension.MUNICIPALITY: 20.0,
    Dimension.SCHOOL: 15.0,
    Dimension.SEX_GRADE: 4.0,
}
# A multiple of five instead of a whole percent, as a share of the cost of nothing.
_COARSE = 0.1
SEXED = frozenset({Dimension.SEX, Dimension.SEX_GRADE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What may be shown of a group, and why not more. `rounds_count`: its n to the nearest ten only."""

    show: Show
    reason: Reason | None
    step: float
    rounds_count: bool


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Sheet:
    """One indicator, as it is.

    Attributes:
        groups: its groups, each after the one it is part of.
        n, total: per atom, valid answers and the sum of their normalised values.
        records: per atom, pupils who answered at all, or None to take `n`.
        schools: how many schools the indicator has, or None to take those of the total.
        step: the grain of the measure. is_percent: a share; only there can a small number be masked, not hidden.
    """

    groups: tuple[Group, ...]
    n: Floats
    total: Floats
    step: Step
    is_percent: bool
    records: Floats | None = None
    schools: int | None = None

    @property
    def of_schools(self) -> int:
        """How many schools all of it has."""
        if self.schools is not None:
            return self.schools
        return next((one.schools for one in self.groups if one.key == ROOT), 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """What earlier releases say of the same pupils, by reader: the public first, then staff.

    Attributes:
        bounds: the published numbers.
        targets: sums that must stay open beside them: what those releases hid, and what lies between an earlier group
        and a new one.
        refused: groups that must not be shown at all, by sheet and key, because too few pupils tell them from an
        earlier one.
    """

    bounds: tuple[tuple[Bound, ...], tuple[Bound, ...]] = ((), ())
    targets: tuple[tuple[Target, ...], tuple[Target, ...]] = ((), ())
    refused: frozenset[tuple[int, Key]] = frozenset()


def decide(
    sheets: Sequence[Sheet], *, policy: Policy, within: Sequence[Within] = (), past: Past | None = None
) -> list[dict[Key, Verdict]]:
    """Decide what may be shown of each group of linked indicators.

    Args:
        sheets: the indicators; all over the same atoms.
        policy: the rules in force.
        within: which indicator lies within which, by their places in `sheets`.
        past: what is published already.
    """
    if not any(sheet.groups for sheet in sheets):
        return [{} for _sheet in sheets]
    return _Gate(sheets, policy=policy, within=within, past=past or Past()).decide()


@dataclass(slots=True, eq=False)
class _Figure:
    """One group of one sheet: what it could show at most, step by step to nothing."""

    sheet: int
    group: Group
    show: Show
    reason: Reason | None
    steps: tuple[float, ...]
    bounds: list[Bound] = field(default_factory=list)

    @property
    def is_public(self) -> bool:
        return self.group.key[0] is not Dimension.SCHOOL


class _Gate:
    def __init__(self, sheets: Sequence[Sheet], *, policy: Policy, within: Sequence[Within], past: Past) -> None:
        self.sheets = sheets
        self.policy = policy
        self.past = past
        capacity, truth = (np.array([getattr(sheet, name) for sheet in sheets]) for name in ("n", "total"))
        # One for each reader, because each keeps the programmes of what that reader knows.
        self.linked = [Linked(capacity=capacity, truth=truth, within=tuple(within)) for _reader in (True, False)]
        # What each group would be by itself: this is what must be protected, whatever is shown in the end.
        groups = [(number, group) for number, sheet in enumerate(sheets) for group in sheet.groups]
        self.figures = [self._figure(place, number, group) for place, (number, group) in enumerate(groups)]
        self.index = {(one.sheet, one.group.key): place for place, one in enumerate(self.figures)}
        self._hide_what_must_follow()
        self.splits = [_splits(sheet.groups) for sheet in sheets]
        self.answers = [max(1.0, float(sheet.n.sum())) for sheet in sheets]
        # Figures say less from round to round, never more: what is open stays open.
        self.settled = (Settled(), Settled())
        self.own_targets = [list(self._own_targets(is_public=is_public)) for is_public in (True, False)]

    def decide(self) -> list[dict[Key, Verdict]]:
        steps = {
            place: Steps(costs=self._costs(one))
            for place, one in enumerate(self.figures)
            if one.show is not Show.NOTHING
        }
        levels = least_loss(steps, follows=list(self._follows()), find_cuts=self._cuts)
        verdicts: list[dict[Key, Verdict]] = [{} for _sheet in self.sheets]
        for place, one in enumerate(self.figures):
            verdicts[one.sheet][one.group.key] = self._verdict(one, levels.get(place, 0))
        return verdicts

    # ---------------------------------------------------------------------------------------- a group by itself

    def _figure(self, place: int, number: int, group: Group) -> _Figure:
        sheet = self.sheets[number]
        show, reason = by_itself(group, is_percent=sheet.is_percent, schools=sheet.of_schools, policy=self.policy)
        if show is not Show.NOTHING and (number, group.key) in self.past.refused:
            show, reason = Show.NOTHING, Reason.DIFFERENCE
        fine, coarse = sheet.step.fine, sheet.step.coarse
        is_coarse = group.n < self.policy.small_group or group.key[0] is Dimension.SEX_GRADE
        steps: tuple[float, ...] = (coarse,) if is_coarse else (fine, coarse)
        figure = _Figure(sheet=number, group=group, show=show, reason=reason, steps=steps)
        if show is Show.NUMBER:
            figure.bounds = [self._bound_of(place, figure, step) for step in steps]
        elif show is not Show.NOTHING:
            figure.steps = steps[:1]
            figure.bounds = [self._bound_of(place, figure, steps[0])]
        return figure

    def _bound_of(self, place: int, figure: _Figure, step: float) -> Bound:
        group, few = figure.group, self.policy.small_number - 1
        match figure.show:
            case Show.BOTTOM:
                low, high = 0.0, float(min(few, group.n))
            case Show.TOP:
                low, high = float(max(group.n - few, 0)), float(group.n)
            case _:
                low, high = revealed(
                    n=group.n,
                    total=group.total,
                    interval=group.interval,
                    step=step,
                    is_logit=self.sheets[figure.sheet].is_percent,
                )
        return Bound(
            figure=place, quantity=figure.sheet, atoms=np.array(group.atoms, dtype=np.int64), low=low, high=high
        )

    def _hide_what_must_follow(self) -> None:
        """Hide what is part of a hidden group, what may differ too little, and counts that give one away."""
        for number, sheet in enumerate(self.sheets):
            records = sheet.n if sheet.records is None else sheet.records
            private = counts_to_hide(sheet.groups, records, policy=self.policy)
            for group in sheet.groups:
                one = self.figures[self.index[number, group.key]]
                is_small_crossing = group.key[0] is Dimension.SEX_GRADE and group.n < self.policy.crossing
                must = group.key in private or is_small_crossing or self._is_below_hidden(one)
                if one.show is not Show.NOTHING and must:
                    one.show, one.reason = Show.NOTHING, Reason.COMPLEMENTARY

    def _is_below_hidden(self, one: _Figure) -> bool:
        if one.group.parent is None:
            return False
        parent = self.figures[self.index[one.sheet, one.group.parent]]
        # Staff may see the school that the public may not.
        is_for_staff = not one.is_public and parent.reason is Reason.ONE_SCHOOL
        return parent.show is Show.NOTHING and not is_for_staff

    def _follows(self) -> Iterator[tuple[int, int]]:
        for place, one in enumerate(self.figures):
            if one.group.parent is not None:
                yield self.index[one.sheet, one.group.parent], place

    def _costs(self, one: _Figure) -> tuple[float, ...]:
        worth = _WORTH[one.group.key[0]]
        cost = worth * (1 + one.group.n / self.answers[one.sheet])
        many = len(one.bounds)
        return (*(cost * _COARSE for _ in range(many - 1)), cost * (1 - _COARSE * (many - 1)))

    # -------------------------------------------------------------------------------- all groups looked at together

    def _cuts(self, levels: Levels) -> list[Cut]:
        found: list[Cut] = []
        for is_public, own in zip((True, False), self.own_targets, strict=True):
            targets = [*own, *self._unions(levels, is_public=is_public)]
            if not targets:
                continue
            bounds = self._bounds(levels, is_public=is_public)
            leaks = self.linked[is_public].leaks(targets, bounds, settled=self.settled[is_public])
            found.extend(self._cut_of(leak, levels, is_public=is_public) for leak in leaks)
        return found

    def _cut_of(self, leak: Leak, levels: Levels, *, is_public: bool) -> Cut:
        """Say which steps stop a leak; where saying a little less would not, ask for more at once."""
        probe = dict(levels)
        for place in leak.figures:
            if place in probe:
                probe[place] = max(levels[place], len(self.figures[place].bounds) - 1)
        if probe != levels:
            deeper = self.linked[is_public].leaks([leak.target], self._bounds(probe, is_public=is_public))
            if deeper:
                return _cut(deeper[0], probe)
        return _cut(leak, levels)

    def _bounds(self, levels: Levels, *, is_public: bool) -> list[Bound]:
        found = list(self.past.bounds[not is_public])
        for place, one in enumerate(self.figures):
            level = levels.get(place, 0)
            if level < len(one.bounds) and one.show is not Show.NOTHING and (one.is_public or not is_public):
                found.append(one.bounds[level])
        return found

    def _own_targets(self, *, is_public: bool) -> Iterator[Target]:
        yield from self.past.targets[not is_public]
        for number, sheet in enumerate(self.sheets):
            schools = sheet.of_schools
            for group in sheet.groups:
                if group.key[0] is Dimension.SCHOOL and is_public:
                    continue
                yield from self._target(number, group, schools=schools, is_public=is_public)

    def _target(self, number: int, group: Group, *, schools: int, is_public: bool) -> Iterator[Target]:
        is_percent = self.sheets[number].is_percent
        show, reason = by_itself(group, is_percent=is_percent, schools=schools, policy=self.policy)
        # Staff hold all that the public holds: what they cannot work out, nobody can. Only what is kept from the public
        # alone is looked at with the public's eyes.
        if show is Show.NUMBER or (reason is Reason.ONE_SCHOOL) != is_public:
            return
        width = float(self.policy.recovery_values - 1)
        yield Target(
            quantity=number,
            atoms=np.array(group.atoms, dtype=np.int64),
            width=width,
            open_width=self.policy.recovery_share * group.n if show is Show.NOTHING else width,
        )

    def _unions(self, levels: Levels, *, is_public: bool) -> Iterator[Target]:
        """Give the hidden parts of each split as one group, which subtraction lays bare."""
        for number, (sheet, splits) in enumerate(zip(self.sheets, self.splits, strict=True)):
            schools = sheet.of_schools
            for parts in splits:
                if is_public and parts[0].key[0] is Dimension.SCHOOL:
                    continue
                hidden = [part for part in parts if self._is_hidden(number, part.key, levels)]
                if 1 < len(hidden) < len(parts):
                    yield from self._target(number, joined(hidden), schools=schools, is_public=is_public)

    def _is_hidden(self, number: int, key: Key, levels: Levels) -> bool:
        place = self.index[number, key]
        one = self.figures[place]
        return one.show is Show.NOTHING or levels.get(place, 0) >= len(one.bounds)

    def _verdict(self, one: _Figure, level: int) -> Verdict:
        rounds = one.group.key[0] in SEXED
        if one.show is Show.NOTHING:
            return Verdict(show=Show.NOTHING, reason=one.reason, step=one.steps[0], rounds_count=rounds)
        if level >= len(one.bounds):
            return Verdict(show=Show.NOTHING, reason=Reason.COMPLEMENTARY, step=one.steps[-1], rounds_count=rounds)
        return Verdict(show=one.show, reason=one.reason, step=one.steps[level], rounds_count=rounds)


def _cut(leak: Leak, levels: Levels) -> Cut:
    return frozenset((place, levels[place] + 1) for place in leak.figures if place in levels)


def _splits(groups: Sequence[Group]) -> list[list[Group]]:
    """Give each way in which a group falls completely into groups of one dimension, two or more."""
    # Most indicators have the same groups.
    places = _split_places(tuple((group.key[0], group.atoms) for group in groups))
    return [[groups[place] for place in parts] for parts in places]


@lru_cache(maxsize=16)
def _split_places(groups: tuple[tuple[Dimension, tuple[int, ...]], ...]) -> tuple[tuple[int, ...], ...]:
    by_dimension: dict[Dimension, list[int]] = {}
    for place, (dimension, _atoms) in enumerate(groups):
        by_dimension.setdefault(dimension, []).append(place)
    found = []
    for of_whole, wholes in by_dimension.items():
        for atoms in (frozenset(groups[whole][1]) for whole in wholes):
            for dimension, some in by_dimension.items():
                parts = [part for part in some if atoms.issuperset(groups[part][1])] if dimension != of_whole else []
                if len(parts) > 1 and sum(len(groups[part][1]) for part in parts) == len(atoms):
                    found.append(tuple(parts))
    return tuple(found)
