"""Reading editions: which there are, what one is made of, what is published, and what it lacks."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.core.i18n import LANGUAGES
from prevention.indicators import service as indicators
from prevention.indicators.published import Audience
from prevention.reports import closing
from prevention.reports.edition_rules import EditionState, Missing
from prevention.reports.figures import OfficeTexts, YearFigures
from prevention.reports.models import ReportEdition
from prevention.roles import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class EditionLine:
    """An edition in a list."""

    id: uuid.UUID
    school_year: int
    number: int
    state: EditionState
    signed_name: str
    published_at: datetime | None


def latest(school_year: int) -> ReportEdition | None:
    """Give the newest edition of a school year."""
    return db.session.scalar(
        select(ReportEdition)
        .where(ReportEdition.school_year == school_year)
        .order_by(ReportEdition.number.desc())
        .limit(1)
    )


def newest(most: int = 20) -> list[EditionLine]:
    """Give the newest editions without their figures, which are long."""
    columns = (
        ReportEdition.id,
        ReportEdition.school_year,
        ReportEdition.number,
        ReportEdition.state,
        ReportEdition.signed_name,
        ReportEdition.published_at,
    )
    order = (ReportEdition.school_year.desc(), ReportEdition.number.desc())
    return [EditionLine(**row._mapping) for row in db.session.execute(select(*columns).order_by(*order).limit(most))]


def edition_for(actor: Actor, edition_id: uuid.UUID) -> ReportEdition:
    """Give an edition that this person may see: the office sees all.

    Raises:
        NotYours: it is not there or not theirs.
    """
    edition = db.session.get(ReportEdition, edition_id)
    if edition is None or not actor.has(Role.OFFICE):
        raise NotYours(edition_id)
    return edition


def figures_of(edition: ReportEdition) -> YearFigures:
    """Give the figures of an edition with the office's texts: what its papers are made from."""
    plain = dict(edition.figures)
    plain["edition"] = edition.number
    plain["texts"] = [
        {
            "language": language,
            "conclusions": edition.texts.get(language, {}).get("conclusions", ""),
            "plan": edition.texts.get(language, {}).get("plan", ""),
            "changes": edition.changes.get(language, ""),
        }
        for language in LANGUAGES
        if edition.texts.get(language) or edition.changes.get(language)
    ]
    return YearFigures.from_json(plain)


def texts_of(edition: ReportEdition) -> dict[str, OfficeTexts]:
    """Give the office's texts by language, empty ones where none was written."""
    figures_texts = {one.language: one for one in figures_of(edition).texts}
    return {language: figures_texts.get(language, OfficeTexts(language=language)) for language in LANGUAGES}


def missing(edition: ReportEdition, *, today: date) -> Missing:
    """Say what the school year lacks before the edition can be signed."""
    registers = int(edition.figures["activity"]["totals"]["registers_missing"])
    return closing.missing_in(edition.school_year, registers=registers, today=today)


def are_results_changed(figures: YearFigures) -> bool:
    """Say whether survey results of the year were published or corrected since figures were taken. Two queries."""
    year = figures.school_year
    return figures.tables != indicators.published_tables(year, measure=None) or (
        figures.school_tables != indicators.published_tables(year, audience=Audience.SCHOOL, measure=None)
    )


def published() -> Sequence[ReportEdition]:
    """Give the newest published edition of each school year, newest year first."""
    newest = (
        select(ReportEdition.school_year, func.max(ReportEdition.number).label("number"))
        .where(ReportEdition.state == EditionState.PUBLISHED)
        .group_by(ReportEdition.school_year)
        .subquery()
    )
    return db.session.scalars(
        select(ReportEdition)
        .join(
            newest,
            (newest.c.school_year == ReportEdition.school_year) & (newest.c.number == ReportEdition.number),
        )
        .order_by(ReportEdition.school_year.desc())
    ).all()


def published_year(school_year: int) -> ReportEdition:
    """Give the newest published edition of a school year.

    Raises:
        NotYours: there is none.
    """
    edition = db.session.scalar(
        select(ReportEdition)
        .where(ReportEdition.school_year == school_year, ReportEdition.state == EditionState.PUBLISHED)
        .order_by(ReportEdition.number.desc())
        .limit(1)
    )
    if edition is None:
        raise NotYours(school_year)
    return edition
