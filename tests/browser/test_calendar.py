"""The calendar with the keyboard, and a secret address, in a real browser."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask_security import hash_password
from playwright.sync_api import Browser, Page

from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.booking import make_booking, make_slot
from tests.factories.schools import make_institute, make_school_class, make_site
from tests.support.browser import Site, served, visitor
from tests.support.databases import SqliteDatabases, build_app

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "una parola lunga"
DATE = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.fixture
def site(_sqlite: SqliteDatabases, tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """A site with Bruno, whose class has a date on 25 November."""
    with _sqlite.fresh() as url:
        app = build_app(tmp_path / "instance", url, SECRET_KEY="x" * 40)
        with app.app_context(), clock.frozen(NOW), unit_of_work():
            institute = make_institute()
            bruno = make_user("Bruno", Role.COORDINATOR, institute_id=institute.id, language="it")
            bruno.password = hash_password(PASSWORD)
            school_class = make_school_class(site=make_site(institute=institute))
            slot = make_slot(starts=(DATE,), books_until=DATE.date() - timedelta(days=1))
            make_booking(bruno, school_class=school_class, slot=slot)
            email = bruno.email
        with served(app, NOW) as served_site:
            yield served_site, email
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def focused_day(page: Page) -> str:
    return str(page.evaluate("document.activeElement.dataset.day"))


def test_arrow_keys_move_between_days_and_pages(browser: Browser, site: tuple[Site, str]) -> None:
    with visitor(browser, site[0]) as bruno:
        bruno.sign_in(site[1], PASSWORD)
        page = bruno.go("/calendar/")
        page.focus('[data-day="2026-11-24"]')
        moves = []
        for key in ("ArrowRight", "ArrowUp", "ArrowDown", "ArrowLeft", "Home", "End"):
            page.keyboard.press(key)
            moves.append(focused_day(page))
        page.keyboard.press("PageDown")
        page.wait_for_url("**/calendar/?*day=2026-12-01*")

        assert ["2026-11-25", "2026-11-18", "2026-11-25", "2026-11-24", "2026-10-26", "2026-12-06"] == moves
        assert [] == bruno.axe()
        assert [] == bruno.page_errors


def test_a_day_opens_with_enter_and_leads_to_the_booking(browser: Browser, site: tuple[Site, str]) -> None:
    with visitor(browser, site[0]) as bruno:
        bruno.sign_in(site[1], PASSWORD)
        page = bruno.go("/calendar/")
        page.focus('[data-day="2026-11-25"]')
        page.keyboard.press("Enter")
        page.wait_for_url("**view=week**")
        page.click(".calendar-week .calendar-date")
        page.wait_for_url("**/booking/*")

        assert [] == bruno.strange_requests


def test_the_keys_move_through_a_week_too(browser: Browser, site: tuple[Site, str]) -> None:
    with visitor(browser, site[0]) as bruno:
        bruno.sign_in(site[1], PASSWORD)
        page = bruno.go("/calendar/?view=week&day=2026-11-25")
        page.focus('[data-day="2026-11-24"]')
        moves = []
        for key in ("ArrowRight", "ArrowLeft", "End", "Home"):
            page.keyboard.press(key)
            moves.append(focused_day(page))
        page.keyboard.press("ArrowLeft")
        page.wait_for_url("**/calendar/?*day=2026-11-16*")
        page.focus("[data-day]")
        page.keyboard.press("PageDown")
        page.wait_for_url("**/calendar/?*day=2026-11-23*")

        assert ["2026-11-25", "2026-11-24", "2026-11-29", "2026-11-23"] == moves
        assert [] == bruno.page_errors


def test_a_list_is_walked_with_the_tab_key_alone(browser: Browser, site: tuple[Site, str]) -> None:
    with visitor(browser, site[0]) as bruno:
        bruno.sign_in(site[1], PASSWORD)
        page = bruno.go("/calendar/?view=list&day=2026-11-23")
        page.focus(".calendar-views a[aria-current]")
        reached = []
        for _step in range(40):
            page.keyboard.press("Tab")
            reached.append(str(page.evaluate("document.activeElement.getAttribute('href') || ''")))
            if "/booking/" in reached[-1] and reached[-1].count("-") == 4:
                break
        page.keyboard.press("Enter")
        page.wait_for_url("**/booking/*-*")

        assert any("sort=" in address for address in reached), "the heads sort on the way"
        assert [] == bruno.page_errors


def test_an_address_is_made_and_shown_and_works(browser: Browser, site: tuple[Site, str]) -> None:
    with visitor(browser, site[0], phone=True) as bruno:
        bruno.sign_in(site[1], PASSWORD)
        page = bruno.go("/calendar/feeds")
        page.locator("main form button").first.click()
        page.wait_for_selector("input[readonly]")
        address = page.input_value("input[readonly]")
        answer = page.request.get(site[0].url(address[address.index("/calendar/") :]))

        assert "BEGIN:VEVENT" in answer.text()
        assert [] == bruno.axe()
        assert 0 >= bruno.overflow()
