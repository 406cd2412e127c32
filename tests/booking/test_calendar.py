"""Invitations: parsed back with the library, and their time zone compared with the real one."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Component

from prevention.booking.calendar import Entry, Method, Person, invitation
from prevention.core.clock import ROME

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ID = uuid.UUID(int=42)
OFFICE = Person(name='Centro; "Prevenzione"', email="ufficio@example.org")
BRUNO = Person(name="Bruno", email="bruno@example.org")


def entry(starts_at: datetime = NOW, sequence: int = 0) -> Entry:
    """An hour with a class."""
    return Entry(
        uid=ID,
        sequence=sequence,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        summary="Unplugged, 1A",
        description="1. Si comincia\nhttps://example.org/booking/1",
        location="Liceo, via Roma 1, Cremona",
        url="https://example.org/booking/1",
    )


def parsed(given: Entry, method: Method = Method.REQUEST) -> Component:
    """The calendar as a mail program reads it."""
    file = invitation(given, method=method, organiser=OFFICE, attendee=BRUNO, now=NOW)
    return Calendar.from_ical(file.content)


def event_of(calendar: Component) -> Component:
    """Its only entry."""
    (event,) = calendar.walk("VEVENT")
    return event


def test_an_invitation_says_what_when_and_where() -> None:
    calendar = parsed(entry())
    event = event_of(calendar)

    assert "REQUEST" == calendar["METHOD"]
    assert "Unplugged, 1A" == event["SUMMARY"]
    assert "Liceo, via Roma 1, Cremona" == event["LOCATION"]
    assert "CONFIRMED" == event["STATUS"]
    assert "mailto:bruno@example.org" == event["ATTENDEE"]
    assert "mailto:ufficio@example.org" == event["ORGANIZER"]


def test_a_cancellation_takes_out_the_same_entry_with_a_higher_number() -> None:
    asked, called_off = parsed(entry()), parsed(entry(sequence=1), Method.CANCEL)

    assert event_of(asked)["UID"] == event_of(called_off)["UID"] == str(ID)
    assert (0, 1) == (event_of(asked)["SEQUENCE"], event_of(called_off)["SEQUENCE"])
    assert ("CANCEL", "CANCELLED") == (called_off["METHOD"], event_of(called_off)["STATUS"])


def test_the_mail_part_names_the_method_that_the_file_names() -> None:
    """RFC 6047, section 2.4: a mail program trusts the parameter, so the two must agree."""
    file = invitation(entry(), method=Method.CANCEL, organiser=OFFICE, attendee=BRUNO, now=NOW)

    assert "text/calendar; method=CANCEL; charset=utf-8" == file.media_type
    assert "2026-11-23.ics" == file.file_name


@pytest.mark.parametrize(
    ("starts_at", "written"),
    [
        (datetime(2026, 10, 24, 7, tzinfo=UTC), "20261024T090000"),
        (datetime(2026, 10, 26, 8, tzinfo=UTC), "20261026T090000"),
        (datetime(2027, 3, 27, 8, tzinfo=UTC), "20270327T090000"),
        (datetime(2027, 3, 29, 7, tzinfo=UTC), "20270329T090000"),
    ],
)
def test_nine_in_the_morning_stays_nine_across_both_changes_of_the_clock(starts_at: datetime, written: str) -> None:
    text = invitation(
        entry(starts_at), method=Method.REQUEST, organiser=OFFICE, attendee=BRUNO, now=NOW
    ).content.decode()

    assert f"DTSTART;TZID=Europe/Rome:{written}" in text


@settings(deadline=None)
@given(moment=st.integers(852_076_800, 2_524_608_000).map(lambda second: datetime.fromtimestamp(second, UTC)))
def test_the_time_zone_in_the_file_is_that_of_rome(moment: datetime) -> None:
    """What a program works out from the file alone is what the time zone database says, from 1997 to 2049."""
    (zone,) = parsed(entry()).walk("VTIMEZONE")
    rules = {part["TZNAME"]: part for part in zone.subcomponents}

    is_summer = _last_sunday(moment.year, 3) <= moment < _last_sunday(moment.year, 10)
    offset = rules["CEST" if is_summer else "CET"]["TZOFFSETTO"].td

    assert moment.astimezone(ROME).utcoffset() == offset
    assert {"BYMONTH": [3], "BYDAY": ["-1SU"]} == {key: rules["CEST"]["RRULE"][key] for key in ("BYMONTH", "BYDAY")}
    assert {"BYMONTH": [10], "BYDAY": ["-1SU"]} == {key: rules["CET"]["RRULE"][key] for key in ("BYMONTH", "BYDAY")}


def _last_sunday(year: int, month: int) -> datetime:
    day = datetime(year, month, 31, 1, tzinfo=UTC)
    return day - timedelta(days=(day.weekday() + 1) % 7)
