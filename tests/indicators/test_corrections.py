"""A correction is a new seal that names the old one; and more tables of a wave come out only past the ledger."""

from dataclasses import replace

import duckdb
import pytest
from flask import Flask
from sqlalchemy import func, select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.access import NotYours
from prevention.core.db import db
from prevention.indicators import corrections, ledger, seal, seal_desk, wishes
from prevention.indicators.corrections import Wanted
from prevention.indicators.models import PublishedTableRow, SealedWave
from prevention.indicators.populations import Selection
from prevention.indicators.published import Dimension
from prevention.indicators.rules import (
    AlreadyCorrected,
    NothingToCorrect,
    SealBroken,
    SomebodyReleased,
    TableRefused,
    WhyRefused,
)
from prevention.indicators.tasks import correct_next_seal, seal_next_closed_wave
from prevention.indicators.wishes import Wish
from prevention.surveys.models import Wave
from tests.factories.indicators import few_questions, make_closed_wave, put_answers
from tests.indicators.test_sealing import smoker

EVERYBODY_IN = Wanted(rules_off=("R4", "R6", "R8", "R9"), withdrawn=(), reason="R9 was asked in other words")


@pytest.fixture
def sealed(app: Flask) -> SealedWave:
    """A sealed wave of three schools, twelve of whose pupils said not to have answered honestly."""
    wave: Wave = make_closed_wave(schools=3, classes=2, pupils=22, questionnaire_id=few_questions())
    for number in range(12):
        put_answers(wave, wave.classes[number % 6].id, {**smoker(), "Q1": "no"})
    db.session.flush()
    seal_next_closed_wave()
    return db.session.scalars(select(SealedWave)).one()


def schools_of(sealed: SealedWave) -> list[str]:
    path = seal.checked(sealed.file_name, sha256=sealed.sha256)
    return [code for (code,) in duckdb.sql(f"SELECT DISTINCT site_code FROM '{path}' ORDER BY 1").fetchall()]


def test_a_correction_is_a_new_seal_that_names_the_old_one_and_changes_nothing_of_it(
    sealed: SealedWave, anna: User
) -> None:
    before = (sealed.sha256, dict(sealed.manifest), db.session.scalar(select(func.count(PublishedTableRow.id))))
    corrections.ask_correction(actor_of(anna), sealed, EVERYBODY_IN, today=clock.today())

    assert correct_next_seal() is True

    new = db.session.scalars(select(SealedWave).where(SealedWave.corrects_id == sealed.id)).one()
    assert new.manifest["corrects"]["sha256"] == sealed.sha256 == before[0]
    assert before[1] == sealed.manifest
    assert new.manifest["participation"]["kept"] > sealed.manifest["participation"]["kept"]
    assert (seal.folder() / sealed.file_name).is_file()
    assert (seal.folder() / new.file_name).is_file()
    assert [new.id] == [one.id for one in db.session.scalars(select(SealedWave)) if not ledger.is_corrected(one.id)]
    assert [new.sha256] == [one.sha256 for one in ledger.sealed_manifests(sealed.school_year)]
    assert correct_next_seal() is False


def test_who_withdrew_is_in_the_new_file_and_its_tables_no_more(sealed: SealedWave, anna: User) -> None:
    [first, *others] = schools_of(sealed)
    wanted = Wanted(rules_off=("R8",), withdrawn=((first, None),), reason="The school withdrew")
    corrections.ask_correction(actor_of(anna), sealed, wanted, today=clock.today())

    correct_next_seal()

    new = db.session.scalars(select(SealedWave).where(SealedWave.corrects_id == sealed.id)).one()
    assert others == schools_of(new)
    tables = ledger.published_tables(sealed.school_year, measure=None)
    assert {2} == {table.schools for table in tables}


def test_a_seal_is_corrected_once(sealed: SealedWave, anna: User) -> None:
    corrections.ask_correction(actor_of(anna), sealed, EVERYBODY_IN, today=clock.today())

    with pytest.raises(AlreadyCorrected):
        corrections.ask_correction(actor_of(anna), sealed, EVERYBODY_IN, today=clock.today())

    correct_next_seal()
    with pytest.raises(AlreadyCorrected):
        corrections.ask_correction(actor_of(anna), sealed, EVERYBODY_IN, today=clock.today())


@pytest.mark.parametrize(
    ("rules_off", "withdrawn"), [(("R8",), ()), (("R8",), (("CRXX99999X", None),)), (("R8",), (("", 7),))]
)
def test_a_correction_that_changes_nothing_is_refused(
    sealed: SealedWave, anna: User, rules_off: tuple[str, ...], withdrawn: tuple[tuple[str, int | None], ...]
) -> None:
    with pytest.raises(NothingToCorrect):
        corrections.ask_correction(
            actor_of(anna), sealed, Wanted(rules_off=rules_off, withdrawn=withdrawn, reason="-"), today=clock.today()
        )

    assert {} == corrections.pending_corrections()


def test_nothing_is_made_of_a_file_that_is_not_what_was_sealed(sealed: SealedWave, anna: User) -> None:
    corrections.ask_correction(actor_of(anna), sealed, EVERYBODY_IN, today=clock.today())
    path = seal.folder() / sealed.file_name
    path.write_bytes(path.read_bytes() + b"x")

    with pytest.raises(SealBroken):
        correct_next_seal()

    assert 1 == db.session.scalar(select(func.count(SealedWave.id)))


def test_only_the_office_sees_seals(sealed: SealedWave, anna: User, bruno: User) -> None:
    assert sealed is seal_desk.survey_for(actor_of(anna), sealed.wave_id).now
    with pytest.raises(NotYours):
        seal_desk.survey_for(actor_of(bruno), sealed.wave_id)
    with pytest.raises(NotYours):
        corrections.ask_correction(actor_of(bruno), sealed, EVERYBODY_IN, today=clock.today())
    with pytest.raises(NotYours):
        wishes.release_table(actor_of(bruno), sealed, _wish(), today=clock.today())


def _wish(**selection: list[str]) -> Wish:
    return Wish(indicator_id="I09", dimension=Dimension.ALL, selection=Selection.of(selection))


def test_a_table_of_a_part_that_gives_nothing_away_comes_out_and_stands_apart(sealed: SealedWave, anna: User) -> None:
    before = len(ledger.published_tables(sealed.school_year, measure=None))

    table = wishes.release_table(actor_of(anna), sealed, _wish(grades=["secondo_grado-1"]), today=clock.today())

    assert [table] == list(ledger.selected_tables([sealed.wave_id]))
    assert before == len(ledger.published_tables(sealed.school_year, measure=None))


def test_the_same_table_does_not_come_out_twice(sealed: SealedWave, anna: User) -> None:
    wish = _wish(grades=["secondo_grado-1"])
    wishes.release_table(actor_of(anna), sealed, wish, today=clock.today())

    with pytest.raises(TableRefused) as refusal:
        wishes.release_table(actor_of(anna), sealed, wish, today=clock.today())

    assert WhyRefused.ALREADY_PUBLISHED is refusal.value.why


def test_of_two_tables_tested_at_once_the_second_must_be_tested_again(sealed: SealedWave) -> None:
    seen = ledger.root_of(sealed.wave_id).releases
    assert ledger.claim_release(sealed.id, seen=seen) is True

    assert ledger.claim_release(sealed.id, seen=seen) is False


def test_a_correction_that_was_overtaken_is_weighed_again(sealed: SealedWave, anna: User) -> None:
    correction = corrections.ask_correction(actor_of(anna), sealed, EVERYBODY_IN, today=clock.today())
    prepared = corrections.prepare_correction(correction, today=clock.today())
    wishes.release_table(actor_of(anna), sealed, _wish(grades=["secondo_grado-1"]), today=clock.today())

    with pytest.raises(SomebodyReleased):
        corrections.enter_correction(prepared, today=clock.today())

    assert 1 == db.session.scalar(select(func.count(SealedWave.id)))
    assert (
        corrections.enter_correction(replace(prepared, seen=prepared.seen + 1), today=clock.today()).corrects_id
        == sealed.id
    )
