"""Classes that go on into the next school year: proposed, written when somebody says so, corrected, taken back."""

import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.access import NotYours
from prevention.core.db import db
from prevention.schools import service
from prevention.schools.forward_rules import ClassBefore, next_label, plan_site
from prevention.schools.history_models import ClassForwarding, ClassLineage
from prevention.schools.models import SchoolClass, Site
from prevention.schools.rules import Level
from tests.factories.booking import make_booking
from tests.factories.network import make_municipality
from tests.factories.schools import make_school_class, make_site
from tests.schools.test_successions import NEW, OLD, make_merger
from tests.support.http import Client
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]
YEAR = 2027


@pytest.fixture
def site(bruno: User) -> Site:
    """Bruno's lower secondary site with 1A, 1B, 2A and 3A in 2026/27."""
    site = make_site(
        institute_id=bruno.roles[0].institute_id, municipality=make_municipality(), level=Level.PRIMO_GRADO
    )
    for grade, section, pupils in ((1, "A", 20), (1, "B", 24), (2, "A", 18), (3, "A", 21)):
        make_school_class(site=site, grade=grade, section=section, pupils=pupils)
    return site


def labels(site: Site, year: int = YEAR) -> list[str]:
    query = select(SchoolClass.label).where(SchoolClass.site_id == site.id, SchoolClass.school_year == year)
    return sorted(db.session.scalars(query))


def class_named(site: Site, label: str, year: int = YEAR) -> SchoolClass:
    query = select(SchoolClass).where(SchoolClass.site_id == site.id, SchoolClass.school_year == year)
    return db.session.scalars(query.where(SchoolClass.label == label)).one()


def parents(school_class: SchoolClass) -> set[str]:
    query = (
        select(SchoolClass.label)
        .join(ClassLineage, ClassLineage.from_class_id == SchoolClass.id)
        .where(ClassLineage.to_class_id == school_class.id)
    )
    return set(db.session.scalars(query))


def forward(user: User) -> int:
    return service.forward_all(actor_of(user), service.proposed_forwarding(YEAR), now=clock.now())


def answers(site: Site, **sections: str) -> dict[uuid.UUID, list[str]]:
    """Give answers by the label of the class before, with an underscore in front: _1A="A, B"."""
    return {
        class_named(site, name[1:], YEAR - 1).id: [part.strip() for part in said.split(",") if part.strip()]
        for name, said in sections.items()
    }


def test_proposing_writes_nothing(site: Site) -> None:
    (found,) = service.proposed_forwarding(YEAR)

    assert ["1A", "1B", "2A", "2B", "3A"] == [each.label for each in found.plan.changes]
    assert ["3A"] == [each.label for each in found.plan.leaving]
    assert [] == labels(site)


def test_classes_go_on_with_their_generation_and_pupils(anna: User, site: Site) -> None:
    assert 5 == forward(anna)

    before, after = class_named(site, "1B", YEAR - 1), class_named(site, "2B")
    assert (before.cohort_id, 24) == (after.cohort_id, after.pupils)
    assert {"1B"} == parents(after)
    assert set() == parents(class_named(site, "1A"))
    assert class_named(site, "1A").cohort_id != class_named(site, "1A", YEAR - 1).cohort_id


def test_a_second_run_finds_nothing_new(anna: User, site: Site) -> None:
    forward(anna)

    assert [] == service.proposed_forwarding(YEAR)


def test_a_class_that_was_entered_by_hand_is_joined_not_doubled(anna: User, site: Site) -> None:
    by_hand = make_school_class(site=site, school_year=YEAR, grade=2, section="A", pupils=19)
    own = by_hand.cohort_id

    forward(anna)

    assert ["1A", "1B", "2A", "2B", "3A"] == labels(site)
    assert {"1A"} == parents(by_hand)
    assert (class_named(site, "1A", YEAR - 1).cohort_id, 19) == (by_hand.cohort_id, by_hand.pupils)
    service.undo_forwarding(actor_of(anna), YEAR, site_ids=[site.id])
    assert ["2A"] == labels(site)
    assert (own, set()) == (by_hand.cohort_id, parents(by_hand))


def test_undoing_takes_back_everything(anna: User, site: Site) -> None:
    forward(anna)

    done = service.undo_forwarding(actor_of(anna), YEAR, site_ids=[site.id])

    assert (5, ()) == (done.removed, done.kept)
    assert [] == labels(site)
    assert 1 == len(service.proposed_forwarding(YEAR))


def test_a_class_that_was_booked_meanwhile_stays(anna: User, site: Site) -> None:
    forward(anna)
    make_booking(anna, school_class=class_named(site, "2A"))

    done = service.undo_forwarding(actor_of(anna), YEAR, site_ids=[site.id])

    assert (4, ("2A",)) == (done.removed, done.kept)
    assert {"1A"} == parents(class_named(site, "2A"))


def test_statements_do_not_grow_with_the_district(anna: User, site: Site) -> None:
    with counted_queries() as few:
        service.proposed_forwarding(YEAR)
    for _ in range(4):
        other = make_site(level=Level.PRIMO_GRADO)
        make_school_class(site=other, grade=1, section="A")
    with counted_queries() as many:
        found = service.proposed_forwarding(YEAR)
    with counted_queries() as writing:
        service.forward_all(actor_of(anna), found, now=clock.now())

    assert 5 == len(found)
    assert few.count == many.count
    assert writing.count <= 6


def test_a_school_says_once_what_was_merged_split_and_ended(bruno: User, site: Site) -> None:
    """1A and 1B become 2A; 2A becomes 3A and 3B."""
    service.answer_forwarding(
        actor_of(bruno),
        site,
        YEAR,
        answers=answers(site, _1A="A", _1B="A", _2A="A, B"),
        first_sections=["A", "C"],
        now=clock.now(),
    )

    assert ["1A", "1C", "2A", "3A", "3B"] == labels(site)
    assert {"1A", "1B"} == parents(class_named(site, "2A"))
    assert {"2A"} == parents(class_named(site, "3A")) == parents(class_named(site, "3B"))
    merged, larger = class_named(site, "2A"), class_named(site, "1B", YEAR - 1)
    assert (44, larger.cohort_id) == (merged.pupils, merged.cohort_id)
    assert class_named(site, "3B").pupils is None
    assert [] == service.proposed_forwarding(YEAR)


def test_a_school_corrects_what_the_office_carried_over(anna: User, bruno: User, site: Site) -> None:
    forward(anna)

    service.answer_forwarding(
        actor_of(bruno),
        site,
        YEAR,
        answers=answers(site, _1A="A", _1B="A", _2A=""),
        first_sections=["A", "B"],
        now=clock.now(),
    )

    assert ["1A", "1B", "2A"] == labels(site)
    assert {"1A", "1B"} == parents(class_named(site, "2A"))
    service.undo_forwarding(actor_of(bruno), YEAR, site_ids=[site.id], with_answered=True)
    assert [] == labels(site)


def test_an_answer_that_would_take_a_booked_class_away_is_refused_whole(anna: User, bruno: User, site: Site) -> None:
    forward(anna)
    make_booking(anna, school_class=class_named(site, "2B"))

    with pytest.raises(service.ClassesInUse) as refused:
        service.answer_forwarding(
            actor_of(bruno), site, YEAR, answers=answers(site, _1A="A", _1B="A"), first_sections=[], now=clock.now()
        )

    assert ("2B",) == refused.value.labels


def test_the_office_undoing_the_year_leaves_what_a_school_answered(anna: User, bruno: User, site: Site) -> None:
    service.answer_forwarding(
        actor_of(bruno), site, YEAR, answers=answers(site, _1A="A"), first_sections=[], now=clock.now()
    )

    service.undo_forwarding(actor_of(anna), YEAR, site_ids=[site.id])

    assert ["2A"] == labels(site)


def test_classes_of_a_code_that_ended_go_on_under_its_successor(anna: User) -> None:
    old, new = make_merger()
    make_school_class(site=old, school_year=2025, grade=1, section="A", label="1A")
    service.decide_successions(actor_of(anna), {OLD: NEW}, now=clock.now())

    service.forward_all(actor_of(anna), service.proposed_forwarding(2026), now=clock.now())

    assert ["1A", "2A"] == labels(new, 2026)
    assert {"1A"} == parents(class_named(new, "2A", 2026))


def test_two_classes_of_one_name_wait_for_the_school(anna: User) -> None:
    """Two sites that became one both had a 1A."""
    old, new = make_merger()
    for site in (old, new):
        make_school_class(site=site, school_year=2025, grade=1, section="A", label="1A")
    service.decide_successions(actor_of(anna), {OLD: NEW}, now=clock.now())

    (found,) = service.proposed_forwarding(2026)

    assert 2 == len(found.plan.doubtful)
    assert 0 == service.forward_all(actor_of(anna), [found], now=clock.now())


@pytest.mark.parametrize(("label", "expected"), [("3A LSA", "4A LSA"), ("Terza A", "4A"), ("3", "4"), ("3ª A", "4ª A")])
def test_the_name_of_a_class_moves_on_with_its_grade(label: str, expected: str) -> None:
    before = ClassBefore(
        id=uuid.uuid4(), site_id=uuid.uuid4(), grade=3, section="A", label=label, pupils=None, cohort_id=uuid.uuid4()
    )

    assert expected == next_label(before)


def test_a_level_without_grades_has_nothing_to_carry_over() -> None:
    assert () == plan_site(uuid.uuid4(), YEAR, grades=range(0), before=[], now=[]).classes


def address(site: Site, year: int = YEAR) -> str:
    return f"/schools/sites/{site.code}/forward/{year}"


def test_the_page_proposes_and_saving_it_carries_the_classes_over(bruno: User, site: Site, sign_in: SignIn) -> None:
    browser = sign_in(bruno)
    page = browser.page(address(site))
    sent = {str(field["name"]): str(field["value"]) for field in page.select("form.form input.form-control")}
    assert "A, B" == sent["first"]

    answer = browser.post(address(site), data=sent)

    assert 303 == answer.status_code
    assert ["1A", "1B", "2A", "2B", "3A"] == labels(site)
    assert "You have answered this." in browser.page(address(site)).get_text()


def test_sections_that_are_none_change_nothing(bruno: User, site: Site, sign_in: SignIn) -> None:
    sent = {str(class_named(site, "1A", YEAR - 1).id): "!", "first": "A"}

    assert 422 == sign_in(bruno).post(address(site), data=sent).status_code
    assert [] == labels(site)


def test_a_booked_class_that_would_go_is_named_on_the_page(
    anna: User, bruno: User, site: Site, sign_in: SignIn
) -> None:
    forward(anna)
    make_booking(anna, school_class=class_named(site, "2B"))

    answer = sign_in(bruno).post(address(site), data={"first": "A", str(class_named(site, "1B", YEAR - 1).id): ""})

    assert 422 == answer.status_code
    assert "2B would have to go" in answer.get_data(as_text=True)


def test_the_page_takes_back_what_was_carried_over(anna: User, bruno: User, site: Site, sign_in: SignIn) -> None:
    forward(anna)
    browser = sign_in(bruno)

    assert 303 == browser.post(f"{address(site)}/undo").status_code
    assert [] == labels(site)
    assert 405 == browser.get(f"{address(site)}/undo").status_code


@pytest.mark.parametrize("path", ["", "/undo"])
def test_another_school_finds_nothing(anna: User, carla: User, site: Site, sign_in: SignIn, path: str) -> None:
    forward(anna)

    assert 404 == sign_in(carla).post(address(site) + path).status_code
    assert 5 == len(labels(site))


def test_a_facilitator_may_not(dario: User, site: Site, sign_in: SignIn) -> None:
    assert 403 == sign_in(dario).get(address(site)).status_code
    assert 403 == sign_in(dario).post(address(site)).status_code
    assert 403 == sign_in(dario).post(f"{address(site)}/undo").status_code


def test_a_code_that_is_none_is_not_found(bruno: User, sign_in: SignIn) -> None:
    assert 404 == sign_in(bruno).get("/schools/sites/CRXX00000X/forward/2027").status_code


def test_a_site_without_classes_the_year_before_is_told_so(bruno: User, site: Site, sign_in: SignIn) -> None:
    assert sign_in(bruno).page(address(site, YEAR - 1)).select_one(".empty")


def test_another_school_is_refused_by_the_service_too(carla: User, site: Site) -> None:
    with pytest.raises(NotYours):
        service.answer_forwarding(actor_of(carla), site, YEAR, answers={}, first_sections=[], now=clock.now())
    assert not db.session.scalars(select(ClassForwarding)).all()


def test_a_school_is_asked_once_to_look_through_what_the_office_carried_over(
    anna: User, bruno: User, site: Site, sign_in: SignIn
) -> None:
    forward(anna)
    browser = sign_in(bruno)
    asked = "Look through them once"
    assert asked in browser.page(f"/schools/classes?year={YEAR}").get_text()

    page = browser.page(address(site))
    sent = {str(field["name"]): str(field["value"]) for field in page.select("form.form input.form-control")}
    browser.post(address(site), data=sent)

    assert asked not in browser.page(f"/schools/classes?year={YEAR}").get_text()
