"""Lists of rows: from one declaration of columns and filters to a page that filters, sorts and pages, and to files.

A room declares a `Listing` once (columns with their words, typed values and what the database sorts by; filters with
what they do to the query) and hands it a `Select`. `shown` gives the template what `macros/lists.html` needs, `export`
gives the same rows, filtered and sorted the same way, as CSV or XLSX. Everything works by plain links and GET forms.
A row is what the query selects: the entity when it selects one, else SQLAlchemy's row with a name for each part.

Nonsense in the address (an unknown sort key, a value that is none of the choices) is taken for nothing asked, as on
every page with filters here; an impossible page number is a 404.

Choices, with their reason:

* The database sorts and cuts, and the last key is always the row's id: without a whole order two pages may show one
  row twice and another never.
* Files are written to a temporary file, row after row, before the answer begins: memory stays flat (XLSX: xlsxwriter's
  constant-memory mode), and a fault half-way is an error page and not half a file.
* Text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a return is data that a spreadsheet would run as a formula
  (OWASP, "CSV Injection"). CSV has no types, so such text gets an apostrophe in front; in XLSX it is written as a
  string cell, which is never run. Numbers and days are numbers and days in both.
"""

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import IO, Any, Generic, TypeVar

from flask import request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select, SQLColumnExpression

from prevention.core import clock
from prevention.core.db import db
from prevention.core.web import ROWS_PER_PAGE, paginate, paginate_rows

Row = TypeVar("Row")
AnySelect = Select[*tuple[Any, ...]]
Cell = str | int | float | Decimal | bool | date | datetime | time | LazyString | None

# Rows fetched at a time while a file is written.
BATCH = 500
# A file no longer than this is handed over from memory, a longer one from the disk. Bytes.
KEPT_IN_MEMORY = 4 * 1024 * 1024
LONGEST_TEXT = 100
DEFAULT_WIDTH = 18

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_FILE_FORMAT = "format"


class FileFormat(StrEnum):
    """What a list can be taken away as."""

    XLSX = "xlsx"
    CSV = "csv"


MEDIA_TYPES = {
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.CSV: "text/csv; charset=utf-8",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Column(Generic[Row]):
    """One column: its words, and the value that goes into files.

    `sort` are the database's columns to sort by; without them the head is no link. `is_number` aligns it to the right.
    `in_table` is False for what only files carry, `in_files` is False for a column of buttons. `width` is that of the
    spreadsheet's column, in characters.
    """

    key: str
    words: str | LazyString
    value: Callable[[Row], Cell] = field(default=lambda _row: None)
    sort: tuple[SQLColumnExpression[Any], ...] = ()
    is_number: bool = False
    in_table: bool = True
    in_files: bool = True
    width: int = DEFAULT_WIDTH


class FilterKind(StrEnum):
    """How a filter is asked for: one of several choices, words, or a day."""

    CHOICE = "choice"
    TEXT = "text"
    DAY = "day"


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """One filter of a list: the name of its value in the address, its words, and what it does to the query.

    `options` are (value, words) pairs of a choice; the empty value stands for "any" and need not be listed when
    `any_words` are given. `default` is the value in force while the address says nothing.
    """

    name: str
    words: str | LazyString
    apply: Callable[[Any, str], AnySelect]
    kind: FilterKind = FilterKind.CHOICE
    options: Sequence[tuple[str, str | LazyString]] = ()
    any_words: str | LazyString | None = None
    default: str = ""

    def read(self, arguments: Mapping[str, str]) -> str:
        """Give the value asked for in an address; the default when there is none or it is nonsense."""
        value = arguments.get(self.name, self.default).strip()[:LONGEST_TEXT]
        if self.kind is FilterKind.CHOICE:
            known = {each for each, _words in self.options} | ({""} if self.any_words is not None else set())
            return value if value in known else self.default
        if self.kind is FilterKind.DAY:
            return value if _is_day(value) else self.default
        return value


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing(Generic[Row]):
    """A list: columns, filters, how it is sorted when nobody says how, and the name of its files.

    `tie` is a unique column, the last key of every order.
    """

    name: str
    columns: tuple[Column[Row], ...]
    tie: SQLColumnExpression[Any]
    filters: tuple[Filter, ...] = ()
    sort: str = ""
    is_descending: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown(Generic[Row]):
    """A list as a page shows it: the rows of one page, and the filters and the order in force."""

    listing: Listing[Row]
    page: Pagination
    values: Mapping[str, str]
    sort: str
    is_descending: bool

    @property
    def rows(self) -> Sequence[Row]:
        """The rows of this page."""
        return self.page.items

    @property
    def columns(self) -> list[dict[str, Any]]:
        """The heads of the table, as `macros/tables.html` wants them."""
        return [
            {
                "words": column.words,
                "number": column.is_number,
                "sort": column.key if column.sort else None,
                "buttons": not column.in_files,
            }
            for column in self.listing.columns
            if column.in_table
        ]

    @property
    def orders(self) -> list[tuple[str, str]]:
        """The ways to sort, as choices: a phone shows cards instead of a table with heads."""
        found = []
        for column in self.listing.columns:
            if column.sort:
                found.append((column.key, str(column.words)))
                found.append((f"{column.key}:desc", _("%(column)s, downwards", column=column.words)))
        return found

    @property
    def order(self) -> str:
        """The one of `orders` in force."""
        return f"{self.sort}:desc" if self.is_descending else self.sort

    @property
    def is_narrowed(self) -> bool:
        """Say whether some filter differs from what the page shows by itself."""
        return any(self.values[each.name] != each.default for each in self.listing.filters)


def shown(listing: Listing[Row], query: AnySelect, *, per_page: int = ROWS_PER_PAGE) -> Shown[Row]:
    """Give the page of a list that this request asks for. One statement to count and one for the rows."""
    values, sort, is_descending = _asked(listing, request.args)
    arranged = _arranged(listing, query, values, sort, is_descending=is_descending)
    page = paginate_rows(arranged, per_page=per_page) if _has_parts(query) else paginate(arranged, per_page=per_page)
    return Shown(listing=listing, page=page, values=values, sort=sort, is_descending=is_descending)


def file_asked() -> FileFormat | None:
    """Say as which file this request wants its list, if it does."""
    asked = request.args.get(_FILE_FORMAT, "")
    return FileFormat(asked) if asked in set(FileFormat) else None


def export(listing: Listing[Row], query: AnySelect, file_format: FileFormat) -> ResponseReturnValue:
    """Give all rows of a list, filtered and sorted as this request asks, as a file to keep.

    Rows are fetched `BATCH` at a time, so collections must be loaded by `selectinload`.
    """
    values, sort, is_descending = _asked(listing, request.args)
    arranged = _arranged(listing, query, values, sort, is_descending=is_descending)
    columns = [column for column in listing.columns if column.in_files]
    write = write_xlsx if file_format is FileFormat.XLSX else write_csv
    read = db.session.execute if _has_parts(query) else db.session.scalars
    with closing(read(arranged.execution_options(yield_per=BATCH))) as rows:
        file = _written(lambda file: write(file, columns, rows))
    name = f"{listing.name}-{clock.today().isoformat()}.{file_format}"
    response = send_file(file, mimetype=MEDIA_TYPES[file_format], as_attachment=True, download_name=name)
    response.call_on_close(file.close)
    return response


def _written(write: Callable[[IO[bytes]], None]) -> IO[bytes]:
    """Let `write` fill a temporary file and give it back at its beginning; a short one is moved into memory."""
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        write(file)
        is_short = file.tell() <= KEPT_IN_MEMORY
        file.seek(0)
        if is_short:
            return io.BytesIO(file.read())
        stack.pop_all()
        return file


def write_csv(file: IO[bytes], columns: Sequence[Column[Row]], rows: Iterable[Row]) -> None:
    """Write rows as CSV: commas, UTF-8 with a byte order mark (or spreadsheets guess at accents), days as ISO 8601."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow([harmless(str(column.words)) for column in columns])
    for row in rows:
        writer.writerow([_csv_cell(column.value(row)) for column in columns])
    text.flush()
    text.detach()


def write_xlsx(file: IO[bytes], columns: Sequence[Column[Row]], rows: Iterable[Row]) -> None:
    """Write rows as a spreadsheet of one sheet, with a head that stays in sight; days and numbers keep their type."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "default_date_format": "dd/mm/yyyy",
    }
    import xlsxwriter

    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(_("List"))
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        formats = {
            date: book.add_format({"num_format": "dd/mm/yyyy"}),
            datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
            time: book.add_format({"num_format": "hh:mm"}),
        }
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, str(column.words), head)
        number = 0
        for number, row in enumerate(rows, start=1):
            for place, column in enumerate(columns):
                _write_cell(sheet, number, place, column.value(row), formats)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(number, 1), len(columns) - 1)


def _write_cell(sheet: Any, number: int, place: int, value: Cell, formats: Mapping[type, Any]) -> None:
    match value:
        case None:
            return
        case bool():
            sheet.write_string(number, place, _yes_or_no(value))
        case int() | float() | Decimal():
            sheet.write_number(number, place, value)
        case datetime():
            local = value.astimezone(clock.ROME).replace(tzinfo=None)
            sheet.write_datetime(number, place, local, formats[datetime])
        case date() | time():
            sheet.write_datetime(number, place, value, formats[type(value)])
        case _:
            sheet.write_string(number, place, _without_controls(str(value)))


def _csv_cell(value: Cell) -> str:
    match value:
        case None:
            return ""
        case bool():
            return _yes_or_no(value)
        case int() | float() | Decimal():
            return str(value)
        case datetime():
            return value.astimezone(clock.ROME).replace(tzinfo=None).isoformat(sep=" ", timespec="minutes")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat(timespec="minutes")
        case _:
            return harmless(str(value))


def harmless(text: str) -> str:
    """Write a text so that a spreadsheet takes it for text."""
    # Spreadsheets skip white space before they look for a formula.
    return f"'{text}" if text.startswith(_FORMULA_STARTS) or text.lstrip().startswith(_FORMULA_STARTS) else text


def _without_controls(text: str) -> str:
    # XML 1.0 has no control characters besides tab and line ends: a sheet with one of them does not open.
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)


def _yes_or_no(value: object) -> str:
    return _("yes") if value else _("no")


def _has_parts(query: AnySelect) -> bool:
    return len(query.column_descriptions) > 1


def _asked(listing: Listing[Row], arguments: Mapping[str, str]) -> tuple[dict[str, str], str, bool]:
    values = {each.name: each.read(arguments) for each in listing.filters}
    sortable = {column.key for column in listing.columns if column.sort}
    # Heads say the order by itself; the choice that stands for them on a phone says both in one value.
    key, _colon, order = arguments.get("sort", "").partition(":")
    if key in sortable:
        return values, key, "desc" in (order, arguments.get("order"))
    return values, listing.sort, listing.is_descending


def _arranged(
    listing: Listing[Row], query: AnySelect, values: Mapping[str, str], sort: str, *, is_descending: bool
) -> AnySelect:
    for each in listing.filters:
        if values[each.name]:
            query = each.apply(query, values[each.name])
    return query.order_by(None).order_by(*_order(listing, sort, is_descending=is_descending))


def _order(listing: Listing[Row], sort: str, *, is_descending: bool) -> Iterator[SQLColumnExpression[Any]]:
    for column in listing.columns:
        if column.key == sort:
            # Rows without a value come last either way; left to themselves the two databases differ.
            yield from ((key.desc() if is_descending else key.asc()).nulls_last() for key in column.sort)
    yield listing.tie


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
