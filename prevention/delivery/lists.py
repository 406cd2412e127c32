"""The lists of meetings by what became of them: columns, what they sort by, and what their files hold."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, type_coerce

from prevention.accounts.models import User
from prevention.booking.models import BookingMeeting
from prevention.core.i18n import current_language
from prevention.core.lists import AnySelect, Column, Filter, FilterKind, Listing
from prevention.delivery import wording
from prevention.delivery.models import SessionRegister
from prevention.delivery.rules import Outcome
from prevention.delivery.service import Shelf
from prevention.network.models import Municipality
from prevention.programmes.models import Programme
from prevention.schools.models import SchoolClass, Site
from prevention.schools.rules import display_name

WIDE = 32


def registers(shelf: Shelf) -> Listing[Any]:
    """Declare the list of one shelf; its rows are those of `service.shelf_lines`.

    What is due or done comes newest first (one registers what has just ended), what lies ahead soonest first.
    """
    is_done = shelf is Shelf.DONE
    return Listing(
        name="registri",
        columns=(
            Column(
                key="meeting",
                words=_l("Meeting"),
                value=lambda row: row.programme.text(),
                sort=(type_coerce(Programme.name, JSON)[current_language()].as_string(), BookingMeeting.number),
                width=WIDE,
            ),
            Column(key="number", words=_l("Number"), value=lambda row: row.number, in_table=False, is_number=True),
            Column(
                key="class",
                words=_l("Class"),
                value=lambda row: row.class_label,
                sort=(Site.name, SchoolClass.grade, SchoolClass.section),
            ),
            Column(
                key="site", words=_l("School"), value=lambda row: display_name(row.site), in_table=False, width=WIDE
            ),
            Column(
                key="municipality",
                words=_l("Municipality"),
                value=lambda row: row.municipality,
                sort=() if is_done else (Municipality.name,),
                in_table=False,
            ),
            Column(key="when", words=_l("When"), value=lambda row: row.starts_at, sort=(BookingMeeting.starts_at,)),
            Column(
                key="facilitator",
                words=_l("Facilitator"),
                value=lambda row: row.facilitator,
                sort=() if is_done else (User.name,),
                in_table=False,
            ),
            *(_of_outcome() if is_done else ()),
            Column(key="open", words="", in_files=False),
        ),
        filters=(
            Filter(name="text", words=_l("Class or school"), kind=FilterKind.TEXT, apply=_has_words),
            *((_outcome_filter(),) if is_done else ()),
        ),
        tie=BookingMeeting.id,
        sort="when",
        is_descending=shelf is not Shelf.AHEAD,
    )


def _of_outcome() -> tuple[Column[Any], ...]:
    return (
        Column(
            key="outcome",
            words=_l("Outcome"),
            value=lambda row: wording.OUTCOMES[row.outcome],
            sort=(SessionRegister.outcome,),
        ),
        Column(
            key="minutes",
            words=_l("Minutes"),
            value=lambda row: row.minutes,
            sort=(SessionRegister.minutes,),
            is_number=True,
        ),
        Column(
            key="present",
            words=_l("Present"),
            value=lambda row: row.present,
            sort=(SessionRegister.present,),
            is_number=True,
        ),
        Column(key="expected", words=_l("Expected"), value=lambda row: row.expected, in_table=False, is_number=True),
    )


def _outcome_filter() -> Filter:
    return Filter(
        name="outcome",
        words=_l("Outcome"),
        options=list(wording.OUTCOMES.items()),
        any_words=_l("All"),
        apply=lambda query, value: query.where(SessionRegister.outcome == Outcome(value)),
    )


def _has_words(query: AnySelect, text: str) -> AnySelect:
    for word in text.split():
        query = query.where(
            SchoolClass.label.icontains(word, autoescape=True) | Site.name.icontains(word, autoescape=True)
        )
    return query
