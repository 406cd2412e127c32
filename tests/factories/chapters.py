"""What the longer chapters of a year say, built by hand, without a database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from prevention.core.i18n import Localised
from prevention.delivery.continuity.rules import BreakKind
from prevention.delivery.coverage import (
    ActivityTotals,
    Dimension,
    GroupCoverage,
    HoursPerPupil,
    LedCount,
    ProgrammeActivity,
    ProgrammeDetails,
    ReasonCount,
)
from prevention.delivery.rules import LedBy
from prevention.delivery.rules import Reason as WhyNot
from prevention.indicators.benchmarks import Benchmark
from prevention.indicators.catalogue import Better
from prevention.indicators.effects import Contrast, Verdict
from prevention.indicators.history import History
from prevention.indicators.ledger import WaveFacts
from prevention.indicators.panel_gate import Panel, PanelFigure, Side, Who
from prevention.indicators.panel_service import ReleasedPair
from prevention.indicators.published import Dimension as TableDimension
from prevention.indicators.published import Measure, PublishedTable, Reason
from prevention.network.governance_rules import ActKind
from prevention.network.rules import OrganisationKind
from prevention.programmes.quality_rules import Stage, StageState
from prevention.reports.chapters.values import (
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

WAVE = UUID(int=7)
BAND = Localised(
    it="studenti che compiono 16 anni nell'anno della rilevazione", en="students turning 16 in the year of the survey"
)


def make_details(programme: ProgrammeActivity) -> ProgrammeDetails:
    """Give what a report says of a programme of which a tenth of the meetings was changed."""
    return ProgrammeDetails(
        slug=programme.slug,
        minutes_planned=programme.meetings_planned * 60,
        schools_reached=4,
        pupils_reached=programme.classes_reached * 19,
        activities_part=5,
        meetings_adapted=programme.meetings_held // 10,
        led_by=(LedCount(led_by=LedBy.FACILITATOR, meetings=3), LedCount(led_by=LedBy.TEACHER, meetings=9)),
        not_held=(ReasonCount(reason=WhyNot.CLASS_AWAY, meetings=programme.meetings_not_held),),
    )


def make_group(dimension: Dimension, key: str, hours: str | None, **changes: object) -> GroupCoverage:
    """Give a group of three schools, two of them reached; None as hours per pupil is "not known"."""
    rate = None if hours is None else HoursPerPupil(least=Decimal(hours), most=Decimal(hours))
    group = GroupCoverage(
        dimension=dimension,
        key=key,
        name=key,
        sites=3,
        sites_reached=2,
        sites_low=0,
        sites_unknown=0,
        classes=30,
        classes_reached=11,
        classes_completed=6,
        pupils_enrolled=640,
        pupils_reached=212,
        pupil_hours=Decimal(480),
        pupil_hours_rated=Decimal(300),
        hours_per_pupil=rate,
        activities_planned=40,
        activities_full=31,
    )
    return replace(group, **changes)  # type: ignore[arg-type]  # fields of the dataclass


def make_stages(programme: ProgrammeActivity, *, written: bool) -> ProgrammeStages:
    """Give a programme with one stage worked out and one partly, or with nothing written down."""
    said = {
        Stage.NEEDS: StageAt(
            stage=Stage.NEEDS, state=StageState.DONE, done="Rilevazione e incontri.", gap="", owner="ATS",
            reviewed_on=date(2026, 10, 5), evidence=1,
        ),
        Stage.RESOURCES: StageAt(
            stage=Stage.RESOURCES, state=StageState.PARTLY, done="Ore contate.", gap="Manca il conto delle aule.",
            owner="", reviewed_on=date(2026, 10, 5), evidence=0,
        ),
    }  # fmt: skip
    nothing = StageAt(
        stage=Stage.NEEDS, state=StageState.OPEN, done="", gap="", owner="", reviewed_on=None, evidence=0
    )  # fmt: skip
    return ProgrammeStages(
        slug=programme.slug,
        programme=programme.programme,
        stages=tuple(said[one] if written and one in said else replace(nothing, stage=one) for one in Stage),
    )


def make_funding(programme: ProgrammeActivity | None, euros: int, **changes: object) -> Funding:
    """Give a line of funding of 2026/27 by the health authority."""
    line = Funding(
        school_year=2026,
        payer="ATS Val Padana",
        payer_kind=OrganisationKind.HEALTH_AUTHORITY,
        slug=programme.slug if programme else "",
        programme=programme.programme if programme else Localised(),
        amount_cents=euros * 100,
        purpose="Formazione degli insegnanti",
    )
    return replace(line, **changes)  # type: ignore[arg-type]  # fields of the dataclass


def make_benchmark(**changes: object) -> Benchmark:
    """Give a second-hand figure of ESPAD 2024 on cigarettes in 30 days."""
    benchmark = Benchmark(
        indicator_id="I02",
        survey="ESPAD 2024",
        year=2024,
        place=Localised(it="Italia", en="Italy"),
        share=0.22,
        sex=None,
        is_same=True,
        band="turning_16",
        band_name=BAND,
        source="SardegnaGol",
        address="sardegnagol.eu",
        is_second_hand=True,
        read_on=date(2026, 11, 22),
    )
    return replace(benchmark, **changes)  # type: ignore[arg-type]  # fields of the dataclass


def make_beside(*benchmarks: Benchmark) -> BesideOthers:
    """Set figures of others beside the second year of upper secondary school, for cigarettes in 30 days."""
    return BesideOthers(
        wave_id=WAVE,
        indicator_id="I02",
        dimension=TableDimension.GRADE,
        domain="secondo_grado-2",
        band_name=BAND,
        benchmarks=benchmarks or (make_benchmark(),),
    )


def make_panel_figure(
    indicator_id: str = "M01", *, verdict: Verdict | None = Verdict.BETTER, **changes: object
) -> PanelFigure:
    """Give a share that went from 40 to 52 in 100."""
    figure = PanelFigure(
        who=Who.ALL,
        indicator_id=indicator_id,
        name=Localised(it=f"Misura {indicator_id}", en=f"Measure {indicator_id}"),
        definition=Localised(it="Quota", en="Share"),
        measure=Measure.PERCENT,
        scale=(0.0, 1.0),
        better=Better.HIGHER,
        before=Side(n=220, value=0.4, low=0.33, high=0.48),
        after=Side(n=210, value=0.52, low=0.44, high=0.6),
        clusters=12,
        difference=Contrast(value=0.12, se=None, low=0.03, high=0.21),
        ratio=Contrast(value=1.3, se=None, low=1.0, high=1.7),
        size=Contrast(value=0.24, se=None, low=0.05, high=0.45),
        verdict=verdict,
    )
    return replace(figure, **changes)  # type: ignore[arg-type]  # fields of the dataclass


def make_hidden_panel_figure(indicator_id: str) -> PanelFigure:
    """Give an indicator of a pair of which nothing may be shown."""
    return make_panel_figure(
        indicator_id, before=None, after=None, clusters=None, difference=None, ratio=None, size=None, verdict=None,
        reason=Reason.FEW_ANSWERS,
    )  # fmt: skip


def make_released_pair(*figures: PanelFigure, found: int | None = None, **changes: object) -> ReleasedPair:
    """Give a before and after of twelve classes."""
    panel = Panel(
        pair_id=UUID(int=9),
        name="Unplugged, classi prime",
        school_year=2026,
        is_linked=found is not None,
        answers=(220, 210),
        found=found,
        figures=figures or (make_panel_figure(), make_hidden_panel_figure("M02")),
        policy="2026.1",
        published_on=date(2027, 5, 25),
    )
    pair = ReleasedPair(
        panel=panel,
        before_from=date(2027, 2, 3),
        before_until=date(2027, 2, 14),
        after_from=date(2027, 5, 12),
        after_until=date(2027, 5, 23),
        questionnaires=("workshop-before 2026.1", "workshop-after 2026.1"),
        classes=12,
        difference=0.151,
        size=0.38,
    )
    return replace(pair, **changes)  # type: ignore[arg-type]  # fields of the dataclass


def make_act(**changes: object) -> ActInForce:
    """Give the second version of an impact assessment, in force since September."""
    act = ActInForce(
        kind=ActKind.IMPACT_ASSESSMENT,
        title="Rilevazione tra gli studenti",
        version=2,
        starts_on=date(2026, 9, 1),
        ends_on=None,
        controller="Ufficio scolastico",
        partner="",
    )
    return replace(act, **changes)  # type: ignore[arg-type]  # fields of the dataclass


def make_chapters(
    programmes: Sequence[ProgrammeActivity],
    *,
    before: tuple[ActivityTotals, Sequence[ProgrammeActivity]],
    history: Sequence[PublishedTable] = (),
) -> Chapters:
    """Give the chapters of a full year: money for the first programme, stages for it too, one earlier year."""
    first = programmes[0]
    return Chapters(
        details=tuple(make_details(one) for one in programmes),
        groups=(
            make_group(Dimension.TRACK, "liceo", "0.35"),
            make_group(
                Dimension.TRACK, "tecnico", "0.62",
                hours_per_pupil=HoursPerPupil(least=Decimal("0.61"), most=Decimal("0.63")),
            ),
            make_group(Dimension.GRADE, "secondo_grado-1", "1.20", name="1"),
            make_group(Dimension.GRADE, "secondo_grado-2", None, name="2"),
            make_group(Dimension.PLANNING_AREA, "Ambito di Crema", "0.44"),
            make_group(Dimension.PLANNING_AREA, "", None),
        ),
        earlier=(
            EarlierYear(school_year=2025, totals=before[0], municipalities_reached=5, programmes=tuple(before[1])),
        ),
        breaks=(
            BrokenOff(
                kind=BreakKind.SCHOOL, name=Localised(it="SCUOLA MEDIA N. 4"), place="Casalmaggiore", before=(6, 5),
                now=0,
            ),
            BrokenOff(
                kind=BreakKind.GRADE, name=Localised(it="secondo_grado-3"), place="", before=(8, 0), now=2
            ),
        ),
        seen=(Seen(programme=first.programme, observed=7, items=("interest", "climate"), good=(6, 5)),),
        stages=tuple(make_stages(one, written=one is first) for one in programmes),
        funding=(
            make_funding(first, 12_500),
            make_funding(None, 6_000, purpose=""),
            make_funding(first, 9_000, school_year=2025),
        ),
        waves=(
            WaveFacts(
                wave_id=WAVE, opened_on=date(2027, 4, 12), closed_on=date(2027, 5, 7), absent=24, refused=8, disturbed=1
            ),
        ),
        acts=(make_act(), make_act(title="Vecchio atto", version=1, ends_on=date(2027, 4, 11))),
        histories=(History(wave_id=WAVE, tables=tuple(history), left_out=()),),
        wishes=(Wish(indicator_id="I02", better=Better.LOWER), Wish(indicator_id="I41", better=Better.HIGHER)),
        beside=(make_beside(),),
        pairs=(make_released_pair(),),
        policy=PolicyFacts(
            version="2026.1", answers=10, answers_school=20, classes=2, small_number=5, small_group=50,
            recovery_values=5,
        ),
    )  # fmt: skip
