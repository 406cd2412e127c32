"""Who may register a meeting, what arrives once, and what a correction does."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.booking.models import BookingMeeting
from prevention.booking.rules import BookingStatus, MeetingStatus
from prevention.core.access import NotYours
from prevention.core.db import constraint_of, db
from prevention.core.models import AuditEntry
from prevention.delivery import rules, service
from prevention.delivery.models import ActivityRecord, RegisterSubmission
from prevention.delivery.rules import Extent, LedBy, Outcome, Reason, RegisterEntry
from prevention.delivery.service import Shelf
from tests.factories.delivery import HOUR, WEEK, make_booked_meeting, make_booked_meetings, make_register
from tests.factories.programmes import make_edition, make_programme
from tests.factories.schools import make_school_class, make_site
from tests.support.queries import counted_queries

pytestmark = pytest.mark.usefixtures("app")

HELD = RegisterEntry(outcome=Outcome.HELD, minutes=60, present=20, expected=25, led_by=LedBy.TEACHER)
NOT_HELD = RegisterEntry(outcome=Outcome.NOT_HELD, reason=Reason.CLASS_AWAY)
MOVED = RegisterEntry(outcome=Outcome.MOVED, reason=Reason.ROOM)


def held(meeting: BookingMeeting, extent: Extent = Extent.FULL) -> RegisterEntry:
    """Fill in a register whose activities all went the same way."""
    planned = meeting.programme_meeting
    assert planned is not None
    return replace(HELD, extents={activity.id: extent for activity in planned.activities})


def submissions() -> int:
    """Count the submissions that have arrived."""
    return db.session.scalar(select(func.count()).select_from(RegisterSubmission)) or 0


def meeting_of(user: User) -> BookingMeeting:
    """Book a meeting of the person's own institute or organisation."""
    grant = user.roles[0]
    if grant.organisation_id is not None:
        return make_booked_meeting(edition=make_edition(organisation_id=grant.organisation_id))
    return make_booked_meeting(school_class=make_school_class(site=make_site(institute_id=grant.institute_id)))


def test_the_coordinator_of_the_class_may_load_its_meeting(bruno: User) -> None:
    meeting = meeting_of(bruno)

    assert meeting is service.meeting_for(actor_of(bruno), meeting.id)


def test_the_provider_of_the_edition_may_load_its_meeting(dario: User) -> None:
    meeting = meeting_of(dario)

    assert meeting is service.meeting_for(actor_of(dario), meeting.id)


def test_the_facilitator_of_a_meeting_may_load_it_whoever_provides(dario: User) -> None:
    meeting = make_booked_meeting(facilitator_id=dario.id)

    assert meeting is service.meeting_for(actor_of(dario), meeting.id)


def test_the_office_may_load_any_meeting(anna: User) -> None:
    meeting = make_booked_meeting()

    assert meeting is service.meeting_for(actor_of(anna), meeting.id)


def test_nobody_else_sees_a_meeting(bruno: User, carla: User, dario: User) -> None:
    meeting = meeting_of(bruno)

    for stranger in (carla, dario):
        with pytest.raises(NotYours):
            service.meeting_for(actor_of(stranger), meeting.id)


def test_a_meeting_that_is_not_there_is_nobodys(anna: User) -> None:
    with pytest.raises(NotYours):
        service.meeting_for(actor_of(anna), uuid.uuid4())


def test_a_register_is_written_with_its_activities_and_its_author(dario: User, frozen_clock: datetime) -> None:
    meeting = make_booked_meeting(edition=make_edition(programme=make_programme(activities=3)))

    register = service.record(actor_of(dario), meeting, held(meeting), now=frozen_clock)

    assert (Outcome.HELD, 60, 20, 25, LedBy.TEACHER) == (
        register.outcome,
        register.minutes,
        register.present,
        register.expected,
        register.led_by,
    )
    assert [Extent.FULL] * 3 == [record.extent for record in register.activities]
    assert (dario.id, frozen_clock, 1) == (register.recorded_by, register.recorded_at, register.revision)


def test_a_register_sent_twice_arrives_once(dario: User, frozen_clock: datetime) -> None:
    """The phone did not hear the first answer and sends the same again, with the same id."""
    meeting, sent = make_booked_meeting(), uuid.uuid4()
    first = service.record(actor_of(dario), meeting, held(meeting), now=frozen_clock, submission_id=sent)

    second = service.record(
        actor_of(dario), meeting, held(meeting, Extent.PART), now=frozen_clock + HOUR, submission_id=sent
    )

    assert first is second
    assert (1, frozen_clock) == (second.revision, second.recorded_at)
    assert [Extent.FULL] == [record.extent for record in second.activities]
    assert 1 == submissions()


def test_an_old_register_that_arrives_again_does_not_undo_a_correction(dario: User, frozen_clock: datetime) -> None:
    meeting, sent = make_booked_meeting(), uuid.uuid4()
    service.record(actor_of(dario), meeting, held(meeting), now=frozen_clock, submission_id=sent)
    correction = replace(held(meeting), present=18)
    service.record(actor_of(dario), meeting, correction, now=frozen_clock, submission_id=uuid.uuid4(), revision=1)

    late = service.record(actor_of(dario), meeting, held(meeting), now=frozen_clock, submission_id=sent)

    assert (18, 2) == (late.present, late.revision)


def test_one_submission_does_not_serve_two_meetings(dario: User, frozen_clock: datetime) -> None:
    first, second, sent = make_booked_meeting(), make_booked_meeting(), uuid.uuid4()
    service.record(actor_of(dario), first, held(first), now=frozen_clock, submission_id=sent)

    with pytest.raises(rules.SubmissionOfAnotherMeeting):
        service.record(actor_of(dario), second, held(second), now=frozen_clock, submission_id=sent)


def test_a_correction_changes_the_register_and_leaves_both_versions_in_the_trail(
    dario: User, frozen_clock: datetime
) -> None:
    programme = make_programme(activities=2)
    meeting = make_booked_meeting(edition=make_edition(programme=programme))
    service.record(actor_of(dario), meeting, held(meeting), now=frozen_clock)

    corrected = service.record(
        actor_of(dario),
        meeting,
        replace(held(meeting, Extent.PART), present=18),
        now=frozen_clock + HOUR,
        revision=1,
    )

    assert (18, 2, frozen_clock + HOUR) == (corrected.present, corrected.revision, corrected.recorded_at)
    assert {Extent.PART} == {record.extent for record in corrected.activities}
    trail = db.session.scalars(
        select(AuditEntry).where(AuditEntry.subject_id == corrected.id).order_by(AuditEntry.action)
    ).all()
    assert ["delivery.corrected", "delivery.registered"] == [entry.action for entry in trail]
    assert (20, 18) == (trail[0].facts["before"]["present"], trail[0].facts["after"]["present"])


def test_a_correction_to_not_held_takes_counts_and_activities_away(dario: User, frozen_clock: datetime) -> None:
    meeting = make_booked_meeting()
    service.record(actor_of(dario), meeting, held(meeting), now=frozen_clock)

    corrected = service.record(actor_of(dario), meeting, NOT_HELD, now=frozen_clock, revision=1)

    assert (Outcome.NOT_HELD, None, None) == (corrected.outcome, corrected.minutes, corrected.present)
    assert 0 == db.session.scalar(select(func.count()).select_from(ActivityRecord))


def test_two_people_who_register_the_same_meeting_do_not_overwrite_each_other(
    dario: User, bruno: User, frozen_clock: datetime
) -> None:
    """Both opened the page before either sent it."""
    meeting = make_booked_meeting()
    service.record(actor_of(dario), meeting, held(meeting), now=frozen_clock, submission_id=uuid.uuid4())

    with pytest.raises(rules.AlreadyRegistered):
        service.record(actor_of(bruno), meeting, NOT_HELD, now=frozen_clock, submission_id=uuid.uuid4(), revision=None)

    register = service.register_of(meeting)
    assert register is not None
    assert Outcome.HELD is register.outcome


@pytest.mark.parametrize("what", ["meeting", "booking"])
def test_a_class_that_is_not_booked_any_more_takes_no_register(dario: User, frozen_clock: datetime, what: str) -> None:
    meeting = make_booked_meeting()
    if what == "meeting":
        meeting.status = MeetingStatus.CANCELLED
    else:
        meeting.booking.status = BookingStatus.CANCELLED

    with pytest.raises(rules.NotBooked):
        service.record(actor_of(dario), meeting, NOT_HELD, now=frozen_clock)

    assert service.register_of(meeting) is None


def test_a_moved_meeting_waits_again_once_it_has_its_new_date(dario: User, frozen_clock: datetime) -> None:
    meeting = make_booked_meeting(facilitator_id=dario.id)
    actor = actor_of(dario)
    register = service.record(actor, meeting, MOVED, now=frozen_clock)
    assert not service.is_waiting(meeting, register)
    assert {Shelf.DUE: 0, Shelf.AHEAD: 0, Shelf.DONE: 1} == service.count_for(actor, now=frozen_clock)

    meeting.starts_at, meeting.ends_at = meeting.starts_at + WEEK, meeting.ends_at + WEEK
    db.session.flush()

    assert service.is_waiting(meeting, register)
    assert {Shelf.DUE: 0, Shelf.AHEAD: 1, Shelf.DONE: 0} == service.count_for(actor, now=frozen_clock)
    assert {Shelf.DUE: 1, Shelf.AHEAD: 0, Shelf.DONE: 0} == service.count_for(actor, now=frozen_clock + WEEK)
    assert Outcome.HELD is service.record(actor, meeting, held(meeting), now=frozen_clock + WEEK, revision=1).outcome


def test_missing_registers_are_meetings_that_ended_the_longest_ended_first(dario: User, frozen_clock: datetime) -> None:
    edition = make_edition(programme=make_programme(meetings=4))
    meetings = make_booked_meetings(edition=edition, facilitator_id=dario.id, starts_at=frozen_clock - 2 * WEEK - HOUR)
    make_register(meetings[1])

    missing = service.missing_registers(actor_of(dario), frozen_clock)

    assert [meetings[0].id, meetings[2].id] == [line.id for line in missing]
    assert [True, False] == [line.is_late for line in missing]


def test_a_meeting_that_is_going_on_is_due_but_not_missing(dario: User, frozen_clock: datetime) -> None:
    make_booked_meeting(facilitator_id=dario.id, starts_at=frozen_clock - timedelta(minutes=5))

    assert 1 == service.count_for(actor_of(dario), now=frozen_clock)[Shelf.DUE]
    assert [] == service.missing_registers(actor_of(dario), frozen_clock)


def test_lists_hold_only_what_is_theirs(
    anna: User, bruno: User, carla: User, dario: User, frozen_clock: datetime
) -> None:
    of_bruno, of_dario = meeting_of(bruno), meeting_of(dario)

    def due(user: User) -> set[uuid.UUID]:
        return {line.id for line in service.missing_registers(actor_of(user), frozen_clock)}

    assert {of_bruno.id, of_dario.id} == due(anna)
    assert {of_bruno.id} == due(bruno)
    assert set() == due(carla)
    assert {of_dario.id} == due(dario)


@pytest.mark.parametrize("status", list(BookingStatus))
def test_cancelled_bookings_are_on_no_list(anna: User, frozen_clock: datetime, status: BookingStatus) -> None:
    make_booked_meeting().booking.status = status
    db.session.flush()

    expected = 1 if status is BookingStatus.CONFIRMED else 0
    assert expected == sum(service.count_for(actor_of(anna), now=frozen_clock).values())


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"reason": Reason.ROOM}, "counts_when_held"),
        ({"minutes": None}, "counts_when_held"),
        ({"outcome": Outcome.NOT_HELD}, "counts_when_held"),
        ({"minutes": 600}, "minutes"),
        ({"present": 26}, "present_and_expected"),
        ({"present": 0}, "present_and_expected"),
        ({"revision": 0}, "revision"),
    ],
)
def test_the_database_refuses_a_register_that_cannot_be(values: dict[str, Any], name: str) -> None:
    """Whoever writes the row, a script included."""
    meeting = make_booked_meeting()

    with pytest.raises(IntegrityError) as refusal:
        make_register(meeting, **values)

    assert f"ck_session_register_{name}" == constraint_of(refusal.value)
    db.session.rollback()


def test_the_database_keeps_one_register_for_a_meeting() -> None:
    meeting = make_booked_meeting()
    make_register(meeting)

    with pytest.raises(IntegrityError):
        make_register(meeting)
    db.session.rollback()


def test_a_meeting_with_a_register_cannot_be_deleted() -> None:
    """What happened stays on record, whatever becomes of the plan."""
    register = make_register()
    meeting = db.session.get(BookingMeeting, register.booking_meeting_id)

    db.session.delete(meeting)

    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_lines_are_described_in_one_query_however_many(frozen_clock: datetime) -> None:
    few, many = ([make_booked_meeting().id for _ in range(wanted)] for wanted in (1, 5))

    for wanted in (few, many):
        with counted_queries() as statements:
            lines = service.lines_of(wanted, now=frozen_clock)
        assert wanted == [line.id for line in lines]
        assert 1 == statements.count


def test_the_next_meetings_are_the_soonest_ones_ahead(dario: User, frozen_clock: datetime) -> None:
    make_booked_meeting(facilitator_id=dario.id)
    make_booked_meeting(starts_at=frozen_clock + HOUR)
    later, soon, tomorrow = (
        make_booked_meeting(facilitator_id=dario.id, starts_at=frozen_clock + wait).id
        for wait in (WEEK, HOUR, 24 * HOUR)
    )

    assert [soon, tomorrow] == [line.id for line in service.next_meetings(actor_of(dario), now=frozen_clock, most=2)]
    assert later not in {line.id for line in service.next_meetings(actor_of(dario), now=frozen_clock, most=2)}
