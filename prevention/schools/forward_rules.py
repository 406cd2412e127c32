"""How classes go on into the next school year: values in, a plan for one site out. Pure.

A class goes on one grade higher under its section; those of the last grade leave. The lowest grade gets the sections
that it had. The school corrects this where classes were split, merged or ended: it names, for each class, the sections
that it becomes. Two classes that name the same section are a merger, a class that names two is a split, one that names
none ends.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from prevention.schools.rules import CLASS_PUPILS_MAX, LABEL_LENGTH_MAX, class_label

ClassName = tuple[int, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassBefore:
    """A class of the year before. `site_id` is the site that goes on, `cohort_id` the class's generation."""

    id: uuid.UUID
    site_id: uuid.UUID
    grade: int
    section: str
    label: str
    pupils: int | None
    cohort_id: uuid.UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassNow:
    """A class that is there already in the year that is opened; `parents` are those that it goes on from."""

    id: uuid.UUID
    grade: int
    section: str
    cohort_id: uuid.UUID
    parents: frozenset[uuid.UUID] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class NextClass:
    """A class of the year that is opened: its name, where it comes from, and the row that is there already, if any."""

    grade: int
    section: str
    label: str
    pupils: int | None
    parents: tuple[ClassBefore, ...]
    standing: ClassNow | None = None

    @property
    def changes_something(self) -> bool:
        """Say whether writing it would change anything."""
        return self.standing is None or not {each.id for each in self.parents} <= self.standing.parents

    @property
    def cohort_id(self) -> uuid.UUID | None:
        """The generation it belongs to: that of the largest class it comes from; None begins a new one."""
        if not self.parents:
            return None
        return max(self.parents, key=lambda parent: (parent.pupils or 0, parent.label)).cohort_id


@dataclass(frozen=True, kw_only=True, slots=True)
class SitePlan:
    """What a site's classes become. `leaving` finish school, `doubtful` only the school can place."""

    site_id: uuid.UUID
    school_year: int
    classes: tuple[NextClass, ...]
    leaving: tuple[ClassBefore, ...] = ()
    doubtful: tuple[ClassBefore, ...] = ()

    @property
    def changes(self) -> tuple[NextClass, ...]:
        """Those that are not there yet, or do not say yet where they come from."""
        return tuple(each for each in self.classes if each.changes_something)


def next_label(before: ClassBefore) -> str:
    """Name a class one grade higher as its school does: "3A LSA" becomes "4A LSA", "Terza A" its plain name."""
    grade = str(before.grade)
    if before.label.startswith(grade):
        return f"{before.grade + 1}{before.label.removeprefix(grade)}"[:LABEL_LENGTH_MAX]
    return class_label(grade=before.grade + 1, section=before.section)


def plan_site(
    site_id: uuid.UUID,
    school_year: int,
    *,
    grades: range,
    before: Sequence[ClassBefore],
    now: Sequence[ClassNow],
) -> SitePlan:
    """Work out what seems to become of a site's classes.

    Two classes of one name come together when sites merge; whether they become one class or two, only the school
    knows: they are `doubtful`. The lowest grade is proposed as it was, unless some class of it was entered already.
    """
    standing = {(each.grade, each.section): each for each in now}
    names: dict[ClassName, list[ClassBefore]] = defaultdict(list)
    for each in before:
        names[each.grade, each.section].append(each)
    classes, leaving, doubtful = [], [], []
    for (grade, section), of_name in sorted(names.items()):
        if grade + 1 not in grades:
            leaving += of_name
        elif len(of_name) > 1:
            doubtful += of_name
        else:
            classes.append(_next(grade + 1, section, of_name, standing))
    first = grades[0] if grades else 0
    if not any(each.grade == first for each in now):
        sections = sorted({section for grade, section in names if grade == first})
        classes = [_next(first, section, (), standing) for section in sections] + classes
    return SitePlan(
        site_id=site_id,
        school_year=school_year,
        classes=tuple(classes),
        leaving=tuple(leaving),
        doubtful=tuple(doubtful),
    )


def plan_answers(
    site_id: uuid.UUID,
    school_year: int,
    *,
    grades: range,
    before: Sequence[ClassBefore],
    now: Sequence[ClassNow],
    answers: Mapping[uuid.UUID, Collection[str]],
    first_sections: Collection[str],
) -> SitePlan:
    """Turn a school's answers into a plan: class to the sections that it becomes, and the sections of the lowest grade.

    A class without an answer ends.
    """
    standing = {(each.grade, each.section): each for each in now}
    parents: dict[ClassName, list[ClassBefore]] = defaultdict(list)
    for each in before:
        if each.grade + 1 in grades:
            for section in answers.get(each.id, ()):
                parents[each.grade + 1, section].append(each)
    split = {each.id for each in before if len(set(answers.get(each.id, ()))) > 1}
    first = grades[0] if grades else 0
    classes = [_next(first, section, (), standing) for section in sorted(set(first_sections))]
    classes += [
        _next(grade, section, of_name, standing, split=split) for (grade, section), of_name in sorted(parents.items())
    ]
    return SitePlan(
        site_id=site_id,
        school_year=school_year,
        classes=tuple(classes),
        leaving=tuple(each for each in before if each.grade + 1 not in grades),
    )


def _next(
    grade: int,
    section: str,
    parents: Sequence[ClassBefore],
    standing: Mapping[ClassName, ClassNow],
    *,
    split: Collection[uuid.UUID] = (),
) -> NextClass:
    of_same_section = [each for each in parents if each.section == section]
    label = next_label(of_same_section[0]) if of_same_section else class_label(grade=grade, section=section)
    return NextClass(
        grade=grade,
        section=section,
        label=label,
        pupils=_pupils(parents, split),
        parents=tuple(parents),
        standing=standing.get((grade, section)),
    )


def _pupils(parents: Sequence[ClassBefore], split: Collection[uuid.UUID]) -> int | None:
    """Add the pupils up; unknown after a split, where one is unknown, or beyond what a class can hold."""
    known = [each.pupils for each in parents if each.pupils is not None and each.id not in split]
    total = sum(known)
    return total if len(known) == len(parents) and 1 <= total <= CLASS_PUPILS_MAX else None
