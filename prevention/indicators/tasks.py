"""What the clock does here: seal waves, carry out corrections, compare pairs, release cubes."""

import structlog
from sqlalchemy.exc import IntegrityError

from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.indicators import corrections, cube_release, panel_service, service
from prevention.indicators.rules import AlreadyCorrected, AlreadySealed, SomebodyReleased
from prevention.surveys import service as surveys
from prevention.surveys.tasks import tidy_after_waves

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
    tidy_after_waves()
    return True


def correct_next_seal() -> bool:
    """Carry out one correction that the office asked for; say whether there was one.

    In three steps like sealing. What came out of the wave meanwhile is weighed at the next try.
    """
    correction = corrections.next_correction()
    if correction is None:
        db.session.rollback()
        return False
    today = clock.today()
    seal_id = correction.seal_id
    prepared = corrections.prepare_correction(correction, today=today)
    db.session.rollback()
    try:
        with unit_of_work():
            corrections.enter_correction(prepared, today=today)
        log.info("seal_corrected", seal=str(seal_id), tables=len(prepared.tables))
    except (AlreadyCorrected, SomebodyReleased) as refusal:
        log.info("correction_tried_again", seal=str(seal_id), why=type(refusal).__name__)
    service.sweep()
    db.session.rollback()
    return True


def release_next_pair() -> bool:
    """Compare the two waves of one pair that are both sealed, and keep the result; say whether there was one."""
    found = panel_service.next_sealed_pair()
    if found is None:
        db.session.rollback()
        return False
    panel = panel_service.worked_out(found, today=clock.today())
    # Reading began a transaction; it must not stay open beside the one that writes.
    db.session.rollback()
    try:
        with unit_of_work():
            panel_service.enter(panel)
        log.info("pair_released", pair=str(panel.pair_id), figures=len(panel.figures))
    except IntegrityError:
        log.info("pair_released_elsewhere", pair=str(panel.pair_id))
    return True


def release_next_cube() -> bool:
    """Release the open-data cube of one sealed wave; say whether there was one to release."""
    found = cube_release.next_without_cube()
    if found is None:
        db.session.rollback()
        return False
    today = clock.today()
    wave_id = found.wave_id
    prepared = cube_release.prepare_cube(found, today=today)
    db.session.rollback()
    try:
        with unit_of_work():
            cube_release.enter_cube(prepared, today=today)
        log.info("cube_released", wave=str(wave_id), tables=len(prepared.tables))
    except SomebodyReleased:
        log.info("cube_tried_again", wave=str(wave_id))
    return True
