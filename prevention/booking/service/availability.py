"""What one person can have of a slot now: which dates, how many places, and the refusal when there are none."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from prevention.booking import rules
from prevention.booking.models import Slot, SlotMeeting
from prevention.booking.rules import DateLoad, Host, SlotFacts
from prevention.booking.service import places, slots
from prevention.core import clock
from prevention.core.access import Actor


def chosen_dates(
    slot: Slot, numbers: Collection[int] | None, loads: Mapping[int, DateLoad], *, now: datetime
) -> list[SlotMeeting]:
    """Give the dates that a class would take, in order.

    Args:
        numbers: those chosen; None for all dates, or for the earliest with a free place where there is a choice.

    Raises:
        WrongChoiceOfDates: `numbers` is no choice that can be made.
    """
    planned = [date for date in slot.meetings if date.number in loads]
    if slot.dates_to_take is None:
        return planned
    ahead = [date for date in planned if date.starts_at > now]
    there_are = [date.number for date in ahead]
    if numbers is None:
        free = places.emptiest(loads, among=there_are, count=slot.dates_to_take)
        chosen = free if len(free) == slot.dates_to_take else there_are[: slot.dates_to_take]
    else:
        rules.check_choice(numbers, dates_to_take=slot.dates_to_take, there_are=there_are)
        chosen = sorted(numbers)
    return [date for date in ahead if date.number in chosen]


def facts_for(
    slot: Slot, dates: Sequence[SlotMeeting], loads: Mapping[int, DateLoad], *, host: Host | None = None
) -> SlotFacts:
    """Give what the rules need to know of a slot for one who would take these dates. One statement."""
    return slots.facts_of(
        slot,
        dates=dates,
        load=places.fullest(loads[date.number] for date in dates),
        has_waiting=places.is_waited_for(slot),
        host=host,
    )


def check_can_book(actor: Actor, slot: Slot, *, now: datetime) -> None:
    """Refuse when this person cannot book these dates now, whatever the class.

    Raises:
        SlotCancelled, EditionClosed, NotOpenYet, BookingClosed, AlreadyStarted, SlotFull, OthersWaiting, PlacesHeld:
            the rules say no.
    """
    loads = places.loads(slot, now=now, but_holds_of=actor.id)
    facts = facts_for(slot, chosen_dates(slot, None, loads, now=now), loads)
    rules.check_can_book(facts, now=now, zone=clock.ROME)
