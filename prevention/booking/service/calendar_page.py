"""What the calendar page shows: dates of a stretch of days as plain values, the closures in it, and its choices.

A month of a whole province is several hundred dates: they are read as columns in one statement, not as rows with
everything around them.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload, lazyload

from prevention.accounts.models import User
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.rules import STANDING, BookingStatus, MeetingStatus
from prevention.booking.service.agenda import around_booking, names_contain, visible_to
from prevention.core import clock
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.network.models import Municipality
from prevention.programmes.models import Edition, Programme
from prevention.roles import Role
from prevention.schools import service as schools
from prevention.schools.models import SchoolClass, Site
from prevention.schools.rules import display_name, school_year_of
from prevention.schools.school_time import Closure


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarFilter:
    """What a reader of the calendar asks for; empty means any."""

    programme: str = ""
    facilitator_id: uuid.UUID | None = None
    text: str = ""
    with_off: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarDate:
    """One date as the calendar shows it. `is_asked`: its booking waits for a yes."""

    booking_id: uuid.UUID
    starts_at: datetime
    ends_at: datetime
    programme: Localised
    label: str
    school: str
    municipality: str
    facilitator: str | None
    is_off: bool
    is_asked: bool


def calendar_dates(actor: Actor, first: date, last: date, *, wanted: CalendarFilter) -> list[CalendarDate]:
    """List the dates from `first` to `last`, both included, that a person may see. One query."""
    rows = db.session.execute(
        _narrowed(
            select(
                BookingMeeting.booking_id,
                BookingMeeting.starts_at,
                BookingMeeting.ends_at,
                BookingMeeting.status,
                Booking.status,
                Programme.name,
                SchoolClass.label,
                Site.name,
                Municipality.name,
                User.name,
            )
            .join(BookingMeeting.booking)
            .join(Booking.edition)
            .join(Edition.programme)
            .join(Booking.school_class)
            .join(SchoolClass.site)
            .join(Site.municipality)
            .outerjoin(BookingMeeting.facilitator),
            actor,
            wanted,
        )
        .where(BookingMeeting.starts_at >= _midnight(first), BookingMeeting.starts_at < _midnight(last, after=True))
        .order_by(BookingMeeting.starts_at, SchoolClass.label, BookingMeeting.id)
    )
    return [
        CalendarDate(
            booking_id=booking_id,
            starts_at=starts_at.astimezone(clock.ROME),
            ends_at=ends_at.astimezone(clock.ROME),
            programme=programme,
            label=label,
            school=display_name(school),
            municipality=municipality,
            facilitator=facilitator,
            is_off=MeetingStatus.CANCELLED in (status, booking_status),
            is_asked=booking_status is BookingStatus.REQUESTED,
        )
        for (
            booking_id,
            starts_at,
            ends_at,
            status,
            booking_status,
            programme,
            label,
            school,
            municipality,
            facilitator,
        ) in rows
    ]


def calendar_table(actor: Actor, first: date, last: date, *, wanted: CalendarFilter) -> Select[BookingMeeting]:
    """Select the same dates as rows with everything around them, for the plain table, which sorts and pages."""
    return (
        _narrowed(select(BookingMeeting).join(BookingMeeting.booking).join(Booking.edition), actor, wanted)
        .where(BookingMeeting.starts_at >= _midnight(first), BookingMeeting.starts_at < _midnight(last, after=True))
        .options(
            joinedload(BookingMeeting.programme_meeting),
            joinedload(BookingMeeting.room),
            joinedload(BookingMeeting.facilitator).options(lazyload(User.roles)),
            joinedload(BookingMeeting.booking).options(*around_booking()),
        )
    )


def next_day_with_dates(actor: Actor, after: date, *, wanted: CalendarFilter) -> date | None:
    """Give the first day after another on which a person sees dates; None when there is none. One query."""
    query = _narrowed(
        select(func.min(BookingMeeting.starts_at)).join(BookingMeeting.booking).join(Booking.edition), actor, wanted
    )
    found = db.session.scalar(query.where(BookingMeeting.starts_at >= _midnight(after, after=True)))
    return None if found is None else clock.day_of(found)


def calendar_closures(actor: Actor, first: date, last: date) -> dict[date, tuple[Closure, ...]]:
    """Give day to closures: of a coordinator's own schools, else of the district. Constant in queries."""
    years = sorted({school_year_of(first), school_year_of(last)})
    closures: list[Closure] = []
    for school_year in years:
        sites = _own_sites(actor)
        times = schools.school_times(sites, school_year=school_year).values() if sites else ()
        for found in times or (schools.district_time(school_year),):
            closures += [closure for closure in found.closures if closure not in closures]
    days = ((first + timedelta(days=number)) for number in range((last - first).days + 1))
    found_by_day = {day: tuple(closure for closure in closures if closure.covers(day)) for day in days}
    return {day: found for day, found in found_by_day.items() if found}


def leading_facilitators(actor: Actor) -> list[tuple[uuid.UUID, str]]:
    """List the people who lead dates that a person may see, by name. One query."""
    own = select(BookingMeeting.facilitator_id).join(BookingMeeting.booking).where(visible_to(actor))
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(own)).order_by(User.name))
    return [(row.id, row.name) for row in rows]


def _narrowed(query: Select, actor: Actor, wanted: CalendarFilter) -> Select:  # type: ignore[type-arg]
    states = (*STANDING, BookingStatus.CANCELLED) if wanted.with_off else STANDING
    conditions: list[ColumnElement[bool]] = [visible_to(actor), Booking.status.in_(states)]
    if not wanted.with_off:
        conditions.append(BookingMeeting.status == MeetingStatus.PLANNED)
    if wanted.programme:
        conditions.append(Edition.programme_id.in_(select(Programme.id).where(Programme.slug == wanted.programme)))
    if wanted.facilitator_id is not None:
        conditions.append(BookingMeeting.facilitator_id == wanted.facilitator_id)
    conditions += [names_contain(word) for word in wanted.text.split()]
    return query.where(*conditions)


def _own_sites(actor: Actor) -> list[uuid.UUID]:
    if not actor.has(Role.COORDINATOR):
        return []
    return list(db.session.scalars(select(Site.id).where(Site.institute_id.in_(actor.scope))))


def _midnight(day: date, *, after: bool = False) -> datetime:
    return datetime.combine(day + timedelta(days=1 if after else 0), time.min, tzinfo=clock.ROME)
