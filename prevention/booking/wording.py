"""Words of this room: states, and why a booking is refused, in the reader's language.

Owns one human sentence for each named refusal. A sentence says what is the matter and, where there is one, what to
do instead.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask.sansio.app import App
from flask_babel import LazyString, lazy_gettext, ngettext
from flask_babel import gettext as _

from prevention.booking import letters, rules
from prevention.booking.rules import BookingRefusal, BookingStatus, MeetingStatus, SlotStatus, Span
from prevention.core.web import clock_time, day
from prevention.programmes import wording as programme_wording
from prevention.schools.rules import school_year_label
from prevention.schools.time_wording import closure_reason

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

_TONES = {
    "requested": "warning",
    "declined": "neutral",
    "confirmed": "success",
    "planned": "success",
    "open": "success",
    "cancelled": "neutral",
}


def refusal(no: BookingRefusal) -> str:
    """Say why the rules said no."""
    return _SENTENCES[type(no)](no)


def span(value: Span) -> str:
    """Write a stretch of time of one day, e.g. "12 January 2027 from 09:55 to 10:50"."""
    return _("%(day)s from %(from)s to %(until)s", **_times(value.starts_at, value.ends_at))


def init_app(app: App) -> None:
    """Give the words to the templates."""
    app.jinja_env.filters.update(
        booking_place=letters.place_of,
        booking_status_words=lambda value: BOOKING_STATUS[value],
        meeting_status_words=lambda value: MEETING_STATUS[value],
        slot_status_words=lambda value: SLOT_STATUS[value],
        status_tone=lambda value: _TONES[value],
    )


def _times(starts_at: datetime, ends_at: datetime) -> dict[str, str]:
    return {"day": day(starts_at), "from": clock_time(starts_at), "until": clock_time(ends_at)}


def _day(value: date | datetime) -> str:
    return day(value)


def _levels(values: frozenset[str]) -> str:
    return ", ".join(sorted(str(programme_wording.LEVELS.get(value, value)) for value in values))


def _grade_sentence(no: rules.WrongGrade) -> str:
    if no.grade_min == no.grade_max:
        return _(
            "This programme is for grade %(wanted)s; the class is in grade %(grade)s.",
            wanted=no.grade_min,
            grade=no.grade,
        )
    return _(
        "This programme is for grades %(first)s to %(last)s; the class is in grade %(grade)s.",
        first=no.grade_min,
        last=no.grade_max,
        grade=no.grade,
    )


def _bells_sentence(no: rules.OutsideBellTimes) -> str:
    if not no.hours:
        return _("The school has no lessons on that weekday: %(when)s.", when=span(no.span))
    hours = ", ".join(f"{first:%H:%M}–{last:%H:%M}" for first, last in no.hours)
    return _(
        "%(when)s lies outside the lesson times of the school, which are %(hours)s on that day.",
        when=span(no.span),
        hours=hours,
    )


_SENTENCES: dict[type[BookingRefusal], Callable[[Any], str]] = {
    rules.SlotCancelled: lambda _no: _("The provider has called these dates off. Please choose other dates."),
    rules.NotOpenYet: lambda no: _("Bookings for these dates begin on %(day)s.", day=_day(no.opens_on)),
    rules.BookingClosed: lambda no: _(
        "Bookings for these dates ended on %(day)s. Please choose other dates.", day=_day(no.closed_on)
    ),
    rules.AlreadyStarted: lambda no: _(
        "The first meeting began on %(day)s, so this can no longer be changed here.", day=_day(no.started_at)
    ),
    rules.EditionClosed: lambda _no: _("This programme takes no bookings at the moment."),
    rules.ClassOfAnotherYear: lambda no: _(
        "The class belongs to %(class_year)s, the dates to %(offer_year)s.",
        class_year=school_year_label(no.class_year),
        offer_year=school_year_label(no.offer_year),
    ),
    rules.WrongLevel: lambda no: _("This programme is for: %(levels)s.", levels=_levels(no.levels)),
    rules.WrongGrade: _grade_sentence,
    rules.GroupTooSmall: lambda no: _(
        "The programme needs at least %(smallest)s pupils; you wrote %(pupils)s. Ask the provider whether two small "
        "classes can come together.",
        smallest=no.smallest,
        pupils=no.pupils,
    ),
    rules.GroupTooLarge: lambda no: _(
        "The programme works with at most %(largest)s pupils; you wrote %(pupils)s.",
        largest=no.largest,
        pupils=no.pupils,
    ),
    rules.AlreadyBooked: lambda _no: _("This class is already booked for this programme this year."),
    rules.ClassBusy: lambda no: _("The class already has something else on %(when)s.", when=span(no.span)),
    rules.SlotFull: lambda no: ngettext(
        "The place is taken. Please choose other dates.",
        "All %(num)d places are taken. Please choose other dates.",
        no.places,
    ),
    rules.AlreadyCancelled: lambda _no: _("This was called off before; nothing was changed."),
    rules.WrongPlaces: lambda no: _(
        "Offer between 1 and %(most)s places; you wrote %(places)s.", most=no.most, places=no.places
    ),
    rules.WrongNumberOfDates: lambda no: _(
        "The programme has %(wanted)s meetings, so it needs %(wanted)s dates; you gave %(given)s.",
        wanted=no.wanted,
        given=no.given,
    ),
    rules.DateOutOfOrder: lambda no: _(
        "Date %(number)s must end after it begins, and come after the date before it.", number=no.number
    ),
    rules.DateOutsideYear: lambda no: _(
        "Date %(number)s lies in the past or outside the school year of the edition.", number=no.number
    ),
    rules.BooksUntilTooLate: lambda no: _(
        "Bookings must end on the first day (%(first_day)s) at the latest, and not before they begin.",
        first_day=_day(no.first_day),
    ),
    rules.FacilitatorBusy: lambda no: _("The facilitator already has other dates on %(when)s.", when=span(no.span)),
    rules.SchoolClosed: lambda no: _(
        "There are no lessons on %(day)s: %(reason)s. Please choose another day.",
        day=_day(no.day),
        reason=closure_reason(no.closure),
    ),
    rules.OutsideSchoolYear: lambda no: _(
        "%(day)s lies outside the lessons of the school year, which last from %(first)s to %(last)s.",
        day=_day(no.day),
        first=_day(no.first_day),
        last=_day(no.last_day),
    ),
    rules.OutsideBellTimes: _bells_sentence,
    rules.WrongFacilitator: lambda _no: _("Choose a facilitator who works for the provider of this edition."),
}
