"""The letters of a booking's life: asked for, booked, declined, moved, called off; each to those concerned."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from prevention.accounts.models import User
from prevention.booking.calendar import Method
from prevention.booking.letters.posting import entries, post
from prevention.booking.letters.values import booking_values, span_words
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.rules import MeetingStatus
from prevention.schools.time_models import Room


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """A date that got another time, facilitator or room; the row holds the new ones, this what was before."""

    meeting: BookingMeeting
    starts_at_before: datetime
    ends_at_before: datetime
    facilitator_before: User | None = None
    room_before: Room | None = None


def requested(booking: Booking, *, now: datetime) -> None:
    """Tell who asked that the request arrived and waits; nothing is in a calendar yet."""
    del now
    post(
        "requested",
        booking.booker,
        key=f"booking-requested:{booking.id}:{booking.booker.id}",
        values=_values(booking, _planned(booking)),
    )


def booked(booking: Booking, *, now: datetime) -> None:
    """Tell the booker and the facilitators that a class is booked, with an invitation for each of their dates."""
    _invite("booked", booking, occasion="confirmed", now=now)


def approved(booking: Booking, *, message: str = "", now: datetime) -> None:
    """Tell the same people that a request was approved, in the words of the decision, with the invitations."""
    _invite("approved", booking, occasion="confirmed", message=message, now=now)


def planned(booking: Booking, *, now: datetime) -> None:
    """Tell the same people which dates the office planned for a request, with the invitations."""
    _invite("planned", booking, occasion="confirmed", now=now)


def declined(booking: Booking, *, message: str = "", now: datetime) -> None:
    """Tell who asked that a request was declined, in the words of the decision."""
    del now
    post(
        "declined",
        booking.booker,
        key=f"booking-declined:{booking.id}:{booking.booker.id}",
        values=_values(booking, booking.meetings, message=message),
    )


def moved(booking: Booking, moves: Sequence[Move], *, reason: str = "", now: datetime) -> None:
    """Tell those concerned that dates have another time; the entry keeps its UID and gets a higher SEQUENCE.

    A facilitator who no longer leads a date is told that it is off for them, with a cancellation.
    """
    for person, meetings in _concerned(booking, [move.meeting for move in moves]):
        own = [move for move in moves if move.meeting in meetings]
        before = _before(own)
        post(
            "moved",
            person,
            key=f"booking-moved:{_version(meetings)}:{person.id}",
            values=_values(booking, meetings, reason=reason, before=before),
            attachments=entries(booking, meetings, person, method=Method.REQUEST, now=now),
        )
    for move in moves:
        left = move.facilitator_before
        if left is not None and left.id not in (move.meeting.facilitator_id, booking.booked_by):
            _tell_off("date_cancelled", booking, left, [move.meeting], reason=reason, now=now)


def date_cancelled(booking: Booking, meetings: Sequence[BookingMeeting], *, reason: str = "", now: datetime) -> None:
    """Tell those concerned that single dates are off while the booking stands, with cancellations."""
    for person, own in _concerned(booking, meetings):
        _tell_off("date_cancelled", booking, person, own, reason=reason, now=now)


def date_added(booking: Booking, meetings: Sequence[BookingMeeting], *, now: datetime) -> None:
    """Tell those concerned that dates came to a booking, or came back, with invitations."""
    for person, own in _concerned(booking, meetings):
        post(
            "date_added",
            person,
            key=f"booking-date-added:{_version(own)}:{person.id}",
            values=_values(booking, own),
            attachments=entries(booking, own, person, method=Method.REQUEST, now=now),
        )


def called_off(booking: Booking, *, now: datetime) -> None:
    """Tell the same people that a booking is called off, with a cancellation for each date."""
    _call_off("called_off", booking, now=now)


def slot_called_off(booking: Booking, *, now: datetime) -> None:
    """Tell them that the provider called the dates off, with a cancellation for each date."""
    _call_off("slot_called_off", booking, now=now)


def _invite(kind: str, booking: Booking, *, occasion: str, message: str = "", now: datetime) -> None:
    for person, meetings in _concerned(booking, _planned(booking)):
        post(
            kind,
            person,
            key=f"booking-{occasion}:{booking.id}:{person.id}",
            values=_values(booking, meetings, message=message),
            attachments=entries(booking, meetings, person, method=Method.REQUEST, now=now),
        )


def _call_off(kind: str, booking: Booking, *, now: datetime) -> None:
    off = [meeting for meeting in booking.meetings if meeting.status is MeetingStatus.CANCELLED]
    for person, meetings in _concerned(booking, off):
        post(
            kind,
            person,
            key=f"booking-cancelled:{booking.id}:{person.id}",
            values=_values(booking, meetings),
            attachments=entries(booking, meetings, person, method=Method.CANCEL, now=now),
        )


def _tell_off(
    kind: str, booking: Booking, person: User, meetings: Sequence[BookingMeeting], *, reason: str, now: datetime
) -> None:
    post(
        kind,
        person,
        key=f"booking-date-cancelled:{_version(meetings)}:{person.id}",
        values=_values(booking, meetings, reason=reason),
        attachments=entries(booking, meetings, person, method=Method.CANCEL, now=now),
    )


def _values(
    booking: Booking,
    meetings: Iterable[BookingMeeting],
    *,
    before: Callable[[], str] = str,
    message: str = "",
    **others: str,
) -> Callable[[str], Mapping[str, str]]:
    dates = list(meetings)

    def written(language: str) -> Mapping[str, str]:
        given = {"message": message or booking.decision_message, "before": before(), **others}
        return {**booking_values(booking, dates, language=language), **given}

    return written


def _before(moves: Sequence[Move]) -> Callable[[], str]:
    return lambda: "\n".join(
        f"- {span_words(move.starts_at_before, move.ends_at_before)}"
        + (f" ({move.room_before.name})" if move.room_before is not None else "")
        for move in moves
    )


def _planned(booking: Booking) -> list[BookingMeeting]:
    return [meeting for meeting in booking.meetings if meeting.status is MeetingStatus.PLANNED]


def _concerned(booking: Booking, meetings: Sequence[BookingMeeting]) -> Iterator[tuple[User, Sequence[BookingMeeting]]]:
    yield booking.booker, meetings
    leaders = {meeting.facilitator.id: meeting.facilitator for meeting in meetings if meeting.facilitator}
    for leader in leaders.values():
        if leader.id != booking.booked_by:
            yield leader, [meeting for meeting in meetings if meeting.facilitator_id == leader.id]


def _version(meetings: Iterable[BookingMeeting]) -> str:
    """Name dates with their versions: the same change told twice has the same name. Fits the key of a mail."""
    first, *others = sorted(meetings, key=lambda meeting: meeting.number)
    return f"{first.id}:{first.sequence}" + "".join(f"+{other.number}.{other.sequence}" for other in others)
