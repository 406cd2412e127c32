"""What every answer carries, and what error pages say."""

from collections.abc import Callable

import pytest
from flask import Flask

from prevention.accounts.models import User
from prevention.booking.rules import BookingStatus
from tests.factories.booking import make_booking
from tests.support.http import Client, soup


def test_no_page_may_load_anything_from_elsewhere(client: Client) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "unsafe" not in policy


def test_pages_are_not_kept_by_shared_caches(client: Client) -> None:
    assert "private, no-store" == client.get("/").headers["Cache-Control"]


@pytest.mark.parametrize(
    ("language", "words"), [("it", "A questo indirizzo non c"), ("en", "There is nothing at this address")]
)
def test_a_missing_page_says_so_in_the_readers_language(client: Client, language: str, words: str) -> None:
    response = client.get("/nowhere", headers={"Accept-Language": language})

    assert 404 == response.status_code
    heading = soup(response).h1
    assert heading is not None
    assert words in heading.get_text()


def test_the_language_chosen_stays_chosen(client: Client) -> None:
    response = client.post("/language", data={"language": "en", "next": "/programmes/"})

    assert (303, "/programmes/") == (response.status_code, response.headers["Location"])
    assert "en" == client.page("/").html["lang"]


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "evil"])
def test_the_language_switch_leads_nowhere_else(client: Client, target: str) -> None:
    response = client.post("/language", data={"language": "en", "next": target})

    assert "/" == response.headers["Location"]


def test_italian_is_the_language_when_nothing_else_is_known(client: Client) -> None:
    assert "it" == client.page("/").html["lang"]


def test_a_signed_in_person_reads_their_own_language(anna: User, sign_in: Callable[[User], Client], app: Flask) -> None:
    anna.language = "en"

    assert "en" == sign_in(anna).page("/desk").html["lang"]


@pytest.mark.parametrize("path", ["/nowhere%00x", "/programmes/%00", "/schools/sites/%00"])
def test_a_nul_in_a_path_leads_nowhere_and_is_not_said_again(client: Client, path: str) -> None:
    answer = client.get(path)

    assert 404 == answer.status_code
    assert b"\0" not in answer.data


@pytest.mark.parametrize(
    "address",
    ["/programmes/?words=%00", "/resources/?text=a%00b", "/help/?x%00=1", "/booking/?text=%00", "/schools/?words=%00"],
)
def test_a_nul_in_a_query_is_refused_and_not_said_again(
    sign_in: Callable[[User], Client], anna: User, address: str
) -> None:
    answer = sign_in(anna).get(address)

    assert 400 == answer.status_code
    assert b"\0" not in answer.data


def test_a_nul_in_a_form_is_refused_and_changes_nothing(sign_in: Callable[[User], Client], anna: User) -> None:
    booking = make_booking(anna)

    answer = sign_in(anna).post(f"/booking/{booking.id}/cancel", data={"reason": "Gita\0"})

    assert 400 == answer.status_code
    assert BookingStatus.CONFIRMED is booking.status


def test_signs_that_no_page_may_hold_are_left_out_of_the_way_back(client: Client) -> None:
    page = client.page("/nowhere%01%1f%7fx", status=404)

    assert "/nowherex" == page.select_one('input[name="next"]')["value"]
