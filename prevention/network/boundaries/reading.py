"""Reading of a GeoJSON file (RFC 7946) of municipal boundaries: bytes in; polygons by ISTAT code, or why it is refused.

Which property holds the ISTAT code differs from publisher to publisher (``com_istat_code``, ``PRO_COM_T``,
``PRO_COM``); it is found by its values. Municipalities of provinces that this installation does not have are left out,
so that a file of a region or of all Italy will do. Everything else that is not right refuses the file whole.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from prevention.core.csv_reading import MEBIBYTE
from prevention.core.web import Refusal

if TYPE_CHECKING:
    import shapely

# All municipalities of Italy, in the detail that is published for maps, are some 30 MiB.
MOST_BYTES = 64 * MEBIBYTE
LONGEST_SOURCE, LONGEST_LICENCE = 200, 80
# West, south, east, north of Italy in degrees (EPSG:4326), Lampedusa to the Vetta d'Italia.
WEST, SOUTH, EAST, NORTH = 6.5, 35.3, 18.7, 47.2
# Two municipalities that share more than this part of the smaller one's land are not neighbours.
MOST_OVERLAP = 0.01

_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf")
_DEGREES = ("crs84", "epsg::4326", "epsg:4326", "epsg::4258", "epsg:4258", "epsg::6706", "epsg:6706")
_CODE_LENGTH = 6
_SOURCE_KEYS = ("source", "attribution", "fonte")
_LICENCE_KEYS = ("licence", "license", "licenza")

Ring = list[tuple[float, float]]
Polygon = list[Ring]


class BoundaryFault(StrEnum):
    """Why a file is not a file of municipal boundaries that can be taken in."""

    EMPTY = "empty"
    TOO_BIG = "too_big"
    PACKED = "packed"
    HTML = "html"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    TOPOLOGY = "topology"
    NOT_A_COLLECTION = "not_a_collection"
    OTHER_REFERENCE = "other_reference"
    NO_FEATURES = "no_features"
    LONG_SOURCE = "long_source"
    NO_MUNICIPALITIES = "no_municipalities"
    NO_CODE = "no_code"
    WRONG_CODE = "wrong_code"
    UNKNOWN_MUNICIPALITY = "unknown_municipality"
    DOUBLED = "doubled"
    NOT_A_POLYGON = "not_a_polygon"
    BROKEN_COORDINATES = "broken_coordinates"
    OPEN_RING = "open_ring"
    BROKEN_RING = "broken_ring"
    METRES = "metres"
    SWAPPED = "swapped"
    OUT_OF_ITALY = "out_of_italy"
    OVERLAP = "overlap"


class BoundariesRefused(Refusal):
    """A file of boundaries is refused whole.

    Attributes:
        fault: why.
        file_name: as handed in.
        feature: number of the feature in the file, from 1; None when it is not about one.
        name: what the feature is called, or empty.
        value: what was found there.
        expected: what was wanted instead, when that can be said in one value.
    """

    def __init__(
        self,
        fault: BoundaryFault,
        *,
        file_name: str,
        feature: int | None = None,
        name: str = "",
        value: str = "",
        expected: str = "",
    ) -> None:
        super().__init__(f"{file_name}: {fault} (feature {feature} {name}, value {value!r})")
        self.fault, self.file_name = fault, file_name
        self.feature, self.name, self.value, self.expected = feature, name, value, expected


@dataclass(frozen=True, kw_only=True, slots=True)
class Boundary:
    """The land of one municipality, longitude and latitude in degrees; `feature` is its number in the file."""

    feature: int
    istat_code: str
    land: "shapely.MultiPolygon"


@dataclass(frozen=True, kw_only=True, slots=True)
class BoundaryFileContents:
    """What a file holds for the municipalities that are known here; `left_out` features are of other provinces."""

    boundaries: tuple[Boundary, ...]
    points: int
    code_property: str
    left_out: int
    source: str
    licence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Feature:
    number: int
    properties: Mapping[str, Any]
    geometry: Any


def read_boundaries(content: bytes, *, file_name: str, known: Mapping[str, str]) -> BoundaryFileContents:
    """Read and check a whole file.

    Args:
        content: the file.
        file_name: named in a refusal.
        known: the municipalities of this installation, ISTAT code to name.

    Raises:
        BoundariesRefused: something is wrong with the file or one of its features.
    """
    return _Reader(file_name, known).read(content)


class _Reader:
    """Reads one file; holds what every refusal needs."""

    def __init__(self, file_name: str, known: Mapping[str, str]) -> None:
        self._file_name = file_name
        self._known = known

    def read(self, content: bytes) -> BoundaryFileContents:
        import shapely

        if not self._known:
            raise self._refused(BoundaryFault.NO_MUNICIPALITIES)
        root = self._root(content)
        features = list(self._features(root))
        code_property = self._code_property(features)
        here, left_out = self._here(features, code_property)
        boundaries = tuple(self._boundary(code, feature) for code, feature in here.items())
        self._check_overlaps(boundaries)
        return BoundaryFileContents(
            boundaries=boundaries,
            points=sum(int(shapely.get_num_coordinates(each.land)) for each in boundaries),
            code_property=code_property,
            left_out=left_out,
            source=_first_text(root, _SOURCE_KEYS),
            licence=_first_text(root, _LICENCE_KEYS),
        )

    def _root(self, content: bytes) -> dict[str, Any]:
        if len(content) > MOST_BYTES:
            raise self._refused(BoundaryFault.TOO_BIG, expected=f"{MOST_BYTES // MEBIBYTE} MiB")
        if not content.strip():
            raise self._refused(BoundaryFault.EMPTY)
        if content.startswith(_PACKED):
            raise self._refused(BoundaryFault.PACKED)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise self._refused(BoundaryFault.NOT_UTF8, value=f"0x{content[error.start]:02X}") from error
        if text.lstrip().startswith("<"):
            raise self._refused(BoundaryFault.HTML)
        try:
            root = json.loads(text)
        except json.JSONDecodeError as error:
            raise self._refused(BoundaryFault.NOT_JSON, value=f"{error.lineno}:{error.colno}") from error
        except (ValueError, RecursionError) as error:
            # A number of thousands of digits, or brackets within brackets without end.
            raise self._refused(BoundaryFault.NOT_JSON, value="1:1") from error
        if isinstance(root, dict) and root.get("type") == "Topology":
            raise self._refused(BoundaryFault.TOPOLOGY)
        if not isinstance(root, dict) or root.get("type") != "FeatureCollection":
            raise self._refused(BoundaryFault.NOT_A_COLLECTION)
        self._check_reference(root.get("crs"))
        return root

    def _check_reference(self, crs: object) -> None:
        """Refuse a file that says itself that it is not in degrees; RFC 7946 knows degrees only, older files more."""
        properties = crs.get("properties") if isinstance(crs, dict) else None
        name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
        if name and not name.casefold().endswith(_DEGREES):
            raise self._refused(BoundaryFault.OTHER_REFERENCE, value=name)

    def _features(self, root: Mapping[str, Any]) -> Iterator[_Feature]:
        features = root.get("features")
        if not isinstance(features, list) or not features:
            raise self._refused(BoundaryFault.NO_FEATURES)
        for number, feature in enumerate(features, start=1):
            if not isinstance(feature, dict) or feature.get("type") != "Feature":
                raise self._refused(BoundaryFault.NOT_A_COLLECTION, feature=number)
            properties = feature.get("properties")
            yield _Feature(
                number=number,
                properties=properties if isinstance(properties, dict) else {},
                geometry=feature.get("geometry"),
            )

    def _code_property(self, features: list[_Feature]) -> str:
        """Find the property with the most codes of known municipalities; of equals, the first in the file."""
        found: dict[str, int] = {}
        for feature in features:
            for key, value in feature.properties.items():
                found[key] = found.get(key, 0) + (_code(value) in self._known)
        best = max(found, key=lambda key: found[key], default="")
        if not found.get(best):
            raise self._refused(BoundaryFault.NO_CODE, value=", ".join(list(found)[:12]) or "–")
        return best

    def _here(self, features: list[_Feature], key: str) -> tuple[dict[str, _Feature], int]:
        """Give the features of known municipalities by code, and count those of other provinces."""
        provinces = {code[:3] for code in self._known}
        here: dict[str, _Feature] = {}
        for feature in features:
            code = _code(feature.properties.get(key))
            if not code:
                value = str(feature.properties.get(key, ""))
                raise self._refused(BoundaryFault.WRONG_CODE, feature=feature.number, value=value, expected=key)
            if code[:3] not in provinces:
                continue
            if code not in self._known:
                raise self._refused(BoundaryFault.UNKNOWN_MUNICIPALITY, feature=feature.number, value=code)
            if code in here:
                raise self._refused(
                    BoundaryFault.DOUBLED, feature=feature.number, name=self._known[code], value=code,
                    expected=str(here[code].number),
                )  # fmt: skip
            here[code] = feature
        return here, len(features) - len(here)

    def _boundary(self, code: str, feature: _Feature) -> Boundary:
        import shapely

        place = {"feature": feature.number, "name": self._known[code]}
        polygons = self._polygons(feature.geometry, place)
        land = shapely.MultiPolygon([(polygon[0], polygon[1:]) for polygon in polygons])
        if not land.is_valid or not land.area:
            reason = shapely.is_valid_reason(land)
            where = reason.partition("[")[2].rstrip("]") or "–"
            raise self._refused(BoundaryFault.BROKEN_RING, value=where, **place)
        return Boundary(feature=feature.number, istat_code=code, land=land)

    def _polygons(self, geometry: Any, place: dict[str, Any]) -> list[Polygon]:
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        if kind not in ("Polygon", "MultiPolygon"):
            raise self._refused(BoundaryFault.NOT_A_POLYGON, value=str(kind or "–"), **place)
        given = geometry.get("coordinates")
        polygons = [given] if kind == "Polygon" else given
        if not isinstance(polygons, list) or not polygons:
            raise self._refused(BoundaryFault.BROKEN_COORDINATES, **place)
        return [self._polygon(polygon, place) for polygon in polygons]

    def _polygon(self, rings: Any, place: dict[str, Any]) -> Polygon:
        if not isinstance(rings, list) or not rings:
            raise self._refused(BoundaryFault.BROKEN_COORDINATES, **place)
        return [self._ring(ring, place) for ring in rings]

    def _ring(self, ring: Any, place: dict[str, Any]) -> Ring:
        if not isinstance(ring, list):
            raise self._refused(BoundaryFault.BROKEN_COORDINATES, **place)
        positions = [self._position(position, place) for position in ring]
        if len(positions) < 4 or positions[0] != positions[-1]:  # RFC 7946, 3.1.6
            raise self._refused(BoundaryFault.OPEN_RING, value=str(len(positions)), **place)
        return positions

    def _position(self, position: Any, place: dict[str, Any]) -> tuple[float, float]:
        if not isinstance(position, list) or len(position) < 2 or not all(map(_is_number, position[:2])):
            raise self._refused(BoundaryFault.BROKEN_COORDINATES, **place)
        longitude, latitude = position[:2]
        if not (WEST <= longitude <= EAST and SOUTH <= latitude <= NORTH):
            raise self._refused(_fault_of(longitude, latitude), value=f"{longitude}, {latitude}"[:60], **place)
        return float(longitude), float(latitude)

    def _check_overlaps(self, boundaries: tuple[Boundary, ...]) -> None:
        """Refuse land that two municipalities claim; a hair's breadth along a border is how maps are drawn."""
        import shapely

        lands = [each.land for each in boundaries]
        pairs = shapely.STRtree(lands).query(lands, predicate="intersects").T.tolist()
        for one, other in sorted(pairs):
            if one >= other:
                continue
            smaller = min(lands[one].area, lands[other].area)
            if lands[one].intersection(lands[other]).area > smaller * MOST_OVERLAP:
                later, earlier = boundaries[other], boundaries[one]
                raise self._refused(
                    BoundaryFault.OVERLAP, feature=later.feature, name=self._known[later.istat_code],
                    value=self._known[earlier.istat_code], expected=str(earlier.feature),
                )  # fmt: skip

    def _refused(self, fault: BoundaryFault, **values: Any) -> BoundariesRefused:
        return BoundariesRefused(fault, file_name=self._file_name, **values)


def _code(value: object) -> str:
    """Write an ISTAT code with its six digits; programs that take it for a number drop the zero in front."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return ""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    is_code = text.isascii() and text.isdigit() and _CODE_LENGTH - 2 <= len(text) <= _CODE_LENGTH
    return text.zfill(_CODE_LENGTH) if is_code else ""


def _is_number(value: object) -> bool:
    # NaN is not equal to itself; JSON has none, but Python's reader takes it.
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def _fault_of(x: float, y: float) -> BoundaryFault:
    if not (-180 <= x <= 180 and -90 <= y <= 90):
        return BoundaryFault.METRES
    return BoundaryFault.SWAPPED if WEST <= y <= EAST and SOUTH <= x <= NORTH else BoundaryFault.OUT_OF_ITALY


def _first_text(root: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """Find what a file says about itself, at its top or under "metadata"."""
    metadata = root.get("metadata")
    for place in (root, metadata if isinstance(metadata, dict) else {}):
        for key, value in place.items():
            if key.casefold() in keys and isinstance(value, str) and value.strip():
                return " ".join(value.split())
    return ""
