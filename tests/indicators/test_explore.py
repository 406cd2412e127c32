"""The page of figures: what is published, in sentences and bars, and nothing else."""

from datetime import date
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from prevention.indicators.axis import Bar, axis_of, bar_of
from prevention.indicators.explore import picture_of
from prevention.indicators.published import Audience, Dimension, Measure, Movement, Reason
from prevention.schools.rules import Track
from tests.factories.published import hidden_cell, make_table, masked_cell, publish, shown_cell
from tests.factories.schools import make_school_class, make_site
from tests.support.http import Client
from tests.support.queries import counted_queries

ADDRESS = "/figures/"
LAST_YEAR: dict[str, Any] = {"school_year": 2025, "sealed_on": date(2025, 11, 20)}


def figures(page: BeautifulSoup) -> list[str]:
    """Give the words of each row's figure."""
    return [words.get_text(strip=True) for words in page.select("td .explore-words")]


def labels(page: BeautifulSoup) -> list[str]:
    """Give the group of each row."""
    return [cell.get_text(strip=True) for cell in page.select('.site-table tbody th[scope="row"]')]


def chosen(page: BeautifulSoup, name: str) -> str:
    """Give what a choice of the form stands on."""
    return str(page.select_one(f'select[name="{name}"] option[selected]')["value"])


def test_before_anything_is_published_the_page_says_so(client: Client) -> None:
    page = client.page(ADDRESS)

    assert page.select_one(".empty p") is not None
    assert page.select_one("form[role=search]") is None


def test_a_figure_is_a_sentence_with_its_interval_and_a_drawing_with_the_same_words(client: Client) -> None:
    publish(make_table(shown_cell(share=0.18, low=0.14, high=0.22)))

    page = client.page(ADDRESS)

    assert "14" in figures(page)[0]
    assert "22" in figures(page)[0]
    drawing = page.select_one("svg.figure-bar")
    assert figures(page)[0] in drawing["aria-label"]
    assert drawing["role"] == "img"


def test_every_dimension_has_its_table_all_pupils_first(client: Client) -> None:
    publish(
        make_table(shown_cell("liceo"), shown_cell("tecnico"), dimension=Dimension.TRACK),
        make_table(shown_cell("female"), shown_cell("male"), dimension=Dimension.SEX),
        make_table(),
    )

    page = client.page(ADDRESS)

    assert ["Tutti", "Ragazze", "Ragazzi", "Licei", "Istituti tecnici"] == labels(page)


def test_a_hidden_figure_has_a_reason_and_no_drawing(client: Client) -> None:
    publish(
        make_table(),
        make_table(shown_cell("female"), hidden_cell("male", reason=Reason.COMPLEMENTARY), dimension=Dimension.SEX),
    )

    page = client.page(ADDRESS)

    hidden = page.select(".site-table tbody tr.is-protected")
    assert 1 == len(hidden)
    assert hidden[0].select_one("svg.figure-bar") is None
    assert hidden[0].select_one(".explore-small").get_text(strip=True)
    assert not any(character.isdigit() for character in hidden[0].get_text())


def test_a_masked_figure_shows_its_limit_and_no_estimate(client: Client) -> None:
    publish(make_table(masked_cell(text="<5")))

    page = client.page(ADDRESS)

    assert "5" in figures(page)[0]
    assert page.select_one("svg.figure-bar circle") is None
    assert page.select_one("svg.figure-bar line[stroke-dasharray]") is not None


def test_tables_for_schools_are_never_on_the_page(client: Client) -> None:
    publish(
        make_table(),
        make_table(shown_cell("CRPS00000A"), dimension=Dimension.SCHOOL, audience=Audience.SCHOOL),
    )

    assert "CRPS00000A" not in client.page(ADDRESS).get_text()


def test_a_year_with_tables_for_schools_alone_counts_as_unpublished(client: Client) -> None:
    publish(make_table(shown_cell("CRPS00000A"), dimension=Dimension.SCHOOL, audience=Audience.SCHOOL))

    assert client.page(ADDRESS).select_one(".empty") is not None


def test_the_newest_year_and_the_first_indicator_come_unasked(client: Client) -> None:
    publish(make_table(indicator_id="I99"), **LAST_YEAR)
    publish(make_table(indicator_id="I01"), make_table(indicator_id="I02"))

    page = client.page(ADDRESS)

    assert ("2026", "I01") == (chosen(page, "year"), chosen(page, "indicator"))
    assert page.select_one(".notice") is None


def test_year_and_indicator_can_be_chosen(client: Client) -> None:
    publish(make_table(indicator_id="I01"))
    publish(make_table(indicator_id="I01"), make_table(indicator_id="I02"), **LAST_YEAR)

    page = client.page(ADDRESS + "?year=2025&indicator=I02")

    assert ("2025", "I02") == (chosen(page, "year"), chosen(page, "indicator"))


@pytest.mark.parametrize("query", ["?year=1999", "?year=x", "?indicator=I77", "?indicator=%3Cscript%3E"])
def test_what_is_not_there_is_replaced_and_the_page_says_so(client: Client, query: str) -> None:
    publish(make_table())

    page = client.page(ADDRESS + query)

    assert ("2026", "I02") == (chosen(page, "year"), chosen(page, "indicator"))
    assert 1 == len(page.select(".notice"))


def test_of_two_surveys_of_a_year_one_is_shown_and_can_be_chosen(client: Client) -> None:
    older = publish(
        make_table(shown_cell(share=0.4, low=0.31, high=0.49)), sealed_on=date(2026, 10, 2), wave_name="One"
    )
    publish(make_table(shown_cell(share=0.2, low=0.11, high=0.29)), wave_name="Two")

    unasked, asked = client.page(ADDRESS), client.page(f"{ADDRESS}?wave={older[0].wave_id}")

    assert "11" in figures(unasked)[0]
    assert "31" in figures(asked)[0]


def test_indicators_are_grouped_by_section_in_the_order_of_the_report(client: Client) -> None:
    publish(
        make_table(indicator_id="I10", group="alcohol"),
        make_table(indicator_id="I02", group="tobacco"),
        make_table(indicator_id="I98", group="no longer known"),
    )

    groups = client.page(ADDRESS).select('select[name="indicator"] optgroup')

    assert [["I02"], ["I10"], ["I98"]] == [[option["value"] for option in group.select("option")] for group in groups]


def test_the_year_before_stands_beside_this_one(client: Client) -> None:
    publish(make_table(shown_cell(share=0.3, low=0.26, high=0.34)), **LAST_YEAR)
    publish(make_table(shown_cell(share=0.2, low=0.16, high=0.24)))

    page = client.page(ADDRESS)

    before = page.select_one("td.explore-before").get_text()
    assert "26" in before
    assert "▼" in before


def test_another_wording_breaks_the_trend_with_a_note(client: Client) -> None:
    publish(make_table(shown_cell(share=0.3, low=0.26, high=0.34), wording="b" * 16), **LAST_YEAR)
    publish(make_table(shown_cell(share=0.2, low=0.16, high=0.24)))

    page = client.page(ADDRESS)

    assert page.select_one("td.explore-before") is None
    assert 2 == len(page.select(".explore-note"))
    assert "26" not in "".join(figures(page))


def test_overlapping_intervals_are_no_clear_difference() -> None:
    now, before = make_table(shown_cell()), make_table(shown_cell(share=0.2, low=0.16, high=0.24))

    picture = picture_of([now], [before])

    assert Movement.UNCLEAR is picture.sections[0].rows[0].movement


def test_two_surveys_last_year_are_no_year_before(app: Flask) -> None:
    before = make_table(shown_cell(share=0.5, low=0.4, high=0.6))

    picture = picture_of([make_table()], [before, before])

    assert not picture.is_compared
    assert picture.sections[0].rows[0].before is None


def test_the_page_asks_the_database_the_same_whatever_is_published(client: Client) -> None:
    publish(make_table())
    client.page(ADDRESS)
    with counted_queries() as few:
        client.page(ADDRESS)
    publish(*(make_table(indicator_id=f"I{number}") for number in range(10, 60)), **LAST_YEAR)
    publish(*(make_table(indicator_id=f"I{number}") for number in range(10, 60)), wave_name="Another")

    with counted_queries() as many:
        client.page(ADDRESS)

    assert few.count == many.count


@pytest.mark.parametrize(("highest", "expected"), [(0.22, 0.25), (0.25, 0.25), (0.26, 0.5), (0.51, 1.0), (1.0, 1.0)])
def test_the_axis_is_the_shortest_that_holds_every_interval(highest: float, expected: float) -> None:
    table = make_table(shown_cell(share=0.1, low=0.05, high=highest))

    axis = axis_of([table], measure=Measure.PERCENT, scale=(0.0, 1.0))

    assert (0.0, expected) == (axis.low, axis.high)


def test_points_are_drawn_from_nought_in_the_middle() -> None:
    cell = shown_cell(share=-0.2, low=-0.25, high=-0.1)
    axis = axis_of([make_table(cell)], measure=Measure.POINTS, scale=(-1.0, 1.0))

    assert Bar(start=50.0, share=10.0, low=0.0, high=30.0) == bar_of(cell, axis, measure=Measure.POINTS)


def test_a_mean_is_a_dot_on_its_own_scale() -> None:
    cell = shown_cell(share=3.0, low=2.0, high=4.0)
    axis = axis_of([make_table(cell)], measure=Measure.SCALE, scale=(1.0, 5.0))

    assert Bar(start=None, share=50.0, low=25.0, high=75.0) == bar_of(cell, axis, measure=Measure.SCALE)


@pytest.mark.parametrize(("text", "low", "high"), [("<20", 0.0, 20.0), (">95", 95.0, 100.0)])
def test_a_mask_is_drawn_over_all_that_it_stands_for(text: str, low: float, high: float) -> None:
    table = make_table(masked_cell(text=text), shown_cell("male", high=0.9))
    axis = axis_of([table], measure=Measure.PERCENT, scale=(0.0, 1.0))

    assert Bar(start=None, share=None, low=low, high=high) == bar_of(table.cells[0], axis, measure=Measure.PERCENT)


# ------------------------------------------------------------------------- groups, years, other surveys, files


def years(page: BeautifulSoup) -> list[list[str]]:
    """Give the rows of the table over the years."""
    rows = page.select("#years ~ .table-frame tbody tr, section[aria-labelledby=years] tbody tr")
    return [[" ".join(cell.get_text(" ", strip=True).split()) for cell in row.select("th, td")] for row in rows]


def two_years(**values: Any) -> None:
    publish(make_table(shown_cell(share=0.3, low=0.26, high=0.34), **values), **LAST_YEAR)
    publish(make_table(shown_cell(share=0.2, low=0.16, high=0.24)))


def test_the_figure_stands_in_a_line_over_the_years(client: Client) -> None:
    two_years()

    page = client.page(ADDRESS)

    assert ["2025/26", "2026/27"] == [row[0] for row in years(page)]
    drawing = page.select_one("svg.figure-series")
    assert "img" == drawing["role"]
    assert all(row[1] in drawing["aria-label"] for row in years(page))
    assert 2 == len(drawing.select("circle"))
    assert 1 == len([line for line in drawing.select("line") if line["stroke"] == "#5c9ad6"])


def test_a_changed_wording_breaks_the_line_and_is_said(client: Client) -> None:
    two_years(wording="b" * 16)

    page = client.page(ADDRESS)

    assert [] == [line for line in page.select("svg.figure-series line") if line["stroke"] == "#5c9ad6"]
    assert page.select_one("svg.figure-series line[stroke-dasharray]") is not None
    assert page.select_one("section[aria-labelledby=years] .series-note") is not None


def test_one_year_is_no_line(client: Client) -> None:
    publish(make_table())

    assert client.page(ADDRESS).select_one("svg.figure-series") is None


def test_another_questionnaire_is_another_survey(client: Client) -> None:
    publish(make_table(shown_cell(share=0.3, low=0.26, high=0.34)), questionnaire="workshop-before", **LAST_YEAR)
    publish(make_table(), questionnaire="core")

    page = client.page(ADDRESS)

    assert page.select_one("svg.figure-series") is None
    assert page.select_one("td.explore-before") is None


def test_a_year_with_two_surveys_has_no_point_and_the_page_says_so(client: Client) -> None:
    publish(make_table(), school_year=2024, sealed_on=date(2024, 11, 20))
    publish(make_table(), **LAST_YEAR)
    publish(make_table(), **LAST_YEAR)
    publish(make_table())

    page = client.page(ADDRESS)

    assert ["2024/25", "2026/27"] == [row[0] for row in years(page)]
    assert "2025/26" in page.select_one("section[aria-labelledby=years] .series-note").get_text()


def test_a_group_can_be_chosen_and_is_set_beside_all(client: Client) -> None:
    track = make_table(
        shown_cell("liceo", share=0.3, low=0.27, high=0.33), shown_cell("tecnico"), dimension=Dimension.TRACK
    )
    publish(make_table(shown_cell(share=0.1, low=0.08, high=0.12)), track)

    page = client.page(f"{ADDRESS}?group=track:liceo")

    assert "track:liceo" == chosen(page, "group")
    head = page.select_one(".explore-head").get_text(" ", strip=True)
    assert "27" in page.select_one(".explore-sentence").get_text()
    assert "16" in head
    assert "24" in head


@pytest.mark.parametrize("group", ["track:liceo", "nonsense", "sex:", "%3Cscript%3E"])
def test_a_group_that_is_not_there_is_replaced_by_all(client: Client, group: str) -> None:
    publish(make_table())

    page = client.page(f"{ADDRESS}?group={group}")

    assert "all:all" == chosen(page, "group")
    assert 1 == len(page.select(".notice"))


def test_other_surveys_stand_beside_the_grade_of_their_age_with_their_source(client: Client) -> None:
    grades = [shown_cell(f"secondo_grado-{grade}") for grade in (1, 2, 3)]
    publish(make_table(indicator_id="I11"), make_table(*grades, dimension=Dimension.GRADE, indicator_id="I11"))

    rows = client.page(ADDRESS).select("section[aria-labelledby=beside] tbody tr")

    assert 3 == len(rows)
    assert "secondo_grado-3" in rows[0].get_text()
    assert "fonte di seconda mano" in rows[0].get_text() or "second-hand" in rows[0].get_text()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_shown_tables_can_be_taken_away_without_a_number_that_is_hidden(client: Client, form: str) -> None:
    publish(
        make_table(),
        make_table(shown_cell("female"), hidden_cell("male", reason=Reason.COMPLEMENTARY), dimension=Dimension.SEX),
        make_table(shown_cell("CRPS00000A"), dimension=Dimension.SCHOOL, audience=Audience.SCHOOL),
    )

    response = client.get(f"{ADDRESS}?format={form}")

    assert 200 == response.status_code
    assert f"I02-2026-27.{form}" in response.headers["Content-Disposition"]
    if form == "csv":
        lines = response.get_data(as_text=True).splitlines()
        assert 4 == len(lines)
        assert "CRPS00000A" not in response.get_data(as_text=True)
        [hidden] = [line for line in lines if ",male," in line]
        assert ",percent,,,,,," in hidden


def reading(page: BeautifulSoup) -> list[str]:
    """Give the sentences on how to read the page."""
    return [item.get_text(" ", strip=True) for item in page.select(".explore-reading li")]


def test_a_sample_says_of_how_many_classes_and_a_census_what_its_margin_stands_for(client: Client) -> None:
    site = make_site(track=Track.LICEO)
    for number in range(3):
        make_school_class(site=site, grade=1 + number)
    grades = make_table(
        shown_cell("secondo_grado-1"), shown_cell("secondo_grado-2"), dimension=Dimension.GRADE, classes=2
    )
    publish(make_table(classes=2), grades)
    sample = reading(client.page(ADDRESS))
    publish(make_table(classes=3), wave_name="Another", sealed_on=date(2026, 12, 1))

    census = reading(client.page(ADDRESS))

    assert 1 == len([one for one in sample if "3 classi" in one])
    assert 1 == len([one for one in census if "Tutte le classi" in one])


@pytest.mark.parametrize(("classes", "said"), [(39, 1), (40, 0)])
def test_few_classes_are_said_to_widen_the_margin(client: Client, classes: int, said: int) -> None:
    publish(make_table(classes=classes))

    assert said == len([one for one in reading(client.page(ADDRESS)) if "Satterthwaite" in one])
