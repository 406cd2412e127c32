"""Words as search compares them: folded, stemmed, and words of the field that mean the same made one. Pure."""

import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import snowballstemmer

# More than this narrow a question no further; a pasted page must not become a query of a thousand parts.
GROUPS_MOST = 12
LANGUAGES = ("it", "en")

_SYNONYMS = Path(__file__).with_name("synonyms.toml")
# What the indexed word of a concept begins with. No stem does: "zz" begins no Italian or English word.
_MARK = "zz"


@dataclass(frozen=True, slots=True)
class _Concepts:
    """Phrases (as stems) and the marks they stand for, by first stem, longest first; and words to leave out."""

    phrases: dict[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]
    ignored: frozenset[str]


def folded(text: str) -> str:
    """Write a text in small letters without accents, words apart by one space."""
    # Twice, because letters of other shapes come apart into capitals, and small letters may come apart again.
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter))
    return " ".join(plain.split())


def index_words(text: str, *, languages: Sequence[str] = LANGUAGES) -> str:
    """Give the words under which a text is found: its stems in each language, and the marks of its concepts."""
    words = folded(text).split()
    found: list[str] = []
    for word in words:
        found.extend(dict.fromkeys(_stem(word, language) for language in languages if language in LANGUAGES))
        if not set(languages) & set(LANGUAGES):
            found.append(word)
    for language in LANGUAGES:
        found.extend(mark for _length, marks in _marks(words, language) for mark in marks)
    return " ".join(found)


def question_groups(text: str, *, with_concepts: bool = True) -> list[tuple[str, ...]]:
    """Split a question into what must be looked for: each a group of words of which one is enough.

    Words that say nothing ("come", "the") are left out, unless nothing else is said.
    """
    words = folded(text).split()
    groups: list[tuple[str, ...]] = []
    place = 0
    for length, marks in _walk(words) if with_concepts else ((1, ()) for _word in words):
        if marks:
            groups.append(marks)
        elif words[place] not in _concepts("it").ignored and (len(words[place]) > 1 or words[place].isdigit()):
            groups.append(tuple(dict.fromkeys([_stem(words[place], language) for language in LANGUAGES])))
        place += length
    groups = groups or [tuple(dict.fromkeys(_stem(word, language) for language in LANGUAGES)) for word in words]
    return list(dict.fromkeys(groups))[:GROUPS_MOST]


def mark(concept: str) -> str:
    """Give the indexed word of a concept, e.g. of a grade."""
    return _MARK + concept.replace("_", "").replace("-", "").lower()


def is_mark(word: str) -> bool:
    """Say whether an indexed word is the mark of a concept."""
    return word.startswith(_MARK)


def _walk(words: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Go through a question: how many words come next, and the marks they stand for (none: a plain word)."""
    by_language = {language: dict(_placed(words, language)) for language in LANGUAGES}
    place = 0
    while place < len(words):
        length, marks = max(
            (by_language[language].get(place, (1, ())) for language in LANGUAGES), key=lambda one: (one[0], len(one[1]))
        )
        yield length, marks
        place += length


def _marks(words: Sequence[str], language: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    return (found for _place, found in _placed(words, language))


def _placed(words: Sequence[str], language: str) -> Iterator[tuple[int, tuple[int, tuple[str, ...]]]]:
    stems = [_stem(word, language) for word in words]
    phrases = _concepts(language).phrases
    for place, stem in enumerate(stems):
        for phrase, marks in phrases.get(stem, ()):
            if tuple(stems[place : place + len(phrase)]) == phrase:
                yield place, (len(phrase), marks)
                break


@cache
def _stemmer(language: str) -> "snowballstemmer.Stemmer":
    return snowballstemmer.stemmer({"it": "italian", "en": "english"}[language])


@lru_cache(maxsize=50_000)
def _stem(word: str, language: str) -> str:
    return str(_stemmer(language).stemWord(word))


@cache
def _concepts(language: str) -> _Concepts:
    read = tomllib.loads(_SYNONYMS.read_text(encoding="utf-8"))
    by_first: dict[str, dict[tuple[str, ...], tuple[str, ...]]] = {}
    for table in ("concept", "grade", "label"):
        for concept, phrases in read[table].items():
            for phrase in phrases:
                stems = tuple(_stem(word, language) for word in folded(phrase).split())
                same_start = by_first.setdefault(stems[0], {})
                same_start[stems] = tuple(dict.fromkeys((*same_start.get(stems, ()), mark(concept))))
    return _Concepts(
        phrases={
            first: tuple(sorted(phrases.items(), key=lambda item: -len(item[0]))) for first, phrases in by_first.items()
        },
        ignored=frozenset(_all_words(read["ignored"].values())),
    )


def _all_words(texts: Iterable[str]) -> Iterator[str]:
    return (word for text in texts for word in folded(text).split())
