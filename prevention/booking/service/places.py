"""The places of a slot, date by date: who takes some, who gives some back, and how many are left for whom.

Every change of places goes through here, with the slot's row locked first: two who change one slot wait for each
other there and nowhere else. The claim itself is one conditional UPDATE with a CHECK behind it. What is held for an
open form or offered to a waiting class is not taken, only kept: it is counted as long as its end lies ahead, so that
it comes back free without anybody doing anything. Is not: who may have a place (`rules`), nor who gets one that
became free (`waiting`).
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from prevention.booking import rules
from prevention.booking.models import Booking, Slot, SlotHold, SlotMeeting, WaitingClass
from prevention.booking.rules import ON_THE_LIST, DateLoad, MeetingStatus, SlotStatus, WaitingStatus
from prevention.core.db import db


def lock(*slots: Slot) -> None:
    """Wait until no other transaction changes these slots, and read anew what may have changed."""
    ids = [slot.id for slot in slots]
    db.session.execute(select(Slot.id).where(Slot.id.in_(ids)).order_by(Slot.id).with_for_update())
    for slot in slots:
        _forget(slot)


def claim(slot: Slot, dates: Sequence[SlotMeeting], *, places: int) -> None:
    """Take `places` on each of `dates`, or none at all; the slot is locked.

    Raises:
        SlotCancelled: the slot, or one of the dates, was called off.
        SlotFull: one of the dates has not as many left.
    """
    if slot.status is SlotStatus.CANCELLED or any(date.status is MeetingStatus.CANCELLED for date in dates):
        raise rules.SlotCancelled
    claimed = db.session.scalars(
        update(SlotMeeting)
        .where(
            SlotMeeting.id.in_([date.id for date in dates]),
            SlotMeeting.places_taken + places <= SlotMeeting.places,
            SlotMeeting.status == MeetingStatus.PLANNED,
        )
        .values(places_taken=SlotMeeting.places_taken + places)
        .returning(SlotMeeting.id)
        .execution_options(synchronize_session=False)
    ).all()
    if len(claimed) < len(dates):
        raise rules.SlotFull(places=slot.places)
    recount(slot)


def release(slot: Slot, dates: Sequence[SlotMeeting], *, places: int) -> None:
    """Give `places` on each of `dates` back; the slot is locked."""
    if not dates or not places:
        return
    db.session.execute(
        update(SlotMeeting)
        .where(SlotMeeting.id.in_([date.id for date in dates]))
        .values(places_taken=SlotMeeting.places_taken - places)
        .execution_options(synchronize_session=False)
    )
    recount(slot)


def recount(slot: Slot) -> None:
    """Write down anew how full a slot is; see `Slot.places_taken`."""
    _forget(slot)
    taken = rules.places_in_the_way(
        [date.places_taken for date in slot.meetings if date.status is MeetingStatus.PLANNED],
        dates_to_take=slot.dates_to_take,
        places=slot.places,
    )
    db.session.execute(
        update(Slot).where(Slot.id == slot.id).values(places_taken=taken).execution_options(synchronize_session=False)
    )
    db.session.expire(slot, ["places_taken"])


def dates_held_by(booking: Booking) -> list[SlotMeeting]:
    """List the dates of slots on which a booking takes places now; one statement where a date was moved."""
    taken = {meeting.slot_meeting_id for meeting in booking.meetings if meeting.status is MeetingStatus.PLANNED}
    taken.discard(None)
    own = [date for date in booking.slot.meetings if date.id in taken] if booking.slot is not None else []
    missing = taken - {date.id for date in own}
    if not missing:
        return own
    return [*own, *db.session.scalars(select(SlotMeeting).where(SlotMeeting.id.in_(missing)))]


def loads(
    slot: Slot, *, now: datetime, but_holds_of: uuid.UUID | None = None, but_offer: uuid.UUID | None = None
) -> dict[int, DateLoad]:
    """Say how full each date is that takes place, by its number. Two statements.

    Args:
        but_holds_of: a person whose own holds stand in nobody's way.
        but_offer: a waiting class whose own offer does not either.
    """
    held = _held(slot, now=now, but_holds_of=but_holds_of)
    offers = _offers(slot, now=now, but_offer=but_offer)
    found = {}
    for date in slot.meetings:
        if date.status is MeetingStatus.CANCELLED:
            continue
        kept = [*held[date.id], *((places, until) for numbers, places, until in offers if date.number in numbers)]
        found[date.number] = DateLoad(
            number=date.number,
            places=date.places,
            taken=date.places_taken,
            kept=sum(places for places, _until in kept),
            kept_until=max((until for _places, until in kept), default=None),
        )
    return found


def fullest(found: Iterable[DateLoad]) -> DateLoad | None:
    """Give the date with the fewest free places, None where there is no date."""
    return min(found, key=lambda load: (load.free, -load.taken), default=None)


def emptiest(found: Mapping[int, DateLoad], *, among: Collection[int], count: int) -> list[int]:
    """Give the numbers of `count` dates with a free place, the earliest first; fewer where there are not as many."""
    return [number for number in sorted(found) if number in among and found[number].free > 0][:count]


def is_waited_for(slot: Slot) -> bool:
    """Say whether a class waits for this slot, or has an offer of it."""
    return (
        db.session.scalar(
            select(WaitingClass.id)
            .where(WaitingClass.slot_id == slot.id, WaitingClass.status.in_(ON_THE_LIST))
            .limit(1)
        )
        is not None
    )


def held_in_edition(edition_id: uuid.UUID, *, now: datetime) -> dict[uuid.UUID, int]:
    """Give the places that are held for open forms on the dates of an edition, by date; one statement."""
    rows = db.session.execute(
        select(SlotHold.slot_meeting_id, func.sum(SlotHold.places))
        .join(SlotMeeting, SlotHold.slot_meeting_id == SlotMeeting.id)
        .join(Slot)
        .where(Slot.edition_id == edition_id, SlotHold.expires_at > now)
        .group_by(SlotHold.slot_meeting_id)
    )
    return {date_id: int(held) for date_id, held in rows}


def _forget(slot: Slot) -> None:
    # What statements change is read anew.
    db.session.expire(slot, ["places_taken", "status"])
    for date in slot.meetings:
        db.session.expire(date, ["places_taken", "status"])


def _held(
    slot: Slot, *, now: datetime, but_holds_of: uuid.UUID | None
) -> defaultdict[uuid.UUID, list[tuple[int, datetime]]]:
    query = (
        select(SlotHold.slot_meeting_id, func.sum(SlotHold.places), func.max(SlotHold.expires_at))
        .join(SlotMeeting, SlotHold.slot_meeting_id == SlotMeeting.id)
        .where(SlotMeeting.slot_id == slot.id, SlotHold.expires_at > now)
        .group_by(SlotHold.slot_meeting_id)
    )
    if but_holds_of is not None:
        query = query.where(SlotHold.user_id != but_holds_of)
    found: defaultdict[uuid.UUID, list[tuple[int, datetime]]] = defaultdict(list)
    for date_id, places, until in db.session.execute(query):
        found[date_id].append((int(places), until))
    return found


def _offers(slot: Slot, *, now: datetime, but_offer: uuid.UUID | None) -> list[tuple[list[int], int, datetime]]:
    query = select(WaitingClass.numbers, WaitingClass.places, WaitingClass.offer_expires_at).where(
        WaitingClass.slot_id == slot.id,
        WaitingClass.status == WaitingStatus.OFFERED,
        WaitingClass.offer_expires_at > now,
    )
    if but_offer is not None:
        query = query.where(WaitingClass.id != but_offer)
    return [(row[0], row[1], row[2]) for row in db.session.execute(query) if row[2] is not None]
