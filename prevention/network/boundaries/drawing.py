"""A choropleth of the district as accessible SVG: municipalities in classes, told apart without colour. Pure.

What every map keeps to: its finding is one sentence in the first ``<title>`` (the text alternative on paper and for a
screen reader); classes differ in lightness, and those that are no amount (never reached, not known, not concerned) in
their pattern, so that the map survives a grey copier and a colour-blind reader; the key says how many municipalities
each class has. A table with the same numbers stands beside it: that is the template's.
"""

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from xml.sax.saxutils import escape, quoteattr

from markupsafe import Markup

from prevention.core.pdf import FONT_FAMILY
from prevention.network.boundaries.shapes import Territory

INK = "#17324d"
# One hue from light to dark: lightness alone says which is more (contrast between neighbours 1.5 to 2.6).
AMOUNTS = ("#c3dbf0", "#7fb2de", "#3779bb", "#0b376b")
BLANK = "#ffffff"
_SIZE_PX, _LINE_PX, _SWATCH_PX = 12, 20, 14
# The key has two columns; some 5.9 px a letter.
_KEY_LETTERS = 46
_NAME_LETTER_PX = 6.4
MOST_CLASSES = len(AMOUNTS)


class Look(StrEnum):
    """How a class that is no amount looks."""

    DOTS = "dots"
    HATCH = "hatch"
    BLANK = "blank"
    OUTSIDE = "outside"


_PLAIN = {Look.BLANK: BLANK, Look.OUTSIDE: "#e4e8ec"}


@dataclass(frozen=True, kw_only=True, slots=True)
class MapClass:
    """A class of the map: the words of the key, and how it looks: a place among `AMOUNTS`, or a pattern."""

    words: str
    look: int | Look


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """One municipality on the map: number of its class, and the words of its hint."""

    mark: int
    words: str


def choropleth(
    territory: Territory,
    *,
    name: str,
    classes: Sequence[MapClass],
    places: Mapping[str, Drawn],
    otherwise: int,
    sentence: str,
    labelled: Iterable[str] = (),
) -> Markup:
    """Draw a map of the district.

    Args:
        territory: the shapes.
        name: tells the patterns of maps on one page apart; letters and hyphens.
        classes: in the order of the key; one without a municipality is not in it.
        places: by ISTAT code.
        otherwise: the class of the municipalities that `places` does not name.
        sentence: the text alternative, a whole sentence.
        labelled: ISTAT codes of the places to name, the most important first; a name that would lie over another one
            is left out.
    """
    shapes = [place for place in territory.places if place.path]
    marks = {place.istat_code: places[place.istat_code].mark if place.istat_code in places else otherwise
             for place in shapes}  # fmt: skip
    lines = "".join(
        f'<path d="{place.path}" fill="{_fill(classes[marks[place.istat_code]].look, name)}">'
        f"<title>{escape(places[place.istat_code].words if place.istat_code in places else place.name)}</title></path>"
        for place in shapes
    )
    width, height = territory.width // 2, territory.height // 2
    key, key_height = _key(classes, Counter(marks.values()), name=name, top=height + 14, width=width)
    return Markup(  # noqa: S704  # safe: names and words are escaped where they go in, the rest is ours
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height + key_height + 14}"'
        f' width="{width}" height="{height + key_height + 14}" font-family={quoteattr(FONT_FAMILY)}'
        f' font-size="{_SIZE_PX}"><title>{escape(" ".join(sentence.split()))}</title>'
        f"<defs>{_patterns(name)}</defs>"
        f'<g transform="scale(.5)" stroke="{INK}" stroke-width="1" stroke-linejoin="round">{lines}</g>'
        f"{_names(territory, labelled)}{key}</svg>"
    )


def _fill(look: int | Look, name: str) -> str:
    if isinstance(look, int):
        return AMOUNTS[look]
    return _PLAIN.get(look) or f"url(#{name}-{look})"


def _patterns(name: str) -> str:
    return (
        f'<pattern id="{name}-{Look.DOTS}" width="14" height="14" patternUnits="userSpaceOnUse">'
        '<rect width="14" height="14" fill="#ffffff"/><circle cx="4" cy="4" r="2.4" fill="#8a1f5c"/>'
        '<circle cx="11" cy="11" r="2.4" fill="#8a1f5c"/></pattern>'
        f'<pattern id="{name}-{Look.HATCH}" width="12" height="12" patternUnits="userSpaceOnUse">'
        '<rect width="12" height="12" fill="#ffffff"/>'
        f'<path d="M-3 3l6 -6M0 12L12 0M9 15l6 -6" stroke="{INK}" stroke-width="1.6"/></pattern>'
    )


def _names(territory: Territory, labelled: Iterable[str]) -> str:
    """Write names into the map, each with a light edge around it."""
    known = {place.istat_code: place for place in territory.places if place.path}
    taken: list[tuple[float, float, float, float]] = []
    written = []
    for code in labelled:
        if code not in known:
            continue
        place = known[code]
        half = len(place.name) * _NAME_LETTER_PX / 2
        x = min(max(place.x / 2, half + 2), territory.width / 2 - half - 2)
        box = (x - half, place.y / 2 - 8, x + half, place.y / 2 + 8)
        if any(box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in taken):
            continue
        taken.append(box)
        where = f'x="{x:.1f}" y="{place.y / 2 + 4:.1f}" text-anchor="middle"'
        words = escape(place.name)
        written.append(
            f'<text {where} fill="#ffffff" stroke="#ffffff" stroke-width="3" stroke-linejoin="round"'
            f' aria-hidden="true">{words}</text><text {where} fill="{INK}" font-weight="600">{words}</text>'
        )
    return "".join(written)


def _key(classes: Sequence[MapClass], counts: Mapping[int, int], *, name: str, top: int, width: int) -> tuple[str, int]:
    """Write what each look stands for below the map, in two columns; give it with its height."""
    used = [(number, each) for number, each in enumerate(classes) if counts.get(number)]
    column_px = width // 2
    tops = [top, top]
    written = []
    for place, (number, each) in enumerate(used):
        column = 0 if place < (len(used) + 1) // 2 else 1
        lines = textwrap.wrap(f"{each.words} ({counts[number]})", _KEY_LETTERS)
        x, y = column * column_px + 1, tops[column]
        # Patterns are made for the shapes, which are drawn at half their size.
        written.append(
            f'<g transform="translate({x} {y}) scale(.5)"><rect width="{_SWATCH_PX * 2 + 12}"'
            f' height="{_SWATCH_PX * 2}" fill="{_fill(each.look, name)}" stroke="{INK}" stroke-width="1.6"/></g>'
        )
        written += [
            f'<text x="{x + _SWATCH_PX + 14}" y="{y + 11 + 15 * number}" fill="{INK}">{escape(line)}</text>'
            for number, line in enumerate(lines)
        ]
        tops[column] += max(_LINE_PX, 15 * len(lines) + 5)
    return "".join(written), max(tops) - top


def class_breaks(values: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Find at most three round bounds that part amounts into classes of about as many municipalities each.

    A bound belongs to the class above it; no class is empty. Equal amounts are never parted. Empty for fewer than two
    different amounts.
    """
    ordered = sorted(values)
    if not ordered or ordered[0] == ordered[-1]:
        return ()
    step = _round_step((ordered[-1] - ordered[0]) / (2 * MOST_CLASSES))
    wanted = (ordered[len(ordered) * part // MOST_CLASSES] for part in range(1, MOST_CLASSES))
    rounded = sorted({(value / step).to_integral_value() * step for value in wanted})
    bounds: list[Decimal] = []
    below = ordered[0]
    for bound in rounded:
        if below < bound <= ordered[-1]:
            bounds.append(bound)
            below = next(value for value in ordered if value >= bound)
    return tuple(bounds)


def class_of(value: Decimal, bounds: Sequence[Decimal]) -> int:
    """Say in which class an amount lies, from 0."""
    return sum(value >= bound for bound in bounds)


def looks_for(classes: int) -> tuple[int, ...]:
    """Choose the looks of so many classes of amounts: as far apart in lightness as there are, the darkest the last."""
    return {1: (2,), 2: (1, 3), 3: (0, 2, 3)}.get(classes, tuple(range(MOST_CLASSES)))


def _round_step(least: Decimal) -> Decimal:
    """Give the smallest of 1, 2, 5, 10, … (and 0.1, 0.2, 0.5, …) that is not below `least`."""
    power = Decimal(1).scaleb(least.adjusted())
    return next(power * times for times in (1, 2, 5, 10) if power * times >= least)
