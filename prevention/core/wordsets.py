"""Words of pages and papers that an office can have translated into more languages than the site speaks.

Which words those are is read from the templates and the code: whatever they mark for translation is a unit, so that a
sentence added there is asked of translators without anybody listing it. A unit's name is a fingerprint of the English
message. Italian and English are in the catalogues; any other language comes from `models.WordTranslation`, as files
that `translation_files` writes and reads, and is put in place of the catalogue by `speak` or `speaking`.

A translation that is not approved, or no longer complete, is shown to nobody. Loading again takes an approval back:
what was checked is not what is there now.
"""

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract, extract_from_dir
from babel.support import NullTranslations, Translations
from flask import Flask, current_app
from flask_babel import Domain, LazyString
from markupsafe import escape
from sqlalchemy import select

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.i18n import LANGUAGES, in_language
from prevention.core.languages import OFFERED_LANGUAGES, LanguageState, TranslationRefused, states_of
from prevention.core.models import WordTranslation

# How long a process may go on showing what it knows: an approval reaches every process within a minute.
REMEMBERED_S = 60.0

_KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "_l": None}


@dataclass(frozen=True, kw_only=True, eq=False)
class WordSet:
    """Words that are translated and approved together.

    `key` names the set in addresses and rows, `prefix` begins the names of its units; `places` are folders of templates
    and single files of templates or code. For the office: `name`, `shown` (what an approval means) and `note` (what a
    translator should know, or nothing).
    """

    key: str
    prefix: str
    places: tuple[Path, ...]
    name: LazyString
    shown: LazyString
    note: LazyString | str = ""

    def messages(self) -> Mapping[str, str]:
        """Give the units: name to the message in English. Reads the sources once per process."""
        return _messages(self.prefix, self.places)

    def sources(self, language: str) -> dict[str, str]:
        """Give the units in one of the site's languages: name to text."""
        with in_language(language):
            return {unit: catalogues().gettext(message) for unit, message in self.messages().items()}

    def languages(self) -> list[LanguageState]:
        """Say for each language offered how far the words are. One query."""
        rows = db.session.scalars(select(WordTranslation).where(WordTranslation.word_set == self.key))
        return states_of(self.messages(), {row.language: row for row in rows}, own=LANGUAGES)

    def texts(self, language: str) -> dict[str, str]:
        """Give what was loaded in a language, unit to text; nothing when nothing was."""
        row = db.session.get(WordTranslation, (self.key, language))
        return dict(row.texts) if row else {}

    def load(self, actor: Actor | None, language: str, texts: Mapping[str, str]) -> None:
        """Keep texts in a language, in place of those before; not approved. Flushes.

        Raises:
            TranslationRefused: the catalogues hold the language, or it is not offered.
        """
        if language not in OFFERED_LANGUAGES or language in LANGUAGES:
            raise TranslationRefused(TranslationRefused.NOT_TO_TRANSLATE)
        kept = db.session.get(WordTranslation, (self.key, language)) or WordTranslation(
            word_set=self.key, language=language
        )
        kept.texts, kept.is_approved = dict(texts), False
        db.session.add(kept)
        audit.record(actor, "words.loaded", None, word_set=self.key, language=language, units=len(texts))
        db.session.flush()
        self.forget()

    def approve(self, actor: Actor | None, language: str, *, is_approved: bool) -> None:
        """Show a language to its readers, or take it away. Flushes.

        Raises:
            NotYours: nothing was loaded in it.
            TranslationRefused: it is to be approved and not complete.
        """
        kept = db.session.get(WordTranslation, (self.key, language))
        if kept is None:
            raise NotYours(language)
        if is_approved and not all(kept.texts.get(unit) for unit in self.messages()):
            raise TranslationRefused(TranslationRefused.NOT_COMPLETE)
        kept.is_approved = is_approved
        audit.record(actor, "words.approved", None, word_set=self.key, language=language, approved=is_approved)
        db.session.flush()
        self.forget()

    def approved(self) -> dict[str, dict[str, str]]:
        """Give the approved and complete languages, in the order offered: code to message in English to text.

        One query.
        """
        messages = self.messages()
        rows = db.session.scalars(
            select(WordTranslation).where(WordTranslation.word_set == self.key, WordTranslation.is_approved.is_(True))
        )
        given = {row.language: row.texts for row in rows}
        return {
            language: {message: given[language][unit] for unit, message in messages.items()}
            for language in OFFERED_LANGUAGES
            if language in given and all(given[language].get(unit) for unit in messages)
        }

    def spoken(self) -> Mapping[str, Mapping[str, str]]:
        """Give `approved` as it was at most a minute ago."""
        remembered = current_app.extensions.setdefault("spoken_words", {})
        read_at, found = remembered.get(self.key, (0.0, None))
        if found is None or time.monotonic() - read_at > REMEMBERED_S:
            found = self.approved()
            remembered[self.key] = (time.monotonic(), found)
        spoken: Mapping[str, Mapping[str, str]] = found
        return spoken

    def forget(self) -> None:
        """Forget what was remembered, so that an approved language shows in this process at once."""
        current_app.extensions.get("spoken_words", {}).pop(self.key, None)


def register(app: Flask, *word_sets: WordSet) -> None:
    """Name the sets that the office may have translated."""
    app.extensions["word_sets"] = {one.key: one for one in word_sets}


def registered() -> Mapping[str, WordSet]:
    """Give the sets that the office may have translated, by key."""
    found: Mapping[str, WordSet] = current_app.extensions["word_sets"]
    return found


def speak(texts: Mapping[str, str]) -> None:
    """Use texts, message in English to text, in place of the catalogue for the rest of this request."""
    _OfficeWords(texts).as_default()


def speak_as_usual() -> None:
    """Go back to the catalogues."""
    catalogues().as_default()


@contextmanager
def speaking(language: str, texts: Mapping[str, str]) -> Iterator[None]:
    """Hold a language, for a paper in it; `texts` are its words when the catalogues do not hold them."""
    with in_language(language):
        if language not in LANGUAGES:
            speak(texts)
        try:
            yield
        finally:
            speak_as_usual()


def catalogues() -> Domain:
    """Give the words of the site's own languages."""
    words: Domain = current_app.extensions["babel"].instance.domain_instance
    return words


@cache
def _messages(prefix: str, places: tuple[Path, ...]) -> Mapping[str, str]:
    found = {_unit(prefix, message): message for place in places for message in _marked(place)}
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


def _marked(place: Path) -> Iterator[str]:
    """Give the messages that a folder of templates, a template or a module marks."""
    if place.is_dir():
        for _path, _line, message, _comments, _context in extract_from_dir(place, [("**.html", "jinja2")]):
            yield message if isinstance(message, str) else message[0]
        return
    with place.open("rb") as file:
        method = "jinja2" if place.suffix == ".html" else "python"
        for _line, message, _comments, _context in extract(method, file, keywords=_KEYWORDS):
            yield message if isinstance(message, str) else message[0]


def _unit(prefix: str, message: str) -> str:
    return f"{prefix}.{hashlib.sha256(message.encode()).hexdigest()[:10]}"


class _OfficeWords(Domain):
    """A catalogue made of texts that an office loaded.

    Templates take the words of a catalogue for mark-up that is ours. These are somebody else's: a template gets them
    escaped, code gets them as they are.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__()
        self._texts = dict(texts)
        self._escaped = Translations()
        self._escaped._catalog.update({message: str(escape(text)) for message, text in texts.items()})

    def get_translations(self) -> NullTranslations:
        return self._escaped

    def gettext(self, string: str, **variables: object) -> str:
        text = self._texts.get(string, string)
        return text % variables if variables else text
