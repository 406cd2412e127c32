"""A pupil at a telephone: the form opened from a slip, and small steps through it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.surveys.models import Ballot
from tests.conftest import NOW
from tests.factories.surveys import make_class_with_codes
from tests.support.browser import Site, Visitor, served, visitor

CURRENT = ".item.current"


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """A served site, the codes of a class, and a pupil at a telephone."""

    site: Site
    codes: list[str]
    pupil: Visitor

    @property
    def page(self) -> Page:
        """The pupil's page."""
        return self.pupil.page

    def open_form(self, code: str | None = None) -> Page:
        """Scan a slip and go on to the questions."""
        self.pupil.go(f"/s/#{code or self.codes[0]}")
        self.page.locator("button.primary").click()
        expect(self.page.locator("[data-questionnaire]")).to_be_visible()
        return self.page

    def stored(self) -> list[dict[str, object]]:
        """Give the ballots in the box."""
        with self.site.app.app_context():
            return list(db.session.scalars(select(Ballot.answers)))


@contextmanager
def answering_now(app: Flask, browser: Browser, *, number: int = 5) -> Iterator[Room]:
    """Serve a class that answers now; nothing but the way out may ask anything of another site."""
    with app.app_context(), clock.frozen(NOW), unit_of_work():
        codes = make_class_with_codes(number=number).codes
    with served(app, NOW) as site, visitor(browser, site, phone=True) as pupil:
        yield Room(site=site, codes=codes, pupil=pupil)
    assert [] == [url for url in pupil.strange_requests if "wikipedia" not in url]


def current(page: Page) -> str | None:
    """Give the code of the question on the screen; None at the end."""
    code = page.evaluate("() => { const e = document.querySelector('.item.current'); return e && e.dataset.item }")
    return None if code is None else str(code)


def go_on(page: Page) -> None:
    """Press Next."""
    page.evaluate("document.querySelector('[data-next]').click()")
