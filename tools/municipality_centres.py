"""Computes the centre points of municipalities from ISTAT's boundaries: ``python -m tools.municipality_centres FILE``.

Input: a GeoJSON of municipal boundaries in EPSG:4326 whose features carry ``com_istat_code`` (openpolis/geojson-italy,
after ISTAT's "Confini delle unità amministrative", CC BY). Output, to standard output: the table that
`prevention.network.centres` reads.

The point of a municipality is the centroid of the area of its largest ring. Where that lies outside (a municipality
bent around another one), it is the middle of the longest stretch that the parallel through the centroid has inside.
Degrees are taken as plane coordinates: over one municipality that moves the point by metres.
"""

import csv
import json
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

Ring = Sequence[Sequence[float]]


def centres(boundaries: dict[str, Any]) -> list[tuple[str, float, float]]:
    """Give ISTAT code, latitude and longitude (degrees, five decimals: about a metre) of each feature, by code."""
    found = []
    for feature in boundaries["features"]:
        longitude, latitude = _point_inside(max(_outer_rings(feature["geometry"]), key=lambda ring: abs(_area(ring))))
        found.append((feature["properties"]["com_istat_code"], round(latitude, 5), round(longitude, 5)))
    return sorted(found)


def is_inside(point: tuple[float, float], ring: Ring) -> bool:
    """Say whether a point (longitude, latitude) lies in a ring: the parallel to its east crosses it an odd number."""
    return sum(1 for at in _crossings(point[1], ring) if at > point[0]) % 2 == 1


def _outer_rings(geometry: dict[str, Any]) -> list[Ring]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [polygon[0] for polygon in polygons]


def _area(ring: Ring) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) / 2


def _centroid(ring: Ring) -> tuple[float, float]:
    # Taken from the first corner, so that large coordinates do not eat the digits.
    x0, y0 = ring[0][0], ring[0][1]
    area = x = y = 0.0
    for a, b in pairwise(ring):
        ax, ay, bx, by = a[0] - x0, a[1] - y0, b[0] - x0, b[1] - y0
        cross = ax * by - bx * ay
        area += cross
        x += (ax + bx) * cross
        y += (ay + by) * cross
    return x0 + x / (3 * area), y0 + y / (3 * area)


def _point_inside(ring: Ring) -> tuple[float, float]:
    point = _centroid(ring)
    if is_inside(point, ring):
        return point
    at = sorted(_crossings(point[1], ring))
    west, east = max(zip(at[::2], at[1::2], strict=True), key=lambda stretch: stretch[1] - stretch[0])
    return (west + east) / 2, point[1]


def _crossings(latitude: float, ring: Ring) -> list[float]:
    return [
        a[0] + (latitude - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
        for a, b in pairwise(ring)
        if (a[1] > latitude) != (b[1] > latitude)
    ]


def main(path: str) -> None:
    """Write the table."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("codice_istat", "latitudine", "longitudine"))
    writer.writerows(centres(json.loads(Path(path).read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main(sys.argv[1])
