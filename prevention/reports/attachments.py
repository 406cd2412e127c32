"""The data inside a report: the tables behind its pages as CSV, and the figures themselves as JSON.

CSV as in RFC 4180: comma, UTF-8, one header line, days and numbers as machines write them. An empty cell means "not
known" or "not shown"; the column `reason` says which. A text that a spreadsheet would run as a formula is made plain.
"""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from flask_babel import gettext as _

from prevention.core.pdf import Attachment
from prevention.indicators.published import PublishedTable
from prevention.reports.figures import YearFigures

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def attachments_of(figures: YearFigures) -> tuple[Attachment, ...]:
    """Give the files to put inside a paper made from `figures`, in a fixed order."""
    return (
        Attachment(name="activity.csv", content=_activity(figures), description=_("What each programme did")),
        Attachment(name="schools.csv", content=_schools(figures), description=_("Coverage by school")),
        Attachment(
            name="municipalities.csv", content=_municipalities(figures), description=_("Coverage by municipality")
        ),
        Attachment(name="survey.csv", content=_survey(figures), description=_("Published survey results")),
        Attachment(
            name="figures.json",
            content=figures.canonical(),
            description=_("All figures of this report; their SHA-256 is its identifier"),
        ),
    )


def _activity(figures: YearFigures) -> bytes:
    fields = (
        "slug", "evidence_class", "classes", "classes_reached", "classes_completed", "meetings_planned",
        "meetings_due", "meetings_held", "meetings_not_held", "registers_missing", "minutes_held",
        "pupils_present", "pupils_expected", "pupil_hours", "activities_planned", "activities_full",
    )  # fmt: skip
    rows = [[row.programme.text(), *(getattr(row, field) for field in fields)] for row in figures.activity.programmes]
    return written_csv(("programme", *fields), rows)


def _schools(figures: YearFigures) -> bytes:
    fields = (
        "code", "name", "institute", "level", "track", "municipality", "istat_code", "classes", "classes_booked",
        "classes_reached", "classes_completed", "pupils_enrolled", "is_enrolment_low", "pupils_reached",
        "pupil_hours", "hours_per_pupil",
    )  # fmt: skip
    return written_csv(fields, ([getattr(row, field) for field in fields] for row in figures.activity.schools))


def _municipalities(figures: YearFigures) -> bytes:
    fields = (
        "istat_code", "name", "sites", "sites_reached", "sites_unknown", "classes_reached", "pupils_enrolled",
        "pupils_reached", "pupil_hours", "hours_per_pupil",
    )  # fmt: skip
    return written_csv(fields, ([getattr(row, field) for field in fields] for row in figures.activity.municipalities))


def _survey(figures: YearFigures) -> bytes:
    header = (
        "school_year", "survey", "indicator", "name", "dimension", "domain", "label", "n_valid", "share", "low",
        "high", "coded", "shown", "reason", "sealed_on",
    )  # fmt: skip
    tables = (*figures.tables, *figures.tables_before)
    return written_csv(header, (row for table in tables for row in _cells(table)))


def _cells(table: PublishedTable) -> Iterable[Sequence[object]]:
    about = (table.school_year, table.wave_name, table.indicator_id, table.name.text(), table.dimension)
    for cell in table.cells:
        values = (cell.n_valid, cell.share, cell.low, cell.high, cell.text) if cell.shown else (None,) * 5
        yield (*about, cell.domain, cell.label.text(), *values, cell.shown, cell.reason, table.sealed_on)


def written_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table as CSV; see the module for its form."""
    target = StringIO()
    writer = csv.writer(target)
    writer.writerow(header)
    for row in rows:
        writer.writerow([_written(value) for value in row])
    return target.getvalue().encode()


def _written(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
