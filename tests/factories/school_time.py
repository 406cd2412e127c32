"""The smallest valid rows of school time. Every factory flushes; nothing commits."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from prevention.core import clock
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.schools.models import SchoolClass, Site
from prevention.schools.regional_calendar import preset_year
from prevention.schools.rules import school_year_of
from prevention.schools.school_time import MONDAY_TO_SATURDAY, BellPlan, ClosureKind, periods_of
from prevention.schools.time_models import BellPeriod, ClosureClass, Room, SchoolClosure
from tests.factories.schools import SCHOOL_YEAR, make_site

_numbers = count(1)


def next_lesson(*, days_ahead: int = 60) -> datetime:
    """Find a moment, some weeks from now, at which a school that said nothing of its own time has lessons."""
    day = clock.today() + timedelta(days=days_ahead)
    while not _is_school_day(day):
        day += timedelta(days=1)
    return datetime.combine(day, time(10), tzinfo=clock.ROME).astimezone(UTC)


def _is_school_day(day: date) -> bool:
    year = preset_year(school_year_of(day), provinces=("CR",))
    is_closed = any(each.first_day <= day <= each.last_day for each in year.closures)
    return year.first_day <= day <= year.last_day and day.weekday() in MONDAY_TO_SATURDAY and not is_closed


def make_closure(*, classes: Sequence[SchoolClass] = (), **values: Any) -> SchoolClosure:
    """Make a closed day of the whole district, Tuesday 12 January 2027, unless told otherwise."""
    first_day = values.setdefault("first_day", date(2027, 1, 12))
    row = SchoolClosure(
        **{
            "school_year": SCHOOL_YEAR,
            "last_day": first_day,
            "kind": ClosureKind.OTHER,
            "reason": Localised(it="Disinfestazione", en="Pest control"),
            "grades": [],
            **values,
        },
        classes=[ClosureClass(school_class_id=each.id) for each in classes],
    )
    db.session.add(row)
    db.session.flush()
    return row


def make_bells(site: Site, plan: BellPlan | None = None) -> list[BellPeriod]:
    """Give a site a regular week; six hours of 55 minutes from 8:00 on six days, a break after the third."""
    plan = plan or BellPlan(starts=time(8), hours=6, minutes=55, weekdays=MONDAY_TO_SATURDAY, breaks=((3, 10),))
    rows = [
        BellPeriod(site_id=site.id, weekday=weekday, number=period.number, starts=period.starts, ends=period.ends)
        for weekday, periods in periods_of(plan).items()
        for period in periods
    ]
    db.session.add_all(rows)
    db.session.flush()
    return rows


def make_room(**values: Any) -> Room:
    """Make a room for thirty, in a site of its own unless one is given."""
    if "site" not in values and "site_id" not in values:
        values["site"] = make_site()
    row = Room(**{"name": f"Aula {next(_numbers)}", "capacity": 30, "has_projector": True, **values})
    db.session.add(row)
    db.session.flush()
    return row
