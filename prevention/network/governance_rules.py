"""Decisions about agreements, data-protection acts, documents and the steering table. Pure."""

from datetime import date
from enum import StrEnum

from prevention.core.web import Refusal

DOCUMENT_KINDS = {
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}
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


class DocumentTooLarge(GovernanceRefusal):
    """The file is larger than `limit` bytes."""

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


class NoRoom(GovernanceRefusal):
    """The disk is full; nothing was kept."""


class AlreadyDone(GovernanceRefusal):
    """The decision was marked as done before."""


class NameTaken(GovernanceRefusal):
    """Another organisation has this name, or stands for this municipality."""


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
