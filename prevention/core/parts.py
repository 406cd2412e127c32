"""Parts of files that are still on their way: kept in the order in which they come, read as one, taken away again.

A part is kept whole, on the disk or in the bucket like any file (`blobs`), before anybody is told that it came; which
parts make a file is for rows to say. The key of a part is ``<id of the file>/<id of the part>``, both hexadecimal: no
part is ever shared, so it can go as soon as nobody needs it.
"""

import io
import os
import re
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, BinaryIO

import structlog
from werkzeug.exceptions import ClientDisconnected

from prevention.core import blobs, files

log = structlog.get_logger()

SHELF = "parts"
_KEY = re.compile(r"[0-9a-f]{32}/[0-9a-f]{32}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A kept part: its key, and its size in bytes."""

    key: str
    size: int


def keep(stream: IO[bytes], *, whole: uuid.UUID, max_bytes: int) -> Part | None:
    """Keep what a stream gives, up to its end or the moment at which the line breaks; None when nothing came.

    Args:
        whole: the id of the file that this is a part of.

    Raises:
        TooManyBytes: after `max_bytes` bytes there was more. Nothing was kept.
        NoSpaceLeft: the disk or the quota is full. Nothing was kept.
    """
    with files.telling_a_full_disk(), files.incoming(SHELF) as (target, path):
        size = _copy(stream, target, max_bytes=max_bytes)
        if not size:
            return None
        target.flush()
        os.fsync(target.fileno())
        key = f"{whole.hex}/{uuid.uuid4().hex}"
        files.store_of(SHELF).put(key, path)
    return Part(key=key, size=size)


def _copy(stream: IO[bytes], target: BinaryIO, *, max_bytes: int) -> int:
    size = 0
    while chunk := _read(stream):
        size += len(chunk)
        if size > max_bytes:
            raise files.TooManyBytes(limit=max_bytes)
        target.write(chunk)
    return size


def _read(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(files.CHUNK_BYTES)
    except ClientDisconnected:
        # What came before is good: whoever comes back goes on after it.
        return b""


def joined(keys: Sequence[str]) -> BinaryIO:
    """Give parts as one file, to be read from the front; it can be taken back to its start."""
    return io.BufferedReader(_Joined(keys))


def drop(keys: Collection[str]) -> None:
    """Take parts away that nobody needs any more."""
    store = files.store_of(SHELF)
    try:
        for key in keys:
            store.delete(key)
    except blobs.BucketAway as error:
        # Nobody waits for them: what stays now is swept later.
        log.warning("parts_not_dropped", reason=str(error))


def sweep(*, in_use: Callable[[Collection[str]], Collection[str]], before: datetime) -> int:
    """Take parts away that came before a moment and that no row speaks of; give how many.

    Args:
        in_use: asked with keys; gives those that rows speak of.
        before: long enough ago that no request from then is still running.
    """
    store, taken = files.store_of(SHELF), files.sweep_incoming(SHELF, before=before)
    keys = [key for key in store.old_keys(before=before) if _KEY.fullmatch(key)]
    for start in range(0, len(keys), files.SWEEP_BATCH):
        batch = keys[start : start + files.SWEEP_BATCH]
        used = in_use(batch)
        taken += sum(store.remove(key, before=before) for key in batch if key not in used)
    return taken


class _Joined(io.RawIOBase):
    """Parts, one after the other; one at a time is open."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys, self._next, self._place = list(keys), 0, 0
        self._part: BinaryIO | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if (offset, whence) != (0, os.SEEK_SET):
            raise io.UnsupportedOperation("only back to the start")
        self._leave_part()
        self._next = self._place = 0
        return 0

    def tell(self) -> int:
        return self._place

    def readinto(self, target: Any) -> int:
        while True:
            if self._part is None:
                if self._next == len(self._keys):
                    return 0
                self._part = files.store_of(SHELF).open(self._keys[self._next])
                self._next += 1
            read = self._part.readinto(target)  # type: ignore[attr-defined]  # every file opened for bytes can
            if read:
                self._place += read
                return int(read)
            self._leave_part()

    def close(self) -> None:
        self._leave_part()
        super().close()

    def _leave_part(self) -> None:
        if self._part is not None:
            self._part.close()
            self._part = None
