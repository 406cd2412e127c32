"""When the school has lessons and the facilitator is there: what publishing, booking, approving and moving share."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta, tzinfo

from prevention.booking.rules.refusals import (
    BookingRefusal,
    FacilitatorAway,
    HostClosed,
    OutsideBellTimes,
    OutsideSchoolYear,
    SchoolClosed,
)
from prevention.booking.rules.values import ClassFacts, Host, Presence, Span, SpecialHours
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


def check_days(spans: Sequence[Span], school_class: ClassFacts, *, host: Host | None) -> None:
    """Refuse dates on which a class has no lessons, or the school that it goes to has none.

    Raises:
        OutsideSchoolYear, SchoolClosed, OutsideBellTimes: at the class's own school.
        HostClosed: one of these at the other school; closures of some of its classes do not count.
    """
    if school_class.school_time is not None:
        check_school_days(spans, school_class.school_time, grade=school_class.grade, class_id=school_class.class_id)
    no = None if host is None else why_not_there(spans, host)
    if no is not None:
        raise no


def why_not_there(spans: Sequence[Span], host: Host) -> HostClosed | None:
    """Say why another school cannot have classes with it then, None when it can."""
    try:
        check_school_days(spans, host.school_time)
    except BookingRefusal as no:
        return HostClosed(place=host.name, no=no)
    return None


def check_presence(spans: Iterable[Span], presence: Presence, *, zone: tzinfo) -> None:
    """Refuse dates on which a facilitator said that they are not there. Being away goes before being there.

    Raises:
        FacilitatorAway: for the first such date.
    """
    for span in spans:
        starts, ends = span.starts_at.astimezone(zone), span.ends_at.astimezone(zone)
        day, hours = starts.date(), (starts.time(), ends.time() if ends.date() == starts.date() else time.max)
        special = [each for each in presence.special if each.first_day <= day <= each.last_day]
        is_away = any(not each.is_available and hours[0] < each.ends and each.starts < hours[1] for each in special)
        if is_away or not _is_usual(hours, day.weekday(), presence, special):
            raise FacilitatorAway(span=span)


def _is_usual(hours: tuple[time, time], weekday: int, presence: Presence, special: Sequence[SpecialHours]) -> bool:
    if presence.usual is None:
        return True
    there = [*presence.usual.get(weekday, ()), *((each.starts, each.ends) for each in special if each.is_available)]
    # Hours that touch are one stretch.
    until = hours[0]
    for first, last in sorted(there):
        if first <= until < last:
            until = last
    return hours[1] <= until
