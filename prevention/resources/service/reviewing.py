"""The life of a resource: each step claimed once, by somebody who may take it."""

from datetime import date, datetime

from sqlalchemy import update

from prevention.core import audit, clock
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.programmes.rules import EvidenceClass
from prevention.resources import rules, search
from prevention.resources.models import Resource, ResourceCare, ResourceFile
from prevention.resources.rules import Step
from prevention.resources.service.reading import REVIEWERS, may_work_on, wrote
from prevention.roles import Role

_OFFICE_ONLY = frozenset({Step.PUBLISH, Step.RENEW, Step.RETIRE, Step.REVIVE})
_REVIEWERS_ONLY = frozenset({Step.APPROVE, Step.SEND_BACK})


def may_take(actor: Actor | None, resource: Resource, step: Step) -> bool:
    """Say whether somebody could take a step now; reads the resource's care and files."""
    return (
        actor is not None
        and resource.care.status in rules.begins_of(step)
        and _has_right(actor, resource, step)
        and not _is_own_work(actor, resource, step)
    )


def take_step(
    actor: Actor,
    resource: Resource,
    step: Step,
    *,
    now: datetime,
    remark: str = "",
    review_by: date | None = None,
    evidence_class: EvidenceClass | None = None,
) -> None:
    """Take a step of a resource's life, once whoever asks at the same moment. Flushes.

    Args:
        remark: why it is sent back or retired, for its owner and readers.
        review_by: last day on which the review holds, for publishing and renewing; the usual one when None.
        evidence_class: what is known about its effect, for publishing and renewing.

    Raises:
        NotYours: the step is not for this person.
        NeedsSecondPerson: it judges the person's own work.
        WrongStep: the resource is not where the step begins, or no longer.
        ReviewDayOver: the next review is not in the time to come.
    """
    if not _has_right(actor, resource, step):
        raise NotYours
    rules.check_person(step, wrote_it=wrote(actor, resource))
    today = clock.day_of(now)
    values: dict[str, object] = {"status": rules.after(step, resource.care.status), "remark": remark}
    if step in (Step.APPROVE, Step.RENEW):
        values |= {"reviewed_by": actor.id, "reviewed_at": now}
    if step in (Step.PUBLISH, Step.RENEW):
        day = review_by or rules.usual_review_day(resource.kind, today=today)
        rules.check_review_day(day, today=today)
        values |= {"review_by": day, "evidence_class": evidence_class, "warned_for": None}
    if step is Step.PUBLISH and resource.care.published_at is None:
        values["published_at"] = now
    claimed = db.session.scalar(
        update(ResourceCare)
        .where(ResourceCare.resource_id == resource.id, ResourceCare.status.in_(rules.begins_of(step)))
        .values(**values)
        .returning(ResourceCare.resource_id)
        .execution_options(synchronize_session=False)
    )
    if claimed is None:
        raise rules.WrongStep
    db.session.refresh(resource.care)
    search.write(resource)
    audit.record(actor, f"resources.{step.value}", resource.id)


def release_version(actor: Actor, resource: Resource, version: int, *, now: datetime) -> None:
    """Give readers a version that waited: a second person has looked at it. Doing it twice changes nothing more.

    Raises:
        NotYours: there is no such version, or it is not for this person.
        NeedsSecondPerson: the person handed the version in.
    """
    file = next((file for file in resource.files if file.version == version), None)
    if file is None or not actor.roles & REVIEWERS:
        raise NotYours
    if file.uploaded_by == actor.id:
        raise rules.NeedsSecondPerson
    claimed = db.session.scalar(
        update(ResourceFile)
        .where(ResourceFile.id == file.id, ResourceFile.is_released.is_(False))
        .values(is_released=True)
        .returning(ResourceFile.id)
    )
    if claimed is not None:
        resource.care.reviewed_by, resource.care.reviewed_at = actor.id, now
        audit.record(actor, "resources.version_released", resource.id, version=version)
        db.session.flush()


def _has_right(actor: Actor, resource: Resource, step: Step) -> bool:
    if step in _OFFICE_ONLY:
        return actor.has(Role.OFFICE)
    if step in _REVIEWERS_ONLY:
        return bool(actor.roles & REVIEWERS)
    return may_work_on(actor, resource)


def _is_own_work(actor: Actor, resource: Resource, step: Step) -> bool:
    try:
        rules.check_person(step, wrote_it=wrote(actor, resource))
    except rules.NeedsSecondPerson:
        return True
    return False
