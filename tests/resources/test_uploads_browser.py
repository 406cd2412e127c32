"""A large file from a real browser: in pieces, going on where it stopped, and without script."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import Browser, Route
from sqlalchemy import select

from prevention.core import clock, parts
from prevention.core.db import db, unit_of_work
from prevention.resources.models import ResourceFile
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.resources import samples
from tests.resources.test_writing import DETAILS
from tests.support.browser import Site, Visitor, served, visitor
from tests.support.databases import SqliteDatabases, build_app

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PIECES = "**/resources/uploads/*"


@pytest.fixture
def site(_sqlite: SqliteDatabases, tmp_path: Path) -> Iterator[Site]:
    with _sqlite.fresh() as url:
        app = build_app(tmp_path / "instance", url, SECRET_KEY="x" * 40)
        with app.app_context(), clock.frozen(NOW), unit_of_work():
            for name in ("anna", "carla"):
                make_user(name, Role.OFFICE).email = f"{name}@example.org"
        with served(app, NOW) as site:
            yield site
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF of some ten megabytes: three pieces."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.pages[0].obj.Resources = pikepdf.Dictionary(
        XObject=pikepdf.Dictionary(I=pdf.make_stream(os.urandom(10_000_000), Subtype=pikepdf.Name("/Form")))
    )
    path: Path = tmp_path_factory.mktemp("lesson") / "lezione.pdf"
    path.write_bytes(samples.pdf_of(pdf))
    return path


def fill_in(person: Visitor) -> None:
    """Fill in what a material needs beside its file."""
    for name in ("title", "abstract"):
        person.page.fill(f"[name={name}]", DETAILS[name])
    for name in ("kind", "language", "licence"):
        person.page.select_option(f"select[name={name}]", DETAILS[name])


def sizes(site: Site) -> list[int]:
    """Give the size of each file of the library."""
    with site.app.app_context():
        found = list(db.session.scalars(select(ResourceFile.size)))
        db.session.remove()
    return found


def parts_left(site: Site) -> list[Path]:
    """List what lies on the shelf of parts; they go a moment after the answer."""
    shelf, until = Path(site.app.instance_path) / parts.SHELF, time.monotonic() + 300
    while (found := [path for path in shelf.rglob("*") if path.is_file()]) and time.monotonic() < until:
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_large_file_comes_while_the_form_is_filled_in(
    browser: Browser, site: Site, lesson: Path, *, phone: bool
) -> None:
    with visitor(browser, site, phone=phone) as anna:
        anna.sign_in("anna@example.org", "password")
        anna.go("/resources/new")
        anna.page.set_input_files("input[type=file]", lesson)
        fill_in(anna)
        anna.page.wait_for_selector("input[name=upload_id]:not([value=''])", state="attached")
        findings, overflow = anna.axe(), anna.overflow()
        anna.page.click("form.form button[type=submit]")
        anna.page.wait_for_url("**/resources/*-*-*")

        assert ([], 0, []) == (findings, overflow, anna.page_errors)
        assert "lezione.pdf" in anna.page.inner_text("aside.resource-take")
    assert 1 == len(sizes(site))
    assert [] == parts_left(site)


def test_a_broken_line_and_a_closed_browser_cost_one_piece(browser: Browser, site: Site, lesson: Path) -> None:
    sent: list[int] = []

    def count_and_break(route: Route) -> None:
        offset = route.request.headers.get("upload-offset")
        if offset is not None:
            sent.append(int(offset))
        if offset is not None and int(offset) > 0 and len(sent) < 4:
            route.abort("connectionreset")
        else:
            route.continue_()

    with visitor(browser, site) as anna:
        anna.sign_in("anna@example.org", "password")
        anna.go("/resources/new")
        anna.page.route(PIECES, count_and_break)
        anna.page.set_input_files("input[type=file]", lesson)
        while len(sent) < 2:
            anna.page.wait_for_timeout(50)
        # The page is left and opened anew, and the same file chosen again.
        anna.go("/resources/new")
        assert "lezione.pdf" in anna.page.inner_text("main")
        anna.page.set_input_files("input[type=file]", lesson)
        fill_in(anna)
        # Sent off before the file has come whole: the form waits for it.
        anna.page.click("form.form button[type=submit]")
        anna.page.wait_for_url("**/resources/*-*-*")

    assert 1 == sent.count(0)
    assert 1 == len(sizes(site))
    assert [] == parts_left(site)


def test_a_file_that_is_not_taken_says_why_at_once(browser: Browser, site: Site, tmp_path: Path) -> None:
    film = tmp_path / "lezione.pdf"
    film.write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(9_000_000))
    with visitor(browser, site) as anna:
        anna.sign_in("anna@example.org", "password")
        anna.go("/resources/new")
        anna.page.set_input_files("input[type=file]", film)
        anna.page.wait_for_selector(".file-sending-words.is-fault")

        assert "films" in anna.page.inner_text(".file-sending-words")
        assert "" == anna.page.input_value("input[type=file]")
        assert [] == anna.axe()
    assert [] == parts_left(site)


def test_without_script_the_form_carries_the_file(browser: Browser, site: Site, tmp_path: Path) -> None:
    small = tmp_path / "lezione.pdf"
    small.write_bytes(samples.PDF)
    with visitor(browser, site, scripts=False) as anna:
        anna.sign_in("anna@example.org", "password")
        anna.go("/resources/new")
        fill_in(anna)
        anna.page.set_input_files("input[type=file]", small)
        anna.page.click("form.form button[type=submit]")
        anna.page.wait_for_url("**/resources/*-*-*")

    assert [len(samples.PDF)] == sizes(site)
