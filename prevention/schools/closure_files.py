"""Closures from a file that a school exports: a calendar (iCalendar, RFC 5545) or a table (CSV): all of it or none.

Reads and checks; writes nothing. Refuses with file, line and reason what could only be guessed: an event with hours
(a closure is whole days), one that repeats, one without a name or outside the school year. What identifies an entry is
its UID in a calendar, its days, kind, site and grades in a table: a second import finds it again and changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import IO, Any

from icalendar import Event

from prevention.core.csv_reading import FileFault, FileRefused, open_table
from prevention.schools.calendar_rules import year_bounds
from prevention.schools.school_time import SCHOOL_KINDS, ClosureKind
from prevention.schools.time_models import REASON_LENGTH_MAX

# A school's calendar of a year is some 50 kB; this is the whole life of one.
MAX_BYTES = 4 * 1024 * 1024
LONGEST_UID = 255

_COLUMNS = ("dal", "al", "tipo", "motivo", "classi")
_DAY_FORMATS = ("%Y-%m-%d", "%d/%m/%Y")
_KINDS: Mapping[str, ClosureKind] = {
    **{kind.value: kind for kind in SCHOOL_KINDS},
    "gita": ClosureKind.TRIP,
    "viaggio": ClosureKind.TRIP,
    "uscita": ClosureKind.TRIP,
    "esame": ClosureKind.EXAM,
    "esami": ClosureKind.EXAM,
    "altro": ClosureKind.OTHER,
}


class ClosureFault(StrEnum):
    """Why a file of closures is refused, besides the faults of every table (`FileFault`)."""

    NOT_CALENDAR = "not_calendar"
    BROKEN_CALENDAR = "broken_calendar"
    NO_EVENTS = "no_events"
    NO_UID = "no_uid"
    REPEATED_ENTRY = "repeated_entry"
    NO_REASON = "no_reason"
    LONG_REASON = "long_reason"
    WRONG_DAY = "wrong_day"
    HAS_HOURS = "has_hours"
    REPEATS = "repeats"
    REVERSED = "reversed"
    OTHER_YEAR = "other_year"
    WRONG_KIND = "wrong_kind"
    WRONG_GRADE = "wrong_grade"


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundClosure:
    """One entry of a file: days (both ends included), kind, reason, grades (empty: all), and what identifies it."""

    row: int
    key: str
    first_day: date
    last_day: date
    kind: ClosureKind
    reason: str
    grades: tuple[int, ...] = ()
    is_cancelled: bool = False


def read_closures(
    stream: IO[bytes], *, file_name: str, school_year: int, kind: ClosureKind, grades: range
) -> list[FoundClosure]:
    """Read a file of closures.

    Args:
        stream: seekable bytes; a calendar is told by its first line, anything else is a table.
        school_year: in which every day must lie.
        kind: that of calendar entries, which do not say theirs.
        grades: those that the school has.

    Raises:
        FileRefused: at the first entry that is wrong, with its line.
    """
    stream.seek(0)
    beginning = stream.read(64)
    if beginning.removeprefix(b"\xef\xbb\xbf").lstrip().upper().startswith(b"BEGIN:"):
        found = list(_read_calendar(stream, file_name, kind))
    else:
        found = list(_read_table(stream, file_name, grades))
    _check(found, file_name=file_name, school_year=school_year)
    return found


def _check(found: Sequence[FoundClosure], *, file_name: str, school_year: int) -> None:
    first, last = year_bounds(school_year)
    rows: dict[str, int] = {}
    for entry in found:

        def refused(
            fault: ClosureFault, *, row: int = entry.row, value: str | None = None, expected: str | None = None
        ) -> FileRefused:
            return FileRefused(fault, file_name=file_name, row=row, value=value, expected=expected)

        if entry.last_day < entry.first_day:
            raise refused(ClosureFault.REVERSED, value=entry.first_day.isoformat(), expected=entry.last_day.isoformat())
        for day in (entry.first_day, entry.last_day):
            if not first <= day <= last:
                raise refused(ClosureFault.OTHER_YEAR, value=day.isoformat())
        if not entry.reason:
            raise refused(ClosureFault.NO_REASON)
        if len(entry.reason) > REASON_LENGTH_MAX:
            raise refused(ClosureFault.LONG_REASON, value=entry.reason, expected=str(REASON_LENGTH_MAX))
        if entry.key in rows:
            raise refused(ClosureFault.REPEATED_ENTRY, expected=str(rows[entry.key]))
        rows[entry.key] = entry.row


# --- Tables ---


def _read_table(stream: IO[bytes], file_name: str, grades: range) -> Iterator[FoundClosure]:
    table = open_table(stream, file_name=file_name, max_bytes=MAX_BYTES)
    places = table.positions(_COLUMNS)
    for row, values in table.records:
        first, last, kind, reason, for_grades = (values[place].strip() for place in places)
        first_day = _day(first, file_name=file_name, row=row, column="dal")
        last_day = _day(last, file_name=file_name, row=row, column="al") if last else first_day
        found_kind = _KINDS.get(kind.casefold()) if kind else ClosureKind.OTHER
        if found_kind is None:
            raise FileRefused(
                ClosureFault.WRONG_KIND,
                file_name=file_name,
                row=row,
                column="tipo",
                value=kind,
                expected=", ".join(_KINDS),
            )
        found_grades = _grades(for_grades, grades, file_name=file_name, row=row)
        key = f"csv:{first_day}:{last_day}:{found_kind}:{','.join(map(str, found_grades))}:{reason.casefold()}"
        yield FoundClosure(
            row=row,
            key=key,
            first_day=first_day,
            last_day=last_day,
            kind=found_kind,
            reason=reason,
            grades=found_grades,
        )


def _day(text: str, *, file_name: str, row: int, column: str) -> date:
    for layout in _DAY_FORMATS:
        try:
            return datetime.strptime(text, layout).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    raise FileRefused(ClosureFault.WRONG_DAY, file_name=file_name, row=row, column=column, value=text)


def _grades(text: str, grades: range, *, file_name: str, row: int) -> tuple[int, ...]:
    parts = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    for part in parts:
        if not part.isdigit() or int(part) not in grades:
            expected = ", ".join(map(str, grades))
            raise FileRefused(
                ClosureFault.WRONG_GRADE, file_name=file_name, row=row, column="classi", value=part, expected=expected
            )
    return tuple(sorted({int(part) for part in parts}))


# --- Calendars ---


def _read_calendar(stream: IO[bytes], file_name: str, kind: ClosureKind) -> Iterator[FoundClosure]:
    lines = _content_lines(stream, file_name)
    if lines[0][1].strip().upper() != "BEGIN:VCALENDAR":
        raise FileRefused(ClosureFault.NOT_CALENDAR, file_name=file_name, row=lines[0][0], value=lines[0][1])
    is_empty = True
    for block in _events(lines, file_name):
        is_empty = False
        yield _entry(block, file_name, kind)
    if is_empty:
        raise FileRefused(ClosureFault.NO_EVENTS, file_name=file_name)


def _content_lines(stream: IO[bytes], file_name: str) -> list[tuple[int, str]]:
    """Undo the folding of lines (RFC 5545, 3.1), keeping for each the number of the line on which it begins."""
    stream.seek(0)
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise FileRefused(FileFault.TOO_BIG, file_name=file_name, expected=f"{MAX_BYTES // 1024 // 1024} MiB")
    lines: list[tuple[int, str]] = []
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            byte = f"0x{raw[error.start]:02X}"
            raise FileRefused(FileFault.NOT_UTF8, file_name=file_name, row=number, value=byte) from error
        if text[:1] in (" ", "\t") and lines:
            lines[-1] = (lines[-1][0], lines[-1][1] + text[1:])
        elif text.strip():
            lines.append((number, text))
    return lines


def _events(lines: Sequence[tuple[int, str]], file_name: str) -> Iterator[list[tuple[int, str]]]:
    """Cut the events out of a calendar; every component must end as it began."""
    open_components: list[tuple[str, int]] = []
    block: list[tuple[int, str]] = []
    for number, text in lines:
        name, _colon, component = text.strip().upper().partition(":")
        if name == "BEGIN":
            open_components.append((component, number))
        is_of_event = any(each == "VEVENT" for each, _row in open_components)
        if is_of_event:
            block.append((number, text))
        if name == "END":
            if not open_components or open_components[-1][0] != component:
                raise FileRefused(ClosureFault.BROKEN_CALENDAR, file_name=file_name, row=number, value=text)
            open_components.pop()
            if component == "VEVENT":
                yield block
                block = []
    if open_components:
        component, number = open_components[-1]
        raise FileRefused(ClosureFault.BROKEN_CALENDAR, file_name=file_name, row=number, value=f"BEGIN:{component}")


def _entry(block: Sequence[tuple[int, str]], file_name: str, kind: ClosureKind) -> FoundClosure:
    row = block[0][0]
    for number, text in block:
        if ":" not in text:
            raise FileRefused(ClosureFault.BROKEN_CALENDAR, file_name=file_name, row=number, value=text)
        if text.upper().startswith(("RRULE", "RDATE")):
            raise FileRefused(ClosureFault.REPEATS, file_name=file_name, row=number, value=text)
    try:
        event = Event.from_ical("\r\n".join(text for _number, text in block) + "\r\n")
    except (ValueError, IndexError, KeyError) as error:
        raise FileRefused(ClosureFault.BROKEN_CALENDAR, file_name=file_name, row=row, value=str(error)) from error
    uid = str(event.get("UID", "")).strip()
    if not uid or len(uid) > LONGEST_UID:
        raise FileRefused(ClosureFault.NO_UID, file_name=file_name, row=row)
    first_day = _event_day(event, "DTSTART", block, file_name)
    last_day = first_day
    if "DTEND" in event:
        # The end of an event of whole days is the day after its last one (RFC 5545, 3.6.1).
        last_day = max(first_day, _event_day(event, "DTEND", block, file_name) - timedelta(days=1))
        if _event_day(event, "DTEND", block, file_name) < first_day:
            last_day = _event_day(event, "DTEND", block, file_name)
    return FoundClosure(
        row=row,
        key=f"ics:{uid}",
        first_day=first_day,
        last_day=last_day,
        kind=kind,
        reason=" ".join(str(event.get("SUMMARY", "")).split()),
        is_cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
    )


def _event_day(event: Any, name: str, block: Sequence[tuple[int, str]], file_name: str) -> date:
    row, text = next(((number, text) for number, text in block if text.upper().startswith(name)), block[0])
    try:
        moment = getattr(event.get(name), "dt", None)
    except (ValueError, AttributeError, KeyError):
        moment = None
    if isinstance(moment, datetime):
        raise FileRefused(ClosureFault.HAS_HOURS, file_name=file_name, row=row, value=text)
    if not isinstance(moment, date):
        raise FileRefused(ClosureFault.WRONG_DAY, file_name=file_name, row=row, value=text)
    return moment
