"""The pupil's pages from right to left, with spaced text, and enlarged: axe finds nothing and no text is cut.

The Arabic is made up: each word of the Italian, letter by letter, so that texts are as long as real ones. It comes in
as an office's would: a file for each text, taken in and approved on the office's pages.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from prevention.core import clock
from prevention.core.db import unit_of_work
from prevention.core.translation_files import Format, write_translation
from prevention.surveys import interface, service
from prevention.surveys.translating import PAGES, subject_of
from tests.conftest import NOW
from tests.factories.accounts import make_user
from tests.support.browser import PHONE, Site, Visitor, visitor
from tests.support.databases import SqliteDatabases
from tests.surveys.phone import Room, answering_now, go_on, look_at_each, survey_site

LETTERS = str.maketrans("abcdefghijklmnopqrstuvwxyzàèéìòù", "ابتدهفغحيجكلمنوپقرسطعثذخظزاةيئؤء")
WORDS = re.compile(r"%\(\w+\)[sd]|[^\W\d_]+")

# What a reader may set, WCAG 2.2, 1.4.12.
SPACED = """* { letter-spacing: 0.12em !important; line-height: 1.5 !important; word-spacing: 0.16em !important }
p { margin-block-end: 2em !important }"""
LARGE = "html { font-size: 200% !important }"

# Elements that are seen, whose own text is wider or higher than they are or leaves the window. What a reader can
# scroll is not cut; what only screen readers get is clipped on purpose.
CUT = """() => [...document.body.querySelectorAll('*')].filter(element => {
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  const hasText = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  if (!element.checkVisibility() || !hasText || element.closest('.form-title, .skip, option')) return false;
  if (box.left < -1 || box.right > document.documentElement.clientWidth + 1) return true;
  if (style.display === 'inline' || /auto|scroll/.test(style.overflow)) return false;
  const isHigh = style.overflowY !== 'visible' && element.scrollHeight > element.clientHeight + 1;
  return isHigh || element.scrollWidth > element.clientWidth + 1;
}).map(element => element.outerHTML.slice(0, 160))"""

CUT_OR_WIDE = f"""() => {{
  const root = document.documentElement, wider = root.scrollWidth - root.clientWidth;
  return [...(wider > 0 ? [`${{wider}} pixels too wide`] : []), ...({CUT})()];
}}"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """A window in pixels of the page, and what a reader has set beside it."""

    width: int
    height: int = 740
    styles: str = ""


# A window of 1280 by 900 at 200 % has room for 640 by 450.
LAYOUTS = {
    "spaced": Layout(width=360, styles=SPACED),
    "zoomed": Layout(width=640, height=450),
    "zoomed telephone": Layout(width=320, height=256, styles=SPACED),
    "letters twice as large": Layout(width=320, styles=LARGE),
}


@pytest.fixture(scope="module")
def site(_sqlite: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Site]:
    """A site whose office had Arabic translated; pages do not depend on the database: one is enough here."""
    with survey_site(_sqlite, tmp_path_factory.mktemp("survey")) as started:
        with answering_now(started, browser) as first:
            _have_arabic_translated(first, browser)
        yield started


@pytest.fixture
def room(site: Site, browser: Browser) -> Iterator[Room]:
    """A class that answers now."""
    with answering_now(site, browser) as started:
        yield started


def made_up(italian: str) -> str:
    """Write a text in letters that run from right to left, as long as it was; placeholders stay."""
    return WORDS.sub(lambda word: word[0] if word[0].startswith("%") else word[0].lower().translate(LETTERS), italian)


def _have_arabic_translated(room: Room, browser: Browser) -> None:
    with room.site.app.app_context(), clock.frozen(NOW):
        with unit_of_work():
            email = make_user("Anna", language="it").email
        files = {}
        for key in (PAGES, str(service.published_rows()[0].id)):
            work = subject_of(key).work("ar")
            texts = {unit: made_up(work.source(unit)) for unit in work.italian}
            files[key] = write_translation(work, texts, kind=Format.XLIFF_20)
        interface.forget()
        service.forget_spoken()
    with visitor(browser, room.site) as anna:
        anna.sign_in(email, "password")
        for key, content in files.items():
            page = anna.go(f"/surveys/translations/{key}/ar")
            page.set_input_files("input[type=file]", {"name": "ar.xlf", "mimeType": "text/xml", "buffer": content})
            page.locator("form:has(input[type=file]) button[type=submit]").click()
            approve = page.locator("form[action$='/ar/approval']")
            expect(approve.locator("[name=approved]")).to_have_value("yes")
            approve.locator("button").click()
            expect(approve.locator("[name=approved]")).to_have_value("no")


def screens(room: Room) -> Iterator[str]:
    """Walk through all kinds of screen in Arabic, with what opens on them opened; give the name of each."""
    page = room.page
    room.pupil.go("/s/?language=ar")
    expect(page.locator("html[lang=ar][dir=rtl]")).to_be_visible()
    yield "entry"
    page.locator("#code").fill("wrong")
    page.locator("button.primary").click()
    expect(page.locator("[role=alert]").first).to_be_visible()
    yield "refused"
    page.locator("#code").fill(room.codes[0])
    page.locator("button.primary").click()
    expect(page.locator("html[dir=rtl] [data-questionnaire]")).to_be_visible()
    yield "first"
    page.locator("[name=T0][value=yes]").check()
    while (code := go_on(page, "A1", "A2", "B5a", "L1a", "M2")) is not None:
        yield code
    page.locator("details.help summary").click()
    page.locator("[data-payload] summary").click()
    for opened in (".aids", "details.menu:not(.aids)"):
        page.locator(f"{opened} summary").click()
        yield f"last, with {opened}"
        page.locator(f"{opened} summary").click()
    page.locator("[data-send]").click()
    expect(page.locator("[data-done]")).to_be_visible()
    page.locator("details.help summary").click()
    yield "thanks"
    room.pupil.go("/s/privacy?language=ar")
    yield "privacy"


def test_what_is_not_in_arabic_says_so(room: Room) -> None:
    """The services are described in Italian and English: voices and numbers need to know which it is."""
    page = room.pupil.go("/s/?language=ar")

    expect(page.locator(".help-list")).to_have_attribute("lang", "it")
    expect(page.locator(".help-list")).to_have_attribute("dir", "ltr")
    expect(room.pupil.go("/s/").locator(".help-list[lang]")).to_have_count(0)


def test_axe_finds_nothing_and_no_text_is_cut_on_any_kind_of_screen_in_arabic(room: Room) -> None:
    findings = [f"{screen}: {finding}" for screen in screens(room) for finding in _look_at(room.pupil)]

    assert [] == findings
    assert [] == room.pupil.page_errors
    (answers,) = room.stored()
    assert "yes" == answers["T0"]


def test_the_long_page_without_a_script_is_accessible_in_arabic_and_sends(room: Room) -> None:
    """All 89 questions on one page, from right to left, as a telephone shows them that has not got our scripts.

    They are kept from the page, and not scripts altogether, because axe is one.
    """
    room.page.route("**/*.js", lambda route: route.abort())
    pupil = room.pupil
    page = pupil.go("/s/?language=ar")
    page.locator("#code").fill(room.codes[0])
    pupil.follow("button.primary")

    expect(page.locator("html[lang=ar][dir=rtl] fieldset")).to_have_count(89)
    findings = _look_at(pupil)
    page.locator("[name=T0][value=yes]").check()
    page.locator("[name=Q1][value=fully]").check()
    page.locator("[data-send]").click()
    expect(page.locator("[data-done]")).to_be_visible()
    findings += _look_at(pupil)

    assert [] == findings
    assert ["fully"] == [answers["Q1"] for answers in room.stored()]


def test_no_text_is_cut_in_italian(room: Room) -> None:
    """Each question as it comes."""
    page, cut = room.page, []
    for (name, layout), code in zip(LAYOUTS.items(), room.codes, strict=False):
        page.goto("about:blank")
        room.pupil.go("/s/")
        found = _cut(room.pupil, layout)
        room.open_form(code)
        found += _cut(room.pupil, layout)
        page.locator("[name=T0][value=yes]").check()
        for _question, said in look_at_each(page, CUT_OR_WIDE):
            found += said
        page.locator("details.help summary").click()
        page.locator("[data-payload] summary").click()
        found += _cut(room.pupil, layout)
        cut += [f"{name}: {element}" for element in found]

    assert [] == cut


def _look_at(pupil: Visitor) -> list[str]:
    """Look at a screen as it is on a telephone, and in each layout; leave it as it was."""
    found = pupil.axe()
    for name, layout in LAYOUTS.items():
        found += [f"{name}: {element}" for element in _cut(pupil, layout)]
    pupil.page.set_viewport_size(PHONE)
    _put_on(pupil, "")
    return found


def _cut(pupil: Visitor, layout: Layout) -> list[str]:
    """Find what is cut in a layout, which stays."""
    pupil.page.wait_for_load_state()
    pupil.page.set_viewport_size({"width": layout.width, "height": layout.height})
    _put_on(pupil, layout.styles)
    found: list[str] = pupil.page.evaluate(CUT_OR_WIDE)
    return found


def _put_on(pupil: Visitor, styles: str) -> None:
    # A sheet that is made by a script of the debugger: the page's own policy on styles stands as it is.
    pupil.page.evaluate(
        "css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet] }",
        styles,
    )
