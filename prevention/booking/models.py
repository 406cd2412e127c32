"""Rows of dated places and of the bookings of them."""

import uuid
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from prevention.accounts.models import User
from prevention.booking.rules import (
    ON_THE_LIST,
    REMINDER_DAYS_MOST,
    BookingStatus,
    CountedBy,
    MeetingStatus,
    SlotStatus,
    WaitingStatus,
)
from prevention.core import clock
from prevention.core.db import Model, UtcDateTime, UUIDPk, enum_column
from prevention.programmes.models import Edition, ProgrammeMeeting
from prevention.schools.models import SchoolClass, Site
from prevention.schools.time_models import Room

# Named here because the service turns a violation of it into a refusal. On SQLite the violation names the
# columns.
ONE_PER_EDITION = "uq_booking_standing_edition_class"
ONE_PER_EDITION_ON_SQLITE = "booking.edition_id, booking.school_class_id"
ONE_WAIT_PER_SLOT = "uq_waiting_class_standing_slot_class"
ONE_WAIT_PER_SLOT_ON_SQLITE = "waiting_class.slot_id, waiting_class.school_class_id"

_STANDING = text("status IN ('requested', 'confirmed')")
_WAITING = text("status IN ('waiting', 'offered')")


class Slot(Model):
    """Dated places of an edition, published by its provider.

    `site_id` is where classes travel to, None when it happens at the class's own school; `room_id` is a room there.
    `places` are classes or people on each date, as `counted_by` says. A class takes all dates, or `dates_to_take` of
    them when that is not None. `places_taken` says how full the dates are for one who wants as many of them as are to
    be taken: places are left as long as it is below `places`. `books_from` and `books_until` are days in Rome, both
    included; None as `books_from` means at once.
    """

    __tablename__ = "slot"
    __table_args__ = (
        CheckConstraint("0 <= places_taken AND places_taken <= places", name="places"),
        CheckConstraint("books_from IS NULL OR books_from <= books_until", name="booking_days"),
        CheckConstraint("dates_to_take >= 1", name="dates_to_take"),
    )

    id: Mapped[UUIDPk]
    edition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("edition.id"), index=True)
    facilitator_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    site_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("site.id"))
    room_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("room.id"), index=True)
    places: Mapped[int]
    places_taken: Mapped[int] = mapped_column(default=0)
    counted_by: Mapped[CountedBy] = mapped_column(enum_column(CountedBy, name="counted_by"), default=CountedBy.CLASSES)
    dates_to_take: Mapped[int | None]
    books_from: Mapped[date | None]
    books_until: Mapped[date]
    note: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[SlotStatus] = mapped_column(enum_column(SlotStatus, name="status"), default=SlotStatus.OPEN)

    edition: Mapped[Edition] = relationship()
    facilitator: Mapped[User | None] = relationship()
    site: Mapped[Site | None] = relationship()
    room: Mapped[Room | None] = relationship()
    meetings: Mapped[list["SlotMeeting"]] = relationship(
        back_populates="slot", order_by="SlotMeeting.number", cascade="all, delete-orphan"
    )

    if TYPE_CHECKING:
        is_waited_for: Mapped[bool]

    @property
    def places_left(self) -> int:
        """Places that are still free."""
        return self.places - self.places_taken


class SlotMeeting(Model):
    """One date of a slot: for the meeting with the same `number` of the programme, or one to choose from.

    `places` repeats those of the slot, so that the database itself can refuse one too many on a date.
    """

    __tablename__ = "slot_meeting"
    __table_args__ = (
        UniqueConstraint("slot_id", "number", name="uq_slot_meeting_slot_number"),
        CheckConstraint("starts_at < ends_at", name="times"),
        CheckConstraint("0 <= places_taken AND places_taken <= places", name="places"),
        # The list of open dates begins at a day and shows the nearest first.
        Index("ix_slot_meeting_first", "number", "starts_at"),
    )

    id: Mapped[UUIDPk]
    slot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"))
    number: Mapped[int]
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    places: Mapped[int]
    places_taken: Mapped[int] = mapped_column(default=0)
    status: Mapped[MeetingStatus] = mapped_column(
        enum_column(MeetingStatus, name="status"), default=MeetingStatus.PLANNED
    )

    slot: Mapped[Slot] = relationship(back_populates="meetings")

    @property
    def places_left(self) -> int:
        """Places that nobody has booked on this date; holds and offers to waiting classes are not looked at."""
        return self.places - self.places_taken if self.status is MeetingStatus.PLANNED else 0


class Booking(Model):
    """One class that takes part in an edition, or asks to.

    `slot_id` is None when the office plans the dates itself; until it has, there are no meetings and `wish` says
    what the class would like. `places` is what the booking takes on each of its slot's dates (see `Slot`), 0
    without a slot. `chosen_despite_evidence` says that the coordinator was shown a better-evidenced programme and
    still booked this one.
    """

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("pupils >= 1", name="pupils"),
        CheckConstraint("adults >= 0", name="adults"),
        # A class takes part in an edition once; what was called off or declined does not stand in the way.
        Index(
            ONE_PER_EDITION,
            "edition_id",
            "school_class_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
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
    places: Mapped[int] = mapped_column(default=0)
    special_needs: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[BookingStatus] = mapped_column(
        enum_column(BookingStatus, name="status"), default=BookingStatus.CONFIRMED
    )
    chosen_despite_evidence: Mapped[bool] = mapped_column(default=False)
    booked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_message: Mapped[str] = mapped_column(String(500), default="")
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
    wish: Mapped["BookingWish | None"] = relationship(back_populates="booking", cascade="all, delete-orphan")


class BookingMeeting(Model):
    """One date of a booking.

    Its id is the UID of the calendar entry, `sequence` the entry's version (from 0). `slot_meeting_id` is the
    slot's date on which it takes its booking's places while it is planned, None for a date of its own. `room_id` is the
    room of that slot, or the one that planning gave it.
    """

    __tablename__ = "booking_meeting"
    __table_args__ = (
        UniqueConstraint("booking_id", "number", name="uq_booking_meeting_booking_number"),
        CheckConstraint("starts_at < ends_at", name="times"),
        # Agendas: the dates of a facilitator, and all dates, from a moment on.
        Index("ix_booking_meeting_facilitator", "facilitator_id", "starts_at"),
        Index("ix_booking_meeting_starts_at", "starts_at"),
        # Who takes places on a slot's date.
        Index("ix_booking_meeting_slot_meeting_id", "slot_meeting_id"),
    )

    id: Mapped[UUIDPk]
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"))
    number: Mapped[int]
    programme_meeting_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("programme_meeting.id"))
    slot_meeting_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("slot_meeting.id"))
    facilitator_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    room_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("room.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[MeetingStatus] = mapped_column(
        enum_column(MeetingStatus, name="status"), default=MeetingStatus.PLANNED
    )
    sequence: Mapped[int] = mapped_column(default=0)
    # Kept by the column itself, so that no writer forgets it: feeds, digests and reminders ask what is new.
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)

    booking: Mapped[Booking] = relationship(back_populates="meetings")
    programme_meeting: Mapped[ProgrammeMeeting | None] = relationship()
    facilitator: Mapped[User | None] = relationship()
    room: Mapped[Room | None] = relationship()


class BookingWish(Model):
    """What a class that asks for a programme would like; the office plans its dates.

    `weekdays` are 0 (Monday) to 6, an empty list means any. `earliest` and `latest` are hours on the wall clock
    between which a meeting should lie, None means any. `weeks_to_avoid` are the ISO days of their Mondays.
    """

    __tablename__ = "booking_wish"
    __table_args__ = (
        UniqueConstraint("booking_id", name="uq_booking_wish_booking_id"),
        CheckConstraint("earliest < latest", name="hours"),
    )

    id: Mapped[UUIDPk]
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"))
    weekdays: Mapped[list[int]] = mapped_column(JSON, default=list)
    earliest: Mapped[time | None]
    latest: Mapped[time | None]
    weeks_to_avoid: Mapped[list[str]] = mapped_column(JSON, default=list)
    facilitator_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    note: Mapped[str] = mapped_column(Text, default="")

    booking: Mapped[Booking] = relationship(back_populates="wish")
    facilitator: Mapped[User | None] = relationship()


class SlotHold(Model):
    """Places on a date that one person keeps while their form is open; worth nothing after `expires_at`."""

    __tablename__ = "slot_hold"
    __table_args__ = (
        UniqueConstraint("slot_meeting_id", "user_id", name="uq_slot_hold_date_user"),
        CheckConstraint("places >= 1", name="places"),
        # One's own holds, when the next form opens.
        Index("ix_slot_hold_user_id", "user_id"),
    )

    id: Mapped[UUIDPk]
    slot_meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("slot_meeting.id", ondelete="CASCADE"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    places: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WaitingClass(Model):
    """A whole class that waits for places of a slot, and what became of it.

    `numbers` are the slot's dates it wants, `places` what it would take on each. While `status` is *offered*
    these places are kept for it until `offer_expires_at`. `skips` is the history of offers that passed it by,
    newest last: ``[{"at": moment, "why": name of the refusal, "wanted": places, "free": places}]``.
    """

    __tablename__ = "waiting_class"
    __table_args__ = (
        CheckConstraint("pupils >= 1", name="pupils"),
        CheckConstraint("adults >= 0", name="adults"),
        CheckConstraint("places >= 1", name="places"),
        CheckConstraint("(status = 'offered') = (offer_expires_at IS NOT NULL)", name="offer_has_end"),
        # A class waits for a slot once.
        Index(
            ONE_WAIT_PER_SLOT,
            "slot_id",
            "school_class_id",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        # Offers that ran out, and the classes that wait.
        Index("ix_waiting_class_status", "status", "offer_expires_at"),
    )

    id: Mapped[UUIDPk]
    slot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("slot.id"))
    school_class_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("school_class.id"))
    numbers: Mapped[list[int]] = mapped_column(JSON)
    pupils: Mapped[int]
    adults: Mapped[int] = mapped_column(default=0)
    places: Mapped[int]
    special_needs: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[WaitingStatus] = mapped_column(
        enum_column(WaitingStatus, name="status"), default=WaitingStatus.WAITING
    )
    joined_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    offered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    offer_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    skips: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    booking_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("booking.id"))

    slot: Mapped[Slot] = relationship()
    school_class: Mapped[SchoolClass] = relationship()
    joiner: Mapped[User] = relationship(foreign_keys=[joined_by])


class EditionReminder(Model):
    """How many days before each date of an edition a reminder goes out, where that differs from the general one.

    0 means none.
    """

    __tablename__ = "edition_reminder"
    __table_args__ = (CheckConstraint(f"days BETWEEN 0 AND {REMINDER_DAYS_MOST}", name="days"),)

    edition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("edition.id", ondelete="CASCADE"), primary_key=True)
    days: Mapped[int]


# Whether classes wait for a slot's places, so that others see none; loaded where a page shows places.
Slot.is_waited_for = column_property(
    select(WaitingClass.id)
    .where(WaitingClass.slot_id == Slot.id, WaitingClass.status.in_(ON_THE_LIST))
    .correlate_except(WaitingClass)
    .exists(),
    deferred=True,
)
