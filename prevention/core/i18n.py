"""Languages: texts that live in the data, and the language of this request.

Wording of pages is in the Babel catalogues. A text that people write (a name, a summary) is a `Localised`
value: language code to text, stored as one JSON column.
"""

from contextlib import AbstractContextManager

from babel import Locale
from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, force_locale, get_locale

from prevention.core import access

LANGUAGES = ("it", "en")
DEFAULT_LANGUAGE = "it"
# How each language writes days and numbers: English as in Europe, the day before the month.
LOCALES = {"it": "it", "en": "en_GB"}

babel = Babel()


class Localised(dict[str, str]):
    """One text in several languages: language code to text."""

    def text(self, language: str | None = None) -> str:
        """Give the text in `language` (this request's when None), else in Italian, English, or whatever there is."""
        return self.get(self.language(language), "")

    def language(self, language: str | None = None) -> str:
        """Give the code of the language that `text` answers in; the one asked for when there is no text at all."""
        wanted = language or current_language()
        found = (code for code in (wanted, *LANGUAGES, *self) if self.get(code))
        return next(found, wanted)


def current_language() -> str:
    """Give the language code in force: the request's, or the one held by `in_language`."""
    locale = get_locale()
    return locale.language if locale is not None else DEFAULT_LANGUAGE


def language_name(code: str) -> str:
    """Write the name of a language in the one in force, e.g. "italiano"."""
    return Locale.parse(code).get_language_name(LOCALES.get(current_language(), current_language())) or code


def in_language(language: str) -> AbstractContextManager[None]:
    """Hold another language than the request's, e.g. that of a mail's reader."""
    return force_locale(LOCALES.get(language, language))


def select_locale() -> str:
    """Choose the locale of a request; see `select_language`."""
    language = select_language()
    return LOCALES.get(language, language)


def select_language() -> str:
    """Choose the language of a request: asked for, the person's own, the session's, the browser's, Italian.

    The anonymous side sets `g.language` itself, also to a language that the rest of the site does not speak, and
    marks the request with `g.is_anonymous_side`, so that no session is ever opened there.
    """
    if not has_request_context():
        return DEFAULT_LANGUAGE
    chosen = getattr(g, "language", None)
    if chosen in LANGUAGES:
        return str(chosen)
    if getattr(g, "is_anonymous_side", False):
        return str(chosen or DEFAULT_LANGUAGE)
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    person = access.actor()
    if person is not None and person.language in LANGUAGES:
        return person.language
    return request.accept_languages.best_match(LANGUAGES) or DEFAULT_LANGUAGE


def init_app(app: Flask) -> None:
    """Bind Babel to the application."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", DEFAULT_LANGUAGE)
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "Europe/Rome")
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    babel.init_app(app, locale_selector=select_locale)
    app.jinja_env.filters["language_name"] = language_name
    app.jinja_env.filters["language_of"] = lambda value: Localised(value).language()
    app.jinja_env.filters["localised"] = lambda value, language=None: Localised(value).text(language)
