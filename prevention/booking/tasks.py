"""What the clock does with bookings: remind of dates, and tell facilitators in the morning what is new."""

from prevention.booking import service
from prevention.core import clock
from prevention.core.db import unit_of_work


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
