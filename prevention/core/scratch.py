"""Folders for work under way, inside the instance folder, that never outlive the process that made them.

The system's own folder for temporary files is no place for what not everybody may see: a process that is killed leaves
it there, and nobody looks. A folder here is held by a lock that the operating system lets go when the process dies,
however it dies; whoever makes the next folder, and the clock once an hour, takes away what nobody holds any more.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flask import current_app

FOLDER = "scratch"
_GATE = ".gate"


@contextmanager
def folder(purpose: str) -> Iterator[Path]:
    """Give an empty folder for this process alone; it is gone afterwards, and after the process's death."""
    sweep()
    with _gate() as root:
        made = Path(tempfile.mkdtemp(prefix=f"{purpose}-", dir=root))
        descriptor = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        os.close(descriptor)


def sweep() -> int:
    """Take away the folders of processes that died; give how many."""
    taken = 0
    with _gate() as root:
        for left in root.iterdir():
            if left.is_dir() and _is_nobodys(left):
                shutil.rmtree(left, ignore_errors=True)
                taken += 1
    return taken


@contextmanager
def _gate() -> Iterator[Path]:
    """Let one process at a time make or sweep: a folder is seen with its lock or not at all."""
    root = Path(current_app.instance_path) / FOLDER
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (root / _GATE).open("a") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield root


def _is_nobodys(left: Path) -> bool:
    with suppress(FileNotFoundError):
        descriptor = os.open(left, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
    return True
