"""The languages in which readers may be spoken to, beyond the two of the site.

Italian and English come with the application. The others are those most spoken at home in the province; their texts
are written by people outside, come in as files (`translation_files`) and are shown once they are complete and a person
has approved them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from prevention.core.web import Refusal


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferedLanguage:
    """One language: its code (ISO 639-1), what it calls itself, and the direction of its script, ltr or rtl."""

    code: str
    own_name: str
    direction: str = "ltr"


OFFERED_LANGUAGES: Mapping[str, OfferedLanguage] = {
    language.code: language
    for language in (
        OfferedLanguage(code="it", own_name="Italiano"),
        OfferedLanguage(code="en", own_name="English"),
        OfferedLanguage(code="ro", own_name="Română"),
        OfferedLanguage(code="ar", own_name="العربية", direction="rtl"),
        OfferedLanguage(code="pa", own_name="ਪੰਜਾਬੀ"),
        OfferedLanguage(code="sq", own_name="Shqip"),
        OfferedLanguage(code="fr", own_name="Français"),
        OfferedLanguage(code="uk", own_name="Українська"),
        OfferedLanguage(code="zh", own_name="中文"),
    )
}


def direction_of(language: str) -> str:
    """Give the direction of a language's script, ltr or rtl; ltr for a language that is not known."""
    known = OFFERED_LANGUAGES.get(language)
    return known.direction if known else "ltr"


class TranslationRefused(Refusal):
    """A step that this translation cannot take; `why` is one of the class attributes."""

    NOT_TO_TRANSLATE = "not_to_translate"
    NOT_COMPLETE = "not_complete"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, kw_only=True, slots=True)
class LanguageState:
    """How far one language of something is: `written` of `total` units; `is_own` when it needs no translation."""

    language: str
    written: int
    total: int
    is_approved: bool
    is_own: bool = False

    @property
    def is_complete(self) -> bool:
        """Say whether every unit has a text."""
        return self.written == self.total

    @property
    def is_shown(self) -> bool:
        """Say whether this part is ready for its readers."""
        return self.is_own or (self.is_complete and self.is_approved)


class Translation(Protocol):
    """A row with texts in one language: unit to text."""

    texts: dict[str, str]
    is_approved: bool


def states_of(wanted: Iterable[str], rows: Mapping[str, Translation], *, own: tuple[str, ...]) -> list[LanguageState]:
    """Say for each language offered how far something is.

    Args:
        wanted: its units.
        rows: what was loaded, by language.
        own: the languages that need no translation.
    """
    units = tuple(wanted)
    states = []
    for language in OFFERED_LANGUAGES:
        row = rows.get(language)
        written = sum(1 for unit in units if row and row.texts.get(unit))
        states.append(
            LanguageState(
                language=language,
                written=len(units) if language in own else written,
                total=len(units),
                is_approved=bool(row and row.is_approved),
                is_own=language in own,
            )
        )
    return states
