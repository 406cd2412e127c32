"""Requests: classes that ask for a programme with wishes, and leave the dates to the office."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.exc import IntegrityError

from prevention.booking import letters, rules
from prevention.booking.models import ONE_PER_EDITION, ONE_PER_EDITION_ON_SQLITE, Booking, BookingWish
from prevention.booking.rules import BookingRefusal, BookingStatus, ClassFacts, SlotFacts
from prevention.booking.service import class_facts
from prevention.booking.service.agenda import booking_with_all, visible_to, with_all
from prevention.booking.service.making import Party, despite_evidence
from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import constraint_of, db
from prevention.programmes import service as programmes
from prevention.programmes.models import Edition
from prevention.programmes.rules import BookingMode, EditionStatus
from prevention.schools import service as schools
from prevention.schools.models import SchoolClass


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """When a class would like to meet; see `BookingWish`."""

    weekdays: tuple[int, ...] = ()
    earliest: time | None = None
    latest: time | None = None
    weeks_to_avoid: tuple[date, ...] = field(default=())
    facilitator_id: uuid.UUID | None = None
    note: str = ""

    def values(self) -> dict[str, object]:
        """Give the values of the row."""
        return {
            "weekdays": list(self.weekdays),
            "earliest": self.earliest,
            "latest": self.latest,
            "weeks_to_avoid": [day.isoformat() for day in self.weeks_to_avoid],
            "facilitator_id": self.facilitator_id,
            "note": self.note,
        }


def request(actor: Actor, edition: Edition, parties: Sequence[Party], wish: Wish, *, now: datetime) -> list[Booking]:
    """Ask for an edition for classes, all of them or none, each with the same wish. Flushes.

    Raises:
        NotYours: a class is not this person's to act for.
        EditionClosed, NoRequests, AlreadyBooked, ClassOfAnotherYear, WrongLevel, WrongGrade, GroupTooSmall,
        GroupTooLarge, QuotaReached: the only class cannot take part.
        SeveralRefused: some of several classes cannot.
    """
    for party in parties:
        if not actor.may_act_for(party.school_class.site.institute_id):
            raise NotYours(party.school_class.id)
    if edition.status is not EditionStatus.OPEN:
        raise rules.EditionClosed
    if edition.booking_mode is BookingMode.DATES:
        raise rules.NoRequests
    class_facts.lock_classes([party.school_class for party in parties], edition)
    _check_all(edition, parties)
    despite = despite_evidence(edition, parties, now=now)
    bookings = [
        Booking(
            edition_id=edition.id,
            school_class_id=party.school_class.id,
            pupils=party.pupils,
            adults=party.adults,
            special_needs=party.special_needs,
            note=party.note,
            status=BookingStatus.REQUESTED,
            chosen_despite_evidence=despite[party.school_class.id],
            booked_by=actor.id,
            booked_at=now,
            wish=BookingWish(**wish.values()),
        )
        for party in parties
    ]
    _save(bookings)
    for booking in bookings:
        audit.record(actor, "booking.requested", booking.id, school_class=str(booking.school_class_id))
        letters.requested(booking_with_all(booking.id), now=now)
    return bookings


def change_request(actor: Actor, booking: Booking, party: Party, wish: Wish) -> None:
    """Write a request without dates anew. Flushes.

    Raises:
        NotYours: the class is not this person's to act for.
        AlreadyDecided, HasDates: it is no request any more.
        GroupTooSmall, GroupTooLarge: the number of pupils does not fit.
    """
    if not actor.may_act_for(booking.school_class.site.institute_id):
        raise NotYours(booking.id)
    db.session.execute(select(Booking.id).where(Booking.id == booking.id).with_for_update())
    db.session.refresh(booking, ["status"])
    rules.check_change_request(status=booking.status, has_dates=bool(booking.meetings))
    rules.check_group(_facts_of(booking.edition), pupils=party.pupils)
    booking.pupils, booking.adults = party.pupils, party.adults
    booking.special_needs, booking.note = party.special_needs, party.note
    row = booking.wish or BookingWish(booking=booking)
    for name, value in wish.values().items():
        setattr(row, name, value)
    db.session.flush()
    audit.record(actor, "booking.request_changed", booking.id)


def requestable_edition_for(actor: Actor, edition_id: uuid.UUID) -> Edition:
    """Give an edition that classes can ask for; drafts are not there.

    Raises:
        NotYours: it is not there, or takes no requests.
    """
    del actor
    found = programmes.edition_with_all(edition_id)
    if found is None or found.status is EditionStatus.DRAFT or found.booking_mode is BookingMode.DATES:
        raise NotYours(edition_id)
    return found


def requestable_editions(school_year: int) -> list[Edition]:
    """List the open editions that take requests in a school year, by the programme's Italian name."""
    return [each for each in programmes.open_editions(school_year) if each.booking_mode is not BookingMode.DATES]


def classes_to_ask_for(actor: Actor, edition: Edition) -> list[SchoolClass]:
    """List the classes that a person may act for and the edition is for, by site, grade and section."""
    facts = _facts_of(edition)
    return [each for each in schools.classes_for(actor, edition.school_year) if _fits(facts, each)]


def open_requests(actor: Actor, school_year: int, *, has_dates: bool | None = None) -> Select[Booking]:
    """Select the requests of a school year that wait for a decision or for dates, the oldest first.

    Args:
        has_dates: only those that wait for a decision (true), or for their dates (false).
    """
    query = (
        with_all(select(Booking))
        .join(Booking.edition)
        .where(Edition.school_year == school_year, visible_to(actor), Booking.status == BookingStatus.REQUESTED)
        .order_by(Booking.booked_at, Booking.id)
    )
    if has_dates is None:
        return query
    condition: ColumnElement[bool] = Booking.slot_id.is_not(None) if has_dates else Booking.slot_id.is_(None)
    return query.where(condition)


def requests_among(actor: Actor, ids: Collection[uuid.UUID]) -> list[Booking]:
    """Give those bookings of `ids` that a person may see, with everything; in a fixed number of statements.

    Raises:
        NotYours: one of them is not there or not theirs.
    """
    found = db.session.scalars(with_all(select(Booking)).where(Booking.id.in_(list(ids)), visible_to(actor))).all()
    if len(found) != len(set(ids)):
        raise NotYours(ids)
    return list(found)


def _check_all(edition: Edition, parties: Sequence[Party]) -> None:
    facts = _facts_of(edition)
    known = class_facts.facts_of_classes([party.school_class for party in parties], edition)
    refusals: list[tuple[str, BookingRefusal]] = []
    asked: list[Party] = []
    for party in parties:
        institute = party.school_class.site.institute_id
        before = sum(other.school_class.site.institute_id == institute for other in asked)
        try:
            _check(facts, known[party.school_class.id].with_more_of_school(before), party)
        except BookingRefusal as no:
            if len(parties) == 1:
                raise
            refusals.append((party.school_class.label, no))
        else:
            asked.append(party)
    if refusals:
        raise rules.SeveralRefused(refusals=tuple(refusals))


def _check(facts: SlotFacts, known: ClassFacts, party: Party) -> None:
    if known.booking_of_edition is not None:
        raise rules.AlreadyBooked(booking_id=known.booking_of_edition)
    rules.check_class_fits(facts, known)
    rules.check_group(facts, pupils=party.pupils)
    rules.check_quota(facts.quota, known)


def _facts_of(edition: Edition) -> SlotFacts:
    programme = edition.programme
    return SlotFacts(
        is_cancelled=False,
        is_edition_open=edition.status is EditionStatus.OPEN,
        school_year=edition.school_year,
        levels=frozenset(programme.levels),
        grade_min=programme.grade_min,
        grade_max=programme.grade_max,
        group_min=edition.group_min,
        group_max=edition.group_max,
        quota=edition.quota_per_school,
        places=0,
        places_taken=0,
        books_from=None,
        books_until=date.max,
        meetings=(),
    )


def _fits(facts: SlotFacts, school_class: SchoolClass) -> bool:
    known = ClassFacts(
        level=school_class.site.level.value, grade=school_class.grade, school_year=school_class.school_year
    )
    try:
        rules.check_class_fits(facts, known)
    except BookingRefusal:
        return False
    return True


def _save(bookings: Sequence[Booking]) -> None:
    try:
        with db.session.begin_nested():
            db.session.add_all(bookings)
            db.session.flush()
    except IntegrityError as error:
        if constraint_of(error) in (ONE_PER_EDITION, ONE_PER_EDITION_ON_SQLITE):
            raise rules.AlreadyBooked(booking_id=None) from error
        raise
