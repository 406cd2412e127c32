"""The check that both catalogues are complete, and what keeps them in step."""

from collections.abc import Sequence

import pytest
from babel.messages.catalog import Catalog, Message

from tools.check_catalogues import ITALIAN, compare
from tools.update_catalogues import update

BOOKED = Message("%(num)d class booked")
PLURAL = Message(("%(num)d class", "%(num)d classes"))


def catalogue_of(*entries: tuple[str | Sequence[str], str | Sequence[str]]) -> Catalog:
    catalogue = Catalog(locale="it")
    for message_id, string in entries:
        catalogue.add(
            message_id if isinstance(message_id, str) else tuple(message_id),
            string if isinstance(string, str) else tuple(string),
        )
    return catalogue


def test_a_complete_catalogue_gives_no_finding() -> None:
    catalogue = catalogue_of(
        ("%(num)d class booked", "%(num)d classe prenotata"),
        (("%(num)d class", "%(num)d classes"), ("%(num)d classe", "%(num)d classi")),
    )

    assert [] == list(compare([BOOKED, PLURAL], catalogue))


@pytest.mark.parametrize(
    ("catalogue", "finding"),
    [
        (catalogue_of(), "missing"),
        (catalogue_of(("%(num)d class booked", "")), "missing"),
        (catalogue_of(("%(num)d class booked", "classe prenotata")), "other placeholders"),
        (catalogue_of(("%(num)d class booked", "%(numero)d classe prenotata")), "other placeholders"),
    ],
)
def test_what_a_catalogue_lacks_is_named(catalogue: Catalog, finding: str) -> None:
    findings = list(compare([BOOKED], catalogue))

    assert [f"{finding}: '%(num)d class booked'"] == [text.split(" ->")[0] for text in findings]


def test_a_plural_with_one_form_is_missing() -> None:
    catalogue = catalogue_of((("%(num)d class", "%(num)d classes"), ("%(num)d classe", "")))

    assert ["missing: ('%(num)d class', '%(num)d classes')"] == list(compare([PLURAL], catalogue))


def test_a_singular_may_leave_out_its_number() -> None:
    catalogue = catalogue_of((("%(num)d class", "%(num)d classes"), ("una classe", "%(num)d classi")))

    assert [] == list(compare([PLURAL], catalogue))


def test_a_plural_keeps_its_number() -> None:
    catalogue = catalogue_of((("%(num)d class", "%(num)d classes"), ("%(num)d classe", "classi")))

    assert ["other placeholders"] == [text.split(":")[0] for text in compare([PLURAL], catalogue)]


def test_a_doubtful_translation_is_named() -> None:
    catalogue = catalogue_of()
    catalogue.add("%(num)d class booked", "%(num)d classe", flags=["fuzzy"])

    assert ["doubtful: '%(num)d class booked'"] == list(compare([BOOKED], catalogue))


def test_a_message_that_the_code_no_longer_has_is_named() -> None:
    catalogue = catalogue_of(("%(num)d class booked", "%(num)d classe prenotata"), ("Gone", "Andato"))

    assert ["no longer used: 'Gone'"] == list(compare([BOOKED], catalogue))


@pytest.mark.parametrize("words", ["Le classi della scuola", "Questa è una prova", "Attività"])
def test_italian_words_in_the_code_are_seen(words: str) -> None:
    assert ITALIAN.search(words)


@pytest.mark.parametrize("words", ["Classes of the school", "A test, with %(name)s", "Please note it down"])
def test_english_words_in_the_code_are_left_alone(words: str) -> None:
    assert not ITALIAN.search(words)


def test_updating_keeps_what_was_translated_and_leaves_new_messages_empty() -> None:
    old = catalogue_of(("Known", "Noto"), ("Gone", "Andato"))

    new = update([Message("Known"), Message("New")], old, "it")

    assert {"Known": "Noto", "New": ""} == {entry.id: entry.string for entry in new if entry.id}


def test_updating_confirms_english_as_the_code_has_it() -> None:
    new = update([Message("Known"), PLURAL], Catalog(locale="en"), "en")

    assert [] == list(compare([Message("Known"), PLURAL], new))
