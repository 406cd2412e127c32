"""What the adult in the room says of a class."""

from prevention.core import audit
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.surveys.models import ClassReport, WaveClass
from prevention.surveys.wave_rules import ClassNumbers, WaveRefused, WaveStatus, check_class_report


def record_class_report(actor: Actor | None, wave_class: WaveClass, numbers: ClassNumbers) -> ClassReport:
    """Write the report of a class, over an earlier one. Flushes.

    Raises:
        ReportRefused: the numbers cannot all be true.
        WaveRefused: the wave has not been opened yet, or is sealed.
    """
    if wave_class.wave.status not in (WaveStatus.OPEN, WaveStatus.CLOSED):
        raise WaveRefused(WaveRefused.WRONG_STATUS)
    check_class_report(numbers)
    report = db.session.get(ClassReport, wave_class.id) or ClassReport(wave_class_id=wave_class.id)
    report.enrolled, report.present, report.absent = numbers.enrolled, numbers.present, numbers.absent
    report.refused, report.disturbed = numbers.refused, numbers.disturbed
    db.session.add(report)
    audit.record(actor, "surveys.class_reported", wave_class.id)
    db.session.flush()
    return report
