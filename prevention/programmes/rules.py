"""Decisions about programmes and editions: pure values in, a value or a named refusal out.

The evidence levels are those of the Xchange prevention registry (European Union Drugs Agency); `NOT_RATED` is
ours and says that no published rating was found, not that the programme is weak.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from prevention.core.web import Refusal


class Topic(StrEnum):
    """What a programme works on; a programme has one or more."""

    LIFE_SKILLS = "life_skills"
    TOBACCO = "tobacco"
    ALCOHOL = "alcohol"
    DRUGS = "drugs"
    GAMBLING = "gambling"
    SCREENS = "screens"
    WELLBEING = "wellbeing"


class Method(StrEnum):
    """How a programme works with the class."""

    SKILLS = "skills"
    PEERS = "peers"
    TALK = "talk"


class EvidenceClass(StrEnum):
    """Levels of the Xchange registry, best first, then the two that say little or nothing good."""

    BENEFICIAL = "beneficial"
    LIKELY_BENEFICIAL = "likely_beneficial"
    POSSIBLY_BENEFICIAL = "possibly_beneficial"
    MORE_STUDIES = "more_studies"
    NOT_RATED = "not_rated"
    UNLIKELY_OR_HARMFUL = "unlikely_or_harmful"


class BookingMode(StrEnum):
    """How a class gets a place: it takes published dates, asks the office to plan some, or either."""

    DATES = "dates"
    REQUESTS = "requests"
    BOTH = "both"


class Venue(StrEnum):
    """Where an edition takes place, seen from the class."""

    AT_SCHOOL = "at_school"
    ELSEWHERE = "elsewhere"


class RoomNeed(StrEnum):
    """What room a meeting at the school needs: the class's own classroom, another one, or one with a projector.

    Another room, or a projector, is one of those that the school has entered, free at that time.
    """

    NONE = "none"
    ROOM = "room"
    PROJECTOR = "projector"


class EditionStatus(StrEnum):
    """Life of an edition: a draft is seen by the office only; a closed one takes no more bookings."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


# Days between two meetings of a class, and how many more or fewer are well: weekly, give or take three days.
SPACING_DAYS, SPACING_TOLERANCE = 7, 3
SPACING_DAYS_MOST = 60

_RANK = {evidence_class: rank for rank, evidence_class in enumerate(EvidenceClass)}


class ProgrammeRefusal(Refusal):
    """Base of what this room refuses."""


class MeetingsFixed(ProgrammeRefusal):
    """The programme has had an edition, so meetings and activities may be added or renamed, not removed."""

    def __init__(self, *, kept: int, given: int) -> None:
        super().__init__(kept, given)
        self.kept = kept
        self.given = given


class NoMeetings(ProgrammeRefusal):
    """A programme needs at least one meeting."""


class GradesReversed(ProgrammeRefusal):
    """The first grade comes after the last."""

    def __init__(self, *, first: int, last: int) -> None:
        super().__init__(first, last)
        self.first = first
        self.last = last


class GroupSizesReversed(ProgrammeRefusal):
    """The smallest group is larger than the largest."""

    def __init__(self, *, smallest: int, largest: int) -> None:
        super().__init__(smallest, largest)
        self.smallest = smallest
        self.largest = largest


class SpacingTooLoose(ProgrammeRefusal):
    """Meetings may lie more days nearer than the distance they should have."""

    def __init__(self, *, days: int, tolerance: int) -> None:
        super().__init__(days, tolerance)
        self.days = days
        self.tolerance = tolerance


class SlugTaken(ProgrammeRefusal):
    """Another programme has this address."""

    def __init__(self, *, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


class EditionExists(ProgrammeRefusal):
    """The programme already has an edition in this school year."""

    def __init__(self, *, school_year: int) -> None:
        super().__init__(school_year)
        self.school_year = school_year


class YearIsOver(ProgrammeRefusal):
    """An edition cannot be opened in a school year that has ended."""

    def __init__(self, *, school_year: int) -> None:
        super().__init__(school_year)
        self.school_year = school_year


class WrongStep(ProgrammeRefusal):
    """The edition cannot go from its status to the one asked for."""

    def __init__(self, *, status: EditionStatus, asked: EditionStatus) -> None:
        super().__init__(status, asked)
        self.status = status
        self.asked = asked


class ProposalChanged(ProgrammeRefusal):
    """What would be opened is not what was shown any more: somebody else opened it, or rows changed meanwhile."""


class NotThisYear(ProgrammeRefusal):
    """Only the present school year and the next one can be opened."""

    def __init__(self, *, school_year: int) -> None:
        super().__init__(school_year)
        self.school_year = school_year


@dataclass(frozen=True, kw_only=True, slots=True)
class MeetingPlan:
    """One meeting as the office writes it: title by language, minutes, and its activities in order."""

    title: dict[str, str]
    minutes: int
    activities: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the rules need to know of a programme.

    `levels` are values of the schools' level enum. `searchable` is every text a reader might type, in any
    language.
    """

    slug: str
    levels: frozenset[str]
    grade_min: int
    grade_max: int
    topics: frozenset[Topic]
    method: Method
    evidence_class: EvidenceClass
    meetings: int
    is_bookable: bool = False
    searchable: str = ""
    minutes: int = 0
    offer: "OfferFacts | None" = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferFacts:
    """What the rules need to know of this year's edition of a programme, where it has an open one.

    `months` are (year, month) pairs in which dates begin that can be booked now, `free` the places on them.
    """

    provider: str
    venue: Venue
    languages: frozenset[str]
    takes_requests: bool
    free: int = 0
    months: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogueFilter:
    """What a reader of the catalogue asks for; None or an empty text means "any"."""

    level: str | None = None
    grade: int | None = None
    topic: Topic | None = None
    text: str = ""
    length: "Length | None" = None
    month: tuple[int, int] | None = None
    provider: str | None = None
    venue: Venue | None = None
    language: str | None = None
    evidence: EvidenceClass | None = None
    only_free: bool = False

    @property
    def wants_offer(self) -> bool:
        """Say whether something is asked that only this year's edition can answer."""
        asked = (self.month, self.provider, self.venue, self.language)
        return self.only_free or any(each is not None for each in asked)


class Length(StrEnum):
    """How long a programme is, in meetings: one, two to five, or more."""

    SINGLE = "single"
    SHORT = "short"
    COURSE = "course"


class CatalogueOrder(StrEnum):
    """What a catalogue is sorted by: open ones first and then by name; evidence; next date; total minutes."""

    OFFERED = "offered"
    EVIDENCE = "evidence"
    SOONEST = "soonest"
    SHORTEST = "shortest"


SHORT_MEETINGS_MOST = 5


def length_of(meetings: int) -> Length:
    """Give the length class of a number of meetings."""
    if meetings <= 1:
        return Length.SINGLE
    return Length.SHORT if meetings <= SHORT_MEETINGS_MOST else Length.COURSE


def suits(facts: Facts, *, level: str | None, grade: int | None) -> bool:
    """Say whether the programme is meant for a level and a grade (1 to 5); None means any."""
    if level is not None and level not in facts.levels:
        return False
    return grade is None or facts.grade_min <= grade <= facts.grade_max


def matches(facts: Facts, wanted: CatalogueFilter) -> bool:
    """Say whether a programme answers a reader's filter; each word of the text must be found."""
    if not suits(facts, level=wanted.level, grade=wanted.grade):
        return False
    if wanted.topic is not None and wanted.topic not in facts.topics:
        return False
    if wanted.length is not None and wanted.length is not length_of(facts.meetings):
        return False
    if wanted.evidence is not None and _RANK[facts.evidence_class] > _RANK[wanted.evidence]:
        return False
    if wanted.wants_offer and (facts.offer is None or not _offer_matches(facts.offer, wanted)):
        return False
    haystack = facts.searchable.casefold()
    return all(word in haystack for word in wanted.text.casefold().split())


def _offer_matches(offer: OfferFacts, wanted: CatalogueFilter) -> bool:
    return (
        wanted.provider in (None, offer.provider)
        and wanted.venue in (None, offer.venue)
        and (wanted.language is None or wanted.language in offer.languages)
        and (wanted.month is None or wanted.month in offer.months)
        and (not wanted.only_free or offer.free > 0)
    )


def evidence_rank(evidence_class: EvidenceClass) -> int:
    """Give the place of a class on the evidence scale, 0 for the best."""
    return _RANK[evidence_class]


def is_weak_choice(facts: Facts) -> bool:
    """Say whether research advises against this offer: a single talk, or one rated unlikely to help."""
    return facts.method is Method.TALK or facts.evidence_class is EvidenceClass.UNLIKELY_OR_HARMFUL


def nearest_better(facts: Facts, others: Iterable[Facts], *, level: str, grade: int | None) -> Facts | None:
    """Find the programme to suggest beside a weak choice, or None when there is none for this class.

    It suits the same level (and grade, when one is known), is not itself a weak choice, and stands higher on
    the evidence scale. Bookable this year comes first, then most topics in common, then the evidence class,
    then the number of meetings, then the slug so that the answer is always the same.
    """
    better = [
        other
        for other in others
        if other.slug != facts.slug
        and suits(other, level=level, grade=grade)
        and not is_weak_choice(other)
        and _RANK[other.evidence_class] <= _RANK[facts.evidence_class]
    ]
    return min(better, key=lambda other: _nearness(facts, other), default=None)


def _nearness(facts: Facts, other: Facts) -> tuple[bool, int, int, int, str]:
    return (
        not other.is_bookable,
        -len(facts.topics & other.topics),
        _RANK[other.evidence_class],
        -other.meetings,
        other.slug,
    )


def check_programme(
    *, grade_min: int, grade_max: int, before: Sequence[int], after: Sequence[MeetingPlan], has_editions: bool
) -> None:
    """Refuse a programme that cannot be saved.

    Args:
        before: for each meeting as it stands now, the number of its activities.
        after: the meetings as they shall be; the n-th of `after` replaces the n-th of `before`.

    Raises:
        GradesReversed: the first grade comes after the last.
        NoMeetings: there would be no meeting at all.
        MeetingsFixed: the programme has had an edition and would lose a meeting or an activity.
    """
    if grade_min > grade_max:
        raise GradesReversed(first=grade_min, last=grade_max)
    if not after:
        raise NoMeetings
    if not has_editions:
        return
    if len(after) < len(before):
        raise MeetingsFixed(kept=len(before), given=len(after))
    for activities, plan in zip(before, after, strict=False):
        if len(plan.activities) < activities:
            raise MeetingsFixed(kept=activities, given=len(plan.activities))


def check_edition(
    *,
    school_year: int,
    current_year: int,
    group_min: int,
    group_max: int,
    spacing_days: int = SPACING_DAYS,
    spacing_tolerance: int = SPACING_TOLERANCE,
) -> None:
    """Refuse an edition that cannot be saved.

    Raises:
        YearIsOver: the school year ended before the current one began.
        GroupSizesReversed: the smallest group is larger than the largest.
        SpacingTooLoose: the tolerance is larger than the distance between meetings.
    """
    if school_year < current_year:
        raise YearIsOver(school_year=school_year)
    if group_min > group_max:
        raise GroupSizesReversed(smallest=group_min, largest=group_max)
    if spacing_tolerance > spacing_days:
        raise SpacingTooLoose(days=spacing_days, tolerance=spacing_tolerance)


def check_opening(*, school_year: int, current_year: int) -> None:
    """Refuse to open a school year that is over, or lies beyond the next one.

    Raises:
        NotThisYear: it is neither the present one nor the next.
    """
    if school_year not in (current_year, current_year + 1):
        raise NotThisYear(school_year=school_year)


def check_step(status: EditionStatus, *, asked: EditionStatus) -> None:
    """Refuse a change of status that is none, or that would make a public edition a draft again.

    Raises:
        WrongStep: the edition already has the status, or would go back to draft.
    """
    if asked in (status, EditionStatus.DRAFT):
        raise WrongStep(status=status, asked=asked)
