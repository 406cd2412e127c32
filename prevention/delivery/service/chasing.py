"""Asking for registers that are missing: by mail, once for each meeting and stage, and never for what is old news.

Runs once a day in one transaction with its claim. A meeting's stage is claimed by its row before anybody is written
to, so that a run that is killed, or started twice, asks nobody twice. Somebody who owes ten registers gets one mail.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload, lazyload

from prevention.accounts import service as accounts
from prevention.accounts.models import User
from prevention.booking.models import Booking, BookingMeeting
from prevention.core import clock, daily
from prevention.core.db import db
from prevention.delivery import letters, rules
from prevention.delivery.models import RegisterChase
from prevention.delivery.service.meetings import MeetingLine, lines_of, waiting_meetings
from prevention.roles import Role

CHASE_AT = time(7, 30)
# Older meetings are listed, not chased: a new installation must not begin with a flood.
CHASED_FOR = timedelta(days=60)


def chase_missing(now: datetime) -> int | None:
    """Put today's mails about missing registers into the outbox, once a day from half past seven on.

    Returns:
        How many meetings were asked about; None when it is too early, or done.
    """
    claimed = daily.claim("missing registers", now=now, at=CHASE_AT)
    if claimed is None:
        return None
    due = _due(now)
    stages = {meeting.id: stage for meeting in due if (stage := _stage(meeting, claimed.day))}
    fresh = _claim_stages([meeting for meeting in due if meeting.id in stages], stages, now=now)
    lines = {line.id: line for line in lines_of(sorted(fresh), now=now)}
    asked: dict[uuid.UUID, list[MeetingLine]] = defaultdict(list)
    people: dict[uuid.UUID, User] = {}
    for meeting in due:
        if meeting.id in fresh:
            for person in _askers(meeting, stages[meeting.id]):
                people[person.id] = person
                asked[person.id].append(lines[meeting.id])
    for person_id, missing in asked.items():
        letters.registers_missing(people[person_id], missing, today=claimed.day)
    late = [lines[meeting.id] for meeting in due if meeting.id in fresh and stages[meeting.id] == rules.LAST_STAGE]
    if late:
        for person in accounts.users_holding(Role.OFFICE):
            letters.registers_given_up(person, late, today=claimed.day)
    return len(fresh)


def _due(now: datetime) -> list[BookingMeeting]:
    return list(
        db.session.scalars(
            waiting_meetings(now=now)
            .where(BookingMeeting.ends_at > now - CHASED_FOR)
            .options(
                joinedload(BookingMeeting.facilitator).options(lazyload(User.roles)),
                joinedload(BookingMeeting.booking).joinedload(Booking.booker).options(lazyload(User.roles)),
            )
            .order_by(BookingMeeting.ends_at, BookingMeeting.id)
        )
    )


def _stage(meeting: BookingMeeting, today: date) -> int:
    return rules.chase_stage(ended_on=clock.day_of(meeting.ends_at), today=today)


def _claim_stages(
    meetings: Iterable[BookingMeeting], stages: Mapping[uuid.UUID, int], *, now: datetime
) -> set[uuid.UUID]:
    """Write down what is asked about now; give the meetings that were not asked about at this stage before."""
    values: list[dict[str, Any]] = [
        {
            "booking_meeting_id": meeting.id,
            "meeting_starts_at": meeting.starts_at,
            "stage": stages[meeting.id],
            "asked_at": now,
        }
        for meeting in meetings
    ]
    if not values:
        return set()
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    claimed: set[uuid.UUID] = set()
    for start in range(0, len(values), 1_000):
        claimed.update(
            db.session.scalars(
                insert(RegisterChase)
                .values(values[start : start + 1_000])
                .on_conflict_do_nothing(index_elements=["booking_meeting_id", "meeting_starts_at", "stage"])
                .returning(RegisterChase.booking_meeting_id)
            )
        )
    return claimed


def _askers(meeting: BookingMeeting, stage: int) -> list[User]:
    """Give who is asked: first who leads the meeting, or who booked it when nobody does; later both."""
    leads = [meeting.facilitator] if meeting.facilitator is not None and meeting.facilitator.active else []
    if not leads or stage > 1:
        leads.append(meeting.booking.booker)
    return [person for person in dict.fromkeys(leads) if person.active]
