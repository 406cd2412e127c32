"""25 pupils of one class answer at once, in a real browser and over HTTP, while the network is cut and restored."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Barrier, Thread

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import func, select

from prevention import create_app
from prevention.config import Settings
from prevention.core.db import db
from prevention.surveys.models import AccessCode, Ballot, SpentCredential
from tests.support.browser import PATIENCE_MS, PHONE
from tests.support.databases import Databases
from tests.surveys.phone import continue_with_slip
from tests.surveys.pupil import buy
from tests.surveys.real_server import Server, running

# Every third browser loses the network in front of Send, every other third in the middle of the questions.
PUPILS = 25

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


Served = tuple[Server, list[str], Settings]


@contextmanager
def _class_twice(databases: Databases, folder: Path) -> Iterator[Served]:
    """Serve a class with a slip for each of its pupils in both tests: starting a server takes longest here."""
    with running(databases, folder, pupils=2 * PUPILS) as served:
        yield served


@pytest.fixture(scope="module")
def on_sqlite(_sqlite: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with SQLite."""
    with _class_twice(_sqlite, tmp_path_factory.mktemp("class")) as served:
        yield served


@pytest.fixture(scope="module")
def on_postgresql(_postgresql: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with PostgreSQL."""
    with _class_twice(_postgresql, tmp_path_factory.mktemp("class")) as served:
        yield served


def test_every_acknowledged_answer_of_a_class_at_browsers_is_stored_exactly_once(
    on_sqlite: Served, browser: Browser
) -> None:
    """What happens in a browser does not depend on the database: the next test writes to both."""
    server, codes, settings = on_sqlite
    app = create_app(settings)
    before, (spent_before, credentials_before) = _stored(app), _spent(app)
    with ExitStack() as stack:
        contexts = [_telephone(browser, stack) for _pupil in range(PUPILS)]
        pages = [_opened(context, server, code) for context, code in zip(contexts, codes[:PUPILS], strict=True)]
        for place, (page, pair) in enumerate(zip(pages, PAIRS, strict=True)):
            contexts[place].set_offline(place % 3 == 1)
            _fill_in(page, pair)
        cut = [place for place in range(PUPILS) if place % 3]
        for place in cut:
            contexts[place].set_offline(True)
        for page in pages:
            page.locator("[data-send]").click()
        for place in cut:
            expect(pages[place].locator("[data-offline]")).to_be_visible()
        assert set(_stored(app) - before) <= {pair for place, pair in enumerate(PAIRS) if place not in cut}
        for place in cut:
            contexts[place].set_offline(False)
        for page in pages:
            expect(page.locator("[data-done]")).to_be_visible()

    spent, credentials = _spent(app)
    assert Counter(PAIRS) == _stored(app) - before
    assert (PUPILS, PUPILS) == (spent - spent_before, credentials - credentials_before)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_every_acknowledged_answer_of_a_class_over_http_is_stored_exactly_once(
    request: pytest.FixtureRequest, database: str
) -> None:
    server, codes, settings = request.getfixturevalue(f"on_{database}")
    app = create_app(settings)
    before, (spent_before, credentials_before) = _stored(app), _spent(app)
    start = Barrier(PUPILS)
    pupils = [
        HttpPupil(server, code, pair, start, is_blind=bool(place % 2))
        for place, (code, pair) in enumerate(zip(codes[PUPILS:], PAIRS, strict=True))
    ]
    for pupil in pupils:
        pupil.start()
    for pupil in pupils:
        pupil.join()

    spent, credentials = _spent(app)
    assert [[200, 200]] * PUPILS == [pupil.statuses for pupil in pupils]
    assert Counter(PAIRS) == _stored(app) - before
    assert (PUPILS, PUPILS // 2) == (spent - spent_before, credentials - credentials_before)


def _telephone(browser: Browser, stack: ExitStack) -> BrowserContext:
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    stack.callback(context.close)
    return context


def _opened(context: BrowserContext, server: Server, code: str) -> Page:
    """Open the form with a slip."""
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/s/#{code}")
    continue_with_slip(page)
    expect(page.locator("[data-questionnaire]")).to_be_visible()
    return page


def _fill_in(page: Page, pair: tuple[str, str]) -> None:
    """Answer as a hurried pupil does, and stop in front of Send."""
    page.evaluate(
        """answers => {
            const next = document.querySelector('[data-next]');
            while (survey.live.question()) {
                const item = survey.live.question().dataset.item;
                if (item in answers) document.querySelector(`[name=${item}][value='${answers[item]}']`).click();
                next.click();
            }
        }""",
        {"T0": "yes", **dict(zip(ITEMS, pair, strict=True))},
    )
    expect(page.locator("[data-sending].current")).to_be_visible()


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
