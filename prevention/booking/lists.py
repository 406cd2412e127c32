"""The lists of booking: what their columns are, what they sort by, and what their files hold.

Who sees which rows is the service's; `core.lists` makes the pages and the files.
"""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from prevention.booking import wording
from prevention.booking.list_columns import (
    NARROW,
    WIDE,
    buttons,
    class_columns,
    first_start,
    key_of_programme,
    keys_of_class,
    number_column,
    programme_column,
    provider_column,
)
from prevention.booking.models import Booking, Slot, SlotMeeting
from prevention.booking.rules import SlotStatus
from prevention.booking.service.agenda import first_start_of_booking
from prevention.booking.service.slots import first_start_of_slot
from prevention.core import clock
from prevention.core.lists import AnySelect, Cell, Column, Filter, Listing
from prevention.network.models import Municipality
from prevention.programmes.models import Edition, Programme
from prevention.schools.models import Site


def bookings() -> Listing[Booking]:
    """Declare the list of bookings."""
    return Listing(
        name="prenotazioni",
        columns=(
            *class_columns(lambda row: row.school_class, sort=keys_of_class()),
            programme_column(lambda row: row.edition, sort=(key_of_programme(Booking.edition_id),)),
            provider_column(lambda row: row.edition),
            Column(
                key="dates",
                words=_l("Dates"),
                value=first_start(lambda row: row.meetings),
                sort=(first_start_of_booking(),),
            ),
            number_column("meetings", _l("Meetings"), lambda row: len(row.meetings), in_table=False),
            number_column("pupils", _l("Pupils"), lambda row: row.pupils, sort=(Booking.pupils,)),
            number_column("adults", _l("Accompanying adults"), lambda row: row.adults, in_table=False),
            Column(
                key="state",
                words=_l("State"),
                value=lambda row: wording.BOOKING_STATUS[row.status],
                sort=(Booking.status,),
            ),
            Column(
                key="despite",
                words=_l("Chosen although something is better studied"),
                value=lambda row: row.chosen_despite_evidence,
                in_table=False,
            ),
            Column(
                key="booked",
                words=_l("Booked on"),
                value=lambda row: row.booked_at,
                sort=(Booking.booked_at,),
                in_table=False,
            ),
            buttons(),
        ),
        tie=Booking.id,
        sort="dates",
    )


def slots(*, is_provider: bool, programmes: Sequence[Programme] = ()) -> Listing[Slot]:
    """Declare the list of dated places: as coordinators choose from it, or as those who provide them see it.

    Args:
        is_provider: those who provide them; they narrow it by programme, state and when.
        programmes: those to choose from.
    """
    by_place = (
        select(Municipality.name)
        .join(Site, Site.municipality_id == Municipality.id)
        .where(Site.id == Slot.site_id)
        .scalar_subquery()
    )
    return Listing(
        name="date",
        columns=(
            programme_column(lambda row: row.edition, sort=(key_of_programme(Slot.edition_id),)),
            Column(
                key="dates",
                words=_l("Dates"),
                value=first_start(lambda row: row.meetings),
                sort=(first_start_of_slot(),),
            ),
            Column(key="last", words=_l("Last date"), value=_last_end, in_table=False),
            Column(key="where", words=_l("Where"), value=_where, sort=(by_place,), width=WIDE),
            Column(
                key="leader",
                words=_l("Led by"),
                value=lambda row: row.facilitator.name if row.facilitator else _l("The class's own teachers"),
                in_table=is_provider,
                width=WIDE,
            ),
            number_column(
                "taken", _l("Taken"), lambda row: row.places_taken, sort=(Slot.places_taken,), in_table=is_provider
            ),
            Column(
                key="places",
                words=_l("Places"),
                value=lambda row: row.places,
                sort=(Slot.places - Slot.places_taken,),
                in_table=not is_provider,
                width=NARROW,
            ),
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
            buttons(),
        ),
        tie=Slot.id,
        sort="dates",
        filters=_provider_filters(programmes) if is_provider else (),
    )


def _provider_filters(programmes: Sequence[Programme]) -> tuple[Filter, ...]:
    last_end = (
        select(func.max(SlotMeeting.ends_at)).where(SlotMeeting.slot_id == Slot.id).correlate(Slot).scalar_subquery()
    )

    def by_programme(query: AnySelect, value: str) -> AnySelect:
        own = select(Edition.id).join(Edition.programme).where(Programme.slug == value)
        return query.where(Slot.edition_id.in_(own))

    return (
        Filter(
            name="programme",
            words=_l("Programme"),
            options=[(each.slug, each.name.text()) for each in programmes],
            any_words=_l("All"),
            apply=by_programme,
        ),
        Filter(
            name="state",
            words=_l("State"),
            options=list(wording.SLOT_STATUS.items()),
            any_words=_l("All"),
            apply=lambda query, value: query.where(Slot.status == SlotStatus(value)),
        ),
        Filter(
            name="when",
            words=_l("When"),
            options=[("ahead", _l("Still to come")), ("over", _l("Over"))],
            any_words=_l("Whole year"),
            apply=lambda query, value: query.where(
                last_end > clock.now() if value == "ahead" else last_end <= clock.now()
            ),
        ),
    )


def _where(row: Slot) -> Cell:
    if row.site is None:
        return _l("At the class's school")
    return f"{row.site.display_name}, {row.site.municipality.name}"


def _last_end(row: Slot) -> Cell:
    return max((meeting.ends_at for meeting in row.meetings), default=None)
