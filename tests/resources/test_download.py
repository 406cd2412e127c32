"""Handing a file out: whole, safe, and to those who may read it."""

import uuid
from collections.abc import Callable

import pytest

from prevention.accounts.models import User
from prevention.resources.rules import Status
from tests.factories.resources import PDF, make_resource, make_resource_file
from tests.support.http import Client

pytestmark = pytest.mark.usefixtures("app")

SignIn = Callable[[User], Client]


def test_a_published_file_is_handed_out_whole_and_to_be_saved(client: Client) -> None:
    resource = make_resource(with_file=False)
    make_resource_file(resource, content=PDF, file_name="Città 🎓.pdf")

    answer = client.get(f"/resources/{resource.id}/files/1", buffered=True)

    assert (200, PDF, "application/pdf") == (answer.status_code, answer.data, answer.mimetype)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=\"Citta.pdf\"; filename*=UTF-8''")
    assert "nosniff" == answer.headers["X-Content-Type-Options"]
    assert "default-src 'none'; sandbox" == answer.headers["Content-Security-Policy"]
    assert str(len(PDF)) == answer.headers["Content-Length"]


def test_a_file_that_has_not_changed_is_not_sent_again(client: Client) -> None:
    resource = make_resource()
    first = client.get(f"/resources/{resource.id}/files/1", buffered=True)

    again = client.get(
        f"/resources/{resource.id}/files/1", buffered=True, headers={"If-None-Match": first.headers["ETag"]}
    )

    assert (304, b"") == (again.status_code, again.data)


def test_a_broken_download_can_be_resumed(client: Client) -> None:
    resource = make_resource(with_file=False)
    make_resource_file(resource, content=PDF)

    answer = client.get(f"/resources/{resource.id}/files/1", buffered=True, headers={"Range": "bytes=10-"})

    assert (206, PDF[10:]) == (answer.status_code, answer.data)


def test_older_versions_stay_what_they_were(client: Client) -> None:
    resource = make_resource(with_file=False)
    make_resource_file(resource, content=PDF + b"1")
    make_resource_file(resource, content=PDF + b"2")

    assert PDF + b"1" == client.get(f"/resources/{resource.id}/files/1", buffered=True).data
    assert PDF + b"2" == client.get(f"/resources/{resource.id}/files/2", buffered=True).data


def test_a_draft_is_handed_out_to_its_author_and_the_office_and_kept_by_no_cache(
    client: Client, anna: User, bruno: User, dario: User, sign_in: SignIn
) -> None:
    draft = make_resource(status=Status.DRAFT, created_by=dario.id)

    answers = [
        browser.get(f"/resources/{draft.id}/files/1", buffered=True)
        for browser in (client, sign_in(bruno), sign_in(anna), sign_in(dario))
    ]

    assert [404, 404, 200, 200] == [answer.status_code for answer in answers]
    assert "private, no-store" == answers[2].headers["Cache-Control"]


@pytest.mark.parametrize("version", ["0", "2", "-1", "x"])
def test_a_version_that_is_not_there_is_not_found(client: Client, version: str) -> None:
    assert 404 == client.get(f"/resources/{make_resource().id}/files/{version}", buffered=True).status_code


def test_a_file_of_an_unknown_resource_is_not_found(client: Client) -> None:
    assert 404 == client.get(f"/resources/{uuid.uuid4()}/files/1", buffered=True).status_code
