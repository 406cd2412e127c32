"""Reading of the ministry's file of pupils per school. Bytes in; rows, or a reason why the file is refused."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from operator import itemgetter

from prevention.core.csv_reading import CsvTable
from prevention.schools.ministry_files import RegisterFault, RegisterRefused
from prevention.schools.rules import is_school_code, parse_ministry_year

# How the ministry hides one to three pupils.
LOW_COUNT = "<=3"

_WHOLE_NUMBER = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, kw_only=True, slots=True)
class EnrolmentRow:
    """Pupils of one school code in one school year; `pupils` is None where the file says ``<=3``."""

    row: int
    code: str
    school_year: int
    pupils: int | None


def read_enrolments(table: CsvTable) -> Iterator[EnrolmentRow]:
    """Walk through a file of pupils per school, which may hold several school years.

    Raises:
        FileRefused: at the first wrong row, or because a column is missing.
    """
    pick = itemgetter(*table.positions(("ANNOSCOLASTICO", "CODICESCUOLA", "NUMEROSTUDENTI")))
    rows_by_key: dict[tuple[str, int], int] = {}
    years: dict[str, int | None] = {}
    for row, record in table.records:
        year_text, code, pupils_text = pick(record)
        refused = partial(RegisterRefused, file_name=table.file_name, row=row)
        year = years.setdefault(year_text, parse_ministry_year(year_text))
        if year is None:
            raise refused(RegisterFault.WRONG_YEAR, column="ANNOSCOLASTICO", value=year_text)
        if not is_school_code(code):
            raise refused(RegisterFault.WRONG_CODE, column="CODICESCUOLA", value=code)
        earlier = rows_by_key.setdefault((code, year), row)
        if earlier != row:
            raise refused(
                RegisterFault.DUPLICATE_CODE,
                column="CODICESCUOLA",
                value=code,
                expected=str(earlier),
            )
        if pupils_text != LOW_COUNT and not _WHOLE_NUMBER.fullmatch(pupils_text):
            raise refused(RegisterFault.WRONG_NUMBER, column="NUMEROSTUDENTI", value=pupils_text)
        pupils = None if pupils_text == LOW_COUNT else int(pupils_text)
        yield EnrolmentRow(row=row, code=code, school_year=year, pupils=pupils)
