"""A register filled in on a phone without a connection: kept, sent when there is one, and arriving once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from prevention.accounts import service as accounts
from prevention.accounts.service import Grant
from prevention.booking.models import BookingMeeting
from prevention.booking.rules import BookingStatus
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.delivery import service
from prevention.delivery.models import SessionRegister
from prevention.roles import Role
from tests.factories.delivery import make_booked_meeting, make_register
from tests.factories.network import make_organisation
from tests.factories.programmes import make_edition, make_programme
from tests.support.browser import Site, Visitor, served, visitor
from tests.support.databases import SqliteDatabases, build_app

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EMAIL, PASSWORD = "dario@example.org", "a good password"


@pytest.fixture
def site(_sqlite: SqliteDatabases, tmp_path: Path) -> Iterator[Site]:
    """An application with Dario and his meeting of an hour ago."""
    with _sqlite.fresh() as url:
        app = build_app(tmp_path, url, SECRET_KEY="x" * 40)
        app.config["WTF_CSRF_ENABLED"] = True
        with app.app_context(), clock.frozen(NOW), unit_of_work():
            grant = Grant(role=Role.FACILITATOR, organisation_id=make_organisation().id)
            dario = accounts.add_user(EMAIL, name="Dario", password=PASSWORD, grants=(grant,), language="en")
            edition = make_edition(programme=make_programme(activities=2))
            make_booked_meeting(edition=edition, facilitator_id=dario.id)
        with served(app, NOW) as site:
            yield site
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Visitor]:
    """Dario's phone, signed in, with the registers near today kept on it."""
    with visitor(browser, site, phone=True, language="en-GB") as dario:
        dario.sign_in(EMAIL, PASSWORD)
        dario.go("/registers")
        dario.page.wait_for_selector("#kept[data-is-ready]", state="attached")
        yield dario


def meeting_of(site: Site) -> BookingMeeting:
    return db.session.query(BookingMeeting).one()


def registers(site: Site) -> list[SessionRegister]:
    with site.app.app_context():
        db.session.rollback()
        found = db.session.query(SessionRegister).all()
        db.session.expunge_all()
        return found


def fill_in_without_connection(phone: Visitor) -> Page:
    """Open the meeting from the kept list, fill it in, and send it into the void."""
    phone.context.set_offline(True)
    page = phone.go("/registers")
    page.click("article a")
    page.wait_for_selector("#register")
    page.click("[data-choose-all]")
    page.fill("input[name=present]", "21")
    page.click("#register button[type=submit]")
    page.wait_for_selector("#kept-here:not([hidden])")
    return page


def come_back(phone: Visitor) -> Page:
    phone.context.set_offline(False)
    return phone.go("/registers")


def test_a_register_kept_without_connection_arrives_once(phone: Visitor, site: Site) -> None:
    page = fill_in_without_connection(phone)
    assert "kept on this phone" in page.inner_text("#kept-here")
    assert [] == registers(site)
    page = phone.go("/registers")
    page.wait_for_selector("#kept:not([hidden]) li")
    assert [] == phone.axe()
    assert phone.overflow() <= 0

    page = come_back(phone)
    page.wait_for_selector("article", state="detached")
    page.wait_for_selector("#kept li", state="detached")

    (register,) = registers(site)
    assert (1, 21) == (register.revision, register.present)


def test_the_same_register_sent_twice_by_the_phone_arrives_once(phone: Visitor, site: Site) -> None:
    page = fill_in_without_connection(phone)
    read = """async () => {
      const base = await new Promise((resolve) => {
        const opening = indexedDB.open("registers", 1);
        opening.onsuccess = () => resolve(opening.result);
      });
      return new Promise((resolve) => {
        const asked = base.transaction("waiting").objectStore("waiting").getAll();
        asked.onsuccess = () => resolve(asked.result);
      });
    }"""
    (entry,) = page.evaluate(read)
    send = """async (entry) => {
      const given = await (await fetch("/registers/token")).json();
      const body = new URLSearchParams(entry.fields.filter(([name]) => name !== "csrf_token"));
      body.set("csrf_token", given.token);
      const answer = await fetch(entry.action, {method: "POST", body, headers: {Accept: "application/json"}});
      return (await answer.json()).outcome;
    }"""
    phone.context.set_offline(False)

    # As when the answer to the first sending was lost on the way: the phone sends again, and so does its list.
    assert ["saved", "saved"] == [page.evaluate(send, entry), page.evaluate(send, entry)]
    page = phone.go("/registers")
    page.wait_for_selector("#kept li", state="detached")

    (register,) = registers(site)
    assert 1 == register.revision


def test_a_class_that_is_not_booked_any_more_is_refused_with_the_reason(phone: Visitor, site: Site) -> None:
    fill_in_without_connection(phone)
    with site.app.app_context(), unit_of_work():
        meeting_of(site).booking.status = BookingStatus.CANCELLED

    page = come_back(phone)
    page.locator("#kept li", has_text="is not booked").wait_for()

    assert [] == registers(site)
    page.click("#kept button")
    page.wait_for_selector("#kept", state="hidden")


def test_what_somebody_else_wrote_meanwhile_is_shown_not_overwritten(phone: Visitor, site: Site) -> None:
    fill_in_without_connection(phone)
    with site.app.app_context(), clock.frozen(NOW), unit_of_work():
        make_register(meeting_of(site), present=18)

    page = come_back(phone)
    page.locator("#kept li", has_text="18 pupils of 25").wait_for()

    (register,) = registers(site)
    assert (1, 18) == (register.revision, register.present)


def test_with_a_connection_the_register_is_saved_and_nothing_waits(phone: Visitor, site: Site) -> None:
    page = phone.page
    page.click("article a")
    page.wait_for_selector("#register")
    page.click("[data-choose-all]")
    page.click("#register button[type=submit]")
    page.wait_for_url("**/registers")
    page.wait_for_selector("#kept", state="hidden")

    (register,) = registers(site)
    assert 1 == register.revision
    with site.app.app_context():
        assert service.register_of(meeting_of(site)) is not None
    assert [] == phone.page_errors


def test_a_mistake_is_answered_on_the_page_and_not_kept(phone: Visitor, site: Site) -> None:
    page = phone.page
    page.click("article a")
    page.wait_for_selector("#register")
    page.fill("input[name=present]", "99")
    page.click("[data-choose-all]")
    page.click("#register button[type=submit]")
    page.wait_for_selector(".error-summary")
    page.wait_for_selector("#register[data-is-ready]")
    page = phone.go("/registers")
    page.wait_for_selector("#kept[data-is-ready]", state="attached")

    assert not page.is_visible("#kept")
    assert [] == registers(site)


def test_signing_out_throws_the_kept_pages_away(phone: Visitor, site: Site) -> None:
    page = phone.page
    page.click("form[data-leave] button")
    page.wait_for_url(site.url("/"))

    page.wait_for_function("caches.keys().then((names) => !names.includes('register-pages'))")
