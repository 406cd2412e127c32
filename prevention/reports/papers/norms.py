"""Slides for pupils: how many of us really do? A question, then the true number, and how far most guess too high.

Corrected norms are shown only where they are true and clear: shares with an interval, and an overestimate whose whole
interval lies above zero. What most pupils do is told first, because that is what the guess gets wrong.
"""

from flask_babel import gettext as _
from markupsafe import Markup

from prevention.core.pdf import Attachment
from prevention.reports.attachments import written_csv
from prevention.reports.charts import hundred_dots
from prevention.reports.figures import YearFigures
from prevention.reports.papers.kinds import Content, Paper
from prevention.reports.papers.plain import ASKED, PlainResult, plain_results, to_call
from prevention.reports.papers.words import stem_of
from prevention.schools.rules import school_year_label


def content(figures: YearFigures, paper: Paper) -> Content:
    """Say what the slides say."""
    results = plain_results(figures.tables)
    # More than half did not: a norm worth showing. Knowing a service, or an adult, is told on the last slide.
    asked = tuple(one for one in results if one.indicator_id in ASKED and one.others > 50)
    protective = tuple(one for one in results if one.indicator_id not in ASKED)
    return Content(
        template="reports/papers/norms.html",
        title=_("How many of us really do? – %(year)s", year=school_year_label(figures.school_year)),
        stem=stem_of(paper),
        values={
            "asked": tuple((one, _dots(one)) for one in asked),
            "protective": protective,
            "lines": to_call(figures.help_lines, most=4),
        },
        attachments=(
            Attachment(
                name="norms.csv",
                content=written_csv(
                    ("indicator", "in_100", "low", "high", "overestimate_points"),
                    [(one.indicator_id, one.share, one.low, one.high, one.overestimate) for one in results],
                ),
                description=_("The numbers of these slides"),
            ),
        ),
    )


def _dots(result: PlainResult) -> Markup:
    """Draw those who did not as filled dots: they are the many."""
    words = _(
        "A hundred dots: %(others)s filled for those who did not, %(share)s hollow for those who did.",
        others=result.others,
        share=result.share,
    )
    return hundred_dots(result.others, sentence=words)
