"""What the catalogue asks of delivery: how much of a programme really happened in a school year."""

import uuid

from sqlalchemy import distinct, func, select

from prevention.booking.models import Booking, BookingMeeting
from prevention.core.db import db
from prevention.delivery.models import SessionRegister
from prevention.delivery.rules import Outcome
from prevention.programmes.models import Edition
from prevention.programmes.signals import PastYear
from prevention.schools.models import SchoolClass, Site


def past_year(_sender: object, *, school_year: int) -> dict[uuid.UUID, PastYear]:
    """Answer with classes, pupils, institutes and meetings held of each programme in a school year. One statement."""
    by_class = (
        select(
            Edition.programme_id.label("programme_id"),
            Site.institute_id.label("institute_id"),
            func.max(SessionRegister.present).label("pupils"),
            func.count(SessionRegister.id).label("meetings"),
        )
        .select_from(SessionRegister)
        .join(BookingMeeting, SessionRegister.booking_meeting_id == BookingMeeting.id)
        .join(Booking, BookingMeeting.booking_id == Booking.id)
        .join(Edition, Booking.edition_id == Edition.id)
        .join(SchoolClass, Booking.school_class_id == SchoolClass.id)
        .join(Site, SchoolClass.site_id == Site.id)
        .where(Edition.school_year == school_year, SessionRegister.outcome == Outcome.HELD)
        .group_by(Edition.programme_id, Booking.school_class_id, Site.institute_id)
        .subquery()
    )
    rows = db.session.execute(
        select(
            by_class.c.programme_id,
            func.count(),
            func.count(distinct(by_class.c.institute_id)),
            func.sum(by_class.c.meetings),
            func.coalesce(func.sum(by_class.c.pupils), 0),
        ).group_by(by_class.c.programme_id)
    )
    return {
        programme_id: PastYear(classes=classes, schools=schools, meetings=int(meetings), pupils=int(pupils))
        for programme_id, classes, schools, meetings, pupils in rows
    }
