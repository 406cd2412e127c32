"""The smallest valid rows of the booking room. Every factory flushes; nothing commits."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from prevention.accounts.models import User
from prevention.booking.models import (
    Booking,
    BookingMeeting,
    BookingWish,
    Slot,
    SlotHold,
    SlotMeeting,
    WaitingClass,
)
from prevention.booking.rules import STANDING, BookingStatus, WaitingStatus
from prevention.core import clock
from prevention.core.db import db
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import make_school_class

# A Tuesday in January of the school year in which the tests' clock stands still.
FIRST_START = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def make_slot(*, starts: Sequence[datetime] = (FIRST_START,), length: timedelta = HOUR, **values: Any) -> Slot:
    """Make one open place on dates of an hour, of an edition whose programme has as many meetings."""
    if "edition" not in values and "edition_id" not in values:
        values["edition"] = make_edition(programme=make_programme(meetings=len(starts)))
    values = {"places": 1, "places_taken": 0, "books_until": date(2027, 1, 5), **values}
    row = Slot(
        **values,
        meetings=[
            SlotMeeting(
                number=number,
                starts_at=start,
                ends_at=start + length,
                places=values["places"],
                places_taken=values["places_taken"],
            )
            for number, start in enumerate(starts, start=1)
        ],
    )
    db.session.add(row)
    db.session.flush()
    return row


def make_booking(booker: User, **values: Any) -> Booking:
    """Make a confirmed booking of a place of its own slot, for a class of its own, unless they are given."""
    slot = values.pop("slot", None) or make_slot()
    school_class = values.pop("school_class", None) or make_school_class()
    status = values.setdefault("status", BookingStatus.CONFIRMED)
    row = Booking(
        **{
            "slot": slot,
            "edition": slot.edition,
            "school_class": school_class,
            "pupils": school_class.pupils or 20,
            "adults": 1,
            "places": 1,
            "booked_by": booker.id,
            "booked_at": FIRST_START - timedelta(days=60),
            **values,
        },
        meetings=[
            BookingMeeting(
                number=meeting.number,
                programme_meeting=slot.edition.programme.meetings[meeting.number - 1],
                slot_meeting_id=meeting.id,
                facilitator_id=slot.facilitator_id,
                room_id=slot.room_id or (slot.room.id if slot.room else None),
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
            )
            for meeting in slot.meetings
        ],
    )
    if status in STANDING:
        slot.places_taken += 1
        for meeting in slot.meetings:
            meeting.places_taken += 1
    db.session.add(row)
    db.session.flush()
    return row


def make_request(booker: User, *, wish: dict[str, Any] | None = None, **values: Any) -> Booking:
    """Make a request without dates, with a wish for any day, for a class of its own unless one is given."""
    edition = values.pop("edition", None) or make_edition()
    school_class = values.pop("school_class", None) or make_school_class()
    row = Booking(
        **{
            "edition": edition,
            "school_class": school_class,
            "pupils": school_class.pupils or 20,
            "adults": 1,
            "status": BookingStatus.REQUESTED,
            "booked_by": booker.id,
            "booked_at": FIRST_START - timedelta(days=60),
            **values,
        },
        wish=BookingWish(**(wish or {})),
    )
    db.session.add(row)
    db.session.flush()
    return row


def make_hold(person: User, slot: Slot, **values: Any) -> list[SlotHold]:
    """Hold one place on every date of a slot for a quarter of an hour."""
    rows = [
        SlotHold(
            **{
                "slot_meeting_id": meeting.id,
                "user_id": person.id,
                "places": 1,
                "expires_at": clock.now() + timedelta(minutes=15),
                **values,
            }
        )
        for meeting in slot.meetings
    ]
    db.session.add_all(rows)
    db.session.flush()
    return rows


def make_waiting_class(person: User, slot: Slot, **values: Any) -> WaitingClass:
    """Let a class of its own, unless one is given, wait for one place on all dates of a slot."""
    school_class = values.pop("school_class", None) or make_school_class()
    row = WaitingClass(
        **{
            "slot": slot,
            "school_class": school_class,
            "numbers": [meeting.number for meeting in slot.meetings],
            "pupils": school_class.pupils or 20,
            "adults": 1,
            "places": 1,
            "status": WaitingStatus.WAITING,
            "joined_by": person.id,
            "joined_at": clock.now(),
            **values,
        }
    )
    db.session.add(row)
    db.session.flush()
    return row
