"""Two who do the same at the same moment: one signal for a page sent twice, one decision, one alert."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.access import Actor
from prevention.core.db import db, unit_of_work
from prevention.early_signals import rules, service
from prevention.early_signals.models import EarlyAlert, EarlySignal
from prevention.early_signals.rules import SignalKind, SignalStatus
from prevention.early_signals.tasks import watch_signals
from prevention.messages.models import OutboxMessage
from prevention.roles import Role
from tests.factories.accounts import make_user
from tests.factories.early_signals import make_signal
from tests.factories.network import make_municipality
from tests.factories.schools import make_institute

AT_ONCE = 4
# A Monday in March, past the hour of the job.
MARCH = datetime(2027, 3, 15, 9, 0, tzinfo=UTC)


def at_once(app: Flask, user_id: uuid.UUID, act: Callable[[Actor], None]) -> list[str]:
    """Let `AT_ONCE` people do the same in transactions of their own; give what became of each."""
    start = Barrier(AT_ONCE)

    def one(_number: int) -> str:
        with app.app_context(), clock.frozen(MARCH):
            actor = actor_of(db.session.get_one(User, user_id))
            db.session.rollback()
            start.wait()
            try:
                with unit_of_work():
                    act(actor)
            except rules.NotWaiting:
                return "told"
            return "done"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sorted(pool.map(one, range(AT_ONCE)))


def count(app: Flask, kind: type[EarlySignal] | type[EarlyAlert] | type[OutboxMessage]) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(kind)) or 0


def test_a_page_sent_many_times_at_once_is_one_signal_and_one_mail(live_app: Flask) -> None:
    with live_app.app_context(), clock.frozen(MARCH), unit_of_work():
        make_user("Anna", Role.OFFICE)
        institute_id = make_institute().id
        user_id = make_user("Bruno", Role.COORDINATOR, institute_id=institute_id).id
        plan = service.SignalPlan(
            key=uuid.uuid4(),
            institute_id=institute_id,
            municipality_id=make_municipality().id,
            kind=SignalKind.ONLINE,
            week=rules.monday_of(MARCH.date()),
            words="Una sfida che gira online.",
        )

    outcomes = at_once(live_app, user_id, lambda actor: _signal(actor, plan))

    assert ["done"] * AT_ONCE == outcomes
    assert (1, 1) == (count(live_app, EarlySignal), count(live_app, OutboxMessage))


def test_of_moderators_who_decide_at_once_one_decides_and_the_others_are_told(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        user_id = make_user("Anna", Role.OFFICE).id
        signal_id = make_signal().id

    def refuse(actor: Actor) -> None:
        service.refuse(actor, service.signal_for(actor, signal_id), message="No.", now=MARCH)

    assert ["done", *["told"] * (AT_ONCE - 1)] == at_once(live_app, user_id, refuse)


def test_jobs_that_run_at_once_raise_one_alert(live_app: Flask) -> None:
    with live_app.app_context(), clock.frozen(MARCH), unit_of_work():
        make_user("Anna", Role.OFFICE)
        schools = [make_institute().id for _ in range(10)]
        place = make_municipality()
        for number, weeks_ago in enumerate((6, 10, 14, 18, 22, *[0] * len(schools))):
            make_signal(
                institute_id=schools[number % len(schools)],
                municipality=place,
                weeks_ago=weeks_ago,
                status=SignalStatus.ACCEPTED,
            )
    start = Barrier(AT_ONCE)

    def run(_number: int) -> None:
        with live_app.app_context(), clock.frozen(MARCH):
            start.wait()
            watch_signals()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(run, range(AT_ONCE)))

    assert 1 == count(live_app, EarlyAlert)
    with live_app.app_context():
        recipients = db.session.scalars(select(OutboxMessage.recipient)).all()
    assert len(recipients) == len(set(recipients)) > 0


def _signal(actor: Actor, plan: service.SignalPlan) -> None:
    service.signal(actor, plan, now=MARCH, today=MARCH.date())
