"""Made-up answers pass the same check as real ones, have plausible shares, and can be made again from the seed."""

from functools import cache
from random import Random

import pytest

from prevention.surveys.questionnaire import parse, shipped
from prevention.surveys.rules import DECLINED, NOT_ASKED, Answers, Form, check_answers
from prevention.surveys.simulation import class_effect, simulate_answers

CORE = parse(shipped("core"))


@cache
def crowd(number: int = 1_500, *, seed: int = 7, grade: int = 2, year_effect: float = 0.0) -> list[Answers]:
    """Make the answers of classes of 20 up."""
    rng = Random(seed)
    people: list[Answers] = []
    for _ in range(number // 20):
        shared = class_effect(rng)
        people += [
            simulate_answers(CORE, rng, grade=grade, track="tecnico", class_effect=shared, year_effect=year_effect)
            for _ in range(20)
        ]
    return people


def share(people: list[Answers], item: str, *never: str) -> float:
    """Give the share of valid answers that are not one of `never`; an item that was not asked is a never."""
    valid = [one[item] for one in people if one.get(item, DECLINED) != DECLINED]
    return sum(answer not in (NOT_ASKED, *never) for answer in valid) / len(valid)


def test_the_same_seed_gives_the_same_answers() -> None:
    assert crowd.__wrapped__(40, seed=3) == crowd.__wrapped__(40, seed=3)
    assert crowd(40, seed=3) != crowd(40, seed=4)


@pytest.mark.parametrize(("form", "grades"), [(Form.SENIOR, range(1, 6)), (Form.JUNIOR, range(1, 4))])
def test_every_made_up_answer_could_have_been_given(form: Form, grades: range) -> None:
    rng = Random(1)
    for grade in grades:
        for _ in range(40):
            answers = simulate_answers(CORE, rng, grade=grade, form=form)
            sent = {code: answer for code, answer in answers.items() if answer != NOT_ASKED}
            assert answers == check_answers(CORE, form, sent)


@pytest.mark.parametrize(
    ("item", "never", "published"),
    [
        ("B1", ("0",), 0.39),
        ("B4", ("never",), 0.22),
        ("C1", ("0",), 0.80),
        ("C3", ("0",), 0.42),
        ("C4", ("0",), 0.28),
        ("D1", ("0",), 0.18),
        ("D3", ("0",), 0.086),
        ("G1", ("never",), 0.45),
    ],
)
def test_shares_lie_near_the_published_ones(item: str, never: tuple[str, ...], published: float) -> None:
    """Within seven points: plausible to look at, and not meant to be more."""
    assert abs(share(crowd(), item, *never) - published) < 0.07


def test_use_grows_with_the_grade_and_with_the_year_effect() -> None:
    by_grade = [share(crowd(grade=grade), "D1", "0") for grade in (1, 3, 5)]

    assert by_grade == sorted(by_grade)
    assert share(crowd(year_effect=0.4), "D1", "0") > share(crowd(), "D1", "0")


def test_windows_never_contradict_each_other_but_for_the_careless() -> None:
    order = ["0", "1-2", "3-5", "6-9", "10-19", "20-39", "40+"]
    people = crowd()
    contradictions = sum(
        order.index(str(later)) > order.index(str(earlier))
        for one in people
        for earlier, later in ((one.get("C1"), one.get("C2")), (one.get("C2"), one.get("C3")))
        if earlier in order and later in order
    )

    assert contradictions < 0.02 * len(people)


def test_classes_differ_more_than_chance_makes_them() -> None:
    """Intraclass correlation of drinking in the past month, by analysis of variance, is above nothing."""
    people = crowd(3_000)
    drinks = [float(one.get("C3", "0") not in ("0", NOT_ASKED, DECLINED)) for one in people]
    classes = [drinks[place : place + 20] for place in range(0, len(drinks), 20)]
    means = [sum(one) / 20 for one in classes]
    grand = sum(means) / len(means)
    between = 20 * sum((mean - grand) ** 2 for mean in means) / (len(means) - 1)
    within = sum((value - mean) ** 2 for one, mean in zip(classes, means, strict=True) for value in one) / (
        len(means) * 19
    )

    assert (between - within) / (between + 19 * within) > 0.005


def test_a_few_people_answer_carelessly_so_that_cleaning_has_something_to_find() -> None:
    people = crowd(3_000)

    assert 0 < share(people, "E2i", "0") < 0.03
    assert 0 < sum(one["T0"] == "no" for one in people) < 0.03 * len(people)
