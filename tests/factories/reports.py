"""Figures of a whole year, built by hand: what a report is made from, without a database. And runs, with one."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from prevention.core import clock
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.delivery.coverage import (
    ActivityTotals,
    EquityGap,
    GroupCoverage,
    MunicipalityCoverage,
    ProgrammeActivity,
    SchoolCoverage,
    YearActivity,
)
from prevention.delivery.coverage import Dimension as Grouping
from prevention.delivery.coverage.groups import hours_per_pupil
from prevention.indicators.ledger import CleaningCount
from prevention.indicators.published import (
    Audience,
    Dimension,
    Measure,
    PublishedCell,
    PublishedTable,
    Reason,
)
from prevention.indicators.service import SealedManifest
from prevention.network.boundaries.shapes import Place, Territory
from prevention.network.help_file import read_help_services
from prevention.programmes.rules import EvidenceClass
from prevention.reports.edition_rules import BuildState, EditionState
from prevention.reports.figures import (
    GroupName,
    ProgrammeEvidence,
    YearBefore,
    YearFigures,
)
from prevention.reports.models import ReportEdition, ReportPaper, ReportRun
from prevention.reports.papers import Kind
from prevention.reports.rules import RunStatus, Step
from prevention.schools.rules import Level, Track
from tests.factories.chapters import WAVE, make_chapters

AS_OF = date(2027, 6, 30)
LAST_WAVE = uuid.UUID(int=6)

TOWNS = ("Cremona", "Crema", "Casalmaggiore", "Soresina", "Castelleone", "Pandino", "Soncino", "Offanengo")


def text(italian: str, english: str) -> Localised:
    """Give a text in both languages."""
    return Localised({"it": italian, "en": english})


def make_programme_activity(slug: str = "unplugged", *, classes: int = 20) -> ProgrammeActivity:
    """Give a programme whose classes had two thirds of their meetings."""
    names = {
        "unplugged": text("Unplugged", "Unplugged"),
        "lifeskills-training-1": text(
            "LifeSkills Training Lombardia – primo anno", "LifeSkills Training Lombardy – first year"
        ),
        "talk": text("Incontro con un operatore del SerD", "A talk by an addiction service worker"),
    }
    planned = classes * 12
    held = planned * 2 // 3
    return ProgrammeActivity(
        programme=names[slug],
        slug=slug,
        evidence_class=EvidenceClass.LIKELY_BENEFICIAL if slug == "unplugged" else EvidenceClass.NOT_RATED,
        classes=classes,
        classes_reached=classes - 1,
        classes_completed=classes // 2,
        meetings_planned=planned,
        meetings_due=planned - 5,
        meetings_held=held,
        meetings_not_held=4,
        meetings_moved=3,
        registers_missing=planned - 5 - held - 4,
        minutes_held=held * 60,
        pupils_present=held * 19,
        pupils_expected=held * 21,
        pupil_hours=Decimal(held * 19),
        activities_planned=held * 3,
        activities_recorded=held * 3,
        activities_full=held * 2 + 7,
    )


def make_school(number: int, *, is_reached: bool = True, **changes: object) -> SchoolCoverage:
    """Give school number `number`; every third one teaches upper secondary pupils."""
    is_upper = number % 3 == 0
    hours = Decimal(300 + (number * 97) % 900) if is_reached else Decimal(0)
    pupils = 180 + (number * 53) % 500
    school = SchoolCoverage(
        code=f"CRMM8{number:05d}",
        name=f"ISTITUTO D'ISTRUZIONE SUPERIORE N. {number}" if is_upper else f"SCUOLA MEDIA N. {number}",
        institute=f"ISTITUTO COMPRENSIVO {number // 3}",
        level=Level.SECONDO_GRADO if is_upper else Level.PRIMO_GRADO,
        track=Track.LICEO if is_upper else None,
        municipality=TOWNS[number % len(TOWNS)],
        istat_code=f"0190{number % len(TOWNS):02d}",
        classes=12,
        classes_booked=6 if is_reached else 0,
        classes_reached=5 if is_reached else 0,
        classes_completed=3 if is_reached else 0,
        pupils_enrolled=pupils,
        is_enrolment_low=False,
        pupils_reached=95 if is_reached else 0,
        pupil_hours=hours,
        hours_per_pupil=(hours / pupils).quantize(Decimal("0.01")),
    )
    return replace(school, **changes)  # type: ignore[arg-type]  # fields of the dataclass


def make_activity(
    *,
    programmes: Sequence[ProgrammeActivity],
    schools: Sequence[SchoolCoverage],
    school_year: int = 2026,
    as_of: date = AS_OF,
) -> YearActivity:
    """Give a year's activity; totals and municipalities are added up here, apart from the code under test."""
    towns = sorted({(school.municipality, school.istat_code) for school in schools})
    return YearActivity(
        school_year=school_year,
        as_of=as_of,
        enrolment_year=2025 if schools else None,
        programmes=tuple(programmes),
        schools=tuple(schools),
        municipalities=tuple(
            _town(name, code, [school for school in schools if school.istat_code == code]) for name, code in towns
        ),
        equity=(
            EquityGap(dimension="site", groups=8, lowest=Decimal("0.00"), highest=Decimal("4.20")),
            EquityGap(dimension="track", groups=3, lowest=Decimal("0.80"), highest=Decimal("2.35")),
        )
        if schools
        else (),
        totals=_totals(programmes, schools),
    )


def _town(name: str, code: str, schools: Sequence[SchoolCoverage]) -> MunicipalityCoverage:
    enrolled = sum(school.pupils_enrolled or 0 for school in schools) or None
    hours = sum((school.pupil_hours for school in schools), Decimal(0))
    return MunicipalityCoverage(
        istat_code=code,
        name=name,
        sites=len(schools),
        sites_reached=sum(school.is_reached for school in schools),
        sites_unknown=sum(school.pupils_enrolled is None for school in schools),
        classes_reached=sum(school.classes_reached for school in schools),
        pupils_enrolled=enrolled,
        pupils_reached=sum(school.pupils_reached for school in schools),
        pupil_hours=hours,
        hours_per_pupil=(hours / enrolled).quantize(Decimal("0.01")) if enrolled else None,
    )


def _totals(programmes: Sequence[ProgrammeActivity], schools: Sequence[SchoolCoverage]) -> ActivityTotals:
    enrolled = sum(school.pupils_enrolled or 0 for school in schools) or None
    hours = sum((one.pupil_hours for one in programmes), Decimal(0))
    summed = {
        field: sum(getattr(one, field) for one in programmes)
        for field in (
            "meetings_planned", "meetings_due", "meetings_held", "meetings_not_held", "meetings_moved",
            "registers_missing", "minutes_held", "pupils_present", "pupils_expected", "activities_planned",
            "activities_recorded", "activities_full",
        )
    }  # fmt: skip
    return ActivityTotals(
        programmes=len(programmes),
        sites=len(schools),
        sites_reached=sum(school.is_reached for school in schools),
        sites_low=sum(school.is_enrolment_low for school in schools),
        sites_unknown=sum(school.pupils_enrolled is None and not school.is_enrolment_low for school in schools),
        classes=sum(school.classes for school in schools),
        classes_booked=sum(school.classes_booked for school in schools),
        classes_reached=sum(school.classes_reached for school in schools),
        classes_completed=sum(school.classes_completed for school in schools),
        pupils_enrolled=enrolled,
        pupils_reached=sum(school.pupils_reached for school in schools),
        pupil_hours=hours,
        pupil_hours_rated=hours / 2,
        hours_per_pupil=(hours / enrolled).quantize(Decimal("0.01")) if enrolled else None,
        **summed,
    )


def make_territory(*, towns: Sequence[str] = TOWNS, areas: Sequence[str] = ()) -> Territory:
    """Give the towns as squares in rows of four, and a village without a school; planning areas in turn."""
    names = (*towns, "Villaggio")
    return Territory(
        places=tuple(
            Place(
                istat_code=f"0190{number:02d}",
                name=name,
                planning_area=areas[number % len(areas)] if areas and number < len(towns) else "",
                path=f"M{8 + number % 4 * 317} {8 + number // 4 * 250}h317v250h-317z",
                x=166 + number % 4 * 317,
                y=133 + number // 4 * 250,
            )
            for number, name in enumerate(names)
        ),
        width=1284,
        height=250 * ((len(names) + 3) // 4) + 16,
        sources=("ISTAT, CC BY 4.0",),
    )


def make_area(name: str, schools: Sequence[SchoolCoverage]) -> GroupCoverage:
    """Add the schools of a planning area up."""
    enrolled = sum(school.pupils_enrolled or 0 for school in schools)
    hours = sum((school.pupil_hours for school in schools), Decimal(0))
    return GroupCoverage(
        dimension=Grouping.PLANNING_AREA, key=name, name=name, sites=len(schools),
        sites_reached=sum(school.is_reached for school in schools), sites_low=0, sites_unknown=0,
        classes=sum(school.classes for school in schools),
        classes_reached=sum(school.classes_reached for school in schools),
        classes_completed=sum(school.classes_completed for school in schools),
        pupils_enrolled=enrolled or None, pupils_reached=sum(school.pupils_reached for school in schools),
        pupil_hours=hours, pupil_hours_rated=hours, activities_planned=12, activities_full=9,
        hours_per_pupil=hours_per_pupil(hours, known=enrolled, low=0),
    )  # fmt: skip


def make_cell(domain: str = "all", *, share: float | None = 0.18, half: float = 0.04) -> PublishedCell:
    """Give a shown cell with an interval of `half` on either side; None as share gives a hidden cell."""
    labels = {
        "all": text("Tutti", "All"),
        "female": text("Femmine", "Girls"),
        "male": text("Maschi", "Boys"),
        **{f"primo_grado-{grade}": text(f"{grade}ª media", f"Lower, grade {grade}") for grade in range(1, 4)},
        **{f"secondo_grado-{grade}": text(f"{grade}ª superiore", f"Upper, grade {grade}") for grade in range(1, 6)},
    }
    if share is None:
        return PublishedCell(
            domain=domain, label=labels[domain], n_valid=None, share=None, low=None, high=None, shown=False,
            reason=Reason.FEW_ANSWERS,
        )  # fmt: skip
    return PublishedCell(
        domain=domain,
        label=labels[domain],
        n_valid=412 if domain == "all" else 96,
        share=share,
        low=max(share - half, 0.0),
        high=min(share + half, 1.0),
        shown=True,
    )


def make_table(
    indicator_id: str = "I02",
    *,
    name: Localised | None = None,
    group: str = "tobacco",
    cells: Sequence[PublishedCell] = (),
    **changes: object,
) -> PublishedTable:
    """Give a table over all pupils of the wave of 2026/27, unless `cells` and `changes` say otherwise."""
    name = name or text("Sigarette negli ultimi 30 giorni", "Cigarettes in the last 30 days")
    table = PublishedTable(
        id=uuid.uuid5(WAVE, f"{indicator_id}-{changes}"),
        wave_id=WAVE,
        indicator_id=indicator_id,
        name=name,
        definition=name,
        group=group,
        measure=Measure.PERCENT,
        scale=(0.0, 1.0),
        school_year=2026,
        wave_name="Rilevazione provinciale 2026/27",
        dimension=Dimension.ALL,
        audience=Audience.DISTRICT,
        cells=tuple(cells) or (make_cell(),),
        classes=24,
        schools=9,
        missing=0.03,
        wording="w1",
        policy="2026.1",
        sealed_on=date(2027, 5, 20),
    )
    return replace(table, **changes)  # type: ignore[arg-type]  # fields of the dataclass


def make_survey(**changes: object) -> SealedManifest:
    """Give a survey of 24 classes with 412 kept answers."""
    survey = SealedManifest(
        wave_id=WAVE,
        wave_name="Rilevazione provinciale 2026/27",
        school_year=2026,
        sealed_on=date(2027, 5, 20),
        sha256="ab" * 32,
        questionnaire="core 2026.1",
        classes=24,
        schools=9,
        reported=24,
        enrolled=520,
        present=488,
        answers=430,
        kept=412,
        cleaning=(
            CleaningCount(
                rule="dummy", name=text("Usa una sostanza inventata", "Uses a made-up drug"), is_on=True, found=7,
                discarded=7,
            ),
            CleaningCount(
                rule="seen", name=text("Qualcuno poteva vedere", "Somebody could see"), is_on=False, found=31,
                discarded=0,
            ),
        ),
        left_out=(text("Benessere buono", "Good wellbeing"),),
        method=text("Linearizzazione di Taylor, scala logit.", "Taylor linearisation, logit scale."),
        policy="2026.1",
    )  # fmt: skip
    return replace(survey, **changes)  # type: ignore[arg-type]  # fields of the dataclass


def make_figures(**changes: object) -> YearFigures:
    """Give a full year: three programmes, twelve schools, one survey with last year's beside it."""
    programmes = [
        make_programme_activity("unplugged", classes=24),
        make_programme_activity("lifeskills-training-1", classes=12),
        make_programme_activity("talk", classes=3),
    ]
    schools = [make_school(number, is_reached=number % 4 != 0) for number in range(1, 13)]
    activity = make_activity(programmes=programmes, schools=schools)
    before = make_activity(
        programmes=[make_programme_activity("unplugged", classes=18)], schools=schools[:8], school_year=2025
    )
    figures = YearFigures(
        school_year=2026,
        as_of=AS_OF,
        district="Cremona",
        is_demo=True,
        activity=activity,
        before=YearBefore(school_year=2025, totals=before.totals, programmes=before.programmes),
        programmes=tuple(_evidence(one) for one in programmes),
        surveys=(make_survey(),),
        tables=make_tables(),
        tables_before=make_tables(is_last_year=True),
        groups=(
            GroupName(key="tobacco", name=text("Tabacco e svapo", "Tobacco and vaping")),
            GroupName(key="alcohol", name=text("Alcol", "Alcohol")),
            GroupName(key="norms", name=text("Quanto si sovrastimano i coetanei", "How much peers are overestimated")),
            GroupName(key="protective", name=text("Fattori protettivi", "Protective factors")),
        ),
        help_lines=read_help_services(),
        chapters=make_chapters(
            programmes,
            before=(before.totals, before.programmes),
            history=[one for one in make_tables(is_last_year=True) if one.dimension is Dimension.ALL],
        ),
    )
    return replace(figures, **changes)  # type: ignore[arg-type]  # fields of the dataclass


def _evidence(programme: ProgrammeActivity) -> ProgrammeEvidence:
    return ProgrammeEvidence(
        slug=programme.slug,
        name=programme.programme,
        delivered_by=text("Insegnanti formati dall'ATS", "Teachers trained by the health authority"),
        meetings=12,
        minutes=720,
        evidence_class=programme.evidence_class,
        note=text(
            "Studiato in una prova controllata europea; l'effetto sull'uso di cannabis è durato un anno.",
            "Studied in a European controlled trial; the effect on cannabis use lasted one year.",
        ),
        source="https://www.dors.epitest.it/page.php?idarticolo=435",
    )


INDICATORS = (
    ("I01", "tobacco", "Sigarette nella vita", "Cigarettes, lifetime", 0.38),
    ("I02", "tobacco", "Sigarette negli ultimi 30 giorni", "Cigarettes in the last 30 days", 0.18),
    ("I05", "tobacco", "Sigaretta elettronica negli ultimi 30 giorni", "E-cigarettes in the last 30 days", 0.24),
    ("I11", "alcohol", "Alcol negli ultimi 30 giorni", "Alcohol in the last 30 days", 0.47),
    ("I12", "alcohol", "Cinque o più bevande in una sola occasione, ultimi 30 giorni", "Five or more drinks", 0.21),
    ("I41", "protective", "Conosce almeno un servizio di aiuto del territorio", "Knows a local service", 0.62),
)  # fmt: skip


def make_tables(*, is_last_year: bool = False, grades: int = 5) -> tuple[PublishedTable, ...]:
    """Give six indicators over all pupils, by sex and by 5 or 8 grades, and one difference in points."""
    domains = [f"primo_grado-{grade}" for grade in range(1, grades - 4)]
    domains += [f"secondo_grado-{grade}" for grade in range(1, 6)]
    where: dict[str, object] = (
        {"wave_id": LAST_WAVE, "school_year": 2025, "wave_name": "Rilevazione provinciale 2025/26"}
        if is_last_year
        else {}
    )
    shift = 0.03 if is_last_year else 0.0
    tables = []
    for indicator_id, group, italian, english, share in INDICATORS:
        name = text(italian, english)
        by_grade = [
            make_cell(domain, share=share - 0.1 + place * 0.03 if place else None)
            for place, domain in enumerate(domains)
        ]
        sexes = [make_cell("female", share=share - 0.02, half=0.07), make_cell("male", share=share + 0.02, half=0.07)]
        for dimension, cells in (
            (Dimension.ALL, [make_cell(share=share + shift)]),
            (Dimension.SEX, sexes),
            (Dimension.GRADE, by_grade),
        ):
            tables.append(make_table(indicator_id, name=name, group=group, cells=cells, dimension=dimension, **where))
    points = replace(make_cell(share=0.21), low=0.17, high=0.25)
    norms = [replace(points, domain=domain, label=make_cell(domain).label) for domain in domains]
    norm = text("Sovrastima di chi beve", "Overestimate of drinking")
    for dimension, cells in ((Dimension.ALL, [points]), (Dimension.GRADE, norms)):
        tables.append(
            make_table(
                "I37b", name=norm, group="norms", cells=cells, dimension=dimension, measure=Measure.POINTS,
                scale=(-1.0, 1.0), **where,
            )
        )  # fmt: skip
    return tuple(tables)


def make_run(**changes: object) -> ReportRun:
    """Give a run that waits, for the report of 2026/27 in Italian."""
    values: dict[str, object] = {
        "school_year": 2026,
        "language": "it",
        "status": RunStatus.QUEUED,
        "progress": 0,
        "step": Step.WAITING,
        "attempts": 0,
        "requested_at": clock.now(),
    }
    run = ReportRun(**(values | changes))
    db.session.add(run)
    db.session.flush()
    return run


def make_report_edition(**changes: object) -> ReportEdition:
    """Give a draft for 2025/26 with one paper, made from the figures of `make_figures`."""
    values: dict[str, object] = {
        "school_year": 2025,
        "number": 1,
        "state": EditionState.DRAFT,
        "figures": make_figures(school_year=2025).to_json(),
        "collected_at": clock.now(),
        "texts": {},
        "texts_version": 1,
        "changes": {},
        "created_at": clock.now(),
        "note": "",
        "signed_name": "",
        "build": BuildState.NONE,
        "papers_wanted": 0,
        "attempts": 0,
    }
    edition = ReportEdition(**(values | changes))
    db.session.add(edition)
    db.session.flush()
    db.session.add(
        ReportPaper(
            edition_id=edition.id, kind=Kind.IMPACT, language="it", scope="", file_name="relazione.pdf",
            file_sha256="ab" * 32, file_size=8, printed=[["district.pupils", "855"]],
        )
    )  # fmt: skip
    db.session.flush()
    return edition
