"""What a teacher saw of a meeting: the rules of the form, and writing it down.

Teachers have no account: the school's coordinator fills the form in with them, or sends a link (`observing_links`).
Who leads a meeting does not observe it,
so facilitators do not see the form.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from prevention.booking.models import Booking, BookingMeeting
from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.delivery.models import LessonObservation
from prevention.delivery.rules import NotYetHeld, Scale
from prevention.programmes.models import Edition, Programme
from prevention.roles import Role

ITEMS = ("interest", "participation", "climate", "clarity", "preparation", "usefulness")


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """What was seen, item by item, and two short texts that name nobody."""

    interest: Scale
    participation: Scale
    climate: Scale
    clarity: Scale
    preparation: Scale
    usefulness: Scale
    worked: str = ""
    to_change: str = ""


@dataclass(slots=True)
class ObservationSum:
    """The observations of one programme in a school year: how many, and for each item how many said quite or very."""

    programme: Localised
    count: int = 0
    good: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ITEMS, 0))


def may_observe(actor: Actor, meeting: BookingMeeting) -> bool:
    """Say whether a person may write down what a teacher saw: the school's coordinator, or the office."""
    institute = meeting.booking.school_class.site.institute_id
    return actor.sees_all or (actor.has(Role.COORDINATOR) and actor.may_act_for(institute))


def observation_of(actor: Actor, meeting: BookingMeeting) -> LessonObservation | None:
    """Give what was written down about a meeting, or None.

    Raises:
        NotYours: it is not for this person.
    """
    if not may_observe(actor, meeting):
        raise NotYours(meeting.id)
    return db.session.scalar(select(LessonObservation).where(LessonObservation.booking_meeting_id == meeting.id))


def observe(actor: Actor, meeting: BookingMeeting, seen: Observation, *, now: datetime) -> LessonObservation:
    """Write down what a teacher saw, or correct it. Flushes.

    Raises:
        NotYours: it is not for this person to say.
        NotYetHeld: the meeting lies ahead.
    """
    if now < meeting.starts_at:
        raise NotYetHeld(starts_at=meeting.starts_at)
    db.session.execute(select(BookingMeeting.id).where(BookingMeeting.id == meeting.id).with_for_update())
    row = observation_of(actor, meeting)
    if row is None:
        row = LessonObservation(booking_meeting_id=meeting.id)
        db.session.add(row)
    for name in (*ITEMS, "worked", "to_change"):
        setattr(row, name, getattr(seen, name))
    row.observed_by, row.observed_at = actor.id, now
    db.session.flush()
    audit.record(actor, "delivery.observed", row.id, meeting=str(meeting.id))
    return row


def observations_of_year(school_year: int) -> list[ObservationSum]:
    """Add the observations of a school year up by programme. One statement."""
    rows = db.session.execute(
        select(LessonObservation, Programme.id, Programme.name)
        .join(BookingMeeting, BookingMeeting.id == LessonObservation.booking_meeting_id)
        .join(BookingMeeting.booking)
        .join(Booking.edition)
        .join(Edition.programme)
        .where(Edition.school_year == school_year)
    )
    found: dict[uuid.UUID, ObservationSum] = {}
    for observation, programme_id, name in rows:
        total = found.setdefault(programme_id, ObservationSum(programme=name))
        total.count += 1
        for item in ITEMS:
            total.good[item] += getattr(observation, item) in (Scale.QUITE, Scale.VERY)
    return sorted(found.values(), key=lambda each: each.programme.text())
