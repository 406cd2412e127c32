"""What the catalogue asks of the rooms above, without importing them.

`create_app` connects the answers. A question nobody answers leaves the catalogue without that figure.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from blinker import Signal

# Sent with `edition_ids`, a frozenset of ids, and `now`. A receiver returns a mapping edition id ->
# EditionPlaces.
places_asked = Signal()


@dataclass(frozen=True, kw_only=True, slots=True)
class EditionPlaces:
    """Places of an edition that can be booked now: how many are free, and when the nearest begins."""

    free: int
    next_start: datetime | None


# Sent with `edition_ids` and `now`. A receiver returns a mapping edition id -> frozenset of (year, month): the
# months in which dates begin that can be booked now.
months_asked = Signal()

# Sent with `edition_ids`. A receiver returns a mapping edition id -> frozenset of ids of the sites whose classes took
# part.
schools_asked = Signal()

# Sent with `pairs`, a mapping of an edition's id to that of the next year's, made from it in this transaction: rooms
# above carry over what they keep beside an edition.
editions_carried = Signal()

# Sent with `school_year`. A receiver returns a mapping programme id -> PastYear.
past_year_asked = Signal()


@dataclass(frozen=True, kw_only=True, slots=True)
class PastYear:
    """What a programme did in a school year: classes, pupils and institutes that met it, and meetings held.

    `pupils` are those at the best attended meeting of each class.
    """

    classes: int
    schools: int
    meetings: int
    pupils: int = 0


def ask_months(edition_ids: frozenset[uuid.UUID], *, now: datetime) -> dict[uuid.UUID, frozenset[tuple[int, int]]]:
    """Collect the months in which bookable dates of editions begin."""
    found: dict[uuid.UUID, frozenset[tuple[int, int]]] = {}
    for _receiver, answer in months_asked.send(None, edition_ids=edition_ids, now=now):
        if isinstance(answer, Mapping):
            found.update(answer)
    return found


def ask_schools(edition_ids: frozenset[uuid.UUID]) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """Collect the sites that took part in editions; an edition without any may be missing."""
    found: dict[uuid.UUID, frozenset[uuid.UUID]] = {}
    for _receiver, answer in schools_asked.send(None, edition_ids=edition_ids):
        if isinstance(answer, Mapping):
            found.update(answer)
    return found


def ask_past_year(school_year: int) -> dict[uuid.UUID, PastYear]:
    """Collect what each programme did in a school year; one that did nothing is missing."""
    found: dict[uuid.UUID, PastYear] = {}
    for _receiver, answer in past_year_asked.send(None, school_year=school_year):
        if isinstance(answer, Mapping):
            found.update(answer)
    return found


def ask_places(edition_ids: frozenset[uuid.UUID], *, now: datetime) -> dict[uuid.UUID, EditionPlaces]:
    """Collect the free places of editions; an edition that nobody speaks for is missing from the answer."""
    found: dict[uuid.UUID, EditionPlaces] = {}
    for _receiver, answer in places_asked.send(None, edition_ids=edition_ids, now=now):
        if isinstance(answer, Mapping):
            found.update(answer)
    return found
