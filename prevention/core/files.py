"""The content store: files that people hand in or that jobs make, kept by what is in them.

A file lies under ``instance/files/<first two digits>/<sha256>``. It has no name there: names belong to rows, and a
name is never part of a path. The same content is kept once; nothing is ever overwritten. A shelf of another name than
``files`` may lie in a bucket instead (`blobs`, setting ``FILES_URL``).

Keeping has two phases: first the bytes, then the row that speaks of them, in the request's transaction. When the
second phase fails, the bytes have no row; `sweep` takes them away a day later, under a lock that keeping takes too, so
that it never takes them from somebody who has just kept the same content.

What a file is, is told from its bytes by `content_kind`, never from its name.
"""

import errno
import hashlib
import os
import re
import shutil
import struct
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, BinaryIO
from urllib.parse import quote

import puremagic
from flask import current_app

from prevention.core import blobs

CHUNK_BYTES = 64 * 1024
# So many files are looked up among the rows at a time when a shelf is swept.
SWEEP_BATCH = 500
UNKNOWN_KIND = "application/octet-stream"
EMPTY_KIND = "application/x-empty"
ZIP_KIND = "application/zip"

# No room, a quota that is used up, a file larger than its process or its file system may write.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

# The shelf that files lie on unless a caller names its own.
SHELF = "files"

# Longest file name handed out, in characters, the extension included; most file systems stop at 255 bytes.
NAME_LENGTH_MAX = 120

_INCOMING = ".incoming-"
_RELATIVE_PATH = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}")
_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
# The part that only this kind of document has (ECMA-376, part 1, §11 to §13).
_OFFICE_OPEN_XML = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_OPEN_DOCUMENT = re.compile(r"application/vnd\.oasis\.opendocument\.[a-z-]{1,40}")
# Devices to Windows, whatever the extension (Microsoft, "Naming Files, Paths, and Namespaces").
_RESERVED_NAME = re.compile(r"(?i)CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³]")
_UNSAFE_IN_NAME = re.compile(r'[<>:"|?*;%]+')


class NoSpaceLeft(OSError):
    """The disk is full, or the quota is used up. Nothing was stored."""


class TooManyBytes(Exception):
    """The stream is longer than `limit` bytes. Nothing was stored."""

    def __init__(self, *, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFile:
    """A file in the store: SHA-256 of its content in hexadecimal, size in bytes, path below the store's folder."""

    sha256: str
    size: int
    relative_path: str


def store(stream: IO[bytes], *, max_bytes: int, shelf: str = SHELF) -> StoredFile:
    """Keep everything that `stream` still has to give, and return where it lies.

    The bytes are on the disk (file and folder synced), or taken by the bucket, before this returns. On any failure
    nothing is left.

    Raises:
        TooManyBytes: after `max_bytes` bytes there was more.
        NoSpaceLeft: the disk or the quota is full.
    """
    with telling_a_full_disk(), incoming(shelf) as (target, path):
        digest, size = _copy(stream, target, max_bytes=max_bytes)
        target.flush()
        os.fsync(target.fileno())
        relative_path = relative_path_of(digest)
        store_of(shelf).put(relative_path, path)
    return StoredFile(sha256=digest, size=size, relative_path=relative_path)


@contextmanager
def telling_a_full_disk() -> Iterator[None]:
    """Turn the operating system's word for a full disk or quota into `NoSpaceLeft`."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise NoSpaceLeft(error.errno, os.strerror(error.errno)) from error
        raise


def has_room_for(size: int) -> bool:
    """Say whether this machine's disk has room for so many bytes now; a file is refused before it is sent."""
    folder = Path(current_app.instance_path)
    folder.mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(folder).free >= size


@contextmanager
def incoming(shelf: str) -> Iterator[tuple[BinaryIO, Path]]:
    """Give a new file beside a shelf's files, open for writing, and its path; it is gone afterwards."""
    root = _root(shelf)
    root.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=_INCOMING, dir=root)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as target:
            yield target, path
    finally:
        path.unlink(missing_ok=True)


def sweep(shelf: str, *, in_use: Callable[[Collection[str]], Collection[str]], before: datetime) -> int:
    """Take away what lies on a shelf, was last kept before a moment, and no row speaks of; give how many files.

    Whoever keeps the same content again meanwhile makes it new, and it stays. Pieces that a killed process left are
    taken away too.

    Args:
        in_use: asked with digests; gives those that rows speak of.
        before: long enough ago that no request from then is still running.
    """
    store, taken = store_of(shelf), sweep_incoming(shelf, before=before)
    keys = iter([key for key in store.old_keys(before=before) if _RELATIVE_PATH.fullmatch(key)])
    while batch := list(islice(keys, SWEEP_BATCH)):
        used = in_use([key.split("/")[1] for key in batch])
        taken += sum(store.remove(key, before=before) for key in batch if key.split("/")[1] not in used)
    return taken


def sweep_incoming(shelf: str, *, before: datetime) -> int:
    """Take away what a killed process left beside a shelf's files before a moment; give how many."""
    taken = 0
    for left in _root(shelf).glob(f"{_INCOMING}*"):
        with suppress(FileNotFoundError):
            if left.stat().st_mtime < before.timestamp():
                left.unlink()
                taken += 1
    return taken


def _copy(stream: IO[bytes], target: BinaryIO, *, max_bytes: int) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    while chunk := stream.read(CHUNK_BYTES):
        size += len(chunk)
        if size > max_bytes:
            raise TooManyBytes(limit=max_bytes)
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest(), size


def relative_path_of(sha256: str) -> str:
    """Give the path below the store's folder at which content with this digest lies."""
    return f"{sha256[:2]}/{sha256}"


def stored_path(relative_path: str) -> Path:
    """Give the place on the disk of a file on the plain shelf, e.g. to hand it out in pieces.

    Raises:
        FileNotFoundError: the path is not one that `store` gives.
    """
    return _root(SHELF) / _checked(relative_path)


def open_stored(relative_path: str, *, shelf: str = SHELF) -> BinaryIO:
    """Open a stored file for reading and seeking.

    Raises:
        FileNotFoundError: there is no such file, or the path is not one that `store` gives.
    """
    return store_of(shelf).open(_checked(relative_path))


def _checked(relative_path: str) -> str:
    if not _RELATIVE_PATH.fullmatch(relative_path):
        raise FileNotFoundError(relative_path)
    return relative_path


def store_of(shelf: str) -> blobs.Store:
    """Give where a shelf is kept: the plain one always in a folder, others in the bucket if there is one."""
    url: str = current_app.config.get("FILES_URL", "")
    if url and shelf != SHELF:
        kept: dict[str, blobs.Bucket] = current_app.extensions.setdefault("buckets", {})
        if shelf not in kept:
            kept[shelf] = blobs.Bucket.from_url(url, shelf=shelf)
        return kept[shelf]
    return blobs.Folder(root=_root(shelf))


def _root(shelf: str) -> Path:
    return Path(current_app.instance_path) / shelf


def content_kind(stream: IO[bytes]) -> str:
    """Tell the media type of a seekable stream from its bytes; the stream is left at its start.

    Returns:
        A media type; `EMPTY_KIND` for no bytes at all, `UNKNOWN_KIND` when nothing fits. A ZIP file is looked into:
        text documents, slides and sheets of the two office formats get their own type, any other is `ZIP_KIND`.
    """
    stream.seek(0)
    head = stream.read(4)
    stream.seek(0)
    if not head:
        return EMPTY_KIND
    kind = _kind_of_zip(stream) if head in _ZIP_SIGNATURES else _kind_by_signature(stream)
    stream.seek(0)
    return kind


def _kind_by_signature(stream: IO[bytes]) -> str:
    try:
        return puremagic.from_stream(stream, mime=True) or UNKNOWN_KIND
    except puremagic.PureError:
        return UNKNOWN_KIND


def _kind_of_zip(stream: IO[bytes]) -> str:
    # The signature library stops at "some ZIP file", so the table of contents decides.
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and archive.getinfo("mimetype").file_size <= 100:
                declared = archive.read("mimetype").decode("ascii", errors="replace").strip()
                if _OPEN_DOCUMENT.fullmatch(declared):
                    return declared
            if "[Content_Types].xml" in names:
                return next((kind for part, kind in _OFFICE_OPEN_XML.items() if part in names), ZIP_KIND)
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        ValueError,
    ):
        # Cut short, made up, or packed in a way that no office program uses (a password, an odd method).
        return ZIP_KIND
    return ZIP_KIND


def safe_name(file_name: str) -> str:
    """Make a name that any system can save: no folders, no control or direction marks, no reserved characters.

    Emoji and letters of all scripts stay. The extension stays when the name has to be cut.
    """
    name = unicodedata.normalize("NFC", file_name).replace("\\", "/").rsplit("/", 1)[-1]
    # Cc, Cf, Cs, Co, Cn: control, direction marks and their kin, halves of characters. U+200D glues emoji together.
    name = "".join(char for char in name if char == "\u200d" or not unicodedata.category(char).startswith("C"))
    name = _UNSAFE_IN_NAME.sub("_", name)
    name = " ".join(name.split()).strip(". \u200d")
    if _RESERVED_NAME.fullmatch(name.split(".", 1)[0].strip()):
        name = f"_{name}"
    stem, dot, extension = name.rpartition(".")
    if dot and len(extension) <= 10:
        return f"{stem[: NAME_LENGTH_MAX - len(extension) - 1]}.{extension}"
    return name[:NAME_LENGTH_MAX] or "file"


def attachment_headers(file_name: str) -> dict[str, str]:
    """Give the headers under which any file may be handed to a browser: saved, never shown, never run.

    The name is made safe and given twice, as RFC 6266 §5 advises: in plain ASCII, and in UTF-8 (RFC 8187).
    """
    name = safe_name(file_name)
    return {
        "Content-Disposition": (
            f"attachment; filename=\"{_plain_name(name)}\"; filename*=UTF-8''{quote(name, safe='')}"
        ),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


def _plain_name(name: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", errors="ignore").decode("ascii")
    stem, dot, extension = ascii_only.rpartition(".")
    stem = " ".join(stem.split()) if dot else " ".join(extension.split())
    # Compatibility forms may have come apart into characters that `safe_name` took out (a wide quote into a quote).
    stem, extension = (_UNSAFE_IN_NAME.sub("_", part).strip("./\\ ") for part in (stem, extension if dot else ""))
    return (stem or "file") + (f".{extension}" if extension else "")
