"""The office's lists: dates that cannot stay as they are, and the schools and classes that nothing reached."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select

from prevention.accounts.models import User
from prevention.booking import rules, service
from prevention.booking.models import BookingMeeting
from prevention.booking.rules import BookingRefusal, BookingStatus, MeetingStatus, Span
from prevention.booking.service import ConflictKind
from prevention.core.db import db
from prevention.roles import Role
from prevention.schools import service as schools
from prevention.schools.rules import Level
from prevention.schools.school_time import MONDAY_TO_FRIDAY, BellPlan
from tests.booking.people import NOW
from tests.factories.accounts import make_user
from tests.factories.booking import FIRST_START, make_booking, make_request, make_slot
from tests.factories.network import make_organisation
from tests.factories.school_time import make_bells, make_closure, make_room
from tests.factories.schools import SCHOOL_YEAR, make_institute, make_school_class, make_site
from tests.support.http import Client
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]
DAY = timedelta(days=1)


@pytest.fixture
def office(anna: User, sign_in: SignIn) -> Client:
    """Anna, signed in."""
    return sign_in(anna)


def rows_of(client: Client, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert 200 == answer.status_code
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


def kinds() -> dict[object, list[ConflictKind]]:
    found = service.find_conflicts(SCHOOL_YEAR, now=NOW)
    return {key: [each.kind for each in conflicts] for key, conflicts in found.items()}


def test_dates_on_free_days_are_found_as_asking_each_one_would_find_them(app: Flask, anna: User) -> None:
    del app
    rng = Random(3)
    sites = [make_site(municipality=make_site().municipality) for _each in range(4)]
    make_bells(sites[0])
    make_bells(sites[1], BellPlan(starts=time(8), hours=7, minutes=50, weekdays=MONDAY_TO_FRIDAY, breaks=((5, 60),)))
    classes = [make_school_class(site=site, grade=grade) for site in sites for grade in (1, 2)]
    make_closure(first_day=date(2027, 1, 12), last_day=date(2027, 1, 14))
    make_closure(first_day=date(2027, 1, 20), grades=[2], institute=sites[2].institute)
    make_closure(first_day=date(2027, 1, 22), institute=sites[3].institute, classes=classes[6:7])
    make_closure(first_day=date(2027, 1, 25), municipality=sites[0].municipality)
    for number in range(60):
        start = (
            datetime(2027, 1, 4, tzinfo=UTC) + rng.randrange(30) * DAY + timedelta(minutes=5 * rng.randrange(66, 180))
        )
        make_booking(anna, slot=make_slot(starts=[start]), school_class=classes[number % len(classes)])
    times = schools.school_times({site.id for site in sites}, school_year=SCHOOL_YEAR)

    expected = {}
    for meeting in db.session.scalars(select(BookingMeeting)):
        school_class = meeting.booking.school_class
        span = Span(starts_at=meeting.starts_at, ends_at=meeting.ends_at)
        try:
            rules.check_school_days(
                [span], times[school_class.site_id], grade=school_class.grade, class_id=school_class.id
            )
        except BookingRefusal as no:
            expected[meeting.id] = str(no)

    found = service.find_conflicts(SCHOOL_YEAR, now=NOW)
    no_lessons = {key: str(one.no) for key, each in found.items() for one in each if one.kind == "no_lessons"}
    assert 10 < len(expected) < 55
    assert expected == no_lessons
    starts = {row.id: row.starts_at for row in db.session.execute(select(BookingMeeting.id, BookingMeeting.starts_at))}
    assert sorted(found, key=lambda key: (starts[key], str(key))) == list(found)


def test_somebody_in_two_places_is_a_conflict_and_one_date_for_two_classes_is_none(app: Flask, anna: User) -> None:
    del app
    dario = make_user("Dario", Role.FACILITATOR, organisation_id=make_organisation().id)
    room = make_room()
    together = make_slot(places=2, facilitator_id=dario.id, site=room.site, room=room)
    shared = [make_booking(anna, slot=together) for _each in range(2)]
    half_past = FIRST_START + timedelta(minutes=30)
    led = make_booking(anna, slot=make_slot(starts=[half_past], facilitator_id=dario.id))
    roomed = make_booking(anna, slot=make_slot(starts=[half_past], site=room.site, room=room))
    busy = make_booking(anna, slot=make_slot(starts=[half_past]), school_class=shared[0].school_class)
    after = make_booking(
        anna, slot=make_slot(starts=[FIRST_START + timedelta(hours=1)]), school_class=shared[1].school_class
    )

    found = kinds()

    assert [ConflictKind.FACILITATOR] == found.pop(led.meetings[0].id)
    assert [ConflictKind.ROOM] == found.pop(roomed.meetings[0].id)
    assert [ConflictKind.CLASS] == found.pop(busy.meetings[0].id)
    assert {} == found
    assert after.meetings[0].id not in found


def test_what_is_over_or_off_or_of_another_year_is_no_conflict(app: Flask, anna: User) -> None:
    del app
    free_day = datetime(2027, 1, 6, 9, tzinfo=UTC)
    make_booking(anna, slot=make_slot(starts=[NOW - DAY]))
    off = make_booking(anna, slot=make_slot(starts=[free_day]))
    off.meetings[0].status = MeetingStatus.CANCELLED
    make_booking(anna, slot=make_slot(starts=[free_day]), status=BookingStatus.CANCELLED)
    make_booking(anna, slot=make_slot(starts=[free_day]), school_class=make_school_class(school_year=SCHOOL_YEAR + 1))
    asked = make_booking(anna, slot=make_slot(starts=[free_day]), status=BookingStatus.REQUESTED)
    db.session.flush()

    assert {asked.meetings[0].id: [ConflictKind.NO_LESSONS]} == kinds()


def test_the_list_of_conflicts_says_what_is_the_matter_and_narrows(office: Client, anna: User) -> None:
    closed = make_booking(anna, slot=make_slot(starts=[datetime(2027, 1, 6, 9, tzinfo=UTC)]))
    twice = make_booking(anna, school_class=make_school_class(label="3Z"))
    make_booking(anna, slot=make_slot(), school_class=twice.school_class)

    page = office.page("/booking/conflicts")
    rows = rows_of(office, "/booking/conflicts?format=csv&sort=class&order=desc")

    assert "There are no lessons on 6 January 2027" in page.get_text()
    assert page.select(f'a[href="/booking/{closed.id}/dates/{closed.meetings[0].id}/move"]')
    assert {closed.school_class.label, "3Z"} == {row["Class"] for row in rows}
    assert ["3Z"] == [row["Class"] for row in rows_of(office, "/booking/conflicts?format=csv&kind=class")]
    assert ["3Z"] == [row["Class"] for row in rows_of(office, "/booking/conflicts?format=csv&text=3z")]
    assert "Nothing fits" in office.page("/booking/conflicts?kind=room").get_text()


def test_conflicts_take_the_same_number_of_statements_for_few_and_many(office: Client, anna: User) -> None:
    sites = [make_site() for _each in range(12)]
    counts = []
    for first, last in ((0, 3), (3, 12)):
        for site in sites[first:last]:
            slot = make_slot(starts=[datetime(2027, 1, 6, 9, tzinfo=UTC)])
            make_booking(anna, slot=slot, school_class=make_school_class(site=site))
        office.get("/booking/conflicts")
        with counted_queries() as sent:
            office.get("/booking/conflicts")
        counts.append(sent.count)

    assert counts[0] == counts[1]


def test_a_school_is_reached_by_a_confirmed_booking_of_one_of_its_classes(office: Client, anna: User) -> None:
    reached, asked, before, never = (make_institute(name=name) for name in ("Raggiunta", "Chiede", "Prima", "Mai"))
    for institute, values in (
        (reached, {"status": BookingStatus.CONFIRMED}),
        (asked, {"status": BookingStatus.REQUESTED}),
        (never, {"status": BookingStatus.CANCELLED}),
    ):
        make_booking(anna, school_class=make_school_class(site=make_site(institute=institute)), **values)
    old = make_school_class(site=make_site(institute=before), school_year=SCHOOL_YEAR - 2)
    make_booking(anna, school_class=old)
    make_user("Lia", Role.COORDINATOR, institute_id=never.id)

    rows = {row["School"]: row for row in rows_of(office, "/booking/unreached/schools?format=csv")}

    assert "Raggiunta" not in rows
    assert {"Chiede": "never", "Prima": "2024/25", "Mai": "never"} == {
        name: rows[name]["Last reached"] for name in ("Chiede", "Prima", "Mai")
    }
    assert "Lia <" in rows["Mai"]["Coordinators"]
    assert "1" == rows["Mai"]["Classes entered"]
    once = rows_of(office, "/booking/unreached/schools?format=csv&before=once")
    assert ["Prima"] == [row["School"] for row in once]
    found = rows_of(office, f"/booking/unreached/schools?format=csv&text={never.code.lower()}")
    assert ["Mai"] == [row["School"] for row in found]


def test_schools_that_the_register_dropped_or_without_a_target_level_are_left_out(office: Client) -> None:
    listed = make_institute(name="Aperta")
    make_site(institute=listed, last_seen=SCHOOL_YEAR)
    make_site(institute=make_institute(name="Soppressa", municipality=listed.municipality), last_seen=SCHOOL_YEAR - 1)
    make_site(institute=make_institute(name="Infanzia"), level=Level.INFANZIA)

    rows = rows_of(office, "/booking/unreached/schools?format=csv")

    assert "Aperta" in {row["School"] for row in rows}
    assert not {"Soppressa", "Infanzia"} & {row["School"] for row in rows}


def test_a_class_counts_as_reached_before_when_its_pupils_were(office: Client, anna: User) -> None:
    site = make_site(name="Bocconi")
    last_year = make_school_class(site=site, school_year=SCHOOL_YEAR - 1, label="1A")
    make_booking(anna, school_class=last_year)
    make_school_class(site=site, grade=2, label="2A", cohort_id=last_year.cohort_id)
    make_school_class(site=site, label="1B")
    make_booking(anna, school_class=make_school_class(site=site, label="1C"))

    rows = rows_of(office, "/booking/unreached/classes?format=csv&text=bocconi")

    assert {"2A": "2025/26", "1B": "never"} == {row["Class"]: row["Last reached"] for row in rows}
    for asked, expected in (
        ("before=never", ["1B"]),
        ("before=once", ["2A"]),
        ("grade=2", ["2A"]),
        ("level=primo_grado", []),
    ):
        narrowed = rows_of(office, f"/booking/unreached/classes?format=csv&text=bocconi&{asked}")
        assert expected == [row["Class"] for row in narrowed], asked


def test_the_lists_of_what_was_not_reached_say_their_rule(office: Client) -> None:
    make_school_class()
    for address in ("/booking/unreached/schools", "/booking/unreached/classes"):
        text = office.page(address).get_text()
        assert "Who counts as reached" in text
        assert "schools never reached come first" in text


@pytest.mark.parametrize(
    "address", ["/booking/conflicts", "/booking/unreached/schools", "/booking/unreached/classes", "/booking/planning/"]
)
def test_only_the_office_sees_its_lists(
    client: Client, sign_in: SignIn, bruno: User, dario: User, address: str
) -> None:
    assert 303 == client.get(address).status_code
    assert [403, 403] == [sign_in(person).get(address).status_code for person in (bruno, dario)]


@pytest.mark.parametrize("address", ["/booking/unreached/schools", "/booking/unreached/classes"])
@pytest.mark.parametrize("key", ["class", "school", "municipality", "reached", "level", "place", "pupils"])
def test_what_was_not_reached_sorts_both_ways_on_both_databases(
    office: Client, anna: User, address: str, key: str
) -> None:
    make_request(anna)
    make_booking(anna, school_class=make_school_class(school_year=SCHOOL_YEAR - 1))
    for order in ("asc", "desc"):
        office.page(f"{address}?sort={key}&order={order}")


def test_no_conflict_is_made_up_in_an_empty_district(app: Flask) -> None:
    del app
    assert {} == service.find_conflicts(SCHOOL_YEAR, now=NOW)
    assert [] == db.session.scalars(service.dates_in_conflict([])).all()
