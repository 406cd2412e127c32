"""What the clock tells people of booking: reminders some days before a date, and the morning's digest.

Each runs once a day in one transaction with its claim (`core.daily`), and each mail has a key of its own: whatever is
killed or started twice, nobody is reminded twice of the same date on the same day.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, time, timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import joinedload, lazyload

from prevention.accounts import service as accounts
from prevention.accounts.models import User
from prevention.booking import letters, rules
from prevention.booking.letters.reminders import News
from prevention.booking.models import Booking, BookingMeeting, EditionReminder
from prevention.booking.rules import STANDING, BookingStatus, MeetingStatus
from prevention.booking.service.agenda import around_booking, with_all
from prevention.core import audit, clock, daily, facts
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.programmes.models import Edition
from prevention.roles import Role

REMINDERS_AT = time(7)
DIGEST_AT = time(6, 30)
GENERAL_DAYS = "reminder_days"
_DAY = timedelta(days=1)


def send_reminders(now: datetime) -> int | None:
    """Put the reminders of today into the outbox, once a day from seven in the morning on.

    Returns:
        How many dates were due; None when it is too early, or done.
    """
    claimed = daily.claim("booking reminders", now=now, at=REMINDERS_AT)
    if claimed is None:
        return None
    general, own = general_reminder_days(), edition_reminder_days()
    until = now + _DAY * (max([general, *own.values()]) + 1)
    due = [
        meeting
        for meeting in db.session.scalars(_planned(since=now, until=until))
        if rules.is_reminder_due(
            starts_on=clock.day_of(meeting.starts_at),
            told_on=clock.day_of(max(meeting.changed_at, meeting.booking.booked_at)),
            days=own.get(meeting.booking.edition_id, general),
            today=claimed.day,
        )
    ]
    for meeting in due:
        letters.reminder(meeting, today=claimed.day)
    return len(due)


def send_digests(now: datetime) -> int | None:
    """Put the morning's digests into the outbox, once a day; only for facilitators who have something to read.

    Covers what happened since the last run, however long ago. Five statements and two for each mail.

    Returns:
        How many digests were written; None when it is too early, or done.
    """
    claimed = daily.claim("booking digests", now=now, at=DIGEST_AT)
    if claimed is None:
        return None
    since = claimed.since or now - _DAY
    tomorrow_ends = datetime.combine(claimed.day + 2 * _DAY, time.min, tzinfo=clock.ROME)
    district = News(
        new=list(db.session.scalars(_new_bookings(since=since, until=now))),
        changed=list(db.session.scalars(_changed_dates(since=since, until=now))),
        coming=list(db.session.scalars(_planned(since=now, until=tomorrow_ends))),
    )
    written = 0
    for person in accounts.users_holding(Role.FACILITATOR):
        news = _of_person(district, person)
        if news:
            letters.digest(person, news, today=claimed.day)
            written += 1
    return written


def general_reminder_days() -> int:
    """Give how many days before a date a reminder goes out where its edition says nothing else; 0 means none."""
    return int(facts.fact(GENERAL_DAYS) or rules.REMINDER_DAYS)


def edition_reminder_days() -> dict[uuid.UUID, int]:
    """Give edition to its own number of days, for the editions that have one. One query."""
    return {row.edition_id: row.days for row in db.session.scalars(select(EditionReminder))}


def set_reminder_days(actor: Actor, *, general: int, own: Mapping[uuid.UUID, int | None]) -> None:
    """Write down how early reminders go out: in general, and for editions (None: as in general). Flushes."""
    facts.state_fact(GENERAL_DAYS, str(general))
    db.session.execute(delete(EditionReminder).where(EditionReminder.edition_id.in_(own)))
    db.session.add_all(
        EditionReminder(edition_id=edition_id, days=days) for edition_id, days in own.items() if days is not None
    )
    db.session.flush()
    audit.record(actor, "booking.reminders_set", None, general=general, own=sum(d is not None for d in own.values()))


def _planned(*, since: datetime, until: datetime) -> Select[BookingMeeting]:
    return (
        _with_booking(select(BookingMeeting))
        .where(
            Booking.status == BookingStatus.CONFIRMED,
            BookingMeeting.status == MeetingStatus.PLANNED,
            BookingMeeting.starts_at > since,
            BookingMeeting.starts_at < until,
        )
        .order_by(BookingMeeting.starts_at, BookingMeeting.id)
    )


def _new_bookings(*, since: datetime, until: datetime) -> Select[Booking]:
    return (
        with_all(select(Booking))
        .where(Booking.booked_at > since, Booking.booked_at <= until, Booking.status.in_(STANDING))
        .options(joinedload(Booking.wish))
        .order_by(Booking.booked_at, Booking.id)
    )


def _changed_dates(*, since: datetime, until: datetime) -> Select[BookingMeeting]:
    # Dates of bookings that are new themselves stand among the new ones.
    return (
        _with_booking(select(BookingMeeting))
        .where(
            BookingMeeting.changed_at > since,
            BookingMeeting.changed_at <= until,
            Booking.booked_at <= since,
            Booking.status.in_((BookingStatus.CONFIRMED, BookingStatus.CANCELLED)),
        )
        .order_by(BookingMeeting.starts_at, BookingMeeting.id)
    )


def _with_booking(query: Select[BookingMeeting]) -> Select[BookingMeeting]:
    return query.join(BookingMeeting.booking).options(
        joinedload(BookingMeeting.booking).options(*around_booking()),
        joinedload(BookingMeeting.programme_meeting),
        joinedload(BookingMeeting.room),
        joinedload(BookingMeeting.facilitator).options(lazyload(User.roles)),
    )


def _of_person(district: News, person: User) -> News:
    own = frozenset(grant.organisation_id for grant in person.roles if grant.role is Role.FACILITATOR)

    def leads(meeting: BookingMeeting, edition: Edition) -> bool:
        if meeting.facilitator_id is not None:
            return meeting.facilitator_id == person.id
        return edition.organisation_id in own

    def concerns(booking: Booking) -> bool:
        if not booking.meetings:
            return booking.edition.organisation_id in own
        return any(leads(meeting, booking.edition) for meeting in booking.meetings)

    return News(
        new=[booking for booking in district.new if concerns(booking)],
        changed=[meeting for meeting in district.changed if leads(meeting, meeting.booking.edition)],
        coming=[meeting for meeting in district.coming if leads(meeting, meeting.booking.edition)],
    )
