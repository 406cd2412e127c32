"""Dated places: find them, load one, call off, say how many are free. Publishing is beside (`slot_publishing`)."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import contains_eager, joinedload, lazyload, selectinload, undefer

from prevention.accounts import service as accounts
from prevention.accounts.models import User
from prevention.booking import rules
from prevention.booking.models import Slot, SlotMeeting
from prevention.booking.rules import (
    DateLoad,
    Engagement,
    Host,
    MeetingStatus,
    SlotFacts,
    SlotStatus,
    Span,
)
from prevention.core import clock
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.programmes.models import Edition, Programme
from prevention.programmes.rules import EditionStatus
from prevention.programmes.signals import EditionPlaces
from prevention.roles import Role
from prevention.schools import service as schools
from prevention.schools.models import Site


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotFilter:
    """What a reader of open dates asks for; None or an empty text means any. `from_day` is a day in Rome."""

    programme: str = ""
    edition_id: uuid.UUID | None = None
    level: str | None = None
    grade: int | None = None
    from_day: date | None = None
    only_free: bool = True


def open_slots(wanted: SlotFilter, *, now: datetime) -> Select[Slot]:
    """Select dates that can be booked now or later on, nearest first, with all that a list shows."""
    query = (
        _with_offer(_first_dates(select(Slot)))
        .where(
            Slot.status == SlotStatus.OPEN,
            Edition.status == EditionStatus.OPEN,
            Slot.books_until >= clock.day_of(now),
            SlotMeeting.starts_at > now,
        )
        .order_by(SlotMeeting.starts_at, Slot.id)
    )
    if wanted.edition_id is not None:
        query = query.where(Slot.edition_id == wanted.edition_id)
    if wanted.programme:
        query = query.where(Programme.slug == wanted.programme)
    if wanted.level is not None:
        query = query.where(Programme.id.in_(_programmes_for(wanted.level)))
    if wanted.grade is not None:
        query = query.where(Programme.grade_min <= wanted.grade, wanted.grade <= Programme.grade_max)
    if wanted.from_day is not None:
        query = query.where(SlotMeeting.starts_at >= _midnight(wanted.from_day))
    if wanted.only_free:
        query = query.where(Slot.places_taken < Slot.places, ~Slot.is_waited_for)
    return query


def slots_of(actor: Actor, *, school_year: int) -> Select[Slot]:
    """Select all dates of a school year that a person provides (the office: everybody's), nearest first."""
    query = (
        _with_offer(_first_dates(select(Slot)))
        .where(Edition.school_year == school_year)
        .order_by(SlotMeeting.starts_at, Slot.id)
    )
    return query if actor.sees_all else query.where(Edition.organisation_id.in_(actor.scope))


def slot_for(actor: Actor, slot_id: uuid.UUID) -> Slot:
    """Give dated places that this person may see, with offer and dates.

    The office sees all, a provider their own, a coordinator what was published and not called off.

    Raises:
        NotYours: they are not there or not theirs to see.
    """
    slot = db.session.scalar(_with_offer(_first_dates(select(Slot))).where(Slot.id == slot_id))
    if slot is None or not (may_provide(actor, slot.edition) or _is_published_to(actor, slot)):
        raise NotYours(slot_id)
    return slot


def slot_with_all(slot_id: uuid.UUID) -> Slot:
    """Give dated places with offer and dates, whoever asks."""
    return db.session.scalars(_with_offer(_first_dates(select(Slot))).where(Slot.id == slot_id)).one()


def own_slot_for(actor: Actor, slot_id: uuid.UUID) -> Slot:
    """Give dated places that this person provides, or the office looks after.

    Raises:
        NotYours: they are not there or not theirs to change.
    """
    slot = slot_for(actor, slot_id)
    if not may_provide(actor, slot.edition):
        raise NotYours(slot_id)
    return slot


def may_provide(actor: Actor, edition: Edition) -> bool:
    """Say whether the person publishes dates for this edition: the office, or a facilitator of its provider."""
    return actor.sees_all or (actor.has(Role.FACILITATOR) and actor.may_act_for(edition.organisation_id))


def facilitators_of(edition: Edition) -> list[User]:
    """List the people who can lead dates of this edition, by name."""
    return accounts.users_holding(Role.FACILITATOR, body=edition.organisation_id)


def close_slot(slot: Slot) -> bool:
    """Set dated places to called off; say whether this call did it. Bookings are the caller's business."""
    closed = db.session.scalar(
        update(Slot)
        .where(Slot.id == slot.id, Slot.status == SlotStatus.OPEN)
        .values(status=SlotStatus.CANCELLED)
        .returning(Slot.id)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(slot, ["status"])
    return closed is not None


def free_places(_sender: object, *, edition_ids: frozenset[uuid.UUID], now: datetime) -> dict[uuid.UUID, EditionPlaces]:
    """Answer the catalogue's question: places of these editions that can be booked now. One statement."""
    today = clock.day_of(now)
    rows = db.session.execute(
        select(Slot.edition_id, func.sum(Slot.places - Slot.places_taken), func.min(SlotMeeting.starts_at))
        .join(SlotMeeting, (SlotMeeting.slot_id == Slot.id) & (SlotMeeting.number == 1))
        .where(
            Slot.edition_id.in_(edition_ids),
            Slot.status == SlotStatus.OPEN,
            Slot.books_until >= today,
            Slot.books_from.is_(None) | (Slot.books_from <= today),
            SlotMeeting.starts_at > now,
            Slot.places_taken < Slot.places,
            ~Slot.is_waited_for,
        )
        .group_by(Slot.edition_id)
    )
    found = {edition_id: EditionPlaces(free=int(free), next_start=start) for edition_id, free, start in rows}
    return {edition_id: found.get(edition_id, EditionPlaces(free=0, next_start=None)) for edition_id in edition_ids}


def facts_of(
    slot: Slot,
    *,
    dates: Sequence[SlotMeeting] | None = None,
    load: DateLoad | None = None,
    has_waiting: bool = False,
    host: Host | None = None,
) -> SlotFacts:
    """Give what the rules know of dated places; reads edition, programme and dates.

    Args:
        dates: those to be taken; None for all.
        load: how full the fullest of them is; None for what the slot's row says.
        has_waiting: whether classes wait for places.
        host: see `host_of`; for one who is about to take them.
    """
    edition, programme = slot.edition, slot.edition.programme
    return SlotFacts(
        is_cancelled=slot.status is SlotStatus.CANCELLED,
        is_edition_open=edition.status is EditionStatus.OPEN,
        school_year=edition.school_year,
        levels=frozenset(programme.levels),
        grade_min=programme.grade_min,
        grade_max=programme.grade_max,
        group_min=edition.group_min,
        group_max=edition.group_max,
        places=slot.places,
        places_taken=slot.places_taken if load is None else load.taken,
        places_kept=0 if load is None else load.kept,
        kept_until=None if load is None else load.kept_until,
        has_waiting=has_waiting,
        counted_by=slot.counted_by,
        quota=edition.quota_per_school,
        books_from=slot.books_from,
        books_until=slot.books_until,
        meetings=spans_of(slot.meetings if dates is None else dates),
        host=host,
    )


def host_of(slot: Slot) -> Host | None:
    """Give the school to which classes travel, with its time as it is now; None at the class's own. Five statements."""
    if slot.site is None:
        return None
    times = schools.school_times([slot.site.id], school_year=slot.edition.school_year)
    return Host(name=slot.site.display_name, school_time=times[slot.site.id])


def spans_of(meetings: Iterable[SlotMeeting]) -> tuple[Span, ...]:
    """Give the times of dates, in order."""
    return tuple(Span(starts_at=meeting.starts_at, ends_at=meeting.ends_at) for meeting in meetings)


def published_in(facilitator_id: uuid.UUID, whole: Span, *, but_date: uuid.UUID | None) -> list[Engagement]:
    """List the dates that a facilitator has published in a stretch of time; see `check_published`. One statement."""
    query = (
        select(SlotMeeting.starts_at, SlotMeeting.ends_at, Slot.id)
        .join(Slot)
        .where(
            Slot.facilitator_id == facilitator_id,
            Slot.status == SlotStatus.OPEN,
            SlotMeeting.status == MeetingStatus.PLANNED,
            SlotMeeting.starts_at < whole.ends_at,
            SlotMeeting.ends_at > whole.starts_at,
        )
    )
    if but_date is not None:
        query = query.where(SlotMeeting.id != but_date)
    return [
        Engagement(span=Span(starts_at=starts_at, ends_at=ends_at), source_id=slot_id)
        for starts_at, ends_at, slot_id in db.session.execute(query)
    ]


def check_published(facilitator_id: uuid.UUID, span: Span, *, but_date: uuid.UUID | None) -> None:
    """Refuse a time at which a facilitator has published a date for others. One statement.

    Args:
        but_date: a date on offer that they leave for this one.

    Raises:
        FacilitatorBusy: they have.
    """
    clash = rules.first_clash([span], published_in(facilitator_id, span, but_date=but_date))
    if clash is not None:
        raise rules.FacilitatorBusy(span=clash.span)


def _is_published_to(actor: Actor, slot: Slot) -> bool:
    return (
        actor.has(Role.COORDINATOR)
        and slot.status is SlotStatus.OPEN
        and slot.edition.status is not EditionStatus.DRAFT
    )


def _first_dates(query: Select[Slot]) -> Select[Slot]:
    return (
        query.join(Slot.edition)
        .join(Edition.programme)
        .join(SlotMeeting, (SlotMeeting.slot_id == Slot.id) & (SlotMeeting.number == 1))
    )


def first_start_of_slot() -> ColumnElement[datetime]:
    """Give the column "first date of the dated places", for ordering."""
    return (
        select(func.min(SlotMeeting.starts_at)).where(SlotMeeting.slot_id == Slot.id).correlate(Slot).scalar_subquery()
    )


def _with_offer(query: Select[Slot]) -> Select[Slot]:
    offer = contains_eager(Slot.edition)
    return query.options(
        undefer(Slot.is_waited_for),
        offer.contains_eager(Edition.programme).selectinload(Programme.meetings),
        offer.joinedload(Edition.organisation),
        joinedload(Slot.site).joinedload(Site.municipality),
        joinedload(Slot.room),
        joinedload(Slot.facilitator).options(lazyload(User.roles)),
        selectinload(Slot.meetings),
    )


def _programmes_for(level: str) -> list[uuid.UUID]:
    # Few rows (tens); asking inside a JSON list differs between the databases.
    rows = db.session.execute(select(Programme.id, Programme.levels))
    return [programme_id for programme_id, levels in rows if level in levels]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.ROME)
