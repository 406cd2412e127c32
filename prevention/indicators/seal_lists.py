"""The release ledger of a survey as a list: its columns, filters, and what its files hold."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from prevention.core.lists import AnySelect, Column, Filter, Listing
from prevention.indicators.models import PublishedTableRow
from prevention.indicators.published import Audience, Dimension
from prevention.indicators.seal_desk import indicator_name, selection_words
from prevention.indicators.seal_words import audience_words
from prevention.indicators.table_words import dimension_title

_ROW = PublishedTableRow


def ledger_listing(places: Mapping[str, str]) -> Listing[Any]:
    """Declare the list of what was published of a survey, newest first; `places`: names of towns by their codes."""
    return Listing(
        name="registro-rilasci",
        columns=(
            Column(
                key="day",
                words=_l("Published"),
                value=lambda row: row.PublishedTableRow.published_on,
                sort=(_ROW.published_on, _ROW.indicator_id, _ROW.position),
            ),
            Column(
                key="indicator",
                words=_l("Indicator"),
                value=lambda row: indicator_name(row.PublishedTableRow.indicator_id),
                sort=(_ROW.indicator_id,),
                width=36,
            ),
            Column(key="code", words=_l("Code"), value=lambda row: row.PublishedTableRow.indicator_id, in_table=False),
            Column(key="table", words=_l("Table"), value=lambda row: dimension_title(row.PublishedTableRow.dimension)),
            Column(
                key="part",
                words=_l("Part of the district"),
                value=lambda row: selection_words(row.PublishedTableRow.selection, places),
                width=30,
            ),
            Column(key="whom", words=_l("For whom"), value=lambda row: audience_words(row.PublishedTableRow.audience)),
            Column(key="seal", words=_l("Seal"), value=lambda row: row.SealedWave.sha256, width=20),
            Column(
                key="hash",
                words=_l("Hash of the table"),
                value=lambda row: row.PublishedTableRow.sha256,
                in_table=False,
            ),
        ),
        tie=_ROW.id,
        filters=(
            Filter(
                name="whom",
                words=_l("For whom"),
                apply=_of_audience,
                options=[
                    (str(Audience.DISTRICT), _l("everybody")),
                    (str(Audience.SCHOOL), _l("each school, its own row")),
                ],
                any_words=_l("All"),
            ),
            Filter(
                name="table",
                words=_l("Table"),
                apply=_of_dimension,
                options=[(str(one), dimension_title(one)) for one in Dimension],
                any_words=_l("All"),
            ),
            Filter(
                name="kind",
                words=_l("Kind"),
                apply=_of_kind,
                options=[("usual", _l("the usual tables")), ("wished", _l("asked for besides"))],
                any_words=_l("All"),
            ),
        ),
        sort="day",
        is_descending=True,
    )


def _of_audience(query: AnySelect, value: str) -> AnySelect:
    return query.where(_ROW.audience == Audience(value)) if value else query


def _of_dimension(query: AnySelect, value: str) -> AnySelect:
    return query.where(_ROW.dimension == Dimension(value)) if value else query


def _of_kind(query: AnySelect, value: str) -> AnySelect:
    if not value:
        return query
    return query.where(_ROW.selection != "" if value == "wished" else _ROW.selection == "")
