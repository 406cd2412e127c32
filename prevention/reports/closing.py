"""Is a school year closed, so that its report may be made? What it lacks, asked of the rooms that know."""

from datetime import date

from prevention.delivery.coverage import year_activity
from prevention.delivery.service.chasing import CHASED_FOR
from prevention.indicators import service as indicators
from prevention.reports.edition_rules import Missing, YearNotClosed, missing_of
from prevention.reports.rules import check_year, years_offered
from prevention.schools import service as schools


def missing_in(school_year: int, *, registers: int, today: date) -> Missing:
    """Say what a school year lacks; `registers` were missing when its figures were taken."""
    return missing_of(
        today=today,
        lessons_end=lessons_end(school_year),
        registers_missing=registers,
        unsealed=indicators.unsealed_waves(school_year),
    )


def missing_now(school_year: int, *, today: date) -> Missing:
    """Say what a school year lacks today."""
    registers = year_activity(school_year, today=today).totals.registers_missing
    return missing_in(school_year, registers=registers, today=today)


def check_closed(school_year: int, *, today: date, accepted: int = 0) -> Missing:
    """Refuse a report of a year that is not closed; give what is missing all the same, which the papers then say.

    Registers stand in the way as long as they are asked for (`CHASED_FOR` after the last lesson) and nobody has seen
    and accepted that so many are missing; after that they can no longer be had.

    Raises:
        YearNotOffered: the year has not begun, or lies too far back.
        YearNotClosed: lessons are not over, a survey is not sealed, or registers are missing that may still come.
    """
    check_year(school_year, today=today)
    missing = missing_now(school_year, today=today)
    is_late = today > lessons_end(school_year) + CHASED_FOR
    if missing.but_for_registers(missing.registers if is_late else accepted):
        raise YearNotClosed(missing)
    return missing


def lessons_end(school_year: int) -> date:
    """Give the last day of lessons: that of the calendar, or the region's where none was entered."""
    calendar = schools.calendar_of(school_year)
    return calendar.last_day if calendar is not None else schools.preset_of(school_year).last_day


def newest_over(today: date) -> int:
    """Give the newest school year whose lessons are over."""
    return next((year for year in years_offered(today) if today > lessons_end(year)), years_offered(today)[-1])
