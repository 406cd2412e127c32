"""The kinds of letters that this room writes, with their places, our texts, and values for a preview."""

from collections.abc import Callable, Mapping
from pathlib import Path

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from prevention.booking.letters.samples import sample_values
from prevention.core.i18n import LANGUAGES
from prevention.messages.kinds import Kind, Placeholder, shipped_texts

SHIPPED = Path(__file__).resolve().parent / "shipped"


def place(key: str, it: str, explained: LazyString, *, en: str | None = None) -> Placeholder:
    """Declare a place by its key, its Italian name and, where it differs from the key, its English one."""
    return Placeholder(key=key, names={"it": it, "en": en or key}, explained=explained)


_NAME = place("name", "nome", _l("name of the reader"))
_OFFER = (
    place("programme", "programma", _l("name of the programme")),
    place("class", "classe", _l("the class, e.g. 2A")),
    place("school", "scuola", _l("the school")),
    place("provider", "ente", _l("who provides the programme")),
    place("place", "luogo", _l("where the class meets")),
    place("dates", "date", _l("the dates that the letter is about, one below the other")),
    place("page", "pagina", _l("address of the page")),
)
BOOKING_PLACES = (
    *_OFFER,
    place("pupils", "alunni", _l("number of pupils")),
    place("adults", "accompagnatori", _l("number of accompanying adults")),
    place("coordinator", "referente", _l("who booked")),
)
_REASON = place("reason", "motivo", _l("the reason that was given"))
_MESSAGE = place("message", "messaggio", _l("what the person who decided wrote"))
_BEFORE = place("before", "prima", _l("the dates as they were before"))
_UNTIL = place("until", "entro", _l("until when the place is kept"))
_DAYS = place("days", "giorni", _l("in how many days it is"))
_DIGEST = (
    place("day", "giorno", _l("the day")),
    place("new", "novita", _l("bookings and requests since the last digest")),
    place("changed", "variazioni", _l("dates moved or called off since the last digest")),
    place("coming", "prossimi", _l("dates of today and tomorrow")),
    place("page", "pagina", _l("address of the page")),
)


def _kind(key: str, title: LazyString, occasion: LazyString, *places: Placeholder) -> Kind:
    placeholders = (_NAME, *places)
    return Kind(
        key=key,
        title=title,
        occasion=occasion,
        placeholders=placeholders,
        shipped=shipped_texts(SHIPPED, key),
        sample=_sample(placeholders),
        languages=LANGUAGES,
    )


def _sample(placeholders: tuple[Placeholder, ...]) -> Callable[[str], Mapping[str, str]]:
    keys = frozenset(placeholder.key for placeholder in placeholders)
    return lambda language: sample_values(keys, language=language)


KINDS = (
    _kind("requested", _l("Request received"), _l("To who asked for a class; nothing is fixed yet."), *BOOKING_PLACES),
    _kind(
        "booked", _l("Class booked"), _l("To who booked and to the facilitators, with invitations."), *BOOKING_PLACES
    ),
    _kind(
        "approved",
        _l("Request approved"),
        _l("To who asked and to the facilitators, with invitations."),
        *BOOKING_PLACES,
        _MESSAGE,
    ),
    _kind(
        "planned",
        _l("Request planned"),
        _l("To who asked and to the facilitators when the office has planned the dates, with invitations."),
        *BOOKING_PLACES,
    ),
    _kind("declined", _l("Request declined"), _l("To who asked."), *BOOKING_PLACES, _MESSAGE),
    _kind(
        "moved",
        _l("Dates moved"),
        _l("To who booked and to the facilitators; the calendar entry moves too."),
        *BOOKING_PLACES,
        _BEFORE,
        _REASON,
    ),
    _kind(
        "date_cancelled",
        _l("Single dates called off"),
        _l("To who booked and to the facilitators; the booking stands, the calendar entry goes."),
        *BOOKING_PLACES,
        _REASON,
    ),
    _kind(
        "date_added", _l("Dates added"), _l("To who booked and to the facilitators, with invitations."), *BOOKING_PLACES
    ),
    _kind(
        "called_off",
        _l("Booking called off"),
        _l("To who booked and to the facilitators; the calendar entries go."),
        *BOOKING_PLACES,
        _REASON,
    ),
    _kind(
        "slot_called_off",
        _l("Called off by the provider"),
        _l("To every class that had booked the dates, and to the facilitators."),
        *BOOKING_PLACES,
        _REASON,
    ),
    _kind("waiting_offer", _l("A place became free"), _l("To the first waiting class that fits."), *_OFFER, _UNTIL),
    _kind(
        "waiting_skipped", _l("A free place went past"), _l("To a waiting class that does not fit."), *_OFFER, _REASON
    ),
    _kind("waiting_lapsed", _l("Offer not taken"), _l("To a waiting class that did not answer in time."), *_OFFER),
    _kind(
        "waiting_closed",
        _l("Waiting list closed"),
        _l("To every waiting class when the dates are called off or have begun."),
        *_OFFER,
        _REASON,
    ),
    _kind(
        "reminder",
        _l("Reminder"),
        _l("Some days before a date, to who booked and to its facilitator."),
        *BOOKING_PLACES,
        _DAYS,
    ),
    _kind("digest", _l("Daily digest"), _l("To facilitators, in the morning, when there is something."), *_DIGEST),
)
