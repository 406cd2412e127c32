"""Planned meetings that their school cannot hold any more, because a closure or other bell times came later."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True, slots=True)
class _Planned:
    meeting_id: uuid.UUID
    span: Span
    site_id: uuid.UUID
    grade: int
    class_id: uuid.UUID
    school_year: int


def school_conflicts_for(actor: Actor, *, now: datetime) -> list[MeetingHit]:
    """List the meetings ahead that fall on days without lessons, of everybody or of a person's own schools."""
    return meetings_off_school(None, institute_ids=None if actor.sees_all else actor.scope, now=now)


def meetings_off_school(
    _sender: object, *, institute_ids: frozenset[uuid.UUID] | None, now: datetime
) -> list[MeetingHit]:
    """Answer the school's question which meetings it has put in the way of.

    Six statements a school year and one for what was found. All meetings ahead are looked at, as bare columns: a
    province-year of 5,000 as whole objects took half a second.
    """
    by_year: dict[int, list[_Planned]] = defaultdict(list)
    for each in _planned(institute_ids, now):
        by_year[each.school_year].append(each)
    found: dict[uuid.UUID, Closure | Outside] = {}
    for year, meetings in by_year.items():
        times = schools.school_times({each.site_id for each in meetings}, school_year=year)
        found |= _reasons(meetings, times)
    return _hits(found)


def _planned(institute_ids: frozenset[uuid.UUID] | None, now: datetime) -> Iterable[_Planned]:
    query = (
        select(
            BookingMeeting.id,
            BookingMeeting.starts_at,
            BookingMeeting.ends_at,
            SchoolClass.site_id,
            SchoolClass.grade,
            SchoolClass.id,
            SchoolClass.school_year,
        )
        .join(Booking, BookingMeeting.booking_id == Booking.id)
        .join(SchoolClass, Booking.school_class_id == SchoolClass.id)
        .where(
            Booking.status == BookingStatus.CONFIRMED,
            BookingMeeting.status == MeetingStatus.PLANNED,
            BookingMeeting.starts_at > now,
        )
    )
    if institute_ids is not None:
        query = query.join(Site, SchoolClass.site_id == Site.id).where(Site.institute_id.in_(institute_ids))
    for meeting_id, starts_at, ends_at, site_id, grade, class_id, school_year in db.session.execute(query):
        yield _Planned(
            meeting_id=meeting_id,
            span=Span(starts_at=starts_at, ends_at=ends_at),
            site_id=site_id,
            grade=grade,
            class_id=class_id,
            school_year=school_year,
        )


def _reasons(meetings: Iterable[_Planned], times: dict[uuid.UUID, SchoolTime]) -> dict[uuid.UUID, Closure | Outside]:
    found: dict[uuid.UUID, Closure | Outside] = {}
    for each in meetings:
        time = times[each.site_id]
        why = time.why_closed(
            clock.day_of(each.span.starts_at), grade=each.grade, class_id=each.class_id
        ) or time.why_outside(each.span)
        if why is not None:
            found[each.meeting_id] = why
    return found


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
