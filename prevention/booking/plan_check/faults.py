"""What can be wrong with a plan."""

import uuid
from dataclasses import dataclass
from enum import StrEnum


class PlanFault(StrEnum):
    """What can be wrong with a meeting of a plan."""

    UNKNOWN = "unknown"
    INCOMPLETE = "incomplete"
    OUTSIDE_BELL_TIMES = "outside_bell_times"
    OUTSIDE_DAYS = "outside_days"
    CLOSED = "closed"
    SPACING = "spacing"
    WRONG_ORDER = "wrong_order"
    SEVERAL_FACILITATORS = "several_facilitators"
    WRONG_FACILITATOR = "wrong_facilitator"
    FACILITATOR_AWAY = "facilitator_away"
    WEEK_FULL = "week_full"
    CLASS_BUSY = "class_busy"
    FACILITATOR_BUSY = "facilitator_busy"
    ROOM_BUSY = "room_busy"
    TRAVEL_TOO_SHORT = "travel_too_short"
    NO_ROOM = "no_room"
    WRONG_ROOM = "wrong_room"
    AGAINST_WISHES = "against_wishes"
    OVER_QUOTA = "over_quota"
    LOCKED_MOVED = "locked_moved"


# What the office may decide for a meeting that it puts somewhere itself.
OFFICE_MAY = frozenset(
    {
        PlanFault.SPACING,
        PlanFault.SEVERAL_FACILITATORS,
        PlanFault.FACILITATOR_AWAY,
        PlanFault.WEEK_FULL,
        PlanFault.AGAINST_WISHES,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is wrong: the request and the number of the meeting (0: all of it), and what it meets, if any."""

    fault: PlanFault
    request: uuid.UUID
    number: int = 0
    other: uuid.UUID | None = None
