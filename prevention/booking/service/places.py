"""The places of a slot, date by date: who takes some, who gives some back, and how full the slot is by that.

Every change of places goes through here, with the slot's row locked first: two who change one slot wait for each
other there and nowhere else. The claim itself is one conditional UPDATE with a CHECK behind it. Is not: who may have
a place (`rules`), nor who gets one that became free (`waiting`).
"""

from collections.abc import Sequence

from sqlalchemy import select, update

from prevention.booking import rules
from prevention.booking.models import Booking, Slot, SlotMeeting
from prevention.booking.rules import MeetingStatus, SlotStatus
from prevention.core.db import db


def lock(slot: Slot) -> None:
    """Wait until no other transaction changes this slot, and read anew what may have changed."""
    db.session.execute(select(Slot.id).where(Slot.id == slot.id).with_for_update())
    forget(slot)


def forget(slot: Slot) -> None:
    """Let what statements change in a slot be read anew."""
    db.session.expire(slot, ["places_taken", "status"])
    for meeting in slot.meetings:
        db.session.expire(meeting, ["places_taken", "status"])


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
    _recount(slot)


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
    _recount(slot)


def dates_held_by(booking: Booking) -> list[SlotMeeting]:
    """List the dates of its slot on which a booking takes places now."""
    if booking.slot is None:
        return []
    taken = {meeting.slot_meeting_id for meeting in booking.meetings if meeting.status is MeetingStatus.PLANNED}
    return [date for date in booking.slot.meetings if date.id in taken]


def _recount(slot: Slot) -> None:
    forget(slot)
    taken = rules.places_in_the_way(
        [date.places_taken for date in slot.meetings if date.status is MeetingStatus.PLANNED],
        dates_to_take=slot.dates_to_take,
        places=slot.places,
    )
    db.session.execute(
        update(Slot).where(Slot.id == slot.id).values(places_taken=taken).execution_options(synchronize_session=False)
    )
    db.session.expire(slot, ["places_taken"])
