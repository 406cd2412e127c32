"""Which words stand for which value in each column, in every language of the site."""

from collections.abc import Iterable, Mapping
from functools import cache

from prevention.core.i18n import LANGUAGES as SITE_LANGUAGES
from prevention.core.i18n import in_language, language_name
from prevention.programmes.models import ProgrammeMeeting
from prevention.programmes.wording import TOPICS
from prevention.resources import wording
from prevention.resources.rules import COLUMNS
from prevention.resources.search.words import folded
from prevention.resources.service import ProgrammeChoice

# Columns of closed lists: one value, or several.
ONE_OF = ("kind", "language", "licence", "programme", "moment")
SOME_OF = ("other_languages", "grades", "topics", "skills", "access")

_WORDS: Mapping[str, tuple[Mapping[str, object], ...]] = {
    "kind": (wording.KINDS,),
    "language": (wording.LANGUAGES,),
    "other_languages": (wording.LANGUAGES,),
    "licence": (wording.LICENCES, wording.LICENCE_CHOICES),
    "grades": (wording.grade_choices(),),
    "topics": (TOPICS,),
    "skills": (wording.SKILLS,),
    "access": (wording.ACCESS,),
    "moment": (wording.MOMENTS,),
}


def words_of(column: str) -> dict[str, str]:
    """Give the values of a column's closed list with their words in the reader's language."""
    return {str(value): str(words) for value, words in _WORDS[column][0].items()}


@cache
def columns_by_words() -> dict[str, str]:
    """Give the columns by each of their names, folded."""
    found = {folded(column): column for column in COLUMNS}
    for language in SITE_LANGUAGES:
        with in_language(language):
            found |= {folded(str(words)): column for column, words in wording.SHEET_COLUMNS.items()}
    return found


@cache
def values_by_words(column: str) -> dict[str, str]:
    """Give the values of a column's closed list by each of their names, folded."""
    found: dict[str, str] = {}
    for language in SITE_LANGUAGES:
        with in_language(language):
            for list_of_words in _WORDS[column]:
                found |= {folded(str(words)): str(value) for value, words in list_of_words.items() if value}
            if column in ("language", "other_languages"):
                found |= {folded(language_name(value)): value for value in wording.LANGUAGES}
    return found | {folded(str(value)): str(value) for value in _WORDS[column][0]}


def programmes_by_words(programmes: Iterable[ProgrammeChoice]) -> dict[str, str]:
    """Give the ids of programmes by their slug and by their name in each language, folded."""
    found: dict[str, str] = {}
    for choice in programmes:
        found |= {folded(words): str(choice.id) for words in (choice.slug, *choice.name.values())}
    return found


def meetings_by_words(meetings: Iterable[ProgrammeMeeting]) -> dict[tuple[str, str], str]:
    """Give the ids of meetings by their programme's id and their number, their title, or both, folded."""
    found: dict[tuple[str, str], str] = {}
    for meeting in meetings:
        number, titles = str(meeting.number), list(meeting.title.values())
        for words in (number, *titles, *(f"{number}. {title}" for title in titles)):
            found.setdefault((str(meeting.programme_id), folded(words)), str(meeting.id))
    return found


def split(text: str, values: Mapping[str, str]) -> list[str]:
    """Split a cell with several values: at semicolons and line ends, or at spaces if all of them are codes."""
    parts = [part.strip() for part in text.replace("\n", ";").split(";") if part.strip()]
    if len(parts) == 1 and folded(parts[0]) not in values:
        codes = parts[0].split()
        if all(folded(code) in values for code in codes):
            return codes
    return parts
