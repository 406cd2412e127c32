"""A whole prevention year in one go, in a real browser, as the people of the district walk it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser
from pypdf import PdfReader
from sqlalchemy import func, select

from prevention.accounts.service import Grant, add_user
from prevention.config import ROOT
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.indicators.tasks import seal_next_closed_wave
from prevention.network import service as network
from prevention.network.models import Organisation
from prevention.network.rules import OrganisationKind
from prevention.programmes import service as programmes
from prevention.reports.tasks import build_next_report
from prevention.roles import Role
from prevention.schools.models import Site
from prevention.schools.rules import Level
from prevention.surveys.models import AccessCode, Ballot, MixedAnswer, WaveSecret
from prevention.surveys.tasks import mix_ballots
from tests.conftest import SHARED_DATA
from tests.journeys.pupils import answer_in_browser, answer_over_http, codes_on
from tests.support.browser import Site as ServedSite
from tests.support.browser import Visitor, served, visitor
from tests.support.databases import SqliteDatabases, build_app
from tests.support.http import use_strict_client

PASSWORD = "a journey of many steps"

SEPTEMBER = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
AFTER_THE_MEETINGS = datetime(2026, 10, 27, 7, 0, tzinfo=UTC)
SURVEY_DAY = datetime(2026, 10, 28, 8, 0, tzinfo=UTC)
AFTER_THE_SURVEY = datetime(2026, 11, 9, 8, 0, tzinfo=UTC)
AFTER_THE_YEAR = datetime(2027, 7, 1, 8, 0, tzinfo=UTC)

SMOKES = {"B1": "3-5", "B2": "<1w", "F1": "14"}
DRINKS = {"C1": "3-5", "C2": "1-2", "C3": "1-2", "F3": "14"}

# 25 pupils of two classes: 10 have smoked in their life (40 %), 20 have drunk (80 %); 13 girls and 12 boys.
PUPILS = [
    {"A1": "female" if number < 13 else "male", **(SMOKES if number % 5 < 2 else {}), **(DRINKS if number % 5 else {})}
    for number in range(25)
]


@pytest.fixture
def served_site(_sqlite: SqliteDatabases, tmp_path: Path) -> Iterator[ServedSite]:
    with _sqlite.fresh() as url:
        app = build_app(tmp_path / "instance", url, SECRET_KEY="x" * 40)
        use_strict_client(app)
        with served(app, SEPTEMBER) as site:
            app.config["SETTINGS"] = build_app(
                tmp_path / "instance", url, SECRET_KEY="x" * 40, BASE_URL=site.address
            ).config["SETTINGS"]
            yield site
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def register_file() -> Path:
    """The real register where there is one beside the project, else the made-up one."""
    real = SHARED_DATA / "schools" / "SCUANAGRAFESTAT20252620250901.csv.gz"
    return real if real.exists() else ROOT / "prevention" / "demo" / "register.csv"


def municipalities_file() -> Path:
    real = SHARED_DATA / "geo" / "cremona_comuni_istat.csv"
    return real if real.exists() else ROOT / "prevention" / "network" / "data" / "cremona_municipalities.csv"


def prepare(app: Flask) -> None:
    """What an installation has on its first day: municipalities, known programmes, an office that can sign in."""
    with app.app_context(), clock.frozen(SEPTEMBER), unit_of_work():
        with municipalities_file().open("rb") as stream:
            network.import_municipalities(stream, file_name="comuni.csv")
        network.load_help_services()
        programmes.load_known()
        db.session.add(Organisation(name="Cooperativa L'Argine", kind=OrganisationKind.THIRD_SECTOR))
        add_user("anna@example.org", name="Anna", password=PASSWORD, grants=(Grant(role=Role.OFFICE),))


def add_bruno_and_dario(app: Flask) -> str:
    """Give a school its coordinator and the provider its facilitator; give the code of the school's site."""
    with app.app_context(), clock.frozen(SEPTEMBER), unit_of_work():
        site = db.session.scalars(
            select(Site).where(Site.level == Level.SECONDO_GRADO, Site.is_state).order_by(Site.code)
        ).first()
        assert site is not None
        provider = db.session.scalars(select(Organisation.id)).one()
        bruno = Grant(role=Role.COORDINATOR, institute_id=site.institute_id)
        dario = Grant(role=Role.FACILITATOR, organisation_id=provider)
        add_user("bruno@example.org", name="Bruno", password=PASSWORD, grants=(bruno,))
        add_user("dario@example.org", name="Dario", password=PASSWORD, grants=(dario,))
        return site.code


def submit(person: Visitor) -> None:
    person.follow(person.page.locator("main form:not(.filters) button.btn-primary[type=submit]").first)


def choose(person: Visitor, name: str, value: str) -> None:
    """Tap the words of one answer, as a finger does."""
    field = person.page.locator(f"input[name='{name}'][value='{value}']")
    person.page.locator(f"label[for='{field.get_attribute('id')}']").click()


def take_the_register_in(anna: Visitor) -> None:
    page = anna.go("/schools/import")
    page.set_input_files("input[type=file]", str(register_file()))
    submit(anna)
    assert "/schools/import/" in page.url, "the preview is shown"
    submit(anna)
    page.wait_for_url("**/schools/")


def open_this_years_edition(anna: Visitor) -> None:
    page = anna.go("/programmes/peer-education")
    anna.follow(page.locator("a[href*='/editions/new']").first)
    page.select_option("#school_year", "2026")
    page.fill("#group_min", "8")
    page.fill("#group_max", "28")
    submit(anna)


def publish_dates(anna: Visitor) -> None:
    page = anna.go("/booking/provided")
    anna.follow(page.locator("a[href*='/publish']").first)
    page.select_option("#facilitator_id", label="Dario")
    page.fill("#places", "2")
    page.fill("#books_until", "2026-10-09")
    for number, day in enumerate(("2026-10-12", "2026-10-19", "2026-10-26")):
        page.fill(f"#dates-{number}-day", day)
        page.fill(f"#dates-{number}-starts", "10:00")
    submit(anna)
    assert "/booking/slots/" in page.url, page.inner_text("main")[:600]


def enter_classes(bruno: Visitor, site_code: str) -> None:
    page = bruno.go("/schools/classes/new")
    if page.locator("select#site").count():
        page.select_option("#site", site_code)
    page.locator(
        "fieldset:has(input[name=grades]) label", has_text=re.compile(r"^\s*(2|II|seconda)", re.IGNORECASE)
    ).first.click()
    page.fill("#sections", "A, B")
    page.fill("#pupils", "13")
    submit(bruno)
    assert page.url.rstrip("/").split("?")[0].endswith("/schools/classes"), page.inner_text("main")[:600]


def book_a_class(bruno: Visitor, label: str) -> None:
    page = bruno.go("/booking/slots")
    bruno.follow(page.locator("form[action$='/hold'] button").first)
    tick = page.locator(".party > .choice label", has_text=re.compile(f"^\\s*{label}\\b")).first
    if not page.locator(f"#{tick.get_attribute('for')}").is_checked():
        tick.click()
    submit(bruno)
    assert re.search(r"/booking/[0-9a-f-]{36}", page.url), page.inner_text("main")[:600]


def fill_a_register(dario: Visitor) -> None:
    page = dario.go("/registers")
    dario.follow(page.locator("main a[href*='/registers/']").first)
    choose(dario, "outcome", "held")
    activities = page.locator("input[name^=activity][value=full]")
    for name in activities.evaluate_all("all => all.map(field => field.name)"):
        choose(dario, name, "full")
    page.fill("#present", "12")
    choose(dario, "led_by", "facilitator")
    submit(dario)
    # The register goes through the device's own store first, so that the next page comes a moment later.
    page.wait_for_url("**/registers")


def prepare_the_survey(anna: Visitor) -> str:
    """Make and open a survey of the booked classes; give the path of its page."""
    page = anna.go("/surveys/new")
    page.fill("#opens_on", "2026-10-28")
    page.fill("#closes_on", "2026-11-06")
    submit(anna)
    assert re.search(r"/surveys/[0-9a-f-]{36}", page.url), page.inner_text("main")[:600]
    anna.follow("form[action$='/open'] button")
    return page.url.removeprefix(anna.site.address)


def print_slips(bruno: Visitor, survey: str) -> list[list[str]]:
    """Print a sheet per class and read the codes off the paper."""
    page = bruno.go(survey)
    addresses = page.locator("a[href$='/slips']").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    sheets = []
    for address in addresses:
        bruno.go(address)
        bruno.page.fill("#number", "13")
        with bruno.page.expect_download() as download:
            bruno.page.locator("main form button[type=submit]").first.click()
        paper = PdfReader(str(download.value.path()))
        sheets.append(codes_on("\n".join(sheet.extract_text() for sheet in paper.pages)))
    return sheets


def report_classes(bruno: Visitor, survey: str) -> None:
    """Say of both classes who was there."""
    page = bruno.go(survey)
    for address in page.locator("a[href$='/report']").evaluate_all("all => all.map(a => a.getAttribute('href'))"):
        bruno.go(address)
        page.fill("#enrolled", "13")
        page.fill("#present", "13")
        page.fill("#absent", "0")
        submit(bruno)


def close_the_survey(anna: Visitor, survey: str) -> None:
    anna.go(survey)
    anna.follow("form[action$='/close'] button")


def download_report(anna: Visitor, app: Flask) -> PdfReader:
    page = anna.go("/reports/new")
    page.locator("select[name=school_year]").select_option("2026")
    submit(anna)
    with app.app_context(), clock.frozen(AFTER_THE_YEAR):
        assert build_next_report(), "the jobs process finds the request"
    page.reload()
    with page.expect_download() as download:
        page.locator("a[href$='/pdf']").first.click()
    return PdfReader(str(download.value.path()))


def jobs_after_closing(app: Flask) -> None:
    with app.app_context(), clock.frozen(AFTER_THE_SURVEY):
        while mix_ballots():
            pass
        while seal_next_closed_wave():
            pass


def nothing_raw_is_left(app: Flask) -> None:
    with app.app_context():
        for table in (AccessCode, Ballot, MixedAnswer, WaveSecret):
            assert 0 == db.session.scalar(select(func.count()).select_from(table)), table.__tablename__


def test_a_whole_year_from_the_register_to_the_report(browser: Browser, served_site: ServedSite) -> None:
    app = served_site.app
    prepare(app)
    with visitor(browser, served_site) as anna, visitor(browser, served_site) as bruno:
        anna.sign_in("anna@example.org", PASSWORD)
        take_the_register_in(anna)
        site_code = add_bruno_and_dario(app)
        open_this_years_edition(anna)
        publish_dates(anna)

        bruno.sign_in("bruno@example.org", PASSWORD)
        enter_classes(bruno, site_code)
        book_a_class(bruno, "2A")
        book_a_class(bruno, "2B")

        served_site.clock.now = AFTER_THE_MEETINGS
        with visitor(browser, served_site, phone=True) as dario:
            dario.sign_in("dario@example.org", PASSWORD)
            for _meeting in range(6):
                fill_a_register(dario)
            assert dario.page_errors == []

        survey = prepare_the_survey(anna)
        sheets = print_slips(bruno, survey)
        assert [13, 13] == [len(codes) for codes in sheets]

        served_site.clock.now = SURVEY_DAY
        codes = [*sheets[0], *sheets[1][:12]]
        with visitor(browser, served_site, phone=True) as pupil:
            pupil.go(f"/s/#{codes[0]}")
            pupil.page.locator("main form button[type=submit]").click()
            shown = answer_in_browser(pupil.page, PUPILS[0])
            pupil.page.wait_for_selector("[data-done]", state="attached")
            assert len(shown) > 40
            assert [] == pupil.context.cookies()
            assert [] == pupil.strange_requests
            assert codes[0] not in pupil.page.content()
            assert pupil.page_errors == []
        with clock.frozen(SURVEY_DAY):
            for code, likes in zip(codes[1:], PUPILS[1:], strict=True):
                answer_over_http(app, code, likes)

        report_classes(bruno, survey)

        served_site.clock.now = AFTER_THE_SURVEY
        close_the_survey(anna, survey)
        jobs_after_closing(app)
        nothing_raw_is_left(app)

        served_site.clock.now = AFTER_THE_YEAR
        report = download_report(anna, app)
        text = re.sub(r"\s+", " ", "\n".join(sheet.extract_text() for sheet in report.pages))

        assert anna.page_errors == []
        assert [] == anna.strange_requests + bruno.strange_requests
    # Two classes are few clusters: the interval is as wide as honesty asks for, and the paper says so.
    assert re.search(r"Sigarette nella vita 40 \(0–100\) 25\b", text), "10 of 25 have smoked"
    assert re.search(r"Alcol nella vita 80 \(0–100\) 25\b", text), "20 of 25 have drunk"
    assert re.search(r"Cannabis nella vita meno di 20 25\b", text), "nobody has used cannabis, and 0 % is never shown"
    assert re.search(r"Questionari ricevuti 25\b", text)
    assert "Peer education" in text
    for code in codes:
        assert code not in text
