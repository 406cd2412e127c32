"""Decisions about parts in a programme, its money and its quality. Pure.

The stages are those of the European Drug Prevention Quality Standards (EDPQS; EMCDDA manual, 2011): eight of the
project cycle and four that cut across. The standards must not be altered without permission, so nothing of their text
stands here: a stage is its number, its name and a link, and what this district has done about it is its own words.
"""

from enum import StrEnum

from prevention.core.web import Refusal

EDPQS_ADDRESS = "https://prevention-standards.eu/"


class Stage(StrEnum):
    """The stages of the EDPQS in their order, then the considerations that cut across them."""

    NEEDS = "needs"
    RESOURCES = "resources"
    FORMULATION = "formulation"
    DESIGN = "design"
    MANAGEMENT = "management"
    DELIVERY = "delivery"
    EVALUATION = "evaluation"
    DISSEMINATION = "dissemination"
    SUSTAINABILITY = "sustainability"
    COMMUNICATION = "communication"
    STAFF = "staff"
    ETHICS = "ethics"

    @property
    def number(self) -> str:
        """Its number in the standards: 1 to 8, then A to D."""
        return "12345678ABCD"[list(Stage).index(self)]


class StageState(StrEnum):
    """How far a stage is worked out."""

    OPEN = "open"
    PARTLY = "partly"
    DONE = "done"


class Part(StrEnum):
    """What an organisation does in a programme."""

    COORDINATES = "coordinates"
    TRAINS = "trains"
    DELIVERS = "delivers"
    HOSTS = "hosts"
    SUPPORTS = "supports"
    EVALUATES = "evaluates"


class QualityRefusal(Refusal):
    """Base of what is refused here."""


class PartTaken(QualityRefusal):
    """The organisation has this part in the programme already."""


class OwnEvaluation(QualityRefusal):
    """Who delivers a programme does not evaluate it."""


class GapMissing(QualityRefusal):
    """A stage that is not done says what is missing."""


class EvidenceMissing(QualityRefusal):
    """A stage that is done says what was done."""


def check_stage(state: StageState, *, done: str, gap: str) -> None:
    """Refuse a stage that says less than its state.

    Raises:
        EvidenceMissing: it is done, or partly, without a word of what.
        GapMissing: it is partly done without a word of what is missing.
    """
    if state is not StageState.OPEN and not done.strip():
        raise EvidenceMissing
    if state is StageState.PARTLY and not gap.strip():
        raise GapMissing


def check_part(part: Part, *, others: frozenset[Part], provides: bool) -> None:
    """Refuse a part that does not go with what the organisation does already.

    Args:
        others: the parts that it has in the programme.
        provides: it provides an edition of it.

    Raises:
        OwnEvaluation: it would evaluate its own work.
    """
    delivers = provides or Part.DELIVERS in others
    if (part is Part.EVALUATES and delivers) or (part is Part.DELIVERS and Part.EVALUATES in others):
        raise OwnEvaluation


def cost_per(amount_cents: int, number: int) -> int | None:
    """Give what one class or pupil cost, in cents, to the nearest cent; None when none was reached."""
    return round(amount_cents / number) if number else None
