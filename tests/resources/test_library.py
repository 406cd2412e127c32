"""The pages of the library: what is shown to whom, and that it costs the same for one and for many."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from prevention.accounts.models import User
from prevention.core import clock
from prevention.core.access import NotYours
from prevention.core.i18n import Localised
from prevention.resources import service
from prevention.resources.rules import ResourceKind, Status
from prevention.schools.rules import Level
from tests.factories.programmes import make_programme
from tests.factories.resources import make_resource, make_resource_file
from tests.support.http import Client
from tests.support.queries import counted_queries

pytestmark = pytest.mark.usefixtures("app")

SignIn = Callable[[User], Client]


def titles(client: Client, query: str = "") -> list[str]:
    """Give the titles on the page that a query leads to."""
    return [card.get_text(strip=True) for card in client.page(f"/resources/{query}").select("article h2")]


def test_a_page_of_the_library_costs_the_same_queries_for_one_and_for_many(client: Client) -> None:
    make_resource(programme_id=make_programme().id)
    client.page("/resources/")
    with counted_queries() as few:
        client.page("/resources/")
    for _ in range(5):
        make_resource(programme_id=make_programme().id, grades=((Level.PRIMO_GRADO, 1),))
    # The first page after a change reads the lines anew; every other one does not.
    client.page("/resources/")

    with counted_queries() as many:
        client.page("/resources/")

    assert few.count == many.count


def test_the_library_is_open_to_everybody_and_follows_the_query(client: Client) -> None:
    make_resource(title="La pressione del gruppo", grades=((Level.SECONDO_GRADO, 2),))
    make_resource(title="Altro", kind=ResourceKind.POSTER, grades=((Level.PRIMO_GRADO, 1),))

    assert {"La pressione del gruppo", "Altro"} == set(titles(client))
    assert ["Altro"] == titles(client, "?kind=poster")
    assert ["La pressione del gruppo"] == titles(client, "?text=gruppi")
    assert ["La pressione del gruppo"] == titles(client, "?grade=secondo_grado-2")
    assert {"La pressione del gruppo", "Altro"} == set(titles(client, "?kind=nonsense&grade=x"))


def test_facets_are_links_with_counts_that_keep_the_rest_of_the_query(client: Client) -> None:
    make_resource(title="Sonno", kind=ResourceKind.POSTER)
    make_resource(title="Sonno e schermi")

    page = client.page("/resources/?text=sonno&kind=poster")

    chosen = page.select_one(".facet a.is-chosen")
    assert "Poster 1" == chosen.get_text(" ", strip=True)
    assert "/resources/?text=sonno" == chosen["href"]
    other = page.find("a", href="/resources/?text=sonno&kind=poster&kind=lesson_plan")
    assert "Lesson plan 1" == other.get_text(" ", strip=True)
    assert ["Poster \u00d7 (take away)"] == [" ".join(chip.get_text().split()) for chip in page.select(".chip-link")]


def test_an_empty_answer_says_what_to_do(client: Client) -> None:
    make_resource(title="Sonno")

    page = client.page("/resources/?text=zzzzz")

    assert "Nothing answers this search." in page.get_text()


def test_a_page_beyond_the_last_is_not_found(client: Client) -> None:
    assert 404 == client.get("/resources/?page=2").status_code
    assert 404 == client.get("/resources/?page=x").status_code
    assert 200 == client.get("/resources/?programme=nowhere").status_code


def test_outdated_ones_are_marked_and_hidden_by_default(client: Client) -> None:
    old = make_resource(title="Sonno", care={"review_by": clock.today() - timedelta(days=1)})

    assert [] == titles(client)
    page = client.page("/resources/?with_outdated=1")
    assert "Outdated" in page.select_one("article").get_text()
    assert "should have been looked at again" in client.page(f"/resources/{old.id}").get_text()


@pytest.mark.parametrize("who", ["anna", "bruno", "dario"])
def test_whoever_may_add_is_offered_it(request: pytest.FixtureRequest, sign_in: SignIn, who: str) -> None:
    page = sign_in(request.getfixturevalue(who)).page("/resources/")

    assert page.find("a", href="/resources/new")
    assert (who != "bruno") == bool(page.find("a", href="/resources/desk"))


def test_a_visitor_is_offered_nothing_to_write(client: Client) -> None:
    page = client.page("/resources/")

    assert not page.find("a", href="/resources/new")
    assert "Set-Cookie" not in client.get("/resources/").headers


def test_the_page_of_a_resource_says_what_it_is(client: Client) -> None:
    resource = make_resource(
        title="La pressione del gruppo",
        abstract="Prima riga.\n\nSeconda <riga>.",
        authors="Maria Rossi",
        minutes=50,
        topics=["alcohol"],
        skills=["empathy"],
        access=["captions"],
        other_languages=["en"],
        source_link="https://example.org/da",
        programme_id=make_programme(name=Localised(it="Percorso", en="Programme X")).id,
        grades=((Level.SECONDO_GRADO, 1), (Level.SECONDO_GRADO, 2)),
    )

    text = client.page(f"/resources/{resource.id}").select_one("main").get_text(" ", strip=True)

    for words in (
        "La pressione del gruppo",
        "Seconda <riga>.",
        "Maria Rossi",
        "50 minutes",
        "Alcohol",
        "Empathy",
        "Captions",
        "Italiano, English",
        "https://example.org/da",
        "Programme X",
        "Upper secondary 1, 2",
        "CC BY 4.0",
        "PDF, 1 kB",
        "Version 1",
        "Next review by 23 November 2027",
    ):
        assert words in text


def test_older_versions_are_kept_and_marked(client: Client) -> None:
    resource = make_resource(with_file=False)
    make_resource_file(resource)
    make_resource_file(resource)

    page = client.page(f"/resources/{resource.id}")

    assert "2 versions" in page.get_text()
    assert 1 == page.get_text().count("Older version")
    assert 200 == client.get(f"/resources/{resource.id}/files/1", buffered=True).status_code


def test_a_draft_is_a_page_for_its_author_and_the_office_only(
    client: Client, anna: User, bruno: User, dario: User, sign_in: SignIn
) -> None:
    draft = make_resource(status=Status.DRAFT, created_by=dario.id)

    def status(browser: Client) -> int:
        return browser.get(f"/resources/{draft.id}").status_code

    assert [404, 404, 200, 200] == [
        status(browser) for browser in (client, sign_in(bruno), sign_in(anna), sign_in(dario))
    ]


def test_a_retired_one_keeps_its_page_and_gives_no_file(client: Client, anna: User, sign_in: SignIn) -> None:
    retired = make_resource(status=Status.RETIRED, care={"remark": "Dati superati."})

    page = client.page(f"/resources/{retired.id}")

    assert "Retired: please use it no more" in page.get_text()
    assert "Dati superati." in page.get_text()
    assert not page.select(".resource-take a[download]")
    assert 404 == client.get(f"/resources/{retired.id}/files/1").status_code
    assert 200 == sign_in(anna).get(f"/resources/{retired.id}/files/1", buffered=True).status_code


@pytest.mark.parametrize("wrong", ["/resources/x", f"/resources/{uuid.UUID(int=1)}"])
def test_a_bad_or_unknown_resource_is_not_found(client: Client, wrong: str) -> None:
    assert 404 == client.get(wrong).status_code


def test_a_draft_is_nobodys_to_load() -> None:
    with pytest.raises(NotYours):
        service.resource_for(None, make_resource(status=Status.DRAFT).id)


def test_own_materials_are_listed_whatever_their_status(dario: User, bruno: User, sign_in: SignIn) -> None:
    make_resource(title="Draft", status=Status.DRAFT, created_by=dario.id)
    make_resource(title="Public", created_by=dario.id)
    make_resource(title="Of somebody")

    text = sign_in(dario).page("/resources/mine").select_one("main").get_text()

    assert "Draft" in text
    assert "Public" in text
    assert "Of somebody" not in text
    assert "You have added no material yet." in sign_in(bruno).page("/resources/mine").get_text()
