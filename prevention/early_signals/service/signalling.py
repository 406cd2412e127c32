"""What schools signal and the district decides."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from prevention.accounts import service as accounts
from prevention.accounts.models import User
from prevention.core import audit
from prevention.core.access import Actor, NotYours
from prevention.core.db import db
from prevention.early_signals import letters, rules
from prevention.early_signals.models import EarlySignal
from prevention.early_signals.rules import SignalKind, SignalStatus
from prevention.network.identifying import check_names_nobody
from prevention.network.models import Municipality
from prevention.roles import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class SignalPlan:
    """A signal as a school writes it. `key` is made by the page: the same one twice is one signal."""

    key: uuid.UUID
    institute_id: uuid.UUID
    municipality_id: uuid.UUID
    kind: SignalKind
    week: date
    words: str


def signal(actor: Actor, plan: SignalPlan, *, now: datetime, today: date) -> EarlySignal:
    """Take a signal in for moderation and tell the office. Flushes.

    Raises:
        NotYours: the institute or the municipality is none of theirs, or the key is somebody else's.
        WrongWeek: the week may not be signalled.
        NamesSomebody: the words may say which person is meant; nothing was saved.
    """
    if not actor.has(Role.COORDINATOR) or plan.institute_id not in actor.scope:
        raise NotYours(plan.institute_id)
    rules.check_week(plan.week, today=today)
    check_names_nobody(plan.words)
    if db.session.get(Municipality, plan.municipality_id) is None:
        raise NotYours(plan.municipality_id)
    row = EarlySignal(
        id=plan.key,
        institute_id=plan.institute_id,
        municipality_id=plan.municipality_id,
        kind=plan.kind,
        week=plan.week,
        words=plan.words,
        status=SignalStatus.WAITING,
        message="",
        sent_by=actor.id,
        sent_at=now,
    )
    known = db.session.get(EarlySignal, plan.key)
    if known is None:
        try:
            with db.session.begin_nested():
                db.session.add(row)
                db.session.flush()
        except IntegrityError:
            # The same page sent twice at once: the other request was first.
            known = db.session.get(EarlySignal, plan.key, populate_existing=True)
            if known is None:
                raise
    if known is not None:
        if known.institute_id not in actor.scope:
            raise NotYours(plan.key)
        return known
    audit.record(actor, "early_signals.signalled", row.id, kind=plan.kind.value)
    for person in accounts.users_holding(Role.OFFICE):
        letters.tell_signal(person, row)
    return row


def signals_for(actor: Actor) -> Select[EarlySignal]:
    """Select the signals that a person may read: the office all, a coordinator those of their institutes."""
    query = select(EarlySignal).options(joinedload(EarlySignal.institute), joinedload(EarlySignal.municipality))
    if actor.has(Role.OFFICE):
        return query
    return query.where(EarlySignal.institute_id.in_(actor.scope if actor.has(Role.COORDINATOR) else ()))


def signal_for(actor: Actor, signal_id: uuid.UUID) -> EarlySignal:
    """Give a signal that a person may read.

    Raises:
        NotYours: it is not there or not theirs.
    """
    found = db.session.scalar(signals_for(actor).where(EarlySignal.id == signal_id))
    if found is None:
        raise NotYours(signal_id)
    return found


def count_waiting() -> int:
    """Count the signals that wait for the district."""
    waiting = select(func.count()).select_from(EarlySignal).where(EarlySignal.status == SignalStatus.WAITING)
    return db.session.scalar(waiting) or 0


def withdraw(actor: Actor, row: EarlySignal) -> None:
    """Take a signal back that nobody decided yet; nothing of it stays. Flushes.

    Raises:
        NotWaiting: it was decided, or withdrawn meanwhile.
    """
    gone = db.session.scalar(
        delete(EarlySignal)
        .where(EarlySignal.id == row.id, EarlySignal.status == SignalStatus.WAITING)
        .returning(EarlySignal.id)
    )
    if gone is None:
        raise rules.NotWaiting
    audit.record(actor, "early_signals.withdrawn", gone)


def accept(actor: Actor, row: EarlySignal, *, words: str, message: str, now: datetime) -> None:
    """Let a signal count, with the words that the moderator leaves standing, and tell the school. Flushes.

    Raises:
        NotWaiting: somebody decided it, or it was withdrawn.
        NamesSomebody: the words or the message may say which person is meant.
    """
    check_names_nobody(words)
    _decide(actor, row, SignalStatus.ACCEPTED, words=words, message=message, now=now)


def refuse(actor: Actor, row: EarlySignal, *, message: str, now: datetime) -> None:
    """Refuse a signal with a reason, erase its words, and tell the school. Flushes.

    Raises:
        NotWaiting: somebody decided it, or it was withdrawn.
        NamesSomebody: the message may say which person is meant.
    """
    _decide(actor, row, SignalStatus.REFUSED, words="", message=message, now=now)


def _decide(actor: Actor, row: EarlySignal, status: SignalStatus, *, words: str, message: str, now: datetime) -> None:
    check_names_nobody(message)
    # Conditional, so that of two moderators one is told that the other was first.
    decided = db.session.scalar(
        update(EarlySignal)
        .where(EarlySignal.id == row.id, EarlySignal.status == SignalStatus.WAITING)
        .values(status=status, words=words, message=message, decided_by=actor.id, decided_at=now)
        .returning(EarlySignal.id)
        .execution_options(synchronize_session=False)
    )
    if decided is None:
        raise rules.NotWaiting
    db.session.refresh(row)
    audit.record(actor, f"early_signals.{status.value}", row.id)
    sender = db.session.get(User, row.sent_by)
    if sender is not None and sender.active:
        letters.tell_decision(sender, row)


def forget_old_words(*, today: date) -> int:
    """Erase the words of signals older than `KEPT_DAYS`; give of how many. Flushes."""
    erased = db.session.scalars(
        update(EarlySignal)
        .where(EarlySignal.week < today - timedelta(days=rules.KEPT_DAYS), EarlySignal.words != "")
        .values(words="", message="")
        .returning(EarlySignal.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(erased)
