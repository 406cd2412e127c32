"""The plain table of the calendar: its columns, what they sort by, and what its files hold."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import ColumnElement

from prevention.accounts.models import User
from prevention.booking import letters, wording
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.rules import MeetingStatus
from prevention.core.lists import Cell, Column, Listing
from prevention.schools.models import SchoolClass, Site

WIDE = 32


def dates() -> Listing[BookingMeeting]:
    """Declare the list of single dates with classes."""
    return Listing(
        name="date",
        columns=(
            Column(
                key="when",
                words=_l("When"),
                value=lambda row: row.starts_at,
                sort=(BookingMeeting.starts_at,),
            ),
            Column(key="until", words=_l("Until"), value=lambda row: row.ends_at, in_table=False),
            Column(
                key="class",
                words=_l("Class"),
                value=lambda row: row.booking.school_class.label,
                sort=(_of_class(Site.name), _of_class(SchoolClass.label)),
            ),
            Column(
                key="site",
                words=_l("School"),
                value=lambda row: row.booking.school_class.site.display_name,
                in_table=False,
                width=WIDE,
            ),
            Column(
                key="programme",
                words=_l("Programme"),
                value=lambda row: row.booking.edition.programme.name.text(),
                width=WIDE,
            ),
            Column(
                key="meeting",
                words=_l("Meeting"),
                value=lambda row: row.programme_meeting.title.text() if row.programme_meeting else "",
                in_table=False,
                width=WIDE,
            ),
            Column(key="where", words=_l("Where"), value=lambda row: letters.place_of(row.booking), width=WIDE),
            Column(
                key="facilitator",
                words=_l("Facilitator"),
                value=lambda row: row.facilitator.name if row.facilitator else _l("The class's own teachers"),
                sort=(_name_of_facilitator(),),
            ),
            Column(
                key="pupils", words=_l("Pupils"), value=lambda row: row.booking.pupils, in_table=False, is_number=True
            ),
            Column(key="state", words=_l("State"), value=_state),
            Column(key="open", words="", in_files=False),
        ),
        tie=BookingMeeting.id,
        sort="when",
    )


def _state(row: BookingMeeting) -> Cell:
    if row.status is MeetingStatus.CANCELLED:
        return wording.MEETING_STATUS[row.status]
    return wording.BOOKING_STATUS[row.booking.status]


def _of_class(column: InstrumentedAttribute[str]) -> ColumnElement[str]:
    return (
        select(column)
        .select_from(SchoolClass)
        .join(SchoolClass.site)
        .where(SchoolClass.id == Booking.school_class_id)
        .scalar_subquery()
    )


def _name_of_facilitator() -> ColumnElement[str]:
    return select(User.name).where(User.id == BookingMeeting.facilitator_id).scalar_subquery()
