"""Rules of programmes: filter, weak choices and their alternative, what may be saved."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevention.programmes import rules
from prevention.programmes.rules import (
    CatalogueFilter,
    EditionStatus,
    EvidenceClass,
    Facts,
    MeetingPlan,
    Method,
    Topic,
)


def facts(**values: Any) -> Facts:
    """The smallest facts: a skills course for all upper secondary grades."""
    return Facts(
        **{
            "slug": "course",
            "levels": frozenset({"secondo_grado"}),
            "grade_min": 1,
            "grade_max": 5,
            "topics": frozenset({Topic.ALCOHOL}),
            "method": Method.SKILLS,
            "evidence_class": EvidenceClass.NOT_RATED,
            "meetings": 5,
            "searchable": "Unplugged Dodici unità per la classe prima",
            **values,
        }
    )


TALK = facts(slug="talk", method=Method.TALK, evidence_class=EvidenceClass.UNLIKELY_OR_HARMFUL, meetings=1)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (CatalogueFilter(), True),
        (CatalogueFilter(level="secondo_grado"), True),
        (CatalogueFilter(level="primo_grado"), False),
        (CatalogueFilter(grade=1), True),
        (CatalogueFilter(topic=Topic.ALCOHOL), True),
        (CatalogueFilter(topic=Topic.TOBACCO), False),
        (CatalogueFilter(text="unplugged PRIMA"), True),
        (CatalogueFilter(text="unplugged seconda"), False),
    ],
)
def test_a_filter_keeps_what_answers_all_of_it(wanted: CatalogueFilter, expected: bool) -> None:
    assert rules.matches(facts(), wanted) is expected


@pytest.mark.parametrize(("grade", "expected"), [(1, False), (2, True), (3, True), (4, False)])
def test_both_ends_of_the_grades_belong_to_a_programme(grade: int, expected: bool) -> None:
    assert rules.suits(facts(grade_min=2, grade_max=3), level=None, grade=grade) is expected


@pytest.mark.parametrize(
    ("offer", "expected"),
    [
        (facts(), False),
        (facts(method=Method.PEERS), False),
        (facts(method=Method.TALK), True),
        (facts(evidence_class=EvidenceClass.UNLIKELY_OR_HARMFUL), True),
    ],
)
def test_a_talk_or_a_bad_rating_makes_a_weak_choice(offer: Facts, expected: bool) -> None:
    assert rules.is_weak_choice(offer) is expected


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], None),
        ([TALK], None),
        ([facts(slug="other-level", levels=frozenset({"primo_grado"}))], None),
        ([facts(slug="other-grade", grade_min=4)], None),
        ([facts(slug="also-a-talk", method=Method.TALK)], None),
        ([facts(slug="b", is_bookable=True), facts(slug="a")], "b"),
        ([facts(slug="b"), facts(slug="a", topics=frozenset({Topic.GAMBLING}))], "b"),
        ([facts(slug="b", evidence_class=EvidenceClass.BENEFICIAL), facts(slug="a")], "b"),
        ([facts(slug="b", meetings=12), facts(slug="a")], "b"),
        ([facts(slug="b"), facts(slug="a")], "a"),
    ],
)
def test_the_nearest_better_offer_suits_the_class_and_can_be_booked(others: list[Facts], expected: str | None) -> None:
    found = rules.nearest_better(TALK, others, level="secondo_grado", grade=1)

    assert expected == (found.slug if found else None)


def test_a_rated_talk_is_not_answered_by_something_rated_lower() -> None:
    rated = facts(slug="talk", method=Method.TALK, evidence_class=EvidenceClass.LIKELY_BENEFICIAL)

    assert rules.nearest_better(rated, [facts()], level="secondo_grado", grade=1) is None


OFFERS = st.builds(
    facts,
    slug=st.sampled_from("abcdef"),
    levels=st.frozensets(st.sampled_from(["primo_grado", "secondo_grado"]), min_size=1),
    method=st.sampled_from(Method),
    evidence_class=st.sampled_from(EvidenceClass),
    grade_min=st.integers(1, 3),
    grade_max=st.integers(3, 5),
)


@given(weak=OFFERS, others=st.lists(OFFERS, max_size=8), grade=st.integers(1, 5))
def test_the_alternative_is_never_weak_and_never_for_another_class(
    weak: Facts, others: list[Facts], grade: int
) -> None:
    found = rules.nearest_better(weak, others, level="secondo_grado", grade=grade)

    if found is not None:
        assert not rules.is_weak_choice(found)
        assert rules.suits(found, level="secondo_grado", grade=grade)
        assert found.slug != weak.slug


def meeting(activities: int = 1) -> MeetingPlan:
    """A meeting with that many activities."""
    return MeetingPlan(title={"it": "Incontro"}, minutes=60, activities=({"it": "Attività"},) * activities)


@pytest.mark.parametrize(
    ("before", "after", "has_editions"),
    [
        ([], [meeting()], False),
        ([1, 1], [meeting()], False),
        ([1], [meeting()], True),
        ([1], [meeting(2), meeting()], True),
    ],
)
def test_meetings_may_grow_at_any_time(before: list[int], after: list[MeetingPlan], has_editions: bool) -> None:
    rules.check_programme(grade_min=1, grade_max=1, before=before, after=after, has_editions=has_editions)


@pytest.mark.parametrize(
    ("before", "after", "kept", "given"),
    [([1, 1], [meeting()], 2, 1), ([2], [meeting(1)], 2, 1)],
)
def test_after_an_edition_no_meeting_and_no_activity_is_taken_away(
    before: list[int], after: list[MeetingPlan], kept: int, given: int
) -> None:
    with pytest.raises(rules.MeetingsFixed) as refusal:
        rules.check_programme(grade_min=1, grade_max=1, before=before, after=after, has_editions=True)

    assert (kept, given) == (refusal.value.kept, refusal.value.given)


def test_a_programme_without_meetings_is_refused() -> None:
    with pytest.raises(rules.NoMeetings):
        rules.check_programme(grade_min=1, grade_max=1, before=[], after=[], has_editions=False)


def test_grades_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(rules.GradesReversed) as refusal:
        rules.check_programme(grade_min=3, grade_max=1, before=[], after=[meeting()], has_editions=False)

    assert (3, 1) == (refusal.value.first, refusal.value.last)


@pytest.mark.parametrize("school_year", [2026, 2027])
def test_this_year_and_the_next_can_have_an_edition(school_year: int) -> None:
    rules.check_edition(school_year=school_year, current_year=2026, group_min=10, group_max=10)


def test_a_year_that_is_over_takes_no_edition() -> None:
    with pytest.raises(rules.YearIsOver) as refusal:
        rules.check_edition(school_year=2025, current_year=2026, group_min=1, group_max=30)

    assert refusal.value.school_year == 2025


def test_group_sizes_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(rules.GroupSizesReversed) as refusal:
        rules.check_edition(school_year=2026, current_year=2026, group_min=30, group_max=10)

    assert (30, 10) == (refusal.value.smallest, refusal.value.largest)


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        (EditionStatus.DRAFT, EditionStatus.OPEN),
        (EditionStatus.OPEN, EditionStatus.CLOSED),
        (EditionStatus.CLOSED, EditionStatus.OPEN),
    ],
)
def test_an_edition_opens_closes_and_opens_again(status: EditionStatus, asked: EditionStatus) -> None:
    rules.check_step(status, asked=asked)


@pytest.mark.parametrize(
    ("status", "asked"),
    [(EditionStatus.OPEN, EditionStatus.OPEN), (EditionStatus.OPEN, EditionStatus.DRAFT)],
)
def test_a_step_that_is_none_or_goes_back_to_draft_is_refused(status: EditionStatus, asked: EditionStatus) -> None:
    with pytest.raises(rules.WrongStep) as refusal:
        rules.check_step(status, asked=asked)

    assert (status, asked) == (refusal.value.status, refusal.value.asked)
