"""The letters of this room: a signal came in, a signal was decided, an alert was raised."""

from collections.abc import Callable, Mapping
from pathlib import Path

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from prevention.accounts.models import User
from prevention.core.i18n import DEFAULT_LANGUAGE, LANGUAGES, in_language
from prevention.core.web import address_of
from prevention.early_signals import wording
from prevention.early_signals.models import EarlyAlert, EarlySignal
from prevention.messages import service as messages
from prevention.messages.kinds import Kind, Placeholder, shipped_texts
from prevention.messages.rules import TextRefused

SHIPPED = Path(__file__).resolve().parent


def _place(key: str, it: str, explained: LazyString) -> Placeholder:
    return Placeholder(key=key, names={"it": it, "en": key}, explained=explained)


_NAME = _place("name", "nome", _l("name of the reader"))
_PAGE = _place("page", "pagina", _l("address of the page"))
_SIGNAL = (
    _NAME,
    _place("matter", "argomento", _l("what the signal is about")),
    _place("where", "luogo", _l("the municipality")),
    _place("week", "settimana", _l("the week")),
    _place("school", "scuola", _l("the school")),
)
_SAMPLES: Mapping[str, Mapping[str, str]] = {
    "it": {
        "name": "Anna Rossi", "matter": "Alcol", "where": "Cremona", "week": "dal 16 nov al 22 nov 2026",
        "school": "IIS “Torriani”", "decision": "accolta", "message": "Grazie.", "title": "Alcol: Cremasco",
        "words": "Nella settimana scolastica fino al 22 novembre 2026 da 3 a 5 scuole l'hanno segnalato.",
        "page": "https://prevenzione.example.org/…",
    },
    "en": {
        "name": "Anna Rossi", "matter": "Alcohol", "where": "Cremona", "week": "16 Nov to 22 Nov 2026",
        "school": "IIS “Torriani”", "decision": "accepted", "message": "Thank you.", "title": "Alcohol: Cremasco",
        "words": "In the school week up to 22 November 2026 3 to 5 schools signalled it.",
        "page": "https://prevenzione.example.org/…",
    },
}  # fmt: skip


def _kind(key: str, title: LazyString, occasion: LazyString, *places: Placeholder) -> Kind:
    def sample(language: str) -> Mapping[str, str]:
        return {place.key: _SAMPLES.get(language, _SAMPLES["en"])[place.key] for place in places}

    return Kind(
        key=key, title=title, occasion=occasion, placeholders=places, shipped=shipped_texts(SHIPPED, key),
        sample=sample, languages=LANGUAGES,
    )  # fmt: skip


KINDS = (
    _kind("signal_sent", _l("A school signals something"), _l("To the office, at once"), *_SIGNAL, _PAGE),
    _kind(
        "signal_decided",
        _l("A signal was decided"),
        _l("To the person who sent it"),
        *_SIGNAL,
        _place("decision", "decisione", _l("accepted or not")),
        _place("message", "messaggio", _l("what the person who decided wrote")),
        _PAGE,
    ),
    _kind(
        "alert_raised",
        _l("An early alert"),
        _l("To the office, partners and coordinators, once"),
        _NAME,
        _place("title", "titolo", _l("what the alert is about")),
        _place("words", "testo", _l("what it rests on")),
        _PAGE,
    ),
)


def tell_signal(person: User, row: EarlySignal) -> None:
    """Tell somebody of the office that a signal waits; its words are not in the mail."""
    _post("signal_sent", person, key=f"signal-sent:{row.id}:{person.id}", values=lambda: _signal_values(row))


def tell_decision(person: User, row: EarlySignal) -> None:
    """Tell who sent a signal what was decided."""

    def values() -> Mapping[str, str]:
        decision = wording.STATUSES[row.status]
        return {**_signal_values(row), "decision": str(decision).lower(), "message": row.message or _("No message.")}

    _post("signal_decided", person, key=f"signal-decided:{row.id}", values=values)


def tell_alert(person: User, alert: EarlyAlert) -> None:
    """Tell somebody of the network of an alert."""

    def values() -> Mapping[str, str]:
        page = address_of("early_signals.alert", alert_id=alert.id)
        return {"title": wording.alert_title(alert), "words": wording.alert_words(alert), "page": page}

    _post("alert_raised", person, key=f"early-alert:{alert.id}:{person.id}", values=values)


def _signal_values(row: EarlySignal) -> Mapping[str, str]:
    return {
        "matter": str(wording.KINDS[row.kind]),
        "where": row.municipality.name,
        "week": wording.week_words(row.week),
        "school": row.institute.display_name,
        "page": address_of("early_signals.signal", signal_id=row.id),
    }


def _post(kind_key: str, person: User, *, key: str, values: Callable[[], Mapping[str, str]]) -> None:
    kind, texts = messages.kind_of(kind_key), messages.texts_of(kind_key)
    language = person.language if person.language in texts else DEFAULT_LANGUAGE
    with in_language(language):
        known = {"name": person.name, **values()}
        try:
            filled = messages.fill(kind, texts[language], known, language=language)
        except TextRefused:
            # A text that was right when it was written, before an update took a placeholder away: ours is.
            filled = messages.fill(kind, kind.shipped[language], known, language=language)
    messages.enqueue(key=key, to=person.email, subject=filled.subject, body=filled.body, language=language)
