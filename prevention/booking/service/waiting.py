"""Classes that wait for places: joining, being offered a freed place, taking it, letting it pass.

Whole classes only: an offer is made to the first class in the line that fits as a whole, and nobody else sees the
place meanwhile. The line is the one of `rules.in_line`: schools never reached, then classes never reached, then who
waits longest. Who does not fit is passed by, and the reason is written into its row.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import LazyString
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from prevention.booking import letters, rules, wording
from prevention.booking.models import (
    ONE_WAIT_PER_SLOT,
    ONE_WAIT_PER_SLOT_ON_SQLITE,
    Booking,
    Slot,
    WaitingClass,
)
from prevention.booking.rules import (
    ON_THE_LIST,
    BookingRefusal,
    ClassFacts,
    DateLoad,
    Host,
    MeetingStatus,
    SlotStatus,
    WaitingStatus,
)
from prevention.booking.service import availability, class_facts, making, own_rooms, places, rooms, slots, waiting_list
from prevention.booking.service.making import Party
from prevention.core import audit, clock
from prevention.core.access import Actor, NotYours
from prevention.core.db import constraint_of, db

# Passing by is written down so often; a line that moves a lot keeps the newest.
SKIPS_KEPT = 10


def join(
    actor: Actor, slot: Slot, party: Party, *, numbers: Collection[int] | None = None, now: datetime
) -> WaitingClass:
    """Put a class on the list of a slot that has no place for it. It may get an offer at once. Flushes.

    Raises:
        NotYours: the class is not this person's to act for.
        SlotCancelled, EditionClosed, AlreadyStarted, NotOpenYet, BookingClosed, ClassOfAnotherYear, WrongLevel,
        WrongGrade, GroupTooSmall, GroupTooLarge, QuotaReached, ClassBusy, AlreadyBooked, OutsideSchoolYear,
        SchoolClosed, OutsideBellTimes, HostClosed: the class could not come.
        NeverFits: all places together would not be enough.
        StillFree: there are enough places, and nobody waits.
        AlreadyWaiting: it is on the list.
    """
    school_class = party.school_class
    if not actor.may_act_for(school_class.site.institute_id):
        raise NotYours(school_class.id)
    class_facts.lock_classes([school_class], slot.edition)
    places.lock(slot)
    loads = places.loads(slot, now=now, but_holds_of=actor.id)
    dates = availability.chosen_dates(slot, numbers, loads, now=now)
    facts = availability.facts_for(slot, dates, loads, host=slots.host_of(slot))
    wanted = party.places(slot)
    known = class_facts.facts_of_classes([school_class], slot.edition)[school_class.id]
    if known.booking_of_edition is not None:
        raise rules.AlreadyBooked(booking_id=known.booking_of_edition)
    rules.check_takes_place(facts, now=now)
    rules.check_booking_days(facts, now=now, zone=clock.ROME)
    rules.check_class_fits(facts, known)
    rules.check_class_can_come(facts, known, pupils=party.pupils)
    rules.check_can_ever_fit(facts, places=wanted)
    if not facts.has_waiting and facts.places_taken + facts.places_kept + wanted <= facts.places:
        raise rules.StillFree
    waiting = WaitingClass(
        slot_id=slot.id,
        school_class_id=school_class.id,
        numbers=[date.number for date in dates],
        pupils=party.pupils,
        adults=party.adults,
        places=wanted,
        special_needs=party.special_needs,
        note=party.note,
        joined_by=actor.id,
        joined_at=now,
    )
    _save(waiting)
    audit.record(actor, "booking.joined_waiting", waiting.id, slot=str(slot.id), school_class=str(school_class.id))
    pass_on(slot, now=now)
    return waiting


def pass_on(slot: Slot, *, now: datetime) -> int:
    """Offer what is free of a slot to the first classes in the line that fit. Flushes.

    Offers that ran out are taken back first. The slot is locked by this call.

    Returns:
        How many offers were made.
    """
    places.lock(slot)
    line = waiting_list.line_of(slot)
    lapsed = [each for each in line if each.status is WaitingStatus.OFFERED and _has_ended(each, now)]
    for each in lapsed:
        _leave(each, WaitingStatus.EXPIRED)
        letters.waiting_lapsed(each.id, each.joiner, slot, each.school_class)
    waiting = [each for each in line if each.status is WaitingStatus.WAITING]
    if not waiting:
        return 0
    if slot.status is not SlotStatus.OPEN or _is_over(slot, now):
        close(slot, reason=wording.DATES_BEGUN)
        return 0
    waiting = [each for each in waiting if _has_its_dates(slot, each)]
    if not waiting:
        return 0
    known = class_facts.facts_of_classes([each.school_class for each in waiting], slot.edition)
    host = slots.host_of(slot)
    made = 0
    for each in waiting:
        loads = places.loads(slot, now=now)
        no = _why_not(slot, each, known[each.school_class_id], loads, host=host, now=now)
        if no is None:
            _offer(slot, each, now=now)
            made += 1
        else:
            _skip(slot, each, no, loads, now=now)
    return made


def accept(actor: Actor, waiting: WaitingClass, *, now: datetime) -> Booking:
    """Take an offer: the class is booked. Flushes.

    Raises:
        NotYours: the class is not this person's to act for.
        OfferGone: there is no offer, or it ran out, or somebody took or declined it before.
        BookingRefusal: the class cannot come any more, as `rules.check_booking` says.
    """
    if not actor.may_act_for(waiting.school_class.site.institute_id):
        raise NotYours(waiting.id)
    class_facts.lock_classes([waiting.school_class], waiting.slot.edition)
    class_facts.lock_people([waiting.slot.facilitator_id] if waiting.slot.facilitator_id else [])
    rooms.lock_room(waiting.slot.room_id)
    own_rooms.lock(waiting.slot, [waiting.school_class])
    places.lock(waiting.slot)
    party = Party(
        school_class=waiting.school_class,
        pupils=waiting.pupils,
        adults=waiting.adults,
        special_needs=waiting.special_needs,
        note=waiting.note,
    )
    numbers = None if waiting.slot.dates_to_take is None else waiting.numbers
    # Whole or not at all, also on the page that tells of a refusal: the offer still stands there.
    with db.session.begin_nested():
        taken = db.session.scalar(
            update(WaitingClass)
            .where(
                WaitingClass.id == waiting.id,
                WaitingClass.status == WaitingStatus.OFFERED,
                WaitingClass.offer_expires_at > now,
            )
            .values(status=WaitingStatus.BOOKED, offer_expires_at=None)
            .returning(WaitingClass.id)
            .execution_options(synchronize_session=False)
        )
        db.session.expire(waiting, ["status", "offer_expires_at"])
        if taken is None:
            raise rules.OfferGone
        (booking,) = making.book_parties(actor, waiting.slot, [party], numbers=numbers, offer=waiting.id, now=now)
    waiting.booking_id = booking.id
    db.session.flush()
    audit.record(actor, "booking.offer_accepted", waiting.id, booking=str(booking.id))
    return booking


def withdraw(actor: Actor, waiting: WaitingClass, *, now: datetime) -> None:
    """Take a class off the list, or decline its offer, which passes on. Flushes.

    Raises:
        NotYours: the class is not this person's to act for.
        NotOnTheList: it has left before.
    """
    if not (actor.may_act_for(waiting.school_class.site.institute_id)):
        raise NotYours(waiting.id)
    places.lock(waiting.slot)
    db.session.refresh(waiting, ["status", "offer_expires_at"])
    if waiting.status not in ON_THE_LIST:
        raise rules.NotOnTheList
    _leave(waiting, WaitingStatus.WITHDRAWN)
    audit.record(actor, "booking.left_waiting", waiting.id, slot=str(waiting.slot_id))
    pass_on(waiting.slot, now=now)


def close(slot: Slot, *, reason: object) -> None:
    """Send everybody off the list of a slot that is over or called off, and tell them why. Flushes."""
    for each in waiting_list.line_of(slot):
        _send_off(slot, each, reason=reason)


def offer_lasts() -> timedelta:
    """Give how long a place is kept for the class it was offered to."""
    return timedelta(hours=current_app.config["SETTINGS"].waiting_offer_hours)


def _has_its_dates(slot: Slot, each: WaitingClass) -> bool:
    """Let a class wait for the dates that are left of those it wanted; where they are not enough, it is sent off."""
    on = {date.number for date in slot.meetings if date.status is MeetingStatus.PLANNED}
    left = [number for number in each.numbers if number in on]
    if not left or (slot.dates_to_take is not None and len(left) < len(each.numbers)):
        _send_off(slot, each, reason=wording.DATE_CALLED_OFF)
        return False
    if len(left) < len(each.numbers):
        each.numbers = left
        db.session.flush()
    return True


def _send_off(slot: Slot, each: WaitingClass, *, reason: object) -> None:
    _leave(each, WaitingStatus.CLOSED)
    letters.waiting_closed(each.id, each.joiner, slot, each.school_class, reason=reason)


def _save(waiting: WaitingClass) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(waiting)
            db.session.flush()
    except IntegrityError as error:
        if constraint_of(error) in (ONE_WAIT_PER_SLOT, ONE_WAIT_PER_SLOT_ON_SQLITE):
            raise rules.AlreadyWaiting from error
        raise


def _why_not(
    slot: Slot,
    each: WaitingClass,
    known: ClassFacts,
    loads: Mapping[int, DateLoad],
    *,
    host: Host | None,
    now: datetime,
) -> BookingRefusal | None:
    wanted = [loads[number] for number in each.numbers if number in loads]
    dates = [date for date in slot.meetings if date.number in each.numbers]
    facts = slots.facts_of(slot, dates=dates, load=places.fullest(wanted), host=host)
    try:
        if len(wanted) < len(each.numbers):
            raise rules.SlotCancelled
        rules.check_booking(
            facts, known, pupils=each.pupils, places=each.places, now=now, zone=clock.ROME, is_offered=True
        )
        # Where the facilitator comes to the school, they meet classes of one school at a time.
        making.check_facilitator(slot, each.school_class, dates)
        making.check_room(slot, dates)
        own_rooms.choose(slot, each.school_class, dates, people=each.pupils + each.adults)
    except BookingRefusal as no:
        return no
    return None


def _offer(slot: Slot, each: WaitingClass, *, now: datetime) -> None:
    first = min(date.starts_at for date in slot.meetings if date.number in each.numbers)
    until = rules.offer_ends(now=now, lasts=offer_lasts(), first_start=first)
    each.status, each.offered_at, each.offer_expires_at = WaitingStatus.OFFERED, now, until
    db.session.flush()
    audit.record(None, "booking.place_offered", each.id, slot=str(slot.id))
    letters.waiting_offer(each.id, each.joiner, slot, each.school_class, until=until)


def _skip(slot: Slot, each: WaitingClass, no: BookingRefusal, loads: Mapping[int, DateLoad], *, now: datetime) -> None:
    free = min((loads[number].free for number in each.numbers if number in loads), default=0)
    if free == 0:
        # Nothing went past the class: there was nothing to have.
        return
    skip: dict[str, Any] = {"at": now.isoformat(), "why": type(no).__name__, "wanted": each.places, "free": free}
    last = each.skips[-1] if each.skips else None
    if last is not None and {**last, "at": ""} == {**skip, "at": ""}:
        return
    each.skips = [*each.skips, skip][-SKIPS_KEPT:]
    db.session.flush()
    occasion = uuid.uuid5(each.id, skip["at"])
    letters.waiting_skipped(occasion, each.joiner, slot, each.school_class, reason=LazyString(wording.skip, skip))


def _leave(each: WaitingClass, status: WaitingStatus) -> None:
    each.status, each.offer_expires_at = status, None
    db.session.flush()


def _has_ended(each: WaitingClass, now: datetime) -> bool:
    return each.offer_expires_at is not None and each.offer_expires_at <= now


def _is_over(slot: Slot, now: datetime) -> bool:
    starts = [date.starts_at for date in slot.meetings]
    return (min(starts) if slot.dates_to_take is None else max(starts)) <= now
