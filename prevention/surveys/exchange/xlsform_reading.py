"""Reading an XLSForm workbook: checked by pyxform first, then turned into a definition, row by row.

Rows are named as a spreadsheet shows them, the header being row 1. The language of texts in columns without one
(``label``) is the workbook's default language if it names one that we know, else the one handed in.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from prevention.surveys.exchange.conditions import NO_ROUTING, Named, NotSayable, Routing, both, routing_of
from prevention.surveys.exchange.importing import (
    DECLINES,
    LONGEST_TEXT,
    MOST_BYTES,
    MOST_OPTIONS,
    MOST_UNPACKED_BYTES,
    Draft,
    Imported,
    ImportRefused,
    Outcome,
    Why,
    item_of,
    language_code,
    option_code,
    plain_text,
)

MOST_ROWS, MOST_COLUMNS = 5000, 200

# Whole numbers offered for a number question that states no range; more than this is not a list to choose from.
USUAL_RANGE = (0, 100)
WIDEST_RANGE = 150

_DROPPED = {
    **dict.fromkeys(("text", "string", "barcode"), Why.FREE_TEXT),
    **dict.fromkeys(
        (
            "start", "end", "today", "deviceid", "device_id", "phonenumber", "phone_number", "username", "email",
            "simserial", "sim_id", "subscriberid", "subscriber_id", "imei", "uri:deviceid", "audit", "start-geopoint",
            "background-audio",
        ),
        Why.METADATA,
    ),
    **dict.fromkeys(("calculate", "calculation", "hidden", "csv-external", "xml-external", "entity"), Why.CALCULATION),
    **dict.fromkeys(("note", "acknowledge", "trigger"), Why.NOTE),
    **dict.fromkeys(
        (
            "geopoint", "geotrace", "geoshape", "background-geopoint", "image", "photo", "picture", "audio", "video",
            "file",
        ),
        Why.PLACE_OR_FILE,
    ),
    **dict.fromkeys(("date", "time", "datetime", "dateTime"), Why.DATE_OR_TIME),
    **dict.fromkeys(("rank", "odk:rank"), Why.RANKING),
}  # fmt: skip
_SINGLE = ("select_one", "select1", "select one", "select_one_from_file")
_MULTIPLE = ("select_multiple", "select", "select all that apply", "select_multiple_from_file", "select_multiple_from")

Row = Mapping[str, str]


@dataclass(slots=True)
class _Group:
    title: dict[str, str]
    routing: Routing
    is_repeat: bool = False


@dataclass(slots=True)
class _Reading:
    """Where the reading stands: the draft, the workbook's lists, the groups that are open."""

    draft: Draft
    choices: Mapping[str, list[tuple[int, Row]]]
    default: str
    groups: list[_Group] = field(default_factory=list)
    known: dict[str, Named] = field(default_factory=dict)
    section: str = ""
    unknown_languages: set[str] = field(default_factory=set)


def read_xlsform(content: bytes, *, file_name: str, language: str = "it", is_lenient: bool = False) -> Imported:
    """Read an XLSForm workbook (.xlsx).

    Args:
        content: the file.
        file_name: how the person calls it, for messages.
        language: of texts for which the workbook names none.
        is_lenient: take in what can be read of a workbook that pyxform refuses: its objection stands in the report, and
            a name used twice in a group is given a number.

    Raises:
        ImportRefused: it is no workbook, not a valid XLSForm (pyxform's reason, with sheet and row), or nothing in
            it can be asked here.
    """
    draft = Draft(file_name=file_name, language=language)
    sheets = _sheets(content, draft)
    if "survey" not in sheets:
        raise draft.refuse(Why.NO_SURVEY)
    try:
        _validate(content, draft)
    except ImportRefused as refused:
        if not is_lenient:
            raise
        draft.note(Outcome.DROPPED, refused.place, file_name, Why.INVALID, refused.value)
        _mend_names(sheets["survey"], draft)
    settings = sheets.get("settings", [])
    setting = settings[0][1] if settings else {}
    default = language_code(setting.get("default_language", "")) or language
    draft.language = default
    reading = _Reading(draft=draft, choices=_lists(sheets.get("choices", [])), default=default)
    draft.title = {default: plain_text(setting.get("form_title") or setting.get("form_id") or file_name)[:120]}
    reading.section = draft.section(draft.title)
    for number, row in sheets["survey"]:
        _read_row(reading, number, row)
    return draft.finished(setting.get("form_id") or "imported")


# ---- The workbook -------------------------------------------------------------------------------------------------


def _sheets(content: bytes, draft: Draft) -> dict[str, list[tuple[int, dict[str, str]]]]:
    """Read the sheets as rows of column name to text, each with its number; names in small letters."""
    import openpyxl

    if len(content) > MOST_BYTES:
        raise draft.refuse(Why.TOO_BIG)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED_BYTES:
                raise draft.refuse(Why.TOO_BIG)
        book = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True)
    except ImportRefused:
        raise
    except Exception as error:  # a damaged workbook fails in the reader's parts in any of their ways
        raise draft.refuse(Why.NOT_A_FILE, value=type(error).__name__) from error
    try:
        return {
            sheet.title.strip().lower(): list(
                _rows(sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True))
            )
            for sheet in book.worksheets
        }
    except Exception as error:  # as above: sheets are only read here
        raise draft.refuse(Why.BROKEN, value=type(error).__name__) from error
    finally:
        book.close()


def _rows(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[int, dict[str, str]]]:
    header = [_column(name) for name in next(rows, ())]
    for number, values in enumerate(rows, start=2):
        row = {name: _cell(value) for name, value in zip(header, values, strict=False) if name and _cell(value)}
        if row:
            yield number, row


def _column(name: Any) -> str:
    text = str(name or "").strip()
    head, colons, tail = text.partition("::") if "::" in text else text.partition(":")
    return f"{head.strip().lower()}::{tail.strip()}" if colons and tail else text.lower()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _lists(rows: Sequence[tuple[int, Row]]) -> dict[str, list[tuple[int, Row]]]:
    found: dict[str, list[tuple[int, Row]]] = {}
    for number, row in rows:
        name = row.get("list_name") or row.get("list name") or ""
        found.setdefault(name, []).append((number, row))
    return found


def _mend_names(rows: Sequence[tuple[int, dict[str, str]]], draft: Draft) -> None:
    """Give another name to a question whose name its group used before; conditions go on meaning the first."""
    stack: list[set[str]] = [set()]
    for number, row in rows:
        kind, name = row.get("type", "").lower(), row.get("name", "")
        if kind.startswith("end"):
            stack = stack[:-1] or [set()]
            continue
        plain, count = name, 2
        while name and name.lower() in stack[-1]:
            name, count = f"{plain}_{count}", count + 1
        if name != plain:
            row["name"] = name
            draft.note(Outcome.MAPPED, _place(number), plain, Why.RENAMED, name)
        stack[-1].add(name.lower())
        if kind.startswith("begin"):
            stack.append(set())


def _validate(content: bytes, draft: Draft) -> None:
    """Let pyxform say whether this is an XLSForm; it names row and sheet itself."""
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    try:
        convert(xlsform=BytesIO(content), file_type=".xlsx", validate=False)
    except PyXFormError as error:
        text = " ".join(str(error).split())
        row = re.search(r"\[row\s*:\s*(\d+)\]\s*", text)
        sheet = re.search(r"[Oo]n the '(\w+)' sheet", text)
        place = f"{sheet[1] if sheet else 'survey'}:{row[1]}" if row else ""
        raise draft.refuse(Why.INVALID, place=place, value=text.replace(row[0], "") if row else text) from error
    except Exception as error:  # what pyxform does not check fails inside it in many ways
        raise draft.refuse(Why.INVALID, value=f"{type(error).__name__}: {error}"[:200]) from error


# ---- Rows of the survey sheet -------------------------------------------------------------------------------------


def _place(number: int, sheet: str = "survey") -> str:
    return f"{sheet}:{number}"


def _read_row(reading: _Reading, number: int, row: Row) -> None:
    kind = " ".join(row.get("type", "").split())
    lowered = kind.lower().replace(" ", "_", 1) if kind.lower().startswith(("begin ", "end ")) else kind.lower()
    name = row.get("name", "")
    if lowered.startswith("begin"):
        _begin(reading, number, row, is_repeat="repeat" in lowered)
    elif lowered.startswith(("end_", "end group", "end repeat")):
        if reading.groups:
            reading.groups.pop()
        title = reading.groups[-1].title if reading.groups else reading.draft.title
        reading.section = reading.draft.section(title)
    elif lowered.split("_from_file")[0].split(" ")[0] in (*_SINGLE, *_MULTIPLE) or lowered.startswith(
        _SINGLE + _MULTIPLE
    ):
        _read_select(reading, number, row, kind)
    elif lowered in ("integer", "int", "range", "decimal"):
        _read_number(reading, number, row, lowered)
    elif lowered:
        why = _DROPPED.get(lowered) or _DROPPED.get(lowered.split(" ")[0]) or Why.UNKNOWN_TYPE
        reading.draft.note(Outcome.DROPPED, _place(number), name, why, kind)


def _begin(reading: _Reading, number: int, row: Row, *, is_repeat: bool) -> None:
    draft, name = reading.draft, row.get("name", "")
    if is_repeat:
        draft.note(Outcome.MAPPED, _place(number), name, Why.REPEATED)
    outer = reading.groups[-1].routing if reading.groups else NO_ROUTING
    title = _texts(reading, row, "label", number) or {reading.default: name}
    reading.groups.append(_Group(title, _routing(reading, number, row, outer), is_repeat))
    reading.section = draft.section(title)


def _texts(reading: _Reading, row: Row, column: str, number: int) -> dict[str, str]:
    """Give the texts of a column in each language that we know; a language that we do not is noted once."""
    found: dict[str, str] = {}
    for key, value in row.items():
        head, _, tail = key.partition("::")
        if head != column:
            continue
        language = reading.default if not tail else language_code(tail)
        if language is None:
            if tail not in reading.unknown_languages:
                reading.unknown_languages.add(tail)
                reading.draft.note(Outcome.DROPPED, _place(number), tail, Why.LANGUAGE)
            continue
        text = plain_text(value)
        if len(text) > LONGEST_TEXT:
            raise reading.draft.refuse(Why.LONG_TEXT, place=_place(number), value=text[:60])
        if text and text != "-":
            found[language] = text
    return found


def _routing(reading: _Reading, number: int, row: Row, outer: Routing) -> Routing:
    """Give the routing of a row inside its groups; a condition that cannot be said is noted and left out."""
    condition = row.get("relevant") or row.get("relevance") or row.get("bind::relevant") or ""
    if not condition:
        return outer
    place, name = _place(number), row.get("name", "")
    try:
        own = routing_of(condition, find=reading.known.get)
        joined = both(outer, own)
    except NotSayable:
        reading.draft.note(Outcome.DROPPED, place, name, Why.CONDITION, condition)
        return outer
    if not own.is_exact:
        reading.draft.note(Outcome.MAPPED, place, name, Why.CONDITION_WHEN_EMPTY, condition)
    return joined


def _read_select(reading: _Reading, number: int, row: Row, kind: str) -> None:
    draft, place, name = reading.draft, _place(number), row.get("name", "")
    head, list_name, has_other = _parts_of_select(kind)
    if "from_file" in head:
        draft.note(Outcome.DROPPED, place, name, Why.OUTSIDE_LIST, kind)
        return
    choices = reading.choices.get(list_name, [])
    if not choices:
        draft.note(Outcome.DROPPED, place, name, Why.OUTSIDE_LIST if "${" in list_name else Why.NO_CHOICES, list_name)
        return
    if len(choices) > MOST_OPTIONS:
        draft.note(Outcome.DROPPED, place, name, Why.TOO_MANY_CHOICES, str(len(choices)))
        return
    options, codes = _options(reading, choices, place, name)
    if has_other:
        options.append({"code": option_code("other", taken=codes.values()), "it": "altro", "en": "other"})
        draft.note(Outcome.MAPPED, place, name, Why.OTHER_OPTION)
    is_multiple = head.startswith(("select_multiple", "select all")) or head == "select"
    _add(
        reading, number, row,
        kind="multiple" if is_multiple else "single",
        options=draft.options(list_name, options),
        values=codes,
    )  # fmt: skip
    if row.get("choice_filter"):
        draft.note(Outcome.DROPPED, place, name, Why.CHOICE_FILTER, row["choice_filter"])


def _parts_of_select(kind: str) -> tuple[str, str, bool]:
    """Take ``select_one yes_no or_other`` apart: type, list, whether "other" is added."""
    words = kind.split()
    has_other = words[-1].lower() in ("or_other", "other") and len(words) > 2
    if has_other:
        words = words[:-2] if [word.lower() for word in words[-2:]] == ["or", "other"] else words[:-1]
    return " ".join(words[:-1]).lower(), words[-1], has_other


def _options(
    reading: _Reading, choices: Sequence[tuple[int, Row]], place: str, name: str
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Give the answers of a list, and the codes of the file's names; "prefer not to say" gives way to ours."""
    options: list[dict[str, Any]] = []
    codes: dict[str, str] = {}
    for number, row in choices:
        given = row.get("name") or row.get("value") or ""
        if given.lower() in DECLINES:
            reading.draft.note(Outcome.MAPPED, place, name, Why.DECLINE_OPTION, given)
            continue
        code = option_code(given, taken=codes.values())
        codes[given] = code
        texts = _texts(reading, row, "label", number) or {reading.default: given}
        options.append({"code": code, **texts})
    return options, codes


def _read_number(reading: _Reading, number: int, row: Row, kind: str) -> None:
    draft, place, name = reading.draft, _place(number), row.get("name", "")
    limits = _limits(row)
    if kind == "decimal" and limits is None:
        draft.note(Outcome.DROPPED, place, name, Why.WIDE_RANGE, kind)
        return
    if limits is None:
        limits = USUAL_RANGE
        draft.note(Outcome.MAPPED, place, name, Why.USUAL_RANGE, f"{limits[0]}-{limits[1]}")
    if not 0 < limits[1] - limits[0] <= WIDEST_RANGE:
        draft.note(Outcome.DROPPED, place, name, Why.WIDE_RANGE, f"{limits[0]}-{limits[1]}")
        return
    numbers = {str(value): str(value) for value in range(limits[0], limits[1] + 1)}
    _add(reading, number, row, kind="number", minimum=limits[0], maximum=limits[1], values=numbers)


def _limits(row: Row) -> tuple[int, int] | None:
    """Find the whole numbers that a constraint or a range allows; None when it does not say both ends."""
    constraint = row.get("constraint", "")
    least = re.search(r"\.\s*(>=?)\s*(-?\d+)", constraint)
    most = re.search(r"\.\s*(<=?)\s*(-?\d+)", constraint)
    between = re.search(r"between\(\s*\.\s*,\s*(-?\d+)\s*,\s*(-?\d+)\s*\)", constraint)
    if between:
        return int(between[1]), int(between[2])
    if least and most:
        return int(least[2]) + (least[1] == ">"), int(most[2]) - (most[1] == "<")
    parameters = row.get("parameters", "") or row.get("type", "")
    start, end = (re.search(rf"{word}\s*=\s*(-?\d+)\b", parameters) for word in ("start", "end"))
    if start and end:
        return int(start[1]), int(end[1])
    return (1, 10) if row.get("type", "").lower() == "range" else None


def _add(reading: _Reading, number: int, row: Row, *, kind: str, values: Mapping[str, str], **more: Any) -> None:
    draft, place, name = reading.draft, _place(number), row.get("name", "")
    outer = reading.groups[-1].routing if reading.groups else NO_ROUTING
    routing = _routing(reading, number, row, outer)
    code = draft.free_code(name, place=place)
    text = _texts(reading, row, "label", number) or {reading.default: name}
    draft.items.append(
        item_of(
            code, reading.section, kind, text,
            hint=_texts(reading, row, "hint", number),
            asked_if=routing.asked_if, skipped_if=routing.skipped_if, **more,
        )
    )  # fmt: skip
    # The first of two questions of one name keeps it: that is the one that conditions after it mean.
    reading.known.setdefault(name, Named(code, tuple(values.values()), is_multiple=kind == "multiple"))
    draft.note(Outcome.KEPT, place, name, value=code if code != name else "")
    if row.get("required", "").lower() in ("yes", "true", "true()"):
        draft.note(Outcome.MAPPED, place, name, Why.NEVER_REQUIRED)
