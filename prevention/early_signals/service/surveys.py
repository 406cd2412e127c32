"""Raising an alert where a published figure moved the wrong way from one survey to the next; see the package."""

import math
from datetime import datetime

from prevention.early_signals import rules
from prevention.early_signals.models import EarlyAlert
from prevention.early_signals.rules import AlertOrigin
from prevention.early_signals.service.alerts import write_alert
from prevention.indicators.ledger import published_tables
from prevention.indicators.published import Audience, Dimension, PublishedCell, PublishedTable
from prevention.indicators.releases import releases

KNOWS_A_SERVICE = "I41"
EARLY_GROUP = "early"
DIMENSIONS = (Dimension.ALL, Dimension.LEVEL)
# Published intervals are at 95 %, the difference is judged at 99 %.
WIDER = 2.5758 / 1.9600


def raise_survey_alerts(*, now: datetime) -> list[EarlyAlert]:
    """Compare the newest published survey with those of earlier school years; raise what is due, once. Flushes."""
    found = [release for release in releases() if release.tables]
    if not found:
        return []
    newest = found[0]
    current = _watched(published_tables(newest.school_year, audience=Audience.DISTRICT, wave_id=newest.wave_id))
    waiting = dict(current)
    raised = []
    for earlier in found[1:]:
        if earlier.school_year >= newest.school_year or not waiting:
            continue
        before = _watched(published_tables(earlier.school_year, audience=Audience.DISTRICT, wave_id=earlier.wave_id))
        for key in list(waiting.keys() & before.keys()):
            now_table, before_table = waiting.pop(key), before[key]
            if now_table.wording == before_table.wording:
                raised += _compare(now_table, before_table, now=now)
    return raised


def _watched(tables: tuple[PublishedTable, ...]) -> dict[tuple[str, Dimension], PublishedTable]:
    return {
        (table.indicator_id, table.dimension): table
        for table in tables
        if table.dimension in DIMENSIONS and (table.indicator_id == KNOWS_A_SERVICE or table.group == EARLY_GROUP)
    }


def _compare(table: PublishedTable, before: PublishedTable, *, now: datetime) -> list[EarlyAlert]:
    raised = []
    for cell in table.cells:
        earlier = before.cell(cell.domain)
        difference = _difference(cell, earlier)
        if earlier is None or difference is None:
            continue
        value, low, high = difference
        is_worse = high < 0 if table.indicator_id == KNOWS_A_SERVICE else low > 0
        if not is_worse:
            continue
        alert = write_alert(
            now,
            origin=AlertOrigin.SURVEY,
            series=f"{table.indicator_id}|{table.dimension.value}|{cell.domain}",
            week=rules.monday_of(table.sealed_on),
            figures={
                "before": earlier.share,
                "now": cell.share,
                "low": low,
                "high": high,
                "difference": value,
                "before_year": before.school_year,
                "now_year": table.school_year,
                "name": dict(table.name),
                "group": dict(cell.label) if table.dimension is not Dimension.ALL else {},
            },
        )
        raised += [alert] if alert is not None else []
    return raised


def _difference(cell: PublishedCell, before: PublishedCell | None) -> tuple[float, float, float] | None:
    """Give the difference of two published shares with its 99 % interval; None where one is not shown."""
    halves, shares = [], []
    for each in (before, cell):
        if each is None or each.share is None or each.low is None or each.high is None:
            return None
        # The longer side: intervals of shares are not symmetric, and rounded outwards.
        halves.append(max(each.high - each.share, each.share - each.low))
        shares.append(each.share)
    value = shares[1] - shares[0]
    half = WIDER * math.hypot(*halves)
    return value, value - half, value + half
