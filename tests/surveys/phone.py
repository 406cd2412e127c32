"""A pupil at a telephone: the form opened from a slip, and small steps through it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.surveys.models import Ballot
from tests.conftest import NOW
from tests.factories.surveys import make_class_with_codes
from tests.support.browser import Site, Visitor, served, visitor
from tests.support.databases import Databases, build_app

CURRENT = ".item.current"

# Presses Next until one of some questions is on the screen, or the end; gives the code of it, and what LOOK says of
# each screen from the one that is there now on.
WALK = """codes => {
  const next = document.querySelector('[data-next]'), seen = [], look = LOOK;
  const at = () => document.querySelector('.item.current')?.dataset.item ?? null;
  do {
    seen.push([at(), look()]);
    next.click();
  } while (at() !== null && !codes.includes(at()));
  return [at(), seen];
}"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """A served site, the codes of a class, and a pupil at a telephone."""

    site: Site
    wave_id: UUID
    codes: list[str]
    pupil: Visitor

    @property
    def page(self) -> Page:
        """The pupil's page."""
        return self.pupil.page

    def open_form(self, code: str | None = None) -> Page:
        """Scan a slip and go on to the questions."""
        self.pupil.go(f"/s/#{code or self.codes[0]}")
        continue_with_slip(self.page)
        expect(self.page.locator("[data-questionnaire]")).to_be_visible()
        return self.page

    def stored(self) -> list[dict[str, object]]:
        """Give the ballots in the box of this class."""
        with self.site.app.app_context():
            return list(db.session.scalars(select(Ballot.answers).where(Ballot.wave_id == self.wave_id)))


def continue_with_slip(page: Page) -> None:
    """Press the button beside a scanned code, once it is there: over an open form, the page is loaded anew before."""
    expect(page.locator("#entry #code")).not_to_have_value("")
    page.locator("#entry button.primary").click()


@contextmanager
def survey_site(databases: Databases, folder: Path) -> Iterator[Site]:
    """Serve an installation for all tests of a file; each has a class of its own in it."""
    with databases.fresh() as url:
        app = build_app(folder / "instance", url)
        with served(app, NOW) as site:
            yield site
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@contextmanager
def answering_now(site: Site, browser: Browser, *, number: int = 5) -> Iterator[Room]:
    """Have a new class answer now; nothing but the way out may ask anything of another site."""
    with site.app.app_context(), clock.frozen(NOW), unit_of_work():
        made = make_class_with_codes(number=number)
        wave_id, codes = made.wave.id, made.codes
    with visitor(browser, site, phone=True) as pupil:
        yield Room(site=site, wave_id=wave_id, codes=codes, pupil=pupil)
    assert [] == [url for url in pupil.strange_requests if "wikipedia" not in url]


def current(page: Page) -> str | None:
    """Give the code of the question on the screen; None at the end."""
    code = page.evaluate("() => { const e = document.querySelector('.item.current'); return e && e.dataset.item }")
    return None if code is None else str(code)


def go_on(page: Page, *codes: str) -> str | None:
    """Press Next, at least once, until one of these questions is there; gives its code, or None at the end."""
    code, _seen = page.evaluate(WALK.replace("LOOK", "() => null"), codes)
    return None if code is None else str(code)


def look_at_each(page: Page, look: str, *codes: str) -> list[tuple[str, Any]]:
    """Do the same, and give what a function of script says of each screen that was left behind."""
    _code, seen = page.evaluate(WALK.replace("LOOK", look), codes)
    return [(code, said) for code, said in seen]
