"""What families said, counted outside of the survey: a number per class, never a name."""

from prevention.core import audit
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.surveys.models import FamilyOptOut, WaveClass
from prevention.surveys.wave_rules import WaveRefused, WaveStatus


def opt_outs_of(wave_class: WaveClass) -> int | None:
    """Give how many families of a class said no; None when nobody has counted yet."""
    row = db.session.get(FamilyOptOut, wave_class.id)
    return row.families if row else None


def count_opt_outs(actor: Actor | None, wave_class: WaveClass, families: int) -> None:
    """Write down how many families of a class said no, over an earlier number. Flushes.

    Raises:
        WaveRefused: the wave is closed, or there are more families than pupils.
    """
    if wave_class.wave.status not in (WaveStatus.DRAFT, WaveStatus.OPEN):
        raise WaveRefused(WaveRefused.WRONG_STATUS)
    pupils = wave_class.school_class.pupils
    if families < 0 or (pupils is not None and families > pupils):
        raise WaveRefused(WaveRefused.TOO_MANY_FAMILIES)
    row = db.session.get(FamilyOptOut, wave_class.id) or FamilyOptOut(wave_class_id=wave_class.id)
    row.families = families
    db.session.add(row)
    audit.record(actor, "surveys.opt_outs_counted", wave_class.id, families=families)
    db.session.flush()
