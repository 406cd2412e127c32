"""Decisions about planning runs: their states, how long one may take, and every reason to say no. Pure."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

from prevention.booking.plan_check import Finding, PlanFault
from prevention.booking.rules import BookingRefusal

# A run whose process says nothing for so long is taken by another one. It says something every `TELL_S` seconds.
LEASE = timedelta(seconds=60)
TELL_S = 1.0
MOST_ATTEMPTS = 3

# Offered search times in seconds; the first good plan comes after a few.
SECONDS_OFFERED = (30, 60, 120, 300)
WEEKLY_CAP_DEFAULT = 10
WEEKLY_CAP_MAX = 40


class PlanningStatus(StrEnum):
    """The life of a planning run. A run that is done can be changed, planned again (queued), and published once."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    PUBLISHED = "published"


class PlanningProblem(StrEnum):
    """Why a run failed."""

    INTERRUPTED = "interrupted"
    BUG = "bug"


class WaitReason(StrEnum):
    """What stands in the way of a request that found no place: lifting this one thing alone would make room.

    The last five name what the school or the provider must see to first, or what no single thing would mend.
    """

    WISHED_WEEKDAYS = "wished_weekdays"
    WISHED_HOURS = "wished_hours"
    WEEKS_TO_AVOID = "weeks_to_avoid"
    CLOSURES = "closures"
    CLASS_BUSY = "class_busy"
    HOURS_OF_FACILITATORS = "hours_of_facilitators"
    FACILITATORS_TAKEN = "facilitators_taken"
    FULL_WEEKS = "full_weeks"
    TRAVEL = "travel"
    ROOM = "room"
    SPACING = "spacing"
    QUOTA = "quota"
    NO_SUITABLE_ROOM = "no_suitable_room"
    NO_FACILITATOR = "no_facilitator"
    NO_HOURS_ENTERED = "no_hours_entered"
    NO_LESSON_LONG_ENOUGH = "no_lesson_long_enough"
    SEVERAL_THINGS = "several_things"


class RunLost(Exception):
    """Another process has the run now."""


class PlanRefusal(BookingRefusal):
    """Base of what planning refuses."""


class NothingToPlan(PlanRefusal):
    """No request waits in that school year."""


class PlanNotReady(PlanRefusal):
    """The run is not done, or was published."""


class NoDays(PlanRefusal):
    """No day of the school year is left to plan."""

    def __init__(self, *, first_day: date, last_day: date) -> None:
        super().__init__(first_day, last_day)
        self.first_day = first_day
        self.last_day = last_day


class PlanOutdated(PlanRefusal):
    """The plan no longer fits what is in the database; `findings` say what changed since it was made."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(*findings)
        self.findings = tuple(findings)

    @property
    def requests(self) -> tuple[uuid.UUID, ...]:
        """The requests that are concerned, each once."""
        return tuple(dict.fromkeys(finding.request for finding in self.findings))


class NothingToPublish(PlanRefusal):
    """No request of the plan has all its dates."""


class NoLessonThen(PlanRefusal):
    """No lesson of the class's school begins at that time, or not long enough for the meeting."""

    def __init__(self, *, day: date) -> None:
        super().__init__(day)
        self.day = day


class MoveRefused(PlanRefusal):
    """The meeting cannot be there; `faults` say why, each once."""

    def __init__(self, faults: Sequence[PlanFault]) -> None:
        super().__init__(*faults)
        self.faults = tuple(dict.fromkeys(faults))


class WrongHours(PlanRefusal):
    """Hours or days of a facilitator that end before they begin, or meet others of the same day."""
