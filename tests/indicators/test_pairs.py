"""A before and after on its whole way: made, answered, joined, sealed, compared once, shown to the office."""

import shutil
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from prevention.accounts.models import User
from prevention.accounts.service import actor_of
from prevention.core import clock
from prevention.core.access import NotYours
from prevention.core.db import db
from prevention.indicators import ledger
from prevention.indicators import service as indicators
from prevention.indicators.effects import Verdict
from prevention.indicators.models import PanelRow
from prevention.indicators.panel_gate import PanelFigure, Who
from prevention.indicators.panel_service import enter, next_sealed_pair, pair_for, released_pairs, worked_out
from prevention.indicators.populations import Selection
from prevention.indicators.published import Dimension
from prevention.indicators.rules import SealBroken, TableRefused
from prevention.indicators.tasks import release_next_pair
from prevention.indicators.wishes import Wish, release_table
from prevention.surveys import service as surveys
from prevention.surveys.models import PairedWave, Wave, WavePair
from prevention.surveys.rules import Answers
from prevention.surveys.service import NewPair
from prevention.surveys.tasks import join_closed_pair
from prevention.surveys.wave_rules import Stage, WaveStatus
from tests.factories.indicators import put_answers
from tests.factories.schools import SCHOOL_YEAR, make_school_class, make_site
from tests.support.queries import counted_queries

CLASSES, PUPILS = 6, 20
NOT_TO, CAN_SAY_NO = 0.7, 0.5


@pytest.fixture(autouse=True)
def _empty_folder(app: Flask) -> None:
    shutil.rmtree(Path(app.instance_path) / "sealed", ignore_errors=True)


def make_pair(*, is_linked: bool = False, name: str = "Unplugged", classes: int = CLASSES) -> WavePair:
    """Make a pair over some classes of two schools, as drafts."""
    sites = [make_site(), make_site()]
    made = [make_school_class(site=sites[number % 2], grade=1 + number % 5, pupils=PUPILS) for number in range(classes)]
    pair = surveys.create_pair(
        None,
        NewPair(
            name=name,
            school_year=SCHOOL_YEAR,
            questionnaire_before=surveys.publish_shipped("workshop-before").id,
            questionnaire_after=surveys.publish_shipped("workshop-after").id,
            before=(date(2026, 11, 2), date(2026, 11, 6)),
            after=(date(2026, 11, 16), date(2026, 11, 20)),
            is_linked=is_linked,
        ),
        class_ids=[one.id for one in made],
    )
    # The task rolls back what it only read; what a test made must stand before.
    db.session.commit()
    return pair


def waves_of(pair: WavePair) -> list[Wave]:
    """Give the before, then the after."""
    return [
        db.session.scalars(
            select(Wave).join(PairedWave).where(PairedWave.pair_id == pair.id, PairedWave.stage == stage)
        ).one()
        for stage in Stage
    ]


def answered(pair: WavePair, anna: User, *, after: float, seed: int = 1, code: bool = False) -> None:
    """Let everybody answer both; a share of `after` of them means not to use afterwards. Then close, join and seal."""
    rng = Random(seed)
    for stage, share in zip(waves_of(pair), (NOT_TO, after), strict=True):
        for place, wave_class in enumerate(sorted(stage.classes, key=lambda one: str(one.school_class_id))):
            for pupil in range(PUPILS):
                answers: Answers = {
                    "T0": "yes",
                    "W1": "surely_not" if rng.random() < share else "unsure",
                    "N6a": "1" if rng.random() < CAN_SAY_NO else "4",
                    "L1a": str(rng.randint(2, 8)),
                    "K2b": "great" if rng.random() < 0.5 else "slight",
                }
                # A few tell no code the second time.
                if code and not (share == after and pupil % 10 == 0):
                    answers |= {f"Z1{letter}": f"{place}-{pupil}-{letter}" for letter in "abcdefg"}
                put_answers(stage, wave_class.id, answers)
        stage.status = WaveStatus.CLOSED
    db.session.flush()
    if code:
        assert join_closed_pair()
    for one in waves_of(pair):
        indicators.close_and_seal(actor_of(anna), one.id, today=clock.today())
    db.session.commit()


def figures(pair: WavePair, anna: User, who: Who = Who.ALL) -> dict[str, PanelFigure]:
    panel = pair_for(actor_of(anna), pair.id)[1]
    assert panel is not None
    return {one.indicator_id: one for one in panel.figures if one.who is who}


def shown(page: BeautifulSoup) -> str:
    return " ".join(page.select_one("main").get_text(" ", strip=True).split())


def test_a_pair_is_compared_once_when_both_of_its_surveys_are_sealed(anna: User) -> None:
    pair = make_pair()
    assert release_next_pair() is False
    answered(pair, anna, after=0.9)

    assert release_next_pair() is True
    assert release_next_pair() is False

    found = figures(pair, anna)
    assert {"M01", "M02", "M03", "I36b"} <= set(found)
    assert Verdict.BETTER is found["M01"].verdict
    assert 120 == getattr(found["M01"].before, "n", None)
    (released,) = released_pairs(SCHOOL_YEAR)
    assert (pair.id, CLASSES, date(2026, 11, 2)) == (released.panel.pair_id, released.classes, released.before_from)
    # So few classes find large changes only.
    assert released.difference is not None
    assert 0.1 < released.difference < 0.4
    assert () == released_pairs(SCHOOL_YEAR - 1)


def test_a_harm_is_said_on_the_page_as_a_warning(anna: User, sign_in: Any) -> None:
    pair = make_pair()
    answered(pair, anna, after=0.4)
    release_next_pair()

    page = sign_in(anna).page(f"/figures/pairs/{pair.id}")

    assert Verdict.WORSE is figures(pair, anna)["M01"].verdict
    assert page.select_one(".notice-warning") is not None
    assert page.select_one(".explore-small.is-worse") is not None


def test_those_found_again_are_compared_beside_all_who_answered(anna: User, sign_in: Any) -> None:
    pair = make_pair(is_linked=True)
    answered(pair, anna, after=0.9, code=True)
    release_next_pair()

    again = figures(pair, anna, Who.FOUND)
    panel = pair_for(actor_of(anna), pair.id)[1]

    assert panel is not None
    assert (True, 110) == (panel.is_linked, panel.found)
    assert again["M01"].reason is None or again["M01"].before is None
    assert set(again) == set(figures(pair, anna))
    assert sign_in(anna).page(f"/figures/pairs/{pair.id}").select_one("#found") is not None


def test_of_one_class_nothing_is_shown(anna: User, sign_in: Any) -> None:
    pair = make_pair(classes=1)
    answered(pair, anna, after=0.9)
    release_next_pair()

    page = sign_in(anna).page(f"/figures/pairs/{pair.id}")

    assert all(one.before is None and one.difference is None for one in figures(pair, anna).values())
    assert len(page.select("tr.is-protected")) == len(page.select("tbody tr"))


def test_classes_that_waited_take_away_what_would_have_come_anyway(anna: User, sign_in: Any) -> None:
    pair, waiting = make_pair(), make_pair(name="In attesa")
    answered(pair, anna, after=0.95)
    answered(waiting, anna, after=0.7, seed=2)
    while release_next_pair():
        pass
    client = sign_in(anna)
    address = f"/figures/pairs/{pair.id}"

    alone, beside, drawn = (
        shown(client.page(f"{address}{query}"))
        for query in ("", f"?waiting={waiting.id}", f"?waiting={waiting.id}&lot=1")
    )

    assert 3 == len({alone, beside, drawn})
    assert len(client.page(f"{address}?waiting={waiting.id}").select("thead th")) == 5
    assert alone == shown(client.page(f"{address}?waiting=nobody"))


def test_before_both_are_sealed_the_page_says_what_it_waits_for(anna: User, sign_in: Any) -> None:
    page = sign_in(anna).page(f"/figures/pairs/{make_pair().id}")

    assert page.select_one(".empty") is not None


def test_only_the_office_sees_a_pair(bruno: User, dario: User, sign_in: Any, client: Any) -> None:
    pair = make_pair()
    address = f"/figures/pairs/{pair.id}"

    assert {403} == {sign_in(person).get(address).status_code for person in (bruno, dario)}
    assert 303 == client.get(address).status_code
    with pytest.raises(NotYours):
        pair_for(actor_of(bruno), pair.id)


@pytest.mark.parametrize("pair_id", ["00000000-0000-0000-0000-000000000000", "nonsense"])
def test_a_pair_that_is_not_there_is_not_found(anna: User, sign_in: Any, pair_id: str) -> None:
    assert 404 == sign_in(anna).get(f"/figures/pairs/{pair_id}").status_code


def test_a_result_that_was_changed_is_not_shown(anna: User) -> None:
    pair = make_pair()
    answered(pair, anna, after=0.9)
    release_next_pair()
    row = db.session.scalars(select(PanelRow)).one()
    row.payload = row.payload.replace('"policy"', '"policies"')
    db.session.flush()

    with pytest.raises(SealBroken):
        pair_for(actor_of(anna), pair.id)


def test_of_two_processes_the_second_finds_the_result_there(anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = make_pair()
    answered(pair, anna, after=0.9)
    found = next_sealed_pair()
    assert found is not None
    enter(worked_out(found, today=clock.today()))
    db.session.commit()
    # The other one had looked before.
    monkeypatch.setattr("prevention.indicators.panel_service.next_sealed_pair", lambda: found)

    assert release_next_pair() is True

    assert 1 == len(db.session.scalars(select(PanelRow)).all())


def test_the_page_asks_the_database_the_same_whatever_is_released(anna: User, sign_in: Any) -> None:
    pair = make_pair()
    answered(pair, anna, after=0.9)
    release_next_pair()
    client = sign_in(anna)
    client.page(f"/figures/pairs/{pair.id}")
    with counted_queries() as few:
        client.page(f"/figures/pairs/{pair.id}")
    answered(make_pair(name="Altro"), anna, after=0.9)
    release_next_pair()

    with counted_queries() as many:
        client.page(f"/figures/pairs/{pair.id}")

    assert few.count == many.count


def test_nothing_else_comes_out_of_such_a_survey(anna: User) -> None:
    """Its pupils took part in a programme: a table of them beside those of the district would mislead, and differ."""
    pair = make_pair()
    answered(pair, anna, after=0.9)
    wave = waves_of(pair)[0]
    wish = Wish(indicator_id="I36b", dimension=Dimension.ALL, selection=Selection())

    with pytest.raises(TableRefused):
        release_table(actor_of(anna), ledger.in_force(wave.id), wish, today=clock.today())

    assert () == ledger.published_tables(SCHOOL_YEAR, measure=None)
    assert () == ledger.sealed_manifests(SCHOOL_YEAR)
