"""Ejection chains: who waits pushes out who has room elsewhere, and nothing that is fixed."""

from dataclasses import replace
from random import Random

import pytest

from prevention.booking.plan_check import check
from prevention.booking.plan_values import Commitment, Meeting, Plan, Problem, Wishes
from prevention.booking.planner.chains import ROUNDS_IN_VAIN, Chains
from prevention.booking.planner.compiled import compile_problem
from prevention.booking.planner.greedy import fill
from prevention.booking.planner.state import State
from prevention.booking.sample_year import Size, sample_year
from tests.booking.planner.small import MONDAY, PERIODS, at_nine, facilitator, place, problem, request

ONE_HOUR = place(periods={0: PERIODS[1:2], 1: PERIODS[1:2]})


def planned(asked: Problem, *, with_chains: bool) -> State:
    state = State(compile_problem(asked))
    fill(state)
    chains = Chains(state)
    while with_chains and state.unplaced() and chains.is_worthwhile:
        chains.go_on(state, Random(1))
    return state


@pytest.mark.parametrize("cap", [1, 20])
def test_a_class_with_another_day_makes_room_for_one_without(cap: int) -> None:
    weeks = tuple(MONDAY.replace(day=day) for day in (11, 18))
    anywhere = request(site=ONE_HOUR, minutes=(60,), is_never_reached=True)
    only_then = request(site=ONE_HOUR, minutes=(60,), wishes=Wishes(weekdays=frozenset({0})))
    asked = replace(
        problem(anywhere, only_then, places=(ONE_HOUR,), people=(facilitator(cap=cap),)),
        last_day=weeks[1].replace(day=19) if cap == 1 else weeks[0].replace(day=12),
    )
    if cap == 1:
        # One meeting a week, and the class without a choice may come in the first week only.
        wishes = replace(only_then.wishes, avoid_weeks=frozenset({weeks[1]}))
        asked = replace(asked, requests=(anywhere, replace(only_then, wishes=wishes)))

    assert 1 == len(planned(asked, with_chains=False).unplaced())
    state = planned(asked, with_chains=True)

    assert [] == state.unplaced()
    assert () == check(asked, state.plan())


def test_what_is_locked_or_committed_is_never_pushed_out() -> None:
    first, second = (request(site=ONE_HOUR, minutes=(60,)) for _ in range(2))
    person = facilitator()
    locked = Meeting(request=first.id, number=1, facilitator=person.id, stretch=at_nine(MONDAY), is_locked=True)
    asked = replace(
        problem(first, second, places=(ONE_HOUR,), people=(person,)),
        last_day=MONDAY.replace(day=12),
        before=(locked,),
        commitments=(Commitment(stretch=at_nine(MONDAY.replace(day=12)), facilitator=person.id),),
    )

    assert Plan(meetings=(locked,)) == planned(asked, with_chains=True).plan()


@pytest.mark.parametrize("seed", range(4))
def test_a_full_district_keeps_all_rules_and_never_loses_points(seed: int) -> None:
    asked = sample_year(Size(requests=40, facilitators=1, sites=6, municipalities=4, meetings=3), seed=seed).problem
    state = State(compile_problem(asked))
    fill(state)
    chains, rng, totals = Chains(state), Random(seed), [state.score().total]

    for _round in range(ROUNDS_IN_VAIN):
        chains.go_on(state, rng)
        totals.append(state.score().total)

    assert totals == sorted(totals)
    assert () == check(asked, state.plan())
