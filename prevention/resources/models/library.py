"""Rows of the library: resources, what becomes of them, whom and which meeting they are for, versions, index."""

import uuid
from datetime import date, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.accounts.models import User
from prevention.core import files
from prevention.core.db import Model, UtcDateTime, UUIDPk, enum_column
from prevention.programmes.models import Programme, ProgrammeMeeting
from prevention.programmes.rules import EvidenceClass
from prevention.resources.rules import (
    AUTHORS_LENGTH_MAX,
    LINK_LENGTH_MAX,
    TITLE_LENGTH_MAX,
    Language,
    Licence,
    Moment,
    ResourceKind,
    Status,
)
from prevention.schools.rules import Level

# Files of this room lie on a shelf of their own, so that sweeping it can never touch another room's files.
SHELF = "resources"


class Resource(Model):
    """A material for educators, with at least one file or a link: what is said about it.

    `topics`, `skills`, `other_languages` and `access` are lists of enum values, in the order of their enum; `minutes`
    is how long it takes in class. `link` is the material itself on the web, `source_link` where it was published.
    """

    __tablename__ = "resource"
    __table_args__ = (CheckConstraint("minutes BETWEEN 1 AND 480", name="minutes"),)

    id: Mapped[UUIDPk]
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH_MAX))
    abstract: Mapped[str] = mapped_column(Text)
    kind: Mapped[ResourceKind] = mapped_column(enum_column(ResourceKind, name="kind"))
    language: Mapped[Language] = mapped_column(enum_column(Language, name="language"))
    other_languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    licence: Mapped[Licence] = mapped_column(enum_column(Licence, name="licence"))
    authors: Mapped[str] = mapped_column(String(AUTHORS_LENGTH_MAX), default="")
    link: Mapped[str] = mapped_column(String(LINK_LENGTH_MAX), default="")
    source_link: Mapped[str] = mapped_column(String(LINK_LENGTH_MAX), default="")
    minutes: Mapped[int | None]
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)
    access: Mapped[list[str]] = mapped_column(JSON, default=list)
    # The materials of a programme, for its page.
    programme_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("programme.id"), index=True)
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    programme: Mapped[Programme | None] = relationship(lazy="raise_on_sql")
    author: Mapped[User] = relationship(lazy="raise_on_sql", foreign_keys=[created_by])
    care: Mapped["ResourceCare"] = relationship(
        back_populates="resource", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    grades: Mapped[list["ResourceGrade"]] = relationship(
        cascade="all, delete-orphan", lazy="raise_on_sql", order_by="ResourceGrade.grade"
    )
    uses: Mapped[list["ResourceUse"]] = relationship(cascade="all, delete-orphan", lazy="raise_on_sql")
    files: Mapped[list["ResourceFile"]] = relationship(
        back_populates="resource", lazy="raise_on_sql", order_by="ResourceFile.version.desc()"
    )

    @property
    def newest_file(self) -> "ResourceFile | None":
        """The newest version that readers get, or None when the resource is only a link; reads `files`."""
        return next((file for file in self.files if file.is_released), None)


class ResourceCare(Model):
    """Who looks after a resource, where it stands, and when it is looked at again.

    A table of its own, so that what is said about a resource and what becomes of it can change apart. `owner_id` is who
    gets the mails, `changed_by` whoever changed the words or the file last: they do not review it. `review_by` is the
    last day on which the last review holds. `link_failures` counts failed checks in a row; `link_trouble` says the
    last one's reason in a word of `links.Trouble`.
    """

    __tablename__ = "resource_care"
    __table_args__ = (
        CheckConstraint("status <> 'published' OR review_by IS NOT NULL", name="published_has_review_day"),
        CheckConstraint("status <> 'published' OR reviewed_at IS NOT NULL", name="published_was_reviewed"),
        # The daily tasks ask for the published ones that are due.
        Index("ix_resource_care_due", "status", "review_by"),
    )

    resource_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    status: Mapped[Status] = mapped_column(enum_column(Status, name="status"), default=Status.DRAFT)
    owner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    changed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reviewed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    review_by: Mapped[date | None]
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What the reviewer or the office last said: why it was sent back, or why it is retired.
    remark: Mapped[str] = mapped_column(String(1000), default="")
    evidence_class: Mapped[EvidenceClass | None] = mapped_column(enum_column(EvidenceClass, name="evidence_class"))
    warned_for: Mapped[date | None]
    link_checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    link_failures: Mapped[int] = mapped_column(default=0)
    link_trouble: Mapped[str] = mapped_column(String(40), default="")

    resource: Mapped[Resource] = relationship(back_populates="care", lazy="raise_on_sql")
    owner: Mapped[User | None] = relationship(lazy="raise_on_sql", foreign_keys=[owner_id])
    reviewer: Mapped[User | None] = relationship(lazy="raise_on_sql", foreign_keys=[reviewed_by])


class ResourceGrade(Model):
    """A grade that a resource is for. A resource without any is for all."""

    __tablename__ = "resource_grade"
    __table_args__ = (CheckConstraint("grade BETWEEN 1 AND 5", name="grade"),)

    resource_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    level: Mapped[Level] = mapped_column(enum_column(Level, name="level"), primary_key=True)
    grade: Mapped[int] = mapped_column(primary_key=True)


class ResourceUse(Model):
    """A meeting of a programme that a resource belongs to, and whether it is used before, during or after it."""

    __tablename__ = "resource_use"

    resource_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    meeting_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("programme_meeting.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    moment: Mapped[Moment] = mapped_column(enum_column(Moment, name="moment"), primary_key=True)

    meeting: Mapped[ProgrammeMeeting] = relationship(lazy="raise_on_sql")


class ResourceFile(Model):
    """One version of a resource's file, counted from 1. Its content is never changed; `size` is in bytes.

    A version that was added to a published resource waits (`is_released` is false) until a second person has looked at
    it; readers get the one before.
    """

    __tablename__ = "resource_file"
    __table_args__ = (
        UniqueConstraint("resource_id", "version", name="uq_resource_file_resource_version"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("size >= 1", name="size"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
    )

    id: Mapped[UUIDPk]
    resource_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("resource.id"))
    version: Mapped[int]
    file_name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    # SQLite has one kind of whole number; PostgreSQL must be told of files beyond two gigabytes.
    size: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"))
    sha256: Mapped[str] = mapped_column(String(64))
    is_released: Mapped[bool] = mapped_column(default=True)
    uploaded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    resource: Mapped[Resource] = relationship(back_populates="files", lazy="raise_on_sql")

    @property
    def relative_path(self) -> str:
        """Where the content lies on this room's shelf."""
        return files.relative_path_of(self.sha256)


class ResourceIndex(Model):
    """One line of the search index per resource, written by `search.index` whenever the resource changes.

    `number` is a small key that both databases join fast, and the row of SQLite's full-text table `resource_fts`;
    `facets` is a set of bits (see `search.facets`); days are counted as `date.toordinal`. PostgreSQL searches `words`.
    """

    __tablename__ = "resource_index"
    __table_args__ = (
        # Search asks which lines hold a word. SQLite keeps its own inverted index in `resource_fts`; there, this one is
        # of empty cells.
        Index("ix_resource_index_words", "words", postgresql_using="gin"),
    )

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    resource_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), unique=True)
    is_published: Mapped[bool]
    review_day: Mapped[int] = mapped_column(default=0)
    published_day: Mapped[int] = mapped_column(default=0)
    programme_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("programme.id"))
    facets: Mapped[int] = mapped_column(BigInteger)
    words: Mapped[str | None] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))
