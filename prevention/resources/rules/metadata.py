"""What can be said about a material: closed lists, each with its source. Pure.

The lists follow LRMI / schema.org `LearningResource` where it has a list of its own, so that what is written once can
be harvested elsewhere. Topics and evidence classes are those of the programmes.
"""

from dataclasses import dataclass
from enum import StrEnum

TITLE_LENGTH_MAX = 160
ABSTRACT_LENGTH_MAX = 2000
AUTHORS_LENGTH_MAX = 200
LINK_LENGTH_MAX = 500
COMMENT_LENGTH_MAX = 1000
# Words of people who are not signed in that may wait at one time; more than that is nobody's opinion.
ANONYMOUS_WAITING_MOST = 200
# A school day has some eight hours of 60 minutes; whatever takes longer is a programme, not a material.
MINUTES_MAX = 480


class ResourceKind(StrEnum):
    """What a material is for its reader."""

    LESSON_PLAN = "lesson_plan"
    ACTIVITY = "activity"
    SLIDES = "slides"
    VIDEO = "video"
    LETTER = "letter"
    POSTER = "poster"
    MANUAL = "manual"
    OTHER = "other"


class Language(StrEnum):
    """The language a material is written in, as ISO 639-1 code; those of most families in Italian schools."""

    IT = "it"
    EN = "en"
    FR = "fr"
    ES = "es"
    RO = "ro"
    SQ = "sq"
    UK = "uk"
    AR = "ar"
    PA = "pa"
    ZH = "zh"


class Licence(StrEnum):
    """What others may do with a material: the Creative Commons licences (version 4.0), or its owner's own terms."""

    CC0 = "cc0"
    CC_BY = "cc_by"
    CC_BY_SA = "cc_by_sa"
    CC_BY_ND = "cc_by_nd"
    CC_BY_NC = "cc_by_nc"
    CC_BY_NC_SA = "cc_by_nc_sa"
    CC_BY_NC_ND = "cc_by_nc_nd"
    RESERVED = "reserved"


class LifeSkill(StrEnum):
    """The ten core life skills (WHO, Life skills education in schools, WHO/MNH/PSF/93.7A, 1993/1997, part 1)."""

    SELF_AWARENESS = "self_awareness"
    EMOTIONS = "emotions"
    STRESS = "stress"
    COMMUNICATION = "communication"
    RELATIONSHIPS = "relationships"
    EMPATHY = "empathy"
    CREATIVE_THINKING = "creative_thinking"
    CRITICAL_THINKING = "critical_thinking"
    DECISIONS = "decisions"
    PROBLEM_SOLVING = "problem_solving"


class Access(StrEnum):
    """How accessible a material is, in the words of schema.org `accessibilityFeature` (W3C vocabulary, version 3)."""

    CAPTIONS = "captions"
    TRANSCRIPT = "transcript"
    TAGGED_PDF = "taggedPDF"
    ALTERNATIVE_TEXT = "alternativeText"
    LARGE_PRINT = "largePrint"
    HIGH_CONTRAST = "highContrastDisplay"
    SIGN_LANGUAGE = "signLanguage"


class Moment(StrEnum):
    """When a material is used, seen from a meeting of a programme."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


class Length(StrEnum):
    """How long a material takes, as a teacher asks for it: in parts of the lesson hour of 50 to 60 minutes."""

    SHORT = "short"
    HOUR = "hour"
    LONG = "long"


class Outcome(StrEnum):
    """What somebody who used a material says of it."""

    WORKED = "worked"
    PARTLY = "partly"
    DID_NOT = "did_not"


class Moderation(StrEnum):
    """Whether the office has let a reader's words through."""

    WAITING = "waiting"
    SHOWN = "shown"
    HIDDEN = "hidden"


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """One meeting of a programme that a material belongs to (its `number`, from 1), and when it is used."""

    number: int
    moment: Moment


def length_of(minutes: int | None) -> Length | None:
    """Sort a number of minutes: up to 30, up to 60, more; None when nothing is said."""
    if minutes is None:
        return None
    if minutes <= 30:
        return Length.SHORT
    return Length.HOUR if minutes <= 60 else Length.LONG
