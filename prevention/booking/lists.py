"""The lists of booking: what their columns are, what they sort by, and what their files hold.

Who sees which rows is the service's; `core.lists` makes the pages and the files.
"""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, SQLColumnExpression, select, type_coerce

from prevention.booking import wording
from prevention.booking.models import Booking, Slot
from prevention.booking.service.agenda import first_start_of_booking
from prevention.booking.service.slots import first_start_of_slot
from prevention.core.i18n import current_language
from prevention.core.lists import Cell, Column, Listing
from prevention.network.models import Municipality
from prevention.programmes.models import Edition, Programme
from prevention.schools.models import Institute, SchoolClass, Site

WIDE = 32


def bookings() -> Listing[Booking]:
    """Declare the list of bookings."""
    return Listing(
        name="prenotazioni",
        columns=(
            Column(
                key="class",
                words=_l("Class"),
                value=lambda row: row.school_class.label,
                sort=(_of_class(Site.name), _of_class(SchoolClass.grade), _of_class(SchoolClass.section)),
            ),
            Column(
                key="site",
                words=_l("School"),
                value=lambda row: row.school_class.site.display_name,
                in_table=False,
                width=WIDE,
            ),
            Column(
                key="institute",
                words=_l("Institute"),
                value=lambda row: row.school_class.site.institute.display_name,
                in_table=False,
                width=WIDE,
            ),
            Column(
                key="municipality",
                words=_l("Municipality"),
                value=lambda row: row.school_class.site.municipality.name,
                in_table=False,
            ),
            Column(
                key="programme",
                words=_l("Programme"),
                value=lambda row: row.edition.programme.name.text(),
                sort=(_programme_name(Booking.edition_id),),
                width=WIDE,
            ),
            Column(
                key="provider",
                words=_l("Provider"),
                value=lambda row: row.edition.organisation.name,
                in_table=False,
                width=WIDE,
            ),
            Column(key="dates", words=_l("Dates"), value=_first_start, sort=(first_start_of_booking(),)),
            Column(
                key="meetings",
                words=_l("Meetings"),
                value=lambda row: len(row.meetings),
                in_table=False,
                is_number=True,
                width=10,
            ),
            Column(
                key="pupils",
                words=_l("Pupils"),
                value=lambda row: row.pupils,
                sort=(Booking.pupils,),
                is_number=True,
                width=10,
            ),
            Column(
                key="adults",
                words=_l("Accompanying adults"),
                value=lambda row: row.adults,
                in_table=False,
                is_number=True,
                width=10,
            ),
            Column(
                key="state",
                words=_l("State"),
                value=lambda row: wording.BOOKING_STATUS[row.status],
                sort=(Booking.status,),
            ),
            Column(
                key="booked",
                words=_l("Booked on"),
                value=lambda row: row.booked_at,
                sort=(Booking.booked_at,),
                in_table=False,
            ),
            Column(key="open", words="", in_files=False),
        ),
        tie=Booking.id,
        sort="dates",
    )


def slots(*, is_provider: bool) -> Listing[Slot]:
    """Declare the list of dated places: as coordinators choose from it, or as those who provide them see it."""
    by_place = (
        select(Municipality.name)
        .join(Site, Site.municipality_id == Municipality.id)
        .where(Site.id == Slot.site_id)
        .scalar_subquery()
    )
    places: tuple[Column[Slot], ...] = (
        Column(
            key="taken",
            words=_l("Taken"),
            value=lambda row: row.places_taken,
            sort=(Slot.places_taken,),
            is_number=True,
            in_table=is_provider,
            width=10,
        ),
        Column(
            key="places",
            words=_l("Places"),
            value=lambda row: row.places,
            sort=(Slot.places - Slot.places_taken,),
            in_table=not is_provider,
            width=10,
        ),
    )
    return Listing(
        name="date",
        columns=(
            Column(
                key="programme",
                words=_l("Programme"),
                value=lambda row: row.edition.programme.name.text(),
                sort=(_programme_name(Slot.edition_id),),
                width=WIDE,
            ),
            Column(key="dates", words=_l("Dates"), value=_first_start, sort=(first_start_of_slot(),)),
            Column(key="last", words=_l("Last date"), value=_last_end, in_table=False),
            Column(key="where", words=_l("Where"), value=_where, sort=(by_place,), width=WIDE),
            Column(
                key="leader",
                words=_l("Led by"),
                value=lambda row: row.facilitator.name if row.facilitator else _l("The class's own teachers"),
                in_table=is_provider,
                width=WIDE,
            ),
            *places,
            Column(
                key="until",
                words=_l("Bookings until"),
                value=lambda row: row.books_until,
                sort=(Slot.books_until,),
                in_table=not is_provider,
            ),
            Column(
                key="state",
                words=_l("State"),
                value=lambda row: wording.SLOT_STATUS[row.status],
                sort=(Slot.status,),
                in_table=is_provider,
            ),
            Column(key="open", words="", in_files=False),
        ),
        tie=Slot.id,
        sort="dates",
    )


def _first_start(row: Booking | Slot) -> Cell:
    return min((meeting.starts_at for meeting in row.meetings), default=None)


def _where(row: Slot) -> Cell:
    if row.site is None:
        return _l("At the class's school")
    return f"{row.site.display_name}, {row.site.municipality.name}"


def _last_end(row: Slot) -> Cell:
    return max((meeting.ends_at for meeting in row.meetings), default=None)


def _programme_name(edition_id: SQLColumnExpression[Any]) -> SQLColumnExpression[Any]:
    # Sorted as read: in the reader's language, in which every name need not be written.
    name = type_coerce(Programme.name, JSON)
    return (
        select(name[current_language()].as_string())
        .join(Edition, Edition.programme_id == Programme.id)
        .where(Edition.id == edition_id)
        .scalar_subquery()
    )


def _of_class(column: SQLColumnExpression[Any]) -> SQLColumnExpression[Any]:
    return (
        select(column)
        .select_from(SchoolClass)
        .join(Site)
        .join(Institute)
        .where(SchoolClass.id == Booking.school_class_id)
        .scalar_subquery()
    )
