"""The words of the pupils' pages themselves, so that an office can have them translated too.

Which words those are is read from the pages: whatever the templates and the code of the anonymous side mark for
translation is a unit, so that a sentence added there is asked of translators without anybody listing it. A unit's
name is a fingerprint of the English message. Italian and English are in the catalogues; any other language comes from
`models.InterfaceTranslation` and is put in place of the catalogue for one request by `speak`.
"""

import hashlib
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from babel.messages.extract import extract, extract_from_dir
from babel.support import NullTranslations, Translations
from flask import current_app, g
from flask_babel import Domain, refresh

from prevention.core.i18n import DEFAULT_LANGUAGE, LANGUAGES, in_language
from prevention.surveys import service
from prevention.surveys.languages import PUPIL_LANGUAGES, PupilLanguage

PACKAGE = Path(__file__).parent
PAGES = PACKAGE.parent / "templates" / "surveys" / "answering"
CODE = ("answering.py", "form_page.py", "family_sheet.py")
# The sheet that families get goes with them.
SHEET = PAGES.parent / "family_sheet.html"

REMEMBERED_S = 60.0


def speak(language: str | None) -> None:
    """Answer this request of the anonymous side in a language, if the pages speak it; else leave it as it is."""
    if language is None:
        return
    if language in LANGUAGES:
        g.language = language
    elif language in _office_texts():
        g.language = language
        _OfficeWords(_office_texts()[language]).as_default()
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
        loaded = service.interface_texts(language)
        _OfficeWords({message: loaded[name] for name, message in messages().items() if loaded.get(name)}).as_default()
    refresh()


@contextmanager
def words_in(language: str) -> Iterator[None]:
    """Hold a language that the pages speak, for a paper in it."""
    with in_language(language):
        if language not in LANGUAGES:
            _OfficeWords(_office_texts().get(language, {})).as_default()
        try:
            yield
        finally:
            _catalogues().as_default()


def spoken_languages() -> tuple[PupilLanguage, ...]:
    """List the languages that the pages around a questionnaire speak: the site's, and those that were approved."""
    texts = _office_texts()
    return tuple(language for code, language in PUPIL_LANGUAGES.items() if code in LANGUAGES or code in texts)


def languages_for(questionnaire_id: uuid.UUID) -> tuple[PupilLanguage, ...]:
    """List the languages in which a pupil may answer a questionnaire: those that it and the pages both speak."""
    speaks = service.languages_of(questionnaire_id)
    return tuple(language for language in spoken_languages() if language.code in speaks)


def speak_for(questionnaire_id: uuid.UUID, language: str) -> str:
    """Go back to Italian, or to the questionnaire's first language, when it does not speak `language`; give the one."""
    offered = [one.code for one in languages_for(questionnaire_id)]
    if language in offered or not offered:
        return language
    chosen = DEFAULT_LANGUAGE if DEFAULT_LANGUAGE in offered else offered[0]
    _catalogues().as_default()
    speak(chosen)
    return chosen


@cache
def messages() -> Mapping[str, str]:
    """Give the units of the pupils' pages: name to the message in English. Reads the templates once per process."""
    found: dict[str, str] = {}
    methods = [("**.html", "jinja2")]
    for _path, _line, message, _comments, _context in extract_from_dir(PAGES, methods):
        found |= _named(message)
    with SHEET.open("rb") as file:
        for _line, message, _comments, _context in extract("jinja2", file):
            found |= _named(message)
    for name in CODE:
        methods = [(name, "python")]
        for _path, _line, message, _comments, _context in extract_from_dir(PACKAGE, methods):
            found |= _named(message)
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


def sources(language: str) -> dict[str, str]:
    """Give the units in one of the site's languages: name to text."""
    with in_language(language):
        return {name: _catalogues().gettext(message) for name, message in messages().items()}


def _catalogues() -> Domain:
    words: Domain = current_app.extensions["babel"].instance.domain_instance
    return words


def _named(message: str | tuple[str, ...]) -> dict[str, str]:
    text = message if isinstance(message, str) else message[0]
    return {f"page.{hashlib.sha256(text.encode()).hexdigest()[:10]}": text}


def forget() -> None:
    """Forget what was remembered, so that an approved language shows in this process at once."""
    current_app.extensions.pop("interface_texts", None)


def _office_texts() -> Mapping[str, Mapping[str, str]]:
    """Give the approved and complete languages: code to message in English to text. One query a minute."""
    remembered = current_app.extensions.get("interface_texts")
    if remembered is None or time.monotonic() - remembered[0] > REMEMBERED_S:
        texts = {
            language: {message: given[name] for name, message in messages().items()}
            for language, given in service.approved_interface_texts().items()
            if all(given.get(name) for name in messages())
        }
        remembered = current_app.extensions["interface_texts"] = (time.monotonic(), texts)
    found: Mapping[str, Mapping[str, str]] = remembered[1]
    return found


class _OfficeWords(Domain):
    """A catalogue made of texts that the office loaded, for one request."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__()
        self._texts = texts

    def get_translations(self) -> NullTranslations:
        found = Translations()
        found._catalog.update(self._texts)
        return found
