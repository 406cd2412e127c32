"""What is compared with the papers of a year beside themselves: its web page in every language, and the open data."""

from prevention.core.i18n import LANGUAGES, in_language
from prevention.reports import data_figures, drawings, papers
from prevention.reports.consistency import Papers, printed_figures
from prevention.reports.figures import YearFigures
from prevention.reports.signals import DataFile, data_asked


def add_what_is_no_paper(compared: Papers, figures: YearFigures, *, languages: tuple[str, ...] = LANGUAGES) -> None:
    """Note the figures of the web page and of the files for machines; no chart is drawn for it."""
    files: list[DataFile] = [answer for _receiver, answer in data_asked.send(school_year=figures.school_year)]
    # The leaf and the slides speak more languages than the site does.
    for language in (one for one in languages if one in LANGUAGES):
        with in_language(language), drawings.kept(None):
            page = papers.twin_article(figures, language=language)
            compared.add(language, "the web page", printed_figures(page))
            for file in files:
                compared.add(language, file.name, data_figures.in_data(figures, file.rows))
