"""Mails about bookings: who is told what, in whose language, with which calendar entry. They go to the outbox.

Free-text needs of a class stay on the booking's page: a mail box is no place for what may be data on health.
"""

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime

from flask import current_app
from flask_babel import gettext as _

from prevention.accounts.models import User
from prevention.booking.calendar import Entry, Method, Person, invitation
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.rules import MeetingStatus
from prevention.config import Settings
from prevention.core.i18n import in_language
from prevention.core.mail import Attachment
from prevention.messages import service as messages


def confirm(booking: Booking, *, now: datetime) -> None:
    """Tell the booker and the facilitators that a class is booked, with an invitation for each of their dates."""
    for person, meetings in _concerned(booking):
        with in_language(person.language):
            programme, label = _names(booking, person)
            messages.enqueue(
                key=f"booking-confirmed:{booking.id}:{person.id}",
                to=person.email,
                subject=_("Booked: %(programme)s for %(label)s", programme=programme, label=label),
                body=_body("mail/booking_confirmed.txt", booking, meetings, person),
                language=person.language,
                attachments=_entries(booking, meetings, person, method=Method.REQUEST, now=now),
            )


def call_off(booking: Booking, *, now: datetime) -> None:
    """Tell the same people that a booking is called off, with a cancellation for each date."""
    for person, meetings in _concerned(booking):
        off = [meeting for meeting in meetings if meeting.status is MeetingStatus.CANCELLED]
        with in_language(person.language):
            programme, label = _names(booking, person)
            messages.enqueue(
                key=f"booking-cancelled:{booking.id}:{person.id}",
                to=person.email,
                subject=_("Called off: %(programme)s for %(label)s", programme=programme, label=label),
                body=_body("mail/booking_cancelled.txt", booking, off, person),
                language=person.language,
                attachments=_entries(booking, off, person, method=Method.CANCEL, now=now),
            )


def page_address(booking_id: uuid.UUID) -> str:
    """Give the full address of a booking's page, also outside a request."""
    adapter = current_app.url_map.bind("localhost")
    return _settings().base_url + adapter.build("booking.booking", {"booking_id": booking_id})


def _concerned(booking: Booking) -> Iterator[tuple[User, list[BookingMeeting]]]:
    yield booking.booker, list(booking.meetings)
    leaders = {meeting.facilitator.id: meeting.facilitator for meeting in booking.meetings if meeting.facilitator}
    for leader in leaders.values():
        if leader.id != booking.booked_by:
            yield leader, [meeting for meeting in booking.meetings if meeting.facilitator_id == leader.id]


def _names(booking: Booking, person: User) -> tuple[str, str]:
    return booking.edition.programme.name.text(person.language), booking.school_class.label


def _body(template: str, booking: Booking, meetings: Iterable[BookingMeeting], person: User) -> str:
    # Without the values of a page: a mail is also written by commands, where nobody is signed in.
    page = current_app.jinja_env.get_template(template)
    return page.render(booking=booking, meetings=meetings, person=person, address=page_address(booking.id))


def _entries(
    booking: Booking, meetings: Iterable[BookingMeeting], person: User, *, method: Method, now: datetime
) -> list[Attachment]:
    organiser = Person(name=booking.edition.organisation.name, email=_settings().mail_from)
    attendee = Person(name=person.name, email=person.email)
    return [
        invitation(_entry(booking, meeting, person), method=method, organiser=organiser, attendee=attendee, now=now)
        for meeting in meetings
    ]


def _entry(booking: Booking, meeting: BookingMeeting, person: User) -> Entry:
    programme, label = _names(booking, person)
    title = meeting.programme_meeting.title.text(person.language) if meeting.programme_meeting else ""
    return Entry(
        uid=meeting.id,
        sequence=meeting.sequence,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        summary=f"{programme}, {label}",
        description=f"{meeting.number}. {title}\n{page_address(booking.id)}" if title else page_address(booking.id),
        location=place_of(booking),
        url=page_address(booking.id),
    )


def place_of(booking: Booking) -> str:
    """Write where the class meets: the place of the slot, else its own school."""
    site = booking.slot.site if booking.slot is not None and booking.slot.site else booking.school_class.site
    return ", ".join(part for part in (site.display_name, site.address, site.municipality.name) if part)


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
