"""What booking answers and does when a school year is opened from the one before."""

import uuid
from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import insert, select

from prevention.booking.models import Booking, EditionReminder
from prevention.booking.rules import BookingStatus
from prevention.core.db import db
from prevention.schools.models import SchoolClass


def schools_of_editions(_sender: object, *, edition_ids: frozenset[uuid.UUID]) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """Answer which sites had a confirmed booking of editions. One statement."""
    found: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    rows = db.session.execute(
        select(Booking.edition_id, SchoolClass.site_id)
        .join(Booking.school_class)
        .where(Booking.edition_id.in_(edition_ids), Booking.status == BookingStatus.CONFIRMED)
        .distinct()
    )
    for row in rows:
        found[row.edition_id].add(row.site_id)
    return {edition_id: frozenset(sites) for edition_id, sites in found.items()}


def carry_reminders(_sender: object, *, pairs: Mapping[uuid.UUID, uuid.UUID]) -> None:
    """Let the next year's editions remind as early as those before. Two statements."""
    rows = db.session.execute(
        select(EditionReminder.edition_id, EditionReminder.days).where(EditionReminder.edition_id.in_(pairs))
    )
    values = [{"edition_id": pairs[row.edition_id], "days": row.days} for row in rows]
    if values:
        db.session.execute(insert(EditionReminder), values)
