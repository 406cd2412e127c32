"""The smallest valid rows of the booking room. Every factory flushes; nothing commits."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from prevention.accounts.models import User
from prevention.booking.models import Booking, BookingMeeting, Slot, SlotMeeting
from prevention.booking.rules import BookingStatus
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
    row = Slot(
        **{"places": 1, "places_taken": 0, "books_until": date(2027, 1, 5), **values},
        meetings=[
            SlotMeeting(number=number, starts_at=start, ends_at=start + length)
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
            "booked_by": booker.id,
            "booked_at": FIRST_START - timedelta(days=60),
            **values,
        },
        meetings=[
            BookingMeeting(
                number=meeting.number,
                programme_meeting=slot.edition.programme.meetings[meeting.number - 1],
                facilitator_id=slot.facilitator_id,
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
            )
            for meeting in slot.meetings
        ],
    )
    if status is BookingStatus.CONFIRMED:
        slot.places_taken += 1
    db.session.add(row)
    db.session.flush()
    return row
