"""iCalendar (RFC 5545): invitations for single dates, sent by mail (RFC 5546), and feeds to subscribe to.

One file holds one date, because all entries of one REQUEST must share one UID (RFC 5546, section 3.2.2). Times carry
TZID=Europe/Rome with its VTIMEZONE: some programs take a time without one, or in UTC, an hour off across a change to
or from summer time.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from icalendar import (
    Calendar,
    Component,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vText,
)

from prevention.core.mail import Attachment

PRODUCT = "-//prevention//booking//IT"
ROME = ZoneInfo("Europe/Rome")
# Entries of feeds kept as written, some 300 bytes each: a province-year of them.
KEPT_ENTRIES = 8192
_END = b"END:VCALENDAR\r\n"


class Method(StrEnum):
    """What the receiving calendar shall do with the entry."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody named in an invitation."""

    name: str
    email: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One date in a calendar.

    `uid` stays for the life of the date; `sequence` rises by one with every change and with the cancellation.
    Moments are aware. `changed_at` and `is_off` are for feeds, which say themselves what is off; in an invitation the
    method does.
    """

    uid: uuid.UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    location: str
    url: str
    changed_at: datetime | None = None
    is_off: bool = False


def invitation(entry: Entry, *, method: Method, organiser: Person, attendee: Person, now: datetime) -> Attachment:
    """Write one date as a mail attachment that mail programs offer to put into, or take out of, the calendar."""
    calendar = _calendar(method=method.value)
    event = _event(entry, stamped=now, is_off=method is Method.CANCEL)
    event.add("organizer", _address(organiser))
    person = _address(attendee)
    person.params["ROLE"] = vText("REQ-PARTICIPANT")
    person.params["PARTSTAT"] = vText("NEEDS-ACTION")
    person.params["RSVP"] = vText("FALSE")
    event.add("attendee", person)
    calendar.add_component(event)
    return Attachment(
        file_name=f"{entry.starts_at.astimezone(ROME):%Y-%m-%d}.ics",
        media_type=f"text/calendar; method={method.value}; charset=utf-8",
        content=calendar.to_ical(),
    )


def beside_text(file: Attachment) -> list[Attachment]:
    """Give one entry twice: beside the text, where mail programs look for it, and as a file for all others."""
    copy = replace(file, media_type="application/ics")
    return [replace(file, is_alternative=True), copy]


def feed(entries: Sequence[Entry], *, name: str, now: datetime) -> bytes:
    """Write dates as a calendar to subscribe to; programs that follow it ask again every hour.

    Each entry is stamped with its own last change, so that the same dates give the same bytes. Some 0.2 milliseconds
    for an entry that this process has not written before; see `_entry_of_feed`.
    """
    calendar = _calendar(method="PUBLISH")
    for key in ("name", "x-wr-calname"):
        calendar.add(key, name)
    calendar.add("x-wr-timezone", ROME.key)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    frame: bytes = calendar.to_ical()
    events = b"".join(
        _entry_of_feed(entry if entry.changed_at else replace(entry, changed_at=now)) for entry in entries
    )
    return frame.removesuffix(_END) + events + _END


@lru_cache(maxsize=KEPT_ENTRIES)
def _entry_of_feed(entry: Entry) -> bytes:
    """Write one entry of a feed; the same values always give the same bytes.

    Programs ask every hour, and nearly all entries are as they were; one date stands in the feeds of several people.
    """
    stamped = entry.changed_at or entry.starts_at
    event = _event(entry, stamped=stamped, is_off=entry.is_off)
    event.add("last-modified", stamped.astimezone(UTC))
    written: bytes = event.to_ical()
    return written


def _calendar(*, method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(_rome())
    return calendar


def _event(entry: Entry, *, stamped: datetime, is_off: bool) -> Event:
    event = Event()
    event.add("uid", str(entry.uid))
    event.add("sequence", entry.sequence)
    event.add("dtstamp", stamped.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(ROME))
    event.add("dtend", entry.ends_at.astimezone(ROME))
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    event.add("location", entry.location)
    event.add("url", entry.url)
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    return event


@cache
def _rome() -> Timezone:
    # Summer time from the last Sunday of March to the last of October, at 01:00 UTC (Directive 2000/84/EC, art. 2-3).
    zone = Timezone()
    zone.add("tzid", ROME.key)
    zone.add_component(_rule(TimezoneDaylight(), name="CEST", month=3, hour=2, before_h=1, after_h=2))
    zone.add_component(_rule(TimezoneStandard(), name="CET", month=10, hour=3, before_h=2, after_h=1))
    return zone


def _rule(part: Component, *, name: str, month: int, hour: int, before_h: int, after_h: int) -> Component:
    # The rule holds since 1996; its first day is the last Sunday of the month in that year.
    first_day = 31 if month == 3 else 27
    part.add("dtstart", datetime(1996, month, first_day, hour))  # noqa: DTZ001  # local by RFC 5545, section 3.6.5
    part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1su"})
    part.add("tzoffsetfrom", timedelta(hours=before_h))
    part.add("tzoffsetto", timedelta(hours=after_h))
    part.add("tzname", name)
    return part


def _address(person: Person) -> vCalAddress:
    address = vCalAddress(f"mailto:{person.email}")
    address.params["CN"] = vText(person.name)
    return address
