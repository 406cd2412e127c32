"""The files of open data: every published figure, nothing unpublished, and nothing that a spreadsheet runs."""

import csv
import io
import json
from typing import Any

import pytest
from flask import Flask

from prevention.core import facts
from prevention.indicators.published import Audience, Dimension, Measure, Reason
from prevention.opendata.figures import COLUMNS, rows_of, to_csv
from prevention.opendata.rules import year_of_slug, year_slug
from tests.factories.published import hidden_cell, make_table, masked_cell, publish, shown_cell
from tests.support.http import Client
from tests.support.queries import counted_queries

CSV, JSON = "/opendata/2026-27/figures.csv", "/opendata/2026-27/figures.json"


def rows(client: Client, address: str = CSV) -> list[dict[str, str]]:
    """Read the rows of the CSV file."""
    return list(csv.DictReader(io.StringIO(client.get(address).data.decode("utf-8"))))


def document(client: Client, address: str = JSON) -> dict[str, Any]:
    """Read a JSON file."""
    found: dict[str, Any] = json.loads(client.get(address).data)
    return found


def test_each_figure_is_a_row_with_all_columns(client: Client) -> None:
    publish(make_table(), make_table(shown_cell("female"), shown_cell("male"), dimension=Dimension.SEX))

    found = rows(client)

    assert ["all", "female", "male"] == [row["group"] for row in found]
    assert list(COLUMNS) == list(found[0])
    assert ("0.18", "0.14", "0.22") == tuple(found[0][key] for key in ("estimate", "interval_low", "interval_high"))
    assert ("2026/27", "false", "") == tuple(found[0][key] for key in ("school_year", "suppressed", "reason"))


def test_a_hidden_figure_keeps_its_row_without_a_number(client: Client) -> None:
    publish(make_table(shown_cell("female"), hidden_cell("male", reason=Reason.ONE_CLASS), dimension=Dimension.SEX))

    hidden = rows(client)[1]

    assert ("true", "one_class") == (hidden["suppressed"], hidden["reason"])
    numbers = ("answers", "answers_rounded", "estimate", "interval_low", "interval_high", "masked")
    assert [""] * 6 == [hidden[key] for key in numbers]


def test_a_masked_figure_has_only_its_mask(client: Client) -> None:
    publish(make_table(masked_cell(text="<5")))

    masked = rows(client)[0]

    assert ("<5", "", "false", "small_number") == tuple(
        masked[key] for key in ("masked", "estimate", "suppressed", "reason")
    )


def test_figures_of_single_schools_are_in_no_file(client: Client) -> None:
    publish(
        make_table(),
        make_table(shown_cell("CRPS00000A"), dimension=Dimension.SCHOOL, audience=Audience.SCHOOL),
    )

    assert b"CRPS00000A" not in client.get(CSV).data + client.get(JSON).data


def test_means_and_differences_are_in_the_files_too(client: Client) -> None:
    publish(
        make_table(indicator_id="I44", measure=Measure.POINTS, scale=(-1.0, 1.0)),
        make_table(indicator_id="I50", measure=Measure.SCALE, scale=(1.0, 5.0)),
    )

    assert ["points", "scale"] == [row["measure"] for row in rows(client)]


def test_both_formats_say_the_same(client: Client) -> None:
    publish(make_table(), make_table(shown_cell("female"), hidden_cell("male"), dimension=Dimension.SEX))

    found = document(client)["figures"]

    written = {True: "true", False: "false", None: ""}
    as_text = [
        {key: written[value] if value is None or isinstance(value, bool) else str(value) for key, value in row.items()}
        for row in found
    ]
    assert rows(client) == as_text


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
def test_no_text_is_run_as_a_formula(evil: str) -> None:
    table = make_table(wave_name=evil)

    text = to_csv(rows_of([table], is_made_up=False)).decode()

    assert "'" + evil == next(csv.DictReader(io.StringIO(text, newline="")))["survey"]


def test_a_negative_number_stays_a_number() -> None:
    table = make_table(shown_cell(share=-0.1, low=-0.2, high=0.0), measure=Measure.POINTS)

    text = to_csv(rows_of([table], is_made_up=False)).decode()

    assert "-0.1" == next(csv.DictReader(io.StringIO(text)))["estimate"]


def test_accents_arrive_as_utf_8(client: Client) -> None:
    publish(make_table(), wave_name="Perché no è così")

    response = client.get(CSV)

    assert "charset=utf-8" in response.content_type
    assert "Perché no è così" == rows(client)[0]["survey"]


def test_a_demonstration_says_in_every_row_that_it_is_made_up(app: Flask, client: Client) -> None:
    publish(make_table())
    facts.state_fact(facts.IS_DEMO, "yes")

    assert ("true", True) == (rows(client)[0]["made_up"], document(client)["made_up"])


@pytest.mark.parametrize("address", [CSV, JSON, "/opendata/catalog.jsonld"])
def test_a_file_may_be_kept_by_anybody_and_carries_nobodys_cookie(
    client: Client, anna: Any, sign_in: Any, address: str
) -> None:
    publish(make_table())

    for browser in (client, sign_in(anna)):
        response = browser.get(address)
        assert 200 == response.status_code
        assert response.cache_control.public
        assert response.cache_control.max_age
        assert "Set-Cookie" not in response.headers
        assert "Cookie" not in response.headers.get("Vary", "")


@pytest.mark.parametrize("address", [CSV, JSON, "/opendata/catalog.jsonld"])
def test_who_has_the_file_is_not_sent_it_again_until_it_changes(client: Client, address: str) -> None:
    publish(make_table())
    tag = client.get(address).headers["ETag"]

    same = client.get(address, headers={"If-None-Match": tag})
    publish(make_table(indicator_id="I03"), wave_name="Another")
    other = client.get(address, headers={"If-None-Match": tag})

    assert (304, 200) == (same.status_code, other.status_code)


@pytest.mark.parametrize("year", ["2025-26", "2026-28", "2026", "2026-27-28", "x", "1999-00"])
def test_a_year_without_figures_or_that_is_none_is_not_there(client: Client, year: str) -> None:
    publish(make_table())

    assert [404, 404] == [client.get(f"/opendata/{year}/figures.{kind}").status_code for kind in ("csv", "json")]


@pytest.mark.parametrize(("year", "slug"), [(2026, "2026-27"), (2099, "2099-00")])
def test_a_year_and_its_address_are_one(year: int, slug: str) -> None:
    assert (slug, year) == (year_slug(year), year_of_slug(slug))


def test_a_file_asks_the_database_the_same_whatever_is_in_it(client: Client) -> None:
    publish(make_table())
    client.get(CSV)
    with counted_queries() as few:
        client.get(CSV)
    publish(*(make_table(indicator_id=f"I{number}") for number in range(10, 40)), wave_name="Another")

    with counted_queries() as many:
        client.get(CSV)

    assert few.count == many.count
