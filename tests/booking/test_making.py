"""Booking several classes, by heads, and some of many dates: all or none, each refusal by its name."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking import audit, rules, service
from prevention.booking.models import Booking
from prevention.booking.rules import BookingStatus, CountedBy, MeetingStatus
from prevention.core.access import NotYours
from prevention.core.db import db
from tests.booking.people import NOW, book, letters, own_class, party, provider_of
from tests.factories.booking import FIRST_START, HOUR, make_booking, make_slot
from tests.factories.network import make_municipality
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import make_school_class, make_site

WEEK = timedelta(days=7)


def bookings() -> int:
    """How many there are."""
    return db.session.scalar(select(func.count()).select_from(Booking)) or 0


def test_several_classes_are_booked_in_one_act(app: Flask, bruno: User) -> None:
    slot = make_slot(places=3)

    made = service.book_classes(actor_of(bruno), slot, [party(bruno), party(bruno)], now=NOW)

    assert (2, 2) == (len(made), slot.places_taken)
    assert 2 == len(letters("booking-confirmed"))
    assert () == audit.violations()


def test_of_several_classes_all_are_booked_or_none_and_each_refusal_names_its_class(app: Flask, bruno: User) -> None:
    edition = make_edition(programme=make_programme(grade_max=2), group_min=10)
    slot = make_slot(edition=edition, places=9)
    fits = own_class(bruno)
    wrong, small = own_class(bruno, grade=4), own_class(bruno)

    with pytest.raises(rules.SeveralRefused) as no:
        service.book_classes(
            actor_of(bruno),
            slot,
            [party(bruno, fits), party(bruno, wrong), party(bruno, small, pupils=4)],
            now=NOW,
        )

    assert [(wrong.label, rules.WrongGrade), (small.label, rules.GroupTooSmall)] == [
        (label, type(each)) for label, each in no.value.refusals
    ]
    assert (0, 0) == (bookings(), slot.places_taken)


def test_three_classes_do_not_share_two_places(app: Flask, bruno: User) -> None:
    slot = make_slot(places=2)
    parties = [party(bruno) for _ in range(3)]

    with pytest.raises(rules.SeveralRefused) as no:
        service.book_classes(actor_of(bruno), slot, parties, now=NOW)

    ((label, refusal),) = no.value.refusals
    assert (parties[2].school_class.label, rules.SlotFull) == (label, type(refusal))
    assert (0, 0) == (bookings(), slot.places_taken)


def test_a_class_of_another_school_among_them_is_not_there(app: Flask, bruno: User, carla: User) -> None:
    slot = make_slot(places=2)

    with pytest.raises(NotYours):
        service.book_classes(actor_of(bruno), slot, [party(bruno), party(carla)], now=NOW)

    assert 0 == bookings()


def test_places_counted_by_heads_are_seats_for_pupils_and_adults(app: Flask, bruno: User, carla: User) -> None:
    slot = make_slot(places=50, counted_by=CountedBy.HEADS)
    booking = book(bruno, slot, pupils=28, adults=2)

    with pytest.raises(rules.DoNotFit) as no:
        book(carla, slot, pupils=20, adults=1)

    assert (21, 20) == (no.value.wanted, no.value.free)
    assert (30, 30) == (booking.places, slot.places_taken)
    service.cancel(actor_of(bruno), booking, reason="Gita", now=NOW)
    assert 0 == slot.places_taken
    assert () == audit.violations()


def test_a_class_takes_some_of_the_dates_and_leaves_the_others_to_others(app: Flask, bruno: User, carla: User) -> None:
    edition = make_edition(programme=make_programme(meetings=2))
    starts = [FIRST_START + WEEK * number for number in range(4)]
    slot = make_slot(edition=edition, starts=starts, dates_to_take=2)

    mine = book(bruno, slot, numbers=[1, 3])
    theirs = book(carla, slot, numbers=[2, 4])

    assert [(1, starts[0]), (2, starts[2])] == [(meeting.number, meeting.starts_at) for meeting in mine.meetings]
    assert [starts[1], starts[3]] == [meeting.starts_at for meeting in theirs.meetings]
    assert 1 == slot.places_taken
    assert () == audit.violations()


@pytest.mark.parametrize("numbers", [[], [1], [1, 2, 3], [1, 9]])
def test_another_number_of_dates_is_no_choice(app: Flask, bruno: User, numbers: list[int]) -> None:
    starts = [FIRST_START + WEEK * number for number in range(4)]
    slot = make_slot(edition=make_edition(programme=make_programme(meetings=2)), starts=starts, dates_to_take=2)

    with pytest.raises(rules.WrongChoiceOfDates):
        book(bruno, slot, numbers=numbers)

    assert (0, 0) == (bookings(), slot.places_taken)


def test_a_slot_to_choose_from_is_free_as_long_as_enough_dates_are(app: Flask, bruno: User, carla: User) -> None:
    starts = [FIRST_START + WEEK * number for number in range(3)]
    slot = make_slot(edition=make_edition(), starts=starts, dates_to_take=1)
    book(bruno, slot, numbers=[1])
    assert 0 == slot.places_taken
    book(carla, slot, numbers=[2])
    book(bruno, slot, numbers=[3])

    with pytest.raises(rules.SlotFull):
        book(bruno, slot, numbers=[3])

    assert 1 == slot.places_taken


def test_where_the_edition_does_not_accept_by_itself_a_booking_is_a_request_that_keeps_its_place(
    app: Flask, bruno: User, carla: User
) -> None:
    slot = make_slot(edition=make_edition(auto_accept=False))

    booking = book(bruno, slot)

    assert (BookingStatus.REQUESTED, 1) == (booking.status, slot.places_taken)
    assert [1, 0] == [len(letters("booking-requested")), len(letters("booking-confirmed"))]
    with pytest.raises(rules.SlotFull):
        book(carla, slot)
    assert () == audit.violations()


def test_a_school_gets_as_many_classes_as_its_quota(app: Flask, bruno: User, carla: User) -> None:
    slot = make_slot(edition=make_edition(quota_per_school=2), places=9)
    book(bruno, slot)

    with pytest.raises(rules.SeveralRefused) as no:
        service.book_classes(actor_of(bruno), slot, [party(bruno), party(bruno)], now=NOW)
    book(bruno, slot)
    with pytest.raises(rules.QuotaReached):
        book(bruno, slot)

    assert [rules.QuotaReached] == [type(each) for _label, each in no.value.refusals]
    book(carla, slot)
    assert 3 == slot.places_taken


def test_a_facilitator_needs_time_to_get_to_the_next_school(app: Flask, bruno: User, anna: User) -> None:
    """Without known centres the way between two towns is taken for three quarters of an hour."""
    edition = make_edition()
    dario = provider_of(edition)
    far = make_school_class(site=make_site(municipality_id=make_municipality().id))
    make_booking(anna, slot=make_slot(facilitator_id=dario.id), school_class=far)
    soon = make_slot(edition=edition, facilitator_id=dario.id, starts=[FIRST_START + HOUR + HOUR / 2])
    later = make_slot(edition=edition, facilitator_id=dario.id, starts=[FIRST_START + 3 * HOUR])

    with pytest.raises(rules.TravelTooShort) as no:
        book(bruno, soon)

    assert (45, 30) == (no.value.needed, no.value.there)
    assert BookingStatus.CONFIRMED is book(bruno, later).status


def test_a_facilitator_meets_classes_of_one_school_together_but_not_of_two(
    app: Flask, bruno: User, carla: User
) -> None:
    edition = make_edition()
    slot = make_slot(edition=edition, facilitator_id=provider_of(edition).id, places=3)
    site = make_site(institute_id=bruno.roles[0].institute_id)
    book(bruno, slot, make_school_class(site=site))
    book(bruno, slot, make_school_class(site=site))

    with pytest.raises(rules.FacilitatorBusy):
        book(carla, slot)

    assert () == audit.violations()


def test_dates_called_off_are_not_booked(app: Flask, bruno: User) -> None:
    slot = make_slot(starts=[FIRST_START, FIRST_START + WEEK])
    slot.meetings[1].status = MeetingStatus.CANCELLED
    db.session.flush()

    booking = book(bruno, slot)

    assert [1] == [meeting.number for meeting in booking.meetings]
