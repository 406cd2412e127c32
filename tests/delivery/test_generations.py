"""What each generation of classes got from its first year on, through new names, splits and mergers."""

from collections.abc import Callable

import pytest

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core.access import NotYours
from prevention.core.db import db
from prevention.delivery.generations import Generation, generations_of
from prevention.programmes.models import Programme
from prevention.schools.history_models import ClassLineage
from prevention.schools.models import Institute, SchoolClass, Site
from tests.factories.delivery import make_booked_meeting, make_register
from tests.factories.network import make_municipality
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import make_school_class, make_site
from tests.support.http import Client
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]


@pytest.fixture
def site(bruno: User) -> Site:
    return make_site(institute_id=bruno.roles[0].institute_id, municipality=make_municipality())


def class_of(site: Site, year: int, label: str, *before: SchoolClass) -> SchoolClass:
    row = make_school_class(site=site, school_year=year, grade=int(label[0]), section=label[1:], label=label)
    db.session.add_all(ClassLineage(from_class_id=each.id, to_class_id=row.id) for each in before)
    db.session.flush()
    return row


def had(school_class: SchoolClass, programme: Programme, minutes: int = 60) -> None:
    edition = next((each for each in programme.editions if each.school_year == school_class.school_year), None)
    edition = edition or make_edition(programme=programme, school_year=school_class.school_year)
    make_register(make_booked_meeting(school_class=school_class, edition=edition), minutes=minutes)


def one(user: User, site: Site, label: str, year: int = 2026) -> Generation:
    institute = db.session.get_one(Institute, site.institute_id)
    return next(each for each in generations_of(actor_of(user), institute, year) if each.label == label)


def told(generation: Generation) -> list[tuple[int, tuple[str, ...], list[tuple[str, bool]]]]:
    return [
        (year.school_year, year.labels, [(each.programme.text("it"), each.is_partial) for each in year.received])
        for year in generation.years
    ]


def test_a_generation_is_followed_from_its_fifth_year_to_its_first(bruno: User, site: Site) -> None:
    programmes = [make_programme() for _ in range(5)]
    row = class_of(site, 2022, "1A")
    had(row, programmes[0], 60)
    for grade in range(2, 6):
        row = class_of(site, 2021 + grade, f"{grade}A", row)
        had(row, programmes[grade - 1], 30)

    found = one(bruno, site, "5A")

    assert [(2021 + grade, (f"{grade}A",)) for grade in range(5, 0, -1)] == [each[:2] for each in told(found)]
    assert [5, 1] == [len(found.years), len(found.years[0].received)]
    assert 60 + 4 * 30 == found.minutes


def test_a_merged_class_says_what_a_part_of_it_had(bruno: User, site: Site) -> None:
    both, some = make_programme(), make_programme()
    first, second = class_of(site, 2025, "1A"), class_of(site, 2025, "1B")
    had(first, both)
    had(second, both)
    had(first, some)
    class_of(site, 2026, "2A", first, second)

    (_now, before) = told(one(bruno, site, "2A"))

    names = sorted([(both.name.text("it"), False), (some.name.text("it"), True)])
    assert (2025, ("1A", "1B"), names) == (before[0], before[1], sorted(before[2]))
    assert 120 == one(bruno, site, "2A").minutes


def test_both_halves_of_a_split_class_remember_the_whole(bruno: User, site: Site) -> None:
    programme = make_programme()
    whole = class_of(site, 2025, "1A")
    had(whole, programme)
    class_of(site, 2026, "2A", whole)
    class_of(site, 2026, "2C", whole)

    assert told(one(bruno, site, "2A"))[1] == told(one(bruno, site, "2C"))[1]


def test_memory_goes_through_a_change_of_site(bruno: User, site: Site) -> None:
    elsewhere = class_of(make_site(), 2025, "1X")
    had(elsewhere, make_programme())
    class_of(site, 2026, "2A", elsewhere)

    assert ("1X",) == told(one(bruno, site, "2A"))[1][1]


def test_statements_do_not_grow_with_the_classes(bruno: User, site: Site) -> None:
    institute = db.session.get_one(Institute, site.institute_id)
    actor = actor_of(bruno)
    class_of(site, 2026, "2A", class_of(site, 2025, "1A"))
    with counted_queries() as few:
        generations_of(actor, institute, 2026)
    for section in "BCD":
        class_of(site, 2026, f"2{section}", class_of(site, 2025, f"1{section}"))
    with counted_queries() as many:
        generations_of(actor, institute, 2026)

    assert few.count == many.count <= 7


def test_another_school_sees_nothing(carla: User, site: Site) -> None:
    with pytest.raises(NotYours):
        generations_of(actor_of(carla), db.session.get_one(Institute, site.institute_id), 2026)


def test_the_page_shows_the_own_institute_and_the_office_chooses(
    anna: User, bruno: User, carla: User, dario: User, site: Site, sign_in: SignIn
) -> None:
    before = class_of(site, 2025, "1A")
    had(before, make_programme(name={"it": "Percorso", "en": "Skills"}))
    class_of(site, 2026, "2A", before)
    code = db.session.get_one(Institute, site.institute_id).code

    assert "as 1A" in sign_in(bruno).page("/generations").get_text(" ", strip=True)
    assert "Skills" in sign_in(anna).page(f"/generations?institute={code}").get_text()
    assert sign_in(anna).page("/generations").select_one(".empty")
    assert 404 == sign_in(carla).get(f"/generations?institute={code}").status_code
    assert 404 == sign_in(anna).get("/generations?institute=CRXX00000X").status_code
    assert 403 == sign_in(dario).get("/generations").status_code
