"""Reading the register for its pages: the filtered list, one institute, one site. Few statements, none per row."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from prevention.core.db import db
from prevention.network.models import Municipality
from prevention.schools.models import Enrolment, Institute, RegisterImport, Site
from prevention.schools.rules import Level

AnySelect = Select[*tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterLine:
    """A line of the register page. Pupils are those of the newest school year that was taken in.

    `pupils` is None when unknown or hidden; `is_low` tells the two apart.
    """

    site: Site
    institute: Institute
    municipality: Municipality
    pupils: int | None
    is_low: bool
    has_gone: bool


def register_rows() -> AnySelect:
    """Select the sites of the register, by municipality, institute and name.

    Each row is a `Site` with its `pupils`, whether they are hidden (`is_low`), and whether it `has_gone`; see
    `RegisterLine`.
    """
    return _lines().order_by(Municipality.name, Institute.name, Institute.code, *OFFICE_FIRST)


def sites_of_institute(institute_id: uuid.UUID) -> list[RegisterLine]:
    """List the sites of an institute, its office first; one statement."""
    query = _lines().where(Site.institute_id == institute_id)
    rows = db.session.execute(query.order_by(*OFFICE_FIRST))
    return [_line(row) for row in rows]


def pupils_by_site() -> AnySelect:
    """Build the query for the pupils of each site, to be narrowed to a year: `site_id`, `pupils`, `low`, `is_low`.

    A site that goes on in place of several codes has the pupils of them all. `pupils` adds up what is known, None when
    nothing is; `low` counts the codes whose pupils are hidden, and `is_low` (0 or 1) says that there are only such.
    """
    low = func.sum(case((Enrolment.is_low, 1), else_=0))
    return (
        select(
            Enrolment.site_id,
            func.sum(Enrolment.pupils).label("pupils"),
            low.label("low"),
            case((low == func.count(), 1), else_=0).label("is_low"),
        )
        .where(Enrolment.site_id.is_not(None))
        .group_by(Enrolment.site_id)
    )


OFFICE_FIRST = (Site.level != Level.ISTITUTO, Site.name, Site.code)


def _lines() -> AnySelect:
    newest = select(func.max(Enrolment.school_year)).scalar_subquery()
    pupils = pupils_by_site().where(Enrolment.school_year == newest).subquery()
    return (
        select(Site, pupils.c.pupils, pupils.c.is_low, has_gone().label("has_gone"))
        .join(Municipality, Site.municipality_id == Municipality.id)
        .join(Institute, Site.institute_id == Institute.id)
        .outerjoin(pupils, pupils.c.site_id == Site.id)
        .options(contains_eager(Site.institute), contains_eager(Site.municipality))
    )


def _line(row: Row[*tuple[Any, ...]]) -> RegisterLine:
    return RegisterLine(
        site=row.Site,
        institute=row.Site.institute,
        municipality=row.Site.municipality,
        pupils=row.pupils,
        is_low=bool(row.is_low),
        has_gone=bool(row.has_gone),
    )


def has_gone() -> ColumnElement[bool]:
    """Say in SQL, of a site and its municipality, whether the newest register of its kind there misses it."""
    other, place = Site.__table__.alias(), Municipality.__table__.alias()
    newest = (
        select(func.max(other.c.last_seen))
        .select_from(other.join(place, other.c.municipality_id == place.c.id))
        .where(other.c.is_state == Site.is_state, place.c.province == Municipality.province)
        .correlate(Site, Municipality)
        .scalar_subquery()
    )
    return Site.last_seen < newest


def teaching_institutes(levels: Collection[Level]) -> Select[uuid.UUID]:
    """Select the ids of institutes with a site of these levels that the newest register of its kind still lists."""
    place = aliased(Municipality)
    newest = (
        select(Site.is_state, place.province, func.max(Site.last_seen).label("seen"))
        .join(place, Site.municipality_id == place.id)
        .group_by(Site.is_state, place.province)
        .subquery()
    )
    return (
        select(Site.institute_id)
        .join(Municipality, Site.municipality_id == Municipality.id)
        .join(newest, (newest.c.is_state == Site.is_state) & (newest.c.province == Municipality.province))
        .where(Site.level.in_(levels), Site.last_seen >= newest.c.seen)
    )


def municipalities_with_sites() -> Sequence[tuple[uuid.UUID, str]]:
    """List the municipalities that have a school, by name: (id, name)."""
    rows = db.session.execute(
        select(Municipality.id, Municipality.name)
        .where(Municipality.id.in_(select(Site.municipality_id)))
        .order_by(Municipality.name)
    )
    return [(row.id, row.name) for row in rows]


def institute_by_code(code: str) -> Institute | None:
    """Find an institute by its ministry code, with its municipality loaded."""
    return db.session.scalar(
        select(Institute).where(Institute.code == code).options(joinedload(Institute.municipality))
    )


def site_by_code(code: str) -> Site | None:
    """Find a site by its ministry code, with its institute and municipality loaded."""
    return db.session.scalar(
        select(Site).where(Site.code == code).options(joinedload(Site.institute), joinedload(Site.municipality))
    )


def enrolment_history(site_id: uuid.UUID) -> list[Enrolment]:
    """List the pupils of a site year by year, oldest first; those of codes in whose place it goes on are among them."""
    return list(
        db.session.scalars(
            select(Enrolment).where(Enrolment.site_id == site_id).order_by(Enrolment.school_year, Enrolment.code)
        )
    )


def latest_imports(*, limit: int = 5) -> list[RegisterImport]:
    """List the newest imports, newest first."""
    return list(db.session.scalars(select(RegisterImport).order_by(RegisterImport.imported_at.desc()).limit(limit)))
