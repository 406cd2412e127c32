"""One figure over the waves of a survey, and how far two published figures lie apart. Pure: published tables in.

Everything here is worked out from numbers that are published already, so nothing new gets out and no gate is needed.

*How far apart* two figures lie is said with an interval made of theirs: for figures a and b with intervals (la, ua) and
(lb, ub), the difference d = b - a lies between d - sqrt((b - lb)^2 + (ua - a)^2) and d + sqrt((ub - b)^2 + (a - la)^2)
(MOVER, the method of variance estimates recovery: Zou and Donner, Statistics in Medicine 27 (2008) 1693-1702; Newcombe,
Statistics in Medicine 17 (1998) 873-890). It keeps what the two intervals know: whole classes, few classes, the ends of
the scale. The two are taken as independent. Pupils of the same schools in two years, or of a group and of all, resemble
each other rather than not, so the interval is too wide rather than too narrow; published ends are rounded outwards,
which adds to that.

*What is said.* A change is named only when the two intervals do not overlap (`published.trend`): a report of many
figures would else name chance every year. When they overlap and the interval of the difference holds no nought, it is
called possible. A change for the worse is named by the very rule of one for the better. No word speaks of a cause:
pupils of another year are other pupils.

*Where a line breaks.* Two waves are joined only when every question behind the figure, and its formula, has the same
fingerprint in both (`manifest.wording_of`). A wave that shows nothing leaves a gap, which breaks nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from prevention.indicators.catalogue import Better
from prevention.indicators.effects import Contrast, Verdict, verdict
from prevention.indicators.published import Dimension, Measure, Movement, PublishedCell, PublishedTable

# A change for the worse of this size would have to be acted on: five pupils in a hundred, or a tenth of a mean's scale.
# Ours: no source says from where on a harm matters, and smaller ones cannot be told from chance in a province.
HARM_SHARE = 0.05
HARM_OF_SCALE = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """Two published figures compared, the second less the first, in the unit of their measure.

    Attributes:
        difference: with its interval; `se` is None, because only intervals are published.
        movement: UP or DOWN only when the two intervals do not overlap.
        is_possible: they overlap, and yet the interval of the difference holds no nought.
        verdict: what that means for the wished direction; None where nobody wishes one.
    """

    difference: Contrast
    movement: Movement
    is_possible: bool
    verdict: Verdict | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """A figure in one wave.

    Attributes:
        table: where it stands. cell: None when the table has no such group.
        is_break: the questions were worded otherwise than in the point before, or another thing was measured.
        change: since the point before; None for the first, after a break, or where one of the two is no number.
    """

    table: PublishedTable
    cell: PublishedCell | None
    is_break: bool
    change: Change | None

    @property
    def school_year(self) -> int:
        """First calendar year of the school year."""
        return self.table.school_year


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """A figure over the waves, oldest first.

    `overall` is the change from the first number after the last break to the newest, when more than two lie there.
    """

    domain: str
    points: tuple[Point, ...]
    overall: Change | None

    @property
    def is_broken(self) -> bool:
        """Say whether any two neighbours may not be compared."""
        return any(point.is_break for point in self.points)

    @property
    def has_numbers(self) -> bool:
        """Say whether there is more than one point to look at."""
        return sum(_is_number(point.cell) for point in self.points) > 1


def series_of(tables: Sequence[PublishedTable], domain: str, *, better: Better | None = None) -> Series:
    """Arrange one group's figure over tables of one indicator along one dimension, in any order.

    Args:
        tables: one of each wave.
        domain: the group.
        better: the wished direction, for the verdicts.

    Raises:
        ValueError: the tables are not of one indicator and one dimension.
    """
    if len({(table.indicator_id, table.dimension) for table in tables}) > 1:
        raise ValueError("a series needs tables of one indicator and one dimension")
    ordered = sorted(tables, key=lambda table: (table.school_year, table.sealed_on, str(table.id)))
    points: list[Point] = []
    for table in ordered:
        before = points[-1] if points else None
        cell = table.cell(domain)
        is_break = before is not None and not _are_comparable(before.table, table)
        known = None if is_break else next((one for one in reversed(points) if _is_number(one.cell)), None)
        if known is not None and _is_broken_since(points, known):
            known = None
        points.append(
            Point(
                table=table,
                cell=cell,
                is_break=is_break,
                change=None if known is None else change(known.cell, cell, measure=table.measure, better=better),
            )
        )
    return Series(domain=domain, points=tuple(points), overall=_overall(points, better))


def change(
    first: PublishedCell | None, second: PublishedCell | None, *, measure: Measure, better: Better | None = None
) -> Change | None:
    """Compare two published figures of one measure; None unless both are numbers with an interval."""
    if first is None or second is None:
        return None
    difference = difference_of(first, second)
    if difference is None or difference.low is None or difference.high is None:
        return None
    is_possible = difference.low > 0 or difference.high < 0
    movement = _movement(first, second)
    return Change(
        difference=difference,
        movement=movement,
        is_possible=is_possible and movement is Movement.UNCLEAR,
        verdict=None
        if better is None
        else verdict(difference, lower_is_better=better is Better.LOWER, harm=harm_of(measure)),
    )


def difference_of(first: PublishedCell, second: PublishedCell) -> Contrast | None:
    """Give the second figure less the first with its interval; None unless both are numbers with one."""
    ends = (first.low, first.share, first.high, second.low, second.share, second.high)
    if any(end is None for end in ends):
        return None
    return recovered(
        (first.low or 0.0, first.share or 0.0, first.high or 0.0),
        (second.low or 0.0, second.share or 0.0, second.high or 0.0),
    )


def recovered(first: tuple[float, float, float], second: tuple[float, float, float]) -> Contrast:
    """Give the second of two independent figures (low, value, high) less the first, with its interval."""
    (low_1, value_1, high_1), (low_2, value_2, high_2) = first, second
    value = value_2 - value_1
    # Rounding may put a value a hair outside of its own interval.
    below = math.hypot(max(value_2 - low_2, 0.0), max(high_1 - value_1, 0.0))
    above = math.hypot(max(high_2 - value_2, 0.0), max(value_1 - low_1, 0.0))
    return Contrast(value=round(value, 10), se=None, low=round(value - below, 10), high=round(value + above, 10))


def harm_of(measure: Measure, scale: tuple[float, float] = (0.0, 1.0)) -> float:
    """Give the change for the worse that one would have to act on, in the unit of a measure."""
    return HARM_OF_SCALE * (scale[1] - scale[0]) if measure is Measure.SCALE else HARM_SHARE


def of_dimension(tables: Sequence[PublishedTable], dimension: Dimension) -> list[PublishedTable]:
    """Keep the tables along one dimension."""
    return [table for table in tables if table.dimension is dimension]


def _are_comparable(one: PublishedTable, other: PublishedTable) -> bool:
    return one.wording == other.wording and one.measure is other.measure and one.scale == other.scale


def _is_broken_since(points: Sequence[Point], known: Point) -> bool:
    return any(point.is_break for point in points[points.index(known) + 1 :])


def _is_number(cell: PublishedCell | None) -> bool:
    return cell is not None and cell.share is not None and cell.low is not None and cell.high is not None


def _overall(points: Sequence[Point], better: Better | None) -> Change | None:
    since = max((number for number, point in enumerate(points) if point.is_break), default=0)
    numbers = [point for point in points[since:] if _is_number(point.cell)]
    if len(numbers) < 3:
        return None
    return change(numbers[0].cell, numbers[-1].cell, measure=numbers[-1].table.measure, better=better)


def _movement(first: PublishedCell, second: PublishedCell) -> Movement:
    if first.low is None or first.high is None or second.low is None or second.high is None:
        return Movement.UNCLEAR
    if second.low > first.high:
        return Movement.UP
    return Movement.DOWN if second.high < first.low else Movement.UNCLEAR
