"""The map of a year: hours per enrolled pupil in each municipality, from the shapes that the figures hold.

Results of the survey are not put on a map: every estimate of ours is drawn with its interval, and land has no room for
one. They stand in tables, where disclosure control released them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from flask_babel import gettext as _
from markupsafe import Markup

from prevention.delivery.coverage import MunicipalityCoverage
from prevention.network.boundaries.drawing import Drawn, Look, MapClass, choropleth, class_breaks, class_of, looks_for
from prevention.reports.figures import YearFigures
from prevention.reports.printed import rate_words

MOST_NAMES = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class DistrictMap:
    """A map with its caption, and where its lines come from."""

    svg: Markup
    caption: str
    source: str


def hours_map(figures: YearFigures, *, only: frozenset[str] = frozenset()) -> DistrictMap | None:
    """Draw the hours per enrolled pupil; None without boundaries, or when no municipality has a school.

    Args:
        figures: of the year.
        only: ISTAT codes of a planning area; the others are drawn as outside of it. Empty draws the whole district.
    """
    territory = figures.territory
    places = tuple(one for one in figures.activity.municipalities if not only or one.istat_code in only)
    if territory is None or not territory.has_map or not places:
        return None
    amounts = [place.hours_per_pupil for place in places if place.sites_reached and place.hours_per_pupil is not None]
    bounds = class_breaks(amounts)
    classes = [MapClass(words=words, look=look) for words, look in _amounts(amounts, bounds)]
    never, unknown, without, outside = range(len(classes), len(classes) + 4)
    classes += [
        MapClass(words=_("no meeting was held"), look=Look.DOTS),
        MapClass(words=_("meetings were held, the number of pupils is not known"), look=Look.HATCH),
        MapClass(words=_("no lower or upper secondary school"), look=Look.BLANK),
        MapClass(words=_("outside the planning area"), look=Look.OUTSIDE),
    ]
    drawn = {one.istat_code: Drawn(mark=without, words=one.name) for one in territory.places if one.istat_code in only}
    for place in places:
        mark, words = _mark(place, bounds, never=never, unknown=unknown)
        drawn[place.istat_code] = Drawn(mark=mark, words=f"{place.name}: {words or classes[mark].words}")
    caption = _("Hours per enrolled pupil, by municipality")
    by_size = sorted(places, key=lambda place: (-(place.pupils_enrolled or 0), place.name))
    return DistrictMap(
        svg=choropleth(
            territory,
            name="hours",
            classes=classes,
            places=drawn,
            otherwise=outside if only else without,
            sentence=_sentence(caption, places, drawn, classes),
            labelled=[place.istat_code for place in by_size[:MOST_NAMES]],
        ),
        caption=caption,
        source=_("Boundaries: %(sources)s; made simpler for print.", sources="; ".join(territory.sources)),
    )


def _mark(place: MunicipalityCoverage, bounds: Sequence[Decimal], *, never: int, unknown: int) -> tuple[int, str]:
    if not place.sites_reached:
        return never, ""
    if place.hours_per_pupil is None:
        return unknown, ""
    return class_of(place.hours_per_pupil, bounds), rate_words(place.hours_per_pupil)


def _amounts(amounts: Sequence[Decimal], bounds: Sequence[Decimal]) -> list[tuple[str, int]]:
    """Give words and look of each class of amounts, the least first."""
    if not amounts:
        return []
    if not bounds:
        return [(_("%(hours)s hours", hours=rate_words(amounts[0])), looks_for(1)[0])]
    words = [_("less than %(hours)s hours", hours=rate_words(bounds[0]))]
    words += [
        _("%(least)s to less than %(most)s hours", least=rate_words(low), most=rate_words(high))
        for low, high in pairwise(bounds)
    ]
    words.append(_("%(hours)s hours or more", hours=rate_words(bounds[-1])))
    return list(zip(words, looks_for(len(words)), strict=True))


def _sentence(
    caption: str, places: Sequence[MunicipalityCoverage], drawn: dict[str, Drawn], classes: Sequence[MapClass]
) -> str:
    """Say the whole map: each class with the places in it."""
    parts = []
    for number, each in enumerate(classes):
        names = [place.name for place in places if drawn[place.istat_code].mark == number]
        if names:
            parts.append(f"{each.words}: {', '.join(names)}")
    return f"{caption}. {'; '.join(parts)}."
