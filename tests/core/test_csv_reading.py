"""Strict reading of tables: what passes, and every reason to refuse, with file, row and column."""

import csv
import gzip
import io
from contextlib import suppress

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from prevention.core.csv_reading import MAX_LINE_BYTES, FileFault, FileRefused, open_table
from prevention.core.csv_wording import refusal_in_words

TABLE = b"code,name\r\nA1,Anna\r\nA2,Bruno\r\n"


def read(content: bytes, **options: int) -> list[tuple[int, list[str]]]:
    return list(open_table(io.BytesIO(content), file_name="bikes.csv", **options).records)


def refusal_of(content: bytes, **options: int) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read(content, **options)
    return caught.value


@pytest.mark.parametrize(
    "content",
    [TABLE, b"\xef\xbb\xbf" + TABLE, gzip.compress(TABLE), gzip.compress(b"\xef\xbb\xbf" + TABLE)],
    ids=["plain", "byte order mark", "packed", "packed with byte order mark"],
)
def test_a_table_is_read_plain_or_packed_with_or_without_byte_order_mark(content: bytes) -> None:
    table = open_table(io.BytesIO(content), file_name="bikes.csv")

    assert ("code", "name") == table.columns
    assert [(2, ["A1", "Anna"]), (3, ["A2", "Bruno"])] == list(table.records)


def test_quotes_commas_and_line_ends_inside_values_are_kept() -> None:
    rows = read(b'code,name\n1,"""P.SRAFFA"", Crema"\n2,"two\nlines"\n3,after\n')

    assert [(2, ["1", '"P.SRAFFA", Crema']), (3, ["2", "two\nlines"]), (5, ["3", "after"])] == rows


def test_blank_lines_are_no_rows_but_are_counted() -> None:
    assert [(2, ["1", "a"]), (4, ["2", "b"])] == read(b"code,name\n1,a\n\n2,b\n\n")


@pytest.mark.parametrize(
    ("content", "fault", "row", "column"),
    [
        (b"", FileFault.EMPTY, None, None),
        (b"\xef\xbb\xbf", FileFault.EMPTY, None, None),
        (b"\r\n\r\n", FileFault.EMPTY, None, None),
        (gzip.compress(b""), FileFault.EMPTY, None, None),
        (b"code,name\n", FileFault.NO_ROWS, None, None),
        (b"<!DOCTYPE html>\n<html>", FileFault.HTML, 1, None),
        (b"\n\n  <html><body>Error</body></html>", FileFault.HTML, 3, None),
        (b"PK\x03\x04\x14\x00", FileFault.SPREADSHEET, None, None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", FileFault.SPREADSHEET, None, None),
        ("code,name\n1,a\n".encode("utf-16"), FileFault.NOT_UTF8, 1, None),
        (b"code,name\n1,a\n2,\0\n", FileFault.NOT_TEXT, 3, None),
        (b"code;name\n1;a\n", FileFault.OTHER_DELIMITER, 1, None),
        (b"code\tname\n1\ta\n", FileFault.OTHER_DELIMITER, 1, None),
        (b"code,code\n1,a\n", FileFault.REPEATED_COLUMN, 1, "code"),
        (b"code,name\n1,a\n2\n", FileFault.RAGGED_ROW, 3, None),
        (b"code,name\n1,a\n2,b,c\n", FileFault.RAGGED_ROW, 3, None),
        (b'code,name\n1,a\n2,"b\n3,c\n', FileFault.BROKEN_QUOTES, 3, None),
        (b'code,name\n1,a\n2,"b"c\n', FileFault.BROKEN_QUOTES, 3, None),
        (b'"code,name\n1,a\n', FileFault.BROKEN_QUOTES, None, None),
        ("code,name\n1,a\n2,Cant\xf9\n".encode("latin-1"), FileFault.NOT_UTF8, 3, "name"),
        ("citt\xe0,name\n1,a\n".encode("latin-1"), FileFault.NOT_UTF8, 1, None),
        (b"code,name\n1," + b"a" * MAX_LINE_BYTES, FileFault.LONG_LINE, 2, None),
        (gzip.compress(TABLE)[:-9], FileFault.BROKEN_GZIP, None, None),
        (gzip.compress(TABLE)[:15] + b"\xff" * 20, FileFault.BROKEN_GZIP, None, None),
        (gzip.compress(TABLE) + b"tail", FileFault.BROKEN_GZIP, None, None),
    ],
)
def test_what_is_no_table_is_refused_with_row_and_column(
    content: bytes, fault: FileFault, row: int | None, column: str | None
) -> None:
    refusal = refusal_of(content)

    assert fault == refusal.fault
    assert "bikes.csv" == refusal.file_name
    assert column == refusal.column
    if row is not None:
        assert row == refusal.row


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_fills_the_memory() -> None:
    bomb = gzip.compress(b"code,name\n" + b"1,a\n" * 2_000_000)

    refusal = refusal_of(bomb, max_bytes=1024 * 1024)

    assert FileFault.TOO_BIG == refusal.fault
    assert "1 MiB" == refusal.expected


def test_a_missing_column_is_named() -> None:
    table = open_table(io.BytesIO(TABLE), file_name="bikes.csv")

    with pytest.raises(FileRefused) as caught:
        table.positions(("name", "wheels", "bell"))

    assert (FileFault.MISSING_COLUMN, 1, "wheels", "wheels, bell") == (
        caught.value.fault,
        caught.value.row,
        caught.value.column,
        caught.value.expected,
    )


def test_columns_are_found_in_any_order() -> None:
    assert [1, 0] == open_table(io.BytesIO(TABLE), file_name="bikes.csv").positions(("name", "code"))


@given(content=st.binary(max_size=400))
def test_no_bytes_whatever_make_the_reader_fail_otherwise_than_by_refusing(content: bytes) -> None:
    with suppress(FileRefused):
        assert read(content)


@given(rows=st.lists(st.tuples(st.text(min_size=1), st.text()), min_size=1))
def test_what_a_csv_writer_wrote_comes_back_or_is_refused(rows: list[tuple[str, str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("code", "name"), *rows])

    with suppress(FileRefused):
        assert [list(row) for row in rows] == [values for _row, values in read(text.getvalue().encode())]


@pytest.mark.parametrize("fault", list(FileFault))
def test_every_refusal_has_words_in_both_languages(app: Flask, fault: FileFault) -> None:
    refusal = FileRefused(fault, file_name="bikes.csv", row=4711, column="name", value=";", expected="something")

    for language in ("it", "en"):
        with force_locale(language):
            words = refusal_in_words(refusal)

        assert "bikes.csv" in words
        assert "4711" in words
        assert "name" in words
        assert "%(" not in words


def test_a_long_value_is_quoted_back_shortened(app: Flask) -> None:
    refusal = FileRefused(FileFault.NOT_UTF8, file_name="bikes.csv", row=2, value="x" * 5000)

    assert len(refusal_in_words(refusal)) < 250
