"""The kinds of letters that this room writes, with their places, our texts, and values for a preview."""

from collections.abc import Callable, Mapping
from pathlib import Path

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from prevention.booking.letters.samples import sample_values
from prevention.core.i18n import LANGUAGES
from prevention.messages.kinds import Kind, Placeholder, shipped_texts

SHIPPED = Path(__file__).resolve().parent / "shipped"


def _place(key: str, it: str, explained: LazyString, *, en: str | None = None) -> Placeholder:
    return Placeholder(key=key, names={"it": it, "en": en or key}, explained=explained)


_NAME = _place("name", "nome", _l("name of the reader"))
_OFFER = (
    _place("programme", "programma", _l("name of the programme")),
    _place("class", "classe", _l("the class, e.g. 2A")),
    _place("school", "scuola", _l("the school")),
    _place("provider", "ente", _l("who provides the programme")),
    _place("place", "luogo", _l("where the class meets")),
    _place("dates", "date", _l("the dates that the letter is about, one below the other")),
    _place("page", "pagina", _l("address of the page")),
)
_BOOKING = (
    *_OFFER,
    _place("pupils", "alunni", _l("number of pupils")),
    _place("adults", "accompagnatori", _l("number of accompanying adults")),
    _place("coordinator", "referente", _l("who booked")),
)
_REASON = _place("reason", "motivo", _l("the reason that was given"))
_MESSAGE = _place("message", "messaggio", _l("what the person who decided wrote"))
_BEFORE = _place("before", "prima", _l("the dates as they were before"))
_UNTIL = _place("until", "entro", _l("until when the place is kept"))
_DAYS = _place("days", "giorni", _l("in how many days it is"))
_DIGEST = (
    _place("day", "giorno", _l("the day")),
    _place("new", "novita", _l("bookings and requests since the last digest")),
    _place("changed", "variazioni", _l("dates moved or called off since the last digest")),
    _place("coming", "prossimi", _l("dates of today and tomorrow")),
    _place("page", "pagina", _l("address of the page")),
)


def _kind(key: str, title: LazyString, occasion: LazyString, *places: Placeholder) -> Kind:
    placeholders = (_NAME, *places)
    return Kind(
        key=key,
        title=title,
        occasion=occasion,
        placeholders=placeholders,
        shipped=shipped_texts(SHIPPED, key),
        sample=_sample(key, placeholders),
        languages=LANGUAGES,
    )


def _sample(key: str, placeholders: tuple[Placeholder, ...]) -> Callable[[str], Mapping[str, str]]:
    keys = frozenset(placeholder.key for placeholder in placeholders)
    return lambda language: sample_values(key, keys, language=language)


KINDS = (
    _kind("requested", _l("Request received"), _l("To who asked for a class; nothing is fixed yet."), *_BOOKING),
    _kind("booked", _l("Class booked"), _l("To who booked and to the facilitators, with invitations."), *_BOOKING),
    _kind(
        "approved",
        _l("Request approved"),
        _l("To who asked and to the facilitators, with invitations."),
        *_BOOKING,
        _MESSAGE,
    ),
    _kind(
        "planned",
        _l("Request planned"),
        _l("To who asked and to the facilitators when the office has planned the dates, with invitations."),
        *_BOOKING,
    ),
    _kind("declined", _l("Request declined"), _l("To who asked."), *_BOOKING, _MESSAGE),
    _kind(
        "moved",
        _l("Dates moved"),
        _l("To who booked and to the facilitators; the calendar entry moves too."),
        *_BOOKING,
        _BEFORE,
        _REASON,
    ),
    _kind(
        "date_cancelled",
        _l("Single dates called off"),
        _l("To who booked and to the facilitators; the booking stands, the calendar entry goes."),
        *_BOOKING,
        _REASON,
    ),
    _kind("date_added", _l("Dates added"), _l("To who booked and to the facilitators, with invitations."), *_BOOKING),
    _kind(
        "called_off",
        _l("Booking called off"),
        _l("To who booked and to the facilitators; the calendar entries go."),
        *_BOOKING,
        _REASON,
    ),
    _kind(
        "slot_called_off",
        _l("Called off by the provider"),
        _l("To every class that had booked the dates, and to the facilitators."),
        *_BOOKING,
        _REASON,
    ),
    _kind("waiting_offer", _l("A place became free"), _l("To the first waiting class that fits."), *_OFFER, _UNTIL),
    _kind(
        "waiting_skipped", _l("A free place went past"), _l("To a waiting class that does not fit."), *_OFFER, _REASON
    ),
    _kind("waiting_lapsed", _l("Offer not taken"), _l("To a waiting class that did not answer in time."), *_OFFER),
    _kind(
        "reminder",
        _l("Reminder"),
        _l("Some days before a date, to who booked and to its facilitator."),
        *_BOOKING,
        _DAYS,
    ),
    _kind("digest", _l("Daily digest"), _l("To facilitators, in the morning, when there is something."), *_DIGEST),
)
