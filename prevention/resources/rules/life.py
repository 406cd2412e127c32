"""The life of a material: draft, waiting, reviewed, published, outdated, retired. Pure.

*Outdated* is no status that somebody sets: a published material is outdated from the day after its `review_by`, so that
no job has to run for it to be true.
"""

import calendar
from datetime import date
from enum import StrEnum

from prevention.resources.rules.metadata import ResourceKind
from prevention.resources.rules.refusals import NeedsSecondPerson, PublishedIsFixed, ReviewDayOver, WrongStep

# Research on substances, laws and markets moves: what is not looked at for this long is taken for outdated. Letters
# name people and dates, so they are looked at each year.
MONTHS_TO_REVIEW = 24
MONTHS_TO_REVIEW_LETTER = 12
YEARS_TO_REVIEW_MAX = 5
# The owner hears this many days before a material gets outdated.
WARNING_DAYS = 30


class Status(StrEnum):
    """Where a material stands. Only published ones are found; a retired one keeps its page, which says so."""

    DRAFT = "draft"
    WAITING = "waiting"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    RETIRED = "retired"


class Step(StrEnum):
    """What somebody does to a material's status."""

    HAND_IN = "hand_in"
    SEND_BACK = "send_back"
    APPROVE = "approve"
    PUBLISH = "publish"
    RENEW = "renew"
    WITHDRAW = "withdraw"
    RETIRE = "retire"
    REVIVE = "revive"


_STEPS: dict[Step, tuple[frozenset[Status], Status]] = {
    Step.HAND_IN: (frozenset({Status.DRAFT}), Status.WAITING),
    Step.SEND_BACK: (frozenset({Status.WAITING, Status.REVIEWED}), Status.DRAFT),
    Step.APPROVE: (frozenset({Status.WAITING}), Status.REVIEWED),
    Step.PUBLISH: (frozenset({Status.REVIEWED}), Status.PUBLISHED),
    Step.RENEW: (frozenset({Status.PUBLISHED}), Status.PUBLISHED),
    Step.WITHDRAW: (frozenset({Status.WAITING, Status.REVIEWED, Status.PUBLISHED}), Status.DRAFT),
    Step.RETIRE: (frozenset({Status.PUBLISHED}), Status.RETIRED),
    Step.REVIVE: (frozenset({Status.RETIRED}), Status.DRAFT),
}
# These are the judgement of somebody who did not write it.
_BY_SECOND_PERSON = frozenset({Step.APPROVE, Step.SEND_BACK, Step.RENEW})


def after(step: Step, status: Status) -> Status:
    """Give the status after a step.

    Raises:
        WrongStep: the step does not begin at this status.
    """
    begins, ends = _STEPS[step]
    if status not in begins:
        raise WrongStep
    return ends


def begins_of(step: Step) -> frozenset[Status]:
    """Give the statuses at which a step begins."""
    return _STEPS[step][0]


def check_person(step: Step, *, wrote_it: bool) -> None:
    """Refuse a judgement on one's own work.

    Args:
        wrote_it: the person added the material, changed it last, or handed in its newest file.

    Raises:
        NeedsSecondPerson: the step is one for somebody else.
    """
    if wrote_it and step in _BY_SECOND_PERSON:
        raise NeedsSecondPerson


def check_can_change(*, status: Status, is_office: bool) -> None:
    """Refuse a change to what has left its author's hands, unless the office makes it.

    Raises:
        PublishedIsFixed: it is no draft and somebody else than the office wants to change it.
    """
    if status is not Status.DRAFT and not is_office:
        raise PublishedIsFixed


def is_outdated(status: Status, review_by: date | None, *, today: date) -> bool:
    """Say whether a published material should have been looked at before today."""
    return status is Status.PUBLISHED and review_by is not None and review_by < today


def usual_review_day(kind: ResourceKind, *, today: date) -> date:
    """Propose the day of the next review, so many months ahead as the kind asks for."""
    months = MONTHS_TO_REVIEW_LETTER if kind is ResourceKind.LETTER else MONTHS_TO_REVIEW
    year, month = divmod(today.month - 1 + months, 12)
    return _day_of(today.year + year, month + 1, today.day)


def check_review_day(review_by: date, *, today: date) -> None:
    """Refuse a next review that is over already, or too far ahead to be meant.

    Raises:
        ReviewDayOver: it is not between tomorrow and `YEARS_TO_REVIEW_MAX` years from today.
    """
    if not today < review_by <= _day_of(today.year + YEARS_TO_REVIEW_MAX, today.month, today.day):
        raise ReviewDayOver(years=YEARS_TO_REVIEW_MAX)


def _day_of(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
