"""The open-data cube: noise that stays the same, and nothing hidden that comes out by it."""

import csv
import io
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from prevention.core import clock
from prevention.core.db import db
from prevention.indicators import cube_release, ledger
from prevention.indicators.catalogue import catalogue
from prevention.indicators.cellkeys import chances, noise_of
from prevention.indicators.crossings import key_of, key_text, rows_of_cells
from prevention.indicators.domains import domain_tree
from prevention.indicators.engine import ClassTotals
from prevention.indicators.memory import Memory, Release
from prevention.indicators.models import SealedWave
from prevention.indicators.policy import policy
from prevention.indicators.populations import Population
from prevention.indicators.published import Dimension, PublishedTable
from prevention.indicators.rules import SomebodyReleased
from prevention.indicators.seal import RECORD_KEYS
from prevention.indicators.tables import cube_tables, tables_beside
from prevention.indicators.tasks import release_next_cube, seal_next_closed_wave
from tests.factories.indicators import make_closed_wave
from tests.indicators.attacker import Attack, as_wide_as
from tests.indicators.districts import made_up_classes, totals_of
from tests.indicators.test_releases import ASKED, SOURCE, a_class, hidden_cells, indicators_of
from tests.support.http import Client

# Small crossings, so that made-up districts have some.
POLICY = replace(policy(), crossing=20)
RULES = policy().cube
LEVELS = ("primo_grado", "secondo_grado")


def with_keys(totals: ClassTotals, seed: int = 1) -> ClassTotals:
    rng = np.random.default_rng(seed)
    keys = {one: rng.integers(0, RECORD_KEYS, size=len(totals.sex)).astype(np.float64) for one in totals.sums}
    return replace(totals, keys=keys)


def released(totals: ClassTotals, before: tuple[Release, ...] = ()) -> tuple[Release, tuple[PublishedTable, ...]]:
    """Make the usual tables and the cube beside them."""
    asked = indicators_of(totals)
    tables = tables_beside(
        Memory(totals, new=Population(), releases=before, policy=POLICY), asked, catalogue(), source=SOURCE
    )
    usual = Release(population=Population(), tables=tables)
    memory = Memory(totals, new=Population(), releases=(*before, usual), policy=POLICY)
    return usual, tuple(cube_tables(memory, asked, catalogue(), tables, source=SOURCE))


def test_noise_has_no_bias_and_the_variance_of_the_policy() -> None:
    spread = chances(RULES.most, RULES.variance)
    assert sum(spread) == pytest.approx(1)

    noises = np.array([noise_of(key, RULES) for key in range(RECORD_KEYS)])

    assert (-RULES.most, RULES.most) == (noises.min(), noises.max())
    assert noises.mean() == pytest.approx(0, abs=0.01)
    assert noises.var() == pytest.approx(RULES.variance, abs=0.01)


def test_a_variance_that_no_such_noise_has_is_refused() -> None:
    with pytest.raises(ValueError, match="100"):
        chances(5, 100.0)


def test_the_same_pupils_have_the_same_noise_and_one_more_has_another_of_its_own() -> None:
    assert noise_of(3 * RECORD_KEYS + 17, RULES) == noise_of(17, RULES)
    rng = np.random.default_rng(3)
    keys = rng.integers(0, RECORD_KEYS, size=(2_000, 2))
    differences = [noise_of(int(one + other), RULES) - noise_of(int(one), RULES) for one, other in keys]
    # Independent noises: the difference varies twice as much as one of them.
    assert np.var(differences) == pytest.approx(2 * RULES.variance, rel=0.15)


def test_a_key_comes_back_from_its_text() -> None:
    assert key_of(key_text(("female", "", "liceo"))) == ("female", "", "liceo")


def district() -> ClassTotals:
    return with_keys(totals_of([a_class(school, grade) for school in range(6) for grade in (1, 2, 3)]))


def test_crossings_come_out_near_the_truth_and_without_how_many_told_which_sex() -> None:
    totals = district()

    _usual, cube = released(totals)

    cells = {(table.indicator_id, cell.domain): cell for table in cube for cell in table.cells}
    girls = cells["I09", "female||liceo"]
    rows = rows_of_cells(totals, np.ones(len(totals.sex), dtype=bool), LEVELS)["female", "", "liceo"]
    sums = totals.sums["I09"]
    n, yes = sums.n[rows].sum(), sums.value[rows].sum()
    assert girls.share is not None
    assert abs(girls.share * n - yes) <= RULES.most + n * 0.005
    assert (None, None, None, True) == (girls.n_valid, girls.low, girls.high, girls.shown)
    assert cells["I09", "|secondo_grado-1|liceo"].n_valid == 60
    assert "female" in girls.label.text("en").lower() or "girls" in girls.label.text("en").lower()


def test_the_same_cube_comes_out_again() -> None:
    once, again = ([(table.indicator_id, table.cells) for table in released(district())[1]] for _try in range(2))

    assert once == again


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(classes=made_up_classes(asked=ASKED, least=2), seed=st.integers(0, 1_000))
def test_nothing_hidden_can_be_solved_from_the_tables_and_the_cube(classes: list, seed: int) -> None:  # type: ignore[type-arg]
    totals = with_keys(totals_of(classes), seed)
    usual, cube = released(totals)
    asked = [one for one in ASKED if one in totals.sums]
    atoms = {one.key: one.rows for one in domain_tree(totals, levels=LEVELS)}
    inside = np.ones(len(totals.sex), dtype=bool)
    atoms |= {(Dimension.CUBE, key_text(key)): rows for key, rows in rows_of_cells(totals, inside, LEVELS).items()}

    for is_public in (True, False):
        attack = Attack(sizes=[totals.sums[one].n.tolist() for one in asked])
        if len(asked) == 2:
            outer, inner = (totals.sums[one] for one in asked)
            attack.implies = [(1, 0, np.maximum(totals.records - outer.n, inner.value - outer.value).clip(0).tolist())]
        for table in usual.tables:
            for cell in table.cells:
                if not (is_public and table.dimension is Dimension.SCHOOL):
                    attack.read_cell(asked.index(table.indicator_id), cell, atoms[table.dimension, cell.domain])
        for table in cube:
            for cell in table.cells:
                place, rows = asked.index(table.indicator_id), atoms[Dimension.CUBE, cell.domain]
                n = totals.sums[table.indicator_id].n[rows].sum()
                assert cell.share is not None
                low, high = (cell.share - 0.005) * n - 5, (cell.share + 0.005) * n + 5
                attack.claim(rows.tolist(), max(low, 0), min(high, n), asked=place)
        for _release, table, domain in hidden_cells([usual], is_public=is_public):
            rows = atoms[table.dimension, domain]
            n = float(totals.sums[table.indicator_id].n[rows].sum())
            is_wide = partial(as_wide_as, min(4, n))
            assert attack.cannot_narrow(asked.index(table.indicator_id), rows.tolist(), is_wide), (table, domain, n)


def test_later_releases_reckon_with_the_cube() -> None:
    totals = district()
    usual, cube = released(totals)
    out = Release(population=Population(), tables=(*usual.tables, *cube))
    memory = Memory(totals, new=Population(), releases=(out,), policy=POLICY)

    past = memory.past_of(indicators_of(totals), [(), ()])

    shown = sum(cell.shown for table in (*usual.tables, *cube) for cell in table.cells)
    assert shown == len(past.bounds[True])


@pytest.fixture
def sealed(app: Flask) -> SealedWave:
    make_closed_wave(schools=6, classes=3, pupils=20)
    seal_next_closed_wave()
    return db.session.scalars(select(SealedWave)).one()


def test_the_clock_releases_a_cube_once_and_open_data_hands_it_out(sealed: SealedWave, client: Client) -> None:
    usual = ledger.published_tables(sealed.school_year, measure=None)
    assert "cube.csv" not in str(client.page("/opendata/"))

    assert release_next_cube() is True
    assert release_next_cube() is False

    assert usual == ledger.published_tables(sealed.school_year, measure=None)
    cube = ledger.cube_tables(sealed.school_year)
    assert cube
    year = f"{sealed.school_year}-{(sealed.school_year + 1) % 100:02d}"
    response = client.get(f"/opendata/{year}/cube.csv")
    assert 200 == response.status_code
    rows = list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))
    assert sum(len(table.cells) for table in cube) == len(rows)
    assert {"cube"} == {row["dimension"] for row in rows}
    assert f"{year}/cube.csv" in str(client.page("/opendata/"))


def test_of_a_wave_of_few_no_crossing_comes_out_and_it_is_not_tried_again(app: Flask, client: Client) -> None:
    make_closed_wave(schools=2, classes=2, pupils=12)
    seal_next_closed_wave()

    assert release_next_cube() is True
    assert release_next_cube() is False

    found = db.session.scalars(select(SealedWave)).one()
    assert [()] == [table.cells for table in ledger.cube_tables(found.school_year)]
    assert "cube.csv" not in str(client.page("/opendata/"))


def test_a_cube_that_was_overtaken_is_weighed_again(app: Flask) -> None:
    make_closed_wave(schools=2, classes=2, pupils=12)
    seal_next_closed_wave()
    sealed = db.session.scalars(select(SealedWave)).one()
    prepared = cube_release.prepare_cube(sealed, today=clock.today())
    assert ledger.claim_release(sealed.id, seen=prepared.seen)

    with pytest.raises(SomebodyReleased):
        cube_release.enter_cube(prepared, today=clock.today())

    assert () == ledger.cube_tables(sealed.school_year)


def test_a_year_without_a_cube_has_none_to_hand_out(client: Client) -> None:
    assert 404 == client.get("/opendata/2025-26/cube.csv").status_code
    assert 404 == client.get("/opendata/nonsense/cube.csv").status_code
