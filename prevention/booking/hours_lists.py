"""The list of facilitators with how much they are there."""

import uuid
from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, func, select

from prevention.accounts.models import User
from prevention.booking.plan_models import FacilitatorHours, FacilitatorTerms
from prevention.booking.plan_rules import WEEKLY_CAP_DEFAULT
from prevention.core.lists import AnySelect, Column, Filter, FilterKind, Listing

WIDE = 32


def leaders(minutes: Mapping[uuid.UUID, int], caps: Mapping[uuid.UUID, int]) -> Listing[User]:
    """Declare the list; minutes a week and meetings a week at most by person."""
    cap = (
        select(func.coalesce(func.max(FacilitatorTerms.weekly_cap), WEEKLY_CAP_DEFAULT))
        .where(FacilitatorTerms.user_id == User.id)
        .scalar_subquery()
    )
    return Listing(
        name="orari-operatori",
        columns=(
            Column(key="name", words=_l("Facilitator"), value=lambda row: row.name, sort=(User.name,), width=WIDE),
            Column(
                key="hours",
                words=_l("Hours a week"),
                value=lambda row: round(minutes.get(row.id, 0) / 60, 1),
                is_number=True,
            ),
            Column(
                key="cap",
                words=_l("Meetings a week at most"),
                value=lambda row: caps.get(row.id, WEEKLY_CAP_DEFAULT),
                sort=(cap,),
                is_number=True,
            ),
            Column(key="open", words="", in_files=False),
        ),
        filters=(
            Filter(
                name="which",
                words=_l("Hours"),
                apply=_which,
                options=[("none", _l("none entered")), ("some", _l("entered"))],
                any_words=_l("All"),
            ),
            Filter(name="text", words=_l("Name"), apply=_by_name, kind=FilterKind.TEXT),
        ),
        tie=User.id,
        sort="name",
    )


def _which(query: AnySelect, value: str) -> AnySelect:
    has_hours = exists().where(FacilitatorHours.user_id == User.id)
    return query.where(has_hours if value == "some" else ~has_hours)


def _by_name(query: AnySelect, text: str) -> AnySelect:
    return query.where(func.lower(User.name).contains(text.lower(), autoescape=True))
