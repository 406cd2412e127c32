"""The list of datasets, for people and for catalogues (DCAT-AP_IT)."""

import json
from datetime import date
from typing import Any

from flask import Flask

from prevention.core import facts
from prevention.opendata import service
from tests.factories.published import make_table, publish
from tests.support.http import Client
from tests.support.queries import counted_queries

CATALOGUE = "/opendata/catalog.jsonld"
LICENCE = "https://w3id.org/italia/controlled-vocabulary/licences/A21_CCBY40"
EU = "http://publications.europa.eu/resource/authority"


def described(client: Client) -> dict[str, Any]:
    """Read the description of the catalogue."""
    response = client.get(CATALOGUE)
    assert "application/ld+json" == response.mimetype
    found: dict[str, Any] = json.loads(response.data)["@graph"][0]
    return found


def test_before_anything_is_published_the_page_says_so(client: Client) -> None:
    page = client.page("/opendata/")

    assert page.select_one(".empty p") is not None
    assert page.select_one("table") is None


def test_the_page_leads_to_all_files_of_each_year_newest_first(client: Client) -> None:
    publish(make_table(), school_year=2025)
    publish(make_table())

    links = [link["href"] for link in client.page("/opendata/").select("table a")]

    files = [*(f"figures.{kind}" for kind in ("csv", "json", "xlsx", "sav")), "codebook.xml", "package.zip"]
    assert [f"/opendata/{year}/{file}" for year in ("2026-27", "2025-26") for file in files] == links
    assert {200} == {client.get(link).status_code for link in links}


def test_the_page_warns_of_made_up_figures(app: Flask, client: Client) -> None:
    publish(make_table())
    before = client.page("/opendata/").select(".notice-warning")

    facts.state_fact(facts.IS_DEMO, "yes")

    assert (0, 1) == (len(before), len(client.page("/opendata/").select(".notice-warning")))


def test_a_dataset_dates_from_its_first_to_its_last_publication(app: Flask) -> None:
    publish(make_table(), wave_name="One", sealed_on=date(2026, 10, 2))
    publish(make_table(), make_table(indicator_id="I03"), wave_name="Two", sealed_on=date(2026, 11, 20))

    (dataset,) = service.datasets()

    assert (date(2026, 10, 2), date(2026, 11, 20)) == (dataset.issued, dataset.modified)
    assert [("Two", 2), ("One", 1)] == [(survey.wave_name, survey.indicators) for survey in dataset.surveys]


def test_the_catalogue_says_all_that_the_italian_profile_demands(client: Client) -> None:
    publish(make_table())

    catalogue = described(client)

    assert "dcatapit:Catalog" in catalogue["@type"]
    assert {"it", "en"} == {title["@language"] for title in catalogue["dct:title"]}
    assert {"it", "en"} == {text["@language"] for text in catalogue["dct:description"]}
    assert catalogue["dct:publisher"]["foaf:name"]
    assert "2026-11-20" == catalogue["dct:modified"]["@value"]
    (dataset,) = catalogue["dcat:dataset"]
    assert "figures-2026-27" == dataset["dct:identifier"]
    assert {"@id": f"{EU}/data-theme/HEAL"} == dataset["dcat:theme"]
    assert {"@id": f"{EU}/frequency/ANNUAL"} == dataset["dct:accrualPeriodicity"]
    assert catalogue["dct:publisher"]["@id"] == dataset["dct:rightsHolder"]["@id"]
    assert "2026-11-20" == dataset["dct:issued"]["@value"] == dataset["dct:modified"]["@value"]
    assert {"it", "en"} == {title["@language"] for title in dataset["dct:title"]}


def test_each_dataset_can_be_had_in_two_formats_under_an_open_licence(client: Client) -> None:
    publish(make_table())

    distributions = described(client)["dcat:dataset"][0]["dcat:distribution"]

    assert [f"{EU}/file-type/CSV", f"{EU}/file-type/JSON"] == [one["dct:format"]["@id"] for one in distributions]
    assert {LICENCE} == {one["dct:license"]["@id"] for one in distributions}
    paths = [one["dcat:downloadURL"]["@id"].removeprefix("http://127.0.0.1:8000") for one in distributions]
    assert [200, 200] == [client.get(path).status_code for path in paths]


def test_addresses_do_not_depend_on_what_the_reader_asked_with(client: Client) -> None:
    publish(make_table())

    response = client.get(CATALOGUE, headers={"Host": "evil.example"})

    assert b"evil.example" not in response.data


def test_an_empty_catalogue_is_described_without_dates(client: Client) -> None:
    catalogue = described(client)

    assert [] == catalogue["dcat:dataset"]
    assert "dct:modified" not in catalogue


def test_made_up_data_is_called_so_in_catalogues(app: Flask, client: Client) -> None:
    publish(make_table())
    facts.state_fact(facts.IS_DEMO, "yes")

    titles = {title["@language"]: title["@value"] for title in described(client)["dcat:dataset"][0]["dct:title"]}

    assert "dimostrativi" in titles["it"]
    assert "made-up" in titles["en"]


def test_the_list_asks_the_database_the_same_whatever_is_published(client: Client) -> None:
    publish(make_table())
    client.get(CATALOGUE)
    with counted_queries() as few:
        client.get(CATALOGUE)
    for year in (2023, 2024, 2025):
        publish(make_table(), school_year=year)

    with counted_queries() as many:
        client.get(CATALOGUE)

    assert few.count == many.count
