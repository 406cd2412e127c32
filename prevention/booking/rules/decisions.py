"""The decisions: values in; nothing, a value, or a named refusal out.

Every moment is aware. Days and school times are meant in Europe/Rome; the caller passes the zone in.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from prevention.booking.rules.refusals import (
    AlreadyBooked,
    AlreadyCancelled,
    AlreadyStarted,
    BookingClosed,
    BooksUntilTooLate,
    ClassBusy,
    ClassOfAnotherYear,
    DateOutOfOrder,
    DateOutsideYear,
    EditionClosed,
    FacilitatorBusy,
    GroupTooLarge,
    GroupTooSmall,
    NotOpenYet,
    SlotCancelled,
    SlotFull,
    WrongFacilitator,
    WrongGrade,
    WrongLevel,
    WrongNumberOfDates,
    WrongPlaces,
)
from prevention.booking.rules.school_days import check_school_days
from prevention.booking.rules.values import (
    BookingStatus,
    ClassFacts,
    Engagement,
    PublishFacts,
    SlotFacts,
    SlotPlan,
    Span,
)

MOST_PLACES = 200
LONGEST_MEETING = timedelta(hours=10)
WEEK = timedelta(days=7)


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
        OutsideSchoolYear, SchoolClosed, OutsideBellTimes: the class has no lessons then.
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
    if school_class.school_time is not None:
        check_school_days(
            slot.meetings, school_class.school_time, grade=school_class.grade, class_id=school_class.class_id
        )
    clash = first_clash(slot.meetings, school_class.engagements)
    if clash is not None:
        raise ClassBusy(span=clash.span, booking_id=clash.source_id)


def places_in_the_way(taken: Sequence[int], *, dates_to_take: int | None, places: int) -> int:
    """Give how full dated places are for a class that takes all dates, or `dates_to_take` of them.

    Args:
        taken: places taken on each date that takes place.
        places: places on each date; the answer where there are fewer dates than a class takes.

    Returns:
        The fullest of all dates; of dates to choose from, the fullest of the emptiest `dates_to_take`: as long as it
        is below `places`, so many dates have a place left.
    """
    wanted = len(taken) if dates_to_take is None else dates_to_take
    if not taken or len(taken) < wanted:
        return places if dates_to_take is not None else max(taken, default=0)
    return sorted(taken)[wanted - 1]


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


def check_publish(plan: SlotPlan, facts: PublishFacts, *, now: datetime, zone: tzinfo) -> None:
    """Refuse dated places that cannot be published.

    Raises:
        EditionClosed, WrongFacilitator, WrongPlaces, WrongNumberOfDates, DateOutOfOrder, DateOutsideYear,
        BooksUntilTooLate, OutsideSchoolYear, SchoolClosed, OutsideBellTimes, FacilitatorBusy: in this order.
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
    if facts.school_time is not None:
        check_school_days(plan.meetings, facts.school_time)
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
