"""Where a figure lies on the axis that it is drawn on. Pure.

All bars of one page share an axis, so that they can be compared by eye. Places are hundredths of its length, 0 at its
left end, because a drawing whose places are percentages keeps its shape at any width.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from prevention.indicators.published import Measure, PublishedCell, PublishedTable

# The ends that an axis may have: the first that holds every interval is taken.
_ENDS = (0.25, 0.5, 1.0)
_MASK = re.compile(r"([<>])(\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """A figure on its axis. `start` and `share` are the ends of the solid bar; None where only an interval is known.

    `start` is None for a mean, whose distance from the end of the axis says nothing: it is a dot.
    """

    start: float | None
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Axis:
    """The ends of an axis, in the measure of its figures; `zero` is the place of nought where it lies inside."""

    low: float
    high: float
    zero: float | None

    def place(self, value: float) -> float:
        """Give the place of a value, kept within the axis."""
        return round(min(max((value - self.low) / (self.high - self.low), 0.0), 1.0) * 100, 2)


def axis_of(tables: Iterable[PublishedTable], *, measure: Measure, scale: tuple[float, float]) -> Axis:
    """Give the axis that holds every number of these tables, which are of one measure and scale."""
    if measure is Measure.SCALE:
        return Axis(low=scale[0], high=scale[1], zero=None)
    values = [abs(end) for table in tables for cell in table.cells for end in _ends(cell)]
    end = next(end for end in _ENDS if end >= max(values, default=0.0) or end == _ENDS[-1])
    if measure is Measure.POINTS:
        return Axis(low=-end, high=end, zero=50.0)
    return Axis(low=0.0, high=end, zero=None)


def bar_of(cell: PublishedCell, axis: Axis, *, measure: Measure) -> Bar | None:
    """Give the drawing of a cell, or None when it shows nothing."""
    if not cell.shown:
        return None
    if cell.share is None:
        span = masked_span(cell.text)
        return span and Bar(start=None, share=None, low=axis.place(span[0]), high=axis.place(span[1]))
    return Bar(
        start=None if measure is Measure.SCALE else axis.place(0.0),
        share=axis.place(cell.share),
        low=None if cell.low is None else axis.place(cell.low),
        high=None if cell.high is None else axis.place(cell.high),
    )


def masked_span(text: str | None) -> tuple[float, float] | None:
    """Give the shares that a mask stands for: "<20" is 0 to 0.2, ">95" is 0.95 to 1."""
    found = _MASK.fullmatch(text or "")
    if found is None:
        return None
    bound = int(found[2]) / 100
    return (0.0, bound) if found[1] == "<" else (bound, 1.0)


def _ends(cell: PublishedCell) -> tuple[float, ...]:
    ends = (cell.low, cell.share, cell.high, *(masked_span(cell.text) or ()))
    return tuple(end for end in ends if end is not None)
