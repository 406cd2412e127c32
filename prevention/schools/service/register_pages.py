"""Reading the register for its pages: the filtered list, one institute, one site. Few statements, none per row."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, case, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from prevention.core.db import db
from prevention.network.models import Municipality
from prevention.schools.models import Enrolment, Institute, RegisterImport, Site
from prevention.schools.rules import Level

AnySelect = TypeVar("AnySelect", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterFilter:
    """What the register page shows; an empty value does not narrow it.

    `words` are looked for in name, institute, code and address. `has_gone` True shows only sites that the newest
    register of their kind no longer lists, False only those that it does.
    """

    words: str = ""
    municipality_id: uuid.UUID | None = None
    level: Level | None = None
    is_state: bool | None = None
    has_gone: bool | None = None


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


def register_lines(wanted: RegisterFilter, *, page: int, per_page: int) -> list[RegisterLine]:
    """Read one page of the register, by municipality, institute and name; one statement.

    Args:
        page: the first is 1.
    """
    query = (
        _lines(wanted)
        .order_by(Municipality.name, Institute.name, Institute.code, *_OFFICE_FIRST)
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    return [_line(row) for row in db.session.execute(query)]


def count_register(wanted: RegisterFilter) -> int:
    """Count the lines of the register; one statement."""
    return db.session.scalar(_narrowed(select(func.count(Site.id)), wanted)) or 0


def sites_of_institute(institute_id: uuid.UUID) -> list[RegisterLine]:
    """List the sites of an institute, its office first; one statement."""
    query = _lines(RegisterFilter()).where(Site.institute_id == institute_id)
    rows = db.session.execute(query.order_by(*_OFFICE_FIRST))
    return [_line(row) for row in rows]


def pupils_by_site() -> Select[*tuple[Any, ...]]:
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


_OFFICE_FIRST = (Site.level != Level.ISTITUTO, Site.name, Site.code)


def _lines(wanted: RegisterFilter) -> Select[*tuple[Any, ...]]:
    newest = select(func.max(Enrolment.school_year)).scalar_subquery()
    pupils = pupils_by_site().where(Enrolment.school_year == newest).subquery()
    return (
        _narrowed(select(Site, pupils.c.pupils, pupils.c.is_low, _has_gone().label("has_gone")), wanted)
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


def _narrowed(query: AnySelect, wanted: RegisterFilter) -> AnySelect:
    query = (
        query.select_from(Site)
        .join(Municipality, Site.municipality_id == Municipality.id)
        .join(Institute, Site.institute_id == Institute.id)
    )
    for word in wanted.words.split():
        query = query.where(
            or_(
                *(
                    column.icontains(word, autoescape=True)
                    for column in (Site.name, Site.code, Site.address, Institute.name, Institute.code)
                )
            )
        )
    if wanted.municipality_id is not None:
        query = query.where(Site.municipality_id == wanted.municipality_id)
    if wanted.level is not None:
        query = query.where(Site.level == wanted.level)
    if wanted.is_state is not None:
        query = query.where(Site.is_state == wanted.is_state)
    if wanted.has_gone is not None:
        query = query.where(_has_gone() if wanted.has_gone else ~_has_gone())
    return query


def _has_gone() -> ColumnElement[bool]:
    """Say in SQL whether a site is absent from the newest register of its kind that covers its province."""
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
