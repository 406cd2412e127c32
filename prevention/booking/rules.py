"""Decisions about dated places and bookings: values in; nothing, a value, or a named refusal out.

Every moment is aware. Days and school times are meant in Europe/Rome; the caller passes the zone in.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from prevention.core.web import Refusal

MOST_PLACES = 200
LONGEST_MEETING = timedelta(hours=10)
WEEK = timedelta(days=7)


class SlotStatus(StrEnum):
    """A slot is open until it is called off; whether it can be booked depends on its days and places too."""

    OPEN = "open"
    CANCELLED = "cancelled"


class BookingStatus(StrEnum):
    """A booking holds its place while confirmed."""

    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class MeetingStatus(StrEnum):
    """A date of a booking: planned, or called off. What happened on it is written down in `delivery`."""

    PLANNED = "planned"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A stretch of time between two aware moments; the end is not part of it."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Span") -> bool:
        """Say whether the two stretches share any moment; touching ends do not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotFacts:
    """What the rules need to know of dated places. Grades are 1 to 5, group sizes count pupils."""

    is_cancelled: bool
    is_edition_open: bool
    school_year: int
    levels: frozenset[str]
    grade_min: int
    grade_max: int
    group_min: int
    group_max: int
    places: int
    places_taken: int
    books_from: date | None
    books_until: date
    meetings: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Engagement:
    """A date that a class or a facilitator already has: when, and in which booking or slot."""

    span: Span
    source_id: uuid.UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassFacts:
    """What the rules need to know of the class that wants a place."""

    level: str
    grade: int
    school_year: int
    booking_of_edition: uuid.UUID | None = None
    engagements: tuple[Engagement, ...] = ()


class BookingRefusal(Refusal):
    """Base of what this room refuses."""


class SlotCancelled(BookingRefusal):
    """The dates were called off."""


class NotOpenYet(BookingRefusal):
    """Bookings begin on a later day."""

    def __init__(self, *, opens_on: date) -> None:
        super().__init__(opens_on)
        self.opens_on = opens_on


class BookingClosed(BookingRefusal):
    """The last day for booking has passed."""

    def __init__(self, *, closed_on: date) -> None:
        super().__init__(closed_on)
        self.closed_on = closed_on


class AlreadyStarted(BookingRefusal):
    """The first date has begun."""

    def __init__(self, *, started_at: datetime) -> None:
        super().__init__(started_at)
        self.started_at = started_at


class EditionClosed(BookingRefusal):
    """The programme takes no bookings this year, or no more."""


class ClassOfAnotherYear(BookingRefusal):
    """The class belongs to another school year than the offer."""

    def __init__(self, *, class_year: int, offer_year: int) -> None:
        super().__init__(class_year, offer_year)
        self.class_year = class_year
        self.offer_year = offer_year


class WrongLevel(BookingRefusal):
    """The programme is for another level of school."""

    def __init__(self, *, level: str, levels: frozenset[str]) -> None:
        super().__init__(level, levels)
        self.level = level
        self.levels = levels


class WrongGrade(BookingRefusal):
    """The programme is for other grades."""

    def __init__(self, *, grade: int, grade_min: int, grade_max: int) -> None:
        super().__init__(grade, grade_min, grade_max)
        self.grade = grade
        self.grade_min = grade_min
        self.grade_max = grade_max


class GroupTooSmall(BookingRefusal):
    """Fewer pupils than the programme works with."""

    def __init__(self, *, pupils: int, smallest: int) -> None:
        super().__init__(pupils, smallest)
        self.pupils = pupils
        self.smallest = smallest


class GroupTooLarge(BookingRefusal):
    """More pupils than the programme works with."""

    def __init__(self, *, pupils: int, largest: int) -> None:
        super().__init__(pupils, largest)
        self.pupils = pupils
        self.largest = largest


class AlreadyBooked(BookingRefusal):
    """The class already has a booking of this programme this year."""

    def __init__(self, *, booking_id: uuid.UUID | None) -> None:
        super().__init__(booking_id)
        self.booking_id = booking_id


class ClassBusy(BookingRefusal):
    """The class already has something else at one of the times."""

    def __init__(self, *, span: Span, booking_id: uuid.UUID) -> None:
        super().__init__(span, booking_id)
        self.span = span
        self.booking_id = booking_id


class SlotFull(BookingRefusal):
    """No place is left."""

    def __init__(self, *, places: int) -> None:
        super().__init__(places)
        self.places = places


class AlreadyCancelled(BookingRefusal):
    """It was called off before."""


class WrongPlaces(BookingRefusal):
    """The number of places is not one that can be offered."""

    def __init__(self, *, places: int, most: int) -> None:
        super().__init__(places, most)
        self.places = places
        self.most = most


class WrongNumberOfDates(BookingRefusal):
    """There must be one date for each meeting of the programme."""

    def __init__(self, *, wanted: int, given: int) -> None:
        super().__init__(wanted, given)
        self.wanted = wanted
        self.given = given


class DateOutOfOrder(BookingRefusal):
    """A date ends before it starts, lasts too long, or begins before the one before it has ended."""

    def __init__(self, *, number: int) -> None:
        super().__init__(number)
        self.number = number


class DateOutsideYear(BookingRefusal):
    """A date lies outside the school year of the edition, or in the past."""

    def __init__(self, *, number: int) -> None:
        super().__init__(number)
        self.number = number


class BooksUntilTooLate(BookingRefusal):
    """Booking would end after the first date, or before it begins."""

    def __init__(self, *, books_until: date, first_day: date) -> None:
        super().__init__(books_until, first_day)
        self.books_until = books_until
        self.first_day = first_day


class FacilitatorBusy(BookingRefusal):
    """The facilitator already has other dates at one of the times."""

    def __init__(self, *, span: Span) -> None:
        super().__init__(span)
        self.span = span


class WrongFacilitator(BookingRefusal):
    """The person does not work for the organisation that provides the edition."""


def check_can_book(slot: SlotFacts, *, now: datetime, zone: tzinfo) -> None:
    """Refuse when nobody can book these dates now, whatever the class.

    Raises:
        SlotCancelled, EditionClosed, NotOpenYet, BookingClosed, AlreadyStarted, SlotFull: in this order.
    """
    if slot.is_cancelled:
        raise SlotCancelled
    if not slot.is_edition_open:
        raise EditionClosed
    today = now.astimezone(zone).date()
    if slot.books_from is not None and today < slot.books_from:
        raise NotOpenYet(opens_on=slot.books_from)
    if today > slot.books_until:
        raise BookingClosed(closed_on=slot.books_until)
    if slot.meetings and slot.meetings[0].starts_at <= now:
        raise AlreadyStarted(started_at=slot.meetings[0].starts_at)
    if slot.places_taken >= slot.places:
        raise SlotFull(places=slot.places)


def check_class_fits(slot: SlotFacts, school_class: ClassFacts) -> None:
    """Refuse a class that the programme is not for.

    Raises:
        ClassOfAnotherYear, WrongLevel, WrongGrade: in this order.
    """
    if school_class.school_year != slot.school_year:
        raise ClassOfAnotherYear(class_year=school_class.school_year, offer_year=slot.school_year)
    if school_class.level not in slot.levels:
        raise WrongLevel(level=school_class.level, levels=slot.levels)
    if not slot.grade_min <= school_class.grade <= slot.grade_max:
        raise WrongGrade(grade=school_class.grade, grade_min=slot.grade_min, grade_max=slot.grade_max)


def check_booking(slot: SlotFacts, school_class: ClassFacts, *, pupils: int, now: datetime, zone: tzinfo) -> None:
    """Refuse a booking that may not be.

    The class that is already booked hears that first: to press a button twice is not to meet a full slot.

    Raises:
        AlreadyBooked: the class has a confirmed booking of this edition.
        GroupTooSmall, GroupTooLarge: the number of pupils does not fit.
        ClassBusy: one of the dates meets another date of the class.
        BookingRefusal: as `check_can_book` and `check_class_fits` say.
    """
    if school_class.booking_of_edition is not None:
        raise AlreadyBooked(booking_id=school_class.booking_of_edition)
    check_can_book(slot, now=now, zone=zone)
    check_class_fits(slot, school_class)
    if pupils < slot.group_min:
        raise GroupTooSmall(pupils=pupils, smallest=slot.group_min)
    if pupils > slot.group_max:
        raise GroupTooLarge(pupils=pupils, largest=slot.group_max)
    clash = first_clash(slot.meetings, school_class.engagements)
    if clash is not None:
        raise ClassBusy(span=clash.span, booking_id=clash.source_id)


def first_clash(spans: Iterable[Span], engagements: Sequence[Engagement]) -> Engagement | None:
    """Give the first engagement that meets one of `spans`, or None."""
    for span in spans:
        for engagement in engagements:
            if span.overlaps(engagement.span):
                return engagement
    return None


def check_cancel(*, status: BookingStatus, first_start: datetime | None, now: datetime) -> None:
    """Refuse to call off a booking that is off already or whose first date has begun.

    What has begun is history that registers and coverage count; single later dates are another matter.

    Raises:
        AlreadyCancelled, AlreadyStarted: in this order.
    """
    if status is BookingStatus.CANCELLED:
        raise AlreadyCancelled
    if first_start is not None and first_start <= now:
        raise AlreadyStarted(started_at=first_start)


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotPlan:
    """Dated places as a provider wants to publish them; `meetings` in order, one for each of the programme."""

    places: int
    books_from: date | None
    books_until: date
    meetings: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishFacts:
    """What the rules need to know to publish: the edition and what its facilitator already has."""

    is_edition_open: bool
    meetings_wanted: int
    year_starts_on: date
    year_ends_on: date
    is_facilitator_of_provider: bool
    engagements: tuple[Engagement, ...] = ()


def check_publish(plan: SlotPlan, facts: PublishFacts, *, now: datetime, zone: tzinfo) -> None:
    """Refuse dated places that cannot be published.

    Raises:
        EditionClosed, WrongFacilitator, WrongPlaces, WrongNumberOfDates, DateOutOfOrder, DateOutsideYear,
        BooksUntilTooLate, FacilitatorBusy: in this order.
    """
    if not facts.is_edition_open:
        raise EditionClosed
    if not facts.is_facilitator_of_provider:
        raise WrongFacilitator
    if not 1 <= plan.places <= MOST_PLACES:
        raise WrongPlaces(places=plan.places, most=MOST_PLACES)
    if len(plan.meetings) != facts.meetings_wanted or not plan.meetings:
        raise WrongNumberOfDates(wanted=facts.meetings_wanted, given=len(plan.meetings))
    _check_dates(plan.meetings, facts, now=now, zone=zone)
    first_day = plan.meetings[0].starts_at.astimezone(zone).date()
    if plan.books_until > first_day or (plan.books_from is not None and plan.books_from > plan.books_until):
        raise BooksUntilTooLate(books_until=plan.books_until, first_day=first_day)
    clash = first_clash(plan.meetings, facts.engagements)
    if clash is not None:
        raise FacilitatorBusy(span=clash.span)


def _check_dates(meetings: Sequence[Span], facts: PublishFacts, *, now: datetime, zone: tzinfo) -> None:
    earliest = now
    for number, span in enumerate(meetings, start=1):
        if span.ends_at <= span.starts_at or span.ends_at - span.starts_at > LONGEST_MEETING:
            raise DateOutOfOrder(number=number)
        if number > 1 and span.starts_at < earliest:
            raise DateOutOfOrder(number=number)
        day = span.starts_at.astimezone(zone).date()
        if not facts.year_starts_on <= day <= facts.year_ends_on or span.starts_at <= now:
            raise DateOutsideYear(number=number)
        earliest = span.ends_at


def weekly(first_day: date, *, at: time, minutes: Sequence[int], zone: tzinfo) -> tuple[Span, ...]:
    """Propose one date a week, always at the same hour on the wall clock, for meetings of the given lengths.

    Args:
        first_day: day of the first meeting.
        at: time of day at which each begins, in `zone`.
        minutes: planned length of each meeting, in order.
        zone: where the hour is meant; a change to or from summer time does not move it.
    """
    starts = [datetime.combine(first_day + WEEK * week, at, tzinfo=zone) for week in range(len(minutes))]
    return tuple(
        Span(starts_at=start, ends_at=start + timedelta(minutes=length))
        for start, length in zip(starts, minutes, strict=True)
    )
