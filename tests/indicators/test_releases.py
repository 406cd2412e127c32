"""One release after another: the later give nothing away of the earlier, nor the other way round."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prevention.indicators.catalogue import Indicator, catalogue
from prevention.indicators.domains import Key, domain_tree
from prevention.indicators.engine import ClassFacts, ClassTotals
from prevention.indicators.memory import Memory, Release
from prevention.indicators.policy import policy
from prevention.indicators.populations import Population, Selection
from prevention.indicators.published import Audience, Dimension, PublishedTable, Reason
from prevention.indicators.rules import TableRefused, WhyRefused
from prevention.indicators.tables import Source, tables_beside
from prevention.indicators.wishes import Wish, weighed_table
from tests.indicators.attacker import Attack, as_wide_as
from tests.indicators.districts import MadeUpClass, made_up_classes, totals_of

# Alcohol in life, in the past month.
ASKED = ("I09", "I11")
INDICATORS = [catalogue().get(asked) for asked in ASKED]
SOURCE = Source(
    wave_id=uuid.uuid4(), wave_name="Autumn", school_year=2026, sealed_on=date(2026, 11, 23), wordings={}, places={}
)
TRACKS = ("liceo", "tecnico", "professionale")


def a_class(school: int, grade: int, *, pupils: int = 20, yes: int = 8) -> MadeUpClass:
    """Make a class of so many pupils, half of them girls; so many drank in life, half of those this month."""
    girls, boys = pupils // 2, pupils - pupils // 2
    drank, now = (yes // 2, yes - yes // 2, 0), (yes // 4, yes // 2 - yes // 4, 0)
    facts = ClassFacts(
        site_code=f"CRPS{school:06d}",
        level="secondo_grado",
        grade=grade,
        track=TRACKS[school % 2],
        municipality="019036",
    )
    return MadeUpClass(
        facts=facts,
        records=(girls, boys, 0),
        valid=dict.fromkeys(ASKED, (girls, boys, 0)),
        yes={"I09": drank, "I11": now},
    )


def usual(totals: ClassTotals, new: Population, releases: Sequence[Release] = ()) -> Release:
    """Make the usual tables of a population beside what is out."""
    memory = Memory(totals, new=new, releases=releases, policy=policy())
    return Release(population=new, tables=tables_beside(memory, INDICATORS, catalogue(), source=SOURCE))


def wished(
    totals: ClassTotals, selection: Selection, releases: Sequence[Release], *, asked: str = "I09",
    dimension: Dimension = Dimension.ALL,
) -> Release:  # fmt: skip
    """Make a table that somebody wishes for; raises when it is refused."""
    population = replace(releases[0].population, selection=selection)
    memory = Memory(totals, new=population, releases=releases, policy=policy(), is_strict=True)
    wish = Wish(indicator_id=asked, dimension=dimension, selection=selection)
    return Release(population=population, tables=(weighed_table(wish, INDICATORS, memory, source=SOURCE),))


def cell_of(release: Release, asked: str, key: Key) -> bool:
    """Say whether a group is shown."""
    [table] = [one for one in release.tables if (one.indicator_id, one.dimension) == (asked, key[0])]
    found = table.cell(key[1])
    assert found is not None
    return found.shown


def district() -> ClassTotals:
    """Six schools of two tracks with three grades; the fourth grade is one class of one school."""
    return totals_of([*(a_class(school, grade) for school in range(6) for grade in (1, 2, 3)), a_class(0, 4)])


def test_two_reports_that_differ_by_one_class_are_not_both_published() -> None:
    """The seeded pair: all pupils, and all but the only class of the fourth grade."""
    totals = district()
    all_pupils = usual(totals, Population())
    but_one_class = Selection(grades=("secondo_grado-1", "secondo_grado-2", "secondo_grado-3"))

    with pytest.raises(TableRefused) as refusal:
        wished(totals, but_one_class, [all_pupils])

    assert WhyRefused.DIFFERS_TOO_LITTLE is refusal.value.why
    assert ("I09", Dimension.ALL) in {(table.indicator_id, table.dimension) for table in refusal.value.earlier}


def test_the_pair_is_refused_in_the_other_order_too() -> None:
    totals = district()
    usual_tables = usual(totals, Population(withdrawn=(("CRPS000000", 4),)))

    memory = Memory(totals, new=Population(), releases=[usual_tables], policy=policy(), is_strict=True)
    wish = Wish(indicator_id="I09", dimension=Dimension.ALL, selection=Selection())

    with pytest.raises(TableRefused) as refusal:
        weighed_table(wish, INDICATORS, memory, source=SOURCE)

    assert WhyRefused.DIFFERS_TOO_LITTLE is refusal.value.why


def test_the_pair_is_refused_however_large_the_district_and_coarse_the_rounding() -> None:
    totals = totals_of([*(a_class(school, grade) for school in range(60) for grade in (1, 2, 3)), a_class(0, 4)])

    with pytest.raises(TableRefused):
        wished(
            totals,
            Selection(grades=("secondo_grado-1", "secondo_grado-2", "secondo_grado-3")),
            [usual(totals, Population())],
        )


def test_a_part_that_differs_by_enough_pupils_is_published() -> None:
    totals = district()

    release = wished(
        totals,
        Selection(tracks=("liceo",), grades=("secondo_grado-1", "secondo_grado-2")),
        [usual(totals, Population())],
    )

    assert cell_of(release, "I09", (Dimension.ALL, "all"))


def test_one_school_is_not_published_by_asking_for_the_place_where_it_stands_alone() -> None:
    classes = [a_class(school, grade) for school in range(6) for grade in (1, 2, 3)]
    alone = replace(classes[0].facts, municipality="019035", site_code="CRPS000099")
    totals = totals_of(
        [*classes, *(replace(classes[grade], facts=replace(alone, grade=grade + 1)) for grade in range(3))]
    )

    with pytest.raises(TableRefused) as refusal:
        wished(totals, Selection(municipalities=("019035",)), [usual(totals, Population())])

    assert refusal.value.why in (WhyRefused.NOTHING_TO_SHOW, WhyRefused.DIFFERS_TOO_LITTLE)


def test_a_wish_that_nobody_is_in_is_refused() -> None:
    totals = district()

    with pytest.raises(TableRefused) as refusal:
        wished(totals, Selection(tracks=("professionale",)), [usual(totals, Population())])

    assert WhyRefused.NOBODY is refusal.value.why


def test_after_a_class_withdrew_the_new_tables_do_not_give_it_away() -> None:
    """Twice the same tables, once without the only fourth class: their difference is that class."""
    totals = totals_of([*(a_class(school, grade) for school in range(2) for grade in (1, 2)), a_class(0, 4, yes=19)])
    first = usual(totals, Population())

    second = usual(totals, Population(withdrawn=(("CRPS000000", 4),)), [first])

    attack, atoms = attack_on(totals, [first, second], is_public=False)
    withdrawn = atoms(Population(selection=Selection(grades=("secondo_grado-4",))))[Dimension.ALL, "all"]
    low, high = attack.feasible(0, withdrawn)
    assert high - low >= 4


Places = Callable[[Population], dict[Key, tuple[int, ...]]]


def attack_on(totals: ClassTotals, releases: Sequence[Release], *, is_public: bool) -> tuple[Attack, Places]:
    """Let the attacker read releases; give it, and the atoms of each group of a population."""
    row_atoms = np.arange(len(totals.sex))

    def atoms_of(population: Population) -> dict[Key, tuple[int, ...]]:
        inside = np.array([population.holds(totals.classes[index], "") for index in totals.class_index], dtype=bool)
        tree = domain_tree(totals, levels=("primo_grado", "secondo_grado"), inside=inside, atoms=row_atoms)
        return {one.key: one.atoms for one in tree}

    asked = [one for one in ASKED if one in totals.sums]
    sizes = [totals.sums[one].n.tolist() for one in asked]
    attack = Attack(sizes=sizes)
    if len(asked) == 2:
        outer, inner = (totals.sums[one] for one in asked)
        attack.implies = [(1, 0, np.maximum(totals.records - outer.n, inner.value - outer.value).clip(0).tolist())]
    for release in releases:
        atoms = atoms_of(release.population)
        for table in release.tables:
            if is_public and table.audience is Audience.SCHOOL:
                continue
            for cell in table.cells:
                attack.read_cell(asked.index(table.indicator_id), cell, atoms[table.dimension, cell.domain])
    return attack, atoms_of


@st.composite
def histories(draw: st.DrawFn) -> tuple[ClassTotals, list[Release], list[Population]]:
    """Draw a district and what comes out of it, one after another: the usual tables, corrections, wishes."""
    classes = draw(made_up_classes(schools_max=4, asked=ASKED))
    classes = [replace(one, facts=replace(one.facts, level="secondo_grado")) for one in classes]
    totals = totals_of(classes)
    population = Population()
    releases = [usual_of(totals, population, [])]
    wanted = [population]
    for _ in range(draw(st.integers(1, 3))):
        facts = draw(st.sampled_from(totals.classes))
        if draw(st.booleans()):
            grade = draw(st.sampled_from([None, facts.grade]))
            population = replace(population, withdrawn=(*population.withdrawn, (facts.site_code, grade)))
            releases.append(usual_of(totals, population, releases))
            wanted.append(population)
        else:
            grades = draw(
                st.sets(st.sampled_from(["secondo_grado-1", "secondo_grado-2", "secondo_grado-3"]), min_size=1)
            )
            selection = Selection.of({"grades": grades})
            memory = Memory(
                totals,
                new=replace(population, selection=selection),
                releases=releases,
                policy=policy(),
                is_strict=True,
            )
            asked = draw(st.sampled_from(list(totals.sums)))
            wish = Wish(
                indicator_id=asked,
                dimension=draw(st.sampled_from([Dimension.ALL, Dimension.SEX, Dimension.TRACK])),
                selection=selection,
            )
            try:
                table = weighed_table(wish, indicators_of(totals), memory, source=SOURCE)
            except TableRefused:
                continue
            releases.append(Release(population=replace(population, selection=selection), tables=(table,)))
    return totals, releases, wanted


def indicators_of(totals: ClassTotals) -> list[Indicator]:
    return [one for one in INDICATORS if one.id in totals.sums]


def usual_of(totals: ClassTotals, population: Population, releases: Sequence[Release]) -> Release:
    memory = Memory(totals, new=population, releases=releases, policy=policy())
    return Release(
        population=population, tables=tables_beside(memory, indicators_of(totals), catalogue(), source=SOURCE)
    )


def hidden_cells(releases: Sequence[Release], *, is_public: bool) -> Iterator[tuple[Release, PublishedTable, str]]:
    """Give what was hidden because the group itself must not be shown."""
    own = {Reason.FEW_ANSWERS, Reason.ONE_CLASS, Reason.SMALL_NUMBER} | ({Reason.ONE_SCHOOL} if is_public else set())
    for release in releases:
        for table in release.tables:
            if is_public and table.audience is Audience.SCHOOL:
                continue
            for cell in table.cells:
                if cell.reason in own:
                    yield release, table, cell.domain


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=histories())
def test_no_sequence_of_releases_gives_a_hidden_number_away(
    history: tuple[ClassTotals, list[Release], list[Population]],
) -> None:
    """Usual tables, corrections, wishes, in any order; the attacker holds all of them."""
    totals, releases, _wanted = history

    for is_public in (True, False):
        attack, atoms_of = attack_on(totals, releases, is_public=is_public)
        asked = list(totals.sums)
        for release, table, domain in hidden_cells(releases, is_public=is_public):
            atoms = atoms_of(release.population)[table.dimension, domain]
            place = asked.index(table.indicator_id)
            n = float(totals.sums[table.indicator_id].n[list(atoms)].sum())
            if not attack.cannot_narrow(place, atoms, partial(as_wide_as, min(4, n))):
                # Part of it was told before it had to be hidden, as a group of its own: nothing since may tell more.
                earlier, _atoms_of = attack_on(totals, releases[: releases.index(release)], is_public=is_public)
                known = earlier.feasible(place, atoms)
                assert pytest.approx(known, abs=1e-4) == attack.feasible(place, atoms), (table.dimension, domain, n)
