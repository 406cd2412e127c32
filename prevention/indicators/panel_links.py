"""All figures of a pair together: what can be worked out of them about those they do not speak of. Pure.

`panel_gate` judges one figure; whoever holds the result holds all of them. Of each indicator, who answered falls into
five parts: those with an answer before and after (before, after), those found again who left the after empty, those not
found, and those who answered only after. Every released number bounds sums of these: a rounded share and the centre of
its rounded interval; the centre of a difference's interval, which can be sharper than both shares; that of a ratio's;
the shares of those found and those not. Where one indicator lies within another, so do its parts. That is a small
linear programme (as in `linked`, which weighs the tables of a wave), and every part that may not be shown by itself
must stay as open in it as any hidden number. Where one does not, a figure that holds it says less: first not how those
lost differed, then to the coarse step, then nothing.

Cohen's size is not among the bounds: it is rounded so coarsely (`panel_gate`) that the difference always says more. The
margins that are shown tell of classes, not of sums. How many there are in each part is taken as known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from prevention.indicators.catalogue import catalogue
from prevention.indicators.effects import Contrast, Group
from prevention.indicators.implication import components, nested_pairs
from prevention.indicators.panel_gate import (
    PanelFigure,
    Saying,
    Side,
    Who,
    let_out,
    normalised_total,
    ratio_step,
)
from prevention.indicators.panels import Outcome
from prevention.indicators.policy import Policy, read_off
from prevention.indicators.published import Dimension, Measure
from prevention.indicators.solver import DUST, INFINITE, Programme, Rows
from prevention.indicators.thresholds import Group as Judged
from prevention.indicators.thresholds import Show, by_itself

# The parts of those who answered, in this order.
BOTH_BEFORE, ONLY_BEFORE, NOT_FOUND, BOTH_AFTER, ONLY_AFTER = range(5)
_PARTS = 5
_BEFORE, _AFTER = (BOTH_BEFORE, ONLY_BEFORE, NOT_FOUND), (BOTH_AFTER, ONLY_AFTER)
_FOUND_BEFORE = (BOTH_BEFORE, ONLY_BEFORE)
# Groups that a reader can form, and must not come to know unless they may be shown.
GROUPS = (
    _BEFORE, _AFTER, (BOTH_BEFORE,), (ONLY_BEFORE,), (NOT_FOUND,), (ONLY_BEFORE, NOT_FOUND), _FOUND_BEFORE,
    (BOTH_AFTER,), (ONLY_AFTER,),
)  # fmt: skip
# Where an indicator lies within another, it does so in each of these.
_NESTED = ((BOTH_BEFORE,), _FOUND_BEFORE, (NOT_FOUND,), _BEFORE, (BOTH_AFTER,), _AFTER)

Figure = tuple[Who, int]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Parts:
    """One indicator by part: valid answers, normalised totals, and classes."""

    n: tuple[float, ...]
    total: tuple[float, ...]
    classes: tuple[int, ...]

    @classmethod
    def of(cls, everybody: Outcome, again: Outcome | None) -> "Parts":
        """Split those who answered one indicator into parts; with nobody found again, all are in the outer ones."""
        one = everybody.indicator
        sums = [(_n(group), normalised_total(one, group)) for group in (everybody.first, everybody.second)]
        if again is None or again.lost_groups is None:
            n, total = (0.0, 0.0, sums[0][0], 0.0, sums[1][0]), (0.0, 0.0, sums[0][1], 0.0, sums[1][1])
            return cls(n=n, total=total, classes=(0, 0, _classes(everybody.first), 0, _classes(everybody.second)))
        before, after = ((_n(group), normalised_total(one, group)) for group in (again.first, again.second))
        lost, found = ((_n(group), normalised_total(one, group)) for group in again.lost_groups)
        pairs = (
            before,
            (found[0] - before[0], found[1] - before[1]),
            lost,
            after,
            (sums[1][0] - after[0], sums[1][1] - after[1]),
        )
        classes = (
            _classes(again.first),
            _classes_beyond(again.lost_groups[1], again.first),
            _classes(again.lost_groups[0]),
            _classes(again.second),
            0 if again.came is None else _classes(again.came),
        )
        return cls(n=tuple(max(n, 0.0) for n, _total in pairs), total=tuple(t for _n, t in pairs), classes=classes)

    def group(self, parts: Sequence[int]) -> tuple[float, float, int]:
        """Add parts up: answers, total, and at least so many classes."""
        classes = max(self.classes[part] for part in parts)
        return sum(self.n[part] for part in parts), sum(self.total[part] for part in parts), classes


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bound:
    """A row: of the totals of some parts, each with its factor, the sum lies between two ends."""

    figure: Figure | None
    terms: tuple[tuple[int, float], ...]
    low: float
    high: float


def let_all_out(everybody: Sequence[Outcome], again: Sequence[Outcome], *, policy: Policy) -> list[PanelFigure]:
    """Decide what of a whole pair may be shown: all who answered, then those found again.

    Args:
        everybody: the outcomes of all who answered.
        again: those of who was found again, in the same order; none where nothing links the two.
        policy: the rules in force.
    """
    pairs = nested_pairs([one.indicator for one in everybody], zero_if=catalogue().zero_if)
    saying: dict[Figure, Saying] = {}
    figures: dict[Figure, PanelFigure] = {}

    def say(name: Figure, how: Saying) -> None:
        who, place = name
        saying[name] = how
        whole = None if who is Who.ALL else everybody[place]
        outcome = everybody[place] if who is Who.ALL else again[place]
        figures[name] = let_out(outcome, who=who, policy=policy, everybody=whole, saying=how)

    for who, outcomes in ((Who.ALL, everybody), (Who.FOUND, again)):
        for place in range(len(outcomes)):
            say((who, place), Saying.EVERYTHING)
    parts = [Parts.of(one, again[place] if again else None) for place, one in enumerate(everybody)]
    for places in components(len(everybody), pairs):
        mine = [pair for pair in pairs if pair[0] in places]
        while True:
            names = _leaking(places, mine, parts, everybody, figures, policy)
            if not names:
                break
            # Of what holds it, what says most of the fewest says less.
            weak = min(names, key=lambda name: (name[0] is Who.ALL, saying[name], name[1]))
            say(weak, Saying(saying[weak] + 1))
    return [
        figures[who, place] for who, some in ((Who.ALL, everybody), (Who.FOUND, again)) for place in range(len(some))
    ]


def _leaking(
    places: Sequence[int],
    pairs: Sequence[tuple[int, int]],
    parts: Sequence[Parts],
    outcomes: Sequence[Outcome],
    figures: dict[Figure, PanelFigure],
    policy: Policy,
) -> set[Figure]:
    """Give the figures that make some group too well known; none when nothing is."""
    bounds = [
        bound
        for (who, place), figure in figures.items()
        if place in places
        for bound in _bounds((who, place), figure, parts[place], policy)
    ]
    bounds += [bound for inner, outer in pairs for bound in _nested(inner, outer, parts)]
    if not any(bound.figure for bound in bounds):
        return set()
    columns = {place: number for number, place in enumerate(places)}
    programme = _programme(bounds, columns, parts)
    for place in places:
        for group in GROUPS:
            need = _need(outcomes[place], parts[place], group, policy)
            if need is None:
                continue
            cost = np.zeros(_PARTS * len(places))
            cost[[columns[place] * _PARTS + part for part in group]] = 1.0
            low, _point, below = programme.lowest(cost)
            high, _point, above = programme.lowest(-cost)
            if _is_open(low, -high, need):
                continue
            holding = np.flatnonzero((np.abs(below) > DUST) | (np.abs(above) > DUST))
            names = {bounds[row].figure for row in holding}
            found = {name for name in names if name is not None}
            if found:
                return found
    return set()


def _need(outcome: Outcome, parts: Parts, group: Sequence[int], policy: Policy) -> tuple[float, float, float] | None:
    """Say how open a group must stay: its size, its width, its width amid the scale; None where it may be shown."""
    n, total, classes = parts.group(group)
    if n <= 0:
        return None
    judged = Judged(
        key=(Dimension.SEX, "part"), parent=None, n=round(n), total=total, classes=classes, schools=2, atoms=()
    )
    show, _reason = by_itself(judged, is_percent=outcome.indicator.measure is Measure.PERCENT, schools=2, policy=policy)
    if show is Show.NUMBER:
        return None
    width = float(policy.recovery_values - 1)
    return n, min(width, n), max(width, policy.recovery_share * n if show is Show.NOTHING else width)


def _is_open(low: float, high: float, need: tuple[float, float, float]) -> bool:
    n, width, amid = need
    if high - low < width - 1e-4:
        return False
    return low <= 1e-4 or high >= n - 1e-4 or high - low >= amid - 1e-4


def _programme(bounds: Sequence[_Bound], columns: dict[int, int], parts: Sequence[Parts]) -> Programme:
    rows = Rows.of(
        [
            (
                [columns[term // _PARTS] * _PARTS + term % _PARTS for term, _factor in bound.terms],
                [factor for _term, factor in bound.terms],
            )
            for bound in bounds
        ]
    )
    low = np.array([bound.low - DUST for bound in bounds])
    high = np.array([bound.high + DUST for bound in bounds])
    most = np.array([parts[place].n[part] for place in columns for part in range(_PARTS)])
    return Programme(rows, (low, high), (np.zeros(len(most)), most))


def _nested(inner: int, outer: int, parts: Sequence[Parts]) -> Iterator[_Bound]:
    for group in _NESTED:
        n, total, _classes = parts[inner].group(group)
        n_outer, total_outer, _classes = parts[outer].group(group)
        terms = [(inner * _PARTS + part, 1.0) for part in group] + [(outer * _PARTS + part, -1.0) for part in group]
        # Who left the outer question empty, and whose answers contradict each other, is not within it.
        slack = max(0.0, n - n_outer, total - total_outer)
        yield _Bound(figure=None, terms=tuple(terms), low=-INFINITE, high=slack)


def _bounds(name: Figure, figure: PanelFigure, parts: Parts, policy: Policy) -> Iterator[_Bound]:
    """Read a figure as a stranger would: every number of it a bound on totals."""
    if figure.before is None or figure.after is None or figure.difference is None:
        return
    sides = (_BEFORE, _AFTER) if name[0] is Who.ALL else ((BOTH_BEFORE,), (BOTH_AFTER,))
    step = _step(figure)
    for group, side in zip(sides, (figure.before, figure.after), strict=True):
        yield _of_side(name, figure, group, side, parts, step)
    yield from _of_both(name, figure, sides, parts, policy)
    if figure.found is not None and figure.not_found is not None:
        coarse = policy.step(figure.measure, figure.scale).coarse
        yield _of_side(name, figure, _FOUND_BEFORE, figure.found, parts, coarse)
        yield _of_side(name, figure, (NOT_FOUND,), figure.not_found, parts, coarse)


def _of_side(name: Figure, figure: PanelFigure, group: Sequence[int], side: Side, parts: Parts, step: float) -> _Bound:
    n, total, _classes = parts.group(group)
    interval = None
    if side.low is not None and side.high is not None:
        interval = _unit(side.low, figure), _unit(side.high, figure)
    low, high = read_off(
        n=round(n),
        share=_unit(side.value, figure),
        interval=interval,
        step=step,
        is_logit=figure.measure is Measure.PERCENT,
    )
    terms = tuple((name[1] * _PARTS + part, 1.0) for part in group)
    # Rounding errors of floats must never make the truth look impossible.
    return _Bound(figure=name, terms=terms, low=min(low, total), high=max(high, total))


def _of_both(
    name: Figure, figure: PanelFigure, sides: Sequence[Sequence[int]], parts: Parts, policy: Policy
) -> Iterator[_Bound]:
    """Read the centres of the intervals of a difference and of a ratio."""
    (n0, t0, _c0), (n1, t1, _c1) = (parts.group(group) for group in sides)
    if min(n0, n1) <= 0:
        return
    step = _step(figure)
    centre = _middle(figure.difference)
    if centre is not None:
        middle, half = centre / (figure.scale[1] - figure.scale[0]), step / 2
        truth = t1 / n1 - t0 / n0
        yield _Bound(
            figure=name,
            terms=_terms(name[1], sides, (-1 / n0, 1 / n1)),
            low=min(middle - half, truth),
            high=max(middle + half, truth),
        )
    ratio, grain = figure.ratio, ratio_step(figure, step, policy)
    if _middle(ratio) is not None and ratio is not None and ratio.low is not None and ratio.high is not None and t0 > 0:
        ends = np.sqrt(max(ratio.low, 0.0) * max(ratio.high - grain, 0.0)), np.sqrt((ratio.low + grain) * ratio.high)
        truth = (t1 / n1) / (t0 / n0)
        low, high = min(float(ends[0]), truth), max(float(ends[1]), truth)
        yield _Bound(figure=name, terms=_terms(name[1], sides, (-low / n0, 1 / n1)), low=0.0, high=INFINITE)
        yield _Bound(figure=name, terms=_terms(name[1], sides, (-high / n0, 1 / n1)), low=-INFINITE, high=0.0)


def _middle(contrast: Contrast | None) -> float | None:
    """Give the middle of an interval; None where an end was moved to hold the value, and the middle says nothing."""
    if contrast is None or contrast.low is None or contrast.high is None:
        return None
    if contrast.value in (contrast.low, contrast.high):
        return None
    return (contrast.low + contrast.high) / 2


def _terms(place: int, sides: Sequence[Sequence[int]], factors: tuple[float, float]) -> tuple[tuple[int, float], ...]:
    return tuple(
        (place * _PARTS + part, factor) for group, factor in zip(sides, factors, strict=True) for part in group
    )


def _step(figure: PanelFigure) -> float:
    return (figure.step or 0.0) / (figure.scale[1] - figure.scale[0])


def _unit(value: float, figure: PanelFigure) -> float:
    low, high = figure.scale
    return (value - low) / (high - low)


def _n(group: Group) -> float:
    return float(group.totals.n.sum())


def _classes(group: Group) -> int:
    return int((group.totals.n > 0).sum())


def _classes_beyond(whole: Group, part: Group) -> int:
    """Count the classes of which somebody is in the whole and not in the part."""
    inside = dict(zip(part.cluster.tolist(), part.totals.n.tolist(), strict=True))
    sizes = zip(whole.cluster.tolist(), whole.totals.n.tolist(), strict=True)
    return sum(n > inside.get(cluster, 0.0) for cluster, n in sizes)
