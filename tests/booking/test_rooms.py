"""A room holds one date at a time: published, booked, moved and brought back, told on pages, in mails and calendars."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking import audit, letters, rules, service
from prevention.booking.models import Slot
from prevention.booking.rules import MeetingStatus, SlotPlan, Span
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.roles import Role
from prevention.schools.rules import school_year_of
from prevention.schools.time_models import Room
from tests.booking.people import NOW, book
from tests.booking.people import letters as mails
from tests.booking.test_at_once import A_FEW, all_at_once, post, signed_in
from tests.factories.accounts import make_user
from tests.factories.booking import FIRST_START, HOUR, make_booking, make_slot
from tests.factories.programmes import make_edition, make_programme
from tests.factories.school_time import make_room, next_lesson
from tests.factories.schools import make_site
from tests.support.http import Client, soup

WEEK = timedelta(days=7)
SignIn = Callable[[User], Client]


def slot_in(room: Room, **values: Any) -> Slot:
    """A slot at the room's site, in the room."""
    return make_slot(site=room.site, room=room, **values)


def publish(anna: User, room: Room, start: datetime = FIRST_START, **details: Any) -> Slot:
    """Publish a date in a room of its site."""
    plan = SlotPlan(
        places=1,
        books_from=None,
        books_until=date(2027, 1, 5),
        meetings=(Span(starts_at=start, ends_at=start + HOUR),),
    )
    where = service.SlotDetails(**{"site_id": room.site_id, "room_id": room.id, **details})
    return service.publish_slot(actor_of(anna), make_edition(), plan, details=where, now=NOW)


def test_dates_in_one_room_follow_each_other(anna: User) -> None:
    room = make_room()
    slot = publish(anna, room)
    publish(anna, room, FIRST_START + HOUR)
    publish(anna, make_room(site=room.site))

    assert room.id == slot.room_id
    with pytest.raises(rules.RoomBusy) as no:
        publish(anna, room, FIRST_START + HOUR / 2)
    assert FIRST_START == no.value.span.starts_at
    assert () == audit.violations()


def test_a_room_is_free_again_when_its_dates_are_called_off(anna: User) -> None:
    room = make_room()
    first = publish(anna, room)
    service.cancel_slot(actor_of(anna), first, reason="Malattia", now=NOW)

    assert publish(anna, room).room_id == room.id


def test_a_room_is_one_in_use_of_the_site(anna: User) -> None:
    room = make_room()
    for details in ({"site_id": make_site().id}, {"site_id": None}):
        with pytest.raises(rules.WrongRoom):
            publish(anna, room, **details)
    room.is_in_use = False
    with pytest.raises(rules.WrongRoom):
        publish(anna, room)


def test_classes_of_one_date_share_its_room(bruno: User) -> None:
    slot = slot_in(make_room(), places=2)

    bookings = [book(bruno, slot), book(bruno, slot)]

    assert {slot.room_id} == {meeting.room_id for booking in bookings for meeting in booking.meetings}
    assert () == audit.violations()


def test_no_class_is_booked_into_a_room_that_is_taken(bruno: User, anna: User) -> None:
    """A date of a booking that stands in the room, though the slot it came from was called off."""
    room = make_room()
    make_booking(anna, slot=slot_in(room, starts=[FIRST_START + HOUR / 2]))

    with pytest.raises(rules.RoomBusy):
        book(bruno, slot_in(room))


def test_a_date_moves_with_the_room_of_where_it_goes(bruno: User) -> None:
    room, other = make_room(), None
    slot = slot_in(room)
    other = make_room(site=room.site)
    later = slot_in(other, edition=slot.edition, starts=[FIRST_START + WEEK])
    booking = book(bruno, slot)

    service.move_to_date(actor_of(bruno), booking, booking.meetings[0], later.meetings[0].id, now=NOW)

    assert other.id == booking.meetings[0].room_id
    assert other.name in mails("booking-moved")[-1].body


@pytest.mark.parametrize("was_off", [False, True], ids=["moved", "brought back"])
def test_no_date_is_moved_or_brought_back_into_a_room_that_is_taken(bruno: User, anna: User, was_off: bool) -> None:
    room = make_room()
    slot = slot_in(room, starts=[FIRST_START, FIRST_START + HOUR])
    later = slot_in(room, edition=slot.edition, starts=[FIRST_START + WEEK, FIRST_START + WEEK + HOUR])
    booking = book(bruno, slot)
    make_booking(anna, slot=slot_in(room, starts=[FIRST_START + WEEK + HOUR]))
    meeting = booking.meetings[1]
    if was_off:
        service.cancel_meeting(actor_of(bruno), booking, meeting, reason="Gita", now=NOW)

    with pytest.raises(rules.RoomBusy):
        service.move_to_date(actor_of(bruno), booking, meeting, later.meetings[1].id, now=NOW)

    assert slot.meetings[1].id == meeting.slot_meeting_id
    assert (MeetingStatus.CANCELLED if was_off else MeetingStatus.PLANNED) is meeting.status


def test_the_room_stands_in_the_calendar_entry_and_on_the_pages(sign_in: SignIn, bruno: User) -> None:
    room = make_room(name="Aula magna")
    slot = slot_in(room)
    booking = book(bruno, slot)

    entry = letters.entry_of(booking, booking.meetings[0], language="it")

    assert entry.location.startswith("Aula magna, ")
    assert "Aula magna" in mails("booking-confirmed")[0].body
    for address in (f"/booking/slots/{slot.id}", f"/booking/{booking.id}"):
        assert "Aula magna" in sign_in(bruno).page(address).get_text()


def fields(**values: str) -> dict[str, str]:
    """A dated place for a programme of one meeting."""
    return {
        "facilitator_id": "",
        "places": "2",
        "books_until": "2027-01-05",
        "dates-0-day": "2027-01-12",
        "dates-0-starts": "10:00",
        **values,
    }


def address_to_publish() -> str:
    """Where dates of an edition of one meeting are published."""
    return f"/booking/editions/{make_edition(programme=make_programme(meetings=1)).id}/publish"


def test_the_rooms_of_a_school_are_shown_and_one_is_chosen(sign_in: SignIn, anna: User) -> None:
    room, _elsewhere = make_room(), make_room()
    address, client = address_to_publish(), sign_in(anna)
    written = fields(site_code=room.site.code)

    page = soup(client.post(address, data={**written, "rooms": "1"}))
    response = client.post(address, data={**written, "room_id": str(room.id)})

    options = page.select("#room_id option")
    assert ["", str(room.id)] == [option["value"] for option in options]
    assert "30" in options[1].get_text()
    assert "2027-01-12" == page.select_one("#dates-0-day")["value"]
    assert 303 == response.status_code
    assert room.id == db.session.scalars(select(Slot.room_id)).one()


@pytest.mark.parametrize("room_id", ["another site's", "none at all", "not an id"])
def test_a_room_of_another_site_is_refused_in_words(sign_in: SignIn, anna: User, room_id: str) -> None:
    room, address = make_room(), address_to_publish()
    chosen = {"another site's": str(make_room().id), "none at all": str(make_site().id)}.get(room_id, "x")

    response = sign_in(anna).post(address, data=fields(site_code=room.site.code, room_id=chosen))

    assert 422 == response.status_code
    assert "not a room of the school chosen" in soup(response).get_text()
    assert 0 == db.session.scalar(select(func.count()).select_from(Slot))


@pytest.mark.parametrize("code", ["", "XXXX00000X"])
def test_to_show_rooms_one_writes_a_school_first(sign_in: SignIn, anna: User, code: str) -> None:
    response = sign_in(anna).post(address_to_publish(), data=fields(site_code=code, rooms="1"))

    assert 422 == response.status_code
    assert "Write the code of a school" in soup(response).get_text()


def test_a_school_without_rooms_says_so(sign_in: SignIn, anna: User) -> None:
    response = sign_in(anna).post(address_to_publish(), data=fields(site_code=make_site().code, rooms="1"))

    assert "has not entered any room" in soup(response).get_text()


def test_a_busy_room_is_refused_with_its_time(sign_in: SignIn, anna: User) -> None:
    room = make_room()
    slot_in(room)

    response = sign_in(anna).post(address_to_publish(), data=fields(site_code=room.site.code, room_id=str(room.id)))

    assert 422 == response.status_code
    assert "The room is taken on" in soup(response).select_one(".error-summary").get_text()


def test_of_many_who_publish_in_one_room_at_once_one_succeeds(live_app: Flask) -> None:
    """The slots are different rows: only the lock on the room keeps two from being in it."""
    start = next_lesson()
    day = clock.day_of(start)
    with live_app.app_context(), unit_of_work():
        office = make_user("Anna", Role.OFFICE).email
        room = make_room()
        room_id, code = str(room.id), room.site.code
        editions = [make_edition(school_year=school_year_of(day)).id for _ in range(A_FEW)]
    clients = [signed_in(live_app, office) for _ in range(A_FEW)]
    written = {
        "facilitator_id": "",
        "places": "1",
        "books_until": day.isoformat(),
        "dates-0-day": day.isoformat(),
        "dates-0-starts": f"{start.astimezone(clock.ROME):%H:%M}",
        "site_code": code,
        "room_id": room_id,
    }

    answers = all_at_once(
        clients, lambda client, number: post(client, f"/booking/editions/{editions[number]}/publish", **written)
    )

    assert {303: 1, 422: A_FEW - 1} == Counter(status for status, _page in answers)
    assert all("The room is taken on" in page for status, page in answers if status == 422)
    with live_app.app_context():
        assert 1 == db.session.scalar(select(func.count()).select_from(Slot))
        assert () == audit.violations()
