"""One human sentence for each named refusal, in the reader's language.

A sentence says what is the matter and, where there is one, what to do instead.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from prevention.booking import rules
from prevention.booking.rules import BookingRefusal, Span
from prevention.core.web import clock_time, day
from prevention.programmes import wording as programme_wording
from prevention.schools.rules import school_year_label
from prevention.schools.time_wording import closure_reason


def refusal(no: BookingRefusal) -> str:
    """Say why the rules said no."""
    return _SENTENCES[type(no)](no)


def several(no: BookingRefusal) -> list[str]:
    """Say why the rules said no, one sentence for each class that they refused."""
    if isinstance(no, rules.SeveralRefused):
        return [f"{label}: {refusal(each)}" for label, each in no.refusals]
    return [refusal(no)]


def span(value: Span) -> str:
    """Write a stretch of time of one day, e.g. "12 January 2027 from 09:55 to 10:50"."""
    return _("%(day)s from %(from)s to %(until)s", **_times(value.starts_at, value.ends_at))


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


def _held_sentence(no: rules.PlacesHeld) -> str:
    if no.until is None:
        return _("The last place is kept for somebody else at the moment.")
    return _(
        "The last place is kept for somebody else until %(time)s on %(day)s. If it is not taken, it is free "
        "again then.",
        time=clock_time(no.until),
        day=day(no.until),
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
    rules.EditionPlansDates: lambda _no: _(
        "This programme has no dates to take: ask for it, and the office plans the dates with you."
    ),
    rules.NoRequests: lambda _no: _("This programme is booked by its dates; it takes no requests."),
    rules.OthersWaiting: lambda _no: _(
        "Other classes wait for the place that is free. Put your class on the waiting list: it gets an offer "
        "in its turn."
    ),
    rules.PlacesHeld: _held_sentence,
    rules.DoNotFit: lambda no: ngettext(
        "%(wanted)s people do not fit: %(num)d place is left.",
        "%(wanted)s people do not fit: %(num)d places are left.",
        no.free,
        wanted=no.wanted,
    ),
    rules.WrongChoiceOfDates: lambda no: ngettext(
        "Choose %(num)d of the dates; you chose %(given)s.",
        "Choose %(num)d of the dates; you chose %(given)s.",
        no.wanted,
        given=no.given,
    ),
    rules.QuotaReached: lambda no: ngettext(
        "Each school can take part with %(num)d class, and yours does already.",
        "Each school can take part with %(num)d classes, and yours does already.",
        no.quota,
    ),
    rules.TravelTooShort: lambda no: _(
        "The facilitator meets another class on %(when)s at %(place)s: the way takes %(needed)s minutes, and there are "
        "%(there)s.",
        when=span(no.span),
        place=no.place,
        needed=no.needed,
        there=no.there,
    ),
    rules.FacilitatorAway: lambda no: _("The facilitator is not there on %(when)s.", when=span(no.span)),
    rules.HostClosed: lambda no: _("At %(place)s, where it takes place: %(why)s", place=no.place, why=refusal(no.no)),
    rules.RoomBusy: lambda no: _("The room is taken on %(when)s.", when=span(no.span)),
    rules.SeveralRefused: lambda no: " ".join(f"{label}: {refusal(each)}" for label, each in no.refusals),
    rules.AlreadyDecided: lambda _no: _("This request was decided or withdrawn before; nothing was changed."),
    rules.NoDatesYet: lambda _no: _("This request has no dates yet: plan them, and it is confirmed."),
    rules.HasDates: lambda _no: _("This has dates already: move them, or call them off."),
    rules.DateIsOver: lambda no: _(
        "That time, %(day)s, is past or has begun, so it can no longer be changed here.", day=_day(no.started_at)
    ),
    rules.DateIsOff: lambda _no: _("This date was called off before; nothing was changed."),
    rules.DateIsOn: lambda _no: _("This date takes place already."),
    rules.OutOfOrder: lambda no: _(
        "Meetings keep their order: this one must stay on its side of meeting %(number)s.", number=no.number
    ),
    rules.SameTime: lambda _no: _("The date lies there already; nothing was changed."),
    rules.NotATarget: lambda _no: _("This date cannot be moved there. Please choose one of those listed."),
    rules.AlreadyWaiting: lambda _no: _("This class is on the waiting list already."),
    rules.StillFree: lambda _no: _("There is a free place: you can book it now."),
    rules.NeverFits: lambda no: _(
        "%(wanted)s people would never fit: there are %(places)s places in all.", wanted=no.wanted, places=no.places
    ),
    rules.OfferGone: lambda _no: _("This offer was taken or declined, or its time is over."),
    rules.NotOnTheList: lambda _no: _("This class has left the waiting list; nothing was changed."),
    rules.WrongFacilitator: lambda _no: _("Choose a facilitator who works for the provider of this edition."),
    rules.WrongRoom: lambda _no: _("This is not a room of the school chosen. Show its rooms and choose one of them."),
}
