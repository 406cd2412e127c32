"""When facilitators are there: each writes their own hours, the office everybody's."""

import uuid
from collections.abc import Sequence
from datetime import date, time
from itertools import pairwise

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import lazyload

from prevention.accounts.models import User, UserRole
from prevention.booking.plan_models import FacilitatorDays, FacilitatorHours, FacilitatorTerms
from prevention.booking.plan_rules import WEEKLY_CAP_DEFAULT, WrongHours
from prevention.booking.rules import Presence, Span, SpecialHours
from prevention.core import audit, clock
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.roles import Role

Hours = tuple[int, time, time]


def leader_for(actor: Actor, user_id: uuid.UUID) -> User:
    """Give a facilitator whose hours this person may write: their own, or, for the office, anybody's.

    Raises:
        NotYours: they are not there, no facilitator, or somebody else.
    """
    person = db.session.get(User, user_id)
    is_leader = person is not None and any(role.role is Role.FACILITATOR for role in person.roles)
    if person is None or not is_leader or not (actor.has(Role.OFFICE) or actor.id == user_id):
        raise NotYours(user_id)
    return person


def leaders() -> Select[User]:
    """Select all facilitators who can sign in."""
    holding = select(UserRole.user_id).where(UserRole.role == Role.FACILITATOR)
    return select(User).where(User.id.in_(holding), User.active).options(lazyload(User.roles))


def minutes_a_week() -> dict[uuid.UUID, int]:
    """Give how much the facilitators are there in a usual week, those who wrote nothing left out. One statement."""
    minutes: dict[uuid.UUID, int] = {}
    for user_id, starts, ends in db.session.execute(
        select(FacilitatorHours.user_id, FacilitatorHours.starts, FacilitatorHours.ends)
    ):
        minutes[user_id] = minutes.get(user_id, 0) + _minutes(ends) - _minutes(starts)
    return minutes


def caps() -> dict[uuid.UUID, int]:
    """Give the most meetings a week of those facilitators who said so. One statement."""
    return {row.user_id: row.weekly_cap for row in db.session.scalars(select(FacilitatorTerms))}


def hours_of(person: User) -> list[Hours]:
    """Give the usual week, in order: weekday (0 Monday), from, until."""
    return _week_of(person.id)


def terms_of(person: User) -> tuple[int, uuid.UUID | None]:
    """Give meetings a week at most, and the municipality the person starts from."""
    row = db.session.get(FacilitatorTerms, person.id)
    return (WEEKLY_CAP_DEFAULT, None) if row is None else (row.weekly_cap, row.base_id)


def special_days_of(person: User, *, since: date) -> Sequence[FacilitatorDays]:
    """List the days that differ, from a day on."""
    return db.session.scalars(
        select(FacilitatorDays)
        .where(FacilitatorDays.user_id == person.id, FacilitatorDays.last_day >= since)
        .order_by(FacilitatorDays.first_day, FacilitatorDays.id)
    ).all()


def presence_of(person_id: uuid.UUID, spans: Sequence[Span], *, is_published: bool) -> Presence:
    """Give when a facilitator is there on the days of `spans`. One statement, two where the usual week binds.

    Args:
        is_published: the dates are the provider's own choice, so the usual week does not bind.
    """
    if not spans:
        return Presence()
    first, last = min(span.starts_at for span in spans), max(span.ends_at for span in spans)
    special = tuple(
        SpecialHours(
            first_day=row.first_day,
            last_day=row.last_day,
            is_available=row.is_available,
            starts=row.starts or time.min,
            ends=row.ends or time.max,
        )
        for row in db.session.scalars(
            select(FacilitatorDays).where(
                FacilitatorDays.user_id == person_id,
                FacilitatorDays.first_day <= clock.day_of(last),
                FacilitatorDays.last_day >= clock.day_of(first),
            )
        )
    )
    usual: dict[int, tuple[tuple[time, time], ...]] = {}
    if not is_published:
        for weekday, starts, ends in _week_of(person_id):
            usual[weekday] = (*usual.get(weekday, ()), (starts, ends))
    return Presence(special=special, usual=usual or None)


def save_week(
    actor: Actor,
    person: User,
    hours: Sequence[tuple[int, time | None, time | None]],
    *,
    weekly_cap: int,
    base_id: uuid.UUID | None,
) -> None:
    """Write the usual week over the one before. Flushes.

    Raises:
        WrongHours: hours that are not whole, end before they begin, or overlap.
    """
    whole = sorted(_checked(each) for each in hours)
    for one, other in pairwise(whole):
        if one[0] == other[0] and other[1] < one[2]:
            raise WrongHours
    # Two who save at once wait for each other here.
    db.session.execute(select(User.id).where(User.id == person.id).with_for_update(key_share=True))
    db.session.execute(delete(FacilitatorHours).where(FacilitatorHours.user_id == person.id))
    db.session.add_all(
        FacilitatorHours(user_id=person.id, weekday=weekday, starts=starts, ends=ends)
        for weekday, starts, ends in whole
    )
    db.session.merge(FacilitatorTerms(user_id=person.id, weekly_cap=weekly_cap, base_id=base_id))
    db.session.flush()
    audit.record(actor, "planning.hours_saved", person.id)


def add_days(
    actor: Actor,
    person: User,
    *,
    first_day: date,
    last_day: date | None,
    is_available: bool,
    hours: tuple[time | None, time | None],
    note: str,
) -> FacilitatorDays:
    """Add days on which the person is away, or there for once; without hours the whole day. Flushes.

    Raises:
        WrongHours: days or hours that are not whole or end before they begin.
    """
    last = last_day or first_day
    starts, ends = hours
    if (
        last < first_day
        or (starts is None) != (ends is None)
        or (starts is not None and ends is not None and ends <= starts)
    ):
        raise WrongHours
    row = FacilitatorDays(
        user_id=person.id,
        first_day=first_day,
        last_day=last,
        is_available=is_available,
        starts=starts,
        ends=ends,
        note=note,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(actor, "planning.days_added", person.id, first_day=first_day.isoformat())
    return row


def remove_days(actor: Actor, person: User, days_id: uuid.UUID) -> None:
    """Take days out again. Flushes.

    Raises:
        NotYours: they are not there, or somebody else's.
    """
    row = db.session.get(FacilitatorDays, days_id)
    if row is None or row.user_id != person.id:
        raise NotYours(days_id)
    db.session.delete(row)
    db.session.flush()
    audit.record(actor, "planning.days_removed", person.id)


def _week_of(person_id: uuid.UUID) -> list[Hours]:
    rows = db.session.execute(
        select(FacilitatorHours.weekday, FacilitatorHours.starts, FacilitatorHours.ends)
        .where(FacilitatorHours.user_id == person_id)
        .order_by(FacilitatorHours.weekday, FacilitatorHours.starts)
    )
    return [(weekday, starts, ends) for weekday, starts, ends in rows]


def _checked(hours: tuple[int, time | None, time | None]) -> Hours:
    weekday, starts, ends = hours
    if starts is None or ends is None or ends <= starts:
        raise WrongHours
    return weekday, starts, ends


def _minutes(value: time) -> int:
    return value.hour * 60 + value.minute
