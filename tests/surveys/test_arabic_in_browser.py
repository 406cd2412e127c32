"""The pupil's pages from right to left, with spaced text, and enlarged: axe finds nothing and no text is cut.

The Arabic is made up: each word of the Italian, letter by letter, so that texts are as long as real ones. It comes in
as an office's would: a file for each text, taken in and approved on the office's pages.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from prevention.core import clock
from prevention.core.db import unit_of_work
from prevention.core.translation_files import Format, write_translation
from prevention.surveys import interface, service
from prevention.surveys.translating import PAGES, subject_of
from tests.conftest import NOW
from tests.factories.accounts import make_user
from tests.support.browser import Visitor, visitor
from tests.surveys.phone import Room, answering_now, current, go_on

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
def databases(_sqlite: object) -> object:
    """Pages do not depend on the database: one is enough here."""
    return _sqlite


@pytest.fixture
def room(live_app: Flask, browser: Browser) -> Iterator[Room]:
    """A class that answers now, in a site whose office had Arabic translated."""
    with answering_now(live_app, browser) as started:
        _have_arabic_translated(started, browser)
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
    while (code := current(page)) is not None:
        if code in ("A1", "A2", "B5a", "L1a", "M2"):
            yield code
        go_on(page)
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


def test_axe_finds_nothing_on_any_kind_of_screen_in_arabic(room: Room) -> None:
    findings = [f"{screen}: {finding}" for screen in screens(room) for finding in room.pupil.axe()]

    assert [] == findings
    assert [] == room.pupil.page_errors
    (answers,) = room.stored()
    assert "yes" == answers["T0"]


@pytest.mark.parametrize("name", ["plain", *LAYOUTS])
def test_the_long_page_without_a_script_is_accessible_in_arabic_and_sends(room: Room, name: str) -> None:
    """All 89 questions on one page, from right to left, as a telephone shows them that has not got our scripts.

    They are kept from the page, and not scripts altogether, because axe is one.
    """
    layout = LAYOUTS.get(name, Layout(width=360))
    room.page.set_viewport_size({"width": layout.width, "height": layout.height})
    room.page.route("**/*.js", lambda route: route.abort())
    pupil = room.pupil
    page = pupil.go("/s/?language=ar")
    page.locator("#code").fill(room.codes[0])
    pupil.follow("button.primary")

    expect(page.locator("html[lang=ar][dir=rtl] fieldset")).to_have_count(89)
    findings = pupil.axe() if name == "plain" else _cut(pupil, layout)
    page.locator("[name=T0][value=yes]").check()
    page.locator("[name=Q1][value=fully]").check()
    page.locator("[data-send]").click()
    expect(page.locator("[data-done]")).to_be_visible()
    findings += pupil.axe() if name == "plain" else _cut(pupil, layout)

    assert [] == findings
    assert ["fully"] == [answers["Q1"] for answers in room.stored()]


@pytest.mark.parametrize("name", LAYOUTS)
def test_no_text_is_cut_in_arabic(room: Room, name: str) -> None:
    layout = LAYOUTS[name]
    room.page.set_viewport_size({"width": layout.width, "height": layout.height})

    assert [] == [f"{screen}: {element}" for screen in screens(room) for element in _cut(room.pupil, layout)]


@pytest.mark.parametrize("name", LAYOUTS)
def test_no_text_is_cut_in_italian(live_app: Flask, browser: Browser, name: str) -> None:
    layout = LAYOUTS[name]
    with answering_now(live_app, browser) as room:
        page = room.page
        page.set_viewport_size({"width": layout.width, "height": layout.height})
        room.pupil.go("/s/")
        cut = _cut(room.pupil, layout)
        room.open_form()
        page.locator("[name=T0][value=yes]").check()
        while current(page) is not None:
            cut += _cut(room.pupil, layout)
            go_on(page)
        page.locator("details.help summary").click()
        page.locator("[data-payload] summary").click()
        cut += _cut(room.pupil, layout)

    assert [] == cut


def _cut(pupil: Visitor, layout: Layout) -> list[str]:
    # A sheet that is made by a script of the debugger: the page's own policy on styles stands as it is.
    pupil.page.evaluate(
        "css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet] }",
        layout.styles,
    )
    wider = [f"{pupil.overflow()} pixels too wide"] if pupil.overflow() > 0 else []
    found: list[str] = pupil.page.evaluate(CUT)
    return wider + found
