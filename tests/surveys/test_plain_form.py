"""Reading a form by its table says the same as reading it field by field and checking it by the rules."""

from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prevention.core.web import Refusal
from prevention.surveys.plain_form import PlainForm, first_of, pairs_of, read_pairs
from prevention.surveys.questionnaire import parse, shipped
from prevention.surveys.rules import DECLINED, NOT_ASKED, Answers, Form, check_answers, require_assent

CORE = parse(shipped("core"))
ITEMS = CORE.items_for(Form.SENIOR)
PLAIN = PlainForm(CORE, Form.SENIOR)
VALUES = sorted({value for item in ITEMS for value in item.values} | {DECLINED, NOT_ASKED, "", "è & +%"})
NAMES = [*(item.code for item in ITEMS), "code", "submission", "x"]
OFFERED = st.sampled_from([(item.code, value) for item in ITEMS for value in (*sorted(item.values), DECLINED)])
MADE_UP = st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES))


def by_the_rules(body: bytes) -> Answers | tuple[str, ...]:
    """Give the answers, or the refusal in words, step by step."""
    fields = read_pairs(pairs_of(body))
    try:
        require_assent(CORE, fields)
        return check_answers(CORE, Form.SENIOR, fields)
    except Refusal as no:
        return type(no).__name__, str(no)


def by_the_table(body: bytes) -> Answers | tuple[str, ...]:
    """Give the answers, or the refusal in words, at once."""
    try:
        return PLAIN.read(pairs_of(body))[0]
    except Refusal as no:
        return type(no).__name__, str(no)


def same(body: bytes) -> bool:
    """Say whether both give the same, in the same order."""
    expected, found = by_the_rules(body), by_the_table(body)
    return expected == found and list(expected) == list(found)


@settings(max_examples=150, deadline=None)
@given(
    offered=st.lists(OFFERED, max_size=60, unique_by=lambda pair: pair[0]),
    made_up=st.lists(MADE_UP, max_size=2),
    assent=st.sampled_from([[("T0", "yes")]] * 6 + [[("T0", "no")], [("T0", DECLINED)], []]),
    is_in_order=st.booleans(),
)
def test_any_form_is_read_as_the_rules_read_it(
    offered: list[tuple[str, str]], made_up: list[tuple[str, str]], assent: list[tuple[str, str]], is_in_order: bool
) -> None:
    pairs = [*assent, *offered]
    if is_in_order:
        pairs.sort(key=lambda pair: NAMES.index(pair[0]))

    assert same(urlencode([("code", "K7RM-94X-DTC6"), *pairs, *made_up]).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"T0=yes&A1=female&A1=male",
        b"T0=yes&A1=female&A1=female",
        b"T0=yes&A1=female&A1=zzz",
        b"T0=yes&A1=&A2=2010",
        b"T0=yes&%41%31=female",
        b"T0=yes&A1=femal%65",
        b"T0=yes&B1=0&B2=1-5",
        b"T0=yes&T0=no&A1=female",
        b"T0=yes&P1=&P1=&A1",
    ],
)
def test_what_no_browser_sends_is_read_by_the_rules_too(body: bytes) -> None:
    assert same(body)


def test_an_answer_that_routing_leaves_out_is_not_taken() -> None:
    answers, _others = PLAIN.read(["T0=yes", "B1=0", "B2=1-5"])

    assert ("0", NOT_ASKED) == (answers["B1"], answers["B2"])


def test_pairs_are_read_as_browsers_send_them() -> None:
    sent = {"code": ["K7RM-94X-DTC6"], "M2": ["family", "school"], "A": ["è & +%"], "empty": [""]}
    pairs = pairs_of(urlencode(sent, doseq=True).encode())

    assert sent == read_pairs(pairs)
    assert ["K7RM-94X-DTC6", "family", "è & +%", "", ""] == [
        first_of(pairs, name) for name in ("code", "M2", "A", "empty", "not there")
    ]


def test_a_byte_that_no_form_holds_is_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        pairs_of("è".encode())
