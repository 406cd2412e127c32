"""The tables of one indicator as a file to keep: a row per group, hidden ones with their reason and no number."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from flask import send_file
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from prevention.core.lists import MEDIA_TYPES, Column, FileFormat, write_csv, write_xlsx
from prevention.indicators.published import PublishedCell, PublishedTable
from prevention.indicators.table_words import dimension_title, reason_words
from prevention.schools.rules import school_year_label


@dataclass(frozen=True, kw_only=True, slots=True)
class FileRow:
    """One cell with the table that it stands in."""

    table: PublishedTable
    cell: PublishedCell


COLUMNS: tuple[Column[FileRow], ...] = (
    Column(key="year", words=_l("School year"), value=lambda row: school_year_label(row.table.school_year)),
    Column(key="survey", words=_l("Survey"), value=lambda row: row.table.wave_name, width=30),
    Column(key="indicator", words=_l("Code"), value=lambda row: row.table.indicator_id),
    Column(key="name", words=_l("Indicator"), value=lambda row: row.table.name.text(), width=36),
    Column(key="table", words=_l("Table"), value=lambda row: dimension_title(row.table.dimension), width=26),
    Column(key="group", words=_l("Group"), value=lambda row: row.cell.label.text(), width=30),
    Column(key="key", words=_l("Key of the group"), value=lambda row: row.cell.domain, width=22),
    Column(key="measure", words=_l("Measure"), value=lambda row: str(row.table.measure)),
    Column(key="estimate", words=_l("Best estimate"), value=lambda row: row.cell.share, is_number=True),
    Column(key="low", words=_l("Interval from"), value=lambda row: row.cell.low, is_number=True),
    Column(key="high", words=_l("Interval to"), value=lambda row: row.cell.high, is_number=True),
    Column(key="masked", words=_l("In hundred, masked"), value=lambda row: row.cell.text),
    Column(key="answers", words=_l("Valid answers"), value=lambda row: row.cell.n_valid, is_number=True),
    Column(key="rounded", words=_l("Answers are rounded"), value=lambda row: row.cell.n_is_rounded),
    Column(
        key="why",
        words=_l("Why hidden or masked"),
        value=lambda row: reason_words(row.cell.reason) if row.cell.reason else None,
        width=44,
    ),
    Column(key="rules", words=_l("Protection rules"), value=lambda row: row.table.policy),
)


def handed_out(tables: Sequence[PublishedTable], file_format: FileFormat) -> ResponseReturnValue:
    """Give the tables of one indicator of one survey as a file; they are public, and so is the file."""
    rows = [FileRow(table=table, cell=cell) for table in tables for cell in table.cells]
    file = io.BytesIO()
    (write_xlsx if file_format is FileFormat.XLSX else write_csv)(file, COLUMNS, rows)
    file.seek(0)
    about = tables[0]
    name = f"{about.indicator_id}-{school_year_label(about.school_year).replace('/', '-')}.{file_format}"
    return send_file(file, mimetype=MEDIA_TYPES[file_format], as_attachment=True, download_name=name)
