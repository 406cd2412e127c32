"""What a survey can tell is said before it is held."""

from typing import Any

import pytest
from flask import Flask

from prevention.accounts.models import User
from prevention.indicators.foresight import foresee, sentences
from prevention.surveys.wave_rules import WaveMode, WaveStatus
from tests.factories.schools import make_school_class
from tests.factories.surveys import make_wave


def test_a_school_knows_a_share_to_within_six_points_as_the_literature_reckons() -> None:
    """Domain paper §2.3: 300 answers, 20 in 100, correlation 0.05: 6.3 points. Student's t adds to it."""
    found = foresee([20] * 15 + [22] * 2)

    assert 310 == found.answers
    assert 100 * (found.margin or 0) == pytest.approx(6.3, abs=0.6)


def test_the_more_classes_the_smaller_the_change_that_is_found() -> None:
    changes = [foresee([22] * classes).difference or 0 for classes in (4, 10, 20, 40, 80)]

    assert changes == sorted(changes, reverse=True)
    assert pytest.approx(0.16, abs=0.006) == changes[1]


@pytest.mark.parametrize("pupils", [[], [20], [0, 0]])
def test_of_one_class_or_nobody_nothing_can_be_told(app: Flask, pupils: list[int]) -> None:
    assert foresee(pupils).margin is None
    assert 1 == len(sentences(pupils, is_pair=True))


def test_few_classes_are_told_that_they_can_prove_little(app: Flask) -> None:
    assert (3, 2) == (len(sentences([20] * 10, is_pair=True)), len(sentences([20] * 80, is_pair=False)))


@pytest.mark.parametrize("mode", [WaveMode.MONITORING, WaveMode.PRE_POST])
def test_the_page_of_a_survey_says_it_to_the_office_before_it_is_held(anna: User, sign_in: Any, mode: WaveMode) -> None:
    wave = make_wave(*(make_school_class() for _ in range(3)), status=WaveStatus.DRAFT, mode=mode)

    page = sign_in(anna).page(f"/surveys/{wave.id}")

    assert page.select_one("#foresight") is not None


def test_it_is_not_said_to_a_school_nor_when_all_is_over(anna: User, bruno: User, sign_in: Any) -> None:
    school_class = make_school_class()
    draft = make_wave(school_class, make_school_class(), status=WaveStatus.DRAFT)
    closed = make_wave(school_class, make_school_class(), status=WaveStatus.CLOSED)

    assert sign_in(anna).page(f"/surveys/{closed.id}").select_one("#foresight") is None
    response = sign_in(bruno).get(f"/surveys/{draft.id}")
    assert "foresight" not in response.get_data(as_text=True)
