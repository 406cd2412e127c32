"""The verbs of the library: search, read, add, change, add a version, publish, withdraw."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy import func as sql
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from prevention.core import audit, files
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.programmes.models import Programme
from prevention.resources import rules
from prevention.resources.intake import Upload, inspect
from prevention.resources.models import Resource, ResourceFile, ResourceGrade
from prevention.resources.rules import Language, Licence, ResourceKind
from prevention.roles import Role
from prevention.schools.rules import Level

# More words than this narrow a search no further; a pasted page must not become a query of a thousand conditions.
WORDS_MOST = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Details:
    """What is said about a resource. `grades` are (level, grade) pairs; none means that it is for all."""

    title: str
    abstract: str
    kind: ResourceKind
    language: Language
    licence: Licence
    authors: str = ""
    link: str = ""
    programme_id: uuid.UUID | None = None
    grades: frozenset[tuple[Level, int]] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class LibraryFilter:
    """What a reader of the library asks for; None or an empty text means "any". Each word must be found."""

    text: str = ""
    kind: ResourceKind | None = None
    language: Language | None = None
    programme_id: uuid.UUID | None = None
    level: Level | None = None
    grade: int | None = None
    only_drafts: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgrammeChoice:
    """A programme that a resource can belong to."""

    id: uuid.UUID
    slug: str
    name: Localised


def library(actor: Actor | None, wanted: LibraryFilter) -> Select[Resource]:
    """Build the query for what answers a reader's filter, newest first, with all that a list shows."""
    query = select(Resource).where(_is_visible(actor)).options(*_shown_in_lists())
    if wanted.kind is not None:
        query = query.where(Resource.kind == wanted.kind)
    if wanted.language is not None:
        query = query.where(Resource.language == wanted.language)
    if wanted.programme_id is not None:
        query = query.where(Resource.programme_id == wanted.programme_id)
    if wanted.only_drafts:
        query = query.where(~Resource.is_published)
    if wanted.level is not None:
        query = query.where(_is_for(wanted.level, wanted.grade))
    words = rules.folded(wanted.text).split()[:WORDS_MOST]
    programmes = programme_choices() if words else []
    for word in words:
        query = query.where(_speaks_of(word, programmes))
    return query.order_by(Resource.created_at.desc(), Resource.id)


def resource_for(actor: Actor | None, resource_id: uuid.UUID) -> Resource:
    """Load a resource that somebody may read: published, or theirs, or any for the office.

    Raises:
        NotYours: there is none, or it is not published and not theirs.
    """
    found = db.session.scalar(
        select(Resource)
        .where(Resource.id == resource_id, _is_visible(actor))
        .options(*_shown_in_lists(), joinedload(Resource.author))
    )
    if found is None:
        raise NotYours
    return found


def editable_for(actor: Actor, resource_id: uuid.UUID) -> Resource:
    """Load a resource that somebody may work on: their own, or any for the office.

    Raises:
        NotYours: there is none, or it is somebody else's.
    """
    found = resource_for(actor, resource_id)
    if not may_work_on(actor, found):
        raise NotYours
    return found


def may_work_on(actor: Actor | None, resource: Resource) -> bool:
    """Say whether somebody may change or withdraw a resource."""
    return actor is not None and (actor.has(Role.OFFICE) or resource.created_by == actor.id)


def file_of(resource: Resource, version: int) -> ResourceFile:
    """Give one version of a resource's file.

    Raises:
        NotYours: there is no such version.
    """
    for file in resource.files:
        if file.version == version:
            return file
    raise NotYours


def programme_choices() -> list[ProgrammeChoice]:
    """List the active programmes, by their name in the reader's language."""
    rows = db.session.execute(select(Programme.id, Programme.slug, Programme.name).where(Programme.is_active))
    found = [ProgrammeChoice(id=row.id, slug=row.slug, name=row.name) for row in rows]
    return sorted(found, key=lambda choice: rules.folded(choice.name.text()))


def count_drafts(actor: Actor) -> int:
    """Count the resources that somebody may see and that are not published."""
    query = select(sql.count()).select_from(Resource).where(_is_visible(actor), ~Resource.is_published)
    return db.session.scalar(query) or 0


def add(actor: Actor, details: Details, upload: Upload | None, *, max_bytes: int, now: datetime) -> Resource:
    """Add a resource, not yet published. Flushes.

    Raises:
        NothingToRead: there is neither a file nor a link.
        FileRefused, FileTooLarge, StoreIsFull: the file was not taken; nothing was kept.
    """
    if upload is None and not details.link:
        raise rules.NothingToRead
    resource = Resource(created_by=actor.id, created_at=now, is_published=False, files=[], grades=[])
    _describe(resource, details)
    if upload is not None:
        resource.files.append(_keep(upload, actor, version=1, max_bytes=max_bytes, now=now))
    db.session.add(resource)
    db.session.flush()
    audit.record(actor, "resources.added", resource.id, kind=resource.kind.value)
    return resource


def change(actor: Actor, resource: Resource, details: Details) -> None:
    """Say something else about a resource. Flushes.

    Raises:
        PublishedIsFixed: it is published and the actor is not of the office.
        NothingToRead: it has no file and would lose its link.
    """
    _check_can_change(actor, resource)
    if not resource.files and not details.link:
        raise rules.NothingToRead
    _describe(resource, details)
    audit.record(actor, "resources.changed", resource.id)
    db.session.flush()


def add_version(actor: Actor, resource: Resource, upload: Upload, *, max_bytes: int, now: datetime) -> ResourceFile:
    """Add a newer version of the file; the older ones stay. Flushes.

    Raises:
        PublishedIsFixed: it is published and the actor is not of the office.
        SameFile: the newest version is this very file.
        FileRefused, FileTooLarge, StoreIsFull: the file was not taken; nothing was kept.
    """
    _check_can_change(actor, resource)
    # Two versions added at the same moment get two numbers: the second waits here.
    db.session.execute(select(Resource.id).where(Resource.id == resource.id).with_for_update())
    db.session.refresh(resource, ["files"])
    newest = resource.newest_file
    file = _keep(upload, actor, version=newest.version + 1 if newest else 1, max_bytes=max_bytes, now=now)
    if newest is not None and newest.sha256 == file.sha256:
        raise rules.SameFile(version=newest.version)
    file.resource_id = resource.id
    db.session.add(file)
    audit.record(actor, "resources.version_added", resource.id, version=file.version)
    db.session.flush()
    db.session.refresh(resource, ["files"])
    return file


def publish(actor: Actor, resource: Resource) -> None:
    """Let everybody read a resource. Doing it twice changes nothing more."""
    if not resource.is_published:
        resource.is_published = True
        audit.record(actor, "resources.published", resource.id)
        db.session.flush()


def withdraw(actor: Actor, resource: Resource) -> None:
    """Take a resource out of the public library; its files stay. Doing it twice changes nothing more."""
    if resource.is_published:
        resource.is_published = False
        audit.record(actor, "resources.withdrawn", resource.id)
        db.session.flush()


def _check_can_change(actor: Actor, resource: Resource) -> None:
    rules.check_can_change(is_published=resource.is_published, is_office=actor.has(Role.OFFICE))


def _describe(resource: Resource, details: Details) -> None:
    for name in ("title", "abstract", "kind", "language", "licence", "authors", "link", "programme_id"):
        setattr(resource, name, getattr(details, name))
    resource.search_words = rules.folded(f"{details.title} {details.abstract} {details.authors}")
    standing = {(row.level, row.grade): row for row in resource.grades}
    for key, row in standing.items():
        if key not in details.grades:
            resource.grades.remove(row)
    resource.grades.extend(
        ResourceGrade(level=level, grade=grade)
        for level, grade in sorted(details.grades)
        if (level, grade) not in standing
    )


def _keep(upload: Upload, actor: Actor, *, version: int, max_bytes: int, now: datetime) -> ResourceFile:
    inspected = inspect(upload)
    try:
        stored = files.store(upload.stream, max_bytes=max_bytes)
    except files.TooManyBytes as error:
        raise rules.FileTooLarge(limit=error.limit) from error
    except files.NoSpaceLeft as error:
        raise rules.StoreIsFull from error
    return ResourceFile(
        version=version,
        file_name=inspected.file_name,
        media_type=inspected.media_type,
        size=stored.size,
        sha256=stored.sha256,
        uploaded_by=actor.id,
        uploaded_at=now,
    )


def _is_visible(actor: Actor | None) -> ColumnElement[bool]:
    if actor is None:
        return Resource.is_published.is_(True)
    if actor.has(Role.OFFICE):
        return true()
    return or_(Resource.is_published, Resource.created_by == actor.id)


def _is_for(level: Level, grade: int | None) -> ColumnElement[bool]:
    """Match resources for a grade (or any of the level), and those that are for all."""
    is_named = Resource.grades.any(
        (ResourceGrade.level == level) & (true() if grade is None else ResourceGrade.grade == grade)
    )
    return or_(is_named, ~Resource.grades.any())


def _speaks_of(word: str, programmes: Sequence[ProgrammeChoice]) -> ColumnElement[bool]:
    # Programmes are few (tens): looking through their names here keeps the search column free of their wording.
    named = [choice.id for choice in programmes if any(word in rules.folded(text) for text in choice.name.values())]
    return or_(
        Resource.search_words.contains(word, autoescape=True),
        Resource.programme_id.in_(named) if named else false(),
    )


def _shown_in_lists() -> tuple[ExecutableOption, ...]:
    return (joinedload(Resource.programme), selectinload(Resource.grades), selectinload(Resource.files))
