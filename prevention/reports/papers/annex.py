"""The technical annex for the health authority: every published figure, what is hidden and why, and how it was made."""

from flask_babel import gettext as _

from prevention.reports.attachments import attachments_of
from prevention.reports.figures import YearFigures
from prevention.reports.papers import impact
from prevention.reports.papers.kinds import Content, Paper
from prevention.schools.rules import school_year_label


def content(figures: YearFigures, paper: Paper) -> Content:
    """Say what the annex says: the chapters of the report that hold figures, definitions and methods."""
    year = school_year_label(figures.school_year)
    return Content(
        template="reports/papers/annex.html",
        title=_("Technical annex %(year)s – %(district)s", year=year, district=figures.district),
        stem=_("technical-annex"),
        values=impact.values(figures, language=paper.language) | {"tables": figures.tables},
        attachments=attachments_of(figures),
    )
