"""What the office's board shows: requests, classes that wait, conflicts, schools and classes never reached.

A fixed number of statements, whatever there is, and of each kind only the first few rows: the lists behind them have
all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Select, func, select

from prevention.booking.models import Booking, BookingMeeting, Slot, WaitingClass
from prevention.booking.rules import BookingStatus, WaitingStatus
from prevention.booking.service import unreached
from prevention.booking.service.agenda import with_all
from prevention.booking.service.conflicts import Conflicts, dates_in_conflict, find_conflicts
from prevention.booking.service.waiting_list import with_slot_and_class
from prevention.core.db import db
from prevention.programmes.models import Edition

# Of each kind the board shows the first so many; the lists behind it show all.
SHOWN = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """What waits for the office. Lists are the first `SHOWN`, counts are of everything.

    `unreached_schools` are rows of `unreached.unreached_schools`. What is the matter with a date of
    `dates_in_conflict` is in `conflicts`, by its id.
    """

    to_decide: int
    to_plan: int
    waiting: int
    offered: int
    oldest_requests: list[Booking]
    offers: list[WaitingClass]
    conflicts: Conflicts
    dates_in_conflict: list[BookingMeeting]
    unreached_schools: Sequence[Any]
    unreached_school_count: int
    schools: int
    unreached_classes: int
    classes: int


def board(school_year: int, *, now: datetime) -> Board:
    """Read the board of a school year. Some fifteen statements."""
    requests = _requests_by_kind(school_year)
    line = _waiting_by_status(school_year)
    conflicts = find_conflicts(school_year, now=now)
    nearest = list(islice(conflicts, SHOWN))
    unreached_schools, schools = unreached.count_schools(school_year)
    unreached_classes, classes = unreached.count_classes(school_year)
    return Board(
        to_decide=requests[True],
        to_plan=requests[False],
        waiting=line.get(WaitingStatus.WAITING, 0),
        offered=line.get(WaitingStatus.OFFERED, 0),
        oldest_requests=list(db.session.scalars(_oldest_requests(school_year))),
        offers=list(db.session.scalars(_next_offers(school_year))),
        conflicts=conflicts,
        dates_in_conflict=list(db.session.scalars(dates_in_conflict(nearest))) if nearest else [],
        unreached_schools=db.session.execute(unreached.unreached_schools(school_year).limit(SHOWN)).all(),
        unreached_school_count=unreached_schools,
        schools=schools,
        unreached_classes=unreached_classes,
        classes=classes,
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
