"""A school year added up by hand: three schools, two programmes, every odd case once.

Liceo (Cremona, 100 pupils)   1A  LST     1 held 60 min 20/20   2 held 30 min 18/20      whole
                              1A  Talk    1 held 120 min 16/20                           whole
                              1B  LST     1 held 60 min 25/25   2 not held
Tecnico (Cremona, "<=3")      2A  LST     1 held 60 min 3/3     2 moved, no new date yet
Media (Crema, 50 pupils)      1C  LST     1 past, no register   2 lies ahead
Professionale (Crema, no figure), Lontana (Soncino, 80 pupils): nothing booked
"""

import uuid
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from prevention.core.i18n import Localised
from prevention.delivery.coverage.details import LedCount, ProgrammeDetails, ReasonCount, details_of
from prevention.delivery.coverage.groups import ClassCoverage, ClassRow, Dimension, GroupCoverage, HoursPerPupil, gap
from prevention.delivery.coverage.points import Reached, draw
from prevention.delivery.coverage.tally import (
    MeetingRow,
    ProgrammeRow,
    SiteRow,
    YearDetails,
    tally,
    tally_details,
)
from prevention.delivery.coverage.values import EquityGap, SchoolCoverage, YearActivity
from prevention.delivery.rules import LedBy, Outcome, Reason
from prevention.programmes.rules import EvidenceClass
from prevention.schools.rules import Level, Track

PAST, TODAY, AHEAD = date(2026, 11, 2), date(2026, 11, 23), date(2026, 12, 1)
LST = ProgrammeRow(
    id=uuid.uuid4(),
    name=Localised(it="LST"),
    slug="lst",
    evidence_class=EvidenceClass.LIKELY_BENEFICIAL,
    meetings=2,
)
TALK = ProgrammeRow(
    id=uuid.uuid4(),
    name=Localised(it="Talk"),
    slug="talk",
    evidence_class=EvidenceClass.UNLIKELY_OR_HARMFUL,
    meetings=1,
)
CREMONA, CREMA, SONCINO = ("Cremona", "019036"), ("Crema", "019035"), ("Soncino", "019097")


def site(name: str, place: tuple[str, str], **values: object) -> SiteRow:
    """Describe an upper secondary school with one class."""
    plain: dict[str, object] = {
        "id": uuid.uuid4(),
        "code": f"CRXX{name[:6].upper():<6}".replace(" ", "X"),
        "name": name,
        "institute": name,
        "level": Level.SECONDO_GRADO,
        "track": None,
        "municipality": place[0],
        "istat_code": place[1],
        "classes": 1,
        "enrolled": None,
        "is_low": False,
    }
    return SiteRow(**{**plain, **values})  # type: ignore[arg-type]  # the names are those of the class


LICEO = site("Liceo", CREMONA, enrolled=100, classes=4, track=Track.LICEO)
TECNICO = site("Tecnico", CREMONA, is_low=True, track=Track.TECNICO)
MEDIA = site("Media", CREMA, enrolled=50, classes=2, level=Level.PRIMO_GRADO)
PROFESSIONALE = site("Professionale", CREMA, classes=0, track=Track.PROFESSIONALE)
LONTANA = site("Lontana", SONCINO, enrolled=80, classes=3, track=Track.TECNICO)
SITES = (LICEO, TECNICO, MEDIA, PROFESSIONALE, LONTANA)
C1A, C1B, C2A, C1C = (uuid.uuid4() for _ in range(4))


def meetings_of(
    programme: ProgrammeRow, class_id: uuid.UUID, at: SiteRow, *held: dict[str, object]
) -> list[MeetingRow]:
    """Describe the meetings of one booking in order; each had five activities and was to be in the past."""
    booking_id = uuid.uuid4()
    return [
        MeetingRow(
            booking_id=booking_id,
            programme_id=programme.id,
            class_id=class_id,
            site_id=at.id,
            number=number,
            **{"day": PAST, "activities": 5, **values},  # type: ignore[arg-type]  # the names are those of the class
        )
        for number, values in enumerate(held, start=1)
    ]


def held(minutes: int, present: int, expected: int, *, full: int) -> dict[str, object]:
    """Describe a register of a held meeting with `full` of its five activities done in full."""
    return {
        "outcome": Outcome.HELD,
        "minutes": minutes,
        "present": present,
        "expected": expected,
        "activities_recorded": 5,
        "activities_full": full,
    }


MEETINGS = [
    *meetings_of(LST, C1A, LICEO, held(60, 20, 20, full=5), held(30, 18, 20, full=2)),
    *meetings_of(TALK, C1A, LICEO, held(120, 16, 20, full=4)),
    *meetings_of(LST, C1B, LICEO, held(60, 25, 25, full=5), {"outcome": Outcome.NOT_HELD}),
    *meetings_of(LST, C2A, TECNICO, held(60, 3, 3, full=0), {"outcome": Outcome.MOVED}),
    *meetings_of(LST, C1C, MEDIA, {}, {"day": AHEAD}),
]


@pytest.fixture(scope="module")
def year() -> YearActivity:
    """The year described at the top."""
    return tally(
        school_year=2026,
        as_of=TODAY,
        enrolment_year=2024,
        programmes=(LST, TALK),
        sites=SITES,
        meetings=MEETINGS,
    )


def school(year: YearActivity, wanted: SiteRow) -> SchoolCoverage:
    """Find one school of the year."""
    return next(found for found in year.schools if found.code == wanted.code)


def test_meetings_of_a_programme_are_planned_due_held_moved_or_missing(year: YearActivity) -> None:
    lst = year.programmes[0]

    assert (8, 7, 4, 1, 1, 1) == (
        lst.meetings_planned,
        lst.meetings_due,
        lst.meetings_held,
        lst.meetings_not_held,
        lst.meetings_moved,
        lst.registers_missing,
    )


def test_the_dose_of_a_programme_counts_held_meetings_only(year: YearActivity) -> None:
    """20 h (1A) + 9 h (1A) + 25 h (1B) + 3 h (2A)."""
    lst = year.programmes[0]

    assert 60 + 30 + 60 + 60 == lst.minutes_held
    assert 20 + 18 + 25 + 3 == lst.pupils_present
    assert 20 + 20 + 25 + 3 == lst.pupils_expected
    assert Decimal(57) == lst.pupil_hours
    assert lst.attendance == pytest.approx(66 / 68)


def test_fidelity_counts_a_meeting_not_held_as_not_done_and_a_missing_register_not_at_all(
    year: YearActivity,
) -> None:
    """Five settled meetings of five activities; 5 + 2 + 5 + 0 were done in full."""
    lst = year.programmes[0]

    assert (25, 20, 12) == (lst.activities_planned, lst.activities_recorded, lst.activities_full)
    assert lst.fidelity == pytest.approx(12 / 25)


def test_a_class_is_booked_reached_and_has_completed_a_programme(year: YearActivity) -> None:
    lst, talk = year.programmes

    assert (4, 3, 1) == (lst.classes, lst.classes_reached, lst.classes_completed)
    assert (1, 1, 1) == (talk.classes, talk.classes_reached, talk.classes_completed)


def test_a_school_counts_a_class_once_however_many_programmes_it_has(year: YearActivity) -> None:
    liceo = school(year, LICEO)

    assert (4, 2, 2, 1) == (
        liceo.classes,
        liceo.classes_booked,
        liceo.classes_reached,
        liceo.classes_completed,
    )
    assert 20 + 25 == liceo.pupils_reached


def test_hours_per_pupil_divide_by_the_enrolled(year: YearActivity) -> None:
    """29 + 32 + 25 pupil-hours over 100 pupils."""
    liceo = school(year, LICEO)

    assert Decimal(86) == liceo.pupil_hours
    assert Decimal("0.86") == liceo.hours_per_pupil


@pytest.mark.parametrize("unknown", [TECNICO, PROFESSIONALE])
def test_an_unknown_number_of_pupils_is_not_zero(year: YearActivity, unknown: SiteRow) -> None:
    found = school(year, unknown)

    assert found.pupils_enrolled is None
    assert found.hours_per_pupil is None


def test_a_municipality_divides_only_what_has_a_known_denominator(year: YearActivity) -> None:
    """In Cremona the 3 pupil-hours of the technical school (\"<=3\" pupils) are in the hours, not in the mean."""
    crema, cremona, soncino = year.municipalities

    assert ("Crema", 2, 0, 1, 50) == (
        crema.name,
        crema.sites,
        crema.sites_reached,
        crema.sites_unknown,
        crema.pupils_enrolled,
    )
    assert (2, 2, 1, 100) == (
        cremona.sites,
        cremona.sites_reached,
        cremona.sites_unknown,
        cremona.pupils_enrolled,
    )
    assert Decimal(89) == cremona.pupil_hours
    assert Decimal("0.86") == cremona.hours_per_pupil
    assert Decimal(0) == soncino.hours_per_pupil


def test_a_municipality_of_unknown_schools_only_has_no_denominator() -> None:
    year = tally(school_year=2026, as_of=TODAY, enrolment_year=None, programmes=(), sites=(TECNICO,), meetings=())

    assert year.municipalities[0].pupils_enrolled is None
    assert year.municipalities[0].hours_per_pupil is None
    assert year.totals.pupils_enrolled is None
    assert (1, 0) == (year.totals.sites_low, year.totals.sites_unknown)


def test_schools_never_reached_come_with_the_largest_first(year: YearActivity) -> None:
    assert ["Lontana", "Media", "Professionale"] == [missed.name for missed in year.never_reached]


def test_totals_are_the_sum_of_programmes_and_of_schools(year: YearActivity) -> None:
    totals = year.totals

    assert (2, 5, 2) == (totals.programmes, totals.sites, totals.sites_reached)
    assert (1, 1) == (totals.sites_low, totals.sites_unknown)
    assert (10, 4, 3, 1) == (
        totals.classes,
        totals.classes_booked,
        totals.classes_reached,
        totals.classes_completed,
    )
    assert (9, 8, 5, 1) == (
        totals.meetings_planned,
        totals.meetings_due,
        totals.meetings_held,
        totals.registers_missing,
    )
    assert Decimal(89) == totals.pupil_hours == sum(row.pupil_hours for row in year.programmes)
    assert 20 + 25 + 3 == totals.pupils_reached
    assert 230 == totals.pupils_enrolled
    assert totals.class_coverage == pytest.approx(1 / 10)
    assert totals.fidelity == pytest.approx(16 / 30)


def test_hours_per_pupil_of_the_district_leave_unknown_schools_out_on_both_sides(year: YearActivity) -> None:
    """86 known pupil-hours over 100 + 50 + 80 pupils."""
    assert Decimal("0.37") == year.totals.hours_per_pupil


def test_only_programmes_with_a_favourable_rating_count_as_rated(year: YearActivity) -> None:
    """The 32 pupil-hours of the talk are rated, but unlikely to help: 57 of 89 remain."""
    assert Decimal(57) == year.totals.pupil_hours_rated
    assert year.totals.rated_share == pytest.approx(57 / 89)


def test_the_equity_gap_lies_between_the_best_and_the_least_served(year: YearActivity) -> None:
    nothing, best = Decimal(0), Decimal("0.86")

    assert (
        EquityGap(dimension="site", groups=3, lowest=nothing, highest=best),
        EquityGap(dimension="municipality", groups=3, lowest=nothing, highest=best),
        EquityGap(dimension="track", groups=2, lowest=nothing, highest=best),
    ) == year.equity
    assert best == year.equity[0].gap


def test_a_meeting_of_today_without_register_is_not_due_yet() -> None:
    today = meetings_of(LST, C1A, LICEO, {"day": TODAY}, {"day": TODAY, **held(60, 20, 20, full=5)})

    year = tally(
        school_year=2026,
        as_of=TODAY,
        enrolment_year=None,
        programmes=(LST,),
        sites=(LICEO,),
        meetings=today,
    )

    assert (1, 0) == (year.totals.meetings_due, year.totals.registers_missing)


def test_a_booking_of_fewer_meetings_than_the_programme_has_does_not_complete_it() -> None:
    half = meetings_of(LST, C1A, LICEO, held(60, 20, 20, full=5))

    year = tally(school_year=2026, as_of=TODAY, enrolment_year=None, programmes=(LST,), sites=(LICEO,), meetings=half)

    assert (1, 0) == (year.totals.classes_reached, year.totals.classes_completed)


def test_meetings_at_schools_that_are_not_counted_are_counted_nowhere() -> None:
    """A primary class may be booked, but the year is about pupils of 11 to 19 years."""
    year = tally(
        school_year=2026,
        as_of=TODAY,
        enrolment_year=None,
        programmes=(LST, TALK),
        sites=(MEDIA,),
        meetings=MEETINGS,
    )

    assert ["lst"] == [programme.slug for programme in year.programmes]
    assert (0, 2) == (year.totals.meetings_held, year.totals.meetings_planned)


def test_a_year_without_anything_adds_up_to_nothing() -> None:
    year = tally(school_year=2026, as_of=TODAY, enrolment_year=None, programmes=(), sites=(), meetings=())

    assert ((), (), (), ()) == (year.programmes, year.schools, year.municipalities, year.equity)
    assert year.totals.fidelity is year.totals.attendance is year.totals.rated_share is None
    assert year.totals.hours_per_pupil is None


@pytest.fixture(scope="module")
def details() -> YearDetails:
    """The same year with what only its pages show."""
    return tally_details(
        school_year=2026,
        as_of=TODAY,
        enrolment_year=2024,
        programmes=(LST, TALK),
        sites=SITES,
        meetings=MEETINGS,
        classes=[],
    )


def groups(details: YearDetails, dimension: Dimension) -> dict[str, GroupCoverage]:
    """Give the groups of a dimension by what they are called."""
    return {found.key or "none": found for found in details.groups[dimension]}


def test_a_track_has_its_coverage_hours_evidence_and_fidelity(details: YearDetails) -> None:
    """86 pupil-hours over 100 pupils, 54 of them of LST; five settled meetings of five activities, 16 in full."""
    liceo = groups(details, Dimension.TRACK)["liceo"]

    assert (1, 1, 4, 2, 1) == (
        liceo.sites,
        liceo.sites_reached,
        liceo.classes,
        liceo.classes_reached,
        liceo.classes_completed,
    )
    assert HoursPerPupil(least=Decimal("0.86"), most=Decimal("0.86")) == liceo.hours_per_pupil
    assert (ClassCoverage(least=0.25, most=0.25), 54 / 86, 16 / 25) == (
        liceo.class_coverage,
        liceo.rated_share,
        liceo.fidelity,
    )


def test_a_school_whose_pupils_are_hidden_has_an_interval_and_never_none(details: YearDetails) -> None:
    """Three pupil-hours, and one to three pupils."""
    (tecnico,) = [found for found in details.groups[Dimension.INSTITUTE] if found.name == "Tecnico"]

    assert HoursPerPupil(least=Decimal(1), most=Decimal(3)) == tecnico.hours_per_pupil
    assert (1, 0, None) == (tecnico.sites_low, tecnico.sites_unknown, tecnico.pupils_enrolled)


def test_a_group_adds_known_and_hidden_pupils_up_and_leaves_unknown_schools_out() -> None:
    """Liceo 100, Tecnico one to three: 89 pupil-hours over 101 to 103. Professionale has no figure."""
    area = "Cremonese"
    sites = [replace(each, planning_area=area) for each in (LICEO, TECNICO, PROFESSIONALE)] + [MEDIA, LONTANA]
    details = tally_details(
        school_year=2026,
        as_of=TODAY,
        enrolment_year=2024,
        programmes=(LST, TALK),
        sites=sites,
        meetings=MEETINGS,
        classes=[],
    )

    found = groups(details, Dimension.PLANNING_AREA)

    assert {area, "none"} == set(found)
    assert HoursPerPupil(least=Decimal("0.86"), most=Decimal("0.88")) == found[area].hours_per_pupil
    assert (3, 2, 1, 1, 100) == (
        found[area].sites,
        found[area].sites_reached,
        found[area].sites_low,
        found[area].sites_unknown,
        found[area].pupils_enrolled,
    )


def test_a_hidden_school_without_classes_has_one_to_three_of_them() -> None:
    """One whole programme in the four classes of the Liceo, and one to three more; the Professionale says nothing."""
    area = "Cremonese"
    hidden, silent = replace(TECNICO, classes=0), replace(PROFESSIONALE, classes=0)
    details = tally_details(
        school_year=2026,
        as_of=TODAY,
        enrolment_year=2024,
        programmes=(LST, TALK),
        sites=[replace(each, planning_area=area) for each in (LICEO, hidden, silent)],
        meetings=[row for row in MEETINGS if row.site_id == LICEO.id],
        classes=[],
    )

    found = groups(details, Dimension.PLANNING_AREA)[area]

    assert ClassCoverage(least=1 / 7, most=1 / 5) == found.class_coverage
    assert (1, 1) == (found.sites_low_unentered, found.sites_unentered)
    assert ClassCoverage(least=0.0, most=0.0) == groups(details, Dimension.SITE)[hidden.code].class_coverage
    assert groups(details, Dimension.SITE)[silent.code].class_coverage is None


def test_grades_are_counted_by_their_classes() -> None:
    """1A and 1B: 86 pupil-hours over 47 pupils; 2A: 3 over 3; 1C of the Media: nobody knows how many."""
    classes = [
        ClassRow(id=C1A, site_id=LICEO.id, grade=1, label="1A", pupils=22),
        ClassRow(id=C1B, site_id=LICEO.id, grade=1, label="1B", pupils=25),
        ClassRow(id=C2A, site_id=TECNICO.id, grade=2, label="2A", pupils=3),
        ClassRow(id=C1C, site_id=MEDIA.id, grade=1, label="1C", pupils=None),
    ]
    grades = {row.id: row.grade for row in classes}
    details = tally_details(
        school_year=2026,
        as_of=TODAY,
        enrolment_year=2024,
        programmes=(LST, TALK),
        sites=SITES,
        meetings=[replace(row, grade=grades[row.class_id]) for row in MEETINGS],
        classes=classes,
    )

    found = groups(details, Dimension.GRADE)

    assert ["primo_grado-1", "secondo_grado-1", "secondo_grado-2"] == list(found)
    first = found["secondo_grado-1"]
    assert (2, 2, 1, 47) == (first.classes, first.classes_reached, first.classes_completed, first.pupils_enrolled)
    assert HoursPerPupil(least=Decimal("1.83"), most=Decimal("1.83")) == first.hours_per_pupil
    assert found["primo_grado-1"].hours_per_pupil is None
    assert [("Media", ("1C",))] == [(each.school, each.labels) for each in details.never_reached_classes]
    assert (Decimal("1.00"), Decimal("1.83")) == gap(details.groups[Dimension.GRADE])


def test_a_gap_needs_two_groups_that_are_known(details: YearDetails) -> None:
    assert gap(details.groups[Dimension.PLANNING_AREA]) is None


def test_the_map_places_municipalities_and_says_who_was_reached(details: YearDetails) -> None:
    drawn = draw(details.activity.municipalities, {"019036": (10.02, 45.13), "019035": (9.69, 45.36)})

    assert drawn is not None
    crema, cremona = sorted(drawn.points, key=lambda point: point.x)
    assert ("Crema", "Cremona") == (crema.place.name, cremona.place.name)
    assert crema.y < cremona.y
    assert (Reached.NONE, Reached.ALL) == (crema.reached, cremona.reached)
    assert ("Soncino",) == drawn.unplaced
    assert draw(details.activity.municipalities, {}) is None


def test_how_a_programme_was_delivered_is_counted_from_its_meetings() -> None:
    """Two meetings of 1A held, one of them changed; one of 1B not held, one whose register is missing."""
    plain: dict[str, Any] = {
        "booking_id": uuid.uuid4(),
        "programme_id": LST.id,
        "site_id": LICEO.id,
        "number": 1,
        "day": PAST,
    }
    held = MeetingRow(
        **plain, class_id=C1A, activities=4, outcome=Outcome.HELD, minutes=50, minutes_planned=60, present=18,
        expected=20, activities_full=2, activities_part=1, led_by=LedBy.TEACHER, is_adapted=True,
    )  # fmt: skip
    fell_out = MeetingRow(
        **plain, class_id=C1B, activities=4, outcome=Outcome.NOT_HELD, minutes_planned=60, reason=Reason.CLASS_AWAY
    )
    missing = MeetingRow(**plain, class_id=C1B, activities=4, minutes_planned=60)

    found = details_of("lst", [held, replace(held, present=21, is_adapted=False), fell_out, missing])

    assert (
        ProgrammeDetails(
            slug="lst",
            minutes_planned=240,
            schools_reached=1,
            pupils_reached=21,
            activities_part=2,
            meetings_adapted=1,
            led_by=(LedCount(led_by=LedBy.TEACHER, meetings=2),),
            not_held=(ReasonCount(reason=Reason.CLASS_AWAY, meetings=1),),
        )
        == found
    )


def test_the_details_are_those_of_the_programmes_with_a_booking_in_their_order(details: YearDetails) -> None:
    assert [one.slug for one in details.activity.programmes] == [one.slug for one in details.programmes]
    assert sum(one.pupils_reached for one in details.programmes) >= details.activity.totals.pupils_reached
