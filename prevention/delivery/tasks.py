"""What the clock does for delivery: ask for missing registers, and tell in September what breaks off."""

from prevention.core import clock
from prevention.core.db import unit_of_work
from prevention.delivery.continuity.reading import tell_breaks
from prevention.delivery.service.chasing import chase_missing


def ask_for_registers() -> bool:
    """Write today's mails about missing registers, once a day; never more than one piece of work at a time."""
    with unit_of_work():
        chase_missing(clock.now())
    return False


def tell_what_breaks_off() -> bool:
    """Write the mails about what breaks off, once a school year."""
    with unit_of_work():
        tell_breaks(clock.now())
    return False
