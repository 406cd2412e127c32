"""Asking the rooms below for what the longer chapters say. Reads only; as many queries as there are years beside."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from prevention.core.i18n import DEFAULT_LANGUAGE, Localised, in_language
from prevention.delivery.continuity.reading import breaks_of_year
from prevention.delivery.continuity.rules import Break, BreakKind
from prevention.delivery.coverage import Dimension as Grouping
from prevention.delivery.coverage import YearActivity, YearDetails, school_years, year_activity
from prevention.delivery.observing import observations_of_year
from prevention.indicators.benchmarks import beside
from prevention.indicators.catalogue import catalogue
from prevention.indicators.history import History, whole_histories
from prevention.indicators.ledger import WaveFacts, wave_facts
from prevention.indicators.panel_service import released_pairs
from prevention.indicators.policy import policy
from prevention.indicators.published import Dimension, PublishedCell, PublishedTable
from prevention.indicators.service import SealedManifest
from prevention.network.service.agreements import acts_in_force
from prevention.programmes.models import Programme
from prevention.programmes.quality_models import FundingLine, ProgrammeStage
from prevention.programmes.quality_rules import Stage, StageState
from prevention.programmes.service import quality
from prevention.reports.chapters.values import (
    YEARS_BESIDE,
    ActInForce,
    BesideOthers,
    BrokenOff,
    Chapters,
    EarlierYear,
    Funding,
    PolicyFacts,
    ProgrammeStages,
    Seen,
    StageAt,
    Wish,
)

GROUPED_BY = (Grouping.TRACK, Grouping.GRADE, Grouping.PLANNING_AREA)


def read_chapters(
    details: YearDetails,
    *,
    before: YearActivity,
    programmes: Sequence[Programme],
    surveys: Sequence[SealedManifest],
    tables: Sequence[PublishedTable],
    today: date,
) -> Chapters:
    """Read the chapters of a school year as it stands `today`.

    Args:
        details: the year itself. before: the year before it.
        programmes: all of the catalogue.
        surveys, tables: what is sealed and published of it.
    """
    year = details.activity.school_year
    names = {one.name.text(DEFAULT_LANGUAGE): one for one in programmes}
    active = {row.slug for row in details.activity.programmes}
    waves = wave_facts(year)
    return Chapters(
        details=details.programmes,
        groups=tuple(group for by in GROUPED_BY for group in details.groups[by]),
        earlier=_earlier(before, today=today),
        breaks=_breaks(year, {name: one.name for name, one in names.items()}),
        seen=_seen(year),
        stages=_stages([one for one in names.values() if one.slug in active]),
        funding=tuple(_funding(line) for line in quality.funding_in_years((year, year - 1))),
        waves=waves,
        acts=_acts(waves, year=year),
        histories=_histories([one.wave_id for one in surveys], year=year),
        wishes=tuple(Wish(indicator_id=one.id, better=one.better) for one in catalogue().indicators),
        beside=tuple(_beside(tables, waves)),
        pairs=released_pairs(year),
        policy=_policy(),
    )


def _earlier(before: YearActivity, *, today: date) -> tuple[EarlierYear, ...]:
    known = [year for year in school_years() if year < before.school_year][: YEARS_BESIDE - 2]
    years = [before, *(year_activity(year, today=today) for year in known)]
    return tuple(
        EarlierYear(
            school_year=one.school_year,
            totals=one.totals,
            municipalities_reached=sum(place.sites_reached > 0 for place in one.municipalities),
            programmes=one.programmes,
        )
        for one in years
        if one.totals.meetings_planned
    )


def _breaks(year: int, names: dict[str, Localised]) -> tuple[BrokenOff, ...]:
    # A programme is found again by its name, so it is asked for in the language of `names`.
    with in_language(DEFAULT_LANGUAGE):
        found = breaks_of_year(year)
    return tuple(_broken_off(one, names) for one in found)


def _broken_off(one: Break, names: dict[str, Localised]) -> BrokenOff:
    plain = Localised({DEFAULT_LANGUAGE: one.name})
    name = names.get(one.name, plain) if one.kind is BreakKind.PROGRAMME else plain
    return BrokenOff(kind=one.kind, name=name, place=one.place, before=one.before, now=one.now)


def _seen(year: int) -> tuple[Seen, ...]:
    return tuple(
        Seen(
            programme=one.programme,
            observed=one.count,
            items=tuple(one.good),
            good=tuple(one.good.values()),
        )
        for one in sorted(observations_of_year(year), key=lambda one: one.programme.text(DEFAULT_LANGUAGE))
    )


def _stages(active: Sequence[Programme]) -> tuple[ProgrammeStages, ...]:
    written = quality.stages_by_programme([one.id for one in active])
    return tuple(
        ProgrammeStages(
            slug=one.slug,
            programme=one.name,
            stages=tuple(_stage(stage, written.get(one.id, {}).get(stage)) for stage in Stage),
        )
        for one in sorted(active, key=lambda one: one.slug)
    )


def _stage(stage: Stage, row: ProgrammeStage | None) -> StageAt:
    if row is None:
        return StageAt(
            stage=stage, state=StageState.OPEN, done="", gap="", owner="", reviewed_on=None, evidence=0
        )  # fmt: skip
    return StageAt(
        stage=stage,
        state=row.state,
        done=row.done,
        gap=row.gap,
        owner=row.owner.name if row.owner is not None else "",
        reviewed_on=row.reviewed_on,
        evidence=len(row.documents),
    )


def _funding(line: FundingLine) -> Funding:
    return Funding(
        school_year=line.school_year,
        payer=line.payer.name,
        payer_kind=line.payer.kind,
        slug=line.programme.slug if line.programme is not None else "",
        programme=line.programme.name if line.programme is not None else Localised(),
        amount_cents=line.amount_cents,
        purpose=line.purpose,
    )


def _acts(waves: Sequence[WaveFacts], *, year: int) -> tuple[ActInForce, ...]:
    """List the acts in force while pupils answered; over the whole school year where nobody was asked."""
    first = min((one.opened_on for one in waves), default=date(year, 9, 1))
    last = max((one.closed_on for one in waves), default=date(year + 1, 8, 31))
    return tuple(
        ActInForce(
            kind=one.kind,
            title=one.title,
            version=one.version,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            controller=one.controller.name,
            partner=one.partner.name if one.partner is not None else "",
        )
        for one in acts_in_force(first, last)
    )


def _histories(wave_ids: Sequence[UUID], *, year: int) -> tuple[History, ...]:
    found = whole_histories(wave_ids, first=year - YEARS_BESIDE + 1, last=year)
    # This year's tables stand in the figures already.
    return tuple(replace(one, tables=tuple(table for table in one.tables if table.school_year < year)) for one in found)


def _beside(tables: Sequence[PublishedTable], waves: Sequence[WaveFacts]) -> Iterable[BesideOthers]:
    opened = {one.wave_id: one.opened_on.year for one in waves}
    together: dict[tuple[UUID, str], list[PublishedTable]] = {}
    for table in tables:
        together.setdefault((table.wave_id, table.indicator_id), []).append(table)
    for some in together.values():
        about = some[0]
        if about.wave_id not in opened:
            continue
        for one in beside(some, year_of_survey=opened[about.wave_id]):
            yield BesideOthers(
                wave_id=about.wave_id,
                indicator_id=about.indicator_id,
                dimension=_dimension_of(some, one.cell),
                domain=one.cell.domain,
                band_name=one.band_name,
                benchmarks=one.benchmarks,
            )


def _dimension_of(tables: Sequence[PublishedTable], cell: PublishedCell) -> Dimension:
    return next(table.dimension for table in tables if any(one is cell for one in table.cells))


def _policy() -> PolicyFacts:
    one = policy()
    return PolicyFacts(
        version=one.version,
        answers=one.answers,
        answers_school=one.answers_school,
        classes=one.classes,
        small_number=one.small_number,
        small_group=one.small_group,
        recovery_values=one.recovery_values,
    )
