"""The ministry's files about schools: which kinds there are, and what can be wrong with one.

Three kinds, told apart by their columns (MIM open data, https://dati.istruzione.it/opendata/, read in the files of
2025/26 for state and of 2023/24 for non-state schools):

* ``SCUANAGRAFESTAT…``: state schools, 20 columns, each row naming the institute it belongs to (`register`).
* ``SCUANAGRAFEPAR…``: non-state schools (*paritarie*), 14 columns, each school being its own institute (`register`).
* pupils per school: ``ANNOSCOLASTICO, CODICESCUOLA, NUMEROSTUDENTI`` (`enrolments`).

Columns are found by name, in any order; further columns are left alone.
"""

from enum import StrEnum

from prevention.core.csv_reading import CsvTable, FileRefused

STATE_ONLY_COLUMNS = (
    "CODICEISTITUTORIFERIMENTO",
    "DENOMINAZIONEISTITUTORIFERIMENTO",
    "DESCRIZIONECARATTERISTICASCUOLA",
)
_SIGNS_OF_STATE = frozenset({*STATE_ONLY_COLUMNS, "INDICAZIONESEDEDIRETTIVO", "SEDESCOLASTICA"})


class FileKind(StrEnum):
    """What a file of the ministry holds."""

    STATE = "state"
    NON_STATE = "non_state"
    ENROLMENTS = "enrolments"


class RegisterFault(StrEnum):
    """Why a file that is a table is not a file of the ministry that can be taken in."""

    UNKNOWN_LAYOUT = "unknown_layout"
    OTHER_KIND = "other_kind"
    WRONG_CODE = "wrong_code"
    DUPLICATE_CODE = "duplicate_code"
    WRONG_YEAR = "wrong_year"
    OTHER_YEAR = "other_year"
    MISSING_VALUE = "missing_value"
    UNKNOWN_TYPE = "unknown_type"
    ROW_OF_OTHER_KIND = "row_of_other_kind"
    WRONG_NUMBER = "wrong_number"
    UNKNOWN_MUNICIPALITY = "unknown_municipality"
    UNKNOWN_PROVINCE = "unknown_province"
    ABSENT_PROVINCE = "absent_province"
    NO_KNOWN_SCHOOL = "no_known_school"


class RegisterRefused(FileRefused):
    """A file of the ministry is refused whole; `fault` is one of `RegisterFault`."""


def kind_of(table: CsvTable, *, expected: FileKind | None = None) -> FileKind:
    """Tell from the columns what an opened file holds.

    A file that lacks a column is still told by the others, so that the refusal can name the missing one.

    Raises:
        RegisterRefused: nothing of the ministry's, or not the `expected` kind.
    """
    columns = frozenset(table.columns)
    if "NUMEROSTUDENTI" in columns:
        kind = FileKind.ENROLMENTS
    elif columns & _SIGNS_OF_STATE:
        kind = FileKind.STATE
    elif {"CODICESCUOLA", "DENOMINAZIONESCUOLA"} & columns:
        kind = FileKind.NON_STATE
    else:
        raise RegisterRefused(RegisterFault.UNKNOWN_LAYOUT, file_name=table.file_name, row=1)
    if expected is not None and kind is not expected:
        raise RegisterRefused(
            RegisterFault.OTHER_KIND,
            file_name=table.file_name,
            row=1,
            value=kind,
            expected=expected,
        )
    return kind
