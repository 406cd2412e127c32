"""The smallest valid rows of the schools room. Every factory flushes; nothing commits."""

from itertools import count
from typing import Any

from prevention.core.db import db
from prevention.schools.models import Enrolment, Institute, SchoolClass, Site
from prevention.schools.rules import Level, class_label
from tests.factories.network import make_municipality

SCHOOL_YEAR = 2026

_numbers = count(1)


def make_institute(**values: Any) -> Institute:
    """Make a state institute in a municipality of its own."""
    number = next(_numbers)
    if "municipality" not in values and "municipality_id" not in values:
        values["municipality"] = make_municipality()
    row = Institute(**{"code": f"CRIS{number:06d}", "name": f"Institute {number}", "is_state": True, **values})
    db.session.add(row)
    db.session.flush()
    return row


def make_site(**values: Any) -> Site:
    """Make an upper secondary site, of an institute of its own unless one is given."""
    number = next(_numbers)
    if "institute" not in values and "institute_id" not in values:
        values["institute"] = make_institute()
    if "municipality" not in values and "municipality_id" not in values:
        values["municipality"] = values["institute"].municipality if "institute" in values else make_municipality()
    row = Site(
        **{
            "code": f"CRPS{number:06d}",
            "name": f"Site {number}",
            "level": Level.SECONDO_GRADO,
            "type_description": "LICEO SCIENTIFICO",
            "is_state": True,
            "first_seen": SCHOOL_YEAR - 1,
            "last_seen": SCHOOL_YEAR - 1,
            **values,
        }
    )
    db.session.add(row)
    db.session.flush()
    return row


def make_school_class(**values: Any) -> SchoolClass:
    """Make a class of 25 pupils, in a site of its own unless one is given."""
    if "site" not in values and "site_id" not in values:
        values["site"] = make_site()
    values = {"school_year": SCHOOL_YEAR, "grade": 1, "section": f"A{next(_numbers)}", "pupils": 25, **values}
    values.setdefault("label", class_label(grade=values["grade"], section=values["section"]))
    row = SchoolClass(**values)
    db.session.add(row)
    db.session.flush()
    return row


def make_enrolment(**values: Any) -> Enrolment:
    """Make the enrolment of 100 pupils at a site, which may be given as `site`."""
    site = values.pop("site", None) or make_site()
    row = Enrolment(
        **{
            "code": site.code,
            "site_id": site.id,
            "school_year": SCHOOL_YEAR,
            "pupils": 100,
            "is_low": False,
            **values,
        }
    )
    db.session.add(row)
    db.session.flush()
    return row
