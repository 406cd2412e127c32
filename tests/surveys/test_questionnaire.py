"""The shipped questionnaire is whole, and a definition with faults is refused with all of them named."""

from copy import deepcopy
from typing import Any

import pytest

from prevention.surveys.faults import BadDefinition, Fault, FaultKind
from prevention.surveys.questionnaire import parse, shipped
from prevention.surveys.rules import DECLINED, NOT_ASKED, Form, Kind, Questionnaire

# Domain dossier, §8.4: the answer codes that indicators rely on.
OCC7 = {"0", "1-2", "3-5", "6-9", "10-19", "20-39", "40+"}
AGE = {"never", "9-", "10", "11", "12", "13", "14", "15", "16+"}
AGR5 = {"1", "2", "3", "4", "5"}
CONTRACT: dict[str, set[str]] = {
    "A1": {"male", "female", "other"},
    "B2": {"none", "<1w", "<1d", "1-5", "6-10", "11-20", "20+"},
    "B3": {"never", "nicotine", "no_nicotine", "dk"},
    "B4": {"never", "<1w", "1w+", "daily"},
    "C4": {"0", "1", "2", "3-5", "6-9", "10+"},
    "E4": {"0", "1-2", "3+"},
    "G1": {"never", "<=1m", "2-4m", "2w+"},
    "G2": {"never", "sometimes", "often"},
    "M2": {"family", "school", "elsewhere", "nobody"},
    "N5": {"0", "1", "2-3", "4+"},
    "P2": AGR5,
    "Q1": {"fully", "almost", "little", "no"},
    "Q2": {"no", "maybe", "yes"},
    **{code: {"yes", "no"} for code in ("T0", "B5a", "B5b", "B5c", "G3a", "G3b")},
    **dict.fromkeys(("B1", "C1", "C2", "C3", "C5", "C6", "D1", "D2", "D3", "E1"), OCC7),
    **{f"E2{part}": {"0", "1-2", "3+"} for part in "abcdefghi"},
    **{f"E3{part}": {"0", "1-2", "3+"} for part in "abc"},
    **{f"F{number}": AGE for number in range(1, 8)},
    **{code: {"0", "<0.5", "1", "2-3", "4-5", "6+"} for code in ("H1a", "H1b", "H3a", "H3b")},
    **dict.fromkeys(("H2a", "H2c", "H4a", "H4c", "L2a", "L2b", "N3", "N4", "N6a", "N6c"), AGR5),
    **{
        f"K1{part}": {"impossible", "very_difficult", "fairly_difficult", "fairly_easy", "very_easy", "dk"}
        for part in "abcde"
    },
    **{f"K2{part}": {"none", "slight", "moderate", "great", "dk"} for part in "abcdef"},
    **{f"L1{part}": {str(number) for number in range(11)} for part in "abc"},
    **{code: {"never", "rarely", "sometimes", "often", "always"} for code in ("N1", "N2")},
    **{f"P1{part}": {"none", "one", "several", "path"} for part in "abcdef"},
}


@pytest.fixture(scope="module")
def core() -> Questionnaire:
    """The questionnaire as shipped."""
    return parse(shipped("core"))


@pytest.fixture
def definition() -> dict[str, Any]:
    """Four items with routing, to break in one place."""
    return {
        "code": "small",
        "version": "1",
        "published_on": "2026-09-01",
        "languages": ["it", "en"],
        "title": {"it": "Breve", "en": "Short"},
        "assent": {"item": "T0", "given": "yes"},
        "sections": [{"code": "A", "title": {"it": "A", "en": "A"}}],
        "option_sets": {"YES_NO": [{"code": "yes", "it": "sì", "en": "yes"}, {"code": "no", "it": "no", "en": "no"}]},
        "items": [
            item("T0"),
            item("A1"),
            item("A2", skipped_if=[{"A1": ["no"]}]),
            item("A3", asked_if=[{"A2": ["yes"]}]),
        ],
    }


def item(code: str, **values: Any) -> dict[str, Any]:
    """Give the definition of a yes-no item."""
    return {
        "code": code,
        "section": "A",
        "kind": "single",
        "forms": ["senior"],
        "options": "YES_NO",
        "text": {"it": code, "en": code},
        **values,
    }


@pytest.mark.parametrize(("code", "values"), sorted(CONTRACT.items()))
def test_an_item_of_the_core_questionnaire_offers_the_agreed_answers(
    core: Questionnaire, code: str, values: set[str]
) -> None:
    assert values == core.item(code).values


def test_the_senior_form_is_whole_and_the_junior_form_leaves_drugs_out(core: Questionnaire) -> None:
    senior = [one.code for one in core.items_for(Form.SENIOR)]
    junior = [one.code for one in core.items_for(Form.JUNIOR)]

    assert 89 == len(senior)
    assert 51 == len(junior)
    assert not [code for code in junior if code[:2] in ("D1", "D2", "D3", "E1", "E2", "E3", "E4", "C4", "K1")]
    assert ["F1", "F2", "F3", "F4"] == [code for code in junior if code.startswith("F")]
    assert set(junior) <= set(senior)


def test_validated_instruments_are_there_as_structure_and_in_no_form(core: Questionnaire) -> None:
    """Their wording is used unaltered or not at all: a text of ours in its place would be a paraphrase."""
    without_text = {one.code: one.instrument for one in core.items if not one.is_loaded}

    assert {*(f"D4{part}" for part in "abcdef"), "G3a", "G3b", *(f"M1{part}" for part in "abcde")} == set(without_text)
    assert {"CAST", "LIE_BET", "WHO5"} == set(without_text.values())
    assert not [one for form in Form for one in core.items_for(form) if one.instrument]


def test_age_at_first_use_is_asked_whatever_was_said_before(core: Questionnaire) -> None:
    """Otherwise "never" here could not be compared with the lifetime items."""
    routed = [one.code for one in core.items if one.code.startswith("F") and (one.asked_if or one.skipped_if)]

    assert [] == routed


def test_exactly_one_drug_and_one_service_do_not_exist(core: Questionnaire) -> None:
    assert ["E2i"] == [one.code for one in core.items if one.is_dummy]
    assert ["velmara"] == [option.code for option in core.item("M3").options if option.is_dummy]


def test_every_text_is_there_in_italian_and_english(core: Questionnaire) -> None:
    texts = [one.text for one in core.items if one.is_loaded]
    texts += [option.text for one in core.items if one.is_loaded for option in one.options]

    assert [] == [text for text in texts if set(text) != {"it", "en"}]


def test_no_question_of_a_sensitive_kind_takes_free_text(core: Questionnaire) -> None:
    assert {Kind.SINGLE, Kind.MULTIPLE, Kind.NUMBER} == set(Kind)


def test_a_small_definition_is_taken(definition: dict[str, Any]) -> None:
    assert ["T0", "A1", "A2", "A3"] == [one.code for one in parse(definition).items_for(Form.SENIOR)]


@pytest.mark.parametrize(
    ("place", "change", "fault"),
    [
        (3, {"asked_if": [{"A3": ["yes"]}]}, Fault(kind=FaultKind.ROUTING_LOOP, at="A3", about="A3")),
        (1, {"skipped_if": [{"A2": ["no"]}]}, Fault(kind=FaultKind.ROUTING_LOOP, at="A1", about="A2")),
        (1, {"skipped_if": [{"B9": ["no"]}]}, Fault(kind=FaultKind.UNKNOWN_REFERENCE, at="A1", about="B9")),
        (3, {"asked_if": [{"A2": ["maybe"]}]}, Fault(kind=FaultKind.UNKNOWN_REFERENCE, at="A3", about="A2")),
        (3, {"skipped_if": [{"A2": ["yes"]}]}, Fault(kind=FaultKind.UNREACHABLE, at="A3", about="senior")),
        (3, {"asked_if": [{"A2": ["yes"], "A1": ["no"]}]}, Fault(kind=FaultKind.UNREACHABLE, at="A3", about="senior")),
        (3, {"asked_if": [{"T0": ["no"]}]}, Fault(kind=FaultKind.UNREACHABLE, at="A3", about="senior")),
        (1, {"text": {"it": "Solo"}}, Fault(kind=FaultKind.MISSING_TRANSLATION, at="A1", about="en")),
        (1, {"hint": {"en": "Only"}}, Fault(kind=FaultKind.MISSING_TRANSLATION, at="A1", about="it")),
        (3, {"code": "A1"}, Fault(kind=FaultKind.DUPLICATE_CODE, at="items", about="A1")),
        (1, {"options": "NONE"}, Fault(kind=FaultKind.UNKNOWN_REFERENCE, at="A1", about="NONE")),
        (1, {"section": "Z"}, Fault(kind=FaultKind.UNKNOWN_REFERENCE, at="A1", about="Z")),
        (1, {"kind": "grid"}, Fault(kind=FaultKind.UNKNOWN_REFERENCE, at="A1", about="grid")),
        (1, {"forms": ["adult"]}, Fault(kind=FaultKind.UNKNOWN_REFERENCE, at="A1", about="adult")),
        (1, {"group": "G9"}, Fault(kind=FaultKind.UNKNOWN_REFERENCE, at="A1", about="G9")),
        (1, {"instrument": "PHQ"}, Fault(kind=FaultKind.UNKNOWN_REFERENCE, at="A1", about="PHQ")),
        (1, {"kind": "number"}, Fault(kind=FaultKind.EMPTY_RANGE, at="A1")),
    ],
)
def test_a_fault_is_found_and_named(
    definition: dict[str, Any], place: int, change: dict[str, Any], fault: Fault
) -> None:
    definition["items"][place].update(change)

    with pytest.raises(BadDefinition) as refused:
        parse(definition)

    assert fault in refused.value.faults


def test_a_condition_on_a_later_item_that_does_not_look_back_is_no_loop(definition: dict[str, Any]) -> None:
    definition["items"].append(item("A4"))
    definition["items"][1]["skipped_if"] = [{"A4": ["no"]}]

    with pytest.raises(BadDefinition) as refused:
        parse(definition)

    assert (Fault(kind=FaultKind.ROUTES_AHEAD, at="A1", about="A4"),) == refused.value.faults


def test_an_item_without_text_needs_an_instrument(definition: dict[str, Any]) -> None:
    del definition["items"][1]["text"]

    with pytest.raises(BadDefinition) as refused:
        parse(definition)

    assert (Fault(kind=FaultKind.MISSING_KEY, at="A1", about="text"),) == refused.value.faults


@pytest.mark.parametrize("code", [NOT_ASKED, DECLINED])
def test_an_option_cannot_be_called_like_a_marker(definition: dict[str, Any], code: str) -> None:
    definition["option_sets"]["YES_NO"].append({"code": code, "it": "x", "en": "x"})

    with pytest.raises(BadDefinition) as refused:
        parse(definition)

    assert Fault(kind=FaultKind.RESERVED_CODE, at="YES_NO", about=code) in refused.value.faults


@pytest.mark.parametrize("key", ["code", "items", "languages", "title"])
def test_a_definition_without_a_part_is_refused(definition: dict[str, Any], key: str) -> None:
    broken = deepcopy(definition)
    del broken[key]

    with pytest.raises(BadDefinition) as refused:
        parse(broken)

    assert (Fault(kind=FaultKind.MISSING_KEY, at="questionnaire", about=key),) == refused.value.faults


def test_all_faults_are_named_at_once(definition: dict[str, Any]) -> None:
    definition["items"][1]["text"] = {"it": "Solo"}
    definition["items"][2]["section"] = "Z"

    with pytest.raises(BadDefinition, match=r"A1: missing_translation en; A2: unknown_reference Z"):
        parse(definition)
