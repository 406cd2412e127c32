"""An empty spreadsheet to fill in: columns in the reader's language, lists to choose from."""

import io
from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from prevention.core.i18n import Localised
from prevention.programmes.models import ProgrammeMeeting
from prevention.resources import wording
from prevention.resources.rules import COLUMNS, REQUIRED_COLUMNS, SHEET_ROWS_MOST
from prevention.resources.service import ProgrammeChoice
from prevention.resources.sheets import vocabulary

_WIDTHS = {"title": 40, "abstract": 60, "link": 40, "source_link": 40}
_WIDTH = 24


def template(programmes: Sequence[ProgrammeChoice], meetings: Mapping[Localised, Sequence[ProgrammeMeeting]]) -> bytes:
    """Write the template as XLSX: a sheet to fill in and a sheet with the words each column takes."""
    import xlsxwriter

    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False}) as book:
        filled, lists = book.add_worksheet(_("Materials")), book.add_worksheet(_("What can be written"))
        needed = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        optional = book.add_format({"italic": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        filled.freeze_panes(1, 0)
        for place, column in enumerate(COLUMNS):
            name = str(wording.SHEET_COLUMNS[column])
            filled.set_column(place, place, _WIDTHS.get(column, _WIDTH))
            filled.write_string(0, place, name, needed if column in REQUIRED_COLUMNS else optional)
            lists.set_column(place, place, _WIDTH)
            lists.write_string(0, place, name, needed)
            words = _words(column, programmes, meetings)
            for number, text in enumerate(words, start=1):
                lists.write_string(number, place, text)
            if column in vocabulary.ONE_OF and words:
                source = xlsxwriter.utility.xl_range_abs(1, place, len(words), place)
                filled.data_validation(
                    1, place, SHEET_ROWS_MOST, place, {"validate": "list", "source": f"='{lists.name}'!{source}"}
                )
    return written.getvalue()


def _words(
    column: str, programmes: Sequence[ProgrammeChoice], meetings: Mapping[Localised, Sequence[ProgrammeMeeting]]
) -> list[str]:
    if column == "programme":
        return [choice.name.text() for choice in programmes]
    if column == "meeting":
        # In the order of their programmes, which stand in the column before.
        return [f"{row.number}. {row.title.text()}" for rows in meetings.values() for row in rows]
    if column in (*vocabulary.ONE_OF, *vocabulary.SOME_OF):
        several = [_("several with a semicolon between them")] if column in vocabulary.SOME_OF else []
        return [*vocabulary.words_of(column).values(), *several]
    return [_("an address that begins with https://")] if column in ("link", "source_link") else []
