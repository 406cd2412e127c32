"""Letters that the clock writes: a reminder before a date, and the morning's digest for facilitators."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from prevention.accounts.models import User
from prevention.booking.letters.posting import post
from prevention.booking.letters.values import (
    booking_values,
    date_line,
    date_lines,
    wish_lines,
)
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.rules import BookingStatus, MeetingStatus
from prevention.core import clock
from prevention.core.web import address_of, number
from prevention.core.web import day as day_words


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """What a facilitator is to know in the morning; dates in order of time."""

    new: Sequence[Booking]
    changed: Sequence[BookingMeeting]
    coming: Sequence[BookingMeeting]

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.coming)


def reminder(meeting: BookingMeeting, *, today: date) -> None:
    """Remind who booked and who leads of one date; once for each day on which it may lie."""
    booking = meeting.booking
    starts_on = clock.day_of(meeting.starts_at)

    def values(language: str) -> Mapping[str, str]:
        return {
            **booking_values(booking, [meeting], language=language),
            "days": number((starts_on - today).days),
        }

    people = {person.id: person for person in (booking.booker, meeting.facilitator) if person is not None}
    for person in people.values():
        post("reminder", person, key=f"booking-reminder:{meeting.id}:{starts_on}:{person.id}", values=values)


def digest(person: User, news: News, *, today: date) -> None:
    """Tell a facilitator what is new, what changed and what comes; once a day."""

    def values(language: str) -> Mapping[str, str]:
        return {
            "day": day_words(today),
            "new": _part(_("New:"), (_new(booking, language=language) for booking in news.new)),
            "changed": _part(_("Changed:"), (_changed(meeting, language=language) for meeting in news.changed)),
            "coming": _part(_("Today and tomorrow:"), (_coming(meeting, language=language) for meeting in news.coming)),
            "page": address_of("booking.agenda"),
        }

    post("digest", person, key=f"booking-digest:{today}:{person.id}", values=values)


def _part(heading: str, lines: Iterable[str]) -> str:
    written = list(lines)
    return "\n".join([heading, *written]) if written else ""


def _new(booking: Booking, *, language: str) -> str:
    who = _who(booking, language=language)
    if booking.status is BookingStatus.REQUESTED:
        head = _("- request: %(who)s", who=who)
        dates = date_lines(booking.meetings, language=language) or (wish_lines(booking.wish) if booking.wish else "")
    else:
        head = _("- booked: %(who)s", who=who)
        dates = date_lines(booking.meetings, language=language)
    return "\n".join([head, *(f"  {line}" for line in dates.splitlines())])


def _changed(meeting: BookingMeeting, *, language: str) -> str:
    values = {"who": _who(meeting.booking, language=language), "date": date_line(meeting, language=language)}
    if meeting.status is MeetingStatus.CANCELLED:
        return _("- called off: %(who)s, %(date)s", **values)
    if meeting.sequence:
        return _("- now: %(who)s, %(date)s", **values)
    return _("- fixed: %(who)s, %(date)s", **values)


def _coming(meeting: BookingMeeting, *, language: str) -> str:
    booking = meeting.booking
    return f"- {date_line(meeting, language=language)} ({_who(booking, language=language)})"


def _who(booking: Booking, *, language: str) -> str:
    site = booking.school_class.site
    return f"{booking.edition.programme.name.text(language)}, {booking.school_class.label}, {site.display_name}"
