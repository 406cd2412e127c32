"""Alerts to the network: written once, read by everybody who works in it, answered by the district."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError

from prevention.accounts import service as accounts
from prevention.accounts.models import User
from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import constraint_of, db
from prevention.early_signals import letters, rules
from prevention.early_signals.models import ONE_ALERT, EarlyAlert
from prevention.network.identifying import check_names_nobody
from prevention.roles import Role

# Who works in the network; a facilitator reads alerts, but is not written to.
READERS = (Role.OFFICE, Role.PARTNER, Role.COORDINATOR, Role.FACILITATOR)
WRITTEN_TO = (Role.OFFICE, Role.PARTNER, Role.COORDINATOR)


def alerts_for(_actor: Actor) -> Select[EarlyAlert]:
    """Select the alerts, newest first: they speak of several schools, and are for everybody in the network."""
    return select(EarlyAlert).order_by(EarlyAlert.raised_at.desc(), EarlyAlert.id)


def open_alerts_for(actor: Actor) -> list[EarlyAlert]:
    """List the alerts that are not closed, newest first."""
    return list(db.session.scalars(alerts_for(actor).where(EarlyAlert.closed_at.is_(None))))


def alert_for(actor: Actor, alert_id: uuid.UUID) -> EarlyAlert:
    """Give an alert.

    Raises:
        NotYours: it is not there.
    """
    found = db.session.scalar(alerts_for(actor).where(EarlyAlert.id == alert_id))
    if found is None:
        raise NotYours(alert_id)
    return found


def write_note(actor: Actor, alert: EarlyAlert, note: str) -> None:
    """Write what the district tells everybody about an alert. Flushes.

    Raises:
        NamesSomebody: the note may say which person is meant; nothing was saved.
    """
    check_names_nobody(note)
    alert.note = note
    db.session.flush()
    audit.record(actor, "early_signals.alert_noted", alert.id)


def close_alert(actor: Actor, alert: EarlyAlert, *, now: datetime) -> None:
    """Close an alert. Flushes.

    Raises:
        AlertClosed: somebody closed it before.
    """
    closed = db.session.scalar(
        update(EarlyAlert)
        .where(EarlyAlert.id == alert.id, EarlyAlert.closed_at.is_(None))
        .values(closed_at=now)
        .returning(EarlyAlert.id)
    )
    if closed is None:
        raise rules.AlertClosed
    audit.record(actor, "early_signals.alert_closed", alert.id)


def write_alert(now: datetime, **values: Any) -> EarlyAlert | None:
    """Write an alert and the mails about it; None when it was written before. Flushes."""
    alert = EarlyAlert(note="", raised_at=now, **values)
    try:
        with db.session.begin_nested():
            db.session.add(alert)
            db.session.flush()
    except IntegrityError as error:
        if constraint_of(error) in ONE_ALERT:
            return None
        raise
    audit.record(None, "early_signals.alert_raised", alert.id, series=alert.series)
    for person in _written_to():
        letters.tell_alert(person, alert)
    return alert


def _written_to() -> list[User]:
    people = {person.id: person for role in WRITTEN_TO for person in accounts.users_holding(role)}
    return list(people.values())
