"""A person follows a report in a real browser: the bar moves by itself, the page turns into the finished report."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from prevention.core import clock, files
from prevention.core.db import db, unit_of_work
from prevention.reports.edition_rules import BuildState, EditionState
from prevention.reports.models import ReportEdition, ReportRun
from prevention.reports.rules import LEASE, Problem, RunStatus, Step
from tests.factories.accounts import make_user
from tests.factories.reports import make_report_edition, make_run
from tests.support.browser import Site, Visitor, served, visitor
from tests.support.databases import SqliteDatabases, build_app

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PDF = b"%PDF-1.7 a report"


@pytest.fixture
def site(_sqlite: SqliteDatabases, tmp_path: Path) -> Iterator[Site]:
    with _sqlite.fresh() as url:
        app = build_app(tmp_path / "instance", url)
        with served(app, NOW) as site:
            yield site
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def sign_in_as_office(person: Visitor) -> None:
    """Give the browser the session of somebody of the office."""
    with person.site.app.app_context(), unit_of_work():
        user = make_user("Anna")
        session = {"_user_id": user.fs_uniquifier, "_fresh": True, "fs_cc": "set", "fs_paa": 0.0, "identity": None}
    serializer = SecureCookieSessionInterface().get_signing_serializer(person.site.app)
    assert serializer is not None
    person.context.add_cookies(
        [{"name": "session", "value": str(serializer.dumps(session)), "url": person.site.address}]
    )


def change(app: Flask, run_id: uuid.UUID, **values: object) -> None:
    """Change a run as the jobs process would."""
    with app.app_context(), clock.frozen(NOW), unit_of_work():
        run = db.session.get_one(ReportRun, run_id)
        for name, value in values.items():
            setattr(run, name, value)


def make_running(app: Flask) -> uuid.UUID:
    """Give a run that began half a minute ago."""
    with app.app_context(), clock.frozen(NOW), unit_of_work():
        run = make_run(
            status=RunStatus.RUNNING, progress=25, step=Step.LAYING_OUT, claim=uuid.uuid4(), attempts=1,
            leased_until=NOW + LEASE, started_at=NOW - timedelta(seconds=30),
        )  # fmt: skip
        return run.id


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_page_follows_the_run_and_becomes_the_report(browser: Browser, site: Site, *, phone: bool) -> None:
    run_id = make_running(site.app)
    with visitor(browser, site, phone=phone, language="en-GB") as person:
        sign_in_as_office(person)
        page = person.go(f"/reports/{run_id}/")
        bar = page.locator("main progress")
        expect(bar).to_have_attribute("value", "25")
        findings = person.axe()

        change(site.app, run_id, progress=95, step=Step.KEEPING)
        expect(bar).to_have_js_property("value", 95)
        expect(page.locator("main")).to_contain_text("Writing the document")
        expect(page.locator("[data-left]")).to_have_text("less than a minute left")

        with site.app.app_context():
            stored = files.store(BytesIO(PDF), max_bytes=100)
        change(
            site.app, run_id, status=RunStatus.DONE, progress=100, file_sha256=stored.sha256, file_size=stored.size,
            file_name="yearly-report-cremona-2026-27.pdf", finished_at=NOW,
        )  # fmt: skip
        expect(page.get_by_text("The report is ready.")).to_be_visible()
        findings += person.axe()
        with page.expect_download() as waiting:
            page.get_by_role("link", name="Take the PDF").click()

        assert "yearly-report-cremona-2026-27.pdf" == waiting.value.suggested_filename
        assert PDF == Path(waiting.value.path()).read_bytes()
        assert [] == findings
        assert 0 == person.overflow()
        assert ([], []) == (person.strange_requests, person.page_errors)


def test_a_run_that_fails_while_it_is_followed_says_so(browser: Browser, site: Site) -> None:
    run_id = make_running(site.app)
    with visitor(browser, site, language="en-GB") as person:
        sign_in_as_office(person)
        page = person.go(f"/reports/{run_id}/")

        change(site.app, run_id, status=RunStatus.FAILED, problem=Problem.INTERRUPTED, finished_at=NOW)

        expect(page.get_by_text("The work was interrupted several times.")).to_be_visible()
        assert [] == person.axe()


def make_edition(app: Flask, **values: object) -> str:
    """Give the address of an edition of last year's report."""
    with app.app_context(), clock.frozen(NOW), unit_of_work():
        return f"/reports/editions/{make_report_edition(**values).id}"


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_making_the_papers_is_followed_stopped_and_taken_up_again(browser: Browser, site: Site, *, phone: bool) -> None:
    address = make_edition(
        site.app, state=EditionState.SIGNED, identifier="ab" * 32, signed_at=NOW, signed_name="Elena",
        build=BuildState.BUILDING, claim=uuid.uuid4(), leased_until=NOW + LEASE, attempts=1, papers_wanted=10,
        build_began_at=NOW - timedelta(minutes=1),
    )  # fmt: skip
    with visitor(browser, site, phone=phone, language="en-GB") as person:
        sign_in_as_office(person)
        page = person.go(f"{address}/")
        expect(page.locator("main progress")).to_have_attribute("value", "10")
        expect(page.locator("[data-left]")).to_have_text("about 9 minutes left")
        findings = person.axe()

        person.follow(page.get_by_role("button", name="Stop"))
        expect(page.get_by_text("Stopped: 1 of 10 papers.")).to_be_visible()
        findings += person.axe()
        person.follow(page.get_by_role("button", name="Go on"))
        expect(page.locator("main progress")).to_be_visible()

        assert [] == findings
        assert 0 == person.overflow()
        assert ([], []) == (person.strange_requests, person.page_errors)


def test_of_two_who_write_the_same_texts_the_second_is_told_and_loses_nothing(browser: Browser, site: Site) -> None:
    address = make_edition(site.app)
    with (
        visitor(browser, site, language="en-GB") as anna,
        visitor(browser, site, language="en-GB") as elena,
    ):
        for person in (anna, elena):
            sign_in_as_office(person)
            person.go(f"{address}/texts")
        for person, words, said in (
            (anna, "Un anno buono.", "Saved."),
            (elena, "Un anno difficile.", re.compile("Somebody else saved these texts in the meantime")),
        ):
            person.page.locator("#conclusions_it").fill(words)
            expect(person.page.locator("[data-saved]")).to_have_text(said, timeout=60_000)

        expect(elena.page.locator("#conclusions_it")).to_have_value("Un anno difficile.")
        assert [] == anna.axe() + elena.axe()
    with site.app.app_context():
        kept = db.session.scalars(select(ReportEdition.texts)).one()
        assert "Un anno buono." == kept["it"]["conclusions"]
