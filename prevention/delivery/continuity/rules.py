"""Decisions about what breaks off: participations in, breaks out. Pure."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

# The board looks so many school years back.
YEARS_BACK = 2
# Less than this share of the year before is called thinning out.
THIN = 0.5


class BreakKind(StrEnum):
    """What breaks off."""

    SCHOOL = "school"
    PROGRAMME = "programme"
    PROVIDER = "provider"
    GRADE = "grade"


@dataclass(frozen=True, kw_only=True, slots=True)
class Participation:
    """One class in one programme in one school year, with the names that a reader knows."""

    school_year: int
    class_id: uuid.UUID
    site_id: uuid.UUID
    institute_id: uuid.UUID
    school: str
    municipality: str
    level: str
    grade: int
    programme: str
    provider: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Break:
    """Something that had classes and has none, or fewer than half.

    `before` are the classes of the years before, the latest first; `now` those of the year that is looked at.
    `programmes` are the names of what it had. `place` and `institute_id` are those of a school.
    """

    kind: BreakKind
    key: str
    name: str
    place: str
    before: tuple[int, ...]
    now: int
    programmes: tuple[str, ...]
    institute_id: uuid.UUID | None = None

    @property
    def is_off(self) -> bool:
        """Say whether there is nothing at all now."""
        return self.now == 0


_Key = Callable[[Participation], tuple[str, str, str]]
_KEYS: Mapping[BreakKind, _Key] = {
    BreakKind.SCHOOL: lambda one: (str(one.site_id), one.school, one.municipality),
    BreakKind.PROGRAMME: lambda one: (one.programme, one.programme, ""),
    BreakKind.PROVIDER: lambda one: (one.provider, one.provider, ""),
    BreakKind.GRADE: lambda one: (f"{one.level}-{one.grade}", f"{one.level}-{one.grade}", ""),
}


def find_breaks(participations: Iterable[Participation], *, school_year: int) -> list[Break]:
    """Find what breaks off or thins out in a school year: gone first, then by how much there was."""
    rows = list(participations)
    found = [each for kind in BreakKind for each in _breaks(rows, kind, school_year=school_year)]
    kinds = list(BreakKind)
    return sorted(found, key=lambda each: (kinds.index(each.kind), not each.is_off, -max(each.before), each.name))


def _breaks(rows: list[Participation], kind: BreakKind, *, school_year: int) -> Iterable[Break]:
    groups: dict[str, list[Participation]] = defaultdict(list)
    for row in rows:
        groups[_KEYS[kind](row)[0]].append(row)
    for key, members in groups.items():
        classes: dict[int, set[uuid.UUID]] = defaultdict(set)
        for member in members:
            classes[member.school_year].add(member.class_id)
        before = tuple(len(classes[school_year - back]) for back in range(1, YEARS_BACK + 1))
        now = len(classes[school_year])
        if (now == 0 and any(before)) or now < before[0] * THIN:
            newest = max(members, key=lambda one: one.school_year)
            _key, name, place = _KEYS[kind](newest)
            yield Break(
                kind=kind,
                key=key,
                name=name,
                place=place,
                before=before,
                now=now,
                programmes=tuple(sorted({one.programme for one in members if one.school_year < school_year})),
                institute_id=newest.institute_id if kind is BreakKind.SCHOOL else None,
            )
