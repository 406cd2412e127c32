"""Charts as accessible SVG: one look for paper and page.

What every chart keeps to: the whole finding is one sentence in the first ``<title>`` child (WeasyPrint and screen
readers take the text alternative from there); uncertainty is always drawn; values are written beside their marks, so
that nobody has to measure against an axis; marks differ in shape and in lightness, not in hue alone, so that the chart
survives a grey copier and a colour-blind reader; labels wrap and are never cut.

Drawn with Vega-Lite through vl-convert. The specification is written here as plain values, not with altair: of the
140 ms (CPU) that a chart took with it, 120 were altair checking its own objects, on every chart of every report. A
test has altair check one of each kind instead. Every coordinate across the page is ours, so the drawing does not
depend on how wide some font is on some machine. The same chart is drawn once in a process. The table with the same
numbers belongs to the template: a chart here is never the only place of a number.
"""

import json
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

from flask_babel import gettext as _
from markupsafe import Markup

from prevention.core.pdf import FONT_FAMILY
from prevention.reports import drawings

# 170 mm between the margins of an A4 page, in CSS pixels.
WIDTH_PX = 642
# Room for labels and for the words at the right end. Bars carry long names and short numbers.
LABEL_PX, VALUE_PX = 232, 128
BAR_LABEL_PX, BAR_VALUE_PX = 300, 72

FONT_PX = 12
LINE_PX = 14
ROW_GAP_PX = 12
BAR_PX = 12
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

# A dot and the room around it.
_DOT_PX = 26

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

Values = dict[str, Any]

_TEXT: Values = {"field": "text", "type": "nominal"}
_OWN_COLOUR: Values = {"field": "colour", "type": "nominal", "scale": None, "legend": None}


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
    return _picture(_drawn(_interval_specification(rows, series=series, axis=axis)), sentence)


def bar_chart(rows: Sequence[BarRow], *, longest: float, sentence: str) -> Markup:
    """Draw a horizontal bar for each row, its words at the end; no axis is needed.

    Args:
        rows: from top to bottom.
        longest: the value of a bar that fills the plot, so that the charts of one long list can be compared.
        sentence: the text alternative, a whole sentence.
    """
    return _picture(_drawn(_bar_specification(rows, longest=longest)), sentence)


def hundred_dots(marked: int, *, sentence: str) -> Markup:
    """Draw a hundred dots in ten rows, the first `marked` of them filled and the others hollow.

    Args:
        marked: from 0 to 100.
        sentence: the text alternative, a whole sentence.
    """
    dots = "".join(
        f'<circle cx="{_DOT_PX * (number % 10) + _DOT_PX // 2}" cy="{_DOT_PX * (number // 10) + _DOT_PX // 2}" r="9"'
        f' fill="{BAR if number < marked else "none"}" stroke="{BAR}" stroke-width="2"/>'
        for number in range(100)
    )
    side = _DOT_PX * 10
    return _picture(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side}">{dots}</svg>',
        sentence,
    )


def bar_height(label: str) -> float:
    """Say how tall the bar of this label will be, in pixels, so that a long list can be cut into pages."""
    return LINE_PX * len(wrapped(label, BAR_LABEL_PX)) + BAR_GAP_PX


def wrapped(label: str, room_px: int) -> list[str]:
    """Break a label into lines that fit into `room_px` beside the plot; nothing is left out."""
    capitals = sum(letter.isupper() for letter in label)
    letter_px = CAPITAL_PX if capitals * 2 > len(label) else LETTER_PX
    return textwrap.wrap(label, int((room_px - 14) / letter_px)) or [""]


def _interval_specification(rows: Sequence[IntervalRow], *, series: Sequence[str], axis: str) -> Values:
    is_keyed = len(series) > 1
    placed, height = _placed_intervals(rows, is_keyed=is_keyed)
    end = _axis_end([mark["high"] for mark in placed["marks"]])
    x = {"field": "low", "type": "quantitative", "scale": {"domain": [0, end], "nice": False}, "axis": _axis(axis, end)}
    lines = {"type": "rule", "strokeWidth": 2.4, "strokeCap": "round"}
    layers = [
        _layer(placed["lines"], {"type": "rule", "stroke": GRID, "strokeWidth": 1}, y=_y(height)),
        _layer(placed["marks"], lines, x=x, x2={"field": "high"}, y=_y(height), color=_OWN_COLOUR),
        *(
            _layer(
                [mark for mark in placed["marks"] if mark["series"] == number],
                _point(number),
                x={"field": "share", "type": "quantitative"},
                y=_y(height),
            )
            for number in range(len(series))
        ),
        _labels(placed["labels"], height),
        _layer(
            placed["words"], _text("left"), x={"value": _plot_px(LABEL_PX, VALUE_PX) + 12}, y=_y(height), text=_TEXT,
            color=_OWN_COLOUR,
        ),
        *(_key(series, height) if is_keyed else ()),
    ]  # fmt: skip
    return _specification(layers, height=height, left=LABEL_PX, right=VALUE_PX, below=BOTTOM_PX)


def _bar_specification(rows: Sequence[BarRow], *, longest: float) -> Values:
    bars: list[Values] = []
    labels: list[Values] = []
    y = 4.0
    for row in rows:
        lines, tall = _lines(row.label, top=y, room_px=BAR_LABEL_PX)
        labels += lines
        middle = y + tall / 2
        bars.append(
            {"y": middle - BAR_PX / 2, "y2": middle + BAR_PX / 2, "middle": middle, "from": 0, "value": row.value,
             "text": row.words}
        )  # fmt: skip
        y += tall + BAR_GAP_PX
    scale = {"domain": [0, longest or 1], "nice": False}
    x = {"field": "value", "type": "quantitative", "scale": scale, "axis": None}
    words = {**_text("left"), "dx": 6, "color": INK}
    layers = [
        _layer(bars, {"type": "bar", "color": BAR}, x=x, x2={"field": "from"}, y=_y(y), y2={"field": "y2"}),
        _layer(bars, words, x={"field": "value", "type": "quantitative"}, y=_y(y, field="middle"), text=_TEXT),
        _labels(labels, y),
    ]
    return _specification(layers, height=y, left=BAR_LABEL_PX, right=BAR_VALUE_PX, below=2)


def _placed_intervals(rows: Sequence[IntervalRow], *, is_keyed: bool) -> tuple[dict[str, list[Values]], float]:
    """Give marks, labels, words and lines with their place from the top, and the height of it all, in pixels."""
    placed: dict[str, list[Values]] = {"marks": [], "labels": [], "words": [], "lines": []}
    y = 16.0 if is_keyed else 2.0
    for row in rows:
        lines, tall = _lines(row.label, top=y, room_px=LABEL_PX, least=LINE_PX * len(row.estimates))
        placed["labels"] += lines
        for number, (estimate, words) in enumerate(zip(row.estimates, row.words, strict=True)):
            middle = y + tall / 2 + (number - (len(row.estimates) - 1) / 2) * LINE_PX
            colour = SERIES[number][1]
            placed["words"].append({"y": middle, "text": words, "colour": colour if is_keyed else INK})
            if estimate is not None:
                hundredths = {key: round(getattr(estimate, key) * 100, 4) for key in ("share", "low", "high")}
                placed["marks"].append({"y": middle, "series": number, "colour": colour, **hundredths})
        y += tall + ROW_GAP_PX
        placed["lines"].append({"y": y - ROW_GAP_PX / 2})
    return placed, y


def _lines(label: str, *, top: float, room_px: int, least: float = 0) -> tuple[list[Values], float]:
    """Place the lines of a label below `top`, in the middle of at least `least` pixels; give the height taken."""
    texts = wrapped(label, room_px)
    tall = max(LINE_PX * len(texts), least)
    first = top + (tall - LINE_PX * len(texts)) / 2 + LINE_PX / 2
    return [{"y": first + LINE_PX * number, "text": text} for number, text in enumerate(texts)], tall


def _axis_end(highs: Sequence[float]) -> int:
    highest = max(highs, default=0.0)
    return next(end for end in AXIS_ENDS if end >= min(highest, 100))


def _axis(title: str, end: int) -> Values:
    return {
        "title": title, "orient": "bottom", "grid": True, "gridColor": GRID, "domain": False, "ticks": False,
        "labelPadding": 6, "labelColor": QUIET, "labelFontSize": 11, "labelOverlap": False, "labelBound": False,
        "labelFlush": False, "titleColor": QUIET, "titleFontSize": 11, "titleFontWeight": "normal",
        "titlePadding": 4, "values": [end * fifth / 5 for fifth in range(6)],
    }  # fmt: skip


def _y(height: float, *, field: str = "y") -> Values:
    scale = {"domain": [height, 0], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": None}


def _layer(values: list[Values], mark: Values, **encoding: Values) -> Values:
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}


def _point(number: int) -> Values:
    """Give the mark of series `number`."""
    shape, colour, is_filled = SERIES[number]
    fill = colour if is_filled else "#ffffff"
    return {
        "type": "point", "shape": shape, "size": 75, "opacity": 1, "strokeWidth": 2, "filled": False, "fill": fill,
        "stroke": colour,
    }  # fmt: skip


def _text(align: str) -> Values:
    return {"type": "text", "align": align, "baseline": "middle", "fontSize": FONT_PX}


def _labels(values: list[Values], height: float) -> Values:
    return _layer(values, {**_text("right"), "color": INK}, x={"value": -12}, y=_y(height), text=_TEXT)


def _key(series: Sequence[str], height: float) -> list[Values]:
    """Draw what each mark stands for, above the plot."""
    layers = []
    x = 0.0
    for number, name in enumerate(series):
        words = {**_text("left"), "color": SERIES[number][1], "fontWeight": "bold"}
        layers += [
            _layer([{"y": 4}], _point(number), x={"value": x + 6}, y=_y(height)),
            _layer([{"y": 4, "text": name}], words, x={"value": x + 16}, y=_y(height), text=_TEXT),
        ]
        x += 46 + len(name) * LETTER_PX
    return layers


def _plot_px(left: int, right: int) -> int:
    return WIDTH_PX - left - right


def _specification(layers: list[Values], *, height: float, left: int, right: int, below: int) -> Values:
    """Put the layers into one picture; `left`, `right` and `below` are the room around the plot, in pixels."""
    return {
        "$schema": SCHEMA,
        "layer": layers,
        "width": _plot_px(left, right),
        "height": height,
        "padding": {"left": left, "right": right, "top": 6, "bottom": below},
        "autosize": {"type": "none"},
        "config": {"font": FONT_FAMILY, "background": "white", "view": {"stroke": None}},
    }


def _drawn(specification: Values) -> str | None:
    return drawings.drawn(json.dumps(specification, sort_keys=True), _svg)


@lru_cache(maxsize=MOST_REMEMBERED)
def _svg(specification: str) -> str:
    """Draw a specification; the same one is drawn once in a process.

    The parts lose their own names and roles: a screen reader meets one picture with one sentence.
    """
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(specification)
    svg = re.sub(r' (?:aria-[a-z]+|role|pointer-events|class)="[^"]*"', "", svg)
    svg = re.sub(r'<path d="M[-0-9.,hvzHVZ]*"/>|<path d="" display="none"/>', "", svg)
    svg = re.sub(r"\d+\.\d{4,}", lambda found: f"{float(found[0]):.3f}".rstrip("0").rstrip("."), svg)
    return svg.replace("<svg ", '<svg role="img" ', 1)


def _picture(svg: str | None, sentence: str) -> Markup:
    """Give a drawing its sentence, as its first child; words in the place of one that is still to be drawn."""
    if svg is None:
        words = escape(_("This chart is still being drawn; its numbers stand in the table. Look again in a minute."))
        return Markup(f'<p class="absent">{words}</p>')  # noqa: S704  # escaped here
    title = f"<title>{escape(' '.join(sentence.split()))}</title>"
    # Safe: the drawing is the library's, which escapes the labels, and the sentence was escaped here.
    return Markup(svg.replace(">", f">{title}", 1))  # noqa: S704
