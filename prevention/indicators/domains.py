"""Who a figure is about: the groups of a wave, how they nest, and the estimate for each. Pure.

The groups form one tree. The total splits by sex; it also splits by level, a level by grade and by track, a
track by school; and it splits by municipality. Each split is complete: its groups add up to the group above.
A split of one part is left out, because the part is the whole again. Schools stay in the tree even so. Sex
and grade also cross; a cell of that crossing hangs on its grade.

The *atoms* are the finest groups that all this tells apart: the pupils of one sex in one grade of one school.

What is a design's cluster here: a group that is made of whole classes (a grade, a school) is a population of
its own, and its clusters are its classes; a sex cuts through classes, and its clusters are all classes of the
total. Degrees of freedom count the classes that hold somebody of the group, so a school of two classes has
one; below 40 classes they are Satterthwaite's, fewer still where classes are unlike in size.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prevention.indicators.engine import SEXES, ClassFacts, ClassTotals, Sums
from prevention.indicators.estimates import (
    ClusterTotals,
    Degrees,
    Estimate,
    Floats,
    Indices,
    estimate_mean,
    no_narrower_than_simple,
    with_few_clusters,
)
from prevention.indicators.published import Dimension

# Stands for "no track" where only some schools of a level have one.
NO_TRACK = "none"

Key = tuple[Dimension, str]
ROOT: Key = (Dimension.ALL, "all")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Domain:
    """A group of the tree.

    Attributes:
        rows: rows of the totals that belong to it.
        classes: the clusters of its design.
        atoms: the atoms that it is made of.
    """

    key: Key
    parent: Key | None
    rows: Indices
    classes: Indices
    atoms: tuple[int, ...]


def atoms_of(totals: ClassTotals, marks: Sequence[Hashable] | None = None) -> Indices:
    """Number the atoms: per row of the totals, which atom its pupils belong to, from 0.

    `marks` tell rows apart further: the same pupils belong to one atom only where their marks are the same.
    """
    number: dict[tuple[ClassFacts, int, Hashable], int] = {}
    return np.array(
        [
            number.setdefault((totals.classes[index], int(sex), mark), len(number))
            for index, sex, mark in zip(totals.class_index, totals.sex, marks or [None] * len(totals.sex), strict=True)
        ],
        dtype=np.int64,
    )


def grade_key(facts: ClassFacts) -> str:
    """Name a grade: the same number means another age in another level."""
    return f"{facts.level}-{facts.grade}"


def domain_tree(
    totals: ClassTotals,
    *,
    levels: tuple[str, ...],
    inside: NDArray[np.bool_] | None = None,
    atoms: Indices | None = None,
) -> tuple[Domain, ...]:
    """Build the tree of the classes of some levels, each group after the one it is part of.

    Args:
        totals: of all classes.
        levels: those whose classes are meant.
        inside: per row of the totals, whether it counts; None for all.
        atoms: per row, its atom; None for the finest groups of the tree itself.

    Returns:
        Nothing when no class of these levels took part.
    """
    inside = np.ones(len(totals.sex), dtype=bool) if inside is None else inside
    tree = _Tree(totals, inside, atoms_of(totals) if atoms is None else atoms)
    present = {int(index) for index in totals.class_index[inside]}
    of_levels = [index for index, facts in enumerate(totals.classes) if facts.level in levels and index in present]
    if not of_levels:
        return ()
    tree.add(ROOT, None, of_levels)
    for index, sex in enumerate(SEXES):
        tree.add((Dimension.SEX, sex), ROOT, of_levels, sex=index)
    for town, of_town in tree.split(of_levels, lambda facts: facts.municipality):
        tree.branch((Dimension.MUNICIPALITY, town), ROOT, of_town, of_levels)
    for level, of_level in tree.split(of_levels, lambda facts: facts.level):
        branch = tree.branch((Dimension.LEVEL, level), ROOT, of_level, of_levels)
        for grade, of_grade in tree.split(of_level, grade_key):
            twig = tree.branch((Dimension.GRADE, grade), branch, of_grade, of_level)
            for index, sex in enumerate(SEXES if twig != branch else ()):
                tree.add((Dimension.SEX_GRADE, f"{sex}:{grade}"), twig, of_grade, sex=index)
        for track, of_track in tree.split(of_level, lambda facts: facts.track or NO_TRACK):
            twig = tree.branch((Dimension.TRACK, track), branch, of_track, of_level)
            for site_code, of_site in tree.split(of_track, lambda facts: facts.site_code):
                tree.add((Dimension.SCHOOL, site_code), twig, of_site)
    return tuple(tree.domains)


class _Tree:
    def __init__(self, totals: ClassTotals, inside: NDArray[np.bool_], atoms: Indices) -> None:
        self.domains: list[Domain] = []
        self._totals = totals
        self._inside = inside
        self._atoms = atoms

    def split(self, classes: Iterable[int], by: Callable[[ClassFacts], str]) -> Iterable[tuple[str, list[int]]]:
        parts: dict[str, list[int]] = {}
        for index in classes:
            parts.setdefault(by(self._totals.classes[index]), []).append(index)
        return sorted(parts.items())

    def branch(self, key: Key, parent: Key, classes: list[int], of: list[int]) -> Key:
        """Add a group, unless it is all of the group above; give the one that further splits hang on."""
        if len(classes) == len(of):
            return parent
        self.add(key, parent, classes)
        return key

    def add(self, key: Key, parent: Key | None, classes: list[int], *, sex: int | None = None) -> None:
        totals = self._totals
        inside = np.isin(totals.class_index, classes) & self._inside
        if sex is not None:
            inside &= totals.sex == sex
        self.domains.append(
            Domain(
                key=key,
                parent=parent,
                rows=np.flatnonzero(inside),
                classes=np.array(classes, dtype=np.int64),
                atoms=tuple(int(atom) for atom in np.unique(self._atoms[inside])),
            )
        )


def schools_with_answers(domain: Domain, sums: Sums, totals: ClassTotals) -> int:
    """Count the schools that have a valid answer of a group."""
    rows = domain.rows[sums.n[domain.rows] > 0]
    return len({totals.classes[index].site_code for index in np.unique(totals.class_index[rows])})


def estimate(domain: Domain, sums: Sums, totals: ClassTotals) -> Estimate | None:
    """Estimate one indicator in one group; None when nobody of it gave a valid answer."""
    index = totals.class_index[domain.rows]

    def by_class(values: Floats) -> Floats:
        sums = np.bincount(index, weights=values[domain.rows], minlength=len(totals.classes))
        return np.asarray(sums[domain.classes], dtype=np.float64)

    n = by_class(sums.n)
    clusters = ClusterTotals(
        stratum=np.zeros(len(domain.classes), dtype=np.int64),
        n=n,
        weight=n,
        value=by_class(sums.value),
        square=by_class(sums.square),
    )
    found = estimate_mean(clusters, degrees=Degrees.DOMAIN)
    return None if found is None else no_narrower_than_simple(with_few_clusters(found, clusters))
