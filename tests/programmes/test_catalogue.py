"""The catalogue answers what a teacher would ask, from one page, in a fixed number of statements."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from prevention.accounts.models import User
from prevention.core.i18n import Localised
from prevention.network.models import Organisation
from prevention.programmes.models import Programme
from prevention.programmes.rules import BookingMode, EvidenceClass, Method, Topic, Venue
from tests.factories.booking import FIRST_START, make_booking, make_slot
from tests.factories.delivery import make_register
from tests.factories.network import make_organisation
from tests.factories.programmes import make_edition, make_programme
from tests.support.http import Client
from tests.support.queries import counted_queries

CATALOGUE = "/programmes/"
ENGLISH = {"Accept-Language": "en"}


def named(name: str, **values: Any) -> Programme:
    return make_programme(slug=name.lower(), name=Localised(it=name, en=name), **values)


def titles(client: Client, query: str = "") -> list[str]:
    return [each.text for each in client.page(CATALOGUE + query).select(".site-card-title")]


@pytest.fixture
def provider(app: Flask) -> Organisation:
    return make_organisation(name="ASST di prova")


@pytest.fixture
def offers(app: Flask, provider: Organisation) -> None:
    """Three offers: a course at school with dates in January, a short one elsewhere with dates in March, one talk."""
    course = named(
        "Alfa", meetings=12, evidence_class=EvidenceClass.LIKELY_BENEFICIAL, evidence_source="https://example.org/x"
    )
    make_slot(
        edition=make_edition(programme=course, organisation=provider, languages=["it", "en"]),
        places=3,
        starts=[FIRST_START + timedelta(days=7 * week) for week in range(12)],
    )
    short = named("Beta", meetings=3, minutes=90, topics=[Topic.ALCOHOL.value], grade_max=2)
    starts = [datetime(2027, 3, 2, 9, 0, tzinfo=UTC) + timedelta(days=7 * week) for week in range(3)]
    edition = make_edition(
        programme=short, venue=Venue.ELSEWHERE, needs=Localised(it="Un proiettore", en="A projector"), group_max=22
    )
    make_slot(edition=edition, places=2, starts=starts)
    make_slot(edition=edition, places=1, places_taken=1)
    make_edition(programme=named("Gamma", method=Method.TALK), booking_mode=BookingMode.REQUESTS)
    named("Delta")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Alfa", "Beta", "Gamma", "Delta"]),
        ("?length=course", ["Alfa"]),
        ("?length=short", ["Beta"]),
        ("?length=single", ["Gamma", "Delta"]),
        ("?month=2027-01", ["Alfa"]),
        ("?month=2027-03", ["Beta"]),
        ("?month=2027-05", []),
        ("?free=yes", ["Alfa", "Beta"]),
        ("?venue=elsewhere", ["Beta"]),
        ("?venue=at_school", ["Alfa", "Gamma"]),
        ("?language=en", ["Alfa"]),
        ("?evidence=possibly_beneficial", ["Alfa"]),
        ("?text=asst", ["Alfa"]),
        ("?topic=alcohol", ["Beta"]),
        ("?grade=1&level=secondo_grado", ["Alfa", "Beta", "Gamma", "Delta"]),
        ("?grade=5", ["Alfa", "Gamma", "Delta"]),
        ("?level=primo_grado", []),
        ("?sort=shortest", ["Delta", "Gamma", "Beta", "Alfa"]),
        ("?sort=soonest", ["Alfa", "Beta", "Delta", "Gamma"]),
        ("?sort=evidence", ["Alfa", "Beta", "Delta", "Gamma"]),
        ("?length=huge&month=2027-13&venue=moon&sort=price&evidence=good", ["Alfa", "Beta", "Gamma", "Delta"]),
    ],
)
@pytest.mark.usefixtures("offers")
def test_the_catalogue_shows_what_was_asked_for(client: Client, query: str, found: list[str]) -> None:
    assert found == titles(client, query)


@pytest.mark.usefixtures("offers")
def test_a_provider_is_chosen_by_name(client: Client, provider: Organisation) -> None:
    assert ["Alfa"] == titles(client, f"?provider={provider.id}")
    assert [] == titles(client, "?provider=nobody")


@pytest.mark.usefixtures("offers")
def test_an_offer_says_what_a_teacher_wants_to_know(client: Client) -> None:
    page = client.get(CATALOGUE, headers=ENGLISH).get_data(as_text=True)

    for words in (
        "groups of 1 to 22 pupils", "It needs: A projector", "The class travels", "Italian, English",
        "3 meetings of 90 minutes", "ASST di prova", "Likely beneficial", "Next date: ",
    ):  # fmt: skip
        assert words in page, words
    assert "Upper secondary school, grades 1 to 2" in page
    assert 'href="https://example.org/x"' in page


@pytest.mark.usefixtures("offers")
def test_a_talk_points_at_something_better_studied_and_stays_open(client: Client) -> None:
    page = client.page(CATALOGUE)

    (talk,) = [card for card in page.select(".site-card") if "Gamma" in card.text]
    assert "/programmes/alfa" == talk.select_one(".card-better a")["href"]
    assert "/programmes/alfa" in str(client.page("/programmes/gamma").select_one("#evidence").parent)


def test_the_office_writes_on_what_terms_classes_book(
    anna: User, provider: Organisation, sign_in: Callable[[User], Client]
) -> None:
    edition = make_edition(programme=named("Alfa"), organisation=provider)
    address = f"/programmes/editions/{edition.id}/edit"
    fields = {"school_year": "2026", "organisation_id": str(provider.id), "group_min": "10", "group_max": "25"}
    fields |= {"spacing_days": "7", "spacing_tolerance": "3"}
    terms = {"venue": "elsewhere", "languages": ["it", "fr"], "needs_it": "Un pullman", "booking_mode": "both"}
    office = sign_in(anna)

    office.page(address)
    response = office.post(address, data={**fields, **terms, "quota_per_school": "4"})
    wrong = office.post(
        address, data={**fields, **terms, "quota_per_school": "0", "venue": "moon", "languages": ["xx"]}
    )

    assert (303, 422) == (response.status_code, wrong.status_code)
    assert (Venue.ELSEWHERE, ["it", "fr"], 4, BookingMode.BOTH) == (
        edition.venue,
        edition.languages,
        edition.quota_per_school,
        edition.booking_mode,
    )
    assert ("Un pullman", False) == (edition.needs["it"], edition.auto_accept)


def test_last_year_is_what_was_held_and_nothing_else(app: Flask, client: Client, bruno: User) -> None:
    programme = named("Alfa", meetings=2)
    make_edition(programme=programme)
    before = make_edition(programme=programme, school_year=2025)
    booking = make_booking(bruno, slot=make_slot(edition=before, starts=[FIRST_START, FIRST_START + timedelta(days=7)]))
    make_register(booking.meetings[0])

    page = client.get(CATALOGUE, headers=ENGLISH).get_data(as_text=True)

    assert "In 2025/26: 1 class, 1 school, 1 meeting held" in page


def test_the_catalogue_takes_as_many_statements_with_forty_bookings_as_with_four(
    client: Client, bruno: User, sign_in: Callable[[User], Client]
) -> None:
    edition = make_edition(programme=named("Alfa", topics=[Topic.ALCOHOL.value]))
    counts = []
    for more in (4, 36):
        for _each in range(more):
            make_booking(bruno, slot=make_slot(edition=edition, places=2))
        client.get(CATALOGUE)
        with counted_queries() as statements:
            client.get(CATALOGUE)
        counts.append(statements.count)

    assert counts[0] == counts[1] <= 8
