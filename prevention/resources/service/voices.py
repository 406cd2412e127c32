"""What readers say: whether a resource worked, and what they looked for in vain."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import joinedload

from prevention.core import audit, clock
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.resources import rules
from prevention.resources.models import Resource, ResourceFeedback, ResourceWish
from prevention.resources.rules import Moderation, Outcome
from prevention.schools.rules import Level

_COMMENTS_MOST = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """How a resource did: counts of each outcome, counts by (level, grade), and the words that may be read."""

    outcomes: dict[Outcome, int]
    grades: dict[tuple[str, int], int]
    comments: Sequence[ResourceFeedback]

    @property
    def total(self) -> int:
        """How many used it."""
        return sum(self.outcomes.values())


def give_feedback(
    actor: Actor | None, resource: Resource, *, outcome: Outcome, grade: tuple[Level, int] | None, comment: str
) -> None:
    """Say how a resource did; a person's second word replaces the first. Flushes.

    What has words in it, or comes from nobody, waits for the office. A person's outcome alone counts at once.

    Raises:
        TooMuchWaiting: too many lines of people who are not signed in wait already.
    """
    if actor is None:
        _check_room(select(func.count()).where(
            ResourceFeedback.state == Moderation.WAITING, ResourceFeedback.user_id.is_(None)
        ))  # fmt: skip
    row = None
    if actor is not None:
        row = db.session.scalar(
            select(ResourceFeedback).where(
                ResourceFeedback.resource_id == resource.id, ResourceFeedback.user_id == actor.id
            )
        )
    if row is None:
        row = ResourceFeedback(resource_id=resource.id, user_id=actor.id if actor else None)
        db.session.add(row)
    row.outcome, row.comment, row.given_on = outcome, comment, clock.today()
    row.level, row.grade = grade or (None, None)
    row.state = Moderation.WAITING if actor is None or comment else Moderation.SHOWN
    db.session.flush()


def tally(resource: Resource) -> Tally:
    """Count what the office let through, and people's own outcomes. Two statements."""
    counted = (ResourceFeedback.state == Moderation.SHOWN) | (
        (ResourceFeedback.state == Moderation.WAITING) & ResourceFeedback.user_id.is_not(None)
    )
    rows = db.session.execute(
        select(ResourceFeedback.outcome, ResourceFeedback.level, ResourceFeedback.grade, func.count())
        .where(ResourceFeedback.resource_id == resource.id, counted)
        .group_by(ResourceFeedback.outcome, ResourceFeedback.level, ResourceFeedback.grade)
    ).all()
    outcomes = dict.fromkeys(Outcome, 0)
    grades: dict[tuple[str, int], int] = {}
    for outcome, level, grade, count in rows:
        outcomes[outcome] += count
        if level is not None and grade is not None:
            grades[level.value, grade] = grades.get((level.value, grade), 0) + count
    comments = db.session.scalars(
        select(ResourceFeedback)
        .where(
            ResourceFeedback.resource_id == resource.id,
            ResourceFeedback.state == Moderation.SHOWN,
            ResourceFeedback.comment != "",
        )
        .order_by(ResourceFeedback.given_on.desc(), ResourceFeedback.id)
        .limit(_COMMENTS_MOST)
    ).all()
    return Tally(outcomes=outcomes, grades=grades, comments=comments)


def waiting_feedback() -> Sequence[ResourceFeedback]:
    """List the lines that wait for the office, oldest first."""
    return db.session.scalars(
        select(ResourceFeedback)
        .where(ResourceFeedback.state == Moderation.WAITING)
        .options(joinedload(ResourceFeedback.resource))
        .order_by(ResourceFeedback.given_on, ResourceFeedback.id)
        .limit(100)
    ).all()


def moderate(actor: Actor, feedback_id: uuid.UUID, *, is_shown: bool) -> None:
    """Let a line through, or keep it back. Flushes.

    Raises:
        NotYours: there is no such line.
    """
    found = db.session.scalar(
        update(ResourceFeedback)
        .where(ResourceFeedback.id == feedback_id)
        .values(state=Moderation.SHOWN if is_shown else Moderation.HIDDEN)
        .returning(ResourceFeedback.resource_id)
    )
    if found is None:
        raise NotYours
    audit.record(actor, "resources.feedback_moderated", found, shown=is_shown)


def wish(actor: Actor | None, *, words: str, about: str) -> None:
    """Tell the editors what was looked for in vain. Flushes.

    Raises:
        TooMuchWaiting: too many wishes wait already.
    """
    _check_room(select(func.count()).where(ResourceWish.is_done.is_(False), ResourceWish.user_id.is_(None)))
    db.session.add(
        ResourceWish(
            words=words, about=about, user_id=actor.id if actor else None, is_done=False, wished_on=clock.today()
        )
    )
    db.session.flush()


def open_wishes() -> Sequence[ResourceWish]:
    """List the wishes that nobody has worked off, oldest first."""
    return db.session.scalars(
        select(ResourceWish).where(ResourceWish.is_done.is_(False)).order_by(ResourceWish.wished_on, ResourceWish.id)
    ).all()


def close_wish(actor: Actor, wish_id: uuid.UUID) -> None:
    """Take a wish off the desk. Flushes.

    Raises:
        NotYours: there is no such wish.
    """
    found = db.session.scalar(
        update(ResourceWish).where(ResourceWish.id == wish_id).values(is_done=True).returning(ResourceWish.id)
    )
    if found is None:
        raise NotYours
    audit.record(actor, "resources.wish_closed", found)


def _check_room(query: Select[int]) -> None:
    if (db.session.scalar(query) or 0) >= rules.ANONYMOUS_WAITING_MOST:
        raise rules.TooMuchWaiting
