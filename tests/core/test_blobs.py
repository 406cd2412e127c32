"""A shelf in a folder or in a bucket: kept whole, read from any place, swept of what nobody speaks of."""

import hashlib
import io
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from prevention.core import blobs, files
from tests.support.bucket import served_bucket

CONTENT = bytes(range(256)) * 5000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
NOW = datetime.now(UTC)
SHELF = "things"


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A bucket that speaks S3 on this machine; gives the setting that leads to it."""
    with served_bucket() as setting:
        yield setting


@pytest.fixture(params=["folder", "bucket"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    app = Flask("store", instance_path=str(tmp_path))
    if request.param == "bucket":
        app.config["FILES_URL"] = request.getfixturevalue("bucket")
    with app.app_context():
        yield app


def put(content: bytes = CONTENT) -> files.StoredFile:
    """Keep a content on the shelf."""
    return files.store(io.BytesIO(content), max_bytes=10_000_000, shelf=SHELF)


def test_what_was_kept_reads_back_from_any_place(app: Flask) -> None:
    stored = put()

    assert (DIGEST, len(CONTENT)) == (stored.sha256, stored.size)
    with files.open_stored(stored.relative_path, shelf=SHELF) as opened:
        assert CONTENT == opened.read()
        assert 700 == opened.seek(700)
        assert CONTENT[700:710] == opened.read(10)


def test_a_file_in_a_bucket_leaves_nothing_on_this_machine(bucket: str, tmp_path: Path) -> None:
    app = Flask("store", instance_path=str(tmp_path))
    app.config["FILES_URL"] = bucket
    with app.app_context():
        put()

    assert [] == [path for path in tmp_path.rglob("*") if path.is_file()]


def test_what_is_not_there_is_not_found(app: Flask) -> None:
    with pytest.raises(FileNotFoundError):
        files.open_stored(files.relative_path_of("0" * 64), shelf=SHELF).read()
    with pytest.raises(FileNotFoundError):
        files.open_stored("../../etc/passwd", shelf=SHELF)


def test_a_bucket_that_does_not_answer_is_a_fault_of_the_disk(tmp_path: Path) -> None:
    app = Flask("store", instance_path=str(tmp_path))
    app.config["FILES_URL"] = "s3://key:secret@nowhere/x?endpoint=http://127.0.0.1:1"
    with app.app_context(), pytest.raises(OSError, match="bucket"):
        put()


def test_sweeping_takes_what_is_old_and_unspoken_of_and_nothing_else(app: Flask) -> None:
    used, unused = put(b"used" * 99), put(b"unused" * 99)

    later = NOW + timedelta(days=2)
    assert 0 == files.sweep(SHELF, in_use=lambda _digests: [], before=NOW - timedelta(hours=1))
    assert 1 <= files.sweep(SHELF, in_use=lambda digests: {used.sha256} & set(digests), before=later)

    with files.open_stored(used.relative_path, shelf=SHELF) as opened:
        assert b"used" * 99 == opened.read()
    with pytest.raises(FileNotFoundError):
        files.open_stored(unused.relative_path, shelf=SHELF).read()


def test_what_is_kept_again_while_it_is_swept_stays(app: Flask) -> None:
    """The row is written between the question and the answer: keeping again makes the content new."""
    stored = put(b"twice" * 99)
    cut = datetime.now(UTC) + timedelta(milliseconds=20)
    if "FILES_URL" not in app.config:
        old = (NOW - timedelta(days=3)).timestamp()
        os.utime(Path(app.instance_path) / SHELF / stored.relative_path, (old, old))
        cut = NOW - timedelta(days=1)

    def asked(_digests: object) -> list[str]:
        threading.Event().wait(1.1)
        put(b"twice" * 99)
        return []

    files.sweep(SHELF, in_use=asked, before=cut)

    with files.open_stored(stored.relative_path, shelf=SHELF) as opened:
        assert b"twice" * 99 == opened.read()


def test_pieces_of_a_killed_process_are_taken_away(tmp_path: Path) -> None:
    app = Flask("store", instance_path=str(tmp_path))
    (tmp_path / SHELF).mkdir()
    piece = tmp_path / SHELF / ".incoming-x"
    piece.write_bytes(b"half")
    with app.app_context():
        assert 0 == files.sweep(SHELF, in_use=lambda _digests: [], before=NOW - timedelta(hours=1))
        assert 1 == files.sweep(SHELF, in_use=lambda _digests: [], before=NOW + timedelta(hours=1))

    assert not piece.exists()


@pytest.mark.parametrize("url", ["s3://", "http://bucket", "s3://bucket?endpoint=ftp://x", "/folder"])
def test_an_address_that_is_no_bucket_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="s3://"):
        blobs.check_url(url)
