"""From land in degrees to the lines of a printed map: made simple together, laid flat, written as SVG paths. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import shapely

# Side, in degrees of latitude (some 150 m), of the least corner that is kept: a map across an A4 page shows no less.
TOLERANCE = 0.0015
# A metre, about.
DECIMALS = 5
# The map in its own units, two for each CSS pixel of a page of 642.
WIDTH, MOST_HEIGHT, MARGIN = 1284, 1000, 8

Position = Sequence[float]
Rings = Sequence[Sequence[Sequence[Position]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A municipality: its planning area (empty when none is assigned) and its shape (empty when it has none).

    `path` is SVG path data, `x` and `y` a point inside it for its name, in the units of the map.
    """

    istat_code: str
    name: str
    planning_area: str = ""
    path: str = ""
    x: int = 0
    y: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Territory:
    """All municipalities of a district, by name; size of their map and where its lines come from, if it has any."""

    places: tuple[Place, ...] = ()
    width: int = 0
    height: int = 0
    sources: tuple[str, ...] = ()

    @property
    def has_map(self) -> bool:
        """Say whether there is something to draw: a single shape is no map."""
        return sum(bool(place.path) for place in self.places) > 1

    @property
    def planning_areas(self) -> dict[str, tuple[Place, ...]]:
        """Give the places of each planning area, by its name; those of none are left out."""
        names = sorted({place.planning_area for place in self.places if place.planning_area})
        return {name: tuple(place for place in self.places if place.planning_area == name) for name in names}

    @property
    def unassigned(self) -> tuple[Place, ...]:
        """Give the places that no planning area was assigned to."""
        return tuple(place for place in self.places if not place.planning_area)


def simplify(lands: Sequence["shapely.MultiPolygon"]) -> list[Any]:
    """Make borders simpler, each one the same for both its neighbours; give coordinates as JSON keeps them."""
    import shapely

    shrink = _shrink(sum(land.centroid.y for land in lands) / len(lands))
    flat = [shapely.transform(land, lambda xy: xy * (shrink, 1.0)) for land in lands]
    simple = shapely.coverage_simplify(flat, TOLERANCE)
    return [_polygons(land, shrink) for land in simple]


def _polygons(land: Any, shrink: float) -> list[list[list[list[float]]]]:
    parts = land.geoms if hasattr(land, "geoms") else [land]
    return [
        [
            [[round(x / shrink, DECIMALS), round(y, DECIMALS)] for x, y in ring.coords]
            for ring in (part.exterior, *part.interiors)
        ]
        for part in parts
    ]


def count_points(polygons: Rings) -> int:
    """Count the positions of a shape."""
    return sum(len(ring) for polygon in polygons for ring in polygon)


def lay_flat(shapes: Mapping[str, Rings]) -> tuple[dict[str, tuple[str, int, int]], int, int]:
    """Lay shapes out on one map, true to distance at its middle; give path and point by code, width and height."""
    if not shapes:
        return {}, 0, 0
    positions = [position for shape in shapes.values() for polygon in shape for ring in polygon for position in ring]
    west, east = min(p[0] for p in positions), max(p[0] for p in positions)
    south, north = min(p[1] for p in positions), max(p[1] for p in positions)
    shrink = _shrink((south + north) / 2)
    wide, high = max((east - west) * shrink, 1e-9), max(north - south, 1e-9)
    scale = min((WIDTH - 2 * MARGIN) / wide, (MOST_HEIGHT - 2 * MARGIN) / high)
    left = (WIDTH - wide * scale) / 2

    def placed(position: Position) -> tuple[int, int]:
        return round(left + (position[0] - west) * shrink * scale), round(MARGIN + (north - position[1]) * scale)

    height = round(high * scale + 2 * MARGIN)
    return {code: _drawn([[list(map(placed, ring)) for ring in one] for one in shape])
            for code, shape in shapes.items()}, WIDTH, height  # fmt: skip


def _drawn(polygons: list[list[list[tuple[int, int]]]]) -> tuple[str, int, int]:
    """Write a shape as a path; its point is the middle of the widest stretch of its largest part."""
    largest = max((polygon[0] for polygon in polygons), key=_extent)
    x, y = _point_inside(largest)
    path = "".join(_path(ring) for polygon in polygons for ring in polygon)
    # What is smaller than the map can show stays a dot, so that nobody is missing.
    return path or f"M{x - 2} {y - 2}h4v4h-4z", x, y


def _path(ring: Iterable[tuple[int, int]]) -> str:
    points: list[tuple[int, int]] = []
    for point in ring:
        if not points or point != points[-1]:
            points.append(point)
    if len(set(points)) < 3:
        return ""
    if points[0] == points[-1]:
        points.pop()
    (x, y), *rest = points
    steps = []
    for to_x, to_y in rest:
        steps.append(f"{to_x - x} {to_y - y}")
        x, y = to_x, to_y
    return f"M{points[0][0]} {points[0][1]}l{' '.join(steps)}z"


def _extent(ring: Sequence[tuple[int, int]]) -> int:
    xs, ys = [x for x, _y in ring], [y for _x, y in ring]
    return (max(xs) - min(xs)) * (max(ys) - min(ys))


def _point_inside(ring: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Give the middle of the longest stretch inside a ring, at half its height."""
    ys = [y for _x, y in ring]
    y = (min(ys) + max(ys)) / 2 + 0.25  # between whole numbers, so that no corner lies on the line
    crossings = sorted(
        x1 + (y - y1) * (x2 - x1) / (y2 - y1) for (x1, y1), (x2, y2) in pairwise(ring) if (y1 > y) != (y2 > y)
    )
    stretches = list(zip(crossings[::2], crossings[1::2], strict=False))
    if not stretches:
        return ring[0]
    west, east = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
    return round((west + east) / 2), round(y)


def _shrink(latitude: float) -> float:
    """Say how long a degree of longitude is at a latitude, in degrees of latitude."""
    return cos(radians(latitude))
