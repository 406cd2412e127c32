"""Reminders and digests: once each, on the right day in Rome, whoever runs the job and however often."""

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from prevention.accounts import service as accounts
from prevention.accounts.models import User
from prevention.booking import service, tasks
from prevention.booking.models import Booking, BookingMeeting, EditionReminder
from prevention.booking.rules import BookingStatus, MeetingStatus, is_reminder_due
from prevention.core import clock
from prevention.core.db import db, unit_of_work
from prevention.messages.models import OutboxMessage
from prevention.roles import Role
from prevention.schools.models import Institute
from tests.factories.accounts import make_user
from tests.factories.booking import FIRST_START, make_booking, make_slot
from tests.factories.network import make_organisation
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import make_institute
from tests.support.http import Client
from tests.support.queries import counted_queries

SignIn = Callable[[User], Client]
DAY = timedelta(days=1)
# Half past eight in Rome, a week before the first date.
WEEK_BEFORE = datetime(2027, 1, 5, 7, 30, tzinfo=UTC)


def make_told_long_ago(booker: User, start: datetime = FIRST_START) -> Booking:
    """A booking led by Dario, made and last changed in October."""
    with clock.frozen(start - 90 * DAY):
        provider = make_organisation()
        dario = make_user("Dario", Role.FACILITATOR, organisation_id=provider.id)
        edition = make_edition(programme=make_programme(), organisation=provider)
        slot = make_slot(edition=edition, starts=(start,), facilitator_id=dario.id)
        booking = make_booking(booker, slot=slot, booked_at=start - 90 * DAY)
        db.session.flush()
    return booking


def run(now: datetime) -> int | None:
    with clock.frozen(now):
        return service.send_reminders(now)


def digest_at(now: datetime) -> int | None:
    with clock.frozen(now):
        return service.send_digests(now)


def keys(kind: str = "booking-reminder") -> list[str]:
    return sorted(key for key in db.session.scalars(select(OutboxMessage.key)) if key.startswith(kind))


def body_to(name: str) -> str:
    (found,) = [mail for mail in db.session.scalars(select(OutboxMessage)) if mail.recipient.startswith(name)]
    return f"{found.subject}\n{found.body}"


@pytest.mark.parametrize(
    ("told_on", "today", "days", "due"),
    [
        (date(2026, 10, 1), date(2027, 1, 5), 7, True),
        (date(2026, 10, 1), date(2027, 1, 4), 7, False),
        (date(2026, 10, 1), date(2027, 1, 11), 7, True),  # missed for days
        (date(2026, 10, 1), date(2027, 1, 13), 7, False),  # over
        (date(2027, 1, 5), date(2027, 1, 6), 7, False),  # told on that very day
        (date(2026, 10, 1), date(2027, 1, 5), 0, False),
    ],
)
def test_when_a_reminder_is_due(told_on: date, today: date, days: int, *, due: bool) -> None:
    assert due is is_reminder_due(starts_on=date(2027, 1, 12), told_on=told_on, days=days, today=today)


def test_who_booked_and_who_leads_are_reminded_a_week_before(bruno: User) -> None:
    make_told_long_ago(bruno)

    assert 0 == run(WEEK_BEFORE - DAY)
    assert 1 == run(WEEK_BEFORE)

    assert 2 == len(keys())
    assert body_to("bruno").startswith("In 7 days: Programme")


def test_three_runs_on_the_day_and_one_on_each_later_day_remind_once(bruno: User) -> None:
    make_told_long_ago(bruno)

    ran = [run(WEEK_BEFORE + hour) for hour in (timedelta(0), timedelta(minutes=1), timedelta(hours=9))]
    later = [run(WEEK_BEFORE + day * DAY) for day in range(1, 7)]

    assert [1, None, None] == ran
    assert [1] * 6 == later, "they are looked at again, and not written again"
    assert 2 == len(keys())


def test_a_missed_morning_is_made_up_for_once(bruno: User) -> None:
    make_told_long_ago(bruno)

    run(WEEK_BEFORE + 3 * DAY)
    run(WEEK_BEFORE + 4 * DAY)

    assert 2 == len(keys())
    assert body_to("bruno").startswith("In 4 days")


def test_before_seven_in_rome_nothing_goes_out(bruno: User) -> None:
    make_told_long_ago(bruno)

    assert run(datetime(2027, 1, 5, 5, 59, tzinfo=UTC)) is None
    assert run(datetime(2027, 1, 5, 6, 0, tzinfo=UTC)) == 1


@pytest.mark.parametrize(
    ("sunday", "seven"),
    [
        (date(2027, 3, 28), datetime(2027, 3, 28, 5, 0, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 6, 0, tzinfo=UTC)),
    ],
    ids=["March", "October"],
)
def test_on_days_when_the_clock_changes_it_is_seven_once(bruno: User, sunday: date, seven: datetime) -> None:
    """A week and a change of the clock before a date at nine, the reminder counts days, not hours."""
    start = datetime.combine(sunday + 7 * DAY, datetime.min.time(), tzinfo=clock.ROME) + timedelta(hours=9)
    make_told_long_ago(bruno, start.astimezone(UTC))

    assert run(seven - timedelta(minutes=1)) is None
    assert [1, None] == [run(seven), run(seven + timedelta(hours=1))]
    assert 2 == len(keys())


def test_who_was_just_told_is_not_reminded(bruno: User) -> None:
    booking = make_told_long_ago(bruno)
    with clock.frozen(WEEK_BEFORE):
        booking.meetings[0].sequence += 1  # moved this morning
        db.session.flush()

    run(WEEK_BEFORE + DAY)

    assert [] == keys()


def test_what_is_off_or_not_confirmed_is_not_reminded_of(bruno: User) -> None:
    off, asked = make_told_long_ago(bruno), make_told_long_ago(bruno)
    with clock.frozen(FIRST_START - 80 * DAY):
        off.meetings[0].status = MeetingStatus.CANCELLED
        asked.status = BookingStatus.REQUESTED
        db.session.flush()

    run(WEEK_BEFORE)

    assert [] == keys()


def test_an_edition_may_remind_earlier_or_not_at_all(bruno: User) -> None:
    early, never = make_told_long_ago(bruno), make_told_long_ago(bruno)
    db.session.add_all(
        [EditionReminder(edition_id=early.edition_id, days=14), EditionReminder(edition_id=never.edition_id, days=0)]
    )
    db.session.flush()

    for day in range(8):
        run(WEEK_BEFORE - 7 * DAY + day * DAY)

    assert {str(early.meetings[0].id)} == {key.split(":")[1] for key in keys()}


def test_two_processes_at_once_remind_once(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        bruno = make_user("Bruno", Role.COORDINATOR, institute_id=make_institute().id)
        make_told_long_ago(bruno)
    start = threading.Barrier(4)
    troubles: list[BaseException] = []

    def work() -> None:
        try:
            with live_app.app_context(), clock.frozen(WEEK_BEFORE):
                start.wait()
                tasks.send_reminders()
                tasks.send_digests()
        except BaseException as trouble:
            troubles.append(trouble)
            raise

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=600)

    with live_app.app_context():
        assert [] == troubles
        assert 2 == len(keys())
        assert db.session.scalars(select(Institute)).first() is not None


# ---- The digest ----


def test_a_facilitator_reads_in_the_morning_what_is_new_changed_and_coming(bruno: User) -> None:
    soon = FIRST_START
    coming = make_told_long_ago(bruno, soon)
    moved = make_told_long_ago(bruno, soon + 20 * DAY)
    dario = coming.meetings[0].facilitator
    assert dario is not None
    for meeting in moved.meetings:
        meeting.facilitator = dario
    with clock.frozen(soon - DAY):
        moved.meetings[0].sequence += 1
        db.session.flush()
        new = make_booking(
            bruno, slot=make_slot(starts=(soon + 40 * DAY,), facilitator_id=dario.id), booked_at=soon - DAY
        )

    assert 1 == digest_at(soon - timedelta(hours=2))

    text = body_to("dario")
    assert f"- booked: {new.edition.programme.name['en']}" in text
    assert f"- now: {moved.edition.programme.name['en']}" in text
    assert "Today and tomorrow:\n- Tuesday 12 January 2027, 10:00" in text


def test_with_nothing_to_say_there_is_no_digest(bruno: User) -> None:
    make_told_long_ago(bruno)

    assert 0 == digest_at(FIRST_START - 30 * DAY)
    assert [] == keys("booking-digest")


def test_a_digest_covers_the_days_that_were_missed(bruno: User) -> None:
    booking = make_told_long_ago(bruno)
    digest_at(FIRST_START - 30 * DAY)
    with clock.frozen(FIRST_START - 29 * DAY):
        booking.status = BookingStatus.CANCELLED
        booking.meetings[0].status = MeetingStatus.CANCELLED
        db.session.flush()

    assert [1, None] == [digest_at(FIRST_START - 25 * DAY), digest_at(FIRST_START - 25 * DAY + timedelta(hours=1))]
    assert "- called off:" in body_to("dario")
    assert 0 == digest_at(FIRST_START - 24 * DAY), "told once"


def test_another_provider_does_not_read_it(bruno: User) -> None:
    make_told_long_ago(bruno)
    make_user("Elsa", Role.FACILITATOR, organisation_id=make_organisation().id)

    assert 1 == digest_at(FIRST_START - timedelta(hours=2))
    assert [] == [mail for mail in db.session.scalars(select(OutboxMessage)) if mail.recipient.startswith("elsa")]


def test_the_number_of_questions_does_not_grow_with_the_bookings(bruno: User) -> None:
    make_told_long_ago(bruno)
    with counted_queries() as few:
        digest_at(FIRST_START - 30 * DAY)
    for _number in range(5):
        make_told_long_ago(bruno, FIRST_START + 20 * DAY)
    db.session.expire_all()
    with counted_queries() as many:
        digest_at(FIRST_START - 29 * DAY)

    # People's roles are loaded in one statement however many there are.
    assert abs(many.count - few.count) <= 2


# ---- The page ----


def test_the_office_sets_how_early_reminders_go_out(anna: User, bruno: User, sign_in: SignIn) -> None:
    edition = make_told_long_ago(bruno).edition

    answer = sign_in(anna).post("/booking/reminders", data={"general": "3", str(edition.id): "10"})

    assert 303 == answer.status_code
    assert (3, {edition.id: 10}) == (service.general_reminder_days(), service.edition_reminder_days())
    assert 'value="10"' in str(sign_in(anna).page("/booking/reminders"))

    sign_in(anna).post("/booking/reminders", data={"general": "3", str(edition.id): ""})

    assert {} == service.edition_reminder_days()


@pytest.mark.parametrize("general", ["", "-1", "61", "many"])
def test_a_wrong_number_of_days_changes_nothing(anna: User, sign_in: SignIn, general: str) -> None:
    assert 422 == sign_in(anna).post("/booking/reminders", data={"general": general}).status_code
    assert 7 == service.general_reminder_days()


def test_an_unknown_edition_changes_nothing(anna: User, sign_in: SignIn) -> None:
    sign_in(anna).post("/booking/reminders", data={"general": "7", str(uuid.uuid4()): "3"})

    assert {} == service.edition_reminder_days()


def test_others_do_not_set_reminders(bruno: User, dario: User, client: Client, sign_in: SignIn) -> None:
    given = {"general": "3"}

    assert [403, 403, 401] == [
        each.post("/booking/reminders", data=given).status_code for each in (sign_in(bruno), sign_in(dario), client)
    ]


def test_every_change_of_a_date_is_dated_whoever_writes_it(bruno: User) -> None:
    meeting = make_told_long_ago(bruno).meetings[0]
    later = FIRST_START - 10 * DAY
    with clock.frozen(later):
        db.session.execute(
            BookingMeeting.__table__.update().where(BookingMeeting.id == meeting.id).values(sequence=4)  # type: ignore[attr-defined]
        )
    db.session.expire_all()

    assert later == meeting.changed_at
    assert accounts.find_user(bruno.email) is not None


def test_three_runs_write_one_digest_for_a_morning(bruno: User) -> None:
    make_told_long_ago(bruno)
    morning = FIRST_START - timedelta(hours=2)

    assert [1, None, None] == [digest_at(morning + minutes * timedelta(minutes=1)) for minutes in (0, 1, 30)]
    assert 1 == len(keys("booking-digest"))


def test_four_processes_at_once_write_one_digest(live_app: Flask) -> None:
    with live_app.app_context(), unit_of_work():
        bruno = make_user("Bruno", Role.COORDINATOR, institute_id=make_institute().id)
        make_told_long_ago(bruno)
    start = threading.Barrier(4)
    troubles: list[BaseException] = []

    def work() -> None:
        try:
            with live_app.app_context(), clock.frozen(FIRST_START - timedelta(hours=2)):
                start.wait()
                tasks.send_digests()
        except BaseException as trouble:
            troubles.append(trouble)
            raise

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=600)

    with live_app.app_context():
        assert [] == troubles
        assert 1 == len(keys("booking-digest"))
