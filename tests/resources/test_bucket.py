"""The library with its files in a bucket that speaks S3: whole ways over HTTP, and the bucket going away in between."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from prevention.core import blobs, clock, files, parts
from prevention.core.db import db, unit_of_work
from prevention.resources import tasks
from prevention.resources.models import SHELF, Resource, ResourceFile, ResourceUpload
from prevention.roles import Role
from tests.conftest import NOW
from tests.factories.accounts import make_user
from tests.factories.resources import make_kit
from tests.resources import samples
from tests.resources.test_uploads import ENGLISH, TUS, announce, handing_in, send
from tests.resources.test_writing import count
from tests.support.bucket import served_bucket
from tests.support.databases import SqliteDatabases, build_app
from tests.support.http import Client, use_strict_client
from tests.support.ports import free_port

NAME = "lessons-of-the-library"
LARGE = samples.cleaned(samples.pdf_of().replace(b"612", b"640"), "pdf")


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def bucketed(_sqlite: SqliteDatabases, tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Flask]:
    """An installation whose files lie in a bucket, on a database of its own, with real commits."""
    with _sqlite.fresh() as url:
        setting = f"s3://key:secret@{NAME}/district?endpoint=http://127.0.0.1:{port}"
        app = build_app(tmp_path_factory.mktemp("bucket"), url, FILES_URL=setting)
        use_strict_client(app)
        with app.app_context(), clock.frozen(NOW):
            yield app
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def office(bucketed: Flask) -> Client:
    """Somebody of the office, in a browser that asks for English."""
    with unit_of_work():
        user = make_user("Anna", Role.OFFICE)
    client = bucketed.test_client()
    assert isinstance(client, Client)
    client.sign_in(user)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def here(app: Flask) -> list[Path]:
    """List what lies on this machine's shelves, hidden files too."""
    folder = Path(app.instance_path)
    return [path for shelf in (SHELF, parts.SHELF) for path in (folder / shelf).rglob("*") if path.is_file()]


def in_bucket(shelf: str) -> list[str]:
    """List the keys of a shelf."""
    return list(files.store_of(shelf).old_keys(before=clock.now() + timedelta(days=9999)))


def rows() -> tuple[int, int, int]:
    """Count materials, files and files on their way."""
    db.session.rollback()
    return count(Resource), count(ResourceFile), count(ResourceUpload)


def test_a_file_goes_the_whole_way_through_the_bucket(bucketed: Flask, office: Client, port: int) -> None:
    """In pieces, cut off, resumed, handed in, a newer version beside it, read from any place, packed, swept."""
    with served_bucket(port, NAME):
        address = announce(office, len(LARGE), name="Città.pdf").location
        assert 204 == send(office, address, LARGE[:200]).status_code
        assert "200" == office.head(address, headers=TUS).headers["Upload-Offset"]
        assert (1, 0) == (len(in_bucket(parts.SHELF)), len(in_bucket(SHELF)))
        assert 204 == send(office, address, LARGE[200:], start=200).status_code
        added = office.post("/resources/new", data=handing_in(address.rsplit("/", 1)[-1]), buffered=True)
        page = added.location
        assert (303, []) == (added.status_code, in_bucket(parts.SHELF))

        newer = {"file": (io.BytesIO(samples.OTHER_PDF), "b.pdf")}
        assert 303 == office.post(f"{page}/versions/new", data=newer, buffered=True).status_code
        for version, content in enumerate((LARGE, samples.OTHER_PDF), start=1):
            assert content == office.get(f"{page}/files/{version}", buffered=True).data
        some = office.get(f"{page}/files/1", headers={"Range": "bytes=100-149"}, buffered=True)
        assert (206, LARGE[100:150]) == (some.status_code, some.data)

        with unit_of_work():
            made = make_kit(db.session.scalars(select(Resource)).one())
        db.session.scalars(select(Resource)).one()
        assert 200 == office.get(f"/resources/kits/{made.id}/pack.zip", buffered=True).status_code

        files.store(io.BytesIO(b"nobody speaks of it"), max_bytes=99, shelf=SHELF)
        assert 3 == len(in_bucket(SHELF))
        with clock.frozen(clock.now() + timedelta(days=9000)):
            tasks.sweep_files()
        assert 2 == len(in_bucket(SHELF))
        assert [] == here(bucketed)


def test_a_bucket_that_goes_away_is_said_to_and_loses_nothing(bucketed: Flask, office: Client, port: int) -> None:
    with served_bucket(port, NAME):
        address = announce(office, len(LARGE)).location
        assert 204 == send(office, address, LARGE[:300]).status_code
        page = office.post("/resources/new", data=handing_in("", file=(io.BytesIO(samples.PNG), "a.png"))).location
        before = rows()

    piece = send(office, address, LARGE[300:], start=300)
    plain = office.post("/resources/new", data=handing_in("", file=(io.BytesIO(samples.PDF), "a.pdf")))
    download = office.get(f"{page}/files/1", buffered=True)

    assert [503, 422, 503] == [answer.status_code for answer in (piece, plain, download)]
    for answer in (piece, plain):
        assert "The place where files are kept does not answer" in answer.text
    assert "try again" in download.text
    assert (before, []) == (rows(), here(bucketed))

    with served_bucket(port, NAME):
        assert "300" == office.head(address, headers=TUS).headers["Upload-Offset"]
        assert 204 == send(office, address, LARGE[300:], ENGLISH, start=300).status_code
        assert 303 == office.post("/resources/new", data=handing_in(address.rsplit("/", 1)[-1])).status_code
        assert re.fullmatch(r"/resources/[0-9a-f-]{36}", urlsplit(page).path)


def test_a_form_whose_parts_cannot_be_read_keeps_its_file_on_its_way(office: Client, port: int) -> None:
    with served_bucket(port, NAME):
        address = announce(office, len(samples.PDF)).location
        send(office, address, samples.PDF)
    upload_id = address.rsplit("/", 1)[-1]

    refused = office.post("/resources/new", data=handing_in(upload_id))

    assert (422, True) == (refused.status_code, "does not answer" in refused.text)
    with served_bucket(port, NAME):
        assert 303 == office.post("/resources/new", data=handing_in(upload_id), buffered=True).status_code


def test_waiting_for_a_bucket_has_an_end() -> None:
    assert timedelta(seconds=30) >= blobs.RETRY_TIMEOUT
