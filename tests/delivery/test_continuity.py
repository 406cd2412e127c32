"""What breaks off from one year to the next: found, shown to those it concerns, and told once in September."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking.models import BookingMeeting
from prevention.core import clock
from prevention.core.db import db
from prevention.delivery.continuity.reading import awaited_for, breaks_for, breaks_of_year, tell_breaks
from prevention.delivery.continuity.rules import BreakKind, Participation, find_breaks
from prevention.messages.models import OutboxMessage
from prevention.programmes.models import EditionSchool
from prevention.schools import service as schools
from prevention.schools.models import Site
from tests.factories.delivery import make_booked_meeting, make_register
from tests.factories.network import make_municipality
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import make_school_class, make_site
from tests.schools.test_successions import NEW, OLD, make_merger
from tests.support.http import Client
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]
SITE, INSTITUTE = uuid.uuid4(), uuid.uuid4()
# The fifteenth of September, nine o'clock in Rome.
SEPTEMBER = datetime(2026, 9, 15, 7, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def part(year: int, number: int = 0, **values: object) -> Participation:
    plain: dict[str, object] = {
        "school_year": year,
        "class_id": uuid.UUID(int=year * 100 + number),
        "site_id": SITE,
        "institute_id": INSTITUTE,
        "school": "Liceo",
        "municipality": "Cremona",
        "level": "secondo_grado",
        "grade": 2,
        "programme": "Unplugged",
        "provider": "ATS",
    }
    return Participation(**{**plain, **values})  # type: ignore[arg-type]  # the names are those of the class


def took_part(site: Site, year: int, *, programme: object = None, is_held: bool = True) -> BookingMeeting:
    """Let a class of a site take part in a school year."""
    edition = make_edition(school_year=year, programme=programme or make_programme())
    meeting = make_booked_meeting(school_class=make_school_class(site=site, school_year=year), edition=edition)
    if is_held:
        make_register(meeting)
    return meeting


def test_a_school_with_classes_before_and_none_now_breaks_off_in_every_way() -> None:
    found = find_breaks([part(2025), part(2025, 1), part(2024)], school_year=2026)

    assert list(BreakKind) == [each.kind for each in found]
    assert {((2, 1), 0, True)} == {(each.before, each.now, each.is_off) for each in found}
    assert (INSTITUTE, "Cremona", ("Unplugged",)) == (found[0].institute_id, found[0].place, found[0].programmes)


def test_what_was_there_two_years_ago_only_is_remembered() -> None:
    assert (0, 1) == find_breaks([part(2024)], school_year=2026)[0].before


def test_what_goes_on_or_begins_does_not_break_off() -> None:
    assert [] == find_breaks([part(2025), part(2026)], school_year=2026)
    assert [] == find_breaks([part(2026)], school_year=2026)


def test_fewer_than_half_is_thinning_out() -> None:
    before = [part(2025, number) for number in range(5)]

    found = find_breaks([*before, part(2026, 1), part(2026, 2)], school_year=2026)

    assert {(2, False)} == {(each.now, each.is_off) for each in found}
    assert [] == find_breaks([*before, *(part(2026, number) for number in range(3))], school_year=2026)


def test_a_grade_can_break_off_alone() -> None:
    found = find_breaks([part(2025), part(2025, 1, grade=3), part(2026)], school_year=2026)

    assert [(BreakKind.GRADE, "secondo_grado-3")] == [(each.kind, each.name) for each in found]


def test_only_held_meetings_of_the_years_before_count_and_bookings_of_this_one(app: Flask) -> None:
    site = make_site()
    took_part(site, 2025, is_held=False)
    assert [] == breaks_of_year(2026)

    took_part(site, 2025)
    assert BreakKind.SCHOOL in {each.kind for each in breaks_of_year(2026)}

    took_part(site, 2026, is_held=False)
    assert BreakKind.SCHOOL not in {each.kind for each in breaks_of_year(2026)}


def test_a_school_that_changed_its_code_does_not_break_off(app: Flask, anna: User) -> None:
    old, new = make_merger()
    programme = make_programme()
    took_part(old, 2025, programme=programme)
    took_part(new, 2026, programme=programme)
    assert BreakKind.SCHOOL in {each.kind for each in breaks_of_year(2026)}

    schools.decide_successions(actor_of(anna), {OLD: NEW}, now=clock.now())

    assert BreakKind.SCHOOL not in {each.kind for each in breaks_of_year(2026)}


def test_statements_do_not_grow_with_the_bookings(app: Flask) -> None:
    took_part(make_site(), 2025)
    with counted_queries() as few:
        breaks_of_year(2026)
    for _ in range(3):
        took_part(make_site(), 2025)
    with counted_queries() as many:
        breaks_of_year(2026)

    assert few.count == many.count == 3


@pytest.fixture
def site(bruno: User) -> Site:
    """Bruno's site, which took part last year."""
    site = make_site(institute_id=bruno.roles[0].institute_id, municipality=make_municipality(), name="Liceo Alfa")
    took_part(site, 2025)
    return site


def mails() -> dict[str, str]:
    """Give the mails about continuity: recipient to subject."""
    query = select(OutboxMessage).where(OutboxMessage.key.contains("continuity:"))
    return {mail.recipient: mail.subject for mail in db.session.scalars(query)}


def test_the_office_and_the_school_are_told_once_in_september(anna: User, bruno: User, carla: User, site: Site) -> None:
    told = tell_breaks(SEPTEMBER)

    assert [None, None] == [tell_breaks(SEPTEMBER + timedelta(hours=1)), tell_breaks(SEPTEMBER + 5 * DAY)]
    assert told == len(mails())
    assert {anna.email, bruno.email} <= set(mails())
    assert carla.email not in mails()
    assert "School year 2026/27: your school has nothing booked yet" == mails()[bruno.email]


@pytest.mark.parametrize("moment", [SEPTEMBER - DAY, SEPTEMBER + 60 * DAY, SEPTEMBER - timedelta(hours=3)])
def test_outside_the_autumn_and_too_early_in_the_day_nobody_is_told(anna: User, site: Site, moment: datetime) -> None:
    assert tell_breaks(moment) is None
    assert {} == mails()


def test_a_machine_that_was_off_tells_later(anna: User, site: Site) -> None:
    assert tell_breaks(SEPTEMBER + 20 * DAY)
    assert anna.email in mails()


def test_when_nothing_breaks_off_nobody_is_told(anna: User) -> None:
    assert 0 == tell_breaks(SEPTEMBER)
    assert {} == mails()


def test_a_coordinator_sees_the_own_schools_only(anna: User, bruno: User, carla: User, site: Site) -> None:
    assert [BreakKind.SCHOOL] == [each.kind for each in breaks_for(actor_of(bruno), 2026)]
    assert [] == breaks_for(actor_of(carla), 2026)
    assert len(BreakKind) == len(breaks_for(actor_of(anna), 2026))


def test_the_board_shows_it(anna: User, bruno: User, dario: User, site: Site, client: Client, sign_in: SignIn) -> None:
    assert "Liceo Alfa" in sign_in(anna).page("/continuity").get_text()
    assert "Nothing yet" in sign_in(bruno).page("/continuity?year=2026").get_text()
    assert sign_in(anna).page("/continuity?year=nonsense").select_one("table")
    assert 403 == sign_in(dario).get("/continuity").status_code
    assert 303 == client.get("/continuity").status_code


def test_schools_that_an_edition_counts_on_are_awaited_until_they_book(
    anna: User, bruno: User, carla: User, site: Site, sign_in: SignIn
) -> None:
    edition = make_edition(school_year=2026)
    db.session.add(EditionSchool(edition_id=edition.id, site_id=site.id))
    db.session.flush()

    (awaited,) = awaited_for(actor_of(anna), 2026)

    assert (1, 1) == (len(awaited.schools), awaited.counted_on)
    assert awaited.schools[0].startswith("Liceo Alfa")
    assert [awaited] == awaited_for(actor_of(bruno), 2026)
    assert [] == awaited_for(actor_of(carla), 2026)
    assert "Counted on, not booked yet" in sign_in(bruno).page("/continuity").get_text()

    make_booked_meeting(school_class=make_school_class(site=site), edition=edition)
    assert [] == awaited_for(actor_of(anna), 2026)
