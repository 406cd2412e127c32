"""Record-level files for research: what of a sealed wave an analyst may hold. Pure, but for reading the sealed file.

Published figures answer most questions; some need records. A research file holds the answers that count and, instead of
where they come from:

* `stratum`: kinds of class (level, track, grade), the small ones joined until each has so many records from so many
  classes of so many schools (`policy.research`); like is joined with like: the same level and grade first.
* `unit`: two or more classes of a stratum taken as one, so that standard errors can be had and no class can be told.
  (Masked variance units, as in the public files of large health surveys: Lu & Sitter, Survey Methodology 34 (2008).)
  They are chosen by a keyed hash of the first sealed file, and strata are those of it: two ways of joining classes,
  laid over each other, would part them. After a correction they are the same, less who withdrew; what is then too small
  is joined whole (`layout_of`).

Records can be recognised from one file in another by their answers. So of a seal that took the place of one of which a
file has left, no file leaves if the two laid over each other show less than a unit, or who withdrew (`tells_apart`).

What others know of a pupil without asking (`known`: sex, year of birth) is blanked where too few are alike, and enough
others with it that the blank itself does not point at anybody (local suppression; Hundepool et al., Statistical
Disclosure Control (2012), §3.2.6). The mark that joins two waves is left out. Rows are shuffled anew for each file.

What is left is still about persons: such a file is for those who hold the role, for a purpose that is written down.
"""

import hashlib
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import SystemRandom

from prevention.indicators.policy import ResearchPolicy

Values = dict[str, str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassRecords:
    """A class of a sealed file and how many of its records count."""

    cluster: int
    site_code: str
    level: str
    grade: int
    track: str
    records: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Stratum:
    """Kinds of class taken together: (level, track, grade), sorted; and their classes."""

    kinds: tuple[tuple[str, str, int], ...]
    classes: tuple[ClassRecords, ...]

    @property
    def records(self) -> int:
        """How many records it has."""
        return sum(one.records for one in self.classes)

    def is_large_enough(self, policy: ResearchPolicy) -> bool:
        """Say whether nobody in it stands out by where they are."""
        schools = {one.site_code for one in self.classes}
        return self.records >= policy.records and len(self.classes) >= policy.classes and len(schools) >= policy.schools


@dataclass(frozen=True, kw_only=True, slots=True)
class ResearchRecord:
    """One pupil's answers; `stratum` and `unit` count from 1."""

    stratum: int
    unit: int
    values: Values


def strata_of(classes: Iterable[ClassRecords], *, policy: ResearchPolicy) -> tuple[Stratum, ...]:
    """Join kinds of class until each stratum is large enough; none when all of them together are not."""
    kinds: dict[tuple[str, str, int], list[ClassRecords]] = {}
    for one in classes:
        if one.records:
            kinds.setdefault((one.level, one.track, one.grade), []).append(one)
    return _large([Stratum(kinds=(kind,), classes=tuple(some)) for kind, some in kinds.items()], policy=policy)


def _large(strata: Iterable[Stratum], *, policy: ResearchPolicy) -> tuple[Stratum, ...]:
    """Join strata until each is large enough, the smallest first, to its like."""
    strata = sorted(strata, key=lambda one: one.kinds)
    while small := [one for one in strata if not one.is_large_enough(policy)]:
        if len(strata) == 1:
            return ()
        first = min(small, key=lambda one: (one.records, one.kinds))
        others = [one for one in strata if one is not first]
        second = min(others, key=lambda one: (_distance(first, one), one.records, one.kinds))
        joined = Stratum(kinds=tuple(sorted({*first.kinds, *second.kinds})), classes=(*first.classes, *second.classes))
        strata = sorted([joined, *(one for one in others if one is not second)], key=lambda one: one.kinds)
    return tuple(strata)


def _distance(one: Stratum, other: Stratum) -> tuple[int, int, int]:
    """Say how unlike two strata are at their nearest: another level, years apart, another track."""
    return min(
        (int(level != other_level), abs(grade - other_grade), int(track != other_track))
        for level, track, grade in one.kinds
        for other_level, other_track, other_grade in other.kinds
    )


def units_of(stratum: Stratum, *, key: str, policy: ResearchPolicy) -> list[list[int]]:
    """Join the classes of a stratum, in an order that only the key tells, to units of enough classes and records."""

    def place(one: ClassRecords) -> str:
        return hashlib.sha256(f"{key}:{one.cluster}".encode()).hexdigest()

    units: list[list[ClassRecords]] = [[]]
    for one in sorted(stratum.classes, key=place):
        if _is_unit(units[-1], policy):
            units.append([])
        units[-1].append(one)
    if len(units) > 1 and not _is_unit(units[-1], policy):
        units[-2:] = [units[-2] + units[-1]]
    return [[one.cluster for one in unit] for unit in units]


def _is_unit(classes: Sequence[ClassRecords], policy: ResearchPolicy) -> bool:
    return len(classes) >= policy.unit_classes and sum(one.records for one in classes) >= policy.unit_records


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """How the classes of a research file are joined: strata, and of each its units as cluster numbers."""

    strata: tuple[Stratum, ...]
    units: tuple[tuple[tuple[int, ...], ...], ...]

    @property
    def unit_of(self) -> dict[int, int]:
        """The unit of each class, counted from 1 through all strata."""
        units = [unit for of_stratum in self.units for unit in of_stratum]
        return {cluster: number for number, unit in enumerate(units, start=1) for cluster in unit}


def layout_of(
    classes: Sequence[ClassRecords], *, first: Sequence[ClassRecords], key: str, policy: ResearchPolicy
) -> Layout:
    """Join the classes of a seal as those of the wave's first seal are joined, and further where that is too small.

    Args:
        classes: with how many records of this seal each has.
        first: those of the first seal; of a wave that was never corrected the same.
        key: secret of the wave.
        policy: the rules.
    """
    now = {one.cluster: one for one in classes if one.records}
    base = strata_of(first, policy=policy)
    known = {one.cluster for stratum in base for one in stratum.classes}
    # A class of which nothing counted before stands by itself until it is joined.
    new = [
        Stratum(kinds=((one.level, one.track, one.grade),), classes=(one,))
        for one in now.values()
        if one.cluster not in known
    ]
    left = [
        Stratum(kinds=stratum.kinds, classes=tuple(now[one.cluster] for one in stratum.classes if one.cluster in now))
        for stratum in base
    ]
    strata = _large([one for one in [*left, *new] if one.classes], policy=policy)
    units = [unit for stratum in base for unit in units_of(stratum, key=key, policy=policy)]
    units = [[cluster for cluster in unit if cluster in now] for unit in units]
    units += [[one.cluster] for stratum in new for one in stratum.classes]
    return Layout(strata=strata, units=tuple(_units_in(stratum, units, now, policy) for stratum in strata))


def _units_in(
    stratum: Stratum, units: Sequence[Sequence[int]], now: Mapping[int, ClassRecords], policy: ResearchPolicy
) -> tuple[tuple[int, ...], ...]:
    """Join the units of a stratum whole, one after another, until each is large enough."""
    mine = {one.cluster for one in stratum.classes}
    made: list[list[int]] = [[]]
    for unit in units:
        if not unit or unit[0] not in mine:
            continue
        if _is_unit([now[cluster] for cluster in made[-1]], policy):
            made.append([])
        made[-1] += unit
    if len(made) > 1 and not _is_unit([now[cluster] for cluster in made[-1]], policy):
        made[-2:] = [made[-2] + made[-1]]
    return tuple(tuple(unit) for unit in made)


def tells_apart(
    earlier: Sequence[ClassRecords], earlier_layout: Layout, now: Sequence[ClassRecords], layout: Layout, *,
    policy: ResearchPolicy,
) -> bool:  # fmt: skip
    """Say whether two files of a wave, laid over each other, show a group that neither may show by itself."""
    before, after = earlier_layout.unit_of, layout.unit_of
    facts = {one.cluster: one for one in [*now, *earlier]}
    pieces: dict[tuple[int | None, int | None], list[ClassRecords]] = {}
    for cluster in before.keys() | after.keys():
        pieces.setdefault((before.get(cluster), after.get(cluster)), []).append(facts[cluster])
    if not all(_is_unit(piece, policy) for piece in pieces.values()):
        return True
    gone = [one for (_before, unit), piece in pieces.items() if unit is None for one in piece]
    return bool(gone) and not Stratum(kinds=(), classes=tuple(gone)).is_large_enough(policy)


def research_records(
    records: Iterable[tuple[int, Values]], layout: Layout, *, policy: ResearchPolicy
) -> list[ResearchRecord]:
    """Make the records of a research file, shuffled; none when all of the wave is too small.

    Args:
        records: class and answers of every record that counts.
        layout: how their classes are joined.
        policy: the rules.
    """
    unit_of = layout.unit_of
    where = {
        one.cluster: (number, unit_of[one.cluster])
        for number, stratum in enumerate(layout.strata, start=1)
        for one in stratum.classes
    }
    made = [
        ResearchRecord(stratum=where[cluster][0], unit=where[cluster][1], values=dict(values))
        for cluster, values in records
        if cluster in where
    ]
    _blank_what_is_rare(made, policy=policy)
    SystemRandom().shuffle(made)
    return made


def _blank_what_is_rare(records: Sequence[ResearchRecord], *, policy: ResearchPolicy) -> None:
    """Blank what is known of those whom too few are like, the last of the known questions first."""
    for count in range(len(policy.known), 0, -1):
        *before, last = policy.known[:count]
        groups: dict[tuple[Hashable, ...], list[ResearchRecord]] = {}
        for one in records:
            groups.setdefault((one.stratum, *(one.values.get(item) for item in before)), []).append(one)
        for group in groups.values():
            rare = rare_values(Counter(one.values.get(last) for one in group), least=policy.alike)
            for one in group:
                value = one.values.get(last)
                if value in rare or (rare and value is None):
                    # What comes after is finer still: without this it says nothing that may be said.
                    one.values.update(dict.fromkeys(policy.known[count - 1 :]))


def rare_values(counts: Mapping[str | None, int], *, least: int) -> set[str | None]:
    """Give the values to blank so that each that is left, and blank itself, is of nobody or of so many."""
    given = {value: many for value, many in counts.items() if value is not None}
    rare: set[str | None] = {value for value, many in given.items() if many < least}
    blank = counts.get(None, 0) + sum(given[value] for value in rare if value is not None)
    for value, many in sorted(given.items(), key=lambda one: (one[1], str(one[0]))):
        if blank == 0 or blank >= least:
            break
        if value not in rare:
            rare.add(value)
            blank += many
    return rare
