"""Which answers may be stored: routing, options, markers; and never anything else, whatever is sent."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevention.surveys.questionnaire import parse, shipped
from prevention.surveys.rules import (
    DECLINED,
    NOT_ASKED,
    AnswerRefused,
    AssentMissing,
    Form,
    Kind,
    Reason,
    check_answers,
    gives_assent,
    is_asked,
    require_assent,
)

CORE = parse(shipped("core"))
CODES = [item.code for item in CORE.items]
SOMETHING = sorted({value for item in CORE.items for value in item.values} | {DECLINED, NOT_ASKED, "", "x", "\0", "٣"})


def test_an_answer_that_routing_forbids_is_dropped_and_marked() -> None:
    answers = check_answers(CORE, Form.SENIOR, {"T0": "yes", "B1": "0", "B2": "1-5"})

    assert "0" == answers["B1"]
    assert NOT_ASKED == answers["B2"]


def test_an_item_left_empty_has_no_entry() -> None:
    answers = check_answers(CORE, Form.SENIOR, {"T0": "yes", "A1": ""})

    assert "A1" not in answers
    assert "B1" not in answers


@pytest.mark.parametrize("item", CORE.items_for(Form.SENIOR), ids=lambda item: item.code)
def test_prefer_not_to_answer_is_allowed_on_every_item(item: Any) -> None:
    conditions = {"C1": "1-2", "P1a": "one"}
    answers = check_answers(CORE, Form.SENIOR, {"T0": "yes", **conditions, item.code: DECLINED})

    assert DECLINED == answers[item.code]


@pytest.mark.parametrize("assent", ["no", DECLINED, ""])
def test_without_a_yes_to_taking_part_nothing_else_is_stored(assent: str) -> None:
    answers = check_answers(CORE, Form.SENIOR, {"T0": assent, "A1": "male", "D1": "40+"})

    assert not gives_assent(CORE, answers)
    assert {NOT_ASKED} == {answer for code, answer in answers.items() if code != "T0"}


def test_the_assent_item_is_the_only_one_that_wants_an_answer() -> None:
    with pytest.raises(AssentMissing):
        require_assent(CORE, {"A1": "male"})
    require_assent(CORE, {"T0": "no"})
    require_assent(CORE, {"T0": ["yes"]})


@pytest.mark.parametrize(
    ("item", "sent", "reason"),
    [
        ("B1", "7", Reason.NOT_AN_OPTION),
        ("B1", NOT_ASKED, Reason.NOT_AN_OPTION),
        ("B1", ["0", "1-2"], Reason.MORE_THAN_ONE),
        ("B1", ["0", DECLINED], Reason.MORE_THAN_ONE),
        ("M2", ["family", "neighbour"], Reason.NOT_AN_OPTION),
        ("A2", "1890", Reason.NOT_IN_RANGE),
        ("L1a", "11", Reason.NOT_IN_RANGE),
        ("L1a", "3.5", Reason.NOT_IN_RANGE),
        ("L1a", "03", Reason.NOT_IN_RANGE),
    ],
)
def test_an_answer_outside_the_list_is_refused_with_item_and_reason(
    item: str, sent: str | list[str], reason: Reason
) -> None:
    with pytest.raises(AnswerRefused) as refused:
        check_answers(CORE, Form.SENIOR, {"T0": "yes", item: sent})

    assert (item, reason) == (refused.value.item, refused.value.reason)


def test_an_impossible_answer_to_an_item_that_is_not_asked_is_only_dropped() -> None:
    answers = check_answers(CORE, Form.SENIOR, {"T0": "yes", "B1": "0", "B2": "a thousand"})

    assert NOT_ASKED == answers["B2"]


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (["school", "family"], ["family", "school"]),
        (["family", "family"], ["family"]),
        (["nobody", "school"], ["school"]),
        (["nobody"], ["nobody"]),
        (["family", DECLINED], DECLINED),
        ("elsewhere", ["elsewhere"]),
    ],
)
def test_several_answers_are_stored_in_the_questionnaires_order_without_contradiction(
    sent: str | list[str], stored: str | list[str]
) -> None:
    assert stored == check_answers(CORE, Form.SENIOR, {"T0": "yes", "M2": sent})["M2"]


@pytest.mark.parametrize(
    ("said", "not_asked"),
    [
        ({"B1": "0"}, {"B2", "C7", "P2"}),
        ({"B3": "never"}, {"B4", "C7", "P2"}),
        ({"C1": "0"}, {"C2", "C3", "C4", "C5", "C6", "C7", "P2"}),
        ({"C1": "1-2", "C2": "0"}, {"C3", "C4", "P2"}),
        ({"C1": "1-2", "C2": "1-2", "C3": "0"}, {"C4", "P2"}),
        ({"C1": "1-2", "C5": "0"}, {"C6", "P2"}),
        ({"C1": DECLINED}, {"C7", "P2"}),
        ({"D1": "0"}, {"D2", "D3", "C7", "P2"}),
        ({"D1": "3-5", "D2": "0"}, {"D3", "C7", "P2"}),
        ({"G1": "never"}, {"G2", "C7", "P2"}),
        ({"H1a": "0", "H1b": "0"}, {"H2a", "H2b", "H2c", "C7", "P2"}),
        ({"H1a": "0", "H1b": "1"}, {"C7", "P2"}),
        ({"H3a": "0", "H3b": "0"}, {"H4a", "H4b", "H4c", "C7", "P2"}),
        ({"P1f": "path"}, {"C7"}),
        ({"P1a": "none", "P1b": "none"}, {"C7", "P2"}),
    ],
)
def test_the_senior_form_routes_as_the_questionnaire_says(said: dict[str, str], not_asked: set[str]) -> None:
    answers = check_answers(CORE, Form.SENIOR, {"T0": "yes", **said})

    assert not_asked == {code for code, answer in answers.items() if answer == NOT_ASKED}


def test_the_junior_form_stores_no_answer_to_an_item_it_does_not_have() -> None:
    answers = check_answers(CORE, Form.JUNIOR, {"T0": "yes", "C1": "1-2", "D1": "40+", "A3": "same"})

    assert {"T0", "C1"} == {code for code, answer in answers.items() if answer != NOT_ASKED}
    assert not {"D1", "D2", "A3"} & set(answers)


@given(
    form=st.sampled_from(Form),
    sent=st.dictionaries(
        st.one_of(st.sampled_from(CODES), st.text(max_size=5)),
        st.one_of(st.sampled_from(SOMETHING), st.text(max_size=8), st.lists(st.sampled_from(SOMETHING), max_size=4)),
        max_size=60,
    ),
)
def test_nothing_is_ever_stored_that_routing_or_the_options_forbid(
    form: Form, sent: dict[str, str | list[str]]
) -> None:
    """Whatever is sent, the answer is the named refusal or a set of answers that the form could have given."""
    sent.setdefault("T0", "yes")
    items = {item.code: item for item in CORE.items_for(form)}
    answers: dict[str, Any] = {}
    with contextlib.suppress(AnswerRefused):
        answers = check_answers(CORE, form, sent)

    assert set(answers) <= set(items)
    for code, answer in answers.items():
        item = items[code]
        earlier = {other: answers[other] for other in list(items)[: list(items).index(code)] if other in answers}
        assert is_asked(CORE, item, earlier) == (answer != NOT_ASKED)
        if answer not in (NOT_ASKED, DECLINED):
            assert (set(answer) if isinstance(answer, list) else {answer}) <= item.values
            assert isinstance(answer, list) == (item.kind is Kind.MULTIPLE)


@given(picks=st.lists(st.integers(0, 10), min_size=89, max_size=89))
def test_answers_that_were_checked_pass_the_check_again_unchanged(picks: list[int]) -> None:
    """So a stored answer means the same when read back, and a made-up one can be checked the same way."""
    sent = {
        item.code: [*sorted(item.values), DECLINED][pick % (len(item.values) + 1)]
        for item, pick in zip(CORE.items_for(Form.SENIOR), picks, strict=True)
    }
    answers = check_answers(CORE, Form.SENIOR, sent)

    again = check_answers(CORE, Form.SENIOR, {code: a for code, a in answers.items() if a != NOT_ASKED})

    assert answers == again
