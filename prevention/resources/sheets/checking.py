"""Checking the rows of a spreadsheet: each by the form of a material, all faults in the reader's language."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from prevention.core.i18n import Localised
from prevention.programmes.models import ProgrammeMeeting
from prevention.resources import wording
from prevention.resources.forms import DetailsForm
from prevention.resources.rules import Moment
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


@dataclass(frozen=True, kw_only=True, slots=True)
class _Choices:
    """The programmes and meetings that a row may name, and both by their words."""

    programmes: Sequence[ProgrammeChoice]
    meetings: Mapping[Localised, Sequence[ProgrammeMeeting]]
    programmes_by_words: Mapping[str, str]
    meetings_by_words: Mapping[tuple[str, str], str]


def check(
    rows: Sequence[SheetRow],
    *,
    programmes: Sequence[ProgrammeChoice],
    meetings: Mapping[Localised, Sequence[ProgrammeMeeting]],
    known: Set[tuple[str, str]],
) -> list[Line]:
    """Check every row. `known` are the keys of materials that are there already: they are left as they are."""
    choices = _Choices(
        programmes=programmes,
        meetings=meetings,
        programmes_by_words=vocabulary.programmes_by_words(programmes),
        meetings_by_words=vocabulary.meetings_by_words(chain.from_iterable(meetings.values())),
    )
    first: dict[tuple[str, str], int] = {}
    lines: list[Line] = []
    for row in rows:
        if row.key in known and not row.faults:
            lines.append(Line(row=row, is_known=True))
            continue
        line = _checked(row, choices)
        before = first.setdefault(row.key, row.number)
        if before != row.number and row.values.get("title"):
            repeated = _fault(row, "title", _("the same title and link as in row %(row)d", row=before))
            line = Line(row=row, faults=(*line.faults, repeated))
        lines.append(line)
    return lines


# What a column is called in the form, where that is another name.
_FIELDS = {"programme": "programme_id", "meeting": "meeting_id"}
_COLUMNS = {field: column for column, field in _FIELDS.items()}


def _checked(row: SheetRow, choices: _Choices) -> Line:
    faults = {column: str(wording.CELL_FAULTS[fault]) for column, fault in row.faults.items()}
    given: MultiDict[str, str] = MultiDict()
    for column, text in row.values.items():
        if column in faults or column == "meeting":
            continue
        values, unknown = _values(column, text, choices.programmes_by_words)
        if unknown:
            faults[column] = _unknown_words(column, unknown)
        given.setlist(_FIELDS.get(column, column), values)
    faults |= _meeting(row, given, choices, faults)
    form = DetailsForm(given, meta={"csrf": False})
    form.offer(choices.programmes, choices.meetings)
    if not form.validate():
        for field in form:
            column = _COLUMNS.get(field.name, field.name)
            if field.errors and column not in faults:
                faults[column] = str(field.errors[0])
    if not row.values.get("link") and "link" not in faults:
        faults["link"] = _("a link is needed; a file is added later, on the page of the material")
    if faults:
        return Line(row=row, faults=tuple(_fault(row, column, words) for column, words in faults.items()))
    return Line(row=row, details=form.details())


def _meeting(row: SheetRow, given: MultiDict[str, str], choices: _Choices, faults: Mapping[str, str]) -> dict[str, str]:
    """Find the meeting that a row names within its programme, and put it into the form; give what is wrong."""
    text, programme = row.values.get("meeting", ""), given.get("programme_id", "")
    if "meeting" in faults or "programme" in faults:
        return {}
    if not text:
        return (
            {"meeting": _("when it is used is told of a meeting, and none is named")}
            if row.values.get("moment")
            else {}
        )
    if not programme:
        return {"programme": _("a meeting is named within its programme")}
    found = choices.meetings_by_words.get((programme, folded(text)))
    if found is None:
        return {"meeting": _("this programme has no meeting “%(value)s”", value=text[:_QUOTED])}
    given["meeting_id"] = found
    given.setdefault("moment", Moment.DURING.value)
    return {}


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
