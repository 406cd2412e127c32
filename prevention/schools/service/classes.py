"""The classes of a school year: who sees which, adding and changing them."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import contains_eager, joinedload

from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import constraint_of, db
from prevention.schools.models import Institute, SchoolClass, Site
from prevention.schools.rules import ClassEntry, ClassExists, Level, check_grade, class_label

_LEVELS_WITH_CLASSES = tuple(level for level in Level if level.grades)
_CLASS_NAME_CONSTRAINT = (
    "uq_school_class_name",
    "school_class.site_id, school_class.school_year, school_class.grade, school_class.section",
)


def institutes_for(actor: Actor) -> list[Institute]:
    """List the institutes that a person may act for, by name."""
    query = select(Institute).order_by(Institute.name, Institute.code)
    if not actor.sees_all:
        query = query.where(Institute.id.in_(actor.scope))
    return list(db.session.scalars(query))


def sites_for(actor: Actor, *, institute_id: uuid.UUID | None = None) -> list[Site]:
    """List the sites with classes that a person may act for, by municipality and name.

    Args:
        institute_id: only those of this institute.

    Raises:
        NotYours: the institute is not theirs.
    """
    if institute_id is not None and not actor.may_act_for(institute_id):
        raise NotYours(institute_id)
    query = _with_place(select(Site)).where(Site.level.in_(_LEVELS_WITH_CLASSES))
    if institute_id is not None:
        query = query.where(Site.institute_id == institute_id)
    elif not actor.sees_all:
        query = query.where(Site.institute_id.in_(actor.scope))
    return list(db.session.scalars(query.order_by(Site.name, Site.code)))


def teaching_site_for(actor: Actor, code: str) -> Site:
    """Load a site with classes by its code, for a person who may change them.

    Raises:
        NotYours: there is none, it has no classes, or it is another school's.
    """
    site = db.session.scalar(_with_place(select(Site)).where(Site.code == code))
    if site is None or not site.level.grades or not actor.may_act_for(site.institute_id):
        raise NotYours(code)
    return site


def class_for(actor: Actor, class_id: uuid.UUID) -> SchoolClass:
    """Load a class, with its site and institute, for a person who may act for its school.

    Raises:
        NotYours: there is none, or it is another school's.
    """
    school_class = db.session.scalar(
        select(SchoolClass)
        .where(SchoolClass.id == class_id)
        .options(
            joinedload(SchoolClass.site).joinedload(Site.institute),
            joinedload(SchoolClass.site).joinedload(Site.municipality),
        )
    )
    if school_class is None or not actor.may_act_for(school_class.site.institute_id):
        raise NotYours(class_id)
    return school_class


def classes_of(institute_id: uuid.UUID, school_year: int) -> list[SchoolClass]:
    """List an institute's classes of a school year, by site, grade and section, sites loaded; one statement."""
    return list(db.session.scalars(classes_of_institutes([institute_id], school_year)))


def classes_of_institutes(institute_ids: Collection[uuid.UUID], school_year: int) -> Select[SchoolClass]:
    """Select the classes of some institutes in a school year, by site, grade and section, with their sites."""
    return _in_order(select(SchoolClass)).where(
        Site.institute_id.in_(institute_ids), SchoolClass.school_year == school_year
    )


def class_sums(site_ids: Collection[uuid.UUID], school_year: int) -> dict[uuid.UUID, tuple[int, int]]:
    """Count the classes of sites in a school year, and their pupils as far as they are known; one statement."""
    rows = db.session.execute(
        select(SchoolClass.site_id, func.count(), func.sum(SchoolClass.pupils))
        .where(SchoolClass.site_id.in_(site_ids), SchoolClass.school_year == school_year)
        .group_by(SchoolClass.site_id)
    )
    return {row[0]: (row[1], row[2] or 0) for row in rows}


def classes_for(actor: Actor, school_year: int) -> list[SchoolClass]:
    """List the classes of a school year that a person may act for, by site, grade and section; one statement."""
    query = _in_order(select(SchoolClass)).where(SchoolClass.school_year == school_year)
    if not actor.sees_all:
        query = query.where(Site.institute_id.in_(actor.scope))
    return list(db.session.scalars(query))


def school_years_with_classes(institute_ids: Sequence[uuid.UUID]) -> list[int]:
    """List the school years for which some of the institutes entered classes, newest first."""
    return list(
        db.session.scalars(
            select(SchoolClass.school_year)
            .join(Site)
            .where(Site.institute_id.in_(institute_ids))
            .distinct()
            .order_by(SchoolClass.school_year.desc())
        )
    )


def add_classes(actor: Actor, site: Site, entries: Sequence[ClassEntry], *, school_year: int) -> list[SchoolClass]:
    """Enter classes of a site; all of them or none.

    Raises:
        NoSuchGrade: the site's level does not have one of the grades.
        ClassExists: the site has some of them already.
    """
    for entry in entries:
        check_grade(site.level, grade=entry.grade)
    taken = _names_of(site, school_year)
    repeated = tuple(
        class_label(grade=entry.grade, section=entry.section)
        for entry in entries
        if (entry.grade, entry.section) in taken
    )
    if repeated:
        raise ClassExists(labels=repeated, school_year=school_year)
    classes = [SchoolClass(site_id=site.id, school_year=school_year, **_values(entry)) for entry in entries]
    with _claimed_name(entries, school_year):
        db.session.add_all(classes)
        db.session.flush()
    labels = [school_class.label for school_class in classes]
    audit.record(actor, "schools.classes_added", site.id, labels=labels, school_year=school_year)
    return classes


def _names_of(site: Site, school_year: int) -> set[tuple[int, str]]:
    rows = db.session.execute(
        select(SchoolClass.grade, SchoolClass.section).where(
            SchoolClass.site_id == site.id, SchoolClass.school_year == school_year
        )
    )
    return {(row.grade, row.section) for row in rows}


def change_class(actor: Actor, school_class: SchoolClass, entry: ClassEntry) -> None:
    """Correct what is said about a class.

    Raises:
        NoSuchGrade: the site's level does not have this grade.
        ClassExists: the site has another class of this grade and section.
    """
    check_grade(school_class.site.level, grade=entry.grade)
    with _claimed_name([entry], school_class.school_year):
        for name, value in _values(entry).items():
            setattr(school_class, name, value)
        db.session.flush()
    audit.record(actor, "schools.class_changed", school_class.id, label=school_class.label)


def _values(entry: ClassEntry) -> dict[str, str | int | None]:
    return {
        "grade": entry.grade,
        "section": entry.section,
        "label": entry.label or class_label(grade=entry.grade, section=entry.section),
        "pupils": entry.pupils,
    }


@contextmanager
def _claimed_name(entries: Sequence[ClassEntry], school_year: int) -> Iterator[None]:
    """Turn the refusal of the database to have a class twice into ours; the transaction goes on."""
    try:
        with db.session.begin_nested():
            yield
    except IntegrityError as error:
        if constraint_of(error) not in _CLASS_NAME_CONSTRAINT:
            raise
        labels = tuple(class_label(grade=entry.grade, section=entry.section) for entry in entries)
        raise ClassExists(labels=labels, school_year=school_year) from error


def _with_place(query: Select[Site]) -> Select[Site]:
    return query.options(joinedload(Site.institute), joinedload(Site.municipality))


def _in_order(query: Select[SchoolClass]) -> Select[SchoolClass]:
    return (
        query.join(Site)
        .join(Institute)
        .options(
            contains_eager(SchoolClass.site).contains_eager(Site.institute),
            contains_eager(SchoolClass.site).joinedload(Site.municipality),
        )
        .order_by(Site.name, Site.code, SchoolClass.grade, SchoolClass.section)
    )
