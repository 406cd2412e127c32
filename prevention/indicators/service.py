"""The verbs of this room: seal a closed wave, read what is published.

Sealing is all or nothing. First the sealed file is on the disk, then one transaction writes the ledger and erases the
raw answers. Killed before that transaction: the answers are there, and the next try removes the file. Killed after:
the file is there. There is no moment with neither, and none with half.
"""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from prevention.core import audit
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.indicators import ledger, seal
from prevention.indicators.catalogue import catalogue
from prevention.indicators.cleaning import SWITCHES, clean
from prevention.indicators.ledger import (
    SealedManifest,
    indicator_groups,
    published_tables,
    sealed_manifests,
)
from prevention.indicators.manifest import manifest, sealed_items
from prevention.indicators.models import SealedWave
from prevention.indicators.policy import policy
from prevention.indicators.populations import Population
from prevention.indicators.published import PublishedTable
from prevention.indicators.rules import AlreadySealed, NotClosed
from prevention.indicators.sources import effects_in, engine_address, is_of_the_district, names_of
from prevention.indicators.tables import Source, build_tables
from prevention.surveys import service as surveys
from prevention.surveys.models import Wave
from prevention.surveys.service import SurveyRecords
from prevention.surveys.wave_rules import WaveRefused, WaveStatus

__all__ = [
    "SealedManifest",
    "close_and_seal",
    "indicator_groups",
    "published_tables",
    "sealed_manifests",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedSeal:
    """A wave whose file is written and whose tables are built, but not yet in the ledger."""

    records: SurveyRecords
    file: seal.SealedFile
    manifest: dict[str, Any]
    tables: tuple[PublishedTable, ...]


def close_and_seal(actor: Actor, wave_id: uuid.UUID, *, today: date) -> SealedWave:
    """Close a wave if it is open, and seal it, in the transaction at hand. Flushes.

    For commands and made-up years. The office's click only closes; the jobs process seals (`tasks`), because that
    takes seconds.

    Raises:
        NotYours: the actor may not see the wave.
        AlreadySealed: it was sealed before.
        NotClosed: it is a draft.
    """
    wave = surveys.wave_for(actor, wave_id)
    if wave.status is WaveStatus.OPEN:
        surveys.close_wave(actor, wave)
    return enter_seal(prepare_seal(records_of(wave_id), today=today), actor=actor, today=today)


def records_of(wave_id: uuid.UUID) -> SurveyRecords:
    """Read the answers of a closed wave. Flushes, because what is still in the ballot box is mixed first.

    Raises:
        AlreadySealed, NotClosed: see `close_and_seal`.
    """
    if db.session.scalar(select(SealedWave.id).where(SealedWave.wave_id == wave_id)) is not None:
        raise AlreadySealed
    try:
        return surveys.records_for_sealing(wave_id)
    except WaveRefused as refusal:
        raise NotClosed from refusal


def prepare_seal(records: SurveyRecords, *, today: date) -> PreparedSeal:
    """Clean, write the sealed file, estimate, judge. Writes no row, and holds no lock while it works."""
    cleaned = clean(records.rows, questionnaire=records.questionnaire)
    discards = [str(rule) for rule, is_on in SWITCHES.items() if is_on]
    file = seal.write(
        records.wave_id,
        [one.row for one in cleaned.judged],
        items=sealed_items(records.questionnaire),
        broken=[one.broken for one in cleaned.judged],
        discards=discards,
    )
    path = seal.checked(file.name, sha256=file.sha256)
    recipe = Population(discards=tuple(discards)).to_json()
    facts = manifest(
        records,
        cleaned,
        file,
        catalogue=catalogue(),
        policy=policy().version,
        recipe=recipe,
        effects=effects_in(path, switches=SWITCHES, items=frozenset(sealed_items(records.questionnaire))),
    )
    source = Source(
        wave_id=records.wave_id,
        wave_name=records.wave_name,
        school_year=records.school_year,
        sealed_on=today,
        wordings=facts["wordings"],
        places=names_of({row.site_code for row in records.rows}, {row.municipality for row in records.rows}),
    )
    tables: tuple[PublishedTable, ...] = ()
    if is_of_the_district(records.wave_id):
        tables = build_tables(path, source, catalogue=catalogue(), policy=policy(), address=engine_address())
    return PreparedSeal(records=records, file=file, manifest=facts, tables=tables)


def enter_seal(prepared: PreparedSeal, *, today: date, actor: Actor | None = None) -> SealedWave:
    """Write the ledger and erase the raw answers. Flushes; the caller commits all of it, or none.

    Raises:
        AlreadySealed: another process was first; nothing is written.
        SealBroken: the file is not there any more, or not whole; nothing is written.
    """
    records = prepared.records
    try:
        # The claim: of two processes, one finds the wave closed.
        surveys.erase_raw(records.wave_id)
    except WaveRefused as refusal:
        raise AlreadySealed from refusal
    # The last look before the answers are gone, with the wave in our hands.
    seal.checked(prepared.file.name, sha256=prepared.file.sha256)
    sealed = SealedWave(
        wave_id=records.wave_id,
        school_year=records.school_year,
        wave_name=records.wave_name,
        file_name=prepared.file.name,
        sha256=prepared.file.sha256,
        manifest=prepared.manifest,
        sealed_on=today,
    )
    db.session.add(sealed)
    db.session.flush()
    ledger.enter(sealed.id, prepared.tables, published_on=today)
    audit.record(
        actor, "indicators.wave_sealed", records.wave_id, sha256=prepared.file.sha256, tables=len(prepared.tables)
    )
    db.session.flush()
    return sealed


def sweep() -> int:
    """Remove the files that interrupted sealings left, and say how many."""
    named: dict[uuid.UUID, set[str]] = {}
    for row in db.session.execute(select(SealedWave.wave_id, SealedWave.file_name)):
        named.setdefault(row.wave_id, set()).add(row.file_name)
    return seal.sweep(named)


def unsealed_waves(school_year: int) -> tuple[str, ...]:
    """Name the surveys of a school year whose results are still to come: open, or closed and not sealed yet."""
    running = (WaveStatus.OPEN, WaveStatus.CLOSED)
    return tuple(
        db.session.scalars(
            select(Wave.name).where(Wave.school_year == school_year, Wave.status.in_(running)).order_by(Wave.name)
        )
    )
