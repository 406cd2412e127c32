"""Boundaries of the municipalities: taken in from a file, and given as the territory of the district."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import IO

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from prevention.core import audit, clock
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.network.boundaries.reading import (
    LONGEST_LICENCE,
    LONGEST_SOURCE,
    MOST_BYTES,
    BoundariesRefused,
    BoundaryFault,
    read_boundaries,
)
from prevention.network.boundaries.shapes import Place, Territory, count_points, lay_flat, simplify
from prevention.network.models import BoundaryFile, Municipality, MunicipalityBoundary


@dataclass(frozen=True, kw_only=True, slots=True)
class BoundaryReport:
    """What a file of boundaries did.

    `municipalities` got their shape; `missing` are the names of those in the same provinces that still have none,
    `left_out` features are of other provinces; `points` are kept of `points_before`. `has_source` says whether the
    maps can name source and licence.
    """

    municipalities: int
    missing: tuple[str, ...]
    left_out: int
    code_property: str
    points_before: int
    points: int
    has_source: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class BoundaryState:
    """What is loaded: how many of all municipalities have a shape, the files, the names of those without."""

    with_shape: int
    files: tuple[BoundaryFile, ...]
    without: tuple[str, ...]


def import_boundaries(
    stream: IO[bytes], *, file_name: str, source: str = "", licence: str = "", actor: Actor | None = None
) -> BoundaryReport:
    """Take boundaries in, keyed by ISTAT code; all of the file or nothing.

    A municipality that has a shape gets the new one; those that the file does not name keep theirs. The file's own
    words on source and licence hold where the caller gives none; the file's name stands for a source that nobody said.

    Raises:
        BoundariesRefused: the file cannot be taken in; nothing was written.
    """
    content = stream.read(MOST_BYTES + 1)
    rows = db.session.execute(select(Municipality.istat_code, Municipality.id, Municipality.name)).all()
    read = read_boundaries(content, file_name=file_name, known={code: name for code, _id, name in rows})
    source, licence = source.strip() or read.source, licence.strip() or read.licence
    has_source = bool(source and licence)
    source = source or file_name[:LONGEST_SOURCE]
    _check_source(source, licence, file_name)
    shapes = simplify([boundary.land for boundary in read.boundaries])
    file = BoundaryFile(
        id=uuid.uuid4(),
        file_name=file_name[:120],
        sha256=hashlib.sha256(content).hexdigest(),
        source=source,
        licence=licence,
        imported_at=clock.now(),
    )
    db.session.add(file)
    db.session.flush()
    ids = {code: key for code, key, _name in rows}
    _write(file.id, {ids[each.istat_code]: shape for each, shape in zip(read.boundaries, shapes, strict=True)})
    audit.record(actor, "network.boundaries_imported", file.id, municipalities=len(shapes), sha256=file.sha256)
    provinces = {each.istat_code[:3] for each in read.boundaries}
    without = _without_shape()
    return BoundaryReport(
        municipalities=len(shapes),
        missing=tuple(name for code, name in without if code[:3] in provinces),
        left_out=read.left_out,
        code_property=read.code_property,
        points_before=read.points,
        points=sum(map(count_points, shapes)),
        has_source=has_source,
    )


def _check_source(source: str, licence: str, file_name: str) -> None:
    if len(source) > LONGEST_SOURCE or len(licence) > LONGEST_LICENCE:
        raise BoundariesRefused(
            BoundaryFault.LONG_SOURCE, file_name=file_name, value=f"{LONGEST_SOURCE}", expected=f"{LONGEST_LICENCE}"
        )


def _write(file_id: uuid.UUID, shapes: dict[uuid.UUID, object]) -> None:
    """Write shapes in the order of their keys, so that two files taken in at once wait and do not block each other."""
    make = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = make(MunicipalityBoundary)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["municipality_id"],
            set_={"file_id": statement.excluded.file_id, "shape": statement.excluded.shape},
        ),
        [
            {"municipality_id": key, "file_id": file_id, "shape": shapes[key]}
            for key in sorted(shapes, key=lambda key: key.hex)
        ],
    )
    db.session.execute(delete(BoundaryFile).where(BoundaryFile.id.not_in(select(MunicipalityBoundary.file_id))))
    db.session.expire_all()


def remove_boundaries(actor: Actor) -> int:
    """Take all boundaries away; maps give way to bars. Give how many municipalities had one."""
    gone = db.session.scalar(select(func.count()).select_from(MunicipalityBoundary)) or 0
    db.session.execute(delete(MunicipalityBoundary))
    db.session.execute(delete(BoundaryFile))
    db.session.expire_all()
    audit.record(actor, "network.boundaries_removed", None, municipalities=gone)
    return gone


def boundary_state() -> BoundaryState:
    """Say what is loaded. Three statements."""
    return BoundaryState(
        with_shape=db.session.scalar(select(func.count()).select_from(MunicipalityBoundary)) or 0,
        files=tuple(db.session.scalars(select(BoundaryFile).order_by(BoundaryFile.imported_at, BoundaryFile.id))),
        without=tuple(name for _code, name in _without_shape()),
    )


def _without_shape() -> list[tuple[str, str]]:
    rows = db.session.execute(
        select(Municipality.istat_code, Municipality.name)
        .outerjoin(MunicipalityBoundary, MunicipalityBoundary.municipality_id == Municipality.id)
        .where(MunicipalityBoundary.municipality_id.is_(None))
        .order_by(Municipality.name, Municipality.istat_code)
    )
    return [(code, name) for code, name in rows.all()]


def territory() -> Territory:
    """Give all municipalities with their planning areas, and their map where boundaries are loaded. Two statements."""
    rows = db.session.execute(
        select(Municipality.istat_code, Municipality.name, Municipality.planning_area, MunicipalityBoundary.shape)
        .outerjoin(MunicipalityBoundary, MunicipalityBoundary.municipality_id == Municipality.id)
        .order_by(Municipality.name, Municipality.istat_code)
    ).all()
    drawn, width, height = lay_flat({code: shape for code, _name, _area, shape in rows if shape})
    files = db.session.execute(
        select(BoundaryFile.source, BoundaryFile.licence).order_by(BoundaryFile.source).distinct()
    )
    nowhere = ("", 0, 0)
    return Territory(
        places=tuple(
            Place(istat_code=code, name=name, planning_area=area or "", path=path, x=x, y=y)
            for code, name, area, _shape in rows
            for path, x, y in (drawn.get(code, nowhere),)
        ),
        width=width,
        height=height,
        sources=tuple(", ".join(filter(None, each)) for each in files),
    )
