"""The smallest valid rows of the delivery room, and a booked meeting to hang them on. Every factory flushes."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from prevention.booking.models import Booking, BookingMeeting
from prevention.core import clock
from prevention.core.db import db
from prevention.delivery.models import ActivityRecord, LessonObservation, SessionRegister
from prevention.delivery.observing import ITEMS
from prevention.delivery.rules import Extent, LedBy, Outcome, Scale
from prevention.programmes.models import Edition
from prevention.schools.models import SchoolClass
from tests.factories.accounts import make_user
from tests.factories.programmes import make_edition
from tests.factories.schools import make_school_class

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)


def make_booked_meetings(
    *,
    school_class: SchoolClass | None = None,
    edition: Edition | None = None,
    facilitator_id: uuid.UUID | None = None,
    starts_at: datetime | None = None,
    pupils: int = 25,
) -> list[BookingMeeting]:
    """Book a class for an edition: one meeting a week, the first (unless given) an hour ago."""
    edition = edition or make_edition()
    first = starts_at or clock.now() - HOUR
    booking = Booking(
        edition=edition,
        school_class=school_class or make_school_class(pupils=pupils, school_year=edition.school_year),
        pupils=pupils,
        booked_by=make_user().id,
        booked_at=first - WEEK,
    )
    booking.meetings = [
        BookingMeeting(
            number=planned.number,
            programme_meeting_id=planned.id,
            facilitator_id=facilitator_id,
            starts_at=first + WEEK * (planned.number - 1),
            ends_at=first + WEEK * (planned.number - 1) + timedelta(minutes=planned.minutes),
        )
        for planned in edition.programme.meetings
    ]
    db.session.add(booking)
    db.session.flush()
    return list(booking.meetings)


def make_booked_meeting(**values: Any) -> BookingMeeting:
    """Book a class for one meeting, an hour ago unless given."""
    return make_booked_meetings(**values)[0]


def make_register(
    meeting: BookingMeeting | None = None, *, extents: dict[uuid.UUID, Extent] | None = None, **values: Any
) -> SessionRegister:
    """Register a meeting as held for 60 minutes before 20 of 25 pupils, or as `values` say."""
    meeting = meeting or make_booked_meeting()
    counts: dict[str, Any] = {"minutes": 60, "present": 20, "expected": 25, "led_by": LedBy.FACILITATOR}
    if values.get("outcome", Outcome.HELD) is not Outcome.HELD:
        counts = {}
    row = SessionRegister(
        **{
            "booking_meeting_id": meeting.id,
            "meeting_starts_at": meeting.starts_at,
            "outcome": Outcome.HELD,
            "recorded_by": values.pop("recorded_by", None) or make_user().id,
            "recorded_at": clock.now(),
            **counts,
            **values,
        }
    )
    row.activities = [
        ActivityRecord(activity_id=activity_id, extent=extent) for activity_id, extent in (extents or {}).items()
    ]
    db.session.add(row)
    db.session.flush()
    return row


def make_observation(meeting: BookingMeeting | None = None, **values: Any) -> LessonObservation:
    """Observe a meeting: quite, in everything, unless given."""
    row = LessonObservation(
        **{
            "booking_meeting_id": (meeting or make_booked_meeting()).id,
            **dict.fromkeys(ITEMS, Scale.QUITE),
            "observed_by": values.pop("observed_by", None) or make_user().id,
            "observed_at": clock.now(),
            **values,
        }
    )
    db.session.add(row)
    db.session.flush()
    return row
