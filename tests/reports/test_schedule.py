"""The yearly report by itself: begun once when the year is closed; until then the office hears what is missing."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.core import clock
from prevention.core.db import db
from prevention.messages.models import OutboxMessage
from prevention.reports import editions, schedule, tasks
from prevention.reports.edition_rules import EditionState
from prevention.reports.models import ReportEdition
from prevention.surveys.wave_rules import WaveStatus
from tests.factories.delivery import make_booked_meetings
from tests.factories.programmes import make_edition, make_programme
from tests.factories.surveys import make_wave

YEAR = 2025
# The first of July 2026 at nine in Rome.
DUE = datetime(2026, 7, 1, 7, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _anna_reads_italian(anna: User) -> None:
    anna.language = "it"
    db.session.flush()


def run_on(moment: datetime) -> None:
    """Let the clock start the task at a moment."""
    db.session.commit()
    with clock.frozen(moment):
        assert tasks.begin_due_edition() is False


def count_editions() -> int:
    return db.session.scalar(select(func.count()).select_from(ReportEdition)) or 0


def mails() -> list[str]:
    """Give the subjects of Anna's mails, the oldest first."""
    hers = select(OutboxMessage.subject).where(OutboxMessage.language == "it")
    return list(db.session.scalars(hers.order_by(OutboxMessage.queued_at)))


def record_something() -> None:
    """Book a class last year, long enough ago that its missing registers stand in nobody's way."""
    edition = make_edition(programme=make_programme(meetings=2), school_year=YEAR)
    make_booked_meetings(edition=edition, starts_at=datetime(2025, 11, 3, 8, tzinfo=UTC))


def test_the_draft_of_a_closed_year_is_begun_once_and_the_office_is_told(app: object) -> None:
    record_something()
    late = DUE + 60 * DAY

    for moment in (late, late, late + DAY):
        run_on(moment)

    (edition,) = db.session.scalars(select(ReportEdition))
    assert (YEAR, 1, EditionState.DRAFT, None) == (
        edition.school_year, edition.number, edition.state, edition.created_by,
    )  # fmt: skip
    assert late == edition.collected_at
    assert ["La bozza della relazione annuale 2025/26 è pronta"] == mails()
    body = db.session.scalars(select(OutboxMessage.body)).first()
    assert body is not None
    assert f"/reports/editions/{edition.id}/" in body


def test_what_is_missing_is_told_every_other_week_and_not_for_ever(app: object) -> None:
    record_something()
    wave = make_wave(school_year=YEAR)

    for day in range(120):
        run_on(DUE + day * DAY)

    assert 0 == count_editions()
    assert ["La relazione annuale 2025/26 aspetta: che cosa manca"] * schedule.MOST_REMINDERS == mails()
    bodies = db.session.scalars(select(OutboxMessage.body)).all()
    assert all(wave.name in body for body in bodies)
    wave.status = WaveStatus.DRAFT
    run_on(DUE + 120 * DAY)
    assert 1 == count_editions()


def test_before_its_day_and_before_its_hour_nothing_happens(app: object) -> None:
    record_something()

    run_on(DUE - DAY)
    run_on(DUE - timedelta(hours=2))

    assert (0, []) == (count_editions(), mails())


def test_an_edition_that_somebody_began_is_left_alone(app: object) -> None:
    record_something()
    editions.begin(None, school_year=YEAR, now=DUE, today=clock.day_of(DUE))

    run_on(DUE + DAY)

    assert (1, []) == (count_editions(), mails())


def test_a_year_in_which_nothing_was_recorded_has_no_report(app: object) -> None:
    run_on(DUE)

    assert (0, []) == (count_editions(), mails())


def test_of_two_processes_that_are_ready_at_once_one_begins_it(app: object) -> None:
    record_something()
    late = DUE + 60 * DAY
    with clock.frozen(late):
        first, second = schedule.prepare(late), schedule.prepare(late)
        assert first is not None
        assert second is not None

        for due in (first, second):
            schedule.carry_out(due, now=late)

    assert (1, 1) == (count_editions(), len(mails()))


def test_somebody_who_begins_it_meanwhile_is_not_disturbed(app: object, anna: User) -> None:
    record_something()
    late = DUE + 60 * DAY
    with clock.frozen(late):
        due = schedule.prepare(late)
        assert due is not None
        editions.begin(None, school_year=YEAR, now=late, today=clock.day_of(late))
        db.session.commit()

        schedule.carry_out(due, now=late)

    assert (1, []) == (count_editions(), mails())
