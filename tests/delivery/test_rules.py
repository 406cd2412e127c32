"""What a register must say, and what is refused."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevention.delivery import rules
from prevention.delivery.rules import Extent, LedBy, MeetingFacts, Outcome, Reason, RegisterEntry

BEGINS = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
AFTER = BEGINS + timedelta(hours=2)
BEFORE = BEGINS - timedelta(minutes=1)
WARM_UP, ROLE_PLAY = uuid.uuid4(), uuid.uuid4()
MEETING = MeetingFacts(starts_at=BEGINS, is_booked=True, activities=frozenset({WARM_UP, ROLE_PLAY}))
HELD = RegisterEntry(
    outcome=Outcome.HELD,
    minutes=55,
    present=21,
    expected=24,
    led_by=LedBy.FACILITATOR,
    extents={WARM_UP: Extent.FULL, ROLE_PLAY: Extent.PART},
    adaptations="Smaller groups",
)
NOT_HELD = RegisterEntry(outcome=Outcome.NOT_HELD, reason=Reason.CLASS_AWAY)


def check(entry: RegisterEntry, *, meeting: MeetingFacts = MEETING, now: datetime = AFTER) -> RegisterEntry:
    """Check a register two hours after its meeting began, unless a test says otherwise."""
    return rules.check_register(entry, meeting=meeting, now=now)


def test_a_whole_register_of_a_held_meeting_passes_unchanged() -> None:
    assert HELD == check(HELD)


@pytest.mark.parametrize(
    ("entry", "refusal"),
    [
        (replace(HELD, minutes=4), rules.MinutesOutOfRange),
        (replace(HELD, minutes=481), rules.MinutesOutOfRange),
        (replace(HELD, present=0), rules.PupilsOutOfRange),
        (replace(HELD, expected=301), rules.PupilsOutOfRange),
        (replace(HELD, present=25), rules.MorePresentThanExpected),
        (replace(HELD, minutes=None), rules.Incomplete),
        (replace(HELD, present=None), rules.Incomplete),
        (replace(HELD, expected=None), rules.Incomplete),
        (replace(HELD, led_by=None), rules.Incomplete),
        (replace(HELD, extents={WARM_UP: Extent.FULL}), rules.Incomplete),
        (
            replace(HELD, extents={**HELD.extents, uuid.uuid4(): Extent.FULL}),
            rules.ActivityOfAnotherProgramme,
        ),
        (replace(NOT_HELD, reason=None), rules.ReasonMissing),
        (replace(NOT_HELD, outcome=Outcome.MOVED, reason=None), rules.ReasonMissing),
        (replace(NOT_HELD, reason=Reason.OTHER), rules.ReasonMissing),
        (replace(NOT_HELD, reason=Reason.OTHER, reason_note="  "), rules.ReasonMissing),
    ],
)
def test_a_register_that_does_not_add_up_is_refused(entry: RegisterEntry, refusal: type[rules.DeliveryRefusal]) -> None:
    with pytest.raises(refusal):
        check(entry)


@pytest.mark.parametrize("minutes", [5, 480])
def test_both_ends_of_the_minutes_are_allowed(minutes: int) -> None:
    assert minutes == check(replace(HELD, minutes=minutes)).minutes


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(rules.Incomplete) as refusal:
        check(RegisterEntry(outcome=Outcome.HELD))

    assert ("minutes", "present", "expected", "led_by", "extents") == refusal.value.fields


def test_a_meeting_that_lies_ahead_cannot_have_been_held() -> None:
    with pytest.raises(rules.NotYetHeld) as refusal:
        check(HELD, now=BEFORE)

    assert BEGINS == refusal.value.starts_at


def test_a_meeting_can_be_registered_from_the_minute_it_begins() -> None:
    assert HELD == check(HELD, now=BEGINS)


def test_a_meeting_that_lies_ahead_can_be_called_off() -> None:
    assert NOT_HELD == check(NOT_HELD, now=BEFORE)


@pytest.mark.parametrize("entry", [HELD, NOT_HELD])
def test_a_cancelled_meeting_takes_no_register(entry: RegisterEntry) -> None:
    with pytest.raises(rules.NotBooked):
        check(entry, meeting=replace(MEETING, is_booked=False))


def test_a_meeting_that_was_not_held_keeps_only_its_reason() -> None:
    """Whoever changes the outcome on the phone leaves numbers behind; they must not be counted."""
    entry = replace(HELD, outcome=Outcome.MOVED, reason=Reason.OTHER, reason_note="Snow")

    assert RegisterEntry(outcome=Outcome.MOVED, reason=Reason.OTHER, reason_note="Snow") == check(entry)


def test_a_held_meeting_keeps_no_reason() -> None:
    entry = replace(HELD, reason=Reason.ROOM, reason_note="No room")

    assert HELD == check(entry)


def test_a_meeting_without_activities_needs_no_extents() -> None:
    entry = replace(HELD, extents={})

    assert entry == check(entry, meeting=replace(MEETING, activities=frozenset()))


@given(
    minutes=st.none() | st.integers(-10, 1000),
    present=st.none() | st.integers(-5, 400),
    expected=st.none() | st.integers(-5, 400),
    led_by=st.none() | st.sampled_from(LedBy),
    outcome=st.sampled_from(Outcome),
    reason=st.none() | st.sampled_from(Reason),
)
def test_no_register_with_impossible_counts_ever_passes(  # one argument per drawn value
    minutes: int | None,
    present: int | None,
    expected: int | None,
    led_by: LedBy | None,
    outcome: Outcome,
    reason: Reason | None,
) -> None:
    entry = replace(
        HELD,
        minutes=minutes,
        present=present,
        expected=expected,
        led_by=led_by,
        outcome=outcome,
        reason=reason,
    )

    try:
        checked = check(entry)
    except rules.DeliveryRefusal:
        return

    if checked.outcome is Outcome.HELD:
        assert checked.present is not None
        assert checked.expected is not None
        assert checked.minutes is not None
        assert 1 <= checked.present <= checked.expected <= rules.PUPILS_MOST
        assert rules.MINUTES_LEAST <= checked.minutes <= rules.MINUTES_MOST
        assert checked.reason is None
    else:
        assert (None, None, None) == (checked.minutes, checked.present, checked.expected)
        assert checked.led_by is None
        assert checked.reason is not None


def test_the_first_register_of_a_meeting_needs_no_revision() -> None:
    rules.check_revision(None, standing=None, recorded_at=None)


def test_a_correction_of_the_standing_register_passes() -> None:
    rules.check_revision(3, standing=3, recorded_at=AFTER)


@pytest.mark.parametrize("given_revision", [None, 2, 4])
def test_a_register_that_does_not_know_the_standing_one_is_refused(given_revision: int | None) -> None:
    with pytest.raises(rules.AlreadyRegistered) as refusal:
        rules.check_revision(given_revision, standing=3, recorded_at=AFTER)

    assert (3, AFTER) == (refusal.value.revision, refusal.value.recorded_at)
