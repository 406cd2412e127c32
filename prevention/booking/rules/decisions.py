"""The decisions: values in; nothing, a value, or a named refusal out.

Every moment is aware. Days and school times are meant in Europe/Rome; the caller passes the zone in.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta, tzinfo

from prevention.booking.rules.refusals import (
    AlreadyBooked,
    AlreadyCancelled,
    AlreadyStarted,
    BookingClosed,
    ClassBusy,
    ClassOfAnotherYear,
    DoNotFit,
    EditionClosed,
    GroupTooLarge,
    GroupTooSmall,
    NotOpenYet,
    OthersWaiting,
    PlacesHeld,
    QuotaReached,
    SlotCancelled,
    SlotFull,
    TravelTooShort,
    WrongChoiceOfDates,
    WrongGrade,
    WrongLevel,
)
from prevention.booking.rules.school_days import check_days
from prevention.booking.rules.values import (
    STANDING,
    BookingStatus,
    ClassFacts,
    CountedBy,
    Engagement,
    Place,
    SlotFacts,
    Span,
)


def check_can_book(slot: SlotFacts, *, now: datetime, zone: tzinfo) -> None:
    """Refuse when nobody can book these dates now, whatever the class.

    Raises:
        SlotCancelled, EditionClosed, NotOpenYet, BookingClosed, AlreadyStarted, SlotFull, OthersWaiting, PlacesHeld:
            in this order.
    """
    check_takes_place(slot, now=now)
    check_booking_days(slot, now=now, zone=zone)
    if slot.places_taken >= slot.places:
        raise SlotFull(places=slot.places)
    if slot.has_waiting:
        raise OthersWaiting
    if slot.places_taken + slot.places_kept >= slot.places:
        raise PlacesHeld(until=slot.kept_until)


def check_takes_place(slot: SlotFacts, *, now: datetime) -> None:
    """Refuse dates that are off, over, or of an edition that takes no bookings.

    Raises:
        SlotCancelled, EditionClosed, AlreadyStarted: in this order.
    """
    if slot.is_cancelled:
        raise SlotCancelled
    if not slot.is_edition_open:
        raise EditionClosed
    if slot.meetings and slot.meetings[0].starts_at <= now:
        raise AlreadyStarted(started_at=slot.meetings[0].starts_at)


def check_booking_days(slot: SlotFacts, *, now: datetime, zone: tzinfo) -> None:
    """Refuse before the first and after the last day for booking.

    Raises:
        NotOpenYet, BookingClosed: in this order.
    """
    today = now.astimezone(zone).date()
    if slot.books_from is not None and today < slot.books_from:
        raise NotOpenYet(opens_on=slot.books_from)
    if today > slot.books_until:
        raise BookingClosed(closed_on=slot.books_until)


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


def check_booking(
    slot: SlotFacts,
    school_class: ClassFacts,
    *,
    pupils: int,
    places: int = 1,
    ahead: int = 0,
    now: datetime,
    zone: tzinfo,
    is_offered: bool = False,
) -> None:
    """Refuse a booking that may not be.

    The class that is already booked hears that first: to press a button twice is not to meet a full slot.

    Args:
        places: what it takes on each date, in the slot's unit.
        ahead: what classes take that are booked in the same act, before it.
        is_offered: a freed place was offered to this class: days for booking and who waits no longer count.

    Raises:
        AlreadyBooked: the class has a booking or a request of this edition.
        DoNotFit: counted by heads, fewer places are left.
        BookingRefusal: as `check_can_book`, `check_class_fits` and `check_class_can_come` say.
    """
    if school_class.booking_of_edition is not None:
        raise AlreadyBooked(booking_id=school_class.booking_of_edition)
    if is_offered:
        check_takes_place(slot, now=now)
    else:
        check_can_book(slot, now=now, zone=zone)
    check_class_fits(slot, school_class)
    check_class_can_come(slot, school_class, pupils=pupils)
    _check_places(slot, places=places, ahead=ahead)


def check_class_can_come(slot: SlotFacts, school_class: ClassFacts, *, pupils: int) -> None:
    """Refuse for reasons of the class itself, whatever the dates have free.

    Raises:
        GroupTooSmall, GroupTooLarge: the number of pupils does not fit.
        QuotaReached: its school has as many classes in the edition as it may.
        OutsideSchoolYear, SchoolClosed, OutsideBellTimes, HostClosed: there are no lessons then.
        ClassBusy: one of the dates meets another date of the class.
    """
    check_group(slot, pupils=pupils)
    check_quota(slot.quota, school_class)
    check_days(slot.meetings, school_class, host=slot.host)
    clash = first_clash(slot.meetings, school_class.engagements)
    if clash is not None:
        raise ClassBusy(span=clash.span, booking_id=clash.source_id)


def check_group(slot: SlotFacts, *, pupils: int) -> None:
    """Refuse a number of pupils that the edition does not work with.

    Raises:
        GroupTooSmall, GroupTooLarge: it does not fit.
    """
    if pupils < slot.group_min:
        raise GroupTooSmall(pupils=pupils, smallest=slot.group_min)
    if pupils > slot.group_max:
        raise GroupTooLarge(pupils=pupils, largest=slot.group_max)


def check_quota(quota: int | None, school_class: ClassFacts) -> None:
    """Refuse one class more of a school than the edition takes.

    Raises:
        QuotaReached: there are as many already.
    """
    if quota is not None and school_class.classes_of_school >= quota:
        raise QuotaReached(quota=quota)


def _check_places(slot: SlotFacts, *, places: int, ahead: int) -> None:
    taken = slot.places_taken + ahead
    if taken + places > slot.places:
        if slot.counted_by is CountedBy.HEADS:
            raise DoNotFit(wanted=places, free=max(0, slot.places - taken))
        raise SlotFull(places=slot.places)
    if taken + slot.places_kept + places > slot.places:
        raise PlacesHeld(until=slot.kept_until)


def places_wanted(counted_by: CountedBy, *, pupils: int, adults: int) -> int:
    """Give what a class takes on a date: one place, or a seat for each pupil and each adult."""
    return pupils + adults if counted_by is CountedBy.HEADS else 1


def check_choice(numbers: Collection[int], *, dates_to_take: int | None, there_are: Collection[int]) -> None:
    """Refuse a choice of dates that is not one.

    Args:
        numbers: the dates chosen.
        dates_to_take: how many a class takes; None for all of them.
        there_are: the dates that can be chosen.

    Raises:
        WrongChoiceOfDates: too few, too many, or dates that are not there.
    """
    wanted = len(there_are) if dates_to_take is None else dates_to_take
    given = len(set(numbers) & set(there_are))
    if given != wanted or len(set(numbers)) != wanted:
        raise WrongChoiceOfDates(wanted=wanted, given=given)


def check_travel(
    span: Span, place: Place, engagements: Iterable[Engagement], *, minutes: Callable[[uuid.UUID, uuid.UUID], int]
) -> None:
    """Refuse a date that a facilitator cannot reach from the one before, or from which not the one after.

    Args:
        place: where the date takes place.
        engagements: the other dates of the facilitator; those without a place are left out.
        minutes: how long it takes from one municipality to another.

    Raises:
        TravelTooShort: there is less time in between than the way takes. Dates in the same school need no way.
    """
    for other in engagements:
        if other.place is None or other.place.site_id == place.site_id or span.overlaps(other.span):
            continue
        gap = max(span.starts_at - other.span.ends_at, other.span.starts_at - span.ends_at)
        needed = minutes(other.place.municipality_id, place.municipality_id)
        if gap < timedelta(minutes=needed):
            raise TravelTooShort(
                span=other.span, needed=needed, there=int(gap.total_seconds() // 60), place=other.place.name
            )


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
    if status not in STANDING:
        raise AlreadyCancelled
    if first_start is not None and first_start <= now:
        raise AlreadyStarted(started_at=first_start)
