"""The coverage on a map of the municipalities' land, where their boundaries are loaded; `points` else.

No school reached is dotted and not the lightest of the blues: it is no amount, and it is what the page is read for.
"""

from flask_babel import gettext as _
from markupsafe import Markup

from prevention.core.web import number
from prevention.delivery.coverage.points import Reached, reached_of
from prevention.delivery.coverage.values import MunicipalityCoverage, YearActivity
from prevention.network.boundaries.drawing import Drawn, Look, MapClass, choropleth
from prevention.network.boundaries.shapes import Territory

_ORDER = (Reached.NONE, Reached.SOME, Reached.ALL)
MOST_NAMES = 10


def filled_map(activity: YearActivity, territory: Territory) -> Markup | None:
    """Draw how many schools of each municipality were reached; None without boundaries, or a municipality of them."""
    if not territory.has_map or not activity.municipalities:
        return None
    by_size = sorted(activity.municipalities, key=lambda place: (-(place.pupils_enrolled or 0), place.name))
    return choropleth(
        territory,
        name="coverage",
        classes=[
            MapClass(words=_("no school reached"), look=Look.DOTS),
            MapClass(words=_("some schools reached"), look=1),
            MapClass(words=_("all schools reached"), look=3),
            MapClass(words=_("no lower or upper secondary school"), look=Look.BLANK),
        ],
        places={place.istat_code: _drawn(place) for place in activity.municipalities},
        otherwise=len(_ORDER),
        sentence=_("Map of the municipalities: how many of their schools were reached. The table below says the same."),
        labelled=[place.istat_code for place in by_size[:MOST_NAMES]],
    )


def never_reached(activity: YearActivity) -> tuple[str, ...]:
    """Name the municipalities with schools of which none was reached."""
    return tuple(place.name for place in activity.municipalities if not place.sites_reached)


def _drawn(place: MunicipalityCoverage) -> Drawn:
    words = _("%(part)s of %(whole)s schools reached", part=number(place.sites_reached), whole=number(place.sites))
    return Drawn(mark=_ORDER.index(reached_of(place)), words=f"{place.name}: {words}")
