"""The main pages, with a demo year in them: accessible, in place on a phone, and asking nobody else for anything."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from prevention.core import clock
from prevention.core.db import db
from prevention.demo import loading
from prevention.demo.district import COORDINATOR_EMAIL, FACILITATOR_EMAIL, OFFICE_EMAIL, PASSWORD, SECOND_EMAIL
from prevention.demo.network_life import PARTNER_EMAIL
from tests.support.browser import Site, served, visitor
from tests.support.databases import SqliteDatabases, build_app

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

PUBLIC = (
    "/",
    "/programmes/",
    "/programmes/unplugged",
    "/figures/",
    "/figures/?indicator=I11&group=track:liceo",
    "/figures/profile/",
    "/opendata/",
    "/help/",
    "/resources/",
    "/resources/?text=svapo&grade=secondo_grado-1",
    "/resources/?text=zzzz",
    "/resources/kits/",
    "/resources/wishes/new",
    "/reports/published/",
    "/privacy",
    "/accessibility",
    "/sign-in",
    "/s/",
    "/s/privacy",
    "/nowhere",
)
OFFICE = (
    "/desk",
    "/booking/",
    "/booking/slots",
    "/booking/provided",
    "/booking/board",
    "/booking/conflicts",
    "/booking/unreached/schools",
    "/booking/unreached/classes",
    "/booking/requests",
    "/booking/waiting",
    "/booking/planning/",
    "/booking/hours/",
    "/booking/ways/",
    "/registers",
    "/coverage",
    "/early-signals/",
    "/early-signals/alerts",
    "/early-signals/groups",
    "/figures/seals/",
    "/network/",
    "/network/municipalities",
    "/network/organisations/new",
    "/network/agreements",
    "/network/agreements/new",
    "/network/acts",
    "/network/acts/new",
    "/network/table",
    "/network/table/new",
    "/network/decisions?state=",
    "/help/manage",
    "/help/manage/new",
    "/programmes/unplugged/quality",
    "/programmes/unplugged/quality/needs",
    "/programmes/funding",
    "/coverage?show=institutes",
    "/coverage?show=municipalities",
    "/coverage?show=classes",
    "/coverage?show=years",
    "/continuity",
    "/generations",
    "/observations",
    "/years/",
    "/schools/successions",
    "/surveys/",
    "/surveys/new",
    "/surveys/questionnaires",
    "/surveys/drafts/new",
    "/surveys/drafts/import",
    "/surveys/translations",
    "/surveys/translations/pages/ar",
    "/surveys/instruments",
    "/surveys/instruments/WHO5",
    "/surveys/pairs/new",
    "/schools/",
    "/schools/import",
    "/schools/calendar",
    "/schools/calendar/2026/days",
    "/schools/calendar/2026/closures/new",
    "/reports/",
    "/reports/new",
    "/reports/editions/new",
    "/messages/",
    "/messages/texts",
    "/messages/texts/booked/it",
    "/messages/texts/paper-families/ro",
    "/calendar/",
    "/calendar/?view=week",
    "/calendar/feeds",
    "/booking/reminders",
    "/programmes/new",
    "/resources/new",
    "/resources/desk",
    "/resources/mine",
    "/resources/import",
    "/resources/kits/new",
)
COORDINATOR = (
    "/desk",
    "/booking/mine",
    "/calendar/",
    "/calendar/feeds",
    "/booking/slots",
    "/booking/waiting",
    "/early-signals/",
    "/early-signals/new",
    "/schools/classes",
    "/schools/classes/new",
    "/continuity",
    "/generations",
    "/schools/calendar",
    "/schools/calendar/2026/import",
    "/reports/school",
    "/surveys/",
)
PARTNER = (
    "/desk",
    "/network/",
    "/network/mine",
    "/network/agreements",
    "/network/acts",
    "/network/table",
    "/network/decisions",
    "/early-signals/alerts",
    "/programmes/funding",
)
FACILITATOR = (
    "/desk",
    "/booking/agenda",
    "/booking/hours/",
    "/booking/requests",
    "/calendar/?view=week",
    "/registers",
    "/resources/",
)


@pytest.fixture(scope="module")
def demo_site(_sqlite: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("demo-instance")
    with _sqlite.fresh() as url:
        app = build_app(folder, url, SECRET_KEY="x" * 40)
        with app.app_context(), clock.frozen(NOW):
            loading.load()
        with served(app, NOW) as site:
            yield site
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.mark.parametrize(
    ("email", "paths"),
    [
        ("", PUBLIC),
        (OFFICE_EMAIL, OFFICE),
        (COORDINATOR_EMAIL, COORDINATOR),
        (FACILITATOR_EMAIL, FACILITATOR),
        (PARTNER_EMAIL, PARTNER),
    ],
    ids=["public", "office", "coordinator", "facilitator", "partner"],
)
def test_main_pages_are_accessible_and_fit_the_window(
    browser: Browser, demo_site: Site, email: str, paths: tuple[str, ...]
) -> None:
    with visitor(browser, demo_site) as person:
        if email:
            person.sign_in(email, PASSWORD)
        findings = [finding for path in paths for finding in person.look_at(path)]

        assert [] == findings
        assert [] == person.strange_requests
        assert [] == person.page_errors


def test_a_report_is_signed_read_and_published_without_a_barrier(browser: Browser, demo_site: Site) -> None:
    with visitor(browser, demo_site) as second:
        second.sign_in(SECOND_EMAIL, PASSWORD)
        second.go("/reports/")
        second.follow(second.page.get_by_role("link", name="Relazione 2025/26"))
        findings = second.axe()
        second.follow(second.page.get_by_role("link", name="Guardala"))
        findings += second.axe()
        assert second.overflow() <= 0
        second.page.set_viewport_size({"width": 360, "height": 740})
        assert second.overflow() <= 0
        second.page.go_back()
        second.page.get_by_role("button", name="Firma e prepara i documenti").click()
        second.page.get_by_text("I suoi documenti sono in preparazione").wait_for()
        second.page.wait_for_load_state()
        findings += second.axe()

        assert [] == findings
        assert [] == second.page_errors


def test_a_pupil_finds_no_barrier_in_either_language(browser: Browser, demo_site: Site) -> None:
    with demo_site.app.app_context(), clock.frozen(NOW):
        code = loading.sign_ins()[-1].rsplit("#", 1)[1]
    with visitor(browser, demo_site, phone=True) as pupil:
        pupil.go(f"/s/#{code}")
        pupil.page.locator("main form button[type=submit]").click()
        pupil.page.wait_for_selector("[data-questionnaire]")
        pupil.page.wait_for_load_state()
        findings = pupil.axe()
        pupil.page.locator("button[name=switch]").click()
        pupil.page.wait_for_selector("html[lang=en] [data-questionnaire]")
        pupil.page.wait_for_load_state()
        findings += pupil.axe()

        assert [] == findings
        assert [] == pupil.context.cookies()
        assert [] == pupil.strange_requests
