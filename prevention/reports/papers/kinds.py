"""What papers a year has: their kinds, for whom each is, and what a finished one is made of. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from prevention.core.pdf import Attachment


class Kind(StrEnum):
    """The papers of a year.

    IMPACT: the district's report. SCHOOL: a sheet for one school. MAYORS: two pages for one municipality or one
    planning area. ANNEX: every published figure and how it was made, for the health authority. PARENTS: one leaf in
    plain words. NORMS: slides for pupils, how many really do.
    """

    IMPACT = "impact"
    SCHOOL = "school"
    MAYORS = "mayors"
    ANNEX = "annex"
    PARENTS = "parents"
    NORMS = "norms"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Paper:
    """One paper in one language.

    `scope` is the code of its school, the ISTAT code of its municipality, the code of its planning area, or empty.
    """

    kind: Kind
    language: str
    scope: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What one paper says, in the language of the moment: a template, its values, the data put inside the PDF.

    `stem` names the file, before district and year.
    """

    template: str
    title: str
    stem: str
    values: dict[str, Any]
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A finished paper before it is laid out: one HTML page and what goes into its PDF."""

    paper: Paper
    title: str
    file_name: str
    html: str
    attachments: tuple[Attachment, ...]


def slug(name: str) -> str:
    """Write a name for a file: small letters, and a hyphen for whatever is no letter or digit."""
    return "-".join(re.findall(r"[^\W_]+", name.casefold()))


class NoSuchPaper(LookupError):
    """The figures know no school or municipality of this code."""
