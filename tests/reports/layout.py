"""What the tests of papers share: odd figures, and how to read what was laid out."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from weasyprint.formatting_structure import boxes

from prevention.reports.chapters.values import Chapters
from prevention.reports.figures import YearFigures
from tests.factories.reports import make_activity, make_figures

LONG_NAME = 'ISTITUTO D\'ISTRUZIONE SUPERIORE "GIUSEPPE TORRIANI" CON SEZIONE ASSOCIATA IPSIA "ALA PONZONE CIMINO"'


def make_empty() -> YearFigures:
    """Give a year in which nothing is known: no register, no booking, no survey, no year before."""
    return make_figures(
        activity=make_activity(programmes=[], schools=[]),
        before=None, programmes=(), surveys=(), tables=(), tables_before=(), help_lines=(), is_demo=False,
        chapters=Chapters(),
    )  # fmt: skip


def words_of(pdf: bytes) -> str:
    """Give all words of a PDF, one space between them."""
    pages = PdfReader(BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def run_over(box: Any, cell: Any) -> Iterator[str]:
    """Give the texts that stick out of the table cell they stand in, or of the page's margins."""
    cell = box if isinstance(box, boxes.TableCellBox | boxes.PageBox) else cell
    if isinstance(box, boxes.TextBox) and box.text.strip():
        left, right = cell.content_box_x(), cell.content_box_x() + cell.width
        # Half a pixel, for rounding.
        if box.position_x < left - 0.5 or box.position_x + box.width > right + 0.5:
            yield box.text
    for child in getattr(box, "children", ()):
        # Running heads stand in the margins on purpose.
        if not isinstance(child, boxes.MarginBox):
            yield from run_over(child, cell)


def lonely_headings(page: Any) -> list[str]:
    """Give the headings and captions below which nothing stands on their page."""
    lonely: list[str] = []
    for box in page.descendants():
        # Running heads and feet belong to no element.
        if not isinstance(box, boxes.TextBox) or not box.text.strip() or box.element_tag is None:
            continue
        if box.element_tag in ("h2", "h3", "h4", "caption"):
            lonely.append(box.text)
        elif not box.element_tag.startswith("h2"):
            lonely.clear()
    return lonely
