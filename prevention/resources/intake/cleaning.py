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
from prevention.resources.rules import Fault, FileRefused

# A large, honest file takes seconds; the workbench itself stops after `workbench.limits.CPU_SECONDS` of work.
TIMEOUT_S = 180

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
        try:
            while chunk := stream.read(files.CHUNK_BYTES):
                size += len(chunk)
                if size > max_bytes:
                    raise files.TooManyBytes(limit=max_bytes)
                copy.write(chunk)
            copy.flush()
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise files.NoSpaceLeft(error.errno, os.strerror(error.errno)) from error
            raise
        copy.seek(0)
        yield copy


@contextmanager
def clean(source: BinaryIO, media_type: str) -> Iterator[BinaryIO]:
    """Give a copy of a file, written anew, at its start.

    Raises:
        FileRefused: with the fault that the workbench found; `Fault.BOMB` when it ran out of memory or time.
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
        fault = json.loads(ended.stdout)["fault"]
        if fault is not None:
            raise FileRefused(fault=Fault(fault))
        target.seek(0)
        yield target


@contextmanager
def _anonymous() -> Iterator[BinaryIO]:
    folder = Path(current_app.instance_path)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        yield file
