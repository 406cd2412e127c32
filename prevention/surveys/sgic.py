"""Personal codes (self-generated identification codes): hashing their elements, joining a before with an after. Pure.

A code is six or seven elements that a pupil answers by choosing. What is kept of each is a keyed hash (HMAC-SHA-256,
8 bytes), one per element and bound to it, so that two codes can be compared element by element without being read.
The values an element can take are few, so whoever holds the key can try them all: only when the key is destroyed,
after joining, is what remains anonymous. Until then an operator with the key and the answers could find a pupil whose
elements are known to them; the page that offers linking says so.

How codes are joined (domain dossier, section 2.2; Grube and others found 71 % exact and 88 % with one element off, the
EU-Dap pilot 18 % of codes with an error): within a block (school, grade) of one pair of waves,

1. codes that are the same, when no other code of either wave in the block is the same too;
2. of what is left, codes that differ in one element, when no other code left is as near, on both sides.

Whatever is not unique stays unjoined and is counted as ambiguous: a false link invents a change, a missing one only
costs precision. That is also why no assignment algorithm is used here: `scipy.optimize.linear_sum_assignment` finds
the best joint pairing and therefore pairs twins at random; we want the pairs that could not be otherwise.
An element that was declined or left empty equals nothing. A code with more than one such element is not joined.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Hamming
from rapidfuzz.process import cdist

from prevention.surveys.codes import keyed_hash
from prevention.surveys.rules import DECLINED, NOT_ASKED, Answer

HASH_BYTES = 8

# How many elements may differ.
TOLERANCE = 1

# What `comparison` shows at the least (domain dossier, section 4.1).
LEAST_IN_GROUP = 20
LEAST_IN_CELL = 5

Code = tuple[str | None, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """What joining gave. Pairs are (place in the first list, place in the second); `ambiguous` are places too."""

    exact: tuple[tuple[int, int], ...]
    one_off: tuple[tuple[int, int], ...]
    ambiguous_before: frozenset[int]
    ambiguous_after: frozenset[int]


def hashed_element(element: str, value: Answer | None, *, key: bytes) -> str | None:
    """Hash the answer to one element; None when there is none to hash."""
    if not isinstance(value, str) or value in (DECLINED, NOT_ASKED):
        return None
    return keyed_hash(key, f"element {element}", value.encode())[:HASH_BYTES].hex()


def join(before: Sequence[Code], after: Sequence[Code]) -> Links:
    """Join the codes of one block.

    Args:
        before: codes of the first wave, all of one length; None stands for an element that was not answered.
        after: codes of the second wave.
    """
    usable_before = [place for place, code in enumerate(before) if _is_usable(code)]
    usable_after = [place for place, code in enumerate(after) if _is_usable(code)]
    if not usable_before or not usable_after:
        return Links(exact=(), one_off=(), ambiguous_before=frozenset(), ambiguous_after=frozenset())
    distances = _distances([before[place] for place in usable_before], [after[place] for place in usable_after])
    exact = _mutual(distances == 0)
    left = distances.copy()
    for row, column in exact:
        left[row, :] = left[:, column] = TOLERANCE + 1
    near = left <= TOLERANCE
    one_off = _mutual(near)
    for row, column in one_off:
        near[row, :] = near[:, column] = False
    return Links(
        exact=tuple((usable_before[row], usable_after[column]) for row, column in exact),
        one_off=tuple((usable_before[row], usable_after[column]) for row, column in one_off),
        ambiguous_before=frozenset(usable_before[row] for row in np.flatnonzero(near.any(axis=1))),
        ambiguous_after=frozenset(usable_after[column] for column in np.flatnonzero(near.any(axis=0))),
    )


def _is_usable(code: Code) -> bool:
    return sum(element is None for element in code) <= TOLERANCE


def _distances(before: Sequence[Code], after: Sequence[Code]) -> NDArray[np.int64]:
    """Count the elements in which each pair differs. Two that were left empty differ, so each side has its own sign."""
    return cdist(
        [_signs(code, empty="-") for code in before],
        [_signs(code, empty="+") for code in after],
        scorer=Hamming.distance,
        dtype=np.int64,
    )


def _signs(code: Code, *, empty: str) -> tuple[str, ...]:
    return tuple(empty if element is None else element for element in code)


def _mutual(candidates: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """List the candidates that have no rival in their row and none in their column."""
    alone = candidates & (candidates.sum(axis=1, keepdims=True) == 1) & (candidates.sum(axis=0, keepdims=True) == 1)
    return [(int(row), int(column)) for row, column in np.argwhere(alone)]


def comparison(
    before: Sequence[Mapping[str, Answer]], joined: Sequence[bool], *, items: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, list[int | None]]]:
    """Compare who was joined with who was not, by what they answered before: item to option to two percentages.

    Whoever drops out of a linked analysis is more often male, poorer and a user (Grube and others): the table says how
    much so here. It is protected like any small figure: nothing unless both groups have `LEAST_IN_GROUP` answers to
    the item; a share is None where fewer than `LEAST_IN_CELL` people, or all but fewer, gave that answer.

    Args:
        before: answers of the first wave, one mapping per person.
        joined: whether each of them was joined.
        items: items to compare, each with the codes of its options.

    Returns:
        Whole percentages: of the joined, of the others.
    """
    table: dict[str, dict[str, list[int | None]]] = {}
    for item, options in items.items():
        groups: tuple[list[Answer], list[Answer]] = ([], [])
        for answers, is_joined in zip(before, joined, strict=True):
            answer = answers.get(item)
            if isinstance(answer, str) and answer in options:
                groups[0 if is_joined else 1].append(answer)
        if min(map(len, groups)) >= LEAST_IN_GROUP:
            table[item] = {option: [_share(group, option) for group in groups] for option in options}
    return table


def _share(group: Sequence[Answer], option: str) -> int | None:
    number = sum(answer == option for answer in group)
    if number < LEAST_IN_CELL or len(group) - number < LEAST_IN_CELL:
        return None
    return round(100 * number / len(group))
