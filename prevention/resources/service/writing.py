"""Writing the library: add a resource, say something else about it, add a version of its file."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from prevention.core import audit
from prevention.core.access import Actor
from prevention.core.db import db
from prevention.core.intake import Kept
from prevention.programmes.models import ProgrammeMeeting
from prevention.resources import rules, search
from prevention.resources.models import Resource, ResourceCare, ResourceFile, ResourceGrade, ResourceUse
from prevention.resources.rules import Language, Licence, Moment, ResourceKind, Status
from prevention.roles import Role
from prevention.schools.rules import Level


@dataclass(frozen=True, kw_only=True, slots=True)
class Details:
    """What is said about a resource.

    `grades` are (level, grade) pairs; none means that it is for all. `uses` are (meeting id, moment) pairs. Lists of
    values are given in the order of their enum.
    """

    title: str
    abstract: str
    kind: ResourceKind
    language: Language
    licence: Licence
    authors: str = ""
    link: str = ""
    source_link: str = ""
    minutes: int | None = None
    other_languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    programme_id: uuid.UUID | None = None
    grades: frozenset[tuple[Level, int]] = frozenset()
    uses: frozenset[tuple[uuid.UUID, Moment]] = field(default_factory=frozenset)


_PLAIN = (
    "title", "abstract", "kind", "language", "licence", "authors", "link", "source_link", "minutes",
)  # fmt: skip
_LISTS = ("other_languages", "topics", "skills", "access")


def add(actor: Actor, details: Details, kept: Kept | None, *, now: datetime) -> Resource:
    """Add a resource as a draft that its author looks after. Flushes.

    Raises:
        NothingToRead: there is neither a file nor a link.
    """
    if kept is None and not details.link:
        raise rules.NothingToRead
    resource = _draft(actor, details, now=now)
    if kept is not None:
        resource.files.append(_version(kept, actor, number=1, is_released=True, now=now))
    db.session.add(resource)
    search.write(resource)
    audit.record(actor, "resources.added", resource.id, kind=resource.kind.value)
    return resource


def add_many(actor: Actor, many: Sequence[Details], *, now: datetime) -> Sequence[Resource]:
    """Add resources that have a link and no file yet, each as `add` does. Flushes.

    Raises:
        NothingToRead: one of them has no link.
    """
    if not all(details.link for details in many):
        raise rules.NothingToRead
    added = [_draft(actor, details, now=now) for details in many]
    db.session.add_all(added)
    search.write_many(added)
    for resource in added:
        audit.record(actor, "resources.added", resource.id, kind=resource.kind.value)
    return added


def _draft(actor: Actor, details: Details, *, now: datetime) -> Resource:
    resource = Resource(id=uuid.uuid4(), created_by=actor.id, created_at=now, files=[], grades=[], uses=[])
    resource.care = ResourceCare(status=Status.DRAFT, owner_id=actor.id, changed_by=actor.id, changed_at=now)
    describe(resource, details)
    return resource


def change(actor: Actor, resource: Resource, details: Details, *, now: datetime) -> None:
    """Say something else about a resource. What is published stays so; the page says that it changed. Flushes.

    Raises:
        PublishedIsFixed: it is no draft and the actor is not of the office.
        NothingToRead: it has no file and would lose its link.
    """
    _check_can_change(actor, resource)
    if not resource.files and not details.link:
        raise rules.NothingToRead
    if details.link != resource.link:
        care = resource.care
        care.link_checked_at, care.link_failures, care.link_trouble = None, 0, ""
    describe(resource, details)
    _note_change(actor, resource, now=now)
    search.write(resource)
    audit.record(actor, "resources.changed", resource.id)


def add_version(actor: Actor, resource: Resource, kept: Kept, *, now: datetime) -> ResourceFile:
    """Add a newer version of the file; the older ones stay. Flushes.

    A version of a published resource waits until a second person releases it.

    Raises:
        PublishedIsFixed: it is no draft and the actor is not of the office.
        SameFile: the newest version is this very file.
    """
    _check_can_change(actor, resource)
    # Two versions added at the same moment get two numbers: the second waits here.
    db.session.execute(select(Resource.id).where(Resource.id == resource.id).with_for_update())
    db.session.refresh(resource, ["files"])
    newest = resource.files[0] if resource.files else None
    if newest is not None and newest.sha256 == kept.stored.sha256:
        raise rules.SameFile(version=newest.version)
    is_released = resource.care.status is not Status.PUBLISHED
    number = newest.version + 1 if newest else 1
    file = _version(kept, actor, number=number, is_released=is_released, now=now)
    file.resource_id = resource.id
    db.session.add(file)
    _note_change(actor, resource, now=now)
    audit.record(actor, "resources.version_added", resource.id, version=file.version)
    db.session.flush()
    db.session.refresh(resource, ["files"])
    return file


def _check_can_change(actor: Actor, resource: Resource) -> None:
    rules.check_can_change(status=resource.care.status, is_office=actor.has(Role.OFFICE))


def _note_change(actor: Actor, resource: Resource, *, now: datetime) -> None:
    care = resource.care
    care.changed_by, care.changed_at = actor.id, now
    if care.status is Status.REVIEWED:
        # What was approved is not what is there now: somebody looks again.
        care.status, care.reviewed_by, care.reviewed_at = Status.WAITING, None, None


def describe(resource: Resource, details: Details) -> None:
    """Write what is said about a resource into its row; reads its grades and uses."""
    for name in _PLAIN:
        setattr(resource, name, getattr(details, name))
    for name in _LISTS:
        setattr(resource, name, list(getattr(details, name)))
    resource.programme_id = details.programme_id or _programme_of(details)
    standing = {(row.level, row.grade): row for row in resource.grades}
    for key, row in standing.items():
        if key not in details.grades:
            resource.grades.remove(row)
    resource.grades.extend(
        ResourceGrade(level=level, grade=grade)
        for level, grade in sorted(details.grades)
        if (level, grade) not in standing
    )
    used = {(row.meeting_id, row.moment): row for row in resource.uses}
    for use, row_of_use in used.items():
        if use not in details.uses:
            resource.uses.remove(row_of_use)
    resource.uses.extend(
        ResourceUse(meeting_id=meeting_id, moment=moment)
        for meeting_id, moment in sorted(details.uses)
        if (meeting_id, moment) not in used
    )


def _programme_of(details: Details) -> uuid.UUID | None:
    ids = [meeting_id for meeting_id, _moment in details.uses]
    if not ids:
        return None
    return db.session.scalar(select(ProgrammeMeeting.programme_id).where(ProgrammeMeeting.id == ids[0]))


def _version(kept: Kept, actor: Actor, *, number: int, is_released: bool, now: datetime) -> ResourceFile:
    return ResourceFile(
        version=number,
        file_name=kept.file_name,
        media_type=kept.media_type,
        size=kept.stored.size,
        sha256=kept.stored.sha256,
        is_released=is_released,
        uploaded_by=actor.id,
        uploaded_at=now,
    )
