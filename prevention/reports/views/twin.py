"""The report as a web page, for the office before it is published and for everybody afterwards."""

from flask import render_template

from prevention.core.i18n import current_language
from prevention.reports import drawings, edition_reading
from prevention.reports.models import ReportEdition
from prevention.reports.papers import twin_values


def twin_page(edition: ReportEdition, **values: object) -> str:
    """Fill the page from the edition's figures, with the charts that are kept; none is drawn here."""
    figures = edition_reading.figures_of(edition)
    with drawings.kept(edition.drawings):
        return render_template(
            "reports/twin.html", edition=edition, **values, **twin_values(figures, language=current_language())
        )
