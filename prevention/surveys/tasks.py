"""What the clock does: mix the ballot box, join a before with its after once both are closed, and tidy away."""

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


def join_closed_pair() -> bool:
    """Join one linked pair whose waves are both closed, and destroy its key; say whether there was one."""
    with unit_of_work():
        pair_id = service.next_pair_to_join()
        if pair_id is None:
            return False
        service.join_pair(pair_id)
    log.info("pair_joined", pair=str(pair_id))
    return True


def tidy_after_waves() -> bool:
    """Have the database forget what closing, joining and sealing deleted; say whether something was owed and done."""
    with unit_of_work():
        owed = service.owed_tidying()
    if owed is None or not service.tidy_up():
        return False
    with unit_of_work():
        service.settle_tidying(owed)
    log.info("residue_tidied")
    return True
