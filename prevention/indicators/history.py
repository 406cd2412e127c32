"""The waves of one survey over the years: which published tables may be set in one line.

A survey is known by its questionnaire. Of two surveys of one year neither is "the" one of that year, so such a year has
no point; the survey that is looked at always has its own.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from prevention.core.db import db
from prevention.indicators import ledger
from prevention.indicators.published import Dimension, PublishedTable
from prevention.schools.models import SchoolClass, Site
from prevention.schools.rules import Level
from prevention.surveys.models import Wave


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """The tables of one indicator, or of all over all pupils, in the waves of one survey, oldest first.

    `left_out` are school years with more than one survey of that questionnaire.
    """

    wave_id: UUID
    tables: tuple[PublishedTable, ...]
    left_out: tuple[int, ...]

    @property
    def now(self) -> tuple[PublishedTable, ...]:
        """The tables of the survey that is looked at."""
        return tuple(table for table in self.tables if table.wave_id == self.wave_id)

    @property
    def before(self) -> tuple[PublishedTable, ...]:
        """The tables of the school year before."""
        years = {table.school_year - 1 for table in self.now}
        return tuple(table for table in self.tables if table.school_year in years)

    def along(self, dimension: Dimension) -> list[PublishedTable]:
        """Give one table of each wave."""
        return [table for table in self.tables if table.dimension is dimension]


def history_of(wave_id: UUID, indicator_id: str) -> History:
    """Give the history of an indicator as seen from one survey. One query."""
    return arranged(ledger.tables_of_indicator(indicator_id), wave_id)


def whole_histories(wave_ids: Collection[UUID], *, first: int, last: int) -> tuple[History, ...]:
    """Give the history of all indicators over all pupils as seen from some surveys. One query.

    Args:
        wave_ids: of surveys of the school year `last`.
        first, last: school years, both included.
    """
    if not wave_ids:
        return ()
    found = ledger.whole_tables(first=first, last=last)
    return tuple(arranged(found, wave_id) for wave_id in wave_ids)


def arranged(found: Sequence[tuple[PublishedTable, str | None]], wave_id: UUID) -> History:
    """Keep the tables of the same questionnaire, of one survey a year. Pure."""
    code = next((code for table, code in found if table.wave_id == wave_id), None)
    same = [table for table, other in found if other == code]
    waves: dict[int, set[UUID]] = {}
    for table in same:
        waves.setdefault(table.school_year, set()).add(table.wave_id)
    own_year = next((table.school_year for table in same if table.wave_id == wave_id), None)
    left_out = tuple(sorted(year for year, some in waves.items() if len(some) > 1 and year != own_year))
    kept = [
        table
        for table in same
        if table.wave_id == wave_id or (table.school_year != own_year and table.school_year not in left_out)
    ]
    return History(wave_id=wave_id, tables=tuple(kept), left_out=left_out)


def year_of_survey(wave_id: UUID) -> int:
    """Give the calendar year in which the pupils of a wave answered. One query."""
    return db.session.get_one(Wave, wave_id).opens_on.year


def classes_there_are(school_year: int, levels: Sequence[str]) -> int:
    """Count the classes that the register knows in a school year, of some levels of school. One query."""
    query = (
        select(func.count())
        .select_from(SchoolClass)
        .join(SchoolClass.site)
        .where(SchoolClass.school_year == school_year, Site.level.in_([Level(one) for one in levels]))
    )
    return db.session.scalar(query) or 0
