"""Waves and codes as staff handle them: made, opened, printed, closed, sealed; and what staff can never see."""

import json
import uuid
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select, text

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import facts
from prevention.core.access import NotYours
from prevention.core.db import db
from prevention.core.models import AuditEntry
from prevention.schools.models import SchoolClass
from prevention.schools.rules import Level, Track
from prevention.surveys import service
from prevention.surveys.models import AccessCode, Ballot, CodeGuard, MixedAnswer, Wave, WaveClass, WaveSecret
from prevention.surveys.rules import NOT_ASKED, Answers
from prevention.surveys.service import NewWave
from prevention.surveys.service.code_sheets import SPARE_CODES
from prevention.surveys.wave_rules import ClassNumbers, CodeUnusable, WaveRefused, WaveStatus
from tests.conftest import NOW
from tests.factories.schools import SCHOOL_YEAR, make_school_class, make_site
from tests.factories.surveys import ClassWithCodes, make_class_with_codes, make_wave


@pytest.fixture
def new(app: Flask) -> NewWave:
    """What the office says of a wave."""
    return NewWave(
        name="Survey 2026/27",
        school_year=SCHOOL_YEAR,
        questionnaire_id=service.chosen_questionnaire("core"),
        opens_on=date(2026, 11, 16),
        closes_on=date(2026, 11, 27),
    )


def own_class(user: User) -> SchoolClass:
    """Make a class of the coordinator's school."""
    return make_school_class(site=make_site(institute_id=user.roles[0].institute_id))


# ---- Questionnaires -----------------------------------------------------------------------------------------------


def test_publishing_the_shipped_questionnaire_twice_keeps_one_row(app: Flask) -> None:
    assert service.publish_shipped() is service.publish_shipped()


def test_a_published_version_cannot_be_given_other_words(app: Flask) -> None:
    """A changed wording is a new version, and breaks the trend line on purpose."""
    definition = json.loads(json.dumps(service.publish_shipped().definition))
    definition["items"][1]["text"]["it"] = "Sei…"

    with pytest.raises(ValueError, match="raise the version"):
        service.publish(definition)


def test_a_published_questionnaire_is_read_back_as_it_was(app: Flask) -> None:
    row = service.publish_shipped()

    assert 102 == len(service.published_questionnaire(row.id).items)
    with pytest.raises(LookupError):
        service.published_questionnaire(uuid.uuid4())


def test_a_questionnaire_that_nobody_knows_cannot_be_chosen(app: Flask) -> None:
    assert ["core", "workshop-before", "workshop-after", "feedback"] == list(service.offered_questionnaires())
    with pytest.raises(LookupError):
        service.chosen_questionnaire("other")


# ---- Waves --------------------------------------------------------------------------------------------------------


def test_a_wave_is_made_as_a_draft_with_keys_of_its_own(new: NewWave) -> None:
    wave = service.create_wave(None, new, class_ids=[make_school_class().id])

    assert WaveStatus.DRAFT is wave.status
    secret = db.session.get_one(WaveSecret, wave.id)
    assert 32 == len(secret.code_key) == len(secret.cluster_key)
    assert secret.code_key != secret.cluster_key


@pytest.mark.parametrize(("year", "level"), [(SCHOOL_YEAR - 1, Level.SECONDO_GRADO), (SCHOOL_YEAR, Level.PRIMARIA)])
def test_classes_of_another_year_or_level_are_refused(new: NewWave, year: int, level: Level) -> None:
    other = make_school_class(site=make_site(level=level), school_year=year)

    with pytest.raises(WaveRefused) as refused:
        service.create_wave(None, new, class_ids=[make_school_class().id, other.id])

    assert WaveRefused.CLASS_OF_OTHER_YEAR == refused.value.why


def test_a_wave_without_classes_or_with_a_window_backwards_is_refused(new: NewWave) -> None:
    backwards = NewWave(
        name="x",
        school_year=SCHOOL_YEAR,
        questionnaire_id=new.questionnaire_id,
        opens_on=date(2026, 11, 27),
        closes_on=date(2026, 11, 26),
    )

    with pytest.raises(WaveRefused, match=WaveRefused.NO_CLASSES):
        service.create_wave(None, new, class_ids=[])
    with pytest.raises(WaveRefused, match=WaveRefused.NO_CLASSES):
        service.create_wave(None, new)
    with pytest.raises(WaveRefused, match=WaveRefused.WINDOW_BACKWARDS):
        service.create_wave(None, backwards, class_ids=[make_school_class().id])


@pytest.mark.parametrize(
    ("step", "allowed"),
    [(service.open_wave, WaveStatus.DRAFT), (service.close_wave, WaveStatus.OPEN)],
)
@pytest.mark.parametrize("status", WaveStatus)
def test_a_step_is_taken_from_one_state_only(app: Flask, step: object, allowed: WaveStatus, status: WaveStatus) -> None:
    wave = make_wave(make_school_class(), status=status)

    if status is allowed:
        step(None, wave)  # type: ignore[operator]
        assert wave.status is not status
    else:
        with pytest.raises(WaveRefused, match=WaveRefused.WRONG_STATUS):
            step(None, wave)  # type: ignore[operator]


def test_a_coordinator_sees_waves_of_own_classes_only(app: Flask, anna: User, bruno: User, carla: User) -> None:
    of_bruno, of_carla = make_wave(own_class(bruno)), make_wave(own_class(carla))
    both = make_wave(own_class(bruno), own_class(carla))

    assert {of_bruno, both} == set(service.waves_for(actor_of(bruno)))
    assert {of_bruno, of_carla, both} == set(service.waves_for(actor_of(anna)))
    assert 1 == len(service.class_states(actor_of(bruno), both))
    assert 2 == len(service.class_states(actor_of(anna), both))
    with pytest.raises(NotYours):
        service.wave_for(actor_of(bruno), of_carla.id)
    with pytest.raises(NotYours):
        service.wave_class_for(actor_of(bruno), of_carla.classes[0].id)


def test_a_facilitator_sees_no_wave(app: Flask, dario: User) -> None:
    wave = make_wave(make_school_class())

    assert [] == service.waves_for(actor_of(dario))
    with pytest.raises(NotYours):
        service.wave_class_for(actor_of(dario), wave.classes[0].id)


@pytest.mark.parametrize(("spent", "reached"), [(0, False), (9, False), (10, True), (12, True)])
def test_staff_learn_only_whether_a_class_has_ten_answers(app: Flask, anna: User, spent: int, reached: bool) -> None:
    room = make_class_with_codes(number=12)
    for code in room.codes[:spent]:
        service.cast_ballot(service.enter(code, NOW), {"T0": "yes"}, submission=code)

    (state,) = service.class_states(actor_of(anna), room.wave)

    assert reached is state.reached_threshold
    shown = {name for name in state.__slots__ if not isinstance(getattr(state, name), bool)}
    assert {"wave_class"} == shown


# ---- Codes --------------------------------------------------------------------------------------------------------


def test_codes_are_kept_only_as_hashes(app: Flask) -> None:
    room = make_class_with_codes(number=5)

    kept = list(db.session.scalars(select(AccessCode.code_hash)))
    assert 5 == len(kept) == len(set(room.codes))
    assert {32} == set(map(len, kept))
    assert 5 == room.wave_class.codes_made


def test_a_class_gets_a_slip_for_each_pupil_and_some_to_spare(app: Flask) -> None:
    wave = make_wave(make_school_class(pupils=21))

    assert 21 + SPARE_CODES == len(service.make_codes(None, wave.classes[0]))


def test_making_codes_again_ends_the_unspent_ones_and_keeps_the_spent(app: Flask) -> None:
    room = make_class_with_codes(number=3)
    entry = service.enter(room.codes[0], NOW)
    service.cast_ballot(entry, {"T0": "yes"}, submission="mark")

    fresh = service.make_codes(None, room.wave_class, number=4)

    for old in room.codes:
        with pytest.raises(CodeUnusable):
            service.enter(old, NOW)
    assert not service.enter(fresh[0], NOW).is_spent
    assert 4 + 1 == db.session.scalar(select(func.count()).select_from(AccessCode))
    assert 1 == db.session.scalar(select(func.count()).select_from(CodeGuard))


@pytest.mark.parametrize("number", [0, 61])
def test_no_class_gets_an_impossible_number_of_codes(app: Flask, number: int) -> None:
    wave = make_wave(make_school_class())

    with pytest.raises(WaveRefused, match=WaveRefused.TOO_MANY_CODES):
        service.make_codes(None, wave.classes[0], number=number)


@pytest.mark.parametrize("status", [WaveStatus.CLOSED, WaveStatus.SEALED])
def test_a_wave_that_is_over_gets_no_codes(app: Flask, status: WaveStatus) -> None:
    wave = make_wave(make_school_class(), status=status)

    with pytest.raises(WaveRefused, match=WaveRefused.WRONG_STATUS):
        service.make_codes(None, wave.classes[0])


def test_the_trail_says_that_codes_were_made_and_not_which(app: Flask, anna: User) -> None:
    room = make_class_with_codes()
    service.make_codes(actor_of(anna), room.wave_class, number=2)

    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.actor_id == anna.id)).one()
    assert ("surveys.codes_made", {"number": 2}) == (entry.action, entry.facts)


# ---- Sealing ------------------------------------------------------------------------------------------------------


def answered(room: ClassWithCodes, answers: list[dict[str, str]]) -> None:
    """Hand in answers of a class."""
    for number, given in enumerate(answers):
        entry = service.enter(room.codes[number], NOW)
        service.cast_ballot(entry, {**given}, submission=f"mark {number}")


def test_a_closed_wave_is_handed_on_with_what_the_codes_said(app: Flask) -> None:
    site = make_site(track=Track.TECNICO)
    room = make_class_with_codes(make_school_class(site=site, grade=3, pupils=24))
    answered(room, [{"T0": "yes", "B1": "0", "B2": NOT_ASKED}, {"T0": "yes", "B1": "40+"}])
    service.record_class_report(None, room.wave_class, ClassNumbers(enrolled=23, present=20, absent=3, refused=1))
    service.close_wave(None, room.wave, NOW)

    records = service.records_for_sealing(room.wave.id)

    assert {("yes", "0"), ("yes", "40+")} == {(row.answers["T0"], row.answers["B1"]) for row in records.rows}
    row = records.rows[0]
    assert (site.code, site.institute.code, site.municipality.istat_code) == (
        row.site_code,
        row.institute_code,
        row.municipality,
    )
    assert ("secondo_grado", "tecnico", 3) == (row.level, row.track, row.grade)
    assert (1, 1, 23, 20, 3, 1, 0) == (
        records.classes,
        records.reported,
        records.enrolled,
        records.present,
        records.absent,
        records.refused,
        records.disturbed,
    )
    assert "core" == records.questionnaire.code


def test_classes_are_told_apart_by_a_new_random_name_only(app: Flask) -> None:
    wave = make_wave(make_school_class(), make_school_class())
    for wave_class in wave.classes:
        room = ClassWithCodes(wave=wave, wave_class=wave_class, codes=service.make_codes(None, wave_class, number=2))
        answered(room, [{"T0": "yes"}, {"T0": "yes"}])
    service.close_wave(None, wave, NOW)
    marks = {bytes(mark).hex() for mark in db.session.scalars(select(Ballot.cluster_mark))}

    clusters = [row.cluster for row in service.records_for_sealing(wave.id).rows]

    assert 2 == len(set(clusters))
    assert not set(clusters) & (marks | {one.id.hex for one in wave.classes} | {str(one.id) for one in wave.classes})


def test_pupils_without_a_report_are_counted_from_the_register(app: Flask) -> None:
    wave = make_wave(make_school_class(pupils=21), make_school_class(pupils=None))
    service.close_wave(None, wave, NOW)

    records = service.records_for_sealing(wave.id)

    assert (2, 0, 21 + 25, 0) == (records.classes, records.reported, records.enrolled, records.present)


@pytest.mark.parametrize("status", [WaveStatus.DRAFT, WaveStatus.OPEN, WaveStatus.SEALED])
def test_raw_answers_of_a_wave_that_is_not_closed_are_handed_to_nobody(app: Flask, status: WaveStatus) -> None:
    wave = make_wave(make_school_class(), status=status)

    with pytest.raises(WaveRefused, match=WaveRefused.WRONG_STATUS):
        service.records_for_sealing(wave.id)
    with pytest.raises(WaveRefused, match=WaveRefused.WRONG_STATUS):
        service.erase_raw(wave.id)


def test_erasing_leaves_nothing_of_the_answers_the_codes_and_the_keys(app: Flask) -> None:
    room, other = make_class_with_codes(), make_class_with_codes()
    answered(room, [{"T0": "yes", "A1": "female"}])
    answered(other, [{"T0": "yes", "A1": "male"}])
    service.close_wave(None, room.wave, NOW)
    service.records_for_sealing(room.wave.id)

    service.erase_raw(room.wave.id)

    assert WaveStatus.SEALED is db.session.get_one(Wave, room.wave.id).status
    assert [] == list(db.session.scalars(select(MixedAnswer.answer_key)))
    assert [other.wave.id] == list(db.session.scalars(select(WaveSecret.wave_id)))
    assert {other.wave_class.id} == set(db.session.scalars(select(AccessCode.wave_class_id)))
    assert 1 == db.session.scalar(select(func.count()).select_from(CodeGuard))
    assert db.session.get_one(WaveClass, room.wave_class.id).class_part_hash is None
    assert 1 == db.session.scalar(select(func.count()).select_from(Ballot))
    assert not _is_anywhere("female")


def _is_anywhere(word: str) -> bool:
    connection = db.session.connection()
    tables = set(inspect(connection).get_table_names()) - {"questionnaire"}
    return any(
        word in repr(value)
        for table in tables
        for row in connection.execute(text(f'SELECT * FROM "{table}"'))
        for value in row
    )


def test_the_next_wave_to_seal_is_the_one_that_ended_first(app: Flask) -> None:
    assert service.next_closed_wave() is None
    late = make_wave(make_school_class(), status=WaveStatus.CLOSED)
    early = make_wave(make_school_class(), status=WaveStatus.CLOSED, closes_on=date(2026, 11, 20))
    make_wave(make_school_class(), status=WaveStatus.OPEN, closes_on=date(2026, 11, 17))

    assert early is service.next_closed_wave()
    early.status = WaveStatus.SEALED
    db.session.flush()
    assert late is service.next_closed_wave()


def test_a_class_report_is_taken_while_the_wave_is_open_or_closed(app: Flask) -> None:
    wave = make_wave(make_school_class())
    numbers = ClassNumbers(enrolled=25, present=20, absent=5)

    first = service.record_class_report(None, wave.classes[0], numbers)
    again = service.record_class_report(None, wave.classes[0], ClassNumbers(enrolled=25, present=21, absent=4))

    assert first is again
    assert 21 == again.present
    wave.status = WaveStatus.SEALED
    with pytest.raises(WaveRefused, match=WaveRefused.WRONG_STATUS):
        service.record_class_report(None, wave.classes[0], numbers)


# ---- Made-up answers ----------------------------------------------------------------------------------------------


def test_made_up_answers_are_taken_by_a_demonstration_only(app: Flask, anna: User) -> None:
    wave = make_wave(make_school_class())
    people: list[tuple[uuid.UUID, Answers]] = [(wave.classes[0].id, {"T0": "yes"})] * 11

    with pytest.raises(WaveRefused, match=WaveRefused.NOT_A_DEMO):
        service.put_simulated(wave, people)

    facts.state_fact(facts.IS_DEMO, "yes")
    db.session.flush()
    assert 11 == service.put_simulated(wave, people)
    assert 0 == service.put_simulated(wave, [])
    (state,) = service.class_states(actor_of(anna), wave)
    assert state.reached_threshold
    service.close_wave(None, wave, NOW)
    assert 11 == len(service.records_for_sealing(wave.id).rows)
