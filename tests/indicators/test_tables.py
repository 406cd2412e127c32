"""From a sealed file to tables that may be printed: figures, groups, rounding, words."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from prevention.core.i18n import Localised
from prevention.indicators.catalogue import catalogue
from prevention.indicators.domains import domain_tree, estimate
from prevention.indicators.engine import ClassFacts
from prevention.indicators.manifest import sealed_items, wordings
from prevention.indicators.policy import bottom_code, nearest, nearest_count, outwards, policy, revealed
from prevention.indicators.published import Audience, Dimension, Measure, PublishedTable, Reason
from prevention.indicators.tables import Source, build_tables
from prevention.surveys.questionnaire import parse, shipped
from prevention.surveys.rules import DECLINED, Answers, Questionnaire
from prevention.surveys.service import SurveyRow
from prevention.surveys.simulation import class_effect, simulate_answers
from tests.indicators.districts import MadeUpClass, totals_of
from tests.indicators.records import record, sealed

Place = dict[str, object]
LICEO: Place = {"site_code": "CRPS000001", "track": "liceo"}
LICEO_2: Place = {"site_code": "CRPS000002", "track": "liceo"}
TECNICO: Place = {"site_code": "CRTF000001", "track": "tecnico"}
TECNICO_2: Place = {"site_code": "CRTF000002", "track": "tecnico"}
JUNIOR: Place = {"site_code": "CRMM000001", "track": None, "level": "primo_grado"}
JUNIOR_2: Place = {"site_code": "CRMM000002", "track": None, "level": "primo_grado"}


@cache
def core() -> Questionnaire:
    return parse(shipped("core"))


def built(folder: Path, rows: Iterable[SurveyRow]) -> dict[tuple[str, Dimension], PublishedTable]:
    path = sealed(folder, list(rows), items=sealed_items(core()))
    source = Source(
        wave_id=uuid.uuid4(),
        wave_name="Autumn",
        school_year=2026,
        sealed_on=date(2026, 11, 23),
        wordings=wordings(core()),
        places={"CRPS000001": "Liceo Aselli"},
    )
    tables = build_tables(path, source, catalogue=catalogue(), policy=policy())
    return {(table.indicator_id, table.dimension): table for table in tables}


def classes(*places: Sequence[Any], answers: Answers | None = None) -> Iterable[SurveyRow]:
    """Make classes from (school, grade, pupils, of them smokers); every second pupil is a girl."""
    for number, (place, grade, pupils, smokers) in enumerate(places):
        for pupil in range(pupils):
            smokes: Answers = {"B1": "3-5", "B2": "<1w"} if pupil < smokers else {"B1": "0"}
            sex: Answers = {"A1": "female" if pupil % 2 else "male"}
            yield record(sex | smokes | (answers or {}), cluster=str(number), grade=grade, **place)


def test_the_figures_are_those_put_in(tmp_path: Path) -> None:
    table = built(tmp_path, classes((LICEO, 1, 25, 5), (LICEO_2, 2, 25, 10)))["I02", Dimension.ALL]

    [cell] = table.cells
    assert (50, 0.30, True, None) == (cell.n_valid, cell.share, cell.shown, cell.reason)
    assert cell.low is not None
    assert cell.high is not None
    assert cell.low < 0.30 < cell.high
    assert (2, 2, 0.0) == (table.classes, table.schools, table.missing)


def test_few_classes_unlike_in_size_count_for_fewer_than_they_are() -> None:
    facts = ClassFacts(site_code="S1", level="secondo_grado", track=None, grade=1)

    def df_of(*pupils: int) -> float:
        made = [
            MadeUpClass(facts=facts, records=(n, 0, 0), valid={"asked": (n, 0, 0)}, yes={"asked": (n // 3, 0, 0)})
            for n in pupils
        ]
        totals = totals_of(made)
        whole = domain_tree(totals, levels=("secondo_grado",))[0]
        found = estimate(whole, totals.sums["asked"], totals)
        assert found is not None
        return found.df

    assert df_of(20, 20, 20, 20, 20, 20) == pytest.approx(5)
    assert df_of(100, 10, 10, 10, 10, 10) < 3
    assert df_of(*[100, 10, 10, 10] * 10) == 39


def test_one_class_alone_publishes_nothing(tmp_path: Path) -> None:
    tables = built(tmp_path, classes((LICEO, 1, 25, 5)))

    cells = [cell for table in tables.values() for cell in table.cells]
    assert cells
    assert not [cell for cell in cells if cell.shown]
    assert not [
        number for cell in cells for number in (cell.n_valid, cell.share, cell.low, cell.high, cell.text) if number
    ]


def test_missing_answers_are_counted_and_left_out(tmp_path: Path) -> None:
    silent = [record({"A1": "male", "B1": DECLINED}, cluster="0", **LICEO) for _ in range(10)]

    table = built(tmp_path, [*classes((LICEO, 1, 20, 6), (LICEO_2, 2, 20, 6)), *silent])["I01", Dimension.ALL]

    assert (40, 0.3, 0.2) == (table.cells[0].n_valid, table.cells[0].share, table.missing)


def test_a_sex_that_few_told_is_not_shown_and_cannot_be_left_over(tmp_path: Path) -> None:
    tables = built(tmp_path, classes((LICEO, 1, 44, 15), (LICEO_2, 2, 44, 20)))

    cells = {cell.domain: cell for cell in tables["I02", Dimension.SEX].cells}
    assert (False, Reason.FEW_ANSWERS) == (cells["other"].shown, cells["other"].reason)
    assert [True, True] == [cells[sex].n_is_rounded for sex in ("female", "male") if cells[sex].shown]
    assert (40, 40) == (cells["female"].n_valid, cells["male"].n_valid)


def test_grades_stand_under_their_level(tmp_path: Path) -> None:
    places = [
        (JUNIOR, 1),
        (JUNIOR_2, 1),
        (JUNIOR, 2),
        (JUNIOR_2, 2),
        (LICEO, 1),
        (LICEO_2, 1),
        (LICEO, 2),
        (LICEO_2, 2),
    ]

    tables = built(tmp_path, classes(*((place, grade, 25, 10) for place, grade in places)))

    grades = {cell.domain: cell.label["it"] for cell in tables["I01", Dimension.GRADE].cells}
    assert "Classi prime, secondaria di I grado" == grades["primo_grado-1"]
    assert "Classi seconde, secondaria di II grado" == grades["secondo_grado-2"]
    assert ["primo_grado", "secondo_grado"] == [cell.domain for cell in tables["I01", Dimension.LEVEL].cells]
    # Daily smoking is not asked of juniors' figures: its total is the upper secondary alone.
    assert ("I03", Dimension.LEVEL) not in tables
    assert "Tutti, secondaria di II grado" == tables["I03", Dimension.ALL].cells[0].label["it"]


def test_the_only_school_of_its_track_is_not_shown_to_the_public(tmp_path: Path) -> None:
    places = [(LICEO, 1), (LICEO, 2), (LICEO_2, 1), (LICEO_2, 2), (TECNICO, 1), (TECNICO, 2)]

    tables = built(tmp_path, classes(*((place, grade, 25, 10) for place, grade in places)))

    tracks = {cell.domain: cell.reason for cell in tables["I01", Dimension.TRACK].cells}
    assert Reason.ONE_SCHOOL is tracks["tecnico"]


def test_schools_have_a_table_for_their_own_audience_and_their_name(tmp_path: Path) -> None:
    places = [
        (LICEO, 1),
        (LICEO, 2),
        (LICEO_2, 1),
        (LICEO_2, 2),
        (TECNICO, 1),
        (TECNICO, 2),
        (TECNICO_2, 1),
        (TECNICO_2, 2),
    ]

    table = built(tmp_path, classes(*((place, grade, 25, 10) for place, grade in places)))["I01", Dimension.SCHOOL]

    assert Audience.SCHOOL is table.audience
    assert ["Liceo Aselli", "CRPS000002", "CRTF000001", "CRTF000002"] == [cell.label["it"] for cell in table.cells]
    assert [50, 50, 50, 50] == [cell.n_valid for cell in table.cells]


def test_almost_nobody_is_said_in_words_that_are_true_of_nobody_too(tmp_path: Path) -> None:
    few = built(tmp_path, classes((LICEO, 1, 60, 2), (LICEO_2, 2, 60, 2)))["I02", Dimension.ALL].cells[0]
    none = built(tmp_path, classes((LICEO, 1, 60, 0), (LICEO_2, 2, 60, 0)))["I02", Dimension.ALL].cells[0]
    all_ = built(tmp_path, classes((LICEO, 1, 15, 15), (LICEO_2, 2, 15, 14)))["I02", Dimension.ALL].cells[0]

    assert few == none
    assert ("<5", None, None, None, Reason.SMALL_NUMBER) == (few.text, few.share, few.low, few.high, few.reason)
    # Five of thirty are 17 %, and numbers of small groups are multiples of five.
    assert ">80" == all_.text


def test_a_mean_score_and_a_difference_stand_on_their_own_scales(tmp_path: Path) -> None:
    answers: Answers = {"N6a": "1", "N6b": "2", "N6c": "3", "L1a": "6"}

    tables = built(tmp_path, classes((LICEO, 1, 30, 6), (LICEO_2, 2, 30, 12), answers=answers))

    refusal, overestimate = tables["I45", Dimension.ALL], tables["I37a", Dimension.ALL]
    assert (Measure.SCALE, (1.0, 5.0), 4.0) == (refusal.measure, refusal.scale, refusal.cells[0].share)
    # Six of ten are thought to smoke, three of ten do.
    assert (Measure.POINTS, 0.3) == (overestimate.measure, overestimate.cells[0].share)


def test_a_changed_question_has_another_wording_and_only_where_it_is_read(tmp_path: Path) -> None:
    definition = shipped("core")
    for item in definition["items"]:
        if item["code"] == "B1":
            item["text"] = {**item["text"], "en": "Have you smoked?"}
    changed, before = wordings(parse(definition)), wordings(core())

    assert {"B1"} == {item for item in before if before[item] != changed[item]}


def test_validated_instruments_without_text_have_no_column_and_no_table(tmp_path: Path) -> None:
    tables = built(tmp_path, classes((LICEO, 1, 25, 5), (LICEO_2, 2, 25, 10)))

    assert not {"I18", "I31", "I38", "I39"} & {indicator for indicator, _dimension in tables}
    assert not {"D4a", "G3a", "M1a"} & set(sealed_items(core()))


def test_a_whole_made_up_wave_gives_every_table_without_a_gap(tmp_path: Path) -> None:
    rng = Random(5)
    rows = [
        record(
            simulate_answers(core(), rng, grade=grade, class_effect=effect),
            cluster=f"{site}-{grade}",
            grade=grade,
            **place,
        )
        for site, place in enumerate((LICEO, LICEO_2, TECNICO, TECNICO_2))
        for grade in range(1, 6)
        for effect in (class_effect(rng),)
        for _ in range(22)
    ]

    tables = built(tmp_path, rows)

    totals = [table for (_, dimension), table in tables.items() if dimension is Dimension.ALL]
    assert 50 == len(totals)
    assert all(table.cells[0].shown for table in totals)
    assert all(
        cell.low is not None
        and cell.share is not None
        and cell.high is not None
        and cell.low <= cell.share <= cell.high
        for table in totals
        for cell in table.cells
        if cell.text is None
    )


@pytest.mark.parametrize(
    ("value", "step", "expected"), [(0.125, 0.01, 0.13), (0.124, 0.01, 0.12), (0.175, 0.05, 0.2), (0.0, 0.01, 0.0)]
)
def test_halves_are_rounded_up(value: float, step: float, expected: float) -> None:
    assert pytest.approx(expected) == nearest(value, step)


def test_an_interval_is_rounded_outwards_and_stays_a_share() -> None:
    assert (pytest.approx(0.14), pytest.approx(0.23)) == outwards(0.149, 0.221, 0.01)
    assert (pytest.approx(0.14), pytest.approx(0.22)) == outwards(0.14, 0.22, 0.01)
    assert (0.0, 1.0) == outwards(0.001, 0.999, 0.05)


@pytest.mark.parametrize(("count", "expected"), [(4, 0), (5, 10), (14, 10), (15, 20), (20, 20)])
def test_counts_are_rounded_to_the_nearest_ten(count: int, expected: int) -> None:
    assert expected == nearest_count(count, 10)


@pytest.mark.parametrize(
    ("n", "step", "expected"),
    [(10, 0.05, 0.5), (30, 0.05, 0.2), (60, 0.01, 0.09), (100, 0.01, 0.05), (5000, 0.01, 0.05)],
)
def test_the_bottom_code_is_true_of_four_and_never_below_five_percent(n: int, step: float, expected: float) -> None:
    assert pytest.approx(expected) == bottom_code(n, step, policy())
    assert 4 / n < bottom_code(n, step, policy())


def test_what_is_read_off_a_rounded_share_holds_the_truth() -> None:
    for n in (20, 73, 400, 2500):
        for yes in range(5, n - 4, 3):
            low, high = revealed(n=n, total=yes, interval=None, step=0.01, is_logit=True)
            alike = [one for one in range(n + 1) if nearest(one / n, 0.01) == nearest(yes / n, 0.01)]
            assert low <= yes <= high
            # The upper end is one too many at most, where a half is rounded up.
            assert (alike[0], True) == (low, alike[-1] in (high, high - 1))


def test_an_interval_can_say_more_than_the_share_it_stands_around() -> None:
    by_share = revealed(n=10_000, total=1204, interval=None, step=0.01, is_logit=True)
    by_both = revealed(n=10_000, total=1204, interval=(0.1101, 0.1314), step=0.01, is_logit=True)

    assert by_share[0] <= by_both[0] <= 1204 <= by_both[1] <= by_share[1]
    assert by_both[1] - by_both[0] < by_share[1] - by_share[0]


def test_words_for_groups_are_there_in_both_languages(tmp_path: Path) -> None:
    places = [
        (JUNIOR, 1),
        (JUNIOR_2, 2),
        (LICEO, 1),
        (LICEO_2, 2),
        (TECNICO, 3),
        ({"site_code": "CRXX000001", "track": None}, 4),
    ]

    tables = built(tmp_path, classes(*((place, grade, 25, 10) for place, grade in places)))

    labels: list[Localised] = [cell.label for table in tables.values() for cell in table.cells]
    assert all(label.get("it") and label.get("en") for label in labels)
