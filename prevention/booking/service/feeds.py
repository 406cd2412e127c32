"""Calendar feeds: the secret address of one, renewing it, and what it holds.

The address ends in 43 signs: a random key and a code over it that only this installation can make (HMAC-SHA-256, cut
to 128 bits). The database holds the key alone, so whoever reads the database cannot read anybody's calendar, and the
owner can be shown the address again. A made-up address fails at the code, before the database is asked.
"""

import binascii
import hashlib
import hmac
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload

from prevention.accounts import service as accounts
from prevention.accounts.models import User
from prevention.booking import calendar, letters
from prevention.booking.feed_models import CalendarFeed
from prevention.booking.models import Booking, BookingMeeting, Slot
from prevention.booking.rules import BookingStatus, FeedKind
from prevention.booking.service.agenda import visible_to
from prevention.config import Settings
from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.i18n import DEFAULT_LANGUAGE, in_language
from prevention.programmes.models import Edition
from prevention.roles import Role
from prevention.schools.models import Institute, SchoolClass, Site

# What a feed holds: dates that lie at most so far back and ahead. That of the office, with every date of the district,
# is cut shorter: it is read every hour.
BACK, AHEAD = timedelta(days=180), timedelta(days=400)
OFFICE_BACK, OFFICE_AHEAD = timedelta(days=14), timedelta(days=45)
CODE_BYTES = 16
TOKEN_LENGTH = 43


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedLine:
    """One feed as its owner sees it; `token` is None until somebody makes an address."""

    kind: FeedKind
    subject_id: uuid.UUID
    name: str
    token: str | None
    renewed_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedContent:
    """What a feed holds now: its version, when a date in it last changed, and how to write it."""

    etag: str
    changed_at: datetime
    name: str
    entries: tuple[calendar.Entry, ...]

    def write(self, now: datetime) -> bytes:
        """Write it as iCalendar."""
        return calendar.feed(self.entries, name=self.name, now=now)


def feeds_for(actor: Actor) -> list[FeedLine]:
    """List the feeds that a person may subscribe to: their own, and those of their schools. Two queries."""
    subjects = [(FeedKind.PERSON, actor.id, _("All dates that I see here"))]
    if actor.has(Role.FACILITATOR):
        subjects.append((FeedKind.FACILITATOR, actor.id, _("Dates that I lead")))
    if actor.has(Role.COORDINATOR):
        subjects += [(FeedKind.INSTITUTE, each.id, each.display_name) for each in _institutes(actor.scope)]
    rows = {
        (row.kind, row.subject_id): row for row in db.session.scalars(_feeds(subject for _k, subject, _n in subjects))
    }
    return [_line(kind, subject, name, rows.get((kind, subject))) for kind, subject, name in subjects]


def all_feeds() -> list[FeedLine]:
    """List every feed that has an address, without the addresses, for the office. Three queries."""
    rows = db.session.scalars(select(CalendarFeed).order_by(CalendarFeed.kind, CalendarFeed.renewed_at)).all()
    subjects = [row.subject_id for row in rows]
    names = {
        **{row.id: row.name for row in db.session.execute(select(User.id, User.name).where(User.id.in_(subjects)))},
        **{each.id: each.display_name for each in _institutes(subjects)},
    }
    return [
        FeedLine(
            kind=row.kind,
            subject_id=row.subject_id,
            name=names.get(row.subject_id, ""),
            token=None,
            renewed_at=row.renewed_at,
        )
        for row in rows
    ]


def renew_feed(actor: Actor, kind: FeedKind, subject_id: uuid.UUID, *, now: datetime) -> None:
    """Give a feed a new address, its first or another one; the old one is dead at once. Flushes.

    Raises:
        NotYours: the feed is neither the person's own nor one of their school, and they are not the office; or there
            is no such person or school.
    """
    if not _may_renew(actor, kind, subject_id) or not _is_there(kind, subject_id):
        raise NotYours(subject_id)
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = {"key_id": uuid.uuid4(), "renewed_by": actor.id, "renewed_at": now}
    db.session.execute(
        insert(CalendarFeed)
        .values(id=uuid.uuid4(), kind=kind, subject_id=subject_id, **fresh)
        .on_conflict_do_update(index_elements=["kind", "subject_id"], set_=fresh)
    )
    db.session.expire_all()
    audit.record(actor, "booking.feed_renewed", subject_id, kind=kind.value)


def content_of(token: str, *, now: datetime) -> FeedContent:
    """Give what the feed with this secret holds. A constant number of queries; none for a made-up secret.

    Raises:
        NotYours: the secret is made up or was replaced, or its person may no longer sign in.
    """
    key_id = _key_of(token)
    row = None if key_id is None else db.session.scalar(select(CalendarFeed).where(CalendarFeed.key_id == key_id))
    if row is None:
        raise NotYours
    if row.kind is FeedKind.INSTITUTE:
        institute = db.session.get(Institute, row.subject_id)
        if institute is None:
            raise NotYours
        own = select(SchoolClass.id).join(Site).where(Site.institute_id == institute.id)
        return _content(
            Booking.school_class_id.in_(own), name=institute.display_name, language=DEFAULT_LANGUAGE, row=row, now=now
        )
    person = db.session.get(User, row.subject_id)
    if person is None or not person.active:
        raise NotYours
    actor = accounts.actor_of(person)
    condition = BookingMeeting.facilitator_id == person.id if row.kind is FeedKind.FACILITATOR else visible_to(actor)
    is_wide = row.kind is FeedKind.PERSON and actor.sees_all
    return _content(condition, name=person.name, language=person.language, row=row, now=now, is_wide=is_wide)


def token_of(key_id: uuid.UUID) -> str:
    """Give the last part of an address for a key."""
    return urlsafe_b64encode(key_id.bytes + _code(key_id)).decode().rstrip("=")


def _content(
    condition: ColumnElement[bool],
    *,
    name: str,
    language: str,
    row: CalendarFeed,
    now: datetime,
    is_wide: bool = False,
) -> FeedContent:
    back, ahead = (OFFICE_BACK, OFFICE_AHEAD) if is_wide else (BACK, AHEAD)
    meetings = db.session.scalars(
        select(BookingMeeting)
        .join(BookingMeeting.booking)
        .where(
            condition,
            Booking.status.in_((BookingStatus.CONFIRMED, BookingStatus.CANCELLED)),
            BookingMeeting.starts_at > now - back,
            BookingMeeting.starts_at < now + ahead,
        )
        # What an entry says and no more: the feed of an office holds some thousand dates.
        .options(
            joinedload(BookingMeeting.programme_meeting),
            joinedload(BookingMeeting.room),
            joinedload(BookingMeeting.booking).options(
                joinedload(Booking.edition).joinedload(Edition.programme),
                joinedload(Booking.school_class).joinedload(SchoolClass.site).joinedload(Site.municipality),
                joinedload(Booking.slot).joinedload(Slot.site).joinedload(Site.municipality),
            ),
        )
        .order_by(BookingMeeting.starts_at, BookingMeeting.id)
    ).all()
    with in_language(language):
        title = _("Prevention: %(name)s", name=name)
        entries = tuple(letters.entry_of(meeting.booking, meeting, language=language) for meeting in meetings)
    # Over all that is written, not over the dates of change alone: a class may get another name.
    version = hashlib.sha256(repr((row.key_id, title, entries)).encode()).hexdigest()
    changed_at = max([row.renewed_at, *(meeting.changed_at for meeting in meetings)])
    return FeedContent(etag=version[:32], changed_at=changed_at, name=title, entries=entries)


def _line(kind: FeedKind, subject_id: uuid.UUID, name: str, row: CalendarFeed | None) -> FeedLine:
    return FeedLine(
        kind=kind,
        subject_id=subject_id,
        name=name,
        token=token_of(row.key_id) if row is not None else None,
        renewed_at=row.renewed_at if row is not None else None,
    )


def _may_renew(actor: Actor, kind: FeedKind, subject_id: uuid.UUID) -> bool:
    if actor.sees_all:
        return True
    match kind:
        case FeedKind.PERSON:
            return subject_id == actor.id
        case FeedKind.FACILITATOR:
            return subject_id == actor.id and actor.has(Role.FACILITATOR)
        case FeedKind.INSTITUTE:
            return actor.has(Role.COORDINATOR) and actor.may_act_for(subject_id)


def _is_there(kind: FeedKind, subject_id: uuid.UUID) -> bool:
    subject = Institute if kind is FeedKind.INSTITUTE else User
    return db.session.get(subject, subject_id) is not None


def _institutes(ids: Collection[uuid.UUID]) -> list[Institute]:
    return list(db.session.scalars(select(Institute).where(Institute.id.in_(ids)).order_by(Institute.name)))


def _feeds(subjects: Iterable[uuid.UUID]) -> Select[CalendarFeed]:
    return select(CalendarFeed).where(CalendarFeed.subject_id.in_(set(subjects)))


def _key_of(token: str) -> uuid.UUID | None:
    """Read the key out of a secret; None when this installation did not make it. Takes the same time either way."""
    if len(token) != TOKEN_LENGTH:
        return None
    try:
        raw = urlsafe_b64decode(f"{token}=")
    except (binascii.Error, ValueError):
        return None
    key_id = uuid.UUID(bytes=raw[:16])
    # The last of the 43 signs holds two bits that nothing reads: one address must not have four spellings.
    return key_id if hmac.compare_digest(token_of(key_id), token) else None


def _code(key_id: uuid.UUID) -> bytes:
    settings: Settings = current_app.config["SETTINGS"]
    key = settings.derived_key("calendar feed")
    return hmac.new(key, key_id.bytes, hashlib.sha256).digest()[:CODE_BYTES]
