"""The charts of an edition's web page, drawn by the jobs process and kept with the edition.

Each edition that somebody can look at is checked once by each jobs process: new figures are drawn, and so is what a
newer version of this software would draw otherwise. What is kept already is not drawn again. Two processes that draw
the same edition write the same.
"""

import uuid
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import undefer

from prevention.core.db import db, unit_of_work
from prevention.core.i18n import LANGUAGES, in_language
from prevention.reports import drawings, edition_reading, papers
from prevention.reports.edition_rules import EditionState
from prevention.reports.models import ReportEdition

# Editions that this process has looked at, with the moment of their figures.
_checked: set[tuple[uuid.UUID, datetime]] = set()


def draw_next() -> bool:
    """Draw what the web page of one edition lacks; say whether there was one to look at. One short transaction."""
    with unit_of_work():
        found = next((one for one in _shown() if one not in _checked), None)
        if found is None:
            return False
        edition = db.session.get_one(ReportEdition, found[0], options=[undefer(ReportEdition.drawings)])
        figures, kept = edition_reading.figures_of(edition), edition.drawings
    # Noted first: what cannot be drawn must not keep the others waiting.
    _checked.add(found)
    with drawings.drawing(kept) as used:
        for language in LANGUAGES:
            with in_language(language):
                papers.twin_values(figures, language=language)
    if used != kept:
        with unit_of_work():
            _keep(*found, used)
    return True


def _shown() -> list[tuple[uuid.UUID, datetime]]:
    """List the editions that can be looked at: those in the making, and the newest of each year."""
    newest = (
        select(ReportEdition.school_year, func.max(ReportEdition.number).label("number"))
        .where(ReportEdition.state == EditionState.PUBLISHED)
        .group_by(ReportEdition.school_year)
        .subquery()
    )
    is_newest = (newest.c.school_year == ReportEdition.school_year) & (newest.c.number == ReportEdition.number)
    rows = db.session.execute(
        select(ReportEdition.id, ReportEdition.collected_at)
        .outerjoin(newest, is_newest)
        .where(or_(ReportEdition.state != EditionState.PUBLISHED, newest.c.number.is_not(None)))
        .order_by(ReportEdition.collected_at.desc())
    )
    return [(row.id, row.collected_at) for row in rows]


def _keep(edition_id: uuid.UUID, collected_at: datetime, used: dict[str, str]) -> None:
    """Keep drawings, unless the figures were taken anew meanwhile: then they are those of other figures."""
    db.session.execute(
        update(ReportEdition)
        .where(ReportEdition.id == edition_id, ReportEdition.collected_at == collected_at)
        .values(drawings=used)
        .execution_options(synchronize_session=False)
    )
