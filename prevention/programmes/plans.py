"""What the office, or the file of known programmes, wants to be written: values on their way to the rows."""

import uuid
from dataclasses import dataclass, field

from prevention.programmes.rules import (
    SPACING_DAYS,
    SPACING_TOLERANCE,
    BookingMode,
    EvidenceClass,
    MeetingPlan,
    Method,
    RoomNeed,
    Topic,
    Venue,
)
from prevention.schools.rules import RoomKind


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgrammePlan:
    """A programme as the office or the file writes it; texts are language code to text, grades 1 to 5."""

    slug: str
    name: dict[str, str]
    summary: dict[str, str]
    topics: tuple[Topic, ...]
    levels: tuple[str, ...]
    grade_min: int
    grade_max: int
    method: Method
    delivered_by: dict[str, str]
    dose_source: str
    evidence_class: EvidenceClass
    evidence_note: dict[str, str]
    evidence_source: str
    meetings: tuple[MeetingPlan, ...]
    is_active: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class EditionPlan:
    """An edition as the office writes it; group sizes count pupils.

    `acceptance_text` goes to schools with the provider's yes, `quota_per_school` counts classes of one institute (None:
    no limit), `spacing_days` and `spacing_tolerance` lie between meetings, `languages` are codes, `needs` a text by
    language.
    """

    school_year: int
    organisation_id: uuid.UUID
    group_min: int
    group_max: int
    note: str
    is_open: bool
    booking_mode: BookingMode = BookingMode.DATES
    auto_accept: bool = True
    acceptance_text: str = ""
    quota_per_school: int | None = None
    spacing_days: int = SPACING_DAYS
    spacing_tolerance: int = SPACING_TOLERANCE
    venue: Venue = Venue.AT_SCHOOL
    room_need: RoomNeed = RoomNeed.NONE
    room_kind: RoomKind | None = None
    languages: tuple[str, ...] = ("it",)
    needs: dict[str, str] = field(default_factory=dict)
