"""The year read from real rows, its page and its spreadsheets."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking.rules import BookingStatus, MeetingStatus
from prevention.core.db import db
from prevention.delivery.coverage import YearActivity, denominators, year_activity, year_details
from prevention.delivery.coverage.choosing import CoverageFilter, chosen_schools
from prevention.delivery.rules import Extent, Outcome, Reason
from prevention.delivery.sheets import Sheet, write
from prevention.network.models import Municipality
from prevention.programmes.rules import EvidenceClass
from prevention.schools import service as schools
from prevention.schools.models import Site
from prevention.schools.rules import Level, Track
from tests.factories.delivery import HOUR, WEEK, make_booked_meeting, make_booked_meetings, make_register
from tests.factories.network import make_boundary, make_municipality
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import make_enrolment, make_school_class, make_site
from tests.schools.test_successions import make_merger, take_real_files_in
from tests.support.http import Client
from tests.support.queries import counted_queries

pytestmark = pytest.mark.usefixtures("app")

SignIn = Callable[[User], Client]
TODAY = date(2026, 11, 23)


def read() -> YearActivity:
    """Read the year 2026/27 as it stands on the day of the tests."""
    return year_activity(2026, today=TODAY)


def names(activity: YearActivity) -> list[str]:
    """List the schools of a year."""
    return [school.name for school in activity.schools]


def small_district(frozen_clock: datetime) -> Site:
    """Make a school of 100 pupils whose class had one whole meeting, one in part, and one without a register."""
    site = make_site(name='"A. MANZONI"', municipality=make_municipality(name="Cremona"), track=Track.LICEO)
    make_enrolment(site=site, school_year=2024, pupils=100)
    make_enrolment(site=site, school_year=2023, pupils=999)
    edition = make_edition(
        programme=make_programme(
            slug="skills", meetings=4, activities=2, evidence_class=EvidenceClass.LIKELY_BENEFICIAL
        )
    )
    meetings = make_booked_meetings(
        school_class=make_school_class(site=site), edition=edition, starts_at=frozen_clock - 3 * WEEK
    )
    for meeting, present, extent in ((meetings[0], 20, Extent.FULL), (meetings[1], 22, Extent.PART)):
        assert meeting.programme_meeting is not None
        extents = {activity.id: extent for activity in meeting.programme_meeting.activities}
        make_register(meeting, present=present, extents=extents)
    return site


def test_the_year_is_read_from_bookings_registers_and_enrolments(frozen_clock: datetime) -> None:
    site = small_district(frozen_clock)

    activity = read()

    assert (2026, TODAY, 2024) == (activity.school_year, activity.as_of, activity.enrolment_year)
    (programme,) = activity.programmes
    assert ("skills", 4, 3, 2, 1) == (
        programme.slug,
        programme.meetings_planned,
        programme.meetings_due,
        programme.meetings_held,
        programme.registers_missing,
    )
    assert (4, 4, 2) == (
        programme.activities_planned,
        programme.activities_recorded,
        programme.activities_full,
    )
    (school,) = activity.schools
    assert ("A. MANZONI", site.code, "Cremona", Track.LICEO) == (
        school.name,
        school.code,
        school.municipality,
        school.track,
    )
    assert (1, 1, 0, 100, 22) == (
        school.classes,
        school.classes_reached,
        school.classes_completed,
        school.pupils_enrolled,
        school.pupils_reached,
    )
    assert (Decimal(42), Decimal("0.42")) == (school.pupil_hours, school.hours_per_pupil)
    assert activity.totals.rated_share == pytest.approx(1.0)


def test_enrolments_of_a_later_year_are_not_used() -> None:
    make_enrolment(site=make_site(), school_year=2027, pupils=50)

    activity = read()

    assert activity.enrolment_year is None
    assert [None] == [school.pupils_enrolled for school in activity.schools]


def test_three_or_fewer_pupils_are_unknown_and_said_so() -> None:
    make_enrolment(site=make_site(), school_year=2025, pupils=None, is_low=True)

    (school,) = read().schools

    assert school.is_enrolment_low
    assert school.pupils_enrolled is None


@pytest.mark.parametrize("level", [Level.INFANZIA, Level.PRIMARIA, Level.ISTITUTO, Level.ADULTI])
def test_only_secondary_schools_are_counted(level: Level) -> None:
    make_booked_meeting(school_class=make_school_class(site=make_site(level=level)))

    activity = read()

    assert ((), ()) == (activity.schools, activity.programmes)


def test_each_register_decides_which_of_its_schools_were_open() -> None:
    """The state register is of 2025, the non-state one of 2023: the latest of each stands for later years."""
    make_site(name="Open", first_seen=2021, last_seen=2025)
    make_site(name="Dissolved", first_seen=2021, last_seen=2024)
    make_site(name="Not yet", first_seen=2025, last_seen=2025)
    make_site(name="Non-state", is_state=False, first_seen=2023, last_seen=2023)

    assert {"Open", "Not yet", "Non-state"} == set(names(read()))
    assert {"Open", "Dissolved", "Non-state"} == set(names(year_activity(2023, today=TODAY)))


def test_a_school_that_is_no_longer_listed_counts_when_it_has_a_booking() -> None:
    make_site(last_seen=2025)
    gone = make_site(name="Gone", first_seen=2021, last_seen=2021)
    make_booked_meeting(school_class=make_school_class(site=gone))

    assert "Gone" in names(read())


def test_cancelled_bookings_and_meetings_and_other_years_do_not_count() -> None:
    make_booked_meeting().booking.status = BookingStatus.CANCELLED
    make_booked_meeting().status = MeetingStatus.CANCELLED
    make_booked_meeting(edition=make_edition(school_year=2025))
    db.session.flush()

    assert 0 == read().totals.meetings_planned


def test_a_moved_meeting_with_its_new_date_is_simply_planned_again(frozen_clock: datetime) -> None:
    meeting = make_booked_meeting(starts_at=frozen_clock - WEEK)
    make_register(meeting, outcome=Outcome.MOVED, reason=Reason.ROOM)
    assert (1, 1, 1) == _moved_counts()

    meeting.starts_at, meeting.ends_at = frozen_clock + WEEK, frozen_clock + WEEK + HOUR
    db.session.flush()

    assert (1, 0, 0) == _moved_counts()


def _moved_counts() -> tuple[int, int, int]:
    totals = read().totals
    return totals.meetings_planned, totals.meetings_due, totals.meetings_moved


def test_the_day_of_a_meeting_is_its_day_in_rome() -> None:
    """A meeting that begins on 22 November at 23:30 UTC is on the 23rd in Rome: today, so not yet due."""
    make_booked_meeting(starts_at=datetime.fromisoformat("2026-11-22T23:30:00+00:00"))

    assert 0 == read().totals.meetings_due


def test_reading_costs_the_same_queries_for_one_class_and_for_many(frozen_clock: datetime) -> None:
    small_district(frozen_clock)
    with counted_queries() as few:
        read()
    for _ in range(3):
        make_register(make_booked_meeting())

    with counted_queries() as many:
        read()

    assert few.count == many.count


def test_a_reader_may_ask_for_a_level_a_municipality_and_the_never_reached() -> None:
    cremona, crema = make_municipality(name="Cremona"), make_municipality(name="Crema")
    make_site(name="Liceo", municipality=cremona)
    make_site(name="Media", municipality=crema, level=Level.PRIMO_GRADO)
    reached = make_site(name="Tecnico", municipality=crema)
    make_register(make_booked_meeting(school_class=make_school_class(site=reached)))
    activity = read()

    def chosen(wanted: CoverageFilter) -> list[str]:
        return [school.name for school in chosen_schools(activity, wanted)]

    assert ["Media", "Tecnico", "Liceo"] == chosen(CoverageFilter())
    assert ["Media"] == chosen(CoverageFilter(level=Level.PRIMO_GRADO))
    assert ["Media", "Tecnico"] == chosen(CoverageFilter(istat_code=crema.istat_code))
    assert ["Liceo", "Media"] == chosen(CoverageFilter(only_missed=True))


@pytest.mark.parametrize("show", ["programmes", "schools", "municipalities", "nonsense"])
def test_the_page_shows_each_of_its_tables(anna: User, sign_in: SignIn, frozen_clock: datetime, show: str) -> None:
    small_district(frozen_clock)

    page = sign_in(anna).page(f"/coverage?show={show}")

    assert "Coverage" in page.select_one("h1").get_text()
    assert page.select_one("table tbody tr")


def test_the_page_of_an_empty_year_opens_and_says_so(anna: User, sign_in: SignIn) -> None:
    page = sign_in(anna).page("/coverage?year=2019")

    assert "No class has booked a programme" in page.select_one("main").get_text()


@pytest.mark.parametrize("year", ["1066", "x", "99999999999999999999", ""])
def test_a_year_that_is_none_becomes_this_year(anna: User, sign_in: SignIn, year: str) -> None:
    assert "2026/27" in sign_in(anna).page(f"/coverage?year={year}").select_one("main").get_text()


def test_the_page_says_whose_pupils_are_unknown(anna: User, sign_in: SignIn) -> None:
    make_enrolment(site=make_site(), school_year=2024, pupils=None, is_low=True)
    make_site(name="No figure")

    page = sign_in(anna).page("/coverage?show=schools")

    cells = [row.select("td")[3].get_text(strip=True) for row in page.select("tbody tr")]
    assert {"3 or fewer", "unknown"} == set(cells)
    assert "published for 2024/25" in page.get_text()


@pytest.mark.parametrize("address", ["/coverage", "/coverage/schools.csv"])
def test_coverage_is_for_the_office(bruno: User, dario: User, client: Client, sign_in: SignIn, address: str) -> None:
    assert 403 == sign_in(bruno).get(address).status_code
    assert 403 == sign_in(dario).get(address).status_code
    assert 303 == client.get(address).status_code


def test_a_sheet_that_does_not_exist_is_not_found(anna: User, sign_in: SignIn) -> None:
    assert 404 == sign_in(anna).get("/coverage/pupils.csv").status_code


@pytest.mark.parametrize("sheet", list(Sheet))
def test_each_table_can_be_taken_along(anna: User, sign_in: SignIn, frozen_clock: datetime, sheet: Sheet) -> None:
    small_district(frozen_clock)
    make_school_class()

    answer = sign_in(anna).get(f"/coverage/{sheet}.csv")

    assert 200 == answer.status_code
    assert f'attachment; filename="{sheet}-2026.csv"' == answer.headers["Content-Disposition"]
    head, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";")
    assert [len(head)] * len(rows) == [len(row) for row in rows]
    assert rows


def test_a_sheet_follows_the_filters_of_the_page(anna: User, sign_in: SignIn) -> None:
    make_site(name="Liceo")
    make_site(name="Media", level=Level.PRIMO_GRADO)

    text = sign_in(anna).get("/coverage/schools.csv?level=primo_grado").data.decode("utf-8-sig")

    assert "Media" in text
    assert "Liceo" not in text


def test_a_sheet_writes_decimals_with_a_comma_and_leaves_the_unknown_empty(
    anna: User, sign_in: SignIn, frozen_clock: datetime
) -> None:
    small_district(frozen_clock)
    make_enrolment(site=make_site(name="Low"), school_year=2024, pupils=None, is_low=True)
    make_site(name="=cmd()")

    text = sign_in(anna).get("/coverage/schools.csv").data.decode("utf-8-sig")

    rows = {row["School"]: row for row in csv.DictReader(io.StringIO(text), delimiter=";")}
    assert ("42,00", "0,42") == (rows["A. MANZONI"]["Pupil-hours"], rows["A. MANZONI"]["Hours per pupil"])
    assert ("<=3", "") == (rows["Low"]["Pupils enrolled"], rows["Low"]["Hours per pupil"])
    assert "'=cmd()" in rows


def test_an_empty_year_is_a_sheet_of_heads_only() -> None:
    empty = year_details(2026, today=TODAY)

    assert all(1 == write(sheet, empty, empty.activity.schools).count("\r\n") for sheet in Sheet)


def test_a_school_that_changed_its_code_has_one_history(anna: User, frozen_clock: datetime) -> None:
    """Classes, meetings and pupils of the old code count for the new one, also in the years before."""
    old, new = make_merger()
    school_class = make_school_class(site=old, school_year=2024, grade=2, section="A", pupils=20)
    meeting = make_booked_meeting(
        school_class=school_class, edition=make_edition(school_year=2024), starts_at=frozen_clock - 100 * WEEK
    )
    make_register(meeting, present=18, expected=20)
    assert [old.code] == [school.code for school in year_activity(2024, today=TODAY).schools if school.is_reached]

    schools.decide_successions(actor_of(anna), {old.code: new.code}, now=frozen_clock)

    (school,) = year_activity(2024, today=TODAY).schools
    assert (new.code, 1, 18, 104, Decimal("0.17")) == (
        school.code,
        school.classes,
        school.pupils_reached,
        school.pupils_enrolled,
        school.hours_per_pupil,
    )


def test_the_denominators_are_those_of_the_ministrys_files(shared_data: Path) -> None:
    take_real_files_in(shared_data)

    found = denominators(2024)

    assert (332, 47_217, 0) == (found.schools, found.pupils, found.low)
    activity = year_activity(2024, today=TODAY)
    assert 2024 == activity.enrolment_year
    assert 0 < (activity.totals.pupils_enrolled or 0) < found.pupils


def test_statements_do_not_grow_with_the_district(frozen_clock: datetime) -> None:
    small_district(frozen_clock)
    with counted_queries() as few:
        read()
    small_district_again = [make_school_class() for _ in range(5)]
    for school_class in small_district_again:
        make_register(make_booked_meeting(school_class=school_class))
    with counted_queries() as many:
        read()

    assert few.count == many.count <= 8


@pytest.mark.parametrize("sheet", list(Sheet))
def test_every_table_opens_and_can_be_taken_away(
    anna: User, sign_in: SignIn, frozen_clock: datetime, sheet: Sheet
) -> None:
    small_district(frozen_clock)
    browser = sign_in(anna)

    page = browser.page(f"/coverage?show={sheet}&year=2026")
    answer = browser.get(f"/coverage/{sheet}.csv?year=2026")

    assert page.select_one("main table, main .empty")
    assert 200 == answer.status_code
    assert answer.get_data(as_text=True).count("\r\n") >= 1


def test_the_page_draws_land_where_boundaries_are_loaded_and_points_elsewhere(
    anna: User, sign_in: SignIn, frozen_clock: datetime
) -> None:
    small_district(frozen_clock)
    make_site(municipality=make_municipality(name="Crema", latitude=45.3, longitude=9.7))
    cremona = db.session.scalars(select(Municipality).where(Municipality.name == "Cremona")).one()
    cremona.latitude, cremona.longitude = 45.1, 10.0
    db.session.flush()
    client, address = sign_in(anna), "/coverage?show=municipalities"

    points = client.get(address).get_data(as_text=True)
    for number, municipality in enumerate(db.session.scalars(select(Municipality)).all()):
        make_boundary(municipality, west=9.5 + number * 0.2)
    land = client.get(address).get_data(as_text=True)

    assert "<circle class=" in points
    assert "<circle class=" not in land
    assert "url(#coverage-dots)" in land
    assert "ISTAT, CC BY 4.0" in land
    assert "No school was reached in: Crema.</p>" in land
