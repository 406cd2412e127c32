"""Rooms in the year planner, from the edition's need to the booking: no two dates of a plan, or beside it, in one."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from prevention.accounts import service as accounts
from prevention.accounts.models import User
from prevention.booking import audit, rules, service
from prevention.booking.models import Booking, BookingMeeting, Slot
from prevention.booking.plan_check import PlanFault, check
from prevention.booking.plan_models import PlannedMeeting, PlanningRun
from prevention.booking.plan_rules import MoveRefused, PlanOutdated, WaitReason
from prevention.booking.service import plan_editing, plan_publishing, planning
from prevention.booking.service.plan_problem import plan_of, problem_for
from prevention.booking.service.plan_times import moment_of
from prevention.core import clock
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.programmes.models import Edition
from prevention.programmes.rules import BookingMode, RoomNeed
from prevention.schools.models import Site
from prevention.schools.rules import RoomKind
from prevention.schools.time_models import Room
from tests.booking.people import own_class
from tests.booking.planner.test_runs import planned
from tests.factories.booking import make_booking, make_request, make_slot
from tests.factories.planning import make_leader, make_run_row
from tests.factories.programmes import make_edition, make_programme
from tests.factories.school_time import make_room
from tests.factories.schools import make_school_class, make_site
from tests.support.http import Client


@pytest.fixture
def edition(app: Flask) -> Edition:
    found = make_edition(programme=make_programme(meetings=2), school_year=2026, room_need=RoomNeed.PROJECTOR)
    make_leader(found)
    make_leader(found, name="Elena")
    return found


@pytest.fixture
def office(anna: User) -> Actor:
    return accounts.actor_of(anna)


@pytest.fixture
def site(app: Flask) -> Site:
    return make_site()


def ask(booker: User, edition: Edition, site: Site, **values: Any) -> Booking:
    return make_request(booker, edition=edition, school_class=make_school_class(site=site, pupils=20), **values)


def rooms_in(run: PlanningRun) -> set[Room | None]:
    return {row.room for row in planning.planned_meetings(run)}


def test_each_date_gets_a_room_that_holds_the_class_and_has_what_it_needs(
    bruno: User, edition: Edition, site: Site
) -> None:
    suits = make_room(site=site, capacity=21)
    make_room(site=site, capacity=20)
    make_room(site=site, has_projector=False)
    make_room(site=site, is_in_use=False)
    make_room()
    for _ in range(3):
        ask(bruno, edition, site)

    run = planned(make_run_row())

    assert (3, {suits}) == (run.placed, rooms_in(run))
    assert () == check(problem_for(run), plan_of(run.id))


def test_a_room_of_the_kind_asked_for_is_taken_and_another_one_is_a_fault(
    bruno: User, edition: Edition, site: Site, office: Actor
) -> None:
    edition.room_need, edition.room_kind = RoomNeed.ROOM, RoomKind.GYM
    gym, hall = make_room(site=site, kind=RoomKind.GYM, capacity=90), make_room(site=site, kind=RoomKind.HALL)
    ask(bruno, edition, site)

    run = planned(make_run_row())

    assert {gym} == rooms_in(run)
    assert () == check(problem_for(run), plan_of(run.id))
    row = planning.planned_meetings(run)[0]
    row.room_id = hall.id
    db.session.flush()
    assert [PlanFault.WRONG_ROOM] == [each.fault for each in check(problem_for(run), plan_of(run.id))]


def test_where_no_room_is_needed_none_is_taken(bruno: User, edition: Edition, site: Site) -> None:
    edition.room_need = RoomNeed.NONE
    make_room(site=site)
    ask(bruno, edition, site)

    assert {None} == rooms_in(planned(make_run_row()))


def test_a_school_without_a_suitable_room_is_told_so(bruno: User, edition: Edition, site: Site) -> None:
    make_room(site=site, capacity=10)
    ask(bruno, edition, site)

    [row] = planning.unplaced_requests(planned(make_run_row()))

    assert [WaitReason.NO_SUITABLE_ROOM.value] == row.reasons


def test_where_the_only_room_is_taken_all_year_that_is_the_reason(
    anna: User, bruno: User, edition: Edition, site: Site
) -> None:
    room = make_room(site=site)
    days = [date(2027, 1, 11) + timedelta(days=number) for number in range(54)]
    slot = make_slot(starts=[moment_of(day, 7 * 60) for day in days], length=timedelta(hours=9), site=site, room=room)
    ask(bruno, edition, site)

    [row] = planning.unplaced_requests(planned(make_run_row()))

    assert [WaitReason.ROOM.value] == row.reasons
    slot.status = rules.SlotStatus.CANCELLED
    db.session.flush()
    assert 1 == planned(make_run_row()).placed


def test_dates_of_bookings_hold_their_rooms_too(anna: User, bruno: User, edition: Edition, site: Site) -> None:
    room = make_room(site=site)
    ask(bruno, edition, site)
    run = planned(make_run_row())
    [first, _second] = planning.planned_meetings(run)
    make_booking(anna, slot=_other_slot(site, room, first))

    [held] = [fixed for fixed in problem_for(run).commitments if fixed.room == room.id and fixed.school_class]

    assert {PlanFault.ROOM_BUSY} == {finding.fault for finding in check(problem_for(run), plan_of(run.id))}
    assert (site.id, None) == (held.site, held.facilitator)


def _other_slot(site: Site, room: Room, date_of: PlannedMeeting) -> Slot:
    return make_slot(starts=[date_of.starts_at], site=site, room=room, books_until=date(2027, 6, 1))


def test_publishing_gives_the_bookings_their_rooms(bruno: User, office: Actor, edition: Edition, site: Site) -> None:
    room = make_room(site=site)
    requests = [ask(bruno, edition, site) for _ in range(2)]
    run = planned(make_run_row())

    plan_publishing.publish_plan(office, run, now=clock.now())

    assert {room} == {meeting.room for request in requests for meeting in request.meetings}
    assert () == audit.violations()


def test_a_room_taken_since_or_out_of_use_stops_the_publishing(
    anna: User, bruno: User, office: Actor, edition: Edition, site: Site
) -> None:
    room = make_room(site=site)
    waiting = ask(bruno, edition, site)
    run = planned(make_run_row())
    slot = _other_slot(site, room, planning.planned_meetings(run)[0])

    with pytest.raises(PlanOutdated) as refused:
        plan_publishing.publish_plan(office, run, now=clock.now())
    assert [(PlanFault.ROOM_BUSY, waiting.id)] == [(each.fault, each.request) for each in refused.value.findings]

    slot.status, room.is_in_use = rules.SlotStatus.CANCELLED, False
    db.session.flush()
    with pytest.raises(PlanOutdated) as refused:
        plan_publishing.publish_plan(office, run, now=clock.now())
    assert {PlanFault.WRONG_ROOM} == {finding.fault for finding in refused.value.findings}
    assert 0 == len(db.session.scalars(select(BookingMeeting).where(BookingMeeting.booking_id == waiting.id)).all())


def test_a_date_moved_onto_another_one_of_the_school_goes_into_another_room(
    bruno: User, office: Actor, edition: Edition, site: Site
) -> None:
    make_room(site=site, capacity=25)
    one, other = ask(bruno, edition, site), ask(bruno, edition, site)
    run = planned(make_run_row())
    rows = {(row.booking_id, row.number): row for row in planning.planned_meetings(run)}
    moved, beside = rows[one.id, 1], rows[other.id, 1]
    local = beside.starts_at.astimezone(clock.ROME)
    free_person = next(person.id for person in problem_for(run).facilitators if person.id != beside.facilitator_id)
    where: dict[str, Any] = {
        "day": local.date(),
        "starts": local.hour * 60 + local.minute,
        "facilitator_id": free_person,
    }

    with pytest.raises(MoveRefused) as refused:
        plan_editing.move(office, run, moved, **where)
    assert (PlanFault.ROOM_BUSY,) == refused.value.faults

    hall = make_room(site=site, capacity=200)
    plan_editing.move(office, run, moved, **where)
    assert (hall.id, True) == (moved.room_id, moved.is_locked)
    with pytest.raises(MoveRefused):
        plan_editing.move(office, run, moved, **where, room_id=beside.room_id)
    with pytest.raises(MoveRefused):
        plan_editing.move(office, run, moved, **where, room_id=make_room().id)


def test_a_booked_date_keeps_its_room_when_it_moves_or_gets_another_one_that_is_free(
    anna: User, bruno: User, office: Actor, edition: Edition, site: Site
) -> None:
    room = make_room(site=site, capacity=25)
    booking = ask(bruno, edition, site)
    run = planned(make_run_row())
    plan_publishing.publish_plan(office, run, now=clock.now())
    last = booking.meetings[1]
    first_free = service.times_to_go_to(booking, last, now=clock.now())[-1]
    slot = make_slot(starts=[first_free.starts_at], site=site, room=room, books_until=date(2027, 6, 1))

    assert first_free not in service.times_to_go_to(booking, last, now=clock.now())
    with pytest.raises(rules.RoomBusy):
        service.move_to_time(office, booking, last, first_free, now=clock.now())
    hall = make_room(site=site, capacity=200)
    assert first_free in service.times_to_go_to(booking, last, now=clock.now())
    service.move_to_time(office, booking, last, first_free, now=clock.now())
    assert hall.id == last.room_id

    slot.status = rules.SlotStatus.CANCELLED
    db.session.flush()
    back = next(span for span in service.times_to_go_to(booking, last, now=clock.now()) if span != first_free)
    service.move_to_time(office, booking, last, back, now=clock.now())
    assert hall.id == last.room_id
    assert () == audit.violations()


def test_who_asks_is_told_that_the_school_has_entered_no_such_room(
    sign_in: Callable[[User], Client], bruno: User, edition: Edition
) -> None:
    edition.booking_mode = BookingMode.REQUESTS
    school_class = own_class(bruno)
    make_room(site=school_class.site, has_projector=False)
    client, door = sign_in(bruno), f"/booking/editions/{edition.id}/request"

    page = client.page(door)
    assert "A room of the school with a projector" in page.text
    assert page.select(f'.notice a[href="/schools/sites/{school_class.site.code}/rooms"]')

    make_room(site=school_class.site)
    assert "A room is needed" not in client.page(door).text
    edition.room_need = RoomNeed.NONE
    db.session.flush()
    assert "Another room" not in client.page(door).text


def test_a_plan_and_a_slot_cannot_take_one_room_at_one_time(
    bruno: User, office: Actor, edition: Edition, site: Site
) -> None:
    """The audit sees what the two would have done."""
    room = make_room(site=site)
    booking = ask(bruno, edition, site)
    plan_publishing.publish_plan(office, planned(make_run_row()), now=clock.now())
    slot = make_slot(starts=[booking.meetings[0].starts_at], site=site, room=room)

    assert [audit.Fault.ROOM_IN_TWO_PLACES] == [violation.fault for violation in audit.violations()]
    slot.status = rules.SlotStatus.CANCELLED
    booking.meetings[1].room_id = make_room().id
    db.session.flush()
    assert [audit.Fault.ROOM_ELSEWHERE] == [violation.fault for violation in audit.violations()]
