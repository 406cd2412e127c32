"""Rows of the library: resources, the grades they are for, and the versions of their files."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.accounts.models import User
from prevention.core import files
from prevention.core.db import Model, UtcDateTime, UUIDPk, enum_column
from prevention.programmes.models import Programme
from prevention.resources.rules import (
    AUTHORS_LENGTH_MAX,
    LINK_LENGTH_MAX,
    TITLE_LENGTH_MAX,
    Language,
    Licence,
    ResourceKind,
)
from prevention.schools.rules import Level


class Resource(Model):
    """A material for educators, with at least one file or a link.

    `search_words` is what search looks into: title, abstract and authors, folded by `rules.folded`.
    """

    __tablename__ = "resource"

    id: Mapped[UUIDPk]
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH_MAX))
    abstract: Mapped[str] = mapped_column(Text)
    kind: Mapped[ResourceKind] = mapped_column(enum_column(ResourceKind, name="kind"))
    language: Mapped[Language] = mapped_column(enum_column(Language, name="language"))
    licence: Mapped[Licence] = mapped_column(enum_column(Licence, name="licence"))
    authors: Mapped[str] = mapped_column(String(AUTHORS_LENGTH_MAX), default="")
    link: Mapped[str] = mapped_column(String(LINK_LENGTH_MAX), default="")
    # The materials of a programme, for its page.
    programme_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("programme.id"), index=True)
    search_words: Mapped[str] = mapped_column(Text)
    is_published: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    programme: Mapped[Programme | None] = relationship(lazy="raise_on_sql")
    author: Mapped[User] = relationship(lazy="raise_on_sql")
    grades: Mapped[list["ResourceGrade"]] = relationship(
        cascade="all, delete-orphan", lazy="raise_on_sql", order_by="ResourceGrade.grade"
    )
    files: Mapped[list["ResourceFile"]] = relationship(
        back_populates="resource", lazy="raise_on_sql", order_by="ResourceFile.version.desc()"
    )

    @property
    def newest_file(self) -> "ResourceFile | None":
        """The newest version, or None when the resource is only a link; reads `files`."""
        return self.files[0] if self.files else None


class ResourceGrade(Model):
    """A grade that a resource is for. A resource without any is for all."""

    __tablename__ = "resource_grade"
    __table_args__ = (CheckConstraint("grade BETWEEN 1 AND 5", name="grade"),)

    resource_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    level: Mapped[Level] = mapped_column(enum_column(Level, name="level"), primary_key=True)
    grade: Mapped[int] = mapped_column(primary_key=True)


class ResourceFile(Model):
    """One version of a resource's file, counted from 1. Written once, never changed; `size` is in bytes."""

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
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    uploaded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    resource: Mapped[Resource] = relationship(back_populates="files", lazy="raise_on_sql")

    @property
    def relative_path(self) -> str:
        """Where the content lies in the store."""
        return files.relative_path_of(self.sha256)
