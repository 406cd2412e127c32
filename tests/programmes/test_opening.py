"""Opening a school year from the one before: everything is proposed, nothing changes before it is confirmed."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking.models import EditionReminder
from prevention.core import clock
from prevention.core.access import NotYours
from prevention.core.db import db, unit_of_work
from prevention.programmes import rules, service
from prevention.programmes.models import Edition, EditionSchool, YearOpening
from prevention.programmes.rules import BookingMode, EditionStatus
from prevention.programmes.service import Opened
from prevention.roles import Role
from prevention.schools.history_models import ClassForwarding, ClassLineage
from prevention.schools.models import Institute, SchoolClass, Site
from prevention.schools.rules import Level
from tests.factories.accounts import make_user
from tests.factories.booking import make_slot
from tests.factories.delivery import make_booked_meetings
from tests.factories.network import make_municipality
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import make_school_class
from tests.support.http import Client
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]
YEAR = 2027
PAGE = f"/years/{YEAR}"
PROGRAMMES, SITES, CLASSES = 11, 382, 3_000


def make_reference_district() -> None:
    """Eleven programmes with an edition each, 382 schools, 3,000 classes; every tenth school took part in one."""
    place = make_municipality()
    institute = Institute(code="CRIS99999X", name="Institute", municipality_id=place.id, is_state=True)
    db.session.add(institute)
    db.session.flush()
    sites = [
        {
            "id": uuid.uuid4(),
            "code": f"CRPS{number:05d}X",
            "institute_id": institute.id,
            "name": f"Site {number}",
            "municipality_id": place.id,
            "level": Level.SECONDO_GRADO,
            "type_description": "LICEO SCIENTIFICO",
            "is_state": True,
            "first_seen": 2025,
            "last_seen": 2026,
        }
        for number in range(SITES)
    ]
    classes = [
        {
            "id": uuid.uuid4(),
            "site_id": sites[number % SITES]["id"],
            "school_year": YEAR - 1,
            "grade": 1 + number // SITES % 5,
            "section": "AB"[number // SITES // 5],
            "label": f"{1 + number // SITES % 5}{'AB'[number // SITES // 5]}",
            "pupils": 22,
            "cohort_id": uuid.uuid4(),
        }
        for number in range(CLASSES)
    ]
    db.session.execute(insert(Site), sites)
    db.session.execute(insert(SchoolClass), classes)
    editions = [make_edition(school_year=YEAR - 1, quota_per_school=3) for _ in range(PROGRAMMES)]
    for number in range(0, SITES, 10):
        school_class = db.session.get_one(SchoolClass, classes[number]["id"])
        make_booked_meetings(edition=editions[number % PROGRAMMES], school_class=school_class)


def counts() -> dict[str, int]:
    """Count the rows of everything that opening a year can touch."""
    models = (Edition, EditionSchool, SchoolClass, ClassLineage, ClassForwarding)
    return {model.__tablename__: db.session.scalar(select(func.count()).select_from(model)) or 0 for model in models}


def opened(user: User, **values: object) -> Opened:
    """Open the year with everything that is proposed."""
    proposal = service.propose_year(YEAR)
    return service.open_year(
        actor_of(user),
        YEAR,
        **{  # type: ignore[arg-type]  # values of a test
            "mark": proposal.mark,
            "editions": [each.before.id for each in proposal.editions],
            "with_classes": True,
            "is_open": False,
            "now": clock.now(),
            "today": clock.today(),
            **values,
        },
    )


def test_the_reference_district_is_proposed_opened_and_undone_whole(app: Flask, anna: User) -> None:
    make_reference_district()
    before = counts()

    with counted_queries() as proposing:
        proposal = service.propose_year(YEAR)
    # Classes of grades 1 to 4 move up, and the first grade begins anew with the sections that it had.
    moving = sum(1 + number // SITES % 5 < 5 for number in range(CLASSES))
    beginning = sum(1 + number // SITES % 5 == 1 for number in range(CLASSES))
    assert (PROGRAMMES, SITES) == (len(proposal.editions), len(proposal.classes))
    assert moving + beginning == proposal.new_classes
    assert 39 == sum(len(each.sites) for each in proposal.editions)
    assert before == counts()
    assert proposing.count <= 12

    with counted_queries() as writing:
        done = opened(anna)
    assert Opened(school_year=YEAR, editions=PROGRAMMES, classes=moving + beginning) == done
    assert writing.count <= 40
    after = counts()
    assert (before["edition"] + PROGRAMMES, before["school_class"] + moving + beginning) == (
        after["edition"],
        after["school_class"],
    )
    assert (39, moving, SITES) == (after["edition_school"], after["class_lineage"], after["class_forwarding"])

    again = service.propose_year(YEAR)
    assert again.is_empty

    (opening,) = service.openings_of(YEAR)
    undone = service.undo_opening(actor_of(anna), opening.id, now=clock.now())
    assert done == undone
    assert before == counts()
    assert proposal.mark == service.propose_year(YEAR).mark


def test_an_edition_goes_on_with_its_terms_papers_and_reminders(app: Flask, anna: User) -> None:
    before = make_edition(
        school_year=YEAR - 1,
        quota_per_school=2,
        booking_mode=BookingMode.REQUESTS,
        acceptance_text="Benvenuti",
        needs={"it": "Un proiettore"},
        spacing_days=14,
        group_max=27,
        note="Solo il mattino",
    )
    db.session.add(EditionReminder(edition_id=before.id, days=12))

    opened(anna)

    after = service.edition_of(before.programme, YEAR)
    assert after is not None
    shared = ("organisation_id", "quota_per_school", "booking_mode", "acceptance_text", "needs", "spacing_days")
    assert [getattr(before, name) for name in shared] == [getattr(after, name) for name in shared]
    assert (27, "Solo il mattino", EditionStatus.DRAFT) == (after.group_max, after.note, after.status)
    assert 12 == db.session.get_one(EditionReminder, after.id).days


def test_the_schools_of_the_year_before_are_counted_on(app: Flask, anna: User) -> None:
    before = make_edition(school_year=YEAR - 1)
    school_class = make_school_class(school_year=YEAR - 1)
    make_booked_meetings(edition=before, school_class=school_class)

    opened(anna, with_classes=False)

    after = service.edition_of(before.programme, YEAR)
    assert after is not None
    assert {after.id: {school_class.site_id}} == service.expected_schools(YEAR)


@pytest.mark.parametrize("kept", ["draft", "inactive", "there"])
def test_what_did_not_run_or_is_there_already_is_not_proposed(app: Flask, kept: str) -> None:
    edition = make_edition(
        school_year=YEAR - 1,
        status=EditionStatus.DRAFT if kept == "draft" else EditionStatus.CLOSED,
        programme=make_programme(is_active=kept != "inactive"),
    )
    if kept == "there":
        make_edition(school_year=YEAR, programme=edition.programme)

    assert service.propose_year(YEAR).is_empty


def test_an_edition_with_dates_stays_when_the_year_is_undone(app: Flask, anna: User) -> None:
    before = [make_edition(school_year=YEAR - 1) for _ in range(2)]
    opened(anna, is_open=True)
    used = service.edition_of(before[0].programme, YEAR)
    assert used is not None
    assert EditionStatus.OPEN is used.status
    make_slot(edition=used, starts=(datetime(2027, 11, 3, 9, tzinfo=UTC),))
    (opening,) = service.openings_of(YEAR)

    done = service.undo_opening(actor_of(anna), opening.id, now=clock.now())

    assert (1, 1) == (done.editions, len(done.kept))
    assert service.edition_of(before[0].programme, YEAR) is not None
    assert service.edition_of(before[1].programme, YEAR) is None
    with pytest.raises(NotYours):
        service.undo_opening(actor_of(anna), opening.id, now=clock.now())


def test_what_changed_since_it_was_shown_is_shown_again(app: Flask, anna: User) -> None:
    make_edition(school_year=YEAR - 1)
    shown = service.propose_year(YEAR).mark
    make_edition(school_year=YEAR - 1)

    with pytest.raises(rules.ProposalChanged):
        opened(anna, mark=shown)

    assert not db.session.scalars(select(YearOpening)).all()


@pytest.mark.parametrize("year", [2025, 2028])
def test_a_year_too_far_away_is_refused(app: Flask, anna: User, year: int) -> None:
    with pytest.raises(rules.NotThisYear):
        service.open_year(
            actor_of(anna),
            year,
            mark="",
            editions=[],
            with_classes=True,
            is_open=False,
            now=clock.now(),
            today=clock.today(),
        )


def test_of_two_who_confirm_at_once_one_opens_the_year(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        make_edition(school_year=YEAR - 1)
        make_school_class(school_year=YEAR - 1)
        user_id = make_user("Anna", Role.OFFICE).id
    with live_app.app_context():
        proposal = service.propose_year(YEAR)
        mark, editions = proposal.mark, [each.before.id for each in proposal.editions]
    start = Barrier(2)

    def confirm(_number: int) -> str:
        with live_app.app_context():
            user = db.session.get_one(User, user_id)
            actor = actor_of(user)
            db.session.rollback()
            start.wait()
            try:
                with unit_of_work():
                    service.open_year(
                        actor,
                        YEAR,
                        mark=mark,
                        editions=editions,
                        with_classes=True,
                        is_open=False,
                        now=clock.now(),
                        today=datetime(2026, 11, 23, tzinfo=UTC).date(),
                    )
            except rules.ProposalChanged:
                return "told"
            return "opened"

    with ThreadPoolExecutor(2) as pool:
        assert ["opened", "told"] == sorted(pool.map(confirm, range(2)))


def test_the_page_proposes_and_confirming_it_opens_the_year(anna: User, sign_in: SignIn) -> None:
    edition = make_edition(school_year=YEAR - 1)
    make_school_class(school_year=YEAR - 1, grade=1, section="A")
    browser = sign_in(anna)
    page = browser.page(PAGE)
    mark = page.select_one("input[name=mark]")["value"]
    assert edition.programme.name.text("en") in page.get_text()

    answer = browser.post(PAGE, data={"mark": mark, "editions": [str(edition.id)], "with_classes": "y"})

    assert 303 == answer.status_code
    assert "Carried over: 1 edition and 2 classes." in browser.page(PAGE).get_text()
    assert service.propose_year(YEAR).is_empty

    (opening,) = service.openings_of(YEAR)
    answer = browser.post(f"/years/openings/{opening.id}/undo")
    assert (303, PAGE) == (answer.status_code, answer.location)
    assert not service.propose_year(YEAR).is_empty


def test_an_edition_that_is_none_of_those_proposed_changes_nothing(anna: User, sign_in: SignIn) -> None:
    make_edition(school_year=YEAR - 1)
    data = {"mark": service.propose_year(YEAR).mark, "editions": [str(uuid.UUID(int=1))]}

    assert 422 == sign_in(anna).post(PAGE, data=data).status_code
    assert not db.session.scalars(select(YearOpening)).all()


def test_an_old_page_is_shown_what_would_be_opened_now(anna: User, sign_in: SignIn) -> None:
    edition = make_edition(school_year=YEAR - 1)

    answer = sign_in(anna).post(PAGE, data={"mark": "old", "editions": [str(edition.id)]})

    assert 422 == answer.status_code
    assert "has changed since the page was opened" in answer.get_data(as_text=True)


def test_the_menu_leads_to_a_year_that_can_be_opened(anna: User, sign_in: SignIn) -> None:
    assert "/years/2026" == sign_in(anna).get("/years/").location


def test_others_than_the_office_open_nothing(bruno: User, client: Client, sign_in: SignIn) -> None:
    browser = sign_in(bruno)

    assert [403, 403, 403] == [
        browser.get(PAGE).status_code,
        browser.post(PAGE).status_code,
        browser.post(f"/years/openings/{uuid.UUID(int=1)}/undo").status_code,
    ]
    assert 303 == client.get(PAGE).status_code


def test_a_year_or_an_opening_that_is_none_is_not_found(anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)

    assert 404 == browser.get("/years/2031").status_code
    assert 404 == browser.post(f"/years/openings/{uuid.UUID(int=1)}/undo").status_code
    assert 404 == browser.post("/years/openings/x/undo").status_code
    assert 405 == browser.get(f"/years/openings/{uuid.UUID(int=1)}/undo").status_code
