"""Which records are kept, rule by rule."""

from functools import cache
from random import Random

import pytest

from prevention.indicators.cleaning import (
    CORE,
    FIRST_TIMES,
    GAMBLED,
    GRIDS,
    ILLICIT,
    NAMES,
    NOT_MORE_THAN,
    OCCASIONS,
    SWITCHES,
    WHY_NOT_MEASURED,
    Cleaned,
    Rule,
    clean,
    contradictions,
    switches_with,
)
from prevention.surveys.questionnaire import parse, shipped
from prevention.surveys.rules import DECLINED, NOT_ASKED, Answers, Form, Questionnaire
from prevention.surveys.simulation import simulate_answers
from tests.indicators.records import record

CONTRADICTING: Answers = {"F1": "never", "B1": "3-5", "F3": "never", "C1": "1-2", "C2": "40+"}


@cache
def core() -> Questionnaire:
    return parse(shipped("core"))


def truthful(**changes: str | list[str]) -> Answers:
    """Answers that break no rule: a pupil who never did anything, with some changed."""
    answers: Answers = {}
    answers |= dict.fromkeys(CORE, "0")
    never: Answers = {"B2": NOT_ASKED, "B3": "never", "B4": NOT_ASKED, "C2": NOT_ASKED, "C3": NOT_ASKED}
    never |= dict.fromkeys(("C4", "C5", "C6", "D2", "D3"), NOT_ASKED) | dict.fromkeys(("F1", "F2", "F3", "F4"), "never")
    return answers | never | {"T0": "yes", "A1": "female", "A2": "2010", "E2i": "0", "Q1": "fully"} | changes


def cleaned(answers: Answers, *, level: str = "secondo_grado") -> Cleaned:
    return clean([record(answers, level=level)], questionnaire=core())


def found(answers: Answers, *, level: str = "secondo_grado") -> set[Rule]:
    return {count.rule for count in cleaned(answers, level=level).counts if count.found}


def without(answers: Answers, *items: str) -> Answers:
    return {item: answer for item, answer in answers.items() if item not in items}


@pytest.mark.parametrize("form", ["workshop-before", "workshop-after", "feedback"])
def test_a_short_form_is_not_blamed_for_what_it_does_not_ask(form: str) -> None:
    """It asks neither sex nor year of birth, and next to nothing of the core."""
    questionnaire = parse(shipped(form))
    given: Answers = {str(questionnaire.assent_item): questionnaire.assent_given}

    kept = clean([record(given), record(given, level="primo_grado")], questionnaire=questionnaire).kept

    assert 2 == len(kept)


def test_a_truthful_record_is_kept() -> None:
    assert (set(), 1) == (found(truthful()), len(cleaned(truthful()).kept))


@pytest.mark.parametrize(
    ("answers", "rule"),
    [
        (truthful(T0="no"), Rule.NO_ASSENT),
        (without(truthful(), "T0"), Rule.NO_ASSENT),
        (without(truthful(), "A1", "A2"), Rule.NOBODY),
        (without(truthful(), *CORE[:20]), Rule.CORE_MISSING),
        (truthful(**dict.fromkeys(CORE[:20], DECLINED)), Rule.CORE_MISSING),
        (truthful(E2i="1-2"), Rule.DUMMY_DRUG),
        (truthful(**dict.fromkeys(ILLICIT, "3+")), Rule.ALL_AT_MOST),
        (truthful(**CONTRADICTING), Rule.CONTRADICTIONS),
        (truthful(Q1="no"), Rule.NOT_HONEST),
        (truthful(Q1="little"), Rule.NOT_HONEST),
    ],
)
def test_a_record_that_breaks_a_rule_is_discarded_by_it(answers: Answers, rule: Rule) -> None:
    assert {rule} == found(answers)
    assert () == cleaned(answers).kept


@pytest.mark.parametrize(
    "answers",
    [
        without(truthful(A2=DECLINED), "A1"),
        truthful(A1=DECLINED, A2=DECLINED),
        truthful(E2i=DECLINED),
        truthful(E2i=NOT_ASKED),
        truthful(Q1="almost"),
        without(truthful(), "Q1"),
        without(truthful(), *CORE[:17]),
        truthful(**(dict.fromkeys(ILLICIT, "3+") | {"E2a": "1-2"})),
        truthful(F1="never", B1="3-5"),
    ],
)
def test_a_record_just_short_of_a_rule_is_kept(answers: Answers) -> None:
    assert 1 == len(cleaned(answers).kept)


def test_preferring_not_to_say_a_sex_is_an_answer() -> None:
    assert set() == found(without(truthful(A1=DECLINED), "A2"))


def test_the_core_of_the_junior_form_is_what_the_junior_form_asks() -> None:
    """A third of the senior core is not in the junior form: a junior record has not left it out."""
    junior = [item.code for item in core().items_for(Form.JUNIOR) if item.code in CORE]
    answered = {*junior[: len(junior) // 2 + 1], "T0", "A1"}
    answers = {item: answer for item, answer in truthful().items() if item in answered}

    assert set() == found(answers, level="primo_grado")
    assert {Rule.CORE_MISSING} == found(answers, level="secondo_grado")


@pytest.mark.parametrize(
    ("answers", "number"),
    [
        ({}, 0),
        ({"C1": "1-2", "C2": "3-5"}, 1),
        ({"C1": "1-2", "C2": "3-5", "C3": "6-9"}, 3),
        ({"C1": "3-5", "C2": "3-5"}, 0),
        ({"D1": "0", "D3": "1-2"}, 1),
        ({"C1": DECLINED, "C2": "3-5"}, 0),
        ({"C1": "0", "C2": NOT_ASKED}, 0),
        ({"F1": "never", "B1": "1-2"}, 1),
        ({"F1": "13", "B1": "0"}, 1),
        ({"F1": "13", "B1": "1-2"}, 0),
        ({"F2": "never", "B3": "dk"}, 1),
        # Gambled at 12, not in the last twelve months: both can be true.
        ({"F7": "12", "G1": "never"}, 0),
        ({"F7": "never", "G1": "2w+"}, 1),
        ({"F7": "never", "G1": DECLINED}, 0),
    ],
)
def test_contradictions_are_pairs_that_cannot_both_be_true(answers: Answers, number: int) -> None:
    assert number == contradictions(answers)


def test_straight_lines_are_counted_and_kept() -> None:
    grids = dict.fromkeys([item for grid in GRIDS[2:] for item in grid], "1")

    assert {Rule.STRAIGHT_LINES} == found(truthful(**grids))
    assert 1 == len(cleaned(truthful(**grids)).kept)


def test_a_record_that_breaks_two_rules_is_discarded_once() -> None:
    result = cleaned(truthful(E2i="3+", Q1="no"))

    assert 2 == sum(count.found for count in result.counts)
    assert [Rule.DUMMY_DRUG] == [count.rule for count in result.counts if count.discarded]


def test_a_rule_that_is_off_is_counted_and_discards_nothing() -> None:
    switches = {**SWITCHES, Rule.NOT_HONEST: False}

    result = clean([record(truthful(Q1="no"))], questionnaire=core(), switches=switches)

    [count] = [count for count in result.counts if count.rule is Rule.NOT_HONEST]
    assert (1, 0, False, 1) == (count.found, count.discarded, count.is_on, len(result.kept))


def test_contradictions_are_counted_for_all_records() -> None:
    rows = [record(truthful()), record(truthful(**CONTRADICTING))]

    assert {0: 1, contradictions(truthful(**CONTRADICTING)): 1} == dict(
        clean(rows, questionnaire=core()).contradictions
    )


def test_kept_and_discarded_records_add_up() -> None:
    rng = Random(3)
    rows = [record(simulate_answers(core(), rng, grade=3)) for _ in range(400)]

    result = clean(rows, questionnaire=core())

    assert 400 == len(result.kept) + sum(count.discarded for count in result.counts)
    assert 0.85 < len(result.kept) / 400 < 1


def test_every_rule_has_a_name_in_both_languages() -> None:
    assert all(NAMES[rule].get("it") and NAMES[rule].get("en") for rule in Rule)


def test_rules_speak_of_questions_and_answers_that_exist() -> None:
    items = {item.code: item for item in core().items}
    named = {*CORE, *ILLICIT, *(item for grid in GRIDS for item in grid)}

    assert named | {item for pair in NOT_MORE_THAN for item in pair} <= set(items)
    assert all(set(OCCASIONS) == items[item].values for pair in NOT_MORE_THAN for item in pair)
    assert all({"never"} <= items[age].values and set(never) <= items[deed].values for age, deed, never in FIRST_TIMES)
    assert {"never"} <= items[GAMBLED[0]].values & items[GAMBLED[1]].values


def test_a_rule_that_cannot_be_measured_finds_nothing_and_says_why() -> None:
    counts = {count.rule: count for count in cleaned(truthful(Q1="no")).counts}

    assert set(WHY_NOT_MEASURED) == {rule for rule, count in counts.items() if not count.is_measured}
    assert all(counts[rule].found == 0 for rule in WHY_NOT_MEASURED)


def test_a_rule_that_is_switched_off_is_counted_and_discards_nothing() -> None:
    switches = switches_with(["R8", "R9"])

    result = clean([record(truthful(Q1="no"))], questionnaire=core(), switches=switches)

    [count] = [count for count in result.counts if count.rule is Rule.NOT_HONEST]
    assert (1, 0, False, 1) == (count.found, count.discarded, count.is_on, len(result.kept))


@pytest.mark.parametrize("off", [["R1"], ["R99"], ["dummy"]])
def test_switches_of_no_rule_and_of_assent_are_refused(off: list[str]) -> None:
    with pytest.raises(ValueError, match=r"is not a valid Rule|cannot be switched off"):
        switches_with(off)
