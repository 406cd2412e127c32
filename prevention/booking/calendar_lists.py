"""The plain table of the calendar: its columns, what they sort by, and what its files hold."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from prevention.accounts.models import User
from prevention.booking import letters, wording
from prevention.booking.list_columns import (
    WIDE,
    buttons,
    class_columns,
    key_of_programme,
    keys_of_class,
    number_column,
    programme_column,
)
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.rules import MeetingStatus
from prevention.core.lists import Cell, Column, Listing


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
            *class_columns(lambda row: row.booking.school_class, sort=keys_of_class()),
            programme_column(lambda row: row.booking.edition, sort=(key_of_programme(Booking.edition_id),)),
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
            number_column("pupils", _l("Pupils"), lambda row: row.booking.pupils, in_table=False),
            Column(key="state", words=_l("State"), value=_state),
            buttons(),
        ),
        tie=BookingMeeting.id,
        sort="when",
    )


def _state(row: BookingMeeting) -> Cell:
    if row.status is MeetingStatus.CANCELLED:
        return wording.MEETING_STATUS[row.status]
    return wording.BOOKING_STATUS[row.booking.status]


def _name_of_facilitator() -> ColumnElement[str]:
    return select(User.name).where(User.id == BookingMeeting.facilitator_id).scalar_subquery()
