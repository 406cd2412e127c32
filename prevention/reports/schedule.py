"""The yearly report by itself: from a day that the office chooses, the draft is begun as soon as the year is closed.

Asked once a day (`core.daily`); that there is one edition of a year is held by the database, and that a mail is sent
once by its key. So it does not matter how often, by how many processes, or after which pause it runs. While something
is missing the office is told what, every other week and no more than `MOST_REMINDERS` times.

Figures are collected before anything is written: that takes a second or more, and nobody waits for it.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import current_app

from prevention.accounts import service as accounts
from prevention.config import Settings
from prevention.core import clock, daily
from prevention.delivery.coverage import year_activity
from prevention.indicators import service as indicators
from prevention.reports import closing, edition_reading, editions, schedule_letters, service
from prevention.reports.edition_rules import Missing, OneUnderWay, YearNotClosed
from prevention.reports.figures import YearFigures
from prevention.reports.rules import report_year_of
from prevention.roles import Role

TASK = "yearly report"
AT = time(7, 15)
REMINDED_EVERY = timedelta(days=14)
MOST_REMINDERS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """A year whose report is due since a day: its figures when it is closed, else what it lacks."""

    school_year: int
    since: date
    missing: Missing
    figures: YearFigures | None


def prepare(now: datetime) -> Due | None:
    """Say what is to be done today; None when it is too early, was done, or there is no report to begin. Only reads."""
    if not daily.is_due(TASK, now=now, at=AT):
        return None
    today = clock.day_of(now)
    settings: Settings = current_app.config["SETTINGS"]
    school_year, since = report_year_of(today, day=settings.report_day)
    if edition_reading.latest(school_year) is not None or not _has_anything(school_year, today=today):
        return None
    try:
        missing = closing.check_closed(school_year, today=today)
    except YearNotClosed as refusal:
        return Due(school_year=school_year, since=since, missing=refusal.missing, figures=None)
    figures = service.figures_of(school_year, today=today)
    return Due(school_year=school_year, since=since, missing=missing, figures=figures)


def carry_out(due: Due, *, now: datetime) -> None:
    """Begin the draft and tell the office, or remind it of what is missing; nothing when another process did."""
    if daily.claim(TASK, now=now, at=AT) is None:
        return
    today = clock.day_of(now)
    if due.figures is None:
        number = (today - due.since) // REMINDED_EVERY
        if number < MOST_REMINDERS:
            for person in accounts.users_holding(Role.OFFICE):
                schedule_letters.tell_missing(person, due.missing, school_year=due.school_year, number=number)
        return
    try:
        edition = editions.begin(None, school_year=due.school_year, now=now, today=today, figures=due.figures)
    except OneUnderWay:
        return
    for person in accounts.users_holding(Role.OFFICE):
        schedule_letters.tell_begun(person, edition)


def _has_anything(school_year: int, *, today: date) -> bool:
    """Say whether anything is recorded: a district does not begin with the report of a year it had no part in."""
    booked = year_activity(school_year, today=today).totals.meetings_planned
    return bool(booked or indicators.sealed_manifests(school_year) or indicators.unsealed_waves(school_year))
