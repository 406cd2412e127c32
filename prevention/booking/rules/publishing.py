"""Decisions about publishing dated places: values in; nothing, a proposal, or a named refusal out.

Every moment is aware. Days and school times are meant in Europe/Rome; the caller passes the zone in.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from prevention.booking.rules.decisions import first_clash
from prevention.booking.rules.refusals import (
    BooksUntilTooLate,
    DateOutOfOrder,
    DateOutsideYear,
    EditionClosed,
    EditionPlansDates,
    FacilitatorBusy,
    RoomBusy,
    WrongFacilitator,
    WrongNumberOfDates,
    WrongPlaces,
    WrongRoom,
)
from prevention.booking.rules.school_days import check_presence, check_school_days
from prevention.booking.rules.values import PublishFacts, SlotPlan, Span

MOST_PLACES = 200
LONGEST_MEETING = timedelta(hours=10)
WEEK = timedelta(days=7)


def check_publish(plan: SlotPlan, facts: PublishFacts, *, now: datetime, zone: tzinfo) -> None:
    """Refuse dated places that cannot be published.

    Raises:
        EditionClosed, EditionPlansDates, WrongFacilitator, WrongRoom, WrongPlaces, WrongNumberOfDates,
        DateOutOfOrder, DateOutsideYear, BooksUntilTooLate, OutsideSchoolYear, SchoolClosed, OutsideBellTimes,
        FacilitatorAway, FacilitatorBusy, RoomBusy: in this order.
    """
    _check_frame(facts)
    if not 1 <= plan.places <= MOST_PLACES:
        raise WrongPlaces(places=plan.places, most=MOST_PLACES)
    is_enough = (
        facts.meetings_wanted <= len(plan.meetings) if plan.is_choice else len(plan.meetings) == facts.meetings_wanted
    )
    if not is_enough or not plan.meetings:
        raise WrongNumberOfDates(wanted=facts.meetings_wanted, given=len(plan.meetings))
    _check_dates(plan.meetings, facts, now=now, zone=zone)
    first_day = plan.meetings[0].starts_at.astimezone(zone).date()
    if plan.books_until > first_day or (plan.books_from is not None and plan.books_from > plan.books_until):
        raise BooksUntilTooLate(books_until=plan.books_until, first_day=first_day)
    if facts.school_time is not None:
        check_school_days(plan.meetings, facts.school_time)
    check_presence(plan.meetings, facts.presence, zone=zone)
    clash = first_clash(plan.meetings, facts.engagements)
    if clash is not None:
        raise FacilitatorBusy(span=clash.span)
    clash = first_clash(plan.meetings, facts.room_engagements)
    if clash is not None:
        raise RoomBusy(span=clash.span)


def _check_frame(facts: PublishFacts) -> None:
    if not facts.is_edition_open:
        raise EditionClosed
    if not facts.takes_dates:
        raise EditionPlansDates
    if not facts.is_facilitator_of_provider:
        raise WrongFacilitator
    if not facts.is_room_of_site:
        raise WrongRoom


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
