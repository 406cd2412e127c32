"""The sums behind `year_activity`: rows as plain values in, counts out. Pure, so that they can be checked by hand."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from prevention.core.i18n import Localised
from prevention.delivery.coverage.details import ProgrammeDetails, details_of
from prevention.delivery.coverage.groups import ClassRow, Groups, MissedClasses, YearRows, missed_classes
from prevention.delivery.coverage.values import (
    ActivityTotals,
    EquityGap,
    MunicipalityCoverage,
    ProgrammeActivity,
    SchoolCoverage,
    YearActivity,
)
from prevention.delivery.rules import LedBy, Outcome, Reason
from prevention.programmes.rules import EvidenceClass
from prevention.schools.rules import Level, Track

_HUNDREDTH = Decimal("0.01")
# P03 asks for programmes with rated evidence; "more studies" and "unlikely or harmful" are ratings, but no support.
RATED = frozenset({EvidenceClass.BENEFICIAL, EvidenceClass.LIKELY_BENEFICIAL, EvidenceClass.POSSIBLY_BENEFICIAL})


# What no later date changes any more.
_SETTLED = frozenset({Outcome.HELD, Outcome.NOT_HELD})
# A programme's id and a class's id.
_ClassInProgramme = tuple[uuid.UUID, uuid.UUID]


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgrammeRow:
    """A programme with at least one booking in the year; `meetings` is how many make the whole programme."""

    id: uuid.UUID
    name: Localised
    slug: str
    evidence_class: EvidenceClass
    meetings: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteRow:
    """A site that was open in the year, or has a booking in it; `classes` are those entered for the year.

    `enrolled` adds up the codes of the site whose pupils are known, `low` counts those with "<=3"; `is_low` says that
    there are only such.
    """

    id: uuid.UUID
    code: str
    name: str
    institute: str
    level: Level
    track: Track | None
    municipality: str
    istat_code: str
    classes: int
    enrolled: int | None
    is_low: bool
    low: int = 0
    institute_code: str = ""
    planning_area: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MeetingRow:
    """A booked meeting that was not cancelled, with its register if there is one.

    `outcome` is None when no register speaks of the meeting as it is dated now: there is none, or it says "moved" and
    the meeting got its new date. `day` is the meeting's day in Rome, `activities` how many the manual has for it,
    `minutes_planned` how long it asks for. `reason` is why it was moved or not held; `is_adapted` says that whoever led
    it noted something done otherwise than in the manual.
    """

    booking_id: uuid.UUID
    programme_id: uuid.UUID
    class_id: uuid.UUID
    site_id: uuid.UUID
    number: int
    day: date
    activities: int
    outcome: Outcome | None = None
    minutes: int = 0
    present: int = 0
    expected: int = 0
    activities_recorded: int = 0
    activities_full: int = 0
    grade: int = 0
    activities_part: int = 0
    minutes_planned: int = 0
    is_adapted: bool = False
    reason: Reason | None = None
    led_by: LedBy | None = None

    @property
    def is_held(self) -> bool:
        """Say whether the register says that it was held."""
        return self.outcome is Outcome.HELD


def tally(
    *,
    school_year: int,
    as_of: date,
    enrolment_year: int | None,
    programmes: Sequence[ProgrammeRow],
    sites: Sequence[SiteRow],
    meetings: Iterable[MeetingRow],
) -> YearActivity:
    """Add a school year up. Meetings at sites that are not in `sites` are left out everywhere."""
    known = {site.id for site in sites}
    counted = [row for row in meetings if row.site_id in known]
    completed = _completed(counted, whole={programme.id: programme.meetings for programme in programmes})
    by_programme: dict[uuid.UUID, list[MeetingRow]] = defaultdict(list)
    by_site: dict[uuid.UUID, list[MeetingRow]] = defaultdict(list)
    for row in counted:
        by_programme[row.programme_id].append(row)
        by_site[row.site_id].append(row)

    active = [programme for programme in programmes if by_programme[programme.id]]
    activities = tuple(_programme(row, by_programme[row.id], completed, as_of=as_of) for row in active)
    schools = tuple(_school(site, by_site[site.id], completed) for site in sites)
    municipalities = _municipalities(schools)
    rated = {programme.id for programme in active if programme.evidence_class in RATED}
    return YearActivity(
        school_year=school_year,
        as_of=as_of,
        enrolment_year=enrolment_year,
        programmes=activities,
        schools=schools,
        municipalities=municipalities,
        equity=_equity(schools, municipalities),
        totals=_totals(activities, schools, pupil_hours_rated=_hours([r for r in counted if r.programme_id in rated])),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class YearDetails:
    """A school year added up, and what only its pages show: the year by every dimension, the classes never reached.

    Kept apart from `YearActivity`, which reports freeze as it is. `programmes` are those of the activity, in its order.
    """

    activity: YearActivity
    programmes: tuple[ProgrammeDetails, ...]
    groups: Groups
    never_reached_classes: tuple[MissedClasses, ...]


def tally_details(
    *,
    school_year: int,
    as_of: date,
    enrolment_year: int | None,
    programmes: Sequence[ProgrammeRow],
    sites: Sequence[SiteRow],
    meetings: Sequence[MeetingRow],
    classes: Sequence[ClassRow],
) -> YearDetails:
    """Add a school year up with its details. Meetings and classes at sites not in `sites` are left out everywhere."""
    known = {site.id for site in sites}
    counted = [row for row in meetings if row.site_id in known]
    completed = _completed(counted, whole={programme.id: programme.meetings for programme in programmes})
    rows = YearRows(
        sites=sites,
        classes=[row for row in classes if row.site_id in known],
        meetings=counted,
        completed=frozenset(class_id for _programme_id, class_id in completed),
        rated=frozenset(programme.id for programme in programmes if programme.evidence_class in RATED),
    )
    activity = tally(
        school_year=school_year,
        as_of=as_of,
        enrolment_year=enrolment_year,
        programmes=programmes,
        sites=sites,
        meetings=meetings,
    )
    slugs = {programme.id: programme.slug for programme in programmes}
    by_slug: dict[str, list[MeetingRow]] = defaultdict(list)
    for row in counted:
        by_slug[slugs[row.programme_id]].append(row)
    return YearDetails(
        activity=activity,
        programmes=tuple(details_of(one.slug, by_slug[one.slug]) for one in activity.programmes),
        groups=Groups(rows),
        never_reached_classes=missed_classes(rows),
    )


def _completed(rows: Iterable[MeetingRow], *, whole: Mapping[uuid.UUID, int]) -> frozenset[_ClassInProgramme]:
    """Find the classes whose booking had all its meetings held, and no fewer than make the whole programme."""
    planned: dict[tuple[_ClassInProgramme, uuid.UUID], set[int]] = defaultdict(set)
    held: dict[tuple[_ClassInProgramme, uuid.UUID], set[int]] = defaultdict(set)
    for row in rows:
        key = ((row.programme_id, row.class_id), row.booking_id)
        planned[key].add(row.number)
        if row.is_held:
            held[key].add(row.number)
    return frozenset(
        key[0] for key, numbers in planned.items() if numbers <= held[key] and len(numbers) >= whole.get(key[0][0], 1)
    )


def _programme(
    programme: ProgrammeRow,
    rows: Sequence[MeetingRow],
    completed: frozenset[_ClassInProgramme],
    *,
    as_of: date,
) -> ProgrammeActivity:
    held = [row for row in rows if row.is_held]
    due = [row for row in rows if row.day < as_of or row.outcome is not None]
    return ProgrammeActivity(
        programme=programme.name,
        slug=programme.slug,
        evidence_class=programme.evidence_class,
        classes=len({row.class_id for row in rows}),
        classes_reached=len({row.class_id for row in held}),
        classes_completed=sum(1 for programme_id, _ in completed if programme_id == programme.id),
        meetings_planned=len(rows),
        meetings_due=len(due),
        meetings_held=len(held),
        meetings_not_held=sum(row.outcome is Outcome.NOT_HELD for row in rows),
        meetings_moved=sum(row.outcome is Outcome.MOVED for row in rows),
        registers_missing=sum(row.outcome is None for row in due),
        minutes_held=sum(row.minutes for row in held),
        pupils_present=sum(row.present for row in held),
        pupils_expected=sum(row.expected for row in held),
        pupil_hours=_hours(held),
        activities_planned=sum(row.activities for row in rows if row.outcome in _SETTLED),
        activities_recorded=sum(row.activities_recorded for row in held),
        activities_full=sum(row.activities_full for row in held),
    )


def _school(site: SiteRow, rows: Sequence[MeetingRow], completed: frozenset[_ClassInProgramme]) -> SchoolCoverage:
    held = [row for row in rows if row.is_held]
    booked = {row.class_id for row in rows}
    whole = {class_id for _, class_id in completed}
    most_present: dict[uuid.UUID, int] = defaultdict(int)
    for row in held:
        most_present[row.class_id] = max(most_present[row.class_id], row.present)
    hours = _hours(held)
    return SchoolCoverage(
        code=site.code,
        name=site.name,
        institute=site.institute,
        level=site.level,
        track=site.track,
        municipality=site.municipality,
        istat_code=site.istat_code,
        classes=site.classes,
        classes_booked=len(booked),
        classes_reached=len(most_present),
        classes_completed=len(booked & whole),
        pupils_enrolled=site.enrolled,
        is_enrolment_low=site.is_low,
        pupils_reached=sum(most_present.values()),
        pupil_hours=hours,
        hours_per_pupil=_per_pupil(hours, site.enrolled),
    )


def _municipalities(schools: Sequence[SchoolCoverage]) -> tuple[MunicipalityCoverage, ...]:
    by_code: dict[str, list[SchoolCoverage]] = defaultdict(list)
    for school in schools:
        by_code[school.istat_code].append(school)
    return tuple(
        MunicipalityCoverage(
            istat_code=code,
            name=members[0].municipality,
            sites=len(members),
            sites_reached=sum(school.is_reached for school in members),
            sites_unknown=sum(school.pupils_enrolled is None for school in members),
            classes_reached=sum(school.classes_reached for school in members),
            pupils_enrolled=_enrolled(members),
            pupils_reached=sum(school.pupils_reached for school in members),
            pupil_hours=sum((school.pupil_hours for school in members), Decimal(0)),
            hours_per_pupil=_mean_hours(members),
        )
        for code, members in sorted(by_code.items(), key=lambda item: item[1][0].municipality)
    )


def _equity(schools: Sequence[SchoolCoverage], municipalities: Sequence[MunicipalityCoverage]) -> tuple[EquityGap, ...]:
    tracks = [_mean_hours([school for school in schools if school.track is track]) for track in Track]
    dimensions = {
        "site": [school.hours_per_pupil for school in schools],
        "municipality": [municipality.hours_per_pupil for municipality in municipalities],
        "track": tracks,
    }
    gaps = []
    for dimension, values in dimensions.items():
        known = [value for value in values if value is not None]
        if len(known) > 1:
            gaps.append(EquityGap(dimension=dimension, groups=len(known), lowest=min(known), highest=max(known)))
    return tuple(gaps)


def _totals(
    programmes: Sequence[ProgrammeActivity], schools: Sequence[SchoolCoverage], *, pupil_hours_rated: Decimal
) -> ActivityTotals:
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
        meetings_planned=sum(programme.meetings_planned for programme in programmes),
        meetings_due=sum(programme.meetings_due for programme in programmes),
        meetings_held=sum(programme.meetings_held for programme in programmes),
        meetings_not_held=sum(programme.meetings_not_held for programme in programmes),
        meetings_moved=sum(programme.meetings_moved for programme in programmes),
        registers_missing=sum(programme.registers_missing for programme in programmes),
        minutes_held=sum(programme.minutes_held for programme in programmes),
        pupils_present=sum(programme.pupils_present for programme in programmes),
        pupils_expected=sum(programme.pupils_expected for programme in programmes),
        pupils_enrolled=_enrolled(schools),
        pupils_reached=sum(school.pupils_reached for school in schools),
        pupil_hours=sum((school.pupil_hours for school in schools), Decimal(0)),
        pupil_hours_rated=pupil_hours_rated,
        hours_per_pupil=_mean_hours(schools),
        activities_planned=sum(programme.activities_planned for programme in programmes),
        activities_recorded=sum(programme.activities_recorded for programme in programmes),
        activities_full=sum(programme.activities_full for programme in programmes),
    )


def _hours(rows: Iterable[MeetingRow]) -> Decimal:
    """Give the pupil-hours of the held meetings among `rows`."""
    return Decimal(sum(row.minutes * row.present for row in rows if row.is_held)) / 60


def _enrolled(schools: Iterable[SchoolCoverage]) -> int | None:
    known = [school.pupils_enrolled for school in schools if school.pupils_enrolled is not None]
    return sum(known) if known else None


def _mean_hours(schools: Iterable[SchoolCoverage]) -> Decimal | None:
    known = [school for school in schools if school.pupils_enrolled]
    return _per_pupil(sum((school.pupil_hours for school in known), Decimal(0)), _enrolled(known))


def _per_pupil(hours: Decimal, pupils: int | None) -> Decimal | None:
    return (hours / pupils).quantize(_HUNDREDTH, ROUND_HALF_UP) if pupils else None
