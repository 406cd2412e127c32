"""What the published figures say that concerns an organisation: of its municipality, else of the whole district.

Published tables only, as anybody may read them on the page of figures; put where a partner looks first.
"""

import uuid
from collections.abc import Iterable
from datetime import date

from flask_babel import format_percent
from flask_babel import gettext as _

from prevention.indicators import ledger
from prevention.indicators.published import Dimension, PublishedCell, PublishedTable
from prevention.indicators.releases import releases
from prevention.network import service as network
from prevention.network.signals import Concern

# More lines are a report, and there is one.
LINES_MOST = 12


def published_figures(
    _sender: object, *, organisation_id: uuid.UUID, municipality_id: uuid.UUID | None, today: date
) -> list[Concern]:
    """Answer with the newest survey's percentages: of the municipality where they are shown, else of all pupils.

    Three queries. A hidden figure is left out, a masked one says what stands for it.
    """
    newest = next(iter(releases()), None)
    if newest is None:
        return []
    tables = ledger.published_tables(newest.school_year, wave_id=newest.wave_id)
    place = next((one for one in network.municipalities() if one.id == municipality_id), None)
    if place is not None:
        own = _lines(tables, Dimension.MUNICIPALITY, place.istat_code)
        if own:
            title = _("%(survey)s: pupils of schools in %(place)s", survey=newest.wave_name, place=place.name)
            return [Concern(title=title, lines=own)]
    title = _("%(survey)s: pupils of the whole district", survey=newest.wave_name)
    return [Concern(title=title, lines=_lines(tables, Dimension.ALL, "all"))]


def _lines(tables: Iterable[PublishedTable], dimension: Dimension, domain: str) -> tuple[tuple[str, str], ...]:
    found = []
    for table in tables:
        cell = table.cell(domain) if table.dimension is dimension else None
        if cell is not None and cell.shown and (cell.text or cell.share is not None):
            found.append((table.name.text(), _words(cell)))
    return tuple(found[:LINES_MOST])


def _words(cell: PublishedCell) -> str:
    if cell.share is None:
        return f"{cell.text} %"
    share = _percent(cell.share)
    if cell.low is None or cell.high is None:
        return share
    return _(
        "%(share)s (95 %% interval: %(low)s to %(high)s)", share=share, low=_percent(cell.low), high=_percent(cell.high)
    )


def _percent(share: float) -> str:
    return format_percent(share, "#,##0.# %")
