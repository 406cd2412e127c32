"""Having a file taken apart and written anew by the workbench, a process of its own."""

import errno
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from flask import current_app

from prevention.core import files
from prevention.core.intake.kinds import Fault, FileRefused

# A large, honest file takes seconds; the workbench itself stops after `workbench.limits.CPU_SECONDS` of work.
TIMEOUT_S = 180

# What the workbench says when it is the disk's fault and not the file's.
_NO_ROOM = "no_room"
_WORKBENCH = Path(__file__).with_name("workbench")


@contextmanager
def anonymous_copy(stream: IO[bytes], *, max_bytes: int) -> Iterator[BinaryIO]:
    """Copy a stream into a file that has no name, and give it at its start.

    Raises:
        TooManyBytes: the stream is longer than `max_bytes`.
        NoSpaceLeft: the disk or the quota is full.
    """
    with _anonymous() as copy:
        stream.seek(0)
        size = 0
        with files.telling_a_full_disk():
            while chunk := stream.read(files.CHUNK_BYTES):
                size += len(chunk)
                if size > max_bytes:
                    raise files.TooManyBytes(limit=max_bytes)
                copy.write(chunk)
            copy.flush()
        copy.seek(0)
        yield copy


@contextmanager
def clean(source: BinaryIO, media_type: str, *, keeps_signed: bool = False) -> Iterator[BinaryIO]:
    """Give a copy of a file, written anew, at its start; the file itself if it is signed and may be kept so.

    Raises:
        FileRefused: with the fault that the workbench found; `Fault.BOMB` when it ran out of memory or time.
        NoSpaceLeft: the disk or the quota was full before it was written.
    """
    with _anonymous() as target:
        command = [sys.executable, "-I", str(_WORKBENCH), media_type, str(source.fileno()), str(target.fileno())]
        try:
            ended = subprocess.run(
                command,
                pass_fds=(source.fileno(), target.fileno()),
                env={"LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise FileRefused(fault=Fault.BOMB) from error
        if ended.returncode:
            # Killed for what it used, or fallen over what it read.
            raise FileRefused(fault=Fault.BOMB if ended.returncode < 0 else Fault.DAMAGED)
        found = json.loads(ended.stdout)
        if found["fault"] == _NO_ROOM:
            raise files.NoSpaceLeft(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if found["fault"] is not None:
            raise FileRefused(fault=Fault(found["fault"]))
        if keeps_signed and found["is_signed"]:
            if found["is_changed"]:
                raise FileRefused(fault=Fault.SIGNED_ACTIVE)
            source.seek(0)
            yield source
            return
        target.seek(0)
        yield target


@contextmanager
def _anonymous() -> Iterator[BinaryIO]:
    folder = Path(current_app.instance_path)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        yield file
