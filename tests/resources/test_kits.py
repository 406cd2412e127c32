"""Kits: their order, the pack that works without a network, and the tagged handout."""

import io
import uuid
import zipfile
from collections.abc import Callable

import pikepdf
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from prevention.accounts.models import User
from prevention.core.db import db
from prevention.resources import service
from prevention.resources.models import ResourceKit
from prevention.resources.rules import Status
from tests.factories.programmes import make_programme
from tests.factories.resources import make_kit, make_resource, make_resource_file
from tests.resources import samples
from tests.support.http import Client
from tests.support.queries import counted_queries
from tests.support.verapdf import VeraResult

pytestmark = pytest.mark.usefixtures("app")
SignIn = Callable[[User], Client]


def order(kit: ResourceKit) -> list[str]:
    """Give the titles of a kit in their order."""
    db.session.expire_all()
    return [item.resource.title for item in service.kit_for(None, kit.id).items]


def test_the_office_makes_a_kit_and_fills_it_from_the_pages_of_materials(
    anna: User, client: Client, sign_in: SignIn
) -> None:
    meeting = make_programme().meetings[0]
    resource = make_resource(title="Sonno")
    office = sign_in(anna)

    assert (
        303
        == office.post(
            "/resources/kits/new", data={"title": "Primo incontro", "meeting_id": str(meeting.id)}
        ).status_code
    )
    kit = db.session.scalars(select(ResourceKit)).one()
    assert (
        303
        == office.post(f"/resources/{resource.id}/kits", data={"kit_id": str(kit.id), "moment": "before"}).status_code
    )
    assert (
        303
        == office.post(f"/resources/{resource.id}/kits", data={"kit_id": str(kit.id), "moment": "before"}).status_code
    )
    assert 404 == client.get(f"/resources/kits/{kit.id}").status_code
    assert (
        303 == office.post(f"/resources/kits/{kit.id}/edit", data={"title": "Primo", "is_published": "y"}).status_code
    )

    assert ["Sonno"] == order(kit)
    assert "Primo" in client.page("/resources/kits/").get_text()
    assert "Before the meeting" in client.page(f"/resources/kits/{kit.id}").get_text()


def test_items_are_moved_and_taken_out(anna: User, sign_in: SignIn) -> None:
    kit = make_kit(*(make_resource(title=title) for title in "ABC"))
    office = sign_in(anna)

    def move(title: str, how: str) -> list[str]:
        db.session.expire_all()
        item = next(one for one in service.kit_for(None, kit.id).items if one.resource.title == title)
        assert 303 == office.post(f"/resources/kits/{kit.id}/items/{item.id}/{how}").status_code
        return order(kit)

    assert ["B", "A", "C"] == move("B", "up")
    assert ["B", "A", "C"] == move("B", "up")
    assert ["B", "C", "A"] == move("A", "down")
    assert ["B", "A"] == move("C", "out")


def test_a_pack_works_without_a_network(client: Client) -> None:
    one = make_resource(title="Sonno <b>", with_file=False)
    make_resource_file(one, content=samples.PDF, file_name="../Sonno 🎓.pdf")
    kit = make_kit(
        one, make_resource(title="Film", with_file=False, link="https://example.org/film"), title="Città/kit"
    )

    answer = client.get(f"/resources/kits/{kit.id}/pack.zip", buffered=True)

    assert 'filename="kit.zip"' in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        assert ["00-scheda.pdf", "01-Sonno 🎓.pdf", "index.html"] == sorted(archive.namelist())
        assert samples.PDF == archive.read("01-Sonno 🎓.pdf")
        index = BeautifulSoup(archive.read("index.html"), "html5lib")
    assert ["1. Sonno <b>", "2. Film"] == [title.get_text() for title in index.select("h2")]
    local = [link["href"] for link in index.select("a[href]") if "://" not in link["href"]]
    assert {"00-scheda.pdf", "01-Sonno 🎓.pdf"} == set(local)
    assert not index.select("script, link, img, iframe")


def test_what_is_not_published_any_more_is_not_packed(client: Client) -> None:
    kit = make_kit(make_resource(title="Old", status=Status.RETIRED), make_resource(title="New"))

    with zipfile.ZipFile(io.BytesIO(client.get(f"/resources/kits/{kit.id}/pack.zip", buffered=True).data)) as archive:
        assert 1 == sum(name.startswith("01-") for name in archive.namelist())
        assert "Old" not in archive.read("index.html").decode()
    assert "Old" not in client.page(f"/resources/kits/{kit.id}").get_text()


def test_the_handout_is_a_tagged_pdf(client: Client, verapdf: Callable[[bytes], list[VeraResult]]) -> None:
    kit = make_kit(make_resource(title="Sonno", link="https://example.org"), intro="Prima.\nPoi.")

    answer = client.get(f"/resources/kits/{kit.id}/handout.pdf")

    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        assert pdf.Root.MarkInfo.Marked
    results = verapdf(answer.data)
    assert [True, True] == [result.passed for result in results], "\n".join(map(str, results))


def test_a_kit_costs_the_same_queries_for_one_and_for_many(client: Client) -> None:
    kits = [make_kit(*(make_resource() for _ in range(size))) for size in (1, 5)]
    counts = []
    client.page(f"/resources/kits/{kits[0].id}")
    for kit in kits:
        with counted_queries() as statements:
            client.page(f"/resources/kits/{kit.id}")
        counts.append(statements.count)

    assert counts[0] == counts[1]


@pytest.mark.parametrize("address", ["new", "{kit}/edit", "{kit}/items/{item}/up"])
def test_writing_kits_is_for_the_office(
    anna: User, bruno: User, dario: User, client: Client, sign_in: SignIn, address: str
) -> None:
    kit = make_kit(make_resource(title="A"), make_resource(title="B"))
    path = "/resources/kits/" + address.format(kit=kit.id, item=kit.items[1].id)

    assert 403 == sign_in(bruno).post(path, data={"title": "x"}).status_code
    assert 403 == sign_in(dario).post(path, data={"title": "x"}).status_code
    assert 401 == client.post(path, data={"title": "x"}).status_code
    assert ["A", "B"] == order(kit)


def test_bad_and_unknown_kits_and_items_are_not_found(anna: User, client: Client, sign_in: SignIn) -> None:
    kit = make_kit(make_resource())
    unknown, item = uuid.UUID(int=1), kit.items[0].id
    office = sign_in(anna)

    assert 404 == client.get(f"/resources/kits/{unknown}").status_code
    assert 404 == client.get(f"/resources/kits/{unknown}/pack.zip").status_code
    assert 404 == office.post(f"/resources/kits/{kit.id}/items/{unknown}/up").status_code
    assert 404 == office.post(f"/resources/kits/{kit.id}/items/{item}/sideways").status_code
    assert 404 == office.post(f"/resources/{make_resource().id}/kits", data={"kit_id": str(unknown)}).status_code
    assert 422 == office.post("/resources/kits/new", data={"title": ""}).status_code
    assert 405 == office.get(f"/resources/kits/{kit.id}/items/{item}/up").status_code
