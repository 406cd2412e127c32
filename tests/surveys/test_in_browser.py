"""The pupil's page in a real browser: keyboard alone, a lost connection, a shared device, the accessibility rules."""

from collections.abc import Iterator
from random import Random
from urllib.parse import parse_qs, parse_qsl

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from prevention.surveys.rules import NOT_ASKED
from tests.support.browser import Site, visitor
from tests.support.databases import SqliteDatabases
from tests.surveys.phone import (
    CURRENT,
    Room,
    answering_now,
    continue_with_slip,
    current,
    go_on,
    look_at_each,
    survey_site,
)

# By how many pixels the page is wider than the window.
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"

# Chooses among the offered answers of the question on the screen, by the numbers of DRAWS; takes part first.
CHOOSE = """() => {
  const one = document.querySelector('.item.current'), fields = [...one.querySelectorAll('input')];
  if (one.dataset.item === 'T0') one.querySelector('[value=yes]').click();
  else if (fields.length) fields[Math.floor(DRAWS[seen.length] * fields.length)].click();
}"""


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


def test_the_code_is_taken_out_of_the_address_and_never_sent(room: Room) -> None:
    asked: list[str] = []
    room.page.on("request", lambda request: asked.append(request.url))

    room.pupil.go(f"/s/#{room.codes[0]}")

    expect(room.page.locator("#code")).to_have_value(room.codes[0])
    assert room.page.url.endswith("/s/")
    assert [] == [url for url in asked if room.codes[0] in url]


def test_a_slip_scanned_over_an_open_form_begins_anew(room: Room) -> None:
    page = room.open_form()

    page.evaluate("code => { location.hash = code }", room.codes[1])

    expect(page.locator("#code")).to_have_value(room.codes[1])


def test_the_whole_form_is_answered_with_the_keyboard_alone(room: Room) -> None:
    """Tab reaches the answers, arrows and space choose, Enter goes on; nothing moves on by itself."""
    room.pupil.go(f"/s/#{room.codes[0]}")
    page = room.page
    page.locator("#code").focus()
    page.keyboard.press("Enter")
    expect(page.locator(CURRENT)).to_be_visible()

    seen: list[str] = []
    while (code := current(page)) is not None:
        seen.append(code)
        page.locator(f"{CURRENT} legend").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown" if page.locator(f"{CURRENT} select").count() else "Space")
        assert code == current(page)
        page.keyboard.press("Enter")
        assert len(seen) < 100
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("[data-done]")).to_be_visible()
    (answers,) = room.stored()
    assert set(seen) == {item for item, answer in answers.items() if answer != NOT_ASKED}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_page_asks_what_the_rules_ask(room: Room, seed: int) -> None:
    """Random answers: the questions that came are exactly those that the server takes as asked."""
    page = room.open_form()
    rng = Random(seed)

    draws = str([rng.random() for _question in range(100)])
    seen = {code for code, _nothing in look_at_each(page, CHOOSE.replace("DRAWS", draws))}
    page.locator("[data-send]").click()

    expect(page.locator("[data-done]")).to_be_visible()
    (answers,) = room.stored()
    asked = {item for item, answer in answers.items() if answer != NOT_ASKED}
    assert asked <= seen
    assert not seen & {item for item, answer in answers.items() if answer == NOT_ASKED}


def test_a_tap_brings_the_next_question_and_back_the_one_before(room: Room) -> None:
    page = room.open_form()

    page.locator("[name=T0][value=yes]").tap()
    expect(page.locator(f"{CURRENT}[data-item=A1]")).to_be_visible()
    page.locator("[name=A1][value=other]").tap()
    expect(page.locator(f"{CURRENT}[data-item=A2]")).to_be_visible()
    page.go_back()

    expect(page.locator(f"{CURRENT}[data-item=A1]")).to_be_visible()
    expect(page.locator("[name=A1][value=other]")).to_be_checked()


def test_who_says_no_comes_to_the_end_at_once(room: Room) -> None:
    page = room.open_form()

    page.locator("[name=T0][value=no]").tap()
    expect(page.locator("[data-if-not-answered]")).to_be_visible()
    page.locator("[data-send]").click()

    expect(page.locator("[data-done]")).to_be_visible()
    (answers,) = room.stored()
    assert {"no", NOT_ASKED} == set(answers.values())


def to_the_end(page: Page) -> None:
    """Take part, choose one answer, leave the rest out."""
    page.locator("[name=T0][value=yes]").tap()
    expect(page.locator(f"{CURRENT}[data-item=A1]")).to_be_visible()
    page.locator("[name=A1][value=female]").check()
    go_on(page)


def test_a_lost_connection_keeps_the_answers_and_they_are_sent_by_themselves_once(room: Room) -> None:
    page = room.open_form()
    to_the_end(page)

    room.pupil.context.set_offline(True)
    page.locator("[data-send]").click()
    expect(page.locator("[data-offline]")).to_be_visible()
    room.pupil.context.set_offline(False)

    expect(page.locator("[data-done]")).to_be_visible()
    (answers,) = room.stored()
    assert "female" == answers["A1"]


def test_who_begins_without_a_connection_loses_nothing_either(room: Room) -> None:
    """The credential is bought when the connection is back, before the answers go."""
    page = room.open_form()
    room.pupil.context.set_offline(True)
    to_the_end(page)
    page.locator("[data-send]").click()
    expect(page.locator("[data-offline]")).to_be_visible()

    room.pupil.context.set_offline(False)

    expect(page.locator("[data-done]")).to_be_visible()
    assert ["female"] == [answers["A1"] for answers in room.stored()]


@pytest.mark.parametrize("lost", ["key", "credential", "ballot"])
def test_an_answer_of_the_server_that_gets_lost_costs_nothing(room: Room, lost: str) -> None:
    """The server took what was sent and the connection broke: asking again is answered alike, and stored once."""
    page = room.open_form()

    def deliver_and_lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(f"**/s/{lost}", deliver_and_lose, times=1)
    to_the_end(page)
    page.locator("[data-send]").click()

    # The page tries again after five seconds.
    expect(page.locator("[data-done]")).to_be_visible()
    assert ["female"] == [answers["A1"] for answers in room.stored()]


def test_the_answers_travel_without_the_code_and_the_viewer_shows_every_sign(room: Room) -> None:
    sent: dict[str, str] = {}
    room.page.on("request", lambda request: sent.update({request.url.rsplit("/", 1)[1]: request.post_data or ""}))
    page = room.open_form()
    to_the_end(page)
    page.locator("[data-payload] summary").click()
    expect(page.locator("[data-payload] pre")).to_contain_text("signature = ")
    shown = page.locator("[data-payload] pre").inner_text()
    page.locator("[data-send]").click()
    expect(page.locator("[data-done]")).to_be_visible()

    assert room.codes[0] in sent["credential"]
    assert room.codes[0] not in sent["ballot"]
    assert {"key", "credential", "signature", "language", "T0", "A1"} == set(parse_qs(sent["ballot"]))
    lines = [f"{name} = {value}" for parcel in ("credential", "ballot") for name, value in parse_qsl(sent[parcel])]
    assert lines == [line for line in shown.splitlines() if " = " in line]


def test_a_browser_that_cannot_blind_sends_with_the_code(room: Room) -> None:
    room.page.add_init_script("Object.defineProperty(window.crypto, 'subtle', {value: undefined})")
    asked: list[str] = []
    room.page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[1]))
    page = room.open_form()
    to_the_end(page)
    page.locator("[data-send]").click()

    expect(page.locator("[data-done]")).to_be_visible()
    assert "answers" in asked
    assert not {"key", "credential", "ballot"} & set(asked)


def test_an_answer_to_look_at_again_keeps_the_credential(room: Room) -> None:
    page = room.open_form()
    to_the_end(page)
    page.evaluate("document.querySelector('[name=A1][value=female]').value = 'nonsense'")
    page.locator("[data-send]").click()
    expect(page.locator(f"{CURRENT}[data-item=A1]")).to_be_visible()
    page.locator("[name=A1][value=male]").check()
    go_on(page)
    page.locator("[data-send]").click()

    expect(page.locator("[data-done]")).to_be_visible()
    assert ["male"] == [answers["A1"] for answers in room.stored()]


def test_who_only_looks_at_the_form_has_not_used_the_slip(room: Room) -> None:
    room.open_form()

    room.open_form()

    assert [] == room.stored()


def test_a_slip_is_used_at_a_question_drawn_from_the_first_third_and_not_before(room: Room) -> None:
    """Drawn here: the seventh place after the first. A telephone that dies before has not used its slip."""
    room.page.add_init_script(
        "const draw = Crypto.prototype.getRandomValues;"
        "Crypto.prototype.getRandomValues = function (field) {"
        "  if (field instanceof Uint32Array && field.length === 1) { field[0] = 29 * 1000 + 7; return field; }"
        "  return draw.call(this, field); }"
    )
    asked: list[str] = []
    room.page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[1]))
    page = room.open_form()
    page.locator("[name=T0][value=yes]").check()
    with page.expect_response("**/s/credential"):
        while (place := page.evaluate("survey.live.place()")) < 8:
            assert "key" not in asked, place
            page.evaluate("document.querySelector('[data-next]').click()")

    # The page is lost now: a used slip opens nothing, another one does.
    page.reload()
    room.pupil.go(f"/s/#{room.codes[0]}")
    continue_with_slip(page)
    expect(page.locator("#code-refused")).to_be_visible()
    room.open_form(room.codes[1])
    assert [] == room.stored()


@pytest.mark.parametrize("way", ["back", "reload", "close", "wipe", "exit"])
def test_on_a_shared_device_nothing_of_the_pupil_before_is_left(room: Room, way: str) -> None:
    page = room.open_form()
    to_the_end(page)
    if way in ("back", "reload", "close"):
        page.locator("[data-send]").click()
        expect(page.locator("[data-done]")).to_be_visible()
    if way == "close":
        page.locator("[data-close]").click()
    elif way == "wipe":
        page.locator("[data-wipe]").click()
    elif way == "exit":
        page.route("https://it.wikipedia.org/**", lambda route: route.fulfill(body="elsewhere"))
        page.locator("[data-quick-exit]").click()
        page.wait_for_url("https://it.wikipedia.org/**")
        room.pupil.go("/s/")
    elif way == "reload":
        page.reload()
    if way != "reload":
        expect(page.locator("[data-entry]")).to_be_visible() if way != "back" else None
        page.go_back()
    page.wait_for_load_state()

    assert not page.locator("[name=A1]:checked").count()
    assert room.codes[0] not in page.content()
    assert [0, 0] == page.evaluate("[localStorage.length, sessionStorage.length]")
    assert [] == room.pupil.context.cookies()


def test_the_language_changes_in_the_middle_and_no_answer_leaves_the_device(room: Room) -> None:
    posted: list[str] = []
    page = room.open_form()
    page.locator("[name=T0][value=yes]").tap()
    expect(page.locator(f"{CURRENT}[data-item=A1]")).to_be_visible()
    page.locator("[name=A1][value=female]").tap()
    expect(page.locator(f"{CURRENT}[data-item=A2]")).to_be_visible()
    page.wait_for_function("() => !document.querySelector('[data-offline]:not([hidden])')")
    page.on("request", lambda request: posted.append(request.post_data or ""))

    page.locator("button.language").click()

    expect(page.locator("html[lang=en]")).to_be_visible()
    expect(page.locator(f"{CURRENT}[data-item=A2]")).to_contain_text("In which year were you born?")
    expect(page.locator("[name=A1][value=female]")).to_be_checked()
    assert [] == [body for body in posted if "female" in body]
    go_on(page)
    page.locator("[data-send]").click()
    expect(page.locator("[data-done]")).to_contain_text("Thank you")
    assert ["female"] == [answers["A1"] for answers in room.stored()]


def test_the_language_stays_when_there_is_no_connection_and_the_answers_too(room: Room) -> None:
    page = room.open_form()
    page.locator("[name=T0][value=yes]").tap()
    expect(page.locator(f"{CURRENT}[data-item=A1]")).to_be_visible()
    room.pupil.context.set_offline(True)

    page.locator("button.language").click()

    expect(page.locator("[data-note]")).to_be_visible()
    expect(page.locator("[name=T0][value=yes]")).to_be_checked()


@pytest.mark.parametrize("has_script", [True, False])
def test_letters_grow_and_move_apart_without_anything_stored(room: Room, browser: Browser, has_script: bool) -> None:
    with visitor(browser, room.site, phone=True, scripts=has_script) as pupil:
        page = pupil.go("/s/")
        before = page.locator("h1").bounding_box()
        page.locator(".aids summary").click()

        page.locator("[data-aid=larger]").check()
        page.locator("[data-aid=wider]").check()

        after = page.locator("h1").bounding_box()
        assert before is not None
        assert after is not None
        assert after["height"] > 1.2 * before["height"]
        assert [] == pupil.context.cookies()


def test_one_choice_rules_the_others_out_where_it_must(room: Room) -> None:
    page = room.open_form()
    page.locator("[name=T0][value=yes]").tap()
    expect(page.locator(f"{CURRENT}[data-item=A1]")).to_be_visible()
    go_on(page, "M2")

    page.locator("[name=M2][value=family]").check()
    page.locator("[name=M2][value=nobody]").check()
    expect(page.locator("[name=M2]:checked")).to_have_count(1)
    page.locator("[name=M2][value=school]").check()

    expect(page.locator("[name=M2]:checked")).to_have_value("school")


@pytest.mark.parametrize("language", ["it", "en"])
def test_axe_finds_nothing_on_any_kind_of_screen(room: Room, language: str) -> None:
    findings: list[str] = []
    page = room.page
    room.pupil.go(f"/s/?language={language}")
    findings += room.pupil.axe()
    page.locator("#code").fill("wrong")
    room.pupil.follow("button.primary")
    findings += room.pupil.axe()
    page.locator("#code").fill(room.codes[0])
    page.locator("button.primary").click()
    expect(page.locator(f"{CURRENT}[data-item=T0]")).to_be_visible()
    page.wait_for_load_state()
    findings += room.pupil.axe()
    page.locator("[name=T0][value=yes]").tap()
    expect(page.locator(f"{CURRENT}[data-item=A1]")).to_be_visible()
    findings += room.pupil.axe()
    while go_on(page, "A2", "B5a", "L1a", "M2") is not None:
        findings += room.pupil.axe()
    page.locator("details.help summary").click()
    page.locator("[data-payload] summary").click()
    page.locator(".aids summary").click()
    findings += room.pupil.axe()
    page.locator(".aids summary").click()
    page.locator("[data-send]").click()
    expect(page.locator("[data-done]")).to_be_visible()
    findings += room.pupil.axe()
    room.pupil.go(f"/s/privacy?language={language}")
    findings += room.pupil.axe()

    assert [] == findings
    assert [] == room.pupil.page_errors


def test_the_long_page_without_script_is_accessible_and_sends(room: Room, browser: Browser) -> None:
    with visitor(browser, room.site, phone=True, scripts=False) as pupil:
        page = pupil.go("/s/")
        page.locator("#code").fill(room.codes[0])
        page.locator("button.primary").click()

        expect(page.locator("fieldset")).to_have_count(89)
        page.locator("[name=T0][value=yes]").check()
        page.locator("[name=Q1][value=fully]").check()
        page.locator("[data-send]").click()

        expect(page.locator("[data-done]")).to_be_visible()
        assert "fully" == room.stored()[0]["Q1"]


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_no_screen_is_wider_than_the_window_even_with_large_letters(room: Room, width: int) -> None:
    """At 320 pixels, and with letters twice as large, as WCAG 1.4.4 and 1.4.10 ask."""
    page = room.page
    page.set_viewport_size({"width": width, "height": 740})
    for size, code in zip(("100%", "200%"), room.codes, strict=False):
        page.goto("about:blank")
        room.open_form(code)
        page.evaluate("size => { document.documentElement.style.fontSize = size }", size)
        page.locator("[name=T0][value=yes]").check()
        assert [] == [found for found in look_at_each(page, OVERFLOW, "L1a") if found[1] > 0], size
