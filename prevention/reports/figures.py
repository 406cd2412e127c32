"""`YearFigures`: everything that the papers of a year say, as frozen values; and how they are collected.

Counts, days, and tables that passed disclosure control; never a row, a session or a raw answer. Every paper of a year
is made from one `YearFigures`, so that a number that stands twice cannot differ. The identifier printed on a paper is
the SHA-256 of its figures, which are attached to it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from flask import current_app

from prevention.config import Settings
from prevention.core.facts import is_demo
from prevention.core.i18n import Localised
from prevention.delivery.coverage import (
    ActivityTotals,
    ProgrammeActivity,
    YearActivity,
    year_activity,
    year_details,
)
from prevention.indicators import service as indicators
from prevention.indicators.published import Audience, PublishedTable
from prevention.indicators.service import SealedManifest
from prevention.network import service as network
from prevention.network.boundaries.shapes import Territory
from prevention.network.help_file import HelpLine
from prevention.programmes import service as programmes
from prevention.programmes.models import Programme
from prevention.programmes.rules import EvidenceClass
from prevention.reports import codec
from prevention.reports.chapters.reading import read_chapters
from prevention.reports.chapters.values import Chapters
from prevention.reports.translated import PaperWords, collected


@dataclass(frozen=True, kw_only=True, slots=True)
class YearBefore:
    """What last year is compared by: its totals, and its programmes."""

    school_year: int
    totals: ActivityTotals
    programmes: tuple[ProgrammeActivity, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgrammeEvidence:
    """What is known about whether a programme helps, and what the whole of it takes (`minutes` of all meetings)."""

    slug: str
    name: Localised
    delivered_by: Localised
    meetings: int
    minutes: int
    evidence_class: EvidenceClass
    note: Localised
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupName:
    """A heading under which indicators are gathered, in the catalogue's order."""

    key: str
    name: Localised


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficeTexts:
    """What the office writes itself, in one language: what it concludes, what it plans, what a correction changed."""

    language: str
    conclusions: str = ""
    plan: str = ""
    changes: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class YearFigures:
    """One school year of one district, as it stood on `as_of`. `before` is None when nothing was recorded then.

    `school_tables` hold a cell for each school. They are kept with the run and for the sheet of that school alone:
    neither `canonical` nor any data put inside a paper has them. `chapters` is None in figures that were frozen before
    there were any; such a year leaves them out of its papers and of its identifier.
    """

    school_year: int
    as_of: date
    district: str
    is_demo: bool
    activity: YearActivity
    before: YearBefore | None
    programmes: tuple[ProgrammeEvidence, ...]
    surveys: tuple[SealedManifest, ...]
    tables: tuple[PublishedTable, ...]
    tables_before: tuple[PublishedTable, ...]
    groups: tuple[GroupName, ...]
    help_lines: tuple[HelpLine, ...]
    school_tables: tuple[PublishedTable, ...] = ()
    edition: int = 1
    texts: tuple[OfficeTexts, ...] = ()
    chapters: Chapters | None = None
    territory: Territory | None = None
    words: tuple[PaperWords, ...] = ()

    def texts_in(self, language: str) -> OfficeTexts:
        """Give the office's texts in a language, empty ones where there are none."""
        return next((one for one in self.texts if one.language == language), OfficeTexts(language=language))

    def to_json(self) -> dict[str, Any]:
        """Give the figures as plain values."""
        plain: dict[str, Any] = codec.to_plain(self)
        return plain

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "YearFigures":
        """Build figures from what `to_json` gave."""
        return codec.from_plain(cls, plain)

    def canonical(self) -> bytes:
        """Write the figures that are for everybody, in the one way that their identifier is made from."""
        plain = self.to_json()
        plain.pop("school_tables", None)
        return json.dumps(plain, ensure_ascii=False, sort_keys=True, indent=1).encode()

    @property
    def identifier(self) -> str:
        """SHA-256 of the figures, in hexadecimal."""
        return sha256(self.canonical()).hexdigest()


def collect(school_year: int, *, today: date) -> YearFigures:
    """Ask the rooms below for everything that the papers of `school_year` say, as it stands `today`.

    Reads only. Nothing recorded gives figures without programmes and surveys, never an error.
    """
    settings: Settings = current_app.config["SETTINGS"]
    details = year_details(school_year, today=today)
    activity = details.activity
    last_year = year_activity(school_year - 1, today=today)
    surveys = indicators.sealed_manifests(school_year)
    tables = indicators.published_tables(school_year, measure=None)
    known = programmes.programmes()
    return YearFigures(
        school_year=school_year,
        as_of=today,
        district=settings.district,
        is_demo=is_demo(),
        activity=activity,
        before=_before(last_year),
        programmes=_evidence(activity, {one.slug: one for one in known}),
        surveys=surveys,
        tables=tables,
        tables_before=indicators.published_tables(school_year - 1, measure=None),
        groups=tuple(GroupName(key=key, name=name) for key, name in indicators.indicator_groups().items()),
        help_lines=network.help_services(),
        school_tables=indicators.published_tables(school_year, audience=Audience.SCHOOL, measure=None),
        chapters=read_chapters(
            details, before=last_year, programmes=known, surveys=surveys, tables=tables, today=today
        ),
        territory=network.territory(),
        words=collected(),
    )


def _before(activity: YearActivity) -> YearBefore | None:
    if not activity.totals.meetings_planned:
        return None
    return YearBefore(school_year=activity.school_year, totals=activity.totals, programmes=activity.programmes)


def _evidence(activity: YearActivity, known: Mapping[str, Programme]) -> tuple[ProgrammeEvidence, ...]:
    return tuple(
        ProgrammeEvidence(
            slug=programme.slug,
            name=programme.name,
            delivered_by=programme.delivered_by,
            meetings=len(programme.meetings),
            minutes=programme.minutes,
            evidence_class=programme.evidence_class,
            note=programme.evidence_note,
            source=programme.evidence_source,
        )
        for programme in (known[row.slug] for row in activity.programmes)
    )
