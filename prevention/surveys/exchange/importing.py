"""What every import shares: the report, refusals, codes that are free to use, and the languages of texts. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from markupsafe import Markup

from prevention.core.languages import OFFERED_LANGUAGES
from prevention.core.web import Refusal
from prevention.surveys.faults import RESERVED_ITEM_CODES
from prevention.surveys.rules import RESERVED_CODES, Form

# Larger than any questionnaire that a class could answer; a file beyond it is not one.
MOST_BYTES = 4 * 1024 * 1024
MOST_UNPACKED_BYTES = 40 * 1024 * 1024
MOST_ITEMS = 400
MOST_OPTIONS = 200
LONGEST_TEXT = 2000
LONGEST_CODE = 30

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_OPTION_CODE = re.compile(r"[A-Za-z0-9_.<>=+\-]+")

# What other tools call "prefer not to answer"; here every item offers that by itself.
DECLINES = frozenset(
    (
        "prefer_not_say",
        "prefer_not_to_say",
        "prefer_not_to_answer",
        "prefer_not_answer",
        "no_answer",
        "refused",
        "pnts",
        "declined",
    )
)

# How forms name languages besides their codes, in small letters.
LANGUAGE_NAMES = {
    "italian": "it", "italiano": "it", "english": "en", "inglese": "en", "romanian": "ro", "rumeno": "ro",
    "română": "ro", "arabic": "ar", "arabo": "ar", "العربية": "ar", "punjabi": "pa", "panjabi": "pa", "ਪੰਜਾਬੀ": "pa",
    "albanian": "sq", "albanese": "sq", "shqip": "sq", "french": "fr", "francese": "fr", "français": "fr",
    "francais": "fr", "ukrainian": "uk", "ucraino": "uk", "українська": "uk", "chinese": "zh", "cinese": "zh",
    "中文": "zh",
}  # fmt: skip


class Outcome(StrEnum):
    """What became of one thing in a file."""

    KEPT = "kept"
    MAPPED = "mapped"
    DROPPED = "dropped"


class Why(StrEnum):
    """Why something was mapped or dropped, or a file refused."""

    # dropped
    FREE_TEXT = "free_text"
    METADATA = "metadata"
    CALCULATION = "calculation"
    NOTE = "note"
    PLACE_OR_FILE = "place_or_file"
    DATE_OR_TIME = "date_or_time"
    RANKING = "ranking"
    GRID_OF_VALUES = "grid_of_values"
    UNKNOWN_TYPE = "unknown_type"
    OUTSIDE_LIST = "outside_list"
    NO_CHOICES = "no_choices"
    TOO_MANY_CHOICES = "too_many_choices"
    WIDE_RANGE = "wide_range"
    CONDITION = "condition"
    CHOICE_FILTER = "choice_filter"
    LANGUAGE = "language"
    COMMENT = "comment"
    # mapped
    NEVER_REQUIRED = "never_required"
    REPEATED = "repeated"
    RENAMED = "renamed"
    OTHER_OPTION = "other_option"
    DECLINE_OPTION = "decline_option"
    USUAL_RANGE = "usual_range"
    CONDITION_WHEN_EMPTY = "condition_when_empty"
    ROWS_OF_GRID = "rows_of_grid"
    MARKUP = "markup"
    # refused
    NOT_A_FILE = "not_a_file"
    TOO_BIG = "too_big"
    BROKEN = "broken"
    NO_SURVEY = "no_survey"
    INVALID = "invalid"
    NOTHING_LEFT = "nothing_left"
    TOO_MANY_ITEMS = "too_many_items"
    LONG_TEXT = "long_text"
    MISSING_FIELD = "missing_field"
    DANGEROUS = "dangerous"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of a report: what became of what, where it stands in the file, and why. `value` is from the file."""

    outcome: Outcome
    place: str
    name: str
    why: Why | None = None
    value: str = ""

    def as_json(self) -> dict[str, str]:
        """Give the line as JSON can hold it."""
        return {
            "outcome": self.outcome.value, "place": self.place, "name": self.name,
            "why": self.why.value if self.why else "", "value": self.value[:200],
        }  # fmt: skip


class ImportRefused(Refusal):
    """A file is refused whole. `place` names sheet and row, or the part of the file; `value` what was found there."""

    def __init__(self, why: Why, *, file_name: str, place: str = "", value: str = "") -> None:
        super().__init__(f"{file_name}: {place} {why} {value}")
        self.why, self.file_name, self.place, self.value = why, file_name, place, value


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """A file that was taken in: the definition, and what was kept, mapped and dropped."""

    definition: dict[str, Any]
    lines: tuple[Line, ...]


@dataclass(kw_only=True, slots=True)
class Draft:
    """A definition while it is read: parts are added to it, and what became of each is noted."""

    file_name: str
    language: str
    lines: list[Line] = field(default_factory=list)
    title: dict[str, str] = field(default_factory=dict)
    sections: list[dict[str, Any]] = field(default_factory=list)
    groups: dict[str, dict[str, str]] = field(default_factory=dict)
    option_sets: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)
    # Names in the file to codes here, where they differ.
    renamed: dict[str, str] = field(default_factory=dict)

    def note(self, outcome: Outcome, place: str, name: str, why: Why | None = None, value: str = "") -> None:
        """Add a line to the report."""
        self.lines.append(Line(outcome=outcome, place=place, name=name, why=why, value=value))

    def refuse(self, why: Why, *, place: str = "", value: str = "") -> ImportRefused:
        """Give the refusal of this file."""
        return ImportRefused(why, file_name=self.file_name, place=place, value=value)

    def section(self, title: Mapping[str, str]) -> str:
        """Begin a section and give its code; one that nothing was put into is replaced."""
        code = f"S{len(self.sections) + 1}"
        if self.sections and not any(item["section"] == self.sections[-1]["code"] for item in self.items):
            code = self.sections.pop()["code"]
        self.sections.append({"code": code, "title": dict(title)})
        return code

    def free_code(self, name: str, *, place: str) -> str:
        """Give a code for an item that is not used yet and that no page or column needs for itself."""
        taken = {item["code"].lower() for item in self.items} | RESERVED_ITEM_CODES
        code = re.sub(r"[^A-Za-z0-9_]", "_", name)[:LONGEST_CODE]
        if not _CODE.fullmatch(code):
            code = f"Q{code}"[:LONGEST_CODE]
        plain, number = code, 2
        while code.lower() in taken:
            code, number = f"{plain[: LONGEST_CODE - 4]}_{number}", number + 1
        if code != name:
            self.note(Outcome.MAPPED, place, name, Why.RENAMED, code)
            self.renamed[name] = code
        return code

    def options(self, name: str, options: list[dict[str, Any]]) -> str:
        """Add a set of answers, or find the same one that is there already, and give its name."""
        for known, there in self.option_sets.items():
            if there == options:
                return known
        plain, number = re.sub(r"\W", "_", name)[:LONGEST_CODE] or "LIST", 2
        free = plain
        while free in self.option_sets:
            free, number = f"{plain}_{number}", number + 1
        self.option_sets[free] = options
        return free

    def finished(self, code: str) -> Imported:
        """Give what was read, with its languages.

        Raises:
            ImportRefused: nothing that can be asked is left, or far too much.
        """
        if not self.items:
            raise self.refuse(Why.NOTHING_LEFT)
        if len(self.items) > MOST_ITEMS:
            raise self.refuse(Why.TOO_MANY_ITEMS, value=str(len(self.items)))
        used = {item["section"] for item in self.items}
        languages = [one for one in OFFERED_LANGUAGES if any(one in text for text in self._texts())]
        definition = {
            "code": re.sub(r"[^a-z0-9-]+", "-", code.lower()).strip("-")[:LONGEST_CODE] or "imported",
            "version": "1",
            "published_on": "",
            "languages": languages,
            # Other tools title a form, and what stands outside of its groups, in one language.
            "title": _in_all(self.title, languages),
            "sections": [
                {**section, "title": _in_all(section["title"], languages)}
                for section in self.sections
                if section["code"] in used
            ],
            "groups": {
                name: lead
                for name, lead in self.groups.items()
                if any(item.get("group") == name for item in self.items)
            },
            "option_sets": {
                name: options
                for name, options in self.option_sets.items()
                if any(item.get("options") == name for item in self.items)
            },
            "items": self.items,
        }
        return Imported(definition=definition, lines=tuple(self.lines))

    def _texts(self) -> Iterator[Mapping[str, Any]]:
        yield self.title
        for item in self.items:
            yield item["text"]


def _in_all(title: Mapping[str, str], languages: Iterable[str]) -> dict[str, str]:
    return {language: title.get(language) or next(iter(title.values())) for language in languages}


def option_code(code: str, *, taken: Iterable[str]) -> str:
    """Give a code for an answer: no white space, no bar (it parts several answers), none of ours, none twice."""
    plain = code if _OPTION_CODE.fullmatch(code) else re.sub(r"[^A-Za-z0-9_.<>=+\-]", "_", code)
    plain = plain[:LONGEST_CODE] or "x"
    if plain in RESERVED_CODES:
        plain = f"{plain}_"
    free, number, used = plain, 2, set(taken)
    while free in used:
        free, number = f"{plain}_{number}", number + 1
    return free


def language_code(name: str) -> str | None:
    """Find the language that a form means, by code or by name ("Italiano (it)", "it", "Italian", "it-informal")."""
    text = name.strip().lower()
    in_brackets = re.search(r"\(([a-z]{2})(?:[-_][\w-]*)?\)\s*$", text)
    if in_brackets:
        text = in_brackets[1]
    if text.split("-")[0].split("_")[0] in OFFERED_LANGUAGES:
        return text.split("-")[0].split("_")[0]
    return LANGUAGE_NAMES.get(text)


def plain_text(text: object) -> str:
    """Give a text without markup and with single spaces."""
    # Read as markup only to be stripped of it; what is left is escaped like any text when it is shown.
    return Markup(str(text if text is not None else "")).striptags().strip()  # noqa: S704


def item_of(code: str, section: str, kind: str, text: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """Give an item of both forms."""
    return {
        "code": code, "section": section, "kind": kind, "forms": [form.value for form in Form], "text": dict(text),
        "source": "imported", **{key: value for key, value in more.items() if value},
    }  # fmt: skip
