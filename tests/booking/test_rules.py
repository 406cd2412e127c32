"""Rules of booking: each refusal by its own case, and what must never be."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevention.booking import rules
from prevention.booking.rules import (
    BookingRefusal,
    BookingStatus,
    ClassFacts,
    Engagement,
    PublishFacts,
    SlotFacts,
    SlotPlan,
    Span,
)
from prevention.core.clock import ROME

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
START = datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
BOOKING = uuid.UUID(int=7)


def span(start: datetime = START, length: timedelta = HOUR) -> Span:
    """An hour, unless said otherwise."""
    return Span(starts_at=start, ends_at=start + length)


def slot(**values: Any) -> SlotFacts:
    """One free place that any first-grade class of upper secondary school can book today."""
    return SlotFacts(
        **{
            "is_cancelled": False,
            "is_edition_open": True,
            "school_year": 2026,
            "levels": frozenset({"secondo_grado"}),
            "grade_min": 1,
            "grade_max": 2,
            "group_min": 10,
            "group_max": 30,
            "places": 2,
            "places_taken": 1,
            "books_from": None,
            "books_until": date(2027, 1, 5),
            "meetings": (span(),),
            **values,
        }
    )


def school_class(**values: Any) -> ClassFacts:
    """A first-grade class that has nothing yet."""
    return ClassFacts(**{"level": "secondo_grado", "grade": 1, "school_year": 2026, **values})


def engaged(start: datetime, length: timedelta = HOUR) -> tuple[Engagement, ...]:
    """One other date."""
    return (Engagement(span=span(start, length), source_id=BOOKING),)


def check(slot_facts: SlotFacts, class_facts: ClassFacts, pupils: int = 25, now: datetime = NOW) -> None:
    """Ask the rules."""
    rules.check_booking(slot_facts, class_facts, pupils=pupils, now=now, zone=ROME)


def test_a_class_that_fits_may_book() -> None:
    check(slot(), school_class())


@pytest.mark.parametrize(
    ("slot_values", "class_values", "pupils", "refusal", "values"),
    [
        ({"is_cancelled": True}, {}, 25, rules.SlotCancelled, {}),
        ({"is_edition_open": False}, {}, 25, rules.EditionClosed, {}),
        ({"books_from": date(2026, 11, 24)}, {}, 25, rules.NotOpenYet, {"opens_on": date(2026, 11, 24)}),
        ({"books_until": date(2026, 11, 22)}, {}, 25, rules.BookingClosed, {"closed_on": date(2026, 11, 22)}),
        ({"meetings": (span(NOW),)}, {}, 25, rules.AlreadyStarted, {"started_at": NOW}),
        ({"places_taken": 2}, {}, 25, rules.SlotFull, {"places": 2}),
        ({}, {"school_year": 2025}, 25, rules.ClassOfAnotherYear, {"class_year": 2025, "offer_year": 2026}),
        ({}, {"level": "primo_grado"}, 25, rules.WrongLevel, {"level": "primo_grado"}),
        ({}, {"grade": 3}, 25, rules.WrongGrade, {"grade": 3, "grade_min": 1, "grade_max": 2}),
        ({"grade_min": 2}, {}, 25, rules.WrongGrade, {"grade": 1, "grade_min": 2, "grade_max": 2}),
        ({}, {}, 9, rules.GroupTooSmall, {"pupils": 9, "smallest": 10}),
        ({}, {}, 31, rules.GroupTooLarge, {"pupils": 31, "largest": 30}),
        ({}, {"booking_of_edition": BOOKING}, 25, rules.AlreadyBooked, {"booking_id": BOOKING}),
        ({}, {"engagements": engaged(START + HOUR / 2)}, 25, rules.ClassBusy, {"booking_id": BOOKING}),
    ],
)
def test_each_reason_not_to_book_has_its_name_and_its_values(
    slot_values: dict[str, Any],
    class_values: dict[str, Any],
    pupils: int,
    refusal: type[BookingRefusal],
    values: dict[str, Any],
) -> None:
    with pytest.raises(refusal) as no:
        check(slot(**slot_values), school_class(**class_values), pupils)

    assert values == {name: getattr(no.value, name) for name in values}


@pytest.mark.parametrize(
    "slot_values",
    [
        {"books_from": date(2026, 11, 23)},
        {"books_until": date(2026, 11, 23)},
        {"meetings": ()},
        {"group_min": 25},
        {"group_max": 25},
        {"places": 2, "places_taken": 0},
    ],
)
def test_the_limits_themselves_are_allowed(slot_values: dict[str, Any]) -> None:
    check(slot(**slot_values), school_class())


def test_days_are_counted_in_rome() -> None:
    """Half past eleven at night in London is the next day in Rome, when booking is over."""
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)

    with pytest.raises(rules.BookingClosed):
        check(slot(books_until=date(2026, 11, 23)), school_class(), now=late)


@pytest.mark.parametrize("other", [START - HOUR, START + HOUR])
def test_a_date_that_only_touches_another_is_no_clash(other: datetime) -> None:
    check(slot(), school_class(engagements=engaged(other)))


def test_a_class_that_is_booked_hears_that_first() -> None:
    """Pressing the button twice is answered with the booking, although the slot has become full by it."""
    with pytest.raises(rules.AlreadyBooked):
        check(slot(places_taken=2), school_class(booking_of_edition=BOOKING))


SPANS = st.builds(
    span,
    start=st.integers(0, 200).map(lambda hours: START + HOUR * hours),
    length=st.integers(1, 5).map(lambda hours: HOUR * hours),
)


@given(wanted=st.lists(SPANS, max_size=5), others=st.lists(SPANS, max_size=10))
def test_no_clash_is_ever_missed(wanted: list[Span], others: list[Span]) -> None:
    engagements = [Engagement(span=other, source_id=BOOKING) for other in others]
    shares_an_hour = any(set(_hours(one)) & set(_hours(other)) for one in wanted for other in others)

    assert shares_an_hour is (rules.first_clash(wanted, engagements) is not None)


def _hours(value: Span) -> list[datetime]:
    count = int((value.ends_at - value.starts_at) / HOUR)
    return [value.starts_at + HOUR * number for number in range(count)]


@given(one=SPANS, other=SPANS)
def test_overlapping_is_mutual(one: Span, other: Span) -> None:
    assert one.overlaps(other) is other.overlaps(one)


def test_a_booking_ahead_can_be_called_off() -> None:
    rules.check_cancel(status=BookingStatus.CONFIRMED, first_start=START, now=NOW)
    rules.check_cancel(status=BookingStatus.CONFIRMED, first_start=None, now=NOW)


def test_a_booking_is_called_off_once() -> None:
    with pytest.raises(rules.AlreadyCancelled):
        rules.check_cancel(status=BookingStatus.CANCELLED, first_start=START, now=NOW)


@pytest.mark.parametrize("now", [START, START + HOUR])
def test_what_has_begun_is_not_called_off(now: datetime) -> None:
    with pytest.raises(rules.AlreadyStarted) as no:
        rules.check_cancel(status=BookingStatus.CONFIRMED, first_start=START, now=now)

    assert START == no.value.started_at


def plan(**values: Any) -> SlotPlan:
    """One place on one date."""
    return SlotPlan(
        **{
            "places": 1,
            "books_from": None,
            "books_until": date(2027, 1, 12),
            "meetings": (span(),),
            **values,
        }
    )


def publish_facts(**values: Any) -> PublishFacts:
    """An open edition of one meeting, led by one of its own facilitators, who is free."""
    return PublishFacts(
        **{
            "is_edition_open": True,
            "meetings_wanted": 1,
            "year_starts_on": date(2026, 9, 1),
            "year_ends_on": date(2027, 8, 31),
            "is_facilitator_of_provider": True,
            **values,
        }
    )


@pytest.mark.parametrize(
    ("plan_values", "facts_values"),
    [
        ({}, {}),
        ({"books_from": date(2027, 1, 12)}, {}),
        ({"places": rules.MOST_PLACES}, {}),
        ({"meetings": (span(), span(START + HOUR))}, {"meetings_wanted": 2}),
        ({"meetings": (span(length=rules.LONGEST_MEETING),)}, {}),
        ({}, {"engagements": engaged(START + HOUR)}),
    ],
)
def test_dates_that_are_right_can_be_published(plan_values: dict[str, Any], facts_values: dict[str, Any]) -> None:
    rules.check_publish(plan(**plan_values), publish_facts(**facts_values), now=NOW, zone=ROME)


@pytest.mark.parametrize(
    ("plan_values", "facts_values", "refusal", "values"),
    [
        ({}, {"is_edition_open": False}, rules.EditionClosed, {}),
        ({}, {"is_facilitator_of_provider": False}, rules.WrongFacilitator, {}),
        ({"places": 0}, {}, rules.WrongPlaces, {"places": 0, "most": 200}),
        ({"places": 201}, {}, rules.WrongPlaces, {"places": 201}),
        ({}, {"meetings_wanted": 2}, rules.WrongNumberOfDates, {"wanted": 2, "given": 1}),
        ({"meetings": ()}, {"meetings_wanted": 0}, rules.WrongNumberOfDates, {"wanted": 0, "given": 0}),
        ({"meetings": (span(length=timedelta(0)),)}, {}, rules.DateOutOfOrder, {"number": 1}),
        ({"meetings": (span(length=timedelta(hours=11)),)}, {}, rules.DateOutOfOrder, {"number": 1}),
        (
            {"meetings": (span(), span(START + HOUR / 2))},
            {"meetings_wanted": 2},
            rules.DateOutOfOrder,
            {"number": 2},
        ),
        ({"meetings": (span(NOW),)}, {}, rules.DateOutsideYear, {"number": 1}),
        ({"meetings": (span(datetime(2027, 9, 1, 9, tzinfo=UTC)),)}, {}, rules.DateOutsideYear, {"number": 1}),
        (
            {"books_until": date(2027, 1, 13)},
            {},
            rules.BooksUntilTooLate,
            {"books_until": date(2027, 1, 13), "first_day": date(2027, 1, 12)},
        ),
        ({"books_from": date(2027, 1, 13)}, {}, rules.BooksUntilTooLate, {}),
        ({}, {"engagements": engaged(START - HOUR / 2)}, rules.FacilitatorBusy, {}),
    ],
)
def test_each_reason_not_to_publish_has_its_name_and_its_values(
    plan_values: dict[str, Any],
    facts_values: dict[str, Any],
    refusal: type[BookingRefusal],
    values: dict[str, Any],
) -> None:
    with pytest.raises(refusal) as no:
        rules.check_publish(plan(**plan_values), publish_facts(**facts_values), now=NOW, zone=ROME)

    assert values == {name: getattr(no.value, name) for name in values}


def test_weekly_dates_keep_the_hour_on_the_wall_across_summer_time() -> None:
    spans = rules.weekly(date(2027, 3, 23), at=time(9, 55), minutes=[60, 60, 55], zone=ROME)

    assert ["2027-03-23 09:55", "2027-03-30 09:55", "2027-04-06 09:55"] == [
        f"{each.starts_at:%Y-%m-%d %H:%M}" for each in spans
    ]
    assert ["08:55", "07:55", "07:55"] == [f"{each.starts_at.astimezone(UTC):%H:%M}" for each in spans]
    assert [60, 60, 55] == [int((each.ends_at - each.starts_at).total_seconds() // 60) for each in spans]


def test_every_refusal_of_the_room_is_a_refusal_of_the_house() -> None:
    from prevention.core.web import Refusal

    assert all(issubclass(each, Refusal) for each in BookingRefusal.__subclasses__())
