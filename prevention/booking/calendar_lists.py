"""The plain table of the calendar: its columns, what they sort by, and what its files hold."""

from datetime import date, datetime, time, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from prevention.accounts.models import User
from prevention.booking import letters, wording
from prevention.booking.list_columns import (
    WIDE,
    buttons,
    by_names_of_booking,
    class_columns,
    key_of_programme,
    keys_of_class,
    name_filter,
    number_column,
    programme_column,
)
from prevention.booking.models import Booking, BookingMeeting
from prevention.booking.rules import MeetingStatus
from prevention.core import clock
from prevention.core.lists import AnySelect, Cell, Column, Filter, FilterKind, Listing


def dates(*, is_agenda: bool = False) -> Listing[BookingMeeting]:
    """Declare the list of single dates with classes: of the calendar, or an agenda of those ahead, which narrows."""
    return Listing(
        name="agenda" if is_agenda else "date",
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
                in_table=not is_agenda,
            ),
            number_column(
                "pupils", _l("Pupils"), lambda row: row.booking.pupils, sort=(Booking.pupils,), in_table=is_agenda
            ),
            Column(key="state", words=_l("State"), value=_state, in_table=not is_agenda),
            buttons(),
        ),
        filters=(
            (
                name_filter(by_names_of_booking),
                Filter(name="from", words=_l("From day"), kind=FilterKind.DAY, apply=_from_day),
                Filter(name="to", words=_l("Until day"), kind=FilterKind.DAY, apply=_until_day),
            )
            if is_agenda
            else ()
        ),
        tie=BookingMeeting.id,
        sort="when",
    )


def _from_day(query: AnySelect, value: str) -> AnySelect:
    return query.where(BookingMeeting.starts_at >= _midnight(date.fromisoformat(value)))


def _until_day(query: AnySelect, value: str) -> AnySelect:
    return query.where(BookingMeeting.starts_at < _midnight(date.fromisoformat(value) + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.ROME)


def _state(row: BookingMeeting) -> Cell:
    if row.status is MeetingStatus.CANCELLED:
        return wording.MEETING_STATUS[row.status]
    return wording.BOOKING_STATUS[row.booking.status]


def _name_of_facilitator() -> ColumnElement[str]:
    return select(User.name).where(User.id == BookingMeeting.facilitator_id).scalar_subquery()
