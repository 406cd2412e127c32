"""Who a figure is about: the groups of a wave, how they nest, and the estimate for each. Pure.

The groups form one tree. The total splits by sex; it also splits by level, a level by grade and by track, a
track by school. Each split is complete: its groups add up to the group above, which is what disclosure
control reasons with. A split of one part is left out, because the part is the whole again. Schools stay in
the tree even so.

What is a design's cluster here: a group that is made of whole classes (a grade, a school) is a population of
its own, and its clusters are its classes; a sex cuts through classes, and its clusters are all classes of the
total. Degrees of freedom count the classes that hold somebody of the group, so a school of two classes has
one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from prevention.indicators.engine import SEXES, ClassFacts, ClassTotals, Sums
from prevention.indicators.estimates import (
    ClusterTotals,
    Degrees,
    Estimate,
    Floats,
    Indices,
    estimate_mean,
    no_narrower_than_simple,
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
    """

    key: Key
    parent: Key | None
    rows: Indices
    classes: Indices


def grade_key(facts: ClassFacts) -> str:
    """Name a grade: the same number means another age in another level."""
    return f"{facts.level}-{facts.grade}"


def domain_tree(totals: ClassTotals, *, levels: tuple[str, ...]) -> tuple[Domain, ...]:
    """Build the tree of the classes of some levels, each group after the one it is part of.

    Returns:
        Nothing when no class of these levels took part.
    """
    tree = _Tree(totals)
    of_levels = [index for index, facts in enumerate(totals.classes) if facts.level in levels]
    if not of_levels:
        return ()
    tree.add(ROOT, None, of_levels)
    for index, sex in enumerate(SEXES):
        tree.add((Dimension.SEX, sex), ROOT, of_levels, sex=index)
    for level, of_level in tree.split(of_levels, lambda facts: facts.level):
        branch = tree.branch((Dimension.LEVEL, level), ROOT, of_level, of_levels)
        for grade, of_grade in tree.split(of_level, grade_key):
            tree.branch((Dimension.GRADE, grade), branch, of_grade, of_level)
        for track, of_track in tree.split(of_level, lambda facts: facts.track or NO_TRACK):
            twig = tree.branch((Dimension.TRACK, track), branch, of_track, of_level)
            for site_code, of_site in tree.split(of_track, lambda facts: facts.site_code):
                tree.add((Dimension.SCHOOL, site_code), twig, of_site)
    return tuple(tree.domains)


class _Tree:
    def __init__(self, totals: ClassTotals) -> None:
        self.domains: list[Domain] = []
        self._totals = totals

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
        inside = np.isin(totals.class_index, classes)
        if sex is not None:
            inside &= totals.sex == sex
        self.domains.append(
            Domain(
                key=key,
                parent=parent,
                rows=np.flatnonzero(inside),
                classes=np.array(classes, dtype=np.int64),
            )
        )


def schools_with_answers(domain: Domain, sums: Sums, totals: ClassTotals) -> int:
    """Count the schools that have a valid answer of a group."""
    rows = domain.rows[sums.n[domain.rows] > 0]
    return len({totals.classes[index].site_code for index in totals.class_index[rows]})


def estimate(domain: Domain, sums: Sums, totals: ClassTotals) -> Estimate | None:
    """Estimate one indicator in one group; None when nobody of it gave a valid answer."""

    def by_class(values: Floats) -> Floats:
        index = totals.class_index[domain.rows]
        sums = np.bincount(index, weights=values[domain.rows], minlength=len(totals.classes))
        return np.asarray(sums[domain.classes], dtype=np.float64)

    n = by_class(sums.n)
    found = estimate_mean(
        ClusterTotals(
            stratum=np.zeros(len(domain.classes), dtype=np.int64),
            n=n,
            weight=n,
            value=by_class(sums.value),
            square=by_class(sums.square),
        ),
        degrees=Degrees.DOMAIN,
    )
    return None if found is None else no_narrower_than_simple(found)
