"""Record-level files for research: what of a sealed wave an analyst may hold. Pure, but for reading the sealed file.

Published figures answer most questions; some need records. A research file holds the answers that count and, instead of
where they come from:

* `stratum`: kinds of class (level, track, grade), the small ones joined until each has so many records from so many
  classes of so many schools (`policy.research`); like is joined with like: the same level and grade first.
* `unit`: two or more classes of a stratum taken as one, so that standard errors can be had and no class can be told.
  (Masked variance units, as in the public files of large health surveys: Lu & Sitter, Survey Methodology 34 (2008).)
  They are chosen by a keyed hash of the first sealed file, so every file of a wave has the same ones: two ways of
  joining classes, laid over each other, would part them.

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
    strata = [Stratum(kinds=(kind,), classes=tuple(some)) for kind, some in sorted(kinds.items())]
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


def research_records(
    records: Iterable[tuple[int, Values]], classes: Sequence[ClassRecords], *, key: str, policy: ResearchPolicy
) -> tuple[tuple[Stratum, ...], list[ResearchRecord]]:
    """Make the records of a research file, shuffled; none when all of the wave is too small.

    Args:
        records: class and answers of every record that counts.
        classes: of the wave, with how many of these records each has.
        key: secret of the wave by which classes are joined.
        policy: the rules.
    """
    strata = strata_of(classes, policy=policy)
    where: dict[int, tuple[int, int]] = {}
    unit = 0
    for number, stratum in enumerate(strata, start=1):
        for some in units_of(stratum, key=key, policy=policy):
            unit += 1
            where |= dict.fromkeys(some, (number, unit))
    made = [
        ResearchRecord(stratum=where[cluster][0], unit=where[cluster][1], values=dict(values))
        for cluster, values in records
        if cluster in where
    ]
    _blank_what_is_rare(made, policy=policy)
    SystemRandom().shuffle(made)
    return strata, made


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
