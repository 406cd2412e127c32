"""Reads what is to be planned from the database, in a fixed number of statements, and gives it as values.

Times of day leave the database as wall-clock times in Rome and become minutes after midnight; moments become a day and
minutes there. `moment_of` is the way back.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from prevention.booking.models import Booking, BookingWish
from prevention.booking.plan_models import (
    PlannedMeeting,
    PlanningRun,
)
from prevention.booking.plan_values import (
    DAY_MIN,
    Meeting,
    Period,
    Place,
    Plan,
    Problem,
    Request,
    Room,
    Spacing,
    Wishes,
)
from prevention.booking.rules import BookingStatus
from prevention.booking.service.plan_facts import commitments_of, facilitators_for
from prevention.booking.service.plan_times import minutes_of, stretch_of
from prevention.core.db import db
from prevention.network import service as network
from prevention.programmes.models import Edition, Programme
from prevention.programmes.rules import RoomNeed
from prevention.schools import service as schools
from prevention.schools.models import SchoolClass, Site
from prevention.schools.school_time import SchoolTime
from prevention.schools.time_models import Room as RoomRow


def problem_for(run: PlanningRun) -> Problem:
    """Give what a run is to plan, with the run's own plan as the one before."""
    requests = open_requests(run.school_year)
    commitments = commitments_of(run)
    site_ids = {booking.school_class.site_id for booking in requests} | {
        fixed.site for fixed in commitments if fixed.site is not None
    }
    sites = _sites(site_ids)
    times = schools.school_times(sorted(site_ids), school_year=run.school_year)
    reached = _reached_cohorts()
    return Problem(
        first_day=run.first_day,
        last_day=run.last_day,
        facilitators=facilitators_for(requests),
        places=tuple(_place(site, times[site.id], rooms) for site, rooms in sites),
        requests=tuple(_request(booking, times, reached, run) for booking in requests),
        commitments=commitments,
        quotas=_quotas(requests, run.school_year),
        travel=network.travel_times(),
        before=plan_of(run.id).meetings,
    )


def open_requests(school_year: int) -> list[Booking]:
    """List the requests of a school year that wait for their dates, in the order in which they came."""
    return list(
        db.session.scalars(
            select(Booking)
            .join(Booking.edition)
            .where(
                Booking.status == BookingStatus.REQUESTED, Booking.slot_id.is_(None), Edition.school_year == school_year
            )
            .options(
                contains_eager(Booking.edition).joinedload(Edition.programme).selectinload(Programme.meetings),
                joinedload(Booking.school_class).joinedload(SchoolClass.site),
                selectinload(Booking.wish),
            )
            .order_by(Booking.booked_at, Booking.id)
        )
    )


def plan_of(run_id: uuid.UUID) -> Plan:
    """Give the plan that a run holds."""
    rows = db.session.scalars(
        select(PlannedMeeting)
        .where(PlannedMeeting.run_id == run_id)
        .order_by(PlannedMeeting.booking_id, PlannedMeeting.number)
    )
    return Plan(meetings=tuple(meeting_of(row) for row in rows))


def meeting_of(row: PlannedMeeting) -> Meeting:
    """Give a proposed date as a value."""
    return Meeting(
        request=row.booking_id,
        number=row.number,
        facilitator=row.facilitator_id,
        stretch=stretch_of(row.starts_at, row.ends_at),
        room=row.room_id,
        is_locked=row.is_locked,
    )


def _sites(site_ids: Iterable[uuid.UUID]) -> list[tuple[Site, list[RoomRow]]]:
    rooms: dict[uuid.UUID, list[RoomRow]] = defaultdict(list)
    ids = sorted(site_ids)
    for room in db.session.scalars(
        select(RoomRow).where(RoomRow.site_id.in_(ids), RoomRow.is_in_use).order_by(RoomRow.id)
    ):
        rooms[room.site_id].append(room)
    found = db.session.scalars(select(Site).where(Site.id.in_(ids)).order_by(Site.id))
    return [(site, rooms[site.id]) for site in found]


def _place(site: Site, school_time: SchoolTime, rooms: Iterable[RoomRow]) -> Place:
    return Place(
        id=site.id,
        institute=site.institute_id,
        municipality=site.municipality_id,
        periods={
            weekday: tuple(Period(starts=minutes_of(period.starts), ends=minutes_of(period.ends)) for period in periods)
            for weekday, periods in school_time.periods.items()
        },
        rooms=tuple(
            Room(id=room.id, seats=room.capacity, has_projector=room.has_projector, kind=room.kind.value)
            for room in rooms
        ),
    )


def _request(
    booking: Booking, times: Mapping[uuid.UUID, SchoolTime], reached: set[uuid.UUID], run: PlanningRun
) -> Request:
    edition, school_class = booking.edition, booking.school_class
    return Request(
        id=booking.id,
        school_class=school_class.id,
        site=school_class.site_id,
        edition=edition.id,
        minutes=tuple(meeting.minutes for meeting in edition.programme.meetings),
        people=booking.pupils + booking.adults,
        spacing=Spacing(days=edition.spacing_days, slack=edition.spacing_tolerance),
        needs_room=edition.room_need is not RoomNeed.NONE,
        needs_projector=edition.room_need is RoomNeed.PROJECTOR,
        room_kind=edition.room_kind.value if edition.room_kind is not None else None,
        closed_days=_closed_days(times[school_class.site_id], school_class, run),
        wishes=_wishes(booking.wish),
        is_never_reached=school_class.cohort_id not in reached,
    )


def _closed_days(school_time: SchoolTime, school_class: SchoolClass, run: PlanningRun) -> frozenset[date]:
    """Give the closed days of a class; a Sunday that no closure names is not one, there is just no lesson."""
    days: set[date] = set()
    for closure in school_time.closures:
        if closure.concerns(grade=school_class.grade, class_id=school_class.id):
            first, last = max(closure.first_day, run.first_day), min(closure.last_day, run.last_day)
            days.update(first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return frozenset(days)


def _wishes(wish: BookingWish | None) -> Wishes:
    if wish is None:
        return Wishes()
    return Wishes(
        weekdays=frozenset(wish.weekdays),
        earliest=0 if wish.earliest is None else minutes_of(wish.earliest),
        latest=DAY_MIN if wish.latest is None else minutes_of(wish.latest),
        avoid_weeks=frozenset(date.fromisoformat(day) for day in wish.weeks_to_avoid),
        facilitator=wish.facilitator_id,
    )


def _reached_cohorts() -> set[uuid.UUID]:
    """Give the generations of classes that had a booking that stood, in any year."""
    return set(
        db.session.scalars(
            select(SchoolClass.cohort_id)
            .join(Booking, Booking.school_class_id == SchoolClass.id)
            .where(Booking.status == BookingStatus.CONFIRMED)
            .distinct()
        )
    )


def _quotas(requests: Iterable[Booking], school_year: int) -> dict[tuple[uuid.UUID, uuid.UUID], int]:
    limits = {
        booking.edition_id: booking.edition.quota_per_school
        for booking in requests
        if booking.edition.quota_per_school is not None
    }
    if not limits:
        return {}
    taken = Counter(
        {
            (institute, edition): 0
            for booking in requests
            for institute, edition in ((booking.school_class.site.institute_id, booking.edition_id),)
            if edition in limits
        }
    )
    for institute, edition in db.session.execute(
        select(Site.institute_id, Booking.edition_id)
        .join(SchoolClass, SchoolClass.site_id == Site.id)
        .join(Booking, Booking.school_class_id == SchoolClass.id)
        .where(
            Booking.edition_id.in_(sorted(limits)),
            Booking.status == BookingStatus.CONFIRMED,
            SchoolClass.school_year == school_year,
        )
    ):
        taken[institute, edition] += 1
    return {key: max(0, limits[key[1]] - count) for key, count in taken.items()}
