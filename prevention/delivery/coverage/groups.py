"""The year by institute, track, grade and planning area: P01 to P04 for each group, and their gap (P10). Pure.

A school whose pupils the ministry hides ("<=3") has between one and three. Where such schools are in a group its hours
per pupil are not one number but an interval, from as if all were three to as if all were one; they are never counted
as none. Schools without any figure are left out on both sides, and counted beside.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from prevention.delivery.coverage.values import share_of
from prevention.delivery.rules import Outcome
from prevention.schools.rules import Level

if TYPE_CHECKING:
    from prevention.delivery.coverage.tally import MeetingRow, SiteRow

# What "<=3" may stand for, both included.
LOW_LEAST, LOW_MOST = 1, 3
_HUNDREDTH = Decimal("0.01")

Row = TypeVar("Row")


class Dimension(StrEnum):
    """What schools and classes are put together by."""

    SITE = "site"
    MUNICIPALITY = "municipality"
    INSTITUTE = "institute"
    TRACK = "track"
    GRADE = "grade"
    PLANNING_AREA = "planning_area"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassRow:
    """A class that was entered for the year, at a site of the year's schools."""

    id: uuid.UUID
    site_id: uuid.UUID
    grade: int
    label: str
    pupils: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class HoursPerPupil:
    """Hours per enrolled pupil (P02): the least and the most they can be, equal when every school is known."""

    least: Decimal
    most: Decimal

    @property
    def is_exact(self) -> bool:
        """Say whether it is one number."""
        return self.least == self.most


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassCoverage:
    """Classes with a whole programme as a share of all classes (P01): the least and the most it can be."""

    least: float
    most: float

    @property
    def is_exact(self) -> bool:
        """Say whether it is one number."""
        return self.least == self.most


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupCoverage:
    """One group of a dimension; counts as in `values`.

    `key` tells groups apart and `name` is what it is called: code and name of a site or an institute, a track, an ISTAT
    code and the municipality, "level-grade" ("primo_grado-2"), a planning area; an empty key puts together what belongs
    to none. `pupils_enrolled` adds up what is known; of a grade it is the pupils of its classes, because the ministry
    publishes none by grade. `sites_low_unentered` are those of `sites_low` that entered no class, `sites_unentered` all
    others without one: how many classes these have, nobody knows.
    """

    dimension: Dimension
    key: str
    name: str
    sites: int
    sites_reached: int
    sites_low: int
    sites_unknown: int
    classes: int
    classes_reached: int
    classes_completed: int
    pupils_enrolled: int | None
    pupils_reached: int
    pupil_hours: Decimal
    pupil_hours_rated: Decimal
    hours_per_pupil: HoursPerPupil | None
    activities_planned: int
    activities_full: int
    sites_low_unentered: int = 0
    sites_unentered: int = 0

    @property
    def class_coverage(self) -> ClassCoverage | None:
        """Classes with a whole programme, as a share of all classes of the schools that say theirs (P01).

        A school of "<=3" pupils that entered no class has one to three: no class is without pupils.
        """
        least = share_of(self.classes_completed, self.classes + self.sites_low_unentered * LOW_MOST)
        most = share_of(self.classes_completed, self.classes + self.sites_low_unentered * LOW_LEAST)
        return None if least is None or most is None else ClassCoverage(least=least, most=most)

    @property
    def rated_share(self) -> float | None:
        """Pupil-hours in programmes with rated evidence, as a share of all (P03)."""
        return share_of(self.pupil_hours_rated, self.pupil_hours)

    @property
    def fidelity(self) -> float | None:
        """Activities done in full, as a share of those planned (P04)."""
        return share_of(self.activities_full, self.activities_planned)


@dataclass(frozen=True, kw_only=True, slots=True)
class YearRows:
    """What groups are made of: the year's schools, their classes, the meetings, and what was found out about them."""

    sites: Sequence["SiteRow"]
    classes: Sequence[ClassRow]
    meetings: Sequence["MeetingRow"]
    completed: frozenset[uuid.UUID]
    rated: frozenset[uuid.UUID]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Member:
    """A part of a group: a site, or one grade of a site."""

    key: str
    name: str
    site: "SiteRow"
    enrolled: int | None
    low: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MissedClasses:
    """The classes of one school that no meeting was held for."""

    code: str
    school: str
    municipality: str
    labels: tuple[str, ...]


def hours_per_pupil(hours: Decimal, *, known: int, low: int) -> HoursPerPupil | None:
    """Divide hours by pupils of whom `known` are counted and `low` schools have one to three each; None without any."""
    least, most = known + low * LOW_LEAST, known + low * LOW_MOST
    if not least:
        return None
    return HoursPerPupil(
        least=(hours / most).quantize(_HUNDREDTH, ROUND_HALF_UP),
        most=(hours / least).quantize(_HUNDREDTH, ROUND_HALF_UP),
    )


def group(rows: YearRows, dimension: Dimension) -> tuple[GroupCoverage, ...]:
    """Put the year together by one dimension, in the order of keys; what belongs to no group comes last."""
    by_grade = dimension is Dimension.GRADE
    members = _grades(rows) if by_grade else _sites(rows, dimension)
    # A meeting belongs to the group of its site, of a grade to that of its site and grade.
    place = {(each.site.id, each.key if by_grade else ""): each.key for each in members}
    sites = {site.id: site for site in rows.sites}

    def key_of(site_id: uuid.UUID, grade: int) -> str | None:
        site = sites.get(site_id)
        if site is None:
            return None
        return place.get((site_id, _grade_key(site.level, grade) if by_grade else ""))

    by_key: dict[str, list[_Member]] = defaultdict(list)
    for member in members:
        by_key[member.key].append(member)
    meetings = _by_key(rows.meetings, lambda row: key_of(row.site_id, row.grade))
    classes = _by_key(rows.classes, lambda row: key_of(row.site_id, row.grade))
    return tuple(
        _group(dimension, by_key[key], classes[key], meetings[key], rows)
        for key in sorted(by_key, key=lambda key: (key == "", key))
    )


class Groups(Mapping[Dimension, tuple[GroupCoverage, ...]]):
    """A year's groups by dimension, each put together when it is first asked for: a page shows one of them."""

    def __init__(self, rows: YearRows) -> None:
        self._rows = rows
        self._made: dict[Dimension, tuple[GroupCoverage, ...]] = {}

    def __getitem__(self, dimension: Dimension) -> tuple[GroupCoverage, ...]:
        """Give the groups of a dimension."""
        if dimension not in self._made:
            self._made[dimension] = group(self._rows, dimension)
        return self._made[dimension]

    def __iter__(self) -> Iterator[Dimension]:
        """Go through the dimensions."""
        return iter(Dimension)

    def __len__(self) -> int:
        """Count the dimensions."""
        return len(Dimension)


def _by_key(rows: Iterable[Row], key_of: Callable[[Row], str | None]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        key = key_of(row)
        if key is not None:
            found[key].append(row)
    return found


def _sites(rows: YearRows, dimension: Dimension) -> list[_Member]:
    keys: Mapping[Dimension, Callable[[SiteRow], tuple[str, str]]] = {
        Dimension.SITE: lambda site: (site.code, site.name),
        Dimension.MUNICIPALITY: lambda site: (site.istat_code, site.municipality),
        Dimension.INSTITUTE: lambda site: (site.institute_code or site.institute, site.institute),
        Dimension.TRACK: lambda site: (str(site.track or ""), str(site.track or "")),
        Dimension.PLANNING_AREA: lambda site: (site.planning_area or "", site.planning_area or ""),
    }
    chosen = [site for site in rows.sites if dimension is not Dimension.TRACK or site.level is Level.SECONDO_GRADO]
    return [
        _Member(key=key, name=name, site=site, enrolled=site.enrolled, low=site.low or int(site.is_low))
        for site in chosen
        for key, name in (keys[dimension](site),)
    ]


def _grades(rows: YearRows) -> list[_Member]:
    sites = {site.id: site for site in rows.sites}
    classes: dict[tuple[uuid.UUID, int], list[ClassRow]] = defaultdict(list)
    for row in rows.classes:
        if row.site_id in sites:
            classes[row.site_id, row.grade].append(row)
    return [
        _Member(
            key=_grade_key(sites[site_id].level, grade),
            name=str(grade),
            site=sites[site_id],
            enrolled=None if any(row.pupils is None for row in of_grade) else sum(row.pupils or 0 for row in of_grade),
            low=0,
        )
        for (site_id, grade), of_grade in classes.items()
    ]


def _grade_key(level: Level, grade: int) -> str:
    return f"{level}-{grade}"


def _group(
    dimension: Dimension,
    members: Sequence[_Member],
    classes: Sequence[ClassRow],
    meetings: Sequence["MeetingRow"],
    rows: YearRows,
) -> GroupCoverage:
    held = [row for row in meetings if row.is_held]
    most_present: dict[uuid.UUID, int] = defaultdict(int)
    for row in held:
        most_present[row.class_id] = max(most_present[row.class_id], row.present)
    with_figure = {each.site.id for each in members if each.enrolled is not None or each.low}
    known = [each.enrolled for each in members if each.enrolled is not None]
    countable = [row for row in held if row.site_id in with_figure]
    settled = [row for row in meetings if row.outcome in (Outcome.HELD, Outcome.NOT_HELD)]
    return GroupCoverage(
        dimension=dimension,
        key=members[0].key,
        name=members[0].name,
        sites=len({each.site.id for each in members}),
        sites_reached=len({row.site_id for row in held}),
        sites_low=sum(bool(each.low) for each in members),
        sites_unknown=sum(each.enrolled is None and not each.low for each in members),
        classes=len(classes) if classes else sum(each.site.classes for each in members),
        classes_reached=len(most_present),
        classes_completed=len({row.class_id for row in meetings} & rows.completed),
        pupils_enrolled=sum(known) if known else None,
        pupils_reached=sum(most_present.values()),
        pupil_hours=_hours(held),
        pupil_hours_rated=_hours(row for row in held if row.programme_id in rows.rated),
        hours_per_pupil=hours_per_pupil(_hours(countable), known=sum(known), low=sum(each.low for each in members)),
        activities_planned=sum(row.activities for row in settled),
        activities_full=sum(row.activities_full for row in held),
        sites_low_unentered=sum(bool(each.low) and not each.site.classes for each in members),
        sites_unentered=sum(not each.low and not each.site.classes for each in members),
    )


def _hours(rows: Iterable["MeetingRow"]) -> Decimal:
    return Decimal(sum(row.minutes * row.present for row in rows)) / 60


def gap(groups: Iterable[GroupCoverage]) -> tuple[Decimal, Decimal] | None:
    """Give the least and the most hours per pupil among groups that are named and known (P10); None for one group."""
    known = [each.hours_per_pupil for each in groups if each.key and each.hours_per_pupil is not None]
    if len(known) < 2:  # a gap lies between two
        return None
    return min(each.least for each in known), max(each.most for each in known)


def missed_classes(rows: YearRows) -> tuple[MissedClasses, ...]:
    """List the classes without a held meeting, school by school."""
    reached = {row.class_id for row in rows.meetings if row.is_held}
    missed: dict[uuid.UUID, list[str]] = defaultdict(list)
    for row in rows.classes:
        if row.id not in reached:
            missed[row.site_id].append(row.label)
    return tuple(
        MissedClasses(
            code=site.code, school=site.name, municipality=site.municipality, labels=tuple(sorted(missed[site.id]))
        )
        for site in rows.sites
        if missed[site.id]
    )
