"""Corrections: a new seal that takes the place of an earlier one.

Reasons for one: a school withdraws, or a cleaning rule should have been off. Sealed data never changes, and the raw
answers are gone; so the new file is made of the old one (`seal.rewrite`), and the manifest names the hash of the seal
whose place it takes. Figures are made anew, and the gate weighs them against everything that was published of the wave
before (`memory`): what the two together would give away is not shown.

The office asks (a row); the jobs process carries out, in three steps like sealing: read, compute and write the file,
enter. Killed before the last: the request stands, and the next try removes the file. A seal is corrected once; to
correct again is to correct the correction.
"""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.indicators import ledger, seal
from prevention.indicators.catalogue import catalogue
from prevention.indicators.cleaning import LOCKED, Rule, count_rules, switches_with
from prevention.indicators.engines import connect
from prevention.indicators.expressions import BAR
from prevention.indicators.manifest import cleaning_entries
from prevention.indicators.models import SealCorrection, SealedWave
from prevention.indicators.policy import policy
from prevention.indicators.populations import Population
from prevention.indicators.published import PublishedTable
from prevention.indicators.rules import AlreadyCorrected, NothingToCorrect, SomebodyReleased
from prevention.indicators.sources import effects_in, engine_address, is_of_the_district, source_of
from prevention.indicators.tables import build_tables
from prevention.roles import Role

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What a correction changes: the rules that are off from now on, and who withdraws besides those who did."""

    rules_off: tuple[str, ...]
    withdrawn: tuple[tuple[str, int | None], ...]
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedCorrection:
    """A correction whose file is written and whose tables are built, but not yet in the ledger."""

    correction_id: uuid.UUID
    seal_id: uuid.UUID
    root_id: uuid.UUID
    seen: int
    wave_id: uuid.UUID
    file: seal.SealedFile
    manifest: dict[str, Any]
    tables: tuple[PublishedTable, ...]


def pending_corrections() -> dict[uuid.UUID, SealCorrection]:
    """Give the corrections that are asked for and not yet carried out, by the seal that they correct."""
    done = select(SealedWave.corrects_id).where(SealedWave.corrects_id.is_not(None))
    found = db.session.scalars(select(SealCorrection).where(SealCorrection.seal_id.not_in(done)))
    return {one.seal_id: one for one in found}


def ask_correction(actor: Actor, found: SealedWave, wanted: Wanted, *, today: date) -> SealCorrection:
    """Write down that a seal is to be corrected. Flushes.

    Raises:
        NotYours: the person is not of the office.
        AlreadyCorrected: it was, or is about to be.
        NothingToCorrect: nothing would change, or nobody of a place that withdraws is in the file.
    """
    if not actor.has(Role.OFFICE):
        raise NotYours
    if ledger.is_corrected(found.id) or found.id in pending_corrections():
        raise AlreadyCorrected
    before = ledger.population_of(found)
    switches = switches_with(wanted.rules_off)
    after = Population(
        discards=tuple(rule for rule in Rule if switches[rule]),
        withdrawn=tuple(dict.fromkeys([*before.withdrawn, *wanted.withdrawn])),
    )
    if (set(after.discards), after.withdrawn) == (set(before.discards), before.withdrawn):
        raise NothingToCorrect
    path = seal.checked(found.file_name, sha256=found.sha256)
    with connect() as engine:
        for code, grade in wanted.withdrawn:
            if not _holds(engine, str(path), code, grade):
                raise NothingToCorrect(f"{code} {grade or ''}".strip())
    correction = SealCorrection(
        seal_id=found.id, recipe=after.to_json(), reason=wanted.reason, asked_by=actor.id, asked_on=today
    )
    try:
        with db.session.begin_nested():
            db.session.add(correction)
    except IntegrityError as error:
        raise AlreadyCorrected from error
    audit.record(actor, "indicators.correction_asked", found.wave_id, recipe=correction.recipe)
    return correction


def _holds(engine: "duckdb.DuckDBPyConnection", path: str, code: str, grade: int | None) -> bool:
    row = engine.execute(
        "SELECT COUNT(*) FROM read_parquet(?) WHERE site_code = ? AND (? IS NULL OR grade = ?)",
        [path, code, grade, grade],
    ).fetchone()
    return bool(row and row[0])


def next_correction() -> SealCorrection | None:
    """Give a correction that waits to be carried out; None when there is none."""
    done = select(SealedWave.corrects_id).where(SealedWave.corrects_id.is_not(None))
    query = select(SealCorrection).where(SealCorrection.seal_id.not_in(done))
    return db.session.scalars(query.order_by(SealCorrection.asked_on, SealCorrection.id).limit(1)).first()


def prepare_correction(correction: SealCorrection, *, today: date) -> PreparedCorrection:
    """Write the new file, estimate, judge. Writes no row.

    Raises:
        SealBroken: a file that it is made of is gone, or not what was sealed.
    """
    old = db.session.get_one(SealedWave, correction.seal_id)
    root = ledger.root_of(old.wave_id)
    seen, releases = root.releases, ledger.releases_of(old.wave_id)
    population = Population.from_json(correction.recipe)
    first = seal.checked(root.file_name, sha256=root.sha256)
    file = seal.rewrite(
        old.wave_id,
        seal.checked(old.file_name, sha256=old.sha256),
        discards=population.discards,
        withdrawn=population.withdrawn,
    )
    tables: tuple[PublishedTable, ...] = ()
    if is_of_the_district(old.wave_id):
        tables = build_tables(
            first,
            source_of(old, today=today),
            catalogue=catalogue(),
            policy=policy(),
            new=population,
            releases=releases,
            address=engine_address(),
        )
    return PreparedCorrection(
        correction_id=correction.id,
        seal_id=old.id,
        root_id=root.id,
        seen=seen,
        wave_id=old.wave_id,
        file=file,
        manifest=_manifest(old, correction, population, file),
        tables=tables,
    )


def enter_correction(prepared: PreparedCorrection, *, today: date) -> SealedWave:
    """Write the new seal and its tables into the ledger. Flushes; the caller commits all of it, or none.

    Raises:
        AlreadyCorrected: another process was first; nothing is written.
        SomebodyReleased: something of the wave came out meanwhile; it must be weighed too.
        SealBroken: the file is not there any more, or not whole.
    """
    if ledger.is_corrected(prepared.seal_id):
        raise AlreadyCorrected
    if not ledger.claim_release(prepared.root_id, seen=prepared.seen):
        raise SomebodyReleased
    seal.checked(prepared.file.name, sha256=prepared.file.sha256)
    old = db.session.get_one(SealedWave, prepared.seal_id)
    sealed = SealedWave(
        wave_id=old.wave_id,
        school_year=old.school_year,
        wave_name=old.wave_name,
        file_name=prepared.file.name,
        sha256=prepared.file.sha256,
        manifest=prepared.manifest,
        sealed_on=today,
        corrects_id=old.id,
    )
    db.session.add(sealed)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise AlreadyCorrected from error
    ledger.enter(sealed.id, prepared.tables, published_on=today)
    audit.record(
        None,
        "indicators.seal_corrected",
        old.wave_id,
        correction=str(prepared.correction_id),
        sha256=prepared.file.sha256,
        tables=len(prepared.tables),
    )
    db.session.flush()
    return sealed


def _manifest(
    old: SealedWave, correction: SealCorrection, population: Population, file: seal.SealedFile
) -> dict[str, Any]:
    path = seal.checked(file.name, sha256=file.sha256)
    with connect() as engine:
        patterns = engine.execute(
            "SELECT COALESCE(broken, ''), COUNT(*), SUM(kept::INTEGER) FROM read_parquet(?) GROUP BY 1", [str(path)]
        ).fetchall()
        places = engine.execute(
            "SELECT COUNT(DISTINCT site_code), COUNT(DISTINCT cluster) FROM read_parquet(?)", [str(path)]
        ).fetchone()
    broken = Counter(
        {tuple(Rule(one) for one in text.strip(BAR).split(BAR) if one): many for text, many, _ in patterns}
    )
    # Who did not agree is in no file; the count of the first seal stays.
    for entry in old.manifest["cleaning"]:
        if entry["rule"] in LOCKED and entry["found"]:
            broken[(Rule(entry["rule"]),)] = entry["found"]
    switches = {rule: rule in population.discards for rule in Rule}
    facts = dict(old.manifest)
    effects = effects_in(path, switches=switches, items=frozenset(facts["wordings"]))
    facts |= {
        "catalogue": catalogue().version,
        "policy": policy().version,
        "file": {
            **facts["file"],
            "name": file.name,
            "sha256": file.sha256,
            "bytes": file.size,
            "records": file.rows,
        },
        "participation": {
            **facts["participation"],
            "schools": places[0] if places else 0,
            "classes": places[1] if places and population.withdrawn else facts["participation"]["classes"],
            "answers": sum(broken.values()),
            "kept": sum(kept or 0 for _text, _many, kept in patterns),
        },
        "cleaning": cleaning_entries(count_rules(broken, switches=switches), effects),
        "recipe": population.to_json(),
        "corrects": {"sha256": old.sha256, "reason": correction.reason, **population.to_json()},
    }
    return facts


__all__ = [
    "PreparedCorrection",
    "Wanted",
    "ask_correction",
    "enter_correction",
    "next_correction",
    "pending_corrections",
    "prepare_correction",
]
