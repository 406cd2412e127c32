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
from prevention.network.service.help_lines import _as_values
from prevention.network.wording import HELP_KIND_WORDS
from tests.support.http import Client

STALE_NOTICE = ".notice-warning"


@pytest.mark.parametrize(
    ("verified_on", "in_time", "late"),
    [
        (date(2026, 8, 15), date(2027, 8, 15), date(2027, 8, 16)),
        (date(2027, 8, 15), date(2028, 8, 15), date(2028, 8, 16)),  # 366 days, and still twelve months
        (date(2028, 2, 29), date(2029, 2, 28), date(2029, 3, 1)),
        (date(2027, 2, 28), date(2028, 2, 28), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 12, 31), date(2028, 1, 1)),
        (date(2026, 8, 15), date(2026, 8, 1), date(2031, 1, 1)),
    ],
)
def test_a_service_is_stale_once_twelve_months_are_over(verified_on: date, in_time: date, late: date) -> None:
    assert not is_stale(verified_on, today=in_time)
    assert is_stale(verified_on, today=late)


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
    session.add(HelpService(**{**_as_values(spare), "code": "gone"}))
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


def test_the_desk_of_the_office_says_how_many_services_must_be_verified_again_and_leads_to_them(
    app: Flask, anna: User, bruno: User, sign_in: Callable[[User], Client], session: scoped_session[Session]
) -> None:
    service.load_help_services()
    now = datetime(2027, 11, 10, tzinfo=UTC)
    for row in session.scalars(select(HelpService)):
        row.verified_on = date(2027, 11, 10)
    line = session.scalar(select(HelpService).where(HelpService.code == "emergency-112"))
    line.verified_on = date(2026, 11, 9)
    session.flush()

    with clock.frozen(now):
        office, coordinator = (sign_in(person).page("/desk").select(STALE_NOTICE) for person in (anna, bruno))
        line.verified_on = date(2026, 11, 10)
        session.flush()
        in_time = sign_in(anna).page("/desk").select(STALE_NOTICE)

    assert (1, 0, 0) == (len(office), len(coordinator), len(in_time))
    assert "1 service that" in office[0].text
    assert "9 November 2026" in office[0].text
    assert office[0].select_one('a[href="/help/"]') is not None


def test_the_office_is_not_warned_while_all_is_fresh(app: Flask, anna: User, sign_in: Callable[[User], Client]) -> None:
    browser = sign_in(anna)

    assert [[], []] == [browser.page(address).select(STALE_NOTICE) for address in ("/help/", "/desk")]
