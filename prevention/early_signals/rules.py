"""Decisions about early signals: kinds, weeks, steps of numbers, and what is refused. Pure."""

from datetime import date, timedelta
from enum import StrEnum

from prevention.core.web import Refusal

WEEK = timedelta(days=7)
# How many weeks back a matter may be signalled: teachers' councils meet every month or two.
WEEKS_BACK = 8
SCHOOLS_LEAST = 3
TEXT_MOST = 1_000
NOTE_MOST = 2_000
# Words are erased when the school year after that of the signal is over, at the latest.
KEPT_DAYS = 730
# A rise that goes on is one alert: the next one for the same matter and area comes after as many quiet days.
QUIET_DAYS = 42
# Steps in which numbers of schools are shown.
BANDS = ((3, 5), (6, 10), (11, 20), (21, None))


class SignalKind(StrEnum):
    """What a signal is about."""

    NEW_PRODUCT = "new_product"
    SMOKING = "smoking"
    ALCOHOL = "alcohol"
    DRUGS = "drugs"
    MEDICINES = "medicines"
    GAMBLING = "gambling"
    ONLINE = "online"
    INCIDENTS = "incidents"
    DISTRESS = "distress"


class SignalStatus(StrEnum):
    """Where a signal stands: only accepted ones count."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class AlertOrigin(StrEnum):
    """What raised an alert: signals of schools, or a published figure."""

    SIGNALS = "signals"
    SURVEY = "survey"


class SignalRefusal(Refusal):
    """Base of what this room refuses."""


class NotWaiting(SignalRefusal):
    """The signal was decided already, or withdrawn."""


class WrongWeek(SignalRefusal):
    """The week lies ahead, or further back than may be signalled."""

    def __init__(self, *, first: date, last: date) -> None:
        super().__init__(first, last)
        self.first = first
        self.last = last


class AlertClosed(SignalRefusal):
    """The alert was closed already."""


def monday_of(day: date) -> date:
    """Give the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def first_monday(school_year: int) -> date:
    """Give the Monday on which the first week of a school year begins: that of the week of 1 September."""
    return monday_of(date(school_year, 9, 1))


def year_and_week(day: date) -> tuple[int, int]:
    """Give the school year and the index (from 0) of the school-year week in which a day lies."""
    monday = monday_of(day)
    year = monday.year if monday >= first_monday(monday.year) else monday.year - 1
    return year, (monday - first_monday(year)).days // 7


def weeks_to_choose(today: date) -> list[date]:
    """List the Mondays of the weeks that may be signalled, newest first."""
    return [monday_of(today) - WEEK * back for back in range(WEEKS_BACK + 1)]


def check_week(week: date, *, today: date) -> None:
    """Refuse a week that may not be signalled.

    Raises:
        WrongWeek: it is no Monday, lies ahead, or too far back.
    """
    open_weeks = weeks_to_choose(today)
    if week not in open_weeks:
        raise WrongWeek(first=open_weeks[-1], last=open_weeks[0])


def band_of(schools: int) -> tuple[int, int | None] | None:
    """Give the step in which a number of schools is shown, None below the least number."""
    return next((band for band in reversed(BANDS) if schools >= band[0]), None)
