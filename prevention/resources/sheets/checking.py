"""Checking the rows of a spreadsheet: each by the form of a material, all faults in the reader's language."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from prevention.resources import wording
from prevention.resources.forms import DetailsForm
from prevention.resources.search.words import folded
from prevention.resources.service import Details, ProgrammeChoice, SheetRow
from prevention.resources.sheets import vocabulary

# A value is quoted back shortened.
_QUOTED = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """What is wrong in one column of a row, in words; `value` is what stands there."""

    column: str
    words: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One row of a spreadsheet as it would be taken: with faults, known already, or with its details."""

    row: SheetRow
    faults: tuple[Fault, ...] = ()
    is_known: bool = False
    details: Details | None = None


def check(
    rows: Sequence[SheetRow], *, programmes: Sequence[ProgrammeChoice], known: Set[tuple[str, str]]
) -> list[Line]:
    """Check every row. `known` are the keys of materials that are there already: they are left as they are."""
    by_words = vocabulary.programmes_by_words(programmes)
    first: dict[tuple[str, str], int] = {}
    lines: list[Line] = []
    for row in rows:
        if row.key in known and not row.faults:
            lines.append(Line(row=row, is_known=True))
            continue
        line = _checked(row, programmes, by_words)
        before = first.setdefault(row.key, row.number)
        if before != row.number and row.values.get("title"):
            repeated = _fault(row, "title", _("the same title and link as in row %(row)d", row=before))
            line = Line(row=row, faults=(*line.faults, repeated))
        lines.append(line)
    return lines


def _checked(row: SheetRow, programmes: Sequence[ProgrammeChoice], by_words: Mapping[str, str]) -> Line:
    faults = {column: str(wording.CELL_FAULTS[fault]) for column, fault in row.faults.items()}
    given: MultiDict[str, str] = MultiDict()
    for column, text in row.values.items():
        if column in faults:
            continue
        values, unknown = _values(column, text, by_words)
        if unknown:
            faults[column] = _unknown_words(column, unknown)
        given.setlist("programme_id" if column == "programme" else column, values)
    form = DetailsForm(given, meta={"csrf": False})
    form.offer(programmes, {})
    if not form.validate():
        for field in form:
            column = "programme" if field.name == "programme_id" else field.name
            if field.errors and column not in faults:
                faults[column] = str(field.errors[0])
    if not row.values.get("link") and "link" not in faults:
        faults["link"] = _("a link is needed; a file is added later, on the page of the material")
    if faults:
        return Line(row=row, faults=tuple(_fault(row, column, words) for column, words in faults.items()))
    return Line(row=row, details=form.details())


def _values(column: str, text: str, programmes: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Give the values that a cell names, and the words in it that name none."""
    if column not in (*vocabulary.ONE_OF, *vocabulary.SOME_OF):
        return [text], []
    known = programmes if column == "programme" else vocabulary.values_by_words(column)
    words = vocabulary.split(text, known) if column in vocabulary.SOME_OF else [text]
    return (
        [known[folded(word)] for word in words if folded(word) in known],
        [word for word in words if folded(word) not in known],
    )


def _unknown_words(column: str, unknown: Sequence[str]) -> str:
    value = unknown[0] if len(unknown[0]) <= _QUOTED else unknown[0][:_QUOTED] + "…"
    if column == "programme":
        return _("there is no programme “%(value)s”", value=value)
    expected = "; ".join(vocabulary.words_of(column).values())
    return _("“%(value)s” is not one of: %(expected)s", value=value, expected=expected)


def _fault(row: SheetRow, column: str, words: str) -> Fault:
    return Fault(column=column, words=words, value=row.values.get(column, ""))
