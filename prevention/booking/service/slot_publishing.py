"""Publishing dated places: what the rules must know of the plan is read, with those locked whom it could meet."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from prevention.accounts.models import User
from prevention.booking import rules
from prevention.booking.models import Booking, BookingMeeting, Slot, SlotMeeting
from prevention.booking.rules import (
    STANDING,
    Engagement,
    MeetingStatus,
    Presence,
    PublishFacts,
    SlotPlan,
    SlotStatus,
    Span,
)
from prevention.booking.service import class_facts, facilitator_hours, rooms
from prevention.booking.service.slots import facilitators_of, may_provide
from prevention.core import audit, clock
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.programmes.models import Edition
from prevention.programmes.rules import BookingMode, EditionStatus
from prevention.schools import service as schools
from prevention.schools.models import Site
from prevention.schools.rules import SCHOOL_YEAR_FIRST_MONTH
from prevention.schools.school_time import SchoolTime


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotDetails:
    """Who leads dated places, where (None: at the class's own school), in which room there, and a note for schools."""

    facilitator_id: uuid.UUID | None = None
    site_id: uuid.UUID | None = None
    room_id: uuid.UUID | None = None
    note: str = ""


def publish_slot(actor: Actor, edition: Edition, plan: SlotPlan, *, details: SlotDetails, now: datetime) -> Slot:
    """Publish dated places of an edition. Flushes.

    Raises:
        NotYours: the edition is not this person's to publish for.
        EditionClosed, WrongFacilitator, WrongRoom, WrongPlaces, WrongNumberOfDates, DateOutOfOrder,
        DateOutsideYear, BooksUntilTooLate, OutsideSchoolYear, SchoolClosed, OutsideBellTimes, FacilitatorAway,
        FacilitatorBusy, RoomBusy, TravelTooShort: the plan cannot be published.
    """
    if not may_provide(actor, edition):
        raise NotYours(edition.id)
    rules.check_publish(plan, _publish_facts(edition, plan, details, now), now=now, zone=clock.ROME)
    _check_way(plan, details)
    slot = Slot(
        edition_id=edition.id,
        facilitator_id=details.facilitator_id,
        site_id=details.site_id,
        room_id=details.room_id,
        places=plan.places,
        counted_by=plan.counted_by,
        dates_to_take=len(edition.programme.meetings) if plan.is_choice else None,
        books_from=plan.books_from,
        books_until=plan.books_until,
        note=details.note,
        meetings=[
            SlotMeeting(number=number, starts_at=span.starts_at, ends_at=span.ends_at, places=plan.places)
            for number, span in enumerate(plan.meetings, start=1)
        ],
    )
    db.session.add(slot)
    db.session.flush()
    audit.record(actor, "booking.slot_published", slot.id, edition=str(edition.id), places=plan.places)
    return slot


def school_year_days(school_year: int) -> tuple[date, date]:
    """Give the first and last day of a school year, both included."""
    first = date(school_year, SCHOOL_YEAR_FIRST_MONTH, 1)
    return first, date(school_year + 1, SCHOOL_YEAR_FIRST_MONTH - 1, 31)


def _publish_facts(edition: Edition, plan: SlotPlan, details: SlotDetails, now: datetime) -> PublishFacts:
    first_day, last_day = school_year_days(edition.school_year)
    facilitator_id, room_id = details.facilitator_id, details.room_id
    return PublishFacts(
        is_edition_open=edition.status is EditionStatus.OPEN,
        takes_dates=edition.booking_mode is not BookingMode.REQUESTS,
        meetings_wanted=len(edition.programme.meetings),
        year_starts_on=first_day,
        year_ends_on=last_day,
        is_facilitator_of_provider=facilitator_id is None
        or facilitator_id in {person.id for person in facilitators_of(edition)},
        is_room_of_site=room_id is None or rooms.is_of_site(room_id, details.site_id),
        engagements=_engagements_of_facilitator(facilitator_id, now) if facilitator_id else (),
        room_engagements=_engagements_of_room(room_id, now) if room_id else (),
        school_time=_school_time(edition, details.site_id),
        presence=_presence(facilitator_id, plan.meetings),
    )


def _school_time(edition: Edition, site_id: uuid.UUID | None) -> SchoolTime:
    # At the class's own school, which one is known only once a class books: then its own days are asked for.
    if site_id is None:
        return schools.district_time(edition.school_year)
    return schools.school_times([site_id], school_year=edition.school_year)[site_id]


def _check_way(plan: SlotPlan, details: SlotDetails) -> None:
    # At the class's own school, the way is known only once a class books.
    if details.facilitator_id is not None and details.site_id is not None:
        site = db.session.get_one(Site, details.site_id)
        class_facts.check_facilitator(details.facilitator_id, plan.meetings, site)


def _presence(facilitator_id: uuid.UUID | None, spans: Sequence[Span]) -> Presence:
    if facilitator_id is None:
        return Presence()
    return facilitator_hours.presence_of(facilitator_id, spans, is_published=True)


def _engagements_of_facilitator(facilitator_id: uuid.UUID, now: datetime) -> tuple[Engagement, ...]:
    # Two dates of one facilitator meet in no other row: whoever publishes second waits here for the first.
    db.session.execute(select(User.id).where(User.id == facilitator_id).with_for_update(key_share=True))
    published = (
        select(SlotMeeting.starts_at, SlotMeeting.ends_at, Slot.id)
        .join(Slot)
        .where(
            Slot.facilitator_id == facilitator_id,
            Slot.status == SlotStatus.OPEN,
            SlotMeeting.status == MeetingStatus.PLANNED,
            SlotMeeting.ends_at > now,
        )
    )
    planned = (
        select(BookingMeeting.starts_at, BookingMeeting.ends_at, Booking.id)
        .join(Booking)
        .where(
            BookingMeeting.facilitator_id == facilitator_id,
            BookingMeeting.status == MeetingStatus.PLANNED,
            Booking.status.in_(STANDING),
            BookingMeeting.ends_at > now,
        )
    )
    return tuple(
        Engagement(span=Span(starts_at=starts_at, ends_at=ends_at), source_id=source)
        for query in (published, planned)
        for starts_at, ends_at, source in db.session.execute(query)
    )


def _engagements_of_room(room_id: uuid.UUID, now: datetime) -> tuple[Engagement, ...]:
    rooms.lock_room(room_id)
    return rooms.engagements_of(room_id, since=now)
