"""Changing a draft: order, sections, answers, routing; and what a draft refuses."""

from typing import Any

import pytest

from prevention.surveys.drafting import (
    DraftRefused,
    ItemEntry,
    ItemType,
    copy_of,
    entry_for_bank,
    faults_of,
    item_of,
    moved,
    new_definition,
    read_options,
    type_of,
    with_bank_item,
    with_changed_item,
    with_new_item,
    with_routing,
    with_section,
    without_item,
    write_options,
)
from prevention.surveys.faults import FaultKind
from prevention.surveys.questionnaire import parse, shipped
from prevention.surveys.rules import Form

CORE = shipped("core")
TITLE = {"it": "Prova", "en": "Trial"}


def entry(code: str = "X1", **values: Any) -> ItemEntry:
    return ItemEntry(
        **{
            "code": code,
            "section": "T",
            "type": ItemType.SINGLE,
            "forms": [Form.SENIOR],
            "text": {"it": "Uno?", "en": "One?"},
            "options": "a | uno | one\nb! | due | two",
            **values,
        }
    )


def codes(definition: dict[str, Any]) -> list[str]:
    return [item["code"] for item in definition["items"]]


def test_a_new_questionnaire_asks_for_assent_and_can_be_published() -> None:
    definition = new_definition("prova", TITLE)

    assert ["T0"] == codes(definition)
    assert [] == faults_of(definition)


def test_a_copy_of_the_core_questionnaire_has_no_faults() -> None:
    assert [] == faults_of(copy_of(CORE, code="core"))


def test_items_of_the_bank_come_with_their_answers_and_lead() -> None:
    definition = new_definition("prova", TITLE)
    for code in ("B1", "F1", "F2", "L1a", "M3"):
        definition = with_bank_item(definition, entry_for_bank(CORE, item_of(CORE, code)), section="T")

    questionnaire = parse({**definition, "version": "1", "published_on": "2026-09-01"})
    assert ["T0", "B1", "F1", "F2", "L1a", "M3"] == codes(definition)
    assert questionnaire.item("F1").lead == parse(CORE).item("F1").lead
    with pytest.raises(DraftRefused):
        with_bank_item(definition, entry_for_bank(CORE, item_of(CORE, "B1")), section="T")


def test_answers_of_the_same_name_and_other_words_stand_beside_each_other() -> None:
    other = entry_for_bank(CORE, item_of(CORE, "B1"))
    other = {**other, "options": [{"code": "0", "it": "no", "en": "no"}], "item": {**other["item"], "code": "B9"}}
    definition = with_bank_item(new_definition("x", TITLE), entry_for_bank(CORE, item_of(CORE, "B1")), section="T")

    definition = with_bank_item(definition, other, section="T")

    assert ["OCC7", "OCC7_2"] == [item["options"] for item in definition["items"][1:]]
    assert 7 == len(definition["option_sets"]["OCC7"])


def test_an_item_moves_by_one_and_over_the_edge_of_its_section() -> None:
    definition = with_section(new_definition("x", TITLE), {"it": "Altro", "en": "Other"})
    definition = with_new_item(definition, entry("X1"))
    definition = with_new_item(definition, entry("X2", section="S1"))

    assert ["T0", "X1", "X2"] == codes(definition)
    up = moved(definition, "X2", by=-1)
    assert ["T0", "X1", "X2"] == codes(up)
    assert "T" == item_of(up, "X2")["section"]
    assert ["T0", "X2", "X1"] == codes(moved(up, "X2", by=-1))
    assert definition == moved(definition, "X2", by=1)


def test_a_condition_on_what_comes_later_or_was_taken_out_is_found() -> None:
    definition = with_new_item(with_new_item(new_definition("x", TITLE), entry("X1")), entry("X2"))
    definition = with_routing(definition, "X2", asked_if=[{"X1": ["a"]}], skipped_if=[])

    assert [] == faults_of(definition)
    assert [FaultKind.ROUTES_AHEAD] == [one.kind for one in faults_of(moved(definition, "X2", by=-1))]
    assert [FaultKind.UNKNOWN_REFERENCE] == [one.kind for one in faults_of(without_item(definition, "X1"))]
    looped = with_routing(definition, "X1", asked_if=[], skipped_if=[{"X2": ["a"]}])
    assert FaultKind.ROUTING_LOOP in [one.kind for one in faults_of(looped)]
    never = with_routing(definition, "X2", asked_if=[{"X1": ["a"]}], skipped_if=[{"X1": ["a"]}])
    assert [FaultKind.UNREACHABLE] == [one.kind for one in faults_of(never)]


def test_a_missing_text_is_found_and_does_not_hide_the_rest() -> None:
    definition = with_new_item(new_definition("x", TITLE), entry("X1", text={"it": "Uno?", "en": ""}))

    assert [(FaultKind.MISSING_TRANSLATION, "X1", "en")] == [(f.kind, f.at, f.about) for f in faults_of(definition)]


@pytest.mark.parametrize("item_type", list(ItemType))
def test_every_type_of_item_can_be_written_and_is_known_again(item_type: ItemType) -> None:
    definition = with_new_item(new_definition("x", TITLE), entry(type=item_type, minimum=3, maximum=9))

    assert item_type is type_of(item_of(definition, "X1"))
    assert [] == faults_of(definition)


def test_changing_the_answers_of_one_item_leaves_those_of_another_alone() -> None:
    definition = copy_of(CORE, code="core")
    before = definition["option_sets"]["TIMES3"]

    changed = with_changed_item(definition, "E4", entry("E4", section="E", options="0 | mai | never\n1+ | sì | yes"))

    assert before == changed["option_sets"]["TIMES3"]
    assert "O_E4" == item_of(changed, "E4")["options"]
    assert [] == faults_of(changed)


def test_changing_one_of_the_agreed_scales_makes_a_set_of_ones_own() -> None:
    definition = new_definition("x", TITLE)
    definition = with_bank_item(definition, entry_for_bank(CORE, item_of(CORE, "B1")), section="T")

    changed = with_changed_item(definition, "B1", entry("B1", options="0 | mai | never\n1+ | sì | yes"))

    assert "O_B1" == item_of(changed, "B1")["options"]
    assert "OCC7" not in changed["option_sets"]


def test_a_junior_wording_and_a_hint_can_be_given_and_taken_away() -> None:
    definition = with_new_item(
        new_definition("x", TITLE), entry(hint={"it": "h", "en": "h"}, text_junior={"it": "j", "en": "j"})
    )
    assert {"it": "j", "en": "j"} == item_of(definition, "X1")["text_junior"]

    definition = with_changed_item(definition, "X1", entry())

    assert not {"hint", "text_junior"} & item_of(definition, "X1").keys()


def test_answers_are_read_back_as_they_were_written() -> None:
    options = CORE["option_sets"]["ADULTS"]

    assert options == read_options(write_options(options, ("it", "en")), ("it", "en"))


@pytest.mark.parametrize(
    ("lines", "why", "line"),
    [
        ("", DraftRefused.NO_OPTIONS, 0),
        ("a | uno", DraftRefused.BAD_LINE, 1),
        ("a | uno | one\n\nb c | due | two", DraftRefused.BAD_LINE, 3),
        ("declined | no | no", DraftRefused.BAD_LINE, 1),
        ("| no | no", DraftRefused.BAD_LINE, 1),
        ("a | uno | one | extra", DraftRefused.BAD_LINE, 1),
        ("a | uno | one\na | due | two", DraftRefused.CODE_TWICE, 2),
    ],
)
def test_answers_that_cannot_be_read_are_refused_with_their_line(lines: str, why: str, line: int) -> None:
    with pytest.raises(DraftRefused) as refused:
        read_options(lines, ("it", "en"))

    assert (why, line) == (refused.value.why, refused.value.line)


def test_a_range_that_holds_no_number_is_refused() -> None:
    for least, most in ((5, 5), (9, 3), (0, 500)):
        with pytest.raises(DraftRefused):
            with_new_item(new_definition("x", TITLE), entry(type=ItemType.NUMBER, minimum=least, maximum=most))
