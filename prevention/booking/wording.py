"""Words of this room: states, and why a class was passed by; refusals have their own in `refusal_words`."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from babel.dates import get_day_names
from flask.sansio.app import App
from flask_babel import LazyString, get_locale, lazy_gettext, ngettext
from flask_babel import gettext as _

from prevention.booking import letters, rules
from prevention.booking.models import BookingWish, SlotMeeting
from prevention.booking.refusal_words import refusal, several, span
from prevention.booking.rules import BookingStatus, MeetingStatus, SlotStatus, Span, WaitingStatus
from prevention.core.web import day, number
from prevention.schools.rules import RoomKind
from prevention.schools.time_models import Room
from prevention.schools.time_wording import ROOM_KINDS

__all__ = [
    "BOOKING_STATUS",
    "MEETING_STATUS",
    "SLOT_STATUS",
    "WAITING_STATUS",
    "date_words",
    "init_app",
    "refusal",
    "several",
    "skip",
    "span",
    "wish",
]

BOOKING_STATUS: dict[str, LazyString] = {
    BookingStatus.REQUESTED: lazy_gettext("Requested"),
    BookingStatus.CONFIRMED: lazy_gettext("Confirmed"),
    BookingStatus.DECLINED: lazy_gettext("Declined"),
    BookingStatus.CANCELLED: lazy_gettext("Called off"),
}

MEETING_STATUS: dict[str, LazyString] = {
    MeetingStatus.PLANNED: lazy_gettext("Planned"),
    MeetingStatus.CANCELLED: lazy_gettext("Called off"),
}

SLOT_STATUS: dict[str, LazyString] = {
    SlotStatus.OPEN: lazy_gettext("Published"),
    SlotStatus.CANCELLED: lazy_gettext("Called off"),
}

WAITING_STATUS: dict[str, LazyString] = {
    WaitingStatus.WAITING: lazy_gettext("Waiting"),
    WaitingStatus.OFFERED: lazy_gettext("Place offered"),
    WaitingStatus.BOOKED: lazy_gettext("Booked"),
    WaitingStatus.WITHDRAWN: lazy_gettext("Withdrawn"),
    WaitingStatus.EXPIRED: lazy_gettext("Offer not taken"),
    WaitingStatus.CLOSED: lazy_gettext("List closed"),
}

# Why a free place went past a class, where it is not for the number of places.
_SKIPS: dict[str, LazyString] = {
    rules.ClassBusy.__name__: lazy_gettext("The class has something else at that time."),
    rules.AlreadyBooked.__name__: lazy_gettext("The class has a place in this programme already."),
    rules.FacilitatorBusy.__name__: lazy_gettext("The facilitator meets classes of another school at that time."),
    rules.TravelTooShort.__name__: lazy_gettext("The facilitator cannot reach the school in time."),
    rules.SchoolClosed.__name__: lazy_gettext("The class has no lessons on that day."),
    rules.OutsideBellTimes.__name__: lazy_gettext("The class has no lessons at that time."),
    rules.OutsideSchoolYear.__name__: lazy_gettext("The lessons of the school year do not reach to that day."),
    rules.RoomBusy.__name__: lazy_gettext("The room is taken at that time."),
    rules.AlreadyStarted.__name__: lazy_gettext("One of the dates has begun."),
    rules.PlacesHeld.__name__: lazy_gettext("The free places were kept for somebody else at that moment."),
    **dict.fromkeys(
        (rules.ClassOfAnotherYear.__name__, rules.WrongLevel.__name__, rules.WrongGrade.__name__),
        lazy_gettext("The programme is for other classes."),
    ),
    rules.QuotaReached.__name__: lazy_gettext("The school takes part with as many classes as it may."),
    rules.SlotCancelled.__name__: lazy_gettext("A date that the class wanted was called off."),
    rules.EditionClosed.__name__: lazy_gettext("The programme takes no bookings at the moment."),
    rules.GroupTooLarge.__name__: lazy_gettext("The group is larger than the programme works with."),
    rules.GroupTooSmall.__name__: lazy_gettext("The group is smaller than the programme works with."),
}

_TONES = {
    **dict.fromkeys(("confirmed", "planned", "open", "booked"), "success"),
    **dict.fromkeys(("requested", "offered"), "warning"),
    **dict.fromkeys(("declined", "cancelled", "withdrawn", "expired", "closed"), "neutral"),
    "waiting": "info",
}


DATES_BEGUN = lazy_gettext("The dates have begun, and no place became free.")
DATE_CALLED_OFF = lazy_gettext("The provider called off dates that the class wanted.")


def skip(written: Mapping[str, Any]) -> str:
    """Say why a freed place went past a waiting class, from what its row keeps; see `WaitingClass.skips`."""
    words = _SKIPS.get(written["why"])
    if words is not None:
        return str(words)
    return ngettext(
        "The class needs %(wanted)s places, and %(num)d was free.",
        "The class needs %(wanted)s places, and %(num)d were free.",
        written["free"],
        wanted=written["wanted"],
    )


def wish(row: BookingWish | None) -> str:
    """Write when a class would like to meet, in a line; "any day" where it did not say."""
    if row is None:
        return _("any day")
    names = get_day_names("wide", context="stand-alone", locale=get_locale())
    parts = [", ".join(names[number] for number in row.weekdays)] if row.weekdays else []
    if row.earliest is not None:
        parts.append(_("from %(time)s", time=f"{row.earliest:%H:%M}"))
    if row.latest is not None:
        parts.append(_("until %(time)s", time=f"{row.latest:%H:%M}"))
    if row.weeks_to_avoid:
        weeks = ", ".join(day(date.fromisoformat(each), "medium") for each in row.weeks_to_avoid)
        parts.append(_("not in the weeks of %(weeks)s", weeks=weeks))
    return "; ".join(parts) or _("any day")


def date_words(offered: SlotMeeting, *, free: int | None = None) -> str:
    """Write a date on offer, e.g. "12 January 2027 from 09:55 to 10:50", with the places that are free on it."""
    words = span(Span(starts_at=offered.starts_at, ends_at=offered.ends_at))
    if free is None:
        return words
    left = ngettext("%(num)d free place", "%(num)d free places", free) if free else _("Full")
    return f"{words} · {left}"


def room(row: Room) -> str:
    """Write a room to choose, with what it has: "Aula magna (30, projector)"."""
    facts = [number(row.capacity)] if row.capacity else []
    facts += [str(ROOM_KINDS[row.kind]).lower()] if row.kind is not RoomKind.OTHER else []
    facts += [_("projector")] if row.has_projector else []
    return f"{row.name} ({', '.join(facts)})" if facts else row.name


def init_app(app: App) -> None:
    """Give the words to the templates."""
    app.jinja_env.filters.update(
        booking_place=letters.place_of,
        booking_status_words=lambda value: BOOKING_STATUS[value],
        meeting_status_words=lambda value: MEETING_STATUS[value],
        slot_status_words=lambda value: SLOT_STATUS[value],
        waiting_status_words=lambda value: WAITING_STATUS[value],
        skip_words=skip,
        iso_day=lambda text: day(datetime.fromisoformat(text)),
        wish_words=wish,
        status_tone=lambda value: _TONES[value],
    )
