"""The next pupil at the same computer: what the browser kept, what Back brings, what is read aloud."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Site
from tests.support.databases import SqliteDatabases
from tests.surveys.phone import Room, answering_now, continue_with_slip, survey_site

VOICE = {"name": "Alice", "lang": "it-IT", "localService": True, "default": True, "voiceURI": "Alice"}


@pytest.fixture(scope="module")
def site(_sqlite: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site for all tests; pages do not depend on the database: one is enough here."""
    with survey_site(_sqlite, tmp_path_factory.mktemp("survey")) as started:
        yield started


@pytest.fixture
def room(site: Site, browser: Browser) -> Iterator[Room]:
    """A class that answers now."""
    with answering_now(site, browser) as started:
        yield started


def _answer(page: Page, room: Room, code: str) -> None:
    page.goto(room.site.url(f"/s/#{code}"))
    continue_with_slip(page)
    page.locator("[name=T0][value=yes]").check()
    page.evaluate("document.querySelector('[data-next]').click()")
    page.locator("[name=A1][value=female]").check()


def _nothing_is_left(page: Page, code: str) -> None:
    assert not page.locator("[name=A1]:checked").count()
    assert not page.locator("[name=T0]:checked").count()
    assert code not in page.content()
    assert code not in page.evaluate("[...document.querySelectorAll('input')].map(one => one.value).join()")
    assert [0, 0] == page.evaluate("[localStorage.length, sessionStorage.length]")
    assert 0 == page.evaluate("indexedDB.databases().then(all => all.length)")
    assert 0 == page.evaluate("'caches' in window ? caches.keys().then(all => all.length) : 0")


def test_a_page_that_the_browser_puts_away_for_its_back_button_is_empty_and_begins_anew(room: Room) -> None:
    """Where `no-store` does not keep a browser from that. The debugger's own browser never does it, so the two events
    that such a browser sends are sent here.
    """
    page = room.page
    _answer(page, room, room.codes[0])

    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    _nothing_is_left(page, room.codes[0])
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")

    expect(page.locator("[data-entry]")).to_be_visible()
    _nothing_is_left(page, room.codes[0])


def test_back_after_leaving_in_the_middle_brings_an_empty_page(room: Room) -> None:
    """Left by an address typed over it; then Back, as the next one at the computer does."""
    page = room.page
    _answer(page, room, room.codes[0])
    page.goto("about:blank")

    page.go_back()
    page.wait_for_load_state()

    _nothing_is_left(page, room.codes[0])


def test_back_from_the_thanks_leads_to_no_answer(room: Room) -> None:
    page = room.page
    _answer(page, room, room.codes[0])
    page.evaluate("while (survey.live.question()) document.querySelector('[data-next]').click()")
    page.locator("[data-send]").click()
    expect(page.locator("[data-done]")).to_be_visible()
    for _step in range(3):
        page.go_back()
        page.wait_for_load_state()
        if page.url == "about:blank":
            break
        _nothing_is_left(page, room.codes[0])
    page.goto(room.site.url("/s/"))
    _nothing_is_left(page, room.codes[0])

    assert ["female"] == [answers["A1"] for answers in room.stored()]
    assert [] == room.pupil.context.cookies()


def test_a_tab_that_is_opened_again_holds_nothing(room: Room) -> None:
    page = room.page
    _answer(page, room, room.codes[0])
    page.close()

    again = room.pupil.context.new_page()
    again.goto(room.site.url("/s/"))

    _nothing_is_left(again, room.codes[0])


# ---- Reading aloud: a headless browser has no voice, so what is tested is what a page asks of one -----------------


def test_without_a_voice_nothing_is_offered(room: Room) -> None:
    page = room.open_form()
    assert [] == page.evaluate("speechSynthesis.getVoices().filter(one => one.localService).map(one => one.lang)")
    page.locator(".aids summary").click()

    expect(page.locator("[data-aid-read]")).to_be_hidden()
    expect(page.locator("[data-aid=larger]")).to_be_visible()


@pytest.mark.parametrize(
    ("voice", "is_offered"),
    [(VOICE, True), ({**VOICE, "localService": False}, False), ({**VOICE, "lang": "en-GB"}, False)],
    ids=["on the device", "somebody else's", "of another language"],
)
def test_only_a_voice_on_the_device_in_the_language_of_the_page_is_offered(
    room: Room, voice: dict[str, object], *, is_offered: bool
) -> None:
    """Another one would send the question to whoever runs it."""
    _give_voice(room.page, voice)
    page = room.open_form()
    page.locator(".aids summary").click()

    expect(page.locator("[data-aid-read]")).to_be_visible(visible=is_offered)


def test_each_question_is_read_when_it_comes_and_nothing_after_one_leaves(room: Room) -> None:
    _give_voice(room.page, VOICE)
    page = room.open_form()
    page.locator(".aids summary").click()
    page.locator("[data-aid=read]").check()
    page.locator(".aids summary").click()
    page.locator("[name=T0][value=yes]").check()
    page.evaluate("document.querySelector('[data-next]').click()")

    said = page.evaluate("window.said")
    assert any("Vuoi iniziare" in one for one in said)
    assert "Ti identifichi come" in said[-1]
    assert "Preferisco non rispondere" in said[-1]
    before = page.evaluate("window.silenced")
    page.locator("[data-aid=read]").evaluate("box => box.click()")
    page.evaluate("document.querySelector('[data-next]').click()")
    assert said == page.evaluate("window.said")
    assert page.evaluate("window.silenced") > before


def _give_voice(page: Page, voice: dict[str, object]) -> None:
    """Lend the browser a voice: what it would say is noted, and how often it was told to be silent."""
    page.add_init_script(
        "window.said = []; window.silenced = 0;"
        "SpeechSynthesis.prototype.getVoices = () => [" + _as_script(voice) + "];"
        "SpeechSynthesis.prototype.speak = utterance => window.said.push(utterance.text);"
        "SpeechSynthesis.prototype.cancel = () => { window.silenced += 1 };"
        "Object.defineProperty(SpeechSynthesisUtterance.prototype, 'voice', {set() {}});"
    )


def _as_script(voice: dict[str, object]) -> str:
    return json.dumps(voice)
