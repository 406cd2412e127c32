"""What stands in the places of a letter: names, dates and addresses, written in the language in force."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from flask import current_app
from flask_babel import gettext as _

from prevention.booking.models import Booking, BookingMeeting, BookingWish, Slot
from prevention.config import Settings
from prevention.core.web import address_of, clock_time, day, moment, number
from prevention.schools.models import SchoolClass
from prevention.schools.time_models import Room

DATE_FORM = "EEEE d MMMM y, HH:mm"


def booking_values(booking: Booking, meetings: Iterable[BookingMeeting], *, language: str) -> dict[str, str]:
    """Give the values that every letter about a booking has; `meetings` are the dates that it is about."""
    return {
        "programme": booking.edition.programme.name.text(language),
        "class": booking.school_class.label,
        "school": booking.school_class.site.display_name,
        "provider": booking.edition.organisation.name,
        "place": place_of(booking),
        "pupils": number(booking.pupils),
        "adults": number(booking.adults),
        "coordinator": booking.booker.name,
        "dates": _dates(booking, meetings, language=language),
        "reason": booking.cancel_reason,
        "page": page_address(booking.id),
    }


def _dates(booking: Booking, meetings: Iterable[BookingMeeting], *, language: str) -> str:
    lines = date_lines(meetings, language=language)
    return wish_lines(booking.wish) if not lines and booking.wish is not None else lines


def wish_lines(wish: BookingWish) -> str:
    """Write what a class that waits for dates would like, one wish on a line."""
    lines = []
    if wish.weekdays:
        lines.append(_("on: %(days)s", days=", ".join(_weekday(number) for number in wish.weekdays)))
    if wish.earliest or wish.latest:
        hours = (f"{hour:%H:%M}" if hour else "" for hour in (wish.earliest, wish.latest))
        lines.append(_("hours: %(hours)s", hours="–".join(hours)))
    lines += [_("not in the week of %(day)s", day=day(date.fromisoformat(week))) for week in wish.weeks_to_avoid]
    return "\n".join(f"- {line}" for line in lines) or "- " + _("any day and hour")


def date_lines(meetings: Iterable[BookingMeeting], *, language: str) -> str:
    """Write dates one below the other, each with the title of its meeting."""
    return "\n".join(f"- {date_line(meeting, language=language)}" for meeting in meetings)


def date_line(meeting: BookingMeeting, *, language: str) -> str:
    """Write one date, e.g. "martedì 12 gennaio 2027, 09:00–10:00: Si comincia (Aula magna)"."""
    title = title_of(meeting, language=language)
    room = f" ({meeting.room.name})" if meeting.room is not None else ""
    return span_words(meeting.starts_at, meeting.ends_at) + (f": {title}" if title else "") + room


def span_words(starts_at: datetime, ends_at: datetime) -> str:
    """Write a stretch of time of one day, e.g. "martedì 12 gennaio 2027, 09:00–10:00"."""
    return f"{moment(starts_at, DATE_FORM)}–{clock_time(ends_at)}"


def title_of(meeting: BookingMeeting, *, language: str) -> str:
    """Give the title of the programme's meeting that a date is for, or nothing."""
    return meeting.programme_meeting.title.text(language) if meeting.programme_meeting else ""


def place_of(booking: Booking) -> str:
    """Write where the class meets: the place of the slot, else its own school. Rooms are of single dates."""
    return _place(booking.slot, booking.school_class)


def place_of_meeting(booking: Booking, meeting: BookingMeeting) -> str:
    """Write where one date is, with its room."""
    return _place(booking.slot, booking.school_class, room=meeting.room)


def slot_place(slot: Slot, school_class: SchoolClass) -> str:
    """Write where a class would meet that took a place of a slot."""
    return _place(slot, school_class, room=slot.room)


def page_address(booking_id: uuid.UUID) -> str:
    """Give the full address of a booking's page, also outside a request."""
    return address_of("booking.booking", booking_id=booking_id)


def settings() -> Settings:
    """Give the settings of this installation."""
    found: Settings = current_app.config["SETTINGS"]
    return found


def _weekday(number: int) -> str:
    # The first of January 2024 was a Monday, which is weekday 0.
    return day(date(2024, 1, 1 + number), "EEEE")


def _place(slot: Slot | None, school_class: SchoolClass, *, room: Room | None = None) -> str:
    site = slot.site if slot is not None and slot.site else school_class.site
    parts = (room.name if room is not None else "", site.display_name, site.address, site.municipality.name)
    return ", ".join(part for part in parts if part)
