"""Rows of dated places and of the bookings of them."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from prevention.accounts.models import User
from prevention.booking.rules import BookingStatus, MeetingStatus, SlotStatus
from prevention.core.db import Model, UtcDateTime, UUIDPk, enum_column
from prevention.programmes.models import Edition, ProgrammeMeeting
from prevention.schools.models import SchoolClass, Site

# Named here because the service turns a violation of it into a refusal. On SQLite the violation names the
# columns.
ONE_PER_EDITION = "uq_booking_confirmed_edition_class"
ONE_PER_EDITION_ON_SQLITE = "booking.edition_id, booking.school_class_id"

_CONFIRMED = text("status = 'confirmed'")


class Slot(Model):
    """Dated places of an edition, published by its provider.

    `site_id` is where classes travel to, None when it happens at the class's own school. A place is one
    class. `books_from` and `books_until` are days in Rome, both included; None as `books_from` means at once.
    """

    __tablename__ = "slot"
    __table_args__ = (
        CheckConstraint("0 <= places_taken AND places_taken <= places", name="places"),
        CheckConstraint("books_from IS NULL OR books_from <= books_until", name="booking_days"),
    )

    id: Mapped[UUIDPk]
    edition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("edition.id"), index=True)
    facilitator_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"))
    places: Mapped[int]
    places_taken: Mapped[int] = mapped_column(default=0)
    books_from: Mapped[date | None]
    books_until: Mapped[date]
    note: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[SlotStatus] = mapped_column(enum_column(SlotStatus, name="status"), default=SlotStatus.OPEN)

    edition: Mapped[Edition] = relationship()
    facilitator: Mapped[User | None] = relationship()
    site: Mapped[Site | None] = relationship()
    meetings: Mapped[list["SlotMeeting"]] = relationship(
        back_populates="slot", order_by="SlotMeeting.number", cascade="all, delete-orphan"
    )

    @property
    def places_left(self) -> int:
        """Places that are still free."""
        return self.places - self.places_taken


class SlotMeeting(Model):
    """One date of a slot, for the meeting with the same `number` of the programme."""

    __tablename__ = "slot_meeting"
    __table_args__ = (
        UniqueConstraint("slot_id", "number", name="uq_slot_meeting_slot_number"),
        CheckConstraint("starts_at < ends_at", name="times"),
        # The list of open dates begins at a day and shows the nearest first.
        Index("ix_slot_meeting_first", "number", "starts_at"),
    )

    id: Mapped[UUIDPk]
    slot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"))
    number: Mapped[int]
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)

    slot: Mapped[Slot] = relationship(back_populates="meetings")


class Booking(Model):
    """One class that takes part in an edition.

    `slot_id` is None when the office planned the dates itself. `chosen_despite_evidence` says that the
    coordinator was shown a better-evidenced programme and still booked this one.
    """

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("pupils >= 1", name="pupils"),
        CheckConstraint("adults >= 0", name="adults"),
        # A class takes part in an edition once; a cancelled booking does not stand in the way.
        Index(
            ONE_PER_EDITION,
            "edition_id",
            "school_class_id",
            unique=True,
            sqlite_where=_CONFIRMED,
            postgresql_where=_CONFIRMED,
        ),
        # The bookings of a class, for its other dates.
        Index("ix_booking_school_class_id", "school_class_id"),
        # The bookings of a slot, for its page and for calling it off.
        Index("ix_booking_slot_id", "slot_id"),
    )

    id: Mapped[UUIDPk]
    slot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("slot.id"))
    edition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("edition.id"))
    school_class_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("school_class.id"))
    pupils: Mapped[int]
    adults: Mapped[int] = mapped_column(default=0)
    special_needs: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[BookingStatus] = mapped_column(
        enum_column(BookingStatus, name="status"), default=BookingStatus.CONFIRMED
    )
    chosen_despite_evidence: Mapped[bool] = mapped_column(default=False)
    booked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cancelled_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str] = mapped_column(String(500), default="")

    slot: Mapped[Slot | None] = relationship()
    edition: Mapped[Edition] = relationship()
    school_class: Mapped[SchoolClass] = relationship()
    booker: Mapped[User] = relationship(foreign_keys=[booked_by])
    meetings: Mapped[list["BookingMeeting"]] = relationship(
        back_populates="booking", order_by="BookingMeeting.number", cascade="all, delete-orphan"
    )


class BookingMeeting(Model):
    """One date of a booking.

    Its id is the UID of the calendar entry, `sequence` the entry's version (from 0).
    """

    __tablename__ = "booking_meeting"
    __table_args__ = (
        UniqueConstraint("booking_id", "number", name="uq_booking_meeting_booking_number"),
        CheckConstraint("starts_at < ends_at", name="times"),
        # Agendas: the dates of a facilitator, and all dates, from a moment on.
        Index("ix_booking_meeting_facilitator", "facilitator_id", "starts_at"),
        Index("ix_booking_meeting_starts_at", "starts_at"),
    )

    id: Mapped[UUIDPk]
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"))
    number: Mapped[int]
    programme_meeting_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("programme_meeting.id"))
    facilitator_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[MeetingStatus] = mapped_column(
        enum_column(MeetingStatus, name="status"), default=MeetingStatus.PLANNED
    )
    sequence: Mapped[int] = mapped_column(default=0)

    booking: Mapped[Booking] = relationship(back_populates="meetings")
    programme_meeting: Mapped[ProgrammeMeeting | None] = relationship()
    facilitator: Mapped[User | None] = relationship()
