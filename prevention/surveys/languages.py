"""The languages that a pupil may answer in, beyond the two of the site.

Italian and English come with the application. The others are those of the families of the province's schools; their
texts are written by people outside, come in as files (`translation_files.py`) and are shown once they are complete
for a questionnaire and for the pages around it, and a person has approved them.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class PupilLanguage:
    """One language: its code (ISO 639-1), what it calls itself, and the direction of its script, ltr or rtl."""

    code: str
    own_name: str
    direction: str = "ltr"


PUPIL_LANGUAGES: Mapping[str, PupilLanguage] = {
    language.code: language
    for language in (
        PupilLanguage(code="it", own_name="Italiano"),
        PupilLanguage(code="en", own_name="English"),
        PupilLanguage(code="ro", own_name="Română"),
        PupilLanguage(code="ar", own_name="العربية", direction="rtl"),
        PupilLanguage(code="pa", own_name="ਪੰਜਾਬੀ"),
        PupilLanguage(code="sq", own_name="Shqip"),
        PupilLanguage(code="fr", own_name="Français"),
        PupilLanguage(code="uk", own_name="Українська"),
        PupilLanguage(code="zh", own_name="中文"),
    )
}


def direction_of(language: str) -> str:
    """Give the direction of a language's script, ltr or rtl; ltr for a language that is not known."""
    known = PUPIL_LANGUAGES.get(language)
    return known.direction if known else "ltr"
