"""Opens anybody's microdata file as a table of texts, or says in words why it cannot.

What a file is, its first bytes say, not its name: Parquet, SPSS, Stata, a SAS data set or transport file, a text packed
with gzip, or a plain text. One of fixed width, which has no row of names, is refused. Of a statistical program's file
the values are taken, not their labels, and what it marks as missing is missing; it is read into memory (`pyreadstat`),
the others are not. A text is UTF-8 (with or without a mark at its start), UTF-16 with its mark, or else Latin-1, as
older programs write it. Its delimiter is the one of comma, semicolon, tab and bar that stands most often in the row of
names; rows that begin with # before it are left out. Every row must have as many values as there are names: a guess
that fits the rows better would move values into other columns.
"""

import codecs
import csv
import gzip
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

DELIMITERS = ",;\t|"
_TEXT = "'VARCHAR'"
_COUNTS = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")
# The row of names must lie within so many bytes.
_HEAD_BYTES = 1024 * 1024
_ROWS_LOOKED_AT = 50
_CHUNK_BYTES = 4 * 1024 * 1024
_GZIP, _PARQUET, _ZIP = b"\x1f\x8b", b"PAR1", b"PK\x03\x04"
# How the files of statistical programs begin, and what reads them.
_PROGRAMS = {
    b"$FL2": "read_sav",
    b"$FL3": "read_sav",
    b"<stata_dta>": "read_dta",
    b"HEADER RECORD*******LIB": "read_xport",
    bytes(12) + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c\x18\x1f\x10\x11": "read_sas7bdat",
}
_START_BYTES = 32
READS = "CSV (comma, semicolon, tab or bar; plain or gzip), Parquet, SPSS (.sav), Stata (.dta), SAS (.sas7bdat, .xpt)"
# A whole number without its point; what is not there, as nothing.
_WHOLE = (
    "CASE WHEN isfinite(c{0}) THEN CASE WHEN c{0} = trunc(c{0}) AND abs(c{0}) < 1e15 THEN CAST(CAST(c{0} AS BIGINT) AS"
    " VARCHAR) ELSE CAST(c{0} AS VARCHAR) END END"
)


class BadMicrodata(ValueError):
    """The file or the question cannot be used; the text says where and why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """The names of a file's columns, in order; `twice` are those that stand there more than once, in any case."""

    names: tuple[str, ...]
    twice: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Form:
    is_packed: bool
    encoding: str
    skipped: int
    delimiter: str
    new_line: str
    names: tuple[str, ...]


def open_file(engine: "duckdb.DuckDBPyConnection", path: Path) -> Columns:
    """Open a file as the view `file`, every column a text.

    Raises:
        BadMicrodata: it is no such file.
    """
    start = _start(path)
    reader = next((name for mark, name in _PROGRAMS.items() if start.startswith(mark)), None)
    if reader is not None:
        return _open_program_file(engine, path, reader)
    if start.startswith(_PARQUET):
        engine.execute(
            f"CREATE TEMP VIEW file AS SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet({_text(str(path))})"  # noqa: S608  # quoted by `_text`
        )
        return Columns(names=tuple(str(row[0]) for row in engine.execute("DESCRIBE file").fetchall()))
    if start.startswith(_ZIP):
        raise BadMicrodata(
            f"{path.name} is a ZIP archive or a spreadsheet: unpack it, or save it as CSV; read are {READS}"
        )
    form = _form(path, is_packed=start.startswith(_GZIP))
    counts = Counter(name.casefold() for name in form.names)
    unique = [
        name if counts[name.casefold()] == 1 and name else f"{name} (column {place})"
        for place, name in enumerate(form.names, start=1)
    ]
    compression = "gzip" if form.is_packed else "none"
    engine.execute(
        f"CREATE TEMP VIEW file AS SELECT * FROM read_csv({_text(str(path))}, header = true, auto_detect = false,"  # noqa: S608
        f" nullstr = '', compression = '{compression}', encoding = '{form.encoding}', skip = {form.skipped},"
        f" delim = {_text(form.delimiter)}, quote = '\"', escape = '\"', new_line = '{form.new_line}',"
        f" columns = {{{', '.join(f'{_text(name)}: {_TEXT}' for name in unique)}}})"
    )
    twice = frozenset(name for name in form.names if counts[name.casefold()] > 1)
    return Columns(names=tuple(unique), twice=twice)


def _open_program_file(engine: "duckdb.DuckDBPyConnection", path: Path, reader: str) -> Columns:
    """Open a statistical program's file; a whole number is written without its point, as a text file would."""
    import numpy as np
    import pyreadstat

    try:
        found, about = getattr(pyreadstat, reader)(str(path), output_format="dict")
    except (pyreadstat.ReadstatError, ValueError) as error:
        raise BadMicrodata(f"{path.name} cannot be read: {error}") from error
    names = tuple(about.column_names)
    if not names:
        raise BadMicrodata(f"{path.name} has no column")
    columns = {}
    for place, name in enumerate(names):
        values = np.asarray(found[name])
        # What is no number is a text, a day or a time.
        is_number = values.dtype.kind in "iuf"
        columns[f"c{place}"] = values if is_number else np.array([_plain(value) for value in values], dtype=object)
    engine.register("program_file", columns)
    chosen = [
        f"{_WHOLE.format(place) if columns[f'c{place}'].dtype.kind in 'iuf' else f'c{place}'} AS {_quoted(name)}"
        for place, name in enumerate(names)
    ]
    engine.execute(f"CREATE TEMP VIEW file AS SELECT {', '.join(chosen)} FROM program_file")  # noqa: S608  # quoted
    counts = Counter(name.casefold() for name in names)
    return Columns(names=names, twice=frozenset(name for name in names if counts[name.casefold()] > 1))


def _plain(value: object) -> str | None:
    return None if value is None or value != value else str(value)


def words_of(error: "duckdb.Error", path: Path) -> str:
    """Say in one line where and why the engine could not read a file."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    row = next((line.rpartition(":")[2].strip() for line in lines if "CSV Error on Line" in line), "")
    if not row:
        return f"{path.name}: {lines[0] if lines else error}"
    values = next((found for found in map(_COUNTS.fullmatch, lines) if found), None)
    why = f"{values[2]} values where {values[1]} columns are named" if values else "cannot be read"
    return f"{path.name}, row {row}: {why}"


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_START_BYTES)


def _form(path: Path, *, is_packed: bool) -> _Form:
    encoding = _encoding(path, is_packed=is_packed)
    with _bytes(path, is_packed=is_packed) as file:
        head = _unpacked(file, _HEAD_BYTES, path).decode({"utf-8": "utf-8-sig"}.get(encoding, encoding), "replace")
    lines = head.splitlines()
    skipped = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    rest = lines[skipped:]
    if not rest or not rest[0].strip():
        raise BadMicrodata(f"{path.name} has no row of names")
    delimiter = max(DELIMITERS, key=_outside_quotes(rest[0]).count)
    if _is_fixed_width(rest):
        raise BadMicrodata(f"{path.name} has fixed width or no row of names: save it as one of {READS}")
    names = next(csv.reader(io.StringIO("\n".join(rest[:1])), delimiter=delimiter))
    return _Form(
        is_packed=is_packed,
        encoding=encoding,
        skipped=skipped,
        delimiter=delimiter,
        new_line=next((mark for mark in ("\r\n", "\n", "\r") if mark in head), "\n").encode("unicode_escape").decode(),
        names=tuple(name.strip() for name in names),
    )


def _is_fixed_width(lines: list[str]) -> bool:
    """Say whether no row has a delimiter, all are as long as the first, and the first begins with no name."""
    some = [line for line in lines[:_ROWS_LOOKED_AT] if line]
    return (
        len(some) > 1
        and len(some[0]) > 1
        and not any(mark in line for line in some for mark in DELIMITERS)
        and len({len(line) for line in some[:-1]}) == 1
        and not re.match(r"\s*[^\W\d]\w*\s*$", some[0])
    )


def _encoding(path: Path, *, is_packed: bool) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with _bytes(path, is_packed=is_packed) as file:
        chunk = _unpacked(file, _CHUNK_BYTES, path)
        if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if b"\x00" in chunk:
            raise BadMicrodata(f"{path.name} is no text: it holds bytes of nought")
        try:
            while chunk:
                decoder.decode(chunk)
                chunk = _unpacked(file, _CHUNK_BYTES, path)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "latin-1"
    return "utf-8"


def _bytes(path: Path, *, is_packed: bool) -> io.BufferedIOBase:
    return gzip.open(path) if is_packed else path.open("rb")


def _unpacked(file: io.BufferedIOBase, size: int, path: Path) -> bytes:
    try:
        return file.read(size)
    except (EOFError, OSError) as error:
        raise BadMicrodata(f"{path.name} is packed with gzip and not whole: {error}") from error


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
