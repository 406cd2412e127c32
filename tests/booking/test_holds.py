"""Holds: a place kept while a form is open, for one person, and free again by itself."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking import audit, rules, service
from prevention.booking.models import SlotHold
from prevention.booking.rules import CountedBy
from prevention.core.db import db
from tests.booking.people import NOW, book
from tests.factories.booking import FIRST_START, make_slot
from tests.factories.programmes import make_edition

LATER = NOW + rules.HOLD


def held() -> int:
    """How many dates are held."""
    return db.session.scalar(select(func.count()).select_from(SlotHold)) or 0


def test_a_held_place_counts_as_taken_for_others_and_not_for_its_owner(app: Flask, bruno: User, carla: User) -> None:
    slot = make_slot()
    until = service.hold(actor_of(bruno), slot, now=NOW)

    with pytest.raises(rules.PlacesHeld) as no:
        book(carla, slot)
    book(bruno, slot)

    assert (LATER, LATER) == (until, no.value.until)
    assert (1, 0) == (slot.places_taken, held())
    assert () == audit.violations()


def test_a_hold_ends_without_anybody_doing_anything(app: Flask, bruno: User, carla: User) -> None:
    slot = make_slot()
    service.hold(actor_of(bruno), slot, now=NOW)

    book(carla, slot, now=LATER)

    assert 1 == slot.places_taken
    with pytest.raises(rules.SlotFull):
        book(bruno, slot, now=LATER)


def test_one_person_holds_a_slot_once(app: Flask, bruno: User, carla: User) -> None:
    slot = make_slot(places=2)
    for _ in range(3):
        service.hold(actor_of(bruno), slot, now=NOW)

    assert 1 == held()
    service.hold(actor_of(carla), slot, now=NOW)
    assert 2 == held()


def test_who_comes_to_a_held_place_is_told_until_when(app: Flask, bruno: User, carla: User) -> None:
    slot = make_slot()
    service.hold(actor_of(bruno), slot, now=NOW)

    with pytest.raises(rules.PlacesHeld):
        service.hold(actor_of(carla), slot, now=NOW)

    assert LATER == service.held_until(actor_of(bruno), slot, now=NOW)
    assert service.held_until(actor_of(carla), slot, now=NOW) is None
    assert service.held_until(actor_of(bruno), slot, now=LATER) is None


def test_a_hold_given_back_is_free_at_once(app: Flask, bruno: User, carla: User) -> None:
    slot = make_slot()
    service.hold(actor_of(bruno), slot, now=NOW)

    service.give_back(actor_of(bruno), slot)

    book(carla, slot)


def test_seats_are_held_as_many_as_are_left(app: Flask, bruno: User, carla: User) -> None:
    slot = make_slot(places=20, counted_by=CountedBy.HEADS)

    service.hold(actor_of(bruno), slot, places_wanted=26, now=NOW)

    assert [20] == list(db.session.scalars(select(SlotHold.places)))
    with pytest.raises(rules.PlacesHeld):
        service.check_can_book(actor_of(carla), slot, now=NOW)


def test_where_dates_are_chosen_only_the_first_free_ones_are_held(app: Flask, bruno: User, carla: User) -> None:
    starts = [FIRST_START + timedelta(days=7 * number) for number in range(3)]
    slot = make_slot(edition=make_edition(), starts=starts, dates_to_take=1)

    service.hold(actor_of(bruno), slot, now=NOW)

    assert 1 == held()
    book(carla, slot, numbers=[2])
    with pytest.raises(rules.PlacesHeld):
        book(carla, slot, numbers=[1])
