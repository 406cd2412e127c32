"""Personal codes find nine of ten people again and join hardly anybody falsely; what could be two people is left."""

from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevention.surveys.rules import DECLINED, NOT_ASKED
from prevention.surveys.sgic import LEAST_IN_CELL, LEAST_IN_GROUP, Code, comparison, hashed_element, join

KEY = b"k" * 32

# Share of codes with an error, in each of the two waves: EU-Dap pilot, 485 pupils (domain dossier, section 2.2). Most
# slips are one element; one code in twelve of those with an error has two.
SHARE_OF_CODES_WITH_ERROR = 0.18
SHARE_WITH_TWO = 1 / 12

# First letters of Italian first names are far from even; so is the town that one was born in.
LETTERS = "aaaaaaalllllmmmmmmmmgggggggfffffssssseeeeccccddddrrrvvbbiinnttpjkowxyhz"
TOWNS = "cccccccccccccccccccccccccmmmmbbbbppplsrtvgaon"


@dataclass(frozen=True, slots=True)
class Panel:
    """Codes of two waves with who gave them."""

    before: list[tuple[int, Code]]
    after: list[tuple[int, Code]]


def true_code(rng: Random) -> list[str]:
    return [
        rng.choice(LETTERS),
        rng.choice(LETTERS),
        str(rng.randint(1, 31)),
        rng.choices("012345", weights=[45, 35, 12, 5, 2, 1])[0],
        rng.choice(LETTERS),
        rng.choice(TOWNS),
        str(rng.randint(0, 9)),
    ]


def given_code(code: list[str], rng: Random) -> Code:
    """Give the code as one wrote it that day: in 18 of 100 with a slip."""
    written: list[str] = list(code)
    if rng.random() < SHARE_OF_CODES_WITH_ERROR:
        for place in rng.sample(range(len(code)), 2 if rng.random() < SHARE_WITH_TWO else 1):
            others = [value for value in [*true_code(rng), "none"] if value != code[place]]
            written[place] = rng.choice(others)
    return tuple(hashed_element(f"Z1{place}", value, key=KEY) for place, value in enumerate(written))


def block(size: int, rng: Random) -> Panel:
    """Make up a school's grade: absentees on each day, newcomers, twins and pupils with the very same code."""
    codes = [true_code(rng) for _ in range(size)]
    for _ in range(max(1, size // 70)):
        one, other = rng.sample(range(size), 2)
        codes[other] = list(codes[one])
    for _ in range(max(1, size // 70)):
        one, other = rng.sample(range(size), 2)
        codes[other] = [*codes[one][:4], codes[other][4], codes[one][5], codes[other][6]]
    here_before = [person for person in range(size) if rng.random() > 0.08]
    here_after = [person for person in range(size) if rng.random() > 0.08]
    rng.shuffle(here_after)
    return Panel(
        [(person, given_code(codes[person], rng)) for person in here_before],
        [(person, given_code(codes[person], rng)) for person in here_after],
    )


@pytest.mark.parametrize("seed", range(8))
def test_nine_of_ten_true_links_are_found_and_at_most_one_in_two_hundred_is_false(seed: int) -> None:
    """18 % of codes have an error in each wave; blocks of 60 to 150 pupils, with homonymous codes and twins."""
    rng = Random(seed)
    there_to_find = found = wrong = 0
    for _ in range(24):
        panel = block(rng.randint(60, 150), rng)
        links = join([code for _, code in panel.before], [code for _, code in panel.after])
        there_to_find += len({person for person, _ in panel.before} & {person for person, _ in panel.after})
        for one, other in (*links.exact, *links.one_off):
            is_true = panel.before[one][0] == panel.after[other][0]
            found += is_true
            wrong += not is_true

    assert found / there_to_find >= 0.90, (found, there_to_find)
    assert wrong / (found + wrong) <= 0.005, (wrong, found)


def code(text: str) -> Code:
    return tuple(None if sign == "?" else sign for sign in text)


def test_the_same_code_twice_on_one_side_is_joined_with_nobody() -> None:
    links = join([code("abcdefg"), code("abcdefg"), code("tuvwxyz")], [code("abcdefg"), code("tuvwxyz")])

    assert ((2, 1),) == links.exact
    assert () == links.one_off
    assert {0, 1} == links.ambiguous_before
    assert {0} == links.ambiguous_after


def test_one_element_off_is_joined_when_nobody_else_is_as_near() -> None:
    links = join([code("abcdefg"), code("tuvwxyz")], [code("abcdefX"), code("tuvwxYZ")])

    assert () == links.exact
    assert ((0, 0),) == links.one_off
    assert frozenset() == links.ambiguous_before


def test_two_as_near_are_joined_with_nobody() -> None:
    links = join([code("abcdefg")], [code("abcdefX"), code("abcdefY")])

    assert () == links.one_off
    assert {0} == links.ambiguous_before
    assert {0, 1} == links.ambiguous_after


def test_an_element_left_empty_equals_nothing_and_two_make_a_code_unusable() -> None:
    assert ((0, 0),) == join([code("abcdef?")], [code("abcdefg")]).one_off
    assert () == join([code("abcdef?")], [code("abcdef?")]).exact
    assert () == join([code("abcde??")], [code("abcdefg")]).one_off
    assert () == join([], [code("abcdefg")]).exact


@given(
    st.lists(st.text("ab?", min_size=4, max_size=4), max_size=12),
    st.lists(st.text("ab?", min_size=4, max_size=4), max_size=12),
)
def test_nobody_is_ever_joined_twice_and_never_with_two_elements_off(before: list[str], after: list[str]) -> None:
    links = join([code(one) for one in before], [code(one) for one in after])
    pairs = [*links.exact, *links.one_off]

    assert len({one for one, _ in pairs}) == len({other for _, other in pairs}) == len(pairs)
    for one, other in links.exact:
        assert before[one] == after[other]
        assert 1 == before.count(before[one]) == after.count(after[other])
    for one, other in links.one_off:
        assert 1 >= sum(a != b or a == "?" for a, b in zip(before[one], after[other], strict=True))
    assert not {one for one, _ in pairs} & links.ambiguous_before
    assert not {other for _, other in pairs} & links.ambiguous_after


def test_a_hash_is_bound_to_its_element_and_its_key_and_no_answer_has_none() -> None:
    one = hashed_element("Z1a", "m", key=KEY)

    assert one == hashed_element("Z1a", "m", key=KEY)
    assert one != hashed_element("Z1b", "m", key=KEY)
    assert one != hashed_element("Z1a", "m", key=b"o" * 32)
    assert [None, None, None, None] == [
        hashed_element("Z1a", value, key=KEY) for value in (None, DECLINED, NOT_ASKED, ["m"])
    ]


def test_who_was_joined_is_compared_with_who_was_not_and_small_numbers_stay_hidden() -> None:
    before = [{"A": "yes"}] * 30 + [{"A": "no"}] * 30 + [{"A": "yes"}] * (LEAST_IN_CELL - 1) + [{"A": "no"}] * 25
    joined = [True] * 60 + [False] * (len(before) - 60)

    table = comparison(before, joined, items={"A": ("yes", "no"), "B": ("yes",)})

    assert {"A": {"yes": [50, None], "no": [50, None]}} == table
    assert {} == comparison(before[: 60 + LEAST_IN_GROUP - 1], joined[: 60 + LEAST_IN_GROUP - 1], items={"A": ("yes",)})
