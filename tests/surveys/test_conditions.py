"""Conditions of other tools become our routing where it says the same, and are refused where it cannot."""

import pytest

from prevention.surveys.exchange.conditions import Named, NotSayable, both, routing_of

ITEMS = {
    "A": Named("A", ("yes", "no", "dk")),
    "M": Named("M", ("x", "y"), is_multiple=True),
    "M_x": Named("M", ("x", "y"), ticked="x", is_multiple=True),
    "N": Named("N", tuple(str(number) for number in range(10, 21))),
    "1X2X3": Named("A", ("yes", "no", "dk")),
}
ONE = [{"A": ["yes"]}]


def find(word: str) -> Named | None:
    return ITEMS.get(word.removesuffix(".NAOK"))


@pytest.mark.parametrize(
    ("condition", "asked_if", "skipped_if"),
    [
        ("", [], []),
        ("1", [], []),
        ("${A} = 'yes'", ONE, []),
        ("'yes' = ${A}", ONE, []),
        ('((A.NAOK == "yes"))', ONE, []),
        ('1X2X3 == "yes"', ONE, []),
        ("${A} != 'yes'", [], ONE),
        ("not(${A} = 'yes')", [], ONE),
        ("not(not(${A} = 'yes'))", ONE, []),
        ("${A} != ''", [{"A": ["yes", "no", "dk"]}], []),
        ("!is_empty(A.NAOK)", [{"A": ["yes", "no", "dk"]}], []),
        ("${A} = ''", [], [{"A": ["yes", "no", "dk"]}]),
        ("selected(${M}, 'x')", [{"M": ["x"]}], []),
        ("not(selected(${M}, 'x'))", [], [{"M": ["x"]}]),
        ('M_x.NAOK == "Y"', [{"M": ["x"]}], []),
        ('M_x.NAOK != "Y"', [], [{"M": ["x"]}]),
        ("${A} = 'yes' or ${A} = 'no'", [{"A": ["yes"]}, {"A": ["no"]}], []),
        ("${A} = 'yes' and selected(${M}, 'y')", [{"A": ["yes"], "M": ["y"]}], []),
        ("${A} = 'yes' and ${N} != 12", ONE, [{"N": ["12"]}]),
        ("not(${A} = 'yes' or ${N} = 12)", [], [{"A": ["yes"]}, {"N": ["12"]}]),
        ("${N} >= 19", [{"N": ["19", "20"]}], []),
        ("12 > ${N}", [{"N": ["10", "11"]}], []),
        ("(${A} = 'yes' or ${N} = 12) and ${N} = 12", [{"A": ["yes"], "N": ["12"]}, {"N": ["12"]}], []),
        ("A.NAOK == 'yes' && N.NAOK > 19 || A == 'no'", [{"A": ["yes"], "N": ["20"]}, {"A": ["no"]}], []),
    ],
)
def test_a_condition_becomes_the_same_routing(
    condition: str, asked_if: list[dict[str, list[str]]], skipped_if: list[dict[str, list[str]]]
) -> None:
    routing = routing_of(condition, find=find)

    assert asked_if == routing.asked_if
    assert skipped_if == routing.skipped_if
    assert routing.is_exact


def test_a_not_inside_an_or_is_said_by_the_other_answers_and_marked() -> None:
    routing = routing_of("${A} != 'yes' or ${N} = 12", find=find)

    assert [{"A": ["no", "dk"]}, {"N": ["12"]}] == routing.asked_if
    assert not routing.is_exact


@pytest.mark.parametrize(
    "condition",
    [
        "${Z} = 'yes'",
        "${A} = 'maybe'",
        "${A} = ${N}",
        "count(${M}) > 1",
        "${A} = 'yes'' or",
        "${A}",
        "(${A} = 'yes'",
        "${A} = 'yes' )",
        "selected(${M}, 'x') and selected(${M}, 'y')",
        "not(selected(${M}, 'x')) or ${A} = 'yes'",
        "${N} > 'ten'",
        "${N} > 99",
        "today() > 3",
        "0",
        "A == B",
        "(" * 60 + "1" + ")" * 60,
        "regex(., '^[0-9]+$')",
        "${A} = 'yes' and ${A} = 'no'",
    ],
)
def test_what_cannot_be_said_is_not_guessed(condition: str) -> None:
    with pytest.raises(NotSayable):
        routing_of(condition, find=find)


def test_the_condition_of_a_group_and_of_an_item_must_both_hold() -> None:
    group = routing_of("${A} = 'yes' or ${A} = 'no'", find=find)
    item = routing_of("${N} = 12 and ${A} != 'dk'", find=find)

    joined = both(group, item)

    assert [{"A": ["yes"], "N": ["12"]}, {"A": ["no"], "N": ["12"]}] == joined.asked_if
    assert [{"A": ["dk"]}] == joined.skipped_if
    with pytest.raises(NotSayable):
        both(routing_of("${A} = 'yes'", find=find), routing_of("${A} = 'no'", find=find))
