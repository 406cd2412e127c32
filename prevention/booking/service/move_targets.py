"""Where one date of a booking could go: what the page that moves it proposes. Nothing is locked or written here."""

from collections.abc import Sequence
from datetime import datetime

from prevention.booking import rules
from prevention.booking.models import Booking, BookingMeeting, SlotMeeting
from prevention.booking.rules import ClassFacts, Host, Span
from prevention.booking.service import class_facts, own_rooms, places, rooms, slots
from prevention.booking.service.moving import can_choose_time, candidates, check_order, host_of

# Free lessons are proposed so many days before and after a date.
DAYS_AROUND = 21


def dates_to_go_to(booking: Booking, meeting: BookingMeeting, *, now: datetime) -> list[SlotMeeting]:
    """List the dates on offer to which this one can go, in order; a fixed number of statements.

    Those of the same edition and place, counted the same way, with enough places that nobody holds or waits for, at
    a time when the class has lessons and nothing else, in the order of its meetings.
    """
    if booking.slot is None:
        return []
    busy = class_facts.facts_of_classes([booking.school_class], booking.edition, but_meeting=meeting.id)
    facts = busy[booking.school_class_id]
    kept = places.held_in_edition(booking.edition_id, now=now)
    host = host_of(booking)
    found = []
    for date in candidates(booking, now=now):
        span = Span(starts_at=date.starts_at, ends_at=date.ends_at)
        if date.places_left - kept.get(date.id, 0) < booking.places or rules.first_clash([span], facts.engagements):
            continue
        if _may_lie(booking, meeting, span, facts, host=host, now=now):
            found.append(date)
    return found


def times_to_go_to(booking: Booking, meeting: BookingMeeting, *, now: datetime) -> list[Span]:
    """List the free lessons of the class to which this date can go, in order; a fixed number of statements.

    Those of the three weeks around it that begin with a bell, on which the class has nothing else, the same
    facilitator is there, free and near enough, a room is free where it has one, and the order of the meetings is kept.
    """
    if not can_choose_time(booking):
        return []
    length = meeting.ends_at - meeting.starts_at
    known = class_facts.facts_of_classes([booking.school_class], booking.edition, but_meeting=meeting.id)
    facts = known[booking.school_class_id]
    if facts.school_time is None:
        return []
    middle = max(meeting.starts_at, now)
    proposed = [
        span
        for span in rules.lessons_around(facts.school_time, middle=middle, length=length, days=DAYS_AROUND)
        if span.starts_at > now and rules.first_clash([span], facts.engagements) is None
    ]
    if meeting.facilitator_id is not None and proposed:
        proposed = _free_for(meeting, booking, proposed)
    if proposed and (meeting.room_id is not None or own_rooms.are_needed(booking.edition, booking.slot)):
        proposed = _with_free_room(meeting, booking, proposed)
    return [span for span in proposed if _may_lie(booking, meeting, span, facts, host=None, now=now)]


def _may_lie(
    booking: Booking, meeting: BookingMeeting, span: Span, facts: ClassFacts, *, host: Host | None, now: datetime
) -> bool:
    try:
        check_order(booking, meeting, span, now=now)
        rules.check_days([span], facts, host=host)
    except rules.BookingRefusal:
        return False
    return True


def _free_for(meeting: BookingMeeting, booking: Booking, spans: Sequence[Span]) -> list[Span]:
    if meeting.facilitator_id is None:
        return list(spans)
    whole = Span(starts_at=spans[0].starts_at, ends_at=spans[-1].ends_at)
    published = slots.published_in(meeting.facilitator_id, whole, but_date=meeting.slot_meeting_id)
    can_reach = class_facts.reach_of(meeting.facilitator_id, whole, booking.school_class.site, but_meeting=meeting.id)
    return [span for span in spans if rules.first_clash([span], published) is None and can_reach(span)]


def _with_free_room(meeting: BookingMeeting, booking: Booking, spans: Sequence[Span]) -> list[Span]:
    people = booking.pupils + booking.adults
    fitting = rooms.fitting_rooms(booking.school_class.site_id, booking.edition, people=people, first=meeting.room_id)
    if not fitting:
        # The school has entered none: it finds one itself.
        return list(spans)
    whole = Span(starts_at=spans[0].starts_at, ends_at=spans[-1].ends_at)
    is_free = rooms.free_at(fitting, whole, but_meeting=meeting.id)
    return [span for span in spans if any(is_free(room, span) for room in fitting)]
