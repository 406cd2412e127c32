"""When the school has lessons: the one decision that publishing, booking, moving and planning share."""

import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from prevention.booking.rules.refusals import OutsideBellTimes, OutsideSchoolYear, SchoolClosed
from prevention.booking.rules.values import Span
from prevention.schools.school_time import Outside, SchoolTime, stretches


def lessons_around(school_time: SchoolTime, *, middle: datetime, length: timedelta, days: int) -> Iterator[Span]:
    """Propose a stretch of `length` from each bell on the days around a moment, in order.

    Args:
        middle: aware; so many `days` before and after its day are looked at.

    Whether the class has lessons all that while is what `check_school_days` says.
    """
    today = middle.astimezone(school_time.zone).date()
    for number in range(-days, days + 1):
        day = today + timedelta(days=number)
        for period in school_time.periods_on(day):
            starts_at = datetime.combine(day, period.starts, tzinfo=school_time.zone)
            yield Span(starts_at=starts_at, ends_at=starts_at + length)


def check_school_days(
    spans: Iterable[Span], school_time: SchoolTime, *, grade: int | None = None, class_id: uuid.UUID | None = None
) -> None:
    """Refuse dates on which a school does not teach.

    Args:
        school_time: that of the class's site, of the site where it takes place, or of the whole district.
        grade: with `class_id`, the class meant; without both, only closures of the whole school count.

    Raises:
        OutsideSchoolYear, SchoolClosed, OutsideBellTimes: for the first date that cannot be, in this order.
    """
    for span in spans:
        day = span.starts_at.astimezone(school_time.zone).date()
        outside = school_time.why_outside(span)
        if outside is Outside.YEAR:
            raise OutsideSchoolYear(day=day, first_day=school_time.first_day, last_day=school_time.last_day)
        closure = school_time.why_closed(day, grade=grade, class_id=class_id)
        if closure is not None:
            raise SchoolClosed(day=day, closure=closure)
        if outside is Outside.BELLS:
            raise OutsideBellTimes(span=span, hours=tuple(stretches(school_time.periods_on(day))))
