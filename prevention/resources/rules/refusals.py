"""What this room refuses, each with the values that its words need."""

from prevention.core.intake.kinds import IntakeRefusal
from prevention.core.web import Refusal


class ResourceRefusal(Refusal):
    """Base of what this room refuses."""


# What a view that takes a file has to find words for.
REFUSALS = (ResourceRefusal, IntakeRefusal)


class SameFile(ResourceRefusal):
    """The newest version already has exactly this content."""

    def __init__(self, *, version: int) -> None:
        super().__init__(version)
        self.version = version


class NothingToRead(ResourceRefusal):
    """A resource needs a file or a link."""


class PublishedIsFixed(ResourceRefusal):
    """What is public is changed by the office; its author withdraws it first."""


class WrongStep(ResourceRefusal):
    """The resource is not where this step begins; somebody may have been faster."""


class NeedsSecondPerson(ResourceRefusal):
    """Whoever wrote a resource, or changed it last, is not the one who reviews it."""


class ReviewDayOver(ResourceRefusal):
    """The day of the next review must lie ahead, and not further than `years` years."""

    def __init__(self, *, years: int) -> None:
        super().__init__(years)
        self.years = years


class TooMuchWaiting(ResourceRefusal):
    """So many wishes or reports from people who are not signed in wait already that no more are taken today."""
