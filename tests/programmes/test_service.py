"""The catalogue's reading and writing, on both databases."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core.access import NotYours
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.core.models import AuditEntry
from prevention.programmes import rules, service, signals
from prevention.programmes.models import Edition, Programme, ProgrammeMeeting
from prevention.programmes.plans import EditionPlan
from prevention.programmes.rules import CatalogueFilter, EditionStatus, EvidenceClass, Method
from prevention.programmes.signals import EditionPlaces
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.network import make_organisation
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import SCHOOL_YEAR
from tests.support.queries import counted_queries

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)


def edition_plan(**values: Any) -> EditionPlan:
    """A plan for this year's edition."""
    return EditionPlan(
        **{
            "school_year": SCHOOL_YEAR,
            "organisation_id": make_organisation().id,
            "group_min": 10,
            "group_max": 30,
            "note": "",
            "is_open": True,
            **values,
        }
    )


def test_the_known_programmes_are_loaded_once(app: Flask) -> None:
    first = service.load_known()
    second = service.load_known()

    assert len(first.added) == 7
    assert (0, 7) == (len(second.added), second.kept)


def test_loading_again_keeps_what_the_office_wrote(app: Flask) -> None:
    service.load_known()
    service.programme("unplugged").summary = Localised(it="Scritto dall'ufficio.")
    db.session.flush()

    service.load_known()

    assert service.programme("unplugged").summary["it"] == "Scritto dall'ufficio."


@pytest.mark.parametrize(
    ("slug", "meetings", "minutes"),
    [
        ("lifeskills-training-1", 12, 720),
        ("lifeskills-training-2", 8, 480),
        ("lifeskills-training-3", 5, 300),
        ("unplugged", 12, 720),
        ("diario-della-salute", 5, 600),
        ("testimonianza", 1, 120),
    ],
)
def test_known_programmes_have_the_doses_of_their_sources(app: Flask, slug: str, meetings: int, minutes: int) -> None:
    service.load_known()

    found = service.programme(slug)

    assert (meetings, minutes) == (len(found.meetings), found.minutes)


def test_no_rating_is_claimed_without_a_source(app: Flask) -> None:
    """The only other class than *not rated* is the talk's, and it names where the judgement was read."""
    service.load_known()

    rated = db.session.scalars(select(Programme).where(Programme.evidence_class != EvidenceClass.NOT_RATED)).all()

    assert [programme.slug for programme in rated] == ["testimonianza"]
    assert rated[0].evidence_source.startswith("http")


def test_every_known_text_is_there_in_both_languages(app: Flask) -> None:
    service.load_known()

    for found in db.session.scalars(select(Programme)):
        for text in (found.name, found.summary, found.delivered_by, found.evidence_note):
            assert {"it", "en"} == set(text)
        assert all({"it", "en"} == set(meeting.title) for meeting in found.meetings)


def test_what_can_be_booked_comes_first_in_the_catalogue(app: Flask) -> None:
    make_programme(slug="a-without-edition", name=Localised(it="A"))
    make_edition(programme=make_programme(slug="b-open", name=Localised(it="B")))

    offers = service.catalogue(CatalogueFilter(), school_year=SCHOOL_YEAR, now=NOW).offers

    assert ["b-open", "a-without-edition"] == [offer.programme.slug for offer in offers]


def test_a_draft_is_not_an_offer(app: Flask) -> None:
    make_edition(status=EditionStatus.DRAFT)

    (offer,) = service.catalogue(CatalogueFilter(), school_year=SCHOOL_YEAR, now=NOW).offers

    assert offer.edition is None
    assert service.open_editions(SCHOOL_YEAR) == []


def test_the_catalogue_takes_the_same_number_of_queries_for_ten_and_for_fifty(
    app: Flask,
) -> None:
    for _ in range(10):
        make_edition()
    db.session.expire_all()
    with counted_queries() as few:
        service.catalogue(CatalogueFilter(), school_year=SCHOOL_YEAR, now=NOW)
    for _ in range(40):
        make_edition()
    db.session.expire_all()

    with counted_queries() as many:
        service.catalogue(CatalogueFilter(), school_year=SCHOOL_YEAR, now=NOW)

    assert few.count == many.count


def test_free_places_come_from_whoever_answers_the_signal(app: Flask) -> None:
    edition = make_edition()

    def answer(_sender: object, **_question: object) -> dict[uuid.UUID, EditionPlaces]:
        return {edition.id: EditionPlaces(free=3, next_start=None)}

    with signals.places_asked.connected_to(answer):
        offer = service.offer_of(edition.programme, school_year=SCHOOL_YEAR, now=NOW)

    assert offer.places == EditionPlaces(free=3, next_start=None)


def test_a_weak_choice_is_answered_by_a_course_for_the_same_class(app: Flask) -> None:
    service.load_known()
    make_edition(programme=service.programme("unplugged"))

    found = service.alternative_to(
        service.programme("testimonianza"), level="secondo_grado", grade=1, school_year=SCHOOL_YEAR, now=NOW
    )

    assert found is not None
    assert found.programme.slug == "unplugged"


def test_a_fifth_year_has_no_better_known_course(app: Flask) -> None:
    service.load_known()

    talk = service.programme("testimonianza")

    assert service.alternative_to(talk, level="secondo_grado", grade=5, school_year=SCHOOL_YEAR, now=NOW) is None


def test_a_hidden_programme_is_there_for_the_office_alone(app: Flask, anna: User, bruno: User) -> None:
    hidden = make_programme(is_active=False)

    assert service.programme_for(actor_of(anna), hidden.slug) is hidden
    for person in (actor_of(bruno), None):
        with pytest.raises(NotYours):
            service.programme_for(person, hidden.slug)


def test_an_edition_is_for_the_office_and_its_own_provider(app: Flask, anna: User, bruno: User) -> None:
    edition = make_edition()
    own = make_user("Dario", Role.FACILITATOR, organisation_id=edition.organisation_id)
    other = make_user("Ezio", Role.FACILITATOR, organisation_id=make_organisation().id)

    assert service.edition_for(actor_of(anna), edition.id) is edition
    assert service.edition_for(actor_of(own), edition.id) is edition
    for person in (bruno, other):
        with pytest.raises(NotYours):
            service.edition_for(actor_of(person), edition.id)


def test_a_second_edition_of_a_year_is_refused_and_changes_nothing(app: Flask, anna: User) -> None:
    programme = make_programme()
    service.open_edition(actor_of(anna), programme, edition_plan(), today=TODAY)

    with pytest.raises(rules.EditionExists):
        service.open_edition(actor_of(anna), programme, edition_plan(), today=TODAY)

    assert db.session.scalar(select(func.count()).select_from(Edition)) == 1


def test_an_address_that_is_taken_is_refused(app: Flask, anna: User) -> None:
    plan = service.plan_of(make_programme(slug="taken"))

    with pytest.raises(rules.SlugTaken):
        service.add_programme(actor_of(anna), plan)

    assert db.session.scalar(select(func.count()).select_from(Programme)) == 1


def test_a_programme_written_as_it_was_stays_as_it_was(app: Flask, anna: User) -> None:
    service.load_known()
    found = service.programme("unplugged")
    before, ids = service.plan_of(found), [meeting.id for meeting in found.meetings]

    service.change_programme(actor_of(anna), found, before)

    assert before == service.plan_of(service.programme("unplugged"))
    assert ids == [meeting.id for meeting in service.programme("unplugged").meetings]


def test_taking_a_meeting_away_before_any_edition_deletes_it(app: Flask, anna: User) -> None:
    programme = make_programme(meetings=3)
    plan = service.plan_of(programme)

    service.change_programme(actor_of(anna), programme, replace(plan, meetings=plan.meetings[:2]))

    assert db.session.scalar(select(func.count()).select_from(ProgrammeMeeting)) == 2


def test_every_change_leaves_a_line_in_the_trail(app: Flask, anna: User) -> None:
    programme = service.add_programme(actor_of(anna), service.plan_of(_unsaved()))
    edition = service.open_edition(actor_of(anna), programme, edition_plan(), today=TODAY)
    service.set_edition_status(actor_of(anna), edition, EditionStatus.CLOSED)

    actions = set(db.session.scalars(select(AuditEntry.action)))

    assert {"programmes.added", "programmes.edition_added", "programmes.edition_status_set"} <= actions


def _unsaved() -> Programme:
    return Programme(
        slug="new",
        name={"it": "Nuovo"},
        summary={"it": "Nuovo."},
        topics=["alcohol"],
        levels=["secondo_grado"],
        grade_min=1,
        grade_max=1,
        method=Method.SKILLS,
        delivered_by={"it": "Insegnanti"},
        dose_source="",
        evidence_class=EvidenceClass.NOT_RATED,
        evidence_note={"it": "Nessuna."},
        evidence_source="",
        is_active=True,
        meetings=[ProgrammeMeeting(number=1, title={"it": "Uno"}, minutes=60)],
    )
