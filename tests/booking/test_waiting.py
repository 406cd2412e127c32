"""The waiting list: whole classes, in a line that puts the never reached first, with offers that pass on."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking import audit, rules, service, wording
from prevention.booking.models import Slot, WaitingClass
from prevention.booking.rules import BookingStatus, CountedBy, SlotStatus, WaitingStatus
from prevention.booking.tasks import pass_next_offer_on
from prevention.core import clock
from prevention.core.access import NotYours
from prevention.core.db import db
from prevention.core.i18n import in_language
from tests.booking.people import NOW, book, letters, own_class, party, provider_of
from tests.factories.booking import FIRST_START, HOUR, make_booking, make_slot, make_waiting_class
from tests.factories.programmes import make_edition
from tests.factories.school_time import make_room
from tests.factories.schools import make_school_class, make_site

OFFER = timedelta(hours=48)


def full_slot(anna: User, **values: Any) -> Slot:
    """A slot whose only place is booked by somebody."""
    slot = make_slot(**values)
    make_booking(anna, slot=slot)
    return slot


def free_the_place(anna: User, slot: Slot) -> None:
    """Call off the booking that fills the slot."""
    (booking,) = [each for each in service.bookings_of(slot) if each.status is BookingStatus.CONFIRMED]
    service.cancel(actor_of(anna), booking, reason="Gita", now=NOW)


def join(person: User, slot: Slot, *, minutes: int = 0, **values: Any) -> WaitingClass:
    """Put a class of the person's school on the list, so many minutes later."""
    return service.join(actor_of(person), slot, party(person, **values), now=NOW + timedelta(minutes=minutes))


def test_a_freed_place_is_offered_to_the_class_that_waits_and_to_nobody_else(
    app: Flask, anna: User, bruno: User, carla: User
) -> None:
    slot = full_slot(anna)
    waiting = join(bruno, slot)
    free_the_place(anna, slot)

    assert (WaitingStatus.OFFERED, NOW + OFFER) == (waiting.status, waiting.offer_expires_at)
    assert [bruno.email] == [message.recipient for message in letters("waiting-offer")]
    with pytest.raises(rules.OthersWaiting):
        book(carla, slot)

    booking = service.accept(actor_of(bruno), waiting, now=NOW)

    assert (BookingStatus.CONFIRMED, waiting.school_class_id) == (booking.status, booking.school_class_id)
    assert (WaitingStatus.BOOKED, booking.id, 1) == (waiting.status, waiting.booking_id, slot.places_taken)
    assert () == audit.violations()


def test_an_offer_is_taken_once(app: Flask, anna: User, bruno: User) -> None:
    slot = full_slot(anna)
    waiting = join(bruno, slot)
    free_the_place(anna, slot)
    service.accept(actor_of(bruno), waiting, now=NOW)

    with pytest.raises(rules.OfferGone):
        service.accept(actor_of(bruno), waiting, now=NOW)


def test_an_offer_that_ran_out_passes_on_to_the_next(app: Flask, anna: User, bruno: User, carla: User) -> None:
    slot = full_slot(anna)
    first, second = join(bruno, slot), join(carla, slot, minutes=1)
    free_the_place(anna, slot)
    assert (WaitingStatus.OFFERED, WaitingStatus.WAITING) == (first.status, second.status)

    with clock.frozen(NOW + OFFER):
        with pytest.raises(rules.OfferGone):
            service.accept(actor_of(bruno), first, now=clock.now())
        assert pass_next_offer_on()
        assert not pass_next_offer_on()

    assert (WaitingStatus.EXPIRED, WaitingStatus.OFFERED) == (first.status, second.status)
    assert [bruno.email] == [message.recipient for message in letters("waiting-lapsed")]
    assert () == audit.violations()


def test_an_offer_declined_passes_on_at_once(app: Flask, anna: User, bruno: User, carla: User) -> None:
    slot = full_slot(anna)
    first, second = join(bruno, slot), join(carla, slot, minutes=1)
    free_the_place(anna, slot)

    service.withdraw(actor_of(bruno), first, now=NOW)

    assert (WaitingStatus.WITHDRAWN, WaitingStatus.OFFERED) == (first.status, second.status)
    with pytest.raises(rules.NotOnTheList):
        service.withdraw(actor_of(bruno), first, now=NOW)


def test_a_class_that_does_not_fit_is_passed_by_and_sees_why(app: Flask, anna: User, bruno: User, carla: User) -> None:
    """24 pupils and an adult do not fit in 20 places; the next class, of 15, does."""
    slot = make_slot(places=45, counted_by=CountedBy.HEADS)
    slot.places_taken = slot.meetings[0].places_taken = 45
    booking = make_booking(anna, slot=make_slot(places=99))
    booking.slot, booking.meetings[0].slot_meeting_id, booking.places = slot, slot.meetings[0].id, 20
    booking.edition = slot.edition
    large, small = join(bruno, slot, pupils=24), join(carla, slot, pupils=15, minutes=1)

    service.cancel(actor_of(anna), booking, reason="Gita", now=NOW)

    assert (WaitingStatus.WAITING, WaitingStatus.OFFERED) == (large.status, small.status)
    assert {"why": "DoNotFit", "wanted": 25, "free": 20, "at": NOW.isoformat()} == large.skips[0]
    with in_language("en"):
        assert "The class needs 25 places, and 20 were free." == wording.skip(large.skips[0])
    (letter,) = letters("waiting-skipped")
    assert bruno.email == letter.recipient
    assert "25" in letter.body
    assert "20" in letter.body


def test_a_class_to_which_the_facilitator_cannot_come_gets_no_offer(
    app: Flask, anna: User, bruno: User, carla: User
) -> None:
    """They are at another school with the class that stays, so the place is for a class of that school."""
    slot = make_slot(places=2)
    slot.facilitator_id = provider_of(slot.edition).id
    first = own_class(carla)
    make_booking(anna, slot=slot, school_class=first)
    goes = make_booking(anna, slot=slot, school_class=make_school_class(site=first.site))
    at_another_school = join(bruno, slot)
    neighbour = service.join(
        actor_of(carla), slot, party(carla, make_school_class(site=first.site)), now=NOW + timedelta(minutes=1)
    )

    service.cancel(actor_of(anna), goes, reason="Gita", now=NOW)

    assert (WaitingStatus.WAITING, WaitingStatus.OFFERED) == (at_another_school.status, neighbour.status)
    assert "FacilitatorBusy" == at_another_school.skips[0]["why"]
    with in_language("en"):
        assert "another school" in wording.skip(at_another_school.skips[0])
    service.accept(actor_of(carla), neighbour, now=NOW)
    assert () == audit.violations()


def test_a_class_gets_no_offer_of_a_date_whose_room_is_taken(app: Flask, anna: User, bruno: User) -> None:
    """Somebody else's date went into the room after the slot was published."""
    room = make_room()
    slot = full_slot(anna, site=room.site, room=room)
    waiting = join(bruno, slot)
    in_the_way = make_booking(anna, slot=make_slot(site=room.site, room=room))
    in_the_way.slot.status = SlotStatus.CANCELLED
    db.session.flush()

    free_the_place(anna, slot)

    assert (WaitingStatus.WAITING, "RoomBusy") == (waiting.status, waiting.skips[0]["why"])
    with in_language("en"):
        assert "The room is taken at that time." == wording.skip(waiting.skips[0])


@pytest.mark.parametrize(
    "no",
    [
        rules.AlreadyBooked, rules.SlotCancelled, rules.EditionClosed, rules.AlreadyStarted, rules.ClassOfAnotherYear,
        rules.WrongLevel, rules.WrongGrade, rules.GroupTooSmall, rules.GroupTooLarge, rules.QuotaReached,
        rules.OutsideSchoolYear, rules.SchoolClosed, rules.OutsideBellTimes, rules.ClassBusy, rules.PlacesHeld,
        rules.FacilitatorBusy, rules.TravelTooShort, rules.RoomBusy,
    ],
)  # fmt: skip
def test_every_reason_to_pass_a_class_by_that_is_not_a_number_has_its_own_words(
    app: Flask, no: type[rules.BookingRefusal]
) -> None:
    skip = {"why": no.__name__, "wanted": 1, "free": 2, "at": NOW.isoformat()}

    with in_language("en"):
        assert "places" not in wording.skip(skip) or no is rules.PlacesHeld
        assert wording.skip(skip) != wording.skip({**skip, "why": "SlotFull"})


def test_schools_and_classes_never_reached_come_first(app: Flask, anna: User, bruno: User, carla: User) -> None:
    slot = full_slot(anna)
    reached_class = own_class(bruno)
    make_booking(anna, school_class=reached_class, slot=make_slot(starts=[FIRST_START + timedelta(days=3)]))
    reached = make_waiting_class(bruno, slot, school_class=reached_class)
    sister = make_waiting_class(bruno, slot, school_class=own_class(bruno), joined_at=NOW + timedelta(hours=1))
    new_school = make_waiting_class(carla, slot, school_class=own_class(carla), joined_at=NOW + timedelta(hours=2))

    assert [new_school.id, sister.id, reached.id] == [each.id for each in service.line_of(slot)]


def test_a_class_cannot_wait_for_what_is_free_or_for_what_it_never_gets(app: Flask, anna: User, bruno: User) -> None:
    with pytest.raises(rules.StillFree):
        join(bruno, make_slot())
    with pytest.raises(rules.NeverFits):
        join(bruno, make_slot(places=20, places_taken=20, counted_by=CountedBy.HEADS))
    slot = full_slot(anna)
    waiting = join(bruno, slot)
    with pytest.raises(rules.AlreadyWaiting):
        service.join(actor_of(bruno), slot, party(bruno, waiting.school_class), now=NOW)


def test_who_joins_while_a_place_is_free_for_those_who_wait_gets_an_offer_at_once(
    app: Flask, anna: User, bruno: User, carla: User
) -> None:
    """The class before it cannot come at that time, so the place is there; but only through the list."""
    slot = full_slot(anna)
    busy = join(bruno, slot)
    make_booking(anna, school_class=busy.school_class, slot=make_slot())
    free_the_place(anna, slot)
    assert WaitingStatus.WAITING is busy.status
    with pytest.raises(rules.OthersWaiting):
        book(carla, slot)

    late = join(carla, slot)

    assert WaitingStatus.OFFERED is late.status
    assert "ClassBusy" == busy.skips[0]["why"]


def test_a_list_ends_with_its_slot(app: Flask, anna: User, bruno: User) -> None:
    slot = full_slot(anna)
    waiting = join(bruno, slot)

    service.cancel_slot(actor_of(anna), slot, reason="Malattia", now=NOW)

    assert WaitingStatus.CLOSED is waiting.status
    (mail,) = letters("waiting-closed")
    assert bruno.email == mail.recipient
    assert "Malattia" in mail.body
    assert f"/booking/slots?programme={slot.edition.programme.slug}" in mail.body


@pytest.mark.parametrize("dates_to_take", [None, 2])
def test_who_waits_for_a_date_that_is_called_off_waits_for_the_others_or_is_told(
    app: Flask, anna: User, bruno: User, dates_to_take: int | None
) -> None:
    """Of two dates one goes: who takes all dates waits for the other; who must choose two has no choice left."""
    slot = make_slot(starts=[FIRST_START, FIRST_START + HOUR], dates_to_take=dates_to_take)
    make_booking(anna, slot=slot)
    waiting = make_waiting_class(bruno, slot)

    service.cancel_slot_meeting(actor_of(anna), slot, slot.meetings[1].id, reason="Malattia", now=NOW)

    told = [mail.recipient for mail in letters("waiting-closed")]
    if dates_to_take is None:
        assert ([1], WaitingStatus.WAITING, []) == (waiting.numbers, waiting.status, told)
    else:
        assert (WaitingStatus.CLOSED, [bruno.email]) == (waiting.status, told)


def test_a_list_ends_when_the_dates_begin(app: Flask, anna: User, bruno: User) -> None:
    waiting = join(bruno, full_slot(anna))

    with clock.frozen(FIRST_START):
        assert pass_next_offer_on()
        assert not pass_next_offer_on()

    assert WaitingStatus.CLOSED is waiting.status


def test_a_place_whose_hold_ended_goes_to_the_class_that_waits(
    app: Flask, anna: User, bruno: User, carla: User
) -> None:
    slot = make_slot()
    service.hold(actor_of(carla), slot, now=NOW)
    waiting = join(bruno, slot)
    assert WaitingStatus.WAITING is waiting.status

    with clock.frozen(NOW + rules.HOLD):
        assert pass_next_offer_on()
        assert not pass_next_offer_on()

    assert WaitingStatus.OFFERED is waiting.status


def test_only_its_school_takes_the_offer_and_only_those_concerned_see_it(
    app: Flask, anna: User, bruno: User, carla: User, dario: User
) -> None:
    slot = full_slot(anna)
    waiting = join(bruno, slot)
    free_the_place(anna, slot)

    for person in (carla, dario):
        with pytest.raises(NotYours):
            service.waiting_class_for(actor_of(person), waiting.id)
        with pytest.raises(NotYours):
            service.accept(actor_of(person), waiting, now=NOW)
        with pytest.raises(NotYours):
            service.withdraw(actor_of(person), waiting, now=NOW)
    for person in (anna, bruno, provider_of(slot.edition)):
        assert waiting is service.waiting_class_for(actor_of(person), waiting.id)
    assert WaitingStatus.OFFERED is waiting.status


def test_an_offer_is_taken_after_the_last_day_for_booking(app: Flask, anna: User, bruno: User) -> None:
    slot = full_slot(anna)
    waiting = join(bruno, slot)
    late = FIRST_START - timedelta(days=2)
    (booking,) = service.bookings_of(slot)
    service.cancel(actor_of(anna), booking, reason="Gita", now=late)

    service.accept(actor_of(bruno), waiting, now=late)

    assert (1, WaitingStatus.BOOKED) == (slot.places_taken, waiting.status)


def test_where_the_edition_asks_first_an_accepted_offer_is_a_request(app: Flask, anna: User, bruno: User) -> None:
    slot = full_slot(anna, edition=make_edition(auto_accept=False))
    waiting = join(bruno, slot)
    free_the_place(anna, slot)

    assert BookingStatus.REQUESTED is service.accept(actor_of(bruno), waiting, now=NOW).status


def test_two_places_that_become_free_make_two_offers(app: Flask, anna: User, bruno: User, carla: User) -> None:
    slot = make_slot(places=2)
    school_class = make_school_class(site=make_site())
    bookings = [make_booking(anna, slot=slot, school_class=school_class), make_booking(anna, slot=slot)]
    first, second = join(bruno, slot), join(carla, slot, minutes=1)

    for booking in bookings:
        service.cancel(actor_of(anna), booking, reason="Gita", now=NOW)

    assert {WaitingStatus.OFFERED} == {first.status, second.status}
    db.session.flush()
    assert () == audit.violations()
