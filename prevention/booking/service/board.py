"""What the office's board shows: requests, classes that wait, conflicts, schools and classes never reached.

A fixed number of statements, whatever there is. Conflicts are found among planned dates that lie ahead: dates on days
on which the school has closed meanwhile, and a facilitator or a class in two places.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, lazyload

from prevention.accounts.models import User
from prevention.booking import rules
from prevention.booking.models import Booking, BookingMeeting, Slot, WaitingClass
from prevention.booking.rules import STANDING, BookingRefusal, BookingStatus, MeetingStatus, Span, WaitingStatus
from prevention.booking.service.agenda import with_all
from prevention.booking.service.waiting_list import with_slot_and_class
from prevention.core.db import db
from prevention.programmes.models import Edition
from prevention.schools import service as schools
from prevention.schools.models import Institute, SchoolClass, Site
from prevention.schools.rules import TARGET_LEVELS

# Of each kind the board shows the first so many; the lists behind it show all.
SHOWN = 8


class ConflictKind(StrEnum):
    """What is the matter with a date that lies ahead."""

    NO_LESSONS = "no_lessons"
    FACILITATOR = "facilitator"
    CLASS = "class"


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """A planned date that cannot stay as it is; `no` says why where the school has no lessons then."""

    kind: ConflictKind
    meeting: BookingMeeting
    no: BookingRefusal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """What waits for the office. Lists are the first `SHOWN`, counts are of everything."""

    to_decide: int
    to_plan: int
    waiting: int
    offered: int
    oldest_requests: list[Booking]
    offers: list[WaitingClass]
    conflicts: list[Conflict]
    conflict_count: int
    unreached_schools: list[Institute]
    unreached_school_count: int
    unreached_classes: int
    classes: int


def board(school_year: int, *, now: datetime) -> Board:
    """Read the board of a school year. Some fifteen statements."""
    requests = _requests_by_kind(school_year)
    line = _waiting_by_status(school_year)
    conflicts = find_conflicts(school_year, now=now)
    schools_left = db.session.scalars(_unreached_schools(school_year).limit(SHOWN)).all()
    return Board(
        to_decide=requests[True],
        to_plan=requests[False],
        waiting=line.get(WaitingStatus.WAITING, 0),
        offered=line.get(WaitingStatus.OFFERED, 0),
        oldest_requests=list(db.session.scalars(_oldest_requests(school_year))),
        offers=list(db.session.scalars(_next_offers(school_year))),
        conflicts=conflicts[:SHOWN],
        conflict_count=len(conflicts),
        unreached_schools=list(schools_left),
        unreached_school_count=_count(_unreached_schools(school_year)),
        unreached_classes=_count(_classes(school_year).where(SchoolClass.id.not_in(_booked_classes(school_year)))),
        classes=_count(_classes(school_year)),
    )


def find_conflicts(school_year: int, *, now: datetime) -> list[Conflict]:
    """List what is the matter with dates that lie ahead, the nearest first; see the module."""
    ahead = db.session.scalars(_dates_ahead(school_year, now)).unique().all()
    times = schools.school_times({each.booking.school_class.site_id for each in ahead}, school_year=school_year)
    found = []
    by_person: dict[uuid.UUID, list[BookingMeeting]] = {}
    by_class: dict[uuid.UUID, list[BookingMeeting]] = {}
    for meeting in ahead:
        school_class = meeting.booking.school_class
        span = Span(starts_at=meeting.starts_at, ends_at=meeting.ends_at)
        try:
            rules.check_school_days(
                [span], times[school_class.site_id], grade=school_class.grade, class_id=school_class.id
            )
        except BookingRefusal as no:
            found.append(Conflict(kind=ConflictKind.NO_LESSONS, meeting=meeting, no=no))
        if meeting.facilitator_id is not None and _meets(meeting, by_person.setdefault(meeting.facilitator_id, [])):
            found.append(Conflict(kind=ConflictKind.FACILITATOR, meeting=meeting))
        if _meets(meeting, by_class.setdefault(school_class.id, [])):
            found.append(Conflict(kind=ConflictKind.CLASS, meeting=meeting))
    return found


def _meets(meeting: BookingMeeting, before: list[BookingMeeting]) -> bool:
    # Dates come in order, so only those that have not ended when this one begins can meet it.
    before[:] = [other for other in before if other.ends_at > meeting.starts_at]
    clashes = any(other.slot_meeting_id is None or other.slot_meeting_id != meeting.slot_meeting_id for other in before)
    before.append(meeting)
    return clashes


def _dates_ahead(school_year: int, now: datetime) -> Select[BookingMeeting]:
    return (
        select(BookingMeeting)
        .join(BookingMeeting.booking)
        .join(Booking.edition)
        .where(
            Edition.school_year == school_year,
            Booking.status.in_(STANDING),
            BookingMeeting.status == MeetingStatus.PLANNED,
            BookingMeeting.starts_at > now,
        )
        .options(
            joinedload(BookingMeeting.booking).options(
                joinedload(Booking.school_class).joinedload(SchoolClass.site),
                joinedload(Booking.edition).joinedload(Edition.programme),
            ),
            joinedload(BookingMeeting.facilitator).options(lazyload(User.roles)),
        )
        .order_by(BookingMeeting.starts_at, BookingMeeting.id)
    )


def _requests_by_kind(school_year: int) -> dict[bool, int]:
    has_slot = Booking.slot_id.is_not(None)
    rows = db.session.execute(
        select(has_slot, func.count(Booking.id))
        .join(Booking.edition)
        .where(Edition.school_year == school_year, Booking.status == BookingStatus.REQUESTED)
        .group_by(has_slot)
    )
    return {True: 0, False: 0} | {bool(kind): count for kind, count in rows}


def _waiting_by_status(school_year: int) -> dict[WaitingStatus, int]:
    rows = db.session.execute(
        select(WaitingClass.status, func.count(WaitingClass.id))
        .join(Slot, WaitingClass.slot_id == Slot.id)
        .join(Edition, Slot.edition_id == Edition.id)
        .where(Edition.school_year == school_year)
        .group_by(WaitingClass.status)
    )
    return {row[0]: row[1] for row in rows}


def _oldest_requests(school_year: int) -> Select[Booking]:
    return (
        with_all(select(Booking))
        .join(Booking.edition)
        .where(Edition.school_year == school_year, Booking.status == BookingStatus.REQUESTED)
        .order_by(Booking.booked_at, Booking.id)
        .limit(SHOWN)
    )


def _next_offers(school_year: int) -> Select[WaitingClass]:
    return (
        with_slot_and_class(select(WaitingClass))
        .where(Edition.school_year == school_year, WaitingClass.status == WaitingStatus.OFFERED)
        .order_by(WaitingClass.offer_expires_at, WaitingClass.id)
        .limit(SHOWN)
    )


def _classes(school_year: int) -> Select[uuid.UUID]:
    return (
        select(SchoolClass.id).join(Site).where(SchoolClass.school_year == school_year, Site.level.in_(TARGET_LEVELS))
    )


def _booked_classes(school_year: int) -> Select[uuid.UUID]:
    return (
        select(Booking.school_class_id)
        .join(Booking.edition)
        .where(Edition.school_year == school_year, Booking.status == BookingStatus.CONFIRMED)
    )


def _unreached_schools(school_year: int) -> Select[Institute]:
    reached = (
        select(Site.institute_id)
        .join(SchoolClass, SchoolClass.site_id == Site.id)
        .where(SchoolClass.id.in_(_booked_classes(school_year)))
    )
    teaching = select(Site.institute_id).where(Site.level.in_(TARGET_LEVELS))
    return (
        select(Institute)
        .where(Institute.id.in_(teaching), Institute.id.not_in(reached))
        .options(joinedload(Institute.municipality))
        .order_by(Institute.name, Institute.code)
    )


def _count(query: Select[object]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
