"""The trail of who changed what, written in the same transaction as the change itself."""

import uuid
from typing import Any

from prevention.core import clock
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.core.models import AuditEntry


def record(actor: Actor | None, action: str, subject_id: uuid.UUID | None, **facts: Any) -> None:
    """Write one line of the trail.

    Args:
        actor: who did it; None when the clock or a command did.
        action: room and verb, e.g. ``"ride.booked"``.
        subject_id: the row it was done to.
        facts: values that JSON can hold; never a code, an answer or a password.
    """
    db.session.add(
        AuditEntry(
            at=clock.now(), actor_id=actor.id if actor else None, action=action, subject_id=subject_id, facts=facts
        )
    )
