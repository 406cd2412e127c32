"""What school time asks of the rooms above, without importing them. `create_app` connects the answers."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from blinker import Signal

from prevention.schools.school_time import Closure, Outside

# Sent with `institute_ids` (a frozenset; None: every institute) and `now`. A receiver returns a list of MeetingHit.
meetings_asked = Signal()


@dataclass(frozen=True, kw_only=True, slots=True)
class MeetingHit:
    """A planned meeting that its school cannot hold any more: when, which class, and why."""

    booking_id: uuid.UUID
    meeting_id: uuid.UUID
    starts_at: datetime
    ends_at: datetime
    class_label: str
    school: str
    programme: str
    why: Closure | Outside = field(hash=False)


def ask_hits(institute_ids: frozenset[uuid.UUID] | None, *, now: datetime) -> list[MeetingHit]:
    """Collect the planned meetings from `now` on that fall on closed days or outside bell times, in order."""
    found: list[MeetingHit] = []
    for _receiver, answer in meetings_asked.send(None, institute_ids=institute_ids, now=now):
        found += answer or []
    return sorted(found, key=lambda hit: (hit.starts_at, str(hit.meeting_id)))
