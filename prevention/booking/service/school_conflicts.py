"""Planned meetings that their school cannot hold any more, because a closure or other bell times came later."""

import uuid
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.rules import BookingStatus
from prevention.booking.service.dates_ahead import dates_ahead, suspects
from prevention.core import clock
from prevention.core.db import db, uuid_of_key
from prevention.programmes.models import Edition
from prevention.schools.models import SchoolClass
from prevention.schools.school_time import Closure, Outside
from prevention.schools.signals import MeetingHit, MeetingHits


def meetings_off_school(
    _sender: object,
    *,
    institute_ids: frozenset[uuid.UUID] | None,
    now: datetime,
    days: tuple[date, date] | None,
    most: int,
) -> MeetingHits:
    """Answer the school's question which meetings it has put in the way of.

    Seven statements a school year and one for those that are told. All meetings ahead are looked at, see `dates_ahead`.
    """
    found: dict[uuid.UUID, Closure | Outside] = {}
    for each in suspects(dates_ahead((BookingStatus.CONFIRMED,), now=now, institute_ids=institute_ids)):
        day = clock.day_of(each.span.starts_at)
        if days is not None and not days[0] <= day <= days[1]:
            continue
        why = each.school_time.why_closed(
            day, grade=each.grade, class_id=each.class_id
        ) or each.school_time.why_outside(each.span)
        if why is not None:
            found[uuid_of_key(each.id)] = why
    return MeetingHits(count=len(found), nearest=_hits(dict(list(found.items())[:most])))


def _hits(found: dict[uuid.UUID, Closure | Outside]) -> list[MeetingHit]:
    if not found:
        return []
    query = (
        select(BookingMeeting)
        .join(BookingMeeting.booking)
        .join(Booking.school_class)
        .join(SchoolClass.site)
        .where(BookingMeeting.id.in_(found))
        .options(
            contains_eager(BookingMeeting.booking).options(
                contains_eager(Booking.school_class).contains_eager(SchoolClass.site),
                joinedload(Booking.edition).joinedload(Edition.programme),
            )
        )
        .order_by(BookingMeeting.starts_at, BookingMeeting.id)
    )
    return [
        MeetingHit(
            booking_id=meeting.booking_id,
            meeting_id=meeting.id,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            class_label=meeting.booking.school_class.label,
            school=meeting.booking.school_class.site.display_name,
            programme=meeting.booking.edition.programme.name.text(),
            why=found[meeting.id],
        )
        for meeting in db.session.scalars(query)
    ]
