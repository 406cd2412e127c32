"""A room of the class's own school for dates on offer: kept when one books, shared or not, chosen, moved, refused."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking import audit, rules, service
from prevention.booking.models import Booking, BookingMeeting, Slot
from prevention.booking.rules import MeetingStatus, Span, WaitingStatus
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.programmes.rules import RoomNeed
from prevention.roles import Role
from prevention.schools.models import Site
from prevention.schools.rules import RoomKind, school_year_of
from prevention.schools.time_models import Room
from tests.booking.people import NOW, book, letters, party
from tests.booking.test_at_once import A_FEW, all_at_once, post, signed_in
from tests.factories.accounts import make_user
from tests.factories.booking import FIRST_START, HOUR, make_booking, make_slot
from tests.factories.planning import make_leader
from tests.factories.programmes import make_edition, make_programme
from tests.factories.school_time import make_room, next_lesson
from tests.factories.schools import make_institute, make_school_class, make_site
from tests.support.http import Client, soup

WEEK = timedelta(days=7)
SignIn = Callable[[User], Client]


def needy_slot(*, kind: RoomKind | None = RoomKind.GYM, need: RoomNeed = RoomNeed.ROOM, **values: Any) -> Slot:
    """Dates at the class's own school that need a gym."""
    starts = values.setdefault("starts", [FIRST_START])
    edition = make_edition(
        programme=make_programme(meetings=len(starts)), room_need=need, room_kind=kind, school_year=2026
    )
    return make_slot(**{"edition": edition, "places": 3, **values})


@pytest.fixture
def site(bruno: User) -> Site:
    return make_site(institute_id=bruno.roles[0].institute_id)


def gym(site: Site, **values: Any) -> Room:
    return make_room(**{"site": site, "kind": RoomKind.GYM, "capacity": 60, "has_projector": False, **values})


def book_there(bruno: User, slot: Slot, site: Site) -> Booking:
    return book(bruno, slot, make_school_class(site=site))


def rooms_of(booking: Booking) -> list[Any]:
    return [meeting.room_id for meeting in booking.meetings]


def test_a_class_gets_the_smallest_room_of_the_kind_and_the_same_on_all_dates(bruno: User, site: Site) -> None:
    large = gym(site, capacity=200)
    small = gym(site)
    gym(site, capacity=10)
    gym(site, is_in_use=False)
    gym(make_site())
    make_room(site=site, kind=RoomKind.HALL)
    make_booking(bruno, slot=make_slot(starts=[FIRST_START + WEEK], site=site, room=small))

    booking = book_there(bruno, needy_slot(starts=[FIRST_START, FIRST_START + WEEK]), site)

    assert [large.id, large.id] == rooms_of(booking)
    assert large.name in letters("booking-confirmed")[0].body
    assert () == audit.violations()


def test_where_no_room_is_free_on_all_dates_each_date_has_its_own(bruno: User, site: Site) -> None:
    one, other = gym(site), gym(site, capacity=80)
    make_booking(bruno, slot=make_slot(starts=[FIRST_START], site=site, room=one))
    make_booking(bruno, slot=make_slot(starts=[FIRST_START + WEEK], site=site, room=other))

    booking = book_there(bruno, needy_slot(starts=[FIRST_START, FIRST_START + WEEK]), site)

    assert [other.id, one.id] == rooms_of(booking)


def test_a_projector_is_asked_for_and_no_need_takes_no_room(bruno: User, site: Site) -> None:
    make_room(site=site, has_projector=False, capacity=26)
    lit = make_room(site=site, has_projector=True)

    assert [lit.id] == rooms_of(book_there(bruno, needy_slot(kind=None, need=RoomNeed.PROJECTOR), site))
    assert [None] == rooms_of(book_there(bruno, needy_slot(kind=None, need=RoomNeed.NONE), site))


def test_a_school_that_entered_no_such_room_is_booked_without_one(sign_in: SignIn, bruno: User, site: Site) -> None:
    make_room(site=site, kind=RoomKind.LABORATORY)
    school_class = make_school_class(site=site)
    slot = needy_slot()

    page = sign_in(bruno).page(f"/booking/slots/{slot.id}/book")

    assert "No such room is entered yet" in page.get_text()
    assert [None] == rooms_of(book(bruno, slot, school_class))


def test_a_class_whose_rooms_all_hold_something_is_refused_and_passed_by(bruno: User, anna: User, site: Site) -> None:
    room = gym(site)
    make_booking(anna, slot=make_slot(starts=[FIRST_START + HOUR / 2], site=site, room=room))
    slot = needy_slot(places=1)

    with pytest.raises(rules.RoomBusy):
        book_there(bruno, slot, site)

    first = make_booking(anna, slot=slot)
    waiting = service.join(actor_of(bruno), slot, party(bruno, make_school_class(site=site)), now=NOW)
    service.cancel(actor_of(anna), first, reason="Gita", now=NOW)
    assert (WaitingStatus.WAITING, "RoomBusy") == (waiting.status, waiting.skips[0]["why"])


def test_classes_with_their_own_teachers_get_a_room_each(bruno: User, site: Site) -> None:
    one, other = gym(site), gym(site, capacity=80)
    slot = needy_slot()
    parties = [party(bruno, make_school_class(site=site)) for _ in range(2)]

    bookings = service.book_classes(actor_of(bruno), slot, parties, now=NOW)

    assert [one.id, other.id] == [room for booking in bookings for room in rooms_of(booking)]
    with pytest.raises(rules.RoomBusy):
        book_there(bruno, slot, site)


@pytest.mark.parametrize(("seats", "is_held"), [(60, True), (51, False)])
def test_classes_that_one_facilitator_meets_together_share_a_room_that_holds_them_all(
    bruno: User, site: Site, seats: int, is_held: bool
) -> None:
    room = gym(site, capacity=seats)
    gym(site, capacity=seats)
    slot = needy_slot()
    slot.facilitator_id = make_leader(slot.edition).id
    parties = [party(bruno, make_school_class(site=site)) for _ in range(2)]

    if is_held:
        bookings = service.book_classes(actor_of(bruno), slot, parties, now=NOW)
        assert 1 == len({room for booking in bookings for room in rooms_of(booking)})
        assert () == audit.violations()
    else:
        with pytest.raises(rules.SeveralRefused) as no:
            service.book_classes(actor_of(bruno), slot, parties, now=NOW)
        assert [rules.RoomBusy] == [type(each) for _label, each in no.value.refusals]
    assert room.site_id == site.id


def test_a_date_moves_with_a_room_and_only_to_lessons_with_a_free_one(bruno: User, site: Site) -> None:
    room = gym(site)
    slot = needy_slot()
    booking = book_there(bruno, slot, site)
    (meeting,) = booking.meetings
    busy = make_slot(starts=[FIRST_START + WEEK], site=site, room=room)
    then = Span(starts_at=FIRST_START + WEEK, ends_at=FIRST_START + WEEK + HOUR)

    assert then not in service.times_to_go_to(booking, meeting, now=NOW)
    with pytest.raises(rules.RoomBusy):
        service.move_to_time(actor_of(bruno), booking, meeting, then, now=NOW)
    busy.status = rules.SlotStatus.CANCELLED
    db.session.flush()
    assert then in service.times_to_go_to(booking, meeting, now=NOW)
    service.move_to_time(actor_of(bruno), booking, meeting, then, now=NOW)
    later = make_slot(starts=[FIRST_START + 2 * WEEK], edition=slot.edition)
    service.move_to_date(actor_of(bruno), booking, meeting, later.meetings[0].id, now=NOW)

    assert (later.meetings[0].id, room.id) == (meeting.slot_meeting_id, meeting.room_id)
    assert () == audit.violations()


def test_a_school_chooses_the_room_and_everybodys_calendar_follows(sign_in: SignIn, bruno: User, site: Site) -> None:
    room, hall = gym(site), make_room(site=site, kind=RoomKind.HALL, name="Sala grande")
    booking = book_there(bruno, needy_slot(), site)
    (meeting,) = booking.meetings
    door = f"/booking/{booking.id}/dates/{meeting.id}/room"
    client = sign_in(bruno)
    plain = book_there(bruno, needy_slot(need=RoomNeed.NONE, kind=None, starts=[FIRST_START + WEEK]), site)

    assert client.page(f"/booking/{booking.id}").select_one(f"a[href='{door}']")
    assert not client.page(f"/booking/{plain.id}").select("a[href$='/room']")
    page = client.page(door)
    answer = client.post(door, data={"room_id": str(hall.id)})

    assert str(room.id) == page.select_one("#room_id option[selected]")["value"]
    assert 303 == answer.status_code
    db.session.refresh(meeting)
    assert (hall.id, 1) == (meeting.room_id, meeting.sequence)
    (letter,) = letters("booking-moved")
    assert f"({room.name})" in letter.body
    assert "Sala grande" in letter.body
    assert 303 == client.post(door, data={"room_id": ""}).status_code
    assert [None] == rooms_of(db.session.get_one(Booking, booking.id))


@pytest.mark.parametrize("room_id", ["another site's", "none at all", "not an id", "taken"])
def test_a_room_that_cannot_be_is_refused_and_nothing_changes(
    sign_in: SignIn, bruno: User, anna: User, site: Site, room_id: str
) -> None:
    room, taken = gym(site), make_room(site=site)
    booking = book_there(bruno, needy_slot(), site)
    make_booking(anna, slot=make_slot(starts=[FIRST_START + HOUR / 2], site=site, room=taken))
    chosen = {"another site's": str(make_room().id), "none at all": str(site.id), "taken": str(taken.id)}
    door = f"/booking/{booking.id}/dates/{booking.meetings[0].id}/room"

    response = sign_in(bruno).post(door, data={"room_id": chosen.get(room_id, "x")})

    assert 422 == response.status_code
    words = "The room is taken on" if room_id == "taken" else "not a room of the school chosen"
    assert words in soup(response).get_text()
    assert [room.id] == rooms_of(booking)


@pytest.mark.parametrize(
    ("who", "status"),
    [("carla", 404), ("dario", 404), ("nobody", 401), ("partner", 403)],
    ids=["other school", "other provider", "out", "other role"],
)
def test_others_choose_no_room(
    sign_in: SignIn, client: Client, bruno: User, carla: User, dario: User, site: Site, who: str, status: int
) -> None:
    gym(site)
    booking = book_there(bruno, needy_slot(), site)
    door = f"/booking/{booking.id}/dates/{booking.meetings[0].id}/room"
    partner = make_user("Paola", Role.PARTNER, organisation_id=booking.edition.organisation_id)
    asking = client if who == "nobody" else sign_in({"carla": carla, "dario": dario, "partner": partner}[who])

    assert status == asking.post(door, data={"room_id": ""}).status_code
    assert 404 == sign_in(bruno).post(f"/booking/{booking.id}/dates/{booking.id}/room").status_code


def test_what_is_off_over_or_elsewhere_has_no_room_to_choose(bruno: User, site: Site) -> None:
    room = gym(site)
    elsewhere = book(bruno, make_slot(site=make_site()))
    with pytest.raises(rules.NotATarget):
        service.set_room(actor_of(bruno), elsewhere, elsewhere.meetings[0], None, now=NOW)
    booking = book_there(bruno, needy_slot(), site)
    with pytest.raises(rules.DateIsOver):
        service.set_room(actor_of(bruno), booking, booking.meetings[0], room.id, now=FIRST_START)
    booking.meetings[0].status = MeetingStatus.CANCELLED
    db.session.flush()
    with pytest.raises(rules.DateIsOff):
        service.set_room(actor_of(bruno), booking, booking.meetings[0], None, now=NOW)


def test_of_many_classes_of_a_school_that_want_its_only_gym_at_once_one_gets_it(live_app: Flask) -> None:
    """The dates are of different slots, and the classes are different rows: only the room is the same."""
    start = next_lesson()
    with live_app.app_context(), unit_of_work():
        institute = make_institute()
        email = make_user("Bruno", Role.COORDINATOR, institute_id=institute.id).email
        year = school_year_of(clock.day_of(start))
        site = make_site(institute_id=institute.id)
        gym(site)
        classes = [str(make_school_class(site=site, school_year=year).id) for _ in range(A_FEW)]
        slots = []
        for _ in range(A_FEW):
            edition = make_edition(school_year=year, room_need=RoomNeed.ROOM, room_kind=RoomKind.GYM)
            slots.append(make_slot(edition=edition, starts=[start], books_until=clock.day_of(start)).id)
    clients = [signed_in(live_app, email) for _ in range(A_FEW)]

    answers = all_at_once(
        clients,
        lambda client, number: post(
            client,
            f"/booking/slots/{slots[number]}/book",
            **{
                "classes-0-chosen": "y",
                "classes-0-class_id": classes[number],
                "classes-0-pupils": "20",
                "classes-0-adults": "1",
            },
        ),
    )

    assert {303: 1, 422: A_FEW - 1} == Counter(status for status, _page in answers)
    with live_app.app_context():
        assert 1 == db.session.scalar(select(func.count()).select_from(BookingMeeting))
        assert () == audit.violations()
