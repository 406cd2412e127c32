"""Pages of the programmes: who may see and write what, and what a reader finds."""

import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.programmes import service
from prevention.programmes.models import Edition, Programme
from prevention.programmes.rules import EditionStatus, RoomNeed
from tests.factories.network import make_organisation
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import SCHOOL_YEAR
from tests.support.http import Client, soup

SignIn = Callable[[User], Client]


def programme_fields(**values: str) -> dict[str, str]:
    """The smallest programme that the form accepts."""
    return {
        "slug": "new-course",
        "name_it": "Nuovo percorso",
        "summary_it": "Un percorso nuovo.",
        "levels": "secondo_grado",
        "grade_min": "1",
        "grade_max": "2",
        "topics": "alcohol",
        "method": "skills",
        "delivered_by_it": "Insegnanti",
        "evidence_class": "not_rated",
        "evidence_note_it": "Nessuna valutazione letta.",
        "is_active": "y",
        "meetings-0-title_it": "Primo incontro",
        "meetings-0-minutes": "60",
        "meetings-0-activities": "Apertura | Opening\nLavoro di gruppo",
        **values,
    }


def edition_fields(**values: str) -> dict[str, str]:
    """The smallest edition that the form accepts."""
    return {
        "school_year": str(SCHOOL_YEAR),
        "group_min": "10",
        "group_max": "30",
        "spacing_days": "7",
        "spacing_tolerance": "3",
        "is_open": "y",
        **values,
    }


def test_anybody_reads_the_catalogue(client: Client) -> None:
    service.load_known()

    page = client.page("/programmes/")

    titles = [heading.get_text(strip=True) for heading in page.select("article h2")]
    assert "Unplugged" in titles
    assert len(titles) == 7


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("level=primo_grado&grade=2", {"lifeskills-training-2", "diario-della-salute"}),
        ("text=testimonianza", {"testimonianza"}),
        ("topic=gambling", set()),
        ("level=nonsense&grade=99&topic=nonsense&text=unplugged", {"unplugged"}),
    ],
)
def test_the_catalogue_answers_the_filter(client: Client, query: str, expected: set[str]) -> None:
    service.load_known()

    page = client.page(f"/programmes/?{query}")

    assert expected == {link["href"].rsplit("/", 1)[1] for link in page.select("article h2 a")}


def test_a_programme_shows_its_meetings_its_evidence_and_the_source(client: Client) -> None:
    service.load_known()

    page = client.page("/programmes/unplugged")

    assert len(page.select(".meeting-list > li")) == 12
    (evidence,) = page.select('section[aria-labelledby="evidence"]')
    assert evidence.select('a[href="https://iris.unito.it/handle/2318/156005"]')
    assert "7,079" in evidence.get_text() or "7.079" in evidence.get_text()


def test_a_hidden_programme_is_not_there_for_the_public(client: Client) -> None:
    hidden = make_programme(is_active=False)

    assert client.get(f"/programmes/{hidden.slug}").status_code == 404
    assert hidden.slug not in client.get("/programmes/").get_data(as_text=True)


def test_no_programme_is_a_404(client: Client) -> None:
    assert client.get("/programmes/nothing-here").status_code == 404


def test_the_office_adds_a_programme(sign_in: SignIn, anna: User) -> None:
    response = sign_in(anna).post("/programmes/new", data=programme_fields())

    assert response.status_code == 303
    added = service.programme("new-course")
    assert {"it": "Nuovo percorso"} == dict(added.name)
    (meeting,) = added.meetings
    assert [{"it": "Apertura", "en": "Opening"}, {"it": "Lavoro di gruppo"}] == [
        dict(activity.title) for activity in meeting.activities
    ]


def test_one_more_meeting_keeps_what_was_typed(sign_in: SignIn, anna: User) -> None:
    response = sign_in(anna).post("/programmes/new", data=programme_fields(add_row="1"))

    assert response.status_code == 200
    page = soup(response)
    assert len(page.select("fieldset.meeting-fields")) == 2
    assert page.select_one("#meetings-0-title_it")["value"] == "Primo incontro"
    assert db.session.scalar(select(func.count()).select_from(Programme)) == 0


@pytest.mark.parametrize(
    ("field", "value", "error_at"),
    [
        ("slug", "Not A Slug", "#slug"),
        ("slug", "", "#slug"),
        ("name_it", " ", "#name_it"),
        ("levels", "nonsense", "#levels-0"),
        ("grade_min", "9", "#grade_min"),
        ("method", "", "#method-0"),
        ("evidence_class", "beneficial", "#evidence_source"),
        ("evidence_source", "not an address", "#evidence_source"),
        ("meetings-0-minutes", "", "#meetings"),
        ("meetings-0-minutes", "5", "#meetings"),
        ("meetings-0-title_it", "", "#meetings"),
    ],
)
def test_a_programme_that_is_not_right_changes_nothing(
    sign_in: SignIn, anna: User, field: str, value: str, error_at: str
) -> None:
    response = sign_in(anna).post("/programmes/new", data=programme_fields(**{field: value}))

    assert response.status_code == 422
    assert soup(response).select_one(f'.error-summary a[href="{error_at}"]') is not None
    assert db.session.scalar(select(func.count()).select_from(Programme)) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"grade_min": "3"}, "The first grade (3) comes after the last one (2)."),
        ({"meetings-0-title_it": "", "meetings-0-minutes": "", "meetings-0-activities": ""}, "at least one"),
    ],
)
def test_a_refusal_of_the_rules_is_said_in_words(
    sign_in: SignIn, anna: User, changes: dict[str, str], words: str
) -> None:
    response = sign_in(anna).post("/programmes/new", data=programme_fields(**changes))

    assert response.status_code == 422
    assert words in response.get_data(as_text=True)


def test_an_address_that_is_taken_is_said_in_words(sign_in: SignIn, anna: User) -> None:
    make_programme(slug="new-course")

    response = sign_in(anna).post("/programmes/new", data=programme_fields())

    assert response.status_code == 422
    assert "already has the address" in response.get_data(as_text=True)


def test_the_office_changes_a_programme_but_not_its_address(sign_in: SignIn, anna: User) -> None:
    make_programme(slug="course")

    response = sign_in(anna).post("/programmes/course/edit", data=programme_fields(slug="other"))

    assert response.status_code == 303
    assert {"it": "Nuovo percorso"} == dict(service.programme("course").name)


def test_the_form_shows_the_programme_as_it_stands(sign_in: SignIn, anna: User) -> None:
    service.load_known()

    page = sign_in(anna).page("/programmes/unplugged/edit")

    assert len(page.select("fieldset.meeting-fields")) == 12
    assert page.select_one("#meetings-0-minutes")["value"] == "60"
    assert page.select_one("#meetings-0-activities").get_text().splitlines()[-3:][0].strip().startswith("Apertura")


def test_a_meeting_is_not_taken_from_a_programme_that_schools_had(sign_in: SignIn, anna: User) -> None:
    edition = make_edition(programme=make_programme(slug="course", meetings=2))

    response = sign_in(anna).post("/programmes/course/edit", data=programme_fields())

    assert response.status_code == 422
    assert "renamed or added, not taken away" in response.get_data(as_text=True)
    assert len(edition.programme.meetings) == 2


def test_the_office_opens_this_years_edition(sign_in: SignIn, anna: User) -> None:
    make_programme(slug="course")
    provider = make_organisation()

    response = sign_in(anna).post(
        "/programmes/course/editions/new", data=edition_fields(organisation_id=str(provider.id))
    )

    assert response.status_code == 303
    (edition,) = service.open_editions(SCHOOL_YEAR)
    assert (provider.id, 10, 30) == (edition.organisation_id, edition.group_min, edition.group_max)


@pytest.mark.parametrize(
    "changes",
    [
        {"school_year": "2020"},
        {"organisation_id": ""},
        {"organisation_id": str(uuid.UUID(int=1))},
        {"group_min": "0"},
        {"group_min": "31"},
        {"group_max": "none"},
        {"spacing_days": "61"},
        {"spacing_days": ""},
        {"spacing_days": "2"},
        {"spacing_tolerance": "-1"},
        {"room_need": "gym"},
        {"room_need": "room", "room_kind": "cellar"},
        {"room_need": "none", "room_kind": "gym"},
        {"acceptance_text": "x" * 501},
    ],
)
def test_an_edition_that_is_not_right_changes_nothing(sign_in: SignIn, anna: User, changes: dict[str, str]) -> None:
    make_programme(slug="course")
    fields = edition_fields(**{"organisation_id": str(make_organisation().id), **changes})

    response = sign_in(anna).post("/programmes/course/editions/new", data=fields)

    assert response.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Edition)) == 0


def test_a_second_edition_of_the_year_is_refused_in_words(sign_in: SignIn, anna: User) -> None:
    edition = make_edition()

    response = sign_in(anna).post(
        f"/programmes/{edition.programme.slug}/editions/new",
        data=edition_fields(organisation_id=str(edition.organisation_id)),
    )

    assert response.status_code == 422
    assert "already an edition for 2026/27" in response.get_data(as_text=True)


def test_the_office_changes_an_edition(sign_in: SignIn, anna: User) -> None:
    edition = make_edition()
    address = f"/programmes/editions/{edition.id}/edit"
    client = sign_in(anna)

    assert client.page(address).select_one("#group_max")["value"] == "40"
    response = client.post(address, data=edition_fields(organisation_id=str(edition.organisation_id), group_max="28"))

    assert response.status_code == 303
    assert edition.group_max == 28


def test_the_terms_of_an_edition_are_written_and_shown_again(sign_in: SignIn, anna: User) -> None:
    edition = make_edition()
    address = f"/programmes/editions/{edition.id}/edit"
    client = sign_in(anna)
    terms = {
        "acceptance_text": "Vi aspettiamo!",
        "spacing_days": "14",
        "spacing_tolerance": "0",
        "room_need": "projector",
        "room_kind": "hall",
    }

    answer = client.post(address, data=edition_fields(organisation_id=str(edition.organisation_id), **terms))

    assert answer.status_code == 303
    assert (edition.acceptance_text, edition.spacing_days, edition.spacing_tolerance, edition.room_need) == (
        "Vi aspettiamo!",
        14,
        0,
        RoomNeed.PROJECTOR,
    )
    page = client.page(address)
    assert page.select_one("[name=acceptance_text]").text.strip() == "Vi aspettiamo!"
    assert page.select_one("[name=spacing_days]")["value"] == "14"
    assert page.select_one("[name=room_need] [selected]")["value"] == "projector"
    assert page.select_one("[name=room_kind] [selected]")["value"] == "hall"
    assert (
        "A room of the school with a projector (assembly hall)"
        in client.page(f"/programmes/{edition.programme.slug}").text
    )


def test_meetings_that_may_lie_nearer_than_their_distance_are_refused_in_words(sign_in: SignIn, anna: User) -> None:
    edition = make_edition()
    fields = edition_fields(organisation_id=str(edition.organisation_id), spacing_days="2", spacing_tolerance="3")

    response = sign_in(anna).post(f"/programmes/editions/{edition.id}/edit", data=fields)

    assert response.status_code == 422
    assert "Meetings 2 days apart cannot lie 3 days nearer." in response.get_data(as_text=True)
    assert edition.spacing_days == 7


def test_an_edition_of_a_past_year_is_not_rewritten(sign_in: SignIn, anna: User) -> None:
    edition = make_edition(school_year=SCHOOL_YEAR - 1)

    response = sign_in(anna).post(
        f"/programmes/editions/{edition.id}/edit",
        data=edition_fields(organisation_id=str(edition.organisation_id), school_year=str(SCHOOL_YEAR - 1)),
    )

    assert response.status_code == 422
    assert edition.group_max == 40


def test_an_edition_is_closed_and_opened_again(sign_in: SignIn, anna: User) -> None:
    edition = make_edition()
    client = sign_in(anna)

    assert client.post(f"/programmes/editions/{edition.id}/close").status_code == 303
    assert edition.status is EditionStatus.CLOSED
    assert client.post(f"/programmes/editions/{edition.id}/open").status_code == 303
    assert edition.status is EditionStatus.OPEN


def test_closing_twice_is_refused_in_words(sign_in: SignIn, anna: User) -> None:
    edition = make_edition(status=EditionStatus.CLOSED)

    response = sign_in(anna).post(f"/programmes/editions/{edition.id}/close")

    assert response.status_code == 422
    assert "already in this state" in response.get_data(as_text=True)


def writing_addresses(edition: Edition) -> list[tuple[str, str]]:
    """Every writing door of the room, with the method that writes."""
    return [
        ("POST", "/programmes/new"),
        ("POST", f"/programmes/{edition.programme.slug}/edit"),
        ("POST", f"/programmes/{edition.programme.slug}/editions/new"),
        ("POST", f"/programmes/editions/{edition.id}/edit"),
        ("POST", f"/programmes/editions/{edition.id}/close"),
        ("POST", f"/programmes/editions/{edition.id}/open"),
    ]


@pytest.mark.parametrize("person", ["bruno", "dario"])
def test_nobody_but_the_office_writes(sign_in: SignIn, request: pytest.FixtureRequest, app: Flask, person: str) -> None:
    edition = make_edition()
    client = sign_in(request.getfixturevalue(person))

    for method, address in writing_addresses(edition):
        assert client.open(address, method=method, data=programme_fields()).status_code == 403, address
    assert edition.status is EditionStatus.OPEN


def test_a_stranger_is_sent_to_sign_in_and_writes_nothing(client: Client) -> None:
    edition = make_edition()

    for method, address in writing_addresses(edition):
        assert client.open(address, method=method, data=programme_fields()).status_code in {401, 303}, address
    assert edition.status is EditionStatus.OPEN


def test_what_is_not_there_is_a_404(sign_in: SignIn, anna: User) -> None:
    client = sign_in(anna)
    missing = uuid.uuid4()

    for address in (
        "/programmes/nothing/edit",
        "/programmes/nothing/editions/new",
        f"/programmes/editions/{missing}/edit",
        f"/programmes/editions/{missing}/close",
        "/programmes/editions/not-an-id/edit",
        "/programmes/editions/not-an-id/close",
    ):
        assert client.post(address).status_code == 404, address


def test_actions_without_a_page_refuse_get(sign_in: SignIn, anna: User) -> None:
    edition = make_edition()
    client = sign_in(anna)

    for action in ("close", "open"):
        assert client.get(f"/programmes/editions/{edition.id}/{action}").status_code == 405


def test_names_are_shown_as_text_not_as_markup(client: Client) -> None:
    make_programme(slug="odd", name=Localised(it="<b>Forte</b>"))

    page = client.page("/programmes/odd")

    assert page.find("h1").get_text(strip=True) == "<b>Forte</b>"
