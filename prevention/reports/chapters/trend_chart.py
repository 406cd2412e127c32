"""A small drawing of one share over the years: dots with their intervals, joined where the two may be compared.

Written by hand: a few lines and words, without a library that draws in some ten milliseconds what this does in none.
Looks as the charts of `charts` do; the table with the same numbers belongs to the template.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

from markupsafe import Markup

from prevention.core.pdf import FONT_FAMILY
from prevention.reports.charts import AXIS_ENDS, GRID, INK, QUIET, SERIES, Estimate

# Two stand beside each other between the margins of an A4 page.
WIDTH_PX, HEIGHT_PX = 312, 132
LEFT_PX, RIGHT_PX, TOP_PX, BOTTOM_PX = 30, 14, 16, 24


@dataclass(frozen=True, kw_only=True, slots=True)
class TrendMark:
    """One year: its label, and the share with its interval, or None. `is_break`: not comparable with the one before."""

    label: str
    estimate: Estimate | None
    is_break: bool = False


def trend_chart(marks: Sequence[TrendMark], *, sentence: str) -> Markup:
    """Draw a share over the years, from left to right.

    Args:
        marks: the oldest first, at least two.
        sentence: the text alternative, a whole sentence.
    """
    end = _axis_end([mark.estimate.high for mark in marks if mark.estimate is not None])
    across = [_across(place, len(marks)) for place in range(len(marks))]
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" class="trend" viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}"'
        f' width="{WIDTH_PX}" height="{HEIGHT_PX}" font-family="{escape(FONT_FAMILY)}" font-size="11">'
    )
    parts = [
        opening,
        f"<title>{escape(' '.join(sentence.split()))}</title>",
        *(_grid(value, end) for value in (0.0, end / 2, end)),
        *_joins(marks, across, end),
    ]
    for mark, x in zip(marks, across, strict=True):
        parts.append(_text(x, HEIGHT_PX - 8, mark.label, "middle", QUIET))
        if mark.estimate is not None:
            parts.append(_mark(mark.estimate, x, end))
    # Safe: numbers, and words that were escaped above.
    return Markup("".join(parts) + "</svg>")  # noqa: S704


def _axis_end(highs: Sequence[float]) -> float:
    highest = max(highs, default=0.0) * 100
    return next(end for end in AXIS_ENDS if end >= min(highest, 100)) / 100


def _across(place: int, marks: int) -> float:
    room = WIDTH_PX - LEFT_PX - RIGHT_PX
    return LEFT_PX + room * (place + 0.5) / marks


def _down(share: float, end: float) -> float:
    return TOP_PX + (HEIGHT_PX - TOP_PX - BOTTOM_PX) * (1 - share / end)


def _grid(value: float, end: float) -> str:
    y = _down(value, end)
    line = f'<path d="M{LEFT_PX} {y:.1f}H{WIDTH_PX - RIGHT_PX}" stroke="{GRID}"/>'
    return line + _text(LEFT_PX - 5, y + 4, f"{value * 100:g}", "end", QUIET)


def _joins(marks: Sequence[TrendMark], across: Sequence[float], end: float) -> list[str]:
    """Join neighbours; between two that may not be compared a broken line stands upright instead."""
    parts = []
    for (before, x_before), (now, x_now) in pairwise(zip(marks, across, strict=True)):
        if now.is_break:
            x = (x_before + x_now) / 2
            parts.append(f'<path d="M{x:.1f} {TOP_PX}V{HEIGHT_PX - BOTTOM_PX}" stroke="{INK}" stroke-dasharray="2 3"/>')
        elif before.estimate is not None and now.estimate is not None:
            ends = (_down(one.share, end) for one in (before.estimate, now.estimate))
            first, second = ends
            parts.append(
                f'<path d="M{x_before:.1f} {first:.1f}L{x_now:.1f} {second:.1f}" stroke="{SERIES[0][1]}"'
                ' stroke-width="1.4"/>'
            )
    return parts


def _mark(estimate: Estimate, x: float, end: float) -> str:
    low, share, high = (_down(value, end) for value in (estimate.low, estimate.share, estimate.high))
    colour = SERIES[0][1]
    return (
        f'<path d="M{x:.1f} {high:.1f}V{low:.1f}M{x - 4:.1f} {high:.1f}h8M{x - 4:.1f} {low:.1f}h8" stroke="{colour}"'
        f' stroke-width="1.6" fill="none"/><circle cx="{x:.1f}" cy="{share:.1f}" r="4.2" fill="{colour}"/>'
        + _text(x, high - 4, f"{round(estimate.share * 100)}", "middle", INK)
    )


def _text(x: float, y: float, words: str, anchor: str, colour: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(words)}</text>'
