"""Making bookings of a slot: one class or several in one act, each once, all or none, and telling those concerned."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from prevention.booking import letters, rules
from prevention.booking.models import (
    ONE_PER_EDITION,
    ONE_PER_EDITION_ON_SQLITE,
    Booking,
    BookingMeeting,
    Slot,
    SlotMeeting,
)
from prevention.booking.rules import BookingRefusal, BookingStatus, ClassFacts, DateLoad, MeetingStatus, SlotFacts
from prevention.booking.service import availability, class_facts, holds, own_rooms, places, rooms, slots
from prevention.booking.service.agenda import booking_with_all
from prevention.core import audit, clock
from prevention.core.access import Actor, NotYours
from prevention.core.db import constraint_of, db
from prevention.programmes import service as programmes
from prevention.programmes.models import Edition
from prevention.programmes.service import Offer
from prevention.schools import service as schools
from prevention.schools.models import SchoolClass


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """A class with those who come: `pupils`, and `adults` (teachers and others).

    `special_needs` is what the facilitator must know of the class; shown on pages, never mailed.
    """

    school_class: SchoolClass
    pupils: int
    adults: int = 0
    special_needs: str = ""
    note: str = ""

    def places(self, slot: Slot) -> int:
        """Give what the class takes on each date of a slot, in its unit."""
        return rules.places_wanted(slot.counted_by, pupils=self.pupils, adults=self.adults)


def book(
    actor: Actor,
    slot: Slot,
    school_class: SchoolClass,
    *,
    pupils: int,
    adults: int = 0,
    special_needs: str = "",
    note: str = "",
    numbers: Collection[int] | None = None,
    now: datetime,
) -> Booking:
    """Book places of a slot for one class; see `book_classes`.

    Raises:
        NotYours: the class is not this person's to act for.
        BookingRefusal: the rules say no; the refusal of this class itself.
    """
    party = Party(school_class=school_class, pupils=pupils, adults=adults, special_needs=special_needs, note=note)
    (booking,) = book_classes(actor, slot, [party], numbers=numbers, now=now)
    return booking


def book_classes(
    actor: Actor, slot: Slot, parties: Sequence[Party], *, numbers: Collection[int] | None = None, now: datetime
) -> list[Booking]:
    """Book places of a slot for classes, all of them or none, and put the letters into the outbox. Flushes.

    Where the edition accepts by itself the bookings stand at once, else they are requests that keep their places
    until the provider decides.

    Args:
        numbers: the dates to take where a class takes some of them; None for all dates.

    Raises:
        NotYours: a class is not this person's to act for.
        BookingRefusal: the rules say no to the only class, as `rules.check_booking` says.
        WrongChoiceOfDates: another number of dates is to be chosen.
        SeveralRefused: the rules say no to some of several classes.
    """
    bookings = book_parties(actor, slot, parties, numbers=numbers, now=now)
    holds.give_back(actor, slot)
    return bookings


def book_parties(
    actor: Actor,
    slot: Slot,
    parties: Sequence[Party],
    *,
    numbers: Collection[int] | None,
    offer: uuid.UUID | None = None,
    now: datetime,
) -> list[Booking]:
    """Book as `book_classes` does; `offer` names the waiting class to which a freed place was offered."""
    for party in parties:
        if not actor.may_act_for(party.school_class.site.institute_id):
            raise NotYours(party.school_class.id)
    class_facts.lock_classes([party.school_class for party in parties], slot.edition)
    class_facts.lock_people([slot.facilitator_id] if slot.facilitator_id else [])
    rooms.lock_room(slot.room_id)
    own_rooms.lock(slot, [party.school_class for party in parties])
    places.lock(slot)
    loads = places.loads(slot, now=now, but_holds_of=actor.id, but_offer=offer)
    dates = availability.chosen_dates(slot, numbers, loads, now=now)
    given = _check_all(slot, parties, dates, loads, is_offered=offer is not None, now=now)
    bookings = _save(actor, slot, parties, dates, given, now=now)
    for booking in bookings:
        audit.record(
            actor,
            "booking.booked" if booking.status is BookingStatus.CONFIRMED else "booking.requested",
            booking.id,
            slot=str(slot.id),
            school_class=str(booking.school_class_id),
        )
        whole = booking_with_all(booking.id)
        tell = letters.booked if booking.status is BookingStatus.CONFIRMED else letters.requested
        tell(whole, now=now)
    return bookings


def classes_that_fit(actor: Actor, slot: Slot) -> list[SchoolClass]:
    """List the classes that a person may act for and the programme is for, by site, grade and section."""
    facts = slots.facts_of(slot)
    return [each for each in schools.classes_for(actor, facts.school_year) if _fits(facts, each)]


def better_offer(edition: Edition, school_class: SchoolClass | None, *, now: datetime) -> Offer | None:
    """Give the better-evidenced offer to show beside a weak choice, or None when there is no need or no such offer."""
    programme = edition.programme
    if not programmes.is_weak_choice(programme):
        return None
    level = school_class.site.level.value if school_class else programme.levels[0]
    grade = school_class.grade if school_class else None
    return programmes.alternative_to(programme, level=level, grade=grade, school_year=edition.school_year, now=now)


def despite_evidence(edition: Edition, parties: Sequence[Party], *, now: datetime) -> dict[uuid.UUID, bool]:
    """Say of each class, by its id, whether something better studied could be had; see `better_offer`."""
    # The answer is the same for all classes of one level and grade.
    answers: dict[tuple[str, int], bool] = {}
    found = {}
    for party in parties:
        each = party.school_class
        kind = (each.site.level.value, each.grade)
        if kind not in answers:
            answers[kind] = better_offer(edition, each, now=now) is not None
        found[each.id] = answers[kind]
    return found


def check_facilitator(slot: Slot, school_class: SchoolClass, dates: Sequence[SlotMeeting]) -> None:
    """Refuse a class to which the facilitator of the dates cannot come. Three or four statements.

    Raises:
        FacilitatorAway, FacilitatorBusy, TravelTooShort: as `class_facts.check_facilitator` says.
    """
    if slot.facilitator_id is None:
        return
    class_facts.check_facilitator(
        slot.facilitator_id,
        slots.spans_of(dates),
        slot.site or school_class.site,
        together_with=[date.id for date in dates],
    )


def check_room(slot: Slot, dates: Sequence[SlotMeeting]) -> None:
    """Refuse dates at whose time something else is in their room. Two statements where there is one.

    Raises:
        RoomBusy: there is.
    """
    rooms.check_free(slot.room_id, slots.spans_of(dates), together_with=[date.id for date in dates])


def _check_all(
    slot: Slot,
    parties: Sequence[Party],
    dates: Sequence[SlotMeeting],
    loads: Mapping[int, DateLoad],
    *,
    is_offered: bool,
    now: datetime,
) -> list[list[uuid.UUID | None]]:
    slot_facts = availability.facts_for(slot, dates, loads, host=slots.host_of(slot))
    known = class_facts.facts_of_classes([party.school_class for party in parties], slot.edition)
    refusals: list[tuple[str, BookingRefusal]] = []
    given: list[list[uuid.UUID | None]] = []
    taken: list[own_rooms.Taken] = []
    ahead = 0
    for number, party in enumerate(parties):
        facts = _with_those_before(known[party.school_class.id], party, parties[:number])
        try:
            rules.check_booking(
                slot_facts,
                facts,
                pupils=party.pupils,
                places=party.places(slot),
                ahead=ahead,
                now=now,
                zone=clock.ROME,
                is_offered=is_offered,
            )
            check_facilitator(slot, party.school_class, dates)
            check_room(slot, dates)
            people = party.pupils + party.adults
            given.append(own_rooms.choose(slot, party.school_class, dates, people=people, before=taken))
            taken += [
                own_rooms.Taken(date_id=date.id, room_id=room, site_id=party.school_class.site_id, people=people)
                for date, room in zip(dates, given[-1], strict=True)
                if room is not None and slot.site_id is None
            ]
        except BookingRefusal as refusal:
            if len(parties) == 1:
                raise
            refusals.append((party.school_class.label, refusal))
        else:
            ahead += party.places(slot)
    if refusals:
        raise rules.SeveralRefused(refusals=tuple(refusals))
    return given


def _with_those_before(facts: ClassFacts, party: Party, before: Sequence[Party]) -> ClassFacts:
    # Classes of one school that are booked in the same act count for its quota one after the other.
    institute = party.school_class.site.institute_id
    same_school = sum(other.school_class.site.institute_id == institute for other in before)
    return facts.with_more_of_school(same_school)


def _save(
    actor: Actor,
    slot: Slot,
    parties: Sequence[Party],
    dates: Sequence[SlotMeeting],
    given: Sequence[Sequence[uuid.UUID | None]],
    *,
    now: datetime,
) -> list[Booking]:
    despite = despite_evidence(slot.edition, parties, now=now)
    bookings = [
        Booking(
            slot_id=slot.id,
            edition_id=slot.edition_id,
            school_class_id=party.school_class.id,
            pupils=party.pupils,
            adults=party.adults,
            places=party.places(slot),
            special_needs=party.special_needs,
            note=party.note,
            status=BookingStatus.CONFIRMED if slot.edition.auto_accept else BookingStatus.REQUESTED,
            chosen_despite_evidence=despite[party.school_class.id],
            booked_by=actor.id,
            booked_at=now,
            meetings=_meetings(slot, dates, in_rooms),
        )
        for party, in_rooms in zip(parties, given, strict=True)
    ]
    try:
        # Either the places are taken and the bookings stand, or neither.
        with db.session.begin_nested():
            places.claim(slot, dates, places=sum(booking.places for booking in bookings))
            db.session.add_all(bookings)
            db.session.flush()
    except IntegrityError as error:
        if constraint_of(error) in (ONE_PER_EDITION, ONE_PER_EDITION_ON_SQLITE):
            known = class_facts.facts_of_classes([party.school_class for party in parties], slot.edition)
            found = next((facts.booking_of_edition for facts in known.values() if facts.booking_of_edition), None)
            raise rules.AlreadyBooked(booking_id=found) from error
        raise
    return bookings


def _meetings(slot: Slot, dates: Sequence[SlotMeeting], in_rooms: Sequence[uuid.UUID | None]) -> list[BookingMeeting]:
    of_programme = {meeting.number: meeting.id for meeting in slot.edition.programme.meetings}
    return [
        BookingMeeting(
            number=number,
            programme_meeting_id=of_programme.get(number),
            slot_meeting_id=date.id,
            facilitator_id=slot.facilitator_id,
            room_id=room_id,
            starts_at=date.starts_at,
            ends_at=date.ends_at,
            status=MeetingStatus.PLANNED,
        )
        for (number, date), room_id in zip(_numbered(slot, dates), in_rooms, strict=True)
    ]


def _numbered(slot: Slot, dates: Sequence[SlotMeeting]) -> Iterable[tuple[int, SlotMeeting]]:
    # Dates that were chosen are for the programme's meetings in order; the others know for which they are.
    return enumerate(dates, start=1) if slot.dates_to_take else ((date.number, date) for date in dates)


def _fits(facts: SlotFacts, school_class: SchoolClass) -> bool:
    known = ClassFacts(
        level=school_class.site.level.value, grade=school_class.grade, school_year=school_class.school_year
    )
    try:
        rules.check_class_fits(facts, known)
    except rules.BookingRefusal:
        return False
    return True
