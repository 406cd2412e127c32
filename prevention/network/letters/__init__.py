"""The letters of the network: to the owner of a help service, and to who has to see to a decision.

They go to the address of a service or an organisation, not to a person who signs in, and are written in Italian.
"""

from collections.abc import Mapping
from pathlib import Path

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from prevention.core.i18n import DEFAULT_LANGUAGE, LANGUAGES, in_language
from prevention.core.web import address_of, day
from prevention.messages import service as messages
from prevention.messages.kinds import Kind, Placeholder, shipped_texts
from prevention.messages.rules import TextRefused
from prevention.network.governance_models import Decision
from prevention.network.models import HelpService

SHIPPED = Path(__file__).resolve().parent
_SAMPLES: Mapping[str, Mapping[str, str]] = {
    "it": {
        "name": "Consultorio familiare", "service": "Consultorio familiare di Crema", "phone": "0373 000000",
        "hours": "lun-ven 9-17", "verified": "3 settembre 2026", "page": "https://prevenzione.example.org/…",
        "organisation": "Comune di Crema", "decision": "Aprire un punto di ascolto.", "due": "31 gennaio 2027",
        "meeting": "12 ottobre 2026",
    },
    "en": {
        "name": "Family clinic", "service": "Family clinic of Crema", "phone": "0373 000000", "hours": "Mon-Fri 9-17",
        "verified": "3 September 2026", "page": "https://prevenzione.example.org/…",
        "organisation": "Municipality of Crema", "decision": "Open a desk.", "due": "31 January 2027",
        "meeting": "12 October 2026",
    },
}  # fmt: skip


def _place(key: str, it: str, explained: LazyString) -> Placeholder:
    return Placeholder(key=key, names={"it": it, "en": key}, explained=explained)


def _kind(key: str, title: LazyString, occasion: LazyString, *places: Placeholder) -> Kind:
    def sample(language: str) -> Mapping[str, str]:
        return {place.key: _SAMPLES.get(language, _SAMPLES["en"])[place.key] for place in places}

    return Kind(
        key=key, title=title, occasion=occasion, placeholders=places, shipped=shipped_texts(SHIPPED, key),
        sample=sample, languages=LANGUAGES,
    )  # fmt: skip


_PAGE = _place("page", "pagina", _l("address of the page"))
KINDS = (
    _kind(
        "help_check",
        _l("Check a help service"),
        _l("To the owner of a help service, once a year"),
        _place("name", "nome", _l("name of the owner")),
        _place("service", "servizio", _l("the help service")),
        _place("phone", "telefono", _l("its telephone number")),
        _place("hours", "orari", _l("its opening hours")),
        _place("verified", "verificato", _l("the day on which it was last verified")),
        _PAGE,
    ),
    _kind(
        "decision_due",
        _l("A decision of the table is due"),
        _l("To the organisation that sees to it, once"),
        _place("organisation", "ente", _l("the organisation")),
        _place("decision", "decisione", _l("the decision")),
        _place("due", "scadenza", _l("the day on which it is due")),
        _place("meeting", "incontro", _l("the day of the meeting")),
        _PAGE,
    ),
)


def ask_owner(row: HelpService, token: str) -> None:
    """Ask the owner of a help service whether everything is still right; once for each time it was verified."""
    with in_language(DEFAULT_LANGUAGE):
        values = {
            "name": row.owner_name,
            "service": row.name.text(DEFAULT_LANGUAGE),
            "phone": row.phone or "-",
            "hours": row.hours.text(DEFAULT_LANGUAGE),
            "verified": day(row.verified_on),
            "page": address_of("network.check_help_service", token=token),
        }
        _post("help_check", to=row.owner_email, key=f"help-check:{row.id}:{row.verified_on}", values=values)


def remind_of_decision(decision: Decision) -> None:
    """Remind an organisation of a decision that is due; once for each due day."""
    if decision.due_on is None:
        return
    with in_language(DEFAULT_LANGUAGE):
        values = {
            "organisation": decision.owner.name,
            "decision": decision.words,
            "due": day(decision.due_on),
            "meeting": day(decision.meeting.held_on),
            "page": address_of("network.meeting", meeting_id=decision.meeting_id),
        }
        key = f"decision-due:{decision.id}:{decision.due_on}"
        _post("decision_due", to=decision.owner.email, key=key, values=values)


def _post(kind_key: str, *, to: str, key: str, values: Mapping[str, str]) -> None:
    kind, texts = messages.kind_of(kind_key), messages.texts_of(kind_key)
    try:
        filled = messages.fill(kind, texts[DEFAULT_LANGUAGE], values, language=DEFAULT_LANGUAGE)
    except TextRefused:
        # A text that was right when it was written, before an update took a placeholder away: ours is.
        filled = messages.fill(kind, kind.shipped[DEFAULT_LANGUAGE], values, language=DEFAULT_LANGUAGE)
    messages.enqueue(key=key, to=to, subject=filled.subject, body=filled.body, language=DEFAULT_LANGUAGE)
