"""Boundaries of municipalities: taken in whole or refused with the feature and the reason, kept, taken away."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from prevention.accounts.models import User
from prevention.network import service
from prevention.network.boundaries.reading import (
    MOST_BYTES,
    BoundariesRefused,
    BoundaryFault,
    BoundaryFileContents,
    read_boundaries,
)
from prevention.network.boundaries.shapes import Territory, lay_flat, simplify
from prevention.network.models import BoundaryFile, MunicipalityBoundary
from prevention.network.service import BoundaryReport
from prevention.network.wording import BOUNDARY_REASONS, boundaries_refused_in_words, boundary_report_in_words
from tests.factories.network import make_boundary, make_municipality, square
from tests.support.http import Client
from tests.support.queries import counted_queries

Rows = scoped_session[Session]
SignIn = Callable[[User], Client]

KNOWN = {"019035": "Crema", "019036": "Cremona"}
SOURCE = {"source": "ISTAT", "licence": "CC BY 4.0"}


def feature(code: object, polygons: Any = None, *, key: str = "com_istat_code", kind: str = "MultiPolygon") -> Any:
    """Give the feature of a municipality; a square unless `polygons` say otherwise."""
    return {
        "type": "Feature",
        "properties": {"name": "Comune", key: code, "reg_istat_code_num": 3},
        "geometry": {"type": kind, "coordinates": square(9.7, 45.3) if polygons is None else polygons},
    }


CREMA, CREMONA = feature("019035"), feature("019036", square(10.0, 45.1))


def a_file(*features: Any, **more: Any) -> bytes:
    """Write a file of features."""
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def read(content: bytes) -> BoundaryFileContents:
    return read_boundaries(content, file_name="confini.geojson", known=KNOWN)


def refusal_of(content: bytes) -> BoundariesRefused:
    with pytest.raises(BoundariesRefused) as caught:
        read(content)
    return caught.value


def taken_in(content: bytes, **values: Any) -> BoundaryReport:
    return service.import_boundaries(io.BytesIO(content), file_name="confini.geojson", **{**SOURCE, **values})


@pytest.fixture
def towns(app: Flask) -> None:
    """Crema and Cremona."""
    for code, name in KNOWN.items():
        make_municipality(istat_code=code, name=name)


# ---- Reading ----


@pytest.mark.parametrize(
    ("key", "code"),
    [("com_istat_code", "019036"), ("PRO_COM_T", "019036"), ("PRO_COM", 19036), ("PRO_COM", 19036.0), ("x", " 19036")],
)
def test_the_property_with_the_codes_is_found_by_its_values(key: str, code: object) -> None:
    contents = read(a_file(feature(code, key=key)))

    assert (key, ["019036"]) == (contents.code_property, [each.istat_code for each in contents.boundaries])


def test_a_file_of_a_whole_region_will_do() -> None:
    contents = read(a_file(CREMA, CREMONA, feature("015146", [[[]]])))

    assert (2, 1) == (len(contents.boundaries), contents.left_out)


def test_a_file_says_its_source_itself() -> None:
    contents = read(a_file(CREMA, License="CC BY 4.0", metadata={"source": "ISTAT\n2026"}))

    assert ("ISTAT 2026", "CC BY 4.0") == (contents.source, contents.licence)


CROSSED = [[[[10.0, 45.1], [10.1, 45.2], [10.1, 45.1], [10.0, 45.2], [10.0, 45.1]]]]
OPEN = [[[[10.0, 45.1], [10.1, 45.1], [10.1, 45.2], [10.0, 45.2]]]]
METRES = [[[[580000.0, 4998000.0], [590000.0, 4998000.0], [590000.0, 5000000.0], [580000.0, 4998000.0]]]]
SWAPPED = [[[[45.1, 10.0], [45.1, 10.1], [45.2, 10.1], [45.1, 10.0]]]]
PARIS = square(2.3, 48.8)


@pytest.mark.parametrize(
    ("content", "fault", "number"),
    [
        (b"", BoundaryFault.EMPTY, None),
        (b" \n", BoundaryFault.EMPTY, None),
        (b" " * (MOST_BYTES + 1), BoundaryFault.TOO_BIG, None),
        (b"PK\x03\x04shape", BoundaryFault.PACKED, None),
        (b"\x1f\x8b\x08", BoundaryFault.PACKED, None),
        (b"<!doctype html>", BoundaryFault.HTML, None),
        (b'{"type": "\xe0"}', BoundaryFault.NOT_UTF8, None),
        (a_file(CREMA)[:-9], BoundaryFault.NOT_JSON, None),
        (b"[" * 100_000, BoundaryFault.NOT_JSON, None),
        (b"1" * 5_000, BoundaryFault.NOT_JSON, None),
        (b'{"type": "Topology"}', BoundaryFault.TOPOLOGY, None),
        (b'{"type": "Polygon"}', BoundaryFault.NOT_A_COLLECTION, None),
        (b"[]", BoundaryFault.NOT_A_COLLECTION, None),
        (a_file(CREMA, "x"), BoundaryFault.NOT_A_COLLECTION, 2),
        (a_file(), BoundaryFault.NO_FEATURES, None),
        (
            a_file(CREMA, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32632"}}),
            BoundaryFault.OTHER_REFERENCE,
            None,
        ),
        (a_file(feature("058091")), BoundaryFault.NO_CODE, None),
        (a_file({"type": "Feature", "properties": None, "geometry": None}), BoundaryFault.NO_CODE, None),
        (a_file(CREMA, feature("Cremona")), BoundaryFault.WRONG_CODE, 2),
        (a_file(CREMA, feature(None)), BoundaryFault.WRONG_CODE, 2),
        (a_file(CREMA, feature("019999")), BoundaryFault.UNKNOWN_MUNICIPALITY, 2),
        (a_file(CREMA, CREMONA, CREMA), BoundaryFault.DOUBLED, 3),
        (a_file(CREMA, feature("019036", [10.0, 45.1], kind="Point")), BoundaryFault.NOT_A_POLYGON, 2),
        (a_file({**CREMA, "geometry": None}), BoundaryFault.NOT_A_POLYGON, 1),
        (a_file(feature("019035", [])), BoundaryFault.BROKEN_COORDINATES, 1),
        (a_file(feature("019035", [[[["x", 45.1]]]])), BoundaryFault.BROKEN_COORDINATES, 1),
        (a_file(feature("019035", [[[[float("nan"), 45.1]]]])), BoundaryFault.BROKEN_COORDINATES, 1),
        (a_file(feature("019035", [[7]])), BoundaryFault.BROKEN_COORDINATES, 1),
        (a_file(CREMA, feature("019036", OPEN)), BoundaryFault.OPEN_RING, 2),
        (a_file(CREMA, feature("019036", CROSSED)), BoundaryFault.BROKEN_RING, 2),
        (a_file(CREMA, feature("019036", [[[[10.0, 45.1]] * 4]])), BoundaryFault.BROKEN_RING, 2),
        (a_file(CREMA, feature("019036", METRES)), BoundaryFault.METRES, 2),
        (a_file(CREMA, feature("019036", SWAPPED)), BoundaryFault.SWAPPED, 2),
        (a_file(CREMA, feature("019036", PARIS)), BoundaryFault.OUT_OF_ITALY, 2),
        (a_file(CREMA, feature("019036", square(9.71, 45.3))), BoundaryFault.OVERLAP, 2),
    ],
    ids=lambda value: None if isinstance(value, bytes) else str(value),
)
def test_a_bad_file_is_refused_with_the_feature_and_the_reason(
    content: bytes, fault: BoundaryFault, number: int | None
) -> None:
    refusal = refusal_of(content)

    assert (fault, number) == (refusal.fault, refusal.feature)


def test_every_refusal_has_words(app: Flask) -> None:
    for language, place in (("it", "elemento"), ("en", "feature")):
        with force_locale(language):
            for fault in BoundaryFault:
                refusal = BoundariesRefused(fault, file_name="a.json", feature=7, name="Crema", value="x", expected="3")
                words = boundaries_refused_in_words(refusal)
                assert words.startswith(f"a.json, {place} 7 (Crema): "), fault
                assert "%(" not in words, fault
    assert set(BOUNDARY_REASONS) == set(BoundaryFault)


# ---- Shapes ----


def test_neighbours_keep_one_border_when_it_is_made_simple() -> None:
    """A border with a hundred little teeth becomes the same few points for both."""
    teeth = [[10.1 + 0.0001 * (number % 2), round(45.1 + 0.001 * number, 5)] for number in range(101)]
    west = [[[[10.0, 45.1], *teeth, [10.0, 45.2], [10.0, 45.1]]]]
    east = [[[[10.2, 45.1], [10.2, 45.2], *reversed(teeth), [10.2, 45.1]]]]
    lands = [each.land for each in read(a_file(feature("019035", west), feature("019036", east))).boundaries]

    one, other = simplify(lands)

    shared = {tuple(p) for p in one[0][0] if p[0] > 10.05} & {tuple(p) for p in other[0][0] if p[0] < 10.15}
    assert {tuple(p) for p in one[0][0] if p[0] > 10.05} == shared
    assert len(shared) < 20


def test_a_map_is_true_to_distance_and_fills_its_width() -> None:
    drawn, width, height = lay_flat({"a": square(10.0, 45.0), "b": square(10.3, 45.0)})

    # 0.4 degrees of longitude are as long as 0.28 of latitude here, and the map is 0.1 high.
    assert (1284, pytest.approx(1268 * 0.1 / 0.2827 + 16, abs=3)) == (width, height)
    assert "M8 457l317 0 0 -449 -317 0z" == drawn["a"][0]
    assert (166, 233) == drawn["a"][1:]
    assert ({}, 0, 0) == lay_flat({})


def test_what_is_too_small_to_be_seen_stays_a_dot() -> None:
    drawn, _width, _height = lay_flat({"a": square(10.0, 45.0, side=0.5), "b": square(10.6, 45.0, side=0.00002)})

    assert drawn["b"][0].endswith("h4v4h-4z")


def test_a_single_shape_is_no_map(towns: None, session: Rows) -> None:
    taken_in(a_file(CREMA))
    assert not service.territory().has_map

    taken_in(a_file(CREMONA))
    assert service.territory().has_map
    assert not Territory().has_map


# ---- Keeping ----


def test_boundaries_are_kept_with_their_source_and_those_missing_are_named(towns: None, session: Rows) -> None:
    report = taken_in(a_file(CREMA, feature("015146")))

    assert (1, ("Cremona",), 1, 5) == (report.municipalities, report.missing, report.left_out, report.points_before)
    territory = service.territory()
    assert ["Crema", "Cremona"] == [place.name for place in territory.places]
    assert [True, False] == [bool(place.path) for place in territory.places]
    assert ("ISTAT, CC BY 4.0",) == territory.sources
    with force_locale("en"):
        said = boundary_report_in_words(report)
    assert "Without a boundary: Cremona." in said


def test_a_second_file_takes_the_place_of_the_first_and_nothing_else(towns: None, session: Rows) -> None:
    taken_in(a_file(CREMA, CREMONA))
    before = service.territory()

    taken_in(a_file(CREMA, CREMONA), source="ISTAT 2026")

    assert before.places == service.territory().places
    assert ["ISTAT 2026"] == list(session.scalars(select(BoundaryFile.source)))
    taken_in(a_file(CREMA), source="Provincia")
    assert {"ISTAT 2026", "Provincia"} == set(session.scalars(select(BoundaryFile.source)))


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"source": "x" * 201}, BoundaryFault.LONG_SOURCE),
        ({"licence": "x" * 81}, BoundaryFault.LONG_SOURCE),
    ],
)
def test_words_on_the_origin_that_no_map_has_room_for_are_refused(
    towns: None, session: Rows, values: dict[str, str], fault: BoundaryFault
) -> None:
    with pytest.raises(BoundariesRefused) as caught:
        taken_in(a_file(CREMA), **values)

    assert fault is caught.value.fault
    assert 0 == session.scalar(select(func.count()).select_from(MunicipalityBoundary))


@pytest.mark.parametrize(
    ("values", "under_the_map"),
    [({"source": ""}, "confini.geojson, CC BY 4.0"), ({"licence": " "}, "ISTAT")],
)
def test_a_file_of_unknown_origin_is_named_itself_and_the_report_says_so(
    towns: None, values: dict[str, str], under_the_map: str
) -> None:
    assert not taken_in(a_file(CREMA, CREMONA), **values).has_source
    assert (under_the_map,) == service.territory().sources


def test_without_municipalities_there_is_nothing_to_bound(app: Flask) -> None:
    with pytest.raises(BoundariesRefused) as caught:
        taken_in(a_file(CREMA))

    assert BoundaryFault.NO_MUNICIPALITIES is caught.value.fault


def test_a_longer_file_and_a_larger_district_need_no_more_statements(app: Flask) -> None:
    def statements(first: int, count: int) -> tuple[int, int]:
        rows = [make_municipality(istat_code=f"020{number:03d}") for number in range(first, first + count)]
        features = [
            feature(row.istat_code, square(9.0 + number % 20 * 0.2, 44.5 + number // 20 * 0.2))
            for number, row in enumerate(rows)
        ]
        with counted_queries() as sent:
            taken_in(a_file(*features))
        with counted_queries() as read_again:
            service.territory()
        return sent.count, read_again.count

    assert statements(1, 3) == statements(100, 90)


def test_the_real_boundaries_keep_every_municipality_and_every_border(app: Flask, shared_data: Path) -> None:
    with (Path(service.__file__).parent.parent / "data" / "cremona_municipalities.csv").open("rb") as stream:
        service.import_municipalities(stream, file_name="comuni.csv")

    report = taken_in((shared_data / "geo" / "cremona_comuni.geojson").read_bytes())

    assert (113, (), "com_istat_code") == (report.municipalities, report.missing, report.code_property)
    assert report.points < report.points_before / 2
    assert all(place.path for place in service.territory().places)


# ---- Command and page ----


def test_the_command_takes_a_file_in_and_refuses_a_bad_one_whole(live_app: Flask, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.geojson", tmp_path / "bad.geojson"
    good.write_bytes(a_file(CREMA, CREMONA))
    bad.write_bytes(a_file(CREMA, feature("019036", OPEN)))
    runner = live_app.test_cli_runner()
    table = tmp_path / "comuni.csv"
    table.write_text("codice_istat,codice_catastale,comune\n019035,D142,Crema\n019036,D150,Cremona\n")
    assert 0 == runner.invoke(args=["network", "import-municipalities", str(table)]).exit_code
    words = ["--source", "ISTAT", "--licence", "CC BY 4.0"]

    refused = runner.invoke(args=["network", "import-boundaries", str(bad), *words])
    unsaid = runner.invoke(args=["network", "import-boundaries", str(good)])
    taken = runner.invoke(args=["network", "import-boundaries", str(good), *words])

    assert (1, 0, 0) == (refused.exit_code, unsaid.exit_code, taken.exit_code)
    assert "bad.geojson" in refused.output
    assert "Cremona" in refused.output
    assert ("Fonte e licenza" in unsaid.output, "Fonte e licenza" in taken.output) == (True, False)
    with live_app.app_context():
        assert 2 == service.boundary_state().with_shape


def sent(content: bytes, **values: str) -> dict[str, Any]:
    return {"file": (io.BytesIO(content), "confini.geojson"), **SOURCE, **values}


def test_the_office_loads_boundaries_and_takes_them_away(
    towns: None, anna: User, sign_in: SignIn, session: Rows
) -> None:
    client = sign_in(anna)
    assert "district-map" not in client.get("/network/boundaries").get_data(as_text=True)

    assert 303 == client.post("/network/boundaries", data=sent(a_file(CREMA, CREMONA))).status_code

    page = client.get("/network/boundaries").get_data(as_text=True)
    assert "CC BY 4.0" in page
    assert "Crema</title>" in page
    assert 303 == client.post("/network/boundaries/remove").status_code
    assert 0 == service.boundary_state().with_shape
    assert not service.boundary_state().files


def test_a_bad_upload_changes_nothing_and_says_why(towns: None, anna: User, sign_in: SignIn) -> None:
    taken_in(a_file(CREMA, CREMONA))
    before = service.territory()
    client = sign_in(anna)

    answer = client.post("/network/boundaries", data=sent(a_file(feature("019035", METRES))))

    assert 422 == answer.status_code
    assert "EPSG:4326" in answer.get_data(as_text=True)
    assert 422 == client.post("/network/boundaries", data={}).status_code
    assert 422 == client.post("/network/boundaries", data=sent(a_file(CREMA), source="x" * 300)).status_code
    assert before == service.territory()
    assert 405 == client.get("/network/boundaries/remove").status_code


def test_boundaries_are_the_offices_matter(
    towns: None, bruno: User, dario: User, sign_in: SignIn, session: Rows
) -> None:
    make_boundary()

    for person in (bruno, dario):
        client = sign_in(person)
        assert 403 == client.get("/network/boundaries").status_code
        assert 403 == client.post("/network/boundaries", data=sent(a_file(CREMA))).status_code
        assert 403 == client.post("/network/boundaries/remove").status_code

    assert 1 == service.boundary_state().with_shape
