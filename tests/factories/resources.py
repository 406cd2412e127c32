"""The smallest valid rows of the resources room. Every factory flushes; the content of files is really stored."""

import io
import uuid
from datetime import timedelta
from itertools import count
from typing import Any

from prevention.core import clock, files
from prevention.core.db import db
from prevention.programmes.models import ProgrammeMeeting
from prevention.resources import search
from prevention.resources.models import (
    SHELF,
    Resource,
    ResourceCare,
    ResourceFile,
    ResourceGrade,
    ResourceKit,
    ResourceKitItem,
    ResourceUse,
)
from prevention.resources.rules import Language, Licence, Moment, ResourceKind, Status
from prevention.schools.rules import Level
from tests.factories.accounts import make_user

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

_numbers = count(1)


def make_resource(
    *,
    grades: tuple[tuple[Level, int], ...] = (),
    with_file: bool = True,
    status: Status = Status.PUBLISHED,
    care: dict[str, Any] | None = None,
    meeting: ProgrammeMeeting | None = None,
    **values: Any,
) -> Resource:
    """Make a published lesson plan in Italian with one PDF, reviewed and due in a year; it can be found."""
    created_by = values.pop("created_by", None) or make_user().id
    row = Resource(
        **{
            "id": uuid.uuid4(),
            "title": f"Lezione {next(_numbers)}",
            "abstract": "Una lezione.",
            "kind": ResourceKind.LESSON_PLAN,
            "language": Language.IT,
            "licence": Licence.CC_BY,
            "authors": "",
            "link": "",
            "source_link": "",
            "other_languages": [],
            "topics": [],
            "skills": [],
            "access": [],
            "created_by": created_by,
            "created_at": clock.now(),
            **values,
        }
    )
    is_reviewed = status not in (Status.DRAFT, Status.WAITING)
    row.care = ResourceCare(
        **{
            "status": status,
            "owner_id": created_by,
            "changed_by": created_by,
            "changed_at": row.created_at,
            "reviewed_at": row.created_at if is_reviewed else None,
            "review_by": clock.today() + timedelta(days=365) if is_reviewed else None,
            "published_at": row.created_at if is_reviewed else None,
            "remark": "",
            **(care or {}),
        }
    )
    row.grades = [ResourceGrade(level=level, grade=grade) for level, grade in grades]
    row.uses = [ResourceUse(meeting_id=meeting.id, moment=Moment.DURING)] if meeting else []
    row.files = []
    db.session.add(row)
    search.write(row)
    if with_file:
        make_resource_file(row)
    return row


def make_resource_file(resource: Resource, *, content: bytes | None = None, **values: Any) -> ResourceFile:
    """Add a version with this content (a PDF of its own unless given) to a resource."""
    stored = files.store(io.BytesIO(content or PDF + uuid.uuid4().bytes), max_bytes=10_000_000, shelf=SHELF)
    row = ResourceFile(
        **{
            "resource_id": resource.id,
            "version": len(resource.files) + 1,
            "file_name": "lezione.pdf",
            "media_type": "application/pdf",
            "size": stored.size,
            "sha256": stored.sha256,
            "uploaded_by": resource.created_by,
            "uploaded_at": clock.now(),
            **values,
        }
    )
    db.session.add(row)
    db.session.flush()
    db.session.refresh(resource, ["files"])
    return row


def make_kit(*resources: Resource, is_published: bool = True, **values: Any) -> ResourceKit:
    """Make a kit of these resources, in this order."""
    row = ResourceKit(
        **{"title": "Kit", "intro": "", "is_published": is_published, "changed_at": clock.now(), **values}
    )
    row.items = [
        ResourceKitItem(resource_id=resource.id, moment=Moment.DURING, position=position, note="")
        for position, resource in enumerate(resources, start=1)
    ]
    db.session.add(row)
    db.session.flush()
    return row
