"""Work that is rows: one process takes the next row, holds it while it works, and loses it when it falls silent.

A row has a state, `claim` (the token of the process that has it), `leased_until` and `attempts`. Taking is one
conditional UPDATE: of two processes one gets the row. A process that dies leaves it to whoever asks after the lease; a
row that was tried too often is given up on the way, so that what kills every process does not kill them for ever.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from prevention.core.db import Model, db


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A row that a process took; `token` proves that it is still its own."""

    id: uuid.UUID
    token: uuid.UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkQueue:
    """Rows of work: the column of their state with its value for waiting and for under way, and who comes first.

    `give_up` are the values of a row that was tried `most_attempts` times and is tried no more.
    """

    model: type[Model]
    state: InstrumentedAttribute[Any]
    waiting: object
    running: object
    since: InstrumentedAttribute[datetime | None] | InstrumentedAttribute[datetime]
    lease: timedelta
    most_attempts: int
    give_up: Mapping[str, object]

    def take(self, now: datetime, *, began: Mapping[str, object], given_up: Mapping[str, object]) -> Taken | None:
        """Take the row that waits longest, or whose process fell silent, for this process alone; None if there is none.

        Args:
            began: more values of the row that is taken.
            given_up: more values of rows that are given up.
        """
        model: Any = self.model
        abandoned = (self.state == self.running) & (model.leased_until <= now)
        db.session.execute(
            update(model)
            .where(abandoned, model.attempts >= self.most_attempts)
            .values(claim=None, leased_until=None, **self.give_up, **given_up)
            .execution_options(synchronize_session=False)
        )
        is_free = or_(self.state == self.waiting, abandoned)
        longest = (
            select(model.id)
            .where(is_free)
            .order_by(self.since, model.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        token = uuid.uuid4()
        taken = db.session.scalar(
            update(model)
            .where(model.id == longest, is_free)
            .values(
                claim=token,
                leased_until=now + self.lease,
                attempts=model.attempts + 1,
                **{self.state.key: self.running},
                **began,
            )
            .returning(model.id)
            .execution_options(synchronize_session=False)
        )
        return None if taken is None else Taken(id=taken, token=token)

    def write(self, taken: Taken, values: Mapping[str, object]) -> bool:
        """Write to a row that is held; False, and nothing is written, when it is no longer this process's."""
        model: Any = self.model
        held = db.session.scalar(
            update(model)
            .where(model.id == taken.id, model.claim == taken.token, self.state == self.running)
            .values(**values)
            .returning(model.id)
            .execution_options(synchronize_session=False)
        )
        return held is not None
