"""Reading of a table of municipalities: bytes in; rows, or a reason why the file is refused.

Columns, found by name: ``codice_istat`` (six digits), ``codice_catastale``, ``comune``. Optional: ``provincia``
(car-plate code or name; else told from the ISTAT code), ``ambito`` (social planning area), and residents in a column
whose name begins with ``pop_residente``; of several such columns the last one counts.

Source of such tables: ISTAT, "Codici statistici delle unità amministrative territoriali".
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import IO

from prevention.core.csv_reading import CsvTable, FileRefused, open_table
from prevention.network.provinces import find_province, province_of_istat_code

_REQUIRED_COLUMNS = ("codice_istat", "codice_catastale", "comune")
_OPTIONAL_COLUMNS = ("provincia", "ambito")
_POPULATION = "pop_residente"


class MunicipalityFault(StrEnum):
    """Why a table is not a table of municipalities that can be taken in."""

    WRONG_ISTAT_CODE = "wrong_istat_code"
    WRONG_CADASTRAL_CODE = "wrong_cadastral_code"
    DUPLICATE_CODE = "duplicate_code"
    CODE_TAKEN = "code_taken"
    WRONG_NAME = "wrong_name"
    UNKNOWN_PROVINCE = "unknown_province"
    WRONG_POPULATION = "wrong_population"


_SHAPES = (
    ("codice_istat", re.compile(r"[0-9]{6}"), MunicipalityFault.WRONG_ISTAT_CODE),
    (
        "codice_catastale",
        re.compile(r"[A-Z][0-9]{3}"),
        MunicipalityFault.WRONG_CADASTRAL_CODE,
    ),
    ("comune", re.compile(r".{1,80}"), MunicipalityFault.WRONG_NAME),
    (_POPULATION, re.compile(r"[0-9]{0,8}"), MunicipalityFault.WRONG_POPULATION),
)


class MunicipalitiesRefused(FileRefused):
    """A table of municipalities is refused whole; `fault` is one of `MunicipalityFault`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MunicipalityRow:
    """A municipality of the file; `population` and `planning_area` are None where the file does not say."""

    row: int
    istat_code: str
    cadastral_code: str
    name: str
    province: str
    population: int | None
    planning_area: str | None


def read_municipalities(stream: IO[bytes], *, file_name: str) -> list[MunicipalityRow]:
    """Read and check a whole table of municipalities.

    Raises:
        FileRefused: something is wrong with the file or one of its rows.
    """
    rows = list(_rows(open_table(stream, file_name=file_name)))
    seen: dict[str, int] = {}
    for row in rows:
        for column, code in (
            ("codice_istat", row.istat_code),
            ("codice_catastale", row.cadastral_code),
        ):
            earlier = seen.setdefault(code, row.row)
            if earlier != row.row:
                raise MunicipalitiesRefused(
                    MunicipalityFault.DUPLICATE_CODE,
                    file_name=file_name,
                    row=row.row,
                    column=column,
                    value=code,
                    expected=str(earlier),
                )
    return rows


def _rows(table: CsvTable) -> Iterator[MunicipalityRow]:
    required = dict(zip(_REQUIRED_COLUMNS, table.positions(_REQUIRED_COLUMNS), strict=True))
    optional = {name: at for at, name in enumerate(table.columns) if name in _OPTIONAL_COLUMNS}
    # Of several counts of residents the last wins: files add the newer one at the right.
    population_at = [at for at, name in enumerate(table.columns) if name.startswith(_POPULATION)][-1:]
    places = required | optional
    if population_at:
        places[_POPULATION] = population_at[0]
    for row, record in table.records:
        values = {name: record[at].strip() for name, at in places.items()}
        yield _checked(
            values,
            row=row,
            refused=partial(_refused, file_name=table.file_name, row=row),
        )


def _checked(
    values: dict[str, str],
    *,
    row: int,
    refused: Callable[[MunicipalityFault, str, str], FileRefused],
) -> MunicipalityRow:
    for column, shape, fault in _SHAPES:
        if not shape.fullmatch(values.get(column, "")):
            raise refused(fault, column, values[column])
    istat_code, province_text = values["codice_istat"], values.get("provincia", "")
    province = find_province(province_text) if province_text else province_of_istat_code(istat_code)
    if province is None:
        column = "provincia" if province_text else "codice_istat"
        raise refused(MunicipalityFault.UNKNOWN_PROVINCE, column, values[column])
    population = values.get(_POPULATION, "")
    return MunicipalityRow(
        row=row,
        istat_code=istat_code,
        cadastral_code=values["codice_catastale"],
        name=values["comune"],
        province=province.code,
        population=int(population) if population else None,
        planning_area=values.get("ambito") or None,
    )


def _refused(fault: MunicipalityFault, column: str, value: str, *, file_name: str, row: int) -> MunicipalitiesRefused:
    return MunicipalitiesRefused(fault, file_name=file_name, row=row, column=column, value=value)
