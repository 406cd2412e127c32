"""Strict reading of comma-separated files that somebody else made: the whole file or a reason why not.

A file is UTF-8 text (with or without byte order mark), plain or gzip (told by its first bytes, not its name), with a
header row and commas. Rows are streamed: memory does not grow with the file. Everything that would make a column slip
or a letter turn into another one is refused with the file's name, the row, the column and the reason.

Rows are counted as an editor or a spreadsheet shows them: the header is row 1.
"""

import csv
import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import IO

from prevention.core.web import Refusal

MEBIBYTE = 1024 * 1024

# What a packed file may grow to before it is taken for an attack. The largest file known is 13 MiB.
MAX_BYTES = 256 * MEBIBYTE

# Longest line; one longer is not a row of a table but a file without line ends.
MAX_LINE_BYTES = 64 * 1024

_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_OTHER_DELIMITERS = (";", "\t", "|")


class FileFault(StrEnum):
    """Why a file cannot be read as a table."""

    EMPTY = "empty"
    NO_ROWS = "no_rows"
    HTML = "html"
    SPREADSHEET = "spreadsheet"
    BROKEN_GZIP = "broken_gzip"
    TOO_BIG = "too_big"
    NOT_TEXT = "not_text"
    NOT_UTF8 = "not_utf8"
    LONG_LINE = "long_line"
    OTHER_DELIMITER = "other_delimiter"
    MISSING_COLUMN = "missing_column"
    REPEATED_COLUMN = "repeated_column"
    RAGGED_ROW = "ragged_row"
    BROKEN_QUOTES = "broken_quotes"


class FileRefused(Refusal):
    """A file is refused whole.

    Attributes:
        file_name: as handed in.
        fault: one of `FileFault`, or of the faults that the reader of a certain kind of file adds.
        row: row in the file, the header being 1; None when it is not about one row.
        column: name of the column; None when it is not about one column.
        value: what was found there.
        expected: what was wanted instead, when that can be said in one value.
    """

    def __init__(
        self,
        fault: StrEnum,
        *,
        file_name: str,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
        expected: str | None = None,
    ) -> None:
        super().__init__(f"{file_name}: {fault} (row {row}, column {column}, value {value!r})")
        self.fault = fault
        self.file_name = file_name
        self.row = row
        self.column = column
        self.value = value
        self.expected = expected


@dataclass(frozen=True, kw_only=True, slots=True)
class CsvTable:
    """An opened file: its header, and its rows as (row number, values), to be walked through once.

    Walking raises `FileRefused` at the first row that cannot be read.
    """

    file_name: str
    columns: tuple[str, ...]
    records: Iterator[tuple[int, list[str]]]

    def positions(self, names: Iterable[str]) -> list[int]:
        """Find the positions of columns.

        Raises:
            FileRefused: a column is missing.
        """
        places = {name: position for position, name in enumerate(self.columns)}
        missing = [name for name in names if name not in places]
        if missing:
            raise FileRefused(
                FileFault.MISSING_COLUMN,
                file_name=self.file_name,
                row=1,
                column=missing[0],
                expected=", ".join(missing),
            )
        return [places[name] for name in names]


def open_table(stream: IO[bytes], *, file_name: str, max_bytes: int = MAX_BYTES) -> CsvTable:
    """Read the header of a seekable stream of bytes and get ready to walk through its rows.

    The stream is not closed; it must stay open while the rows are read.

    Raises:
        FileRefused: there is no header that could be one.
    """
    lines = _Lines(stream, file_name=file_name, max_bytes=max_bytes)
    reader = csv.reader(lines, strict=True)
    try:
        header = next((record for record in reader if record), None)
    except csv.Error as error:
        raise FileRefused(FileFault.BROKEN_QUOTES, file_name=file_name, row=lines.row) from error
    except _BadByte as error:
        raise FileRefused(FileFault.NOT_UTF8, file_name=file_name, row=lines.row, value=error.byte) from error
    if header is None:
        raise FileRefused(FileFault.EMPTY, file_name=file_name)
    columns = tuple(name.strip() for name in header)
    _check_header(columns, file_name)
    return CsvTable(
        file_name=file_name,
        columns=columns,
        records=_records(reader, lines, columns=columns, file_name=file_name),
    )


def _check_header(columns: tuple[str, ...], file_name: str) -> None:
    if len(columns) == 1:
        for delimiter in _OTHER_DELIMITERS:
            if delimiter in columns[0]:
                raise FileRefused(
                    FileFault.OTHER_DELIMITER,
                    file_name=file_name,
                    row=1,
                    value=delimiter,
                )
    for position, name in enumerate(columns):
        if name in columns[:position]:
            raise FileRefused(FileFault.REPEATED_COLUMN, file_name=file_name, row=1, column=name)


def _records(
    reader: Iterator[list[str]],
    lines: "_Lines",
    *,
    columns: tuple[str, ...],
    file_name: str,
) -> Iterator[tuple[int, list[str]]]:
    width = len(columns)
    is_empty = True
    while True:
        # A value may hold a line end, so a record is named by the line on which it begins.
        row = lines.row + 1
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise FileRefused(FileFault.BROKEN_QUOTES, file_name=file_name, row=row) from error
        except _BadByte as error:
            raise FileRefused(
                FileFault.NOT_UTF8,
                file_name=file_name,
                row=lines.row,
                column=_column_after(error.text_before, columns),
                value=error.byte,
            ) from error
        if record is None:
            break
        if not record:
            continue
        if len(record) != width:
            raise FileRefused(
                FileFault.RAGGED_ROW,
                file_name=file_name,
                row=row,
                value=str(len(record)),
                expected=str(width),
            )
        is_empty = False
        yield row, record
    if is_empty:
        raise FileRefused(FileFault.NO_ROWS, file_name=file_name)


def _column_after(text_before: str, columns: tuple[str, ...]) -> str | None:
    position = len(next(csv.reader([text_before + "x"]))) - 1
    return columns[position] if position < len(columns) else None


class _BadByte(Exception):
    """A byte that UTF-8 does not have, and the text before it in its line."""

    def __init__(self, *, byte: str, text_before: str) -> None:
        super().__init__(byte)
        self.byte = byte
        self.text_before = text_before


class _Lines:
    """The lines of a file as text, one after the other; `row` is the number of the last one given."""

    def __init__(self, stream: IO[bytes], *, file_name: str, max_bytes: int) -> None:
        stream.seek(0)
        is_packed = stream.read(len(_GZIP)) == _GZIP
        stream.seek(0)
        self._stream = gzip.GzipFile(fileobj=stream, mode="rb") if is_packed else stream
        self._file_name = file_name
        self._max_bytes = max_bytes
        self.row = 0

    def __iter__(self) -> Iterator[str]:
        bytes_left = self._max_bytes
        has_begun = False
        while True:
            line = self._next_line()
            if not line:
                return
            if not has_begun:
                line = line.removeprefix(_BYTE_ORDER_MARK)
                has_begun = self._check_beginning(line)
            bytes_left -= len(line)
            if bytes_left < 0:
                limit = f"{self._max_bytes // MEBIBYTE} MiB"
                raise FileRefused(
                    FileFault.TOO_BIG,
                    file_name=self._file_name,
                    row=self.row,
                    expected=limit,
                )
            try:
                yield line.decode("utf-8")
            except UnicodeDecodeError as error:
                before = line[: error.start].decode("utf-8")
                raise _BadByte(byte=f"0x{line[error.start]:02X}", text_before=before) from error

    def _next_line(self) -> bytes:
        self.row += 1
        try:
            line = self._stream.readline(MAX_LINE_BYTES + 1)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise FileRefused(FileFault.BROKEN_GZIP, file_name=self._file_name, row=self.row) from error
        # Told apart first: a spreadsheet holds zero bytes and has no lines either.
        if self.row == 1 and line.startswith(_SPREADSHEETS):
            raise FileRefused(FileFault.SPREADSHEET, file_name=self._file_name)
        if self.row == 1 and line.startswith(_UTF_16):
            raise FileRefused(FileFault.NOT_UTF8, file_name=self._file_name, row=1, value="UTF-16")
        if b"\0" in line:
            raise FileRefused(FileFault.NOT_TEXT, file_name=self._file_name, row=self.row)
        if len(line) > MAX_LINE_BYTES:
            raise FileRefused(FileFault.LONG_LINE, file_name=self._file_name, row=self.row)
        return line

    def _check_beginning(self, line: bytes) -> bool:
        text = line.strip()
        if text.startswith(b"<"):
            raise FileRefused(FileFault.HTML, file_name=self._file_name, row=self.row)
        return bool(text)
