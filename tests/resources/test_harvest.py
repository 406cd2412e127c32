"""The library for other machines: what is described, and that nothing in it breaks out."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest

from prevention.core import clock
from prevention.resources import harvest, service
from prevention.resources.rules import Licence, ResourceKind, Status
from prevention.schools.rules import Level
from tests.factories.resources import make_resource
from tests.support.http import Client

pytestmark = pytest.mark.usefixtures("app")
ATOM = "{http://www.w3.org/2005/Atom}"


def test_a_resource_is_described_as_the_profile_wants_it(client: Client) -> None:
    resource = make_resource(
        title="Sonno",
        authors="Maria Rossi, Ugo Bianchi",
        minutes=50,
        topics=["wellbeing"],
        access=["captions"],
        grades=((Level.PRIMO_GRADO, 1),),
    )

    described = json.loads(client.get(f"/resources/{resource.id}.jsonld").data)
    loaded = service.resource_for(None, resource.id)

    assert "https://w3id.org/kim/amb/context.jsonld" == described["@context"][0]
    assert ["LearningResource"] == described["type"]
    assert f"http://127.0.0.1:8000/resources/{resource.id}" == described["id"]
    assert {"id": "https://creativecommons.org/licenses/by/4.0/"} == described["license"]
    assert [{"id": "https://w3id.org/kim/educationalLevel/level_2"}] == described["educationalLevel"]
    assert ["Maria Rossi", "Ugo Bianchi"] == [person["name"] for person in described["creator"]]
    assert ("PT50M", ["captions"]) == (described["timeRequired"], described["accessibilityFeature"])
    assert (["Benessere", "Wellbeing"], None) == (described["keywords"], described.get("about"))
    file = loaded.files[0]
    encoding = described["encoding"][0]
    assert (file.sha256, str(file.size)) == (encoding["sha256"], encoding["contentSize"])


@pytest.mark.parametrize("language", ["it", "en"])
def test_words_of_vocabularies_are_told_in_their_language_whoever_asks(client: Client, language: str) -> None:
    resource = make_resource(skills=["empathy"], kind=ResourceKind.VIDEO, minutes=9, source_link="https://example.org/")

    answer = client.get(f"/resources/{resource.id}.jsonld", headers={"Accept-Language": language})

    described = json.loads(answer.data)
    assert [{"it": "Empatia", "en": "Empathy"}] == [one["prefLabel"] for one in described["teaches"]]
    assert "PT9M" == described["duration"]
    assert [{"id": "https://example.org/", "name": "https://example.org/"}] == described["isBasedOn"]


@pytest.mark.parametrize("kind", list(ResourceKind))
@pytest.mark.parametrize("licence", [Licence.CC_BY, Licence.RESERVED])
def test_every_kind_and_licence_can_be_described(kind: ResourceKind, licence: Licence) -> None:
    described = harvest.learning_resource(make_resource(kind=kind, licence=licence), base="https://x")

    assert (licence is Licence.RESERVED) == ("license" not in described)


def test_the_page_carries_its_description_and_words_do_not_break_out_of_it(client: Client) -> None:
    resource = make_resource(title="</script><script>alert(1)</script>")

    page = client.page(f"/resources/{resource.id}")

    block = page.select_one("script[type='application/ld+json']")
    assert "</script><script>alert(1)</script>" == json.loads(str(block.string))["name"]
    assert 1 == len(page.select("script[type='application/ld+json']"))


def test_only_what_is_published_and_current_is_handed_on(client: Client) -> None:
    make_resource(title="Current")
    make_resource(title="Old", care={"review_by": clock.today() - timedelta(days=1)})
    draft = make_resource(title="Draft", status=Status.DRAFT)
    retired = make_resource(title="Retired", status=Status.RETIRED)

    assert ["Current"] == [one["name"] for one in json.loads(client.get("/resources/catalogue.jsonld").data)["@graph"]]
    assert 404 == client.get(f"/resources/{draft.id}.jsonld").status_code
    assert 404 == client.get(f"/resources/{retired.id}.jsonld").status_code
    feed = ET.fromstring(client.get("/resources/feed.atom").data)
    assert ["Current"] == [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]


def test_the_feed_is_valid_whatever_people_wrote(client: Client) -> None:
    make_resource(title="Bell \x07 & <b>", abstract="x\x0by")

    answer = client.get("/resources/feed.atom")

    feed = ET.fromstring(answer.data)
    assert "application/atom+xml" == answer.mimetype
    entry = feed.find(f"{ATOM}entry")
    assert "Bell  & <b>" == entry.findtext(f"{ATOM}title")
    for name in ("id", "updated", "published"):
        assert entry.findtext(f"{ATOM}{name}")


def test_the_table_opens_in_a_spreadsheet_and_runs_nothing(client: Client) -> None:
    make_resource(title="=HYPERLINK(1)", grades=((Level.PRIMO_GRADO, 1), (Level.PRIMO_GRADO, 2)))

    text = client.get("/resources/catalogue.csv").get_data(as_text=True)

    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert text.startswith("\ufeff")
    assert ("'=HYPERLINK(1)", "primo_grado-1 primo_grado-2") == (row["title"], row["grades"])
