"""What can be translated for pupils: the words of their pages, and each published questionnaire. One shape for both."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from prevention.core.access import Actor, NotYours
from prevention.core.i18n import LANGUAGES
from prevention.surveys import interface, service
from prevention.surveys.exchange.translation_files import Work
from prevention.surveys.languages import PUPIL_LANGUAGES
from prevention.surveys.models import PublishedQuestionnaire
from prevention.surveys.service import LanguageState
from prevention.surveys.units import units

# The name, in addresses, of the words of the pupils' pages.
PAGES = "pages"


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """One thing to translate: `key` in addresses, `name` in files, its units in Italian and English."""

    key: str
    name: str
    italian: Mapping[str, str]
    english: Mapping[str, str]
    questionnaire: PublishedQuestionnaire | None

    def languages(self) -> list[LanguageState]:
        """Say how far each language is."""
        if self.questionnaire is None:
            return service.interface_languages(self.italian, own=LANGUAGES)
        return service.questionnaire_languages(self.questionnaire)

    def work(self, language: str) -> Work:
        """Give what a translator into a language needs.

        Raises:
            NotYours: it is no language of pupils, or one that needs no translation.
        """
        own = LANGUAGES if self.questionnaire is None else self.questionnaire.definition["languages"]
        if language not in PUPIL_LANGUAGES or language in own:
            raise NotYours(language)
        return Work(name=self.name, language=language, italian=self.italian, english=self.english)

    def texts(self, language: str) -> dict[str, str]:
        """Give what there is in a language."""
        if self.questionnaire is None:
            return service.interface_texts(language)
        return service.questionnaire_texts(self.questionnaire.id, language)

    def load(self, actor: Actor | None, language: str, texts: Mapping[str, str]) -> None:
        """Keep texts in a language, not approved. Flushes."""
        if self.questionnaire is None:
            service.load_interface_texts(actor, language, texts, own=LANGUAGES)
            interface.forget()
        else:
            service.load_questionnaire_texts(actor, self.questionnaire, language, texts)

    def approve(self, actor: Actor, language: str, *, is_approved: bool) -> None:
        """Show a language to pupils, or take it away. Flushes.

        Raises:
            NotYours: nothing was loaded in it.
            TranslationRefused: it is not complete.
        """
        if self.questionnaire is None:
            service.approve_interface_texts(actor, language, self.italian, is_approved=is_approved)
            interface.forget()
        else:
            service.approve_questionnaire_texts(actor, self.questionnaire, language, is_approved=is_approved)


def subject_of(key: str) -> Subject:
    """Give the thing to translate under a key: `PAGES`, or the id of a published questionnaire.

    Raises:
        NotYours: there is no such thing.
    """
    if key == PAGES:
        return Subject(
            key=PAGES,
            name=PAGES,
            italian=interface.sources("it"),
            english=interface.sources("en"),
            questionnaire=None,
        )
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
