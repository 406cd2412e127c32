"""The year planner in a real browser: a date is dragged to another day, and moved the same way with the keyboard."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask_security import hash_password
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from prevention.booking.plan_models import PlannedMeeting
from prevention.booking.plan_tasks import plan_next_run
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from tests.factories.accounts import make_user
from tests.factories.booking import make_request
from tests.factories.network import make_municipality
from tests.factories.planning import make_leader, make_run_row
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import make_school_class, make_site
from tests.support.browser import Site, served, visitor
from tests.support.databases import SqliteDatabases, build_app

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "una parola lunga"


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A served plan: two dates of one class, and another request that nobody can lead."""

    site: Site
    email: str
    address: str


@pytest.fixture
def planned(_sqlite: SqliteDatabases, tmp_path: Path) -> Iterator[Planned]:
    with _sqlite.fresh() as url:
        app = build_app(tmp_path / "instance", url, SECRET_KEY="x" * 40)
        with app.app_context(), clock.frozen(NOW):
            with unit_of_work():
                anna = make_user("Anna", language="it")
                anna.password = hash_password(PASSWORD)
                edition = make_edition(programme=make_programme(meetings=2), school_year=2026)
                make_leader(edition)
                school = make_site(municipality=make_municipality(name="Cremona"))
                make_request(anna, edition=edition, school_class=make_school_class(site=school))
                make_request(anna, edition=make_edition(school_year=2026))
                # Monday is the first day that is planned.
                run_id, email = make_run_row(seconds=1).id, anna.email
            assert plan_next_run()
        with served(app, NOW) as site:
            yield Planned(site=site, email=email, address=f"/booking/planning/{run_id}/")
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def first_card(page: Page) -> tuple[str, str]:
    """Give the id of the first card of the week shown, and the next day of that week without any."""
    card = page.locator(".plan-card").first
    day = card.locator("xpath=ancestor::section").get_attribute("data-day")
    assert day is not None
    after = datetime.fromisoformat(day) + timedelta(days=1)
    return card.get_attribute("id") or "", after.date().isoformat()


def is_there(page: Page, card: str, day: str) -> bool:
    return page.locator(f'[data-day="{day}"] #{card}.is-locked').count() == 1


def test_a_date_dragged_to_another_day_is_moved_there_and_locked(browser: Browser, planned: Planned) -> None:
    with visitor(browser, planned.site) as anna:
        anna.sign_in(planned.email, PASSWORD)
        page = anna.go(planned.address)
        card, day = first_card(page)

        page.drag_and_drop(f"#{card} .plan-time", f'[data-day="{day}"]')

        page.wait_for_url(f"**/move?day={day}")
        assert day == page.input_value("[name=day]")
        page.click("main form button[type=submit]")
        page.wait_for_url(f"**{planned.address}*")
        assert is_there(page, card, day)
        assert [] == anna.page_errors
    assert [True] == _locks(planned)


def test_the_same_move_is_made_with_the_keyboard_alone_and_without_script(browser: Browser, planned: Planned) -> None:
    with visitor(browser, planned.site, scripts=False) as anna:
        anna.sign_in(planned.email, PASSWORD)
        page = anna.go(planned.address)
        card, day = first_card(page)

        page.locator(f"#{card} .plan-buttons a").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/move")
        page.locator("[name=day]").fill(day)
        page.locator("main form button[type=submit]").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{planned.address}*")

        assert is_there(page, card, day)
        page.locator(f"#{card} .plan-buttons button").focus()
        page.keyboard.press("Enter")
        page.locator(f'[data-day="{day}"] #{card}:not(.is-locked)').wait_for()
    assert [] == _locks(planned)


def _locks(planned: Planned) -> list[bool]:
    with planned.site.app.app_context():
        return list(db.session.scalars(select(PlannedMeeting.is_locked).where(PlannedMeeting.is_locked)))


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_pages_of_a_plan_are_accessible_and_fit_the_window(
    browser: Browser, planned: Planned, *, phone: bool
) -> None:
    with visitor(browser, planned.site, phone=phone) as anna:
        anna.sign_in(planned.email, PASSWORD)
        page = anna.go(planned.address)
        move = page.locator(".plan-card").first.get_attribute("data-move")
        assert move is not None
        findings = []
        for path in (planned.address, move, "/booking/planning/", "/booking/ways/", "/booking/hours/"):
            anna.go(path)
            findings += anna.axe() + ([f"{path} is too wide"] if anna.overflow() > 0 else [])

        assert [] == findings
        assert [] == anna.strange_requests
