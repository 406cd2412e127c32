"""Charts as accessible SVG: one look for paper and page.

What every chart keeps to: the whole finding is one sentence in the first ``<title>`` child (WeasyPrint and screen
readers take the text alternative from there); uncertainty is always drawn; values are written beside their marks, so
that nobody has to measure against an axis; marks differ in shape and in lightness, not in hue alone, so that the chart
survives a grey copier and a colour-blind reader; labels wrap and are never cut.

Drawn with Vega-Lite (altair writes the specification, vl-convert the SVG). Every coordinate across the page is ours,
so the drawing does not depend on how wide some font is on some machine. The table with the same numbers belongs to the
template: a chart here is never the only place of a number.
"""

import json
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

# Its marks and encodings are written at run time, hence the `Any` of layers below.
import altair as alt
import vl_convert
from markupsafe import Markup

from prevention.core.pdf import FONT_FAMILY

# 170 mm between the margins of an A4 page, in CSS pixels.
WIDTH_PX = 642
# Room for labels and for the words at the right end. Bars carry long names and short numbers.
LABEL_PX, VALUE_PX = 232, 128
BAR_LABEL_PX, BAR_VALUE_PX = 300, 72

FONT_PX = 12
LINE_PX = 14
ROW_GAP_PX = 12
BAR_GAP_PX = 6
BOTTOM_PX = 36
# Titillium at 12 px has some 5 px a letter in running text and 6.5 px in capitals; these leave room.
LETTER_PX = 5.6
CAPITAL_PX = 7.2

# Widest x axes, in hundredths: the smallest one that holds every interval is taken.
AXIS_ENDS = (5, 10, 25, 50, 75, 100)

INK = "#17324d"
QUIET = "#5b6f82"
GRID = "#d9e1e8"
# Dark and filled against light and hollow: told apart without colour.
SERIES = (("circle", "#004080", True), ("diamond", "#b45309", False))
BAR = "#2f6fae"

MOST_REMEMBERED = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A share and its 95 % interval, each from 0 to 1."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class IntervalRow:
    """One line of an interval chart: per series an estimate (None when it is not shown) and the words beside it."""

    label: str
    estimates: tuple[Estimate | None, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BarRow:
    """One bar: its length and the words at its end."""

    label: str
    value: float
    words: str


def interval_chart(rows: Sequence[IntervalRow], *, series: Sequence[str], sentence: str, axis: str) -> Markup:
    """Draw a dot with its 95 % interval for each row and series.

    Args:
        rows: from top to bottom; each has one estimate and one text per series.
        series: names of one or two series; with two, a key is drawn on top.
        sentence: the text alternative, a whole sentence.
        axis: title of the axis, e.g. "pupils in 100".
    """
    placed, height = _placed_intervals(rows, keyed=len(series) > 1)
    end = _axis_end([mark["high"] for mark in placed["marks"]])
    x = alt.X("low:Q", scale=alt.Scale(domain=[0, end], nice=False), axis=_axis(axis, end))
    layers: list[Any] = [
        _layer(placed["lines"]).mark_rule(stroke=GRID, strokeWidth=1).encode(y=_y("y", height)),
        _layer(placed["marks"])
        .mark_rule(strokeWidth=2.4, strokeCap="round")
        .encode(x=x, x2="high:Q", y=_y("y", height), color=_literal("colour")),
    ]
    for number in range(len(series)):
        points = _layer([mark for mark in placed["marks"] if mark["series"] == number])
        layers.append(_pointed(points, number).encode(x="share:Q", y=_y("y", height)))
    layers += [_labels(placed["labels"], height), _words(placed["words"], height)]
    if len(series) > 1:
        layers += _key(series, height)
    return _drawn(layers, height=height, sentence=sentence)


def bar_chart(rows: Sequence[BarRow], *, longest: float, sentence: str) -> Markup:
    """Draw a horizontal bar for each row, its words at the end; no axis is needed.

    Args:
        rows: from top to bottom.
        longest: the value of a bar that fills the plot, so that the charts of one long list can be compared.
        sentence: the text alternative, a whole sentence.
    """
    bars: list[dict[str, Any]] = []
    labels: list[dict[str, Any]] = []
    y = 4.0
    for row in rows:
        lines, tall = _lines(row.label, top=y, room_px=BAR_LABEL_PX)
        labels += lines
        bars.append({"y": y + tall / 2 - 6, "y2": y + tall / 2 + 6, "from": 0, "value": row.value})
        bars[-1] |= {"text": row.words, "middle": y + tall / 2}
        y += tall + BAR_GAP_PX
    x = alt.X("value:Q", scale=alt.Scale(domain=[0, longest or 1], nice=False), axis=None)
    layers = [
        _layer(bars).mark_bar(color=BAR).encode(x=x, x2="from:Q", y=_y("y", y), y2="y2:Q"),
        _layer(bars)
        .mark_text(align="left", baseline="middle", dx=6, fontSize=FONT_PX, color=INK)
        .encode(x="value:Q", y=_y("middle", y), text="text:N"),
        _labels(labels, y),
    ]
    return _drawn(layers, height=y, sentence=sentence, margins=(BAR_LABEL_PX, BAR_VALUE_PX, 2))


def bar_height(label: str) -> float:
    """Say how tall the bar of this label will be, in pixels, so that a long list can be cut into pages."""
    return LINE_PX * len(wrapped(label, BAR_LABEL_PX)) + BAR_GAP_PX


def wrapped(label: str, room_px: int) -> list[str]:
    """Break a label into lines that fit into `room_px` beside the plot; nothing is left out."""
    capitals = sum(letter.isupper() for letter in label)
    letter_px = CAPITAL_PX if capitals * 2 > len(label) else LETTER_PX
    return textwrap.wrap(label, int((room_px - 14) / letter_px)) or [""]


def _placed_intervals(rows: Sequence[IntervalRow], *, keyed: bool) -> tuple[dict[str, list[dict[str, Any]]], float]:
    """Give marks, labels, words and lines with their place from the top, and the height of it all, in pixels."""
    placed: dict[str, list[dict[str, Any]]] = {"marks": [], "labels": [], "words": [], "lines": []}
    y = 16.0 if keyed else 2.0
    for row in rows:
        lines, tall = _lines(row.label, top=y, room_px=LABEL_PX, least=LINE_PX * len(row.estimates))
        placed["labels"] += lines
        for number, (estimate, words) in enumerate(zip(row.estimates, row.words, strict=True)):
            middle = y + tall / 2 + (number - (len(row.estimates) - 1) / 2) * LINE_PX
            placed["words"].append({"y": middle, "text": words, "colour": SERIES[number][1] if keyed else INK})
            if estimate is not None:
                hundredths = {key: round(getattr(estimate, key) * 100, 4) for key in ("share", "low", "high")}
                placed["marks"].append({"y": middle, "series": number, "colour": SERIES[number][1], **hundredths})
        y += tall + ROW_GAP_PX
        placed["lines"].append({"y": y - ROW_GAP_PX / 2})
    return placed, y


def _lines(label: str, *, top: float, room_px: int, least: float = 0) -> tuple[list[dict[str, Any]], float]:
    """Place the lines of a label below `top`, in the middle of at least `least` pixels; give the height taken."""
    texts = wrapped(label, room_px)
    tall = max(LINE_PX * len(texts), least)
    first = top + (tall - LINE_PX * len(texts)) / 2 + LINE_PX / 2
    return [{"y": first + LINE_PX * number, "text": text} for number, text in enumerate(texts)], tall


def _axis_end(highs: Sequence[float]) -> int:
    highest = max(highs, default=0.0)
    return next(end for end in AXIS_ENDS if end >= min(highest, 100))


def _axis(title: str, end: int) -> alt.Axis:
    return alt.Axis(
        title=title, orient="bottom", grid=True, gridColor=GRID, domain=False, ticks=False, labelPadding=6,
        labelColor=QUIET, labelFontSize=11, titleColor=QUIET, titleFontSize=11, titleFontWeight="normal",
        labelOverlap=False, labelBound=False, labelFlush=False, titlePadding=4,
        values=[end * fifth / 5 for fifth in range(6)],
    )  # fmt: skip


def _y(field: str, height: float) -> alt.Y:
    scale = alt.Scale(domain=[height, 0], nice=False, zero=False)
    return alt.Y(f"{field}:Q", scale=scale, axis=None)


def _literal(field: str) -> alt.Color:
    return alt.Color(f"{field}:N", scale=None, legend=None)


def _layer(values: list[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=values))


def _pointed(layer: alt.Chart, number: int) -> Any:
    """Mark the rows of a layer in the way of series `number`."""
    shape, colour, is_filled = SERIES[number]
    fill = colour if is_filled else "#ffffff"
    return layer.mark_point(shape=shape, size=75, opacity=1, strokeWidth=2, filled=False, fill=fill, stroke=colour)


def _labels(values: list[dict[str, Any]], height: float) -> Any:
    return (
        _layer(values)
        .mark_text(align="right", baseline="middle", fontSize=FONT_PX, color=INK)
        .encode(x=alt.value(-12), y=_y("y", height), text="text:N")
    )


def _words(values: list[dict[str, Any]], height: float) -> Any:
    return (
        _layer(values)
        .mark_text(align="left", baseline="middle", fontSize=FONT_PX)
        .encode(
            x=alt.value(WIDTH_PX - LABEL_PX - VALUE_PX + 12), y=_y("y", height), text="text:N", color=_literal("colour")
        )
    )


def _key(series: Sequence[str], height: float) -> list[Any]:
    """Draw what each mark stands for, above the plot."""
    layers = []
    x = 0.0
    for number, name in enumerate(series):
        point = _pointed(_layer([{"y": 4}]), number)
        text = _layer([{"y": 4, "text": name}]).mark_text(
            align="left", baseline="middle", fontSize=FONT_PX, color=SERIES[number][1], fontWeight="bold"
        )
        layers += [
            point.encode(x=alt.value(x + 6), y=_y("y", height)),
            text.encode(x=alt.value(x + 16), y=_y("y", height), text="text:N"),
        ]
        x += 46 + len(name) * LETTER_PX
    return layers


def _drawn(
    layers: list[Any],
    *,
    height: float,
    sentence: str,
    margins: tuple[int, int, int] = (LABEL_PX, VALUE_PX, BOTTOM_PX),
) -> Markup:
    """Put the layers into one picture; `margins` are left, right and below the plot, in pixels."""
    left, right, below = margins
    padding = {"left": left, "right": right, "top": 6, "bottom": below}
    chart = (
        alt.layer(*layers)
        .properties(
            width=WIDTH_PX - left - right, height=height, padding=padding, autosize=alt.AutoSizeParams(type="none")
        )
        .configure(font=FONT_FAMILY, background="white")
        .configure_view(stroke=None)
    )
    svg = _svg(json.dumps(chart.to_dict(), sort_keys=True))
    title = f"<title>{escape(' '.join(sentence.split()))}</title>"
    # Safe: the drawing is the library's, which escapes the labels, and the sentence was escaped here.
    return Markup(svg.replace(">", f">{title}", 1))  # noqa: S704


@lru_cache(maxsize=MOST_REMEMBERED)
def _svg(specification: str) -> str:
    """Draw a specification; the same one is drawn once in a process.

    The parts lose their own names and roles: a screen reader meets one picture with one sentence.
    """
    svg = vl_convert.vegalite_to_svg(specification)
    svg = re.sub(r' (?:aria-[a-z]+|role|pointer-events|class)="[^"]*"', "", svg)
    svg = re.sub(r'<path d="M[-0-9.,hvzHVZ]*"/>|<path d="" display="none"/>', "", svg)
    svg = re.sub(r"\d+\.\d{4,}", lambda found: f"{float(found[0]):.3f}".rstrip("0").rstrip("."), svg)
    return svg.replace("<svg ", '<svg role="img" ', 1)
