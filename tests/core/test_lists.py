"""Lists filter, sort and page on the database, and leave as files that no spreadsheet runs."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import Select, select

from prevention.core import lists
from prevention.core.lists import Column, FileFormat, Filter, FilterKind, Listing
from prevention.network.models import Municipality
from tests.factories.network import make_municipality
from tests.support.queries import counted_queries

NAMES = ("Crema", "Cremona", "Casalmaggiore", "Soresina", "Castelleone")


def named(query: Select[Any], text: str) -> Select[Any]:
    return query.where(Municipality.name.icontains(text, autoescape=True))


def larger(query: Select[Any], value: str) -> Select[Any]:
    return query.where(Municipality.population >= int(value))


def listing() -> Listing[Municipality]:
    return Listing(
        name="comuni",
        columns=(
            Column(key="name", words="Comune", value=lambda row: row.name, sort=(Municipality.name,)),
            Column(
                key="people",
                words="Residenti",
                value=lambda row: row.population,
                sort=(Municipality.population,),
                is_number=True,
            ),
            Column(key="buttons", words="", in_files=False),
        ),
        tie=Municipality.id,
        sort="name",
        filters=(
            Filter(name="text", words="Parole", kind=FilterKind.TEXT, apply=named),
            Filter(
                name="size", words="Residenti", options=[("20000", "20.000 o più")], any_words="Tutti", apply=larger
            ),
        ),
    )


@pytest.fixture
def municipalities(app: Flask) -> list[Municipality]:
    sizes = (34_000, 70_000, 15_000, 9_000, None)
    return [make_municipality(name=name, population=size) for name, size in zip(NAMES, sizes, strict=True)]


@pytest.fixture
def asked(app: Flask, municipalities: list[Municipality]) -> Callable[..., lists.Shown[Municipality]]:
    def ask(query: str = "", **how: int) -> lists.Shown[Municipality]:
        with app.test_request_context(f"/?{query}"):
            return lists.shown(listing(), select(Municipality), **how)

    return ask


def names(shown: lists.Shown[Municipality]) -> list[str]:
    return [row.name for row in shown.rows]


def test_a_list_is_sorted_as_it_says_when_nobody_asks(asked: Callable[..., lists.Shown[Municipality]]) -> None:
    assert sorted(NAMES) == names(asked())


def test_rows_without_a_value_come_last_either_way(asked: Callable[..., lists.Shown[Municipality]]) -> None:
    assert "Castelleone" == names(asked("sort=people"))[-1] == names(asked("sort=people&order=desc"))[-1]
    assert ["Soresina", "Cremona"] == [names(asked(f"sort=people&order={order}"))[0] for order in ("asc", "desc")]


def test_nonsense_in_the_address_is_nothing_asked(asked: Callable[..., lists.Shown[Municipality]]) -> None:
    assert sorted(NAMES) == names(asked("sort=password&order=sideways&size=many"))


def test_filters_narrow_together(asked: Callable[..., lists.Shown[Municipality]]) -> None:
    shown = asked("text=crem&size=20000")

    assert ["Crema", "Cremona"] == names(shown)
    assert shown.is_narrowed
    assert not asked().is_narrowed


def test_pages_show_every_row_once(asked: Callable[..., lists.Shown[Municipality]]) -> None:
    pages = [names(asked(f"sort=people&page={number}", per_page=2)) for number in (1, 2, 3)]

    assert sorted(NAMES) == sorted(name for page in pages for name in page)


def test_a_list_takes_two_statements_however_long(app: Flask) -> None:
    counts = []
    for _more in range(2):
        for _each in range(10):
            make_municipality()
        with app.test_request_context("/"), counted_queries() as statements:
            lists.shown(listing(), select(Municipality))
        counts.append(statements.count)

    assert [2, 2] == counts


def test_a_file_holds_all_rows_as_filtered_and_sorted(app: Flask, municipalities: list[Municipality]) -> None:
    with app.test_request_context("/?format=csv&text=c&sort=people&order=desc&page=7"):
        asked = lists.file_asked()
        assert asked is FileFormat.CSV
        response = app.make_response(lists.export(listing(), select(Municipality), asked))
        response.direct_passthrough = False
        rows = list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig"))))
        response.close()

    assert [
        ["Comune", "Residenti"],
        ["Cremona", "70000"],
        ["Crema", "34000"],
        ["Casalmaggiore", "15000"],
        ["Castelleone", ""],
    ] == rows
    assert "attachment; filename=comuni-2026-11-23.csv" == response.headers["Content-Disposition"]


VALUES: tuple[lists.Cell, ...] = (
    "=1+1",
    -3,
    Decimal("2.5"),
    date(2027, 1, 12),
    datetime(2027, 1, 12, 9, 0, tzinfo=UTC),
    time(8, 5),
    None,
    True,
    "-1A",
    "Già",
    "  @SUM(A1)",
    "a\x0bb",
)


def columns_of_values() -> list[Column[tuple[lists.Cell, ...]]]:
    return [
        Column(key=str(place), words=f"={place}", value=lambda row, place=place: row[place])  # type: ignore[misc]
        for place in range(len(VALUES))
    ]


def test_csv_keeps_numbers_and_days_and_disarms_formulas(app: Flask) -> None:
    file = io.BytesIO()

    lists.write_csv(file, columns_of_values(), [VALUES])

    head, row = csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig")))
    assert "'=0" == head[0]
    assert ["'=1+1", "-3", "2.5", "2027-01-12", "2027-01-12 10:00", "08:05", ""] == row[:7]
    assert ["'-1A", "Già", "'  @SUM(A1)"] == row[8:11]


def test_xlsx_keeps_types_and_runs_nothing(app: Flask) -> None:
    file = io.BytesIO()

    lists.write_xlsx(file, columns_of_values(), [VALUES])

    sheet = load_workbook(io.BytesIO(file.getvalue())).active
    assert sheet is not None
    cells = next(sheet.iter_rows(min_row=2, max_row=2))
    assert "s" == cells[0].data_type
    assert "=1+1" == cells[0].value
    assert [-3, 2.5] == [cell.value for cell in cells[1:3]]
    assert ["2027-01-12 00:00:00", "2027-01-12 10:00:00", "08:05:00", "None"] == [
        str(each.value) for each in cells[3:7]
    ]
    assert ["-1A", "Già", "  @SUM(A1)", "ab"] == [cell.value for cell in cells[8:]]
    assert "A2" == sheet.freeze_panes


@given(st.text())
def test_no_text_ever_leaves_as_a_formula(text: str) -> None:
    file = io.BytesIO()
    column: Column[str] = Column(key="text", words="Text", value=lambda row: row)

    lists.write_csv(file, [column], [text])

    rows = list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))
    cell = rows[1][0] if len(rows) > 1 and rows[1] else ""
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))
