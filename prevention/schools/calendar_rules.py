"""Decisions about the calendar of a school year and the closures in it. Pure."""

from datetime import date

from prevention.core.web import Refusal
from prevention.schools.rules import SCHOOL_YEAR_FIRST_MONTH
from prevention.schools.school_time import SCHOOL_KINDS, ClosureKind


class DaysReversed(Refusal):
    """The last day comes before the first."""

    def __init__(self, *, first_day: date, last_day: date) -> None:
        super().__init__(first_day, last_day)
        self.first_day = first_day
        self.last_day = last_day


class OutsideItsYear(Refusal):
    """A day lies outside the school year (1 September to 31 August) that it is said to be in."""

    def __init__(self, *, day: date, school_year: int) -> None:
        super().__init__(day, school_year)
        self.day = day
        self.school_year = school_year


class WrongKind(Refusal):
    """A school said something that only the office may say, e.g. that a day is a national one."""

    def __init__(self, *, kind: ClosureKind) -> None:
        super().__init__(kind)
        self.kind = kind


def year_bounds(school_year: int) -> tuple[date, date]:
    """Give the first and last day of a school year, both included."""
    return date(school_year, SCHOOL_YEAR_FIRST_MONTH, 1), date(school_year + 1, SCHOOL_YEAR_FIRST_MONTH - 1, 31)


def check_year(school_year: int, *, first_day: date, last_day: date) -> None:
    """Refuse a first and last day of lessons that cannot be those of the school year.

    Raises:
        DaysReversed: the last day is not after the first.
        OutsideItsYear: one of them lies in another school year.
    """
    if last_day <= first_day:
        raise DaysReversed(first_day=first_day, last_day=last_day)
    _check_inside(school_year, first_day, last_day)


def check_closure(
    school_year: int, *, first_day: date, last_day: date, kind: ClosureKind, is_of_district: bool
) -> None:
    """Refuse closed days that cannot be.

    Raises:
        DaysReversed: the last day comes before the first.
        OutsideItsYear: one of them lies in another school year.
        WrongKind: a single school cannot have a national, patron or regional day.
    """
    if last_day < first_day:
        raise DaysReversed(first_day=first_day, last_day=last_day)
    _check_inside(school_year, first_day, last_day)
    if not is_of_district and kind not in SCHOOL_KINDS:
        raise WrongKind(kind=kind)


def _check_inside(school_year: int, *days: date) -> None:
    first, last = year_bounds(school_year)
    for day in days:
        if not first <= day <= last:
            raise OutsideItsYear(day=day, school_year=school_year)
