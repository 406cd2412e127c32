"""The list of ways from one municipality to the others."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, SQLColumnExpression, exists, func, or_

from prevention.core.lists import Cell, Column, Filter, FilterKind, Listing
from prevention.network.models import Municipality, TravelTime
from prevention.network.travel import TravelTimes
from prevention.schools.models import Site

WIDE = 32


def ways(here: Municipality, known: TravelTimes) -> Listing[Municipality]:
    """Declare the list of the ways from `here`; the order by distance is that of straight lines."""
    estimates = TravelTimes(centres=known.centres)

    def written(row: Municipality) -> Cell:
        return known.known.get(frozenset((here.id, row.id)))

    return Listing(
        name="tempi-di-viaggio",
        columns=(
            Column(key="from", words=_l("From municipality"), value=lambda _row: here.name, in_table=False, width=WIDE),
            Column(
                key="to", words=_l("To municipality"), value=lambda row: row.name, sort=(Municipality.name,), width=WIDE
            ),
            Column(key="istat", words=_l("ISTAT code"), value=lambda row: row.istat_code, in_table=False, width=12),
            Column(
                key="minutes",
                words=_l("Minutes"),
                value=lambda row: known.minutes(here.id, row.id),
                sort=_nearness(here),
                is_number=True,
                width=10,
            ),
            Column(
                key="estimate",
                words=_l("Estimated minutes"),
                value=lambda row: estimates.minutes(here.id, row.id),
                is_number=True,
                width=10,
            ),
            Column(
                key="written",
                words=_l("Written by the office"),
                value=lambda row: written(row) is not None,
                in_table=False,
            ),
            Column(key="change", words="", in_files=False),
        ),
        filters=(
            Filter(
                name="which",
                words=_l("Municipalities"),
                apply=lambda query, value: _which(query, value, here),
                options=[
                    ("schools", _l("With schools")),
                    ("written", _l("With minutes of the office")),
                    ("all", _l("All")),
                ],
                default="schools",
            ),
            Filter(name="text", words=_l("Name"), apply=_by_name, kind=FilterKind.TEXT),
        ),
        tie=Municipality.id,
        sort="to",
    )


def _nearness(here: Municipality) -> tuple[SQLColumnExpression[Any], ...]:
    """Give what to sort by for the nearest first: the squared distance on a plane, good enough inside a province."""
    if here.latitude is None or here.longitude is None:
        return ()
    # One degree of longitude is some 0.7 degrees of latitude long here (cosine of 45 degrees).
    north, east = Municipality.latitude - here.latitude, (Municipality.longitude - here.longitude) * 0.7
    return (north * north + east * east,)


def _which(query: Select[Municipality], value: str, here: Municipality) -> Select[Municipality]:
    if value == "schools":
        return query.where(exists().where(Site.municipality_id == Municipality.id))
    if value == "written":
        pair = or_(
            (TravelTime.first_id == here.id) & (TravelTime.second_id == Municipality.id),
            (TravelTime.second_id == here.id) & (TravelTime.first_id == Municipality.id),
        )
        return query.where(exists().where(pair))
    return query


def _by_name(query: Select[Municipality], text: str) -> Select[Municipality]:
    return query.where(func.lower(Municipality.name).contains(text.lower(), autoescape=True))
