"""Every page of the library in a browser: accessible, in place on a phone, by keyboard, and without script."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page

from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.resources import search, service
from prevention.resources.rules import Outcome, Status
from prevention.resources.service import SheetRow
from prevention.roles import Role
from prevention.schools.rules import Level
from tests.factories.accounts import make_user
from tests.factories.network import make_organisation
from tests.factories.programmes import make_programme
from tests.factories.resources import make_kit, make_resource, make_resource_file
from tests.factories.schools import make_institute
from tests.resources.test_sheets import row, xlsx
from tests.resources.test_writing import DETAILS
from tests.support.browser import PATIENCE_MS, Site, Visitor, served, visitor
from tests.support.databases import SqliteDatabases, build_app

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LONG = "Prevenzione-dell'uso-problematico-di-internet-e-dei-videogiochi-nella-scuola-secondaria " * 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """A served library, and the addresses of one of each of its pages."""

    site: Site
    public: tuple[str, ...]
    office: tuple[str, ...]


@pytest.fixture(scope="module")
def library(_sqlite: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with _sqlite.fresh() as url:
        app = build_app(tmp_path_factory.mktemp("library"), url, SECRET_KEY="x" * 40)
        with app.app_context(), clock.frozen(NOW), unit_of_work():
            pages = _fill()
        with served(app, NOW) as site:
            yield Library(site=site, public=pages[0], office=pages[1])
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def _fill() -> tuple[tuple[str, ...], tuple[str, ...]]:
    anna = make_user("Anna", Role.OFFICE)
    bruno = make_user("Bruno", Role.COORDINATOR, institute_id=make_institute().id)
    dario = make_user("Dario", Role.FACILITATOR, organisation_id=make_organisation().id)
    for user in (anna, bruno, dario):
        user.email, user.language = f"{user.name.lower()}@example.org", "it"
    meeting = make_programme(meetings=2).meetings[0]
    full = make_resource(
        title=LONG[:160], abstract="Una lezione.", created_by=bruno.id, meeting=meeting, minutes=50,
        programme_id=meeting.programme_id, topics=["alcohol"], skills=["empathy"], access=["captions"],
        link="https://example.org/" + "a" * 120, grades=((Level.PRIMO_GRADO, 1),),
    )  # fmt: skip
    make_resource_file(full, is_released=False, uploaded_by=bruno.id, file_name="x" * 110 + ".pdf")
    waiting = make_resource(status=Status.WAITING, created_by=bruno.id)
    outdated = make_resource(care={"review_by": datetime(2026, 1, 1, tzinfo=UTC).date()})
    retired = make_resource(status=Status.RETIRED, care={"remark": "Superata."})
    kit = make_kit(full, outdated, title=LONG[:160], intro="Come si usa.\n\nPoi.", meeting_id=meeting.id)
    service.give_feedback(None, full, outcome=Outcome.WORKED, grade=(Level.PRIMO_GRADO, 1), comment="Bene. " * 60)
    service.wish(None, words="sonno", about="Per una prima.")
    sheet = service.hand_sheet_in(
        actor_of(anna), [SheetRow(number=2, values={**row(), "title": LONG[:160]})], file_name="a.csv", now=clock.now()
    )
    search.reindex()
    one, two, three, four = (f"/resources/{resource.id}" for resource in (full, waiting, outdated, retired))
    shown = f"/resources/kits/{kit.id}"
    public = (
        "/resources/", "/resources/?text=lezione&with_outdated=1", "/resources/?text=zzz", one, three, four,
        f"{one}/feedback", "/resources/wishes/new?text=sonno", "/resources/kits/", shown,
    )  # fmt: skip
    office = (
        one, two, f"{one}/edit", f"{one}/versions/new", shown, f"{shown}/edit", "/resources/new", "/resources/desk",
        "/resources/mine", "/resources/import", f"/resources/import/{sheet.id}",
    )  # fmt: skip
    return public, office


@pytest.mark.parametrize("who", ["", "anna"], ids=["reader", "office"])
def test_every_page_is_accessible_and_fits_the_window_of_a_desktop_and_of_a_phone(
    browser: Browser, library: Library, who: str
) -> None:
    with visitor(browser, library.site) as person:
        if who:
            person.sign_in(f"{who}@example.org", "password")
        pages = library.office if who else library.public
        findings = [finding for path in pages for finding in person.look_at(path)]

        assert [] == findings
        assert ([], []) == (person.strange_requests, person.page_errors)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_refusals_are_accessible_and_take_the_focus(
    browser: Browser, library: Library, tmp_path: Path, *, phone: bool
) -> None:
    faulty = tmp_path / "materiali.xlsx"
    faulty.write_bytes(xlsx([row(kind="predica" * 20), row(title="")]))
    with visitor(browser, library.site, phone=phone) as anna:
        anna.sign_in("anna@example.org", "password")
        anna.go("/resources/new")
        anna.page.click("form.form button[type=submit]")
        anna.page.wait_for_selector(".error-summary:focus")
        anna.page.wait_for_load_state()
        findings = anna.axe()
        anna.go("/resources/import")
        anna.page.set_input_files("input[type=file]", faulty)
        anna.page.click("form.form button[type=submit]")
        anna.page.wait_for_selector("#faults")
        anna.page.wait_for_load_state()
        findings += anna.axe()

        assert ([], 0) == (findings, anna.overflow())


def test_a_lesson_is_found_and_opened_by_keyboard_alone(browser: Browser, library: Library) -> None:
    with visitor(browser, library.site) as reader:
        page = reader.go("/resources/")
        _tab_to(page, "#filter-text")
        page.keyboard.type("lezione")
        page.keyboard.press("Enter")
        page.wait_for_url("**text=lezione**")
        _tab_to(page, ".facets a")
        page.keyboard.press("Enter")
        page.wait_for_selector(".chip-link")
        _tab_to(page, ".chip-link")
        page.keyboard.press("Enter")
        page.wait_for_selector(".chip-link", state="detached")
        _tab_to(page, ".library-results h2 a, .library-results h3 a")
        page.keyboard.press("Enter")
        page.wait_for_selector("aside.resource-take")
        _tab_to(page, "a[download]")
        with page.expect_download() as download:
            page.keyboard.press("Enter")

        assert download.value.suggested_filename.endswith(".pdf")


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_kit_is_read_from_a_folder_without_a_network(
    browser: Browser, library: Library, tmp_path: Path, *, phone: bool
) -> None:
    """The pack as somebody unpacks it: its page opens by itself, asks nobody for anything, and its files are there."""
    kit = next(path for path in library.public if path.startswith("/resources/kits/") and path != "/resources/kits/")
    with urlopen(library.site.url(f"{kit}/pack.zip")) as answer, zipfile.ZipFile(io.BytesIO(answer.read())) as packed:
        packed.extractall(tmp_path)
    asked: list[str] = []
    with visitor(browser, library.site, phone=phone) as reader:
        reader.page.on("request", lambda request: asked.append(request.url))
        reader.page.goto((tmp_path / "index.html").as_uri())
        links = reader.page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")

        assert ([], 0, []) == (reader.axe(), reader.overflow(), reader.page_errors)
        assert [(tmp_path / "index.html").as_uri()] == asked
    local = [Path(unquote(urlsplit(link).path)) for link in links if link.startswith("file:")]
    assert sorted(path for path in tmp_path.iterdir() if path.name != "index.html") == sorted(local)
    assert all(path.read_bytes().startswith(b"%PDF") for path in local)


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until something that fits has the focus, and see that it shows."""
    page.wait_for_load_state()
    for _press in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            assert page.evaluate("document.activeElement.getBoundingClientRect().width > 0")
            return
    raise AssertionError(f"Tab never came to {selector}")


def test_a_material_lives_from_draft_to_a_readers_word_without_script(browser: Browser, library: Library) -> None:
    bruno, dario, anna, reader = (_without_script(browser, library.site, who) for who in ("bruno", "dario", "anna", ""))
    bruno.go("/resources/new")
    for name, value in {**DETAILS, "title": "Senza script"}.items():
        field = bruno.page.locator(f"form.form [name={name}]")
        field.select_option(value) if name in ("kind", "language", "licence") else field.fill(value)
    bruno.page.fill("[name=link]", "https://example.org/lezione")
    bruno.follow("form.form button[type=submit]")
    address = bruno.page.url.removeprefix(library.site.address)
    _step(bruno, address, "hand_in")
    _step(dario, address, "approve")
    _step(anna, address, "publish")

    reader.go("/resources/?text=senza+script")
    reader.follow("text=Senza script")
    reader.follow("a[href$=feedback]")
    reader.page.check("input[name=outcome][value=worked]")
    reader.page.fill("[name=comment]", "Ha funzionato.")
    reader.follow("form.form button[type=submit]")
    anna.go("/resources/desk")
    anna.follow(anna.page.locator("li", has_text="Senza script").locator("form[action$=show] button"))
    reader.go(address)

    assert "Ha funzionato." in reader.page.inner_text("main")
    for person in (bruno, dario, anna, reader):
        person.context.close()


def _without_script(browser: Browser, site: Site, who: str) -> Visitor:
    person = Visitor(browser.new_context(java_script_enabled=False, locale="it-IT"), site)
    person.context.set_default_timeout(PATIENCE_MS)
    if who:
        person.sign_in(f"{who}@example.org", "password")
    return person


def _step(person: Visitor, address: str, step: str) -> None:
    person.go(address)
    person.follow(f"form[action$='/steps/{step}'] button")
