"""What happens once a day at an hour in Rome, whoever starts it and however often.

A day is claimed by a row with the task's name and the day, in the transaction of the work itself: of two processes one
gets it, and a process that dies takes its claim with it. A run that was missed (the machine was off at the hour) is
made up for when the jobs run again that day; days that were missed altogether are not run one by one: `since` says
when the task last ran, and the task covers what happened from then on.

The hour is one on the wall clock. Choose none between two and three in the morning: it is missing once a year.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from prevention.core import clock
from prevention.core.db import db
from prevention.core.models import DailyRun


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """A day that was claimed, and when the task ran before (None: never)."""

    day: date
    since: datetime | None


def is_due(task: str, *, now: datetime, at: time) -> bool:
    """Say whether today's run of a task is still to be claimed: for work that reads long before it writes."""
    if now.astimezone(clock.ROME).time() < at:
        return False
    last = db.session.scalar(select(func.max(DailyRun.day)).where(DailyRun.task == task))
    return last is None or last < clock.day_of(now)


def claim(task: str, *, now: datetime, at: time) -> Day | None:
    """Claim today's run of a task for the transaction under way; None before its hour, or when it was claimed.

    At most three statements.
    """
    if now.astimezone(clock.ROME).time() < at:
        return None
    today = clock.day_of(now)
    # Asked first, so that the many turns of a day that find it done write nothing.
    last = db.session.execute(
        select(DailyRun.day, DailyRun.ran_at).where(DailyRun.task == task).order_by(DailyRun.day.desc()).limit(1)
    ).one_or_none()
    if last is not None and last.day >= today:
        return None
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    claimed = db.session.scalar(
        insert(DailyRun)
        .values(id=uuid.uuid4(), task=task, day=today, ran_at=now)
        .on_conflict_do_nothing(index_elements=["task", "day"])
        .returning(DailyRun.id)
    )
    return Day(day=today, since=last.ran_at if last is not None else None) if claimed is not None else None
