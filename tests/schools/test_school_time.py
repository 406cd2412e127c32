"""When a school is open is one answer, for booking and planning alike: year, closures, bell times."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from prevention.booking.rules import Span
from prevention.core.i18n import Localised
from prevention.schools import service
from prevention.schools.school_time import (
    MONDAY_TO_FRIDAY,
    MONDAY_TO_SATURDAY,
    BellFault,
    BellPlan,
    BellsRefused,
    Closure,
    ClosureKind,
    Outside,
    Period,
    SchoolTime,
    assumed_periods,
    check_bells,
    periods_of,
    stretches,
    widest,
)
from tests.factories.network import make_municipality
from tests.factories.school_time import make_bells, make_closure
from tests.factories.schools import make_school_class, make_site
from tests.support.queries import counted_queries

ROME = ZoneInfo("Europe/Rome")
TUESDAY = date(2027, 1, 12)
ONE_CLASS = uuid.UUID(int=1)


def closure(**values: object) -> Closure:
    return Closure(
        **{
            "first_day": TUESDAY,
            "last_day": TUESDAY,
            "kind": ClosureKind.TRIP,
            "reason": Localised(it="Gita"),
            **values,
        }  # type: ignore[arg-type]  # a test names what it is about
    )


def school_time(*closures: Closure, week: dict[int, tuple[Period, ...]] | None = None) -> SchoolTime:
    return SchoolTime(
        school_year=2026,
        first_day=date(2026, 9, 12),
        last_day=date(2027, 6, 8),
        closures=closures,
        periods=assumed_periods() if week is None else week,
        zone=ROME,
    )


def at(day: date, hour: int, minute: int = 0, *, minutes: int = 60) -> Span:
    start = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ROME)
    return Span(starts_at=start.astimezone(UTC), ends_at=(start + timedelta(minutes=minutes)).astimezone(UTC))


@pytest.mark.parametrize(
    ("day", "is_closed"),
    [(date(2027, 1, 11), False), (date(2027, 1, 12), True), (date(2027, 1, 14), True), (date(2027, 1, 15), False)],
)
def test_both_ends_of_a_closure_are_closed(day: date, *, is_closed: bool) -> None:
    found = school_time(closure(last_day=date(2027, 1, 14)))

    assert is_closed == (found.why_closed(day) is not None)


def test_a_closure_of_some_grades_leaves_the_others_open() -> None:
    trip = closure(grades=frozenset({4}))
    found = school_time(trip)

    assert trip == found.why_closed(TUESDAY, grade=4)
    assert found.why_closed(TUESDAY, grade=3) is None
    assert found.why_closed(TUESDAY) is None


def test_a_closure_of_one_class_leaves_the_others_open() -> None:
    found = school_time(closure(class_ids=frozenset({ONE_CLASS})))

    assert found.why_closed(TUESDAY, grade=1, class_id=ONE_CLASS) is not None
    assert found.why_closed(TUESDAY, grade=1, class_id=uuid.UUID(int=2)) is None


@pytest.mark.parametrize(
    ("span", "why"),
    [
        (at(TUESDAY, 8), None),
        (at(TUESDAY, 13), None),
        (at(TUESDAY, 7, 59), Outside.BELLS),
        (at(TUESDAY, 13, 1), Outside.BELLS),
        (at(date(2027, 1, 10), 9), Outside.BELLS),
        (at(date(2026, 9, 11), 9), Outside.YEAR),
        (at(date(2027, 6, 9), 9), Outside.YEAR),
        (at(date(2027, 6, 8), 9), None),
        (at(TUESDAY, 23, 30), Outside.BELLS),
    ],
)
def test_a_meeting_lies_between_the_bells_of_a_day_of_the_year(span: Span, why: Outside | None) -> None:
    assert why == school_time().why_outside(span)


def test_bells_ring_on_the_wall_clock_before_and_after_summer_time() -> None:
    last_of_winter, first_of_summer = date(2027, 3, 27), date(2027, 3, 29)

    assert [None, None] == [school_time().why_outside(at(day, 8)) for day in (last_of_winter, first_of_summer)]
    assert [Outside.BELLS] * 2 == [school_time().why_outside(at(day, 7)) for day in (last_of_winter, first_of_summer)]


def test_a_meeting_may_run_over_a_break_but_not_over_a_meal() -> None:
    week: dict[int, tuple[Period, ...]] = {
        1: (
            Period(number=1, starts=time(8), ends=time(10)),
            Period(number=2, starts=time(10, 15), ends=time(13)),
            Period(number=3, starts=time(14), ends=time(16)),
        )
    }
    found = school_time(week=week)

    assert [(time(8), time(13)), (time(14), time(16))] == stretches(week[1])
    assert found.why_outside(at(TUESDAY, 9, 30)) is None
    assert Outside.BELLS is found.why_outside(at(TUESDAY, 12, 30, minutes=120))
    assert found.why_outside(at(TUESDAY, 14, minutes=120)) is None


def test_a_week_of_five_days_has_no_saturday() -> None:
    found = school_time(week=periods_of(BellPlan(starts=time(8), hours=6, minutes=60, weekdays=MONDAY_TO_FRIDAY)))

    assert () == found.periods_on(date(2027, 1, 16))
    assert Outside.BELLS is found.why_outside(at(date(2027, 1, 16), 9))


def test_a_plan_becomes_periods_with_its_breaks() -> None:
    plan = BellPlan(starts=time(8), hours=4, minutes=55, weekdays=(0,), breaks=((2, 10),))

    periods = periods_of(plan)[0]

    assert [(8, 0), (8, 55), (10, 0), (10, 55)] == [(each.starts.hour, each.starts.minute) for each in periods]
    assert time(11, 50) == periods[-1].ends


def test_a_plan_that_runs_into_the_night_is_refused() -> None:
    plan = BellPlan(starts=time(15), hours=6, minutes=60, weekdays=(2,))

    with pytest.raises(BellsRefused) as refused:
        periods_of(plan)

    assert (BellFault.TOO_EARLY_OR_LATE, 2, 6) == (refused.value.fault, refused.value.weekday, refused.value.number)


@pytest.mark.parametrize(
    ("periods", "fault"),
    [
        ([(time(9), time(9))], BellFault.REVERSED),
        ([(time(8), time(9)), (time(8, 59), time(10))], BellFault.OVERLAPS),
        ([(time(6), time(7))], BellFault.TOO_EARLY_OR_LATE),
        ([], BellFault.NONE_AT_ALL),
    ],
)
def test_bell_times_that_cannot_be_are_refused(periods: list[tuple[time, time]], fault: BellFault) -> None:
    week = {0: [Period(number=number, starts=start, ends=end) for number, (start, end) in enumerate(periods, start=1)]}

    with pytest.raises(BellsRefused) as refused:
        check_bells(week)

    assert fault is refused.value.fault


def test_the_widest_week_lasts_from_the_earliest_to_the_latest_bell() -> None:
    early = periods_of(BellPlan(starts=time(7, 50), hours=2, minutes=60, weekdays=MONDAY_TO_SATURDAY))
    late = periods_of(BellPlan(starts=time(9), hours=8, minutes=60, weekdays=(0,)))

    found = widest([early, late])

    assert (time(7, 50), time(17)) == (found[0][0].starts, found[0][0].ends)
    assert (time(7, 50), time(9, 50)) == (found[5][0].starts, found[5][0].ends)


def test_a_site_that_entered_no_bells_has_the_usual_ones(app: Flask) -> None:
    silent, spoken = make_site(), make_site()
    make_bells(spoken, BellPlan(starts=time(9), hours=3, minutes=50, weekdays=MONDAY_TO_FRIDAY))

    times = service.school_times([silent.id, spoken.id], school_year=2026)

    assert (True, 6) == (times[silent.id].is_assumed, len(times[silent.id].periods_on(TUESDAY)))
    assert (False, 3) == (times[spoken.id].is_assumed, len(times[spoken.id].periods_on(TUESDAY)))
    assert times[spoken.id].periods_on(TUESDAY)[0] == Period(number=1, starts=time(9), ends=time(9, 50))


def test_each_site_has_the_closures_of_its_district_town_institute_and_own(app: Flask) -> None:
    service.load_year(None, 2026)
    town = make_municipality()
    one, other = make_site(municipality=town), make_site()
    make_closure(first_day=date(2027, 2, 1))
    make_closure(first_day=date(2027, 2, 2), municipality_id=town.id)
    make_closure(first_day=date(2027, 2, 3), institute_id=one.institute_id)
    make_closure(first_day=date(2027, 2, 4), institute_id=one.institute_id, site_id=one.id)
    make_closure(first_day=date(2027, 2, 5), institute_id=other.institute_id)

    times = service.school_times([one.id, other.id], school_year=2026)

    closed = {
        site.id: [day for day in range(1, 6) if times[site.id].why_closed(date(2027, 2, day))] for site in (one, other)
    }
    assert {one.id: [1, 2, 3, 4], other.id: [1, 5]} == closed


def test_classes_of_a_closure_come_with_it(app: Flask) -> None:
    service.load_year(None, 2026)
    school_class = make_school_class()
    make_closure(institute_id=school_class.site.institute_id, classes=[school_class])

    found = service.school_time_of(school_class.site, school_year=2026)

    assert found.why_closed(TUESDAY, grade=school_class.grade, class_id=school_class.id) is not None
    assert found.why_closed(TUESDAY, grade=school_class.grade, class_id=uuid.uuid4()) is None


def test_the_time_of_many_sites_takes_as_many_statements_as_that_of_one(app: Flask) -> None:
    service.load_year(None, 2026)
    sites = [make_site() for _ in range(6)]
    for site in sites:
        make_bells(site)
        make_closure(institute_id=site.institute_id)

    with counted_queries() as one:
        service.school_times([sites[0].id], school_year=2026)
    with counted_queries() as many:
        service.school_times([site.id for site in sites], school_year=2026)

    assert one.count == many.count <= 5


def test_a_year_that_nobody_loaded_is_the_one_of_law_and_region(app: Flask) -> None:
    site = make_site(municipality=make_municipality(name="Cremona"))
    elsewhere = make_site()

    times = service.school_times([site.id, elsewhere.id], school_year=2026)

    assert (date(2026, 9, 12), date(2027, 6, 8)) == (times[site.id].first_day, times[site.id].last_day)
    christmas = times[site.id].why_closed(date(2026, 12, 24))
    assert christmas is not None
    assert ClosureKind.REGIONAL is christmas.kind
    patron = times[site.id].why_closed(date(2026, 11, 13))
    assert patron is not None
    assert ClosureKind.PATRON is patron.kind
    assert times[elsewhere.id].why_closed(date(2026, 11, 13)) is None


def test_the_district_is_open_whenever_some_school_may_be(app: Flask) -> None:
    service.load_year(None, 2026)
    site = make_site()
    make_bells(site, BellPlan(starts=time(8), hours=9, minutes=60, weekdays=(1,)))
    make_closure(institute_id=site.institute_id)

    found = service.district_time(2026)

    assert found.why_closed(TUESDAY) is None
    assert found.why_outside(at(TUESDAY, 16)) is None
    assert Outside.BELLS is found.why_outside(at(TUESDAY, 17))
    assert found.why_closed(date(2027, 3, 26)) is not None
