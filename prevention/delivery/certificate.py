"""The certificate of hours of a class: what its registers say was held, as a paper."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import select

from prevention.booking import papers
from prevention.booking.letters.kinds import BOOKING_PLACES, place
from prevention.booking.letters.samples import sample_values
from prevention.booking.letters.values import DATE_FORM, booking_values, settings
from prevention.booking.models import Booking, BookingMeeting
from prevention.core import clock
from prevention.core.db import db
from prevention.core.i18n import LANGUAGES
from prevention.core.web import Refusal, day, moment
from prevention.delivery.models import SessionRegister
from prevention.delivery.rules import Outcome
from prevention.messages.kinds import Kind, shipped_texts

KEY = "paper-certificate"
_PLACES = (
    *BOOKING_PLACES,
    place("hours", "ore", _l("the hours held, all together")),
    place("district", "territorio", _l("the city and its province")),
    place("day", "giorno", _l("the day")),
)


class NothingHeld(Refusal):
    """No meeting of the booking is registered as held."""


def write_certificate(booking: Booking, *, language: str, today: date) -> bytes:
    """Write the certificate of a booking's class from the registers that stand. One query for the registers.

    Raises:
        NothingHeld: there is nothing to certify yet.
    """
    held = [(meeting, register) for meeting, register in _held(booking) if register.minutes is not None]
    if not held:
        raise NothingHeld
    minutes = sum(register.minutes or 0 for _meeting, register in held)

    def values(language: str) -> Mapping[str, str]:
        return {
            **booking_values(booking, [], language=language),
            "dates": "\n".join(_line(meeting, register) for meeting, register in held),
            "hours": hours_words(minutes),
            "district": settings().district,
            "day": day(today),
        }

    return papers.print_text(
        KEY, values, languages=[language], school=booking.school_class.site.display_name, today=today
    )


def hours_words(minutes: int) -> str:
    """Write a length in hours and minutes, e.g. "6 ore e 30 minuti"."""
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(ngettext("%(num)d hour", "%(num)d hours", hours))
    if rest or not hours:
        parts.append(ngettext("%(num)d minute", "%(num)d minutes", rest))
    return _(" and ").join(parts)


def _held(booking: Booking) -> Sequence[tuple[BookingMeeting, SessionRegister]]:
    # A register of a date that was moved afterwards waits for a new one, and proves nothing meanwhile.
    rows = db.session.execute(
        select(BookingMeeting, SessionRegister)
        .join(SessionRegister, SessionRegister.booking_meeting_id == BookingMeeting.id)
        .where(
            BookingMeeting.booking_id == booking.id,
            SessionRegister.outcome == Outcome.HELD,
            SessionRegister.meeting_starts_at == BookingMeeting.starts_at,
        )
        .order_by(BookingMeeting.starts_at)
    )
    return [(meeting, register) for meeting, register in rows]


def _line(meeting: BookingMeeting, register: SessionRegister) -> str:
    return "- " + _(
        "%(when)s: %(minutes)s minutes, %(present)s pupils of %(expected)s present",
        when=moment(meeting.starts_at, DATE_FORM),
        minutes=register.minutes,
        present=register.present,
        expected=register.expected,
    )


def _sample(language: str) -> Mapping[str, str]:
    own = {"hours": hours_words(390), "district": settings().district, "day": day(clock.today())}
    keys = frozenset(each.key for each in _PLACES) - own.keys()
    return {**sample_values(keys, language=language), **own}


KINDS = (
    Kind(
        key=KEY,
        title=_l("Certificate of hours"),
        occasion=_l("For the class, when meetings were held; from their registers."),
        placeholders=_PLACES,
        shipped=shipped_texts(Path(__file__).resolve().parent / "shipped", KEY),
        sample=_sample,
        languages=LANGUAGES,
        is_paper=True,
    ),
)
