"""What the longer chapters of a year say, built by hand, without a database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

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
from prevention.delivery.rules import LedBy, Reason
from prevention.network.rules import OrganisationKind
from prevention.programmes.quality_rules import Stage, StageState
from prevention.reports.chapters.values import (
    BrokenOff,
    Chapters,
    EarlierYear,
    Funding,
    ProgrammeStages,
    Seen,
    StageAt,
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
        not_held=(ReasonCount(reason=Reason.CLASS_AWAY, meetings=programme.meetings_not_held),),
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


def make_chapters(
    programmes: Sequence[ProgrammeActivity], *, before: tuple[ActivityTotals, Sequence[ProgrammeActivity]]
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
    )  # fmt: skip
