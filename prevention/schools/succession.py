"""Which code goes on in place of one that the ministry no longer lists: values in, proposals out. Pure.

Codes change when institutes merge: the pupils stay where they are, under a new code. Two kinds of trace are left:

* The old code was in an earlier register, so its name, address and municipality are known. Names and addresses are
  compared with rapidfuzz, because "VIA VERDI 8" comes back as "VIA G. VERDI, 8".
* Only its pupils were ever published. Then the sites of a dissolved institute are looked at together: as many new
  sites of each level under one institute, in the year in which the old ones ended. Within a level they are paired by
  the number of pupils where both are known, else in the order of their codes, which the ministry keeps.

Nothing is decided here. The second kind is a guess that somebody who knows the schools must look at, and says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

from rapidfuzz import fuzz, utils

from prevention.core.web import Refusal
from prevention.schools.rules import Level, display_name

# Likeness goes from 0 to 100. Below this sum of name, address and place nothing is proposed.
LIKE_ENOUGH = 65
# The second best must be this much worse, or the two are told apart by nobody but a person.
CLEAR_BY = 5
_WEIGHT_NAME, _WEIGHT_ADDRESS, _FOR_PLACE = 0.4, 0.4, 20

# As many institutes are tried together; more have never become one in a year.
_FAMILIES_MOST = 3

_LEVEL_OF_TYPE = {"AA": Level.INFANZIA, "EE": Level.PRIMARIA, "MM": Level.PRIMO_GRADO, "IC": Level.ISTITUTO,
                  "1A": Level.INFANZIA, "1E": Level.PRIMARIA, "1M": Level.PRIMO_GRADO}  # fmt: skip


class PairedBy(StrEnum):
    """What tied an old code to a new one: its details, or its place among those that moved together."""

    DETAILS = "details"
    SIZE = "size"
    ORDER = "order"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """A code and what is known of it. `first` and `last` are the school years of its oldest and newest trace.

    `pupils` are the last published ones of a code that is gone, the first ones of a code that is new. Name, address,
    municipality and institute are None where no register that was taken in had the code.
    """

    code: str
    first: int
    last: int
    level: Level
    pupils: int | None = None
    name: str | None = None
    address: str | None = None
    municipality: str | None = None
    institute: str | None = None
    institute_name: str | None = None

    @property
    def family(self) -> str:
        """The institute that the code belongs to: its own code, or the serial that all its sites share."""
        return self.institute or self.code[4:7]


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """Why two codes are taken for one school. Likeness from 0 to 100; None where one side is not known.

    `together` sites of the old institute, out of `together_of`, went to the same new one.
    """

    paired_by: PairedBy
    same_municipality: bool | None = None
    name_likeness: int | None = None
    address_likeness: int | None = None
    together: int = 0
    together_of: int = 0
    pupils_before: int | None = None
    pupils_after: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """A code that is gone, and the one that seems to go on in its place; None when none does."""

    gone: Trace
    new: Trace | None
    evidence: Evidence | None
    candidates: tuple[Trace, ...] = ()


class SuccessionRefused(Refusal):
    """Base of what cannot be decided about a code."""


class AlreadyDecided(SuccessionRefused):
    """Somebody decided about this code before."""

    def __init__(self, *, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotGone(SuccessionRefused):
    """The code is in the register, or was never heard of: there is nothing to decide."""

    def __init__(self, *, code: str) -> None:
        super().__init__(code)
        self.code = code


class CannotFollow(SuccessionRefused):
    """The site cannot go on in place of this code: another level, gone itself, or it would follow itself."""

    def __init__(self, *, code: str, site_code: str) -> None:
        super().__init__(code, site_code)
        self.code = code
        self.site_code = site_code


def level_of_code(code: str) -> Level:
    """Tell the level by the letters of a code of which nothing else is known."""
    return _LEVEL_OF_TYPE.get(code[2:4], Level.SECONDO_GRADO)


def propose(gone: Iterable[Trace], there: Iterable[Trace]) -> list[Proposal]:
    """Propose for each code that is gone the one that goes on, the surest pairs first; each new code once.

    Args:
        gone: codes that are no longer listed.
        there: codes that are; only those whose first trace follows the other's last are taken for its successor.
    """
    gone, there = list(gone), list(there)
    by_start: dict[tuple[int, Level], list[Trace]] = defaultdict(list)
    for trace in there:
        by_start[trace.first, trace.level].append(trace)
    candidates = {old.code: _nearest_first(old, by_start[old.last + 1, old.level]) for old in gone}
    found = _by_details(gone, candidates)
    taken = {new.code for new, _evidence in found.values()}
    rest = [old for old in gone if old.code not in found and old.name is None]
    found |= _by_family(rest, [trace for trace in there if trace.code not in taken])
    together = _moved_together(gone, found)
    return [
        Proposal(
            gone=old,
            new=found[old.code][0] if old.code in found else None,
            evidence=_with_family(found[old.code][1], together[old.family]) if old.code in found else None,
            candidates=candidates[old.code],
        )
        for old in sorted(gone, key=lambda old: (-old.last, old.family, old.code))
    ]


def _nearest_first(old: Trace, candidates: Sequence[Trace]) -> tuple[Trace, ...]:
    """Put those first that have about as many pupils."""

    def distance(new: Trace) -> tuple[bool, int, str]:
        known = old.pupils is not None and new.pupils is not None
        return (not known, abs((old.pupils or 0) - (new.pupils or 0)) if known else 0, new.code)

    return tuple(sorted(candidates, key=distance))


_Found = dict[str, tuple[Trace, Evidence]]


def _by_details(gone: Sequence[Trace], candidates: Mapping[str, Sequence[Trace]]) -> _Found:
    scored = []
    for old in gone:
        if old.name is None:
            continue
        ranked = sorted(((_score(old, new), new) for new in candidates[old.code]), key=lambda each: -each[0])
        if not ranked or ranked[0][0] < LIKE_ENOUGH:
            continue
        is_clear = len(ranked) == 1 or ranked[0][0] - ranked[1][0] >= CLEAR_BY
        if is_clear:
            scored.append((ranked[0][0], old, ranked[0][1]))
    found: _Found = {}
    taken: set[str] = set()
    for _score_of, old, new in sorted(scored, key=lambda each: (-each[0], each[1].code)):
        if new.code not in taken:
            taken.add(new.code)
            found[old.code] = (new, evidence_for(old, new, paired_by=PairedBy.DETAILS))
    return found


def evidence_for(old: Trace, new: Trace, *, paired_by: PairedBy) -> Evidence:
    """Compare two codes."""
    return Evidence(
        paired_by=paired_by,
        same_municipality=None if None in (old.municipality, new.municipality) else _same_place(old, new),
        name_likeness=likeness(old.name, new.name),
        address_likeness=likeness(old.address, new.address),
        pupils_before=old.pupils,
        pupils_after=new.pupils,
    )


def likeness(one: str | None, other: str | None) -> int | None:
    """Say how alike two names or addresses are, 0 to 100, whatever the order of their words; None without one."""
    if not one or not other:
        return None
    return round(fuzz.token_sort_ratio(display_name(one), display_name(other), processor=utils.default_process))


def _score(old: Trace, new: Trace) -> float:
    name, address = likeness(old.name, new.name), likeness(old.address, new.address)
    # An unknown address says nothing for or against: the name then counts for both.
    parts = _WEIGHT_NAME * (name or 0) + _WEIGHT_ADDRESS * (name or 0 if address is None else address)
    return parts + (_FOR_PLACE if _same_place(old, new) else 0)


def _same_place(old: Trace, new: Trace) -> bool:
    return old.municipality is not None and old.municipality == new.municipality


def _by_family(gone: Sequence[Trace], there: Sequence[Trace]) -> _Found:
    """Pair the sites of institutes of which only pupils are known, when exactly one institute took as many in.

    One old institute is tried first, then two or three that seem to have become one.
    """
    leaving: dict[tuple[int, str], list[Trace]] = defaultdict(list)
    coming: dict[tuple[int, str], list[Trace]] = defaultdict(list)
    for old in gone:
        leaving[old.last, old.family].append(old)
    for new in there:
        if new.level is not Level.ISTITUTO and new.institute is not None:
            coming[new.first, new.institute].append(new)
    found: _Found = {}
    for together in range(1, _FAMILIES_MOST + 1):
        for left, came in _fitting(leaving, coming, together):
            for level in {trace.level for trace in left}:
                found |= _paired(
                    [trace for trace in left if trace.level is level], [trace for trace in came if trace.level is level]
                )
        leaving = {key: family for key, family in leaving.items() if family[0].code not in found}
        taken = {new.code for new, _evidence in found.values()}
        coming = {key: group for key, group in coming.items() if group[0].code not in taken}
    return found


def _fitting(
    leaving: Mapping[tuple[int, str], list[Trace]], coming: Mapping[tuple[int, str], list[Trace]], together: int
) -> list[tuple[list[Trace], list[Trace]]]:
    """Find the old institutes, so many together, whose sites fit one new institute and no other."""
    fits: list[tuple[frozenset[str], str, list[Trace], list[Trace]]] = []
    for last in {last for last, _family in leaving}:
        families = [(family, sites) for (year, family), sites in leaving.items() if year == last]
        groups = [(institute, sites) for (first, institute), sites in coming.items() if first == last + 1]
        for chosen in combinations(families, together):
            old = [trace for _family, sites in chosen for trace in sites]
            names = frozenset(family for family, _sites in chosen)
            fits += [
                (names, institute, old, new)
                for institute, new in groups
                if len(old) > 1 and _levels(new) == _levels(old)
            ]
    # What fits in two ways is left to a person.
    return [
        (old, new)
        for names, institute, old, new in fits
        if not any(
            (names, institute) != (others, other) and (names & others or institute == other)
            for others, other, _old, _new in fits
        )
    ]


def _levels(traces: Iterable[Trace]) -> list[Level]:
    return sorted(trace.level for trace in traces)


def _paired(old: Sequence[Trace], new: Sequence[Trace]) -> _Found:
    # Sorted by size on both sides, the differences add up to the least there can be.
    has_sizes = all(trace.pupils is not None for trace in (*old, *new))
    paired_by = PairedBy.SIZE if has_sizes else PairedBy.ORDER

    def place(trace: Trace) -> tuple[int, str]:
        return (trace.pupils or 0 if has_sizes else 0, trace.code)

    pairs = zip(sorted(old, key=place), sorted(new, key=place), strict=True)
    return {one.code: (other, evidence_for(one, other, paired_by=paired_by)) for one, other in pairs}


def _moved_together(gone: Sequence[Trace], found: _Found) -> dict[str, dict[str, int]]:
    """Count for each old institute how many of its sites went to each new one; the empty key counts them all."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for old in gone:
        counts[old.family][""] += 1
        if old.code in found:
            counts[old.family][found[old.code][0].family] += 1
    return counts


def _with_family(evidence: Evidence, counts: Mapping[str, int]) -> Evidence:
    most = max((count for family, count in counts.items() if family), default=0)
    return replace(evidence, together=most, together_of=counts[""])
