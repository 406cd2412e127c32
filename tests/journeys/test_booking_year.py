"""The life of two bookings in a real browser, with the mail that a real server takes and a calendar made of it.

Bruno books two classes; classes of Carla's and Elena's wait for the full dates; Dario leads them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial

import pytest
from flask import Flask
from flask_security import hash_password
from icalendar import Calendar, Component
from playwright.sync_api import Browser, Locator, expect
from sqlalchemy import select

from prevention.accounts.models import User
from prevention.booking import audit
from prevention.booking.models import Booking, BookingMeeting, Slot, WaitingClass
from prevention.booking.rules import STANDING, BookingStatus, MeetingStatus, WaitingStatus
from prevention.booking.tasks import pass_next_offer_on
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.core.i18n import Localised
from prevention.messages.tasks import send_next_message
from prevention.roles import Role
from prevention.schools.models import SchoolClass
from tests.factories.accounts import make_user
from tests.factories.booking import FIRST_START, make_slot
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import make_institute, make_school_class, make_site
from tests.support.browser import Site, Visitor, served, visitor
from tests.support.mail_server import Letterbox, mail_server, point_at

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
OFFER = timedelta(hours=48)
PASSWORD = "una parola lunga"
PROGRAMME = "Rete di classe"
TUESDAY, WEDNESDAY = FIRST_START, FIRST_START + timedelta(days=1)
NEW_START = WEDNESDAY + WEEK

Versions = dict[str, tuple[int, datetime]]


@dataclass
class Diary:
    """The calendar of one person, filled as a calendar program does it: from the invitations in the mail alone."""

    entries: Versions = field(default_factory=dict)
    cancelled: dict[str, int] = field(default_factory=dict)

    def take(self, event: Component, method: str) -> None:
        """Take one entry; an entry that is known must come with a higher SEQUENCE, or calendars would ignore it."""
        uid, sequence = str(event["UID"]), int(str(event["SEQUENCE"]))
        if uid in self.entries:
            assert sequence > self.entries[uid][0], "an update that no calendar would take"
        if method == "CANCEL":
            assert uid in self.entries, "nobody was invited to what is called off"
            del self.entries[uid]
            self.cancelled[uid] = sequence
        else:
            assert method == "REQUEST"
            self.entries[uid] = (sequence, event["DTSTART"].dt.astimezone(UTC))


@dataclass
class Post:
    """The post of the district: what the outbox hands to the mail server, and the diaries it fills."""

    site: Site
    box: Letterbox
    diaries: dict[str, Diary] = field(default_factory=dict)
    read: int = 0

    def deliver(self) -> dict[str, list[str]]:
        """Run the outbox as the jobs process does, and give the subjects of the new mails by recipient."""
        with self.site.app.app_context(), clock.frozen(self.site.clock.now):
            while send_next_message():
                pass
        new = self.box.mails[self.read :]
        self.read += len(new)
        subjects: dict[str, list[str]] = {}
        for mail in new:
            subjects.setdefault(mail["To"], []).append(mail["Subject"])
            for method, event in events_in(mail).values():
                self.diaries.setdefault(mail["To"], Diary()).take(event, method)
        return {person: sorted(of_person) for person, of_person in subjects.items()}

    def last_link_to(self, person: str) -> str:
        """Give the path of the address in the last mail to a person."""
        mail = [mail for mail in self.box.mails if mail["To"] == person][-1]
        text = mail.get_body(("plain",)).get_content()
        found = re.search(re.escape(self.site.address) + r"(/\S+)", text)
        assert found, text
        return found[1]


def events_in(mail: EmailMessage) -> dict[str, tuple[str, Component]]:
    """Give the method and the event of each entry of a mail, by UID: beside the text and as a file it is the same."""
    found: dict[str, tuple[str, Component]] = {}
    for part in mail.walk():
        if part.get_content_type() not in ("text/calendar", "application/ics"):
            continue
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        calendar = Calendar.from_ical(content)
        (event,) = calendar.walk("VEVENT")
        (zone,) = calendar.walk("VTIMEZONE")
        assert ("Europe/Rome", "Europe/Rome") == (zone["TZID"], event["DTSTART"].params["TZID"])
        found[str(event["UID"])] = (str(calendar["METHOD"]), event)
    return found


@dataclass(frozen=True, kw_only=True)
class District:
    """Who takes part, by address."""

    bruno: str
    carla: str
    elena: str
    dario: str


def _person(name: str, role: Role, **values: object) -> User:
    person = make_user(name, role, language="it", **values)  # type: ignore[arg-type]  # ids of the role
    person.password = hash_password(PASSWORD)
    return person


def _coordinator(name: str, *sections: str) -> str:
    institute = make_institute(name=f"Istituto di {name}")
    site = make_site(institute=institute, name=f"Sede di {name}")
    for section in sections:
        make_school_class(site=site, grade=2, section=section)
    return _person(name, Role.COORDINATOR, institute_id=institute.id).email


def prepare(app: Flask) -> District:
    """Publish two series of three dates at a youth centre, in an application that has nothing else."""
    with app.app_context(), clock.frozen(NOW), unit_of_work():
        programme = make_programme(
            meetings=3, slug="rete-di-classe", name=Localised(it=PROGRAMME, en="Class network"), grade_max=3
        )
        edition = make_edition(programme=programme)
        dario = _person("Dario", Role.FACILITATOR, organisation_id=edition.organisation_id)
        centre = make_site(name="Centro giovani")
        for first, places in ((TUESDAY, 2), (WEDNESDAY, 1)):
            make_slot(
                edition=edition,
                starts=[first + number * WEEK for number in range(3)],
                places=places,
                facilitator_id=dario.id,
                site_id=centre.id,
            )
        return District(
            bruno=_coordinator("Bruno", "A", "B"),
            carla=_coordinator("Carla", "C"),
            elena=_coordinator("Elena", "D"),
            dario=dario.email,
        )


@pytest.fixture
def post(live_app: Flask) -> Iterator[Post]:
    """A served application whose mail goes to a server of its own."""
    with mail_server() as box, served(live_app, NOW) as site:
        live_app.config["SETTINGS"] = replace(live_app.config["SETTINGS"], base_url=site.address)
        point_at(live_app, box.port)
        yield Post(site, box)


def click(person: Visitor, words: str, *, within: Locator | None = None) -> None:
    """Click the button or link that begins with these words; what follows is for screen readers."""
    main = within or person.page.locator("main")
    name = re.compile(rf"^{re.escape(words)}\b")
    person.follow(main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name)).first)


def expect_words(person: Visitor, words: str) -> None:
    """The page says so."""
    expect(person.page.locator("main, .alert").filter(has_text=words).first).to_be_visible()


def tick(person: Visitor, label: str) -> None:
    """Choose a class on the form."""
    person.page.locator(".party > .choice label", has_text=re.compile(rf"^\s*{label}\b")).click()


def find_the_offer(bruno: Visitor) -> None:
    """From the desk over the catalogue to the dates of one programme."""
    bruno.follow(bruno.page.locator("nav").get_by_role("link", name="Programmi").first)
    bruno.page.fill("#filter-text", "rete")
    click(bruno, "Mostra")
    click(bruno, PROGRAMME)
    click(bruno, "Prenota una classe")


def book_two_classes(bruno: Visitor) -> None:
    find_the_offer(bruno)
    click(bruno, "Prenota", within=bruno.page.locator("tbody tr"))
    for label in ("2A", "2B"):
        tick(bruno, label)
    click(bruno, "Prenota", within=bruno.page.locator("form .form-buttons"))
    assert bruno.page.url.endswith("/booking/mine"), bruno.page.inner_text("main")
    assert 2 == bruno.page.locator("tbody tr").count()


def open_booking_of(person: Visitor, label: str) -> None:
    person.go("/booking/mine")
    click(person, f"Apri {label}")


def date_of_booking(person: Visitor, number: int) -> Locator:
    return person.page.locator("#dates .meeting-list > li, .meeting-list > li").nth(number - 1)


def move_second_date(bruno: Visitor) -> None:
    """Move it from the Tuesday to the Wednesday of that week, which is on offer."""
    open_booking_of(bruno, "2A")
    click(bruno, "Sposta", within=date_of_booking(bruno, 2))
    wednesday = bruno.page.locator("#target option", has_text="20 gennaio 2027")
    bruno.page.select_option("#target", wednesday.get_attribute("value"))
    bruno.page.fill("#reason", "Prova comune")
    click(bruno, "Sposta una data", within=bruno.page.locator(".form-buttons"))
    expect_words(bruno, "20 gennaio 2027")


def call_third_date_off(bruno: Visitor) -> None:
    open_booking_of(bruno, "2A")
    click(bruno, "Annulla questa data", within=date_of_booking(bruno, 3))
    bruno.page.fill("#reason", "Gita")
    click(bruno, "Annulla questa data", within=bruno.page.locator(".form-buttons"))
    expect(date_of_booking(bruno, 3)).to_have_class("is-off")


def wait_for_the_full_dates(person: Visitor, label: str) -> None:
    person.go("/booking/slots?full=yes")
    click(person, "Vedi")
    click(person, "Mettiti in lista d'attesa")
    field_of_class = person.page.locator(".party input[type=checkbox]").first
    if not field_of_class.is_checked():
        tick(person, label)
    click(person, "Mettiti in lista d'attesa", within=person.page.locator(".form-buttons"))
    expect_words(person, "La classe è in lista d'attesa")


def call_booking_off_as_provider(dario: Visitor, label: str) -> None:
    dario.go("/booking/provided")
    click(dario, "Apri")
    click(dario, "Apri", within=dario.page.locator("#classes tr, main tr").filter(has_text=label))
    click(dario, "Disdici")
    dario.page.fill("#reason", "Formatore ammalato")
    click(dario, "Disdici", within=dario.page.locator(".form-buttons"))
    expect_words(dario, "La prenotazione è disdetta")


def standing_dates(app: Flask, *, booker: str | None = None) -> Versions:
    """What the district holds true: the dates that take place, with their SEQUENCE, all or those of one booker."""
    query = (
        select(BookingMeeting)
        .join(BookingMeeting.booking)
        .join(Booking.booker)
        .where(BookingMeeting.status == MeetingStatus.PLANNED, Booking.status.in_(STANDING))
    )
    with app.app_context():
        found = db.session.scalars(query if booker is None else query.where(User.email == booker)).all()
        versions = {str(each.id): (each.sequence, each.starts_at) for each in found}
        db.session.remove()
    return versions


def line(app: Flask) -> dict[str, WaitingStatus]:
    """Where the waiting classes stand, by their label."""
    with app.app_context():
        query = select(SchoolClass.label, WaitingClass.status).join(WaitingClass.school_class)
        found = dict(db.session.execute(query).all())
        db.session.remove()
    return found


def run_the_job(site: Site) -> int:
    """Let the job of the waiting lists do all there is; give how often it found something."""
    turns = 0
    with site.app.app_context(), clock.frozen(site.clock.now):
        while pass_next_offer_on():
            turns += 1
    return turns


def assert_sound(app: Flask) -> None:
    """The audit finds nothing, in this process and as the command."""
    with app.app_context(), clock.frozen(NOW):
        assert () == audit.violations()
        db.session.remove()
    assert 0 == app.test_cli_runner().invoke(args=["booking", "audit"]).exit_code


def test_two_bookings_from_the_offer_to_the_class_that_waited(browser: Browser, post: Post) -> None:
    site, app = post.site, post.site.app
    people = prepare(app)
    window = partial(visitor, browser, site)
    with window() as bruno, window(phone=True) as carla, window() as elena, window() as dario:
        for person, email in zip((bruno, carla, elena, dario), vars(people).values(), strict=True):
            person.sign_in(email, PASSWORD)

        book_two_classes(bruno)

        booked = [f"Prenotato: {PROGRAMME} per la {label}" for label in ("2A", "2B")]
        assert {people.bruno: booked, people.dario: booked} == post.deliver()
        diary = post.diaries[people.bruno]
        invited = dict(diary.entries)
        assert 6 == len(invited)
        assert {0} == {sequence for sequence, _start in invited.values()}
        assert standing_dates(app) == invited == post.diaries[people.dario].entries

        wait_for_the_full_dates(elena, "2D")
        site.clock.now += timedelta(minutes=10)
        wait_for_the_full_dates(carla, "2C")
        assert {} == post.deliver()

        move_second_date(bruno)

        moved = [f"Data spostata: {PROGRAMME} per la 2A"]
        assert {people.bruno: moved, people.dario: moved} == post.deliver()
        (changed,) = [uid for uid, version in diary.entries.items() if version != invited[uid]]
        assert (1, NEW_START) == diary.entries[changed]
        assert invited.keys() == diary.entries.keys()

        call_third_date_off(bruno)

        off = [f"Data annullata: {PROGRAMME} per la 2A"]
        assert {people.bruno: off, people.dario: off} == post.deliver()
        assert [1] == list(diary.cancelled.values())
        assert {"2C": WaitingStatus.WAITING, "2D": WaitingStatus.WAITING} == line(app), "single dates are no place"

        call_booking_off_as_provider(dario, "2B")

        called_off = [f"Annullato: {PROGRAMME} per la 2B"]
        offered = {label: [f"Posto libero per la {label}: {PROGRAMME}"] for label in ("2C", "2D")}
        assert {people.bruno: called_off, people.dario: called_off, people.elena: offered["2D"]} == post.deliver()
        assert standing_dates(app, booker=people.bruno) == diary.entries
        assert 2 == len(diary.entries)

        # Elena does not answer: the job gives the place to the next.
        site.clock.now += OFFER
        assert 1 == run_the_job(site)
        assert 0 == run_the_job(site)
        told = post.deliver()
        assert offered["2C"] == told.pop(people.carla)
        assert [people.elena] == list(told)
        assert {"2C": WaitingStatus.OFFERED, "2D": WaitingStatus.EXPIRED} == line(app)

        carla.go(post.last_link_to(people.carla))
        click(carla, "Prendi il posto")

        expect_words(carla, "2C")
        expect_words(carla, "Confermata")
        taken = [f"Prenotato: {PROGRAMME} per la 2C"]
        assert {people.carla: taken, people.dario: taken} == post.deliver()
        assert standing_dates(app, booker=people.carla) == post.diaries[people.carla].entries
        assert 3 == len(post.diaries[people.carla].entries)
        assert standing_dates(app) == post.diaries[people.dario].entries
        assert {} == post.deliver()

        everybody = (bruno, carla, elena, dario)
        assert [] == [error for person in everybody for error in person.page_errors + person.strange_requests]
    with app.app_context():
        statuses = dict(db.session.execute(select(SchoolClass.label, Booking.status).join(Booking.school_class)).all())
        confirmed, cancelled = BookingStatus.CONFIRMED, BookingStatus.CANCELLED
        assert {"2A": confirmed, "2B": cancelled, "2C": confirmed} == statuses
        assert [2, 1] == list(db.session.scalars(select(Slot.places_taken).order_by(Slot.places.desc())))
        db.session.remove()
    assert_sound(app)
