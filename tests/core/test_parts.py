"""Parts of files on their way: kept whole, read as one, gone as soon as nobody needs them."""

import errno
import io
import os
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from prevention.core import files, parts
from tests.support.bucket import served_bucket

WHOLE = uuid.uuid4()
NOW = datetime.now(UTC)


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


def keep(content: bytes, *, whole: uuid.UUID = WHOLE) -> str:
    """Keep a part; give its key."""
    part = parts.keep(io.BytesIO(content), whole=whole, max_bytes=10_000_000)
    assert part is not None
    assert len(content) == part.size
    return part.key


def left(app: Flask) -> list[Path]:
    """List what lies in the instance folder, folders of files too."""
    return [path for path in Path(app.instance_path).rglob("*") if path.name != parts.SHELF]


def test_parts_read_as_one_file_from_the_start_as_often_as_wanted(app: Flask) -> None:
    keys = [keep(content) for content in (b"one " * 40_000, b"two", b"three" * 9)]

    with parts.joined(keys) as stream:
        first = stream.read(5) + stream.read()
        stream.seek(0)
        again = stream.read()

    assert b"one " * 40_000 + b"two" + b"three" * 9 == first
    assert first == again


def test_the_same_content_twice_is_two_parts(app: Flask) -> None:
    one, other = keep(b"same"), keep(b"same")
    parts.drop([one])

    with parts.joined([other]) as stream:
        assert b"same" == stream.read()


def test_dropped_parts_leave_nothing_on_this_machine(app: Flask) -> None:
    keys = [keep(b"one"), keep(b"two")]

    parts.drop(keys)
    parts.drop(keys)

    assert [] == left(app)
    with pytest.raises(FileNotFoundError), parts.joined(keys) as stream:
        stream.read()


def test_sweeping_takes_what_no_row_speaks_of(app: Flask) -> None:
    used, unused = keep(b"used"), keep(b"unused", whole=uuid.uuid4())

    assert 0 == parts.sweep(in_use=lambda _keys: [], before=NOW - timedelta(hours=1))
    assert 1 <= parts.sweep(in_use=lambda keys: {used} & set(keys), before=NOW + timedelta(days=1))

    with parts.joined([used]) as stream:
        assert b"used" == stream.read()
    with pytest.raises(FileNotFoundError), parts.joined([unused]) as stream:
        stream.read()


def test_nothing_is_kept_of_too_much(app: Flask) -> None:
    with pytest.raises(files.TooManyBytes):
        parts.keep(io.BytesIO(b"12345"), whole=WHOLE, max_bytes=4)

    assert [] == left(app)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_nothing_is_kept_on_a_full_disk(tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("prevention.core.parts.os.fsync", full)
    app = Flask("store", instance_path=str(tmp_path))
    with app.app_context(), pytest.raises(files.NoSpaceLeft):
        parts.keep(io.BytesIO(b"12345"), whole=WHOLE, max_bytes=10)

    assert [] == left(app)


def test_parts_kept_and_dropped_at_once_do_not_meet(tmp_path: Path) -> None:
    """The folder of a file goes with its last part, while another part is about to lie in it."""
    app = Flask("store", instance_path=str(tmp_path))
    failures: list[OSError] = []

    def work() -> None:
        with app.app_context():
            try:
                for _turn in range(60):
                    parts.drop([keep(b"x")])
            except OSError as error:
                failures.append(error)

    threads = [threading.Thread(target=work) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [] == failures
    assert [] == left(app)
