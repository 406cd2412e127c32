"""When the school has lessons: the one decision that publishing, booking, moving and planning share."""

import uuid
from collections.abc import Iterable

from prevention.booking.rules.refusals import OutsideBellTimes, OutsideSchoolYear, SchoolClosed
from prevention.booking.rules.values import Span
from prevention.schools.school_time import Outside, SchoolTime, stretches


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
