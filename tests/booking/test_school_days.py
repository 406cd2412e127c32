"""No dates on closed days or outside bell times: through the real services, for a whole school year."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking import rules, service
from prevention.booking.models import Slot
from prevention.booking.rules import SlotPlan, Span, WaitingStatus
from prevention.booking.service import SlotDetails
from prevention.booking.service.making import Party
from prevention.core import clock
from prevention.core.db import db
from prevention.roles import Role
from prevention.schools import service as schools
from prevention.schools.models import SchoolClass, Site
from prevention.schools.school_time import MONDAY_TO_FRIDAY, BellPlan, days_of
from tests.factories.accounts import make_user
from tests.factories.booking import make_booking, make_slot
from tests.factories.network import make_municipality
from tests.factories.programmes import make_edition, make_programme
from tests.factories.school_time import make_bells, make_closure
from tests.factories.schools import make_school_class, make_site

BEFORE_THE_YEAR = datetime(2026, 8, 1, 9, 0, tzinfo=UTC)
# The bells of the school of the fixture, a quarter of an hour too early, and too late for the last one.
STARTS = [time(7, 30), time(8, 10), time(9, 5), time(10), time(11, 5), time(12), time(12, 50), time(13)]
HOUR = timedelta(hours=1)
THE_YEAR = (date(2026, 9, 1), date(2027, 8, 31))


def at(day: date, start: time) -> Span:
    starts_at = datetime.combine(day, start, tzinfo=clock.ROME).astimezone(UTC)
    return Span(starts_at=starts_at, ends_at=starts_at + HOUR)


def days_and_hours(first: date, last: date) -> Iterator[tuple[date, time]]:
    """Give each day once, each with the next of the hours: eight hours meet every weekday within eight weeks."""
    for number, day in enumerate(days_of(first, last)):
        yield day, STARTS[number % len(STARTS)]


@pytest.fixture
def school(app: Flask) -> Site:
    """A school of Cremona: five days, six hours of 55 minutes from 8:10, a trip of its fourth grades in spring."""
    site = make_site(municipality=make_municipality(name="Cremona"))
    schools.load_year(None, 2026)
    make_bells(site, BellPlan(starts=time(8, 10), hours=6, minutes=55, weekdays=MONDAY_TO_FRIDAY, breaks=((3, 10),)))
    make_closure(institute_id=site.institute_id, first_day=date(2027, 4, 12), last_day=date(2027, 4, 16), grades=[4])
    make_closure(institute_id=site.institute_id, first_day=date(2027, 2, 1))
    return site


def should_be_open(span: Span, *, grade: int | None) -> bool:
    """Say by a plain reading of the printed calendar whether the school of the fixture teaches then."""
    day = clock.day_of(span.starts_at)
    closed = [
        (date(2026, 11, 1), date(2026, 11, 1)), (date(2026, 11, 13), date(2026, 11, 13)),
        (date(2026, 12, 8), date(2026, 12, 8)), (date(2026, 12, 23), date(2027, 1, 6)),
        (date(2027, 2, 8), date(2027, 2, 9)), (date(2027, 3, 25), date(2027, 3, 30)),
        (date(2027, 4, 25), date(2027, 4, 25)), (date(2027, 5, 1), date(2027, 5, 1)),
        (date(2027, 6, 2), date(2027, 6, 2)), (date(2027, 2, 1), date(2027, 2, 1)),
    ]  # fmt: skip
    if grade == 4:
        closed.append((date(2027, 4, 12), date(2027, 4, 16)))
    first, last = span.starts_at.astimezone(clock.ROME).time(), span.ends_at.astimezone(clock.ROME).time()
    return (
        date(2026, 9, 12) <= day <= date(2027, 6, 8)
        and day.weekday() < 5
        and not any(start <= day <= end for start, end in closed)
        and time(8, 10) <= first
        and last <= time(13, 50)
    )


def publish(anna: User, slot_of: Slot, span: Span, site: Site | None) -> bool:
    plan = SlotPlan(places=1, books_from=None, books_until=clock.day_of(span.starts_at), meetings=(span,))
    try:
        with db.session.begin_nested() as savepoint:
            service.publish_slot(
                actor_of(anna),
                slot_of.edition,
                plan,
                details=SlotDetails(site_id=site.id if site else None),
                now=BEFORE_THE_YEAR,
            )
            savepoint.rollback()
    except (rules.SchoolClosed, rules.OutsideBellTimes, rules.OutsideSchoolYear):
        return False
    return True


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_no_slot_at_a_school_stands_on_a_closed_day_or_outside_its_bells(anna: User, school: Site) -> None:
    slot = make_slot(edition=make_edition(programme=make_programme()))

    wrong = [
        (day, start)
        for day, start in days_and_hours(*THE_YEAR)
        if publish(anna, slot, at(day, start), school) != should_be_open(at(day, start), grade=None)
    ]

    assert [] == wrong


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("grade", "first", "last"),
    [(4, *THE_YEAR), (3, date(2027, 4, 5), date(2027, 4, 23))],
    ids=["the whole year", "around the trip of another grade"],
)
def test_no_class_is_booked_on_a_closed_day_or_outside_its_bells(
    school: Site, grade: int, first: date, last: date
) -> None:
    bruno = make_user("Bruno", Role.COORDINATOR, institute_id=school.institute_id)
    school_class = make_school_class(site=school, grade=grade)
    slot = make_slot(books_until=date(2027, 8, 31))

    wrong = [
        (day, start)
        for day, start in days_and_hours(first, last)
        if book(bruno, slot, school_class, at(day, start)) != should_be_open(at(day, start), grade=grade)
    ]

    assert [] == wrong


def book(bruno: User, slot: Slot, school_class: SchoolClass, span: Span) -> bool:
    try:
        with db.session.begin_nested() as savepoint:
            slot.meetings[0].starts_at, slot.meetings[0].ends_at = span.starts_at, span.ends_at
            db.session.flush()
            service.book(actor_of(bruno), slot, school_class, pupils=20, now=BEFORE_THE_YEAR)
            savepoint.rollback()
            db.session.expire(slot)
    except (rules.SchoolClosed, rules.OutsideBellTimes, rules.OutsideSchoolYear):
        return False
    return True


def waits_and_moves(school: Site) -> tuple[User, SchoolClass]:
    bruno = make_user("Bruno", Role.COORDINATOR, institute_id=school.institute_id)
    return bruno, make_school_class(site=school, grade=4)


@pytest.mark.parametrize(
    ("wrong", "no"),
    [
        (at(date(2027, 4, 13), time(10)), rules.SchoolClosed),
        (at(date(2027, 4, 17), time(10)), rules.OutsideBellTimes),
        (at(date(2027, 4, 20), time(7, 30)), rules.OutsideBellTimes),
        (at(date(2027, 6, 10), time(10)), rules.OutsideSchoolYear),
    ],
)
def test_no_date_moves_to_a_closed_day_or_outside_the_bells(
    school: Site, wrong: Span, no: type[rules.BookingRefusal]
) -> None:
    """Neither to a time of one's own nor to a date on offer, and neither is proposed."""
    bruno, school_class = waits_and_moves(school)
    actor = actor_of(bruno)
    slot = make_slot(starts=[at(date(2027, 4, 20), time(10)).starts_at], books_until=date(2027, 6, 1))
    offered = make_slot(starts=[wrong.starts_at], edition=slot.edition, books_until=date(2027, 6, 1))
    booking = service.book(actor, slot, school_class, pupils=20, now=BEFORE_THE_YEAR)
    (meeting,) = booking.meetings

    with pytest.raises(no):
        service.move_to_time(actor, booking, meeting, wrong, now=BEFORE_THE_YEAR)
    with pytest.raises(no):
        service.move_to_date(actor, booking, meeting, offered.meetings[0].id, now=BEFORE_THE_YEAR)
    assert [] == service.dates_to_go_to(booking, meeting, now=BEFORE_THE_YEAR)
    proposed = service.times_to_go_to(booking, meeting, now=BEFORE_THE_YEAR)
    assert proposed
    assert all(should_be_open(span, grade=4) for span in proposed)
    assert (slot.meetings[0].id, 0) == (meeting.slot_meeting_id, meeting.sequence)


def test_no_class_waits_for_a_date_on_which_it_is_away_nor_takes_one(anna: User, school: Site) -> None:
    bruno, school_class = waits_and_moves(school)
    actor = actor_of(bruno)

    def full(day: date) -> Slot:
        slot = make_slot(starts=[at(day, time(10)).starts_at], books_until=date(2027, 6, 1))
        make_booking(anna, slot=slot)
        return slot

    party = Party(school_class=school_class, pupils=20)
    with pytest.raises(rules.SchoolClosed):
        service.join(actor, full(date(2027, 4, 13)), party, now=BEFORE_THE_YEAR)

    slots = [full(date(2027, 4, 20)), full(date(2027, 4, 21))]
    passed_by, offered = (service.join(actor, slot, party, now=BEFORE_THE_YEAR) for slot in slots)
    _free(anna, slots[1])
    assert WaitingStatus.OFFERED is offered.status
    make_closure(institute_id=school.institute_id, first_day=date(2027, 4, 20), last_day=date(2027, 4, 21))

    _free(anna, slots[0])
    assert (WaitingStatus.WAITING, "SchoolClosed") == (passed_by.status, passed_by.skips[0]["why"])
    with pytest.raises(rules.SchoolClosed):
        service.accept(actor, offered, now=BEFORE_THE_YEAR)


def _free(anna: User, slot: Slot) -> None:
    (booking,) = [each for each in service.bookings_of(slot) if each.status is rules.BookingStatus.CONFIRMED]
    service.cancel(actor_of(anna), booking, reason="Gita", now=BEFORE_THE_YEAR)
