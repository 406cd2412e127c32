"""The map of a year in the report: from the figures alone, with every municipality and none made up."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from flask import Flask

from prevention.delivery.coverage import MunicipalityCoverage
from prevention.network.boundaries.shapes import Territory
from prevention.reports import maps, papers
from prevention.reports.figures import YearFigures
from tests.factories.reports import make_figures, make_territory
from tests.reports.conftest import paper_of
from tests.reports.layout import make_empty
from tests.support.verapdf import VeraResult

pytestmark = pytest.mark.usefixtures("english")

SVG = "{http://www.w3.org/2000/svg}"


def with_places(**changes: object) -> YearFigures:
    """Give a year with a map, in which the first municipality is changed."""
    figures = make_figures(territory=make_territory())
    first, *others = figures.activity.municipalities
    changed: MunicipalityCoverage = replace(first, **changes)  # type: ignore[arg-type]  # fields of the dataclass
    return replace(figures, activity=replace(figures.activity, municipalities=(changed, *others)))


def key_of(figures: YearFigures) -> list[str]:
    """Give the words of the map's key."""
    found = maps.hours_map(figures)
    assert found is not None
    written = [text for text in ET.fromstring(found.svg).iter(f"{SVG}text") if text.get("text-anchor") is None]
    return [text.text or "" for text in written]


def title_of(figures: YearFigures) -> str:
    found = maps.hours_map(figures)
    assert found is not None
    return ET.fromstring(found.svg)[0].text or ""


def test_without_boundaries_there_is_no_map_but_bars(words_app: Flask) -> None:
    for territory in (None, Territory(), replace(make_territory(), places=make_territory().places[:1])):
        figures = make_figures(territory=territory)
        assert maps.hours_map(figures) is None
        html = papers.page(figures, paper_of("en")).html
        assert "Hours per enrolled pupil, by municipality: " in html


def test_with_boundaries_the_map_takes_the_place_of_the_bars(words_app: Flask) -> None:
    html = papers.page(make_figures(territory=make_territory()), paper_of("en")).html

    assert "Hours per enrolled pupil, by municipality: " not in html
    assert 1 == html.count('id="hours-hatch"')
    assert "Boundaries: ISTAT, CC BY 4.0; made simpler for print." in html


def test_the_map_says_every_municipality_in_words() -> None:
    figures = make_figures(territory=make_territory())

    said = title_of(figures)

    assert said.startswith("Hours per enrolled pupil, by municipality. ")
    assert [] == [place.name for place in figures.activity.municipalities if place.name not in said]
    assert "no lower or upper secondary school (1)" in key_of(figures)


def test_where_nothing_was_held_is_no_amount_and_neither_is_what_is_not_known() -> None:
    never = with_places(sites_reached=0, hours_per_pupil=Decimal(0))
    unknown = with_places(hours_per_pupil=None)

    missed = sum(not place.sites_reached for place in never.activity.municipalities)
    assert never.activity.municipalities[0].name in title_of(never).split("no meeting was held: ")[1]
    assert f"no meeting was held ({missed})" in key_of(never)
    first = unknown.activity.municipalities[0].name
    assert f"meetings were held, the number of pupils is not known: {first}" in title_of(unknown)


def test_one_amount_everywhere_is_one_class() -> None:
    figures = make_figures(territory=make_territory())
    same = tuple(
        replace(one, hours_per_pupil=Decimal("1.5"), sites_reached=1) for one in figures.activity.municipalities
    )

    found = key_of(replace(figures, activity=replace(figures.activity, municipalities=same)))

    assert ["1.50 hours (8)", "no lower or upper secondary school (1)"] == found


def test_a_year_without_schools_has_no_map() -> None:
    assert maps.hours_map(replace(make_empty(), territory=make_territory())) is None


def test_a_map_comes_back_with_the_figures_and_figures_without_one_do_not_speak_of_it() -> None:
    """So that what was frozen before there were maps keeps its identifier."""
    plain = make_figures().to_json()

    assert "territory" not in plain
    assert YearFigures.from_json(plain).territory is None
    figures = make_figures(territory=make_territory(areas=("Cremasco",)))
    assert figures == YearFigures.from_json(figures.to_json())


@pytest.mark.parametrize("language", ["it", "en"])
def test_a_report_with_a_map_is_archivable_accessible_and_the_same_twice(
    verapdf: Callable[[bytes], list[VeraResult]], paper: Callable[[YearFigures, str], bytes], words_app: Flask,
    language: str,
) -> None:  # fmt: skip
    figures = with_places(sites_reached=0, hours_per_pupil=Decimal(0))

    made = paper(figures, language)

    results = verapdf(made)
    assert [True, True] == [result.passed for result in results], "\n".join(map(str, results))
    if language == "it":
        assert made == papers.document(figures, papers.page(figures, paper_of(language)))
