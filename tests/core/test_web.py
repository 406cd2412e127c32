"""What every answer carries, and what error pages say."""

from collections.abc import Callable

import pytest
from flask import Flask

from prevention.accounts.models import User
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
