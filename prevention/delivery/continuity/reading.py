"""Reading who took part in which year, and telling in September what breaks off."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import and_, exists, or_, select

from prevention.accounts import service as accounts
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.rules import STANDING, BookingStatus
from prevention.core import clock, daily
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.core.models import DailyRun
from prevention.delivery import letters
from prevention.delivery.continuity.rules import YEARS_BACK, Break, BreakKind, Participation, find_breaks
from prevention.delivery.models import SessionRegister
from prevention.delivery.rules import Outcome
from prevention.network.models import Municipality, Organisation
from prevention.programmes import service as programmes
from prevention.programmes.models import Edition, Programme
from prevention.roles import Role
from prevention.schools import service as schools
from prevention.schools.models import SchoolClass, Site
from prevention.schools.rules import display_name, school_year_of

TELL_AT = time(7)
# School begins on 12 September here; by the middle of the month what goes on has said so. A machine that was off
# tells later, but not when the year is half over.
TELL_FROM, TELL_UNTIL = (9, 15), (10, 31)


def breaks_of_year(school_year: int) -> list[Break]:
    """Find what breaks off or thins out in a school year, in the whole district. Three statements."""
    return find_breaks(_participations(school_year), school_year=school_year)


def breaks_for(actor: Actor, school_year: int) -> list[Break]:
    """Find what of it concerns a person: all of it for the office, their own schools for a coordinator."""
    found = breaks_of_year(school_year)
    if actor.sees_all:
        return found
    return [each for each in found if each.institute_id is not None and actor.may_act_for(each.institute_id)]


def tell_breaks(now: datetime) -> int | None:
    """Tell the office and the schools concerned what breaks off, once in a school year, from the middle of September.

    Returns:
        How many were told; None when it is not the time, or done.
    """
    today = clock.day_of(now)
    if not _is_time(today):
        return None
    school_year = school_year_of(today)
    task = f"continuity {school_year}"
    # Claimed by the day, told once a year: a day before this one means that it was told.
    if db.session.scalar(select(DailyRun.id).where(DailyRun.task == task).limit(1)) is not None:
        return None
    if daily.claim(task, now=now, at=TELL_AT) is None:
        return None
    found = [each for each in breaks_of_year(school_year) if each.is_off]
    if not found:
        return 0
    office = accounts.users_holding(Role.OFFICE)
    for person in office:
        letters.continuity(person, found, school_year=school_year)
    by_institute: dict[object, list[Break]] = defaultdict(list)
    for each in found:
        if each.kind is BreakKind.SCHOOL:
            by_institute[each.institute_id].append(each)
    told = len(office)
    for person in accounts.users_holding(Role.COORDINATOR):
        own = [each for grant in person.roles for each in by_institute.get(grant.institute_id, ())]
        if own:
            letters.school_continuity(person, own, school_year=school_year)
            told += 1
    return told


def _is_time(today: date) -> bool:
    return TELL_FROM <= (today.month, today.day) <= TELL_UNTIL


def _participations(school_year: int) -> list[Participation]:
    lineage = schools.site_lineage()
    held = exists().where(
        BookingMeeting.booking_id == Booking.id,
        SessionRegister.booking_meeting_id == BookingMeeting.id,
        SessionRegister.outcome == Outcome.HELD,
    )
    rows = db.session.execute(
        select(
            Edition.school_year,
            SchoolClass.id.label("class_id"),
            SchoolClass.site_id,
            SchoolClass.grade,
            Programme.name.label("programme"),
            Organisation.name.label("provider"),
        )
        .select_from(Booking)
        .join(Booking.edition)
        .join(Edition.programme)
        .join(Edition.organisation)
        .join(Booking.school_class)
        .where(
            Edition.school_year.between(school_year - YEARS_BACK, school_year),
            or_(
                and_(Edition.school_year == school_year, Booking.status.in_(STANDING)),
                and_(Edition.school_year < school_year, Booking.status == BookingStatus.CONFIRMED, held),
            ),
        )
    ).all()
    sites = {
        row.id: row
        for row in db.session.execute(
            select(Site.id, Site.name, Site.level, Site.institute_id, Municipality.name.label("municipality"))
            .join(Site.municipality)
            .where(Site.id.in_({lineage.of(row.site_id) for row in rows}))
        )
    }
    found = []
    for row in rows:
        site = sites[lineage.of(row.site_id)]
        found.append(
            Participation(
                school_year=row.school_year,
                class_id=row.class_id,
                site_id=site.id,
                institute_id=site.institute_id,
                school=display_name(site.name),
                municipality=site.municipality,
                level=site.level,
                grade=row.grade,
                programme=row.programme.text(),
                provider=row.provider,
            )
        )
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Awaited:
    """An edition that was carried over with its schools, and those of them that have not booked it yet."""

    programme: Localised
    schools: tuple[str, ...]
    counted_on: int


def awaited_for(actor: Actor, school_year: int) -> list[Awaited]:
    """List the editions that count on schools which have not booked them; a coordinator sees the own schools only.

    Four statements.
    """
    expected = programmes.expected_schools(school_year)
    if not expected:
        return []
    lineage = schools.site_lineage()
    booked = {
        (row.edition_id, lineage.of(row.site_id))
        for row in db.session.execute(
            select(Booking.edition_id, SchoolClass.site_id)
            .join(Booking.school_class)
            .where(Booking.edition_id.in_(expected), Booking.status.in_(STANDING))
            .distinct()
        )
    }
    sites = {
        row.id: row
        for row in db.session.execute(
            select(Site.id, Site.name, Site.institute_id, Municipality.name.label("municipality"))
            .join(Site.municipality)
            .where(Site.id.in_({site for of_edition in expected.values() for site in of_edition}))
        )
    }
    names = select(Edition.id, Programme.name).join(Edition.programme).where(Edition.id.in_(expected))
    found = []
    for row in db.session.execute(names):
        theirs = [sites[site] for site in expected[row.id] if actor.may_act_for(sites[site].institute_id)]
        missing = [site for site in theirs if (row.id, lineage.of(site.id)) not in booked]
        if missing:
            lines = sorted(f"{display_name(site.name)}, {site.municipality}" for site in missing)
            found.append(Awaited(programme=row.name, schools=tuple(lines), counted_on=len(theirs)))
    return sorted(found, key=lambda each: each.programme.text())
