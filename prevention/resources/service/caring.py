"""What the clock asks for: the next link to check, the next owner to remind."""

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import joinedload

from prevention.core import clock
from prevention.core.db import db
from prevention.core.i18n import in_language
from prevention.messages import service as messages
from prevention.resources import rules
from prevention.resources.models import Resource, ResourceCare
from prevention.resources.rules import Status
from prevention.resources.service.reading import FAILURES_UNTIL_DEAD

# A link that answers is asked once a week, one that did not once a day.
CHECK_EVERY = timedelta(days=7)
CHECK_AGAIN = timedelta(days=1)

Words = Callable[[], str]


def claim_link(*, now: datetime) -> tuple[uuid.UUID, str] | None:
    """Take the next link that is due for a check, for one process alone; give the resource's id and the link."""
    due = (
        select(ResourceCare.resource_id)
        .join(ResourceCare.resource)
        .where(
            ResourceCare.status == Status.PUBLISHED,
            Resource.link != "",
            or_(
                ResourceCare.link_checked_at.is_(None),
                ResourceCare.link_checked_at < now - CHECK_EVERY,
                and_(ResourceCare.link_failures > 0, ResourceCare.link_checked_at < now - CHECK_AGAIN),
            ),
        )
        .order_by(ResourceCare.link_checked_at.nulls_first(), ResourceCare.resource_id)
        .limit(1)
        .with_for_update(of=ResourceCare, skip_locked=True)
        .scalar_subquery()
    )
    found = db.session.scalar(
        update(ResourceCare)
        .where(ResourceCare.resource_id == due)
        .values(link_checked_at=now)
        .returning(ResourceCare.resource_id)
        .execution_options(synchronize_session=False)
    )
    if found is None:
        return None
    return found, db.session.scalars(select(Resource.link).where(Resource.id == found)).one()


def note_link(resource_id: uuid.UUID, link: str, trouble: str | None) -> None:
    """Write down what a link answered; its owner hears of it when it has failed often enough. Flushes."""
    resource = db.session.scalar(
        select(Resource)
        .where(Resource.id == resource_id, Resource.link == link)
        .options(joinedload(Resource.care).joinedload(ResourceCare.owner))
    )
    if resource is None:
        # Somebody gave it another link meanwhile.
        return
    care = resource.care
    care.link_failures = care.link_failures + 1 if trouble else 0
    care.link_trouble = trouble or ""
    if care.link_failures == FAILURES_UNTIL_DEAD:
        _tell_owner(
            resource,
            occasion=f"resource-link:{resource.id}:{clock.today()}",
            subject=lambda: _("A link does not answer: %(title)s", title=resource.title),
            body=lambda: _(
                'The link of the material "%(title)s" has not answered three days in a row:\n%(link)s\n\n'
                "Please find its new address, or withdraw the material.",
                title=resource.title,
                link=resource.link,
            ),
        )
    db.session.flush()


def remind_next_owner(*, today: date) -> bool:
    """Remind one owner of a review that is due soon, or over; say whether there was one. Flushes."""
    is_over = and_(
        ResourceCare.review_by < today,
        or_(ResourceCare.warned_for.is_(None), ResourceCare.warned_for <= ResourceCare.review_by),
    )
    is_near = and_(
        ResourceCare.review_by.between(today, today + timedelta(days=rules.WARNING_DAYS)),
        ResourceCare.warned_for.is_(None),
    )
    resource = db.session.scalar(
        select(Resource)
        .join(Resource.care)
        .where(ResourceCare.status == Status.PUBLISHED, or_(is_over, is_near))
        .options(joinedload(Resource.care).joinedload(ResourceCare.owner))
        .order_by(ResourceCare.review_by, Resource.id)
        .limit(1)
        .with_for_update(of=ResourceCare, skip_locked=True)
    )
    if resource is None:
        return False
    review_by = resource.care.review_by
    over = review_by is not None and review_by < today
    resource.care.warned_for = today
    _tell_owner(
        resource,
        occasion=f"resource-{'outdated' if over else 'due'}:{resource.id}:{review_by}",
        subject=lambda: (
            _("Outdated: %(title)s", title=resource.title)
            if over
            else _("To be looked at again: %(title)s", title=resource.title)
        ),
        body=lambda: (
            _('The review of the material "%(title)s" is over. It is marked as outdated and no longer among what is '
              "found. Please have it reviewed again, change it, or have it retired.", title=resource.title)
            if over
            else _('The review of the material "%(title)s" ends within thirty days. Please look whether it still '
                   "holds, and ask a second person to review it.", title=resource.title)
        ),
    )  # fmt: skip
    db.session.flush()
    return True


def _tell_owner(resource: Resource, *, occasion: str, subject: Words, body: Words) -> None:
    owner = resource.care.owner
    if owner is None or not owner.active:
        return
    with in_language(owner.language):
        greeting = _("Hello %(name)s,", name=owner.name)
        address = f"{current_app.config['SETTINGS'].base_url}/resources/{resource.id}"
        messages.enqueue(
            key=occasion,
            to=owner.email,
            subject=subject(),
            body=f"{greeting}\n\n{body()}\n\n{address}\n",
            language=owner.language,
        )
