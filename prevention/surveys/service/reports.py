"""What the adult in the room says of a class."""

from prevention.core import audit
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.surveys.models import ClassReport, WaveClass
from prevention.surveys.wave_rules import WaveRefused, WaveStatus, check_class_report


def record_class_report(
    actor: Actor | None, wave_class: WaveClass, *, enrolled: int, present: int, absent: int, refused: int,
    disturbed: bool,
) -> ClassReport:  # fmt: skip
    """Write the report of a class, over an earlier one. Flushes.

    Args:
        actor: who reports; None for a command.
        wave_class: the class.
        enrolled: pupils of the class on that day.
        present: of these, in the room.
        absent: of these, not in the room.
        refused: of those present, who did not want to answer.
        disturbed: whether something kept the class from answering in quiet.

    Raises:
        ReportRefused: the numbers cannot all be true.
        WaveRefused: the wave has not been opened yet, or is sealed.
    """
    if wave_class.wave.status not in (WaveStatus.OPEN, WaveStatus.CLOSED):
        raise WaveRefused(WaveRefused.WRONG_STATUS)
    check_class_report(enrolled=enrolled, present=present, absent=absent, refused=refused)
    report = db.session.get(ClassReport, wave_class.id) or ClassReport(wave_class_id=wave_class.id)
    report.enrolled, report.present, report.absent = enrolled, present, absent
    report.refused, report.disturbed = refused, disturbed
    db.session.add(report)
    audit.record(actor, "surveys.class_reported", wave_class.id)
    db.session.flush()
    return report
