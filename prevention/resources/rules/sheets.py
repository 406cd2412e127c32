"""What a spreadsheet of materials looks like, and what can be wrong with it. Pure."""

from enum import StrEnum

COLUMNS = (
    "title", "abstract", "kind", "language", "other_languages", "licence", "authors", "link", "source_link", "minutes",
    "grades", "topics", "skills", "access", "programme", "meeting", "moment",
)  # fmt: skip
REQUIRED_COLUMNS = ("title", "abstract", "kind", "language", "licence", "link")
# More than an office gathers in a year; every row is shown before it is taken.
SHEET_ROWS_MOST = 500
SHEET_BYTES_MOST = 5 * 1024**2
CELL_LENGTH_MAX = 5000


class SheetFault(StrEnum):
    """Why a file cannot be read as a spreadsheet of materials."""

    NOT_A_SHEET = "not_a_sheet"
    DAMAGED = "damaged"
    TOO_MANY_ROWS = "too_many_rows"
    UNKNOWN_COLUMN = "unknown_column"
    NO_COLUMN = "no_column"


class CellFault(StrEnum):
    """Why a cell cannot be taken as text."""

    FORMULA = "formula"
    ERROR = "error"
    NO_TEXT = "no_text"
    LONG = "long"
