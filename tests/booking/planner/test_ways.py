"""The office sees and overrides the minutes between municipalities: pages, files, who may, and what bad input meets."""

import csv
import io
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.core.db import db, unit_of_work
from prevention.network import service as network
from prevention.network.centres import shipped_centres
from prevention.network.models import Municipality, TravelTime
from tests.factories.network import make_municipality
from tests.factories.schools import make_site
from tests.support.http import Client, soup
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]


def town(name: str, istat_code: str, *, sites: int = 1) -> Municipality:
    """Make a municipality at its real place, with schools."""
    centre = shipped_centres()[istat_code]
    found = make_municipality(name=name, latitude=centre.latitude, longitude=centre.longitude)
    for _ in range(sites):
        make_site(municipality=found)
    return found


@pytest.fixture
def towns(app: Flask) -> tuple[Municipality, Municipality, Municipality]:
    return town("Cremona", "019036", sites=3), town("Crema", "019035"), town("Casalmaggiore", "019021")


Towns = tuple[Municipality, Municipality, Municipality]


def minutes_shown(page: object) -> dict[str, list[str]]:
    return {
        row.th.text.strip(): [cell.text.strip() for cell in row.select("td.number")]
        for row in page.select("tbody tr")  # type: ignore[attr-defined]  # a soup
    }


def test_the_office_sees_the_ways_and_writes_what_it_knows_better(sign_in: SignIn, anna: User, towns: Towns) -> None:
    cremona, crema, casalmaggiore = towns
    client = sign_in(anna)
    # The municipality with most schools is looked from at first.
    assert {"Crema": ["62", "62"], "Casalmaggiore": ["63", "63"]} == minutes_shown(client.page("/booking/ways/"))

    answer = client.post(f"/booking/ways/{crema.id}/{cremona.id}", data={"minutes": "75"})

    assert 303 == answer.status_code
    assert {"Cremona": ["75", "62"]}.items() <= minutes_shown(client.page(answer.location)).items()
    assert ["75", "62"] == minutes_shown(client.page("/booking/ways/"))["Crema"]
    assert "75" == client.page(f"/booking/ways/{cremona.id}/{crema.id}").select_one("[name=minutes]")["value"]
    assert 75 == network.travel_times().minutes(cremona.id, crema.id)
    only = minutes_shown(client.page(f"/booking/ways/?start={cremona.id}&which=written"))
    assert ["Crema"] == list(only)
    nearest = minutes_shown(client.page(f"/booking/ways/?start={crema.id}&sort=minutes"))
    assert ["Cremona", "Casalmaggiore"] == list(nearest)

    client.post(f"/booking/ways/{cremona.id}/{crema.id}", data={"minutes": ""})
    assert 0 == db.session.scalar(select(func.count(TravelTime.id)))
    assert casalmaggiore.name in minutes_shown(client.page("/booking/ways/?text=casal"))


def test_the_ways_can_be_taken_away_as_a_file(sign_in: SignIn, anna: User, towns: Towns) -> None:
    cremona, crema, _casalmaggiore = towns
    network.set_travel_time(cremona.id, crema.id, minutes=75)

    answer = sign_in(anna).get("/booking/ways/?format=csv")

    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert ["Cremona", "Casalmaggiore", "63", "63", "no"] == [cell for place, cell in enumerate(rows[1]) if place != 2]
    assert ["Cremona", "Crema", "75", "62", "yes"] == [cell for place, cell in enumerate(rows[2]) if place != 2]
    assert sign_in(anna).get("/booking/ways/?format=xlsx").get_data().startswith(b"PK")


@pytest.mark.parametrize("wrong", ["0", "601", "-5", "an hour", "7.5"])
def test_minutes_that_are_none_are_refused_and_change_nothing(
    sign_in: SignIn, anna: User, towns: Towns, wrong: str
) -> None:
    cremona, crema, _casalmaggiore = towns
    network.set_travel_time(cremona.id, crema.id, minutes=75)

    answer = sign_in(anna).post(f"/booking/ways/{cremona.id}/{crema.id}", data={"minutes": wrong})

    assert 422 == answer.status_code
    assert soup(answer).select(".error-summary")
    assert 75 == network.travel_times().minutes(cremona.id, crema.id)


def test_ways_are_the_offices_to_see_and_write(
    client: Client, sign_in: SignIn, anna: User, bruno: User, dario: User, towns: Towns
) -> None:
    cremona, crema, _casalmaggiore = towns
    door = f"/booking/ways/{cremona.id}/{crema.id}"

    assert 401 == client.post(door, data={"minutes": "5"}).status_code
    for person in (bruno, dario):
        assert 403 == sign_in(person).post(door, data={"minutes": "5"}).status_code
        assert 403 == sign_in(person).get("/booking/ways/").status_code
    office = sign_in(anna)
    for nowhere in (
        f"/booking/ways/{cremona.id}/{cremona.id}",
        f"/booking/ways/{cremona.id}/{uuid.uuid4()}",
        f"/booking/ways/{uuid.uuid4()}/{crema.id}",
        f"/booking/ways/{cremona.id}/x",
    ):
        assert 404 == office.post(nowhere, data={"minutes": "5"}).status_code
    assert 0 == db.session.scalar(select(func.count(TravelTime.id)))


def test_without_schools_the_page_says_so(sign_in: SignIn, anna: User) -> None:
    assert "No school is known yet" in sign_in(anna).page("/booking/ways/").text


def test_the_list_needs_a_fixed_number_of_statements(sign_in: SignIn, anna: User, towns: Towns) -> None:
    client = sign_in(anna)

    def statements() -> int:
        with counted_queries() as queries:
            client.page("/booking/ways/")
        return queries.count

    statements()
    few = statements()
    for number in range(8):
        make_site(municipality=make_municipality(name=f"Comune {number}"))

    assert few == statements()


def test_of_many_who_write_one_way_at_once_all_are_heard_and_one_row_stands(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        pair = make_municipality(name="Cremona").id, make_municipality(name="Crema").id

    def write(minutes: int) -> None:
        with live_app.app_context():
            try:
                with unit_of_work():
                    network.set_travel_time(*pair, minutes=minutes)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(write, range(1, 17)))

    with live_app.app_context():
        assert db.session.scalars(select(TravelTime.minutes)).one() in range(1, 17)
