"""What the open data say of a year, read back from the file that is handed out, for whoever compares it."""

import csv
from io import StringIO

from prevention.core.facts import is_demo
from prevention.opendata import service
from prevention.opendata.figures import rows_of, to_csv
from prevention.reports.signals import DataFile, DataRow

NAME = "the open data"


def said_of(_sender: object, *, school_year: int) -> DataFile:
    """Give the figures of a school year as the CSV has them; none when nothing is published."""
    try:
        tables = service.tables_of(school_year)
    except LookupError:
        return DataFile(name=NAME, rows=())
    written = to_csv(rows_of(tables, is_made_up=is_demo())).decode()
    return DataFile(name=NAME, rows=tuple(_row(row) for row in csv.DictReader(StringIO(written))))


def _row(row: dict[str, str]) -> DataRow:
    estimate, low, high = (
        float(row[key]) if row[key] else None for key in ("estimate", "interval_low", "interval_high")
    )
    return DataRow(
        survey=row["survey"].removeprefix("'"),
        indicator=row["indicator"],
        dimension=row["dimension"],
        group=row["group"],
        share=estimate,
        low=low,
        high=high,
        shown=row["suppressed"] == "false",
        text=row["masked"] or None,
    )
