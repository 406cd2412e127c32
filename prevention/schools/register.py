"""Reading of the ministry's registers of schools, as published. Bytes in; rows, or a reason to refuse the file.

Everything is read as text first, so that postcodes and codes keep their zeros. ``Non Disponibile`` is the ministry's
null. What merely looks odd (a postcode of four digits, a web address with a blank) is dropped; what would count a
school wrongly (code, year, type, place) refuses the file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from operator import itemgetter
from sys import intern
from typing import NamedTuple

from prevention.core.csv_reading import CsvTable
from prevention.schools.ministry_files import (
    STATE_ONLY_COLUMNS,
    FileKind,
    RegisterFault,
    RegisterRefused,
)
from prevention.schools.rules import (
    Level,
    Track,
    is_cadastral_code,
    is_school_code,
    parse_ministry_year,
)
from prevention.schools.school_types import is_non_state_type, level_of, track_of

NOT_AVAILABLE = "Non Disponibile"

_POSTCODE = re.compile(r"[0-9]{5}")
_SCHEME = re.compile(r"(?P<scheme>https?):?//(?P<rest>.*)", re.IGNORECASE)
_HOST_AND_PATH = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+(/\S*)?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterRow:
    """A school of a register file. `row` is its row in the file; `province_name` is in the ministry's capitals."""

    row: int
    code: str
    institute_code: str
    institute_name: str
    name: str
    address: str | None
    postcode: str | None
    cadastral_code: str
    province_name: str
    level: Level
    track: Track | None
    type_description: str
    email: str | None
    website: str | None


class RegisterReader:
    """The rows of a register file, checked one by one and given out for the wanted provinces only.

    Iterating walks the whole file once and raises `FileRefused` at the first wrong row, whatever its province. When
    it has ended, `school_year`, `row_count`, `provinces` (names that occur) and `seats` (institute code to the
    cadastral code of its own row) speak of the whole file.
    """

    def __init__(
        self,
        table: CsvTable,
        *,
        kind: FileKind,
        provinces: frozenset[str] | None = None,
    ) -> None:
        """Get ready to read.

        Args:
            provinces: names in the ministry's capitals; None wants all.

        Raises:
            FileRefused: a column is missing.
        """
        self.kind = kind
        self.school_year = 0
        self.row_count = 0
        self.provinces: set[str] = set()
        self.seats: dict[str, str] = {}
        self._table = table
        self._wanted = provinces
        self._is_state = kind is FileKind.STATE
        self._positions = table.positions((*_COMMON_COLUMNS, *(STATE_ONLY_COLUMNS if self._is_state else ())))
        self._rows_by_code: dict[str, int] = {}
        self._year_text = ""

    def __iter__(self) -> Iterator[RegisterRow]:
        pick = itemgetter(*self._positions)
        for row, record in self._table.records:
            values = _Values(*pick(record))
            level = self._check(row, values)
            self.row_count += 1
            self.provinces.add(values.province)
            if self._wanted is None or values.province in self._wanted:
                yield self._built(row, values, level=level)

    def _check(self, row: int, values: "_Values") -> Level:
        if values.year != self._year_text:
            self._check_year(row, values.year)
        if not is_school_code(values.code):
            raise self._refused(RegisterFault.WRONG_CODE, row, "CODICESCUOLA", values.code)
        earlier = self._rows_by_code.setdefault(values.code, row)
        if earlier != row:
            raise self._refused(
                RegisterFault.DUPLICATE_CODE,
                row,
                "CODICESCUOLA",
                values.code,
                str(earlier),
            )
        if not is_cadastral_code(values.cadastral_code):
            raise self._refused(
                RegisterFault.WRONG_CODE,
                row,
                "CODICECOMUNESCUOLA",
                values.cadastral_code,
            )
        if values.province in ("", NOT_AVAILABLE):
            raise self._refused(RegisterFault.MISSING_VALUE, row, "PROVINCIA", values.province)
        if self._is_state:
            self._check_institute(row, values)
        return self._level(row, values)

    def _check_year(self, row: int, text: str) -> None:
        year = parse_ministry_year(text)
        if year is None:
            raise self._refused(RegisterFault.WRONG_YEAR, row, "ANNOSCOLASTICO", text)
        if self._year_text:
            raise self._refused(RegisterFault.OTHER_YEAR, row, "ANNOSCOLASTICO", text, self._year_text)
        self._year_text, self.school_year = text, year

    def _check_institute(self, row: int, values: "_Values") -> None:
        if values.code == values.institute_code:
            self.seats[values.code] = values.cadastral_code
        elif not is_school_code(values.institute_code):
            raise self._refused(
                RegisterFault.WRONG_CODE,
                row,
                "CODICEISTITUTORIFERIMENTO",
                values.institute_code,
            )

    def _level(self, row: int, values: "_Values") -> Level:
        level = level_of(values.type_description, values.characteristic)
        if level is None:
            raise self._refused(RegisterFault.UNKNOWN_TYPE, row, _TYPE_COLUMN, values.type_description)
        if is_non_state_type(values.type_description) == self._is_state:
            raise self._refused(
                RegisterFault.ROW_OF_OTHER_KIND,
                row,
                _TYPE_COLUMN,
                values.type_description,
                self.kind,
            )
        return level

    def _built(self, row: int, values: "_Values", *, level: Level) -> RegisterRow:
        name = _text(values.name) or f"{values.type_description} - {values.municipality_name}"
        postcode = values.postcode if _POSTCODE.fullmatch(values.postcode) else None
        return RegisterRow(
            row=row,
            code=values.code,
            # The same few names come back in many rows: one copy of each is enough in memory.
            institute_code=intern(values.institute_code) if self._is_state else values.code,
            institute_name=intern(_text(values.institute_name) or name) if self._is_state else name,
            name=name,
            address=_text(values.address),
            postcode=postcode and intern(postcode),
            cadastral_code=intern(values.cadastral_code),
            province_name=intern(values.province),
            level=level,
            track=track_of(level, type_description=values.type_description, code=values.code),
            type_description=intern(values.type_description),
            email=_text(values.email),
            website=website_address(values.website),
        )

    def _refused(
        self,
        fault: RegisterFault,
        row: int,
        column: str,
        value: str,
        expected: str | None = None,
    ) -> RegisterRefused:
        return RegisterRefused(
            fault,
            file_name=self._table.file_name,
            row=row,
            column=column,
            value=value,
            expected=expected,
        )


class _Values(NamedTuple):
    """The values of one row that we read, in the order of `_COMMON_COLUMNS` and `STATE_ONLY_COLUMNS`."""

    year: str
    province: str
    code: str
    name: str
    address: str
    postcode: str
    cadastral_code: str
    municipality_name: str
    type_description: str
    email: str
    website: str
    institute_code: str = ""
    institute_name: str = ""
    characteristic: str = ""


_TYPE_COLUMN = "DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA"
_COMMON_COLUMNS = (
    "ANNOSCOLASTICO",
    "PROVINCIA",
    "CODICESCUOLA",
    "DENOMINAZIONESCUOLA",
    "INDIRIZZOSCUOLA",
    "CAPSCUOLA",
    "CODICECOMUNESCUOLA",
    "DESCRIZIONECOMUNE",
    _TYPE_COLUMN,
    "INDIRIZZOEMAILSCUOLA",
    "SITOWEBSCUOLA",
)


def website_address(text: str) -> str | None:
    """Make a web address out of what the ministry's file has, or None when it cannot be one.

    Some 500 of them lack the colon ("https//..."), most have no scheme, some are in capitals or hold blanks.
    """
    found = _SCHEME.fullmatch(text.strip())
    scheme, rest = (found["scheme"].lower(), found["rest"]) if found else ("https", text.strip())
    host, slash, path = rest.partition("/")
    address = f"{host.lower()}{slash}{path}"
    return f"{scheme}://{address}" if _HOST_AND_PATH.fullmatch(address) else None


def _text(value: str) -> str | None:
    return None if value in ("", NOT_AVAILABLE) else value
