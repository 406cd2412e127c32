"""The words of the pupils' pages themselves, so that an office can have them translated too; see `wordsets`.

Italian and English are in the catalogues; any other language is put in place of the catalogue for one request by
`speak`.
"""

import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from flask import g
from flask_babel import lazy_gettext as _l
from flask_babel import refresh

from prevention.core import wordsets
from prevention.core.i18n import DEFAULT_LANGUAGE, LANGUAGES
from prevention.core.languages import OFFERED_LANGUAGES, OfferedLanguage
from prevention.core.wordsets import WordSet
from prevention.surveys import service

PACKAGE = Path(__file__).parent
_TEMPLATES = PACKAGE.parent / "templates" / "surveys"

# The sheet that families get goes with the pages.
PAGES = WordSet(
    key="pages",
    prefix="page",
    places=(
        _TEMPLATES / "answering",
        _TEMPLATES / "family_sheet.html",
        PACKAGE / "answering.py",
        PACKAGE / "form_page.py",
        PACKAGE / "family_sheet.py",
    ),
    name=_l("Pages for pupils"),
    shown=_l("Pupils can choose this language where the questionnaire speaks it too."),
)


def speak(language: str | None) -> None:
    """Answer this request of the anonymous side in a language, if the pages speak it; else leave it as it is."""
    if language is None:
        return
    if language in LANGUAGES:
        g.language = language
    elif language in PAGES.spoken():
        g.language = language
        wordsets.speak(PAGES.spoken()[language])
    else:
        return
    refresh()


def show_in(language: str) -> None:
    """Answer this request of staff, a preview, in a pupils' language, whether or not the pages speak it.

    Words that were not translated yet stand in English, as the code has them.
    """
    g.language = language
    g.is_anonymous_side = True
    if language not in LANGUAGES:
        loaded = PAGES.texts(language)
        wordsets.speak({message: loaded[name] for name, message in messages().items() if loaded.get(name)})
    refresh()


def words_in(language: str) -> AbstractContextManager[None]:
    """Hold a language that the pages speak, for a paper in it."""
    return wordsets.speaking(language, PAGES.spoken().get(language, {}))


def spoken_languages() -> tuple[OfferedLanguage, ...]:
    """List the languages that the pages around a questionnaire speak: the site's, and those that were approved."""
    texts = PAGES.spoken()
    return tuple(language for code, language in OFFERED_LANGUAGES.items() if code in LANGUAGES or code in texts)


def languages_for(questionnaire_id: uuid.UUID) -> tuple[OfferedLanguage, ...]:
    """List the languages in which a pupil may answer a questionnaire: those that it and the pages both speak."""
    speaks = service.languages_of(questionnaire_id)
    return tuple(language for language in spoken_languages() if language.code in speaks)


def speak_for(questionnaire_id: uuid.UUID, language: str) -> str:
    """Go back to Italian, or to the questionnaire's first language, when it does not speak `language`; give the one."""
    offered = [one.code for one in languages_for(questionnaire_id)]
    if language in offered or not offered:
        return language
    chosen = DEFAULT_LANGUAGE if DEFAULT_LANGUAGE in offered else offered[0]
    wordsets.speak_as_usual()
    speak(chosen)
    return chosen


def messages() -> Mapping[str, str]:
    """Give the units of the pupils' pages: name to the message in English."""
    return PAGES.messages()


def forget() -> None:
    """Forget what was remembered, so that an approved language shows in this process at once."""
    PAGES.forget()
