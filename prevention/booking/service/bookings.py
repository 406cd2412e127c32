"""Making a booking and calling it off, each once, and telling those concerned."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from prevention.booking import letters, rules
from prevention.booking.models import (
    ONE_PER_EDITION,
    ONE_PER_EDITION_ON_SQLITE,
    Booking,
    BookingMeeting,
    Slot,
)
from prevention.booking.rules import (
    STANDING,
    BookingStatus,
    ClassFacts,
    Engagement,
    MeetingStatus,
    SlotFacts,
    SlotStatus,
    Span,
)
from prevention.booking.service import places, slots
from prevention.booking.service.agenda import booking_with_all, with_all
from prevention.core import audit, clock
from prevention.core.access import Actor, NotYours
from prevention.core.db import constraint_of, db
from prevention.programmes import service as programmes
from prevention.programmes.models import Edition
from prevention.programmes.service import Offer
from prevention.schools import service as schools
from prevention.schools.models import SchoolClass


def book(
    actor: Actor,
    slot: Slot,
    school_class: SchoolClass,
    *,
    pupils: int,
    adults: int = 0,
    special_needs: str = "",
    note: str = "",
    now: datetime,
) -> Booking:
    """Book one place of a slot for a class, and put the confirmations into the outbox. Flushes.

    Args:
        pupils: how many will be there.
        adults: teachers and others who come along.
        special_needs: what the facilitator must know of the class; shown on pages, never mailed.

    Raises:
        NotYours: the class is not this person's to act for.
        AlreadyBooked, SlotCancelled, EditionClosed, NotOpenYet, BookingClosed, AlreadyStarted, SlotFull,
        ClassOfAnotherYear, WrongLevel, WrongGrade, GroupTooSmall, GroupTooLarge, OutsideSchoolYear, SchoolClosed,
        OutsideBellTimes, ClassBusy: the rules say no.
    """
    if not actor.may_act_for(school_class.site.institute_id):
        raise NotYours(school_class.id)
    rules.check_booking(
        slots.facts_of(slot), _class_facts(school_class, slot.edition), pupils=pupils, now=now, zone=clock.ROME
    )
    booking = Booking(
        slot_id=slot.id,
        edition_id=slot.edition_id,
        school_class_id=school_class.id,
        pupils=pupils,
        adults=adults,
        places=1,
        special_needs=special_needs,
        note=note,
        chosen_despite_evidence=better_offer(slot, school_class, now=now) is not None,
        booked_by=actor.id,
        booked_at=now,
        meetings=_dates(slot),
    )
    try:
        # Either the place is taken and the booking stands, or neither.
        with db.session.begin_nested():
            places.lock(slot)
            places.claim(slot, slot.meetings, places=1)
            db.session.add(booking)
            db.session.flush()
    except IntegrityError as error:
        if constraint_of(error) in (ONE_PER_EDITION, ONE_PER_EDITION_ON_SQLITE):
            found = _booking_of_edition(school_class, slot.edition)
            raise rules.AlreadyBooked(booking_id=found) from error
        raise
    audit.record(actor, "booking.booked", booking.id, slot=str(slot.id), school_class=str(school_class.id))
    letters.booked(booking_with_all(booking.id), now=now)
    return booking


def cancel(actor: Actor, booking: Booking, *, reason: str, now: datetime) -> Booking:
    """Call a booking off: its place is free again, its dates are off, everybody concerned is told. Flushes.

    Raises:
        AlreadyCancelled: it was off before; nothing happens a second time.
        AlreadyStarted: its first date has begun.
    """
    rules.check_cancel(status=booking.status, first_start=_first_start(booking), now=now)
    if not _call_off(booking, actor=actor, reason=reason, now=now):
        raise rules.AlreadyCancelled
    return booking


def cancel_slot(actor: Actor, slot: Slot, *, reason: str, now: datetime) -> int:
    """Call dated places off with all their bookings, and tell every class. Flushes.

    Returns:
        How many bookings were called off.

    Raises:
        AlreadyCancelled: they were off before.
        AlreadyStarted: the first date has begun.
    """
    _check_cancel_slot(slot, now=now)
    # The slot first: a claim that is under way is then either in the list below or refused.
    if not slots.close_slot(slot):
        raise rules.AlreadyCancelled
    confirmed = db.session.scalars(
        with_all(select(Booking)).where(Booking.slot_id == slot.id, Booking.status.in_(STANDING))
    ).all()
    called_off = sum(_call_off(booking, actor=actor, reason=reason, now=now) for booking in confirmed)
    audit.record(actor, "booking.slot_cancelled", slot.id, bookings=called_off)
    return called_off


def check_can_book(slot: Slot, *, now: datetime) -> None:
    """Refuse when nobody can book these dates now.

    Raises:
        SlotCancelled, EditionClosed, NotOpenYet, BookingClosed, AlreadyStarted, SlotFull: the rules say no.
    """
    rules.check_can_book(slots.facts_of(slot), now=now, zone=clock.ROME)


def can_cancel(booking: Booking, *, now: datetime) -> bool:
    """Say whether a booking can be called off now."""
    try:
        rules.check_cancel(status=booking.status, first_start=_first_start(booking), now=now)
    except rules.BookingRefusal:
        return False
    return True


def can_cancel_slot(slot: Slot, *, now: datetime) -> bool:
    """Say whether dated places can be called off now."""
    try:
        _check_cancel_slot(slot, now=now)
    except rules.BookingRefusal:
        return False
    return True


def classes_that_fit(actor: Actor, slot: Slot) -> list[SchoolClass]:
    """List the classes that a person may act for and the programme is for, by site, grade and section."""
    facts = slots.facts_of(slot)
    return [each for each in schools.classes_for(actor, facts.school_year) if _fits(facts, each)]


def better_offer(slot: Slot, school_class: SchoolClass | None, *, now: datetime) -> Offer | None:
    """Give the better-evidenced offer to show beside a weak choice, or None when there is no need or no such offer."""
    programme = slot.edition.programme
    if not programmes.is_weak_choice(programme):
        return None
    level = school_class.site.level.value if school_class else programme.levels[0]
    grade = school_class.grade if school_class else None
    return programmes.alternative_to(programme, level=level, grade=grade, school_year=slot.edition.school_year, now=now)


def _fits(facts: SlotFacts, school_class: SchoolClass) -> bool:
    known = ClassFacts(
        level=school_class.site.level.value, grade=school_class.grade, school_year=school_class.school_year
    )
    try:
        rules.check_class_fits(facts, known)
    except rules.BookingRefusal:
        return False
    return True


def _class_facts(school_class: SchoolClass, edition: Edition) -> ClassFacts:
    # Two bookings of one class for two slots meet in no other row: the second waits here for the first.
    db.session.execute(select(SchoolClass.id).where(SchoolClass.id == school_class.id).with_for_update(key_share=True))
    rows = db.session.execute(
        select(BookingMeeting.starts_at, BookingMeeting.ends_at, Booking.id)
        .join(Booking)
        .where(
            Booking.school_class_id == school_class.id,
            Booking.status.in_(STANDING),
            BookingMeeting.status == MeetingStatus.PLANNED,
        )
        .order_by(BookingMeeting.starts_at)
    )
    return ClassFacts(
        level=school_class.site.level.value,
        grade=school_class.grade,
        school_year=school_class.school_year,
        booking_of_edition=_booking_of_edition(school_class, edition),
        engagements=tuple(
            Engagement(span=Span(starts_at=starts_at, ends_at=ends_at), source_id=booking_id)
            for starts_at, ends_at, booking_id in rows
        ),
        class_id=school_class.id,
        school_time=schools.school_time_of(school_class.site, school_year=school_class.school_year),
    )


def _booking_of_edition(school_class: SchoolClass, edition: Edition) -> uuid.UUID | None:
    return db.session.scalar(
        select(Booking.id).where(
            Booking.edition_id == edition.id,
            Booking.school_class_id == school_class.id,
            Booking.status.in_(STANDING),
        )
    )


def _dates(slot: Slot) -> list[BookingMeeting]:
    of_programme = {meeting.number: meeting.id for meeting in slot.edition.programme.meetings}
    return [
        BookingMeeting(
            number=meeting.number,
            programme_meeting_id=of_programme.get(meeting.number),
            slot_meeting_id=meeting.id,
            facilitator_id=slot.facilitator_id,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
        )
        for meeting in slot.meetings
    ]


def _check_cancel_slot(slot: Slot, *, now: datetime) -> None:
    status = BookingStatus.CANCELLED if slot.status is SlotStatus.CANCELLED else BookingStatus.CONFIRMED
    first = min((meeting.starts_at for meeting in slot.meetings), default=None)
    rules.check_cancel(status=status, first_start=first, now=now)


def _call_off(booking: Booking, *, actor: Actor, reason: str, now: datetime) -> bool:
    # Slot before booking, as `cancel_slot` takes them: two who lock in opposite orders would wait for each other.
    if booking.slot is not None:
        places.lock(booking.slot)
    held = places.dates_held_by(booking)
    called_off = db.session.scalar(
        update(Booking)
        .where(Booking.id == booking.id, Booking.status.in_(STANDING))
        .values(status=BookingStatus.CANCELLED, cancelled_by=actor.id, cancelled_at=now, cancel_reason=reason)
        .returning(Booking.id)
        .execution_options(synchronize_session=False)
    )
    if called_off is None:
        return False
    if booking.slot is not None:
        places.release(booking.slot, held, places=booking.places)
    db.session.execute(
        update(BookingMeeting)
        .where(BookingMeeting.booking_id == booking.id, BookingMeeting.status == MeetingStatus.PLANNED)
        .values(status=MeetingStatus.CANCELLED, sequence=BookingMeeting.sequence + 1)
        .execution_options(synchronize_session=False)
    )
    _forget(booking)
    audit.record(actor, "booking.cancelled", booking.id, slot=str(booking.slot_id))
    letters.called_off(booking, now=now)
    return True


def _forget(booking: Booking) -> None:
    # What the statements above changed is read anew.
    db.session.expire(booking, ["status", "cancelled_by", "cancelled_at", "cancel_reason"])
    for meeting in booking.meetings:
        db.session.expire(meeting, ["status", "sequence"])


def _first_start(booking: Booking) -> datetime | None:
    starts: Sequence[datetime] = [meeting.starts_at for meeting in booking.meetings]
    return min(starts, default=None)
