"""What the network sees of signals: groups by kind, area and month, of several schools or not at all."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from prevention.core.db import db
from prevention.early_signals import rules
from prevention.early_signals.models import EarlySignal
from prevention.early_signals.rules import SignalKind, SignalStatus
from prevention.network.models import Municipality


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """One kind of matter in one area (None: the municipalities of no known area) in one month.

    `month` is its first day; `band` the step of the number of schools: from, to (None: and more).
    """

    month: date
    kind: SignalKind
    planning_area: str | None
    band: tuple[int, int | None]


def groups(*, today: date) -> list[Group]:
    """List the groups of all months that are over, newest first; smaller ones are left out. One query.

    A signal belongs to the month of its Monday. Months under way are left out, because a number that grows from
    Tuesday to Wednesday tells what one school did.
    """
    rows = db.session.execute(
        select(EarlySignal.week, EarlySignal.kind, Municipality.planning_area, EarlySignal.institute_id)
        .join(Municipality, EarlySignal.municipality_id == Municipality.id)
        .where(EarlySignal.status == SignalStatus.ACCEPTED, EarlySignal.week < today.replace(day=1))
    )
    schools: dict[tuple[date, SignalKind, str | None], set[object]] = {}
    for week, kind, area, institute_id in rows:
        schools.setdefault((week.replace(day=1), kind, area), set()).add(institute_id)
    kinds = list(SignalKind)
    found = [
        Group(month=month, kind=kind, planning_area=area, band=band)
        for (month, kind, area), institutes in schools.items()
        if (band := rules.band_of(len(institutes))) is not None
    ]
    return sorted(
        found, key=lambda group: (-group.month.toordinal(), kinds.index(group.kind), group.planning_area or "~")
    )
