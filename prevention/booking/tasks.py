"""What the clock does with bookings.

Offers that ran out pass on, and freed places find the classes that wait; people are reminded of dates, and
facilitators told in the morning what is new.
"""

from prevention.booking import service
from prevention.core import clock
from prevention.core.db import unit_of_work


def pass_next_offer_on() -> bool:
    """Take one offer back that ran out and offer the place to the next class; say whether there was one.

    When none ran out, places are offered whose hold ended without a booking while classes wait.
    """
    now = clock.now()
    with unit_of_work():
        slot = service.next_slot_to_pass_on(now=now)
        if slot is not None:
            service.pass_on(slot, now=now)
            return True
        return any(service.pass_on(service.slot_with_all(slot_id), now=now) for slot_id in service.slots_waited_for())


def send_reminders() -> bool:
    """Write today's reminders, once a day; never more than one piece of work at a time."""
    with unit_of_work():
        service.send_reminders(clock.now())
    return False


def send_digests() -> bool:
    """Write today's digests, once a day."""
    with unit_of_work():
        service.send_digests(clock.now())
    return False
