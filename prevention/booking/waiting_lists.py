"""The lists of what waits: classes for a place, requests for a decision. Who sees which rows is the service's."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from prevention.booking import wording
from prevention.booking.list_columns import (
    WIDE,
    buttons,
    by_names_of_booking,
    by_names_of_class,
    class_columns,
    first_start,
    key_of_programme,
    keys_of_class,
    name_filter,
    number_column,
    programme_column,
    provider_column,
)
from prevention.booking.models import Booking, Slot, WaitingClass
from prevention.booking.rules import WaitingStatus
from prevention.booking.service.agenda import first_start_of_booking
from prevention.booking.service.slots import first_start_of_slot
from prevention.core.lists import Cell, Column, Filter, Listing
from prevention.schools.models import SchoolClass, Site


def waiting() -> Listing[WaitingClass]:
    """Declare the list of classes that wait, or waited."""
    return Listing(
        name="lista-attesa",
        columns=(
            *class_columns(lambda row: row.school_class, sort=(Site.name, SchoolClass.grade, SchoolClass.section)),
            programme_column(lambda row: row.slot.edition, sort=(key_of_programme(Slot.edition_id),)),
            Column(
                key="first",
                words=_l("First date"),
                value=first_start(lambda row: row.slot.meetings),
                sort=(first_start_of_slot(),),
                in_table=False,
            ),
            number_column("places", _l("Places"), lambda row: row.places, sort=(WaitingClass.places,)),
            Column(
                key="joined", words=_l("Waits since"), value=lambda row: row.joined_at, sort=(WaitingClass.joined_at,)
            ),
            Column(
                key="state",
                words=_l("State"),
                value=lambda row: wording.WAITING_STATUS[row.status],
                sort=(WaitingClass.status,),
            ),
            Column(key="until", words=_l("Offer until"), value=lambda row: row.offer_expires_at, in_table=False),
            Column(key="skipped", words=_l("Passed by because"), value=_last_skip, in_table=False, width=WIDE),
            buttons(),
        ),
        filters=(
            Filter(
                name="state",
                words=_l("State"),
                apply=_by_status,
                options=[
                    ("list", _l("On the list")),
                    *((each.value, wording.WAITING_STATUS[each]) for each in WaitingStatus),
                ],
                any_words=_l("All"),
                default="list",
            ),
            name_filter(by_names_of_class),
        ),
        tie=WaitingClass.id,
        sort="joined",
    )


def requests() -> Listing[Booking]:
    """Declare the list of requests that wait for a decision or for dates."""
    return Listing(
        name="richieste",
        columns=(
            Column(key="tick", words=_l("Choose"), in_files=False),
            *class_columns(lambda row: row.school_class, sort=keys_of_class()),
            programme_column(lambda row: row.edition, sort=(key_of_programme(Booking.edition_id),)),
            provider_column(lambda row: row.edition),
            Column(
                key="dates",
                words=_l("Dates"),
                value=first_start(lambda row: row.meetings),
                sort=(first_start_of_booking(),),
            ),
            Column(key="wishes", words=_l("Wishes"), value=_wishes, in_table=False, width=WIDE),
            number_column("pupils", _l("Pupils"), lambda row: row.pupils, sort=(Booking.pupils,)),
            Column(key="asked", words=_l("Asked on"), value=lambda row: row.booked_at, sort=(Booking.booked_at,)),
            Column(key="note", words=_l("Message"), value=lambda row: row.note, in_table=False, width=WIDE),
            buttons(),
        ),
        filters=(
            Filter(
                name="for",
                words=_l("Waits for"),
                apply=_by_need,
                options=[("decision", _l("A decision")), ("dates", _l("Dates"))],
                any_words=_l("All"),
            ),
            name_filter(by_names_of_booking),
        ),
        tie=Booking.id,
        sort="asked",
    )


def _last_skip(row: WaitingClass) -> Cell:
    return wording.skip(row.skips[-1]) if row.skips else None


def _wishes(row: Booking) -> Cell:
    return wording.wish(row.wish) if row.wish else None


def _by_status(query: Select[Any], value: str) -> Select[Any]:
    if value == "list":
        return query.where(WaitingClass.status.in_((WaitingStatus.WAITING, WaitingStatus.OFFERED)))
    return query.where(WaitingClass.status == WaitingStatus(value))


def _by_need(query: Select[Any], value: str) -> Select[Any]:
    return query.where(Booking.slot_id.is_(None) if value == "dates" else Booking.slot_id.is_not(None))
