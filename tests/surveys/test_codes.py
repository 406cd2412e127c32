"""Codes: how they look, how they are read back, and that a hash without its keys says nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prevention.surveys.codes import (
    ALPHABET,
    CLASS_SIGNS,
    GUESS_BUDGET,
    GUESS_WINDOW_S,
    SLIP_SIGNS,
    Code,
    class_part_hash,
    cluster_mark,
    code_hash,
    draw_class_part,
    draw_codes,
    guess_window,
    read_code,
    receipt_hash,
)


def test_the_signs_have_no_look_alikes_and_no_vowels() -> None:
    assert len(ALPHABET) == len(set(ALPHABET))
    assert not set("0O1IL2Z5S8BUAE") & set(ALPHABET)


def test_guessing_for_a_whole_month_hardly_ever_finds_a_code() -> None:
    """The number that the docstring promises: below half a per cent for one code of a class in 30 days."""
    guesses = 30 * 86_400 // GUESS_WINDOW_S * GUESS_BUDGET

    assert guesses * 25 / len(ALPHABET) ** SLIP_SIGNS < 0.005


def test_the_codes_of_a_class_share_its_part_and_differ_in_the_other() -> None:
    codes = draw_codes("K7RM", 30)

    assert {"K7RM"} == {code.class_part for code in codes}
    assert 30 == len({code.slip_part for code in codes})


@pytest.mark.parametrize(
    "typed",
    ["K7RM-94X-DTC6", "k7rm94xdtc6", " K7RM 94X DTC6 ", "k7rm\u201394x\u2013dtc6", "K7RM.94X.DTC6", "K7RM\t94XDTC6\n"],
)
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert Code(class_part="K7RM", slip_part="94XDTC6") == read_code(typed)


@pytest.mark.parametrize(
    "typed", ["", "K7RM", "K7RM-94X-DTC", "K7RM-94X-DTC66", "K7RM-94X-DTCO", "KİRM-94X-DTC6", "K" * 10_000, "\0" * 11]
)
def test_what_is_no_code_is_not_read(typed: str) -> None:
    assert read_code(typed) is None


@given(st.integers(1, 60))
def test_a_printed_code_is_read_back_as_itself(number: int) -> None:
    for code in draw_codes(draw_class_part(), number):
        assert code == read_code(str(code))
        assert CLASS_SIGNS == len(code.class_part)


def test_a_code_hides_itself_from_logs_and_tracebacks() -> None:
    assert "Code(…)" == repr(Code(class_part="K7RM", slip_part="94XDTC6"))


def test_every_hash_depends_on_its_keys_and_its_purpose() -> None:
    code = Code(class_part="K7RM", slip_part="94XDTC6")

    hashes = {
        code_hash(code, code_key=b"wave 1", pepper=b"here"),
        code_hash(code, code_key=b"wave 2", pepper=b"here"),
        code_hash(code, code_key=b"wave 1", pepper=b"elsewhere"),
        receipt_hash("K7RM94XDTC6", code_key=b"wave 1", pepper=b"here"),
        class_part_hash("K7RM", pepper=b"here"),
        class_part_hash("K7RM", pepper=b"elsewhere"),
        cluster_mark(b"class", cluster_key=b"wave 1"),
        cluster_mark(b"class", cluster_key=b"wave 2"),
    }

    assert 8 == len(hashes)


def test_a_moment_is_known_to_the_guard_only_as_one_of_ten_minutes() -> None:
    assert guess_window(1_800_000_000.0) == guess_window(1_800_000_599.9)
    assert guess_window(1_800_000_000.0) != guess_window(1_800_000_600.0)
