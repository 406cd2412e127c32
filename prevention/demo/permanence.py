"""What goes on over the years, in the demo: a school whose code changed, and what teachers saw of meetings."""

from datetime import timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from prevention.booking.models import BookingMeeting
from prevention.core.db import db
from prevention.delivery.models import LessonObservation, SessionRegister
from prevention.delivery.observing import ITEMS
from prevention.delivery.rules import Outcome, Scale
from prevention.demo.district import District
from prevention.schools.models import Enrolment, Site

OLD_CODE = "CRMM99901A"
# One meeting in so many was observed by a teacher.
ONE_IN = 9


def show_permanence(district: District, *, rng: Random) -> None:
    """Leave a code that ended for the office to decide about, and add observations. Few statements."""
    _let_a_code_end(district)
    _observe(district, rng=rng)


def _let_a_code_end(district: District) -> None:
    site = district.sites[0]
    before = {
        column.key: getattr(site, column.key) for column in Site.__table__.columns if column.key not in ("id", "code")
    }
    ended = Site(**{**before, "code": OLD_CODE, "first_seen": site.first_seen - 1, "last_seen": site.last_seen - 1})
    db.session.add(ended)
    # What the new code had before it began belongs to the old one.
    for enrolment in db.session.scalars(
        select(Enrolment).where(Enrolment.site_id == site.id, Enrolment.school_year < site.first_seen)
    ):
        enrolment.code, enrolment.site_id = OLD_CODE, None
    db.session.flush()
    for enrolment in db.session.scalars(select(Enrolment).where(Enrolment.code == OLD_CODE)):
        enrolment.site_id = ended.id
    db.session.flush()


def _observe(district: District, *, rng: Random) -> None:
    held = db.session.execute(
        select(SessionRegister)
        .join(BookingMeeting, BookingMeeting.id == SessionRegister.booking_meeting_id)
        .where(SessionRegister.outcome == Outcome.HELD)
        .options(joinedload(SessionRegister.meeting))
        .order_by(BookingMeeting.starts_at, BookingMeeting.id)
    ).scalars()
    scale, weights = list(Scale), [3, 12, 50, 35]
    db.session.add_all(
        LessonObservation(
            booking_meeting_id=register.booking_meeting_id,
            **{item: rng.choices(scale, weights=weights)[0] for item in ITEMS},
            observed_by=district.people.office.id,
            observed_at=register.meeting_starts_at + timedelta(days=1),
        )
        for register in list(held)[::ONE_IN]
    )
    db.session.flush()
