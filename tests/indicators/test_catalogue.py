"""What the declared indicators count, record by record."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from prevention.indicators.catalogue import (
    CATALOGUE_FILE,
    AnyOf,
    AtLeast,
    BadCatalogue,
    Difference,
    HasAny,
    Is,
    Mean,
    SumWithin,
    asked_items,
    catalogue,
    parse,
)
from prevention.indicators.engine import class_totals
from prevention.indicators.published import Measure
from prevention.surveys.questionnaire import parse as parse_questionnaire
from prevention.surveys.questionnaire import shipped
from prevention.surveys.rules import DECLINED, NOT_ASKED, Answer, Answers, Item, Kind, Questionnaire
from tests.indicators import reference
from tests.indicators.records import record, sealed

CATALOGUE = catalogue()
# The indicators that only a licensed text makes computable.
INSTRUMENTS = {"I18", "I31", "I38", "I39"}


@cache
def core() -> Questionnaire:
    return parse_questionnaire(shipped("core"))


def items_of(questionnaire: Questionnaire) -> dict[str, Item]:
    return {item.code: item for item in questionnaire.items}


def computed(folder: Path, indicator: str, answers: Answers, **values: Any) -> float | None:
    """Give an indicator's value for one record, as the engine computes it."""
    path = sealed(folder, [record(answers, **values)], items=list(items_of(core())))
    totals = class_totals(path, [CATALOGUE.get(indicator)], zero_if=CATALOGUE.zero_if)
    sums = totals.sums[indicator]
    return float(sums.value[0]) if sums.n[0] else None


def test_all_indicators_of_the_method_are_declared() -> None:
    numbers = {one.id[:3] for one in CATALOGUE.indicators}

    assert {f"I{number:02d}" for number in range(1, 47)} == numbers


def test_every_indicator_reads_questions_and_answers_that_exist() -> None:
    items = items_of(core())

    for one in CATALOGUE.indicators:
        assert set(one.items) <= set(items), one.id
        for item, codes in codes_of(one.formula):
            assert set(codes) <= items[item].values, (one.id, item)


def test_what_settles_a_question_is_what_the_questionnaire_skips_it_for() -> None:
    """Every skip in the questionnaire is declared as a "no"; the catalogue adds those of validated instruments only."""
    items = items_of(core())
    skips = {
        item.code: {
            tuple(sorted((parent, tuple(sorted(codes))) for parent, codes in one.items())) for one in item.skipped_if
        }
        for item in items.values()
        if item.skipped_if
    }
    declared = {
        item: {tuple(sorted((parent, tuple(sorted(codes))) for parent, codes in one.items())) for one in conditions}
        for item, conditions in CATALOGUE.zero_if.items()
        if items[item].instrument is None
    }

    used = {item for one in CATALOGUE.indicators for item in asked_items(one.formula)}
    assert {item: skip for item, skip in skips.items() if item in used} == {
        item: one for item, one in declared.items() if item in used
    }


def test_indicators_of_validated_instruments_wait_for_their_texts() -> None:
    loaded = frozenset(item.code for item in core().items if item.is_loaded)

    missing = {one.id for one in CATALOGUE.indicators} - {one.id for one in CATALOGUE.answerable(loaded)}

    assert INSTRUMENTS == missing == {one.id for one in CATALOGUE.indicators if one.instrument}


def test_texts_are_there_in_both_languages() -> None:
    for one in CATALOGUE.indicators:
        assert all(text.get("it") and text.get("en") for text in (one.name, one.definition)), one.id


@pytest.mark.parametrize(
    ("indicator", "answers", "expected"),
    [
        # Never in life is a valid "no" for a shorter window, whether or not it was asked.
        ("I02", {"B1": "0", "B2": NOT_ASKED}, 0),
        ("I02", {"B1": "0"}, 0),
        ("I02", {"B1": "1-2", "B2": "none"}, 0),
        ("I02", {"B1": "1-2", "B2": "<1w"}, 1),
        # A real answer counts, even against what was said before.
        ("I02", {"B1": "0", "B2": "1-5"}, 1),
        ("I02", {"B1": DECLINED, "B2": DECLINED}, None),
        ("I02", {"B1": "1-2"}, None),
        ("I02", {}, None),
        ("I03", {"B1": "40+", "B2": "<1d"}, 0),
        ("I03", {"B1": "40+", "B2": "1-5"}, 1),
        ("I11", {"C1": "3-5", "C2": "0", "C3": NOT_ASKED}, 0),
        ("I12", {"C1": "3-5", "C2": "1-2", "C3": "0", "C4": NOT_ASKED}, 0),
        ("I14", {"C1": "3-5", "C5": "0", "C6": NOT_ASKED}, 0),
        ("I17", {"D1": "3-5", "D2": "1-2", "D3": DECLINED}, None),
        # Any: yes as soon as one is; no when none is and enough were answered.
        ("I07", {"B1": "0", "B3": "never", "B5a": "no", "B5b": "no", "B5c": "yes"}, 1),
        ("I07", {"B1": "0", "B3": "never", "B5a": "no", "B5b": "no", "B5c": "no"}, 0),
        ("I07", {"B1": "0", "B3": "never", "B5a": "no", "B5b": "no"}, 0),
        ("I07", {"B1": "0", "B3": "never", "B5a": "no"}, None),
        ("I07", {"B1": "0", "B5a": "no", "B5b": "no", "B5c": "no"}, None),
        ("I21", {"D1": DECLINED} | {f"E2{part}": "0" for part in "abcdefgh"}, None),
        ("I21", {"D1": "0"} | {f"E2{part}": "0" for part in "abcde"}, 0),
        ("I20", {f"E2{part}": "0" for part in "abcde"}, 0),
        ("I20", {f"E2{part}": "0" for part in "abcd"}, None),
        ("I20", {"E2h": "1-2"}, 1),
        # All: no as soon as one is.
        ("I08", {"B1": "0", "B3": DECLINED}, 0),
        ("I08", {"B1": "1-2", "B2": "<1w", "B3": "dk", "B4": "daily"}, 1),
        # The made-up drug counts for nothing.
        ("I20", {f"E2{part}": "0" for part in "abcdefgh"} | {"E2i": "3+"}, 0),
        ("I21", {"D1": "1-2"}, 1),
        ("I18", {"D1": "0", "D2": NOT_ASKED} | {f"D4{part}": NOT_ASKED for part in "abcdef"}, 0),
        ("I18", {"D1": "3-5", "D2": "1-2"} | {f"D4{part}": "1" for part in "abcdef"}, 0),
        ("I18", {"D1": "3-5", "D2": "1-2"} | {f"D4{part}": "1" for part in "abcde"} | {"D4f": "2"}, 1),
        ("I18", {"D1": "3-5", "D2": DECLINED} | {f"D4{part}": NOT_ASKED for part in "abcdef"}, None),
        ("I24", {"F1": "13"}, 1),
        ("I24", {"F1": "14"}, 0),
        ("I24", {"F1": "never"}, 0),
        ("I30", {"G1": "never", "G2": NOT_ASKED}, 0),
        ("I31", {"G1": "<=1m", "G3a": "no", "G3b": "yes"}, 1),
        ("I31", {"G1": "<=1m", "G3a": "no"}, None),
        # Two of three agree; a missing one matters only where it decides.
        ("I32", {"H1a": "0", "H1b": "0"} | {f"H2{part}": NOT_ASKED for part in "abc"}, 0),
        ("I32", {"H2a": "1", "H2b": "2"}, 1),
        ("I32", {"H2a": "5", "H2b": "5"}, 0),
        ("I32", {"H2a": "1", "H2b": "5"}, None),
        # "Don't know" is an answer, and not the one counted.
        ("I35a", {"K1c": "dk"}, 0),
        ("I35a", {"K1c": "fairly_easy"}, 1),
        ("I36f", {"K2f": "great"}, 1),
        ("I37a", {"L1a": "7", "B1": "0"}, 0.7),
        ("I37a", {"L1a": "7", "B1": "1-2", "B2": "<1w"}, -0.3),
        ("I37a", {"L1a": DECLINED, "B1": "0"}, None),
        ("I38", {f"M1{part}": "3" for part in "abcde"}, 1),
        ("I38", {f"M1{part}": "3" for part in "abcd"} | {"M1e": "0"}, 0),
        ("I39", {f"M1{part}": "1" for part in "abcd"} | {"M1e": "3"}, 1),
        ("I40", {"M2": ["nobody"]}, 0),
        ("I40", {"M2": ["school", "elsewhere"]}, 1),
        ("I40", {"M2": []}, None),
        ("I40", {"M2": DECLINED}, None),
        # Ticking a service that does not exist is no knowledge; its name holds no true one.
        ("I41", {"M3": ["velmara"]}, 0),
        ("I41", {"M3": ["velmara", "drug_line"]}, 1),
        ("I42", {"N1": "often", "N2": "sometimes"}, 0),
        ("I43", {"N3": "1", "N4": "3"}, 1),
        ("I43", {"N3": "2", "N4": "3"}, 0),
        ("I43", {"N3": "2"}, None),
        ("I45", {"N6a": "1", "N6b": "3"}, 4),
        ("I45", {"N6a": "1", "N6b": "3", "N6c": "5"}, 3),
        ("I45", {"N6a": "1"}, None),
        ("I46", {f"P1{part}": "none" for part in "abcdef"}, 0),
    ],
)  # fmt: skip
def test_a_record_counts_as_the_method_says(
    tmp_path: Path, indicator: str, answers: Answers, expected: float | None
) -> None:
    found = computed(tmp_path, indicator, answers)

    assert found == pytest.approx(expected) if expected is not None else found is None


@pytest.mark.parametrize(("level", "expected"), [("primo_grado", None), ("secondo_grado", 0)])
def test_an_indicator_that_is_not_for_a_level_has_no_value_there(
    tmp_path: Path, level: str, expected: int | None
) -> None:
    """The junior form does not ask about the last twelve months; its "never" alone would make a share of zero."""
    assert expected == computed(tmp_path, "I10", {"C1": "0"}, level=level)


def any_answers(rng: Random) -> Answers:
    """Answer each question anyhow: left out, not asked, declined, or any of its answers, whatever the others say."""
    drawn: dict[str, Answer | None] = {}
    for code, item in items_of(core()).items():
        values = sorted(item.values)
        several = rng.sample(values, rng.randint(0, min(3, len(values))))
        said: Answer = several if item.kind is Kind.MULTIPLE else rng.choice(values)
        drawn[code] = rng.choice([None, NOT_ASKED, DECLINED, said, said, said])
    return {code: answer for code, answer in drawn.items() if answer is not None}


# Who answers hardly anything, and who answers nothing but the first things of all: random answers rarely do.
CORNERS: list[Answers] = [{}, {"B1": "0"}, {"C1": "0", "D1": "0", "G1": "never"}]
PEOPLE = 400


@pytest.mark.parametrize("seed", [1, 2])
def test_the_engine_and_the_written_meaning_agree_on_any_answers(tmp_path: Path, seed: int) -> None:
    """Each pupil is a class, so that every one of them is compared, not their sum; one file holds all of them."""
    rng = Random(seed)
    people = [(answers, rng.choice(["primo_grado", "secondo_grado"])) for answers in CORNERS]
    people += [(any_answers(rng), rng.choice(["primo_grado", "secondo_grado"])) for _ in range(PEOPLE)]
    rows = [
        record(answers, level=level, cluster=str(number), site_code=f"S{number:04d}")
        for number, (answers, level) in enumerate(people)
    ]
    path = sealed(tmp_path, rows, items=list(items_of(core())))

    totals = class_totals(path, CATALOGUE.indicators, zero_if=CATALOGUE.zero_if)

    place = [int(totals.classes[index].site_code[1:]) for index in totals.class_index]
    assert sorted(place) == list(range(len(people)))
    for one in CATALOGUE.indicators:
        sums = totals.sums[one.id]
        meant = [
            reference.value(one, people[number][0], level=people[number][1], zero_if=CATALOGUE.zero_if)
            for number in place
        ]
        values = np.array([0.0 if value is None else value for value in meant])
        assert np.array_equal([value is not None for value in meant], sums.n == 1), one.id
        assert np.allclose(values, sums.value, atol=1e-9), one.id
        assert np.allclose(values**2, sums.square, atol=1e-9), one.id


def test_totals_stand_by_class_and_sex(tmp_path: Path) -> None:
    rows = [
        record({"A1": "female", "B1": "1-2"}, cluster="x"),
        record({"A1": "female", "B1": "0"}, cluster="x"),
        record({"A1": DECLINED, "B1": "0"}, cluster="x"),
        record({"A1": "male", "B1": "0"}, cluster="y", grade=3),
    ]
    path = sealed(tmp_path, rows, items=["A1", "B1"])

    totals = class_totals(path, [CATALOGUE.get("I01")], zero_if=CATALOGUE.zero_if)

    cells = {
        (totals.classes[index].grade, int(sex)): (int(n), int(value))
        for index, sex, n, value in zip(
            totals.class_index, totals.sex, totals.sums["I01"].n, totals.sums["I01"].value, strict=True
        )
    }
    assert {(2, 0): (2, 1), (2, 2): (1, 0), (3, 1): (1, 0)} == cells
    assert np.array_equal(np.sort(totals.records), [1, 1, 2])


def test_a_class_without_a_track_has_none(tmp_path: Path) -> None:
    rows = [record({"B1": "0"}, track=None), record({"B1": "0"}, cluster="y")]

    totals = class_totals(sealed(tmp_path, rows, items=["B1"]), [CATALOGUE.get("I01")], zero_if=CATALOGUE.zero_if)

    assert {None, "liceo"} == {facts.track for facts in totals.classes}


BROKEN = {
    "twice": lambda file: file["indicators"].append(file["indicators"][0]),
    "no group": lambda file: file["indicators"][0].update(group="nowhere"),
    "two formulas": lambda file: file["indicators"][0].update(mean={"of": ["N6a"], "scores": "AGREE"}),
    "no condition": lambda file: file["indicators"][0].update(yes={"item": "B1"}),
    "both cut-offs": lambda file: file["indicators"][0].update(
        yes={"sum_of": ["N3"], "scores": "AGREE", "at_least": 1, "at_most": 2}
    ),
    "no item": lambda file: file["indicators"][0].update(yes={"item": 'B1"; --', "is": ["0"]}),
    "no code": lambda file: file["indicators"][0].update(yes={"item": "B1", "is": ["0'"]}),
    "subtracts what comes later": lambda file: file["indicators"].insert(
        0,
        {**file["indicators"][0], "id": "I00", "yes": None, "difference": {"item": "L1a", "out_of": 10, "less": "I02"}},
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_catalogue_that_says_nonsense_is_refused(name: str) -> None:
    file: dict[str, Any] = tomllib.loads(CATALOGUE_FILE.read_text())
    BROKEN[name](file)
    file["indicators"] = [{key: value for key, value in one.items() if value is not None} for one in file["indicators"]]

    with pytest.raises(BadCatalogue):
        parse(file)


def test_an_unknown_indicator_is_not_found() -> None:
    with pytest.raises(KeyError):
        CATALOGUE.get("I99")


def test_means_and_differences_say_their_scale() -> None:
    scales = {one.measure: one.scale for one in CATALOGUE.indicators}

    assert {Measure.PERCENT: (0, 1), Measure.POINTS: (-1, 1), Measure.SCALE: (1, 5)} == scales


def codes_of(formula: object) -> list[tuple[str, tuple[str, ...]]]:
    """List (item, answer codes) that a formula speaks of."""
    match formula:
        case Is(item=item, codes=codes) | HasAny(item=item, codes=codes):
            return [(item, codes)]
        case AnyOf(parts=parts) | AtLeast(parts=parts):
            return [pair for part in parts for pair in codes_of(part)]
        case SumWithin(items=items, scores=scores) | Mean(items=items, scores=scores):
            assert isinstance(scores, Mapping)
            return [(item, tuple(scores)) for item in items]
        case Difference(less=less):
            return codes_of(less)
    raise TypeError(formula)
