"""Rows about school time: the year's calendar, closures, bell times, and rooms."""

import uuid
from datetime import date, time

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.core.db import LocalisedText, Model, UUIDPk, enum_column
from prevention.core.i18n import Localised
from prevention.network.models import Municipality
from prevention.schools.models import Institute, SchoolClass, Site
from prevention.schools.rules import RoomKind
from prevention.schools.school_time import ClosureKind

# Named here because the service turns violations of them into refusals; on SQLite they are named by their columns.
ONE_CALENDAR_PER_YEAR = ("uq_school_calendar_school_year", "school_calendar.school_year")
ONE_ROOM_PER_NAME = ("uq_room_site_name", "room.site_id, room.name")
ONE_CLOSURE_PER_KEY = ("uq_school_closure_import_key", "school_closure.import_key")

REASON_LENGTH_MAX = 120


class SchoolCalendar(Model):
    """First and last day of lessons of a school year in this district, and who says so."""

    __tablename__ = "school_calendar"
    __table_args__ = (
        UniqueConstraint("school_year", name=ONE_CALENDAR_PER_YEAR[0]),
        CheckConstraint("first_day < last_day", name="days"),
    )

    id: Mapped[UUIDPk]
    school_year: Mapped[int]
    first_day: Mapped[date]
    last_day: Mapped[date]
    source: Mapped[str] = mapped_column(String(300))


class SchoolClosure(Model):
    """Days without lessons, both ends included, and for whom.

    Without municipality and institute it holds for the whole district; a site, grades (1 to 5) or classes narrow down
    an institute's own. `import_key` says from which entry of which file it came, so that a second import finds it.
    """

    __tablename__ = "school_closure"
    __table_args__ = (
        UniqueConstraint("import_key", name=ONE_CLOSURE_PER_KEY[0]),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("municipality_id IS NULL OR institute_id IS NULL", name="one_scope"),
        CheckConstraint("site_id IS NULL OR institute_id IS NOT NULL", name="site_of_institute"),
        # The closures of a school year, day by day.
        Index("ix_school_closure_year", "school_year", "first_day"),
        # What one institute added.
        Index("ix_school_closure_institute_id", "institute_id"),
    )

    id: Mapped[UUIDPk]
    school_year: Mapped[int]
    first_day: Mapped[date]
    last_day: Mapped[date]
    kind: Mapped[ClosureKind] = mapped_column(enum_column(ClosureKind, name="kind"))
    reason: Mapped[Localised] = mapped_column(LocalisedText)
    municipality_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("municipality.id"))
    institute_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("institute.id"))
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"))
    grades: Mapped[list[int]] = mapped_column(JSON, default=list)
    source: Mapped[str] = mapped_column(String(300), default="")
    import_key: Mapped[str | None] = mapped_column(String(400))

    municipality: Mapped[Municipality | None] = relationship()
    institute: Mapped[Institute | None] = relationship()
    site: Mapped[Site | None] = relationship()
    classes: Mapped[list["ClosureClass"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class ClosureClass(Model):
    """One class that a closure is for."""

    __tablename__ = "closure_class"

    closure_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("school_closure.id", ondelete="CASCADE"), primary_key=True)
    school_class_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("school_class.id"), primary_key=True, index=True)

    school_class: Mapped[SchoolClass] = relationship()


class BellPeriod(Model):
    """One period of one weekday (0 Monday to 6 Sunday) at a site, on the wall clock."""

    __tablename__ = "bell_period"
    __table_args__ = (
        UniqueConstraint("site_id", "weekday", "number", name="uq_bell_period_site_weekday_number"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("starts < ends", name="times"),
    )

    id: Mapped[UUIDPk]
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    weekday: Mapped[int]
    number: Mapped[int]
    starts: Mapped[time]
    ends: Mapped[time]


class Room(Model):
    """A room of a site in which meetings take place. `capacity` counts people; None where nobody said."""

    __tablename__ = "room"
    __table_args__ = (
        UniqueConstraint("site_id", "name", name=ONE_ROOM_PER_NAME[0]),
        CheckConstraint("capacity BETWEEN 1 AND 2000", name="capacity"),
    )

    id: Mapped[UUIDPk]
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"))
    name: Mapped[str] = mapped_column(String(60))
    capacity: Mapped[int | None]
    has_projector: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[RoomKind] = mapped_column(enum_column(RoomKind, name="kind"), default=RoomKind.OTHER)
    is_in_use: Mapped[bool] = mapped_column(default=True)

    site: Mapped[Site] = relationship()
