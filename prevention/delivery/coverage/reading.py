"""Read what `tally` adds up: seven queries, whatever the size of the district.

A code that ended counts for the one that goes on in its place, also in the years before: a school has one history.
"""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func, select

from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.rules import BookingStatus, MeetingStatus
from prevention.core.clock import day_of
from prevention.core.db import db
from prevention.delivery.coverage.groups import ClassRow
from prevention.delivery.coverage.tally import (
    MeetingRow,
    ProgrammeRow,
    SiteRow,
    YearDetails,
    tally,
    tally_details,
)
from prevention.delivery.coverage.values import YearActivity
from prevention.delivery.models import ActivityRecord, SessionRegister
from prevention.delivery.rules import Extent, Outcome
from prevention.network.models import Municipality
from prevention.programmes.models import Edition, Programme, ProgrammeActivity, ProgrammeMeeting
from prevention.schools import service as schools
from prevention.schools.models import Enrolment, Institute, SchoolClass, Site
from prevention.schools.rules import TARGET_LEVELS, display_name
from prevention.schools.service import SiteLineage


def year_activity(school_year: int, *, today: date) -> YearActivity:
    """Count what happened in a school year, as it stands on `today` (a day in Rome). Six queries.

    Schools are the lower and upper secondary sites that the register lists for the year (for a year outside what was
    imported: in its nearest edition, state and non-state schools each in theirs), and any other with a booking.
    """
    return tally(**_read(school_year, today=today, lineage=schools.site_lineage()))


def year_details(school_year: int, *, today: date) -> YearDetails:
    """Count the same with what only its pages show. Seven queries."""
    lineage = schools.site_lineage()
    return tally_details(**_read(school_year, today=today, lineage=lineage), classes=_classes(school_year, lineage))


def _read(school_year: int, *, today: date, lineage: SiteLineage) -> dict[str, Any]:
    meetings = _meetings(school_year, lineage)
    enrolment_year = db.session.scalar(
        select(func.max(Enrolment.school_year)).where(Enrolment.school_year <= school_year)
    )
    return {
        "school_year": school_year,
        "as_of": today,
        "enrolment_year": enrolment_year,
        "programmes": _programmes(school_year),
        "sites": _sites(school_year, enrolment_year, booked={row.site_id for row in meetings}, lineage=lineage),
        "meetings": meetings,
    }


def school_years() -> list[int]:
    """List the school years that have an edition of any programme, newest first."""
    years = select(Edition.school_year).distinct().order_by(Edition.school_year.desc())
    return list(db.session.scalars(years))


def _programmes(school_year: int) -> list[ProgrammeRow]:
    meetings = (
        select(func.count()).where(ProgrammeMeeting.programme_id == Programme.id).correlate(Programme).scalar_subquery()
    )
    rows = db.session.execute(
        select(Programme.id, Programme.name, Programme.slug, Programme.evidence_class, meetings.label("meetings"))
        .join(Edition, Edition.programme_id == Programme.id)
        .where(Edition.school_year == school_year)
        .order_by(Programme.slug)
    )
    return [ProgrammeRow(**row._mapping) for row in rows]


def _sites(school_year: int, enrolment_year: int | None, *, booked: set[Any], lineage: SiteLineage) -> list[SiteRow]:
    seen = {
        is_state: (earliest, latest)
        for is_state, earliest, latest in db.session.execute(
            select(Site.is_state, func.min(Site.first_seen), func.max(Site.last_seen)).group_by(Site.is_state)
        )
    }
    classes = (
        select(func.count())
        .where(SchoolClass.site_id == Site.id, SchoolClass.school_year == school_year)
        .correlate(Site)
        .scalar_subquery()
    )
    pupils = schools.pupils_by_site().where(Enrolment.school_year == enrolment_year).subquery()
    rows = db.session.execute(
        select(
            Site.id,
            Site.code,
            Site.name,
            Site.level,
            Site.track,
            Site.is_state,
            Site.first_seen,
            Site.last_seen,
            Institute.name.label("institute"),
            Institute.code.label("institute_code"),
            Municipality.name.label("municipality"),
            Municipality.istat_code,
            Municipality.planning_area,
            pupils.c.pupils,
            pupils.c.low,
            pupils.c.is_low,
            classes.label("classes"),
        )
        .join(Site.institute)
        .join(Site.municipality)
        .outerjoin(pupils, pupils.c.site_id == Site.id)
        .where(Site.level.in_(TARGET_LEVELS))
        .order_by(Municipality.name, Site.name, Site.code)
    ).all()
    listed = {
        lineage.of(row.id) for row in rows if row.id in booked or _is_listed(row, school_year, seen[row.is_state])
    }
    entered: Counter[Any] = Counter()
    for row in rows:
        entered[lineage.of(row.id)] += row.classes
    return [_site(row, classes=entered[row.id]) for row in rows if row.id in listed]


def _is_listed(row: Any, school_year: int, seen: tuple[int, int]) -> bool:
    nearest = min(max(school_year, seen[0]), seen[1])
    return bool(row.first_seen <= nearest <= row.last_seen)


def _site(row: Any, *, classes: int) -> SiteRow:
    return SiteRow(
        id=row.id,
        code=row.code,
        name=display_name(row.name),
        institute=display_name(row.institute),
        level=row.level,
        track=row.track,
        municipality=row.municipality,
        istat_code=row.istat_code,
        classes=classes,
        enrolled=int(row.pupils) if row.pupils is not None else None,
        is_low=bool(row.is_low),
        low=row.low or 0,
        institute_code=row.institute_code,
        planning_area=row.planning_area,
    )


def _classes(school_year: int, lineage: SiteLineage) -> list[ClassRow]:
    rows = db.session.execute(
        select(SchoolClass.id, SchoolClass.site_id, SchoolClass.grade, SchoolClass.label, SchoolClass.pupils).where(
            SchoolClass.school_year == school_year
        )
    )
    return [ClassRow(**{**row._mapping, "site_id": lineage.of(row.site_id)}) for row in rows]


def _meetings(school_year: int, lineage: SiteLineage) -> list[MeetingRow]:
    planned = (
        select(ProgrammeActivity.meeting_id, func.count().label("activities"))
        .group_by(ProgrammeActivity.meeting_id)
        .subquery()
    )
    done = (
        select(
            ActivityRecord.register_id,
            func.count().label("recorded"),
            func.sum(case((ActivityRecord.extent == Extent.FULL, 1), else_=0)).label("full"),
            func.sum(case((ActivityRecord.extent == Extent.PART, 1), else_=0)).label("part"),
        )
        .group_by(ActivityRecord.register_id)
        .subquery()
    )
    rows = db.session.execute(
        select(
            Booking.id.label("booking_id"),
            Edition.programme_id,
            SchoolClass.id.label("class_id"),
            SchoolClass.site_id,
            SchoolClass.grade,
            BookingMeeting.number,
            BookingMeeting.starts_at,
            SessionRegister.meeting_starts_at,
            SessionRegister.outcome,
            SessionRegister.minutes,
            SessionRegister.present,
            SessionRegister.expected,
            SessionRegister.reason,
            SessionRegister.led_by,
            case((SessionRegister.adaptations != "", 1), else_=0).label("is_adapted"),
            ProgrammeMeeting.minutes.label("minutes_planned"),
            planned.c.activities,
            done.c.recorded,
            done.c.full,
            done.c.part,
        )
        .select_from(BookingMeeting)
        .join(BookingMeeting.booking)
        .join(Booking.edition)
        .join(Booking.school_class)
        .outerjoin(SessionRegister, SessionRegister.booking_meeting_id == BookingMeeting.id)
        .outerjoin(ProgrammeMeeting, ProgrammeMeeting.id == BookingMeeting.programme_meeting_id)
        .outerjoin(planned, planned.c.meeting_id == BookingMeeting.programme_meeting_id)
        .outerjoin(done, done.c.register_id == SessionRegister.id)
        .where(
            Edition.school_year == school_year,
            Booking.status == BookingStatus.CONFIRMED,
            BookingMeeting.status == MeetingStatus.PLANNED,
        )
    )
    return [_meeting(row, site_id=lineage.of(row.site_id)) for row in rows]


def _meeting(row: Any, *, site_id: uuid.UUID) -> MeetingRow:
    is_stale = row.outcome is Outcome.MOVED and row.meeting_starts_at != row.starts_at
    return MeetingRow(
        booking_id=row.booking_id,
        programme_id=row.programme_id,
        class_id=row.class_id,
        site_id=site_id,
        grade=row.grade,
        number=row.number,
        day=day_of(row.starts_at),
        activities=row.activities or 0,
        outcome=None if is_stale else row.outcome,
        minutes=row.minutes or 0,
        present=row.present or 0,
        expected=row.expected or 0,
        activities_recorded=row.recorded or 0,
        activities_full=row.full or 0,
        activities_part=row.part or 0,
        minutes_planned=row.minutes_planned or 0,
        is_adapted=bool(row.is_adapted),
        reason=None if is_stale else row.reason,
        led_by=row.led_by,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Denominators:
    """What the ministry's files say of a school year: codes and pupils of all levels; `low` codes hide their pupils."""

    school_year: int
    schools: int
    pupils: int
    low: int


def denominators(school_year: int) -> Denominators:
    """Add up the enrolments of a school year, all levels, every code as the files have it. One query."""
    row = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Enrolment.pupils), 0),
            func.coalesce(func.sum(case((Enrolment.is_low, 1), else_=0)), 0),
        ).where(Enrolment.school_year == school_year)
    ).one()
    return Denominators(school_year=school_year, schools=row[0], pupils=int(row[1]), low=int(row[2]))
