"""The smallest valid rows of the early-signals room. Every factory flushes; nothing commits."""

import uuid
from datetime import date, timedelta
from typing import Any

from prevention.core import clock
from prevention.core.db import db
from prevention.early_signals.models import EarlyAlert, EarlySignal
from prevention.early_signals.rules import AlertOrigin, SignalKind, SignalStatus, monday_of
from prevention.network.models import Municipality
from tests.factories.accounts import make_user
from tests.factories.network import make_municipality
from tests.factories.schools import make_institute


def make_signal(*, municipality: Municipality | None = None, weeks_ago: int = 1, **values: Any) -> EarlySignal:
    """Make a signal about alcohol of a school of its own that waits for the district."""
    values = {"kind": SignalKind.ALCOHOL, "status": SignalStatus.WAITING, "words": "Qualcosa di nuovo.", **values}
    if values["status"] is not SignalStatus.WAITING:
        values = {"decided_at": clock.now(), **values}
    if "institute_id" not in values:
        values["institute_id"] = make_institute().id
    row = EarlySignal(
        **{
            "id": uuid.uuid4(),
            "municipality_id": (municipality or make_municipality()).id,
            "week": monday_of(clock.today()) - timedelta(weeks=weeks_ago),
            "message": "",
            "sent_by": values.pop("sent_by", None) or make_user().id,
            "sent_at": clock.now(),
            **values,
        }
    )
    db.session.add(row)
    db.session.flush()
    return row


def make_alert(**values: Any) -> EarlyAlert:
    """Make an open alert about alcohol in the whole district."""
    row = EarlyAlert(
        **{
            "origin": AlertOrigin.SIGNALS,
            "series": f"alcohol|{uuid.uuid4().hex[:8]}",
            "kind": SignalKind.ALCOHOL,
            "week": date(2026, 11, 16),
            "figures": {"schools": 4, "expected": 0.3, "weeks": 1, "p": 0.0001},
            "note": "",
            "raised_at": clock.now(),
            **values,
        }
    )
    db.session.add(row)
    db.session.flush()
    return row
