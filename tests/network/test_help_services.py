"""Where to find help: dated, never empty, no number that nobody verified."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from bs4 import Tag
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from prevention.accounts.models import User
from prevention.core import clock
from prevention.core.i18n import LANGUAGES
from prevention.network import service
from prevention.network.help_file import read_help_services
from prevention.network.models import HelpService
from prevention.network.rules import dialable, is_stale
from prevention.network.wording import HELP_KIND_WORDS
from tests.support.http import Client

STALE_NOTICE = ".notice-warning"


@pytest.mark.parametrize(
    ("today", "expected"), [(date(2027, 8, 15), False), (date(2027, 8, 16), True), (date(2026, 8, 1), False)]
)
def test_a_service_is_stale_after_twelve_months(today: date, expected: bool) -> None:
    assert expected == is_stale(date(2026, 8, 15), today=today)


def test_a_number_is_dialled_without_blanks() -> None:
    assert ["19696", "+390372123"] == [dialable("1 96 96"), dialable("+39 0372 123")]


def test_every_service_speaks_both_languages_and_says_when_and_where_it_was_read() -> None:
    for line in read_help_services():
        assert set(LANGUAGES) == set(line.name) == set(line.hours) == set(line.reach), line.code
        assert line.source
        assert line.verified_on <= clock.today()


def test_the_addiction_services_of_the_district_have_no_number_until_one_is_verified() -> None:
    local = [line for line in read_help_services() if line.code.startswith("serd-")]

    assert [None, None] == [line.phone for line in local]
    assert all("ASST" in line.reach["it"] for line in local)


def test_loading_twice_changes_nothing_the_second_time(app: Flask) -> None:
    first = service.load_help_services()

    second = service.load_help_services()

    assert (len(read_help_services()), 0) == (first, second)


def test_loading_mends_what_was_changed_and_takes_away_what_the_file_dropped(
    app: Flask, session: scoped_session[Session]
) -> None:
    service.load_help_services()
    row = session.scalar(select(HelpService).where(HelpService.code == "emergency-112"))
    row.phone = "113"
    spare = service.help_services()[0]
    session.add(HelpService(**{**service._as_values(spare), "code": "gone"}))
    session.flush()

    changes = service.load_help_services()

    assert 2 == changes
    assert read_help_services() == service.help_services()


def test_help_is_there_before_anything_was_loaded(app: Flask, client: Client) -> None:
    page = client.page("/help/")

    assert "114" in page.text
    assert page.select_one('a[href="tel:19696"]') is not None


def test_only_some_services_can_be_asked_for(app: Flask) -> None:
    assert ["emergency-112"] == [line.code for line in service.help_services(["emergency-112"])]


def test_the_page_shows_every_service_in_its_group_with_its_date(app: Flask, client: Client) -> None:
    service.load_help_services()

    page = client.page("/help/")

    lines = page.select(".help-line")
    assert len(read_help_services()) == len(lines)
    assert len(HELP_KIND_WORDS) == len(page.select("section h2"))
    assert all("2026" in line.text for line in lines)


def test_emergencies_come_first(app: Flask, client: Client) -> None:
    first = client.page("/help/").select_one(".help-line")

    assert isinstance(first, Tag)
    assert "112" in first.text


def test_the_office_is_warned_of_services_not_verified_for_a_year(
    app: Flask, anna: User, bruno: User, sign_in: Callable[[User], Client], client: Client
) -> None:
    with clock.frozen(datetime(2028, 1, 10, tzinfo=UTC)):
        office, coordinator, visitor = (
            browser.page("/help/").select(STALE_NOTICE) for browser in (sign_in(anna), sign_in(bruno), client)
        )

    assert (1, 0, 0) == (len(office), len(coordinator), len(visitor))


def test_the_office_is_not_warned_while_all_is_fresh(app: Flask, anna: User, sign_in: Callable[[User], Client]) -> None:
    assert [] == sign_in(anna).page("/help/").select(STALE_NOTICE)
