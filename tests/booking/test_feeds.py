"""Calendar feeds: a secret address that dies when it is renewed, holds what its owner may see, and is never logged."""

import logging
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import recurring_ical_events
from flask import Flask
from icalendar import Calendar, Component
from sqlalchemy import select

from prevention.accounts import service as accounts
from prevention.accounts.models import User
from prevention.booking import service
from prevention.booking.feed_models import CalendarFeed
from prevention.booking.models import Booking
from prevention.booking.rules import BookingStatus, FeedKind, MeetingStatus
from prevention.core import clock
from prevention.core.db import db
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.booking import FIRST_START, make_booking, make_slot
from tests.factories.network import make_organisation
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import make_school_class, make_site
from tests.support.http import Client
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]
DAY = timedelta(days=1)


def institute_of(person: User) -> uuid.UUID:
    (grant,) = person.roles
    assert grant.institute_id is not None
    return grant.institute_id


def own_booking(person: User, start: datetime = FIRST_START, facilitator: User | None = None) -> Booking:
    school_class = make_school_class(site=make_site(institute_id=institute_of(person)))
    slot = make_slot(starts=(start,), facilitator_id=facilitator.id if facilitator else None)
    return make_booking(person, school_class=school_class, slot=slot)


def address(person: User, kind: FeedKind = FeedKind.PERSON, subject: uuid.UUID | None = None) -> str:
    """Make an address as the page does."""
    service.renew_feed(accounts.actor_of(person), kind, subject or person.id, now=clock.now())
    (token,) = [line.token for line in service.feeds_for(accounts.actor_of(person)) if line.kind is kind]
    return f"/calendar/feed/{token}.ics"


def events(client: Client, feed: str) -> list[Component]:
    answer = client.get(feed)
    assert 200 == answer.status_code
    assert "text/calendar; charset=utf-8" == answer.headers["Content-Type"]
    return Calendar.from_ical(answer.data).walk("VEVENT")


def uids(client: Client, feed: str) -> set[str]:
    return {str(event["UID"]) for event in events(client, feed)}


def test_a_calendar_program_reads_the_dates_without_signing_in(bruno: User, client: Client) -> None:
    booking = own_booking(bruno)
    own_booking(make_user("Gino", Role.COORDINATOR, institute_id=make_site().institute_id))

    (event,) = events(client, address(bruno))

    assert str(booking.meetings[0].id) == event["UID"]
    assert FIRST_START == event["DTSTART"].dt.astimezone(UTC)
    assert "Europe/Rome" == event["DTSTART"].params["TZID"]
    assert booking.school_class.label in str(event["SUMMARY"])


def test_a_feed_sets_no_cookie_and_is_not_stored_by_others(bruno: User, client: Client) -> None:
    answer = client.get(address(bruno))

    assert "Set-Cookie" not in answer.headers
    assert "private, no-cache" == answer.headers["Cache-Control"]
    assert "no-referrer" == answer.headers["Referrer-Policy"]


def test_a_renewed_address_is_dead_at_once(bruno: User, client: Client) -> None:
    old = address(bruno)
    new = address(bruno)

    assert [404, 200] == [client.get(old).status_code, client.get(new).status_code]


@pytest.mark.parametrize("token", ["x", "x" * 43, "é" * 43, "A" * 43, "-" * 44])
def test_a_made_up_address_is_not_found_and_asks_nothing(app: Flask, client: Client, token: str) -> None:
    del app
    with counted_queries() as statements:
        answer = client.get(f"/calendar/feed/{token}.ics")

    assert 404 == answer.status_code
    assert [] == [sent for sent in statements.sent if "calendar_feed" in sent]


def test_no_single_changed_sign_of_an_address_opens_it(bruno: User, client: Client) -> None:
    token = address(bruno).removeprefix("/calendar/feed/").removesuffix(".ics")
    others = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(len(token))]
    spellings = [token[:-1] + sign for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_" if sign != token[-1]]

    assert {404} == {client.get(f"/calendar/feed/{other}.ics").status_code for other in (*others, *spellings)}


def test_an_address_made_with_another_secret_of_the_installation_is_refused(
    app: Flask, bruno: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = address(bruno)
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], secret_key="another secret " * 4))
    with counted_queries() as statements:
        answer = client.get(old)

    assert 404 == answer.status_code
    assert [] == [sent for sent in statements.sent if "calendar_feed" in sent]
    assert 200 == client.get(address(bruno)).status_code


def test_the_code_of_one_address_does_not_open_another(bruno: User, carla: User, client: Client) -> None:
    tokens = [address(person).removeprefix("/calendar/feed/").removesuffix(".ics") for person in (bruno, carla)]
    keys, codes = zip(
        *((raw[:16], raw[16:]) for raw in (urlsafe_b64decode(f"{token}=") for token in tokens)), strict=True
    )
    mixed = urlsafe_b64encode(keys[0] + codes[1]).decode().rstrip("=")
    no_code = urlsafe_b64encode(keys[0] + bytes(16)).decode().rstrip("=")

    assert [404, 404] == [client.get(f"/calendar/feed/{token}.ics").status_code for token in (mixed, no_code)]


def test_an_entry_written_before_is_written_anew_once_it_changes(bruno: User, client: Client) -> None:
    booking = own_booking(bruno)
    feed = address(bruno)
    before = client.get(feed).data
    booking.meetings[0].sequence += 1
    db.session.flush()

    after = client.get(feed).data

    assert before == client.get(feed).data.replace(b"SEQUENCE:1", b"SEQUENCE:0")
    assert after != before
    assert b"SEQUENCE:1" in after


def test_the_secret_is_neither_in_the_database_nor_in_the_log(
    bruno: User, client: Client, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    feed = address(bruno)
    token = feed.removeprefix("/calendar/feed/").removesuffix(".ics")
    with caplog.at_level(logging.DEBUG):
        client.get(feed)
        client.get(feed.replace(token[:5], "AAAAA"))

    row = db.session.scalars(select(CalendarFeed)).one()
    output = caplog.text + "".join(capsys.readouterr())
    assert token not in output
    assert token[20:] not in output
    assert token[22:] not in repr({column.name: getattr(row, column.name) for column in CalendarFeed.__table__.columns})


def test_a_person_who_left_has_no_feed(bruno: User, client: Client) -> None:
    feed = address(bruno)
    bruno.active = False

    assert 404 == client.get(feed).status_code


def test_a_feed_of_a_school_holds_its_dates_whoever_booked(bruno: User, carla: User, client: Client) -> None:
    booking, other = own_booking(bruno), own_booking(carla)
    feed = address(bruno, FeedKind.INSTITUTE, institute_of(bruno))

    assert {str(booking.meetings[0].id)} == uids(client, feed)
    assert str(other.meetings[0].id) not in uids(client, feed)


def test_a_facilitator_has_the_dates_they_lead_and_all_they_see(bruno: User, client: Client) -> None:
    provider = make_organisation()
    dario = make_user("Dario", Role.FACILITATOR, organisation_id=provider.id)
    led = own_booking(bruno, facilitator=dario)
    edition = make_edition(programme=make_programme(), organisation=provider)
    seen = make_booking(bruno, slot=make_slot(edition=edition))

    assert {str(led.meetings[0].id)} == uids(client, address(dario, FeedKind.FACILITATOR))
    assert {str(each.meetings[0].id) for each in (led, seen)} == uids(client, address(dario))


def test_what_is_off_says_so(bruno: User, client: Client) -> None:
    date_off, all_off = own_booking(bruno), own_booking(bruno, FIRST_START + DAY)
    date_off.meetings[0].status, date_off.meetings[0].sequence = MeetingStatus.CANCELLED, 1
    all_off.status = BookingStatus.CANCELLED
    own_booking(bruno, FIRST_START + 2 * DAY).status = BookingStatus.REQUESTED
    db.session.flush()

    found = events(client, address(bruno))

    assert ["CANCELLED", "CANCELLED"] == [event["STATUS"] for event in found]


def test_a_program_that_has_it_already_is_told_so(bruno: User, client: Client) -> None:
    booking, feed = own_booking(bruno), address(bruno)
    first = client.get(feed)
    known = {"If-None-Match": first.headers["ETag"]}

    again = client.get(feed, headers=known)
    booking.school_class.label = "9Z"
    changed = client.get(feed, headers=known)

    assert [200, 304, 200] == [answer.status_code for answer in (first, again, changed)]
    assert b"" == again.data
    assert first.headers["Last-Modified"]


def test_a_date_that_left_a_feed_is_noticed_although_nothing_in_it_is_newer(bruno: User, client: Client) -> None:
    dario = make_user("Dario", Role.FACILITATOR, organisation_id=make_organisation().id)
    booking, feed = own_booking(bruno, facilitator=dario), address(dario, FeedKind.FACILITATOR)
    first = client.get(feed)
    booking.meetings[0].facilitator = None
    db.session.flush()

    again = client.get(feed, headers={"If-Modified-Since": first.headers["Last-Modified"]})

    assert 200 == again.status_code
    assert b"VEVENT" not in again.data


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 10, 23, 7, tzinfo=UTC),
        datetime(2026, 10, 26, 8, tzinfo=UTC),
        datetime(2027, 3, 26, 8, tzinfo=UTC),
        datetime(2027, 3, 29, 7, tzinfo=UTC),
    ],
)
def test_another_program_reads_nine_in_rome_across_both_changes_of_the_clock(
    bruno: User, client: Client, start: datetime
) -> None:
    own_booking(bruno, start)
    read = Calendar.from_ical(client.get(address(bruno)).data)

    (event,) = recurring_ical_events.of(read).at(start.astimezone(clock.ROME).date())

    assert (9, start) == (event["DTSTART"].dt.astimezone(clock.ROME).hour, event["DTSTART"].dt.astimezone(UTC))
    assert 1 == len(read.walk("VTIMEZONE"))


def test_the_number_of_queries_does_not_grow_with_the_dates(bruno: User, client: Client) -> None:
    own_booking(bruno)
    feed = address(bruno)
    with counted_queries() as few:
        client.get(feed)
    for number in range(12):
        own_booking(bruno, FIRST_START + number * DAY)
    with counted_queries() as many:
        client.get(feed)

    assert few.count == many.count


# ---- The page ----


def renew(client: Client, kind: str, subject: object) -> int:
    return client.post(f"/calendar/feeds/{kind}/{subject}/renew").status_code


def test_a_coordinator_makes_an_address_and_sees_it(bruno: User, client: Client, sign_in: SignIn) -> None:
    own = sign_in(bruno)

    assert [303, 303] == [renew(own, "person", bruno.id), renew(own, "institute", institute_of(bruno))]

    shown = [str(field["value"]) for field in own.page("/calendar/feeds").select("input[readonly]")]
    assert 2 == len(shown)
    assert all(client.get(value[value.index("/calendar/") :]).status_code == 200 for value in shown)


def test_others_feeds_are_not_renewed(bruno: User, carla: User, dario: User, sign_in: SignIn) -> None:
    own = sign_in(bruno)

    refused = [
        renew(own, "person", carla.id),
        renew(own, "institute", institute_of(carla)),
        renew(own, "facilitator", bruno.id),
        renew(own, "facilitator", dario.id),
        renew(own, "person", uuid.uuid4()),
        renew(own, "nothing", bruno.id),
        renew(own, "person", "no-id"),
        renew(own, "person", ""),
    ]

    assert [404] * 8 == refused
    assert [] == db.session.scalars(select(CalendarFeed)).all()


def test_the_office_can_end_any_address(anna: User, bruno: User, client: Client, sign_in: SignIn) -> None:
    feed, office = address(bruno), sign_in(anna)

    assert "Bruno" in office.page("/calendar/feeds").select_one("table").get_text()
    assert 303 == renew(office, "person", bruno.id)
    assert 404 == renew(office, "person", uuid.uuid4())
    assert 404 == client.get(feed).status_code


def test_nobody_renews_without_signing_in_or_by_reading(bruno: User, client: Client, sign_in: SignIn) -> None:
    assert 401 == renew(client, "person", bruno.id)
    assert 405 == sign_in(bruno).get(f"/calendar/feeds/person/{bruno.id}/renew").status_code
