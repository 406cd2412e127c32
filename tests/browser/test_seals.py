"""A sealed survey's page in a real browser, by keyboard alone: one more table comes out, a correction is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask_security import hash_password
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.indicators.models import SealedWave
from prevention.indicators.tasks import seal_next_closed_wave
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.indicators import few_questions, make_closed_wave
from tests.support.browser import Site, served, visitor
from tests.support.databases import SqliteDatabases, build_app

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "una parola lunga"
REASON = "La scuola ha ritirato le risposte."
# More than any of these pages has to be stepped over.
MOST_STEPS = 120


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A served district with one sealed survey."""

    site: Site
    email: str
    address: str


@pytest.fixture
def sealed(_sqlite: SqliteDatabases, tmp_path: Path) -> Iterator[Sealed]:
    with _sqlite.fresh() as url:
        app = build_app(tmp_path / "instance", url, SECRET_KEY="x" * 40)
        with app.app_context(), clock.frozen(NOW):
            with unit_of_work():
                anna = make_user("Anna", Role.OFFICE, language="it")
                anna.password = hash_password(PASSWORD)
                make_closed_wave(schools=3, classes=2, pupils=22, questionnaire_id=few_questions())
                email = anna.email
            assert seal_next_closed_wave()
            wave_id = db.session.scalars(select(SealedWave.wave_id)).one()
            db.session.remove()
        with served(app, NOW) as site:
            yield Sealed(site=site, email=email, address=f"/figures/seals/{wave_id}")
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def step_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on it."""
    for _step in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"no Tab leads to {selector}")


def enter(page: Page) -> None:
    """Press Enter, and wait until the page that it leads to is there."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_table_is_released_and_a_correction_asked_for_without_a_mouse(browser: Browser, sealed: Sealed) -> None:
    with visitor(browser, sealed.site) as anna:
        anna.sign_in(sealed.email, PASSWORD)
        page = anna.go(sealed.address)
        step_to(page, "main a[href$='/release']")
        enter(page)
        step_to(page, "select[name=indicator]")
        page.keyboard.type("I09")
        step_to(page, "input[name=grades]")
        page.keyboard.press("Space")
        step_to(page, "input[name=act]")
        page.keyboard.press("ArrowDown")
        step_to(page, "main form [type=submit]")
        enter(page)

        tested = page.locator("#tests").locator("xpath=..").locator("tbody tr")
        expect(tested).to_have_count(1)
        expect(tested).to_contain_text("pubblicata")
        expect(page.locator(".notice-warning")).to_have_count(0)

        anna.go(sealed.address)
        step_to(page, "main a[href$='/correct']")
        enter(page)
        step_to(page, "select[name=school]")
        page.keyboard.press("ArrowDown")
        step_to(page, "textarea[name=reason]")
        page.keyboard.type(REASON)
        step_to(page, "main form [type=submit]")
        enter(page)

        expect(page.locator("main")).to_contain_text(REASON)
        expect(page.locator("main a[href$='/correct']")).to_have_count(0)
        assert [] == anna.page_errors + anna.strange_requests
