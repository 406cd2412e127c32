"""Planned meetings that their school cannot hold any more, because a closure or other bell times came later."""

import uuid
from collections import defaultdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.rules import BookingStatus, MeetingStatus, Span
from prevention.core import clock
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.programmes.models import Edition
from prevention.schools import service as schools
from prevention.schools.models import SchoolClass, Site
from prevention.schools.school_time import Closure, Outside, SchoolTime
from prevention.schools.signals import MeetingHit


def school_conflicts_for(actor: Actor, *, now: datetime) -> list[MeetingHit]:
    """List the meetings ahead that fall on days without lessons, of everybody or of a person's own schools."""
    return meetings_off_school(None, institute_ids=None if actor.sees_all else actor.scope, now=now)


def meetings_off_school(
    _sender: object, *, institute_ids: frozenset[uuid.UUID] | None, now: datetime
) -> list[MeetingHit]:
    """Answer the school's question which meetings it has put in the way of. A fixed number of statements a year."""
    query = (
        select(BookingMeeting)
        .join(BookingMeeting.booking)
        .join(Booking.school_class)
        .join(SchoolClass.site)
        .where(
            Booking.status == BookingStatus.CONFIRMED,
            BookingMeeting.status == MeetingStatus.PLANNED,
            BookingMeeting.starts_at > now,
        )
        .options(
            contains_eager(BookingMeeting.booking).options(
                contains_eager(Booking.school_class).contains_eager(SchoolClass.site),
                joinedload(Booking.edition).joinedload(Edition.programme),
            )
        )
        .order_by(BookingMeeting.starts_at, BookingMeeting.id)
    )
    if institute_ids is not None:
        query = query.where(Site.institute_id.in_(institute_ids))
    by_year: dict[int, list[BookingMeeting]] = defaultdict(list)
    for meeting in db.session.scalars(query):
        by_year[meeting.booking.school_class.school_year].append(meeting)
    return [hit for year, meetings in by_year.items() for hit in _hits(meetings, year)]


def _hits(meetings: list[BookingMeeting], school_year: int) -> list[MeetingHit]:
    sites = {meeting.booking.school_class.site_id for meeting in meetings}
    times = schools.school_times(sites, school_year=school_year)
    found = []
    for meeting in meetings:
        school_class = meeting.booking.school_class
        why = _why(meeting, school_class, times[school_class.site_id])
        if why is not None:
            found.append(
                MeetingHit(
                    booking_id=meeting.booking_id,
                    meeting_id=meeting.id,
                    starts_at=meeting.starts_at,
                    ends_at=meeting.ends_at,
                    class_label=school_class.label,
                    school=school_class.site.display_name,
                    programme=meeting.booking.edition.programme.name.text(),
                    why=why,
                )
            )
    return found


def _why(meeting: BookingMeeting, school_class: SchoolClass, time: SchoolTime) -> Closure | Outside | None:
    closure = time.why_closed(clock.day_of(meeting.starts_at), grade=school_class.grade, class_id=school_class.id)
    return closure or time.why_outside(Span(starts_at=meeting.starts_at, ends_at=meeting.ends_at))
