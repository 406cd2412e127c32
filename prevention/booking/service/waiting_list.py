"""What is read of classes that wait: one, those of a year, the line of a slot, and the slots to look after."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload, lazyload

from prevention.accounts.models import User
from prevention.booking import rules
from prevention.booking.models import Booking, Slot, SlotMeeting, WaitingClass
from prevention.booking.rules import ON_THE_LIST, BookingStatus, Waiter, WaitingStatus
from prevention.booking.service import slots
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.programmes.models import Edition, Programme
from prevention.schools.models import SchoolClass, Site


def waiting_class_for(actor: Actor, waiting_id: uuid.UUID) -> WaitingClass:
    """Give a waiting class that this person may see: the office, its school, the slot's provider.

    Raises:
        NotYours: it is not there or not theirs.
    """
    found = db.session.scalar(with_slot_and_class(select(WaitingClass)).where(WaitingClass.id == waiting_id))
    if found is None or not (
        actor.may_act_for(found.school_class.site.institute_id) or slots.may_provide(actor, found.slot.edition)
    ):
        raise NotYours(waiting_id)
    return found


def waiting_classes(actor: Actor, *, school_year: int, only_on_the_list: bool = False) -> Select[WaitingClass]:
    """Select the waiting classes of a school year that a person may see, offers first, then the newest."""
    query = (
        with_slot_and_class(select(WaitingClass))
        .where(Edition.school_year == school_year)
        .order_by(WaitingClass.offer_expires_at.is_(None), WaitingClass.joined_at.desc(), WaitingClass.id)
    )
    if only_on_the_list:
        query = query.where(WaitingClass.status.in_(ON_THE_LIST))
    if actor.sees_all:
        return query
    return query.where(Site.institute_id.in_(actor.scope) | Edition.organisation_id.in_(actor.scope))


def line_of(slot: Slot) -> list[WaitingClass]:
    """List the classes on the list of a slot in the order in which they get offers."""
    rows = {
        each.id: each
        for each in db.session.scalars(
            with_slot_and_class(select(WaitingClass))
            .where(WaitingClass.slot_id == slot.id, WaitingClass.status.in_(ON_THE_LIST))
            .execution_options(populate_existing=True)
        )
    }
    if not rows:
        return []
    schools, cohorts = _reached([each.school_class for each in rows.values()])
    line = rules.in_line(
        Waiter(
            id=each.id,
            is_school_reached=each.school_class.site.institute_id in schools,
            is_class_reached=each.school_class.cohort_id in cohorts,
            joined_at=each.joined_at,
        )
        for each in rows.values()
    )
    return [rows[waiter.id] for waiter in line]


def next_slot_to_pass_on(*, now: datetime) -> Slot | None:
    """Give a slot with an offer that ran out, or with a class that waits although its dates are over; or None."""
    lapsed = db.session.scalar(
        select(WaitingClass.slot_id)
        .where(WaitingClass.status == WaitingStatus.OFFERED, WaitingClass.offer_expires_at <= now)
        .order_by(WaitingClass.offer_expires_at)
        .limit(1)
    )
    if lapsed is None:
        over = select(SlotMeeting.slot_id).where(SlotMeeting.number == 1, SlotMeeting.starts_at <= now)
        lapsed = db.session.scalar(
            select(WaitingClass.slot_id)
            .join(Slot)
            .where(
                WaitingClass.status == WaitingStatus.WAITING,
                WaitingClass.slot_id.in_(over),
                Slot.dates_to_take.is_(None),
            )
            .limit(1)
        )
    return slots.slot_with_all(lapsed) if lapsed is not None else None


def slots_waited_for() -> list[uuid.UUID]:
    """List the slots with places that are not booked and classes that wait: holds on them may have ended."""
    return list(
        db.session.scalars(
            select(Slot.id)
            .where(
                Slot.places_taken < Slot.places,
                Slot.id.in_(select(WaitingClass.slot_id).where(WaitingClass.status == WaitingStatus.WAITING)),
            )
            .order_by(Slot.id)
        )
    )


def _reached(classes: Sequence[SchoolClass]) -> tuple[set[uuid.UUID], set[uuid.UUID]]:
    """Give the institutes and the class generations among these that had a confirmed booking at any time."""
    booked = (
        select(Site.institute_id, SchoolClass.cohort_id)
        .join(SchoolClass, SchoolClass.site_id == Site.id)
        .join(Booking, Booking.school_class_id == SchoolClass.id)
        .where(
            Booking.status == BookingStatus.CONFIRMED,
            Site.institute_id.in_({each.site.institute_id for each in classes}),
        )
        .distinct()
    )
    rows = db.session.execute(booked).all()
    return {institute for institute, _cohort in rows}, {cohort for _institute, cohort in rows}


def with_slot_and_class(query: Select[WaitingClass]) -> Select[WaitingClass]:
    """Load waiting classes with all that pages and letters show; joins slot, edition, class and site."""
    slot = contains_eager(WaitingClass.slot)
    school_class = contains_eager(WaitingClass.school_class)
    return (
        query.join(WaitingClass.slot)
        .join(Slot.edition)
        .join(WaitingClass.school_class)
        .join(SchoolClass.site)
        .options(
            slot.contains_eager(Slot.edition).options(
                joinedload(Edition.programme).selectinload(Programme.meetings), joinedload(Edition.organisation)
            ),
            slot.selectinload(Slot.meetings),
            slot.joinedload(Slot.site).joinedload(Site.municipality),
            slot.joinedload(Slot.room),
            slot.joinedload(Slot.facilitator).options(lazyload(User.roles)),
            school_class.contains_eager(SchoolClass.site).options(
                joinedload(Site.institute), joinedload(Site.municipality)
            ),
            joinedload(WaitingClass.joiner).options(lazyload(User.roles)),
        )
    )
