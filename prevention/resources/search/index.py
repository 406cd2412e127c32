"""Writing the search index: one line per resource, in step with the resource, in its transaction."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, select, text
from sqlalchemy.orm import joinedload, selectinload

from prevention.core.db import db
from prevention.programmes.models import Programme, ProgrammeMeeting
from prevention.resources.models import Resource, ResourceIndex, ResourceUse
from prevention.resources.rules import Status, length_of
from prevention.resources.search import facets
from prevention.resources.search.table import note_change
from prevention.resources.search.words import index_words, mark
from prevention.schools.rules import Level

# So many resources are read and written at a time when all are indexed anew.
BATCH = 500

_INSERT_FTS = text("INSERT INTO resource_fts (rowid, title, labels, abstract, rest) VALUES (:number, :a, :b, :c, :d)")
_DELETE_FTS = text("DELETE FROM resource_fts WHERE rowid = :number")


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """The words of one line by weight: title, labels (topics, grades, programme…), abstract, the rest."""

    title: str
    labels: str
    abstract: str
    rest: str


_put_off: ContextVar[dict[uuid.UUID, None] | None] = ContextVar("put_off", default=None)


@contextmanager
def written_at_once() -> Iterator[None]:
    """Put off what `write` would write inside, and write it at the end, each resource once; nothing on an error.

    For a load that takes every resource through several steps. Nothing inside finds what changed there.
    """
    waiting: dict[uuid.UUID, None] = {}
    token = _put_off.set(waiting)
    try:
        yield
    finally:
        _put_off.reset(token)
    db.session.flush()
    ids = list(waiting)
    for start in range(0, len(ids), BATCH):
        _write_all(ids[start : start + BATCH])


def write(resource: Resource) -> None:
    """Write the line of a resource that has changed. Reads what it needs; flushes."""
    db.session.flush()
    waiting = _put_off.get()
    if waiting is not None:
        waiting[resource.id] = None
    else:
        _write_all([resource.id])


def write_many(resources: Sequence[Resource]) -> None:
    """Write the lines of resources that are new. Flushes."""
    db.session.flush()
    ids = [resource.id for resource in resources]
    for start in range(0, len(ids), BATCH):
        _write_all(ids[start : start + BATCH])


def reindex() -> int:
    """Write every line anew and give how many there are; for after an update or when programmes were renamed."""
    ids = list(db.session.scalars(select(Resource.id).order_by(Resource.created_at, Resource.id)))
    for start in range(0, len(ids), BATCH):
        _write_all(ids[start : start + BATCH])
        db.session.expunge_all()
    return len(ids)


def _write_all(ids: list[uuid.UUID]) -> None:
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    query = select(ResourceIndex.resource_id, ResourceIndex.number).where(ResourceIndex.resource_id.in_(ids))
    standing = {row.resource_id: row.number for row in db.session.execute(query)}
    if is_sqlite and standing:
        db.session.execute(_DELETE_FTS, [{"number": number} for number in standing.values()])
    db.session.execute(delete(ResourceIndex).where(ResourceIndex.resource_id.in_(ids)))
    resources = list(db.session.scalars(_whole().where(Resource.id.in_(ids))))
    lines = [_line(resource, standing.get(resource.id)) for resource in resources]
    db.session.add_all(lines)
    documents = [document_of(resource) for resource in resources]
    if not is_sqlite:
        for line, document in zip(lines, documents, strict=True):
            line.words = _vector(document)
    db.session.flush()
    if is_sqlite and lines:
        db.session.execute(
            _INSERT_FTS,
            [
                {"number": line.number, "a": one.title, "b": one.labels, "c": one.abstract, "d": one.rest}
                for line, one in zip(lines, documents, strict=True)
            ],
        )
    for line in lines:
        db.session.expunge(line)
    note_change()


def _whole() -> Select[Resource]:
    return (
        select(Resource)
        .options(
            joinedload(Resource.care),
            joinedload(Resource.programme),
            selectinload(Resource.grades),
            selectinload(Resource.uses).joinedload(ResourceUse.meeting).joinedload(ProgrammeMeeting.programme),
        )
        .execution_options(populate_existing=False)
    )


def _line(resource: Resource, number: int | None) -> ResourceIndex:
    care = resource.care
    return ResourceIndex(
        number=number,
        resource_id=resource.id,
        is_published=care.status is Status.PUBLISHED,
        review_day=care.review_by.toordinal() if care.review_by else 0,
        published_day=(care.published_at or resource.created_at).toordinal(),
        programme_id=resource.programme_id,
        facets=facets.mask_of(labels_of(resource)),
    )


def labels_of(resource: Resource) -> facets.Labels:
    """Give what the facets of a resource are made from; reads its care and grades."""
    return facets.Labels(
        kind=resource.kind,
        licence=resource.licence,
        languages=(resource.language, *resource.other_languages),
        grades=[f"{row.level.value}-{row.grade}" for row in resource.grades],
        topics=resource.topics,
        skills=resource.skills,
        access=resource.access,
        length=length_of(resource.minutes),
        evidence_class=resource.care.evidence_class,
    )


def document_of(resource: Resource) -> Document:
    """Give the words of a resource by their weight."""
    labels = labels_of(resource)
    languages = tuple(labels.languages)
    programmes = [resource.programme, *(use.meeting.programme for use in resource.uses)]
    return Document(
        title=index_words(resource.title, languages=languages),
        labels=" ".join(_label_words(labels, resource)),
        abstract=index_words(resource.abstract, languages=languages),
        rest=" ".join(
            [
                index_words(resource.authors, languages=languages),
                *(_names_of(programme) for programme in dict.fromkeys(programmes) if programme is not None),
                *(index_words(" ".join(use.meeting.title.values())) for use in resource.uses),
            ]
        ),
    )


def _names_of(programme: Programme) -> str:
    return index_words(" ".join(programme.name.values()))


def _label_words(labels: facets.Labels, resource: Resource) -> Iterable[str]:
    yield mark(f"kind_{labels.kind.value}")
    grades = labels.grades or facets.GRADES
    yield from (mark(grade) for grade in grades)
    yield from (mark(level.value) for level in Level if any(grade.startswith(level.value) for grade in grades))
    yield from (mark(f"language_{language}") for language in labels.languages)
    yield from (mark(topic) for topic in (_TOPIC_CONCEPTS.get(topic) for topic in labels.topics) if topic)
    yield from (mark(skill) for skill in (_SKILL_CONCEPTS.get(skill) for skill in labels.skills) if skill)
    yield from (mark(f"access_{feature}") for feature in labels.access)
    yield from (mark(f"moment_{use.moment.value}") for use in resource.uses)
    if labels.length:
        yield mark(f"length_{labels.length.value}")


# Topics and skills -> the concept of `synonyms.toml` that teachers ask for them with.
_TOPIC_CONCEPTS = {
    "life_skills": "lifeskill",
    "tobacco": "tobacco",
    "alcohol": "alcohol",
    "drugs": "drugs",
    "gambling": "gambling",
    "screens": "phone",
}
_SKILL_CONCEPTS = {
    "self_awareness": "selfesteem",
    "emotions": "emotions",
    "stress": "stress",
    "communication": "communication",
    "relationships": "friendship",
    "empathy": "empathy",
    "critical_thinking": "critical",
    "decisions": "decisions",
    "problem_solving": "problems",
}


def _vector(document: Document) -> Any:
    """Build PostgreSQL's vector: words are stems already, so the plain configuration splits them."""
    parts = zip((document.title, document.labels, document.abstract, document.rest), "ABCD", strict=True)
    built = [func.setweight(func.to_tsvector(text("'simple'"), words), text(f"'{weight}'")) for words, weight in parts]
    return built[0].concat(built[1]).concat(built[2]).concat(built[3])
