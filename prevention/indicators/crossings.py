"""Crossings of sex, grade and kind of school: how the cells of the open-data cube are named and found. Pure."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prevention.indicators.domains import NO_TRACK, grade_key
from prevention.indicators.engine import SEXES, ClassFacts, ClassTotals

# Rooms of a key: sex, grade, track; empty where they are not told apart.
CubeKey = tuple[str, str, str]
_CROSSINGS = ((True, False, True), (False, True, True), (True, True, True))
_SEP = "|"


def key_text(key: CubeKey) -> str:
    """Write a key as the domain of a cell."""
    return _SEP.join(key)


def key_of(text: str) -> CubeKey:
    """Read what `key_text` wrote."""
    sex, grade, track = text.split(_SEP)
    return sex, grade, track


def rows_of_cells(
    totals: ClassTotals, inside: NDArray[np.bool_], levels: Sequence[str]
) -> dict[CubeKey, NDArray[np.int64]]:
    """Give the rows of the totals of each cell; cells of one sex are girls and boys only."""
    found: dict[CubeKey, list[int]] = {}
    for row in np.flatnonzero(inside):
        facts = totals.classes[totals.class_index[row]]
        sex = int(totals.sex[row])
        if facts.level not in levels:
            continue
        for by_sex, by_grade, by_track in _CROSSINGS:
            if by_sex and sex == len(SEXES) - 1:
                continue
            key = (
                SEXES[sex] if by_sex else "",
                grade_key(facts) if by_grade else "",
                _track(facts) if by_track else "",
            )
            found.setdefault(key, []).append(int(row))
    return {key: np.array(rows, dtype=np.int64) for key, rows in sorted(found.items())}


def _track(facts: ClassFacts) -> str:
    return facts.track or NO_TRACK


def limits_of(share: float, n: int, *, step: float, most: int) -> tuple[float, float]:
    """Give the lowest and highest count that a perturbed share allows, n being known."""
    return max((share - step / 2) * n - most, 0.0), min((share + step / 2) * n + most, float(n))
