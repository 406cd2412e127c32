"""The words of school time: kinds of closures, weekdays, and why a calendar or bell times are refused."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from flask.sansio.app import App
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from prevention.core.csv_reading import FileRefused
from prevention.core.csv_wording import REASONS
from prevention.core.csv_wording import refusal_in_words as file_refusal
from prevention.core.web import Refusal, day
from prevention.schools.calendar_rules import DaysReversed, OutsideItsYear, WrongKind
from prevention.schools.closure_files import ClosureFault
from prevention.schools.rules import RoomKind, school_year_label
from prevention.schools.school_time import BellFault, BellsRefused, Closure, ClosureKind, Outside
from prevention.schools.time_models import SchoolClosure

KIND_WORDS: Mapping[ClosureKind, LazyString] = {
    ClosureKind.NATIONAL: lazy_gettext("National holiday"),
    ClosureKind.PATRON: lazy_gettext("Patron saint's day"),
    ClosureKind.REGIONAL: lazy_gettext("Regional school holidays"),
    ClosureKind.TRIP: lazy_gettext("School trip"),
    ClosureKind.EXAM: lazy_gettext("Exams"),
    ClosureKind.INVALSI: lazy_gettext("INVALSI tests"),
    ClosureKind.SCRUTINI: lazy_gettext("Class councils for marks"),
    ClosureKind.OTHER: lazy_gettext("Other"),
}

WEEKDAY_WORDS: Mapping[int, LazyString] = {
    0: lazy_gettext("Monday"),
    1: lazy_gettext("Tuesday"),
    2: lazy_gettext("Wednesday"),
    3: lazy_gettext("Thursday"),
    4: lazy_gettext("Friday"),
    5: lazy_gettext("Saturday"),
    6: lazy_gettext("Sunday"),
}

_BELL_FAULTS: Mapping[BellFault, LazyString] = {
    BellFault.REVERSED: lazy_gettext("%(weekday)s, hour %(number)s: it must end after it begins."),
    BellFault.OVERLAPS: lazy_gettext("%(weekday)s, hour %(number)s: it begins before the one before it has ended."),
    BellFault.HALF_WRITTEN: lazy_gettext("%(weekday)s, hour %(number)s: write both when it begins and when it ends."),
    BellFault.TOO_EARLY_OR_LATE: lazy_gettext("%(weekday)s, hour %(number)s: lessons lie between 7:00 and 20:00."),
    BellFault.NONE_AT_ALL: lazy_gettext("Write at least one hour of lessons."),
}


CLOSURE_REASONS: Mapping[StrEnum, LazyString] = {
    **REASONS,
    ClosureFault.NOT_CALENDAR: lazy_gettext("this is not a calendar: it begins with “%(value)s”"),
    ClosureFault.BROKEN_CALENDAR: lazy_gettext("the calendar is damaged here: “%(value)s”"),
    ClosureFault.NO_EVENTS: lazy_gettext("the calendar has no events"),
    ClosureFault.NO_UID: lazy_gettext("the event has no UID, so a second import could not find it again"),
    ClosureFault.REPEATED_ENTRY: lazy_gettext("the same entry already stands in row %(expected)s"),
    ClosureFault.NO_REASON: lazy_gettext("the entry does not say why the school is closed"),
    ClosureFault.LONG_REASON: lazy_gettext("the reason is longer than %(expected)s characters: “%(value)s”"),
    ClosureFault.WRONG_DAY: lazy_gettext("“%(value)s” is not a day such as 2027-03-15 or 15/03/2027"),
    ClosureFault.HAS_HOURS: lazy_gettext("“%(value)s” has hours; closures are whole days"),
    ClosureFault.REPEATS: lazy_gettext("“%(value)s” repeats the event; write each day as an entry of its own"),
    ClosureFault.REVERSED: lazy_gettext("the last day %(expected)s comes before the first day %(value)s"),
    ClosureFault.OTHER_YEAR: lazy_gettext("%(value)s is not in this school year"),
    ClosureFault.WRONG_KIND: lazy_gettext("“%(value)s” is none of: %(expected)s"),
    ClosureFault.WRONG_GRADE: lazy_gettext("“%(value)s” is not a grade; grades are %(expected)s"),
}


def closure_reason(closure: Closure) -> str:
    """Say why a school is closed: what was written, else the kind."""
    return closure.reason.text() or str(KIND_WORDS[closure.kind])


def closure_scope(row: SchoolClosure) -> str:
    """Say for whom closed days hold; reads municipality, institute, site and classes."""
    if row.institute is None:
        return row.municipality.name if row.municipality else _("The whole district")
    where = row.site.display_name if row.site else row.institute.display_name
    if row.classes:
        return f"{where}: " + ", ".join(sorted(each.school_class.label for each in row.classes))
    if row.grades:
        return _("%(school)s: grades %(grades)s", school=where, grades=", ".join(map(str, row.grades)))
    return where


def closed_days(first_day: date, last_day: date) -> str:
    """Write closed days, e.g. "8 to 9 February 2027"."""
    if first_day == last_day:
        return day(first_day)
    return _("%(first)s to %(last)s", first=day(first_day, "medium"), last=day(last_day, "medium"))


def why_in_words(why: Closure | Outside) -> str:
    """Say why a planned meeting cannot be held."""
    if isinstance(why, Closure):
        return closure_reason(why)
    return _("outside the school year") if why is Outside.YEAR else _("outside the bell times")


def closure_file_refusal(refusal: FileRefused) -> str:
    """Say in one sentence which file of closures is refused, where, and why."""
    return file_refusal(refusal, reasons=CLOSURE_REASONS)


ROOM_KINDS: Mapping[RoomKind, LazyString] = {
    RoomKind.CLASSROOM: lazy_gettext("Classroom"),
    RoomKind.LABORATORY: lazy_gettext("Laboratory"),
    RoomKind.GYM: lazy_gettext("Gym"),
    RoomKind.HALL: lazy_gettext("Assembly hall"),
    RoomKind.LIBRARY: lazy_gettext("School library"),
    RoomKind.OTHER: lazy_gettext("Other room"),
}


def init_app(app: App) -> None:
    """Give templates the words."""
    app.jinja_env.filters.update(
        room_kind_words=lambda kind: ROOM_KINDS[kind],
        closure_kind_words=lambda kind: KIND_WORDS[kind],
        closure_scope=closure_scope,
        meeting_hit_words=why_in_words,
    )
    app.jinja_env.globals.update(closed_days=closed_days)


def refusal_in_words(refusal: Refusal) -> str:
    """Say in the reader's language why closed days, a year or bell times are refused."""
    match refusal:
        case DaysReversed():
            return _("The last day must not come before the first.")
        case OutsideItsYear(day=found, school_year=school_year):
            return _("%(day)s is not in the school year %(year)s.", day=day(found), year=school_year_label(school_year))
        case WrongKind(kind=kind):
            return _("Only the education office enters this kind of day: %(kind)s.", kind=KIND_WORDS[kind])
        case BellsRefused(fault=fault, weekday=weekday, number=number):
            return str(_BELL_FAULTS[fault]) % {"weekday": WEEKDAY_WORDS[weekday], "number": number}
        case _:
            raise refusal
