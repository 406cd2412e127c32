"""Releases the open-data cube of a sealed wave, after its tables: the clock's matter, because weighing takes seconds.

Like a correction in three steps: read, compute, enter. What came out of the wave meanwhile is weighed at the next try.
A wave of which no crossing may come out gets a table without cells, so that it is not tried for ever.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from prevention.core import audit
from prevention.core.db import db
from prevention.indicators import ledger, seal
from prevention.indicators.catalogue import catalogue
from prevention.indicators.engine import class_totals
from prevention.indicators.memory import Memory
from prevention.indicators.models import PublishedTableRow, SealedWave
from prevention.indicators.policy import policy
from prevention.indicators.published import Audience, Dimension, Measure, PublishedTable
from prevention.indicators.rules import SomebodyReleased
from prevention.indicators.sources import engine_address, source_of
from prevention.indicators.tables import cube_tables


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedCube:
    """The cube of a seal, weighed when `seen` releases of the wave were out."""

    seal_id: uuid.UUID
    wave_id: uuid.UUID
    root_id: uuid.UUID
    seen: int
    tables: tuple[PublishedTable, ...]


def next_without_cube() -> SealedWave | None:
    """Give a seal in force whose cube is not out and that has a table of a share; None when there is none."""
    row = PublishedTableRow
    has_cube = select(row.id).where(row.seal_id == SealedWave.id, row.dimension == Dimension.CUBE)
    has_tables = select(row.id).where(row.seal_id == SealedWave.id, row.dimension == Dimension.ALL)
    query = select(SealedWave).where(ledger.is_in_force(), ~has_cube.exists(), has_tables.exists())
    return db.session.scalars(query.order_by(SealedWave.sealed_on, SealedWave.id).limit(1)).first()


def prepare_cube(found: SealedWave, *, today: date) -> PreparedCube:
    """Count, perturb, weigh beside all that is out. Writes no row.

    Raises:
        SealBroken: a sealed file is gone, or not what was sealed.
    """
    root = ledger.root_of(found.wave_id)
    seen, releases = root.releases, ledger.releases_of(found.wave_id)
    indicators = catalogue().answerable(frozenset(found.manifest["wordings"]))
    totals = class_totals(
        seal.checked(root.file_name, sha256=root.sha256),
        indicators,
        zero_if=catalogue().zero_if,
        address=engine_address(),
        with_discarded=True,
    )
    population = ledger.population_of(found)
    memory = Memory(totals, new=population, releases=releases, policy=policy())
    usual = ledger.published_tables(
        found.school_year, audience=Audience.DISTRICT, measure=Measure.PERCENT, wave_id=found.wave_id
    )
    made = tuple(cube_tables(memory, indicators, catalogue(), usual, source=source_of(found, today=today)))
    empty = tuple(
        replace(one, id=uuid.uuid4(), dimension=Dimension.CUBE, cells=())
        for one in ledger.published_tables(found.school_year, measure=None, wave_id=found.wave_id)[:1]
    )
    return PreparedCube(seal_id=found.id, wave_id=found.wave_id, root_id=root.id, seen=seen, tables=made or empty)


def enter_cube(prepared: PreparedCube, *, today: date) -> None:
    """Write the cube into the ledger. Flushes.

    Raises:
        SomebodyReleased: something of the wave came out meanwhile; it must be weighed too.
    """
    if ledger.is_corrected(prepared.seal_id) or not ledger.claim_release(prepared.root_id, seen=prepared.seen):
        raise SomebodyReleased
    ledger.enter(prepared.seal_id, prepared.tables, published_on=today)
    audit.record(None, "indicators.cube_released", prepared.wave_id, tables=len(prepared.tables))
