"""What the office sees of sealed surveys: the seals one after another, what came out of them, and who took what.

Reads rows only; no sealed file but for the names of the places in it, and no figure.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from prevention.accounts.models import User
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.core.models import AuditEntry
from prevention.indicators import ledger, seal
from prevention.indicators.catalogue import catalogue
from prevention.indicators.corrections import pending_corrections
from prevention.indicators.engines import connect
from prevention.indicators.ledger import SealedManifest, manifest_of
from prevention.indicators.models import PublishedTableRow, SealCorrection, SealedWave
from prevention.indicators.populations import Population, Selection
from prevention.indicators.published import Dimension
from prevention.indicators.research_service import HANDED_OUT
from prevention.indicators.sources import is_of_the_district, names_of
from prevention.indicators.wording import LEVELS, TRACKS, label_of
from prevention.roles import Role

# What the trail says of tables that were asked for.
_TESTS = ("indicators.table_tested", "indicators.table_refused", "indicators.table_released")
# So many of the newest lines of the trail stand on the page; all of them are in the database.
TRAIL_SHOWN = 20

Places = Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class SealLine:
    """A survey in the list of sealed ones, by the seal that is in force; `tables` were published of it in all."""

    seal: SealedWave
    corrections: int
    tables: int
    is_waiting: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SealStep:
    """One seal of a survey. `why` it took the place of the one before; None of the first."""

    seal: SealedWave
    manifest: SealedManifest
    population: Population
    why: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedSurvey:
    """A sealed survey as the office sees it.

    Attributes:
        steps: its seals, the first of them first; the last is in force.
        waiting: the correction that is asked for and not carried out yet.
        is_of_district: tables are published of it.
        places: code of a school or municipality in its first file to its name.
    """

    wave_id: UUID
    steps: tuple[SealStep, ...]
    waiting: SealCorrection | None
    is_of_district: bool
    places: Places

    @property
    def now(self) -> SealedWave:
        """The seal in force."""
        return self.steps[-1].seal


@dataclass(frozen=True, kw_only=True, slots=True)
class TrailLine:
    """Something that was taken, tested, refused or released: when, by whom, and what the trail says of it."""

    at: datetime
    action: str
    name: str | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacesIn:
    """What a sealed file tells apart, as choices: key and words. `schools` are codes, `grades` numbers."""

    schools: tuple[tuple[str, str], ...]
    grades: tuple[int, ...]
    parts: Mapping[str, tuple[tuple[str, Localised], ...]]


def surveys_for(actor: Actor) -> list[SealLine]:
    """List the sealed surveys for the office, the newest first. Four queries.

    Raises:
        NotYours: the person is not of the office.
    """
    _only_office(actor)
    order = (SealedWave.school_year.desc(), SealedWave.sealed_on.desc(), SealedWave.wave_name, SealedWave.id)
    found = list(db.session.scalars(select(SealedWave).where(ledger.is_in_force()).order_by(*order)))
    seals = _counts(select(SealedWave.wave_id, func.count()).group_by(SealedWave.wave_id))
    tables = _counts(select(PublishedTableRow.wave_id, func.count()).group_by(PublishedTableRow.wave_id))
    waiting = pending_corrections()
    return [
        SealLine(
            seal=one,
            corrections=seals[one.wave_id] - 1,
            tables=tables.get(one.wave_id, 0),
            is_waiting=one.id in waiting,
        )
        for one in found
    ]


def survey_for(actor: Actor, wave_id: UUID) -> SealedSurvey:
    """Load a sealed survey for the office. Six queries, and the first sealed file for the places in it.

    Raises:
        NotYours: it is not there or not sealed, or the person is not of the office.
        SealBroken: its first file is gone, or not what was sealed.
    """
    _only_office(actor)
    found = list(db.session.scalars(select(SealedWave).where(SealedWave.wave_id == wave_id)))
    if not found:
        raise NotYours
    chain = _in_order(found)
    return SealedSurvey(
        wave_id=wave_id,
        steps=tuple(_step(one) for one in chain),
        waiting=pending_corrections().get(chain[-1].id),
        is_of_district=is_of_the_district(wave_id),
        places=_names_in(chain[0]),
    )


def ledger_of(wave_id: UUID) -> Select[PublishedTableRow, SealedWave]:
    """Select everything that was published of a survey, with the seal it came from."""
    return (
        select(PublishedTableRow, SealedWave)
        .join(SealedWave, SealedWave.id == PublishedTableRow.seal_id)
        .where(PublishedTableRow.wave_id == wave_id)
    )


def trail_of(wave_id: UUID, *, research: bool) -> list[TrailLine]:
    """Give the newest lines of a survey's trail: research files that left, or tables that were tested. One query."""
    actions = (HANDED_OUT,) if research else _TESTS
    query = (
        select(AuditEntry, User.name)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .where(AuditEntry.subject_id == wave_id, AuditEntry.action.in_(actions))
        .order_by(AuditEntry.at.desc(), AuditEntry.id)
        .limit(TRAIL_SHOWN)
    )
    return [
        TrailLine(at=entry.at, action=entry.action, name=name, facts=entry.facts)
        for entry, name in db.session.execute(query)
    ]


def places_in(found: SealedWave, names: Places) -> PlacesIn:
    """Say what the sealed file of a seal tells apart. Reads the file.

    Raises:
        SealBroken: it is gone, or not what was sealed.
    """
    path = seal.checked(found.file_name, sha256=found.sha256)
    with connect() as engine:
        rows = engine.execute(
            "SELECT DISTINCT site_code, level, grade, COALESCE(track, ''), municipality FROM read_parquet(?)",
            [str(path)],
        ).fetchall()
    levels = tuple(sorted({row[1] for row in rows}))
    grades = sorted({(row[1], row[2]) for row in rows})
    tracks = [track for track in TRACKS if track in {row[3] for row in rows}]
    towns = sorted({row[4] for row in rows}, key=lambda code: names.get(code, code))
    parts = {
        "levels": tuple((level, LEVELS[level]) for level in levels),
        "grades": tuple(
            (key, label_of((Dimension.GRADE, key), levels=levels, places={}))
            for key in (f"{level}-{grade}" for level, grade in grades)
        ),
        "tracks": tuple((track, TRACKS[track]) for track in tracks),
        "municipalities": tuple(
            (code, Localised(it=names.get(code, code), en=names.get(code, code))) for code in towns
        ),
    }
    schools = sorted({row[0] for row in rows}, key=lambda code: (names.get(code, code), code))
    return PlacesIn(
        schools=tuple((code, names.get(code, code)) for code in schools),
        grades=tuple(sorted({grade for _level, grade in grades})),
        # A choice of one is none.
        parts={kind: options for kind, options in parts.items() if len(options) > 1},
    )


def selection_words(text: str, names: Places) -> str:
    """Say which part of the district a selection is, as `populations.Selection` writes it; empty for everybody."""
    words = []
    for kind, codes in (json.loads(text) if text else {}).items():
        words += [_code_words(kind, code, names) for code in codes]
    return ", ".join(words)


def indicator_name(indicator_id: str) -> str:
    """Give the name of an indicator; its number where the catalogue of today has it no more."""
    return next((one.name.text() for one in catalogue().indicators if one.id == indicator_id), indicator_id)


def _code_words(kind: str, code: str, names: Places) -> str:
    if kind == "levels" and code in LEVELS:
        return LEVELS[code].text()
    if kind == "tracks" and code in TRACKS:
        return TRACKS[code].text()
    if kind == "grades":
        return label_of((Dimension.GRADE, code), levels=tuple(LEVELS), places={}).text()
    return names.get(code, code)


def selection_of(given: Mapping[str, Sequence[str]]) -> Selection:
    """Build a selection of what was ticked."""
    return Selection.of({kind: codes for kind, codes in given.items() if codes})


def _only_office(actor: Actor) -> None:
    if not actor.has(Role.OFFICE):
        raise NotYours


def _counts(query: Select[UUID, int]) -> dict[UUID, int]:
    return {row[0]: row[1] for row in db.session.execute(query)}


def _in_order(found: Sequence[SealedWave]) -> list[SealedWave]:
    """Put the seals of a survey one after another: each names the one before."""
    after = {one.corrects_id: one for one in found}
    chain: list[SealedWave] = []
    step = after.get(None)
    while step is not None:
        chain.append(step)
        step = after.get(step.id)
    return chain


def _step(one: SealedWave) -> SealStep:
    why = one.manifest.get("corrects")
    return SealStep(
        seal=one,
        manifest=manifest_of(one),
        population=ledger.population_of(one),
        why=None if why is None else str(why["reason"]),
    )


def _names_in(root: SealedWave) -> Places:
    path = seal.checked(root.file_name, sha256=root.sha256)
    with connect() as engine:
        rows = engine.execute("SELECT DISTINCT site_code, municipality FROM read_parquet(?)", [str(path)]).fetchall()
    return names_of({str(code) for code, _town in rows}, {str(town) for _code, town in rows})
