"""Planning areas (ambiti, L. 328/2000) and addresses of mayors: reading of the office's table, and their codes. Pure.

Which municipality belongs to which area is known to the office, not to us: nothing is assigned that it did not say.

Columns of the table, found by name: ``codice_istat`` and ``ambito``; ``comune`` is compared where it is there, because
a column that slipped by a row is the mistake that nobody sees; ``email`` is where papers for the mayor go, and is left
as it is where the column is missing. An empty value takes away what was there.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import IO

from email_validator import EmailNotValidError, validate_email

from prevention.core.csv_reading import FileRefused, open_table
from prevention.core.web import Refusal

COLUMNS = ("codice_istat", "comune", "ambito", "email")
LONGEST_AREA, LONGEST_EMAIL = 80, 254
# As long as the mark of a paper may be.
LONGEST_CODE = 20
_ISTAT_CODE = re.compile(r"[0-9]{6}")


class AreaFault(StrEnum):
    """Why a table of planning areas is not taken in."""

    WRONG_ISTAT_CODE = "wrong_istat_code"
    UNKNOWN_MUNICIPALITY = "unknown_municipality"
    OTHER_NAME = "other_name"
    DUPLICATE_CODE = "duplicate_code"
    WRONG_AREA = "wrong_area"
    TWO_SPELLINGS = "two_spellings"
    WRONG_EMAIL = "wrong_email"


class AreasRefused(FileRefused):
    """A table of planning areas is refused whole; `fault` is one of `AreaFault`."""


class AreaSpelledOtherwise(Refusal):
    """An area of nearly this name is there; `expected` is how it is written."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


class NoAreaName(Refusal):
    """The name of an area does not begin with a letter."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaRow:
    """A row of the table; `email` is None where the table has no such column."""

    row: int
    istat_code: str
    planning_area: str
    email: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A municipality as it stands: its name, and its area, empty when it has none."""

    name: str
    planning_area: str


def tidy(area: str) -> str:
    """Write a name with single spaces."""
    return " ".join(area.split())


def area_code(area: str) -> str:
    """Give the mark of an area for addresses and files: its letters, and a hash where they are too many."""
    slug = "-".join(re.findall(r"[^\W_]+", area.casefold()))
    if len(slug) <= LONGEST_CODE and not slug.isdigit():
        return slug
    return f"{slug[:13]}-{sha256(slug.encode()).hexdigest()[:6]}"


def is_area_name(area: str) -> bool:
    """Say whether this can be the name of an area: it begins with a letter (a spreadsheet runs what begins with =)."""
    return len(area) <= LONGEST_AREA and area[:1].isalpha()


def check_spelling(area: str, standing: Iterable[str]) -> None:
    """Refuse a name that cannot be told from another one.

    Raises:
        NoAreaName: it does not begin with a letter.
        AreaSpelledOtherwise: `standing` has it in another spelling.
    """
    if not is_area_name(area):
        raise NoAreaName
    same = next((other for other in standing if other != area and area_code(other) == area_code(area)), None)
    if same is not None:
        raise AreaSpelledOtherwise(same)


def is_address(email: str) -> bool:
    """Say whether this can be a mail address; nobody is asked whether it exists."""
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError:
        return False
    return len(email) <= LONGEST_EMAIL and email[0].isalnum()


def read_areas(stream: IO[bytes], *, file_name: str, known: Mapping[str, Known]) -> list[AreaRow]:
    """Read and check a whole table.

    Args:
        stream: seekable.
        file_name: named in a refusal.
        known: the municipalities of this installation by ISTAT code.

    Raises:
        FileRefused: something is wrong with the file or one of its rows.
    """
    table = open_table(stream, file_name=file_name)
    table.positions(("codice_istat", "ambito"))
    rows: list[AreaRow] = []
    seen: dict[str, int] = {}
    for number, record in table.records:
        values = {name: value.strip() for name, value in zip(table.columns, record, strict=True)}
        row = _row(number, values, file_name, known)
        if row.istat_code in seen:
            raise _refused(AreaFault.DUPLICATE_CODE, "codice_istat", row.istat_code, file_name, number,
                           expected=str(seen[row.istat_code]))  # fmt: skip
        seen[row.istat_code] = number
        rows.append(row)
    _check_spellings(rows, file_name, known)
    return rows


def _row(number: int, values: Mapping[str, str], file_name: str, known: Mapping[str, Known]) -> AreaRow:
    def refused(fault: AreaFault, column: str, *, expected: str | None = None) -> AreasRefused:
        return _refused(fault, column, values[column], file_name, number, expected=expected)

    # A spreadsheet takes the zero in front for nothing.
    code = values["codice_istat"].zfill(6) if values["codice_istat"] else ""
    if not _ISTAT_CODE.fullmatch(code):
        raise refused(AreaFault.WRONG_ISTAT_CODE, "codice_istat")
    if code not in known:
        raise refused(AreaFault.UNKNOWN_MUNICIPALITY, "codice_istat")
    name = values.get("comune", "")
    if name and name.casefold() != known[code].name.casefold():
        raise refused(AreaFault.OTHER_NAME, "comune", expected=known[code].name)
    area = tidy(values["ambito"])
    if area and not is_area_name(area):
        raise refused(AreaFault.WRONG_AREA, "ambito", expected=str(LONGEST_AREA))
    email = values.get("email")
    if email and not is_address(email):
        raise refused(AreaFault.WRONG_EMAIL, "email")
    return AreaRow(row=number, istat_code=code, planning_area=area, email=email.lower() if email else email)


def _check_spellings(rows: Iterable[AreaRow], file_name: str, known: Mapping[str, Known]) -> None:
    """Refuse an area that is written in two ways, in the file or beside what stays as it is."""
    rows = list(rows)
    in_file = {row.istat_code for row in rows}
    spelled = {area_code(one.planning_area): one.planning_area
               for code, one in known.items() if one.planning_area and code not in in_file}  # fmt: skip
    for row in rows:
        if not row.planning_area:
            continue
        first = spelled.setdefault(area_code(row.planning_area), row.planning_area)
        if first != row.planning_area:
            raise _refused(
                AreaFault.TWO_SPELLINGS, "ambito", row.planning_area, file_name, row.row, expected=first
            )  # fmt: skip


def _refused(
    fault: AreaFault, column: str, value: str, file_name: str, row: int, *, expected: str | None = None
) -> AreasRefused:
    return AreasRefused(fault, file_name=file_name, row=row, column=column, value=value, expected=expected)
