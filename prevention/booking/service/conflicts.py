"""Dates that lie ahead and cannot stay as they are: no lessons, nobody to lead them, or somebody is wanted twice."""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload, lazyload

from prevention.accounts.models import User
from prevention.booking import rules
from prevention.booking.models import Booking, BookingMeeting, Slot
from prevention.booking.plan_models import FacilitatorDays
from prevention.booking.rules import STANDING, BookingRefusal, Host, Presence, SlotStatus, Span, SpecialHours
from prevention.booking.service.dates_ahead import Ahead, DateAhead, dates_ahead, overlapping, suspects
from prevention.core import clock
from prevention.core.db import as_key, db, moment_of_key, uuid_of_key
from prevention.programmes.models import Edition
from prevention.schools import service as schools
from prevention.schools.models import SchoolClass, Site
from prevention.schools.school_time import SchoolTime


class ConflictKind(StrEnum):
    """What is the matter with a date that lies ahead."""

    NO_LESSONS = "no_lessons"
    AWAY = "away"
    FACILITATOR = "facilitator"
    CLASS = "class"
    ROOM = "room"


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """One thing that is the matter with a planned date; `no` says why where the school has no lessons then."""

    kind: ConflictKind
    no: BookingRefusal | None = None


Conflicts = dict[uuid.UUID, list[Conflict]]


def find_conflicts(school_year: int, *, now: datetime) -> Conflicts:
    """Find what is the matter with dates that lie ahead, by the date's id, the nearest date first.

    Nine statements, and five for the time of the schools to which classes travel.
    """
    ahead = dates_ahead(STANDING, now=now, school_year=school_year)
    found: dict[Any, list[Conflict]] = {}
    for each in suspects(ahead):
        try:
            rules.check_school_days([each.span], each.school_time, grade=each.grade, class_id=each.class_id)
        except BookingRefusal as no:
            found.setdefault(each.id, []).append(Conflict(kind=ConflictKind.NO_LESSONS, no=no))
    for date, why in _closed_hosts(ahead, now=now):
        found.setdefault(date.id, []).append(Conflict(kind=ConflictKind.NO_LESSONS, no=why))
    for date, why in _away(ahead, now=now):
        found.setdefault(date.id, []).append(Conflict(kind=ConflictKind.AWAY, no=why))
    for kind, who in (
        (ConflictKind.FACILITATOR, attrgetter("facilitator")),
        (ConflictKind.CLASS, attrgetter("school_class")),
        (ConflictKind.ROOM, attrgetter("room")),
    ):
        for date in overlapping(ahead.dates, who):
            found.setdefault(date.id, []).append(Conflict(kind=kind))
    return {uuid_of_key(each.id): found[each.id] for each in ahead.dates if each.id in found}


def _closed_hosts(ahead: Ahead, *, now: datetime) -> Iterator[tuple[DateAhead, BookingRefusal]]:
    """Give dates at another school than the class's own that has no lessons then, with the refusal."""
    rows = db.session.execute(
        select(as_key(BookingMeeting.id), Slot.site_id, Edition.school_year)
        .join(Booking, BookingMeeting.booking_id == Booking.id)
        .join(Slot, Booking.slot_id == Slot.id)
        .join(Edition, Slot.edition_id == Edition.id)
        .where(Slot.site_id.is_not(None), Slot.status == SlotStatus.OPEN, BookingMeeting.starts_at > now)
    )
    at = {meeting: (year, site_id) for meeting, site_id, year in rows}
    hosts = {
        (year, site_id): Host(name=name, school_time=school_time)
        for year in sorted({year for year, _site in at.values()})
        for site_id, name, school_time in _host_times(year, {site for of, site in at.values() if of == year})
    }
    for date in ahead.dates:
        if date.id in at:
            no = rules.why_not_there([_span_of(date)], hosts[at[date.id]])
            if no is not None:
                yield date, no


def _host_times(year: int, sites: set[uuid.UUID]) -> Iterator[tuple[uuid.UUID, str, SchoolTime]]:
    times = schools.school_times(sites, school_year=year)
    for site in db.session.scalars(select(Site).where(Site.id.in_(sites)).options(lazyload("*"))):
        yield site.id, site.display_name, times[site.id]


def _away(ahead: Ahead, *, now: datetime) -> Iterator[tuple[DateAhead, BookingRefusal]]:
    """Give dates on which their facilitator, who said so later, is away. One statement."""
    away: dict[Any, list[SpecialHours]] = {}
    for key, first, last, starts, ends in db.session.execute(
        select(
            as_key(FacilitatorDays.user_id),
            FacilitatorDays.first_day,
            FacilitatorDays.last_day,
            FacilitatorDays.starts,
            FacilitatorDays.ends,
        ).where(~FacilitatorDays.is_available, FacilitatorDays.last_day >= clock.day_of(now))
    ):
        hours = SpecialHours(
            first_day=first, last_day=last, is_available=False, starts=starts or time.min, ends=ends or time.max
        )
        away.setdefault(key, []).append(hours)
    for date in ahead.dates:
        if date.facilitator in away:
            try:
                rules.check_presence([_span_of(date)], Presence(special=tuple(away[date.facilitator])), zone=clock.ROME)
            except BookingRefusal as no:
                yield date, no


def _span_of(date: DateAhead) -> Span:
    return Span(starts_at=moment_of_key(date.starts_at), ends_at=moment_of_key(date.ends_at))


def dates_in_conflict(ids: Collection[uuid.UUID]) -> Select[BookingMeeting]:
    """Select these dates with what a list of them shows, the nearest first."""
    return (
        select(BookingMeeting)
        .join(BookingMeeting.booking)
        .join(Booking.school_class)
        .join(SchoolClass.site)
        .where(BookingMeeting.id.in_(ids))
        .options(
            contains_eager(BookingMeeting.booking).options(
                contains_eager(Booking.school_class)
                .contains_eager(SchoolClass.site)
                .options(joinedload(Site.institute), joinedload(Site.municipality)),
                joinedload(Booking.edition).options(joinedload(Edition.programme), joinedload(Edition.organisation)),
            ),
            joinedload(BookingMeeting.facilitator).options(lazyload(User.roles)),
            joinedload(BookingMeeting.room),
        )
        .order_by(BookingMeeting.starts_at, BookingMeeting.id)
    )
