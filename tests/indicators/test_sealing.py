"""Sealing a wave: all or nothing, once, and nothing that leads back."""

import shutil
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.access import NotYours
from prevention.core.db import db
from prevention.indicators import ledger, seal, service
from prevention.indicators.models import PublishedTableRow, SealedWave
from prevention.indicators.published import Audience, Dimension
from prevention.indicators.rules import AlreadySealed, NotClosed, SealBroken
from prevention.indicators.tasks import seal_next_closed_wave
from prevention.surveys.models import AccessCode, Ballot, MixedAnswer, Wave, WaveSecret
from prevention.surveys.rules import Answers
from prevention.surveys.wave_rules import WaveStatus
from tests.factories.indicators import few_questions, make_closed_wave, put_answers
from tests.factories.schools import make_school_class
from tests.factories.surveys import make_wave
from tests.indicators.records import record, sealed
from tests.indicators.test_cleaning import truthful

RAW = (MixedAnswer, Ballot, AccessCode, WaveSecret)


def count(model: type[db.Model]) -> int:  # type: ignore[name-defined]  # the base class is made at run time
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def sealed_files(app: Flask) -> list[Path]:
    return sorted((Path(app.instance_path) / "sealed").glob("*"))


@pytest.fixture(autouse=True)
def _empty_folder(app: Flask) -> None:
    shutil.rmtree(Path(app.instance_path) / "sealed", ignore_errors=True)


@pytest.fixture
def wave(app: Flask) -> Wave:
    """A wave of a few questions: what is done with a seal does not depend on how many."""
    return make_closed_wave(schools=3, classes=3, pupils=20, questionnaire_id=few_questions())


@pytest.fixture
def whole_wave(app: Flask) -> Wave:
    """A wave of all questions, whose tables take seconds."""
    return make_closed_wave(schools=3, classes=3, pupils=20)


def test_the_clock_seals_what_the_office_closed(whole_wave: Wave) -> None:
    assert seal_next_closed_wave() is True

    assert WaveStatus.SEALED is db.session.get_one(Wave, whole_wave.id).status
    assert [0, 0, 0, 0] == [count(model) for model in RAW]
    assert 1 == count(SealedWave)
    assert count(PublishedTableRow) > 100


def test_the_clock_has_nothing_to_do_when_no_wave_is_closed(app: Flask) -> None:
    make_wave(make_school_class())

    assert seal_next_closed_wave() is False


def test_a_sealed_wave_is_not_sealed_again(wave: Wave, anna: User) -> None:
    service.close_and_seal(actor_of(anna), wave.id, today=clock.today())

    with pytest.raises(AlreadySealed):
        service.close_and_seal(actor_of(anna), wave.id, today=clock.today())

    assert seal_next_closed_wave() is False
    assert 1 == count(SealedWave)


def test_an_open_wave_is_closed_first(anna: User) -> None:
    wave = make_closed_wave()
    wave.status = WaveStatus.OPEN

    service.close_and_seal(actor_of(anna), wave.id, today=clock.today())

    assert WaveStatus.SEALED is db.session.get_one(Wave, wave.id).status


def test_a_draft_is_not_sealed(anna: User) -> None:
    wave = make_wave(make_school_class(), status=WaveStatus.DRAFT)

    with pytest.raises(NotClosed):
        service.close_and_seal(actor_of(anna), wave.id, today=clock.today())

    assert 0 == count(SealedWave)


def test_a_coordinator_of_another_school_cannot_seal(wave: Wave, carla: User) -> None:
    with pytest.raises(NotYours):
        service.close_and_seal(actor_of(carla), wave.id, today=clock.today())


def test_a_wave_without_answers_is_sealed_too(app: Flask) -> None:
    make_wave(make_school_class(), status=WaveStatus.CLOSED)

    assert seal_next_closed_wave() is True

    assert (1, 0) == (count(SealedWave), count(PublishedTableRow))


def test_what_is_left_in_the_ballot_box_is_sealed_with_the_rest(wave: Wave) -> None:
    row = db.session.scalars(select(MixedAnswer)).first()
    assert row is not None
    db.session.add(Ballot(wave_id=wave.id, cluster_mark=row.cluster_mark, answers=row.answers))
    db.session.delete(row)
    db.session.flush()

    seal_next_closed_wave()

    assert 180 == ledger.sealed_manifests(wave.school_year)[0].answers


def test_the_file_holds_each_kept_answer_once_and_nothing_that_leads_back(wave: Wave, app: Flask) -> None:
    service_classes = {one.id.hex for one in wave.classes} | {str(one.id) for one in wave.classes}

    seal_next_closed_wave()

    [path] = sealed_files(app)
    rows = duckdb.sql(f"SELECT * FROM '{path}'")
    assert ledger.sealed_manifests(wave.school_year)[0].kept == len(rows.filter("kept").fetchall())
    facts = ["cluster", "grade", "site_code", "institute_code", "municipality", "level", "track"]
    assert [*facts, "broken", "kept", "record_key", "T0"] == rows.columns[:11]
    assert set(range(1, 10)) == {number for (number,) in duckdb.sql(f"SELECT cluster FROM '{path}'").fetchall()}
    assert not [name for name in service_classes if name.encode() in path.read_bytes()]
    assert "600" == oct(path.stat().st_mode)[-3:]


def test_rows_of_a_class_do_not_stand_together(wave: Wave, app: Flask) -> None:
    seal_next_closed_wave()

    [path] = sealed_files(app)
    clusters = [number for (number,) in duckdb.sql(f"SELECT cluster FROM '{path}'").fetchall()]
    changes = sum(one != other for one, other in pairwise(clusters))
    assert changes > 100, "nine classes in a row would change eight times"


def test_the_file_itself_is_shuffled_whatever_order_it_is_given(tmp_path: Path) -> None:
    rows = [record({"B1": "0"}, grade=1 + number // 100) for number in range(300)]

    path = sealed(tmp_path, rows, items=["B1"])

    grades = [grade for (grade,) in duckdb.sql(f"SELECT grade FROM '{path}'").fetchall()]
    assert sorted(grades) == [row.grade for row in rows] != grades


def test_the_manifest_says_what_was_done(whole_wave: Wave) -> None:
    liar: Answers = {"T0": "yes", "A1": "male", "Q1": "no"}
    put_answers(whole_wave, whole_wave.classes[0].id, liar)
    db.session.flush()

    seal_next_closed_wave()

    facts = ledger.sealed_manifests(whole_wave.school_year)[0]
    discarded = sum(one.discarded for one in facts.cleaning if one.is_on)
    assert (181, 181 - discarded, 9, 3) == (facts.answers, facts.kept, facts.classes, facts.schools)
    assert facts.questionnaire == f"core {whole_wave.questionnaire.version}"
    assert {"I18", "I31", "I38", "I39"} <= {
        one["id"] for one in db.session.scalars(select(SealedWave)).one().manifest["left_out"]
    }


def test_a_discarded_record_stays_in_the_file_with_the_rules_that_it_breaks(whole_wave: Wave, app: Flask) -> None:
    put_answers(whole_wave, whole_wave.classes[0].id, {"T0": "yes", "A1": "male", "Q1": "no"})
    db.session.flush()

    seal_next_closed_wave()

    [path] = sealed_files(app)
    assert 1 == duckdb.sql(f"SELECT * FROM '{path}' WHERE broken = '|R3|R9|' AND NOT kept").fetchall().__len__()


def test_whoever_did_not_agree_is_in_no_file(wave: Wave, app: Flask) -> None:
    put_answers(wave, wave.classes[0].id, {"T0": "no"})
    db.session.flush()

    seal_next_closed_wave()

    [path] = sealed_files(app)
    assert [("yes",)] == duckdb.sql(f"SELECT DISTINCT T0 FROM '{path}'").fetchall()
    assert 181 == ledger.sealed_manifests(wave.school_year)[0].answers


def test_the_manifest_says_what_a_rule_does_to_the_results_and_keeps_silent_where_few_records_move(wave: Wave) -> None:
    for number in range(12):
        put_answers(wave, wave.classes[number % 9].id, {**smoker(), "Q1": "no"})
    put_answers(wave, wave.classes[0].id, {**smoker(), "E2i": "1-2"})
    db.session.flush()

    seal_next_closed_wave()

    rules = {one.rule: one for one in ledger.sealed_manifests(wave.school_year)[0].cleaning}
    assert [f"R{number}" for number in range(1, 11)] == list(rules)
    effect = rules["R9"].effect
    assert effect is not None
    assert effect.records >= 12
    assert effect.points >= 1
    assert effect.changed >= 1
    assert rules["R4"].effect is None
    assert (False, False) == (rules["R7"].is_measured, rules["R10"].is_measured)
    assert rules["R7"].why_not is not None


def smoker() -> Answers:
    """Answers of somebody who smokes every day, enough of them to be kept."""
    return {**truthful(), "B1": "40+", "B2": "20+", "F1": "12"}


def test_a_changed_sealed_file_is_not_read(wave: Wave, app: Flask) -> None:
    seal_next_closed_wave()
    [path] = sealed_files(app)
    row = db.session.scalars(select(SealedWave)).one()
    assert path == seal.checked(row.file_name, sha256=row.sha256)
    path.write_bytes(path.read_bytes().replace(b"PAR1", b"PAR2", 1))

    with pytest.raises(SealBroken):
        seal.checked(row.file_name, sha256=row.sha256)


def test_a_lost_sealed_file_is_not_read(app: Flask) -> None:
    with pytest.raises(SealBroken):
        seal.checked("gone.parquet", sha256="0" * 64)


def test_a_changed_table_is_not_shown(wave: Wave) -> None:
    seal_next_closed_wave()
    showing = select(PublishedTableRow).where(PublishedTableRow.payload.contains('"share":0.'))
    row = db.session.scalars(showing).first()
    assert row is not None
    row.payload = row.payload.replace('"share":0.', '"share":0.9')
    db.session.flush()

    with pytest.raises(SealBroken):
        ledger.published_tables(wave.school_year, measure=None)


def test_nothing_is_erased_when_the_file_is_gone_at_the_last_moment(wave: Wave, app: Flask) -> None:
    """Two processes seal at once; what one of them tidies away must not be the only copy the other counts on."""
    prepared = service.prepare_seal(service.records_of(wave.id), today=clock.today())
    for path in sealed_files(app):
        path.unlink()

    nested = db.session.begin_nested()
    with pytest.raises(SealBroken):
        service.enter_seal(prepared, today=clock.today())
    nested.rollback()

    assert 180 == count(MixedAnswer)


def test_files_of_interrupted_tries_go_once_the_wave_is_sealed(wave: Wave, app: Flask) -> None:
    service.prepare_seal(service.records_of(wave.id), today=clock.today())
    (seal.folder() / f"{wave.id}-0badf00d.unfinished").write_bytes(b"half")
    assert 2 == len(sealed_files(app))

    seal_next_closed_wave()

    assert [db.session.scalars(select(SealedWave)).one().file_name] == [path.name for path in sealed_files(app)]


def test_files_of_a_wave_that_is_not_sealed_are_left_alone(wave: Wave, app: Flask) -> None:
    service.prepare_seal(service.records_of(wave.id), today=clock.today())

    assert 0 == service.sweep()

    assert 1 == len(sealed_files(app))


def test_school_tables_are_for_schools_only(wave: Wave) -> None:
    seal_next_closed_wave()

    district = ledger.published_tables(wave.school_year, measure=None)
    school = ledger.published_tables(wave.school_year, audience=Audience.SCHOOL, measure=None)
    assert Dimension.SCHOOL not in {table.dimension for table in district}
    assert {Dimension.SCHOOL} == {table.dimension for table in school}


def test_no_published_table_speaks_of_a_class(whole_wave: Wave) -> None:
    """Nine classes of twenty pupils in three schools: no shown cell has so few answers that it can be one class."""
    seal_next_closed_wave()

    tables = ledger.published_tables(whole_wave.school_year, measure=None)
    shown = [cell for table in tables for cell in table.cells if cell.shown and table.dimension is not Dimension.SEX]
    assert shown
    assert all(cell.n_valid is not None and cell.n_valid > 20 for cell in shown)
