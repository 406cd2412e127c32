"""The content store keeps whole files or nothing, and hands them out harmlessly."""

import errno
import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from prevention.core import files

CONTENT = b"Twelve lessons, one hour each."
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An application whose instance folder is empty; gives the store's folder in it."""
    with Flask("store", instance_path=str(tmp_path)).app_context():
        yield tmp_path / "files"


def lying_in(folder: Path) -> list[str]:
    """List every file under `folder`, hidden ones too, as paths relative to it."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def zip_of(members: dict[str, str]) -> bytes:
    """Pack named texts into a ZIP file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return packed.getvalue()


def test_a_stored_file_reads_back_as_it_was(folder: Path) -> None:
    stored = files.store(io.BytesIO(CONTENT), max_bytes=1000)

    assert files.StoredFile(sha256=DIGEST, size=len(CONTENT), relative_path=f"{DIGEST[:2]}/{DIGEST}") == stored
    with files.open_stored(stored.relative_path) as opened:
        assert CONTENT == opened.read()
    assert [stored.relative_path] == lying_in(folder)


def test_a_file_of_exactly_the_limit_is_kept(folder: Path) -> None:
    assert 10 == files.store(io.BytesIO(b"0123456789"), max_bytes=10).size


def test_one_byte_over_the_limit_leaves_nothing(folder: Path) -> None:
    with pytest.raises(files.TooManyBytes) as refusal:
        files.store(io.BytesIO(b"0123456789!"), max_bytes=10)

    assert 10 == refusal.value.limit
    assert [] == lying_in(folder)


def test_the_same_content_is_kept_once_and_never_written_again(folder: Path) -> None:
    first = files.store(io.BytesIO(CONTENT), max_bytes=1000)
    before = (folder / first.relative_path).stat()

    second = files.store(io.BytesIO(CONTENT), max_bytes=1000)

    after = (folder / second.relative_path).stat()
    assert first == second
    assert before.st_ino == after.st_ino
    assert [first.relative_path] == lying_in(folder)


def test_a_stream_that_breaks_leaves_nothing(folder: Path) -> None:
    class BreaksHalfway(io.RawIOBase):
        pieces = iter([b"first half"])

        def read(self, size: int = -1) -> bytes:
            try:
                return next(self.pieces)
            except StopIteration:
                raise ConnectionResetError("the sender went away") from None

    with pytest.raises(ConnectionResetError):
        files.store(BreaksHalfway(), max_bytes=1000)  # type: ignore[arg-type]  # a raw stream reads like any other

    assert [] == lying_in(folder)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_and_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """The disk has no room when the bytes are to be settled, whether it is full or the quota is used up."""

    def no_room(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", no_room)

    with pytest.raises(files.NoSpaceLeft):
        files.store(io.BytesIO(CONTENT), max_bytes=1000)

    assert [] == lying_in(folder)


def test_another_fault_of_the_disk_is_not_called_a_full_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_descriptor: int) -> None:
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(os, "fsync", broken)

    with pytest.raises(OSError, match="input/output error") as fault:
        files.store(io.BytesIO(CONTENT), max_bytes=1000)

    assert not isinstance(fault.value, files.NoSpaceLeft)
    assert [] == lying_in(folder)


@pytest.mark.parametrize(
    "path", ["../../secret", "/etc/passwd", "ab/" + "A" * 64, f"{DIGEST[:2]}/{DIGEST}/x", "", DIGEST]
)
def test_only_paths_that_the_store_gave_are_opened(folder: Path, path: str) -> None:
    with pytest.raises(FileNotFoundError):
        files.open_stored(path)


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {"[Content_Types].xml": "<Types/>"}
OPEN = "application/vnd.oasis.opendocument."


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (files.EMPTY_KIND, b""),
        ("application/pdf", b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"),
        (
            "image/png",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89IEND\xaeB`\x82",
        ),
        ("image/jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xd9"),
        ("image/webp", b"RIFF\x24\0\0\0WEBPVP8 " + bytes(30)),
        (WORD, zip_of(TYPES | {"word/document.xml": "<w/>"})),
        (SLIDES, zip_of({"ppt/presentation.xml": "<p/>"} | TYPES)),
        (SHEET, zip_of(TYPES | {"xl/workbook.xml": "<x/>"})),
        (OPEN + "text", zip_of({"mimetype": OPEN + "text", "content.xml": "<o/>"})),
        (OPEN + "presentation", zip_of({"mimetype": OPEN + "presentation"})),
        (OPEN + "spreadsheet", zip_of({"mimetype": OPEN + "spreadsheet"})),
        (files.ZIP_KIND, zip_of({"lesson.exe": "MZ"})),
        (files.ZIP_KIND, zip_of({"mimetype": "text/html"})),
        (files.ZIP_KIND, zip_of({"word/document.xml": "<w/>"})),
        (files.ZIP_KIND, zip_of(TYPES | {"word/document.xml": "<w/>"})[:60]),
        ("text/html", b"<!DOCTYPE html><html><body>hello</body></html>"),
        ("text/html", b"<html>%PDF-1.7\n"),
        ("image/svg+xml", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'),
        ("application/vnd.microsoft.portable-executable", b"MZ\x90\0" + bytes(100)),
        (files.UNKNOWN_KIND, b"<script>alert(1)</script>"),
        (files.UNKNOWN_KIND, b"just words"),
    ],
)
def test_the_kind_is_told_from_the_bytes(kind: str, content: bytes) -> None:
    stream = io.BytesIO(content)

    assert kind == files.content_kind(stream)
    assert 0 == stream.tell()


@given(st.binary(max_size=300), st.integers(0, 400), st.binary(max_size=8))
def test_no_bytes_whatever_make_telling_the_kind_fail(noise: bytes, place: int, patch: bytes) -> None:
    packed = zip_of(TYPES | {"mimetype": OPEN + "text", "word/document.xml": "<w/>"})
    damaged = packed[:place] + patch + packed[place + len(patch) :]

    for content in (noise, b"PK\x03\x04" + noise, damaged):
        assert "/" in files.content_kind(io.BytesIO(content))


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("lezione 1.pdf", "lezione 1.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\win.ini", "win.ini"),
        ("lesson\u202efdp.exe", "lessonfdp.exe"),
        ("\u2066lesson\u2069.pdf", "lesson.pdf"),
        ("scuola 🎓 peer 👩\u200d🏫.pdf", "scuola 🎓 peer 👩\u200d🏫.pdf"),
        ("درس.pdf", "درس.pdf"),
        ('a"b;c%d\r\nSet-Cookie: x.pdf', "a_b_c_dSet-Cookie_ x.pdf"),
        ("...", "file"),
        ("", "file"),
        ("a" * 300 + ".pdf", "a" * 116 + ".pdf"),
    ],
)
def test_a_name_loses_what_could_do_harm_and_nothing_else(given_name: str, safe: str) -> None:
    assert safe == files.safe_name(given_name)


def test_a_name_is_given_in_ascii_and_in_full() -> None:
    headers = files.attachment_headers("Città è già 🎓.pdf")

    assert (
        "attachment; filename=\"Citta e gia.pdf\"; filename*=UTF-8''Citt%C3%A0%20%C3%A8%20gi%C3%A0%20%F0%9F%8E%93.pdf"
    ) == headers["Content-Disposition"]


def test_a_name_without_any_ascii_still_has_a_plain_form() -> None:
    assert 'filename="file.pdf"' in files.attachment_headers("درس.pdf")["Content-Disposition"]


def test_a_handed_out_file_is_saved_and_never_run() -> None:
    headers = files.attachment_headers("x.html")

    assert "nosniff" == headers["X-Content-Type-Options"]
    assert "default-src 'none'; sandbox" == headers["Content-Security-Policy"]


@given(st.text(max_size=200))
def test_no_name_whatever_breaks_out_of_its_header(name: str) -> None:
    """The plain form has no quote, slash or control inside; the full form is percent-encoded ASCII."""
    disposition = files.attachment_headers(name)["Content-Disposition"]

    plain, full = disposition.removeprefix('attachment; filename="').split("\"; filename*=UTF-8''")
    assert disposition.isascii()
    assert disposition.isprintable()
    assert not set('"\\/;\r\n') & set(plain)
    assert not set("\"'()/; \r\n") & set(full)
    assert plain
    assert full


@pytest.mark.parametrize("name", ["CON.pdf", "nul", "lpt1.tar.gz", "aux .pdf", "COM¹.pdf"])
def test_a_name_that_is_a_device_of_windows_is_changed(name: str) -> None:
    assert f"_{name}" == files.safe_name(name)


@pytest.mark.parametrize("name", ["console.pdf", "auxiliary.pdf", "com10.pdf", "nulla.pdf"])
def test_a_name_that_only_looks_like_a_device_stays(name: str) -> None:
    assert name == files.safe_name(name)
