"""Counting accepted signals week by week and raising an alert where chance does not explain a rise."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import select

from prevention.core.db import db
from prevention.early_signals import detection, rules
from prevention.early_signals.detection import Floats
from prevention.early_signals.models import EarlyAlert, EarlySignal
from prevention.early_signals.rules import AlertOrigin, SignalKind, SignalStatus
from prevention.early_signals.service.alerts import write_alert
from prevention.network.models import Municipality
from prevention.schools import service as schools
from prevention.schools.school_time import SchoolTime

# Weeks that are judged again: signals come in late.
WEEKS_JUDGED = 3
LESSON_DAYS = 5


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: SignalKind
    planning_area: str | None
    week: date
    institute_id: uuid.UUID


def raise_alerts(*, now: datetime, today: date) -> list[EarlyAlert]:
    """Judge the last school weeks of every series and raise the alerts that are due, each once. Flushes.

    Reads all accepted signals of six school years, some 25 statements for the calendars of these years, and the
    alerts of the last weeks.
    """
    entries = _entries(today)
    if not entries:
        return []
    this_year, this_week = rules.year_and_week(today)
    oldest = min(rules.year_and_week(entry.week)[0] for entry in entries)
    years = range(max(this_year - detection.YEARS_BACK, oldest), this_year + 1)
    exposure = np.stack([_exposure(year) for year in years])
    exposure[-1, this_week + 1 :] = 0.0
    series = _series(entries)
    counts = detection.carried(_counts(entries, series, years), exposure)
    judged = _Judged(series=series, counts=counts, exposure=exposure, entries=entries, years=years)
    return [
        alert
        # The newest week and the longer window first: an alert that is raised late says how far it has come.
        for week in [int(each) for each in np.flatnonzero(exposure[-1] > 0)][-WEEKS_JUDGED:][::-1]
        for window in detection.WINDOWS[::-1]
        for alert in _judge(judged, week, window, now=now)
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judged:
    series: list[tuple[SignalKind, str | None]]
    counts: Floats
    exposure: Floats
    entries: list[_Entry]
    years: range


def _judge(judged: _Judged, week: int, window: int, *, now: datetime) -> list[EarlyAlert]:
    test = detection.compare_week(judged.counts, judged.exposure, week=week, window=window)
    first, last = _span(judged, week, window)
    raised = []
    told: dict[SignalKind, list[set[uuid.UUID]]] = {}
    for number in np.flatnonzero(detection.is_rise(test)):
        kind, area = judged.series[number]
        institutes = _institutes(judged.entries, kind, area, first=first, last=last)
        name = f"{kind.value}|{area or ''}"
        # One matter in one area is not news of the whole district as well.
        if len(institutes) < rules.SCHOOLS_LEAST or institutes in told.get(kind, []):
            continue
        told.setdefault(kind, []).append(institutes)
        if _was_raised(name, last):
            continue
        alert = write_alert(
            now,
            origin=AlertOrigin.SIGNALS,
            series=name,
            kind=kind,
            planning_area=area,
            week=last,
            figures={
                "schools": len(institutes),
                "weeks": window,
                "expected": round(float(test.expected[number]), 2),
                "p": float(test.p[number]),
            },
        )
        raised += [alert] if alert is not None else []
    return raised


def _span(judged: _Judged, week: int, window: int) -> tuple[date, date]:
    """Give the Mondays of the first and the last week of a window; weeks without school before it belong to it."""
    start, open_weeks = rules.first_monday(judged.years[-1]), np.flatnonzero(judged.exposure[-1] > 0)
    before = [int(each) for each in open_weeks if each < week][-window:]
    first = start + rules.WEEK * (before[0] + 1) if len(before) == window else start
    return first, start + rules.WEEK * week


def _entries(today: date) -> list[_Entry]:
    oldest = rules.first_monday(rules.year_and_week(today)[0] - detection.YEARS_BACK)
    rows = db.session.execute(
        select(EarlySignal.kind, Municipality.planning_area, EarlySignal.week, EarlySignal.institute_id)
        .join(Municipality, EarlySignal.municipality_id == Municipality.id)
        .where(EarlySignal.status == SignalStatus.ACCEPTED, EarlySignal.week >= oldest, EarlySignal.week <= today)
    )
    return [_Entry(kind, area, week, institute_id) for kind, area, week, institute_id in rows]


def _series(entries: Iterable[_Entry]) -> list[tuple[SignalKind, str | None]]:
    """List what is counted: each kind in each area that has a name, and then in the whole district."""
    kinds = list(SignalKind)
    found = {(entry.kind, area) for entry in entries for area in {None, entry.planning_area}}
    return sorted(found, key=lambda each: (kinds.index(each[0]), each[1] is None, each[1] or ""))


def _counts(entries: Iterable[_Entry], series: list[tuple[SignalKind, str | None]], years: range) -> Floats:
    """Count schools: one that signals twice in a week counts once."""
    place = {each: number for number, each in enumerate(series)}
    counts = np.zeros((len(series), len(years), detection.WEEKS))
    for kind, area, week, _institute in {
        (entry.kind, area, entry.week, entry.institute_id) for entry in entries for area in {None, entry.planning_area}
    }:
        year, number = rules.year_and_week(week)
        if year in years:
            counts[place[kind, area], year - years[0], number] += 1
    return counts


def _institutes(
    entries: Iterable[_Entry], kind: SignalKind, area: str | None, *, first: date, last: date
) -> set[uuid.UUID]:
    return {
        entry.institute_id
        for entry in entries
        if entry.kind is kind and area in (None, entry.planning_area) and first <= entry.week <= last
    }


def _was_raised(series: str, monday: date) -> bool:
    recently = select(EarlyAlert.id).where(
        EarlyAlert.series == series,
        EarlyAlert.week > monday - timedelta(days=rules.QUIET_DAYS),
    )
    return db.session.scalar(recently.limit(1)) is not None


def _exposure(school_year: int) -> Floats:
    """Give the share of school days of each week of a school year in the whole district."""
    time = schools.district_time(school_year)
    first = rules.first_monday(school_year)
    return np.array([_share(time, first + rules.WEEK * week, school_year) for week in range(detection.WEEKS)])


def _share(time: SchoolTime, monday: date, school_year: int) -> float:
    days = [monday + timedelta(days=number) for number in range(LESSON_DAYS)]
    if rules.year_and_week(monday)[0] != school_year:
        return 0.0
    return sum(time.is_open(day) for day in days) / LESSON_DAYS
