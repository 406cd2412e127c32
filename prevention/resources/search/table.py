"""The lines of what is published as arrays, remembered by each process for as long as nothing has changed.

Whoever writes the index writes a new stamp beside it, in the same transaction; a stamp is random, so that one that was
rolled back never comes again. Reading it costs one row; reading all lines anew costs some 20 ms for 20,000.
"""

import uuid
from dataclasses import dataclass

import numpy as np
from flask import current_app
from numpy.typing import NDArray
from sqlalchemy import select, text

from prevention.core.db import db
from prevention.core.models import InstallationFact

_STAMP = "resource_index_stamp"
_ALL = text(
    "SELECT number, facets, published_day, review_day, CAST(programme_id AS VARCHAR(36)) FROM resource_index "
    "WHERE is_published ORDER BY number"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Published lines by rising number; days are counted as `date.toordinal`, programmes as the database writes ids."""

    stamp: str | None
    numbers: NDArray[np.int64]
    masks: NDArray[np.int64]
    days: NDArray[np.int64]
    review_days: NDArray[np.int64]
    programmes: NDArray[np.object_]


def current_table() -> Table:
    """Give the lines as this transaction sees them."""
    stamp = db.session.scalar(select(InstallationFact.value).where(InstallationFact.key == _STAMP))
    known: Table | None = current_app.extensions.get(_STAMP)
    if known is not None and stamp is not None and known.stamp == stamp:
        return known
    table = _read(stamp)
    # Without a stamp nobody would say when it has changed.
    if stamp is not None:
        current_app.extensions[_STAMP] = table
    return table


def note_change() -> None:
    """Say that lines have changed, in the transaction that changed them."""
    db.session.merge(InstallationFact(key=_STAMP, value=uuid.uuid4().hex))
    db.session.flush()


def _read(stamp: str | None) -> Table:
    rows = db.session.execute(_ALL).all()
    columns = list(zip(*rows, strict=True)) if rows else [()] * 5
    numbers, masks, days, review_days = (np.array(column, dtype=np.int64) for column in columns[:4])
    return Table(
        stamp=stamp,
        numbers=numbers,
        masks=masks,
        days=days,
        review_days=review_days,
        programmes=np.array(columns[4], dtype=object),
    )
