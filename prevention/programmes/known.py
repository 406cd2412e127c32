"""Reads `known.toml`, the programmes known in Italy with their doses and sources, into values.

Owns the shape of that file. Is not the loader into the database: that is `service.load_known`.
"""

import tomllib
from pathlib import Path
from typing import Any

from prevention.programmes.plans import ProgrammePlan
from prevention.programmes.rules import EvidenceClass, MeetingPlan, Method, Topic

KNOWN_FILE = Path(__file__).with_name("known.toml")

_PHASES: tuple[dict[str, str], ...] = (
    {"it": "Apertura", "en": "Opening"},
    {"it": "Attività principale", "en": "Main activity"},
    {"it": "Chiusura", "en": "Closing"},
)
_WHOLE: tuple[dict[str, str], ...] = ({"it": "L'incontro come previsto", "en": "The meeting as planned"},)


def known_programmes(path: Path = KNOWN_FILE) -> tuple[ProgrammePlan, ...]:
    """Read the file of known programmes, in the order of the file."""
    with path.open("rb") as file:
        entries = tomllib.load(file)["programme"]
    return tuple(_plan(entry) for entry in entries)


def _plan(entry: dict[str, Any]) -> ProgrammePlan:
    return ProgrammePlan(
        slug=entry["slug"],
        name=entry["name"],
        summary=entry["summary"],
        topics=tuple(Topic(topic) for topic in entry["topics"]),
        levels=tuple(entry["levels"]),
        grade_min=entry["grade_min"],
        grade_max=entry["grade_max"],
        method=Method(entry["method"]),
        delivered_by=entry["delivered_by"],
        dose_source=entry["dose_source"],
        evidence_class=EvidenceClass(entry["evidence_class"]),
        evidence_note=entry["evidence_note"],
        evidence_source=entry["evidence_source"],
        meetings=_meetings(entry),
    )


def _meetings(entry: dict[str, Any]) -> tuple[MeetingPlan, ...]:
    numbers = range(1, entry.get("numbered_meetings", 0) + 1)
    titles = entry.get("meeting") or [{"it": f"Unità {number}", "en": f"Unit {number}"} for number in numbers]
    activities = _PHASES if entry.get("activities") == "phases" else _WHOLE
    return tuple(MeetingPlan(title=dict(title), minutes=entry["minutes"], activities=activities) for title in titles)
