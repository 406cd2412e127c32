"""What can be translated: words of pages and papers (`wordsets`), and published questionnaires. One shape for all."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prevention.core import wordsets
from prevention.core.access import Actor, NotYours
from prevention.core.i18n import LANGUAGES
from prevention.core.languages import OFFERED_LANGUAGES, LanguageState
from prevention.core.translation_files import Work
from prevention.core.wordsets import WordSet
from prevention.surveys import service
from prevention.surveys.interface import PAGES as PAGE_WORDS
from prevention.surveys.models import PublishedQuestionnaire
from prevention.surveys.units import units

# The name, in addresses, of the words of the pupils' pages.
PAGES = PAGE_WORDS.key


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """One thing to translate: `key` in addresses, `name` in files, its units in Italian and English.

    Either `words` or `questionnaire` is there.
    """

    key: str
    name: str
    italian: Mapping[str, str]
    english: Mapping[str, str]
    words: WordSet | None = None
    questionnaire: PublishedQuestionnaire | None = None

    @property
    def title(self) -> str:
        """Name it for the office."""
        return str(self.words.name) if self.words else self.name

    def languages(self) -> list[LanguageState]:
        """Say how far each language is."""
        return self.words.languages() if self.words else service.questionnaire_languages(self._published())

    def work(self, language: str) -> Work:
        """Give what a translator into a language needs.

        Raises:
            NotYours: it is not offered, or needs no translation.
        """
        own = LANGUAGES if self.words else self._published().definition["languages"]
        if language not in OFFERED_LANGUAGES or language in own:
            raise NotYours(language)
        return Work(name=self.name, language=language, italian=self.italian, english=self.english)

    def texts(self, language: str) -> dict[str, str]:
        """Give what there is in a language."""
        if self.words:
            return self.words.texts(language)
        return service.questionnaire_texts(self._published().id, language)

    def load(self, actor: Actor | None, language: str, texts: Mapping[str, str]) -> None:
        """Keep texts in a language, not approved. Flushes."""
        if self.words:
            self.words.load(actor, language, texts)
        else:
            service.load_questionnaire_texts(actor, self._published(), language, texts)

    def approve(self, actor: Actor, language: str, *, is_approved: bool) -> None:
        """Show a language to its readers, or take it away. Flushes.

        Raises:
            NotYours: nothing was loaded in it.
            TranslationRefused: it is not complete.
        """
        if self.words:
            self.words.approve(actor, language, is_approved=is_approved)
        else:
            service.approve_questionnaire_texts(actor, self._published(), language, is_approved=is_approved)

    def _published(self) -> PublishedQuestionnaire:
        if self.questionnaire is None:
            raise LookupError(self.key)
        return self.questionnaire


def word_subjects() -> Iterator[Subject]:
    """Give the words of pages and papers, each as a thing to translate."""
    yield from map(_of_words, wordsets.registered().values())


def subject_of(key: str) -> Subject:
    """Give the thing to translate under a key: that of words, or the id of a published questionnaire.

    Raises:
        NotYours: there is no such thing.
    """
    if key in wordsets.registered():
        return _of_words(wordsets.registered()[key])
    try:
        row = service.questionnaire_row(uuid.UUID(key))
    except ValueError:
        raise NotYours(key) from None
    found = units(row.definition)
    return Subject(
        key=str(row.id),
        name=f"{row.code} {row.version}",
        italian={unit: text.get("it", "") for unit, text in found.items()},
        english={unit: text.get("en", "") for unit, text in found.items()},
        questionnaire=row,
    )


def _of_words(words: WordSet) -> Subject:
    return Subject(key=words.key, name=words.key, italian=words.sources("it"), english=words.sources("en"), words=words)
