"""Keeping places for one person while their form is open.

A hold ends by itself after `rules.HOLD`: everybody who counts asks for holds whose end lies ahead, so no job has to
run. One person holds a date once; whoever opens the form again begins anew.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from prevention.booking import rules
from prevention.booking.models import Slot, SlotHold, SlotMeeting
from prevention.booking.rules import CountedBy
from prevention.booking.service import availability, places
from prevention.core import clock
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.schools.models import SchoolClass


def hold(
    actor: Actor, slot: Slot, *, places_wanted: int = 1, numbers: Collection[int] | None = None, now: datetime
) -> datetime:
    """Keep places of a slot for this person, and give the moment at which they are free again. Flushes.

    Args:
        places_wanted: how many on each date, in the slot's unit; fewer are kept where fewer are left.
        numbers: the dates, where a class takes some of them; None for the earliest that are free.

    Raises:
        SlotCancelled, EditionClosed, NotOpenYet, BookingClosed, AlreadyStarted, SlotFull, OthersWaiting, PlacesHeld,
        WrongChoiceOfDates: nothing can be had.
    """
    places.lock(slot)
    loads = places.loads(slot, now=now, but_holds_of=actor.id)
    dates = availability.chosen_dates(slot, numbers, loads, now=now)
    rules.check_can_book(availability.facts_for(slot, dates, loads), now=now, zone=clock.ROME)
    _forget_ended(slot, now=now)
    give_back(actor, slot)
    until = now + rules.HOLD
    kept = max(1, min(places_wanted, *(loads[date.number].free for date in dates)))
    db.session.add_all(
        SlotHold(slot_meeting_id=date.id, user_id=actor.id, places=kept, expires_at=until) for date in dates
    )
    db.session.flush()
    return until


def give_back(actor: Actor, slot: Slot) -> None:
    """Let go of what this person holds of a slot."""
    db.session.execute(
        delete(SlotHold)
        .where(SlotHold.user_id == actor.id, SlotHold.slot_meeting_id.in_([date.id for date in slot.meetings]))
        .execution_options(synchronize_session=False)
    )


def held_until(actor: Actor, slot: Slot, *, now: datetime) -> datetime | None:
    """Give the moment until which this person holds places of a slot, or None."""
    return db.session.scalar(
        select(func.min(SlotHold.expires_at)).where(
            SlotHold.user_id == actor.id,
            SlotHold.slot_meeting_id.in_([date.id for date in slot.meetings]),
            SlotHold.expires_at > now,
        )
    )


def usual_places(slot: Slot, classes: Sequence[SchoolClass]) -> int:
    """Give how many places to hold for somebody with these classes: one, or seats for the largest of them."""
    if slot.counted_by is CountedBy.CLASSES:
        return 1
    return max((each.pupils or 1 for each in classes), default=1) + 1


def _forget_ended(slot: Slot, *, now: datetime) -> None:
    dates = select(SlotMeeting.id).where(SlotMeeting.slot_id == slot.id)
    db.session.execute(
        delete(SlotHold)
        .where(SlotHold.slot_meeting_id.in_(dates), SlotHold.expires_at <= now)
        .execution_options(synchronize_session=False)
    )
