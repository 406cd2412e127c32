"""What is read of bookings: one, those of a school year, the dates of an agenda; each only by those it concerns."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, lazyload, selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from prevention.accounts.models import User
from prevention.booking.models import Booking, BookingMeeting, Slot
from prevention.booking.rules import STANDING, BookingStatus, MeetingStatus
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.programmes.models import Edition, Programme
from prevention.roles import Role
from prevention.schools.models import Institute, SchoolClass, Site


@dataclass(frozen=True, kw_only=True, slots=True)
class BookingFilter:
    """What a reader of bookings asks for; None or an empty text means any."""

    programme: str = ""
    status: BookingStatus | None = None
    text: str = ""
    only_ahead: bool = False


_ANY = BookingFilter()


def booking_for(actor: Actor, booking_id: uuid.UUID) -> Booking:
    """Give a booking that this person may see, with everything its page shows.

    Raises:
        NotYours: it is not there or not theirs.
    """
    booking = db.session.scalar(with_all(select(Booking)).where(Booking.id == booking_id, visible_to(actor)))
    if booking is None:
        raise NotYours(booking_id)
    return booking


def booking_with_all(booking_id: uuid.UUID) -> Booking:
    """Give a booking with everything its page and its letters show, whoever asks."""
    return db.session.scalars(with_all(select(Booking)).where(Booking.id == booking_id)).one()


def bookings_of(slot: Slot) -> list[Booking]:
    """List the bookings of a slot, confirmed ones first, then by school and class."""
    found = db.session.scalars(with_all(select(Booking)).where(Booking.slot_id == slot.id)).all()
    return sorted(
        found, key=lambda each: (each.status.value != "confirmed", each.school_class.site.name, each.school_class.label)
    )


def booked_classes(edition: Edition, classes: Iterable[SchoolClass]) -> set[uuid.UUID]:
    """Give the ids of those `classes` that have a booking or a request of the edition."""
    return set(
        db.session.scalars(
            select(Booking.school_class_id).where(
                Booking.edition_id == edition.id,
                Booking.school_class_id.in_([each.id for each in classes]),
                Booking.status.in_(STANDING),
            )
        )
    )


def bookings_for(actor: Actor, school_year: int, *, now: datetime, wanted: BookingFilter = _ANY) -> Select[Booking]:
    """Select the bookings of a school year that this person may see, nearest first date first."""
    starts_at = first_start_of_booking()
    query = (
        with_all(select(Booking))
        .join(Booking.edition)
        .where(Edition.school_year == school_year, visible_to(actor))
        .order_by(starts_at, Booking.id)
    )
    if wanted.programme:
        query = query.join(Edition.programme).where(Programme.slug == wanted.programme)
    if wanted.status is not None:
        query = query.where(Booking.status == wanted.status)
    if wanted.only_ahead:
        query = query.where(last_end_of_booking() > now)
    for word in wanted.text.split():
        query = query.where(names_contain(word))
    return query


def meetings_for(actor: Actor, *, since: datetime, until: datetime | None = None) -> Select[BookingMeeting]:
    """Select the planned dates of confirmed bookings that this person may see, from `since` on, in order.

    A facilitator sees the dates they lead and those of their organisation, a coordinator those of their schools.
    """
    query = (
        select(BookingMeeting)
        .join(BookingMeeting.booking)
        .where(
            visible_to(actor),
            Booking.status == BookingStatus.CONFIRMED,
            BookingMeeting.status == MeetingStatus.PLANNED,
            BookingMeeting.ends_at > since,
        )
        .options(
            joinedload(BookingMeeting.programme_meeting),
            joinedload(BookingMeeting.room),
            joinedload(BookingMeeting.facilitator).options(lazyload(User.roles)),
            joinedload(BookingMeeting.booking).options(*around_booking()),
        )
        .order_by(BookingMeeting.starts_at, BookingMeeting.id)
    )
    return query if until is None else query.where(BookingMeeting.starts_at < until)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Give the condition under which a person may see a booking."""
    if actor.sees_all:
        return Booking.id.is_not(None)
    doors: list[ColumnElement[bool]] = []
    if actor.has(Role.COORDINATOR):
        own_classes = select(SchoolClass.id).join(Site).where(Site.institute_id.in_(actor.scope))
        doors.append(Booking.school_class_id.in_(own_classes))
    if actor.has(Role.FACILITATOR):
        own_editions = select(Edition.id).where(Edition.organisation_id.in_(actor.scope))
        doors.append(Booking.edition_id.in_(own_editions))
        own_dates = select(BookingMeeting.booking_id).where(BookingMeeting.facilitator_id == actor.id)
        doors.append(Booking.id.in_(own_dates))
    return or_(*doors) if doors else Booking.id.is_(None)


def first_start_of_booking() -> ColumnElement[datetime]:
    """Give the column "first date of the booking", for ordering."""
    return (
        select(func.min(BookingMeeting.starts_at))
        .where(BookingMeeting.booking_id == Booking.id)
        .correlate(Booking)
        .scalar_subquery()
    )


def last_end_of_booking() -> ColumnElement[datetime]:
    """Give the column "end of the last date of the booking", for filtering."""
    return (
        select(func.max(BookingMeeting.ends_at))
        .where(BookingMeeting.booking_id == Booking.id)
        .correlate(Booking)
        .scalar_subquery()
    )


def with_all(query: Select[Booking]) -> Select[Booking]:
    """Load bookings with everything that pages and letters show, in a fixed number of statements."""
    return query.options(
        *around_booking(),
        selectinload(Booking.meetings).options(
            joinedload(BookingMeeting.programme_meeting),
            joinedload(BookingMeeting.room),
            joinedload(BookingMeeting.facilitator).options(lazyload(User.roles)),
        ),
        joinedload(Booking.wish),
    )


def around_booking() -> tuple[_AbstractLoad, ...]:
    """Give what to load around a booking: its offer, class and school, booker and place."""
    return (
        joinedload(Booking.edition).options(joinedload(Edition.programme), joinedload(Edition.organisation)),
        joinedload(Booking.school_class)
        .joinedload(SchoolClass.site)
        .options(joinedload(Site.institute), joinedload(Site.municipality)),
        joinedload(Booking.booker).options(lazyload(User.roles)),
        joinedload(Booking.slot).options(
            joinedload(Slot.site).joinedload(Site.municipality), selectinload(Slot.meetings)
        ),
    )


def names_contain(word: str) -> ColumnElement[bool]:
    """Give the condition that a booking's class, site or institute has a word in its name."""
    found = (
        select(SchoolClass.id)
        .join(Site)
        .join(Institute)
        .where(
            or_(*(column.icontains(word, autoescape=True) for column in (SchoolClass.label, Site.name, Institute.name)))
        )
    )
    return Booking.school_class_id.in_(found)
