"""Reads what is to be planned from the database, in a fixed number of statements, and gives it as values.

Times of day leave the database as wall-clock times in Rome and become minutes after midnight; moments become a day and
minutes there. `moment_of` is the way back.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from prevention.accounts.models import User, UserRole
from prevention.booking.models import Booking, BookingMeeting, BookingWish, Slot, SlotMeeting
from prevention.booking.plan_models import (
    FacilitatorDays,
    FacilitatorHours,
    FacilitatorTerms,
    PlannedMeeting,
    PlanningRun,
)
from prevention.booking.plan_rules import WEEKLY_CAP_DEFAULT
from prevention.booking.plan_values import (
    DAY_MIN,
    Commitment,
    Facilitator,
    Meeting,
    Period,
    Place,
    Plan,
    Problem,
    Request,
    Room,
    Spacing,
    SpecialDays,
    Stretch,
    Window,
    Wishes,
)
from prevention.booking.rules import BookingStatus, MeetingStatus, SlotStatus
from prevention.core import clock
from prevention.core.db import db
from prevention.network import service as network
from prevention.programmes.models import Edition, Programme
from prevention.programmes.rules import RoomNeed
from prevention.roles import Role
from prevention.schools import service as schools
from prevention.schools.models import SchoolClass, Site
from prevention.schools.school_time import SchoolTime
from prevention.schools.time_models import Room as RoomRow


def problem_for(run: PlanningRun) -> Problem:
    """Give what a run is to plan, with the run's own plan as the one before."""
    requests = open_requests(run.school_year)
    commitments = _commitments(run)
    site_ids = {booking.school_class.site_id for booking in requests} | {
        fixed.site for fixed in commitments if fixed.site is not None
    }
    sites = _sites(site_ids)
    times = schools.school_times(sorted(site_ids), school_year=run.school_year)
    reached = _reached_cohorts()
    return Problem(
        first_day=run.first_day,
        last_day=run.last_day,
        facilitators=_facilitators(requests),
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


def stretch_of(starts_at: datetime, ends_at: datetime) -> Stretch:
    """Give the part of the day in Rome between two moments of one day."""
    local, end = starts_at.astimezone(clock.ROME), ends_at.astimezone(clock.ROME)
    ends = _minutes(end.time()) if end.date() == local.date() else DAY_MIN
    return Stretch(day=local.date(), starts=_minutes(local.time()), ends=ends)


def moment_of(day: date, minutes: int) -> datetime:
    """Give the moment at which it is so many minutes after midnight on the wall clock of a day in Rome."""
    return datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=clock.ROME)


def _minutes(value: time) -> int:
    return value.hour * 60 + value.minute


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
            weekday: tuple(Period(starts=_minutes(period.starts), ends=_minutes(period.ends)) for period in periods)
            for weekday, periods in school_time.periods.items()
        },
        rooms=tuple(Room(id=room.id, seats=room.capacity, has_projector=room.has_projector) for room in rooms),
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
        earliest=0 if wish.earliest is None else _minutes(wish.earliest),
        latest=DAY_MIN if wish.latest is None else _minutes(wish.latest),
        avoid_weeks=frozenset(date.fromisoformat(day) for day in wish.weeks_to_avoid),
        facilitator=wish.facilitator_id,
    )


def _facilitators(requests: Iterable[Booking]) -> tuple[Facilitator, ...]:
    """Give everybody who works for a provider of one of the requests, with their hours."""
    editions: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for booking in requests:
        editions[booking.edition.organisation_id].add(booking.edition_id)
    led: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for user_id, organisation_id in db.session.execute(
        select(UserRole.user_id, UserRole.organisation_id)
        .join(User, UserRole.user_id == User.id)
        .where(UserRole.role == Role.FACILITATOR, UserRole.organisation_id.in_(sorted(editions)), User.active)
    ):
        if organisation_id is not None:
            led[user_id] |= editions[organisation_id]
    ids = sorted(led)
    hours: dict[uuid.UUID, list[Window]] = defaultdict(list)
    for row in db.session.scalars(select(FacilitatorHours).where(FacilitatorHours.user_id.in_(ids))):
        hours[row.user_id].append(Window(weekday=row.weekday, starts=_minutes(row.starts), ends=_minutes(row.ends)))
    special: dict[uuid.UUID, list[SpecialDays]] = defaultdict(list)
    for days in db.session.scalars(
        select(FacilitatorDays).where(FacilitatorDays.user_id.in_(ids)).order_by(FacilitatorDays.id)
    ):
        special[days.user_id].append(_special(days))
    terms = {row.user_id: row for row in db.session.scalars(select(FacilitatorTerms))}
    return tuple(
        Facilitator(
            id=user_id,
            editions=frozenset(led[user_id]),
            windows=tuple(sorted(hours[user_id], key=lambda window: (window.weekday, window.starts))),
            exceptions=tuple(special[user_id]),
            weekly_cap=terms[user_id].weekly_cap if user_id in terms else WEEKLY_CAP_DEFAULT,
            base=terms[user_id].base_id if user_id in terms else None,
        )
        for user_id in ids
    )


def _special(row: FacilitatorDays) -> SpecialDays:
    return SpecialDays(
        first_day=row.first_day,
        last_day=row.last_day,
        is_available=row.is_available,
        starts=0 if row.starts is None else _minutes(row.starts),
        ends=DAY_MIN if row.ends is None else _minutes(row.ends),
    )


def _commitments(run: PlanningRun) -> tuple[Commitment, ...]:
    """Give what stands already around the days of the run: dates of bookings, and of slots that are published."""
    since, until = moment_of(run.first_day, 0) - timedelta(days=7), moment_of(run.last_day, 0) + timedelta(days=8)
    booked = db.session.execute(
        select(
            BookingMeeting.starts_at,
            BookingMeeting.ends_at,
            BookingMeeting.facilitator_id,
            BookingMeeting.room_id,
            Booking.school_class_id,
            SchoolClass.site_id,
            Slot.site_id,
        )
        .join(Booking, BookingMeeting.booking_id == Booking.id)
        .join(SchoolClass, Booking.school_class_id == SchoolClass.id)
        .outerjoin(Slot, Booking.slot_id == Slot.id)
        .where(
            Booking.status.in_((BookingStatus.CONFIRMED, BookingStatus.REQUESTED)),
            BookingMeeting.status == MeetingStatus.PLANNED,
            BookingMeeting.ends_at > since,
            BookingMeeting.starts_at < until,
        )
        .order_by(BookingMeeting.starts_at, BookingMeeting.id)
    )
    found = [
        Commitment(
            stretch=stretch_of(starts_at, ends_at),
            facilitator=facilitator,
            school_class=school_class,
            room=room,
            site=elsewhere or site,
        )
        for starts_at, ends_at, facilitator, room, school_class, site, elsewhere in booked
    ]
    published = db.session.execute(
        select(SlotMeeting.starts_at, SlotMeeting.ends_at, Slot.facilitator_id, Slot.room_id, Slot.site_id)
        .join(Slot, SlotMeeting.slot_id == Slot.id)
        .where(
            Slot.status == SlotStatus.OPEN,
            or_(Slot.facilitator_id.is_not(None), Slot.room_id.is_not(None)),
            SlotMeeting.status == MeetingStatus.PLANNED,
            SlotMeeting.places_taken == 0,
            SlotMeeting.ends_at > since,
            SlotMeeting.starts_at < until,
        )
        .order_by(SlotMeeting.starts_at, SlotMeeting.id)
    )
    found += [
        Commitment(stretch=stretch_of(starts_at, ends_at), facilitator=facilitator, room=room, site=site)
        for starts_at, ends_at, facilitator, room, site in published
    ]
    return tuple(found)


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
