"""What the clock does here: seal the next closed wave."""

import structlog

from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.indicators import service
from prevention.indicators.rules import AlreadySealed
from prevention.surveys import service as surveys

log = structlog.get_logger()


def seal_next_closed_wave() -> bool:
    """Seal one wave that the office closed; say whether there was one.

    Three steps, so that no lock is held while figures are computed: read (one transaction), compute and write the
    file (none), enter and erase (one transaction). A closed wave takes no more answers, so nothing moves in between.
    """
    with unit_of_work():
        wave = surveys.next_closed_wave()
        if wave is None:
            return False
        records = service.records_of(wave.id)
    today = clock.today()
    prepared = service.prepare_seal(records, today=today)
    # Reading the schools' names began a transaction; it must not stay open beside the one that writes.
    db.session.rollback()
    try:
        with unit_of_work():
            service.enter_seal(prepared, today=today)
        log.info("wave_sealed", wave=str(records.wave_id), tables=len(prepared.tables))
    except AlreadySealed:
        log.info("wave_sealed_elsewhere", wave=str(records.wave_id))
    service.sweep()
    db.session.rollback()
    # The rows are gone; what the database still keeps of them goes too.
    surveys.tidy_up()
    return True
