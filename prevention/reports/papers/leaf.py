"""One leaf for parents, in plain words: what is done at school, how many really do, what helps at home, who to call.

In Italian it is held to a reading ease (`plain.gulpease`) of 60 or more by a test; in the languages that an office adds
no index is checked.
"""

from flask_babel import gettext as _

from prevention.core.pdf import Attachment
from prevention.reports.attachments import written_csv
from prevention.reports.figures import YearFigures
from prevention.reports.papers.kinds import Content, Paper
from prevention.reports.papers.plain import plain_results, to_call
from prevention.reports.papers.words import stem_of
from prevention.reports.printed import of_district
from prevention.schools.rules import school_year_label

# A leaf is one page.
MOST_RESULTS, MOST_LINES = 5, 4


def content(figures: YearFigures, paper: Paper) -> Content:
    """Say what the leaf says."""
    results = plain_results(figures.tables)[:MOST_RESULTS]
    return Content(
        template="reports/papers/leaf.html",
        title=_("For parents – school year %(year)s", year=school_year_label(figures.school_year)),
        stem=stem_of(paper),
        values={
            "district": of_district(figures.activity.totals),
            "has_activity": figures.activity.totals.meetings_held > 0,
            "results": results,
            "lines": to_call(figures.help_lines, most=MOST_LINES),
        },
        attachments=(
            Attachment(
                name="leaf.csv",
                content=written_csv(
                    ("indicator", "in_100", "low", "high"),
                    [(one.indicator_id, one.share, one.low, one.high) for one in results],
                ),
                description=_("The numbers of this leaf"),
            ),
        ),
    )
