"""Why a request waits: each reason is found where it alone is true, and said in words."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask

from prevention.booking import plan_wording
from prevention.booking.plan_rules import WaitReason
from prevention.booking.plan_values import Commitment, Period, Plan, Problem, Room, Stretch, Window, Wishes
from prevention.booking.planner import Budget, solve
from prevention.booking.planner.reasons import reasons
from prevention.core.i18n import in_language
from prevention.network.travel import TravelTimes
from tests.booking.planner.small import EDITION, HERE, MONDAY, facilitator, place, problem, request

ALL_DAYS = frozenset(MONDAY + timedelta(days=number) for number in range(47))
EVENING = Window(weekday=0, starts=20 * 60, ends=22 * 60)
ONE = (60,)


def all_day(**bound: object) -> tuple[Commitment, ...]:
    """Something that takes the whole of each day."""
    return tuple(
        Commitment(stretch=Stretch(day=day, starts=0, ends=1440), **bound)  # type: ignore[arg-type]  # ids by name
        for day in sorted(ALL_DAYS)
    )


def wished(wishes: Wishes) -> Problem:
    return problem(request(minutes=ONE, wishes=wishes))


def a_full_week() -> Problem:
    """One meeting a week at most, and each week has one, in the evening."""
    dario = facilitator(cap=1)
    evenings = tuple(
        Commitment(stretch=Stretch(day=MONDAY + timedelta(days=7 * week), starts=1200, ends=1260), facilitator=dario.id)
        for week in range(7)
    )
    return replace(problem(request(minutes=ONE), people=(dario,)), commitments=evenings)


def too_far() -> Problem:
    """Free from nine to ten, and in another town until five to nine and from five past ten."""
    there = place()
    here = place(periods=dict.fromkeys(range(5), (Period(starts=540, ends=600),)))
    dario = facilitator()
    fixed = tuple(
        Commitment(stretch=Stretch(day=day, starts=starts, ends=ends), facilitator=dario.id, site=there.id)
        for day in sorted(ALL_DAYS)
        for starts, ends in ((480, 535), (605, 660))
    )
    asked = problem(request(site=here, minutes=ONE), places=(here, there), people=(dario,))
    ways = TravelTimes(known={frozenset((here.municipality, there.municipality)): 30})
    return replace(asked, commitments=fixed, travel=ways)


def busy_class() -> Problem:
    wanted = request(minutes=ONE)
    return replace(problem(wanted), commitments=all_day(school_class=wanted.school_class))


def taken_facilitator() -> Problem:
    dario = facilitator(cap=1000)
    return replace(problem(request(minutes=ONE), people=(dario,)), commitments=all_day(facilitator=dario.id))


def in_one_room() -> Problem:
    asked = problem(request(minutes=ONE, needs_room=True))
    return replace(asked, commitments=all_day(room=HERE.rooms[0].id))


def no_suitable_room() -> Problem:
    small = place(rooms=(Room(id=HERE.rooms[0].id, seats=5, has_projector=True),))
    return problem(request(site=small, minutes=ONE, needs_room=True), places=(small,))


def no_room_and_a_sunday() -> Problem:
    """No single thing would mend it, but the room is what the school must see to in any case."""
    bare = place(rooms=())
    wanted = request(site=bare, minutes=ONE, needs_room=True, wishes=Wishes(weekdays=frozenset({6})))
    return problem(wanted, places=(bare,))


CASES = {
    "wished weekdays": (wished(Wishes(weekdays=frozenset({6}))), {WaitReason.WISHED_WEEKDAYS}),
    "wished hours": (wished(Wishes(earliest=700)), {WaitReason.WISHED_HOURS}),
    "weeks to avoid": (
        wished(Wishes(avoid_weeks=frozenset(MONDAY + timedelta(days=7 * week) for week in range(7)))),
        {WaitReason.WEEKS_TO_AVOID},
    ),
    "closures": (problem(request(minutes=ONE, closed_days=ALL_DAYS)), {WaitReason.CLOSURES}),
    "class busy": (busy_class(), {WaitReason.CLASS_BUSY}),
    "hours of facilitators": (
        problem(request(minutes=ONE), people=(facilitator(windows=(EVENING,)),)),
        {WaitReason.HOURS_OF_FACILITATORS},
    ),
    "facilitators taken": (taken_facilitator(), {WaitReason.FACILITATORS_TAKEN}),
    "full weeks": (a_full_week(), {WaitReason.FULL_WEEKS}),
    "travel": (too_far(), {WaitReason.TRAVEL}),
    "room": (in_one_room(), {WaitReason.ROOM}),
    "no suitable room": (no_suitable_room(), {WaitReason.NO_SUITABLE_ROOM}),
    "no suitable room and more": (no_room_and_a_sunday(), {WaitReason.NO_SUITABLE_ROOM}),
    "spacing": (replace(problem(request()), last_day=MONDAY + timedelta(days=1)), {WaitReason.SPACING}),
    "quota": (
        replace(problem(request(minutes=ONE)), quotas={(HERE.institute, EDITION): 0}),
        {WaitReason.QUOTA},
    ),
    "no facilitator": (problem(request(minutes=ONE), people=()), {WaitReason.NO_FACILITATOR}),
    "no hours entered": (
        problem(request(minutes=ONE, wishes=Wishes(earliest=700)), people=(facilitator(windows=()),)),
        {WaitReason.NO_HOURS_ENTERED},
    ),
    "no lesson long enough": (problem(request(minutes=(600,))), {WaitReason.NO_LESSON_LONG_ENOUGH}),
    "several things": (
        wished(Wishes(weekdays=frozenset({6}), earliest=700)),
        {WaitReason.SEVERAL_THINGS},
    ),
    "two things, each enough": (
        replace(
            problem(request(minutes=ONE, closed_days=frozenset({MONDAY}), wishes=Wishes(weekdays=frozenset({0})))),
            last_day=date(2027, 1, 15),
        ),
        {WaitReason.CLOSURES, WaitReason.WISHED_WEEKDAYS},
    ),
}


@pytest.mark.parametrize(("asked", "expected"), CASES.values(), ids=CASES)
def test_what_stands_in_the_way_is_named(asked: Problem, expected: set[WaitReason]) -> None:
    plan = solve(asked, seed=1, budget=Budget(repairs=1)).plan
    assert Plan(meetings=()) == plan

    assert {0: expected} == {r: set(names) for r, names in reasons(asked, plan).items()}


def test_there_is_a_case_and_a_sentence_for_every_reason(app: Flask) -> None:
    assert set(WaitReason) == set().union(*(expected for _asked, expected in CASES.values()))
    for language in ("it", "en"):
        with in_language(language):
            assert len(WaitReason) == len({str(plan_wording.WAIT_REASON[reason]) for reason in WaitReason})


def test_who_waits_behind_others_hears_that_facilitators_are_taken_and_those_placed_hear_nothing() -> None:
    asked = replace(problem(*(request(minutes=ONE) for _ in range(3)), people=(facilitator(cap=9),)), last_day=MONDAY)
    here = replace(HERE, periods={0: HERE.periods[0][:2]})
    asked = replace(asked, places=(here,))
    plan = solve(asked, seed=1, budget=Budget(repairs=2)).plan

    found = reasons(asked, plan)

    assert 2 == len(plan.meetings)
    assert [(WaitReason.FACILITATORS_TAKEN,)] == list(found.values())
