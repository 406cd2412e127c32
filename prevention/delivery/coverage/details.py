"""How each programme was delivered: its plan and what became of it, who led, what was changed, why meetings fell out.

Pure. Apart from `ProgrammeActivity`, which reports freeze as it is.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prevention.delivery.rules import LedBy, Outcome, Reason

if TYPE_CHECKING:
    from prevention.delivery.coverage.tally import MeetingRow


@dataclass(frozen=True, kw_only=True, slots=True)
class ReasonCount:
    """So many meetings were not held for one reason."""

    reason: Reason
    meetings: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LedCount:
    """So many held meetings were led by one kind of people."""

    led_by: LedBy
    meetings: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgrammeDetails:
    """What a report says of one programme beside its activity.

    Attributes:
        minutes_planned: what the manual asks for, over the meetings booked.
        pupils_reached: for each class the highest number present at one of its meetings, added up.
        activities_part: activities of held meetings that were done in part. Of those planned, what is neither in full
            nor in part was not done.
        meetings_adapted: held meetings of which a change from the manual was noted.
        led_by, not_held: counts above nought only, in the order of their enums.
    """

    slug: str
    minutes_planned: int
    schools_reached: int
    pupils_reached: int
    activities_part: int
    meetings_adapted: int
    led_by: tuple[LedCount, ...]
    not_held: tuple[ReasonCount, ...]


def details_of(slug: str, meetings: Sequence["MeetingRow"]) -> ProgrammeDetails:
    """Add the meetings of one programme up."""
    held = [row for row in meetings if row.is_held]
    present: dict[uuid.UUID, int] = defaultdict(int)
    for row in held:
        present[row.class_id] = max(present[row.class_id], row.present)
    led = Counter(row.led_by for row in held)
    reasons = Counter(row.reason for row in meetings if row.outcome is Outcome.NOT_HELD)
    return ProgrammeDetails(
        slug=slug,
        minutes_planned=sum(row.minutes_planned for row in meetings),
        schools_reached=len({row.site_id for row in held}),
        pupils_reached=sum(present.values()),
        activities_part=sum(row.activities_part for row in held),
        meetings_adapted=sum(row.is_adapted for row in held),
        led_by=tuple(LedCount(led_by=one, meetings=led[one]) for one in LedBy if led[one]),
        not_held=tuple(ReasonCount(reason=one, meetings=reasons[one]) for one in Reason if reasons[one]),
    )
