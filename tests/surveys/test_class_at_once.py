"""25 pupils of one class answer at once: five in real browsers, one without a network for a while, twenty over HTTP."""

from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier, Thread

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import func, select

from prevention import create_app
from prevention.core.db import db
from prevention.surveys.models import AccessCode, Ballot, SpentCredential
from tests.support.databases import Databases
from tests.surveys.phone import current, go_on
from tests.surveys.pupil import buy
from tests.surveys.real_server import Server, running

IN_BROWSERS, OVER_HTTP = 5, 20
PATIENCE_MS = 60_000

# 25 different pairs of answers, so that every pupil's ballot is known again in this made-up class.
ITEMS = ("B1", "C1")
OCCASIONS = ("0", "1-2", "3-5", "6-9", "10-19")
PAIRS = [(first, second) for first in OCCASIONS for second in OCCASIONS]


class HttpPupil(Thread):
    """A pupil without a browser; sends the same twice, as a nervous finger does. Every second one has a credential."""

    def __init__(self, server: Server, code: str, pair: tuple[str, str], start: Barrier, *, is_blind: bool) -> None:
        super().__init__()
        self.server, self.code, self.pair, self.begin, self.is_blind = server, code, pair, start, is_blind
        self.statuses: list[int] = []

    def run(self) -> None:
        """Wait for the others, then send."""
        self.begin.wait()
        answers = {"T0": "yes", **dict(zip(ITEMS, self.pair, strict=True))}
        if self.is_blind:
            address, carrier = "/s/ballot", buy(self.server, self.code)
        else:
            address, carrier = "/s/answers", {"code": self.code, "submission": f"mark {self.code}"}
        self.statuses = [self.server.post(address, data={**carrier, **answers}).status_code for _time in range(2)]


def test_every_acknowledged_answer_of_a_class_that_sends_at_once_is_stored_exactly_once(
    databases: Databases, browser: Browser, tmp_path: Path
) -> None:
    with (
        running(databases, tmp_path, pupils=IN_BROWSERS + OVER_HTTP) as (server, codes, settings),
        ExitStack() as stack,
    ):
        contexts = [_telephone(browser, stack) for _pupil in range(IN_BROWSERS)]
        pages = [
            _filled_in(context, server, code, pair) for context, code, pair in zip(contexts, codes, PAIRS, strict=False)
        ]
        start = Barrier(OVER_HTTP + 1)
        others = [
            HttpPupil(server, code, pair, start, is_blind=bool(place % 2))
            for place, (code, pair) in enumerate(zip(codes[IN_BROWSERS:], PAIRS[IN_BROWSERS:], strict=True))
        ]
        for pupil in others:
            pupil.start()

        contexts[0].set_offline(True)
        start.wait()
        for page in pages:
            page.locator("[data-send]").click()
        expect(pages[0].locator("[data-offline]")).to_be_visible(timeout=PATIENCE_MS)
        assert _stored(create_app(settings))[PAIRS[0]] == 0
        contexts[0].set_offline(False)
        for page in pages:
            expect(page.locator("[data-done]")).to_be_visible(timeout=PATIENCE_MS)
        for pupil in others:
            pupil.join()

        app = create_app(settings)
        stored = _stored(app)
        spent, credentials = _spent(app)

    assert [[200, 200]] * OVER_HTTP == [pupil.statuses for pupil in others]
    assert Counter(PAIRS) == stored
    assert len(PAIRS) == spent
    assert IN_BROWSERS + OVER_HTTP // 2 == credentials


def _telephone(browser: Browser, stack: ExitStack) -> BrowserContext:
    context = browser.new_context(viewport={"width": 360, "height": 740}, reduced_motion="reduce")
    stack.callback(context.close)
    return context


def _filled_in(context: BrowserContext, server: Server, code: str, pair: tuple[str, str]) -> Page:
    """Open the form with a slip, answer, and stop in front of Send."""
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/s/#{code}")
    page.locator("button.primary").click()
    page.locator("[name=T0][value=yes]").check()
    answers = dict(zip(ITEMS, pair, strict=True))
    while (item := current(page)) is not None:
        if item in answers:
            page.locator(f"[name={item}][value='{answers[item]}']").check()
        go_on(page)
    return page


def _stored(app: Flask) -> Counter[tuple[str, str]]:
    with app.app_context():
        rows = list(db.session.scalars(select(Ballot.answers)))
        db.session.remove()
        db.engine.dispose()
    first, second = ITEMS
    return Counter((row[first], row[second]) for row in rows)


def _spent(app: Flask) -> tuple[int, int]:
    with app.app_context():
        codes = db.session.scalar(select(func.count()).where(AccessCode.is_spent.is_(True))) or 0
        credentials = db.session.scalar(select(func.count()).select_from(SpentCredential)) or 0
        db.session.remove()
        db.engine.dispose()
    return codes, credentials
