"""Rows of the register: institutes, sites, enrolments, classes, and what was imported when."""

import uuid
from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.core.db import Model, UtcDateTime, UUIDPk, enum_column
from prevention.network.models import Municipality
from prevention.schools.rules import CLASS_PUPILS_MAX, Level, Track, display_name


class Institute(Model):
    """A school with its own head: the unit that coordinators work for.

    The municipality is None only when the institute sits in a province whose municipalities are not loaded.
    """

    __tablename__ = "institute"
    __table_args__ = (
        UniqueConstraint("code", name="uq_institute_code"),
        CheckConstraint("length(code) = 10", name="code_length"),
        # Schools of one municipality.
        Index("ix_institute_municipality_id", "municipality_id"),
    )

    id: Mapped[UUIDPk]
    code: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(160))
    municipality_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("municipality.id"))
    is_state: Mapped[bool]

    municipality: Mapped[Municipality | None] = relationship()
    sites: Mapped[list["Site"]] = relationship(back_populates="institute")

    @property
    def display_name(self) -> str:
        """The name without quotation marks around the whole of it."""
        return display_name(self.name)


class Site(Model):
    """A row of the ministry's register: a place where a school teaches, or its office (level *istituto*).

    `first_seen` and `last_seen` are the school years of the oldest and newest register that listed it.
    """

    __tablename__ = "site"
    __table_args__ = (
        UniqueConstraint("code", name="uq_site_code"),
        CheckConstraint("length(code) = 10", name="code_length"),
        CheckConstraint("first_seen <= last_seen", name="seen_in_order"),
        # Sites of one institute.
        Index("ix_site_institute_id", "institute_id"),
        # Register page filtered by municipality.
        Index("ix_site_municipality_id", "municipality_id"),
    )

    id: Mapped[UUIDPk]
    code: Mapped[str] = mapped_column(String(10))
    institute_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("institute.id"))
    name: Mapped[str] = mapped_column(String(160))
    address: Mapped[str | None] = mapped_column(String(120))
    postcode: Mapped[str | None] = mapped_column(String(5))
    municipality_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("municipality.id"))
    level: Mapped[Level] = mapped_column(enum_column(Level, name="level"))
    type_description: Mapped[str] = mapped_column(String(80))
    track: Mapped[Track | None] = mapped_column(enum_column(Track, name="track"))
    email: Mapped[str | None] = mapped_column(String(120))
    website: Mapped[str | None] = mapped_column(String(200))
    is_state: Mapped[bool]
    first_seen: Mapped[int]
    last_seen: Mapped[int]

    institute: Mapped[Institute] = relationship(back_populates="sites")
    municipality: Mapped[Municipality] = relationship()

    @property
    def display_name(self) -> str:
        """The name without quotation marks around the whole of it."""
        return display_name(self.name)


class Enrolment(Model):
    """How many pupils a school code had in a school year, from the ministry's file.

    `pupils` is None when the file says ``<=3`` (then `is_low` is true). `site_id` is None while no register that was
    imported knows the code.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("code", "school_year", name="uq_enrolment_code_school_year"),
        CheckConstraint("pupils >= 0", name="pupils_not_negative"),
        CheckConstraint("(pupils IS NULL) = is_low", name="low_has_no_number"),
        # Pupils of a site, year by year.
        Index("ix_enrolment_site_id", "site_id", "school_year"),
    )

    id: Mapped[UUIDPk]
    code: Mapped[str] = mapped_column(String(10))
    school_year: Mapped[int]
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"))
    pupils: Mapped[int | None]
    is_low: Mapped[bool]


class SchoolClass(Model):
    """A class of one school year. `cohort_id` is the generation: it goes with the pupils when 1A becomes 2A."""

    __tablename__ = "school_class"
    __table_args__ = (
        UniqueConstraint("site_id", "school_year", "grade", "section", name="uq_school_class_name"),
        CheckConstraint("grade BETWEEN 1 AND 5", name="grade_range"),
        CheckConstraint(f"pupils BETWEEN 1 AND {CLASS_PUPILS_MAX}", name="pupils_range"),
        # What one generation got, year after year.
        Index("ix_school_class_cohort_id", "cohort_id"),
    )

    id: Mapped[UUIDPk]
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    school_year: Mapped[int]
    grade: Mapped[int]
    section: Mapped[str] = mapped_column(String(12))
    label: Mapped[str] = mapped_column(String(24))
    pupils: Mapped[int | None]
    cohort_id: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4)

    site: Mapped[Site] = relationship()


class RegisterImport(Model):
    """One file that was imported: what it was, and what it did to the register."""

    __tablename__ = "register_import"
    __table_args__ = (
        # Latest imports on the register page.
        Index("ix_register_import_imported_at", "imported_at"),
    )

    id: Mapped[UUIDPk]
    kind: Mapped[str] = mapped_column(String(20))
    school_year: Mapped[int]
    file_name: Mapped[str] = mapped_column(String(160))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    added: Mapped[int]
    changed: Mapped[int]
    missing: Mapped[int]
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RegisterUpload(Model):
    """Files that the office handed in and has not confirmed yet. Confirming takes the row away, so it works once.

    `files` is a list of ``{"name": ..., "path": ...}`` (path in the content store), `provinces` a list of
    car-plate codes.
    """

    __tablename__ = "register_upload"

    id: Mapped[UUIDPk]
    files: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    provinces: Mapped[list[str]] = mapped_column(JSON)
    uploaded_by: Mapped[uuid.UUID]
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
