"""What a wave may do and when, what a code may do, and which class reports can be true. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from prevention.core.web import Refusal

# From this many answers on, staff may know that a class has "10 or more"; below it, only that it has fewer.
# Also the least number of ballots that may be mixed while a wave is open: below it the order would hardly hide.
THRESHOLD = 10


class WaveMode(StrEnum):
    """Why a wave is held: the yearly picture, feedback on a workshop, or a programme's before and after."""

    MONITORING = "monitoring"
    FEEDBACK = "feedback"
    PRE_POST = "pre_post"


class Stage(StrEnum):
    """Where a wave stands in a pair: before the programme, or after it."""

    PRE = "pre"
    POST = "post"


class SessionPurpose(StrEnum):
    """What a delivered session opens a wave of its own for: feedback on it, or the after of a pair."""

    FEEDBACK = "feedback"
    POST = "post"


class WaveStatus(StrEnum):
    """The life of a wave. Only an open one takes answers; a sealed one has no raw answers left."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    SEALED = "sealed"


class CodeUnusable(Refusal):
    """A code that opens nothing: unknown, spent, early, late, locked or malformed. Deliberately never says which."""


class WrongSlipPart(CodeUnusable):
    """A code of a class that is there, with a slip's part that is not: one guess, to be counted for the class."""

    def __init__(self, class_part_hash: bytes) -> None:
        super().__init__()
        self.class_part_hash = class_part_hash


class WaveRefused(Refusal):
    """A step that this wave cannot take now; `why` is one of the class attributes."""

    WRONG_STATUS = "wrong_status"
    NO_CLASSES = "no_classes"
    WINDOW_BACKWARDS = "window_backwards"
    CLASS_OF_OTHER_YEAR = "class_of_other_year"
    TOO_MANY_CODES = "too_many_codes"
    NOT_A_DEMO = "not_a_demo"
    NOT_HELD = "not_held"
    TOO_MANY_FAMILIES = "too_many_families"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class ReportRefused(Refusal):
    """A class report whose numbers cannot all be true; `why` is one of the class attributes."""

    MORE_THAN_ENROLLED = "more_than_enrolled"
    REFUSED_ABOVE_PRESENT = "refused_above_present"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, kw_only=True, slots=True)
class NewWave:
    """What the office says of a wave that it makes; the days are days in Rome, both included."""

    name: str
    school_year: int
    questionnaire_id: UUID
    opens_on: date
    closes_on: date
    mode: WaveMode = WaveMode.MONITORING


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPair:
    """A before and an after to make; each questionnaire is the id of a published one, days are both included."""

    name: str
    school_year: int
    questionnaire_before: UUID
    questionnaire_after: UUID
    before: tuple[date, date]
    after: tuple[date, date]
    is_linked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassNumbers:
    """What the adult in the room reports, in pupils: of the class on that day, present, absent, present who refused.

    `disturbed` says that something kept the class from answering in quiet.
    """

    enrolled: int
    present: int
    absent: int
    refused: int = 0
    disturbed: bool = False


def takes_answers(status: WaveStatus, *, opens_on: date, closes_on: date, today: date) -> bool:
    """Say whether a wave takes answers today; both days of the window belong to it."""
    return status is WaveStatus.OPEN and opens_on <= today <= closes_on


def may_mix(status: WaveStatus, *, in_box: int) -> bool:
    """Say whether the ballots in the box may be mixed into the answers now."""
    return in_box > 0 and (in_box >= THRESHOLD or status is not WaveStatus.OPEN)


def check_class_report(numbers: ClassNumbers) -> None:
    """Check that the numbers of a class report can all be true.

    Raises:
        ReportRefused: more pupils present and absent than enrolled, or more who refused than were present.
    """
    if numbers.present + numbers.absent > numbers.enrolled:
        raise ReportRefused(ReportRefused.MORE_THAN_ENROLLED)
    if numbers.refused > numbers.present:
        raise ReportRefused(ReportRefused.REFUSED_ABOVE_PRESENT)
