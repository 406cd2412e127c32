"""Ways between municipalities: the points, the estimate, and what the office writes over it."""

import csv
import io
import json
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from prevention.network import service
from prevention.network.centres import shipped_centres
from prevention.network.travel import DOOR_TO_DOOR_MIN, UNKNOWN_MIN, Point, great_circle_km, travel_minutes
from tests.factories.network import make_municipality
from tests.support.queries import counted_queries
from tools.municipality_centres import centres, is_inside

CREMONA, CREMA, OFFANENGO = "019036", "019035", "019062"
DEMO_FILE = Path(service.__file__).parent.parent / "data" / "cremona_municipalities.csv"

points = st.builds(Point, latitude=st.floats(44.9, 45.6), longitude=st.floats(9.4, 10.7))


def test_every_municipality_that_is_shipped_has_a_point() -> None:
    shipped = {row["codice_istat"] for row in csv.DictReader(DEMO_FILE.read_text(encoding="utf-8").splitlines())}

    assert shipped == set(shipped_centres())


def test_the_points_are_those_of_the_boundaries_and_lie_inside(shared_data: Path) -> None:
    boundaries = json.loads((shared_data / "geo" / "cremona_comuni.geojson").read_text(encoding="utf-8"))

    computed = {code: Point(latitude=lat, longitude=lon) for code, lat, lon in centres(boundaries)}

    assert computed == shipped_centres()
    for feature in boundaries["features"]:
        point = computed[feature["properties"]["com_istat_code"]]
        polygons = feature["geometry"]["coordinates"]
        if feature["geometry"]["type"] == "Polygon":
            polygons = [polygons]
        assert any(is_inside((point.longitude, point.latitude), polygon[0]) for polygon in polygons)


def test_a_point_outside_a_bent_municipality_is_moved_inside() -> None:
    bent = [[0.0, 0.0], [9.0, 0.0], [9.0, 1.0], [1.0, 1.0], [1.0, 9.0], [0.0, 9.0], [0.0, 0.0]]
    feature = {"properties": {"com_istat_code": "1"}, "geometry": {"type": "Polygon", "coordinates": [bent]}}

    [(_code, latitude, longitude)] = centres({"features": [feature]})

    assert is_inside((longitude, latitude), bent)


def test_cremona_and_crema_are_an_hour_apart() -> None:
    shipped = shipped_centres()

    assert 36 < great_circle_km(shipped[CREMONA], shipped[CREMA]) < 38
    assert 55 <= travel_minutes(shipped[CREMONA], shipped[CREMA]) <= 65
    assert travel_minutes(shipped[CREMA], shipped[OFFANENGO]) < 20


@given(a=points, b=points)
def test_the_way_back_is_as_long_and_nothing_is_nearer_than_the_door(a: Point, b: Point) -> None:
    assert travel_minutes(a, b) == travel_minutes(b, a) >= DOOR_TO_DOOR_MIN


def test_the_table_of_municipalities_brings_the_points(app: Flask) -> None:
    table = f"codice_istat,codice_catastale,comune\n{CREMONA},D150,Cremona\n001001,A074,Agliè\n"
    service.import_municipalities(io.BytesIO(table.encode()), file_name="comuni.csv")

    report = service.import_municipalities(io.BytesIO(table.encode()), file_name="comuni.csv")

    assert 2 == report.unchanged
    centre = shipped_centres()[CREMONA]
    cremona, far = service.municipality_by_cadastral("D150"), service.municipality_by_cadastral("A074")
    assert cremona is not None
    assert far is not None
    assert (centre.latitude, centre.longitude) == (cremona.latitude, cremona.longitude)
    assert (None, None) == (far.latitude, far.longitude)


def test_what_the_office_writes_goes_before_the_estimate_both_ways(app: Flask) -> None:
    here = make_municipality(latitude=45.1, longitude=10.0)
    there = make_municipality(latitude=45.3, longitude=9.7)
    unknown = make_municipality()
    estimate = service.travel_times().minutes(here.id, there.id)

    service.set_travel_time(there.id, here.id, minutes=99)

    with counted_queries() as queries:
        times = service.travel_times()
    assert 2 == queries.count
    assert [99, 99] == [times.minutes(here.id, there.id), times.minutes(there.id, here.id)]
    assert DOOR_TO_DOOR_MIN == times.minutes(here.id, here.id)
    assert UNKNOWN_MIN == times.minutes(here.id, unknown.id)
    service.set_travel_time(here.id, there.id, minutes=50)
    assert 50 == service.travel_times().minutes(here.id, there.id)
    service.set_travel_time(here.id, there.id, minutes=None)
    assert estimate == service.travel_times().minutes(here.id, there.id)


@pytest.mark.parametrize(("latitude", "longitude"), [(45.1, None), (91.0, 10.0), (45.1, 181.0)])
def test_half_a_point_and_a_point_off_the_earth_are_refused(
    app: Flask, latitude: float, longitude: float | None
) -> None:
    with pytest.raises(IntegrityError):
        make_municipality(latitude=latitude, longitude=longitude)
