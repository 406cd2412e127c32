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
    """Answer with classes, institutes and meetings held of each programme in a school year. One statement."""
    rows = db.session.execute(
        select(
            Edition.programme_id,
            func.count(distinct(Booking.school_class_id)),
            func.count(distinct(Site.institute_id)),
            func.count(SessionRegister.id),
        )
        .select_from(SessionRegister)
        .join(BookingMeeting, SessionRegister.booking_meeting_id == BookingMeeting.id)
        .join(Booking, BookingMeeting.booking_id == Booking.id)
        .join(Edition, Booking.edition_id == Edition.id)
        .join(SchoolClass, Booking.school_class_id == SchoolClass.id)
        .join(Site, SchoolClass.site_id == Site.id)
        .where(Edition.school_year == school_year, SessionRegister.outcome == Outcome.HELD)
        .group_by(Edition.programme_id)
    )
    return {
        programme_id: PastYear(classes=classes, schools=schools, meetings=meetings)
        for programme_id, classes, schools, meetings in rows
    }
