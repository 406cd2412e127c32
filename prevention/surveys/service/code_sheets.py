"""Codes of a class: drawn, shown once, kept only as keyed hashes."""

import secrets
import uuid

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import joinedload

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.delivery import service as delivery
from prevention.roles import Role
from prevention.schools.models import SchoolClass, Site
from prevention.surveys.codes import (
    MOST_CODES_PER_CLASS,
    class_part_hash,
    code_hash,
    draw_class_part,
    draw_codes,
)
from prevention.surveys.models import AccessCode, CodeGuard, WaveClass, WaveSecret
from prevention.surveys.service.secrets import pepper
from prevention.surveys.service.session_waves import session_of
from prevention.surveys.wave_rules import WaveRefused, WaveStatus

# Slips beyond the pupils of a class: one gets lost, one gets torn, and a telephone that starts anew in the middle needs
# another one, because its slip was used when the pupil began.
SPARE_CODES = 5

# As long as what `codes.receipt_hash` gives.
RECEIPT_BYTES = 32

# Used when nobody has said how many pupils a class has.
USUAL_PUPILS = 25


def wave_class_for(actor: Actor, wave_class_id: uuid.UUID) -> WaveClass:
    """Load a class of a wave, with its school, for a person who may act for it.

    Raises:
        NotYours: there is none, or it belongs to a school that is not theirs.
    """
    row = db.session.scalar(
        select(WaveClass)
        .where(WaveClass.id == wave_class_id)
        .options(
            joinedload(WaveClass.wave),
            joinedload(WaveClass.school_class).joinedload(SchoolClass.site).joinedload(Site.institute),
        )
    )
    if row is None:
        raise NotYours
    is_staff = actor.has(Role.OFFICE) or actor.has(Role.COORDINATOR)
    if not (is_staff and actor.may_act_for(row.school_class.site.institute_id)):
        # Who led a session may act for the class in the wave that the session opened, and in no other.
        session = session_of(row.wave_id)
        if session is None or delivery.meeting_for(actor, session).booking.school_class_id != row.school_class_id:
            raise NotYours
    return row


def usual_number(wave_class: WaveClass) -> int:
    """Give how many slips a class needs: its pupils and some spare ones."""
    return min((wave_class.school_class.pupils or USUAL_PUPILS) + SPARE_CODES, MOST_CODES_PER_CLASS)


def make_codes(actor: Actor | None, wave_class: WaveClass, *, number: int | None = None) -> list[str]:
    """Make codes for a class and give them, for this one time. Flushes.

    Codes made before that were not spent stop working, with their class part; spent ones stay spent.

    Args:
        actor: who asks; None for a command.
        wave_class: the class.
        number: how many; None for its pupils and `SPARE_CODES` more.

    Returns:
        The codes as they are printed, in random order.

    Raises:
        WaveRefused: the wave is closed, or more codes are asked for than a class can need.
    """
    number = usual_number(wave_class) if number is None else number
    if wave_class.wave.status not in (WaveStatus.DRAFT, WaveStatus.OPEN):
        raise WaveRefused(WaveRefused.WRONG_STATUS)
    if not 1 <= number <= MOST_CODES_PER_CLASS:
        raise WaveRefused(WaveRefused.TOO_MANY_CODES)
    secret = db.session.get_one(WaveSecret, wave_class.wave_id)
    class_part, part_hash = _free_class_part()
    # The row is written first: two who make codes for one class at once come one after the other.
    old_part_hash = wave_class.class_part_hash
    wave_class.codes_made, wave_class.class_part_hash = number, part_hash
    db.session.flush()
    _forget_unspent(wave_class, old_part_hash)
    codes = draw_codes(class_part, number)
    db.session.execute(
        insert(AccessCode),
        [
            {
                "code_hash": code_hash(code, code_key=secret.code_key, pepper=pepper()),
                "wave_class_id": wave_class.id,
                "is_spent": False,
                # Drawn, and no receipt of anything: it keeps the room. A row that grew when its code is spent would
                # have to be moved, with its neighbours, while a class waits.
                "receipt_hash": secrets.token_bytes(RECEIPT_BYTES),
            }
            for code in codes
        ],
    )
    db.session.add(CodeGuard(class_part_hash=part_hash))
    audit.record(actor, "surveys.codes_made", wave_class.id, number=number)
    db.session.flush()
    return [str(code) for code in codes]


def _free_class_part() -> tuple[str, bytes]:
    """Draw a class part that no other class has; there are 234,256."""
    while True:
        class_part = draw_class_part()
        part_hash = class_part_hash(class_part, pepper=pepper())
        if db.session.scalar(select(WaveClass.id).where(WaveClass.class_part_hash == part_hash)) is None:
            return class_part, part_hash


def _forget_unspent(wave_class: WaveClass, old_part_hash: bytes | None) -> None:
    db.session.execute(
        delete(AccessCode).where(AccessCode.wave_class_id == wave_class.id, AccessCode.is_spent.is_(False)),
        execution_options={"synchronize_session": False},
    )
    if old_part_hash is not None:
        db.session.execute(
            delete(CodeGuard).where(CodeGuard.class_part_hash == old_part_hash),
            execution_options={"synchronize_session": False},
        )
