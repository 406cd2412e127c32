"""The provider's yes or no to requests, one or many at once; each is decided once, whoever presses at the same time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from prevention.booking import letters, rules
from prevention.booking.models import Booking
from prevention.booking.rules import BookingRefusal, BookingStatus, MeetingStatus, Span
from prevention.booking.service import class_facts, facilitator_hours, slots, waiting
from prevention.booking.service.calling_off import release_booking
from prevention.core import audit, clock
from prevention.core.access import Actor, NotYours
from prevention.core.db import db


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """What became of several requests: those decided now, and the others with the reason."""

    done: tuple[Booking, ...]
    refused: tuple[tuple[Booking, BookingRefusal], ...]


def may_decide(actor: Actor, booking: Booking) -> bool:
    """Say whether the person decides on requests of this edition: the office, or its provider."""
    return slots.may_provide(actor, booking.edition)


def approve(actor: Actor, booking: Booking, *, message: str = "", now: datetime) -> None:
    """Say yes to a request with dates; the class is booked, and those concerned are told. Flushes.

    Args:
        message: goes into the letter; the edition's own words when empty.

    Raises:
        NotYours: the person does not decide on it.
        AlreadyDecided: it was approved, declined or withdrawn before, perhaps this very moment.
        NoDatesYet: its dates are still to be planned.
        OutsideSchoolYear, SchoolClosed, OutsideBellTimes, HostClosed, FacilitatorAway: what was written down since it
            was asked for does not leave one of its dates where it is.
    """
    _check(actor, booking, is_approval=True)
    _check_dates(booking, now=now)
    words = message or booking.edition.acceptance_text
    changed = db.session.scalar(
        update(Booking)
        .where(Booking.id == booking.id, Booking.status == BookingStatus.REQUESTED)
        .values(status=BookingStatus.CONFIRMED, decided_by=actor.id, decided_at=now, decision_message=words)
        .returning(Booking.id)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(booking, ["status", "decided_by", "decided_at", "decision_message"])
    if changed is None:
        raise rules.AlreadyDecided
    audit.record(actor, "booking.approved", booking.id)
    letters.approved(booking, message=words, now=now)


def decline(actor: Actor, booking: Booking, *, message: str, now: datetime) -> None:
    """Say no to a request, with or without dates; its places are free again. Flushes.

    Raises:
        NotYours: the person does not decide on it.
        AlreadyDecided: it was approved, declined or withdrawn before.
    """
    _check(actor, booking, is_approval=False)
    values: dict[str, object] = {"decided_by": actor.id, "decided_at": now, "decision_message": message}
    if not release_booking(booking, to=BookingStatus.DECLINED, values=values):
        raise rules.AlreadyDecided
    audit.record(actor, "booking.declined", booking.id)
    letters.declined(booking, message=message, now=now)
    if booking.slot is not None:
        waiting.pass_on(booking.slot, now=now)


def decide_all(actor: Actor, bookings: Sequence[Booking], *, is_approval: bool, message: str, now: datetime) -> Decided:
    """Decide on several requests; those that cannot be decided stay as they are, each with its reason. Flushes.

    Raises:
        NotYours: one of them is not this person's to decide on; then nothing is done.
    """
    for booking in bookings:
        if not may_decide(actor, booking):
            raise NotYours(booking.id)
    done, refused = [], []
    # By id, so that two who decide on the same requests in two orders do not wait for each other.
    for booking in sorted(bookings, key=lambda each: (str(each.slot_id), each.id)):
        try:
            if is_approval:
                approve(actor, booking, message=message, now=now)
            else:
                decline(actor, booking, message=message, now=now)
        except BookingRefusal as no:
            refused.append((booking, no))
        else:
            done.append(booking)
    return Decided(done=tuple(done), refused=tuple(refused))


def _check_dates(booking: Booking, *, now: datetime) -> None:
    """Ask the days again: the request kept its class, people and room free, but nobody is kept from closing a school.

    Only of dates still to come: what took place without an answer can still be said yes to.
    """
    ahead = [each for each in booking.meetings if each.status is MeetingStatus.PLANNED and each.starts_at > now]
    spans = [Span(starts_at=each.starts_at, ends_at=each.ends_at) for each in ahead]
    known = class_facts.facts_of_classes([booking.school_class], booking.edition)[booking.school_class_id]
    rules.check_days(spans, known, host=None if booking.slot is None else slots.host_of(booking.slot))
    for meeting, span in zip(ahead, spans, strict=True):
        if meeting.facilitator_id is not None:
            presence = facilitator_hours.presence_of(meeting.facilitator_id, [span], is_published=True)
            rules.check_presence([span], presence, zone=clock.ROME)


def _check(actor: Actor, booking: Booking, *, is_approval: bool) -> None:
    if not may_decide(actor, booking):
        raise NotYours(booking.id)
    rules.check_decide(status=booking.status, has_dates=bool(booking.meetings), is_approval=is_approval)
