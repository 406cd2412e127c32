"""Risk and protection on paper: ranked, beside the same level, from published figures alone."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from prevention.indicators.profile import factors
from prevention.indicators.published import Audience, Dimension, PublishedTable
from prevention.reports import papers, profiles
from prevention.reports.papers import Kind, Paper
from tests.factories.reports import make_cell, make_figures, make_school, make_table, text

SCHOOL = make_school(3)


def tables(shares: dict[str, float | None]) -> Iterator[PublishedTable]:
    """Give a table over all pupils for each indicator."""
    for indicator, share in shares.items():
        yield make_table(indicator, name=text(indicator, indicator), cells=[make_cell(share=share, half=0.04)])


def risks() -> list[str]:
    """Name the first three risks of the file."""
    return [one.indicator_id for one in factors() if one.kind == "risk"][:3]


@pytest.mark.usefixtures("english")
def test_the_largest_risk_comes_first_and_suggests_what_to_do() -> None:
    first, second, third = risks()

    view = profiles.of_all(list(tables({first: 0.20, second: 0.50, third: None})))

    assert view is not None
    assert [("1", second), ("2", first), ("–", third)] == [(row.rank, row.name) for row in view.risks]
    assert "50 (46–54)" == str(view.risks[0].figure)
    assert (True, False) == (view.risks[0].is_enough, view.risks[2].is_enough)
    action = next(one.action for one in factors() if one.indicator_id == second)
    assert action.text.text("en") == view.actions[0]


@pytest.mark.usefixtures("english")
def test_a_survey_that_asked_no_factor_has_no_profile() -> None:
    assert profiles.of_all([make_table("I02")]) is None


def test_a_school_is_set_beside_its_level_and_gets_three_actions_of_its_own(words_app: Flask) -> None:
    shares: dict[str, float | None] = dict.fromkeys(risks(), 0.30)
    whole = list(tables(shares))
    level = [replace(one, dimension=Dimension.LEVEL, cells=(replace(make_cell(share=0.10), domain=str(SCHOOL.level)),))
             for one in whole]  # fmt: skip
    own = [
        replace(one, dimension=Dimension.SCHOOL, audience=Audience.SCHOOL,
                cells=(replace(make_cell(share=0.40, half=0.05), domain=SCHOOL.code),))
        for one in whole
    ]  # fmt: skip
    figures = make_figures(tables=(*whole, *level), school_tables=tuple(own))

    page = papers.page(figures, Paper(kind=Kind.SCHOOL, language="en", scope=SCHOOL.code)).html

    # Against 10 in 100 of its level, not against the 30 of all ages.
    assert page.count("in the wrong direction") == len(whole)
    assert "higher, by 2" in page
    actions = {one.action.key: one.action.text.text("en") for one in factors() if one.indicator_id in shares}
    assert all(action in page for action in list(actions.values())[:3])


def test_the_report_has_a_chapter_on_it_and_lists_it(words_app: Flask) -> None:
    figures = make_figures(tables=tuple(tables(dict.fromkeys(risks(), 0.30))))

    page = papers.page(figures, Paper(kind=Kind.IMPACT, language="en")).html

    assert page.count('href="#profile"') == page.count('id="profile"') == 1
    assert "At elevated risk" in page
