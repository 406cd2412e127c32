"""Finding a material: who sees what, and what answers a search."""

import uuid
from collections.abc import Callable
from datetime import datetime

import pytest

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.resources import service
from prevention.resources.rules import Language, ResourceKind
from prevention.resources.service import LibraryFilter
from prevention.schools.rules import Level
from tests.factories.delivery import WEEK
from tests.factories.programmes import make_programme
from tests.factories.resources import make_resource
from tests.support.http import Client
from tests.support.queries import counted_queries

pytestmark = pytest.mark.usefixtures("app")

SignIn = Callable[[User], Client]


def found(wanted: LibraryFilter | None = None, actor: Actor | None = None) -> list[str]:
    """Give the titles that answer a filter."""
    query = service.library(actor, wanted or LibraryFilter())
    return [resource.title for resource in db.session.scalars(query).unique()]


def test_everybody_finds_what_is_published_and_only_that() -> None:
    make_resource(title="Public")
    make_resource(title="Draft", is_published=False)

    assert ["Public"] == found()


def test_the_office_finds_everything_and_a_facilitator_their_own_drafts(anna: User, dario: User, bruno: User) -> None:
    make_resource(title="Of Dario", is_published=False, created_by=dario.id)
    make_resource(title="Of somebody", is_published=False)

    assert {"Of Dario", "Of somebody"} == set(found(actor=actor_of(anna)))
    assert ["Of Dario"] == found(actor=actor_of(dario))
    assert [] == found(actor=actor_of(bruno))
    assert (2, 1, 0) == tuple(service.count_drafts(actor_of(user)) for user in (anna, dario, bruno))


def test_the_newest_comes_first(frozen_clock: datetime) -> None:
    make_resource(title="Old", created_at=frozen_clock - WEEK)
    make_resource(title="New", created_at=frozen_clock)

    assert ["New", "Old"] == found()


@pytest.mark.parametrize("text", ["pressione", "PRESSIONE gruppo", "perche", "perché", "rossi", "gruppo, amici"])
def test_each_word_is_found_without_regard_to_accents_and_capitals(text: str) -> None:
    make_resource(title="La pressione del gruppo", abstract="Perché gli amici contano.", authors="Maria Rossi")
    make_resource(title="Un'altra lezione", abstract="Del gruppo.")

    assert ["La pressione del gruppo"] == found(LibraryFilter(text=text))


@pytest.mark.parametrize("text", ["%", "_", "100%", "\\", "'", "\x00", "a b c d e f g h i j k l m n o p"])
def test_marks_of_the_query_language_are_only_marks(text: str) -> None:
    make_resource(title="Plain")

    assert found(LibraryFilter(text=text)) in ([], ["Plain"])


def test_the_name_of_the_programme_is_found_too() -> None:
    programme = make_programme(name=Localised(it="Abilità di vita", en="Life skills"))
    make_resource(title="Tied", programme_id=programme.id)
    make_resource(title="Free")

    assert ["Tied"] == found(LibraryFilter(text="abilita"))
    assert ["Tied"] == found(LibraryFilter(text="life skills"))
    assert ["Tied"] == found(LibraryFilter(programme_id=programme.id))


def test_kind_and_language_narrow_the_list() -> None:
    make_resource(title="Slides", kind=ResourceKind.SLIDES, language=Language.AR)
    make_resource(title="Plan")

    assert ["Slides"] == found(LibraryFilter(kind=ResourceKind.SLIDES))
    assert ["Slides"] == found(LibraryFilter(language=Language.AR))
    assert [] == found(LibraryFilter(kind=ResourceKind.SLIDES, language=Language.IT))


def test_a_grade_finds_what_is_for_it_and_what_is_for_all() -> None:
    make_resource(title="For 2", grades=((Level.SECONDO_GRADO, 2), (Level.SECONDO_GRADO, 3)))
    make_resource(title="For 1 of the lower school", grades=((Level.PRIMO_GRADO, 1),))
    make_resource(title="For all")

    assert {"For 2", "For all"} == set(found(LibraryFilter(level=Level.SECONDO_GRADO, grade=2)))
    assert {"For all"} == set(found(LibraryFilter(level=Level.SECONDO_GRADO, grade=1)))
    assert {"For 1 of the lower school", "For all"} == set(found(LibraryFilter(level=Level.PRIMO_GRADO)))


def test_a_page_of_the_library_costs_the_same_queries_for_one_and_for_many(client: Client) -> None:
    make_resource(programme_id=make_programme().id)
    client.page("/resources/")
    with counted_queries() as few:
        client.page("/resources/")
    for _ in range(5):
        make_resource(programme_id=make_programme().id, grades=((Level.PRIMO_GRADO, 1),))

    with counted_queries() as many:
        client.page("/resources/")

    assert few.count == many.count


def test_the_library_is_open_to_everybody_and_follows_the_query(client: Client) -> None:
    make_resource(title="La pressione del gruppo", grades=((Level.SECONDO_GRADO, 2),))
    make_resource(title="Altro", kind=ResourceKind.POSTER, grades=((Level.PRIMO_GRADO, 1),))

    def titles(query: str) -> list[str]:
        return [card.get_text(strip=True) for card in client.page(f"/resources/{query}").select("article h2")]

    assert {"La pressione del gruppo", "Altro"} == set(titles(""))
    assert ["Altro"] == titles("?kind=poster")
    assert ["La pressione del gruppo"] == titles("?grade=secondo_grado-2")
    assert ["La pressione del gruppo"] == titles("?text=Pressione")
    assert 2 == len(titles("?kind=x&grade=y&language=z&programme=w&show=v"))


def test_a_search_that_finds_nothing_says_so_and_offers_a_way_back(client: Client) -> None:
    make_resource()

    page = client.page("/resources/?text=nessuno")

    assert page.select_one(".empty a")["href"] == "/resources/"


def test_an_empty_library_opens(client: Client) -> None:
    assert client.page("/resources/").select_one(".empty")


def test_only_those_who_may_add_see_the_way_to_add(
    client: Client, anna: User, bruno: User, dario: User, sign_in: SignIn
) -> None:
    def offers_it(browser: Client) -> bool:
        return browser.page("/resources/").select_one("a[href='/resources/new']") is not None

    assert [False, False, True, True] == [
        offers_it(browser) for browser in (client, sign_in(bruno), sign_in(anna), sign_in(dario))
    ]


def test_drafts_are_pointed_out_to_the_office(anna: User, client: Client, sign_in: SignIn) -> None:
    make_resource(is_published=False)

    assert "1 material is not published yet" in sign_in(anna).page("/resources/").get_text()
    assert "not published yet" not in client.page("/resources/").get_text()


def test_the_page_of_a_resource_says_what_it_is(client: Client) -> None:
    resource = make_resource(
        title="La pressione del gruppo",
        abstract="Prima riga.\n\nSeconda <riga>.",
        authors="Maria Rossi",
        programme_id=make_programme(name=Localised(it="Percorso", en="Programme X")).id,
        grades=((Level.SECONDO_GRADO, 1), (Level.SECONDO_GRADO, 2)),
    )

    text = client.page(f"/resources/{resource.id}").select_one("main").get_text(" ", strip=True)

    for words in (
        "La pressione del gruppo",
        "Seconda <riga>.",
        "Maria Rossi",
        "Programme X",
        "Upper secondary 1, 2",
        "CC BY 4.0",
        "PDF, 1 kB",
        "Version 1",
    ):
        assert words in text


def test_a_draft_is_a_page_for_its_author_and_the_office_only(
    client: Client, anna: User, bruno: User, dario: User, sign_in: SignIn
) -> None:
    draft = make_resource(is_published=False, created_by=dario.id)

    def status(browser: Client) -> int:
        return browser.get(f"/resources/{draft.id}").status_code

    assert [404, 404, 200, 200] == [
        status(browser) for browser in (client, sign_in(bruno), sign_in(anna), sign_in(dario))
    ]


@pytest.mark.parametrize("wrong", ["/resources/x", f"/resources/{uuid.UUID(int=1)}"])
def test_a_bad_or_unknown_resource_is_not_found(client: Client, wrong: str) -> None:
    assert 404 == client.get(wrong).status_code


def test_a_draft_is_nobodys_to_load() -> None:
    with pytest.raises(NotYours):
        service.resource_for(None, make_resource(is_published=False).id)
