"""Facets as bits: which values a line has, and how many lines of an answer have each. Pure.

The place of a value among the bits is kept in the database: new values go to the end of `_LAYOUT`, never between.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prevention.programmes.rules import EvidenceClass, Topic
from prevention.resources.rules import Access, Language, Length, Licence, LifeSkill, ResourceKind
from prevention.schools.rules import TARGET_LEVELS

GRADES = tuple(f"{level.value}-{grade}" for level in TARGET_LEVELS for grade in level.grades)

# Facet -> its values, in the order of their bits: 55 of the 63 that a signed whole number of 64 bits has.
_LAYOUT: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("kind", tuple(ResourceKind)),
    ("grade", GRADES),
    ("language", tuple(Language)),
    ("topic", tuple(Topic)),
    ("skill", tuple(LifeSkill)),
    ("length", tuple(Length)),
    ("evidence", tuple(EvidenceClass)),
    ("open", ("open",)),
    ("access", ("any",)),
)
FACETS = tuple(name for name, _values in _LAYOUT)
VALUES = dict(_LAYOUT)
_BITS: dict[tuple[str, str], int] = {
    pair: 1 << place for place, pair in enumerate((name, value) for name, values in _LAYOUT for value in values)
}

Masks = NDArray[np.int64]
Kept = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True)
class Labels:
    """What the bits of one line are made from; no grades means all of them."""

    kind: ResourceKind
    licence: Licence
    languages: Collection[str]
    grades: Collection[str]
    topics: Collection[str]
    skills: Collection[str]
    access: Collection[Access | str]
    length: Length | None
    evidence_class: EvidenceClass | None


def mask_of(labels: Labels) -> int:
    """Give the bits of one line."""
    chosen: dict[str, Iterable[str]] = {
        "kind": (labels.kind,),
        "grade": labels.grades or GRADES,
        "language": labels.languages,
        "topic": labels.topics,
        "skill": labels.skills,
        "length": (labels.length,) if labels.length else (),
        "evidence": (labels.evidence_class,) if labels.evidence_class else (),
        "open": () if labels.licence is Licence.RESERVED else ("open",),
        "access": ("any",) if labels.access else (),
    }
    return sum({_BITS[name, value] for name, values in chosen.items() for value in values if (name, value) in _BITS})


def kept_by(masks: Masks, chosen: Mapping[str, Collection[str]]) -> dict[str, Kept]:
    """Say for each facet that was chosen which lines it keeps: those with at least one of its values."""
    return {
        name: (masks & sum(_BITS[name, value] for value in values)) != 0 for name, values in chosen.items() if values
    }


def all_of(kept: Iterable[Kept], size: int) -> Kept:
    """Give the lines that every one of these keeps."""
    result = np.ones(size, dtype=np.bool_)
    for one in kept:
        result &= one
    return result


def counts(masks: Masks, kept: Mapping[str, Kept]) -> dict[str, dict[str, int]]:
    """Count the lines of each value of each facet, were it chosen beside what the *other* facets keep."""
    everything = all_of(kept.values(), len(masks))
    found: dict[str, dict[str, int]] = {}
    for name, values in _LAYOUT:
        others = (
            all_of((one for facet, one in kept.items() if facet != name), len(masks)) if name in kept else everything
        )
        left = masks[others]
        found[name] = {value: int(np.count_nonzero(left & _BITS[name, value])) for value in values}
    return found
