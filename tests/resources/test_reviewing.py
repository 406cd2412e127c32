"""The life of a material: who may take which step, never on their own work, and once."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.core.models import AuditEntry
from prevention.resources import rules, service
from prevention.resources.models import Resource, ResourceCare
from prevention.resources.rules import ResourceKind, Status, Step
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.resources import make_resource, make_resource_file
from tests.support.http import Client

SignIn = Callable[[User], Client]
database = pytest.mark.usefixtures("app")
DAY = date(2026, 11, 23)


def status_of(resource: Resource) -> Status:
    """Read where a resource stands."""
    db.session.expire_all()
    return db.session.scalars(select(ResourceCare.status).where(ResourceCare.resource_id == resource.id)).one()


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("status", list(Status))
def test_a_step_begins_only_where_it_may(step: Step, status: Status) -> None:
    if status in rules.begins_of(step):
        assert rules.after(step, status) in Status
    else:
        with pytest.raises(rules.WrongStep):
            rules.after(step, status)


def test_nothing_is_published_that_was_not_approved() -> None:
    assert frozenset({Status.REVIEWED}) == rules.begins_of(Step.PUBLISH)
    assert {Step.APPROVE} == {step for step in Step if step_leads_to(step, Status.REVIEWED)}


def step_leads_to(step: Step, status: Status) -> bool:
    """Say whether a step ends at a status."""
    return status is rules.after(step, next(iter(rules.begins_of(step))))


@pytest.mark.parametrize(
    ("kind", "today", "day"),
    [
        (ResourceKind.LESSON_PLAN, date(2026, 11, 23), date(2028, 11, 23)),
        (ResourceKind.LETTER, date(2027, 1, 31), date(2028, 1, 31)),
        (ResourceKind.LESSON_PLAN, date(2028, 2, 29), date(2030, 2, 28)),
    ],
)
def test_the_usual_next_review_depends_on_the_kind(kind: ResourceKind, today: date, day: date) -> None:
    assert day == rules.usual_review_day(kind, today=today)


@pytest.mark.parametrize("day", [DAY, DAY - timedelta(days=1), date(2031, 11, 24)])
def test_the_next_review_lies_ahead_and_not_too_far(day: date) -> None:
    with pytest.raises(rules.ReviewDayOver):
        rules.check_review_day(day, today=DAY)


def test_it_is_outdated_from_the_day_after_its_review() -> None:
    assert not rules.is_outdated(Status.PUBLISHED, DAY, today=DAY)
    assert rules.is_outdated(Status.PUBLISHED, DAY, today=DAY + timedelta(days=1))
    assert not rules.is_outdated(Status.RETIRED, DAY, today=DAY + timedelta(days=1))


@database
def test_a_material_goes_from_draft_to_readers_through_a_second_person(
    anna: User, dario: User, client: Client, sign_in: SignIn
) -> None:
    resource = make_resource(status=Status.DRAFT, created_by=dario.id)
    address = f"/resources/{resource.id}"
    writer, office = sign_in(dario), sign_in(anna)

    assert 303 == writer.post(f"{address}/steps/hand_in").status_code
    assert 422 == writer.post(f"{address}/steps/approve").status_code
    assert Status.WAITING is status_of(resource)
    assert 303 == office.post(f"{address}/steps/approve").status_code
    assert 404 == client.get(address).status_code
    assert (
        303
        == office.post(
            f"{address}/steps/publish", data={"review_by": "2027-06-30", "evidence_class": "more_studies"}
        ).status_code
    )

    page = client.page(address).get_text()
    assert "Next review by 30 June 2027" in page
    assert "More studies needed" in page
    trail = db.session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == resource.id))
    assert {"resources.hand_in", "resources.approve", "resources.publish"} == set(trail)


@database
def test_whoever_changed_it_last_does_not_review_it(anna: User, dario: User, sign_in: SignIn) -> None:
    resource = make_resource(status=Status.WAITING, created_by=dario.id, care={"changed_by": anna.id})

    answer = sign_in(anna).post(f"/resources/{resource.id}/steps/approve")

    assert 422 == answer.status_code
    assert "a second person reviews each material" in answer.get_data(as_text=True)
    assert Status.WAITING is status_of(resource)


@database
def test_a_change_to_what_was_approved_asks_for_another_look(anna: User, dario: User, sign_in: SignIn) -> None:
    resource = make_resource(status=Status.REVIEWED, created_by=dario.id)

    service.change(
        actor_of(anna),
        service.editable_for(actor_of(anna), resource.id),
        service.Details(
            title="Altro", abstract="Altro", kind=resource.kind, language=resource.language, licence=resource.licence
        ),
        now=clock.now(),
    )
    db.session.flush()

    assert Status.WAITING is status_of(resource)


@database
def test_it_is_sent_back_with_a_remark_for_its_author(anna: User, dario: User, sign_in: SignIn) -> None:
    resource = make_resource(status=Status.WAITING, created_by=dario.id)

    assert (
        303
        == sign_in(anna)
        .post(f"/resources/{resource.id}/steps/send_back", data={"remark": "Manca la fonte."})
        .status_code
    )

    assert Status.DRAFT is status_of(resource)
    assert "Manca la fonte." in sign_in(dario).page(f"/resources/{resource.id}").get_text()


@database
def test_a_review_is_renewed_by_somebody_else_and_ends_being_outdated(anna: User, dario: User, sign_in: SignIn) -> None:
    yesterday = clock.today() - timedelta(days=1)
    own = make_resource(created_by=anna.id, care={"review_by": yesterday})
    other = make_resource(created_by=dario.id, care={"review_by": yesterday})

    assert 422 == sign_in(anna).post(f"/resources/{own.id}/steps/renew").status_code
    assert 303 == sign_in(anna).post(f"/resources/{other.id}/steps/renew").status_code

    db.session.expire_all()
    assert date(2028, 11, 23) == db.session.get_one(ResourceCare, other.id).review_by


@database
@pytest.mark.parametrize(
    ("step", "status", "who", "code"),
    [
        ("publish", Status.REVIEWED, "dario", 404),
        ("publish", Status.REVIEWED, "bruno", 404),
        ("approve", Status.WAITING, "bruno", 404),
        ("retire", Status.PUBLISHED, "dario", 404),
        ("renew", Status.PUBLISHED, "carla", 404),
        ("withdraw", Status.PUBLISHED, "carla", 404),
        ("publish", Status.DRAFT, "anna", 422),
        ("retire", Status.RETIRED, "anna", 422),
        ("nonsense", Status.PUBLISHED, "anna", 404),
    ],
)
def test_steps_that_are_not_for_this_person_or_not_now(
    request: pytest.FixtureRequest, sign_in: SignIn, step: str, status: Status, who: str, code: int
) -> None:
    resource = make_resource(status=status)

    answer = sign_in(request.getfixturevalue(who)).post(f"/resources/{resource.id}/steps/{step}")

    assert code == answer.status_code
    assert status is status_of(resource)


@database
@pytest.mark.parametrize("data", [{"review_by": "2026-11-23"}, {"review_by": "x"}, {"evidence_class": "x"}])
def test_a_step_with_a_bad_form_changes_nothing(anna: User, sign_in: SignIn, data: dict[str, str]) -> None:
    resource = make_resource(status=Status.REVIEWED)

    assert 422 == sign_in(anna).post(f"/resources/{resource.id}/steps/publish", data=data).status_code
    assert Status.REVIEWED is status_of(resource)


@database
def test_steps_have_no_page_and_are_for_people_who_sign_in(anna: User, client: Client, sign_in: SignIn) -> None:
    resource = make_resource()

    assert 405 == sign_in(anna).get(f"/resources/{resource.id}/steps/retire").status_code
    assert 401 == client.post(f"/resources/{resource.id}/steps/retire").status_code
    assert 404 == sign_in(anna).post(f"/resources/{uuid.UUID(int=1)}/steps/retire").status_code


@database
def test_a_new_version_of_what_is_published_waits_for_a_second_person(
    anna: User, dario: User, client: Client, sign_in: SignIn
) -> None:
    resource = make_resource()
    make_resource_file(resource, version=2, is_released=False, uploaded_by=anna.id)
    address = f"/resources/{resource.id}/files/2"

    assert 404 == client.get(address).status_code
    assert 422 == sign_in(anna).post(f"{address}/release").status_code
    assert 404 == client.get(address).status_code
    assert 303 == sign_in(dario).post(f"{address}/release").status_code

    assert 200 == client.get(address, buffered=True).status_code
    assert 404 == sign_in(anna).post(f"/resources/{resource.id}/files/9/release").status_code
    assert 405 == sign_in(anna).get(f"{address}/release").status_code


@database
def test_the_desk_shows_what_waits(anna: User, dario: User, bruno: User, sign_in: SignIn) -> None:
    make_resource(title="W", status=Status.WAITING)
    make_resource(title="D", status=Status.DRAFT)
    make_resource(title="O", care={"review_by": clock.today() - timedelta(days=1)})
    make_resource(title="L", link="https://example.org", care={"link_failures": 3})

    office = sign_in(anna).page("/resources/desk").get_text()
    assert all(words in office for words in ("Waiting for review (1)", "Drafts (1)", "Outdated (1)", "Dead links (1)"))
    facilitator = sign_in(dario).page("/resources/desk").get_text()
    assert "Waiting for review (1)" in facilitator
    assert "Drafts" not in facilitator
    assert 403 == sign_in(bruno).get("/resources/desk").status_code


def test_two_who_take_the_same_step_at_once_take_it_once(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        resource_id = make_resource(status=Status.WAITING, with_file=False, link="https://example.org").id
        people = [make_user(f"P{number}", Role.OFFICE).id for number in range(3)]
    start = Barrier(len(people))

    def approve(user_id: uuid.UUID) -> bool:
        with live_app.app_context():
            actor = actor_of(db.session.get_one(User, user_id))
            resource = service.resource_for(actor, resource_id)
            db.session.rollback()
            start.wait()
            try:
                with unit_of_work():
                    resource = service.resource_for(actor, resource_id)
                    service.take_step(actor, resource, Step.APPROVE, now=clock.now())
            except rules.WrongStep:
                return False
            return True

    with ThreadPoolExecutor(len(people)) as pool:
        assert [False, False, True] == sorted(pool.map(approve, people))
