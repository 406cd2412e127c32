"""What the release ledger holds, survey by survey: for lists and choices that need no figure.

Is not `ledger`, which hands out the tables themselves: no table is read or checked here.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from prevention.core.db import db
from prevention.indicators.ledger import is_in_force
from prevention.indicators.models import PublishedTableRow, SealedWave
from prevention.indicators.published import Audience, Dimension


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """One survey of which tables for the whole district are published.

    `indicators` and `tables` are how many; `published_on` is the day of the newest of them, `first_published_on` of the
    oldest.
    """

    wave_id: UUID
    wave_name: str
    school_year: int
    indicators: int
    tables: int
    first_published_on: date
    published_on: date


def releases() -> tuple[Release, ...]:
    """Give the surveys with tables for the district: newest school year first, in it the newest survey. One query."""
    row = PublishedTableRow
    query = (
        select(
            row.wave_id,
            SealedWave.wave_name,
            row.school_year,
            func.count(row.indicator_id.distinct()),
            func.count(),
            func.min(row.published_on),
            func.max(row.published_on),
        )
        .join(SealedWave, SealedWave.id == row.seal_id)
        .where(row.audience == Audience.DISTRICT, row.selection == "", row.dimension != Dimension.CUBE, is_in_force())
        .group_by(row.wave_id, SealedWave.wave_name, SealedWave.sealed_on, SealedWave.id, row.school_year)
        .order_by(row.school_year.desc(), SealedWave.sealed_on.desc(), SealedWave.wave_name, SealedWave.id)
    )
    return tuple(
        Release(
            wave_id=wave_id,
            wave_name=wave_name,
            school_year=school_year,
            indicators=indicators,
            tables=tables,
            first_published_on=first,
            published_on=last,
        )
        for wave_id, wave_name, school_year, indicators, tables, first, last in db.session.execute(query)
    )
