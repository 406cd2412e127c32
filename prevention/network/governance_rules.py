"""Decisions about agreements, data-protection acts, documents and the steering table. Pure."""

from datetime import date
from enum import StrEnum

from prevention.core.intake.kinds import EXTENSIONS, IntakeRefusal
from prevention.core.web import Refusal

# What is kept as a document, by its extension: what the library takes but pictures and slides.
DOCUMENT_EXTENSIONS = frozenset({"pdf", "docx", "xlsx", "odt", "ods"})
# An agreement that ends within so many days is shown as ending.
ENDS_SOON_DAYS = 120


class AgreementKind(StrEnum):
    """What two or more organisations signed."""

    PROTOCOL = "protocol"
    CONVENTION = "convention"
    NETWORK = "network"
    OTHER = "other"


class ActKind(StrEnum):
    """Acts of data protection, by their article of Regulation (EU) 2016/679."""

    JOINT_CONTROLLERS = "joint_controllers"
    PROCESSOR = "processor"
    IMPACT_ASSESSMENT = "impact_assessment"
    INFORMATION = "information"
    RECORDS = "records"


class Standing(StrEnum):
    """Where a dated act or agreement stands on a day."""

    AHEAD = "ahead"
    IN_FORCE = "in_force"
    ENDING = "ending"
    ENDED = "ended"


class GovernanceRefusal(Refusal):
    """Base of what is refused here."""


# What a view that takes a document has to find words for.
DOCUMENT_REFUSALS = (GovernanceRefusal, IntakeRefusal)


class DaysReversed(GovernanceRefusal):
    """The last day comes before the first."""


class VersionExists(GovernanceRefusal):
    """There is an act of this kind and title with this version."""

    def __init__(self, *, version: int) -> None:
        super().__init__(version)
        self.version = version


class NotAfterTheLast(GovernanceRefusal):
    """A newer version begins before the one it follows, or has a smaller number."""

    def __init__(self, *, version: int, starts_on: date) -> None:
        super().__init__(version, starts_on)
        self.version = version
        self.starts_on = starts_on


class PartnerMissing(GovernanceRefusal):
    """An act between two needs both: joint controllers, or a controller and its processor."""


class WrongDocument(GovernanceRefusal):
    """The file is of no kind that is kept as a document."""


class AlreadyDone(GovernanceRefusal):
    """The decision was marked as done before."""


class NameTaken(GovernanceRefusal):
    """Another organisation has this name, or stands for this municipality."""


def check_document(media_type: str) -> None:
    """Refuse what is taken elsewhere, but is no document.

    Raises:
        WrongDocument: it is a picture, or slides.
    """
    if EXTENSIONS[media_type] not in DOCUMENT_EXTENSIONS:
        raise WrongDocument


def standing_on(day: date, *, starts_on: date, ends_on: date | None) -> Standing:
    """Say where something dated stands on a day; both ends are included."""
    if day < starts_on:
        return Standing.AHEAD
    if ends_on is None or day <= ends_on:
        is_ending = ends_on is not None and (ends_on - day).days <= ENDS_SOON_DAYS
        return Standing.ENDING if is_ending else Standing.IN_FORCE
    return Standing.ENDED


def check_days(starts_on: date, ends_on: date | None) -> None:
    """Refuse a last day before the first.

    Raises:
        DaysReversed: it is.
    """
    if ends_on is not None and ends_on < starts_on:
        raise DaysReversed


def is_overdue(due_on: date | None, done_on: date | None, *, today: date) -> bool:
    """Say whether a decision should have been done by now."""
    return done_on is None and due_on is not None and due_on < today
