"""The pupil's screens in each language that an office can add: axe finds nothing, and large or spaced text fits.

Italian, English and, from right to left, Arabic have tests of their own, screen by screen. The other languages' texts
are made up: each word of the Italian in letters of the language, so that texts are as long as real ones and are
written in its script. One site and one browser serve them all.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.db import unit_of_work
from prevention.core.languages import OFFERED_LANGUAGES
from prevention.surveys import interface, service
from prevention.surveys.translating import PAGES, subject_of
from tests.conftest import NOW
from tests.factories.accounts import make_user
from tests.support.databases import SqliteDatabases
from tests.surveys.phone import Room, answering_now, go_on, survey_site

LATIN = "abcdefghijklmnopqrstuvwxyz"
LETTERS = {
    "ro": "ăbcdefghîjklmnopqrșțuvwxyz",
    "pa": "ਅਬਚਦਏਫਗਹਇਜਕਲਮਨਓਪਖਰਸਤਉਵਟਠਯਡ",
    "sq": "abçdëfghijklmnopqrstuvwxyz",
    "fr": "àbçdéfghîjklmnôpqrstùvwxyz",
    "uk": "абцдефгхіжклмнопярстувщьйз",
    "zh": "一二三四五六七八九十上下左右大小中人口日月山水火木金",
}
WORDS = re.compile(r"%\(\w+\)[sd]|[^\W\d_]+")

# What a reader may set: letters twice as large, and the spacing of WCAG 2.2, 1.4.12.
LARGE_AND_SPACED = """html { font-size: 200% !important }
* { letter-spacing: 0.12em !important; line-height: 1.5 !important; word-spacing: 0.16em !important }
p { margin-block-end: 2em !important }"""


@pytest.fixture
def room(_sqlite: SqliteDatabases, tmp_path: Path, browser: Browser) -> Iterator[Room]:
    """A class that answers now, in a site whose office had all languages translated."""
    with survey_site(_sqlite, tmp_path) as site, answering_now(site, browser, number=len(LETTERS)) as started:
        with site.app.app_context(), clock.frozen(NOW):
            interface.forget()
            service.forget_spoken()
            with unit_of_work():
                anna = actor_of(make_user("Anna"))
                for key in (PAGES, str(service.published_rows()[0].id)):
                    subject = subject_of(key)
                    for language in LETTERS:
                        work = subject.work(language)
                        subject.load(
                            anna, language, {unit: made_up(work.source(unit), language) for unit in work.italian}
                        )
                        subject.approve(anna, language, is_approved=True)
        yield started


def made_up(italian: str, language: str) -> str:
    """Write a text in letters of a language, as long as it was; placeholders stay."""
    letters = str.maketrans(LATIN, LETTERS[language])
    return WORDS.sub(lambda word: word[0] if word[0].startswith("%") else word[0].lower().translate(letters), italian)


def screens(room: Room, language: str, code: str) -> Iterator[str]:
    """Walk through the kinds of screen, with what opens on them opened; give the name of each."""
    page = room.page
    room.pupil.go(f"/s/?language={language}")
    expect(page.locator(f"html[lang={language}]")).to_be_visible()
    page.locator("#code").fill("wrong")
    page.locator("button.primary").click()
    expect(page.locator("[role=alert]").first).to_be_visible()
    yield "entry, refused"
    page.locator("#code").fill(code)
    page.locator("button.primary").click()
    expect(page.locator(f"html[lang={language}] [data-questionnaire]")).to_be_visible()
    page.locator("[name=T0][value=yes]").check()
    while (item := go_on(page, "A1", "M2")) is not None:
        yield item
    for opened in ("details.help", "[data-payload]", ".aids"):
        page.locator(f"{opened} summary").click()
    yield "last"
    page.locator(".aids summary").click()
    page.locator("[data-send]").click()
    expect(page.locator("[data-done]")).to_be_visible()
    yield "thanks"
    room.pupil.go(f"/s/privacy?language={language}")
    yield "privacy"


def test_every_language_that_an_office_can_add_is_tried_somewhere() -> None:
    assert set(OFFERED_LANGUAGES) == {"it", "en", "ar", *LETTERS}


def test_axe_finds_nothing_and_large_text_fits_in_every_other_language(room: Room) -> None:
    findings = []
    for language, code in zip(LETTERS, room.codes, strict=True):
        for screen in screens(room, language, code):
            findings += [f"{language}, {screen}: {finding}" for finding in room.pupil.axe()]
            if _is_too_wide(room.page):
                findings.append(f"{language}, {screen}: too wide")

    assert [] == findings
    assert [] == room.pupil.page_errors
    assert len(LETTERS) == len(room.stored())


def _is_too_wide(page: Page) -> bool:
    """Say whether the page would have to be scrolled sideways with large and spaced text; put it back as it was."""
    return bool(
        page.evaluate(
            """css => {
                const sheet = new CSSStyleSheet();
                sheet.replaceSync(css);
                document.adoptedStyleSheets = [sheet];
                const root = document.documentElement, isWide = root.scrollWidth > root.clientWidth;
                document.adoptedStyleSheets = [];
                return isWide;
            }""",
            LARGE_AND_SPACED,
        )
    )
