"""The sealed file: one Parquet file per wave that is written once and never changes.

Columns: `engine.FACTS`, `engine.MARKS`, then one text column per question, in questionnaire order. Rows are in random
order and classes have random numbers, so neither says who answered when or which class it was; no key leads back.
`broken` names the cleaning rules that a record breaks, between bars, and `kept` says whether it counts: figures are
made of kept records only. `record_key` is a random number below 65,536 by which counts are perturbed (`cube`); it is
drawn once, and a correction keeps it.

A correction is a new file made of the old one (`rewrite`), never an edit: it leaves out what was withdrawn and marks
anew what counts.

A file is written under another name, synced, then renamed, so under its own name it is whole or not there. It lies in
``instance/sealed`` and is readable for the application alone. Which file belongs to a wave, the ledger says. A file
that it does not name was left by a killed process, or by one that came second; `sweep` removes it, and only once the
wave's own file stands in the ledger, because until then any of them may be the one that gets there.
"""

import hashlib
import os
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from typing import Any

import numpy as np
from flask import current_app
from numpy.typing import NDArray

from prevention.indicators.engines import connect
from prevention.indicators.expressions import BAR, column
from prevention.indicators.rules import SealBroken
from prevention.surveys.rules import Answer
from prevention.surveys.service import SurveyRow

_FOLDER = "sealed"
_CHUNK_BYTES = 1024 * 1024

# How many record keys there are; a power of two, so that sums of them stay evenly spread.
RECORD_KEYS = 65_536


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


def write(
    wave_id: uuid.UUID,
    rows: Sequence[SurveyRow],
    *,
    items: Sequence[str],
    broken: Sequence[Sequence[str]] | None = None,
    discards: Collection[str] = (),
) -> SealedFile:
    """Write the records of a wave to a new sealed file, safely on the disk when this returns.

    Args:
        wave_id: names the file.
        rows: the records, in any order.
        items: the questions that get a column.
        broken: per record, the cleaning rules that it breaks; None when no record breaks any.
        discards: the rules that are on: a record that breaks one is not kept.
    """
    return _written(
        wave_id, lambda path: write_parquet(path, rows, items=items, broken=broken, discards=discards), rows=len(rows)
    )


def rewrite(
    wave_id: uuid.UUID, old: Path, *, discards: Collection[str], withdrawn: Collection[tuple[str, int | None]]
) -> SealedFile:
    """Write a new sealed file of an old one's records, safely on the disk when this returns.

    Args:
        wave_id: names the file.
        old: a sealed file, checked.
        discards: the rules that are on from now on.
        withdrawn: school codes, each with a grade or None for all of the school; their records are left out.
    """
    rows = 0

    def copy(path: Path) -> None:
        nonlocal rows
        rows = rewrite_parquet(path, old, discards=discards, withdrawn=withdrawn)

    return _written(wave_id, copy, rows=lambda: rows)


def _written(wave_id: uuid.UUID, fill: Callable[[Path], None], *, rows: int | Callable[[], int]) -> SealedFile:
    unfinished = folder() / f"{wave_id}-{uuid.uuid4().hex[:8]}.unfinished"
    fill(unfinished)
    unfinished.chmod(0o600)
    _sync(unfinished)
    digest = _digest(unfinished)
    final = folder() / f"{wave_id}-{digest[:16]}.parquet"
    size = unfinished.stat().st_size
    unfinished.replace(final)
    _sync(folder())
    return SealedFile(name=final.name, sha256=digest, size=size, rows=rows if isinstance(rows, int) else rows())


def sweep(sealed: Mapping[uuid.UUID, Collection[str]]) -> int:
    """Remove what interrupted tries left, and say how many files.

    Args:
        sealed: waves that stand in the ledger, each with the names of its files. Files of other waves are left alone.
    """
    left = [
        path
        for path in folder().glob("*")
        for wave_id in (_wave_of(path),)
        if wave_id is not None and path.name not in sealed.get(wave_id, (path.name,))
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


def write_parquet(
    path: Path,
    rows: Sequence[SurveyRow],
    *,
    items: Sequence[str],
    broken: Sequence[Sequence[str]] | None = None,
    discards: Collection[str] = (),
) -> None:
    """Write records to a Parquet file, shuffled, with random class numbers and record keys; see `write`."""
    random = SystemRandom()
    shuffled = list(zip(rows, broken or [()] * len(rows), strict=True))
    random.shuffle(shuffled)
    names = sorted({row.cluster for row in rows})
    random.shuffle(names)
    numbers = {name: number for number, name in enumerate(names, start=1)}
    columns: dict[str, NDArray[Any]] = {
        "cluster": np.array([numbers[row.cluster] for row, _ in shuffled], dtype=np.int64),
        "grade": np.array([row.grade for row, _ in shuffled], dtype=np.int64),
    }
    for fact in ("site_code", "institute_code", "municipality", "level", "track"):
        columns[fact] = np.array([getattr(row, fact) for row, _ in shuffled], dtype=object)
    columns["broken"] = np.array([_text(list(rules)) for _, rules in shuffled], dtype=object)
    columns["kept"] = np.array([not set(rules) & set(discards) for _, rules in shuffled], dtype=bool)
    columns["record_key"] = np.array([random.randrange(RECORD_KEYS) for _ in shuffled], dtype=np.int64)
    answers = [row.answers for row, _ in shuffled]
    for item in items:
        given = [one.get(item) for one in answers]
        # Two million answers: only those of several are looked at one by one.
        columns[item] = np.array([_text(one) if isinstance(one, list) else one for one in given], dtype=object)
    typed = {"cluster": "BIGINT", "grade": "BIGINT", "kept": "BOOLEAN", "record_key": "INTEGER"}
    chosen = ", ".join(f"CAST({column(name)} AS {typed.get(name, 'VARCHAR')}) AS {column(name)}" for name in columns)
    with connect() as engine:
        engine.register("records", columns)
        # One thread, so that the rows stay in the order they were shuffled into.
        engine.execute("SET threads = 1")
        engine.execute(f"COPY (SELECT {chosen} FROM records) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")  # noqa: S608


def rewrite_parquet(
    path: Path, old: Path, *, discards: Collection[str], withdrawn: Collection[tuple[str, int | None]]
) -> int:
    """Write a Parquet file of another one's records, marked anew; give how many. See `rewrite`."""
    kept = " AND ".join(f"COALESCE(broken, '') NOT LIKE '%{BAR}{rule}{BAR}%'" for rule in sorted(discards)) or "TRUE"
    gone: dict[str, NDArray[Any]] = {
        "code": np.array([code for code, _grade in withdrawn], dtype=object),
        # No grade is a negative number: all of them.
        "of_grade": np.array([-1 if grade is None else grade for _code, grade in withdrawn], dtype=np.int64),
    }
    with connect() as engine:
        engine.register("gone", gone)
        engine.execute("SET threads = 1")
        statement = f"""
            COPY (
                SELECT * REPLACE (({kept}) AS kept) FROM read_parquet('{old}') AS record
                WHERE NOT EXISTS (
                    SELECT 1 FROM gone WHERE CAST(gone.code AS VARCHAR) = record.site_code
                    AND (gone.of_grade < 0 OR gone.of_grade = record.grade)
                )
            ) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
        """  # noqa: S608  # rules come from an enum, paths from this file
        engine.execute(statement)
        row = engine.execute("SELECT COUNT(*) FROM read_parquet(?)", [str(path)]).fetchone()
    return int(row[0]) if row else 0


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
