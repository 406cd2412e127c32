"""The short papers of a year: each says what is its own, all say the same, and none says more than it may."""

import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
import weasyprint
from flask import Flask
from pypdf import PdfReader
from weasyprint.text.fonts import FontConfiguration

from prevention.core.pdf import STATIC, font_faces
from prevention.indicators.published import Audience, Dimension, Measure, PublishedTable
from prevention.reports import building, papers
from prevention.reports.chapters.values import Chapters
from prevention.reports.consistency import Papers, printed_figures
from prevention.reports.figures import YearFigures
from prevention.reports.papers import Kind, NoSuchPaper, Paper
from prevention.reports.papers.area import areas_of
from prevention.reports.papers.plain import gulpease, plain_results
from tests.factories.reports import (
    make_activity,
    make_area,
    make_cell,
    make_figures,
    make_school,
    make_tables,
    make_territory,
)
from tests.reports.layout import LONG_NAME, lonely_headings, make_empty, run_over, words_of
from tests.support.http import parse_strictly
from tests.support.verapdf import VeraResult

SCHOOL, SMALL = make_school(3), make_school(5)
SHARE_ALONE = 0.77


def make_year(**changes: object) -> YearFigures:
    """Give a full year in which school 3 may see its own results and no other school may."""
    figures = make_figures(**changes)
    whole = [one for one in figures.tables if one.dimension is Dimension.ALL and one.measure is Measure.PERCENT]
    return replace(
        figures,
        tables=(*figures.tables, *(_at_level(table) for table in whole)),
        school_tables=tuple(_of_schools(table) for table in whole),
    )


def _at_level(table: PublishedTable) -> PublishedTable:
    return replace(table, dimension=Dimension.LEVEL, cells=(replace(table.cells[0], domain=str(SCHOOL.level)),))


def _of_schools(table: PublishedTable) -> PublishedTable:
    own = replace(make_cell(share=SHARE_ALONE, half=0.12), domain=SCHOOL.code, n_valid=48)
    hidden = replace(make_cell(share=None), domain=SMALL.code)
    return replace(table, dimension=Dimension.SCHOOL, audience=Audience.SCHOOL, cells=(own, hidden))


def paper(kind: Kind, *, language: str = "en", scope: str | None = None) -> Paper:
    """Name a paper; a school's or municipality's is that of school 3."""
    scopes = {Kind.SCHOOL: SCHOOL.code, Kind.MAYORS: SCHOOL.istat_code}
    return Paper(kind=kind, language=language, scope=scopes.get(kind, "") if scope is None else scope)


def text_of(page: papers.Page) -> str:
    """Give the words of a page, single spaces between them."""
    body = re.sub(r"<(style|svg)\b.*?</\1>|<[^>]+>", " ", page.html.split("<body", 1)[1], flags=re.DOTALL)
    return " ".join(unescape(body).split())


@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.IMPACT])
def test_every_paper_is_both_pdf_ua_and_pdf_a(
    verapdf: Callable[[bytes], list[VeraResult]], words_app: Flask, kind: Kind, language: str
) -> None:
    figures = make_year()
    page = papers.page(figures, paper(kind, language=language))

    results = verapdf(papers.document(figures, page))

    parse_strictly(re.sub(r"<svg.*?</svg>", "", page.html, flags=re.DOTALL))
    assert [True, True] == [result.passed for result in results], "\n".join(map(str, results))


@pytest.mark.parametrize("kind", [Kind.ANNEX, Kind.PARENTS, Kind.NORMS])
def test_a_year_without_anything_is_said_in_words(
    verapdf: Callable[[bytes], list[VeraResult]], words_app: Flask, kind: Kind
) -> None:
    figures = make_empty()

    page = papers.page(figures, paper(kind))

    assert re.search(r"No survey|There are no numbers this year", text_of(page))
    assert all(result.passed for result in verapdf(papers.document(figures, page)))


def test_a_year_has_its_papers_in_every_language(words_app: Flask) -> None:
    figures = make_year()

    found = papers.papers_of(figures)

    assert len(found) == len(set(found))
    municipalities, schools = len(figures.activity.municipalities), len(figures.activity.schools)
    areas = len(areas_of(figures))
    assert 1 == areas
    assert 2 * (4 + municipalities + areas + schools) == len(found)
    names = [papers.page(figures, one).file_name for one in found if one.language == "en"]
    assert len(names) == len(set(names))


def test_all_papers_of_a_year_say_the_same(words_app: Flask) -> None:
    figures = make_year()
    compared = Papers()

    for one in papers.papers_of(figures):
        compared.take_in(papers.page(figures, one))

    assert () == compared.disagreements()
    # Each school stands in the report, on its own sheet and with its mayor.
    assert compared.compared > 3 * len(figures.activity.schools)


def test_a_paper_that_says_something_else_is_named(words_app: Flask) -> None:
    figures = make_year()
    compared = Papers()
    compared.take_in(papers.page(figures, paper(Kind.IMPACT)))
    sheet = papers.page(figures, paper(Kind.SCHOOL))
    words = dict(printed_figures(sheet.html))[f"school.{SCHOOL.code}.pupils"]

    compared.take_in(replace(sheet, html=sheet.html.replace(f">{words}<", ">94 of 339<")))

    (found,) = compared.disagreements()
    assert (f"school.{SCHOOL.code}.pupils", {words, "94 of 339"}) == (
        found.name,
        {text for text, _files in found.texts},
    )
    assert sheet.file_name in str(found)


def test_the_open_data_inside_the_report_say_what_its_pages_say(words_app: Flask) -> None:
    figures = make_year()
    page = papers.page(figures, paper(Kind.IMPACT))
    (data,) = (one.content.decode() for one in page.attachments if one.name == "schools.csv")
    header, *rows = [line.split(",") for line in data.splitlines()]
    printed = dict(printed_figures(page.html))

    reached = [dict(zip(header, row, strict=True)) for row in rows if row[header.index("classes_reached")] != "0"]

    assert reached
    for row in reached:
        assert f"{row['pupils_reached']} of {row['pupils_enrolled']}" == printed[f"school.{row['code']}.pupils"]
        assert row["hours_per_pupil"] == printed[f"school.{row['code']}.rate"]


def test_a_school_sees_its_own_results_beside_its_level_and_no_other_schools(words_app: Flask) -> None:
    figures = make_year()

    page = papers.page(figures, paper(Kind.SCHOOL))

    assert "77 (65–89)" in text_of(page)
    assert "Cigarettes in the last 30 days: higher than in the other schools." in text_of(page)
    assert 3 == page.html.split("Three things to do next")[1].split("</ol>")[0].count("<li>")
    assert "In the catalogue: programmes on the topic “" in text_of(page)
    others = [school for school in figures.activity.schools if school.code != SCHOOL.code]
    inside = page.html + "".join(one.content.decode() for one in page.attachments)
    assert [] == [school.code for school in others if school.code in inside or f"{school.name}<" in inside]


def test_what_is_for_one_school_alone_is_in_no_other_paper(words_app: Flask) -> None:
    figures = make_year()

    for one in papers.papers_of(figures, languages=("en",)):
        if one.scope != SCHOOL.code:
            page = papers.page(figures, one)
            inside = page.html + "".join(file.content.decode() for file in page.attachments)
            assert str(SHARE_ALONE) not in inside, page.file_name
            assert "77 (65–89)" not in inside, page.file_name
    assert figures.school_tables == YearFigures.from_json(figures.to_json()).school_tables


@pytest.mark.parametrize(
    ("code", "surveys", "reason"),
    [
        (SMALL.code, True, "A school's results are printed from 20 answers in at least two classes"),
        (make_school(7).code, True, "No class of this school took part in the survey of this year"),
        (SCHOOL.code, False, "No survey was closed in this school year, so there are no results for any school."),
    ],
)
def test_a_school_without_results_is_told_why(words_app: Flask, code: str, surveys: bool, reason: str) -> None:
    figures = make_year() if surveys else replace(make_year(), surveys=(), tables=(), school_tables=())

    page = papers.page(figures, paper(Kind.SCHOOL, scope=code))

    assert reason in text_of(page)
    assert "Where your school stands apart" not in text_of(page)


@pytest.mark.parametrize(
    ("classes", "step"), [(0, "Enter the classes of the school on the site"), (9, "Choose a first programme together")]
)
def test_a_school_never_reached_is_not_told_to_carry_on(words_app: Flask, classes: int, step: str) -> None:
    school = replace(make_school(7, is_reached=False), classes=classes)
    figures = make_year(activity=make_activity(programmes=make_figures().activity.programmes, schools=[school]))

    words = text_of(papers.page(figures, paper(Kind.SCHOOL, scope=school.code)))

    assert step in words
    assert "Carry on" not in words
    assert "Bring the programme to its end" not in words


def test_a_town_of_many_schools_still_has_two_pages(words_app: Flask) -> None:
    schools = [replace(make_school(number), istat_code=SCHOOL.istat_code) for number in range(1, 9)]
    figures = make_year(activity=make_activity(programmes=make_figures().activity.programmes, schools=schools))

    pdf = papers.document(figures, papers.page(figures, paper(Kind.MAYORS)))

    assert 2 == len(PdfReader(BytesIO(pdf)).pages)


@pytest.mark.parametrize("kind", [Kind.SCHOOL, Kind.MAYORS])
def test_a_paper_of_nobody_is_refused(words_app: Flask, kind: Kind) -> None:
    with pytest.raises(NoSuchPaper):
        papers.page(make_year(), paper(kind, scope="XX"))


def test_the_leaf_for_parents_is_one_page_and_easy_to_read(words_app: Flask) -> None:
    figures = make_year()
    page = papers.page(figures, paper(Kind.PARENTS, language="it"))

    assert 1 == len(PdfReader(BytesIO(papers.document(figures, page))).pages)
    main = page.html.split("<main>")[1].split("</main>")[0]
    said = re.sub(r"</(h2|li|p)>", ". ", main)
    plain = re.sub(r"\.\s*\.", ".", " ".join(re.sub(r"<[^>]+>", " ", said).split()))
    assert gulpease(plain) >= 60


@pytest.mark.parametrize(
    ("text", "ease"),
    [
        ("Il gatto mangia pesce.", 100),  # 89 + (300 x 1 - 10 x 18) / 4, and no more than 100
        ("Considerata l'imprescindibile necessità organizzativa dell'amministrazione", 89 + (300 - 10 * 68) / 7),
        ("Mangiate insieme. Poi ascoltate i ragazzi della scuola.", 89 + (300 * 2 - 10 * 45) / 8),
    ],
)
def test_reading_ease_is_gulpease(text: str, ease: float) -> None:
    assert gulpease(text) == pytest.approx(min(ease, 100))


def test_pupils_are_shown_only_what_most_of_them_really_do(words_app: Flask) -> None:
    figures = make_year()

    results = plain_results(figures.tables)
    words = text_of(papers.page(figures, paper(Kind.NORMS)))

    drinking = next(one for one in results if one.indicator_id == "I11")
    assert (47, 43, 51, 21) == (drinking.share, drinking.low, drinking.high, drinking.overestimate)
    assert "53 in 100 did not." in words
    assert "Most of us guess too high: by 21 in 100 on average." in words
    unclear = tuple(
        replace(table, cells=tuple(replace(cell, low=-0.01) for cell in table.cells))
        if table.measure is Measure.POINTS
        else table
        for table in make_tables()
    )
    assert [None] == list({one.overestimate for one in plain_results(unclear)})


@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.IMPACT])
def test_no_word_leaves_the_margins_of_a_short_paper(words_app: Flask, kind: Kind, language: str) -> None:
    schools = [make_school(number, name=f"{LONG_NAME} {number}") for number in range(1, 13)]
    figures = make_year(activity=make_activity(programmes=make_figures().activity.programmes, schools=schools))
    fonts = FontConfiguration()
    styles = weasyprint.CSS(string=font_faces(), base_url=f"{STATIC.as_uri()}/", font_config=fonts)
    html = papers.page(figures, paper(kind, language=language)).html

    document = weasyprint.HTML(string=html, base_url=f"{STATIC.as_uri()}/").render(
        font_config=fonts, stylesheets=[styles]
    )

    assert [] == [words for made in document.pages for words in run_over(made._page_box, None)]
    assert [] == [words for made in document.pages for words in lonely_headings(made._page_box)]


@pytest.fixture
def few() -> YearFigures:
    """Give a year of two schools."""
    schools = [make_school(3), make_school(5)]
    return make_year(activity=make_activity(programmes=make_figures().activity.programmes, schools=schools))


def test_papers_made_side_by_side_are_those_made_one_by_one(words_app: Flask, few: YearFigures, tmp_path: Path) -> None:
    wanted = [one for one in papers.papers_of(few, languages=("it",)) if one.kind in (Kind.SCHOOL, Kind.PARENTS)]

    built = list(building.build(few, wanted, tmp_path, processes=2))

    assert {one.file_name for one in built} == {path.name for path in tmp_path.iterdir()}
    assert set(wanted) == {one.paper for one in built}
    for one in built:
        here = papers.document(few, papers.page(few, one.paper))
        assert sha256(here).hexdigest() == one.sha256
        assert here == (tmp_path / one.file_name).read_bytes()


@pytest.mark.usefixtures("quick_processes")
def test_a_build_that_fails_leaves_whole_papers_only(words_app: Flask, few: YearFigures, tmp_path: Path) -> None:
    wanted = [paper(Kind.SCHOOL, scope="nowhere"), paper(Kind.PARENTS)]

    with pytest.raises(NoSuchPaper):
        list(building.build(few, wanted, tmp_path, processes=1))

    assert all(path.read_bytes().startswith(b"%PDF") for path in tmp_path.iterdir())


def test_words_of_a_paper_are_what_its_pdf_says(words_app: Flask, few: YearFigures) -> None:
    page = papers.page(few, paper(Kind.MAYORS))

    words = words_of(papers.document(few, page))

    assert "95 of 339" in words
    assert "School year 2026/27" in words


# ---- Planning areas ----


def with_areas() -> YearFigures:
    """Give a year in which two planning areas are known, and a village belongs to none."""
    figures = make_year(territory=make_territory(areas=("Cremasco", "Oglio Po")))
    assert figures.territory is not None
    members = {place.istat_code: place.planning_area for place in figures.territory.places}
    groups = tuple(
        make_area(name, [one for one in figures.activity.schools if members.get(one.istat_code) == name])
        for name in ("Cremasco", "Oglio Po")
    )
    return replace(figures, chapters=replace(figures.chapters or Chapters(), groups=groups))


def area_paper(language: str = "en") -> Paper:
    """Name the pages of the planning area Oglio Po."""
    return Paper(kind=Kind.MAYORS, language=language, scope="oglio-po")


def test_each_planning_area_has_its_pages_beside_the_municipalities(words_app: Flask) -> None:
    figures = with_areas()

    scopes = {one.scope for one in papers.papers_of(figures) if one.kind is Kind.MAYORS}

    assert {"cremasco", "oglio-po"} == scopes - {one.istat_code for one in figures.activity.municipalities}
    page = papers.page(figures, area_paper())
    said = text_of(page)
    assert "planning-area-oglio-po" in page.file_name
    assert "1 municipality of the district is not assigned to any planning area" in said
    inside = {place.name for place in figures.territory.planning_areas["Oglio Po"]}
    listed = {one.name for one in figures.activity.municipalities if f">{one.name}</th>" in page.html}
    assert listed == inside & {one.name for one in figures.activity.municipalities}
    with pytest.raises(NoSuchPaper):
        papers.page(figures, replace(area_paper(), scope="nowhere"))


def test_the_area_says_the_same_on_its_pages_and_in_the_report(words_app: Flask) -> None:
    figures = with_areas()
    compared = Papers()

    for one in (paper(Kind.IMPACT), area_paper(), paper(Kind.MAYORS)):
        compared.take_in(papers.page(figures, one))

    assert () == compared.disagreements()
    printed = dict(printed_figures(papers.page(figures, paper(Kind.IMPACT)).html))
    assert (
        printed["area.oglio-po.schools"]
        == dict(printed_figures(papers.page(figures, area_paper()).html))["area.oglio-po.schools"]
    )


def test_a_municipality_is_told_its_area_or_that_nobody_said_it(words_app: Flask) -> None:
    figures = with_areas()

    assert re.search(
        "belongs to the planning area (Cremasco|Oglio Po)", text_of(papers.page(figures, paper(Kind.MAYORS)))
    )
    unsaid = replace(figures, territory=make_territory())
    assert "not known which planning area" in text_of(papers.page(unsaid, paper(Kind.MAYORS)))


@pytest.mark.parametrize("language", ["it", "en"])
def test_the_pages_of_an_area_are_two_and_archivable(
    verapdf: Callable[[bytes], list[VeraResult]], words_app: Flask, language: str
) -> None:
    figures = with_areas()
    page = papers.page(figures, area_paper(language))

    made = papers.document(figures, page)

    results = verapdf(made)
    assert [True, True] == [result.passed for result in results], "\n".join(map(str, results))
    assert 2 == len(PdfReader(BytesIO(made)).pages)
