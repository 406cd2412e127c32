"""What schools ask of the rooms above, and tell them, without importing them. `create_app` connects the answers."""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime

from blinker import Signal

from prevention.core.access import Actor
from prevention.schools.school_time import Closure, Outside

# Sent with the arguments of `ask_hits`. A receiver returns `MeetingHits`.
meetings_asked = Signal()
# Sent with `institute_ids`. A receiver returns the names of those who coordinate each: id of the institute to names.
coordinators_asked = Signal()
# Sent with `actor`, `old` and `new` (ids of institutes): who coordinated the old one is to coordinate the new one too.
# A receiver returns the ids of what it gave, which `following_withdrawn` takes back (`actor`, `given`).
institute_followed = Signal()
following_withdrawn = Signal()


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


@dataclass(frozen=True, kw_only=True, slots=True)
class MeetingHits:
    """How many such meetings there are, and the nearest of them, in order."""

    count: int
    nearest: list[MeetingHit]


def ask_hits(
    institute_ids: frozenset[uuid.UUID] | None,
    *,
    now: datetime,
    days: tuple[date, date] | None = None,
    most: int = 0,
) -> MeetingHits:
    """Collect the planned meetings from `now` on that fall on closed days or outside bell times.

    Args:
        institute_ids: of these institutes; None: of all.
        days: only those on these days, from the first to the second, both included.
        most: so many are told at most.
    """
    sent = meetings_asked.send(None, institute_ids=institute_ids, now=now, days=days, most=most)
    answers = [answer for _receiver, answer in sent if answer]
    nearest = sorted(
        (hit for answer in answers for hit in answer.nearest), key=lambda hit: (hit.starts_at, str(hit.meeting_id))
    )
    return MeetingHits(count=sum(answer.count for answer in answers), nearest=nearest[:most])


def ask_coordinators(institute_ids: frozenset[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Ask who coordinates these institutes: id of the institute to names; those without anybody are missing."""
    sent = coordinators_asked.send(None, institute_ids=institute_ids) if institute_ids else []
    return {institute: names for _receiver, answer in sent for institute, names in answer.items()}


def let_follow(actor: Actor, *, old: uuid.UUID, new: uuid.UUID) -> list[str]:
    """Have the coordinators of an institute coordinate the one that goes on; give the ids of what was given."""
    sent = institute_followed.send(None, actor=actor, old=old, new=new)
    return [str(given) for _receiver, ids in sent for given in ids]


def take_back(actor: Actor, given: list[str]) -> None:
    """Have taken back what `let_follow` gave."""
    following_withdrawn.send(None, actor=actor, given=[uuid.UUID(each) for each in given])
