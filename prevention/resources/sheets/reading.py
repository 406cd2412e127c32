"""Reading a spreadsheet, XLSX or CSV, into rows of text; the whole file or a reason why not."""

import unicodedata
import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from prevention.core import files, intake
from prevention.core.csv_reading import MEBIBYTE, CsvTable, FileFault, FileRefused, open_table
from prevention.core.intake import Upload
from prevention.resources.rules import (
    CELL_LENGTH_MAX,
    COLUMNS,
    REQUIRED_COLUMNS,
    SHEET_BYTES_MOST,
    SHEET_ROWS_MOST,
    CellFault,
    SheetFault,
)
from prevention.resources.search.words import folded
from prevention.resources.service import SheetRow
from prevention.resources.sheets.vocabulary import columns_by_words

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Text of 500 rows is far below; the reader holds all of a workbook's words in memory.
_UNPACKED_MOST = 64 * MEBIBYTE
# Sheets often go on for thousands of rows that only have a colour.
_ROWS_LOOKED_AT = 20_000
_COLUMNS_MOST = 50
# What the export of the catalogue puts before words that a spreadsheet would run.
_GUARDED = tuple(f"'{sign}" for sign in ("=", "+", "-", "@"))
_OFFICE = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")

_Cells = list[tuple[str, CellFault | None]]


def read_sheet(upload: Upload) -> list[SheetRow]:
    """Give the rows of a spreadsheet that hold anything, under the codes of their columns.

    Raises:
        csv_reading.FileRefused: it is no table of materials, with the place and the reason.
        IntakeRefusal: intake does not take the file.
    """
    name = files.safe_name(upload.file_name)
    upload.stream.seek(0)
    is_office = upload.stream.read(4) in _OFFICE
    upload.stream.seek(0)
    if not is_office:
        table = open_table(upload.stream, file_name=name, max_bytes=SHEET_BYTES_MOST)
        records = ((number, [_of_csv(value) for value in values]) for number, values in table.records)
        return _rows(_codes(table.columns, name), records, name)
    with intake.cleaned(upload, max_bytes=SHEET_BYTES_MOST) as (copy, media_type):
        if media_type != _XLSX:
            raise FileRefused(SheetFault.NOT_A_SHEET, file_name=name)
        return _read_workbook(copy, name)


def _read_workbook(stream: IO[bytes], name: str) -> list[SheetRow]:
    import openpyxl

    try:
        with zipfile.ZipFile(stream) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > _UNPACKED_MOST:
            raise FileRefused(FileFault.TOO_BIG, file_name=name, expected=f"{_UNPACKED_MOST // MEBIBYTE} MiB")
        book = openpyxl.load_workbook(stream, read_only=True, data_only=False)
    except FileRefused:
        raise
    except Exception as error:  # a damaged workbook fails in the reader's parts in any of their ways
        raise FileRefused(SheetFault.DAMAGED, file_name=name) from error
    try:
        # All of it now, while the file is open: a fault of the reader is told from one of ours.
        found = _filled(book.worksheets[0].iter_rows(max_col=_COLUMNS_MOST))
    except Exception as error:  # as above: cells are only read here
        raise FileRefused(SheetFault.DAMAGED, file_name=name) from error
    finally:
        book.close()
    if not found:
        raise FileRefused(FileFault.EMPTY, file_name=name)
    (_first, header), *rest = found
    return _rows(_codes(_header(header), name), iter(rest), name)


def _filled(rows: Iterator[tuple[Any, ...]]) -> list[tuple[int, _Cells]]:
    """Give the rows that hold anything, and the first one beyond those that are looked at."""
    found: list[tuple[int, _Cells]] = []
    for number, row in enumerate(islice(rows, _ROWS_LOOKED_AT + 1), start=1):
        cells = [_of_xlsx(cell) for cell in row]
        if number > _ROWS_LOOKED_AT:
            found.append((number, [("…", None)]))
        elif any(text or fault for text, fault in cells):
            found.append((number, cells))
    return found


def _header(cells: _Cells) -> tuple[str, ...]:
    names = [text for text, _fault in cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _codes(names: tuple[str, ...], file_name: str) -> tuple[str, ...]:
    """Find the codes of columns by their names; "" for a column that has none."""
    known = columns_by_words()
    codes: list[str] = []
    for name in names:
        code = known.get(folded(name), "")
        if name and not code:
            expected = ", ".join(COLUMNS)
            raise FileRefused(SheetFault.UNKNOWN_COLUMN, file_name=file_name, row=1, column=name, expected=expected)
        if code and code in codes:
            raise FileRefused(FileFault.REPEATED_COLUMN, file_name=file_name, row=1, column=name)
        codes.append(code)
    CsvTable(file_name=file_name, columns=tuple(codes), records=iter(())).positions(REQUIRED_COLUMNS)
    return tuple(codes)


def _rows(codes: tuple[str, ...], records: Iterator[tuple[int, _Cells]], file_name: str) -> list[SheetRow]:
    rows: list[SheetRow] = []
    for number, cells in records:
        if not any(text or fault for text, fault in cells):
            continue
        if len(rows) == SHEET_ROWS_MOST or number > _ROWS_LOOKED_AT:
            raise FileRefused(SheetFault.TOO_MANY_ROWS, file_name=file_name, row=number, expected=str(SHEET_ROWS_MOST))
        values: dict[str, str] = {}
        faults: dict[str, CellFault] = {}
        for place, (text, fault) in enumerate(cells):
            code = codes[place] if place < len(codes) else ""
            if not code and (text or fault):
                raise FileRefused(SheetFault.NO_COLUMN, file_name=file_name, row=number, value=text)
            if text:
                values[code] = text
            if fault is not None:
                faults[code] = fault
        rows.append(SheetRow(number=number, values=values, faults=faults))
    if not rows:
        raise FileRefused(FileFault.NO_ROWS, file_name=file_name)
    return rows


def _of_csv(value: str) -> tuple[str, CellFault | None]:
    text = value.strip()
    if text.startswith("="):
        return text, CellFault.FORMULA
    return _checked(text[1:] if text.startswith(_GUARDED) else text)


def _of_xlsx(cell: Any) -> tuple[str, CellFault | None]:
    value = cell.value
    if value is None:
        return "", None
    if cell.data_type in ("f", "e"):
        return str(value) if isinstance(value, str) else "=", (
            CellFault.FORMULA if cell.data_type == "f" else CellFault.ERROR
        )
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return str(value), CellFault.NO_TEXT
    return _checked(str(value))


def _checked(text: str) -> tuple[str, CellFault | None]:
    plain = "".join(char for char in text if char == "\n" or unicodedata.category(char) != "Cc").strip()
    return (plain[:100], CellFault.LONG) if len(plain) > CELL_LENGTH_MAX else (plain, None)
