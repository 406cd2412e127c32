"""What the clock does with the ballot box: mix it."""

import structlog

from prevention.core.db import unit_of_work
from prevention.surveys import service

log = structlog.get_logger()


def mix_ballots() -> bool:
    """Mix the box of one wave, all its ballots in one transaction; say whether there was one to mix.

    An open wave's box waits until it holds at least `wave_rules.THRESHOLD` ballots. The log says that a box
    was mixed, not how many ballots it held: that number, minute by minute, would be a live count.
    """
    with unit_of_work():
        wave_id = service.next_wave_to_mix()
        if wave_id is None:
            return False
        service.mix(wave_id)
    log.info("ballots_mixed", wave=str(wave_id))
    return True
