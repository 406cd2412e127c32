"""A folder of somebody's that gets all papers of a build, or none.

The papers are made in a hidden folder inside it, and moved out when all are there and say the same. A build that fails
leaves what was there before; one that is killed leaves the hidden folder to the next, which takes it away. Two builds
into one folder at once: the second is refused.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

STAGING = ".papers-being-made"

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FolderRefused(Exception):
    """The papers cannot be put there; the text says why. What was there before is still there."""


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Give a new folder inside `folder`, which is made if need be; it is gone afterwards.

    Raises:
        FolderRefused: it cannot be written to, the disk is full, or another build is at work there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            staging = folder / STAGING
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir(mode=0o700)
            try:
                yield staging
            finally:
                shutil.rmtree(staging, ignore_errors=True)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise FolderRefused(_words(error, folder)) from error


def put_in_place(staging: Path, folder: Path, names: Iterable[str]) -> None:
    """Move finished files out of the staging folder, over those of the same name; they are on the disk before."""
    listed = list(names)
    for name in listed:
        _sync(staging / name, os.O_RDONLY)
    for name in listed:
        (staging / name).replace(folder / name)
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _words(error: OSError, folder: Path) -> str:
    if isinstance(error, BlockingIOError):
        return f"another build is writing into {folder}: wait until it has ended"
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        return f"{folder} is no folder, or lies in something that is none"
    if error.errno in _FULL:
        return f"there is no space left for {folder}; nothing in it was changed"
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return f"{folder} may not be written to by this user"
    return f"{folder} cannot be written to ({error.strerror or error}); nothing in it was changed"
