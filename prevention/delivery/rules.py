"""Decisions about a register: pure values in, a checked register or a named refusal out."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

# A meeting shorter than this is not one; longer than a school day it cannot be. Both included.
MINUTES_LEAST = 5
MINUTES_MOST = 480
# The largest group that one register speaks of: several classes in the school's hall.
PUPILS_MOST = 300
# A register is chased from the day after its meeting; after this it is called late in red.
LATE_AFTER = timedelta(days=7)


# A missing register is asked for so many days after its meeting: stage 1, 2 and 3.
CHASE_AFTER_DAYS = (1, 7, 21)
LAST_STAGE = len(CHASE_AFTER_DAYS)


class Outcome(StrEnum):
    """What became of a planned meeting."""

    HELD = "held"
    MOVED = "moved"
    NOT_HELD = "not_held"


class Reason(StrEnum):
    """Why a meeting was moved or not held."""

    FACILITATOR_AWAY = "facilitator_away"
    CLASS_AWAY = "class_away"
    LESSON_TOOK_THE_HOUR = "lesson_took_the_hour"
    SCHOOL_CLOSED = "school_closed"
    ROOM = "room"
    OTHER = "other"


class LedBy(StrEnum):
    """Who led a meeting that was held; effects differ by it, so it is part of fidelity."""

    FACILITATOR = "facilitator"
    TEACHER = "teacher"
    BOTH = "both"
    PEERS = "peers"


class Extent(StrEnum):
    """How much of one activity of the manual was done."""

    FULL = "full"
    PART = "part"
    NOT_DONE = "not_done"


class Scale(StrEnum):
    """How much of something a teacher saw."""

    NOT = "not"
    LITTLE = "little"
    QUITE = "quite"
    VERY = "very"


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterEntry:
    """One register as somebody fills it in.

    A held meeting has minutes, the pupils present and expected, who led, and an extent for each activity of the
    meeting. One that was moved or not held has a reason instead; what was filled in for the rest is dropped.
    `reason_note` is needed only with `Reason.OTHER`.
    """

    outcome: Outcome
    minutes: int | None = None
    present: int | None = None
    expected: int | None = None
    led_by: LedBy | None = None
    extents: Mapping[uuid.UUID, Extent] = field(default_factory=dict)
    adaptations: str = ""
    reason: Reason | None = None
    reason_note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MeetingFacts:
    """What the rules need to know of a booked meeting: when it begins, whether it is booked, and its activities."""

    starts_at: datetime
    is_booked: bool
    activities: Collection[uuid.UUID]


class DeliveryRefusal(Exception):
    """Base of what this room refuses."""


class NotBooked(DeliveryRefusal):
    """The meeting was cancelled, or the booking it belongs to does not stand: there is nothing to register."""


class NotYetHeld(DeliveryRefusal):
    """The meeting lies ahead, so it cannot have been held."""

    def __init__(self, *, starts_at: datetime) -> None:
        super().__init__(starts_at)
        self.starts_at = starts_at


class AlreadyObserved(DeliveryRefusal):
    """What a teacher saw of the meeting is written down already."""


class Incomplete(DeliveryRefusal):
    """A held meeting lacks some of what makes a register; `fields` are names of `RegisterEntry`."""

    def __init__(self, *, fields: tuple[str, ...]) -> None:
        super().__init__(fields)
        self.fields = fields


class MinutesOutOfRange(DeliveryRefusal):
    """No meeting lasts so short or so long; `least` and `most` are allowed."""

    def __init__(self, *, minutes: int, least: int, most: int) -> None:
        super().__init__(minutes, least, most)
        self.minutes = minutes
        self.least = least
        self.most = most


class PupilsOutOfRange(DeliveryRefusal):
    """A held meeting has at least one pupil present, and at most `most` expected."""

    def __init__(self, *, pupils: int, most: int) -> None:
        super().__init__(pupils, most)
        self.pupils = pupils
        self.most = most


class MorePresentThanExpected(DeliveryRefusal):
    """More pupils were present than the class has."""

    def __init__(self, *, present: int, expected: int) -> None:
        super().__init__(present, expected)
        self.present = present
        self.expected = expected


class ReasonMissing(DeliveryRefusal):
    """A meeting that was moved or not held needs a reason, and "other" needs a word of explanation."""

    def __init__(self, *, needs_words: bool) -> None:
        super().__init__(needs_words)
        self.needs_words = needs_words


class ActivityOfAnotherProgramme(DeliveryRefusal):
    """An activity was registered that does not belong to this meeting."""

    def __init__(self, *, activity_id: uuid.UUID) -> None:
        super().__init__(activity_id)
        self.activity_id = activity_id


class AlreadyRegistered(DeliveryRefusal):
    """Somebody registered or corrected this meeting in the meantime; theirs stands at `revision`."""

    def __init__(self, *, revision: int, recorded_at: datetime) -> None:
        super().__init__(revision, recorded_at)
        self.revision = revision
        self.recorded_at = recorded_at


class SubmissionOfAnotherMeeting(DeliveryRefusal):
    """The id of the submission already arrived with another meeting's register."""


def check_register(entry: RegisterEntry, *, meeting: MeetingFacts, now: datetime) -> RegisterEntry:
    """Check a register against its meeting and give it back with only what belongs to its outcome.

    A meeting may be called moved or not held before its day; held only once it has begun.

    Raises:
        NotBooked: the meeting was cancelled, or its booking never confirmed.
        ActivityOfAnotherProgramme: an extent is given for an activity that is not in this meeting.
        NotYetHeld, Incomplete, MinutesOutOfRange, PupilsOutOfRange, MorePresentThanExpected: held, but not so.
        ReasonMissing: moved or not held, without a reason.
    """
    if not meeting.is_booked:
        raise NotBooked
    for activity_id in entry.extents:
        if activity_id not in meeting.activities:
            raise ActivityOfAnotherProgramme(activity_id=activity_id)
    if entry.outcome is Outcome.HELD:
        if now < meeting.starts_at:
            raise NotYetHeld(starts_at=meeting.starts_at)
        _check_held(entry, activities=meeting.activities)
        return replace(entry, reason=None, reason_note="")
    if entry.reason is None or (entry.reason is Reason.OTHER and not entry.reason_note.strip()):
        raise ReasonMissing(needs_words=entry.reason is Reason.OTHER)
    return RegisterEntry(outcome=entry.outcome, reason=entry.reason, reason_note=entry.reason_note)


def _check_held(entry: RegisterEntry, *, activities: Collection[uuid.UUID]) -> None:
    missing = [name for name in ("minutes", "present", "expected", "led_by") if getattr(entry, name) is None]
    if set(activities) - set(entry.extents):
        missing.append("extents")
    if missing or entry.minutes is None or entry.present is None or entry.expected is None:
        raise Incomplete(fields=tuple(missing))
    if not MINUTES_LEAST <= entry.minutes <= MINUTES_MOST:
        raise MinutesOutOfRange(minutes=entry.minutes, least=MINUTES_LEAST, most=MINUTES_MOST)
    for pupils in (entry.present, entry.expected):
        if not 1 <= pupils <= PUPILS_MOST:
            raise PupilsOutOfRange(pupils=pupils, most=PUPILS_MOST)
    if entry.present > entry.expected:
        raise MorePresentThanExpected(present=entry.present, expected=entry.expected)


def check_revision(given: int | None, *, standing: int | None, recorded_at: datetime | None) -> None:
    """Refuse a register that does not know of the one that stands.

    Args:
        given: the revision that the sender corrects; None when they believe to be the first.
        standing: the revision that stands; None when there is none yet.
        recorded_at: when the standing one was written.

    Raises:
        AlreadyRegistered: the two differ.
    """
    if standing is not None and recorded_at is not None and given != standing:
        raise AlreadyRegistered(revision=standing, recorded_at=recorded_at)


def chase_stage(*, ended_on: date, today: date) -> int:
    """Give the stage at which a missing register is to be asked for on a day; 0 when it is too early.

    Stages that were missed are not made up for one by one: the latest one that is due is asked for.
    """
    return sum(today >= ended_on + timedelta(days=days) for days in CHASE_AFTER_DAYS)
