"""The lists of what waits: classes for a place, requests for a decision. Who sees which rows is the service's."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from prevention.booking import wording
from prevention.booking.models import Booking, WaitingClass
from prevention.booking.rules import WaitingStatus
from prevention.core.lists import Cell, Column, Filter, FilterKind, Listing
from prevention.schools.models import SchoolClass, Site

WIDE = 32


def waiting() -> Listing[WaitingClass]:
    """Declare the list of classes that wait, or waited."""
    return Listing(
        name="lista-attesa",
        columns=(
            Column(
                key="class",
                words=_l("Class"),
                value=lambda row: row.school_class.label,
                sort=(Site.name, SchoolClass.label),
            ),
            Column(
                key="site",
                words=_l("School"),
                value=lambda row: row.school_class.site.display_name,
                in_table=False,
                width=WIDE,
            ),
            Column(
                key="programme",
                words=_l("Programme"),
                value=lambda row: row.slot.edition.programme.name.text(),
                width=WIDE,
            ),
            Column(key="first", words=_l("First date"), value=_first_start, in_table=False),
            Column(
                key="places",
                words=_l("Places"),
                value=lambda row: row.places,
                sort=(WaitingClass.places,),
                is_number=True,
                width=10,
            ),
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
            Column(key="open", words="", in_files=False),
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
            Filter(name="text", words=_l("Class or school"), apply=_by_names, kind=FilterKind.TEXT),
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
            Column(key="class", words=_l("Class"), value=lambda row: row.school_class.label),
            Column(
                key="site",
                words=_l("School"),
                value=lambda row: row.school_class.site.display_name,
                in_table=False,
                width=WIDE,
            ),
            Column(
                key="programme", words=_l("Programme"), value=lambda row: row.edition.programme.name.text(), width=WIDE
            ),
            Column(key="dates", words=_l("Dates"), value=_first_of_booking),
            Column(
                key="pupils",
                words=_l("Pupils"),
                value=lambda row: row.pupils,
                sort=(Booking.pupils,),
                is_number=True,
                width=10,
            ),
            Column(key="asked", words=_l("Asked on"), value=lambda row: row.booked_at, sort=(Booking.booked_at,)),
            Column(key="note", words=_l("Message"), value=lambda row: row.note, in_table=False, width=WIDE),
            Column(key="open", words="", in_files=False),
        ),
        filters=(
            Filter(
                name="for",
                words=_l("Waits for"),
                apply=_by_need,
                options=[("decision", _l("A decision")), ("dates", _l("Dates"))],
                any_words=_l("All"),
            ),
        ),
        tie=Booking.id,
        sort="asked",
    )


def _first_start(row: WaitingClass) -> datetime:
    return min(date.starts_at for date in row.slot.meetings)


def _last_skip(row: WaitingClass) -> Cell:
    return wording.skip(row.skips[-1]) if row.skips else None


def _first_of_booking(row: Booking) -> Cell:
    return min((meeting.starts_at for meeting in row.meetings), default=None)


def _by_status(query: Select[WaitingClass], value: str) -> Select[WaitingClass]:
    if value == "list":
        return query.where(WaitingClass.status.in_((WaitingStatus.WAITING, WaitingStatus.OFFERED)))
    return query.where(WaitingClass.status == WaitingStatus(value)) if value else query


def _by_names(query: Select[WaitingClass], value: str) -> Select[WaitingClass]:
    for word in value.split():
        query = query.where(
            SchoolClass.label.icontains(word, autoescape=True) | Site.name.icontains(word, autoescape=True)
        )
    return query


def _by_need(query: Select[Booking], value: str) -> Select[Booking]:
    if not value:
        return query
    return query.where(Booking.slot_id.is_(None) if value == "dates" else Booking.slot_id.is_not(None))
