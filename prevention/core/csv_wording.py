"""The words for a refused file, in the reader's language: file, row, column, reason."""

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from prevention.core.csv_reading import FileFault, FileRefused

REASONS: Mapping[StrEnum, LazyString] = {
    FileFault.EMPTY: _l("the file is empty"),
    FileFault.NO_ROWS: _l("the file has a header but no rows"),
    FileFault.HTML: _l("this is a web page saved under another name, not a table; download the file itself"),
    FileFault.SPREADSHEET: _l("this is a spreadsheet or a ZIP file; export it as CSV (UTF-8, commas)"),
    FileFault.BROKEN_GZIP: _l("the packed file is damaged or was not downloaded to its end"),
    FileFault.TOO_BIG: _l("the file is longer than %(expected)s"),
    FileFault.NOT_TEXT: _l("the file holds bytes that are not text"),
    FileFault.NOT_UTF8: _l("the text is not UTF-8 (found %(value)s); save the file as UTF-8"),
    FileFault.LONG_LINE: _l("the line is far too long; the file has no line ends that could be read"),
    FileFault.OTHER_DELIMITER: _l("the values are separated by %(value)s; they must be separated by commas"),
    FileFault.MISSING_COLUMN: _l("missing column (%(expected)s)"),
    FileFault.REPEATED_COLUMN: _l("the column is there twice"),
    FileFault.RAGGED_ROW: _l("the row has %(value)s values, the header has %(expected)s"),
    FileFault.BROKEN_QUOTES: _l("the quotation marks do not match"),
}

_DELIMITER_NAMES: Mapping[str, LazyString] = {
    ";": _l("semicolons"),
    "\t": _l("tabs"),
    "|": _l("vertical bars"),
}

# A value is quoted back shortened: it may be a whole line of a damaged file.
_VALUE_LENGTH_MAX = 60


def refusal_in_words(refusal: FileRefused, *, reasons: Mapping[StrEnum, LazyString] = REASONS) -> str:
    """Say in one sentence which file is refused, where, and why.

    Args:
        reasons: fault to a reason with the placeholders ``value`` and ``expected``; the reader of a certain kind of
            file passes `REASONS` and its own.
    """
    value = refusal.value or ""
    if refusal.fault is FileFault.OTHER_DELIMITER:
        value = str(_DELIMITER_NAMES[value])
    if len(value) > _VALUE_LENGTH_MAX:
        value = value[:_VALUE_LENGTH_MAX] + "…"
    reason = str(reasons[refusal.fault]) % {
        "value": value,
        "expected": refusal.expected or "",
    }
    return f"{_place(refusal)}: {reason}."


def _place(refusal: FileRefused) -> str:
    if refusal.row is None:
        return refusal.file_name
    if refusal.column is None:
        return _("%(file)s, row %(row)s", file=refusal.file_name, row=refusal.row)
    return _(
        "%(file)s, row %(row)s, column %(column)s",
        file=refusal.file_name,
        row=refusal.row,
        column=refusal.column,
    )
