"""How long the server works on the pages people open most, with a province's year in the database.

Run ``.venv/bin/python -m bench.pages``. The year: 382 sites in 113 municipalities, 3,000 classes, 1,250 bookings with
5,000 meetings, a year before with 1,000 registers. Each page is asked for many times in one process, through the whole
application and a real SQLite file, and stands beside a bare page of the same application (signed in, no rows of its
own) measured in between. Printed: the median and the 95th percentile in milliseconds of server time, the ratio to the
bare page, and the statements sent. The ratio travels between machines, the milliseconds do not. Also printed for a
tenth of the bookings, so that one sees what does not grow.
"""

import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import event
from sqlalchemy.engine import Engine

from prevention import create_app
from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking import service as booking
from prevention.booking.models import Booking, BookingMeeting, Slot, SlotMeeting
from prevention.booking.rules import FeedKind
from prevention.config import ROOT, Settings
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.core.memory import settle
from prevention.delivery.models import SessionRegister
from prevention.delivery.rules import LedBy, Outcome
from prevention.demo.district import MUNICIPALITIES
from prevention.network import service as network
from prevention.network.models import Organisation
from prevention.network.rules import OrganisationKind
from prevention.programmes import service as programmes
from prevention.programmes.models import Edition, Programme
from prevention.programmes.rules import EditionStatus
from prevention.roles import Role
from prevention.schools import service as schools
from prevention.schools.models import Institute, SchoolClass, Site
from prevention.schools.rules import Level
from prevention.schools.school_time import MONDAY_TO_SATURDAY
from tests.factories.accounts import make_user

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
YEAR = 2026
INSTITUTES, SITES, CLASSES, BOOKINGS, MEETINGS_EACH = 60, 382, 3_000, 1_250, 4
REGISTERS = 1_000
FEW_BOOKINGS = BOOKINGS // 10
REPEATS = 40
WARM_UP = 5
BARE = "/privacy"
OFFICE_PAGES = (
    "/programmes/",
    "/programmes/?grade=2&free=yes&sort=soonest",
    "/booking/slots",
    "/booking/",
    "/booking/?sort=class&order=desc",
    "/booking/provided",
    "/schools/calendar",
    "/calendar/",
    "/calendar/?view=list",
    "/booking/board",
    "/booking/conflicts",
    "/booking/unreached/schools",
    "/booking/unreached/classes",
    "/booking/requests",
    "/booking/waiting",
    "/schools/",
)
COORDINATOR_PAGES = ("/programmes/", "/booking/slots", "/booking/mine", "/schools/calendar", "/calendar/")


# Every so manieth booking's dates are led by the one facilitator.
LED_EACH = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class District:
    """A filled district: its application, the sign-in marks of two people, and addresses of feeds by what they hold."""

    app: Flask
    office: str
    coordinator: str
    feeds: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """Server time of one page in milliseconds, that of the bare page beside it, and the statements sent."""

    median: float
    late: float
    bare: float
    statements: int


def main() -> None:
    """Measure and print."""
    for bookings in (FEW_BOOKINGS, BOOKINGS):
        print(f"{SITES} sites, {CLASSES:,} classes, {bookings:,} bookings, {bookings * MEETINGS_EACH:,} meetings")
        with _district(bookings) as district:
            office = _signed_in(district.app, district.office)
            for page in OFFICE_PAGES:
                _report(f"office {page}", office, page)
            coordinator = _signed_in(district.app, district.coordinator)
            for page in COORDINATOR_PAGES:
                _report(f"coordinator {page}", coordinator, page)
            for words, address in district.feeds.items():
                _report(f"feed of {words}", office, address)


def _report(name: str, client: FlaskClient, page: str) -> None:
    if client.get(page).status_code != 200:  # a page that this version does not have
        return
    result = _measured(client, page)
    print(
        f"  {name:56} p50 {result.median:6.1f} ms  p95 {result.late:6.1f} ms  {result.median / result.bare:5.1f} x bare"
        f"  {result.statements:3} statements"
    )


def _measured(client: FlaskClient, page: str) -> Result:
    for _each in range(WARM_UP):
        client.get(page)
    with _counted() as statements:
        client.get(page)
    times, bare = [], []
    for _each in range(REPEATS):
        bare.append(_milliseconds(client, BARE))
        times.append(_milliseconds(client, page))
    return Result(
        median=statistics.median(times),
        late=statistics.quantiles(times, n=20)[-1],
        bare=statistics.median(bare),
        statements=len(statements),
    )


def _milliseconds(client: FlaskClient, page: str) -> float:
    # Processor time: neighbours on the machine would otherwise be measured too.
    started = time.process_time()
    client.get(page).get_data()
    return (time.process_time() - started) * 1000


@contextmanager
def _counted() -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _signed_in(app: Flask, fs_uniquifier: str) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as session:
        session.update({"_user_id": fs_uniquifier, "_fresh": True, "fs_cc": "set", "fs_paa": 0.0, "identity": None})
    return client


@contextmanager
def _district(bookings: int) -> Iterator[District]:
    with tempfile.TemporaryDirectory(prefix="bench-pages-") as folder:
        settings = {"INSTANCE": folder, "SECRET_KEY": "x" * 40, "LOG_LEVEL": "ERROR", "BASE_URL": "http://localhost"}
        app = create_app(Settings.from_environment(settings), TESTING=True)
        with app.app_context(), clock.frozen(NOW):
            upgrade(directory=str(ROOT / "migrations"))
            with unit_of_work():
                office, coordinator, facilitator = _fill(bookings)
                feeds = _feeds(office, coordinator, facilitator)
                marks = office.fs_uniquifier, coordinator.fs_uniquifier
        settle()  # as the server does
        with clock.frozen(NOW):
            yield District(app=app, office=marks[0], coordinator=marks[1], feeds=feeds)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def _feeds(office: User, coordinator: User, facilitator: User) -> dict[str, str]:
    """Make an address for each kind of feed."""
    institute_id = coordinator.roles[0].institute_id
    if institute_id is None:
        raise ValueError("a coordinator has a school")
    wanted = {
        "the office": (office, FeedKind.PERSON, office.id),
        "a coordinator": (coordinator, FeedKind.PERSON, coordinator.id),
        "a school": (coordinator, FeedKind.INSTITUTE, institute_id),
        "a facilitator": (facilitator, FeedKind.FACILITATOR, facilitator.id),
    }
    found = {}
    for words, (person, kind, subject) in wanted.items():
        actor = actor_of(person)
        booking.renew_feed(actor, kind, subject, now=NOW)
        (token,) = (line.token for line in booking.feeds_for(actor) if (line.kind, line.subject_id) == (kind, subject))
        found[words] = f"/calendar/feed/{token}.ics"
    return found


def _fill(bookings: int) -> tuple[User, User, User]:
    with MUNICIPALITIES.open("rb") as stream:
        network.import_municipalities(stream, file_name=MUNICIPALITIES.name)
    programmes.load_known()
    schools.load_year(None, YEAR)
    sites = _sites()
    office = make_user("Anna", Role.OFFICE)
    coordinator = make_user("Bruno", Role.COORDINATOR, institute_id=sites[0].institute_id)
    classes = _classes(sites, YEAR)
    editions = _editions(YEAR)
    facilitator = make_user("Dario", Role.FACILITATOR, organisation_id=editions[0].organisation_id)
    for made in _bookings(classes, editions, office, count=bookings, year=YEAR)[::LED_EACH]:
        for meeting in made.meetings:
            meeting.facilitator_id = facilitator.id
    past = _bookings(_classes(sites, YEAR - 1), _editions(YEAR - 1), office, count=REGISTERS // 4, year=YEAR - 1)
    db.session.add_all(_register(meeting, office) for made in past for meeting in made.meetings)
    db.session.flush()
    return office, coordinator, facilitator


def _sites() -> list[Site]:
    places = network.municipalities()
    institutes = [
        Institute(code=f"CRIS{n:06d}", name=f"Istituto {n}", municipality_id=places[n % len(places)].id, is_state=True)
        for n in range(INSTITUTES)
    ]
    db.session.add_all(institutes)
    db.session.flush()
    sites = [
        Site(
            code=f"CRPS{n:06d}",
            institute_id=institutes[n % INSTITUTES].id,
            name=f"Scuola {n}",
            municipality_id=places[n % len(places)].id,
            level=(Level.PRIMO_GRADO, Level.SECONDO_GRADO)[n % 2],
            type_description="LICEO SCIENTIFICO",
            is_state=True,
            first_seen=YEAR - 1,
            last_seen=YEAR,
        )
        for n in range(SITES)
    ]
    db.session.add_all(sites)
    db.session.flush()
    return sites


def _classes(sites: list[Site], year: int) -> list[SchoolClass]:
    rows = [
        SchoolClass(
            site_id=site.id,
            school_year=year,
            grade=1 + n // SITES % 3,
            section=f"{chr(ord('A') + n // SITES // 3)}",
            label=f"{1 + n // SITES % 3}{chr(ord('A') + n // SITES // 3)}",
            pupils=18 + n % 8,
        )
        for n, site in enumerate(islice(cycle(sites), CLASSES))
    ]
    db.session.add_all(rows)
    db.session.flush()
    return rows


def _editions(year: int) -> list[Edition]:
    provider = Organisation(name=f"Provider {year}", kind=OrganisationKind.HEALTH_AUTHORITY)
    db.session.add(provider)
    db.session.flush()
    rows = [
        Edition(programme_id=each, school_year=year, organisation_id=provider.id, status=EditionStatus.OPEN)
        for each in db.session.scalars(db.select(Programme.id))
    ]
    db.session.add_all(rows)
    db.session.flush()
    return rows


def _bookings(
    classes: list[SchoolClass], editions: list[Edition], office: User, *, count: int, year: int
) -> list[Booking]:
    """Give every other class in turn dated places of its own, two of them, one of which it takes."""
    days = _open_days(year)
    rows = []
    for number, school_class in enumerate(islice(classes, count)):
        edition = editions[number % len(editions)]
        starts = [
            datetime.combine(days[(number + 12 * week) % len(days)], datetime.min.time(), tzinfo=UTC)
            + timedelta(hours=8 + number % 4)
            for week in range(MEETINGS_EACH)
        ]
        starts.sort()
        slot = Slot(
            id=uuid.uuid4(), edition_id=edition.id, places=2, places_taken=1, books_until=clock.day_of(starts[0])
        )
        slot.meetings = [
            SlotMeeting(number=n, starts_at=start, ends_at=start + timedelta(hours=1), places=2, places_taken=1)
            for n, start in enumerate(starts, start=1)
        ]
        row = Booking(
            slot_id=slot.id,
            edition_id=edition.id,
            school_class_id=school_class.id,
            pupils=20,
            adults=1,
            booked_by=office.id,
            booked_at=NOW - timedelta(days=40),
            meetings=[
                BookingMeeting(number=n, starts_at=start, ends_at=start + timedelta(hours=1))
                for n, start in enumerate(starts, start=1)
            ],
        )
        db.session.add(slot)
        rows.append(row)
    db.session.flush()
    db.session.add_all(rows)
    db.session.flush()
    return rows


def _open_days(year: int) -> list[date]:
    time_of_all = schools.district_time(year)
    first, last = time_of_all.first_day, time_of_all.last_day
    days = [first + timedelta(days=n) for n in range((last - first).days)]
    return [day for day in days if day.weekday() in MONDAY_TO_SATURDAY and time_of_all.is_open(day)]


def _register(meeting: BookingMeeting, office: User) -> SessionRegister:
    return SessionRegister(
        booking_meeting_id=meeting.id,
        meeting_starts_at=meeting.starts_at,
        revision=1,
        outcome=Outcome.HELD,
        reason_note="",
        minutes=60,
        present=20,
        expected=20,
        led_by=LedBy.FACILITATOR,
        adaptations="",
        recorded_by=office.id,
        recorded_at=NOW,
    )


if __name__ == "__main__":
    main()
