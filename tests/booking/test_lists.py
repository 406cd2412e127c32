"""The lists of booking sort, and leave as files with the same rows that the page shows."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from prevention.accounts.models import User
from prevention.core.i18n import Localised
from tests.factories.booking import FIRST_START, make_booking, make_slot
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import make_school_class, make_site
from tests.support.http import Client
from tests.support.queries import counted_queries


def rows_of(client: Client, address: str) -> list[list[str]]:
    response = client.get(address)
    assert 200 == response.status_code
    assert "text/csv" == response.mimetype
    return list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig"))))


def heads(client: Client, address: str) -> list[str]:
    return [row.text.split("\n")[0].strip() for row in client.page(address).select("tbody th")]


@pytest.fixture
def office(anna: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(anna)


def book_three(anna: User) -> None:
    for number, (name, pupils) in enumerate((("Beta", 20), ("Alfa", 25), ("Gamma", 15))):
        programme = make_programme(name=Localised(it=name, en=name))
        slot = make_slot(edition=make_edition(programme=programme), starts=[FIRST_START + timedelta(days=number)])
        make_booking(anna, slot=slot, pupils=pupils, school_class=make_school_class(label=f"{number}A"))


@pytest.mark.parametrize(
    ("asked", "labels"),
    [
        ("", ["0A", "1A", "2A"]),
        ("?sort=programme", ["1A", "0A", "2A"]),
        ("?sort=pupils&order=desc", ["1A", "0A", "2A"]),
        ("?sort=pupils", ["2A", "0A", "1A"]),
        ("?sort=booked_by", ["0A", "1A", "2A"]),
    ],
)
def test_bookings_are_sorted_by_the_column_asked_for(office: Client, anna: User, asked: str, labels: list[str]) -> None:
    book_three(anna)

    found = [head.removesuffix(head[2:]) for head in heads(office, f"/booking/{asked}")]

    assert labels == found


def test_the_head_says_how_the_list_is_sorted(office: Client, anna: User) -> None:
    book_three(anna)

    page = office.page("/booking/?sort=pupils&order=desc&status=confirmed")

    (head,) = page.select("th[aria-sort]")
    assert "descending" == head["aria-sort"]
    assert "order=asc" in str(head.a["href"])
    assert "status=confirmed" in str(head.a["href"])


def test_a_file_of_bookings_holds_what_the_page_shows(office: Client, anna: User) -> None:
    book_three(anna)

    head, *rows = rows_of(office, "/booking/?sort=programme&format=csv")

    assert ["Class", "School", "Institute", "Municipality", "Programme"] == head[:5]
    assert ["Alfa", "Beta", "Gamma"] == [row[4] for row in rows]
    assert "2027-01-13 10:00" == rows[0][6]


def test_a_coordinator_takes_away_bookings_of_the_own_school_only(
    bruno: User, carla: User, sign_in: Callable[[User], Client]
) -> None:
    for person, label in ((bruno, "1A"), (carla, "1Z")):
        site = make_site(institute_id=person.roles[0].institute_id, municipality=make_site().municipality)
        make_booking(person, school_class=make_school_class(site=site, label=label))

    _head, *rows = rows_of(sign_in(bruno), "/booking/mine?format=csv")

    assert ["1A"] == [row[0] for row in rows]


@pytest.mark.parametrize("path", ["/booking/slots", "/booking/provided", "/booking/", "/booking/slots?sort=where"])
def test_every_list_of_booking_is_also_a_spreadsheet(office: Client, anna: User, path: str) -> None:
    make_booking(anna, slot=make_slot(places=2))

    response = office.get(path + ("&" if "?" in path else "?") + "format=xlsx")

    assert 200 == response.status_code
    assert response.get_data().startswith(b"PK")


@pytest.mark.parametrize("path", ["/booking/", "/booking/slots", "/booking/provided"])
def test_a_list_takes_as_many_statements_with_ten_rows_as_with_two(office: Client, anna: User, path: str) -> None:
    counts = []
    for more in (2, 8):
        for _each in range(more):
            make_booking(anna, slot=make_slot(places=2))
        office.get(path)
        with counted_queries() as statements:
            office.get(path)
        counts.append(statements.count)

    assert counts[0] == counts[1]


@pytest.mark.parametrize("key", ["class", "programme", "dates", "pupils", "state", "where", "places", "until", "taken"])
def test_every_key_sorts_both_ways_on_both_databases(app: Flask, office: Client, anna: User, key: str) -> None:
    make_booking(anna, slot=make_slot(places=2, books_until=datetime(2027, 1, 5, tzinfo=UTC).date()))

    for path in ("/booking/", "/booking/slots", "/booking/provided"):
        for order in ("asc", "desc"):
            office.page(f"{path}?sort={key}&order={order}")
