"""Rows of calendar feeds: whose dates, and under which key they can be subscribed to now."""

import uuid
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from prevention.booking.rules import FeedKind
from prevention.core.db import Model, UtcDateTime, UUIDPk, enum_column


class CalendarFeed(Model):
    """One address that calendars subscribe to.

    `subject_id` is a person or an institute, as `kind` says. The address itself is kept nowhere: it is worked out
    from `key_id` and the secret of the installation (`service.feeds`). A new `key_id` ends the old address.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", name="uq_calendar_feed_kind_subject"),
        UniqueConstraint("key_id", name="uq_calendar_feed_key_id"),
    )

    id: Mapped[UUIDPk]
    kind: Mapped[FeedKind] = mapped_column(enum_column(FeedKind, name="kind"))
    subject_id: Mapped[uuid.UUID]
    key_id: Mapped[uuid.UUID]
    renewed_by: Mapped[uuid.UUID]
    renewed_at: Mapped[datetime] = mapped_column(UtcDateTime)
