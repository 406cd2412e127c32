"""Every paper of a year, from one `YearFigures`: `papers_of` lists them, `page` writes one, `document` lays it out.

A kind is a module with one function, `content(figures, paper)`, that says in words what the paper says, and a template
that decides nothing. A number that stands in more than one paper is printed by one function, of `printed` or
`results`, and carries its name in the page (``data-figure``), so that `consistency` can compare all papers.
"""

from collections.abc import Callable
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from prevention.core.files import safe_name
from prevention.core.i18n import in_language
from prevention.core.languages import direction_of
from prevention.core.pdf import render_pdf
from prevention.core.pdf_letters import printable
from prevention.reports.figures import YearFigures
from prevention.reports.names import labels
from prevention.reports.papers import annex, area, impact, leaf, mayors, norms, school, words
from prevention.reports.papers.kinds import Content, Kind, NoSuchPaper, Page, Paper, slug
from prevention.reports.papers.numbering import css_words, page_of_pages
from prevention.schools.rules import school_year_label

__all__ = [
    "Kind",
    "NoSuchPaper",
    "Page",
    "Paper",
    "document",
    "expected_pages",
    "mayor_names",
    "page",
    "papers_of",
    "twin_article",
    "twin_values",
    "write_page",
]


def _of_mayors(figures: YearFigures, paper: Paper) -> Content:
    """Say what the pages of a municipality say, or of a planning area: a code tells them apart."""
    if paper.scope in area.areas_of(figures):
        return area.content(figures, paper)
    return mayors.content(figures, paper)


_CONTENTS: dict[Kind, Callable[[YearFigures, Paper], Content]] = {
    Kind.IMPACT: impact.content,
    Kind.SCHOOL: school.content,
    Kind.MAYORS: _of_mayors,
    Kind.ANNEX: annex.content,
    Kind.PARENTS: leaf.content,
    Kind.NORMS: norms.content,
}

# Whole papers of a district, one each and language; the others are one a school or municipality.
_OF_THE_DISTRICT = (Kind.IMPACT, Kind.ANNEX, Kind.PARENTS, Kind.NORMS)


def papers_of(figures: YearFigures, *, languages: tuple[str, ...] | None = None) -> tuple[Paper, ...]:
    """List the papers of a year: those of the district first, then each municipality's, then each school's.

    Args:
        languages: these languages only; every one that a paper is made in when None.
    """
    scopes = [(kind, "") for kind in _OF_THE_DISTRICT]
    scopes += [(Kind.MAYORS, one.istat_code) for one in figures.activity.municipalities]
    scopes += [(Kind.MAYORS, code) for code in area.areas_of(figures)]
    scopes += [(Kind.SCHOOL, one.code) for one in figures.activity.schools]
    return tuple(
        Paper(kind=kind, scope=scope, language=language)
        for kind, scope in scopes
        for language in words.languages_of(figures, kind)
        if languages is None or language in languages
    )


def page(figures: YearFigures, paper: Paper) -> Page:
    """Write one paper as one HTML page for `document`.

    Raises:
        NoSuchPaper: there is no school or municipality of its code, or its language is not there.
    """
    with words.speaking(figures, paper):
        content = _CONTENTS[paper.kind](figures, paper)
        return Page(
            paper=paper,
            title=content.title,
            file_name=_file_name(figures, content),
            html=write_page(figures, content, language=paper.language),
            attachments=content.attachments,
        )


def write_page(figures: YearFigures, content: Content, *, language: str) -> str:
    """Fill the template of a paper."""
    # Not `render_template`: what a page of the site always gets (who is signed in, the installation's facts) is
    # read from the database, and a paper says nothing but its figures.
    made = current_app.jinja_env.get_template(content.template).render(
        figures=figures,
        language=language,
        direction=direction_of(language),
        title=content.title,
        year=school_year_label(figures.school_year),
        page_of_pages=page_of_pages(),
        css_words=css_words,
        **content.values,
    )
    return printable(made, language=language)


def twin_values(figures: YearFigures, *, language: str) -> dict[str, Any]:
    """Give what the web page of the report needs: the same values as its PDF, in the language in force."""
    return {
        "figures": figures,
        "language": language,
        "title": impact.title(figures),
        "mayors": mayor_names(figures),
        "year": school_year_label(figures.school_year),
        **impact.values(figures, language=language),
    }


def mayor_names(figures: YearFigures) -> dict[str, str]:
    """Name the municipalities and planning areas that have pages for mayors, by the mark of their paper."""
    names = {one.istat_code: one.name for one in figures.activity.municipalities}
    return names | {code: _("Planning area %(area)s", area=one.name) for code, one in area.areas_of(figures).items()}


def scope_names(figures: YearFigures) -> dict[str, str]:
    """Say whose each paper is that belongs to a municipality, a planning area or a school, by its scope."""
    return mayor_names(figures) | labels(figures.activity.schools)


def twin_article(figures: YearFigures, *, language: str) -> str:
    """Write the chapters of the web page, without the site around them; in the language in force."""
    page = current_app.jinja_env.get_template("reports/_article.html")
    return page.render(**twin_values(figures, language=language))


def document(figures: YearFigures, made: Page, *, on_page: Callable[[int], None] | None = None) -> bytes:
    """Turn a page into the accessible, archivable PDF with its data inside. The same figures give the same bytes."""
    with in_language(made.paper.language):
        return render_pdf(
            made.html,
            title=made.title,
            language=made.paper.language,
            dated=figures.as_of,
            attachments=made.attachments,
            on_page=on_page,
        )


def expected_pages(figures: YearFigures) -> int:
    """Guess how many pages the district's report will have, for the progress bar only."""
    return impact.expected_pages(figures)


def _file_name(figures: YearFigures, content: Content) -> str:
    """Name the PDF: what it is, district, year, e.g. "relazione-annuale-cremona-2026-27.pdf"."""
    label = school_year_label(figures.school_year).replace("/", "-")
    return safe_name(f"{content.stem}-{slug(figures.district)}-{label}.pdf")
