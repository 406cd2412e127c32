"""Values for the preview of a letter: those of the newest booking, or made-up ones in an empty house."""

from collections.abc import Mapping, Set
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from prevention.accounts.models import User
from prevention.booking.letters.values import DATE_FORM, booking_values, date_lines, span_words
from prevention.booking.models import Booking, BookingMeeting, Slot
from prevention.core import clock
from prevention.core.db import db
from prevention.core.web import address_of, day, moment
from prevention.programmes.models import Edition
from prevention.schools.models import SchoolClass, Site

_DAY = timedelta(days=1)


def sample_values(keys: Set[str], *, language: str) -> Mapping[str, str]:
    """Give a value for each of `keys`, in the language in force. Two or three queries."""
    booking = newest_booking()
    values = {**_made_up(), **(_of(booking, language=language) if booking is not None else {})}
    return {key: values[key] for key in keys}


def newest_booking() -> Booking | None:
    """Give the newest booking that has dates, with everything letters show, or None. Two queries."""
    return db.session.scalar(
        select(Booking)
        .join(BookingMeeting)
        .options(
            joinedload(Booking.edition).options(joinedload(Edition.programme), joinedload(Edition.organisation)),
            joinedload(Booking.school_class).joinedload(SchoolClass.site).joinedload(Site.municipality),
            joinedload(Booking.booker).lazyload(User.roles),
            joinedload(Booking.slot).joinedload(Slot.site).joinedload(Site.municipality),
            selectinload(Booking.meetings).joinedload(BookingMeeting.programme_meeting),
        )
        .order_by(Booking.booked_at.desc(), Booking.id)
        .limit(1)
    )


def _of(booking: Booking, *, language: str) -> dict[str, str]:
    values = booking_values(booking, booking.meetings, language=language)
    first = booking.meetings[0]
    class_dates = f"{booking.school_class.label}, {values['school']}: {values['programme']}"
    return {
        **{key: value for key, value in values.items() if value},
        "name": booking.booker.name,
        "before": f"- {span_words(first.starts_at - 7 * _DAY, first.ends_at - 7 * _DAY)}",
        "new": f"- {class_dates}",
        "coming": f"{date_lines([first], language=language)} ({class_dates})",
    }


def _made_up() -> dict[str, str]:
    start = datetime.combine(clock.today() + 7 * _DAY, datetime.min.time(), tzinfo=clock.ROME) + timedelta(hours=9)
    when = span_words(start, start + timedelta(hours=2))
    return {
        "name": "Maria Rossi",
        "programme": "Unplugged",
        "class": "2A",
        "school": "Liceo Scientifico",
        "provider": "ASST",
        "place": "Liceo Scientifico, via Roma 1, Cremona",
        "pupils": "24",
        "adults": "2",
        "coordinator": "Maria Rossi",
        "dates": f"- {when}",
        "before": f"- {span_words(start - 7 * _DAY, start - 7 * _DAY + timedelta(hours=2))}",
        "reason": _("The class is on a trip that day."),
        "message": _("Welcome! Please keep a room with a projector free."),
        "page": address_of("home.desk"),
        "until": moment(start, DATE_FORM),
        "days": "7",
        "day": day(clock.today()),
        "new": f"- 2A, Liceo Scientifico: Unplugged, {when}",
        "changed": f"- 3B, Liceo Scientifico: Unplugged, {when}",
        "coming": f"- {when}: 2A, Liceo Scientifico",
    }
