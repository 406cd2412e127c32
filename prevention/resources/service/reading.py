"""Reading the library: what answers a search, one resource, what waits for the editors."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.i18n import Localised
from prevention.programmes.models import Programme, ProgrammeMeeting
from prevention.resources import rules, search
from prevention.resources.models import Resource, ResourceCare, ResourceFile, ResourceIndex, ResourceUse
from prevention.resources.rules import Status
from prevention.resources.search.words import folded
from prevention.roles import Role

RELATED_MOST = 4
# A link that failed so many checks in a row, a day apart, is taken for dead.
FAILURES_UNTIL_DEAD = 3
# More than an editor works off in a sitting are not listed at once.
SHELF_ROWS_MOST = 50

# Whoever delivers prevention can judge a material; coordinators and the office hand in and publish.
REVIEWERS = frozenset({Role.OFFICE, Role.FACILITATOR})
_IN_REVIEW = (Status.WAITING, Status.REVIEWED)


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgrammeChoice:
    """A programme that a resource can belong to."""

    id: uuid.UUID
    slug: str
    name: Localised


@dataclass(frozen=True, kw_only=True, slots=True)
class Cards:
    """One page of an answer: the resources shown, and the whole answer with its counts."""

    resources: Sequence[Resource]
    found: search.Found
    first: int
    page: int
    pages: int

    @property
    def total(self) -> int:
        """How many answer the search."""
        return len(self.found.numbers)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelves:
    """What waits for the editors, each oldest first and at most `SHELF_ROWS_MOST`."""

    waiting: Sequence[Resource]
    reviewed: Sequence[Resource]
    new_versions: Sequence[Resource]
    outdated: Sequence[Resource]
    due: Sequence[Resource]
    dead_links: Sequence[Resource]
    drafts: Sequence[Resource]


def library(wanted: search.Wanted, *, page: int, per_page: int, today: date) -> Cards:
    """Search what is published. A constant number of statements.

    Raises:
        NotYours: there is no such page of the answer.
    """
    found = search.find(wanted, today=today)
    pages = max(1, -(-len(found.numbers) // per_page))
    if not 1 <= page <= pages:
        raise NotYours
    start = (page - 1) * per_page
    return Cards(
        resources=_numbered(found.numbers[start : start + per_page]),
        found=found,
        first=start + 1,
        page=page,
        pages=pages,
    )


def related(resource: Resource, *, today: date) -> Sequence[Resource]:
    """Give the current resources that speak of the same as this one, best first."""
    number = db.session.scalar(select(ResourceIndex.number).where(ResourceIndex.resource_id == resource.id))
    words = " ".join([resource.title, *resource.topics])
    return _numbered(search.more_like(words, without=number, today=today, most=RELATED_MOST))


def _numbered(numbers: Sequence[int]) -> Sequence[Resource]:
    if not numbers:
        return []
    rows = db.session.execute(
        select(ResourceIndex.number, Resource)
        .join(Resource, Resource.id == ResourceIndex.resource_id)
        .where(ResourceIndex.number.in_(numbers))
        .options(*shown_in_lists())
    )
    by_number = {number: resource for number, resource in rows.all()}  # noqa: C416  # rows are no pairs to mypy
    return [by_number[number] for number in numbers if number in by_number]


def resource_for(actor: Actor | None, resource_id: uuid.UUID) -> Resource:
    """Load a resource that somebody may read: published or retired, theirs, one to review, or any for the office.

    Raises:
        NotYours: there is none, or it is not for this person.
    """
    found = db.session.scalar(
        select(Resource)
        .join(Resource.care)
        .where(Resource.id == resource_id, _is_visible(actor))
        .options(
            *shown_in_lists(),
            joinedload(Resource.author),
            joinedload(Resource.care).options(joinedload(ResourceCare.owner), joinedload(ResourceCare.reviewer)),
            selectinload(Resource.uses).joinedload(ResourceUse.meeting).joinedload(ProgrammeMeeting.programme),
        )
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
    """Say whether somebody may change or withdraw a resource; reads its care."""
    if actor is None:
        return False
    return actor.has(Role.OFFICE) or actor.id in (resource.created_by, resource.care.owner_id)


def may_change(actor: Actor | None, resource: Resource) -> bool:
    """Say whether somebody could change a resource as it stands; reads its care."""
    if actor is None or not may_work_on(actor, resource):
        return False
    return actor.has(Role.OFFICE) or resource.care.status is Status.DRAFT


def wrote(actor: Actor, resource: Resource) -> bool:
    """Say whether somebody added the resource, changed it last, or handed in its newest file."""
    return actor.id in (resource.created_by, resource.care.changed_by) or (
        bool(resource.files) and resource.files[0].uploaded_by == actor.id
    )


def file_of(actor: Actor | None, resource: Resource, version: int) -> ResourceFile:
    """Give one version of a resource's file that somebody may have.

    Readers get no version that is not released yet, and no file of a retired resource.

    Raises:
        NotYours: there is no such version for them.
    """
    sees_all = may_work_on(actor, resource) or (actor is not None and bool(actor.roles & REVIEWERS))
    for file in resource.files:
        if file.version == version and (sees_all or (file.is_released and resource.care.status is Status.PUBLISHED)):
            return file
    raise NotYours


def digests_in_use(digests: Collection[str]) -> set[str]:
    """Give those of some digests that a version of a file has."""
    return set(db.session.scalars(select(ResourceFile.sha256).where(ResourceFile.sha256.in_(digests))))


def programme_choices() -> list[ProgrammeChoice]:
    """List the active programmes, by their name in the reader's language."""
    rows = db.session.execute(select(Programme.id, Programme.slug, Programme.name).where(Programme.is_active))
    found = [ProgrammeChoice(id=row.id, slug=row.slug, name=row.name) for row in rows]
    return sorted(found, key=lambda choice: folded(choice.name.text()))


def meeting_choices() -> dict[Localised, list[ProgrammeMeeting]]:
    """List the meetings of each active programme, in their order, by the programme's name."""
    programmes = db.session.scalars(
        select(Programme).where(Programme.is_active).options(selectinload(Programme.meetings))
    )
    ordered = sorted(programmes, key=lambda programme: folded(programme.name.text()))
    return {_Name(programme.name): list(programme.meetings) for programme in ordered}


class _Name(Localised):
    """A localised name that can be the key of a mapping."""

    def __hash__(self) -> int:  # type: ignore[override]  # never changed after it was read
        return hash(tuple(sorted(self.items())))


def published(*, today: date, most: int | None = None) -> Sequence[Resource]:
    """List what is published and not outdated, the newest first."""
    query = (
        select(Resource)
        .join(Resource.care)
        .where(ResourceCare.status == Status.PUBLISHED, ResourceCare.review_by >= today)
        .options(*shown_in_lists(), selectinload(Resource.uses).joinedload(ResourceUse.meeting))
        .order_by(ResourceCare.published_at.desc(), Resource.id)
    )
    return db.session.scalars(query.limit(most) if most else query).unique().all()


def mine(actor: Actor) -> Sequence[Resource]:
    """List what somebody added or looks after, the last changed first."""
    return (
        db.session.scalars(
            select(Resource)
            .join(Resource.care)
            .where(or_(Resource.created_by == actor.id, ResourceCare.owner_id == actor.id))
            .options(*shown_in_lists())
            .order_by(ResourceCare.changed_at.desc(), Resource.id)
        )
        .unique()
        .all()
    )


def shelves(actor: Actor, *, today: date) -> Shelves:
    """Gather what waits for an editor: the office sees all, a facilitator what is to be reviewed."""
    is_office = actor.has(Role.OFFICE)
    published = ResourceCare.status == Status.PUBLISHED
    warning_ends = today + timedelta(days=rules.WARNING_DAYS)
    new_version = published & Resource.files.any(ResourceFile.is_released.is_(False))
    return Shelves(
        waiting=_shelf(ResourceCare.status == Status.WAITING),
        new_versions=_shelf(new_version),
        reviewed=_shelf(ResourceCare.status == Status.REVIEWED) if is_office else (),
        outdated=_shelf(published & (ResourceCare.review_by < today)),
        due=_shelf(published & ResourceCare.review_by.between(today, warning_ends)),
        dead_links=_shelf(published & (ResourceCare.link_failures >= FAILURES_UNTIL_DEAD)) if is_office else (),
        drafts=_shelf(ResourceCare.status == Status.DRAFT) if is_office else (),
    )


def _shelf(condition: ColumnElement[bool]) -> Sequence[Resource]:
    return (
        db.session.scalars(
            select(Resource)
            .join(Resource.care)
            .where(condition)
            .options(*shown_in_lists())
            .order_by(ResourceCare.review_by, ResourceCare.changed_at, Resource.id)
            .limit(SHELF_ROWS_MOST)
        )
        .unique()
        .all()
    )


def _is_visible(actor: Actor | None) -> ColumnElement[bool]:
    is_public = ResourceCare.status.in_([Status.PUBLISHED, Status.RETIRED])
    if actor is None:
        return is_public
    if actor.has(Role.OFFICE):
        return true()
    is_theirs = or_(Resource.created_by == actor.id, ResourceCare.owner_id == actor.id)
    to_review = ResourceCare.status.in_(_IN_REVIEW) if actor.roles & REVIEWERS else ResourceCare.status.in_([])
    return or_(is_public, is_theirs, to_review)


def shown_in_lists() -> tuple[ExecutableOption, ...]:
    """Load with a resource what a card shows."""
    return (
        joinedload(Resource.programme),
        joinedload(Resource.care),
        selectinload(Resource.grades),
        selectinload(Resource.files),
    )
