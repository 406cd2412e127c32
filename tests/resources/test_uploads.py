"""Files that come in pieces: the protocol, what is refused, who may, and that each is handed in once."""

import io
import shutil
import uuid
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from prevention.accounts.models import User
from prevention.core import clock, parts
from prevention.core.db import db
from prevention.resources import rules, tasks
from prevention.resources.models import Resource, ResourceFile, ResourceUpload, ResourceUploadPiece
from prevention.resources.rules import MEBIBYTE
from tests.factories.accounts import make_user
from tests.factories.resources import make_resource
from tests.resources import samples
from tests.resources.test_writing import DETAILS, count, stored
from tests.support.http import Client, soup

SignIn = Callable[[User], Client]

ENGLISH = {"Accept-Language": "en"}
TUS = {"Tus-Resumable": "1.0.0"}
LARGE = samples.PDF + bytes(3000)


@pytest.fixture(autouse=True)
def _empty_shelf(app: Flask) -> None:
    """Begin without parts that another test left: rows are rolled back, files are not."""
    shutil.rmtree(Path(app.instance_path) / parts.SHELF, ignore_errors=True)


def announce(browser: Client, size: int, *, name: str = "lezione.pdf", **headers: str) -> TestResponse:
    """Announce a file of so many bytes."""
    metadata = f"filename {b64encode(name.encode()).decode()}"
    return browser.post(
        "/resources/uploads/", headers={**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata, **headers}
    )


def send(
    browser: Client, address: str, content: bytes, headers: Mapping[str, str] = ENGLISH, *, start: int = 0
) -> TestResponse:
    """Send a piece that begins at `start`."""
    given = {**TUS, "Upload-Offset": str(start), "Content-Type": "application/offset+octet-stream", **headers}
    return browser.patch(address, data=content, headers=given)


def sent(browser: Client, content: bytes = samples.PDF, *, name: str = "lezione.pdf") -> str:
    """Send a file in two pieces; give its id."""
    address = announce(browser, len(content), name=name).location
    half = len(content) // 2
    assert 204 == send(browser, address, content[:half]).status_code
    assert 204 == send(browser, address, content[half:], start=half).status_code
    return address.rsplit("/", 1)[-1]


def kept_parts(app: Flask) -> list[Path]:
    """List every file of the shelf on which parts lie."""
    return [path for path in (Path(app.instance_path) / parts.SHELF).rglob("*") if path.is_file()]


def handing_in(upload_id: str, **details: Any) -> dict[str, Any]:
    """Give what a browser sends with a file that was sent before."""
    return {**DETAILS, "upload_id": upload_id, **details}


# ---- The protocol -----------------------------------------------------------------------------------------


def test_the_server_says_what_it_speaks(anna: User, sign_in: SignIn) -> None:
    answer = sign_in(anna).options("/resources/uploads/")

    assert (204, "1.0.0", "creation,expiration,termination", str(200 * MEBIBYTE)) == (
        answer.status_code,
        answer.headers["Tus-Version"],
        answer.headers["Tus-Extension"],
        answer.headers["Tus-Max-Size"],
    )


def test_a_file_comes_in_pieces_and_the_server_says_how_much_is_there(anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    created = announce(browser, 10)
    first = send(browser, created.location, b"%PDF")
    asked = browser.head(created.location, headers=TUS)
    last = send(browser, created.location, b"-1.7\n\n", start=4)

    assert [201, 204, 200, 204] == [answer.status_code for answer in (created, first, asked, last)]
    assert ["4", "4", "10"] == [answer.headers["Upload-Offset"] for answer in (first, asked, last)]
    assert ("10", "no-store") == (asked.headers["Upload-Length"], asked.headers["Cache-Control"])
    assert {"1.0.0"} == {answer.headers["Tus-Resumable"] for answer in (created, first, asked, last)}
    assert "Tue, 24 Nov 2026 09:00:00 GMT" == created.headers["Upload-Expires"]


def test_filters_that_let_no_patch_through_are_gone_round(anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    address = announce(browser, len(samples.PDF)).location

    answer = browser.post(
        address,
        data=samples.PDF,
        headers={**TUS, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"},
        content_type="application/offset+octet-stream",
    )

    assert (204, str(len(samples.PDF))) == (answer.status_code, answer.headers["Upload-Offset"])
    assert 405 == browser.post(address, headers=TUS).status_code
    assert 405 == browser.get(address, headers=TUS).status_code


def test_a_piece_out_of_place_is_refused_and_not_kept(app: Flask, anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    address = announce(browser, 10).location
    send(browser, address, b"%PDF")

    again, ahead = send(browser, address, b"%PDF"), send(browser, address, b"1.7", start=5)

    assert [(409, "4"), (409, "4")] == [(one.status_code, one.headers["Upload-Offset"]) for one in (again, ahead)]
    assert "4" == browser.head(address, headers=TUS).headers["Upload-Offset"]
    assert 1 == len(kept_parts(app))


def test_a_line_that_breaks_loses_nothing_of_what_came(app: Flask, anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    address = announce(browser, len(LARGE)).location

    cut = browser.patch(
        address,
        input_stream=io.BytesIO(LARGE[:1000]),
        headers={**TUS, "Upload-Offset": "0", "Content-Length": "3000"},
        content_type="application/offset+octet-stream",
    )

    assert (204, "1000") == (cut.status_code, cut.headers["Upload-Offset"])
    assert "1000" == browser.head(address, headers=TUS).headers["Upload-Offset"]
    assert str(len(LARGE)) == send(browser, address, LARGE[1000:], start=1000).headers["Upload-Offset"]


def test_a_piece_without_a_byte_changes_nothing(app: Flask, anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    address = announce(browser, 10).location

    answer = browser.patch(
        address,
        input_stream=io.BytesIO(),
        headers={**TUS, "Upload-Offset": "0", "Content-Length": "0"},
        content_type="application/offset+octet-stream",
    )

    assert (204, "0", []) == (answer.status_code, answer.headers["Upload-Offset"], kept_parts(app))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "many"}, 400),
        ({"Upload-Length": ""}, 400),
        ({"Upload-Length": "9" * 16}, 400),
        ({"Upload-Metadata": "filename !!"}, 400),
        ({"Upload-Metadata": "filename /w=="}, 400),
    ],
)
def test_a_muddled_announcement_is_refused(anna: User, sign_in: SignIn, headers: dict[str, str], status: int) -> None:
    answer = announce(sign_in(anna), 10, **headers)

    assert (status, 0) == (answer.status_code, count(ResourceUpload))
    assert "1.0.0" == answer.headers["Tus-Resumable"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Offset": "x"}, 400),
        ({"Content-Type": "application/octet-stream"}, 415),
    ],
)
def test_a_muddled_piece_is_refused(
    app: Flask, anna: User, sign_in: SignIn, headers: dict[str, str], status: int
) -> None:
    browser = sign_in(anna)
    address = announce(browser, 10).location

    assert status == send(browser, address, b"%PDF", headers).status_code
    assert 400 == send(browser, address, b"%PDF-1.7 too long").status_code
    assert [] == kept_parts(app)
    assert "0" == browser.head(address, headers=TUS).headers["Upload-Offset"]


# ---- What is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "status", "words"),
    [
        (0, 422, "This file is empty"),
        (2 * 1024**3, 413, "This file is larger than 200 MB."),
        (200 * MEBIBYTE + 1, 413, "This file is larger than 200 MB."),
    ],
)
def test_a_file_of_no_use_is_refused_before_it_is_sent(
    anna: User, sign_in: SignIn, size: int, status: int, words: str
) -> None:
    browser = sign_in(anna)

    answer = announce(browser, size, **ENGLISH)

    assert (status, "text/plain", 0) == (answer.status_code, answer.mimetype, count(ResourceUpload))
    assert words in answer.text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (samples.HTML, "This is a web page"),
        (samples.PROGRAM, "This is a program"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(600), "Sound, films"),
        (samples.SVG, "SVG drawing"),
    ],
)
def test_what_its_first_piece_gives_away_is_not_sent_to_its_end(
    app: Flask, anna: User, sign_in: SignIn, content: bytes, words: str
) -> None:
    browser = sign_in(anna)
    address = announce(browser, 100 * MEBIBYTE).location

    answer = send(browser, address, content)

    assert 422 == answer.status_code
    assert words in answer.text
    assert 404 == browser.head(address, headers=TUS).status_code
    assert ([], 0) == (kept_parts(app), count(ResourceUpload))


def test_a_picture_has_a_limit_of_its_own(app: Flask, anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    address = announce(browser, 31 * MEBIBYTE).location

    answer = send(browser, address, samples.PNG)

    assert 413 == answer.status_code
    assert "larger than 30 MB, the most for its kind (PNG)" in answer.text
    assert ([], 0) == (kept_parts(app), count(ResourceUpload))


def test_nobody_fills_the_disk_with_files_on_their_way(anna: User, bruno: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    for _number in range(rules.UPLOADS_MOST):
        announce(browser, 10)

    answer = announce(browser, 10, **ENGLISH)

    assert 422 == answer.status_code
    assert "You have 5 files on their way" in answer.text
    assert 201 == announce(sign_in(bruno), 10).status_code


def test_a_disk_without_room_is_told_before_a_file_is_sent(
    anna: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prevention.resources.views.uploads.COPIES", 10**9)

    answer = announce(sign_in(anna), 200 * MEBIBYTE, **ENGLISH)

    assert (507, 0) == (answer.status_code, count(ResourceUpload))
    assert "There is no room left on the server, and nothing was kept." in answer.text


# ---- Handing it in ----------------------------------------------------------------------------------------


def test_what_was_sent_in_pieces_is_what_is_added(app: Flask, anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    upload_id = sent(browser, name="Città.pdf")

    answer = browser.post("/resources/new", data=handing_in(upload_id), buffered=True)

    file = db.session.scalars(select(ResourceFile)).one()
    assert 303 == answer.status_code
    assert ("Città.pdf", "application/pdf") == (file.file_name, file.media_type)
    assert samples.PDF == browser.get(f"/resources/{file.resource_id}/files/1", buffered=True).data
    assert ([], 0, 0) == (kept_parts(app), count(ResourceUpload), count(ResourceUploadPiece))


def test_a_newer_version_comes_in_pieces_too(app: Flask, anna: User, sign_in: SignIn) -> None:
    resource = make_resource()
    browser = sign_in(anna)

    answer = browser.post(f"/resources/{resource.id}/versions/new", data={"upload_id": sent(browser)}, buffered=True)

    assert (303, 2, []) == (answer.status_code, count(ResourceFile), kept_parts(app))


def test_a_file_is_handed_in_once(app: Flask, anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    upload_id = sent(browser)
    browser.post("/resources/new", data=handing_in(upload_id))

    answer = browser.post("/resources/new", data=handing_in(upload_id), headers=ENGLISH)

    assert (422, 1) == (answer.status_code, count(Resource))
    assert "handed in already, perhaps in another window" in answer.text
    assert "" == soup(answer).select_one("input[name=upload_id]")["value"]


def test_a_form_that_comes_back_still_has_its_file(app: Flask, anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    upload_id = sent(browser)

    refused = browser.post("/resources/new", data=handing_in(upload_id, title=""))

    page = soup(refused)
    assert (422, 0, 1) == (refused.status_code, count(Resource), count(ResourceUpload))
    assert upload_id == page.select_one("input[name=upload_id]")["value"]
    assert "lezione.pdf" in page.select_one(".file-sent").text
    assert 303 == browser.post("/resources/new", data=handing_in(upload_id), buffered=True).status_code


def test_the_checks_are_those_of_a_plain_file_and_nothing_is_left(app: Flask, anna: User, sign_in: SignIn) -> None:
    browser, before = sign_in(anna), stored(app)
    upload_id = sent(browser, samples.DOCX_WITH_MACROS, name="a.docx")

    answer = browser.post("/resources/new", data=handing_in(upload_id), headers=ENGLISH, buffered=True)

    assert 422 == answer.status_code
    assert "macros" in soup(answer).select_one(".field-error").text
    assert ([], before, 0, 0) == (kept_parts(app), stored(app), count(Resource), count(ResourceUpload))


def test_a_file_that_is_refused_for_now_stays_on_its_way(app: Flask, anna: User, sign_in: SignIn) -> None:
    """The very file of the newest version: the form comes back, and the file with it."""
    resource = make_resource(with_file=False, created_by=anna.id)
    browser = sign_in(anna)
    browser.post(f"/resources/{resource.id}/versions/new", data={"upload_id": sent(browser)}, buffered=True)

    answer = browser.post(f"/resources/{resource.id}/versions/new", data={"upload_id": sent(browser)}, buffered=True)

    assert (422, 1, 1) == (answer.status_code, count(ResourceFile), count(ResourceUpload))
    assert 2 == len(kept_parts(app))


def test_a_file_with_pieces_missing_is_not_handed_in(anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    address = announce(browser, len(samples.PDF)).location
    send(browser, address, samples.PDF[:100])

    answer = browser.post(
        "/resources/new",
        data=handing_in(address.rsplit("/", 1)[-1]),
        headers=ENGLISH,
    )

    assert (422, 0) == (answer.status_code, count(Resource))
    assert "has not come to its end" in answer.text


@pytest.mark.parametrize("upload_id", ["", "nonsense", str(uuid.UUID(int=1))])
def test_a_version_needs_a_file_that_is_there(anna: User, sign_in: SignIn, upload_id: str) -> None:
    resource = make_resource()

    answer = sign_in(anna).post(f"/resources/{resource.id}/versions/new", data={"upload_id": upload_id})

    assert (422, 1) == (answer.status_code, count(ResourceFile))


# ---- Whose it is, and how long ----------------------------------------------------------------------------


def test_a_file_on_its_way_is_for_who_sends_it(app: Flask, anna: User, bruno: User, sign_in: SignIn) -> None:
    browser, other = sign_in(anna), sign_in(bruno)
    address = announce(browser, 10).location

    answers = [
        other.head(address, headers=TUS),
        send(other, address, b"%PDF"),
        other.delete(address, headers=TUS),
        other.post(f"{address}/discard"),
        other.head(f"/resources/uploads/{uuid.uuid4()}", headers=TUS),
    ]

    assert {404} == {answer.status_code for answer in answers}
    assert (1, []) == (count(ResourceUpload), kept_parts(app))


def test_somebody_else_cannot_hand_it_in(app: Flask, anna: User, bruno: User, sign_in: SignIn) -> None:
    upload_id = sent(sign_in(anna))

    answer = sign_in(bruno).post("/resources/new", data=handing_in(upload_id))

    assert (422, 0, 1) == (answer.status_code, count(Resource), count(ResourceUpload))
    assert 2 == len(kept_parts(app))


def test_those_who_hand_nothing_in_announce_nothing(app: Flask, client: Client, sign_in: SignIn) -> None:
    person = make_user("Nobody")
    person.roles = []
    stranger, reader = client, sign_in(person)

    assert [401, 403] == [announce(browser, 10).status_code for browser in (stranger, reader)]
    assert [401, 403] == [browser.options("/resources/uploads/").status_code for browser in (stranger, reader)]
    assert 0 == count(ResourceUpload)


def test_what_is_thrown_away_is_gone_at_once(app: Flask, anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    by_protocol, by_button = sent(browser), sent(browser)

    answers = [
        browser.delete(f"/resources/uploads/{by_protocol}", headers=TUS, buffered=True),
        browser.post(f"/resources/uploads/{by_button}/discard", buffered=True),
    ]

    assert [204, 303] == [answer.status_code for answer in answers]
    assert ([], 0) == (kept_parts(app), count(ResourceUpload))


def test_files_on_their_way_are_listed_with_the_form(anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    send(browser, announce(browser, 4_000_000, name="corso.pdf").location, samples.PDF)

    page = browser.page("/resources/new")

    assert "corso.pdf" in page.select_one("#on-their-way, section:has(#on-their-way)").text


def test_what_stopped_on_its_way_is_forgotten_a_day_later(app: Flask, anna: User, sign_in: SignIn) -> None:
    browser = sign_in(anna)
    old, now = sent(browser), clock.now()
    with clock.frozen(now + timedelta(hours=20)):
        young = sent(browser)
        tasks.forget_old_uploads()
        assert 200 == browser.head(f"/resources/uploads/{old}", headers=TUS).status_code
    with clock.frozen(now + timedelta(hours=25)):
        assert 404 == browser.head(f"/resources/uploads/{old}", headers=TUS).status_code
        tasks.forget_old_uploads()

        assert [uuid.UUID(young)] == [row.id for row in db.session.query(ResourceUpload)]
