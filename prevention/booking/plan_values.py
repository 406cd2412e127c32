"""What planning a year is about, as values: the problem, and a plan for it.

This is the common language of those who plan (`planner`), those who check (`plan_check`) and those who read and write
rows. It decides nothing.

Days are days in Rome; times are minutes after midnight there. A week begins on its Monday. Ids are those of the rows.

A plan answers the problem when all of this holds:

1. A request has all its meetings, in order, or none; the office's locked meetings stand in any case.
2. A meeting fills whole teaching periods of the class's site: the fewest, one after the other without more than
   `LONGEST_BREAK` between them, whose teaching minutes (with `SHORT_BY` minutes of grace for each) hold its length.
3. No meeting on a day that is closed for the class, nor outside the days of the problem.
4. Two meetings of a class that follow each other lie `spacing.days` plus or minus `spacing.slack` days apart; days on
   which the class's school is closed do not count.
5. One facilitator leads all meetings of a request; it is somebody who may lead that edition, who is there for the
   whole meeting, and whose week has room (`weekly_cap` meetings, those already fixed included).
6. Nobody and nothing is in two places: class, facilitator, room. Between two sites a facilitator has the time to
   travel.
7. Where the edition needs a room, the meeting has one of the site's that is large enough (and has a projector, or is
   of the kind, that is needed).
8. The wishes of the school hold: weekdays, hours, weeks to avoid. A preferred facilitator is a preference only.
9. A school gets no more classes of an edition than its quota has left.

Rules 4, 5 and 8 bind the planner; a meeting that the office itself has put somewhere and locked may break them.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from prevention.network.travel import TravelTimes

DAY_MIN = 24 * 60
LONGEST_BREAK = 30
# A school hour of 55 minutes holds a meeting of 60: programmes count in school hours.
SHORT_BY = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """A part of one day, in minutes after midnight; `ends` is the first minute that is free again."""

    day: date
    starts: int
    ends: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """A teaching hour of the bell times."""

    starts: int
    ends: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """A part of every week (0 = Monday) in which a facilitator is there."""

    weekday: int
    starts: int
    ends: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SpecialDays:
    """Days, both included, on which a facilitator is there (or is not) besides the weekly windows, at these hours.

    Being away goes before being there.
    """

    first_day: date
    last_day: date
    is_available: bool
    starts: int = 0
    ends: int = DAY_MIN


@dataclass(frozen=True, kw_only=True, slots=True)
class Facilitator:
    """Somebody who leads meetings of `editions`; `base` is the municipality they start from, None if unknown."""

    id: uuid.UUID
    editions: frozenset[uuid.UUID]
    windows: tuple[Window, ...]
    exceptions: tuple[SpecialDays, ...] = ()
    weekly_cap: int = 10
    base: uuid.UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """A room of a site; `seats` counts people, and is None where nobody counted, which holds any class."""

    id: uuid.UUID
    seats: int | None = None
    has_projector: bool = False
    kind: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A site: its school (institute), municipality, teaching periods by weekday, and rooms that can be asked for."""

    id: uuid.UUID
    institute: uuid.UUID
    municipality: uuid.UUID
    periods: Mapping[int, tuple[Period, ...]]
    rooms: tuple[Room, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Spacing:
    """Days between two meetings of a class that follow each other, and how many more or fewer are well."""

    days: int = 7
    slack: int = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """What a school asked for; no weekday means any. `avoid_weeks` holds Mondays."""

    weekdays: frozenset[int] = frozenset()
    earliest: int = 0
    latest: int = DAY_MIN
    avoid_weeks: frozenset[date] = frozenset()
    facilitator: uuid.UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A class that waits for the meetings of an edition, `minutes` long each, in this order.

    `people` come: pupils and the adults with them. `closed_days` are the days on which this class has no school
    although the bell times say so.
    """

    id: uuid.UUID
    school_class: uuid.UUID
    site: uuid.UUID
    edition: uuid.UUID
    minutes: tuple[int, ...]
    people: int = 25
    spacing: Spacing = Spacing()
    needs_room: bool = False
    needs_projector: bool = False
    room_kind: str | None = None
    closed_days: frozenset[date] = frozenset()
    wishes: Wishes = Wishes()
    is_never_reached: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Commitment:
    """Something that stands already and may not be moved; None where it binds no such thing.

    Without a site, it is taken to be where the facilitator is next: no travel is counted.
    """

    stretch: Stretch
    facilitator: uuid.UUID | None = None
    school_class: uuid.UUID | None = None
    room: uuid.UUID | None = None
    site: uuid.UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Meeting:
    """One planned meeting; `number` counts from 1. `is_locked` says that the office wants it just there."""

    request: uuid.UUID
    number: int
    facilitator: uuid.UUID
    stretch: Stretch
    room: uuid.UUID | None = None
    is_locked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What is to be planned between two days, both included.

    `quotas` says how many more classes a school (institute) may get of an edition; a pair that is missing has no
    limit. `before` is the plan to keep as it is wherever it can be; its locked meetings stay in any case.
    """

    first_day: date
    last_day: date
    facilitators: tuple[Facilitator, ...]
    places: tuple[Place, ...]
    requests: tuple[Request, ...]
    commitments: tuple[Commitment, ...] = ()
    quotas: Mapping[tuple[uuid.UUID, uuid.UUID], int] = field(default_factory=dict)
    travel: TravelTimes = field(default_factory=TravelTimes)
    before: tuple[Meeting, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Meetings of the requests that found a place, and those that are locked."""

    meetings: tuple[Meeting, ...]


def monday_of(day: date) -> date:
    """Give the Monday of a day's week."""
    return day - timedelta(days=day.weekday())
