"""Writing one letter to one person: the text in force filled in, calendar entries added, into the outbox."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import structlog

from prevention.accounts.models import User
from prevention.booking.calendar import Entry, Method, Person, beside_text, invitation
from prevention.booking.letters.values import page_address, place_of_meeting, settings, title_of
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.rules import BookingStatus, MeetingStatus
from prevention.core.i18n import DEFAULT_LANGUAGE, in_language
from prevention.core.mail import Attachment
from prevention.messages import service as messages
from prevention.messages.rules import TextRefused

log = structlog.get_logger()

Values = Callable[[str], Mapping[str, str]]


def post(kind_key: str, person: User, *, key: str, values: Values, attachments: Sequence[Attachment] = ()) -> None:
    """Put one letter into the outbox, in the person's language (Italian where it has no text in that).

    Args:
        kind_key: one of `kinds.KINDS`.
        person: who gets it.
        key: names the occasion; the same key twice is one mail.
        values: language to values by key; called with that language in force.
        attachments: files that ride along.
    """
    kind, texts = messages.kind_of(kind_key), messages.texts_of(kind_key)
    language = person.language if person.language in texts else DEFAULT_LANGUAGE
    with in_language(language):
        known = {"name": person.name, **values(language)}
        try:
            filled = messages.fill(kind, texts[language], known, language=language)
        except TextRefused:
            # A text that was right when it was written, before an update took a placeholder away: ours is.
            log.warning("letter_text_out_of_date", kind=kind_key, language=language)
            filled = messages.fill(kind, kind.shipped[language], known, language=language)
    messages.enqueue(
        key=key,
        to=person.email,
        subject=filled.subject,
        body=filled.body,
        language=language,
        attachments=attachments,
    )


def entries(
    booking: Booking, meetings: Iterable[BookingMeeting], person: User, *, method: Method, now: datetime
) -> list[Attachment]:
    """Write dates as calendar entries for one person: a single one beside the text and as a file, several as files."""
    organiser = Person(name=booking.edition.organisation.name, email=settings().mail_from)
    attendee = Person(name=person.name, email=person.email)
    with in_language(person.language):
        files = [
            invitation(
                entry_of(booking, meeting, language=person.language),
                method=method,
                organiser=organiser,
                attendee=attendee,
                now=now,
            )
            for meeting in meetings
        ]
    return beside_text(files[0]) if len(files) == 1 else files


def entry_of(booking: Booking, meeting: BookingMeeting, *, language: str) -> Entry:
    """Give one date as a calendar knows it."""
    programme = booking.edition.programme.name.text(language)
    title, address = title_of(meeting, language=language), page_address(booking.id)
    return Entry(
        uid=meeting.id,
        sequence=meeting.sequence,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        summary=f"{programme}, {booking.school_class.label}",
        description=f"{meeting.number}. {title}\n{address}" if title else address,
        location=place_of_meeting(booking, meeting),
        url=address,
        changed_at=meeting.changed_at,
        is_off=meeting.status is MeetingStatus.CANCELLED or booking.status is BookingStatus.CANCELLED,
    )
