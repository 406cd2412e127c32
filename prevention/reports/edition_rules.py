"""Decisions about an edition of the yearly report: what may follow what, who may sign, when a year is closed. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from prevention.reports.rules import ReportRefusal

# Longest text of the office for one chapter, in characters: about two pages.
LONGEST_TEXT = 8000


class EditionState(StrEnum):
    """Life of an edition: its texts are written, a second person reads and signs it, its papers go out."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    SIGNED = "signed"
    PUBLISHED = "published"


class BuildState(StrEnum):
    """How far the papers of a signed edition are."""

    NONE = "none"
    WAITING = "waiting"
    BUILDING = "building"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """What a school year still lacks before its report can be signed; the day is the last day of lessons."""

    lessons_end: date | None = None
    registers: int = 0
    surveys: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.lessons_end is not None or self.registers > 0 or bool(self.surveys)

    def but_for_registers(self, accepted: int) -> bool:
        """Say whether something is missing beside so many registers, which can no longer be had and are accepted."""
        return self.lessons_end is not None or self.registers > accepted or bool(self.surveys)


class EditionRefused(ReportRefusal):
    """Base of what is refused to an edition."""


class NotNow(EditionRefused):
    """The edition is in another state than the act needs; somebody else may have been first."""


class YearNotClosed(EditionRefused):
    """The school year lacks something; `missing` says what."""

    def __init__(self, missing: Missing) -> None:
        super().__init__(missing)
        self.missing = missing


class SamePerson(EditionRefused):
    """Whoever wrote or sent an edition does not sign it: a second person does."""


class TextsChanged(EditionRefused):
    """Somebody else saved these texts in the meantime; nothing was overwritten."""


class NothingConcluded(EditionRefused):
    """The office's own conclusions are missing in Italian."""


class ResultsChanged(EditionRefused):
    """Survey results were published or corrected since the figures were taken."""


class ChangesUnsaid(EditionRefused):
    """A correction must say what changed since the edition before."""


class OneUnderWay(EditionRefused):
    """The school year has an edition that is not published yet."""


class NotBuilt(EditionRefused):
    """Not all papers are made yet."""


def missing_of(*, today: date, lessons_end: date, registers_missing: int, unsealed: tuple[str, ...]) -> Missing:
    """Say what a school year lacks before its report can be signed.

    Args:
        lessons_end: the last day of lessons of the year.
        registers_missing: meetings whose day has passed without a register.
        unsealed: names of the year's surveys that are open, or closed and not sealed yet.
    """
    return Missing(
        lessons_end=lessons_end if today <= lessons_end else None, registers=registers_missing, surveys=unsealed
    )


def check_signature(*, signer: object, authors: frozenset[object]) -> None:
    """Refuse the signature of somebody who wrote or sent the edition.

    Raises:
        SamePerson: they did.
    """
    if signer in authors:
        raise SamePerson
