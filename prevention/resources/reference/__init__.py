"""A reference catalogue of materials, and questions of teachers with the materials that answer them.

Owns: the shipped texts, and reading them. The demo fills its library from the catalogue; `flask resources
search-quality` measures search with the questions.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from prevention.resources.rules import Language, Licence, ResourceKind
from prevention.resources.service import Details, ProgrammeChoice
from prevention.schools.rules import Level

_HERE = Path(__file__).parent
# What a material without a file points at, so that it has something to read.
LINK = "https://example.org/materiali/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What a teacher asks, and the keys of the materials that answer it."""

    asked: str
    expected: frozenset[str]


def details_by_key(programmes: list[ProgrammeChoice]) -> dict[str, Details]:
    """Give the reference materials as they would be handed in, by their key; unknown programmes are left out."""
    by_slug = {choice.slug: choice.id for choice in programmes}
    return {row["key"]: _details(row, by_slug.get) for row in _read("catalogue.toml")["resource"]}


def questions(kind: str) -> list[Question]:
    """Give the questions of a kind: ``question`` (the fixed set), ``held_out`` or ``fresh``."""
    return [Question(asked=row["asked"], expected=frozenset(row["expected"])) for row in _read("questions.toml")[kind]]


@cache
def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))


def _details(row: Mapping[str, Any], programme_of: Callable[[str], Any]) -> Details:
    pairs = [grade.rsplit("-", 1) for grade in row["grades"]]
    return Details(
        title=row["title"],
        abstract=row["abstract"],
        kind=ResourceKind(row["kind"]),
        language=Language(row["language"]),
        licence=Licence.CC_BY,
        authors="Redazione della demo",
        link=f"{LINK}{row['key']}",
        minutes=row.get("minutes"),
        other_languages=tuple(row.get("other_languages", ())),
        topics=tuple(row.get("topics", ())),
        skills=tuple(row.get("skills", ())),
        access=tuple(row.get("access", ())),
        programme_id=programme_of(row.get("programme", "")),
        grades=frozenset((Level(level), int(grade)) for level, grade in pairs),
    )
