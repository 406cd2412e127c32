"""Rows of the network: municipalities, their boundaries and the ways between them, organisations, help services."""

import uuid
from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.core.db import LocalisedText, Model, UtcDateTime, UUIDPk, enum_column
from prevention.core.i18n import Localised
from prevention.network.rules import HelpServiceKind, HelpServiceScope, OrganisationKind
from prevention.network.travel import MINUTES_MOST


class Municipality(Model):
    """A comune. `province` is the car-plate code, `planning_area` the social planning area (ambito) if known.

    `mayor_email` is where papers for the mayor go, empty when it is not known.
    `latitude` and `longitude` are a point inside it, in degrees (EPSG:4326), both None where it is not known.
    """

    __tablename__ = "municipality"
    __table_args__ = (
        UniqueConstraint("istat_code", name="uq_municipality_istat_code"),
        UniqueConstraint("cadastral_code", name="uq_municipality_cadastral_code"),
        CheckConstraint("length(istat_code) = 6", name="istat_code_length"),
        CheckConstraint("length(cadastral_code) = 4", name="cadastral_code_length"),
        CheckConstraint("population >= 0", name="population_not_negative"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint(
            "longitude BETWEEN -180 AND 180 AND (latitude IS NULL) = (longitude IS NULL)", name="longitude"
        ),
    )

    id: Mapped[UUIDPk]
    istat_code: Mapped[str] = mapped_column(String(6))
    cadastral_code: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(80))
    province: Mapped[str] = mapped_column(String(2))
    population: Mapped[int | None]
    planning_area: Mapped[str | None] = mapped_column(String(80))
    mayor_email: Mapped[str] = mapped_column(String(254), default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]


class PlanningAreaContact(Model):
    """Where the papers of a planning area go; `name` as the municipalities have it."""

    __tablename__ = "planning_area_contact"
    __table_args__ = (UniqueConstraint("name", name="uq_planning_area_contact_name"),)

    id: Mapped[UUIDPk]
    name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(254))


class BoundaryFile(Model):
    """A file of boundaries that was taken in; gone when no municipality has its shape from it any more.

    `source` and `licence` (empty when nobody said it) stand under every map that is drawn from it; `sha256` is that of
    the file.
    """

    __tablename__ = "boundary_file"
    __table_args__ = (CheckConstraint("source <> ''", name="source_said"),)

    id: Mapped[UUIDPk]
    file_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(200))
    licence: Mapped[str] = mapped_column(String(80))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MunicipalityBoundary(Model):
    """The shape of a municipality, made simple for print: polygons of rings of [longitude, latitude] in degrees."""

    __tablename__ = "municipality_boundary"

    municipality_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("municipality.id", ondelete="CASCADE"), primary_key=True
    )
    file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("boundary_file.id"), index=True)
    shape: Mapped[list[list[list[list[float]]]]] = mapped_column(JSON)


class TravelTime(Model):
    """Minutes from a school in one municipality to one in another, as the office knows them; the same both ways.

    One row per pair: the municipality with the smaller id comes first. Goes before the estimate of `travel`.
    """

    __tablename__ = "travel_time"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id", name="uq_travel_time_pair"),
        CheckConstraint("first_id < second_id", name="in_order"),
        CheckConstraint(f"minutes BETWEEN 1 AND {MINUTES_MOST}", name="minutes"),
    )

    id: Mapped[UUIDPk]
    first_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("municipality.id"))
    second_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("municipality.id"))
    minutes: Mapped[int]


class Organisation(Model):
    """An actor of the district that offers, pays or decides something.

    `municipality_id` is set for one that is a municipality: it sees what concerns the schools there.
    """

    __tablename__ = "organisation"
    __table_args__ = (
        UniqueConstraint("name", name="uq_organisation_name"),
        Index("uq_organisation_municipality_id", "municipality_id", unique=True),
    )

    id: Mapped[UUIDPk]
    name: Mapped[str] = mapped_column(String(160))
    kind: Mapped[OrganisationKind] = mapped_column(enum_column(OrganisationKind, name="kind"))
    municipality_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("municipality.id"))
    email: Mapped[str] = mapped_column(String(254), default="")
    website: Mapped[str] = mapped_column(String(200), default="")

    municipality: Mapped[Municipality | None] = relationship()


class HelpService(Model):
    """A service that pupils, families and teachers can turn to, as last read from `help_services.toml`.

    `code` names the entry in the file. `phone` is None where nobody could verify a number; `reach` then says where
    to ask. `verified_on` is the day on which `source` was read, or on which its owner last confirmed it. `languages`
    are codes. `owner_email` is asked once a year (`asked_on`: when last); `remark` is what the owner says is wrong. A
    row that `is_kept_here` was written by the office, and the file leaves it alone.
    """

    __tablename__ = "help_service"
    __table_args__ = (UniqueConstraint("code", name="uq_help_service_code"),)

    id: Mapped[UUIDPk]
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[Localised] = mapped_column(LocalisedText)
    kind: Mapped[HelpServiceKind] = mapped_column(enum_column(HelpServiceKind, name="kind"))
    scope: Mapped[HelpServiceScope] = mapped_column(enum_column(HelpServiceScope, name="scope"))
    phone: Mapped[str | None] = mapped_column(String(40))
    url: Mapped[str | None] = mapped_column(String(200))
    hours: Mapped[Localised] = mapped_column(LocalisedText)
    reach: Mapped[Localised] = mapped_column(LocalisedText)
    position: Mapped[int]
    verified_on: Mapped[date]
    source: Mapped[str] = mapped_column(String(300))
    languages: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["it"])
    owner_name: Mapped[str] = mapped_column(String(120), default="")
    owner_email: Mapped[str] = mapped_column(String(254), default="")
    asked_on: Mapped[date | None]
    remark: Mapped[str] = mapped_column(Text, default="")
    is_kept_here: Mapped[bool] = mapped_column(default=False)
