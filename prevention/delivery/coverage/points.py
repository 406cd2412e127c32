"""The coverage on a map: one point for each municipality, drawn from the points inside them that the network knows.

For an installation without boundaries (`filled` draws land where they are loaded): a circle stands at its place, as
large as its schools have pupils, and its tone says whether none, some or all of them were reached. Whoever cannot see
it reads the table below.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import cos, radians, sqrt

from prevention.delivery.coverage.values import MunicipalityCoverage, YearActivity
from prevention.network import service as network

WIDTH, MARGIN = 640, 24
_RADIUS_LEAST, _RADIUS_MOST = 4.0, 18.0


class Reached(StrEnum):
    """How many schools of a place had a meeting."""

    NONE = "none"
    SOME = "some"
    ALL = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """A circle of the map, in its own units; `place` is what it stands for."""

    x: float
    y: float
    radius: float
    reached: Reached
    place: MunicipalityCoverage


@dataclass(frozen=True, kw_only=True, slots=True)
class CoverageMap:
    """The map: its size, its circles with the largest first, and the names of places without a known point."""

    width: int
    height: int
    points: tuple[Point, ...]
    unplaced: tuple[str, ...]


def map_of(activity: YearActivity) -> CoverageMap | None:
    """Draw the municipalities of a year; None when the place of fewer than two is known. One query."""
    known = {
        row.istat_code: (row.longitude, row.latitude)
        for row in network.municipalities()
        if row.longitude is not None and row.latitude is not None
    }
    return draw(activity.municipalities, known)


def draw(places: Sequence[MunicipalityCoverage], known: dict[str, tuple[float, float]]) -> CoverageMap | None:
    """Lay places out by longitude and latitude (degrees), true to distance at their mean latitude."""
    placed = [place for place in places if place.istat_code in known]
    if len(placed) < 2:  # a single point is no map
        return None
    mean = sum(known[place.istat_code][1] for place in placed) / len(placed)
    flat = {
        place.istat_code: (known[place.istat_code][0] * cos(radians(mean)), -known[place.istat_code][1])
        for place in placed
    }
    left, top = min(x for x, _y in flat.values()), min(y for _x, y in flat.values())
    wide = max(x for x, _y in flat.values()) - left
    high = max(y for _x, y in flat.values()) - top
    scale = (WIDTH - 2 * MARGIN) / max(wide, high, 1e-9)
    most = max((place.pupils_enrolled or 0 for place in placed), default=0)
    points = [
        Point(
            x=round(MARGIN + (flat[place.istat_code][0] - left) * scale, 1),
            y=round(MARGIN + (flat[place.istat_code][1] - top) * scale, 1),
            radius=round(_radius(place.pupils_enrolled or 0, most), 1),
            reached=reached_of(place),
            place=place,
        )
        for place in placed
    ]
    return CoverageMap(
        width=WIDTH,
        height=round(high * scale + 2 * MARGIN),
        points=tuple(sorted(points, key=lambda point: -point.radius)),
        unplaced=tuple(_names(place for place in places if place.istat_code not in known)),
    )


def _radius(pupils: int, most: int) -> float:
    # The area, not the radius, is what an eye compares.
    return max(_RADIUS_LEAST, _RADIUS_MOST * sqrt(pupils / most)) if most else _RADIUS_LEAST


def reached_of(place: MunicipalityCoverage) -> Reached:
    """Say how many of the schools of a place were reached."""
    if not place.sites_reached:
        return Reached.NONE
    return Reached.ALL if place.sites_reached == place.sites else Reached.SOME


def _names(places: Iterable[MunicipalityCoverage]) -> list[str]:
    return [place.name for place in places]
