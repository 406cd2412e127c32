"""The classes of two school years as the rules of carrying over want them; sites followed through their successions."""

import uuid
from collections import defaultdict

from sqlalchemy import select

from prevention.core.db import db
from prevention.schools.forward_rules import ClassBefore, ClassNow
from prevention.schools.history_models import ClassLineage
from prevention.schools.models import SchoolClass
from prevention.schools.service.successions import site_lineage


def classes_before(school_year: int, site_id: uuid.UUID | None = None) -> dict[uuid.UUID, list[ClassBefore]]:
    """Read the classes of the year before, by the site that goes on."""
    lineage = site_lineage()
    query = select(*SchoolClass.__table__.columns).where(SchoolClass.school_year == school_year - 1)
    if site_id is not None:
        query = query.where(SchoolClass.site_id.in_(lineage.whole([site_id])))
    found: dict[uuid.UUID, list[ClassBefore]] = defaultdict(list)
    for row in db.session.execute(query.order_by(SchoolClass.grade, SchoolClass.section)):
        site = lineage.of(row.site_id)
        found[site].append(
            ClassBefore(
                id=row.id,
                site_id=site,
                grade=row.grade,
                section=row.section,
                label=row.label,
                pupils=row.pupils,
                cohort_id=row.cohort_id,
            )
        )
    return found


def classes_now(school_year: int, site_id: uuid.UUID | None = None) -> dict[uuid.UUID, list[ClassNow]]:
    """Read the classes of a school year with those they come from, by site."""
    parents: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    edges = (
        select(ClassLineage.from_class_id, ClassLineage.to_class_id)
        .join(SchoolClass, SchoolClass.id == ClassLineage.to_class_id)
        .where(SchoolClass.school_year == school_year)
    )
    query = select(*SchoolClass.__table__.columns).where(SchoolClass.school_year == school_year)
    if site_id is not None:
        query = query.where(SchoolClass.site_id == site_id)
        edges = edges.where(SchoolClass.site_id == site_id)
    for row in db.session.execute(edges):
        parents[row.to_class_id].add(row.from_class_id)
    found: dict[uuid.UUID, list[ClassNow]] = defaultdict(list)
    for row in db.session.execute(query.order_by(SchoolClass.grade, SchoolClass.section)):
        found[row.site_id].append(
            ClassNow(
                id=row.id,
                grade=row.grade,
                section=row.section,
                cohort_id=row.cohort_id,
                parents=frozenset(parents[row.id]),
            )
        )
    return found
