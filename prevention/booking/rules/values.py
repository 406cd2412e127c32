"""What the rules of booking decide on: states, times, and the facts of slots, classes and plans. Pure values."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum

from prevention.schools.school_time import SchoolTime


class SlotStatus(StrEnum):
    """A slot is open until it is called off; whether it can be booked depends on its days and places too."""

    OPEN = "open"
    CANCELLED = "cancelled"


class FeedKind(StrEnum):
    """Whose dates a calendar feed holds: all that a person may see, those a facilitator leads, those of a school."""

    PERSON = "person"
    FACILITATOR = "facilitator"
    INSTITUTE = "institute"


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
class Place:
    """Where a meeting takes place, for the way from one to the next."""

    municipality_id: uuid.UUID
    site_id: uuid.UUID
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DateLoad:
    """How full one date of a slot is, in the slot's unit.

    `taken` is booked; `kept` is held by others whose form is open, or offered to others who wait. Both come back
    free by themselves, the last of them at `kept_until`.
    """

    number: int
    places: int
    taken: int
    kept: int = 0
    kept_until: datetime | None = None

    @property
    def free(self) -> int:
        """Places that can be had now."""
        return max(0, self.places - self.taken - self.kept)


@dataclass(frozen=True, kw_only=True, slots=True)
class Host:
    """The school at which dates take place that is not the class's own, and its time."""

    name: str
    school_time: SchoolTime


@dataclass(frozen=True, kw_only=True, slots=True)
class SpecialHours:
    """Days, both included, on which a facilitator is away or there; without hours the whole day."""

    first_day: date
    last_day: date
    is_available: bool
    starts: time = time.min
    ends: time = time.max


@dataclass(frozen=True, kw_only=True, slots=True)
class Presence:
    """When a facilitator is there: special days, and the usual week by weekday (0 Monday) on the wall clock.

    `usual` is None where it does not bind: for dates that they publish themselves, and for who never wrote one.
    """

    special: tuple[SpecialHours, ...] = ()
    usual: Mapping[int, tuple[tuple[time, time], ...]] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotFacts:
    """What the rules need to know of dated places. Grades are 1 to 5, group sizes count pupils.

    `meetings` are the dates to be taken, `places_taken` and `places_kept` (see `DateLoad`) those of the fullest of
    them. `quota` is how many classes of one institute may take part, None when there is no limit. `host` is the school
    where they take place; None when that is the class's own, or nobody asks about days.
    """

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
    counted_by: CountedBy = CountedBy.CLASSES
    places_kept: int = 0
    kept_until: datetime | None = None
    has_waiting: bool = False
    takes_dates: bool = True
    quota: int | None = None
    host: Host | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Engagement:
    """A date that a class, a facilitator or a room already has: when, and in which booking or slot.

    `place` is where, as far as it matters: the municipality and its name.
    """

    span: Span
    source_id: uuid.UUID
    place: Place | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassFacts:
    """What the rules need to know of the class that wants a place.

    `school_time` is that of its site; None only where nobody asks about days.
    `classes_of_school` counts the classes of its institute that have a booking or a request of the edition.
    """

    level: str
    grade: int
    school_year: int
    booking_of_edition: uuid.UUID | None = None
    engagements: tuple[Engagement, ...] = ()
    class_id: uuid.UUID | None = None
    school_time: SchoolTime | None = None
    classes_of_school: int = 0

    def with_more_of_school(self, classes: int) -> "ClassFacts":
        """Give the same facts with so many classes of its institute more."""
        return replace(self, classes_of_school=self.classes_of_school + classes)


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotPlan:
    """Dated places as a provider wants to publish them; `meetings` in order.

    There is one date for each meeting of the programme; more to choose from when `is_choice`.
    """

    places: int
    counted_by: CountedBy = CountedBy.CLASSES
    is_choice: bool = False
    books_from: date | None
    books_until: date
    meetings: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishFacts:
    """What the rules need to know to publish: the edition and what its facilitator already has.

    `school_time` is that of the site where the dates take place, else of the district; `room_engagements` are the dates
    of the room there that was chosen.
    """

    is_edition_open: bool
    meetings_wanted: int
    year_starts_on: date
    year_ends_on: date
    is_facilitator_of_provider: bool
    is_room_of_site: bool = True
    engagements: tuple[Engagement, ...] = ()
    room_engagements: tuple[Engagement, ...] = ()
    school_time: SchoolTime | None = None
    presence: Presence = Presence()
    takes_dates: bool = True
