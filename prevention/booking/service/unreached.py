"""Schools and classes that nothing reached: none of their classes has a confirmed booking in a school year.

Counted are the levels that programmes are for, sites that the newest register still lists, and, of classes, those that
were entered for the year. A class goes with its pupils: what 1A got last year counts as what 2A got before.
"""

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import aliased, contains_eager

from prevention.accounts.models import User, UserRole
from prevention.booking.models import Booking
from prevention.booking.rules import BookingStatus
from prevention.core.db import db
from prevention.network.models import Municipality
from prevention.roles import Role
from prevention.schools import service as schools
from prevention.schools.models import Institute, SchoolClass, Site
from prevention.schools.rules import TARGET_LEVELS


def unreached_schools(school_year: int) -> Select[*tuple[object, ...]]:
    """Select the schools that nothing reached in a school year, by municipality and name.

    Each row is an `Institute`, how many `classes` of the year it entered, the school year in which it was
    `last_reached` (None: never), and its `coordinators` as one text (None: nobody signs in for it).
    """
    return (
        select(
            Institute,
            _classes_entered(school_year).label("classes"),
            last_reached_school().label("last_reached"),
            _coordinators().label("coordinators"),
        )
        .outerjoin(Institute.municipality)
        .where(
            Institute.id.in_(schools.teaching_institutes(TARGET_LEVELS)),
            Institute.id.not_in(_reached_institutes(school_year)),
        )
        .options(contains_eager(Institute.municipality))
        .order_by(Municipality.name, Institute.name, Institute.code)
    )


def unreached_classes(school_year: int) -> Select[*tuple[object, ...]]:
    """Select the classes of a school year that nothing reached, by school, grade and section.

    Each row is a `SchoolClass` and the school year in which its pupils were `last_reached` (None: never).
    """
    return (
        select(SchoolClass, last_reached_class().label("last_reached"))
        .join(SchoolClass.site)
        .join(Site.institute)
        .join(Site.municipality)
        .where(
            SchoolClass.school_year == school_year,
            Site.level.in_(TARGET_LEVELS),
            SchoolClass.id.not_in(_booked_classes(school_year)),
        )
        .options(
            contains_eager(SchoolClass.site).options(contains_eager(Site.institute), contains_eager(Site.municipality))
        )
        .order_by(Site.name, SchoolClass.grade, SchoolClass.section)
    )


def count_schools(school_year: int) -> tuple[int, int]:
    """Count the schools that nothing reached in a school year, and all schools. One statement."""
    reached = Institute.id.in_(_reached_institutes(school_year))
    query = select(func.sum(case((reached, 0), else_=1)), func.count()).where(
        Institute.id.in_(schools.teaching_institutes(TARGET_LEVELS))
    )
    row = db.session.execute(query).one()
    return int(row[0] or 0), int(row[1])


def count_classes(school_year: int) -> tuple[int, int]:
    """Count the classes that nothing reached in a school year, and all classes. One statement."""
    reached = SchoolClass.id.in_(_booked_classes(school_year))
    query = (
        select(func.sum(case((reached, 0), else_=1)), func.count())
        .select_from(SchoolClass)
        .join(SchoolClass.site)
        .where(SchoolClass.school_year == school_year, Site.level.in_(TARGET_LEVELS))
    )
    row = db.session.execute(query).one()
    return int(row[0] or 0), int(row[1])


def last_reached_school() -> ColumnElement[int | None]:
    """Give the column "last school year with a confirmed booking" of an institute."""
    site = aliased(Site)
    return (
        select(func.max(SchoolClass.school_year))
        .join(Booking, Booking.school_class_id == SchoolClass.id)
        .join(site, SchoolClass.site_id == site.id)
        .where(site.institute_id == Institute.id, Booking.status == BookingStatus.CONFIRMED)
        .correlate(Institute)
        .scalar_subquery()
    )


def last_reached_class() -> ColumnElement[int | None]:
    """Give the column "last school year with a confirmed booking" of a class and what it was before."""
    before = aliased(SchoolClass)
    return (
        select(func.max(before.school_year))
        .join(Booking, Booking.school_class_id == before.id)
        .where(before.cohort_id == SchoolClass.cohort_id, Booking.status == BookingStatus.CONFIRMED)
        .correlate(SchoolClass)
        .scalar_subquery()
    )


def _coordinators() -> ColumnElement[str | None]:
    return (
        select(func.aggregate_strings(User.name + " <" + User.email + ">", ", "))
        .join(UserRole, UserRole.user_id == User.id)
        .where(and_(UserRole.institute_id == Institute.id, UserRole.role == Role.COORDINATOR), User.active.is_(True))
        .correlate(Institute)
        .scalar_subquery()
    )


def _classes_entered(school_year: int) -> ColumnElement[int]:
    site = aliased(Site)
    return (
        select(func.count(SchoolClass.id))
        .join(site, SchoolClass.site_id == site.id)
        .where(site.institute_id == Institute.id, site.level.in_(TARGET_LEVELS), SchoolClass.school_year == school_year)
        .correlate(Institute)
        .scalar_subquery()
    )


def _booked_classes(school_year: int) -> Select[*tuple[object, ...]]:
    return (
        select(Booking.school_class_id)
        .join(SchoolClass, Booking.school_class_id == SchoolClass.id)
        .where(SchoolClass.school_year == school_year, Booking.status == BookingStatus.CONFIRMED)
    )


def _reached_institutes(school_year: int) -> Select[*tuple[object, ...]]:
    return (
        select(Site.institute_id)
        .join(SchoolClass, SchoolClass.site_id == Site.id)
        .join(Booking, Booking.school_class_id == SchoolClass.id)
        .where(SchoolClass.school_year == school_year, Booking.status == BookingStatus.CONFIRMED)
    )
