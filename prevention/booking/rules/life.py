"""Decisions in the life of a booking: single dates, moves, decisions of the provider, and who is next in the line."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from prevention.booking.rules.life_refusals import (
    AlreadyDecided,
    DateIsOff,
    DateIsOn,
    DateIsOver,
    HasDates,
    NeverFits,
    NoDatesYet,
    OutOfOrder,
    SameTime,
)
from prevention.booking.rules.values import BookingStatus, MeetingStatus, SlotFacts, Span

# Long enough to fill the form in, short enough for others to wait.
HOLD = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiter:
    """A class in the line: whether its school and its class generation were ever reached, and since when it waits."""

    id: uuid.UUID
    is_school_reached: bool
    is_class_reached: bool
    joined_at: datetime


def in_line(waiters: Iterable[Waiter]) -> list[Waiter]:
    """Put waiting classes in the order in which they get offers.

    Schools that were never reached come first, then classes that were never reached, then who waits longest.
    """
    return sorted(waiters, key=lambda each: (each.is_school_reached, each.is_class_reached, each.joined_at, each.id))


def check_can_ever_fit(slot: SlotFacts, *, places: int) -> None:
    """Refuse a class that no free place will ever be enough for.

    Raises:
        NeverFits: it wants more places than there are.
    """
    if places > slot.places:
        raise NeverFits(wanted=places, places=slot.places)


def offer_ends(*, now: datetime, lasts: timedelta, first_start: datetime) -> datetime:
    """Give the moment at which an offer passes on: after `lasts`, and not later than the first date begins."""
    return min(now + lasts, first_start)


def check_decide(*, status: BookingStatus, has_dates: bool, is_approval: bool) -> None:
    """Refuse to approve or decline what does not wait for it.

    Raises:
        AlreadyDecided, NoDatesYet: in this order.
    """
    if status is not BookingStatus.REQUESTED:
        raise AlreadyDecided
    if is_approval and not has_dates:
        raise NoDatesYet


def check_change_request(*, status: BookingStatus, has_dates: bool) -> None:
    """Refuse to write a request anew that is none any more.

    Raises:
        AlreadyDecided, HasDates: in this order.
    """
    if status is not BookingStatus.REQUESTED:
        raise AlreadyDecided
    if has_dates:
        raise HasDates


def check_call_date_off(*, is_standing: bool, status: MeetingStatus, starts_at: datetime, now: datetime) -> None:
    """Refuse to call a single date off.

    Raises:
        DateIsOff: it, or its whole booking, was called off before.
        DateIsOver: it has begun.
    """
    if not is_standing or status is MeetingStatus.CANCELLED:
        raise DateIsOff
    if starts_at <= now:
        raise DateIsOver(started_at=starts_at)


def check_move(
    new: Span, *, number: int, others: Sequence[tuple[int, Span]], is_standing: bool, old: Span | None, now: datetime
) -> None:
    """Refuse a new time of a meeting, as far as its own booking goes.

    Args:
        number: which meeting it is.
        others: the booking's other meetings that take place, each with its number.
        is_standing: whether the booking holds.
        old: when it is now; None when it was called off and comes back.

    Raises:
        DateIsOff: the booking does not stand.
        DateIsOver: the meeting, or the new time, has begun.
        SameTime: nothing would change.
        OutOfOrder: meetings of a programme build on each other, so they keep their order.
    """
    if not is_standing:
        raise DateIsOff
    for begun in (old, new):
        if begun is not None and begun.starts_at <= now:
            raise DateIsOver(started_at=begun.starts_at)
    if old == new:
        raise SameTime
    for other, span in others:
        is_before, comes_before = other < number, span.ends_at <= new.starts_at
        comes_after = new.ends_at <= span.starts_at
        if not (comes_before if is_before else comes_after):
            raise OutOfOrder(number=number)


def check_bring_back(*, status: MeetingStatus) -> None:
    """Refuse to bring back what takes place.

    Raises:
        DateIsOn: it was not called off.
    """
    if status is MeetingStatus.PLANNED:
        raise DateIsOn
