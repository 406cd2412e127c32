"""Which meetings somebody may see: loading one, and the lists of those that want a register, lie ahead or are done."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true, union_all
from sqlalchemy.orm import joinedload

from prevention.accounts.models import User
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.rules import BookingStatus, MeetingStatus
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.delivery import rules
from prevention.delivery.models import SessionRegister
from prevention.delivery.rules import Outcome
from prevention.network.models import Municipality
from prevention.programmes.models import Edition, Programme, ProgrammeMeeting
from prevention.schools.models import SchoolClass, Site
from prevention.schools.rules import display_name

AnySelect = Select[*tuple[Any, ...]]


# A device keeps the registers of so many meetings, and of those that begin within so long.
_KEPT_MOST = 30
_KEPT_AHEAD = timedelta(days=7)


class Shelf(StrEnum):
    """Where a meeting stands: begun and without a register, lying ahead, or registered."""

    DUE = "due"
    AHEAD = "ahead"
    DONE = "done"


@dataclass(frozen=True, kw_only=True, slots=True)
class MeetingLine:
    """One meeting as lists show it; `outcome` and the like are those of its standing register."""

    id: uuid.UUID
    number: int
    starts_at: datetime
    ends_at: datetime
    programme: Localised
    meeting_title: Localised | None
    class_label: str
    site: str
    municipality: str
    facilitator: str | None
    is_late: bool
    outcome: Outcome | None
    minutes: int | None
    present: int | None
    expected: int | None


def meeting_for(actor: Actor, meeting_id: uuid.UUID) -> BookingMeeting:
    """Load a meeting with everything that its register's page shows.

    Its facilitator, the organisation that provides the edition, the coordinator of the class's institute and the
    office may see it, and register it.

    Raises:
        NotYours: there is no such meeting, or it is none of theirs.
    """
    meeting = db.session.scalar(meetings_to_register(actor).where(BookingMeeting.id == meeting_id))
    if meeting is None:
        raise NotYours
    return meeting


def meetings_to_register(actor: Actor) -> Select[BookingMeeting]:
    """Select the meetings that a person may see and register, with everything that a register's page shows."""
    return (
        select(BookingMeeting)
        .join(BookingMeeting.booking)
        .join(Booking.edition)
        .join(Booking.school_class)
        .join(SchoolClass.site)
        .where(_is_theirs(actor))
        .options(
            joinedload(BookingMeeting.booking).options(
                joinedload(Booking.edition).joinedload(Edition.programme),
                joinedload(Booking.edition).joinedload(Edition.organisation),
                joinedload(Booking.school_class)
                .joinedload(SchoolClass.site)
                .options(joinedload(Site.institute), joinedload(Site.municipality)),
            ),
            joinedload(BookingMeeting.facilitator),
            joinedload(BookingMeeting.programme_meeting).selectinload(ProgrammeMeeting.activities),
        )
    )


def missing_registers(actor: Actor, now: datetime) -> list[MeetingLine]:
    """List every meeting of theirs that has ended and has no register, the longest ended first."""
    query = _theirs(_columns(), actor).where(_on_shelf(Shelf.DUE, now=now), BookingMeeting.ends_at <= now)
    rows = db.session.execute(_described(query).order_by(BookingMeeting.ends_at, BookingMeeting.id))
    return [line_of(row, now=now) for row in rows]


def waiting_meetings(*, now: datetime) -> Select[BookingMeeting]:
    """Build the query for every meeting of the district that has ended and has no register, with its booking joined."""
    return (
        select(BookingMeeting)
        .join(BookingMeeting.booking)
        .outerjoin(SessionRegister, SessionRegister.booking_meeting_id == BookingMeeting.id)
        .where(
            BookingMeeting.status == MeetingStatus.PLANNED,
            Booking.status == BookingStatus.CONFIRMED,
            _on_shelf(Shelf.DUE, now=now),
            BookingMeeting.ends_at <= now,
        )
    )


def shelf_for(actor: Actor, shelf: Shelf, *, now: datetime) -> Select[uuid.UUID]:
    """Build the query for the ids of one shelf of a person's meetings, to be paged through; see `lines_of`.

    What is due or done comes newest first (one registers what has just ended), what lies ahead soonest first.
    """
    order = BookingMeeting.starts_at if shelf is Shelf.AHEAD else BookingMeeting.starts_at.desc()
    query = _theirs(select(BookingMeeting.id), actor).where(_on_shelf(shelf, now=now))
    return query.order_by(order, BookingMeeting.id)


def shelf_lines(actor: Actor, shelf: Shelf, *, now: datetime) -> AnySelect:
    """Select one shelf of a person's meetings as `MeetingLine` describes them, in no order; see `line_of`."""
    return _described(_theirs(_columns(), actor)).where(_on_shelf(shelf, now=now))


def next_meetings(actor: Actor, *, now: datetime, most: int) -> list[MeetingLine]:
    """List a person's next meetings, soonest first; two queries."""
    return lines_of(list(db.session.scalars(shelf_for(actor, Shelf.AHEAD, now=now).limit(most))), now=now)


def near_meetings(actor: Actor, *, now: datetime) -> list[uuid.UUID]:
    """List the meetings that a device keeps for filling in without a connection: those due, and those of a week.

    None for who sees the whole district: the office does not stand in classrooms. One query.
    """
    if actor.sees_all:
        return []
    due = shelf_for(actor, Shelf.DUE, now=now).limit(_KEPT_MOST)
    ahead = shelf_for(actor, Shelf.AHEAD, now=now).where(BookingMeeting.starts_at < now + _KEPT_AHEAD)
    both = union_all(ahead.limit(_KEPT_MOST).subquery().select(), due.subquery().select())
    return list(db.session.scalars(both))[:_KEPT_MOST]


def lines_of(meeting_ids: Sequence[uuid.UUID], *, now: datetime) -> list[MeetingLine]:
    """Describe meetings that somebody may see, in the order given; one query."""
    query = _described(_chained(_columns())).where(BookingMeeting.id.in_(meeting_ids))
    found = {row.id: line_of(row, now=now) for row in db.session.execute(query)}
    return [found[meeting_id] for meeting_id in meeting_ids if meeting_id in found]


def count_for(actor: Actor, *, now: datetime) -> dict[Shelf, int]:
    """Count a person's meetings on each shelf; one query."""
    counts = [func.count().filter(_on_shelf(shelf, now=now)).label(shelf.value) for shelf in Shelf]
    row = db.session.execute(_theirs(select(*counts), actor)).one()
    return {shelf: getattr(row, shelf.value) for shelf in Shelf}


def line_of(row: Any, *, now: datetime) -> MeetingLine:
    """Describe a meeting from a row of `shelf_lines`."""
    is_waiting = row.outcome is None or row.is_stale
    return MeetingLine(
        id=row.id,
        number=row.number,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        programme=row.programme,
        meeting_title=row.meeting_title,
        class_label=row.class_label,
        site=display_name(row.site),
        municipality=row.municipality,
        facilitator=row.facilitator,
        is_late=is_waiting and row.ends_at + rules.LATE_AFTER <= now,
        outcome=None if is_waiting else row.outcome,
        minutes=row.minutes,
        present=row.present,
        expected=row.expected,
    )


def _columns() -> AnySelect:
    return select(
        BookingMeeting.id,
        BookingMeeting.number,
        BookingMeeting.starts_at,
        BookingMeeting.ends_at,
        Programme.name.label("programme"),
        ProgrammeMeeting.title.label("meeting_title"),
        SchoolClass.label.label("class_label"),
        Site.name.label("site"),
        Municipality.name.label("municipality"),
        User.name.label("facilitator"),
        SessionRegister.outcome,
        SessionRegister.minutes,
        SessionRegister.present,
        SessionRegister.expected,
        _is_stale().label("is_stale"),
    )


def _described(query: AnySelect) -> AnySelect:
    """Join what only the description of a meeting needs."""
    return (
        query.join(Edition.programme)
        .join(Site.municipality)
        .outerjoin(BookingMeeting.programme_meeting)
        .outerjoin(BookingMeeting.facilitator)
    )


def _chained(query: AnySelect) -> AnySelect:
    """Join a meeting to its class and site, its edition, and its register if there is one."""
    return (
        query.select_from(BookingMeeting)
        .join(BookingMeeting.booking)
        .join(Booking.edition)
        .join(Booking.school_class)
        .join(SchoolClass.site)
        .outerjoin(SessionRegister, SessionRegister.booking_meeting_id == BookingMeeting.id)
    )


def _theirs(query: AnySelect, actor: Actor) -> AnySelect:
    return _chained(query).where(
        BookingMeeting.status == MeetingStatus.PLANNED,
        Booking.status == BookingStatus.CONFIRMED,
        _is_theirs(actor),
    )


def _is_stale() -> ColumnElement[bool]:
    return and_(
        SessionRegister.outcome == Outcome.MOVED,
        SessionRegister.meeting_starts_at != BookingMeeting.starts_at,
    )


def _on_shelf(shelf: Shelf, *, now: datetime) -> ColumnElement[bool]:
    is_waiting = or_(SessionRegister.id.is_(None), _is_stale())
    if shelf is Shelf.DUE:
        return and_(is_waiting, BookingMeeting.starts_at <= now)
    if shelf is Shelf.AHEAD:
        return and_(is_waiting, BookingMeeting.starts_at > now)
    return and_(SessionRegister.id.is_not(None), ~_is_stale())


def _is_theirs(actor: Actor) -> ColumnElement[bool]:
    if actor.sees_all:
        return true()
    return or_(
        BookingMeeting.facilitator_id == actor.id,
        Edition.organisation_id.in_(actor.scope) if actor.scope else false(),
        Site.institute_id.in_(actor.scope) if actor.scope else false(),
    )
