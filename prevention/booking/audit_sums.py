"""Re-checks sums and ways that a single statement cannot: offers among places, a slot against its dates, travel.

Part of `audit`: reads bare columns and reckons by itself, knowing nothing of the code that writes.
"""

import uuid
from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from prevention.booking.models import Booking, BookingMeeting, Slot, SlotHold, SlotMeeting, WaitingClass
from prevention.booking.rules import STANDING, MeetingStatus, WaitingStatus
from prevention.core.db import db
from prevention.network import service as network
from prevention.schools.models import SchoolClass, Site

# Nobody is on the way for longer.
_LONGEST_WAY = timedelta(hours=6)


def offered_too_much(*, now: datetime) -> list[uuid.UUID]:
    """Give the dates on which bookings, holds and offers to waiting classes together are more than the places."""
    offered: dict[tuple[uuid.UUID, int], int] = defaultdict(int)
    offers = select(WaitingClass.slot_id, WaitingClass.numbers, WaitingClass.places).where(
        WaitingClass.status == WaitingStatus.OFFERED, WaitingClass.offer_expires_at > now
    )
    for slot_id, numbers, places in db.session.execute(offers):
        for number in numbers:
            offered[slot_id, number] += places
    if not offered:
        return []
    held = (
        select(func.coalesce(func.sum(SlotHold.places), 0))
        .where(SlotHold.slot_meeting_id == SlotMeeting.id, SlotHold.expires_at > now)
        .correlate(SlotMeeting)
        .scalar_subquery()
    )
    dates = select(
        SlotMeeting.id, SlotMeeting.slot_id, SlotMeeting.number, SlotMeeting.places, SlotMeeting.places_taken + held
    ).where(
        SlotMeeting.status == MeetingStatus.PLANNED,
        SlotMeeting.slot_id.in_(select(WaitingClass.slot_id).where(WaitingClass.status == WaitingStatus.OFFERED)),
    )
    return [
        date_id
        for date_id, slot_id, number, places, others in db.session.execute(dates)
        if (slot_id, number) in offered and others + offered[slot_id, number] > places
    ]


def slots_that_differ_from_their_dates() -> list[uuid.UUID]:
    """Give the slots whose `places_taken` is not what their dates say.

    Who takes all dates is stopped by the fullest; who takes some of them, by the fullest of the emptiest so many.
    """
    taken: dict[uuid.UUID, list[int]] = defaultdict(list)
    for slot_id, on_date in db.session.execute(
        select(SlotMeeting.slot_id, SlotMeeting.places_taken).where(SlotMeeting.status == MeetingStatus.PLANNED)
    ):
        taken[slot_id].append(on_date)
    found = []
    for slot_id, places, said, wanted in db.session.execute(
        select(Slot.id, Slot.places, Slot.places_taken, Slot.dates_to_take)
    ):
        on_dates = sorted(taken[slot_id])
        if wanted is None:
            counted = on_dates[-1] if on_dates else 0
        else:
            counted = on_dates[wanted - 1] if len(on_dates) >= wanted else places
        if counted != said:
            found.append(slot_id)
    return found


def ways_too_short(*, now: datetime) -> list[uuid.UUID]:
    """Give the dates ahead that their facilitator cannot reach in time from the one before at another school.

    Reckons with the minutes of the district (`network`): what the office wrote down, else the estimate.
    """
    by_person: dict[uuid.UUID, list[tuple[datetime, datetime, uuid.UUID, uuid.UUID, uuid.UUID]]] = defaultdict(list)
    at_class, at_slot = aliased(Site), aliased(Site)
    rows = db.session.execute(
        select(
            BookingMeeting.facilitator_id,
            BookingMeeting.starts_at,
            BookingMeeting.ends_at,
            func.coalesce(at_slot.id, at_class.id),
            func.coalesce(at_slot.municipality_id, at_class.municipality_id),
            BookingMeeting.id,
        )
        .join(Booking, BookingMeeting.booking_id == Booking.id)
        .join(SchoolClass, Booking.school_class_id == SchoolClass.id)
        .join(at_class, SchoolClass.site_id == at_class.id)
        .outerjoin(Slot, Booking.slot_id == Slot.id)
        .outerjoin(at_slot, Slot.site_id == at_slot.id)
        .where(
            BookingMeeting.facilitator_id.is_not(None),
            BookingMeeting.status == MeetingStatus.PLANNED,
            BookingMeeting.starts_at > now,
            Booking.status.in_(STANDING),
        )
        .order_by(BookingMeeting.starts_at, BookingMeeting.id)
    )
    for person, starts_at, ends_at, site, municipality, meeting_id in rows:
        if person is not None:
            by_person[person].append((starts_at, ends_at, site, municipality, meeting_id))
    travel = network.travel_times()
    found = []
    for dates in by_person.values():
        for number, (starts_at, _ends_at, site, municipality, meeting_id) in enumerate(dates):
            for _before, ended_at, other_site, other_municipality, _id in reversed(dates[:number]):
                gap = starts_at - ended_at
                if gap > _LONGEST_WAY:
                    break
                is_late = timedelta(0) <= gap < timedelta(minutes=travel.minutes(other_municipality, municipality))
                if other_site != site and is_late:
                    found.append(meeting_id)
    return found
