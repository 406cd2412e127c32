"""Whose answers a table is about: which cleaning rules, who withdrew, and which part of the district. Pure.

All tables of a wave, corrections included, are made of the records of its first sealed file. A population says which of
them count, so that any two tables can be compared pupil by pupil.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from prevention.indicators.engine import ClassFacts
from prevention.indicators.expressions import BAR

# No track, as in the tables.
_NO_TRACK = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """A part of the district: codes of each kind, sorted; none of a kind means all of it.

    `grades` are keys such as "secondo_grado-2".
    """

    levels: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    municipalities: tuple[str, ...] = ()

    def holds(self, facts: ClassFacts) -> bool:
        """Say whether a class is in it."""
        return all(
            not wanted or is_code in wanted
            for wanted, is_code in (
                (self.levels, facts.level),
                (self.grades, f"{facts.level}-{facts.grade}"),
                (self.tracks, facts.track or _NO_TRACK),
                (self.municipalities, facts.municipality),
            )
        )

    def to_text(self) -> str:
        """Write it, always the same text for the same selection; empty for everybody."""
        given = {kind: list(codes) for kind, codes in asdict(self).items() if codes}
        return json.dumps(given, sort_keys=True, separators=(",", ":")) if given else ""

    @classmethod
    def from_text(cls, text: str) -> "Selection":
        """Read what `to_text` wrote."""
        return cls.of(json.loads(text)) if text else cls()

    @classmethod
    def of(cls, given: Mapping[str, Iterable[str]]) -> "Selection":
        """Build a selection; kinds that it does not know are a mistake of the caller.

        Raises:
            TypeError: there is no such kind.
        """
        return cls(**{kind: tuple(sorted(set(codes))) for kind, codes in given.items()})


@dataclass(frozen=True, kw_only=True, slots=True)
class Population:
    """Whose answers count.

    Attributes:
        discards: cleaning rules that are on: a record that breaks one does not count.
        withdrawn: school codes, each with a grade or None for all of the school.
        selection: the part of the district.
    """

    discards: tuple[str, ...] = ()
    withdrawn: tuple[tuple[str, int | None], ...] = ()
    selection: Selection = Selection()

    def holds(self, facts: ClassFacts, broken: str) -> bool:
        """Say whether records of a class count that break these rules (between bars)."""
        return (
            not any(f"{BAR}{rule}{BAR}" in broken for rule in self.discards)
            and not any(code == facts.site_code and grade in (None, facts.grade) for code, grade in self.withdrawn)
            and self.selection.holds(facts)
        )

    def to_json(self) -> dict[str, Any]:
        """Write what makes a seal; the selection is a table's matter."""
        return {"discards": list(self.discards), "withdrawn": [list(one) for one in self.withdrawn]}

    @classmethod
    def from_json(cls, given: Mapping[str, Any], *, selection: Selection | None = None) -> "Population":
        """Read what `to_json` wrote."""
        return cls(
            discards=tuple(given["discards"]),
            withdrawn=tuple((str(code), grade) for code, grade in given["withdrawn"]),
            selection=selection or Selection(),
        )


KINDS = tuple(one.name for one in fields(Selection))
