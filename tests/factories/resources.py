"""The smallest valid rows of the resources room. Every factory flushes; the content of files is really stored."""

import io
import uuid
from itertools import count
from typing import Any

from prevention.core import clock, files
from prevention.core.db import db
from prevention.resources.models import Resource, ResourceFile, ResourceGrade
from prevention.resources.rules import Language, Licence, ResourceKind, folded
from prevention.schools.rules import Level
from tests.factories.accounts import make_user

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

_numbers = count(1)


def make_resource(*, grades: tuple[tuple[Level, int], ...] = (), with_file: bool = True, **values: Any) -> Resource:
    """Make a published lesson plan in Italian with one PDF."""
    values = {"title": f"Lezione {next(_numbers)}", "abstract": "Una lezione.", **values}
    row = Resource(
        **{
            "kind": ResourceKind.LESSON_PLAN,
            "language": Language.IT,
            "licence": Licence.CC_BY,
            "authors": "",
            "link": "",
            "is_published": True,
            "created_by": values.pop("created_by", None) or make_user().id,
            "created_at": clock.now(),
            "search_words": folded(f"{values['title']} {values['abstract']} {values.get('authors', '')}"),
            **values,
        }
    )
    row.grades = [ResourceGrade(level=level, grade=grade) for level, grade in grades]
    row.files = []
    db.session.add(row)
    db.session.flush()
    if with_file:
        make_resource_file(row)
    return row


def make_resource_file(resource: Resource, *, content: bytes | None = None, **values: Any) -> ResourceFile:
    """Add a version with this content (a PDF of its own unless given) to a resource."""
    stored = files.store(io.BytesIO(content or PDF + uuid.uuid4().bytes), max_bytes=10_000_000)
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
