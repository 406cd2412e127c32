"""Rows of the programmes: programme, its meetings and their activities, and its edition of a school year."""

import uuid
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.core.db import LocalisedText, Model, UtcDateTime, UUIDPk, enum_column
from prevention.core.i18n import Localised
from prevention.network.models import Organisation
from prevention.programmes.rules import (
    SPACING_DAYS,
    SPACING_DAYS_MOST,
    SPACING_TOLERANCE,
    BookingMode,
    EditionStatus,
    EvidenceClass,
    Method,
    RoomNeed,
    Venue,
)
from prevention.schools.rules import RoomKind


class Programme(Model):
    """A permanent offer to classes.

    `levels` and `topics` are lists of enum values, in the order of their enum. `grade_min` and `grade_max` (1
    to 5, both included) hold inside each of the levels. `dose_source` says where the number of meetings was
    read, `evidence_source` where the evidence was read: an address or a reference.
    """

    __tablename__ = "programme"
    __table_args__ = (CheckConstraint("1 <= grade_min AND grade_min <= grade_max AND grade_max <= 5", name="grades"),)

    id: Mapped[UUIDPk]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[Localised] = mapped_column(LocalisedText)
    summary: Mapped[Localised] = mapped_column(LocalisedText)
    topics: Mapped[list[str]] = mapped_column(JSON)
    levels: Mapped[list[str]] = mapped_column(JSON)
    grade_min: Mapped[int]
    grade_max: Mapped[int]
    method: Mapped[Method] = mapped_column(enum_column(Method, name="method"))
    delivered_by: Mapped[Localised] = mapped_column(LocalisedText)
    dose_source: Mapped[str] = mapped_column(String(500), default="")
    evidence_class: Mapped[EvidenceClass] = mapped_column(enum_column(EvidenceClass, name="evidence_class"))
    evidence_note: Mapped[Localised] = mapped_column(LocalisedText)
    evidence_source: Mapped[str] = mapped_column(String(500), default="")
    is_active: Mapped[bool] = mapped_column(default=True)

    meetings: Mapped[list["ProgrammeMeeting"]] = relationship(
        back_populates="programme", order_by="ProgrammeMeeting.number", cascade="all, delete-orphan"
    )
    editions: Mapped[list["Edition"]] = relationship(back_populates="programme", order_by="Edition.school_year.desc()")

    @property
    def minutes(self) -> int:
        """Length of all meetings together, in minutes; reads `meetings`."""
        return sum(meeting.minutes for meeting in self.meetings)


class ProgrammeMeeting(Model):
    """One meeting of a programme; `number` counts from 1, `minutes` is its planned length."""

    __tablename__ = "programme_meeting"
    __table_args__ = (
        UniqueConstraint("programme_id", "number"),
        CheckConstraint("minutes BETWEEN 10 AND 600", name="minutes"),
    )

    id: Mapped[UUIDPk]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[Localised] = mapped_column(LocalisedText)
    minutes: Mapped[int]

    programme: Mapped[Programme] = relationship(back_populates="meetings")
    activities: Mapped[list["ProgrammeActivity"]] = relationship(
        back_populates="meeting", order_by="ProgrammeActivity.position", cascade="all, delete-orphan"
    )


class ProgrammeActivity(Model):
    """One activity inside a meeting, the unit in which fidelity is recorded; `position` counts from 1."""

    __tablename__ = "programme_activity"
    __table_args__ = (UniqueConstraint("meeting_id", "position"),)

    id: Mapped[UUIDPk]
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme_meeting.id", ondelete="CASCADE"))
    position: Mapped[int]
    title: Mapped[Localised] = mapped_column(LocalisedText)

    meeting: Mapped[ProgrammeMeeting] = relationship(back_populates="activities")


class Edition(Model):
    """A programme in one school year (2026 = 2026/27): who provides it, and on what terms classes book it.

    Group sizes count pupils, `quota_per_school` classes of one institute (None: as many as it likes).
    `booking_mode` says whether classes take published dates or ask the office for dates; `auto_accept` whether a
    booking stands at once or waits for the provider's yes, whose usual words are `acceptance_text`. Meetings of one
    class should lie `spacing_days` apart, give or take `spacing_tolerance`. `room_need` says what room at the school it
    takes, `room_kind` of which kind (None: any), `needs` in words what else must be ready, `languages` in which it is
    held (codes), `venue` where.
    """

    __tablename__ = "edition"
    __table_args__ = (
        UniqueConstraint("programme_id", "school_year"),
        CheckConstraint("1 <= group_min AND group_min <= group_max", name="group_sizes"),
        CheckConstraint("quota_per_school >= 1", name="quota_per_school"),
        CheckConstraint(
            f"0 <= spacing_tolerance AND spacing_tolerance <= spacing_days AND spacing_days <= {SPACING_DAYS_MOST}",
            name="spacing",
        ),
    )

    id: Mapped[UUIDPk]
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    school_year: Mapped[int]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    group_min: Mapped[int] = mapped_column(default=1)
    group_max: Mapped[int] = mapped_column(default=35)
    status: Mapped[EditionStatus] = mapped_column(
        enum_column(EditionStatus, name="status"), default=EditionStatus.DRAFT
    )
    note: Mapped[str] = mapped_column(Text, default="")
    booking_mode: Mapped[BookingMode] = mapped_column(
        enum_column(BookingMode, name="booking_mode"), default=BookingMode.DATES
    )
    auto_accept: Mapped[bool] = mapped_column(default=True)
    acceptance_text: Mapped[str] = mapped_column(String(500), default="")
    quota_per_school: Mapped[int | None]
    spacing_days: Mapped[int] = mapped_column(default=SPACING_DAYS)
    spacing_tolerance: Mapped[int] = mapped_column(default=SPACING_TOLERANCE)
    venue: Mapped[Venue] = mapped_column(enum_column(Venue, name="venue"), default=Venue.AT_SCHOOL)
    room_need: Mapped[RoomNeed] = mapped_column(enum_column(RoomNeed, name="room_need"), default=RoomNeed.NONE)
    room_kind: Mapped[RoomKind | None] = mapped_column(enum_column(RoomKind, name="room_kind"))
    languages: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["it"])
    needs: Mapped[Localised] = mapped_column(LocalisedText, default=Localised)

    programme: Mapped[Programme] = relationship(back_populates="editions")
    organisation: Mapped[Organisation] = relationship()


class EditionSchool(Model):
    """A school that an edition counts on, because it took part the year before."""

    __tablename__ = "edition_school"

    edition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), primary_key=True)
    site_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("site.id"), primary_key=True, index=True)


class YearOpening(Model):
    """That a school year was opened from the one before, and what this made, so that it can be undone.

    `editions` and `sites` are lists of ids: editions that came into being, sites whose classes were carried over.
    """

    __tablename__ = "year_opening"

    id: Mapped[UUIDPk]
    school_year: Mapped[int] = mapped_column(index=True)
    editions: Mapped[list[str]] = mapped_column(JSON)
    sites: Mapped[list[str]] = mapped_column(JSON)
    opened_by: Mapped[uuid.UUID]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
