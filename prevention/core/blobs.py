"""Where kept files lie: a folder of this machine, or a bucket that speaks S3. Knows bytes and keys, nothing else.

The bucket is reached through `obstore` (the Rust crate ``object_store``): it streams, sends large files in parts, and
reads from any place of an object, so that a broken download goes on where it stopped.
"""

import errno
import fcntl
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

# S3 takes parts of five mebibytes at least; two at a time keep memory small.
PART_BYTES = 8 * 1024 * 1024
PARTS_AT_ONCE = 2
# What is read ahead of a reader who goes from front to back.
READ_AHEAD_BYTES = 1024 * 1024
# A bucket that is away is said to be so while somebody still waits; the library would try for three minutes.
CONNECT_TIMEOUT = "5s"
RETRIES = 3
RETRY_TIMEOUT = timedelta(seconds=15)


class NoSuchBlob(FileNotFoundError):
    """Nothing is kept under this key."""


class BucketAway(OSError):
    """The bucket does not answer, or not as it should. Nothing was kept, and nothing is lost."""


class Store(Protocol):
    """Keeps bytes under a key, once: what is there is never replaced by something else."""

    def put(self, key: str, incoming: Path) -> None:
        """Keep what a finished file holds, all of it or nothing; the same key twice is the same content."""

    def open(self, key: str) -> BinaryIO:
        """Open what is kept for reading and seeking.

        Raises:
            NoSuchBlob: there is nothing under this key.
        """

    def old_keys(self, *, before: datetime) -> Iterator[str]:
        """List what was last put before a moment."""

    def remove(self, key: str, *, before: datetime) -> bool:
        """Take away what was last put before a moment; say whether it was."""

    def delete(self, key: str) -> None:
        """Take away what is under a key that is nobody else's; nothing there is fine."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Folder:
    """Files in a folder."""

    root: Path

    def put(self, key: str, incoming: Path) -> None:
        """Link a finished file of the same disk to its place, and sync the folders."""
        final = self.root / key
        with self._locked(fcntl.LOCK_SH):
            # Under the lock, so that it is not taken away as an empty one before the file is in it.
            final.parent.mkdir(exist_ok=True, parents=True)
            try:
                # A hard link, unlike a rename, refuses to replace what is there: the same content, kept before.
                os.link(incoming, final)
            except FileExistsError:
                # Its row may be gone, and its day too: from now on it counts as just put.
                os.utime(final)
            for folder in (final.parent, final.parent.parent):
                _sync_folder(folder)

    def open(self, key: str) -> BinaryIO:
        """Open a file."""
        try:
            return (self.root / key).open("rb")
        except FileNotFoundError as error:
            raise NoSuchBlob(key) from error

    def old_keys(self, *, before: datetime) -> Iterator[str]:
        """Walk over the folder."""
        for path in sorted(self.root.glob("*/*")):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before.timestamp():
                    yield f"{path.parent.name}/{path.name}"

    def remove(self, key: str, *, before: datetime) -> bool:
        """Look again under the lock that putting takes, then take it away."""
        with self._locked(fcntl.LOCK_EX):
            path = self.root / key
            try:
                if path.stat().st_mtime >= before.timestamp():
                    return False
                path.unlink()
            except FileNotFoundError:
                return False
            with suppress(OSError):
                path.parent.rmdir()
        return True

    def delete(self, key: str) -> None:
        """Take a file away, and its folder with the last one."""
        path = self.root / key
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            with self._locked(fcntl.LOCK_EX), suppress(OSError):
                path.parent.rmdir()

    @contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        # The folder itself is what is locked; the lock goes with the process, however it ends.
        descriptor = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, kind)
            yield
        finally:
            os.close(descriptor)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bucket:
    """Objects in a bucket, below a prefix."""

    store: S3Store
    prefix: str

    @classmethod
    def from_url(cls, url: str, *, shelf: str) -> "Bucket":
        """Read ``s3://KEY:SECRET@bucket/prefix?endpoint=https://…&region=…``; see `check_url`."""
        parts, asked = urlsplit(url), parse_qs(urlsplit(url).query)
        endpoint = asked.get("endpoint", [None])[0]
        options: dict[str, Any] = {"region": asked.get("region", ["us-east-1"])[0]}
        if parts.username:
            options |= {
                "access_key_id": unquote(parts.username),
                "secret_access_key": unquote(parts.password or ""),
            }
        if endpoint:
            options["endpoint"] = endpoint
        client: Any = {
            "allow_http": bool(endpoint and endpoint.startswith("http://")),
            "connect_timeout": CONNECT_TIMEOUT,
        }
        retries: Any = {"max_retries": RETRIES, "retry_timeout": RETRY_TIMEOUT}
        store = S3Store(parts.hostname or "", client_options=client, retry_config=retries, **options)
        return cls(store=store, prefix="/".join(part for part in (parts.path.strip("/"), shelf) if part))

    def put(self, key: str, incoming: Path) -> None:
        """Send it in parts; an object is there when its last part was taken, or not at all."""
        with _as_os_errors():
            obstore.put(self.store, self._path(key), incoming, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE)

    def open(self, key: str) -> BinaryIO:
        """Open an object; it is read as far as it is asked for."""
        try:
            with _as_os_errors():
                return _Reader.of(self.store, self._path(key))
        except FileNotFoundError as error:
            raise NoSuchBlob(key) from error

    def old_keys(self, *, before: datetime) -> Iterator[str]:
        """List the bucket below the prefix."""
        with _as_os_errors():
            for page in obstore.list(self.store, prefix=self.prefix):
                for found in page:
                    if found["last_modified"] < before:
                        yield str(found["path"]).removeprefix(f"{self.prefix}/")

    def remove(self, key: str, *, before: datetime) -> bool:
        """Look again, then take it away. A bucket has no lock: between the two lie some milliseconds."""
        with _as_os_errors():
            try:
                if obstore.head(self.store, self._path(key))["last_modified"] >= before:
                    return False
                obstore.delete(self.store, self._path(key))
            except FileNotFoundError:
                return False
        return True

    def delete(self, key: str) -> None:
        """Take an object away."""
        with _as_os_errors(), suppress(FileNotFoundError):
            obstore.delete(self.store, self._path(key))

    def _path(self, key: str) -> str:
        return f"{self.prefix}/{key}"


class _Reader(io.RawIOBase):
    """An object as a file to read."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    @classmethod
    def of(cls, store: S3Store, path: str) -> BinaryIO:
        return io.BufferedReader(cls(obstore.open_reader(store, path, buffer_size=READ_AHEAD_BYTES)))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        with _as_os_errors():
            read = bytes(self._reader.read(len(target)))
        target[: len(read)] = read
        return len(read)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return int(self._reader.seek(offset, whence))

    def tell(self) -> int:
        return int(self._reader.tell())


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """Turn what the library raises into what callers of files expect."""
    try:
        yield
    except FileNotFoundError:
        raise
    except BaseError as error:
        raise BucketAway(errno.EIO, f"the bucket does not answer as it should: {type(error).__name__}") from error


def check_url(url: str) -> None:
    """Say whether an address of a bucket can be used.

    Raises:
        ValueError: it is of another kind, or names no bucket.
    """
    parts = urlsplit(url)
    endpoint = parse_qs(parts.query).get("endpoint", ["https://"])[0]
    if parts.scheme != "s3" or not parts.hostname or not endpoint.startswith(("https://", "http://")):
        raise ValueError("a bucket is written s3://KEY:SECRET@bucket/prefix?endpoint=https://host&region=name")


def _sync_folder(folder: Path) -> None:
    """Have a folder's table of contents written to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
