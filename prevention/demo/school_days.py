"""School time of the demo: the calendar of each year, bell times and rooms of some schools, trips and tests."""

from collections.abc import Sequence
from datetime import date, time, timedelta

from prevention.accounts.service import actor_of
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.demo.district import District
from prevention.schools import service as schools
from prevention.schools.models import Site
from prevention.schools.rules import RoomKind
from prevention.schools.school_time import MONDAY_TO_FRIDAY, MONDAY_TO_SATURDAY, BellPlan, ClosureKind, periods_of
from prevention.schools.time_models import BellPeriod, Room

# Three usual weeks: six hours of 60 minutes on six days, hours of 55 on six days, a long week of five days.
WEEKS = (
    BellPlan(starts=time(8), hours=6, minutes=60, weekdays=MONDAY_TO_SATURDAY),
    BellPlan(starts=time(8), hours=6, minutes=55, weekdays=MONDAY_TO_SATURDAY, breaks=((3, 10),)),
    BellPlan(starts=time(7, 55), hours=6, minutes=60, weekdays=MONDAY_TO_FRIDAY, breaks=((2, 10), (4, 10))),
)
# The others entered nothing, as happens: the usual times stand in for them.
SITES_WITH_BELLS = 11


def keep_school_time(district: District, *, years: Sequence[int]) -> None:
    """Load the calendar of each year, and enter what some schools say of their own time."""
    for year in years:
        schools.load_year(None, year)
    # Every other one, so that there are some of each level.
    for number, site in enumerate(district.sites[::2][:SITES_WITH_BELLS]):
        _enter_bells(site, WEEKS[number % len(WEEKS)])
        db.session.add_all(
            [
                Room(site_id=site.id, name="Aula magna", kind=RoomKind.HALL, capacity=120, has_projector=True),
                Room(site_id=site.id, name="Palestra", kind=RoomKind.GYM, capacity=60),
                Room(
                    site_id=site.id,
                    name="Laboratorio",
                    kind=RoomKind.LABORATORY,
                    capacity=28,
                    has_projector=number % 2 == 0,
                ),
            ]
        )
    for year in years[:-1]:
        _add_closures(district, year)
    db.session.flush()


def _enter_bells(site: Site, plan: BellPlan) -> None:
    db.session.add_all(
        BellPeriod(site_id=site.id, weekday=weekday, number=period.number, starts=period.starts, ends=period.ends)
        for weekday, periods in periods_of(plan).items()
        for period in periods
    )


def _add_closures(district: District, year: int) -> None:
    office = actor_of(district.people.office)
    coordinator = next(role.institute_id for role in district.people.coordinator.roles if role.institute_id)
    first_monday = date(year + 1, 4, 20) - timedelta(days=date(year + 1, 4, 20).weekday())
    entries = (
        (first_monday, 4, ClosureKind.TRIP, Localised(it="Viaggio d'istruzione a Roma", en="Trip to Rome"), (4,)),
        (date(year + 1, 3, 8), 2, ClosureKind.INVALSI, Localised(it="Prove INVALSI", en="INVALSI tests"), (2, 5)),
        (date(year + 1, 1, 29), 1, ClosureKind.SCRUTINI, Localised(it="Scrutini del primo periodo"), ()),
    )
    for first_day, days, kind, reason, grades in entries:
        schools.add_closure(
            office,
            schools.ClosureEntry(
                first_day=first_day,
                last_day=first_day + timedelta(days=days - 1),
                kind=kind,
                reason=reason,
                institute_id=coordinator,
                grades=grades,
            ),
            school_year=year,
        )
