"""The independent check: a sound plan passes, and every way to break one on purpose is found."""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from prevention.booking.plan_check import PlanFault, check, decided_by_office, rooms_for
from prevention.booking.plan_values import (
    Commitment,
    Meeting,
    Period,
    Plan,
    Problem,
    Request,
    Room,
    SpecialDays,
    Stretch,
    Window,
    Wishes,
)
from prevention.booking.planner import Budget, solve
from prevention.booking.sample_year import Size, sample_year
from prevention.network.travel import Point, TravelTimes
from tests.booking.planner.small import EDITION, HERE, MONDAY, PERIODS, at_nine, facilitator, place, problem, request

WEEK = timedelta(days=7)


def meeting(of: Request, number: int, *, asked: Problem, **values: Any) -> Meeting:
    return Meeting(
        **{
            "request": of.id,
            "number": number,
            "facilitator": asked.facilitators[0].id,
            "stretch": at_nine(MONDAY + WEEK * (number - 1)),
            **values,
        }
    )


def faults(asked: Problem, *meetings: Meeting) -> set[PlanFault]:
    return {finding.fault for finding in check(asked, Plan(meetings=meetings))}


def sound() -> tuple[Problem, Request, list[Meeting]]:
    wanted = request()
    asked = problem(wanted)
    return asked, wanted, [meeting(wanted, number, asked=asked) for number in (1, 2)]


def test_a_sound_plan_passes() -> None:
    asked, _wanted, meetings = sound()

    assert set() == faults(asked, *meetings)


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        (PlanFault.UNKNOWN, {"request": uuid.uuid4()}),
        (PlanFault.UNKNOWN, {"facilitator": uuid.uuid4()}),
        (PlanFault.UNKNOWN, {"number": 3}),
        (PlanFault.INCOMPLETE, {"number": 1}),
        (PlanFault.OUTSIDE_DAYS, {"stretch": at_nine(date(2027, 3, 1))}),
        (PlanFault.OUTSIDE_BELL_TIMES, {"stretch": Stretch(day=MONDAY + WEEK, starts=545, ends=605)}),
        (PlanFault.OUTSIDE_BELL_TIMES, {"stretch": Stretch(day=MONDAY + WEEK, starts=540, ends=670)}),
        (PlanFault.OUTSIDE_BELL_TIMES, {"stretch": at_nine(date(2027, 1, 16))}),
        (PlanFault.SPACING, {"stretch": at_nine(MONDAY + timedelta(days=3))}),
        (PlanFault.SPACING, {"stretch": at_nine(MONDAY + timedelta(days=11))}),
        (PlanFault.WRONG_ORDER, {"stretch": at_nine(MONDAY - WEEK)}),
        (PlanFault.WRONG_ROOM, {"room": uuid.uuid4()}),
    ],
)
def test_a_meeting_changed_for_the_worse_is_found(fault: PlanFault, changed: dict[str, Any]) -> None:
    asked, _wanted, meetings = sound()

    assert fault in faults(asked, meetings[0], replace(meetings[1], **changed))


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        (PlanFault.CLOSED, {"closed_days": frozenset({MONDAY})}),
        (PlanFault.WRONG_FACILITATOR, {"edition": uuid.uuid4()}),
        (PlanFault.NO_ROOM, {"needs_room": True}),
        (PlanFault.NO_ROOM, {"needs_projector": True}),
        (PlanFault.AGAINST_WISHES, {"wishes": Wishes(weekdays=frozenset({1}))}),
        (PlanFault.AGAINST_WISHES, {"wishes": Wishes(earliest=541)}),
        (PlanFault.AGAINST_WISHES, {"wishes": Wishes(latest=599)}),
        (PlanFault.AGAINST_WISHES, {"wishes": Wishes(avoid_weeks=frozenset({MONDAY}))}),
        (PlanFault.OUTSIDE_BELL_TIMES, {"minutes": (70, 60)}),
        (PlanFault.INCOMPLETE, {"minutes": (60, 60, 60)}),
    ],
)
def test_a_request_that_wants_something_else_is_found(fault: PlanFault, changed: dict[str, Any]) -> None:
    asked, wanted, meetings = sound()
    asked = replace(asked, requests=(replace(wanted, **changed),))

    assert fault in faults(asked, *meetings)


@pytest.mark.parametrize(
    "person",
    [
        facilitator(windows=()),
        facilitator(windows=(Window(weekday=0, starts=541, ends=900),)),
        facilitator(exceptions=(SpecialDays(first_day=MONDAY, last_day=MONDAY, is_available=False),)),
        facilitator(
            exceptions=(
                SpecialDays(first_day=MONDAY, last_day=MONDAY, is_available=True),
                SpecialDays(first_day=MONDAY, last_day=MONDAY, is_available=False, starts=599, ends=620),
            )
        ),
    ],
)
def test_a_facilitator_who_is_away_is_found(person: Any) -> None:
    wanted = request(minutes=(60,))
    asked = problem(wanted, people=(person,))

    assert {PlanFault.FACILITATOR_AWAY} == faults(asked, meeting(wanted, 1, asked=asked))


def test_a_day_on_which_somebody_is_there_for_once_counts() -> None:
    there = facilitator(
        windows=(),
        exceptions=(SpecialDays(first_day=MONDAY, last_day=MONDAY, is_available=True, starts=500, ends=600),),
    )
    wanted = request(minutes=(60,))
    asked = problem(wanted, people=(there,))

    assert set() == faults(asked, meeting(wanted, 1, asked=asked))


def test_two_facilitators_for_one_class_and_a_full_week_are_found() -> None:
    wanted = request()
    asked = problem(wanted, people=(facilitator(), facilitator(cap=0)))
    first = meeting(wanted, 1, asked=asked)
    second = meeting(wanted, 2, asked=asked, facilitator=asked.facilitators[1].id)

    assert {PlanFault.SEVERAL_FACILITATORS, PlanFault.WEEK_FULL} == faults(asked, first, second)


@pytest.mark.parametrize(
    ("fault", "fixed"),
    [
        (PlanFault.CLASS_BUSY, {"school_class": True}),
        (PlanFault.FACILITATOR_BUSY, {"facilitator": True}),
        (PlanFault.ROOM_BUSY, {"room": True}),
    ],
)
def test_whoever_is_in_two_places_is_found(fault: PlanFault, fixed: dict[str, bool]) -> None:
    wanted = request(minutes=(60,), needs_room=True)
    asked = problem(wanted)
    room = HERE.rooms[0].id
    ids = {"school_class": wanted.school_class, "facilitator": asked.facilitators[0].id, "room": room}
    commitment = Commitment(stretch=Stretch(day=MONDAY, starts=599, ends=660), **{name: ids[name] for name in fixed})

    assert {fault} == faults(replace(asked, commitments=(commitment,)), meeting(wanted, 1, asked=asked, room=room))


def test_two_meetings_of_the_plan_that_meet_are_both_named() -> None:
    one, other = request(minutes=(60,)), request(minutes=(60,))
    asked = problem(one, other)
    plan = Plan(meetings=(meeting(one, 1, asked=asked), meeting(other, 1, asked=asked)))

    found = check(asked, plan)

    assert {(one.id, other.id), (other.id, one.id)} == {(finding.request, finding.other) for finding in found}
    assert {PlanFault.FACILITATOR_BUSY} == {finding.fault for finding in found}


@pytest.mark.parametrize(("minutes", "expected"), [(10, set()), (11, {PlanFault.TRAVEL_TOO_SHORT})])
def test_a_way_longer_than_the_break_is_found(minutes: int, expected: set[PlanFault]) -> None:
    here, there = place(), place()
    one, other = request(site=here, minutes=(60,)), request(site=there, minutes=(60,))
    asked = replace(
        problem(one, other, places=(here, there)),
        travel=TravelTimes(known={frozenset((here.municipality, there.municipality)): minutes}),
    )
    before = meeting(one, 1, asked=asked)
    after = meeting(other, 1, asked=asked, stretch=Stretch(day=MONDAY, starts=610, ends=670))

    assert expected == faults(asked, before, after)


def test_two_hours_in_one_school_need_no_way() -> None:
    here = place(periods={0: (Period(starts=480, ends=540), Period(starts=540, ends=600))})
    one, other = request(site=here, minutes=(60,)), request(site=here, minutes=(60,))
    asked = replace(
        problem(one, other, places=(here,)),
        travel=TravelTimes(centres={here.municipality: Point(latitude=45, longitude=10)}),
    )

    assert set() == faults(
        asked,
        meeting(one, 1, asked=asked, stretch=Stretch(day=MONDAY, starts=480, ends=540)),
        meeting(other, 1, asked=asked),
    )


def test_a_school_over_its_quota_is_found() -> None:
    asked, _wanted, meetings = sound()
    full = replace(asked, quotas={(HERE.institute, EDITION): 0})

    assert {PlanFault.OVER_QUOTA} == faults(full, *meetings)


def test_a_room_too_small_or_without_a_projector_is_found() -> None:
    small, dark = Room(id=uuid.uuid4(), seats=19, has_projector=True), Room(id=uuid.uuid4())
    here = place(rooms=(small, dark))
    wanted = request(site=here, minutes=(60,), needs_projector=True)
    asked = problem(wanted, places=(here,))

    for room in (small, dark):
        assert {PlanFault.WRONG_ROOM} == faults(asked, meeting(wanted, 1, asked=asked, room=room.id))


def test_two_classes_in_one_room_at_one_time_are_found_whoever_leads_them() -> None:
    one, other = request(minutes=(60,), needs_room=True), request(minutes=(60,), needs_room=True)
    asked = problem(one, other, people=(facilitator(), facilitator()))
    room = HERE.rooms[0].id
    first = meeting(one, 1, asked=asked, room=room)
    second = meeting(other, 1, asked=asked, room=room, facilitator=asked.facilitators[1].id)

    assert {PlanFault.ROOM_BUSY} == faults(asked, first, second)
    later = Stretch(day=MONDAY, starts=PERIODS[2].starts, ends=PERIODS[2].ends)
    assert set() == faults(asked, first, replace(second, stretch=later))


def test_the_rooms_for_a_meeting_are_those_that_hold_its_class_free_ones_first() -> None:
    small, large, dark = Room(id=uuid.uuid4(), seats=20), Room(id=uuid.uuid4(), seats=90), Room(id=uuid.uuid4())
    here = place(rooms=(dark, large, small, Room(id=uuid.uuid4(), seats=19)))
    wanted, other = request(site=here, needs_room=True), request(site=here, needs_room=True)
    asked = problem(wanted, other, places=(here,))
    held = meeting(wanted, 1, asked=asked, room=small.id)

    alone = rooms_for(asked, Plan(meetings=(held,)), held)
    beside = rooms_for(asked, Plan(meetings=(held, meeting(other, 1, asked=asked, room=small.id))), held)
    stays = rooms_for(asked, Plan(meetings=()), replace(held, room=large.id))

    assert [small.id, large.id, dark.id] == [room.id for room in alone]
    assert [large.id, dark.id, small.id] == [room.id for room in beside]
    assert [large.id, small.id, dark.id] == [room.id for room in stays]


def test_what_the_office_locked_may_bend_its_own_rules_but_no_others() -> None:
    asked, _wanted, meetings = sound()
    early = replace(meetings[1], stretch=at_nine(MONDAY + timedelta(days=2)), is_locked=True)

    assert set() == faults(asked, meetings[0], early)
    assert {PlanFault.SPACING} == {
        finding.fault for finding in decided_by_office(asked, Plan(meetings=(meetings[0], early)))
    }
    night = replace(early, stretch=Stretch(day=MONDAY + WEEK, starts=60, ends=120))
    assert {PlanFault.OUTSIDE_BELL_TIMES} == faults(asked, meetings[0], night)


def test_a_locked_meeting_that_moved_is_found_and_may_stand_alone() -> None:
    asked, _wanted, meetings = sound()
    locked = replace(meetings[0], is_locked=True)
    asked = replace(asked, before=(locked,))

    assert {PlanFault.LOCKED_MOVED} == faults(asked)
    assert set() == faults(asked, locked)


def test_a_meeting_fills_as_many_hours_as_it_needs_and_no_more() -> None:
    wanted = request(minutes=(125,))
    asked = problem(wanted)
    two_hours = Stretch(day=MONDAY, starts=PERIODS[1].starts, ends=PERIODS[2].ends)

    assert set() == faults(asked, meeting(wanted, 1, asked=asked, stretch=two_hours))
    longer = Stretch(day=MONDAY, starts=PERIODS[0].starts, ends=PERIODS[2].ends)
    assert {PlanFault.OUTSIDE_BELL_TIMES} == faults(asked, meeting(wanted, 1, asked=asked, stretch=longer))


def test_any_meeting_of_a_real_plan_put_onto_another_ones_time_is_found() -> None:
    asked = sample_year(Size(requests=15, facilitators=3, sites=5, municipalities=3), seed=8).problem
    meetings = list(solve(asked, seed=1, budget=Budget(repairs=2)).plan.meetings)
    assert len(meetings) > 8

    for at, each in enumerate(meetings):
        other = meetings[(at + 5) % len(meetings)]
        broken = [*meetings]
        broken[at] = replace(each, stretch=other.stretch, facilitator=other.facilitator)

        assert check(asked, Plan(meetings=tuple(broken)))
