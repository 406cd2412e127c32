"""The release ledger: writes down what is published, and reads it back. All that other rooms may read of this one.

Reads no answer and no sealed file. Every table is checked against its hash on the way out.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import aliased

from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.indicators.catalogue import catalogue
from prevention.indicators.cleaning import WHY_NOT_MEASURED, Rule
from prevention.indicators.memory import Release
from prevention.indicators.models import PublishedTableRow, SealedWave
from prevention.indicators.populations import Population, Selection
from prevention.indicators.published import Audience, Dimension, Measure, PublishedTable
from prevention.indicators.rules import SealBroken
from prevention.indicators.sensitivity import Effect
from prevention.indicators.wording import METHOD
from prevention.surveys.models import Wave
from prevention.surveys.wave_rules import WaveMode


@dataclass(frozen=True, kw_only=True, slots=True)
class CleaningCount:
    """One cleaning rule of a sealed wave: `found` records break it, `discarded` were taken out by it.

    `effect` says what turning its switch would do; None where it would move too few records to say, or none.
    `is_measured` is false for a rule that can find nothing here, and `why_not` says why.
    """

    rule: str
    name: Localised
    is_on: bool
    found: int
    discarded: int
    is_measured: bool = True
    effect: Effect | None = None

    @property
    def why_not(self) -> Localised | None:
        """Give the reason why the rule finds nothing, in words."""
        return None if self.is_measured else WHY_NOT_MEASURED.get(Rule(self.rule))


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedManifest:
    """What is written beside a sealed wave.

    Attributes:
        sha256: of the sealed file.
        questionnaire: code and version, e.g. "core 2026.1".
        classes, schools: those that took part; schools only if an answer came from them.
        enrolled, present: pupils of the classes, as far as classes reported.
        answers, kept: answers handed in, and those left after cleaning.
        left_out: names of indicators that nobody was asked the questions of.
        method: how intervals are computed, in a sentence for readers.
        policy: version of the disclosure policy.
    """

    wave_id: UUID
    wave_name: str
    school_year: int
    sealed_on: date
    sha256: str
    questionnaire: str
    classes: int
    schools: int
    reported: int
    enrolled: int
    present: int
    answers: int
    kept: int
    cleaning: tuple[CleaningCount, ...]
    left_out: tuple[Localised, ...]
    method: Localised
    policy: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WaveFacts:
    """What a method annex says of a sealed wave beside its manifest.

    Attributes:
        opened_on, closed_on: first and last day on which pupils could answer.
        absent, refused: pupils, as far as classes reported; disturbed: classes.
    """

    wave_id: UUID
    opened_on: date
    closed_on: date
    absent: int
    refused: int
    disturbed: int


def published_tables(
    school_year: int,
    *,
    audience: Audience = Audience.DISTRICT,
    measure: Measure | None = Measure.PERCENT,
    wave_id: UUID | None = None,
) -> tuple[PublishedTable, ...]:
    """Give the published tables of a school year, newest wave first, each wave's in catalogue order. One query.

    Args:
        school_year: as the calendar year in which it began.
        audience: SCHOOL tables hold a cell for each school; show a school its own only.
        measure: which kind of numbers; None gives all. Percentages alone are the default, because a mean score drawn
            on an axis of percentages would be nonsense.
        wave_id: one wave only.

    Raises:
        SealBroken: a table is not what was published.
    """
    query = (
        select(PublishedTableRow)
        .join(SealedWave, SealedWave.id == PublishedTableRow.seal_id)
        .where(
            PublishedTableRow.school_year == school_year,
            PublishedTableRow.audience == audience,
            PublishedTableRow.selection == "",
            PublishedTableRow.dimension != Dimension.CUBE,
            is_in_force(),
        )
        .order_by(SealedWave.sealed_on.desc(), SealedWave.wave_name, SealedWave.id, PublishedTableRow.position)
    )
    if wave_id is not None:
        query = query.where(PublishedTableRow.wave_id == wave_id)
    tables = (_read(row) for row in db.session.scalars(query))
    return tuple(table for table in tables if measure in (None, table.measure))


def cube_tables(school_year: int) -> tuple[PublishedTable, ...]:
    """Give the crossings for open data of a school year, newest wave first (`cube`). One query.

    Raises:
        SealBroken: a table is not what was published.
    """
    query = (
        select(PublishedTableRow)
        .join(SealedWave, SealedWave.id == PublishedTableRow.seal_id)
        .where(
            PublishedTableRow.school_year == school_year, PublishedTableRow.dimension == Dimension.CUBE, is_in_force()
        )
        .order_by(SealedWave.sealed_on.desc(), SealedWave.wave_name, SealedWave.id, PublishedTableRow.position)
    )
    return tuple(_read(row) for row in db.session.scalars(query))


def cube_years() -> frozenset[int]:
    """Give the school years that have crossings for open data. One query."""
    query = (
        select(PublishedTableRow.school_year)
        .join(SealedWave, SealedWave.id == PublishedTableRow.seal_id)
        .where(
            PublishedTableRow.dimension == Dimension.CUBE,
            ~PublishedTableRow.payload.contains('"cells":[]'),
            is_in_force(),
        )
        .distinct()
    )
    return frozenset(db.session.scalars(query))


def is_in_force() -> ColumnElement[bool]:
    """Write the condition that no correction has taken the place of a seal."""
    later = aliased(SealedWave)
    return ~select(later.id).where(later.corrects_id == SealedWave.id).exists()


def selected_tables(wave_ids: Sequence[UUID]) -> tuple[PublishedTable, ...]:
    """Give the tables about parts of the district, of some waves, the newest first. One query.

    Raises:
        SealBroken: a table is not what was published.
    """
    row = PublishedTableRow
    query = (
        select(row)
        .join(SealedWave, SealedWave.id == row.seal_id)
        .where(row.wave_id.in_(wave_ids), row.selection != "", row.audience == Audience.DISTRICT, is_in_force())
        .order_by(row.published_on.desc(), row.indicator_id, row.dimension, row.selection)
    )
    return tuple(_read(one) for one in db.session.scalars(query))


def releases_of(wave_id: UUID) -> tuple[Release, ...]:
    """Give everything that was ever published of a wave, whatever has taken its place since. Two queries.

    Raises:
        SealBroken: a table is not what was published.
    """
    seals = {one.id: one for one in db.session.scalars(select(SealedWave).where(SealedWave.wave_id == wave_id))}
    query = select(PublishedTableRow).where(PublishedTableRow.wave_id == wave_id).order_by(PublishedTableRow.id)
    together: dict[tuple[UUID, str], list[PublishedTable]] = {}
    for row in db.session.scalars(query):
        together.setdefault((row.seal_id, row.selection), []).append(_read(row))
    return tuple(
        Release(
            population=replace(population_of(seals[seal_id]), selection=Selection.from_text(selection)),
            tables=tuple(tables),
        )
        for (seal_id, selection), tables in together.items()
    )


def population_of(sealed: SealedWave) -> Population:
    """Say whose answers count in a seal."""
    return Population.from_json(sealed.manifest["recipe"])


def root_of(wave_id: UUID) -> SealedWave:
    """Give the first seal of a wave, of whose file all figures are made."""
    query = select(SealedWave).where(SealedWave.wave_id == wave_id, SealedWave.corrects_id.is_(None))
    return db.session.scalars(query).one()


def in_force(wave_id: UUID) -> SealedWave:
    """Give the seal of a wave that no correction has taken the place of.

    Raises:
        LookupError: the wave is not sealed.
    """
    found = db.session.scalars(select(SealedWave).where(SealedWave.wave_id == wave_id, is_in_force())).one_or_none()
    if found is None:
        raise LookupError(wave_id)
    return found


def is_corrected(seal_id: UUID) -> bool:
    """Say whether another seal has taken the place of one."""
    return db.session.scalar(select(SealedWave.id).where(SealedWave.corrects_id == seal_id)) is not None


def claim_release(root_id: UUID, *, seen: int) -> bool:
    """Claim the right to publish more of a wave, tested when `seen` releases were out; false when too late."""
    claimed = db.session.execute(
        update(SealedWave)
        .where(SealedWave.id == root_id, SealedWave.releases == seen)
        .values(releases=seen + 1)
        .returning(SealedWave.id),
        execution_options={"synchronize_session": False},
    ).first()
    return claimed is not None


def sealed_manifests(school_year: int) -> tuple[SealedManifest, ...]:
    """Give what is written down of the sealed waves of the district of a school year, newest first. One query."""
    query = (
        select(SealedWave)
        .join(Wave, Wave.id == SealedWave.wave_id)
        .where(SealedWave.school_year == school_year, Wave.mode == WaveMode.MONITORING, is_in_force())
        .order_by(SealedWave.sealed_on.desc(), SealedWave.wave_name, SealedWave.id)
    )
    return tuple(manifest_of(row) for row in db.session.scalars(query))


def wave_facts(school_year: int) -> tuple[WaveFacts, ...]:
    """Give days and numbers of the sealed waves of the district of a school year, newest first. One query."""
    query = (
        select(SealedWave, Wave.opens_on, Wave.closes_on)
        .join(Wave, Wave.id == SealedWave.wave_id)
        .where(SealedWave.school_year == school_year, Wave.mode == WaveMode.MONITORING, is_in_force())
        .order_by(SealedWave.sealed_on.desc(), SealedWave.wave_name, SealedWave.id)
    )
    return tuple(
        WaveFacts(
            wave_id=row.wave_id,
            opened_on=opens_on,
            closed_on=closes_on,
            **{name: row.manifest["participation"].get(name, 0) for name in ("absent", "refused", "disturbed")},
        )
        for row, opens_on, closes_on in db.session.execute(query)
    )


def manifest_of(row: SealedWave) -> SealedManifest:
    """Read what is written beside a seal."""
    facts = row.manifest
    numbers = facts["participation"]
    return SealedManifest(
        wave_id=row.wave_id,
        wave_name=row.wave_name,
        school_year=row.school_year,
        sealed_on=row.sealed_on,
        sha256=row.sha256,
        questionnaire=f"{facts['questionnaire']['code']} {facts['questionnaire']['version']}",
        **{
            name: numbers[name] for name in ("classes", "schools", "reported", "enrolled", "present", "answers", "kept")
        },
        cleaning=tuple(_cleaning_count(count) for count in facts["cleaning"]),
        left_out=tuple(Localised(one["name"]) for one in facts["left_out"]),
        method=METHOD,
        policy=facts["policy"],
    )


def _cleaning_count(count: dict[str, Any]) -> CleaningCount:
    effect = Effect(**count["effect"]) if count.get("effect") else None
    return CleaningCount(**{**count, "name": Localised(count["name"]), "effect": effect})


def indicator_groups() -> Mapping[str, Localised]:
    """Give the groups that indicators belong to, in the order of a report: key to name."""
    return catalogue().groups


def enter(seal_id: UUID, tables: Sequence[PublishedTable], *, published_on: date) -> None:
    """Write tables of a seal into the ledger. Flushes; an IntegrityError says that one is there already."""
    if not tables:
        return
    db.session.flush()
    db.session.execute(
        insert(PublishedTableRow),
        [
            {
                "id": table.id,
                "seal_id": seal_id,
                "wave_id": table.wave_id,
                "school_year": table.school_year,
                "selection": table.selection,
                "indicator_id": table.indicator_id,
                "dimension": table.dimension,
                "audience": table.audience,
                "position": position,
                "payload": (payload := table.to_json()),
                "sha256": _digest(payload),
                "published_on": published_on,
            }
            for position, table in enumerate(tables)
        ],
    )


def tables_of_indicator(indicator_id: str) -> tuple[tuple[PublishedTable, str | None], ...]:
    """Give the district's tables of an indicator in all years, each with the code of its questionnaire. One query.

    Raises:
        SealBroken: a table is not what was published.
    """
    row = PublishedTableRow
    query = (
        select(row, SealedWave.manifest["questionnaire"]["code"].as_string())
        .join(SealedWave, SealedWave.id == row.seal_id)
        .where(
            row.indicator_id == indicator_id,
            row.audience == Audience.DISTRICT,
            row.selection == "",
            is_in_force(),
        )
        .order_by(row.school_year, SealedWave.sealed_on, SealedWave.id, row.position)
    )
    return tuple((_read(one), code) for one, code in db.session.execute(query))


def whole_tables(*, first: int, last: int) -> tuple[tuple[PublishedTable, str | None], ...]:
    """Give the district's tables over all pupils of some school years, each with the code of its questionnaire.

    Oldest first, each wave's in catalogue order; `first` and `last` are included. One query.

    Raises:
        SealBroken: a table is not what was published.
    """
    row = PublishedTableRow
    query = (
        select(row, SealedWave.manifest["questionnaire"]["code"].as_string())
        .join(SealedWave, SealedWave.id == row.seal_id)
        .where(
            row.school_year.between(first, last),
            row.dimension == Dimension.ALL,
            row.audience == Audience.DISTRICT,
            row.selection == "",
            is_in_force(),
        )
        .order_by(row.school_year, SealedWave.sealed_on, SealedWave.id, row.position)
    )
    return tuple((_read(one), code) for one, code in db.session.execute(query))


def _read(row: PublishedTableRow) -> PublishedTable:
    if _digest(row.payload) != row.sha256:
        raise SealBroken(f"published table {row.id}")
    return PublishedTable.from_json(row.payload)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
