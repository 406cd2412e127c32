"""The report itself: accessible and archivable in both languages, the same twice, and true to its figures."""

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pikepdf
import pytest
import weasyprint
from flask import Flask
from pypdf import PdfReader
from weasyprint.text.fonts import FontConfiguration

from prevention.core.pdf import FONT_FOLDER, STATIC, font_faces
from prevention.indicators.published import Reason
from prevention.reports import papers
from prevention.reports.figures import YearFigures
from tests.factories.reports import make_activity, make_cell, make_figures, make_school, make_table, make_tables
from tests.reports.conftest import paper_of
from tests.reports.layout import LONG_NAME, make_empty, run_over, words_of
from tests.support.http import parse_strictly
from tests.support.verapdf import VeraResult

Paper = Callable[[YearFigures, str], bytes]


@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("make", [make_figures, make_empty], ids=["full", "empty"])
def test_the_report_is_both_pdf_ua_and_pdf_a(
    verapdf: Callable[[bytes], list[VeraResult]], paper: Paper, make: Callable[[], YearFigures], language: str
) -> None:
    results = verapdf(paper(make(), language))

    assert [True, True] == [result.passed for result in results], "\n".join(map(str, results))


def test_figures_made_twice_and_figures_that_were_kept_give_the_same_bytes(paper: Paper, words_app: Flask) -> None:
    """A run keeps its figures as JSON; the paper can be made again from them."""
    figures = make_figures()
    kept = YearFigures.from_json(figures.to_json())
    assert kept == figures

    again = papers.document(kept, papers.page(kept, paper_of("it")))

    assert paper(figures, "it") == again


def test_the_figures_put_in_are_the_figures_printed(paper: Paper) -> None:
    figures = make_figures(
        activity=make_activity(
            programmes=make_figures().activity.programmes,
            schools=[make_school(1, name="SCUOLA UNICA", pupils_reached=4321, pupils_enrolled=98765)],
        ),
        tables=(make_table(cells=[replace(make_cell(share=0.173, half=0.041), n_valid=1234)]),),
        tables_before=(),
    )

    words = words_of(paper(figures, "en"))

    totals = figures.activity.totals
    assert f"Of {totals.meetings_planned} meetings booked, {totals.meetings_held} were held." in words
    for printed in ("SCUOLA UNICA", "4,321 of 98,765", "17 (13–21)", "1,234", figures.identifier):
        assert printed in words
    assert figures.identifier[:32].upper() in words


def test_the_data_are_inside_the_report(paper: Paper) -> None:
    figures = make_figures()

    attached = PdfReader(BytesIO(paper(figures, "it"))).attachments

    assert {"activity.csv", "schools.csv", "municipalities.csv", "survey.csv", "figures.json"} == set(attached)
    assert figures.canonical() == attached["figures.json"][0]


def test_a_reader_finds_the_way_by_bookmarks_contents_and_page_numbers(paper: Paper) -> None:
    reader = PdfReader(BytesIO(paper(make_figures(), "it")))

    titles = [str(entry.title) for entry in _flat(reader.outline)]
    contents = reader.pages[1].extract_text()
    for title in ("L'anno in breve", "Come sono nati questi dati", "Dove trovare aiuto"):
        # English where the catalogue is not compiled: the two must then agree in English.
        assert title in titles or "The year in brief" in titles
    found = re.search(r"(?m)^ *3\s*(?:Chi è stato raggiunto|Who was reached)\s*(\d+)$", contents)
    assert found is not None, contents
    page = reader.pages[int(found[1]) - 1].extract_text()
    assert re.search(r"Chi è stato raggiunto|Who was reached", page)
    assert re.search(rf"{found[1]} (?:di|of) {len(reader.pages)}", page)


def _flat(outline: Any) -> list[Any]:
    return [one for entry in outline for one in (_flat(entry) if isinstance(entry, list) else [entry])]


def test_a_year_without_anything_says_so_in_words(paper: Paper) -> None:
    words = words_of(paper(make_empty(), "en"))

    for sentence in (
        "No meeting was booked in this school year.",
        "No survey was closed in this school year.",
        "The register of schools is not loaded.",
        "No activity was recorded in 2025/26, so there is nothing to compare with.",
        "No programme was booked in this school year.",
        "In this report there are no survey figures, so none is hidden.",
        "No service is listed. In danger, call 112.",
    ):
        assert sentence in words
    assert "Made-up data" not in words


def test_made_up_data_are_marked_on_every_page(paper: Paper) -> None:
    reader = PdfReader(BytesIO(paper(make_figures(), "en")))

    assert "The activity and the answers in this report are made up." in reader.pages[0].extract_text()
    assert all("Made-up data for a demonstration" in page.extract_text() for page in reader.pages[1:])


def test_when_everything_is_hidden_the_report_says_why(paper: Paper) -> None:
    tables = tuple(
        replace(
            table,
            cells=tuple(
                replace(cell, n_valid=None, share=None, low=None, high=None, shown=False, reason=Reason.ONE_SCHOOL)
                for cell in table.cells
            ),
        )
        for table in make_tables()
    )

    words = words_of(paper(make_figures(tables=tables, tables_before=()), "en"))

    cells = sum(len(table.cells) for table in tables)
    assert "A survey was closed, but too few pupils answered to publish its main results." in words
    assert f"Of {cells} survey figures, {cells} are not printed as a number." in words
    assert "All answers of this group come from one school." in words


def test_eighty_schools_with_long_names_are_all_there(paper: Paper) -> None:
    schools = [make_school(number, name=f"{LONG_NAME} {number}") for number in range(1, 81)]
    figures = make_figures(activity=make_activity(programmes=[], schools=schools))

    words = words_of(paper(figures, "it")).replace("- ", "-")

    squeezed = words.replace(" ", "")
    for school in schools:
        assert squeezed.count(school.name.replace(" ", "")) >= 1, school.name


@pytest.mark.parametrize("language", ["it", "en"])
def test_no_word_leaves_the_margins_and_no_cell_isrun_over(words_app: Flask, language: str) -> None:
    """Long names, eight grades, unknown numbers: each line of text stays inside the box that it stands in."""
    schools = [make_school(number, name=f"{LONG_NAME} {number}") for number in range(1, 13)]
    schools[4] = make_school(5, pupils_enrolled=None, hours_per_pupil=None)
    figures = make_figures(
        activity=make_activity(programmes=make_figures().activity.programmes, schools=schools),
        tables=make_tables(grades=8),
    )

    fonts = FontConfiguration()
    styles = weasyprint.CSS(string=font_faces(), base_url=f"{STATIC.as_uri()}/", font_config=fonts)
    page = weasyprint.HTML(string=papers.page(figures, paper_of(language)).html, base_url=f"{STATIC.as_uri()}/")
    document = page.render(font_config=fonts, stylesheets=[styles])

    assert [] == [words for made in document.pages[1:] for words in run_over(made._page_box, None)]


def test_only_our_own_fonts_are_in_the_report(paper: Paper) -> None:
    """A letter that they lack would be drawn with whatever the machine has, and differ on another machine."""
    if not FONT_FOLDER.is_dir():
        pytest.skip("the assets are not built")

    odd = replace(make_figures(), district="Є → ① ﬁne e\u0301 \u202f✓ \uff1cb\uff1e \U0001f600")
    with pikepdf.open(BytesIO(paper(odd, "it"))) as pdf:
        names = {str(font.BaseFont) for page in pdf.pages for font in page.Resources.Font.values()}

    assert all("Titillium" in name for name in names), names


def test_the_style_sheet_says_nothing_that_is_not_understood(
    paper: Paper, words_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    """WeasyPrint warns of every declaration and picture that it drops."""
    figures = make_figures(surveys=())
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        papers.document(figures, papers.page(figures, paper_of("en")))

    # A machine without HarfBuzz's subsetter only gets a larger file.
    assert [] == [record.getMessage() for record in caplog.records if "HarfBuzz-Subset" not in record.getMessage()]


@pytest.mark.parametrize("language", ["it", "en"])
def test_the_page_for_paper_is_sound_html(words_app: Flask, language: str) -> None:
    page = papers.page(make_figures(), paper_of(language)).html

    # Inline SVG keeps the attributes of its own language.
    parse_strictly(re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL))


# School names come from a file of others.
MARKUP = '<script>alert("x")</script> & <b>Co</b>'


def make_odd() -> YearFigures:
    """Give a year with names that look like markup, or would be written as markup."""
    return make_figures(
        district="Sant'Angelo", activity=make_activity(programmes=[], schools=[make_school(1, name=MARKUP)])
    )


def test_a_name_with_markup_stays_text(words_app: Flask, paper: Paper) -> None:
    page = papers.page(make_odd(), paper_of("en")).html

    assert "<script" not in page
    assert MARKUP.replace(" ", "") in words_of(paper(make_odd(), "en")).replace(" ", "")


def test_an_apostrophe_in_the_districts_name_is_one_in_the_running_heads_too(paper: Paper) -> None:
    words = words_of(paper(make_odd(), "en"))

    assert "#39" not in words
    assert 3 < words.count("Sant'Angelo")


def test_the_file_is_named_after_district_and_year(words_app: Flask) -> None:
    assert "yearly-report-cremona-2026-27.pdf" == papers.page(make_figures(), paper_of("en")).file_name
    assert (
        "yearly-report-reggio-emilia-2026-27.pdf"
        == papers.page(make_figures(district="Reggio Emilia"), paper_of("en")).file_name
    )


def test_all_reports_of_one_year_say_the_same_numbers(paper: Paper) -> None:
    """The Italian and the English report are made from one set of figures."""
    figures = make_figures()

    def numbers(language: str) -> set[str]:
        return set(re.findall(r"\d+ \(\d+–\d+\)", words_of(paper(figures, language))))

    assert numbers("it") == numbers("en")
    assert {"18 (14–22)", "21 (17–25)"} <= numbers("it")
