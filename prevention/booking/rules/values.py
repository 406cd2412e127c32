"""What the rules of booking decide on: states, times, and the facts of slots, classes and plans. Pure values."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from prevention.schools.school_time import SchoolTime


class SlotStatus(StrEnum):
    """A slot is open until it is called off; whether it can be booked depends on its days and places too."""

    OPEN = "open"
    CANCELLED = "cancelled"


class CountedBy(StrEnum):
    """What a place of a slot is: a whole class, or one person (pupils and adults alike take a seat)."""

    CLASSES = "classes"
    HEADS = "heads"


class BookingStatus(StrEnum):
    """A booking holds its place while it is requested or confirmed.

    Requested: it waits for the provider's yes; without a slot, for the office to plan its dates.
    """

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    CANCELLED = "cancelled"


# The states in which a booking keeps its places and its class's time.
STANDING = (BookingStatus.REQUESTED, BookingStatus.CONFIRMED)


class WaitingStatus(StrEnum):
    """A waiting class waits, has an offer, or has left the list.

    It leaves booked, of its own will, because it let an offer run out, or because the slot is over.
    """

    WAITING = "waiting"
    OFFERED = "offered"
    BOOKED = "booked"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CLOSED = "closed"


# The states in which a class stands on the list.
ON_THE_LIST = (WaitingStatus.WAITING, WaitingStatus.OFFERED)


class MeetingStatus(StrEnum):
    """A date of a booking: planned, or called off. What happened on it is written down in `delivery`."""

    PLANNED = "planned"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A stretch of time between two aware moments; the end is not part of it."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Span") -> bool:
        """Say whether the two stretches share any moment; touching ends do not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotFacts:
    """What the rules need to know of dated places. Grades are 1 to 5, group sizes count pupils."""

    is_cancelled: bool
    is_edition_open: bool
    school_year: int
    levels: frozenset[str]
    grade_min: int
    grade_max: int
    group_min: int
    group_max: int
    places: int
    places_taken: int
    books_from: date | None
    books_until: date
    meetings: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Engagement:
    """A date that a class or a facilitator already has: when, and in which booking or slot."""

    span: Span
    source_id: uuid.UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassFacts:
    """What the rules need to know of the class that wants a place.

    `school_time` is that of its site; None only where nobody asks about days.
    """

    level: str
    grade: int
    school_year: int
    booking_of_edition: uuid.UUID | None = None
    engagements: tuple[Engagement, ...] = ()
    class_id: uuid.UUID | None = None
    school_time: SchoolTime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotPlan:
    """Dated places as a provider wants to publish them; `meetings` in order, one for each of the programme."""

    places: int
    books_from: date | None
    books_until: date
    meetings: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishFacts:
    """What the rules need to know to publish: the edition and what its facilitator already has.

    `school_time` is that of the site where the dates take place, else of the district.
    """

    is_edition_open: bool
    meetings_wanted: int
    year_starts_on: date
    year_ends_on: date
    is_facilitator_of_provider: bool
    engagements: tuple[Engagement, ...] = ()
    school_time: SchoolTime | None = None
