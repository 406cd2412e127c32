"""The longer chapters of the survey: over the years, beside others, before and after, and the method annex."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask

from prevention.indicators.catalogue import Better
from prevention.indicators.effects import Verdict
from prevention.indicators.history import History
from prevention.indicators.panel_gate import Who
from prevention.indicators.published import PublishedTable, Reason
from prevention.reports import papers
from prevention.reports.chapters import before_after, method, others, over_years
from prevention.reports.chapters.trend_chart import TrendMark, trend_chart
from prevention.reports.chapters.values import Wish
from prevention.reports.charts import Estimate
from prevention.reports.consistency import Papers
from prevention.reports.figures import YearFigures
from prevention.reports.papers.kinds import Kind, Paper
from tests.factories.chapters import (
    WAVE,
    make_act,
    make_benchmark,
    make_beside,
    make_hidden_panel_figure,
    make_panel_figure,
    make_released_pair,
)
from tests.factories.reports import make_cell, make_figures, make_table
from tests.reports.conftest import paper_of

CAUSES = re.compile(
    r"\b(because of the programme|caused|thanks to|led to|the programme (?:works|worked|reduced))\b", re.IGNORECASE
)


def with_chapters(**changes: Any) -> YearFigures:
    """Give a full year whose chapters differ in some values."""
    figures = make_figures()
    assert figures.chapters is not None
    return replace(figures, chapters=replace(figures.chapters, **changes))


def in_year(year: int, share: float | None, **changes: Any) -> PublishedTable:
    """Give cigarettes in 30 days over all pupils in a school year."""
    return make_table(cells=[make_cell(share=share)], school_year=year, **changes)


def one_indicator(*earlier: PublishedTable, now: float | None = 0.18, better: Better = Better.LOWER) -> YearFigures:
    """Give a year of one indicator with its tables of earlier years."""
    figures = with_chapters(
        histories=(History(wave_id=WAVE, tables=earlier, left_out=()),),
        wishes=(Wish(indicator_id="I02", better=better),),
        beside=(),
    )
    return replace(figures, tables=(in_year(2026, now),), tables_before=())


def test_a_survey_held_for_the_first_time_says_so(words_app: Flask) -> None:
    page = papers.page(one_indicator(), paper_of("en")).html

    assert "No earlier survey with these questions was published" in page


def test_three_waves_stand_side_by_side_and_two_leave_the_quiet_ones_out(english: None) -> None:
    quiet, earlier = in_year(2025, 0.19), in_year(2024, 0.2)

    (two,) = over_years.over_years(one_indicator(quiet))
    (three,) = over_years.over_years(one_indicator(earlier, quiet))

    assert (("2025/26", "2026/27"), ()) == (two.years, two.groups)
    assert ("2024/25", "2025/26", "2026/27") == three.years
    assert ["20 (16–24)", "19 (15–23)", "18 (14–22)"] == [cell.words for cell in three.groups[0].rows[0].cells]


@pytest.mark.parametrize(("better", "worse"), [(Better.LOWER, True), (Better.HIGHER, False)])
def test_a_change_for_the_worse_is_named_as_one_for_the_better_is(english: None, better: Better, worse: bool) -> None:
    """From 10 to 30 in 100, without overlap: harm or gain by the wish alone."""
    (view,) = over_years.over_years(one_indicator(in_year(2025, 0.1), now=0.3, better=better))

    name = "Cigarettes in the last 30 days"
    assert ((name,), ()) == ((view.worse, view.better) if worse else (view.better, view.worse))
    assert view.groups[0].rows[0].is_worse is worse


def test_other_words_break_the_line_and_the_table_says_so(words_app: Flask) -> None:
    figures = one_indicator(in_year(2024, 0.2), in_year(2025, 0.4, wording="w0"))

    page = papers.page(figures, paper_of("en")).html

    assert "asked in other words before" in page
    assert "† " in page
    assert "† Asked in other words, or counted otherwise" in page
    assert 'stroke-dasharray="2 3"' in page
    assert "In the wrong direction since" not in page


def test_a_drawing_joins_only_what_may_be_compared() -> None:
    known = Estimate(share=0.2, low=0.1, high=0.3)
    marks = [
        TrendMark(label="a", estimate=known),
        TrendMark(label="b", estimate=None),
        TrendMark(label="<c>", estimate=known),
    ]

    gap = trend_chart(marks, sentence="A & B")
    broken = trend_chart([marks[0], replace(marks[2], is_break=True)], sentence="x")
    whole = trend_chart([marks[0], marks[2]], sentence="x")

    assert "<title>A &amp; B</title>" in gap
    assert "&lt;c&gt;" in gap
    assert [0, 0, 1] == [chart.count('stroke-width="1.4"') for chart in (gap, broken, whole)]
    assert [0, 1, 0] == [chart.count("dasharray") for chart in (gap, broken, whole)]


def test_other_surveys_stand_beside_with_source_day_and_hand(words_app: Flask) -> None:
    own = make_benchmark(survey="EDIT 2025", source="ARS", address="ars.toscana.it", is_second_hand=False, share=0.086)
    page = papers.page(with_chapters(beside=(make_beside(make_benchmark(), own),)), paper_of("en")).html

    (view,) = others.others(with_chapters(beside=(make_beside(make_benchmark(), own),)))
    assert ([1, 2], [True, False]) == ([row.source for row in view.rows], [row.is_second_hand for row in view.rows])
    assert "[1] SardegnaGol (sardegnagol.eu), read on 22 Nov 2026 – <strong>second-hand source</strong>" in page
    assert "[2] ARS (ars.toscana.it), read on 22 Nov 2026</li>" in page
    assert "8.6" in page


def test_a_group_that_is_hidden_or_gone_has_nothing_beside_it(words_app: Flask) -> None:
    gone = replace(make_beside(), domain="secondo_grado-9")

    page = papers.page(with_chapters(beside=(gone,)), paper_of("en")).html

    assert "No figure of another survey is of the same age band" in page


def test_ours_is_called_higher_or_lower_only_beyond_our_margin(english: None) -> None:
    """Second year: 11 in 100, 7 to 15."""
    shares = (0.05, 0.12, 0.3)
    figures = with_chapters(
        beside=(make_beside(*(make_benchmark(share=share, survey=f"S{share}") for share in shares)),)
    )

    (view,) = others.others(figures)

    assert ["ours is higher", "within our margin", "ours is lower"] == [row.stands for row in view.rows]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_harm_is_said_first_and_nothing_speaks_of_a_cause(words_app: Flask, verdict: Verdict) -> None:
    figures = with_chapters(pairs=(make_released_pair(make_panel_figure(verdict=verdict)),))

    page = papers.page(figures, paper_of("en")).html

    (view,) = before_after.pairs(figures)
    assert view.has_harm is (verdict is Verdict.WORSE)
    chapter = page.split('id="pairs"', 1)[1].split("<h2", 1)[0]
    assert ("In the wrong direction, beyond chance: Measure M01." in chapter) is (verdict is Verdict.WORSE)
    assert CAUSES.search(chapter) is None
    assert "a change is not said to come from the programme" in chapter


def test_what_could_be_found_and_who_was_lost_stand_beside_the_result(words_app: Flask) -> None:
    linked = make_released_pair(
        make_panel_figure(),
        make_panel_figure(who=Who.FOUND, lost=make_panel_figure().difference),
        found=160,
    )
    pages = [
        papers.page(with_chapters(pairs=(pair,)), paper_of("en")).html
        for pair in (make_released_pair(), linked, make_released_pair(difference=None, size=None, classes=1))
    ]

    assert "would find a change of 15 points in a share of 20 in 100, or of d = 0.38" in pages[0]
    assert "Nothing links the two surveys" in pages[0]
    assert "about 160 of about 220 were found again (73 %)" in pages[1]
    assert "Those found again" in pages[1]
    assert "With fewer than two classes no change could have been told from chance." in pages[2]


def test_a_pair_of_which_nothing_may_be_shown_says_why(words_app: Flask) -> None:
    figures = with_chapters(pairs=(make_released_pair(make_hidden_panel_figure("M02")),))

    page = papers.page(figures, paper_of("en")).html

    assert "not shown: too few answers" in page
    assert "No figure may be shown, so nothing can be said of harm either." in page
    assert before_after.pairs(figures)[0].chart is None


def test_the_rules_are_printed_with_the_numbers_of_their_version_only(english: None) -> None:
    assert "from 10 answers, the whole and a single school from 20" in method.policy_rules(make_figures())[0]
    other = replace(make_figures(), tables=(make_table(policy="2020.1"),))
    assert () == method.policy_rules(other)


def test_each_act_names_the_surveys_it_was_in_force_for(english: None) -> None:
    acts = (
        make_act(),
        make_act(title="Old", ends_on=date(2027, 4, 11)),
        make_act(title="Late", starts_on=date(2027, 5, 7)),
    )

    rows = method.act_rows(with_chapters(acts=acts))

    survey = "Rilevazione provinciale 2026/27"
    assert [survey, "no survey of this year", survey] == [row.surveys for row in rows]
    assert ["since Sep 1, 2026", "from Sep 1, 2026 to Apr 11, 2027", "since May 7, 2027"] == [row.days for row in rows]


def test_a_figure_of_the_survey_is_one_text_in_all_its_chapters(words_app: Flask) -> None:
    """Results, years, other surveys, technical annex: one function prints them all."""
    figures = make_figures()
    compared = Papers()
    for kind in (Kind.IMPACT, Kind.ANNEX):
        compared.take_in(papers.page(figures, Paper(kind=kind, language="en")))

    assert () == compared.disagreements()
    page = papers.page(figures, paper_of("en")).html
    assert 2 <= page.count(f'data-figure="survey.{WAVE}.I02.grade.secondo_grado-2"')


def test_when_everything_is_hidden_no_chapter_is_blank_or_nought(words_app: Flask) -> None:
    figures = make_figures()
    hidden = tuple(
        replace(
            table,
            cells=tuple(
                replace(cell, n_valid=None, share=None, low=None, high=None, shown=False, reason=Reason.FEW_ANSWERS)
                for cell in table.cells
            ),
        )
        for table in figures.tables
    )
    page = papers.page(replace(figures, tables=hidden), paper_of("en")).html

    years = page.split('id="years"', 1)[1].split("<h2", 1)[0]
    assert "it is not known whether anything changed" in years
    assert "beyond chance since" not in years
    assert "<svg" not in years
    assert not re.search(r"<td[^>]*>\s*</td>", page.split('id="fidelity"', 1)[1].split('id="method"', 1)[0])


def test_a_year_without_a_survey_has_no_chapter_on_years_or_others(words_app: Flask) -> None:
    figures = replace(
        with_chapters(waves=(), histories=(), beside=(), pairs=()), surveys=(), tables=(), tables_before=()
    )

    page = papers.page(figures, paper_of("en")).html

    assert ('id="years"' in page, 'id="others"' in page) == (False, False)
    assert "No before and after was compared in this school year." in page


@pytest.mark.parametrize("language", ["it", "en"])
def test_no_two_tables_of_the_report_are_called_the_same(words_app: Flask, language: str) -> None:
    """On the web each is a region of its own: two of one name cannot be told apart by ear."""
    captions = re.findall(r"<caption>(.*?)</caption>", papers.page(make_figures(), paper_of(language)).html)

    assert len(captions) == len(set(captions)), sorted(captions)
