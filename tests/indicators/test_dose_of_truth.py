"""Districts whose truth is known, through the very functions that real answers go through.

Made-up pupils, classes that resemble themselves, careless answers, pupils lost on the way and a harm that was put
there: cleaned, written to a sealed file, added up by the engine, estimated, compared. Five hundred districts lie in one
file, a school's code says of which, so that a minute is enough for all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from prevention.indicators import seal
from prevention.indicators.attrition import attrition_bounds
from prevention.indicators.catalogue import catalogue
from prevention.indicators.cleaning import SWITCHES, Rule, clean
from prevention.indicators.domains import ROOT, domain_tree, estimate
from prevention.indicators.effects import Verdict, verdict
from prevention.indicators.engine import ClassTotals, Sums, class_totals, totals_by
from prevention.indicators.engines import Columns
from prevention.indicators.estimates import logit_interval
from prevention.indicators.panels import (
    Outcome,
    comparable,
    compare_all,
    compare_found,
    joined_totals,
    mediators,
)
from prevention.indicators.policy import nearest, outwards
from prevention.indicators.published import Dimension, PublishedCell
from prevention.indicators.trends import difference_of
from prevention.surveys.questionnaire import parse, shipped
from prevention.surveys.rules import Answers, Questionnaire
from prevention.surveys.service import LINK, SurveyRow
from tests.factories.published import shown_cell
from tests.indicators.records import record
from tests.indicators.test_cleaning import truthful

RUNS = 500
CLASSES = 20
ICC = 0.06
HARM = 0.05
LEVELS = ("secondo_grado",)

Shares = NDArray[np.float64]


def leanings(rng: np.random.Generator, share: float, *, icc: float = ICC) -> Shares:
    """Draw the share of each class of each district: rows = districts."""
    spread = (1 - icc) / icc
    return rng.beta(share * spread, (1 - share) * spread, size=(RUNS, CLASSES))


def moved(shares: Shares, by: float) -> Shares:
    """Move every class on the logit scale, so that the mean of each district moves by exactly so much."""
    odds = np.log(shares / (1 - shares))
    wanted, shift = shares.mean(axis=1) + by, np.zeros(RUNS)
    for _ in range(50):
        now = 1 / (1 + np.exp(-(odds + shift[:, None])))
        shift += (wanted - now.mean(axis=1)) / (now * (1 - now)).mean(axis=1)
    return np.asarray(1 / (1 + np.exp(-(odds + shift[:, None]))))


def sealed(path: Path, rows: list[SurveyRow], questionnaire: Questionnaire, items: list[str]) -> Path:
    """Clean records and write what is left, as sealing does."""
    cleaned = clean(rows, questionnaire=questionnaire)
    seal.write_parquet(
        path,
        [one.row for one in cleaned.judged],
        items=items,
        broken=[one.broken for one in cleaned.judged],
        discards=[rule for rule, is_on in SWITCHES.items() if is_on],
    )
    return path


def place(run: int, number: int) -> dict[str, Any]:
    """Give the class: one for each grade of a school."""
    return {
        "cluster": f"{run}-{number}",
        "site_code": f"{run:03d}-{number // 2}",
        "grade": 1 + number % 2,
        "track": ("liceo", "tecnico")[number // 2 % 2],
    }


def held(truths: Shares | float, intervals: list[tuple[float, float] | None]) -> float:
    ends = np.array([(np.nan, np.nan) if one is None else one for one in intervals])
    return float(np.mean((ends[:, 0] <= truths) & (truths <= ends[:, 1])))


# ------------------------------------------------------------------------------------------------- one survey

DRINKS, SHARE_CARELESS = 0.42, 0.04


@pytest.fixture(scope="module")
def survey(tmp_path_factory: pytest.TempPathFactory) -> ClassTotals:
    """Give the totals of one survey: 42 in 100 drank in the last 30 days, and 4 in 100 are careless."""
    rng = np.random.default_rng(20261128)
    said = {
        (sex, drank): truthful(A1=sex, C1="3-5", C2="3-5", C3="1-2" if drank else "0", F3="14")
        for sex in ("female", "male")
        for drank in (True, False)
    }
    # Careless pupils say yes to everything, or that they did not answer honestly.
    careless = [truthful(C1="3-5", C2="3-5", C3="1-2", F3="14", E2i="3+"), truthful(C3="1-2", Q1="no")]
    rows: list[SurveyRow] = []
    shares = leanings(rng, DRINKS)
    sizes = rng.integers(10, 23, size=(RUNS, CLASSES))
    for run in range(RUNS):
        for number in range(CLASSES):
            plain = record(**place(run, number))
            drew = rng.random((sizes[run, number], 3))
            for drinks, sex, care in drew:
                answers = said["female" if sex < 0.5 else "male", bool(drinks < shares[run, number])]
                if care < SHARE_CARELESS:
                    answers = careless[int(care < SHARE_CARELESS / 4)]
                rows.append(replace(plain, answers=answers))
    folder = tmp_path_factory.mktemp("truth")
    path = sealed(folder / "survey.parquet", rows, parse(shipped("core")), ["A1", "C1", "C2", "C3", "E2i"])
    return class_totals(path, [catalogue().get("I11")], zero_if=catalogue().zero_if)


def districts(totals: ClassTotals) -> Iterator[ClassTotals]:
    """Take the districts apart again."""
    runs = np.array([int(facts.site_code[:3]) for facts in totals.classes])
    of_row = runs[totals.class_index]
    for run in range(RUNS):
        rows, classes = np.flatnonzero(of_row == run), np.flatnonzero(runs == run)
        place_of = {int(index): number for number, index in enumerate(classes)}
        yield ClassTotals(
            classes=tuple(totals.classes[index] for index in classes),
            class_index=np.array([place_of[int(index)] for index in totals.class_index[rows]], dtype=np.int64),
            sex=totals.sex[rows],
            records=totals.records[rows],
            sums={
                key: Sums(n=sums.n[rows], value=sums.value[rows], square=sums.square[rows])
                for key, sums in totals.sums.items()
            },
        )


@pytest.mark.parametrize("key", [ROOT, (Dimension.SEX, "female")], ids=["all", "girls"])
def test_ninety_five_of_a_hundred_intervals_hold_the_true_prevalence(
    survey: ClassTotals, key: tuple[Dimension, str]
) -> None:
    intervals = []
    for totals in districts(survey):
        [domain] = [one for one in domain_tree(totals, levels=LEVELS) if one.key == key]
        found = estimate(domain, totals.sums["I11"], totals)
        assert found is not None
        intervals.append(logit_interval(found))

    assert 0.93 <= held(DRINKS, intervals) <= 0.97


def test_careless_answers_are_cleaned_out_and_would_have_moved_the_figure(survey: ClassTotals) -> None:
    sums = survey.sums["I11"]

    assert DRINKS == pytest.approx(float(sums.value.sum() / sums.n.sum()), abs=0.005)
    assert Rule.DUMMY_DRUG in {rule for rule, is_on in SWITCHES.items() if is_on}
    kept = survey.records.sum() / (RUNS * CLASSES * 16)
    assert 1 - SHARE_CARELESS == pytest.approx(kept, abs=0.01)


def test_a_change_between_two_published_figures_holds_the_truth_and_no_less(survey: ClassTotals) -> None:
    """Every second district as the year after the one before it: nothing changed. The figures are rounded ones."""
    cells: list[PublishedCell] = []
    for totals in districts(survey):
        found = estimate(domain_tree(totals, levels=LEVELS)[0], totals.sums["I11"], totals)
        assert found is not None
        low, high = outwards(*(logit_interval(found) or (0.0, 1.0)), 0.01)
        cells.append(shown_cell(share=nearest(found.mean, 0.01), low=low, high=high))
    changes = [difference_of(first, second) for first, second in zip(cells, np.roll(np.array(cells), 1), strict=True)]

    held_by = [one is not None and (one.low or 0.0) <= 0 <= (one.high or 0.0) for one in changes]
    assert 0.93 <= np.mean(held_by) <= 0.99


# ------------------------------------------------------------------------------------------- before and after

# (indicator, its question, answers for yes and no, share before, change): the first is a harm, the second nothing.
MEDIATORS = (
    ("M01", "W1", ("surely_not", "unsure"), 0.70, -0.13),
    ("M02", "N6a", ("1", "4"), 0.60, 0.0),
    ("I36b", "K2b", ("great", "slight"), 0.45, 0.1),
)
LOST = 0.15


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Totals of 500 pairs of surveys: all who answered, and those found again."""

    first: Columns
    second: Columns
    joined: Columns
    split: Columns
    came: Columns


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Give pupils who answer twice, half of them as before; who cannot say no is lost three times as often."""
    rng = np.random.default_rng(2)
    before = [leanings(rng, share) for _id, _item, _codes, share, _change in MEDIATORS]
    after = [moved(shares, change) for shares, (*_others, change) in zip(before, MEDIATORS, strict=True)]
    sizes = rng.integers(12, 24, size=(RUNS, CLASSES))
    sides: tuple[list[SurveyRow], list[SurveyRow]] = ([], [])
    mark = 0
    for run in range(RUNS):
        for number in range(CLASSES):
            plain = record(**place(run, number))
            drew = rng.random((sizes[run, number], 2, 3))
            drew[:, 1] = np.where(rng.random((sizes[run, number], 3)) < 0.5, drew[:, 0], drew[:, 1])
            fates = rng.random((sizes[run, number], 2))
            for (first, second), (lost, linked) in zip(drew, fates, strict=True):
                can_say_no = first[1] < before[1][run, number]
                stays = lost >= LOST * (2 / 3 if can_say_no else 2)
                link = f"{mark}" if stays and linked < 0.85 else None
                mark += 1
                sides[0].append(replace(plain, answers=_said(first, [one[run, number] for one in before], link)))
                if stays:
                    sides[1].append(replace(plain, answers=_said(second, [one[run, number] for one in after], link)))
    folder = tmp_path_factory.mktemp("pair")
    items = ["W1", "N6a", "K2b", LINK]
    paths = [
        sealed(folder / f"{name}.parquet", rows, parse(shipped(f"workshop-{name}")), items)
        for name, rows in zip(("before", "after"), sides, strict=True)
    ]
    keys = ("cluster", "site_code", "level", "grade")
    first, second = (totals_by(keys, path, indicators(), zero_if=catalogue().zero_if) for path in paths)
    joined, split, came = joined_totals(paths[0], paths[1], indicators())
    return Pair(first=first, second=second, joined=joined, split=split, came=came)


def indicators() -> list[Any]:
    known = {one.id: one for one in (*mediators(), *catalogue().indicators)}
    return [known[one[0]] for one in MEDIATORS]


def _said(drew: Shares, shares: list[float], link: str | None) -> Answers:
    answers: Answers = {"T0": "yes"} if link is None else {"T0": "yes", LINK: link}
    for value, share, (_id, item, codes, _share, _change) in zip(drew, shares, MEDIATORS, strict=True):
        answers[item] = codes[int(value >= share)]
    return answers


def of_run(columns: Columns, run: int, runs: NDArray[np.int64]) -> Columns:
    return {name: values[runs == run] for name, values in columns.items()}


def outcomes(pair: Pair, *, found: bool) -> list[tuple[Outcome, ...]]:
    """Compare each district's before with its after."""
    tables = (pair.joined, pair.split, pair.came) if found else (pair.first, pair.second)
    runs = [np.array([int(code[:3]) for code in table["site_code"]], dtype=np.int64) for table in tables]
    compare: Any = compare_found if found else compare_all
    return [
        compare(*(of_run(table, run, of) for table, of in zip(tables, runs, strict=True)), indicators())
        for run in range(RUNS)
    ]


@pytest.fixture(scope="module")
def all_outcomes(pair: Pair) -> list[tuple[Outcome, ...]]:
    return outcomes(pair, found=False)


@pytest.fixture(scope="module")
def found_outcomes(pair: Pair) -> list[tuple[Outcome, ...]]:
    return outcomes(pair, found=True)


def changes(found: list[tuple[Outcome, ...]], number: int) -> list[tuple[float, float] | None]:
    ends = []
    for one in found:
        comparison = one[number].comparison
        assert comparison is not None
        change = comparison.difference
        ends.append(None if change.low is None or change.high is None else (change.low, change.high))
    return ends


def verdicts(found: list[tuple[Outcome, ...]], number: int) -> list[Verdict]:
    given = []
    for one in found:
        comparison = one[number].comparison
        assert comparison is not None
        given.append(verdict(comparison.difference, lower_is_better=False, harm=HARM))
    return given


@pytest.mark.parametrize("number", [0, 2], ids=["harm", "gain"])
def test_ninety_five_of_a_hundred_intervals_hold_the_true_change(
    all_outcomes: list[tuple[Outcome, ...]], number: int
) -> None:
    assert 0.93 <= held(MEDIATORS[number][4], changes(all_outcomes, number)) <= 0.97


@pytest.mark.parametrize("number", [0, 2], ids=["harm", "gain"])
def test_so_do_the_intervals_of_those_found_again(found_outcomes: list[tuple[Outcome, ...]], number: int) -> None:
    assert 0.93 <= held(MEDIATORS[number][4], changes(found_outcomes, number)) <= 0.97


def test_the_harm_that_was_put_there_is_flagged_and_hardly_ever_one_that_was_not(
    all_outcomes: list[tuple[Outcome, ...]], found_outcomes: list[tuple[Outcome, ...]]
) -> None:
    for found in (all_outcomes, found_outcomes):
        assert np.mean([one is Verdict.WORSE for one in verdicts(found, 0)]) >= 0.9
        assert np.mean([one is Verdict.WORSE for one in verdicts(found, 2)]) <= 0.005
        assert np.mean([one is Verdict.BETTER for one in verdicts(found, 2)]) >= 0.7


def test_a_loss_that_chooses_is_seen_and_one_that_does_not_is_not(
    found_outcomes: list[tuple[Outcome, ...]],
) -> None:
    """Who cannot say no is lost more often: those found again could say no more often before, and nothing else."""

    def flagged(number: int) -> float:
        losses = [one[number].lost for one in found_outcomes]
        return float(np.mean([loss is not None and (loss.difference.low or 0) > 0 for loss in losses]))

    assert flagged(1) >= 0.8
    assert flagged(0) <= 0.05


@pytest.mark.parametrize("number", [0, 1, 2], ids=["harm", "chosen loss", "gain"])
def test_the_change_of_all_lies_within_the_bounds_whoever_is_lost(
    found_outcomes: list[tuple[Outcome, ...]], number: int
) -> None:
    """Also where the loss chooses, which no interval of those found again allows for."""
    ends: list[tuple[float, float] | None] = []
    for one in found_outcomes:
        outcome = one[number]
        assert outcome.before is not None
        bounds = attrition_bounds(
            before=outcome.before, found_before=outcome.first, found_after=outcome.second, scale=(0.0, 1.0)
        )
        assert bounds is not None
        assert bounds.margins is not None
        ends.append((bounds.low - bounds.margins[0], bounds.high + bounds.margins[1]))

    assert held(MEDIATORS[number][4], ends) >= 0.99


def test_the_short_forms_ask_what_the_indicators_of_a_pair_need() -> None:
    words = {item.code: "x" for item in parse(shipped("workshop-before")).items}

    assert {"M01", "M02", "M03", "I36b", "I36c", "I41"} == {one.id for one in comparable(words, words)}
    assert "I36b" not in {one.id for one in comparable(words, words | {"K2b": "y"})}
