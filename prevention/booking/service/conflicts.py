"""Dates that lie ahead and cannot stay as they are: no lessons then, or somebody or a room is wanted twice."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload, lazyload

from prevention.accounts.models import User
from prevention.booking import rules
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.rules import STANDING, BookingRefusal
from prevention.booking.service.dates_ahead import dates_ahead, overlapping, suspects
from prevention.core.db import uuid_of_key
from prevention.programmes.models import Edition
from prevention.schools.models import SchoolClass, Site


class ConflictKind(StrEnum):
    """What is the matter with a date that lies ahead."""

    NO_LESSONS = "no_lessons"
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
    """Find what is the matter with dates that lie ahead, by the date's id, the nearest date first. Seven statements."""
    ahead = dates_ahead(STANDING, now=now, school_year=school_year)
    found: dict[Any, list[Conflict]] = {}
    for each in suspects(ahead):
        try:
            rules.check_school_days([each.span], each.school_time, grade=each.grade, class_id=each.class_id)
        except BookingRefusal as no:
            found.setdefault(each.id, []).append(Conflict(kind=ConflictKind.NO_LESSONS, no=no))
    for kind, who in (
        (ConflictKind.FACILITATOR, attrgetter("facilitator")),
        (ConflictKind.CLASS, attrgetter("school_class")),
        (ConflictKind.ROOM, attrgetter("room")),
    ):
        for date in overlapping(ahead.dates, who):
            found.setdefault(date.id, []).append(Conflict(kind=kind))
    return {uuid_of_key(each.id): found[each.id] for each in ahead.dates if each.id in found}


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
