"""The planner on made-up districts: plans pass the independent check, keep what is locked, and repeat themselves."""

import uuid
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prevention.booking.plan_check import check
from prevention.booking.plan_values import (
    Commitment,
    Facilitator,
    Meeting,
    Period,
    Problem,
    Room,
    Stretch,
    Wishes,
)
from prevention.booking.planner import Budget, Outcome, Progress, solve
from prevention.booking.planner.bound import upper_bound
from prevention.booking.planner.compiled import compile_problem
from prevention.booking.planner.weights import TRIP_UNKNOWN_MIN
from prevention.booking.sample_year import Size, sample_year
from tests.booking.planner.small import MONDAY, at_nine, facilitator, place, problem, request

TINY = Size(requests=18, facilitators=3, sites=6, municipalities=4)


def solved(asked: Problem, *, repairs: int = 3, seed: int = 1) -> Outcome:
    return solve(asked, seed=seed, budget=Budget(repairs=repairs))


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    requests=st.integers(0, 30),
    facilitators=st.integers(0, 4),
    sites=st.integers(1, 8),
)
def test_no_plan_of_a_random_district_breaks_a_rule(seed: int, requests: int, facilitators: int, sites: int) -> None:
    size = Size(requests=requests, facilitators=facilitators, sites=sites, municipalities=min(sites, 5), meetings=3)
    asked = sample_year(size, seed=seed).problem

    outcome = solved(asked, repairs=2, seed=seed)

    assert () == check(asked, outcome.plan)
    assert outcome.progress.score.total <= outcome.progress.bound


def test_the_same_seed_and_number_of_repairs_give_the_same_plan() -> None:
    asked = sample_year(TINY, seed=3).problem

    assert solved(asked, seed=5).plan == solved(asked, seed=5).plan


def test_the_bound_knows_that_classes_with_other_weekdays_do_not_share_a_visit() -> None:
    """Two classes on Mondays and two on Tuesdays, two meetings each: four visits, although four hours fit on a day."""
    here = place()
    classes = [request(site=here, wishes=Wishes(weekdays=frozenset({number % 2}))) for number in range(4)]

    outcome = solved(problem(*classes, places=(here,)))

    assert 4 * TRIP_UNKNOWN_MIN == outcome.progress.score.trip_minutes
    assert 0 == outcome.progress.gap


def test_a_plan_never_loses_points_and_never_passes_the_bound() -> None:
    asked = sample_year(TINY, seed=4).problem
    scores: list[int] = []

    def note(progress: Progress) -> bool:
        scores.append(progress.score.total)
        assert progress.score.total <= progress.bound
        return len(scores) < 6

    solve(asked, seed=1, budget=Budget(), listener=note)

    assert sorted(scores) == scores


def test_the_listener_stops_the_search_and_the_plan_so_far_is_kept() -> None:
    asked = sample_year(TINY, seed=4).problem

    outcome = solve(asked, seed=1, budget=Budget(), listener=lambda _progress: False)

    assert 0 == outcome.progress.repairs
    assert outcome.plan.meetings
    assert () == check(asked, outcome.plan)


def test_a_class_that_fits_gets_all_its_meetings_a_week_apart() -> None:
    asked = problem(request(minutes=(60, 60, 60)))

    plan = solved(asked).plan

    assert [1, 2, 3] == [meeting.number for meeting in plan.meetings]
    days = [meeting.stretch.day for meeting in plan.meetings]
    assert all(4 <= (later - earlier).days <= 10 for earlier, later in pairwise(days))


def test_a_lone_meeting_is_planned_too_and_no_request_makes_an_empty_plan() -> None:
    assert 1 == len(solved(problem(request(minutes=(60,)))).plan.meetings)
    assert () == solved(problem()).plan.meetings
    assert () == solved(replace(problem(request()), facilitators=())).plan.meetings


def test_a_never_reached_class_goes_before_one_that_had_its_turn() -> None:
    once = facilitator(cap=1)
    had, never = request(minutes=(60,)), request(minutes=(60,), is_never_reached=True)
    asked = replace(problem(had, never, people=(once,)), last_day=date(2027, 1, 15))

    assert {never.id} == {meeting.request for meeting in solved(asked).plan.meetings}


def test_each_school_gets_something_before_one_gets_all() -> None:
    here, there = place(), place()
    many = [request(site=here, minutes=(60,)) for _ in range(4)]
    lone = request(site=there, minutes=(60,))
    asked = replace(
        problem(*many, lone, places=(here, there), people=(facilitator(cap=3),)), last_day=date(2027, 1, 15)
    )

    served = {meeting.request for meeting in solved(asked, repairs=5).plan.meetings}

    assert lone.id in served
    assert 3 == len(served)


def test_classes_of_one_school_are_visited_on_one_day_where_that_is_possible() -> None:
    far = place()
    base = uuid.uuid4()
    asked = problem(
        *(request(site=far, minutes=(60,)) for _ in range(3)), places=(far,), people=(facilitator(base=base),)
    )

    outcome = solved(asked, repairs=6)

    assert 1 == outcome.progress.score.trips


def test_what_stands_already_is_left_alone() -> None:
    here = place()
    dario = facilitator()
    wanted = request(site=here, minutes=(60,), wishes=Wishes(weekdays=frozenset({0})))
    mondays = [date(2027, 1, day) for day in (11, 18, 25)]
    taken = tuple(
        Commitment(stretch=Stretch(day=day, starts=480, ends=780), facilitator=dario.id, site=here.id)
        for day in mondays[:2]
    )
    asked = replace(problem(wanted, places=(here,), people=(dario,)), commitments=taken, last_day=mondays[2])

    [meeting] = solved(asked).plan.meetings

    assert mondays[2] == meeting.stretch.day


def test_a_quota_is_kept() -> None:
    here = place()
    first, second = request(site=here, minutes=(60,)), request(site=here, minutes=(60,))
    asked = replace(problem(first, second, places=(here,)), quotas={(here.institute, first.edition): 1})

    assert 1 == len(solved(asked).plan.meetings)


def test_a_locked_meeting_stays_and_the_others_find_their_place_around_it() -> None:
    asked = problem(request(minutes=(60, 60, 60)))
    [wanted] = asked.requests
    locked = Meeting(
        request=wanted.id,
        number=2,
        facilitator=asked.facilitators[0].id,
        stretch=at_nine(date(2027, 2, 3)),
        is_locked=True,
    )

    again = replace(asked, before=(locked,))
    plan = solved(again).plan

    assert locked in plan.meetings
    assert 3 == len(plan.meetings)
    assert () == check(again, plan)


def test_planning_again_changes_nothing_but_what_it_must() -> None:
    asked = sample_year(TINY, seed=6).problem
    plan = solved(asked, repairs=5).plan
    moved = plan.meetings[0]

    again = replace(asked, before=plan.meetings, commitments=(_in_the_way(moved),))
    second = solved(again, repairs=5, seed=9).plan

    assert () == check(again, second)
    others = {meeting for meeting in plan.meetings if meeting.request != moved.request}
    kept = others & set(second.meetings)
    assert len(kept) >= len(others) - 3
    assert moved not in second.meetings


def _in_the_way(meeting: Meeting) -> Commitment:
    return Commitment(stretch=meeting.stretch, facilitator=meeting.facilitator)


def test_two_classes_that_meet_at_one_time_get_two_rooms_or_wait_for_the_one() -> None:
    """Monday has one lesson long enough; two facilitators are free, so that only rooms stand in the way."""
    hour = {0: (Period(starts=480, ends=540),)}
    people = (facilitator(), facilitator())
    room, hall = Room(id=uuid.uuid4(), seats=30), Room(id=uuid.uuid4(), seats=90)

    def placed(rooms: tuple[Room, ...], **needs: bool) -> list[Meeting]:
        here = place(periods=hour, rooms=rooms)
        asked = replace(
            problem(*(request(site=here, minutes=(60,), **needs) for _ in range(2)), places=(here,), people=people),
            last_day=MONDAY,
        )
        plan = solved(asked).plan
        assert () == check(asked, plan)
        return list(plan.meetings)

    assert {room.id, hall.id} == {meeting.room for meeting in placed((hall, room), needs_room=True)}
    assert [room.id] == [meeting.room for meeting in placed((room,), needs_room=True)]
    assert [None, None] == [meeting.room for meeting in placed((room,))]
    assert [] == placed((room, hall), needs_projector=True)


def test_a_room_that_is_taken_already_is_left_alone() -> None:
    here = place()
    wanted = request(site=here, minutes=(60,), needs_room=True, wishes=Wishes(weekdays=frozenset({0})))
    taken = Commitment(stretch=Stretch(day=MONDAY, starts=0, ends=1440), room=here.rooms[0].id)
    asked = replace(problem(wanted, places=(here,)), commitments=(taken,), last_day=date(2027, 1, 18))

    [meeting] = solved(asked).plan.meetings

    assert (date(2027, 1, 18), here.rooms[0].id) == (meeting.stretch.day, meeting.room)


def test_planning_again_keeps_rooms_and_drops_one_that_went_out_of_use() -> None:
    here = place(rooms=tuple(Room(id=uuid.uuid4(), seats=seats) for seats in (30, 40)))
    asked = problem(*(request(site=here, needs_room=True) for _ in range(3)), places=(here,))
    # The office put them all into the larger room.
    before = tuple(replace(each, room=here.rooms[1].id) for each in solved(asked).plan.meetings)

    again = replace(asked, before=before)

    assert set(before) == set(solved(again).plan.meetings)
    without = replace(again, places=(replace(here, rooms=here.rooms[:1]),))
    plan = solved(without).plan
    assert {here.rooms[0].id} == {meeting.room for meeting in plan.meetings}
    assert () == check(without, plan)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_reference_district_has_300_classes_and_is_the_same_each_time(seed: int) -> None:
    one, other = sample_year(seed=seed), sample_year(seed=seed)

    assert one == other
    asked = one.problem
    assert (300, 12, 40) == (len(asked.requests), len(asked.facilitators), len(asked.places))
    assert {4} == {len(each.minutes) for each in asked.requests}
    assert 15 == len({each.municipality for each in asked.places})
    assert upper_bound(compile_problem(asked)) > 0


def test_a_facilitator_is_never_asked_for_an_edition_of_others() -> None:
    stranger: Facilitator = replace(facilitator(), editions=frozenset({uuid.uuid4()}))

    assert () == solved(problem(request(), people=(stranger,))).plan.meetings


def test_closed_days_do_not_count_between_two_meetings() -> None:
    holidays = frozenset(date(2027, 1, day) for day in range(12, 26))
    asked = replace(
        problem(request(minutes=(60, 60), closed_days=holidays)), first_day=MONDAY, last_day=date(2027, 1, 29)
    )

    days = [meeting.stretch.day for meeting in solved(asked).plan.meetings]

    assert MONDAY == days[0]
    assert date(2027, 1, 28) <= days[1]
