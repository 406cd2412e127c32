"""When a wave takes answers, when a box may be mixed, which class reports can be true."""

from datetime import date

import pytest

from prevention.surveys.wave_rules import (
    ClassNumbers,
    ReportRefused,
    WaveStatus,
    check_class_report,
    may_mix,
    takes_answers,
)


@pytest.mark.parametrize(
    ("status", "today", "takes"),
    [
        (WaveStatus.OPEN, date(2026, 11, 16), True),
        (WaveStatus.OPEN, date(2026, 11, 27), True),
        (WaveStatus.OPEN, date(2026, 11, 15), False),
        (WaveStatus.OPEN, date(2026, 11, 28), False),
        (WaveStatus.DRAFT, date(2026, 11, 20), False),
        (WaveStatus.CLOSED, date(2026, 11, 20), False),
        (WaveStatus.SEALED, date(2026, 11, 20), False),
    ],
)
def test_a_wave_takes_answers_only_while_open_and_on_its_days(status: WaveStatus, today: date, takes: bool) -> None:
    assert takes is takes_answers(status, opens_on=date(2026, 11, 16), closes_on=date(2026, 11, 27), today=today)


@pytest.mark.parametrize(
    ("status", "in_box", "may"),
    [
        (WaveStatus.OPEN, 0, False),
        (WaveStatus.OPEN, 9, False),
        (WaveStatus.OPEN, 10, True),
        (WaveStatus.CLOSED, 0, False),
        (WaveStatus.CLOSED, 1, True),
    ],
)
def test_a_box_is_mixed_from_ten_ballots_on_or_when_its_wave_is_closed(
    status: WaveStatus, in_box: int, may: bool
) -> None:
    assert may is may_mix(status, in_box=in_box)


@pytest.mark.parametrize(
    ("numbers", "why"),
    [
        (ClassNumbers(enrolled=25, present=22, absent=3, refused=1), None),
        (ClassNumbers(enrolled=25, present=20, absent=3, refused=20), None),
        (ClassNumbers(enrolled=25, present=23, absent=3), ReportRefused.MORE_THAN_ENROLLED),
        (ClassNumbers(enrolled=25, present=2, absent=3, refused=3), ReportRefused.REFUSED_ABOVE_PRESENT),
    ],
)
def test_a_class_report_must_add_up(numbers: ClassNumbers, why: str | None) -> None:
    if why is None:
        check_class_report(numbers)
        return

    with pytest.raises(ReportRefused) as refused:
        check_class_report(numbers)

    assert why == refused.value.why
