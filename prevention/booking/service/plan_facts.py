"""What the planner must know beside the requests: who leads when, and what stands already."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import or_, select

from prevention.accounts.models import User, UserRole
from prevention.booking.models import Booking, BookingMeeting, Slot, SlotMeeting
from prevention.booking.plan_models import (
    FacilitatorDays,
    FacilitatorHours,
    FacilitatorTerms,
    PlanningRun,
)
from prevention.booking.plan_rules import WEEKLY_CAP_DEFAULT
from prevention.booking.plan_values import (
    DAY_MIN,
    Commitment,
    Facilitator,
    SpecialDays,
    Window,
)
from prevention.booking.rules import BookingStatus, MeetingStatus, SlotStatus
from prevention.booking.service.plan_times import minutes_of, moment_of, stretch_of
from prevention.core.db import db
from prevention.roles import Role
from prevention.schools.models import SchoolClass


def facilitators_for(requests: Iterable[Booking]) -> tuple[Facilitator, ...]:
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
        hours[row.user_id].append(Window(weekday=row.weekday, starts=minutes_of(row.starts), ends=minutes_of(row.ends)))
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
        starts=0 if row.starts is None else minutes_of(row.starts),
        ends=DAY_MIN if row.ends is None else minutes_of(row.ends),
    )


def commitments_of(run: PlanningRun) -> tuple[Commitment, ...]:
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
