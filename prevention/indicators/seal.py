"""The sealed file: one Parquet file per wave that is written once and never changes.

Columns: `engine.FACTS`, then one text column per question, in questionnaire order. Rows are in random order and
classes have random numbers, so neither says who answered when or which class it was; no key leads back.

A file is written under another name, synced, then renamed, so under its own name it is whole or not there. It lies in
``instance/sealed`` and is readable for the application alone. Which file belongs to a wave, the ledger says. A file
that it does not name was left by a killed process, or by one that came second; `sweep` removes it, and only once the
wave's own file stands in the ledger, because until then any of them may be the one that gets there.
"""

import hashlib
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from typing import Any

import numpy as np
from flask import current_app
from numpy.typing import NDArray

from prevention.indicators.engine import connect
from prevention.indicators.expressions import BAR, column
from prevention.indicators.rules import SealBroken
from prevention.surveys.rules import Answer
from prevention.surveys.service import SurveyRow

_FOLDER = "sealed"
_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedFile:
    """A sealed file: its name in the folder, SHA-256 in hexadecimal, size in bytes, records."""

    name: str
    sha256: str
    size: int
    rows: int


def folder() -> Path:
    """Give the folder of sealed files; made when it is not there."""
    path = Path(current_app.instance_path) / _FOLDER
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write(wave_id: uuid.UUID, rows: Sequence[SurveyRow], *, items: Sequence[str]) -> SealedFile:
    """Write the records of a wave to a new sealed file, safely on the disk when this returns."""
    unfinished = folder() / f"{wave_id}-{uuid.uuid4().hex[:8]}.unfinished"
    write_parquet(unfinished, rows, items=items)
    unfinished.chmod(0o600)
    _sync(unfinished)
    digest = _digest(unfinished)
    final = folder() / f"{wave_id}-{digest[:16]}.parquet"
    size = unfinished.stat().st_size
    unfinished.replace(final)
    _sync(folder())
    return SealedFile(name=final.name, sha256=digest, size=size, rows=len(rows))


def sweep(sealed: Mapping[uuid.UUID, str]) -> int:
    """Remove what interrupted tries left, and say how many files.

    Args:
        sealed: waves that stand in the ledger, each with the name of its file. Files of other waves are left alone.
    """
    left = [
        path
        for path in folder().glob("*")
        for wave_id in (_wave_of(path),)
        if wave_id is not None and sealed.get(wave_id, path.name) != path.name
    ]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _wave_of(path: Path) -> uuid.UUID | None:
    try:
        return uuid.UUID(path.name[:36])
    except ValueError:
        return None


def checked(name: str, *, sha256: str) -> Path:
    """Give the path of a sealed file whose content is what was sealed. Reads the whole file.

    Raises:
        SealBroken: it is gone, or not the same.
    """
    path = folder() / name
    if not path.is_file() or _digest(path) != sha256:
        raise SealBroken(name)
    return path


def write_parquet(path: Path, rows: Sequence[SurveyRow], *, items: Sequence[str]) -> None:
    """Write records to a Parquet file, shuffled, with random class numbers."""
    shuffled = list(rows)
    SystemRandom().shuffle(shuffled)
    names = sorted({row.cluster for row in rows})
    SystemRandom().shuffle(names)
    numbers = {name: number for number, name in enumerate(names, start=1)}
    columns: dict[str, NDArray[Any]] = {
        "cluster": np.array([numbers[row.cluster] for row in shuffled], dtype=np.int64),
        "grade": np.array([row.grade for row in shuffled], dtype=np.int64),
    }
    for fact in ("site_code", "institute_code", "municipality", "level", "track"):
        columns[fact] = np.array([getattr(row, fact) for row in shuffled], dtype=object)
    for item in items:
        columns[item] = np.array([_text(row.answers.get(item)) for row in shuffled], dtype=object)
    texts = ", ".join(
        f"CAST({column(name)} AS VARCHAR) AS {column(name)}" for name in columns if name not in ("cluster", "grade")
    )
    with connect() as engine:
        engine.register("records", columns)
        # One thread, so that the rows stay in the order they were shuffled into.
        engine.execute("SET threads = 1")
        engine.execute(
            f"COPY (SELECT cluster, grade, {texts} FROM records) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"  # noqa: S608
        )


def _text(answer: Answer | None) -> str | None:
    # An empty list is a multiple question left empty.
    if isinstance(answer, list):
        return f"{BAR}{BAR.join(sorted(answer))}{BAR}" if answer else None
    return answer


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
