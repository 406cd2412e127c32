"""The words of school time: kinds of closures, weekdays, and why a calendar or bell times are refused."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from prevention.core.web import Refusal, day
from prevention.schools.calendar_rules import DaysReversed, OutsideItsYear, WrongKind
from prevention.schools.rules import school_year_label
from prevention.schools.school_time import BellFault, BellsRefused, Closure, ClosureKind

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


def closure_reason(closure: Closure) -> str:
    """Say why a school is closed: what was written, else the kind."""
    return closure.reason.text() or str(KIND_WORDS[closure.kind])


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
