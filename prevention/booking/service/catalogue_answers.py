"""What the catalogue asks of booking, besides free places: in which months bookable dates begin."""

import uuid
from collections import defaultdict
from datetime import datetime

from sqlalchemy import select

from prevention.booking.models import Slot, SlotMeeting
from prevention.booking.rules import SlotStatus
from prevention.core import clock
from prevention.core.db import db


def bookable_months(
    _sender: object, *, edition_ids: frozenset[uuid.UUID], now: datetime
) -> dict[uuid.UUID, frozenset[tuple[int, int]]]:
    """Answer with the (year, month) pairs in Rome in which dates with a free place begin. One statement."""
    today = clock.day_of(now)
    rows = db.session.execute(
        select(Slot.edition_id, SlotMeeting.starts_at)
        .join(SlotMeeting, (SlotMeeting.slot_id == Slot.id) & (SlotMeeting.number == 1))
        .where(
            Slot.edition_id.in_(edition_ids),
            Slot.status == SlotStatus.OPEN,
            Slot.books_until >= today,
            Slot.books_from.is_(None) | (Slot.books_from <= today),
            SlotMeeting.starts_at > now,
            Slot.places_taken < Slot.places,
        )
        .distinct()
    )
    found: dict[uuid.UUID, set[tuple[int, int]]] = defaultdict(set)
    for edition_id, starts_at in rows:
        day = clock.day_of(starts_at)
        found[edition_id].add((day.year, day.month))
    return {edition_id: frozenset(months) for edition_id, months in found.items()}
