"""Papers, the data inside them, the web page and the open data say the same; what says something else is named."""

from dataclasses import replace

import pytest
from flask import Flask

from prevention.core.i18n import in_language
from prevention.core.pdf import Attachment
from prevention.indicators.published import PublishedTable
from prevention.opendata import said
from prevention.opendata import service as opendata
from prevention.reports import charts, comparing, data_figures, papers
from prevention.reports.consistency import Papers
from prevention.reports.figures import YearFigures
from prevention.reports.papers import Kind, Paper
from tests.factories.reports import make_school
from tests.reports.test_papers import make_year

SCHOOL = make_school(3)


@pytest.fixture
def year(words_app: Flask, monkeypatch: pytest.MonkeyPatch) -> YearFigures:
    """Give a year whose tables are what the ledger holds too."""
    figures = make_year()
    ledger: list[PublishedTable] = list(figures.tables)
    monkeypatch.setattr(opendata, "published_tables", lambda *_given, **_named: tuple(ledger))
    monkeypatch.setattr(said, "is_demo", lambda: True)
    return figures


def compare(figures: YearFigures, page: papers.Page) -> Papers:
    """Compare a paper, and the data inside it, with the web page and the open data."""
    compared = Papers()
    compared.take_in(page)
    with in_language(page.paper.language):
        inside = list(data_figures.in_attachments(figures, page.paper, page.attachments))
    compared.add(page.paper.language, "data inside", inside)
    comparing.add_what_is_no_paper(compared, figures, languages=(page.paper.language,))
    return compared


@pytest.mark.parametrize("language", ["it", "en"])
def test_papers_data_page_and_open_data_say_the_same(year: YearFigures, language: str) -> None:
    report = papers.page(year, Paper(kind=Kind.IMPACT, language=language))
    drawn = charts._svg.cache_info().misses

    compared = compare(year, report)

    assert () == compared.disagreements()
    # Each cell of each table stands in the report, its data, its page and the open data; and each school in three.
    shown = sum(len(table.cells) for table in year.tables)
    assert compared.compared > shown
    assert drawn == charts._svg.cache_info().misses


@pytest.mark.parametrize("kind", [Kind.SCHOOL, Kind.MAYORS])
def test_the_data_inside_a_short_paper_say_what_its_pages_say(year: YearFigures, kind: Kind) -> None:
    scope = SCHOOL.code if kind is Kind.SCHOOL else SCHOOL.istat_code
    compared = compare(year, papers.page(year, Paper(kind=kind, language="en", scope=scope)))

    assert () == compared.disagreements()
    assert compared.compared > 4


@pytest.mark.parametrize("kind", [Kind.PARENTS, Kind.NORMS])
@pytest.mark.parametrize(("right", "wrong"), [(b"", b""), (b"I11,47,43,51", b"I11,48,43,51")], ids=["right", "wrong"])
def test_families_and_pupils_get_the_numbers_of_the_report(
    year: YearFigures, kind: Kind, right: bytes, wrong: bytes
) -> None:
    page = papers.page(year, Paper(kind=kind, language="en"))
    changed = replace(page.attachments[0], content=page.attachments[0].content.replace(right, wrong))

    compared = compare(year, replace(page, attachments=(changed,)))
    compared.take_in(papers.page(year, Paper(kind=Kind.IMPACT, language="en")))

    # The number on the page, and its range in the report.
    assert (["plain.I11"] if wrong else []) == [
        one.name for one in compared.disagreements() if one.name.startswith("plain.")
    ]
    assert (1 if wrong else 0) == sum(".I11.all." in one.name for one in compared.disagreements())


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("activity.csv", b"meetings_planned,meetings_due", b"meetings_due,meetings_planned"),
        ("activity.csv", b"activities_planned,activities_full", b"activities_full,activities_planned"),
        ("schools.csv", b",339,", b",338,"),
        ("municipalities.csv", b"sites,sites_reached", b"sites_reached,sites"),
        ("survey.csv", b"0.47", b"0.74"),
    ],
)
def test_a_column_that_went_wrong_in_the_data_is_named(
    year: YearFigures, name: str, right: bytes, wrong: bytes
) -> None:
    report = papers.page(year, Paper(kind=Kind.IMPACT, language="en"))

    def broken(one: Attachment) -> Attachment:
        return replace(one, content=one.content.replace(right, wrong)) if one.name == name else one

    compared = compare(year, replace(report, attachments=tuple(broken(one) for one in report.attachments)))

    assert any("data inside" in str(one) for one in compared.disagreements())


def test_open_data_that_were_corrected_since_are_named(year: YearFigures, monkeypatch: pytest.MonkeyPatch) -> None:
    cell = replace(year.tables[0].cells[0], share=0.99, low=0.98, high=0.995)
    corrected = (replace(year.tables[0], cells=(cell,)), *year.tables[1:])
    monkeypatch.setattr(opendata, "published_tables", lambda *_given, **_named: corrected)

    compared = compare(year, papers.page(year, Paper(kind=Kind.IMPACT, language="en")))

    (found,) = compared.disagreements()
    assert year.tables[0].indicator_id in found.name
    assert "99 (98–100) in the open data" in str(found).replace("“", "").replace("”", "")


def test_a_web_page_that_says_something_else_is_named(year: YearFigures, monkeypatch: pytest.MonkeyPatch) -> None:
    real = papers.twin_article
    monkeypatch.setattr(
        papers, "twin_article",
        lambda *given, **named: real(*given, **named).replace("of 339</span>", "of 338</span>"),
    )  # fmt: skip

    compared = compare(year, papers.page(year, Paper(kind=Kind.IMPACT, language="en")))

    assert compared.disagreements()
    assert all("the web page" in str(one) for one in compared.disagreements())
