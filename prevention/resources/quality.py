"""How well search finds: recall at five over the teachers' questions, measured on the reference catalogue alone."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update

from prevention.core import clock
from prevention.core.db import db
from prevention.resources import reference, search, service
from prevention.resources.models import Resource, ResourceCare, ResourceIndex
from prevention.resources.rules import Status
from prevention.resources.service.writing import describe

AT = 5
# The fixed set; questions written before search was tuned, and others written after, neither ever tuned on.
KINDS = ("question", "held_out", "fresh", "newest")


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """A measurement: share of the expected materials among the first five, and the questions that missed any."""

    recall: float
    questions: int
    missed: tuple[tuple[str, tuple[str, ...]], ...]


def measure(author_id: uuid.UUID, *, now: datetime) -> dict[str, Quality]:
    """Measure each set of questions. Writes rows that the caller rolls back: nothing of it is meant to stay.

    Recall of a question is the share of its expected materials among the first five (all of them can be there, none
    expects more than three); the figure is the mean over the questions.
    """
    db.session.execute(update(ResourceIndex).values(is_published=False))
    # Writing the first line of the catalogue tells every reader of the index that it has changed.
    keys = _load(author_id, now=now)
    return {kind: _measured(kind, keys, now=now) for kind in KINDS}


def _load(author_id: uuid.UUID, *, now: datetime) -> dict[uuid.UUID, str]:
    keys = {}
    for key, details in reference.details_by_key(service.programme_choices()).items():
        resource = Resource(id=uuid.uuid4(), created_by=author_id, created_at=now, files=[], grades=[], uses=[])
        resource.care = ResourceCare(
            status=Status.PUBLISHED, owner_id=author_id, changed_by=author_id, changed_at=now, reviewed_at=now,
            published_at=now, review_by=clock.day_of(now) + timedelta(days=365),
        )  # fmt: skip
        describe(resource, details)
        db.session.add(resource)
        search.write(resource)
        keys[resource.id] = key
    return keys


def _measured(kind: str, keys: dict[uuid.UUID, str], *, now: datetime) -> Quality:
    total, missed, asked = 0.0, [], reference.questions(kind)
    for question in asked:
        cards = service.library(search.Wanted(text=question.asked), page=1, per_page=AT, today=clock.day_of(now))
        found = [keys[resource.id] for resource in cards.resources]
        hit = question.expected & set(found)
        total += len(hit) / len(question.expected)
        if hit != question.expected:
            missed.append((question.asked, tuple(found)))
    return Quality(recall=total / len(asked), questions=len(asked), missed=tuple(missed))
