"""Handing materials in, changing them, publishing and withdrawing them: who may, and what is refused."""

import io
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.core import clock, files
from prevention.core.db import db
from prevention.resources.models import Resource, ResourceFile
from prevention.resources.rules import Licence, ResourceKind, Status
from prevention.schools.rules import Level
from tests.factories.programmes import make_programme
from tests.factories.resources import make_resource, make_resource_file
from tests.resources import samples
from tests.support.http import Client, soup

SignIn = Callable[[User], Client]

DETAILS = {
    "title": "La pressione del gruppo",
    "abstract": "Una lezione sull'influenza degli amici.",
    "kind": "lesson_plan",
    "language": "it",
    "licence": "cc_by",
}


def handing_in(content: bytes = samples.PDF, name: str = "lezione.pdf", **details: Any) -> dict[str, Any]:
    """Give what a browser sends with a file."""
    return {**DETAILS, "file": (io.BytesIO(content), name), **details}


def only_resource() -> Resource:
    """Give the one resource there is."""
    return db.session.scalars(select(Resource)).one()


def count(model: type[Any]) -> int:
    """Count the rows of a table."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def stored(app: Flask) -> set[Path]:
    """List every file under the store's folder."""
    return {path for path in (Path(app.instance_path) / "resources").rglob("*") if path.is_file()}


def test_what_is_added_is_a_draft_with_all_that_was_said(anna: User, client: Client, sign_in: SignIn) -> None:
    programme = make_programme()

    answer = sign_in(anna).post(
        "/resources/new",
        data=handing_in(
            programme_id=str(programme.id),
            grades=["secondo_grado-1", "secondo_grado-2"],
            authors="Maria Rossi",
            minutes="50",
            topics=["alcohol"],
            meeting_id=str(programme.meetings[0].id),
            moment="after",
        ),
    )

    resource = only_resource()
    assert 303 == answer.status_code
    assert answer.location.endswith(f"/resources/{resource.id}")
    assert (DETAILS["title"], ResourceKind.LESSON_PLAN, Licence.CC_BY, programme.id, 50, anna.id) == (
        resource.title,
        resource.kind,
        resource.licence,
        resource.programme_id,
        resource.minutes,
        resource.created_by,
    )
    browser = sign_in(anna)
    page = browser.page(f"/resources/{resource.id}")
    assert "Upper secondary 1, 2" in page.get_text()
    assert "After the meeting 1" in page.get_text()
    assert 404 == client.get(f"/resources/{resource.id}").status_code


def test_a_link_alone_is_enough(anna: User, sign_in: SignIn) -> None:
    answer = sign_in(anna).post("/resources/new", data={**DETAILS, "link": "https://example.org/film"})

    assert 303 == answer.status_code
    assert "https://example.org/film" == only_resource().link
    assert 0 == count(ResourceFile)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "lezione.pdf", "This file is empty."),
        (samples.HTML, "lezione.pdf", "This is a web page, whatever its name says."),
        (samples.SVG, "disegno.png", "This is an SVG drawing"),
        (samples.PROGRAM, "lezione.pdf", "This is a program, not a document."),
        (samples.ZIP, "lezione.docx", "This is an archive"),
        (samples.DOCX_WITH_MACROS, "lezione.docx", "contains macros"),
        (samples.DOCX_BOMB, "lezione.docx", "far larger than any lesson"),
        (samples.DOCX_LOCKED, "lezione.docx", "locked with a password"),
        (samples.OLD_WORD, "lezione.doc", "an old Office format"),
        (samples.TEXT, "lezione.txt", "This kind of file is not known here. Take a PDF"),
    ],
)
def test_an_odd_file_is_refused_with_its_reason_and_nothing_is_left(
    app: Flask, anna: User, sign_in: SignIn, content: bytes, name: str, words: str
) -> None:
    before = stored(app)

    answer = sign_in(anna).post("/resources/new", data=handing_in(content, name))

    assert 422 == answer.status_code
    assert words in soup(answer).select_one("#file-error").get_text()
    assert 0 == count(Resource)
    assert before == stored(app)


def test_neither_file_nor_link_is_refused(anna: User, sign_in: SignIn) -> None:
    answer = sign_in(anna).post("/resources/new", data=DETAILS)

    assert 422 == answer.status_code
    assert "Hand in a file, or give a link." in answer.get_data(as_text=True)
    assert 0 == count(Resource)


def test_a_full_disk_is_said_in_words_and_nothing_is_kept(
    anna: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any, **_values: Any) -> None:
        raise files.NoSpaceLeft

    monkeypatch.setattr(files, "store", full)

    answer = sign_in(anna).post("/resources/new", data=handing_in())

    assert 422 == answer.status_code
    assert "There is no room left on the server" in answer.get_data(as_text=True)
    assert 0 == count(Resource)


def test_a_file_over_the_limit_is_refused(
    app: Flask, anna: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 2000)

    answer = sign_in(anna).post("/resources/new", data=handing_in(samples.PDF + bytes(2000)))

    assert 413 == answer.status_code
    assert 0 == count(Resource)


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 161}, "title"),
        ({"abstract": " "}, "abstract"),
        ({"kind": "sermon"}, "kind"),
        ({"language": "xx"}, "language"),
        ({"licence": ""}, "licence"),
        ({"grades": ["secondo_grado-6"]}, "grades"),
        ({"programme_id": str(uuid.uuid4())}, "programme_id"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"link": "ftp://example.org/film"}, "link"),
    ],
)
def test_a_form_that_is_not_right_changes_nothing(
    app: Flask, anna: User, sign_in: SignIn, details: dict[str, Any], field: str
) -> None:
    before = stored(app)

    answer = sign_in(anna).post("/resources/new", data=handing_in(**details))

    assert 422 == answer.status_code
    assert soup(answer).select_one(f"#{field}-error")
    assert 0 == count(Resource)
    assert before == stored(app)


def test_names_that_would_do_harm_are_made_safe(anna: User, client: Client, sign_in: SignIn) -> None:
    sign_in(anna).post("/resources/new", data=handing_in(name="../../x/lesson\u202efdp.exe"))

    answer = sign_in(anna).get(f"/resources/{only_resource().id}/files/1", buffered=True)

    assert 'filename="lessonfdp.pdf"' in answer.headers["Content-Disposition"]


def test_nobody_adds_without_signing_in(client: Client) -> None:
    assert 303 == client.get("/resources/new").status_code
    assert 401 == client.post("/resources/new", data=handing_in()).status_code
    assert 0 == count(Resource)


@pytest.mark.parametrize("who", ["anna", "bruno", "dario"])
def test_the_form_opens_for_those_who_may_add(request: pytest.FixtureRequest, sign_in: SignIn, who: str) -> None:
    page = sign_in(request.getfixturevalue(who)).page("/resources/new")

    assert page.select_one("form[enctype='multipart/form-data'] input[type=file]")


def test_the_author_changes_a_draft(dario: User, sign_in: SignIn) -> None:
    draft = make_resource(status=Status.DRAFT, created_by=dario.id, grades=((Level.PRIMO_GRADO, 1),))
    browser = sign_in(dario)
    shown = browser.page(f"/resources/{draft.id}/edit")
    assert [draft.title] == [field["value"] for field in shown.select("#title")]
    assert ["primo_grado-1"] == [box["value"] for box in shown.select("input[name=grades][checked]")]

    answer = browser.post(
        f"/resources/{draft.id}/edit", data={**DETAILS, "title": "Perché", "grades": ["primo_grado-2"]}
    )

    assert 303 == answer.status_code
    changed = only_resource()
    assert "Perché" == changed.title
    db.session.refresh(changed, ["grades"])
    assert [(Level.PRIMO_GRADO, 2)] == [(row.level, row.grade) for row in changed.grades]


def test_the_author_withdraws_before_changing_what_is_published(dario: User, sign_in: SignIn) -> None:
    resource = make_resource(title="As it was", created_by=dario.id)
    browser = sign_in(dario)

    refused = browser.post(f"/resources/{resource.id}/edit", data=DETAILS)
    assert 422 == refused.status_code
    assert "Withdraw it first" in refused.get_data(as_text=True)
    assert "As it was" == only_resource().title

    assert 303 == browser.post(f"/resources/{resource.id}/steps/withdraw").status_code
    assert 303 == browser.post(f"/resources/{resource.id}/edit", data=DETAILS).status_code
    assert DETAILS["title"] == only_resource().title


def test_the_office_changes_what_is_published(anna: User, sign_in: SignIn) -> None:
    resource = make_resource(created_at=clock.now() - timedelta(days=1))

    answer = sign_in(anna).post(f"/resources/{resource.id}/edit", data=DETAILS)

    assert 303 == answer.status_code
    assert DETAILS["title"] == only_resource().title
    assert "Its description was changed since." in sign_in(anna).page(f"/resources/{resource.id}").get_text()


def test_a_resource_without_file_keeps_its_link(anna: User, sign_in: SignIn) -> None:
    resource = make_resource(with_file=False, link="https://example.org/")

    answer = sign_in(anna).post(f"/resources/{resource.id}/edit", data=DETAILS)

    assert 422 == answer.status_code
    assert "https://example.org/" == only_resource().link


def test_a_new_version_leaves_the_old_one_as_it_was(anna: User, client: Client, sign_in: SignIn) -> None:
    resource = make_resource(with_file=False)
    make_resource_file(resource, content=samples.PDF)

    browser = sign_in(anna)
    answer = browser.post(
        f"/resources/{resource.id}/versions/new", data={"file": (io.BytesIO(samples.DOCX), "lezione.docx")}
    )

    assert 303 == answer.status_code
    assert samples.PDF == client.get(f"/resources/{resource.id}/files/1", buffered=True).data
    assert samples.DOCX == browser.get(f"/resources/{resource.id}/files/2", buffered=True).data
    page = client.page(f"/resources/{resource.id}")
    assert "Waits for a second person" in browser.page(f"/resources/{resource.id}").get_text()
    assert "lezione.pdf" == page.select_one(".resource-take .file-name").get_text()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (samples.PDF, "This is exactly the file of version 1, which is the newest."),
        (samples.HTML, "This is a web page"),
        (b"", "This file is empty."),
    ],
)
def test_a_version_that_is_none_is_refused(anna: User, sign_in: SignIn, content: bytes, words: str) -> None:
    resource = make_resource(with_file=False)
    make_resource_file(resource, content=samples.PDF)

    answer = sign_in(anna).post(
        f"/resources/{resource.id}/versions/new", data={"file": (io.BytesIO(content), "lezione.pdf")}
    )

    assert 422 == answer.status_code
    assert words in answer.get_data(as_text=True)
    assert 1 == count(ResourceFile)


def test_a_version_needs_a_file(anna: User, sign_in: SignIn) -> None:
    resource = make_resource()
    browser = sign_in(anna)

    assert 200 == browser.get(f"/resources/{resource.id}/versions/new").status_code
    assert 422 == browser.post(f"/resources/{resource.id}/versions/new").status_code
    assert 1 == count(ResourceFile)


@pytest.mark.parametrize("what", ["edit", "versions/new", "steps/withdraw"])
def test_work_on_a_resource_is_for_its_author_and_the_office(
    bruno: User, dario: User, client: Client, sign_in: SignIn, what: str
) -> None:
    """Neither Dario nor Bruno wrote it; nobody is signed in."""
    resource = make_resource(title="As it was")
    address = f"/resources/{resource.id}/{what}"

    assert 404 == sign_in(dario).post(address, data=DETAILS).status_code
    assert 404 == sign_in(bruno).post(address, data=DETAILS).status_code
    assert 401 == client.post(address, data=DETAILS).status_code
    assert "As it was" == only_resource().title


@pytest.mark.parametrize("what", ["edit", "versions/new", "steps/withdraw"])
@pytest.mark.parametrize("wrong", ["not-an-id", str(uuid.UUID(int=1))])
def test_work_on_a_bad_or_unknown_resource_is_not_found(anna: User, sign_in: SignIn, what: str, wrong: str) -> None:
    assert 404 == sign_in(anna).post(f"/resources/{wrong}/{what}", data=DETAILS).status_code
